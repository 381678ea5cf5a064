"""What studies have in common of which every step is shown."""

from typing import Any

import jax
import numpy as np

from optim.studies import Trails, trails
from optim.studies.study import room_of
from views.entries import rule_of
from views.setup import Setup
from views.studies.work import Tell, Work


class Walk(Work):
    """Work on the CPU: a few thousand runs, each step of which is kept."""

    def __init__(self, study: str, setup: Setup, tell: Tell) -> None:
        """Starts the clock."""
        super().__init__(study, setup, tell, jax.local_devices(backend="cpu")[:1])

    @property
    def steps(self) -> np.ndarray:
        """All steps, from 0."""
        return np.arange(self.setup["steps"] + 1)

    def trails(
        self, key: str, tell: Tell, *, starts: Any = None, seeds: Any = None,
        **hypers: Any,
    ) -> Trails:  # fmt: skip
        """The trails of an optimizer, as `optim.studies.trails` finds them.

        Args:
            key: The optimizer.
            tell: Is told of the progress.
            starts: Where they begin; where the race does unless told otherwise.
            seeds: Of the weather; the race's own unless told otherwise.
            **hypers: Hyperparameters that are not the race's.
        """
        setup = self.setup
        found = trails(
            setup.surface,
            rule_of(key),
            setup["start"] if starts is None else starts,
            setup.hypers(key)._replace(**hypers),
            setup["steps"],
            conditions=setup.conditions,
            seeds=seeds,
            progress=tell,
        )
        count, points = found.losses.shape
        self.took(found.losses.size, room_of(points - 1), count.bit_length())
        return found


def points_of(found: Trails) -> np.ndarray:
    """Points as the player reads them; beyond float32 they are infinite."""
    with np.errstate(over="ignore"):
        return found.points.astype("<f4")
