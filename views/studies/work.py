"""A study at work: what it tells of its progress, and how fast it was."""

import os
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any, TypeVar

import jax
import numpy as np

from views.setup import TYPED, Setup
from views.studies.answer import Answer

Tell = Callable[[float], None]
Found = TypeVar("Found")

_compiled: set[tuple[Any, ...]] = set()
"""What has run before."""


class Work:
    """One study of a setup, from its beginning.

    Args:
        study: Which study.
        setup: Of what.
        tell: Is told the finished part of the work, from 0 to 1; what it raises ends
            the work.
        devices: What computes; all that JAX sees unless told otherwise.
    """

    def __init__(
        self, study: str, setup: Setup, tell: Tell, devices: list[Any] | None = None
    ) -> None:
        """Starts the clock."""
        self.study = study
        self.setup = setup
        self._tell = tell
        self._devices = devices or jax.devices()
        self._began = perf_counter()
        self._taken = 0
        self._shape: tuple[Any, ...] = ()

    def each(
        self, keys: Iterable[str], compute: Callable[[str, Tell], Found]
    ) -> dict[str, Found]:
        """What is computed of each optimizer, one after the other."""
        keys = list(keys)
        found = {}
        for i, key in enumerate(keys):
            self._tell(i / len(keys))
            found[key] = compute(
                key, lambda part, done=i: self._tell((done + part) / len(keys))
            )
        return found

    def took(self, steps: int, *shape: Any) -> None:
        """Counts optimizer steps; what has another shape is compiled anew."""
        self._taken += steps
        self._shape += shape

    def answer(
        self,
        runs: Mapping[str, Mapping[str, np.ndarray]],
        axes: Mapping[str, np.ndarray],
        told: Mapping[str, Mapping[str, Any]] | None = None,
        **facts: Any,
    ) -> Answer:
        """The answer, and how long it took."""
        seconds = perf_counter() - self._began
        setup = self.setup
        calm = setup.conditions.calm(setup.ground.data and setup.ground.data.size)
        asked = {
            (self.study, setup.surface_key, key, calm, *self._shape) for key in runs
        }
        # A rate that includes compiling would say nothing.
        known = asked <= _compiled
        if setup.surface_key != TYPED:
            _compiled.update(asked)
        return Answer(
            study=self.study,
            setup=setup,
            axes=axes,
            runs=runs,
            told=told or {},
            facts=facts,
            milliseconds=seconds * 1e3,
            rate=round(self._taken / seconds) if known and runs else None,
            device=device_name(self._devices),
        )


def device_name(devices: list[Any]) -> str:
    """What computes, in words."""
    if devices[0].platform == "cpu":
        cores = os.cpu_count() or 1
        return f"the CPU ({cores} {'core' if cores == 1 else 'cores'})"
    many = f"{len(devices)} × " if len(devices) > 1 else "the "
    return f"{many}{devices[0].device_kind}"
