"""A study at work: how far it has come, and how fast it was."""

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from threading import Lock
from time import perf_counter
from typing import Any, TypeVar

import jax
import numpy as np

from views.entries import is_entry
from views.fields import OWN_SETTINGS, STUDY_KEYS
from views.result import ArraySpec, ProgressCallback, Result
from views.setup import Setup
from views.studies.codes import CODES

Found = TypeVar("Found")

_NOT_COMMON = frozenset({"on", "view", "level", "lr", "start", *STUDY_KEYS})


class Latest:
    """The latest results, of which only so many are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, identity: Hashable) -> Any:
        """A result; None if it is not there."""
        with self._lock:
            return self._results.get(identity)

    def put(self, identity: Hashable, result: Any) -> None:
        """Keeps a result, as the latest."""
        with self._lock:
            self._results[identity] = result
            self._results.move_to_end(identity)
            if len(self._results) > self._most:
                self._results.popitem(last=False)


_compiled = Latest(4096)
"""What has run before."""

_kept = Latest(64)
"""At most 200 kB each: 256 x 256 starts."""


class Work:
    """One study of a setup, from its beginning.

    Args:
        study: Which study.
        setup: Of what.
        progress: Called with the finished part of the work.
        devices: What computes; by default all of this process's.
    """

    def __init__(
        self,
        study: str,
        setup: Setup,
        progress: ProgressCallback,
        devices: list[Any] | None = None,
    ) -> None:
        """Starts the clock."""
        self.study = study
        self.setup = setup
        self._progress = progress
        self._devices = devices or jax.local_devices()
        self._began = perf_counter()
        self._steps = 0
        self._shapes: dict[Any, None] = {}

    def each(
        self,
        keys: Iterable[str],
        compute: Callable[[str, ProgressCallback], Found],
        same_by: Callable[[str], Hashable] | None = None,
    ) -> dict[str, Found]:
        """What is computed of each optimizer, one after the other.

        Args:
            keys: The optimizers.
            compute: What is found of one.
            same_by: By what, besides surface, steps and conditions, a result of an
                optimizer is known again: while one slider moves, the others' results
                need not be computed again. None if nothing is kept.
        """
        keys = list(keys)
        found = {}
        for i, key in enumerate(keys):
            self._progress(i / len(keys))

            def progress(part: float, done: int = i) -> None:
                self._progress((done + part) / len(keys))

            if same_by is None:
                found[key] = compute(key, progress)
                continue
            identity = (self.study, key, self._common, self._own(key), same_by(key))
            result = _kept.get(identity)
            found[key] = compute(key, progress) if result is None else result
            _kept.put(identity, found[key])
        return found

    @cached_property
    def _common(self) -> tuple[tuple[str, str], ...]:
        """All settings but those of optimizers, of looks, of studies, and the start."""
        return tuple(
            (key, text)
            for key, text in self.setup.pairs()
            if key not in _NOT_COMMON and not is_entry(key.split(".")[0])
        )

    def _own(self, entry: str) -> tuple[tuple[str, str], ...]:
        """The settings of an entry that are not its rule's, but for its start.

        A rule that is typed is among them: its text is all that says what it is.
        """
        hypers = {f"{entry}.{name}" for name in self.setup.rule(entry).hypers._fields}
        return tuple(
            (key, text)
            for key, text in self.setup.pairs()
            if (key == entry or key.startswith(f"{entry}."))
            and key not in hypers | {f"{entry}.start"}
        )

    def _is_stationary(self, entry: str) -> bool:
        """Whether each of its steps is taken like the one before."""
        setup = self.setup
        return setup.conditions_of(entry).is_stationary(setup.declared_surface.samples)

    def count_steps(self, steps: int) -> None:
        """Counts optimizer steps that were taken."""
        self._steps += steps

    def compiles_for(self, *shape: Any) -> None:
        """Notes a shape; for another one, code is compiled anew."""
        self._shapes[shape] = None

    def result(
        self,
        runs: Mapping[str, Mapping[str, np.ndarray]],
        axes: Mapping[str, np.ndarray],
        specs: Mapping[str, ArraySpec],
        per_run: Mapping[str, Mapping[str, Any]] | None = None,
        **meta: Any,
    ) -> Result:
        """What was found, and how long it took."""
        seconds = perf_counter() - self._began
        setup = self.setup
        own = [setup[key] for key in OWN_SETTINGS.get(setup.surface_key, ())]
        loss = setup.surface_key, *own
        asked = [
            (self.study, *loss, key, self._is_stationary(key), *self._shapes)
            for key in runs
        ]
        # A rate that includes compiling would say nothing.
        known = all(_compiled.get(one) for one in asked)
        for one in asked:
            _compiled.put(one, True)
        speed = round(self._steps / seconds) if known and runs else None
        return Result(
            kind=self.study,
            setup=setup,
            axes=axes,
            runs=runs,
            specs=specs,
            milliseconds=seconds * 1e3,
            device=device_name(self._devices),
            steps_per_second=speed,
            per_run=per_run or {},
            meta=CODES | meta,
        )


def device_name(devices: list[Any]) -> str:
    """What computes, in words."""
    if devices[0].platform == "cpu":
        cores = os.cpu_count() or 1
        return f"the CPU ({cores} {'core' if cores == 1 else 'cores'})"
    many = f"{len(devices)} × " if len(devices) > 1 else "the "
    return f"{many}{devices[0].device_kind}"
