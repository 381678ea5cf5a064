"""Momentum: a heavy ball that keeps part of its velocity.

    v <- b v - a g
    w <- w + v

Source: B. T. Polyak, USSR Comp. Math. 4 (1964) 1-17; I. Sutskever et al., ICML
2013, equations 1-2; Deep Learning (2016), algorithm 8.2.

Differs elsewhere: torch.optim.SGD and optax.sgd keep v <- b v + g and move by
-a v. The path is the same while a is constant, and not under a schedule.
"""

from typing import Annotated, NamedTuple

import jax.numpy as jnp

from optim import stability
from optim.base import LearningRate, Momentum, Optimizer, first_order
from optim.equivalents import Equivalent
from optim.quantities import GRADIENT, Quantity, Vector, delta
from surfaces import Point


class MomentumHypers(NamedTuple):
    """Hyperparameters of momentum."""

    lr: LearningRate = 0.01
    beta: Momentum = 0.9


class MomentumState(NamedTuple):
    """The velocity, shape (2,): the last update."""

    velocity: Point


KEPT = Quantity(
    "k",
    "kept velocity",
    "step",
    r"\beta <v>",
    "The velocity fades: β of it is kept.",
)
VELOCITY = Quantity(
    "v",
    "velocity",
    "step",
    r"<kept> - \alpha <g>",
    "The gradient is added: −αg joins what was kept.",
    memory=True,
)


class MomentumStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    kept: Annotated[Vector, KEPT]
    v: Annotated[Vector, VELOCITY]
    delta: Annotated[Vector, delta("<v>", "The point moves by the new velocity.")]


def init(point: Point) -> MomentumState:
    """At rest."""
    return MomentumState(velocity=jnp.zeros_like(point))


def update(
    grad: Point, state: MomentumState, hypers: MomentumHypers
) -> tuple[MomentumStep, MomentumState]:
    """Keep some velocity, add the slope."""
    kept = hypers.beta * state.velocity
    velocity = kept - hypers.lr * grad
    return MomentumStep(grad, kept, velocity, delta=velocity), MomentumState(velocity)


SCALED = (
    "Scales v by the learning rate when it moves: under a schedule the paths differ."
)

MOMENTUM = Optimizer(
    key="momentum",
    label="Momentum",
    formula=r"v \leftarrow \beta v - \alpha g,\quad w \leftarrow w + v",
    source="Polyak 1964; Sutskever et al. 2013; Deep Learning (2016), algorithm 8.2. "
    "torch and optax scale v by the learning rate when they move: the same path while "
    "the learning rate is constant.",
    hypers=MomentumHypers,
    init=init,
    step=first_order(update),
    quantities=MomentumStep,
    stability=stability.heavy_ball,
    equivalents=(
        Equivalent(
            "torch",
            "torch.optim.SGD(params, lr={lr}, momentum={beta})",
            SCALED,
            under_schedule=False,
        ),
        Equivalent(
            "optax",
            "optax.sgd({lr}, momentum={beta})",
            SCALED,
            under_schedule=False,
        ),
    ),
    rests_within_rounding=True,
)
