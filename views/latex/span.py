"""Which steps of a race a figure has."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from views.fields import OPENING_STEP
from views.result import Result
from views.setup import Setup, wrong

UNDER_WAY = "under way"
"""What is said of a run that has not come to its outcome, as on its card."""

_EACH_STEP = ("points", "losses")


class Span(NamedTuple):
    """The first and the last step."""

    first: int
    last: int

    def in_words(self, steps: int) -> str:
        """It as a sentence; empty where it is the whole race of so many steps."""
        if (self.first, self.last) == (0, steps):
            return ""
        if self.first == self.last:
            return f"Shown: step {self.last}."
        return f"Shown: steps {self.first} to {self.last}."


def span_of(setup: Setup, firsts: Iterable[str] = ()) -> Span:
    """The steps to the one that a setup opens at; where it names none, to the last.

    Args:
        setup: Of which race.
        firsts: The texts that say the first step; else it is the start.

    Raises:
        ValueError: If the first is none, or comes after the last, in a sentence.
    """
    steps = setup["steps"]
    last = steps if setup["step"] is None else min(int(setup["step"]), steps)
    for text in firsts:
        try:
            allowed = replace(OPENING_STEP, high=last)
            return Span(int(allowed.parse(text)), last)
        except ValueError as error:
            raise ValueError(wrong("first", text, error)) from None
    return Span(0, last)


def part_of(race: Result, span: Span) -> Result:
    """Some steps of a race, without what becomes of it after them."""
    first, last = span
    runs = {
        key: {**run, **{name: run[name][first : last + 1] for name in _EACH_STEP}}
        for key, run in race.runs.items()
    }
    per_run = {
        key: one if _over(one["step"], race, last) else {**one, "text": UNDER_WAY}
        for key, one in race.per_run.items()
    }
    return replace(race, runs=runs, per_run=per_run)


def _over(step: int | None, race: Result, last: int) -> bool:
    """Whether a run has come to its outcome."""
    return last >= (race.setup["steps"] if step is None else step)
