"""Answers in words: what they are of, for headings and above tables."""

from views.fields import TYPED
from views.studies import PARTS
from views.studies.answer import Answer

LONGEST = 40
"""Letters of a typed formula that still fits into a title."""


def setup_text(answer: Answer) -> str:
    """The text of a setup, which is never empty."""
    return answer.setup.query or f"surface={answer.setup.surface_key}"


def title(answer: Answer) -> str:
    """What an answer is of, in a few words."""
    setup = answer.setup
    label = setup.surface.label
    if setup.surface_key == TYPED and len(setup["f"]) <= LONGEST:
        label = setup["f"]
    return f"{label}: {PARTS[answer.study].title(answer)}"


def computed(answer: Answer) -> str:
    """How much was computed, in words."""
    counted = PARTS[answer.study].counted(answer)
    return ", ".join([counted, f"{answer.setup['steps']} steps", *conditions(answer)])


def conditions(answer: Answer) -> list[str]:
    """What the runs were under, in words; nothing if nothing."""
    setup = answer.setup
    told = {
        f"{setup['schedule'].replace('_', ' ')} schedule": setup["schedule"]
        != "constant",
        f"warm-up {setup['warmup']}": setup["warmup"],
        f"noise {setup['noise']:g}": setup["noise"],
        f"L2 {setup['l2']:g}": setup["l2"],
    }
    data = setup.ground.data
    if data is not None:
        told[f"batch {setup['batch']}"] = setup["batch"] != data.size
    return [words for words, so in told.items() if so]
