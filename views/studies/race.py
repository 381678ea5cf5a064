"""The race with every number that it has, as its files hold it."""

from collections.abc import Iterable

import numpy as np

from views.extras import EXTRAS
from views.race import result_of, run_race
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies.part import TRAIL, Column, Part


def race_in_full(
    setup: Setup, progress: ProgressCallback, extras: Iterable[str] = ()
) -> Result:
    """A race in float64, with what is asked for besides."""
    return result_of(run_race(setup, progress), extras, exact=True)


def _quoted(names: np.ndarray) -> np.ndarray:
    """Names for a table: those that differ in a value have a comma."""
    return np.char.add(np.char.add('"', names), '"')


RACE = Part(
    "race",
    race_in_full,
    runs=lambda setup, size: dict.fromkeys(setup["on"], 1),
    title=lambda result: "the race",
    describe_size=lambda result: f"{len(result.runs)} optimizers",
    columns=lambda result: {
        "name": Column("what the entry is called", _quoted),
        **TRAIL,
        "loss": Column("the loss there, without noise and over all samples"),
    },
    arrays=("points", "losses"),
    axes=lambda result, key: (
        np.array([result.setup.name(key)]),
        result.axes["step"],
    ),
    carried=lambda result: {
        name: EXTRAS[name.split("/")[0]].meaning
        for name in result.specs
        if name.split("/")[0] in EXTRAS
    },
    every_step=True,
    points=lambda setup: len(setup["on"]) * (setup["steps"] + 1),
)
