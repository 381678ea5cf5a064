"""Studies on a GPU: ours, and PyTorch on the same card.

Measured: optimizer steps per second of grids of starts by 500 steps on Rosenbrock, in
float32, all steps taken, from data on the card to data on the card; the share that is
of what the card can do at most; and whole basin maps a second, with the way to the
card and back, against the 30 that a drag should draw. Every way computes what a study
does, as in `studies`. Where JAX sees no GPU, the same code runs small on the CPU, which
only shows that it still runs.
"""

import math
import subprocess
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.util import find_spec
from typing import Any
from unittest.mock import patch

import jax
import numpy as np
import torch
from jax.extend.core import Literal
from jax.sharding import Mesh

from benchmarks import studies
from benchmarks.studies import RULES, STEPS, SURFACE, UPDATES, best_each, check
from benchmarks.table import Table, number, times
from optim import OPTIMIZERS
from optim.studies import basins, engine, loop
from optim.studies.componentwise import uniform
from optim.studies.criteria import criteria_of

SIZES = (256, 1024, 4096)
SMALL_SIZES = (64,)
MAP = 1024
AIM = 30
"""Maps a second."""

ROUNDS = {"gpu": 3, "cpu": 1}

UNROLLED = 10
"""Steps that PyTorch compiles to a piece: one by one, each would cost a launch."""

COMPILED = f"PyTorch, compiled, {UNROLLED} steps a piece"

FREE = frozenset(
    "abs broadcast_in_dim convert_element_type copy max min neg select_n sign "
    "stop_gradient".split()
)
"""Operations on numbers that are no arithmetic: they choose, move or turn a sign."""

LANES = {"6.0": 64, "7.0": 64, "7.2": 64, "7.5": 64, "8.0": 64}
"""float32 units of a multiprocessor, by compute capability; 128 on all others."""


def gpu() -> Any:
    """The first GPU that JAX sees; None if it sees none."""
    device = jax.devices()[0]
    return device if device.platform == "gpu" else None


def rounds() -> int:
    """How often each is timed."""
    return ROUNDS["gpu" if gpu() else "cpu"]


# -- the ways --------------------------------------------------------------------------


def plain(key: str, grid: np.ndarray) -> Callable[[], Any]:
    """What a study computes on the device, without what it sends and fetches."""
    tiles: list[Callable[[], Any]] = []

    def remembered(*args: Any, **options: Any) -> Any:
        tiles.append(partial(compute, *args, **options))
        return tiles[-1]()

    compute = loop.run_tile
    with patch.object(engine, "run_tile", remembered):
        _study(key, grid)
    return lambda: jax.block_until_ready([tile() for tile in tiles])


def _study(key: str, grid: np.ndarray) -> studies.Ends:
    made = studies.ours(key, grid, devices=jax.devices()[:1])
    return (*made.points.T, made.losses, made.within, made.gone, made.arrived)


def pytorch(key: str, grid: np.ndarray, unrolled: int = 0) -> Callable[[], Any]:
    """PyTorch on the same device, an operation at a time or compiled."""
    starts = torch.from_numpy(grid).to(_torch_device())
    h = tuple(map(float, studies.hypers(key)))

    def some(t: Any, runs: tuple[Any, ...]) -> tuple[Any, ...]:
        for k in range(unrolled or 1):
            runs = studies.stepped(UPDATES[key], h, t + k, runs, torch)
        return runs

    # A tensor of a number, else every t would be compiled anew.
    counted = torch.arange(STEPS, dtype=torch.int32, device=starts.device)
    moments = list(counted) if unrolled else list(range(STEPS))
    # It keeps few versions of a function, and then compiles no more, without a word.
    torch.compiler.reset()
    step = torch.compile(some, dynamic=False) if unrolled else some

    def run() -> tuple[Any, ...]:
        runs = studies.begun(starts, torch)
        for t in moments[:: unrolled or 1]:
            runs = step(t, runs)
        ends = studies.ended(STEPS, runs, torch)
        if starts.is_cuda:
            torch.cuda.synchronize()
        return ends

    return run


def _torch_device() -> str:
    return "cuda" if gpu() else "cpu"


Way = Callable[[str, np.ndarray], Callable[[], Any]]


def ways() -> Mapping[str, Way]:
    """All that can be measured here."""
    found: dict[str, Way] = {"ours": plain}
    if not gpu() or torch.cuda.is_available():
        found["PyTorch, eager"] = pytorch
    if gpu() and torch.cuda.is_available() and find_spec("triton"):
        found[COMPILED] = partial(pytorch, unrolled=UNROLLED)
    return found


# -- what the card can do --------------------------------------------------------------


def peak() -> tuple[float, str]:
    """float32 operations a second at most, and from what; NaN where it is unknown."""
    device = gpu()
    if device is None:
        return math.nan, ""
    try:
        answer = subprocess.run(
            ["nvidia-smi", "-i", "0", "--query-gpu=clocks.max.sm",
             "--format=csv,noheader,nounits"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        clock = float(answer) * 1e6
    except (OSError, subprocess.CalledProcessError, ValueError):
        return math.nan, "nvidia-smi names no clock here, so the peak is unknown"
    lanes = LANES.get(device.compute_capability, 128)
    most = device.core_count * lanes * 2 * clock
    return most, (
        f"{number(most / 1e12)} Tflop/s: {device.core_count} multiprocessors × {lanes} "
        f"lanes × 2 × {clock / 1e9:.2f} GHz, the highest clock that nvidia-smi names"
    )


@cache
def arithmetic(key: str) -> int:
    """float32 operations of a step of a run, counted in the jaxpr of the study's loop.

    What is computed twice counts once; what is not used or equal in all runs does not
    count.
    """
    runs, real = 8, np.float32
    x = np.zeros(runs, real)
    own = x, x, [real(each) for each in studies.hypers(key)]
    criteria = criteria_of(SURFACE, studies.TOLERANCE, 0.0, real)
    fn = jax.tree.map(real, SURFACE.fn)
    same = fn, criteria, np.int32(STEPS), np.int32(10), np.bool_(False)
    mesh = Mesh(np.array(jax.devices()[:1]), "runs")
    static = loop.StaticArgs(OPTIMIZERS[key], True, mesh)

    def walk(own: Any, same: Any) -> Any:
        numbers = jax.tree.map(lambda each: uniform(each).tolist(), same)
        return loop.run(static, own, numbers)

    # The loop over blocks of steps, and in it the loop over steps.
    body = jax.make_jaxpr(walk)(own, same).jaxpr
    for _ in range(2):
        while_loop = next(eqn for eqn in body.eqns if eqn.primitive.name == "while")
        body = while_loop.params["body_jaxpr"].jaxpr
    return _arithmetic(body, runs)


def _arithmetic(jaxpr: Any, runs: int) -> int:
    """Operations on floats of all runs that its results need, a run."""
    seen: dict[Any, int] = {}  # What is computed, and where it stands in `made`.
    made: list[tuple[int, list[Any]]] = []  # Its cost, and what it is made of.

    def named(jaxpr: Any, names: list[Any]) -> list[Any]:
        known = dict(zip(jaxpr.invars, names, strict=True))

        def name(atom: Any) -> Any:
            return str(atom) if isinstance(atom, Literal) else known[atom]

        for eqn in jaxpr.eqns:
            given = [name(atom) for atom in eqn.invars]
            if eqn.primitive.name == "jit":
                results = named(eqn.params["jaxpr"].jaxpr, given)
            else:
                operation = eqn.primitive.name, str(eqn.params), *given
                if operation not in seen:
                    seen[operation] = len(made)
                    made.append((_cost(eqn, runs), given))
                results = [seen[operation]]
            known.update(zip(eqn.outvars, results, strict=True))
        return [name(atom) for atom in jaxpr.outvars]

    needed: set[int] = set()
    waiting = named(jaxpr, [f"argument {k}" for k, _ in enumerate(jaxpr.invars)])
    while waiting:
        each = waiting.pop()
        if isinstance(each, int) and each not in needed:
            needed.add(each)
            waiting += made[each][1]
    return sum(made[each][0] for each in needed)


def _cost(eqn: Any, runs: int) -> int:
    out = eqn.outvars[0].aval
    if out.shape != (runs,) or not np.issubdtype(out.dtype, np.floating):
        return 0
    if eqn.primitive.name == "integer_pow":
        return abs(eqn.params["y"]) - 1
    return eqn.primitive.name not in FREE


# -- tables ----------------------------------------------------------------------------


def _rates_table(sizes: tuple[int, ...], where: str, note: str) -> Table:
    most, source = peak()
    rows = []
    for key in RULES:
        rates: dict[str, list[float]] = {name: [] for name in ways()}
        for size in sizes:
            grid = studies.starts(size)
            runs = {name: way(key, grid) for name, way in ways().items()}
            if size == sizes[0]:
                _check(key, grid, runs)
            for name, each in best_each(runs, rounds()).items():
                rates[name].append(len(grid) * STEPS / each / 1e6)
        for name, each in rates.items():
            used = max(each) * 1e6 * arithmetic(key) / most
            rows.append(
                (
                    f"{OPTIMIZERS[key].label}, {name}",
                    *(
                        f"{number(rate)} ({times(rate, base)})"
                        for rate, base in zip(each, rates["ours"], strict=True)
                    ),
                    str(arithmetic(key)),
                    f"{used:.1%}" if math.isfinite(used) else "–",
                )
            )
    return Table(
        f"Studies on {where}: million optimizer steps a second",
        ("", *(f"{size}²" for size in sizes), "flop a step", "of the peak"),
        rows,
        f"{note}Rosenbrock, {STEPS} steps, float32, no early end; from data on the "
        f"device to data on the device, the best of {rounds()}; × is against ours. "
        "Flop: arithmetic on float32 in the jaxpr of a step, a division, root "
        "or power counted as one, without comparisons, selections and integers; the "
        "same for all ways, and the share is at the best size. "
        + (f"Peak: {source}." if source else "The peak is that of a GPU."),
    )


def _check(key: str, grid: np.ndarray, runs: Mapping[str, Callable[[], Any]]) -> None:
    """Raises AssertionError where a way ends otherwise than the study."""
    expected = _study(key, grid)
    for name, run in runs.items():
        if name.startswith("PyTorch"):
            ends = tuple(np.asarray(end.cpu()) for end in run())
            check(name, key, grid, ends, expected)


def _maps_table(size: int, where: str, note: str) -> Table:
    rows, device = [], jax.devices()[:1]
    for key in RULES:
        optimizer, values = OPTIMIZERS[key], studies.hypers(key)
        draw = partial(
            basins, SURFACE, optimizer, values, size, STEPS,
            early_stop=False, devices=device,
        )  # fmt: skip
        (seconds,) = best_each({"ours": draw}, rounds()).values()
        rows.append(
            (optimizer.label, f"{number(1 / seconds)} ({times(1 / seconds, AIM)})")
        )
    return Table(
        f"Basins on {where}: maps of {size}² by {STEPS} steps a second",
        ("", "ours"),
        rows,
        f"{note}Rosenbrock, float32, no early end, the way to the device and back "
        f"included; the best of {rounds()}; × is against the aim of {AIM} a second.",
    )


def tables() -> list[Table]:
    """Rates and maps on a GPU; where there is none, the same code in small."""
    device = gpu()
    if device is None:
        note = "JAX sees no GPU here: these figures only show that the code runs. "
        return [
            _rates_table(SMALL_SIZES, "the CPU", note),
            _maps_table(SMALL_SIZES[0], "the CPU", note),
        ]
    return [
        _rates_table(SIZES, device.device_kind, ""),
        _maps_table(MAP, device.device_kind, ""),
    ]
