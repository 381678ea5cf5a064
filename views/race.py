"""Runs the race a setup describes; a pure function of the setup."""

from dataclasses import dataclass
from time import perf_counter

from optim import OPTIMIZERS, Conditions, Trajectory, descend
from surfaces import Surface
from views.setup import Setup


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
    runs = {
        key: descend(
            surface,
            OPTIMIZERS[key],
            setup["start"],
            setup.hypers(key),
            setup["steps"],
            conditions=conditions,
        )
        for key in setup["on"]
    }
    return Race(setup, surface, conditions, runs, perf_counter() - began)
