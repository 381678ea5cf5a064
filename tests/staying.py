"""Since when a loss stays low enough, found step by step from the last to the first."""


def staying(losses, goal):
    """The first step of the stay; -1 if there is none of 2% of the steps."""
    since = len(losses)
    while since and losses[since - 1] <= goal:
        since -= 1
    last = len(losses) - 1
    return since if since == 0 or last - since >= max(2, round(0.02 * last)) else -1
