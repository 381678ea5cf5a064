"""The conditions under which rules run: schedule, gradient noise, minibatches.

They are the same for all rules of a race. What is random is drawn from one seed
before the run, a row a step, so a path depends neither on how many steps follow nor
on which other rules run. The draws are NumPy's RandomState, whose numbers are frozen
for good, so a seed gives the same path on every machine.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from optim.schedules import SCHEDULES, Factors, Schedule, factors
from surfaces import Loss, NoParams, Param, Point, Scalar, Surface, l2_of
from surfaces.base import MOST_SAMPLES

BOX = 4
"""Numbers of a box; a disc has three."""


class StepInputs(NamedTuple):
    """What differs from step to step, one row a step.

    Attributes:
        factor: What the learning rate is multiplied by, shape (n,).
        noise: What is added to the gradient, shape (n, 2).
        weights: Of each sample in the step's loss, shape (n, samples); None where all
            steps have the same loss.
        region: Onto what the point is projected after the step, as `Conditions` has it,
            shape (n, 4) or (n, 3); None if it is not.
    """

    factor: Float[np.ndarray, " n"]
    noise: Float[np.ndarray, "n 2"]
    weights: Float[np.ndarray, "n samples"] | None = None
    region: Float[np.ndarray, "n numbers"] | None = None


class NoiseAndWarmup(NamedTuple):
    """Gradient noise, its seed, and the warm-up, declared as parameters."""

    warmup: Annotated[
        Scalar,
        Param("W", "Warm-up", 0, 1000, "root", "Steps in which the learning rate "
              "rises evenly from zero, before the schedule begins.", whole=True),
    ] = 0  # fmt: skip
    noise: Annotated[
        Scalar,
        Param(r"\sigma", "Gradient noise", 0.0, 100.0, "root", "Standard deviation of "
              "the Gaussian noise on each coordinate of the gradient."),
    ] = 0.0  # fmt: skip
    seed: Annotated[
        Scalar,
        Param("s", "Seed", 0, 9999, "linear", "Which noise and which order of the "
              "samples: the same seed gives the same path.", whole=True),
    ] = 0  # fmt: skip


@dataclass(frozen=True)
class Conditions:
    """What a race is run with.

    Attributes:
        schedule: Of the learning rate.
        schedule_hypers: Values of `schedule.hypers`.
        warmup: Steps of linear warm-up before it.
        noise: Standard deviation of the gradient noise.
        batch: Samples in a minibatch, on surfaces made of data; None for all.
        seed: Of noise and minibatches.
        in_turn: Whether each step takes the next sample, one at a time: where the loss
            changes with the step, its samples are the steps of a period.
        region: Onto what each iterate is projected, which is the nearest point of it:
            a box as (x_low, y_low, x_high, y_high), or a disc as (x, y, radius); None
            if none is.
    """

    schedule: Schedule = SCHEDULES["constant"]
    schedule_hypers: Any = field(default_factory=NoParams)
    warmup: int = 0
    noise: float = 0.0
    batch: int | None = None
    seed: int = 0
    in_turn: bool = False
    region: tuple[float, ...] | None = None

    def on(self, surface: Surface) -> "Conditions":
        """The conditions on a surface, whose loss may change with the step.

        Raises:
            ValueError: If minibatches are asked for and none are taken of its data.
        """
        self._check(surface)
        return replace(self, in_turn=True) if surface.period else self

    def is_stochastic(self, samples: int | None) -> bool:
        """Whether another seed gives another path, on a surface of so many samples."""
        sampled = samples is not None and self.batch not in (None, samples)
        return bool(self.noise) or (sampled and not self.in_turn)

    def is_stationary(self, samples: int | None) -> bool:
        """Whether every step has the same inputs."""
        plain = self.schedule.key == "constant" and not self.warmup
        equal = plain and not self.in_turn and self.region is None
        return equal and not self.is_stochastic(samples)

    def _check(self, surface: Surface) -> None:
        data = surface.data
        if data and surface.samples is None and self.batch not in (None, data.size):
            raise ValueError(
                f"minibatches are taken of at most {MOST_SAMPLES} samples, and the "
                f"surface has {data.size:,}"
            )

    def holds(self, point: Float[np.ndarray, "2"]) -> bool:
        """Whether a point lies on the border of what iterates are projected onto."""
        if self.region is None:
            return False
        if len(self.region) == BOX:
            return bool((np.tile(point, 2) == self.region).any())
        x, y, radius = self.region
        return abs(math.hypot(point[0] - x, point[1] - y) - radius) <= 1e-12 * radius

    def factors(self, num_steps: int) -> Factors:
        """What the learning rate is multiplied by at each step, shape (num_steps,)."""
        return factors(self.schedule, self.schedule_hypers, num_steps, self.warmup)

    def step_inputs(
        self, num_steps: int, capacity: int, samples: int | None
    ) -> StepInputs:
        """All rows of a run, and rows without any effect up to `capacity`."""
        factor = np.ones(capacity)
        factor[:num_steps] = self.factors(num_steps)
        noise = np.zeros((capacity, 2))
        if self.noise:
            noise[:num_steps] = self.noise * _normals(self.seed, num_steps)
        weights = None
        if samples is not None and self.in_turn:
            weights = _in_turn(samples, num_steps, capacity)
        elif samples is not None:
            batch = samples if self.batch is None else self.batch
            weights = _weights(samples, batch, self.seed, num_steps, capacity)
        region = None
        if self.region is not None:
            region = np.tile(np.array(self.region, float), (capacity, 1))
        return StepInputs(factor, noise, weights, region)


@dataclass(frozen=True, eq=False)
class GivenLoss:
    """The loss as a rule is given it, with the strength of its penalty.

    Attributes:
        fn: The loss.
        l2: Lambda of the penalty that is part of it, shape ().
    """

    fn: Callable[..., Any]
    l2: Any

    def __call__(self, point: Point, **sampled: Any) -> Any:
        """The loss at a point."""
        return self.fn(point, **sampled)


def apply_step_inputs(
    inputs_t: StepInputs, loss: Loss, hypers: Any
) -> tuple[Loss, Any]:
    """The loss and the hyperparameters that a rule is given at a step."""
    sampled = {} if inputs_t.weights is None else {"weights": inputs_t.weights}
    if "lr" in hypers._fields:
        hypers = hypers._replace(lr=hypers.lr * inputs_t.factor)

    def tilted(point: Point) -> Any:
        return loss(point, **sampled) + (inputs_t.noise * point).sum()

    return GivenLoss(tilted, l2_of(loss)), hypers


def projected(point: Point, region: Float[Array, " numbers"] | None) -> Point:
    """The nearest point of a region; inside of it, the very same point."""
    if region is None:
        return point
    if len(region) == BOX:
        return jnp.minimum(jnp.maximum(point, region[:2]), region[2:])
    away, radius = point - region[:2], region[2]
    length = jnp.sqrt((away * away).sum())
    nearest = region[:2] + away * (radius / jnp.maximum(length, radius))
    return jnp.where(length > radius, nearest, point)


@lru_cache(maxsize=8)
def _normals(seed: int, num_steps: int) -> Float[np.ndarray, "n 2"]:
    # Row by row from one stream: more steps only add rows.
    return _kept(np.random.RandomState([seed, 1]).standard_normal((num_steps, 2)))


@lru_cache(maxsize=8)
def _in_turn(
    samples: int, num_steps: int, capacity: int
) -> Float[np.ndarray, "n samples"]:
    """The samples one by one, in turn, and all of them from the last step on."""
    weights = np.full((capacity, samples), 1 / samples)
    weights[:num_steps] = np.eye(samples)[np.arange(num_steps) % samples]
    return _kept(weights)


@lru_cache(maxsize=8)
def _weights(
    samples: int, batch: int, seed: int, num_steps: int, capacity: int
) -> Float[np.ndarray, "n samples"]:
    """Minibatches for every step, and all samples from there up to `capacity`."""
    weights = np.full((capacity, samples), 1 / samples)
    weights[:num_steps] = minibatches(samples, batch, seed, num_steps)
    return _kept(weights)


def _kept(rows: np.ndarray) -> np.ndarray:
    """The same array, which all who share it can only read."""
    rows.flags.writeable = False
    return rows


@lru_cache(maxsize=8)
def minibatches(
    samples: int, batch: int, seed: int, num_steps: int
) -> Float[np.ndarray, "n samples"]:
    """The weight of each sample in each step's mean loss.

    Every epoch goes through all samples once, in an order of its own; its last
    minibatch takes what is left. Each step's loss is the mean over its minibatch.

    Args:
        samples: How many there are.
        batch: How many go into one step, from 1 to `samples`.
        seed: Of the orders.
        num_steps: Rows wanted.

    Returns:
        Rows that sum to 1, zero for samples that are not in the minibatch; read-only.

    Raises:
        ValueError: If the minibatch is empty or larger than the data.
    """
    if not 1 <= batch <= samples:
        raise ValueError(f"a minibatch must hold 1 to {samples} samples, not {batch}")
    if batch == samples:
        return _kept(np.full((num_steps, samples), 1 / samples))
    random = np.random.RandomState([seed, 2])
    in_epoch = np.arange(samples) // batch
    per_epoch = in_epoch[-1] + 1
    epochs = -(-num_steps // per_epoch)
    weights = np.zeros((epochs, per_epoch, samples))
    share = 1 / np.bincount(in_epoch)[in_epoch]
    for epoch in weights:
        epoch[in_epoch, random.permutation(samples)] = share
    return _kept(weights.reshape(-1, samples)[:num_steps])
