"""What a part of a study is: all that the page, its routes and its files need of it.

A part is one module here, which declares it, and a panel of the player's that draws it,
or a chart that it declares, which the player draws by itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from views import theme
from views.result import Result
from views.setup import Setup
from views.studies.chart import Chart
from views.studies.codes import ENDS, FIRST_END, FIRST_NEAR, NEVER


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        meaning: What it is.
        write: Its numbers as texts.
        plain: Its values where they need no texts; what there is none of is masked.
    """

    meaning: str
    write: Callable[[np.ndarray], Any] = lambda values: values.astype(str)
    plain: Callable[[np.ndarray], np.ndarray] = lambda values: values


def _unless_never(values: np.ndarray) -> Any:
    return np.where(values == NEVER, "", values.astype(str))


def _but_never(values: np.ndarray) -> np.ndarray:
    return np.ma.masked_equal(values, NEVER)


def _end_words(codes: np.ndarray) -> np.ndarray:
    return _END_WORDS[codes]


_END_WORDS = np.array(
    [f"reached minimum {k + 1}" for k in range(FIRST_NEAR)]
    + [f"near minimum {k + 1} but not at rest" for k in range(FIRST_END - FIRST_NEAR)]
    + [theme.ENDS[kind][1] for kind in ENDS]
)
RATE = {"lr": Column("the learning rate")}
END = {"end": Column("how the run ended", _end_words, _end_words)}
STEP_OF_END = {
    "step": Column(
        "the step at which that happened; empty if it never did",
        _unless_never,
        _but_never,
    )
}
ENDING = {
    "loss_above_base": Column("the loss after the last step, above the base"),
    "steps_to_tolerance": Column(
        "the step since which the loss stays within the tolerance of the base; empty "
        "if it does not",
        _unless_never,
        _but_never,
    ),
    **END,
}
STEP = {"step": Column("the step, 0 at the start")}
TRAIL = {
    **STEP,
    "x": Column("the first coordinate of the iterate"),
    "y": Column("the second coordinate of the iterate"),
}
"""Columns that several tables have."""


def _own_axes(result: Result, _key: str) -> Iterable[np.ndarray]:
    return result.axes.values()


@dataclass(frozen=True)
class Part:
    """One thing that is computed of a setup.

    Attributes:
        key: Its name in addresses, and of its modules.
        find: Computes it, for a setup and a `ProgressCallback`.
        title: What it shows, for a heading.
        describe_size: How many runs that are, in words.
        columns: Of its table, those of its axes first.
        arrays: Those of each optimizer that the table's other columns hold; points have
            two columns.
        axes: What these run along, for each optimizer.
        note: What its table does not hold, in words; empty if nothing.
        depends: The studies' settings that it depends on.
        ignores: Those of the race that it does not depend on; `lr` is every learning
            rate, for each of its runs has another.
        sized: Whether `find` also takes how many values a side.
        runs: How many runs of each optimizer it takes, for a setup and how many values
            a side.
        points: How many points its trails have, before they are computed; None where
            they are never too many.
        every_step: Whether every step of each run is kept.
        carried: Arrays that the table holds besides, and what they are, in words: not
            every optimizer has each, and those with columns have a name for each.
        chart: What the player draws of it, where it has no panel of its own.
    """

    key: str
    find: Callable[..., Result]
    runs: Callable[[Setup, int], Mapping[str, int]]
    title: Callable[[Result], str]
    describe_size: Callable[[Result], str]
    columns: Callable[[Result], Mapping[str, Column]]
    arrays: tuple[str, ...]
    axes: Callable[[Result, str], Iterable[np.ndarray]] = _own_axes
    note: str = ""
    depends: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    sized: bool = False
    every_step: bool = False
    points: Callable[[Setup], int] | None = None
    carried: Callable[[Result], Mapping[str, str]] = lambda result: {}
    chart: Chart | None = None
