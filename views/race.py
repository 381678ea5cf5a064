"""Runs the race a setup describes; a pure function of the setup."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

from optim import OPTIMIZERS, Conditions, Trajectory, descend
from surfaces import Surface
from views.fields import TYPED
from views.setup import Setup

_compilers = ThreadPoolExecutor(max_workers=os.cpu_count())
_compiled: dict[str, set[str]] = {}
"""By surface, the optimizers that have run on it."""


@dataclass(frozen=True)
class Race:
    """The trajectories of the optimizers that are on, by key, and what they took."""

    setup: Setup
    surface: Surface
    conditions: Conditions
    runs: dict[str, Trajectory]
    seconds: float
    device: str = "CPU"

    @property
    def base(self) -> float:
        """What heights are measured from: the lowest minimum, or zero."""
        return self.surface.lowest or 0.0


def run_race(setup: Setup) -> Race:
    """Runs every optimizer that is on."""
    began = perf_counter()
    surface, conditions = setup.surface, setup.conditions

    def run(key: str) -> Trajectory:
        return descend(
            surface,
            OPTIMIZERS[key],
            setup["start"],
            setup.hypers(key),
            setup["steps"],
            conditions=conditions,
        )

    on = setup["on"]
    compiled = _compiled.setdefault(setup.surface_key, set())
    new = [key for key in on if key not in compiled]
    if len(new) > 1:
        # Compiling is work for many cores at once; running is too short to share.
        runs = dict(zip(on, _compilers.map(run, on), strict=True))
    else:
        runs = {key: run(key) for key in on}
    if setup.surface_key != TYPED:
        compiled.update(new)
    return Race(setup, surface, conditions, runs, perf_counter() - began)
