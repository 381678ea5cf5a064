"""Studies: the request, its checks, and its result.

Starts and hyperparameters are arrays that are broadcast together; each run is what
`descend` runs. On the way nothing is recorded but four numbers a run, from which its
outcome follows. Runs go in tiles, so memory is bounded, and a tile ends early once each
of its runs is at rest or no longer finite.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jaxtyping import Float, Int

from optim.base import Hypers, Optimizer, check_rule
from optim.conditions import Conditions
from optim.outcome import Kind, stay_of
from optim.studies.criteria import KINDS, criteria_of
from optim.studies.group import divided
from optim.studies.inputs import step_inputs_of
from optim.studies.loop import BY_RUN, StaticArgs, TileResult, run_tile
from optim.studies.tiles import compute_tiles, padded_runs, tiles_of
from surfaces import Surface

MOST_RUNS = 2**26
MOST_STEPS = 2**24 - 1


@dataclass(frozen=True, eq=False)
class Study:
    """How each of many runs ended; all arrays have the shape of the runs.

    The kinds are those of `Outcome`, as far as they follow without a record:
    *diverged*, *left*, *undefined*, *stopped*, *reached*, *trapped* and *stuck* by the
    rules of `optim.outcome`. What it distinguishes as settled, oscillating,
    stalled, without progress or descending is all *descending* here: inside the domain,
    and at no declared critical point.

    Attributes:
        points: Where each run ended, shape (..., 2).
        losses: The loss there.
        kinds: Which of `KINDS` its end is, as an index.
        minima: Which of the surface's minima it came to; -1 if none.
        arrived: The first step of its stay at a minimum or saddle; -1 if it is at none.
        within: The step since which its loss stays within the tolerance of the lowest
            known minimum, for 2% of the steps at least; -1 if it does not.
        gone: The first step at which it was outside the domain, never to come back,
            or not finite; -1 if it is inside.
        taken: Steps that were computed, of all runs together.
    """

    points: Float[np.ndarray, "*runs 2"]
    losses: Float[np.ndarray, "*runs"]
    kinds: Int[np.ndarray, "*runs"]
    minima: Int[np.ndarray, "*runs"]
    arrived: Int[np.ndarray, "*runs"]
    within: Int[np.ndarray, "*runs"]
    gone: Int[np.ndarray, "*runs"]
    taken: int

    def ended(self, *kinds: Kind) -> np.ndarray:
        """Whether each run ended in one of these ways."""
        return np.isin(self.kinds, [KINDS.index(kind) for kind in kinds])


def study(
    surface: Surface,
    optimizer: Optimizer,
    starts: Any,
    hypers: Hypers,
    num_steps: int,
    *,
    conditions: Conditions | None = None,
    dtype: Any = np.float32,
    tolerance: float = 1e-3,
    early_stop: bool = True,
    scalarize: bool = True,
    devices: Sequence[Any] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Study:
    """Runs a rule from many starts, with many hyperparameters, or both.

    Args:
        surface: What is descended.
        optimizer: The rule.
        starts: First iterates, shape (..., 2).
        hypers: Values of `optimizer.hypers`, each a number or an array of runs.
        num_steps: How often the rule is applied, at least 0.
        conditions: Schedule, gradient noise and minibatches, the same for all runs.
        dtype: float32, or float64 to get `descend`'s numbers.
        tolerance: How far above the lowest known minimum is near enough.
        early_stop: Whether a tile may end before its last step.
        scalarize: Whether to compute with scalars where that is possible; a rule for
            which it is not, as one that searches along a line, is vmapped unchanged.
        devices: What to run on; all of this process's by default.
        progress: Called with the finished part of the work, from 0 to 1, after each
            tile; what it raises ends the study.

    Returns:
        How each run ended, in the shape that starts and hyperparameters broadcast to.

    Raises:
        ValueError: If the request makes no sense or is too large, in one sentence and
            before anything is allocated.
        TypeError: If the surface is none, as a function, or the optimizer is none.
    """
    check_surface(surface)
    check_rule(optimizer)
    starts = np.asarray(starts)
    shape = shape_of(starts, hypers)
    check_size(shape)
    num_steps = operator.index(num_steps)
    if not 0 <= num_steps <= MOST_STEPS:
        raise ValueError(f"the steps must be 0 to {MOST_STEPS:,}, not {num_steps:,}")
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"studies run in float32 or float64, not {dtype}")
    if not tolerance >= 0:
        raise ValueError(f"the tolerance must be at least 0, not {tolerance}")
    if not all(np.isfinite(leaf).all() for leaf in (starts, *hypers)):
        raise ValueError("starts and hyperparameters must be finite numbers")

    real = np.dtype(dtype).type
    count = int(np.prod(shape))
    columns = [
        np.broadcast_to(starts[..., axis], shape).reshape(-1).astype(real)
        for axis in (0, 1)
    ]
    values = [
        np.broadcast_to(leaf, shape).reshape(-1).astype(real)
        if np.size(leaf) > 1
        else real(np.reshape(leaf, ()))
        for leaf in hypers
    ]
    devices = devices or jax.local_devices()
    mesh = Mesh(np.array(devices), "runs")
    runs = NamedSharding(mesh, BY_RUN)
    conditions = (conditions or Conditions()).on(surface)
    # Stochastic or warming-up runs may pause and move again: no early stop.
    changes = conditions.warmup or conditions.in_turn
    stochastic = conditions.is_stochastic(surface.samples) or optimizer.stochastic
    stop = early_stop and not (stochastic or changes)
    rest_tolerance = float(optimizer.rests_within_rounding)
    given = (
        jax.tree.map(real, surface.fn),
        criteria_of(surface, tolerance, rest_tolerance, real),
        np.int32(num_steps),
        np.int32(stay_of(num_steps)),
        np.bool_(stop),
        step_inputs_of(surface, conditions, num_steps, real),
    )
    static = StaticArgs(optimizer, scalarize, mesh)

    def compute(tile: slice) -> TileResult:
        capacity = padded_runs(tile.stop - tile.start, len(devices))

        def placed(column: Any) -> Any:
            if np.ndim(column) == 0:
                return column
            part = column[tile]
            padded = np.pad(part, (0, capacity - len(part)), mode="edge")
            return jax.device_put(padded, runs)

        x, y, *own = map(placed, (*columns, *values))
        fn, criteria, *rest = given
        found = run_tile(
            fn, x, y, optimizer.hypers(*own), criteria, *rest, static=static
        )
        *rest, taken = map(np.asarray, found)
        real_runs = tile.stop - tile.start
        return TileResult(*(each[:real_runs] for each in rest), taken=taken[:real_runs])

    tiles = tiles_of(count, devices, optimizer)
    parts = divided(tiles, lambda some: compute_tiles(compute, some, devices, progress))
    x, y, *rest, taken = map(np.concatenate, zip(*parts, strict=True))
    points = np.stack([x, y], axis=-1).reshape(*shape, 2)
    rest = (each.reshape(shape) for each in rest)
    return Study(points, *rest, taken=int(taken.sum()))


def shape_of(starts: np.ndarray, hypers: Hypers, seeds: Any = None) -> tuple[int, ...]:
    """The shape that the runs broadcast to.

    Raises:
        ValueError: In one sentence.
    """
    if not starts.ndim or starts.shape[-1] != 2:
        raise ValueError(f"starts must have the shape (..., 2), not {starts.shape}")
    shapes = [starts.shape[:-1], *map(np.shape, hypers)]
    names = "starts and hyperparameters"
    if seeds is not None:
        shapes.append(np.shape(seeds))
        names = "starts, hyperparameters and seeds"
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(
            f"{names} must broadcast together, and the shapes "
            f"{', '.join(map(str, dict.fromkeys(shapes)))} do not"
        ) from None


def check_surface(surface: Any) -> None:
    """Refuses what is no surface, as a function is not.

    Raises:
        TypeError: In one sentence that says what to pass.
    """
    if not isinstance(surface, Surface):
        raise TypeError(
            "studies need a Surface, which says where its domain and its minima are, "
            f"not {surface!r}; `typed_surface` makes one of a formula"
        )


def check_size(shape: Sequence[int]) -> None:
    """Refuses a study of no runs or of too many.

    Raises:
        ValueError: In one sentence.
    """
    count = int(np.prod(shape, dtype=object))
    if not 1 <= count <= MOST_RUNS:
        raise ValueError(f"a study takes 1 to {MOST_RUNS:,} runs, not {count:,}")
