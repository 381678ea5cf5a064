"""The engine: many runs at once, and of each only how it ends.

Starts and hyperparameters are arrays that are broadcast together; each run is what
`descend` runs. On the way nothing is recorded but four numbers a run, from which its
outcome follows. Runs go in tiles, so memory is bounded, and a tile ends early once each
of its runs is at rest or no longer finite.

One compilation serves a rule on a surface for each power of two of runs in a tile, and
for each choice of which hyperparameters differ between runs. All else is an argument.
"""

import operator
import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, Int

from optim.base import Hypers, Optimizer
from optim.conditions import Conditions, StepInputs
from optim.outcome import FAR, NEAR, STILL_NEAR, Kind, stay_of
from optim.studies.componentwise import alike
from optim.studies.machine import Machine
from surfaces import Loss, Surface
from surfaces.compiled import Compiled

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What the numbers in `Study.kinds` stand for."""

MOST_RUNS = 2**26
MOST_STEPS = 2**24 - 1
FEWEST = 64
"""Runs of the smallest tile: fewer are filled up."""

SMALL = 2**10
"""Runs that are not worth being spread over threads."""

TILE = {"cpu": 2**13, "other": 2**22}
"""Runs of the largest tile on a device: on a CPU, what stays in a core's cache, and
what two cores share of 128 x 128 starts, so that larger maps need no compiling more."""

SLOWER = 8
"""How much smaller the tiles of slow rules are."""

_WORKERS = ThreadPoolExecutor(64, "study")
"""Threads of all studies: to start new ones for each would take longer than many do."""

SPREAD = PartitionSpec("runs")

BLOCK = 61
"""Steps between two looks at whether all has come to rest. A prime, so that a run that
jumps to and fro is not taken for one that rests."""


@dataclass(frozen=True, eq=False)
class Study:
    """How each of many runs ended; all arrays have the shape of the runs.

    The kinds are those of `Outcome`, as far as they can be told without a record:
    *diverged*, *left*, *undefined*, *stopped*, *reached*, *caught* and *stuck* by the
    rules of `optim.outcome`. What it tells apart as settled, circling, resting,
    bouncing or descending is all *descending* here: at no declared place, and not gone.

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
    apart: bool = True,
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
        apart: Whether steps are taken apart into coordinates where they can be; what
            cannot, as a search along a line, is vmapped as it stands.
        devices: What to run on; all that JAX sees unless told otherwise.
        progress: Called with the finished part of the work, from 0 to 1, after each
            tile; what it raises ends the study.

    Returns:
        How each run ended, in the shape that starts and hyperparameters broadcast to.

    Raises:
        ValueError: If the request makes no sense or is too large, in one sentence and
            before anything is allocated.
    """
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
    devices = devices or jax.devices()
    mesh = Mesh(np.array(devices), "runs")
    runs = NamedSharding(mesh, SPREAD)
    conditions = conditions or Conditions()
    # What chance or a warm-up moves may rest for long, and then move.
    stochastic = conditions.is_stochastic(surface.samples) or optimizer.tries
    stop = early_stop and not (stochastic or conditions.warmup)
    # Where a memory of old slopes fades, the last bits of a slope can grow to a jump.
    slack = float(optimizer.steady)
    given = (
        jax.tree.map(real, surface.fn),
        _frame(surface, tolerance, slack, real),
        np.int32(num_steps),
        np.int32(stay_of(num_steps)),
        np.bool_(stop),
        weather_of(surface, conditions, num_steps, real),
    )
    plan = Plan(optimizer, apart, mesh)

    def compute(tile: slice) -> Ends:
        room = _room(tile.stop - tile.start, len(devices))

        def placed(column: Any) -> Any:
            if np.ndim(column) == 0:
                return column
            part = column[tile]
            padded = np.pad(part, (0, room - len(part)), mode="edge")
            return jax.device_put(padded, runs)

        x, y, *own = map(placed, (*columns, *values))
        fn, frame, *rest = given
        ends = _study(fn, x, y, optimizer.hypers(*own), frame, *rest, plan=plan)
        *rest, taken = map(np.asarray, ends)
        real_runs = tile.stop - tile.start
        return Ends(*(each[:real_runs] for each in rest), taken=taken[:real_runs])

    parts = _each(compute, _tiles(count, devices, optimizer), devices, progress)
    x, y, *rest, taken = map(np.concatenate, zip(*parts, strict=True))
    points = np.stack([x, y], axis=-1).reshape(*shape, 2)
    ends = (each.reshape(shape) for each in rest)
    return Study(points, *ends, taken=int(taken.sum()))


def weather_of(
    surface: Surface, conditions: Conditions, num_steps: int, real: Any
) -> StepInputs | None:
    """The conditions of all steps; None if none differs from another."""
    samples = surface.samples
    if conditions.calm(samples):
        return None
    weather = conditions.weather(num_steps, room_of(num_steps), samples)
    return jax.tree.map(real, weather)


def room_of(num_steps: int) -> int:
    """Rows for so many points, rounded up: few numbers of steps compile again."""
    return max(512, 1 << num_steps.bit_length())


def row(weather: StepInputs | None, t: Any) -> StepInputs | None:
    """The conditions of one step."""
    return jax.tree.map(lambda rows: rows[t], weather)


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


def check_size(shape: Sequence[int]) -> None:
    """Refuses a study of no runs or of too many.

    Raises:
        ValueError: In one sentence.
    """
    count = int(np.prod(shape, dtype=object))
    if not 1 <= count <= MOST_RUNS:
        raise ValueError(f"a study takes 1 to {MOST_RUNS:,} runs, not {count:,}")


def _room(count: int, devices: int) -> int:
    """The runs of the tile that holds so many: few sizes, all alike on each device."""
    share = max(-(-count // devices), FEWEST)
    return devices * (1 << (share - 1).bit_length())


def _cores(devices: Sequence[Any]) -> int:
    """Tiles that run at the same time: XLA keeps a small one to a single core."""
    if len(devices) > 1 or devices[0].platform != "cpu":
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _tiles(count: int, devices: Sequence[Any], optimizer: Optimizer) -> list[slice]:
    largest = TILE.get(devices[0].platform, TILE["other"]) * len(devices)
    if optimizer.searches:
        # They search along lines: a tile must end soon enough to be given up.
        largest //= SLOWER
    share = max(-(-count // _cores(devices)), SMALL * len(devices))
    tile = min(largest, _room(share, len(devices)))
    return [slice(k, min(k + tile, count)) for k in range(0, count, tile)]


def _each(
    compute: Callable[[slice], "Ends"],
    tiles: list[slice],
    devices: Sequence[Any],
    progress: Callable[[float], None] | None,
) -> list["Ends"]:
    """Every tile's result, in order; as many at the same time as there are cores."""
    start = partial(_WORKERS.submit, compute)
    rest, parts = iter(tiles), []
    running = deque(map(start, islice(rest, _cores(devices))))
    try:
        while running:
            parts.append(running.popleft().result())
            running.extend(map(start, islice(rest, 1)))
            if progress is not None:
                progress(len(parts) / len(tiles))
    finally:
        wait([each for each in running if not each.cancel()])
    return parts


class Plan(NamedTuple):
    """What is fixed when compiling."""

    optimizer: Optimizer
    apart: bool
    mesh: Mesh


class Frame(NamedTuple):
    """What the runs are judged by.

    Attributes:
        domain: x and y, from and to, shape (4,).
        places: The minima, then the saddles, shape (places, 2).
        slack: How much a run may move and be at rest, as a part of its point; near a
            minimum, as a part of the diagonal.
        diagonal: How long the diagonal of what is shown is.
        near: The square of the distance that is near.
        still_near: The square of that from which on a run is no longer near.
        far: The square of the distance from the middle of the domain that is far off.
        target: The loss that is low enough; NaN if nothing is.
        kinds: The kind of end that each place is, after that of none, shape
            (places + 1,).
        minima: Which minimum each place is, -1 for none, after that of none, shape
            (places + 1,).
    """

    domain: Float[np.ndarray, "4"]
    places: Float[np.ndarray, "places 2"]
    slack: Float[np.ndarray, ""]
    diagonal: Float[np.ndarray, ""]
    near: Float[np.ndarray, ""]
    still_near: Float[np.ndarray, ""]
    far: Float[np.ndarray, ""]
    target: Float[np.ndarray, ""]
    kinds: Int[np.ndarray, " places_and_none"]
    minima: Int[np.ndarray, " places_and_none"]


def _frame(surface: Surface, tolerance: float, slack: float, real: Any) -> Frame:
    heights, saddles = surface.minimum_losses, len(surface.saddles)
    lowest = np.nan if surface.lowest is None else surface.lowest
    kinds = [
        "descending",
        *("reached" if lowest else "caught" for lowest in surface.is_lowest),
        *["stuck"] * saddles,
    ]
    return Frame(
        np.array(surface.domain, real),
        np.array([*surface.minima, *surface.saddles], real).reshape(-1, 2),
        real(slack * np.finfo(real).eps),
        real(surface.view_domain.diagonal),
        real((NEAR * surface.view_domain.diagonal) ** 2),
        real((STILL_NEAR * surface.view_domain.diagonal) ** 2),
        real((FAR * surface.domain.diagonal) ** 2),
        real(lowest + tolerance),
        np.array([KINDS.index(kind) for kind in kinds], np.int32),
        np.array([-1, *range(len(heights)), *[-1] * saddles], np.int32),
    )


class Marks(NamedTuple):
    """What is noted of each run on the way, each (n,).

    Attributes:
        within: The step since which the loss is low enough; -1 while it is not.
        out: 0 inside the domain, else 1 + 2 t for the step t at which it went out;
            2 + 2 t for good, if the loss was first not a number at step t.
        stay: The step at which the place it is near changed, and in the lowest bits
            1 + that place, or 0 if there is none: one number costs half of two.
    """

    within: Int[Array, " n"]
    out: Int[Array, " n"]
    stay: Int[Array, " n"]


class Ends(NamedTuple):
    """The fields of a `Study`, of one tile."""

    x: Any
    y: Any
    losses: Any
    kinds: Any
    minima: Any
    arrived: Any
    within: Any
    gone: Any
    taken: Any


@partial(Compiled, static_argnames="plan", wide=True)
def _study(fn: Loss, x: Any, y: Any, hypers: Hypers, *given: Any, plan: Plan) -> Ends:
    """Every device runs its own share, and none waits for another."""
    same = PartitionSpec()
    values = tuple(hypers)
    specs = (same, SPREAD, SPREAD, tuple(SPREAD if v.ndim else same for v in values))
    share = jax.shard_map(
        partial(_share, plan),
        mesh=plan.mesh,
        in_specs=(*specs, *[same] * len(given)),
        out_specs=SPREAD,
        check_vma=False,
    )
    return share(fn, x, y, values, *given)


def _share(
    plan: Plan,
    fn: Loss,
    x: Float[Array, " n"],
    y: Float[Array, " n"],
    values: Sequence[Any],
    frame: Frame,
    num_steps: Int[Array, ""],
    stay: Int[Array, ""],
    stop: Any,
    weather: StepInputs | None,
) -> Ends:
    """All runs of one device."""
    same = (fn, frame, num_steps, stay, stop)
    # Each small array as its numbers, which a step takes one by one.
    same = jax.tree.map(lambda each: alike(each).tolist(), same)
    return _walk(plan, (x, y, values), same, weather)


def _walk(plan: Plan, own: Any, same: Any, weather: StepInputs | None = None) -> Ends:
    """All steps of runs, and how each ends.

    Args:
        plan: What is fixed when compiling.
        own: x and y, each (n,), and the hyperparameters, each () or (n,).
        same: The loss, the frame with its arrays as lists of numbers, how many steps,
            how many of them make a stay, and whether an early end is allowed.
        weather: The conditions of all steps.
    """
    x, y, values = own
    fn, frame, num_steps, stay, stop = same
    machine = Machine(plan.optimizer, fn, x.dtype, plan.apart, weather)
    height = machine.height
    bits = len(frame.places).bit_length()
    mask = (1 << bits) - 1

    def far_off(x, y):
        """The square of the distance from the middle of the domain."""
        x_low, x_high, y_low, y_high = frame.domain
        return (x - (x_low + x_high) / 2) ** 2 + (y - (y_low + y_high) / 2) ** 2

    def lasts(since):
        """Whether what is so since a step is so for long enough to be a stay."""
        return (num_steps - since >= stay) | (since == 0)

    def observe(t, x, y, marks):
        loss = height(x, y)
        x_low, x_high, y_low, y_high = frame.domain
        within = (x_low <= x) & (x <= x_high) & (y_low <= y) & (y <= y_high)
        inside = within & jnp.isfinite(loss)
        undefined = jnp.isnan(loss) & (far_off(x, y) <= frame.far)
        out = jnp.where(marks.out == 0, 2 * t + 1, marks.out)
        out = jnp.where(undefined, 2 * t + 2, jnp.where(inside, 0, out))
        known = (marks.out > 0) & (marks.out & 1 == 0)
        before = marks.stay & mask
        place, stays = jnp.zeros_like(before), jnp.zeros_like(before)
        for k, (at_x, at_y) in enumerate(frame.places):
            across = (x - at_x) ** 2 + (y - at_y) ** 2
            place = jnp.where(across <= frame.near, k + 1, place)
            still = (before == k + 1) & (across <= frame.still_near)
            stays = jnp.where(still, k + 1, stays)
        place = jnp.where(stays > 0, stays, place)
        low = loss <= frame.target
        return Marks(
            within=jnp.where(low, jnp.where(marks.within < 0, t, marks.within), -1),
            out=jnp.where(known, marks.out, out),
            stay=jnp.where(place == before, marks.stay, (t << bits) + place),
        )

    def advance(t, carry):
        marks, parts = carry
        marks = observe(t, parts[0], parts[1], marks)
        return marks, machine.advance(parts, values, row(weather, t))

    # What a run does at last is judged by its last fifth.
    fifth = num_steps - jnp.maximum(1, num_steps // 5)

    def goes_on(carry):
        t, ended, *_ = carry
        return (t < num_steps) & ~ended

    def block(carry):
        t, _, marks, parts, off = carry
        end = jnp.minimum(t + BLOCK, jnp.where(t < fifth, fifth, num_steps))
        before = parts[:2]
        marks, parts = lax.fori_loop(t, end, advance, (marks, parts))
        pairs = list(zip(parts[:2], before, strict=True))
        still = [abs(a - b) <= 2 * frame.slack * abs(b) for a, b in pairs]
        slow = [abs(a - b) <= frame.slack * frame.diagonal for a, b in pairs]
        minimum = _chosen(frame.minima, marks.stay & mask)
        rests = (still[0] & still[1]) | ((minimum >= 0) & slow[0] & slow[1])
        lost = ~(jnp.isfinite(parts[0]) & jnp.isfinite(parts[1]))
        done = (rests | lost).all()
        off = jnp.where(end == fifth, far_off(parts[0], parts[1]), off)
        return end, stop & done, marks, parts, off

    none = jnp.full(x.shape, -1, jnp.int32)
    marks = Marks(none, none + 1, none + 1)
    parts = machine.first(x, y, values, row(weather, 0))
    carry = jnp.int32(0), jnp.bool_(False), marks, parts, far_off(x, y)
    taken, _, marks, parts, off = lax.while_loop(goes_on, block, carry)
    marks = observe(num_steps, parts[0], parts[1], marks)

    last = parts[:2]
    loss = height(parts[0], parts[1])
    inside = marks.out == 0
    finite = jnp.isfinite(last[0]) & jnp.isfinite(last[1]) & jnp.isfinite(loss)
    now = far_off(last[0], last[1])
    # All have come to rest where fewer steps were taken than there are.
    goes_off = (now > off) & (taken == num_steps)
    grows = (now > frame.far) & (loss > height(x, y)) & goes_off
    halted = machine.halted(parts)
    place, since = marks.stay & mask, marks.stay >> bits
    stays = inside & ~halted & lasts(since)
    there = jnp.where(stays, place, 0)
    kind = jnp.where(halted, KINDS.index("stopped"), _chosen(frame.kinds, there))
    away = jnp.where(~finite | grows, KINDS.index("diverged"), KINDS.index("left"))
    away = jnp.where(marks.out & 1 == 0, KINDS.index("undefined"), away)
    return Ends(
        x=last[0],
        y=last[1],
        losses=loss,
        kinds=jnp.where(inside, kind, away).astype(jnp.int8),
        minima=_chosen(frame.minima, there),
        arrived=jnp.where(there > 0, since, -1),
        within=jnp.where(lasts(marks.within), marks.within, -1),
        gone=jnp.where(inside, -1, (marks.out - 1) >> 1),
        taken=jnp.full(x.shape, taken),
    )


def _chosen(entries: Sequence[Any], index: Int[Array, " n"]) -> Int[Array, " n"]:
    """The entry that each run asks for."""
    first, *rest = entries
    chosen = jnp.full_like(index, first)
    for k, entry in enumerate(rest, 1):
        chosen = jnp.where(index == k, entry, chosen)
    return chosen
