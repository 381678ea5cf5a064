"""Runs the race a setup describes; a pure function of the setup."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

from optim import OPTIMIZERS, Conditions, Trajectory, descend
from surfaces import Surface
from surfaces.compiled import NotReady, only_ready, prepare
from views.setup import Setup

_compilers = ThreadPoolExecutor(os.cpu_count(), "compile")


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


def run_race(setup: Setup, progress: Callable[[float], None] | None = None) -> Race:
    """Runs every optimizer that is on.

    Args:
        setup: Of what.
        progress: Called before each optimizer that has to be compiled; what it raises
            ends the race.

    Raises:
        NotReady: Within `only_ready`, if there is anything to compile.
    """
    began = perf_counter()
    surface, conditions = setup.surface, setup.conditions
    start, steps = setup["start"], setup["steps"]

    def run(key: str) -> Trajectory:
        return descend(
            surface,
            OPTIMIZERS[key],
            start,
            setup.hypers(key),
            steps,
            conditions=conditions,
        )

    def run_new(key: str) -> Trajectory:
        if progress is not None:
            progress(0.0)
        return run(key)

    on = setup["on"]
    try:
        with only_ready():
            runs = {key: run(key) for key in on}
    except NotReady:
        prepare()
        # Compiling is work for many cores at once; running is too short to share.
        runs = dict(zip(on, _compilers.map(run_new, on), strict=True))
    return Race(setup, surface, conditions, runs, perf_counter() - began)
