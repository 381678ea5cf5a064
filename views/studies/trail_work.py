"""The work of studies that show every step of their runs."""

from typing import Any

import jax
import numpy as np

from optim.studies import Trails, trails
from optim.studies.inputs import padded_length
from views.result import ProgressCallback
from views.setup import Setup
from views.studies.work import Work


class TrailWork(Work):
    """Work on the CPU: a few thousand runs, each step of which is kept."""

    def __init__(self, study: str, setup: Setup, progress: ProgressCallback) -> None:
        """Starts the clock."""
        super().__init__(study, setup, progress, jax.local_devices(backend="cpu")[:1])

    @property
    def steps(self) -> np.ndarray:
        """All steps, from 0."""
        return np.arange(self.setup["steps"] + 1)

    def trails(
        self,
        key: str,
        progress: ProgressCallback,
        *,
        starts: Any = None,
        seeds: Any = None,
        **hypers: Any,
    ) -> Trails:
        """The trails of an optimizer, as `optim.studies.trails` finds them.

        Args:
            key: The optimizer.
            progress: Called with the finished part.
            starts: Where they begin; by default where the entry does.
            seeds: Of noise and minibatches; by default the entry's own.
            **hypers: Hyperparameters that are not the race's.
        """
        setup = self.setup
        found = trails(
            setup.surface,
            setup.rule(key),
            setup.start_of(key) if starts is None else starts,
            setup.hypers(key)._replace(**hypers),
            setup["steps"],
            conditions=setup.conditions_of(key),
            seeds=seeds,
            progress=progress,
        )
        count, points = found.losses.shape
        self.count_steps(found.losses.size)
        self.compiles_for(padded_length(points - 1), count.bit_length())
        return found
