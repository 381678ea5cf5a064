"""What basins, sweeps and pairs of settings have in common."""

from typing import Any

import numpy as np

from optim.studies import Study
from surfaces import Param
from views.setup import Setup
from views.studies.answer import above, counted, ends_of
from views.studies.work import Tell

SIZE = Param("N", "Values a side", 8, 256, "log", "Starts a side.", whole=True)
FULL = 128
"""Starts, or values, a side where nobody is dragging."""


def readable(param: Param, count: int) -> np.ndarray:
    """So many values over a range, each with as many digits as are worth reading."""
    if param.scale == "complement":
        return param.spread(count).round(6)
    return np.array([float(f"{value:.4g}") for value in param.spread(count)])


def exactly(setup: Setup, key: str, progress: Tell) -> dict[str, Any]:
    """What a sweep of an optimizer is told besides the values, in float64.

    What is close to a minimum is not told apart in float32, where the best of many is
    to be found, and a tolerance may be finer than it can tell.
    """
    return {
        "hypers": setup.hypers(key),
        "start": setup["start"],
        "num_steps": setup["steps"],
        "conditions": setup.conditions,
        "tolerance": setup["tolerance"],
        "dtype": np.float64,
        "progress": progress,
    }


def ended(found: Study, base: float) -> dict[str, np.ndarray]:
    """How the runs of a sweep ended: the arrays of one optimizer."""
    return {
        "losses": above(base, found.losses),
        "hits": counted(found.hit),
        "ends": ends_of(found),
    }
