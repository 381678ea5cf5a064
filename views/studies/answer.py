"""What a study found, and its bytes for the player.

4 bytes   n, the length of the header, little-endian
n bytes   the header, JSON in UTF-8, padded with spaces to a multiple of 4
arrays    of each run of the header those it names, as [name, dtype, shape], little-
endian and row by row; first float32 of all runs, then uint16, then uint8
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim.studies import KINDS, Study
from views import theme
from views.described import described_looks
from views.setup import Setup

ENDS = ("descending", "stuck", "stopped", "left", "undefined", "diverged")
"""How a run can end that comes to no minimum."""

FIRST_NEAR = 100
FIRST_END = 200
"""Codes of ends: below the first a minimum, below the second one it is only near."""
NEVER = 65535
_ORDER = ("<f4", "<u2", "|u1")


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study found.

    Attributes:
        study: Which study.
        setup: Of what.
        axes: What the arrays run along, by name, each (n,); in the order of their axes.
        runs: By optimizer, its arrays by name: float32, uint16 or uint8.
        told: By optimizer, what else is said of it, as JSON values.
        facts: What is said of all, as JSON values.
        milliseconds: How long it took.
        rate: Optimizer steps a second; None if there was compiling to do besides.
        device: What computed it.
    """

    study: str
    setup: Setup
    axes: Mapping[str, np.ndarray]
    runs: Mapping[str, Mapping[str, np.ndarray]]
    told: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Any]
    milliseconds: float
    rate: int | None
    device: str

    @property
    def many(self) -> dict[str, int]:
        """How many values each axis has."""
        return {name: len(values) for name, values in self.axes.items()}

    @property
    def header(self) -> dict[str, Any]:
        """All but the arrays of the runs, as JSON values."""
        return {
            "study": self.study,
            "surface": self.setup.surface_key,
            "steps": self.setup["steps"],
            "ends": ENDS,
            "drawn": {
                "minima": theme.MINIMA,
                "ends": theme.ENDS,
                "slowest": theme.SLOWEST,
                "near": theme.NEAR,
            },
            "first_near": FIRST_NEAR,
            "first_end": FIRST_END,
            "never": NEVER,
            "axes": {name: values.tolist() for name, values in self.axes.items()},
            "milliseconds": round(self.milliseconds, 1),
            "rate": self.rate,
            "device": self.device,
            **self.facts,
            "runs": [
                {"key": key, "look": look, **self.told.get(key, {})}
                | {"arrays": _described(arrays)}
                for (key, arrays), look in zip(
                    self.runs.items(),
                    described_looks(self.setup, self.runs),
                    strict=True,
                )
            ],
        }

    def pack(self) -> bytes:
        """All of it, for the player."""
        text = json.dumps(self.header, allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        each = [
            array.tobytes()
            for dtype in _ORDER
            for arrays in self.runs.values()
            for array in arrays.values()
            if array.dtype.str == dtype
        ]
        return b"".join([struct.pack("<I", len(text)), text, *each])


def _described(arrays: Mapping[str, np.ndarray]) -> list[list[Any]]:
    return [
        [name, array.dtype.name, list(array.shape)]
        for dtype in _ORDER
        for name, array in arrays.items()
        if array.dtype.str == dtype
    ]


def ends_of(study: Study) -> np.ndarray:
    """How each run ended: the index of a minimum, or of `ENDS` from `FIRST_END` on."""
    code = np.full(len(KINDS), FIRST_END, "u1")
    for i, kind in enumerate(ENDS):
        code[KINDS.index(kind)] = FIRST_END + i
    return np.where(study.minima >= 0, study.minima, code[study.kinds]).astype("u1")


def steps_of(study: Study) -> np.ndarray:
    """When that came about; `NEVER` if it did not."""
    return counted(np.where(study.gone >= 0, study.gone, study.arrived))


def counted(steps: np.ndarray) -> np.ndarray:
    """Steps as the player reads them; what is below 0 did not come about."""
    return np.where(steps < 0, NEVER, steps).astype("<u2")


def above(base: float, losses: np.ndarray) -> np.ndarray:
    """Losses above a base, subtracted in float64; beyond float32 they are infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return (losses.astype("f8") - base).astype("<f4")
