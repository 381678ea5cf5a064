"""Grids of values, and how the runs at them end: for basins, sweeps and pairs."""

from collections.abc import Callable
from typing import Any

import numpy as np

from optim import Trajectory, descend
from optim.studies import Objective, Study, confirmed_best
from surfaces import Param
from views.result import ABOVE_BASE, ArraySpec, ProgressCallback, above
from views.setup import Setup
from views.studies.codes import coded_steps, ends_of

SIZE = Param("N", "Values a side", 8, 256, "log", "Starts a side.", whole=True)
FULL = 128
"""Starts, or values, a side while nothing is dragged."""


def readable(param: Param, count: int) -> np.ndarray:
    """So many values over a range, each with as many digits as are worth reading."""
    if param.scale == "complement":
        return param.spaced(count).round(6)
    return np.array([float(f"{value:.4g}") for value in param.spaced(count)])


def exactly(setup: Setup, key: str, progress: ProgressCallback) -> dict[str, Any]:
    """What a sweep of an optimizer is given besides the values, in float64.

    Float32 cannot distinguish points close to a minimum, where the best of many is to
    be found, and a tolerance may be finer than it resolves.
    """
    return {
        "hypers": setup.hypers(key),
        "start": setup.start_of(key),
        "num_steps": setup["steps"],
        "conditions": setup.conditions_of(key),
        "tolerance": setup["tolerance"],
        "dtype": np.float64,
        "progress": progress,
    }


def ended(found: Study, base: float) -> dict[str, np.ndarray]:
    """How the runs of a sweep ended: the arrays of one optimizer."""
    return {
        "losses": above(base, found.losses),
        "within": coded_steps(found.within),
        "ends": ends_of(found),
    }


def specs_of_ends(*axes: str) -> dict[str, ArraySpec]:
    """What these arrays are, of a sweep along some axes."""
    return {
        "losses": ArraySpec(axes, ABOVE_BASE),
        "within": ArraySpec(axes, "steps"),
        "ends": ArraySpec(axes, "codes of ends"),
    }


def raced(
    found: Study,
    setup: Setup,
    key: str,
    objective: Objective,
    hypers: Callable[[int], dict[str, float]],
) -> tuple[Study, int | None]:
    """The best of a sweep, which the race has again, and the sweep with its end.

    Args:
        found: The sweep.
        setup: Of what.
        key: The optimizer.
        objective: What counts as best.
        hypers: What a run's hyperparameters are that differ from the race's.
    """

    def race(k: int) -> Trajectory:
        return descend(
            setup.surface,
            setup.rule(key),
            setup.start_of(key),
            setup.hypers(key)._replace(**hypers(k)),
            setup["steps"],
            conditions=setup.conditions_of(key),
        )

    return confirmed_best(found, objective, setup.surface, setup["tolerance"], race)
