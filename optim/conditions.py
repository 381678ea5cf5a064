"""The conditions under which rules run: schedule, gradient noise, minibatches.

They are the same for all rules of a race. What chance decides is drawn from one seed
before the run, a row a step, so a path depends neither on how many steps follow nor
on which other rules run. The draws are NumPy's RandomState, whose numbers are frozen
for good, so a seed gives the same path on every machine.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from jaxtyping import Float

from optim.schedules import SCHEDULES, Factors, Schedule, factors
from surfaces import NoKnobs, Param, Scalar


class Weather(NamedTuple):
    """What differs from step to step, one row a step.

    Attributes:
        factor: What the learning rate is multiplied by, shape (n,).
        noise: What is added to the gradient, shape (n, 2).
        weights: Of each sample in the step's loss, shape (n, samples); None where the
            surface is not made of data.
    """

    factor: Float[np.ndarray, " n"]
    noise: Float[np.ndarray, "n 2"]
    weights: Float[np.ndarray, "n samples"] | None


class Chance(NamedTuple):
    """Gradient noise, its seed, and the warm-up: declared as parameters."""

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
    """What a race is run under.

    Attributes:
        schedule: Of the learning rate.
        schedule_hypers: Values of `schedule.hypers`.
        warmup: Steps of linear warm-up before it.
        noise: Standard deviation of the gradient noise.
        batch: Samples in a minibatch, on surfaces made of data; None for all.
        seed: Of noise and minibatches.
    """

    schedule: Schedule = SCHEDULES["constant"]
    schedule_hypers: Any = field(default_factory=NoKnobs)
    warmup: int = 0
    noise: float = 0.0
    batch: int | None = None
    seed: int = 0

    def factors(self, num_steps: int) -> Factors:
        """What the learning rate is multiplied by at each step, shape (num_steps,)."""
        return factors(self.schedule, self.schedule_hypers, num_steps, self.warmup)

    def weather(self, num_steps: int, room: int, samples: int | None) -> Weather:
        """All rows of a run, and rows without any effect up to `room`."""
        factor = np.ones(room)
        factor[:num_steps] = self.factors(num_steps)
        noise = np.zeros((room, 2))
        if self.noise:
            noise[:num_steps] = self.noise * _normals(self.seed, num_steps)
        weights = None
        if samples is not None:
            weights = minibatches(samples, self.batch or samples, self.seed, room)
        return Weather(factor, noise, weights)


@lru_cache(maxsize=8)
def _normals(seed: int, num_steps: int) -> Float[np.ndarray, "n 2"]:
    # Row by row from one stream: more steps only add rows.
    return np.random.RandomState([seed, 1]).standard_normal((num_steps, 2))


@lru_cache(maxsize=8)
def minibatches(
    samples: int, batch: int, seed: int, num_steps: int
) -> Float[np.ndarray, "n samples"]:
    """The weight of each sample in each step's mean loss.

    Every epoch goes through all samples once, in an order of its own; its last
    minibatch takes what is left, so all samples count alike.

    Args:
        samples: How many there are.
        batch: How many go into one step, from 1 to `samples`.
        seed: Of the orders.
        num_steps: Rows wanted.

    Returns:
        Rows that sum to 1, zero for samples that are not in the minibatch.
    """
    if not 1 <= batch <= samples:
        raise ValueError(f"a minibatch must hold 1 to {samples} samples, not {batch}")
    if batch == samples:
        return np.full((num_steps, samples), 1 / samples)
    random = np.random.RandomState([seed, 2])
    per_epoch = -(-samples // batch)
    weights = np.zeros((per_epoch * -(-num_steps // per_epoch), samples))
    for first in range(0, len(weights), per_epoch):
        order = random.permutation(samples)
        for i in range(per_epoch):
            chosen = order[i * batch : (i + 1) * batch]
            weights[first + i, chosen] = 1 / len(chosen)
    return weights[:num_steps]
