"""RMSProp with momentum: a heavy ball whose pushes are scaled axis by axis.

    r <- rho r + (1 - rho) g^2
    v <- b v - a g / sqrt(eps + r)
    w <- w + v

Source: T. Tieleman, G. Hinton, COURSERA: Neural Networks for Machine Learning (2012),
lecture 6.5; A. Graves, arXiv:1308.0850 (2013), section 4.2, without its centring.

Differs elsewhere: torch.optim.RMSprop(momentum=b) divides by sqrt(r) + eps and scales
v by the learning rate when it moves; optax.rmsprop(momentum=b) is this rule.
"""

from typing import Annotated, NamedTuple

import jax.numpy as jnp

from optim import stability
from optim.base import (
    Decay,
    LearningRate,
    Momentum,
    Optimizer,
    first_order,
    floor,
)
from optim.equivalents import Equivalent
from optim.momentum import KEPT
from optim.quantities import GRADIENT, Quantity, Vector, delta, divisor
from surfaces import Point, Scalar


class RMSPropMomentumHypers(NamedTuple):
    """Hyperparameters of RMSProp with momentum, of either kind."""

    lr: LearningRate = 0.001
    rho: Decay = 0.9
    beta: Momentum = 0.9
    eps: Annotated[Scalar, floor("Added to the mean square under the root.")] = 1e-6


class RMSPropMomentumState(NamedTuple):
    """The fading mean of squared gradients, and the velocity, each shape (2,)."""

    mean_square: Point
    velocity: Point


MEAN_SQUARE = Quantity(
    "r",
    "running mean of squared gradients",
    "square",
    r"\rho <r> + (1 - \rho) <g>^2",
    "The mean of squares fades, and takes in the square of the gradient.",
    memory=True,
)
DIVISOR = divisor(r"\sqrt{\varepsilon + <r>}")
VELOCITY = Quantity(
    "v",
    "velocity",
    "step",
    r"<kept> - \frac{\alpha <g>}{<divisor>}",
    "The gradient is added: −αg, divided by d, joins what was kept.",
    memory=True,
)


class RMSPropMomentumStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    r: Annotated[Vector, MEAN_SQUARE]
    divisor: Annotated[Vector, DIVISOR]
    kept: Annotated[Vector, KEPT]
    v: Annotated[Vector, VELOCITY]
    delta: Annotated[Vector, delta("<v>", "The point moves by the new velocity.")]


def init(point: Point) -> RMSPropMomentumState:
    """Nothing seen yet, at rest."""
    zeros = jnp.zeros_like(point)
    return RMSPropMomentumState(mean_square=zeros, velocity=zeros)


def update(
    grad: Point, state: RMSPropMomentumState, hypers: RMSPropMomentumHypers
) -> tuple[RMSPropMomentumStep, RMSPropMomentumState]:
    """Fade, add the square; keep some velocity, add the scaled slope."""
    mean_square = hypers.rho * state.mean_square + (1 - hypers.rho) * grad**2
    divisor = jnp.sqrt(hypers.eps + mean_square)
    kept = hypers.beta * state.velocity
    velocity = kept - hypers.lr * grad / divisor
    return (
        RMSPropMomentumStep(grad, mean_square, divisor, kept, velocity, velocity),
        RMSPropMomentumState(mean_square, velocity),
    )


RMSPROP_MOMENTUM = Optimizer(
    key="rmsprop_momentum",
    label="RMSProp + momentum",
    short="RMSProp+M",
    formula=r"r \leftarrow \rho r + (1 - \rho) g^2,\quad"
    r" v \leftarrow \beta v - \frac{\alpha g}{\sqrt{\varepsilon + r}},\quad"
    r" w \leftarrow w + v",
    source="Tieleman and Hinton 2012; Graves 2013. torch puts epsilon outside the root "
    "and scales v by the learning rate when it moves.",
    hypers=RMSPropMomentumHypers,
    init=init,
    step=first_order(update),
    quantities=RMSPropMomentumStep,
    stability=stability.heavy_ball,
    equivalents=(
        Equivalent(
            "torch",
            "torch.optim.RMSprop(params, lr={lr}, alpha={rho}, momentum={beta},"
            " eps={eps} ** 0.5)",
            "Adds epsilon to the root: the paths meet where it is tiny.",
            {"eps": 1e-60},
            under_schedule=False,
        ),
        Equivalent(
            "optax",
            "optax.rmsprop({lr}, decay={rho}, eps={eps}, eps_in_sqrt=True,"
            " momentum={beta})",
        ),
    ),
    group="Adaptive",
    default_rate_from=("rmsprop", 0.2),
)
