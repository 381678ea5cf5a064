"""What is wrong with the settings of a lesson's page, without running its race."""

from collections.abc import Iterator

from views.lessons import LessonPage
from views.setup import Setup


def setup_of(page: LessonPage) -> tuple[Setup, tuple[str, ...]]:
    """The setup of a page, and a sentence for each thing that is wrong with it."""
    setup, problems = Setup.parse(page.pairs)
    return setup, (*problems, *_of_prediction(page, setup))


def _of_prediction(page: LessonPage, setup: Setup) -> Iterator[str]:
    prediction = page.prediction
    if prediction and prediction.of and prediction.of not in setup["on"]:
        yield f"of is {prediction.of[:40]!r}, which does not run"
    if prediction and prediction.step > setup["steps"]:
        yield f"step is {prediction.step}, and the race has {setup['steps']} steps"
