"""Many runs with every step of each: for fans, swarms and many seeds.

Where a study keeps only how its runs end, here is all that `descend` would record of
their points and losses, in float64, and equal to it to rounding: many runs at once
compile to other machine code than one, and a chaotic path amplifies the last bit.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int

from optim.base import Hypers, Optimizer, check_rule
from optim.conditions import Conditions, StepInputs
from optim.studies.engine import check_surface, shape_of
from optim.studies.group import Arrays, divided
from optim.studies.inputs import padded_length, row, step_inputs_of
from optim.studies.vectorized import VectorizedRule
from surfaces import Loss, Surface
from surfaces.compiled import Compiled

MOST_POINTS = 2**22
"""Points of all runs together that are recorded, at most."""

TILE_NUMBERS = 2**22
"""Numbers that the record and the step inputs of a tile hold, at most."""

FEWEST = 16
"""Runs that a tile is padded to."""


@dataclass(frozen=True, eq=False)
class Trails:
    """All iterates of many runs, each start included.

    Attributes:
        points: Every iterate, shape (..., steps + 1, 2), float64.
        losses: The loss at each, without noise and over all samples, shape
            (..., steps + 1).
    """

    points: Float[np.ndarray, "*runs n 2"]
    losses: Float[np.ndarray, "*runs n"]

    def quantiles(self, *parts: float) -> Float[np.ndarray, "parts n"]:
        """Quantiles of the losses at each step, over all runs.

        NaN counts as infinitely high: a run that diverged is not left out, which would
        flatter the rest.

        Args:
            *parts: Which quantiles, each from 0 to 1.
        """
        flat = self.losses.reshape(-1, self.losses.shape[-1])
        flat = np.where(np.isnan(flat), np.inf, flat)
        # By rank: between an infinite loss and another there is no number.
        return np.quantile(flat, parts, axis=0, method="inverted_cdf")


def trails(
    surface: Surface,
    optimizer: Optimizer,
    starts: Any,
    hypers: Hypers,
    num_steps: int,
    *,
    conditions: Conditions | None = None,
    seeds: Any = None,
    progress: Callable[[float], None] | None = None,
    device: Any = None,
) -> Trails:
    """Runs a rule many times and records every step.

    Args:
        surface: What is descended.
        optimizer: The rule.
        starts: First iterates, shape (..., 2).
        hypers: Values of `optimizer.hypers`, each a number or an array of runs.
        num_steps: How often the rule is applied, at least 0.
        conditions: Schedule, gradient noise and minibatches.
        seeds: The seed of each run's noise and minibatches; that of the conditions for
            all by default.
        progress: Called with the finished part of the work after each tile; what it
            raises ends the work.
        device: The `jax.Device` to run on; the CPU by default, as for
            `descend`.

    Returns:
        The trails, in the shape that starts, hyperparameters and seeds broadcast to.

    Raises:
        ValueError: If the request makes no sense or is too large, in one sentence and
            before anything is allocated.
        TypeError: If the surface is none, as a function, or the optimizer is none.
    """
    check_surface(surface)
    check_rule(optimizer)
    conditions = (conditions or Conditions()).on(surface)
    starts = np.asarray(starts, float)
    num_steps = operator.index(num_steps)
    # Shared step inputs are stored once.
    differ = seeds is not None and conditions.is_stochastic(surface.samples)
    shape = shape_of(starts, hypers, seeds)
    if num_steps < 0:
        raise ValueError(f"the number of steps must be at least 0, not {num_steps}")
    count = int(np.prod(shape, dtype=object))
    size = count * (num_steps + 1)
    if not 1 <= size <= MOST_POINTS:
        raise ValueError(
            f"trails of {count:,} runs by {num_steps:,} steps are not kept: they have "
            f"1 to {MOST_POINTS:,} points, not {size:,}"
        )
    if not all(np.isfinite(leaf).all() for leaf in (starts, *hypers)):
        raise ValueError("starts and hyperparameters must be finite numbers")
    seeds = np.asarray(0 if seeds is None else seeds)
    whole = np.issubdtype(seeds.dtype, np.integer)
    if not whole or seeds.min() < 0 or seeds.max() >= 2**32:
        raise ValueError(f"seeds must be whole numbers from 0 to {2**32 - 1:,}")

    columns = [
        np.broadcast_to(column, shape).reshape(-1)
        for column in (*np.moveaxis(starts, -1, 0), *hypers, seeds)
    ]
    static = StaticArgs(optimizer, padded_length(num_steps))
    numbers = 3 + (2 + (surface.samples or 0) if differ else 0)
    tile = _tile(count, TILE_NUMBERS // (static.capacity * numbers))

    def compute(part: slice) -> tuple[np.ndarray]:
        runs = part.stop - part.start
        padding = (0, tile - runs)
        x, y, *own, seed = (np.pad(each[part], padding, "edge") for each in columns)
        inputs = _step_inputs(surface, conditions, seed if differ else None, num_steps)
        own = [np.float64(each) for each in own]
        with jax.default_device(device or jax.local_devices(backend="cpu")[0]):
            rows = _trails(
                surface.fn, x, y, own, np.int32(num_steps), inputs, static=static
            )
        kept = np.asarray(rows)[: num_steps + 1, :, :runs]
        return (np.ascontiguousarray(np.moveaxis(kept, (1, 2), (1, 0))),)

    def compute_each(tiles: list[slice]) -> list[Arrays]:
        parts, done = [], 0
        total = sum(part.stop - part.start for part in tiles)
        for part in tiles:
            parts.append(compute(part))
            done += part.stop - part.start
            if progress is not None:
                progress(done / total)
        return parts

    tiles = [slice(k, min(k + tile, count)) for k in range(0, count, tile)]
    record = np.concatenate([found for (found,) in divided(tiles, compute_each)])
    points, losses = record[:, :2], record[:, 2]
    return Trails(
        np.moveaxis(points, 1, 2).reshape(*shape, -1, 2), losses.reshape(*shape, -1)
    )


class StaticArgs(NamedTuple):
    """What is fixed when compiling."""

    optimizer: Optimizer
    capacity: int


def _tile(count: int, most: int) -> int:
    """The runs of a tile, a power of two: for so many, and at most so many."""
    largest = 1 << max(most.bit_length() - 1, 0)
    return min(max(FEWEST, 1 << (count - 1).bit_length()), largest)


def _step_inputs(
    surface: Surface, conditions: Conditions, seeds: Any, num_steps: int
) -> StepInputs | None:
    """The inputs of all steps, with an axis of runs where each has its seed."""
    if seeds is None:
        return step_inputs_of(surface, conditions, num_steps, np.float64)
    samples, capacity = surface.samples, padded_length(num_steps)
    each = [
        replace(conditions, seed=int(seed)).step_inputs(num_steps, capacity, samples)
        for seed in seeds
    ]
    noise = np.stack([one.noise for one in each], axis=1)
    weights = [one.weights for one in each if one.weights is not None]
    return each[0]._replace(
        noise=noise, weights=np.stack(weights, axis=1) if weights else None
    )


@partial(Compiled, static_argnames="static", wide=True)
def _trails(
    fn: Loss,
    x: Float[Array, " n"],
    y: Float[Array, " n"],
    values: Sequence[Any],
    num_steps: Int[Array, ""],
    inputs: StepInputs | None,
    *,
    static: StaticArgs,
) -> Float[Array, "capacity 3 n"]:
    rule = VectorizedRule(static.optimizer, fn, x.dtype, inputs=inputs)

    def advance(t, carry):
        parts, rows = carry
        here = [parts[0], parts[1], rule.loss(parts[0], parts[1])]
        rows = rows.at[t].set(jnp.stack(here))
        return rule.advance(parts, values, row(inputs, t)), rows

    parts = rule.first(x, y, values, row(inputs, 0))
    rows = jnp.zeros((static.capacity, 3, len(x)), x.dtype)
    return lax.fori_loop(0, num_steps + 1, advance, (parts, rows))[1]
