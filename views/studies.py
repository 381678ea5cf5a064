"""The studies of a setup: from one race to thousands, and their bytes for the player.

    4 bytes   n, the length of the header, little-endian
    n bytes   the header, JSON in UTF-8, padded with spaces to a multiple of 4
    float32   only of a sweep, for each run of the header: the last loss above the base,
              (rates,)
    uint16    for each run: the step at which its end came about, `NEVER` if it did not;
              of basins (size, size), row by row from the lowest y upwards, of a sweep
              (rates,)
    uint8     for each run, in the same shape: how it ends, as the index of a minimum,
              or as one of `ENDS` counted from `FIRST_END`

Studies run in float32 and without conditions: no schedule, noise or minibatches.
"""

import json
import struct
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
from jaxtyping import Float

from optim import OPTIMIZERS, Conditions
from optim.base import LEARNING_RATE
from optim.studies import KINDS, Study, basins, sweep
from surfaces import Data, Param
from views.setup import TYPED, Setup

ENDS = ("descending", "stuck", "stopped", "left", "undefined", "diverged")
FIRST_END = 200
NEVER = 65535
RATES: Float[np.ndarray, " n"] = np.geomspace(
    LEARNING_RATE.low, LEARNING_RATE.high, 241
)
SIZE = Param("N", "Starts a side", 8, 256, "log", "Starts a side.", whole=True)


_compiled: set[tuple[str, str, int]] = set()
"""The studies that have run before, by surface, optimizer and number of runs."""


def pack_basins(setup: Setup, size: int) -> bytes:
    """Where every start on the map leads, for each optimizer that is on."""
    began, surface = perf_counter(), setup.surface
    studies = [
        basins(surface, OPTIMIZERS[key], setup.hypers(key), size, setup["steps"]).study
        for key in setup["on"]
    ]
    header = {
        "size": size,
        "window": list(surface.window),
        "minima": [list(point) for point in surface.minima],
        "saddles": [list(point) for point in surface.saddles],
    }
    return _packed(setup, header, studies, setup["on"], began, b"")


def pack_sweep(setup: Setup) -> bytes:
    """How every learning rate ends from the setup's start, for each that has one."""
    began, surface = perf_counter(), setup.surface
    base = surface.lowest or 0.0
    rated = [key for key in setup["on"] if "lr" in OPTIMIZERS[key].hypers._fields]
    studies = [
        sweep(
            surface,
            OPTIMIZERS[key],
            "lr",
            RATES,
            setup.hypers(key),
            setup["start"],
            setup["steps"],
        )
        for key in rated
    ]
    with np.errstate(over="ignore", invalid="ignore"):
        losses = [(one.losses.astype("f8") - base).astype("<f4") for one in studies]
    header = {
        "rates": len(RATES),
        "range": [LEARNING_RATE.low, LEARNING_RATE.high],
        "base": base,
        "known": surface.lowest is not None,
    }
    numbers = b"".join(each.tobytes() for each in losses)
    return _packed(setup, header, studies, rated, began, numbers)


def _ends(study: Study) -> np.ndarray:
    """How each run ended, as a byte."""
    code = np.full(len(KINDS), FIRST_END, "u1")
    for i, kind in enumerate(ENDS):
        code[KINDS.index(kind)] = FIRST_END + i
    return np.where(study.minima >= 0, study.minima, code[study.kinds]).astype("u1")


def _steps(study: Study) -> np.ndarray:
    """When that came about."""
    steps = np.where(study.gone >= 0, study.gone, study.arrived)
    return np.where(steps < 0, NEVER, steps).astype("<u2")


def _left_out(conditions: Conditions, data: Data | None) -> list[str]:
    """The conditions of the race that a study does without, in words."""
    said = {
        "the schedule": conditions.schedule.key != "constant",
        "the warm-up": conditions.warmup > 0,
        "noise": conditions.noise > 0,
        "minibatches": data is not None and conditions.batch != data.size,
    }
    return [words for words, holds in said.items() if holds]


def _packed(
    setup: Setup,
    header: dict[str, Any],
    studies: list[Study],
    keys: Sequence[str],
    began: float,
    numbers: bytes,
) -> bytes:
    seconds = perf_counter() - began
    taken = sum(study.taken for study in studies)
    # A rate that includes compiling would say nothing.
    asked = {(setup.surface_key, key, studies[0].kinds.size) for key in keys}
    compiled = asked <= _compiled
    _compiled.update(asked if setup.surface_key != TYPED else ())
    header |= {
        "surface": setup.surface_key,
        "left_out": _left_out(setup.conditions, setup.ground.data),
        "steps": setup["steps"],
        "ends": ENDS,
        "first_end": FIRST_END,
        "never": NEVER,
        "milliseconds": round(seconds * 1e3, 1),
        "rate": round(taken / seconds) if compiled else None,
        "runs": [{"key": key} for key in keys],
    }
    text = json.dumps(header, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    parts = [struct.pack("<I", len(text)), text, numbers]
    parts += [_steps(study).tobytes() for study in studies]
    parts += [_ends(study).tobytes() for study in studies]
    return b"".join(parts)
