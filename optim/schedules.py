"""Learning-rate schedules: by what factor the rate is multiplied at each step.

A schedule is a function of the step t and of the horizon, the number of steps the
run takes; both are arrays, so a whole run's factors come from one call. A linear
warm-up may come before any of them: t then counts from its end.

Source: Deep Learning (2016), section 8.3.1; H. Robbins, S. Monro, Ann. Math. Stat. 22
(1951) 400-407 (1/t); I. Loshchilov, F. Hutter, ICLR 2017 (cosine); P. Goyal et al.,
arXiv:1706.02677 (warm-up). optax's schedules are the same functions; its step decay is
`exponential_decay(staircase=True)`, it has none that falls as 1/t, and its warm-up
begins at the value it is given, ours at one part of the way, so that no step stands
still.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np
from jaxtyping import Float

from surfaces import NoParams, Param, Scalar, registry

Factors = Float[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class Schedule:
    """A schedule with its metadata.

    Attributes:
        key: Its name in `SCHEDULES` and in addresses.
        label: Its name for a person.
        formula: The factor in LaTeX; t is the step, T the horizon.
        hypers: The NamedTuple of its parameters, each a `Param` field with a default.
        factor: From steps, horizon and parameters to factors, 1 at step 0.
    """

    key: str
    label: str
    formula: str
    hypers: type[Any]
    factor: Callable[[Factors, float, Any], Factors]


class StepDecayHypers(NamedTuple):
    """Parameters of step decay."""

    drop: Annotated[
        Scalar,
        Param(r"\gamma", "Drop", 0.01, 1.0, "linear", "Factor per drop."),
    ] = 0.5
    every: Annotated[
        Scalar,
        Param("k", "Every", 1, 2000, "log", "Steps between two drops.", whole=True),
    ] = 100


class ExponentialHypers(NamedTuple):
    """Parameters of exponential decay."""

    half_life: Annotated[
        Scalar,
        Param(
            "h", "Half-life", 1, 5000, "log", "Steps in which it halves.", whole=True
        ),
    ] = 100


class InverseTimeHypers(NamedTuple):
    """Parameters of 1/t decay."""

    rate: Annotated[
        Scalar,
        Param("k", "Decay", 1e-4, 10.0, "log", "Decay rate k in 1/(1 + kt)."),
    ] = 0.02


class CosineHypers(NamedTuple):
    """Parameters of cosine decay."""

    end: Annotated[
        Scalar,
        Param("m", "End", 0.0, 1.0, "linear", "Final factor."),
    ] = 0.0


def _cosine(t: Factors, horizon: float, hypers: CosineHypers) -> Factors:
    part = np.minimum(t / max(horizon, 1), 1)
    end = float(hypers.end)
    return end + (1 - end) * (1 + np.cos(np.pi * part)) / 2


SCHEDULES: dict[str, Schedule] = registry(
    (
        Schedule(
            "constant", "Constant", "1", NoParams, lambda t, _, h: np.ones_like(t)
        ),
        Schedule(
            "step_decay",
            "Step decay",
            r"\gamma^{\lfloor t / k \rfloor}",
            StepDecayHypers,
            lambda t, _, h: h.drop ** np.floor(t / h.every),
        ),
        Schedule(
            "exponential",
            "Exponential",
            "2^{-t / h}",
            ExponentialHypers,
            lambda t, _, h: 0.5 ** (t / h.half_life),
        ),
        Schedule(
            "inverse_time",
            "1/t",
            r"\frac{1}{1 + k t}",
            InverseTimeHypers,
            lambda t, _, h: 1 / (1 + h.rate * t),
        ),
        Schedule(
            "cosine",
            "Cosine",
            r"m + (1 - m)\,\tfrac{1}{2}\left(1 + \cos \tfrac{\pi t}{T}\right)",
            CosineHypers,
            _cosine,
        ),
    )
)


def factors(
    schedule: Schedule, hypers: Any, num_steps: int, warmup: int = 0
) -> Factors:
    """The factor of every step of a run, warm-up first.

    Args:
        schedule: What follows the warm-up.
        hypers: Values of `schedule.hypers`.
        num_steps: The steps of the run.
        warmup: Steps in which the factor rises evenly to 1.

    Returns:
        Shape (num_steps,).
    """
    t = np.arange(float(num_steps))
    after = schedule.factor(np.maximum(t - warmup, 0), num_steps - warmup, hypers)
    return np.where(t < warmup, (t + 1) / max(warmup, 1), after)
