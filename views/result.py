"""What was computed of a setup, a race or a study, and the one format it is sent in.

That is safetensors: 8 bytes, the length of the header; the header, JSON; the arrays,
which the header names. An array of an entry is `adam~2/points`, and what arrays run
along `axes/lr`. All that is no array is JSON, the text `result` of the metadata.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from safetensors.numpy import load, save

from views.describe_settings import described_looks
from views.setup import Setup

ProgressCallback = Callable[[float], None]
"""Is called with the finished part of the work, from 0 to 1; what it raises ends it."""

XY = "xy"
"""The axis of the two coordinates."""
COORDINATES, ABOVE_BASE = "coordinates", "losses above the base"
"""Units of arrays."""


class ArraySpec(NamedTuple):
    """What the arrays of a name are.

    Attributes:
        axes: What they run along, by name: of `Result.axes`, or an axis whose values
            are plain, as that of the coordinates.
        unit: What their numbers count.
    """

    axes: tuple[str, ...]
    unit: str


@dataclass(frozen=True, eq=False)
class Result:
    """What was computed of a setup.

    Attributes:
        kind: A race, or which study.
        setup: Of what.
        axes: What the arrays run along, by name, each (n,).
        runs: By entry, its arrays by name.
        specs: What the arrays of a name are.
        milliseconds: How long it took.
        device: What computed it.
        steps_per_second: None if there was compiling to do besides.
        shared: Arrays that belong to no entry, by name.
        per_run: By entry, what else is known of it, as JSON values.
        meta: What is known of all, as JSON values.
    """

    kind: str
    setup: Setup
    axes: Mapping[str, np.ndarray]
    runs: Mapping[str, Mapping[str, np.ndarray]]
    specs: Mapping[str, ArraySpec]
    milliseconds: float
    device: str
    steps_per_second: int | None = None
    shared: Mapping[str, np.ndarray] = field(default_factory=dict)
    per_run: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sizes(self) -> dict[str, int]:
        """How many values each axis has."""
        return {name: len(values) for name, values in self.axes.items()}

    @property
    def header(self) -> dict[str, Any]:
        """All but the arrays, as JSON values."""
        return {
            "kind": self.kind,
            "setup": self.setup.query,
            "surface": self.setup.surface_key,
            "steps": self.setup["steps"],
            "milliseconds": round(self.milliseconds, 2),
            "device": self.device,
            "steps_per_second": self.steps_per_second,
            "axes": list(self.axes),
            "arrays": {name: spec._asdict() for name, spec in self.specs.items()},
            **self.meta,
            "runs": [
                {"key": key, "look": look, **self.per_run.get(key, {})}
                for key, look in zip(
                    self.runs, described_looks(self.setup, self.runs), strict=True
                )
            ],
        }

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays by their full names."""
        arrays = {
            f"{key}/{name}": array
            for key, run in self.runs.items()
            for name, array in run.items()
        }
        arrays |= {f"axes/{name}": values for name, values in self.axes.items()}
        return arrays | dict(self.shared)


def pack(result: Result) -> bytes:
    """A result as bytes."""
    arrays = {
        name: np.ascontiguousarray(array, _sent_as(array))
        for name, array in result.arrays.items()
    }
    return save(arrays, {"result": json.dumps(result.header, allow_nan=False)})


def _sent_as(array: np.ndarray) -> Any:
    """A dtype that JavaScript has an array for: none of its has long integers."""
    return "<f8" if array.dtype.itemsize > 4 else array.dtype


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header of a packed result, and its arrays by their full names."""
    length = int.from_bytes(data[:8], "little")
    text = json.loads(data[8 : 8 + length])["__metadata__"]["result"]
    return json.loads(text, parse_constant=_refuse), load(data)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def single(values: np.ndarray) -> np.ndarray:
    """Numbers as the player reads them; beyond float32 they are infinite."""
    with np.errstate(over="ignore"):
        return values.astype("<f4", order="C")


def above(base: float, losses: np.ndarray) -> np.ndarray:
    """Losses above a base, subtracted in float64.

    Near the minimum the difference keeps its digits, the loss itself would not.
    """
    with np.errstate(invalid="ignore"):
        return single(losses.astype("f8") - base)
