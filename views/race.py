"""Runs the race a setup describes; a pure function of the setup.

Under a finger that drags one rule's rate, the other rules run as they did before: the
runs asked for last are kept, all of them together within a number of bytes.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple

import jax
from cachetools import LRUCache

from optim import Conditions, Trajectory, descend
from surfaces import Surface
from surfaces.compiled import NotReady, only_ready, prepare
from views.entries import rule_of
from views.setup import Setup

KEPT = 64e6
"""Bytes of all runs that are kept."""

_compilers = ThreadPoolExecutor(os.cpu_count(), "compile")


class _Run(NamedTuple):
    """A run, and the seconds it took to compute."""

    trajectory: Trajectory
    seconds: float


def _size(run: _Run) -> int:
    one = run.trajectory
    arrays = one.points, one.losses, one.grads, one.states
    return sum(array.nbytes for array in jax.tree.leaves(arrays))


_kept: LRUCache[Any, _Run] = LRUCache(KEPT, _size)
_looking = Lock()


@dataclass(frozen=True)
class Race:
    """The trajectories of the entries that are on.

    Attributes:
        setup: Of what.
        surface: Of the setup.
        conditions: Of the setup.
        runs: By entry.
        seconds: What it took to compute the runs, with compiling where that was needed.
        device: Where they were computed.
    """

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


def run_race(
    setup: Setup,
    progress: Callable[[float], None] | None = None,
    *,
    fresh: bool = False,
) -> Race:
    """Runs every optimizer that is on.

    Args:
        setup: Of what.
        progress: Called before each optimizer that has to be compiled; what it raises
            ends the race.
        fresh: Whether each run is computed, and nothing is kept.

    Raises:
        NotReady: Within `only_ready`, if there is anything to compile.
    """
    surface, conditions = setup.surface, setup.conditions
    start, steps, on = setup["start"], setup["steps"], setup["on"]

    def compute(key: str) -> _Run:
        began = perf_counter()
        run = descend(
            surface,
            rule_of(key),
            start,
            setup.hypers(key),
            steps,
            conditions=conditions,
        )
        return _Run(run, perf_counter() - began)

    def run(key: str) -> _Run:
        if fresh:
            return compute(key)
        mine = setup.concerning(key)
        with _looking:
            found = _kept.get(mine)
        if found is None:
            found = compute(key)
            with _looking, suppress(ValueError):  # Larger than all that is kept.
                _kept[mine] = found
        return found

    def run_new(key: str) -> Trajectory:
        if progress is not None:
            progress(0.0)
        return compute(key).trajectory

    try:
        with only_ready():
            found = {key: run(key) for key in on}
        runs = {key: one.trajectory for key, one in found.items()}
        seconds = sum(one.seconds for one in found.values())
    except NotReady:
        prepare()
        began = perf_counter()
        # Compiling is work for many cores at once; running is too short to share.
        runs = dict(zip(on, _compilers.map(run_new, on), strict=True))
        seconds = perf_counter() - began
    return Race(setup, surface, conditions, runs, seconds)
