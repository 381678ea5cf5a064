"""What a study will take, estimated before it starts, so that it may be refused.

Seconds are those of one processor: what the gradient of the surface takes
(surfaces/program.py), as often as a rule says that its step computes it, and what that
step takes besides (`python -m benchmarks steps`).
They are right to a factor of three or so: what takes longer all the same is given up
when its time is over (views/stream.py).
"""

from collections.abc import Iterable
from typing import NamedTuple

from optim import Optimizer
from surfaces import Surface
from surfaces.program import gradient_seconds
from views.charts import CHARTS
from views.extras import EXTRAS
from views.inside import all_inspected
from views.panels import charts_of
from views.setup import Setup
from views.studies.as_parquet import ROWS as GROUP
from views.studies.grids import FULL
from views.studies.part import Part

STEP = 2e-9
"""Seconds of a step of the five, besides its gradient."""

RECORD = 6e-8
"""Seconds more that a step takes where all of a run is kept, and not only its end."""

ALONE, ALONE_STEP = 3e-4, 1e-7
"""Seconds of a run by itself, and of a step of it, besides its gradients."""

HESSIAN = 10.0
"""How many gradients a matrix of second derivatives takes, or as much time."""

FLOW, FLOW_GRADIENTS = 0.2, 12_000
"""Seconds that solving for the gradient flow takes by itself, and how many gradients it
takes besides, or as much time: a step of the solver asks for second derivatives."""

COMPILING = 0.7
"""Seconds until the code of a rule is there, at worst."""

HEADER = 2**16
"""Bytes that an answer has besides its numbers, at most."""

SHORT = 4.0
"""Seconds up to which a study does not keep others waiting."""

ROW, NUMBER = 160, 26
"""Bytes of a race's table: of a row, besides its numbers, and of a number, at most."""

STEP_IN_LATEX, CONTOURS = 300, 2**20
"""Bytes that a figure has for a step of an entry, and for contours, at most."""

EQUATIONS = 2**18
"""Bytes of a step in LaTeX, at most: of a typed rule, each name may be a matrix."""

SCRIPT, SCRIPT_SECONDS = 2**15, 0.1
"""Bytes of the longest function of a script, and seconds that all of it takes."""

SAMPLE = 50
"""Bytes of a sample in a script, at most."""

NOTEBOOK, FIGURES, NOTEBOOK_SECONDS = 1.5, 2**15, 4.0
"""How many times the bytes of a script a notebook has, what its figures have besides,
and seconds that all of it takes where minima are searched for."""

FILES = {"csv": 12, "json": 12, "npz": 2, "parquet": 4}
"""How many times the bytes of the player's answer a file takes, at most."""

COLUMN = 600
"""Bytes that Parquet has for a column besides its numbers, at most."""


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
                f"this would take about {self.seconds:,.0f} seconds of "
                f"computing, and {most:,.0f} are allowed; take fewer steps or "
                "optimizers"
            )
        return self


def step_seconds(surface: Surface, optimizer: Optimizer) -> float:
    """What a step of one run among many takes, of one processor."""
    # At the parameters' defaults, so that another value needs no counting again.
    gradient = gradient_seconds(surface.loss, type(surface.params)())
    return optimizer.gradients * gradient + optimizer.overhead * STEP


def gradient_of(setup: Setup) -> float:
    """Seconds of a gradient of the surface, whatever its parameters are set to."""
    surface = setup.declared_surface
    return gradient_seconds(surface.loss, type(surface.params)())


def race_seconds(setup: Setup) -> float:
    """What a race takes, of one processor, at most or nearly so.

    A run by itself takes up to two and a half times as long for its gradients as among
    others, and each step and each run besides as much again as is written here.

    Raises:
        NotReady: Within `only_ready`, if the surface was not counted before.
    """
    each = [
        step_seconds(setup.declared_surface, setup.rule(key)) for key in setup["on"]
    ]
    gradients = sum(
        CHARTS[name].gradients * len(each)
        for name in charts_of(setup["panels"])
        if name in CHARTS
    )
    gradients += HESSIAN * len(all_inspected(setup))
    if "samples" in setup["show"]:
        gradients += setup.declared_surface.samples or 0
    shown = 0.0
    if "flow" in setup["show"]:
        shown += FLOW + FLOW_GRADIENTS * gradient_of(setup)
    if gradients:
        # Points are looked at a thousand at a time.
        shown += gradients * gradient_of(setup) * (setup["steps"] + 1_000)
    return shown + sum(
        ALONE + setup["steps"] * (ALONE_STEP + 2.5 * step) for step in each
    )


def race_cost(setup: Setup, extras: Iterable[str] = (), form: str = "") -> Cost:
    """What a race takes that carries more, or is to be a file.

    Args:
        setup: Of what.
        extras: What it carries, keys of `EXTRAS`.
        form: The kind of file, if it is to be one.
    """
    rows, carried = setup["steps"] + 1, [EXTRAS[name] for name in extras]
    numbers = [
        3 + sum(extra.numbers(setup.rule(key)) for extra in carried)
        for key in setup["on"]
    ]
    gradient = gradient_seconds(
        setup.declared_surface.loss, type(setup.declared_surface.params)()
    )
    seconds = rows * len(numbers) * gradient * sum(e.gradients for e in carried)
    samples = setup.declared_surface.samples or 0
    inputs, more = 8 + samples, HEADER
    match form:
        case "csv":
            # A row of a table has a number, or at least a comma, in each column.
            size = sum(ROW + NUMBER * own + sum(numbers) for own in numbers)
        case "json":
            size = NUMBER * (1 + sum(numbers))
            inputs = NUMBER + 2 * samples
        case "parquet":
            # A number that there is not has its place, too.
            columns = 3 + sum(numbers)
            size = 9 * len(numbers) * columns
            more += COLUMN * columns * (1 + rows * len(numbers) // GROUP)
        case "tex":
            size = STEP_IN_LATEX * len(numbers)
            more += CONTOURS
        case _:
            size = sum(numbers) * (8 if form else 4)
    # Schedule and minibatches, of the race and of entries that have their own.
    size = rows * size + (1 + len(numbers)) * setup["steps"] * inputs + more
    return Cost(seconds + race_seconds(setup) + COMPILING * len(numbers), size)


def step_cost(setup: Setup) -> Cost:
    """What a race takes of which one step is written down in LaTeX."""
    hessians = (
        HESSIAN * gradient_of(setup) * 1_000
    )  # Points are looked at so many at once.
    seconds = race_seconds(setup) + hessians + COMPILING * (len(setup["on"]) + 1)
    return Cost(seconds, EQUATIONS + len(setup.text))


def code_cost(setup: Setup, form: str) -> Cost:
    """What a race takes as code, of which nothing is run: at most what it holds.

    Args:
        setup: Of what.
        form: A script, py, or a notebook, ipynb.
    """
    data = setup.declared_surface.data
    size = SCRIPT * (2 + len(setup["on"])) + (SAMPLE * data.size if data else 0)
    if form == "py":
        return Cost(SCRIPT_SECONDS, size)
    return Cost(NOTEBOOK_SECONDS, int(NOTEBOOK * size) + FIGURES)


def cost(part: Part, setup: Setup, size: int | None = None, form: str = "") -> Cost:
    """What a part of a study takes.

    Args:
        part: Which.
        setup: Of what.
        size: Values a side, where it takes them.
        form: The kind of file, if it is to be one.
    """
    steps = setup["steps"] + 1
    runs = part.runs(setup, size or FULL)
    record = RECORD if part.every_step else 0.0
    seconds = steps * sum(
        n * (record + step_seconds(setup.declared_surface, setup.rule(key)))
        for key, n in runs.items()
    )
    numbers = sum(runs.values()) * (steps if part.every_step else 1)
    return Cost(
        seconds + COMPILING * len(runs), (8 * numbers + HEADER) * FILES.get(form, 1)
    )
