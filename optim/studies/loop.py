"""The loop of a study: many runs at once, of which only four numbers are noted.

One compilation serves a rule on a surface for each power of two of runs in a tile, and
for each choice of which hyperparameters differ between runs. All else is an argument.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Float, Int

from optim.base import Hypers, Optimizer
from optim.conditions import StepInputs
from optim.studies.componentwise import uniform
from optim.studies.criteria import KINDS, Criteria
from optim.studies.inputs import row
from optim.studies.vectorized import VectorizedRule
from surfaces import Loss
from surfaces.compiled import Compiled

BY_RUN = PartitionSpec("runs")

BLOCK = 61
"""Steps between convergence checks. A prime, so that an oscillation of a short period
is not mistaken for rest."""


class StaticArgs(NamedTuple):
    """What is fixed when compiling."""

    optimizer: Optimizer
    scalarize: bool
    mesh: Mesh


class Progress(NamedTuple):
    """What is noted of each run on the way, each (n,).

    Attributes:
        within: The step since which the loss is low enough; -1 while it is not.
        out: 0 inside the domain, else 1 + 2 t for the step t at which it went out;
            2 + 2 t for good, if the loss was first not a number at step t.
        stay: The step at which the critical point it is near changed, and in the lowest
            bits 1 + the index of that point, or 0 if there is none: one number costs
            half of two.
    """

    within: Int[Array, " n"]
    out: Int[Array, " n"]
    stay: Int[Array, " n"]


class TileResult(NamedTuple):
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


@partial(Compiled, static_argnames="static", wide=True)
def run_tile(
    fn: Loss, x: Any, y: Any, hypers: Hypers, *given: Any, static: StaticArgs
) -> TileResult:
    """Every device runs its own share, and none waits for another."""
    same = PartitionSpec()
    values = tuple(hypers)
    specs = (same, BY_RUN, BY_RUN, tuple(BY_RUN if v.ndim else same for v in values))
    share = jax.shard_map(
        partial(_share, static),
        mesh=static.mesh,
        in_specs=(*specs, *[same] * len(given)),
        out_specs=BY_RUN,
        check_vma=False,
    )
    return share(fn, x, y, values, *given)


def _share(
    static: StaticArgs,
    fn: Loss,
    x: Float[Array, " n"],
    y: Float[Array, " n"],
    values: Sequence[Any],
    criteria: Criteria,
    num_steps: Int[Array, ""],
    stay: Int[Array, ""],
    stop: Any,
    inputs: StepInputs | None,
) -> TileResult:
    """All runs of one device."""
    # Each small array as its numbers, which a step takes one by one.
    numbers = jax.tree.map(lambda each: uniform(each).tolist(), criteria)
    same = (fn, numbers, num_steps, stay, stop)
    return run(static, (x, y, values), same, inputs)


def run(
    static: StaticArgs, own: Any, same: Any, inputs: StepInputs | None = None
) -> TileResult:
    """All steps of runs, and how each ends.

    Args:
        static: What is fixed when compiling.
        own: x and y, each (n,), and the hyperparameters, each () or (n,).
        same: The loss, the criteria with their arrays as lists of numbers, how many
            steps, how many of them make a stay, and whether an early end is allowed.
        inputs: The inputs of all steps.
    """
    x, y, values = own
    fn, criteria, num_steps, stay, stop = same
    rule = VectorizedRule(static.optimizer, fn, x.dtype, static.scalarize, inputs)
    bits = len(criteria.critical_points).bit_length()
    mask = (1 << bits) - 1

    def far_off(x, y):
        """The square of the distance from the middle of the domain."""
        x_low, x_high, y_low, y_high = criteria.domain
        return (x - (x_low + x_high) / 2) ** 2 + (y - (y_low + y_high) / 2) ** 2

    def lasts(since):
        """Whether what is so since a step is so for long enough to be a stay."""
        return (num_steps - since >= stay) | (since == 0)

    def observe(t, x, y, progress):
        loss = rule.loss(x, y)
        x_low, x_high, y_low, y_high = criteria.domain
        within = (x_low <= x) & (x <= x_high) & (y_low <= y) & (y <= y_high)
        inside = within & jnp.isfinite(loss)
        undefined = jnp.isnan(loss) & (far_off(x, y) <= criteria.far_squared)
        out = jnp.where(progress.out == 0, 2 * t + 1, progress.out)
        out = jnp.where(undefined, 2 * t + 2, jnp.where(inside, 0, out))
        known = (progress.out > 0) & (progress.out & 1 == 0)
        before = progress.stay & mask
        at, stays = jnp.zeros_like(before), jnp.zeros_like(before)
        for k, (at_x, *at_y) in enumerate(criteria.critical_points):
            across = (x - at_x) ** 2
            if at_y:
                across += (y - at_y[0]) ** 2
            at = jnp.where(across <= criteria.near_squared, k + 1, at)
            still = (before == k + 1) & (across <= criteria.still_near_squared)
            stays = jnp.where(still, k + 1, stays)
        at = jnp.where(stays > 0, stays, at)
        low = loss <= criteria.target
        since = jnp.where(progress.within < 0, t, progress.within)
        return Progress(
            within=jnp.where(low, since, -1),
            out=jnp.where(known, progress.out, out),
            stay=jnp.where(at == before, progress.stay, (t << bits) + at),
        )

    def advance(t, carry):
        progress, parts = carry
        progress = observe(t, parts[0], parts[1], progress)
        return progress, rule.advance(parts, values, row(inputs, t))

    # What a run does in the end is judged by its last fifth.
    fifth = num_steps - jnp.maximum(1, num_steps // 5)

    def goes_on(carry):
        t, ended, *_ = carry
        return (t < num_steps) & ~ended

    def block(carry):
        t, _, progress, parts, off = carry
        end = jnp.minimum(t + BLOCK, jnp.where(t < fifth, fifth, num_steps))
        before = parts[:2]
        progress, parts = lax.fori_loop(t, end, advance, (progress, parts))
        pairs = list(zip(parts[:2], before, strict=True))
        tolerance = criteria.rest_tolerance
        still = [abs(a - b) <= 2 * tolerance * abs(b) for a, b in pairs]
        slow = [abs(a - b) <= tolerance * criteria.diagonal for a, b in pairs]
        minimum = _chosen(criteria.minima, progress.stay & mask)
        rests = (still[0] & still[1]) | ((minimum >= 0) & slow[0] & slow[1])
        lost = ~(jnp.isfinite(parts[0]) & jnp.isfinite(parts[1]))
        done = (rests | lost).all()
        off = jnp.where(end == fifth, far_off(parts[0], parts[1]), off)
        return end, stop & done, progress, parts, off

    none = jnp.full(x.shape, -1, jnp.int32)
    progress = Progress(none, none + 1, none + 1)
    parts = rule.first(x, y, values, row(inputs, 0))
    carry = jnp.int32(0), jnp.bool_(False), progress, parts, far_off(x, y)
    taken, _, progress, parts, off = lax.while_loop(goes_on, block, carry)
    progress = observe(num_steps, parts[0], parts[1], progress)

    last = parts[:2]
    loss = rule.loss(parts[0], parts[1])
    inside = progress.out == 0
    finite = jnp.isfinite(last[0]) & jnp.isfinite(last[1]) & jnp.isfinite(loss)
    now = far_off(last[0], last[1])
    # Where fewer steps were taken than there are, all runs are at rest.
    goes_off = (now > off) & (taken == num_steps)
    grows = (now > criteria.far_squared) & (loss > rule.loss(x, y)) & goes_off
    halted = rule.halted(parts)
    at, since = progress.stay & mask, progress.stay >> bits
    stays = inside & ~halted & lasts(since)
    at = jnp.where(stays, at, 0)
    kind = jnp.where(halted, KINDS.index("stopped"), _chosen(criteria.kinds, at))
    away = jnp.where(~finite | grows, KINDS.index("diverged"), KINDS.index("left"))
    away = jnp.where(progress.out & 1 == 0, KINDS.index("undefined"), away)
    return TileResult(
        x=last[0],
        y=last[1],
        losses=loss,
        kinds=jnp.where(inside, kind, away).astype(jnp.int8),
        minima=_chosen(criteria.minima, at),
        arrived=jnp.where(at > 0, since, -1),
        within=jnp.where(lasts(progress.within), progress.within, -1),
        gone=jnp.where(inside, -1, (progress.out - 1) >> 1),
        taken=jnp.full(x.shape, taken),
    )


def _chosen(entries: Sequence[Any], index: Int[Array, " n"]) -> Int[Array, " n"]:
    """The entry that each run asks for."""
    first, *rest = entries
    chosen = jnp.full_like(index, first)
    for k, entry in enumerate(rest, 1):
        chosen = jnp.where(index == k, entry, chosen)
    return chosen
