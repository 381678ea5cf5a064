"""The race with every number that it has, as its files hold it."""

from functools import partial

import numpy as np

from views.extras import EXTRAS
from views.race import race_with
from views.result import Result
from views.studies.part import TRAIL, Column, Part


def _quoted(names: np.ndarray) -> np.ndarray:
    """Names for a table: those that differ in a value have a comma."""
    return np.char.add(np.char.add('"', names), '"')


def _meaning(result: Result, name: str) -> str:
    """What an array is that not every entry has."""
    extra, _, own = name.partition("/")
    rules = (result.setup.rule(key) for key, run in result.runs.items() if name in run)
    words = (rule.named[own].meaning for rule in rules if extra == "quantities")
    return ": ".join([EXTRAS[extra].meaning, *list(words)[:1]])


RACE = Part(
    "race",
    partial(race_with, exact=True),
    runs=lambda setup, size: dict.fromkeys(setup["on"], 1),
    title=lambda result: "the race",
    describe_size=lambda result: _counted(len(result.runs)),
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
        name: _meaning(result, name)
        for name in result.specs
        if name.partition("/")[0] in EXTRAS
    },
    every_step=True,
    points=lambda setup: len(setup["on"]) * (setup["steps"] + 1),
)


def _counted(runs: int) -> str:
    return f"{runs} optimizer{'' if runs == 1 else 's'}"
