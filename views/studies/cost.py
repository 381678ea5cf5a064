"""What a study will take, told before it starts, so that it may be refused.

Seconds are those of one processor, as measured for steps of Adam on Rosenbrock
(`python -m benchmarks studies`); each rule says how many of those its own step is
worth. They are right to a factor of three or so: what takes longer all the same is
given up when its time is over (views/stream.py).
"""

from typing import NamedTuple

from optim import OPTIMIZERS
from views.setup import Setup
from views.studies.part import Part
from views.studies.swept import FULL

ENDS, TRAILS = 3e-9, 6e-8
"""Seconds of a step where only the end of a run is kept, and where all of it is."""

COMPILING = 0.7
"""Seconds until the code of a rule is there, at worst."""

HEADER = 2**16
"""Bytes that an answer has besides its numbers, at most."""

SHORT = 4.0
"""Seconds up to which a study does not keep others waiting."""

FILES = {"csv": 12, "svg": 8, "png": 2, "npz": 2}
"""How many times the bytes of the player's answer a file takes, at most."""


class Cost(NamedTuple):
    """What an answer takes.

    Attributes:
        seconds: Of one processor.
        size: Its bytes, at most.
    """

    seconds: float
    size: int

    @property
    def long(self) -> bool:
        """Whether others would notice."""
        return self.seconds > SHORT

    def check(self, most: float) -> "Cost":
        """Refuses what would take too long.

        Args:
            most: Seconds that are allowed.

        Raises:
            ValueError: In one sentence.
        """
        if self.seconds > most:
            raise ValueError(
                f"this study would take about {self.seconds:,.0f} seconds of "
                f"computing, and {most:,.0f} are allowed; take fewer steps or "
                "optimizers"
            )
        return self


def cost(part: Part, setup: Setup, size: int | None = None, form: str = "") -> Cost:
    """What a part of a study takes.

    Args:
        part: Which.
        setup: Of what.
        size: Values a side, where it takes them.
        form: The kind of file, if it is to be one.
    """
    steps = setup["steps"] + 1
    samples = setup.ground.samples or 1
    runs = part.runs(setup, size or FULL)
    each = (TRAILS if part.every_step else ENDS) * (1 + samples / 4) * steps
    seconds = sum(each * n * OPTIMIZERS[key].cost for key, n in runs.items())
    numbers = sum(runs.values()) * (steps if part.every_step else 1)
    return Cost(
        seconds + COMPILING * len(runs), (8 * numbers + HEADER) * FILES.get(form, 1)
    )
