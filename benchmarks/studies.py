"""Studies against other ways to do the same work: NumPy, PyTorch and C.

Measured: optimizer steps per second of 256 x 256 starts by 500 steps on Rosenbrock, in
float32, all steps taken. Every way computes what a study does: each run's last point
and loss, the step since which its loss is low, and when it left the domain or arrived
at the minimum for good. Then what an early end saves, and basins as they are drawn
live. For GPUs there is `accelerator`.
"""

import ctypes
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import numpy as np
import torch

from benchmarks.table import Table, number, times
from optim import OPTIMIZERS
from optim.outcome import NEAR
from optim.studies import Study, basins, study
from surfaces import SURFACES

SURFACE = SURFACES["rosenbrock"]
SIZE, STEPS, TOLERANCE = 256, 500, 1e-3
RULES = ("adam", "gradient_descent", "momentum", "adagrad", "rmsprop")
ROUNDS = 7
AGREE = 0.95
"""Runs that must end alike, where no more of them are chaotic."""

ROUNDINGS = 2
"""How many times as many runs may end otherwise as end otherwise by one rounding."""

Ends = tuple[np.ndarray, ...]
"""x, y, loss, within, gone and arrived, each (runs,)."""


def starts(size: int = SIZE) -> np.ndarray:
    """The grid over the window, shape (size * size, 2), float32."""
    low_x, high_x, low_y, high_y = SURFACE.view_domain
    axes = np.linspace(low_x, high_x, size), np.linspace(low_y, high_y, size)
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2).astype(np.float32)


def hypers(key: str) -> Any:
    """The hyperparameters of the comparison."""
    return OPTIMIZERS[key].recommended(SURFACE.learning_rates)


def frame() -> np.ndarray:
    """Domain, minimum, near squared and target, as float32."""
    near = (NEAR * SURFACE.view_domain.diagonal) ** 2
    target = min(SURFACE.minimum_losses) + TOLERANCE
    return np.float32([*SURFACE.domain, *SURFACE.minima[0], near, target])


FRAME = tuple(frame().tolist())


# -- the ways --------------------------------------------------------------------------


def ours(key: str, grid: np.ndarray, **options: Any) -> Study:
    """`optim.studies.study`."""
    options = {"early_stop": False, "tolerance": TOLERANCE} | options
    return study(SURFACE, OPTIMIZERS[key], grid, hypers(key), STEPS, **options)


def _ours(key: str, grid: np.ndarray) -> Ends:
    s = ours(key, grid)
    return (*s.points.T, s.losses, s.within, s.gone, s.arrived)


def numpy_ends(key: str, grid: np.ndarray) -> Ends:
    """Arrays of all runs, an operation at a time."""
    with np.errstate(all="ignore"):
        return _walk(key, grid, np)


def torch_ends(key: str, grid: np.ndarray) -> Ends:
    """The same operations on PyTorch's tensors."""
    return tuple(np.asarray(end) for end in _walk(key, torch.from_numpy(grid), torch))


def _walk(key: str, grid: Any, lib: Any) -> tuple[Any, ...]:
    """All steps, one by one."""
    runs, h = begun(grid, lib), tuple(map(float, hypers(key)))
    for t in range(STEPS):
        runs = stepped(UPDATES[key], h, t, runs, lib)
    return ended(STEPS, runs, lib)


# Down the valley, for all runs at once, in NumPy's and PyTorch's shared words.


def begun(grid: Any, lib: Any) -> tuple[Any, ...]:
    """x, y, the memory of their slopes, and what is noted, before the first step."""
    x, y = grid[:, 0] + 0, grid[:, 1] + 0
    memory = [[lib.zeros_like(x), lib.zeros_like(x)] for _ in range(2)]
    none = lib.zeros_like(x, dtype=lib.int32)
    return x, y, memory, (none - 1, none + 0, none > 0, none + 0)


def stepped(
    update: Callable[..., Any], h: Any, t: Any, runs: tuple[Any, ...], lib: Any
) -> tuple[Any, ...]:
    """What is noted at step t, a number or a tensor of one, and then the step."""
    x, y, memory, marks = runs
    across, left, _, marks = _noted(t, x, y, marks, lib)
    slopes = -2 * left - 400 * x * across, 200 * across
    memory = [list(each) for each in memory]
    x = update(t + 1, x, slopes[0], memory[0], h, lib.sqrt)
    y = update(t + 1, y, slopes[1], memory[1], h, lib.sqrt)
    return x, y, memory, marks


def ended(t: int, runs: tuple[Any, ...], lib: Any) -> tuple[Any, ...]:
    """The `Ends` after the last step."""
    x, y, _, marks = runs
    _, _, loss, (within, out, place, since) = _noted(t, x, y, marks, lib)
    return x, y, loss, within, out - 1, lib.where(place, since, -1)


def _noted(t: Any, x: Any, y: Any, marks: Any, lib: Any) -> tuple[Any, ...]:
    within, out, place, since = marks
    x_low, x_high, y_low, y_high, at_x, at_y, near, target = FRAME
    across, left = y - x * x, 1 - x
    loss = left * left + 100 * across * across
    inside = (x_low <= x) & (x <= x_high) & (y_low <= y) & (y <= y_high)
    inside &= lib.isfinite(loss)
    close = (x - at_x) ** 2 + (y - at_y) ** 2 <= near
    within = lib.where(loss <= target, lib.where(within < 0, t, within), -1)
    out = lib.where(inside, 0, lib.where(out == 0, t + 1, out))
    since = lib.where(close == place, since, t)
    return across, left, loss, (within, out, close, since)


def _descent(t, w, g, memory, h, sqrt):
    return w - h[0] * g


def _ball(t, w, g, memory, h, sqrt):
    memory[0] = h[1] * memory[0] - h[0] * g
    return w + memory[0]


def _sum(t, w, g, memory, h, sqrt):
    memory[1] = memory[1] + g * g
    return w - h[0] * g / (h[1] + sqrt(memory[1]))


def _mean(t, w, g, memory, h, sqrt):
    memory[1] = h[1] * memory[1] + (1 - h[1]) * (g * g)
    return w - h[0] * g / sqrt(h[2] + memory[1])


def _moments(t, w, g, memory, h, sqrt):
    memory[0] = h[1] * memory[0] + (1 - h[1]) * g
    memory[1] = h[2] * memory[1] + (1 - h[2]) * (g * g)
    mean, square = memory[0] / (1 - h[1] ** t), memory[1] / (1 - h[2] ** t)
    return w - h[0] * mean / (sqrt(square) + h[3])


UPDATES: Mapping[str, Callable[..., Any]] = {
    "gradient_descent": _descent,
    "momentum": _ball,
    "adagrad": _sum,
    "rmsprop": _mean,
    "adam": _moments,
}

_kept = ExitStack()


@cache
def _library(*flags: str) -> ctypes.CDLL:
    """study.c, compiled into a folder that goes when Python does."""
    folder = _kept.enter_context(tempfile.TemporaryDirectory())
    library = Path(folder) / "study.so"
    source = Path(__file__).with_name("study.c")
    # Else each root of a vector is also checked for errno, one by one.
    always = ["-fno-math-errno", "-shared", "-fPIC", "-o", library, source, "-lm"]
    subprocess.run(["cc", *flags, *always], check=True)
    return ctypes.CDLL(str(library))


def cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0))


def c_ends(*flags: str) -> Callable[[str, np.ndarray], Ends]:
    """A loop in C so compiled, on as many threads as there are cores."""
    return partial(_c_ends, flags)


def _c_ends(flags: tuple[str, ...], key: str, grid: np.ndarray) -> Ends:
    function = getattr(_library(*flags), key)
    h, f = np.float32(hypers(key)), frame()

    def share(part: np.ndarray) -> Ends:
        x, y = (np.ascontiguousarray(column) for column in part.T)
        ends = x, y, np.empty_like(x), *(np.empty(len(x), np.int32) for _ in range(3))
        pointers = (ctypes.c_void_p(each.ctypes.data) for each in (h, f, *ends))
        function(len(x), STEPS, *pointers)
        return ends

    with ThreadPoolExecutor(cores()) as threads:
        parts = list(threads.map(share, np.split(grid, cores())))
    return tuple(map(np.concatenate, zip(*parts, strict=True)))


WAYS: Mapping[str, Callable[[str, np.ndarray], Ends]] = {
    "ours: study": _ours,
    "NumPy, vectorized": numpy_ends,
    "PyTorch, vectorized": torch_ends,
    "C, -O3": c_ends("-O3"),
    "C, -O3 -march=native": c_ends("-O3", "-march=native"),
}


# -- timing ----------------------------------------------------------------------------


def best_each(
    functions: Mapping[str, Callable[[], Any]], rounds: int = ROUNDS
) -> dict[str, float]:
    """The least seconds of a call of each, in turns, after one call to warm up.

    Every call takes all cores, so what else runs on the machine can only add to it.
    """
    for function in functions.values():
        function()
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(rounds):
        for name, function in functions.items():
            began = perf_counter()
            function()
            best[name] = min(best[name], perf_counter() - began)
    return best


def check(name: str, key: str, grid: np.ndarray, ends: Ends, expected: Ends) -> None:
    """Raises AssertionError where too many runs end otherwise than ours."""
    part = alike(ends, expected)
    least = min(AGREE, 1.0 - ROUNDINGS * chaotic(key, grid))
    assert part >= least, f"{name}, {key}: {part:.1%} of the runs end alike"


def chaotic(key: str, grid: np.ndarray) -> float:
    """The part of our runs that end otherwise when their starts are rounded once."""
    rounded = grid * np.float32(1.0 + 2.0**-23)
    return 1.0 - alike(_ours(key, rounded), _ours(key, grid))


def alike(ends: Ends, expected: Ends) -> float:
    """The part of the runs that end as expected."""
    same = np.ones(len(expected[0]), bool)
    for mine, other in zip(expected, ends, strict=True):
        close = np.isclose(mine, other, rtol=1e-2, atol=1e-2)
        same &= close | ~np.isfinite(mine)
    return float(same.mean())


def _ways_table() -> Table:
    grid = starts()
    rates: dict[str, dict[str, float]] = {name: {} for name in WAYS}
    for key in RULES:
        expected = _ours(key, grid)
        for name, way in WAYS.items():
            check(name, key, grid, way(key, grid), expected)
        seconds = best_each({n: partial(way, key, grid) for n, way in WAYS.items()})
        for name, each in seconds.items():
            rates[name][key] = len(grid) * STEPS / each / 1e6
    base = rates["ours: study"]
    return Table(
        f"Studies: million optimizer steps a second, {SIZE} × {SIZE} starts × {STEPS} "
        "steps on Rosenbrock, float32",
        ("", *(OPTIMIZERS[key].label for key in RULES)),
        [
            (
                name,
                *(
                    f"{number(each[key])} ({times(each[key], base[key])})"
                    for key in RULES
                ),
            )
            for name, each in rates.items()
        ],
        f"{cores()} cores, ours on the {jax.devices()[0].device_kind}; the best of "
        f"{ROUNDS}, × is against ours. All ways note the same on the way, and at least "
        f"{AGREE:.0%} of the runs end alike, or twice as many do not as end otherwise "
        "when their starts are rounded once; no early end.",
    )


def _early_table() -> Table:
    surface, rows = SURFACES["himmelblau"], []
    for key in RULES:
        optimizer = OPTIMIZERS[key]
        values = optimizer.recommended(surface.learning_rates)

        def draw(size: int, early: bool, optimizer=optimizer, values=values) -> Study:
            return basins(
                surface, optimizer, values, size, STEPS, early_stop=early
            ).study

        seconds = best_each(
            {
                "whole": partial(draw, SIZE, False),
                "early": partial(draw, SIZE, True),
                "live": partial(draw, 128, True),
            }
        )
        taken = draw(SIZE, True).taken / (SIZE * SIZE * STEPS)
        rows.append(
            (
                optimizer.label,
                number(seconds["whole"] * 1e3, "ms"),
                number(seconds["early"] * 1e3, "ms"),
                f"{taken:.0%}",
                number(1 / seconds["live"]),
            )
        )
    return Table(
        f"Basins of Himmelblau, {STEPS} steps",
        ("", f"{SIZE}², all steps", "early end", "steps taken", "128² a second"),
        rows,
        f"The best of {ROUNDS}. Himmelblau has eight places to end in, Rosenbrock one.",
    )


def tables() -> list[Table]:
    """The comparison, and what an early end saves."""
    return [_ways_table(), _early_table()]
