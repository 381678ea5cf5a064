"""RMSProp: AdaGrad with a memory that fades.

    r <- rho r + (1 - rho) g^2
    w <- w - a g / sqrt(eps + r)

Source: T. Tieleman, G. Hinton, COURSERA: Neural Networks for Machine Learning
(2012), lecture 6.5; Deep Learning (2016), algorithm 8.5, with its eps of 1e-6.

Differs elsewhere: torch.optim.RMSprop divides by sqrt(r) + eps and decays by 0.99
unless told otherwise; optax.rmsprop is this rule with eps 1e-8.
"""

from typing import Annotated, NamedTuple

import jax.numpy as jnp

from optim.base import Decay, LearningRate, Optimizer, first_order, floor
from surfaces import Point, Scalar


class RMSPropHypers(NamedTuple):
    """Hyperparameters of RMSProp."""

    lr: LearningRate = 0.01
    rho: Decay = 0.9
    eps: Annotated[Scalar, floor("Added to the mean square under the root.")] = 1e-6


class RMSPropState(NamedTuple):
    """The fading mean of squared gradients, shape (2,)."""

    mean_square: Point


def init(point):
    """Nothing seen yet."""
    return RMSPropState(mean_square=jnp.zeros_like(point))


def update(grad, state, hypers):
    """Fade, add the square, divide by the root of the mean."""
    mean_square = hypers.rho * state.mean_square + (1 - hypers.rho) * grad**2
    delta = -hypers.lr * grad / jnp.sqrt(hypers.eps + mean_square)
    return delta, RMSPropState(mean_square)


RMSPROP = Optimizer(
    key="rmsprop",
    label="RMSProp",
    formula=r"r \leftarrow \rho r + (1 - \rho) g^2,\quad"
    r" w \leftarrow w - \frac{\alpha g}{\sqrt{\varepsilon + r}}",
    source="Tieleman and Hinton 2012; Deep Learning (2016), algorithm 8.5. torch "
    "puts epsilon outside the root and decays by 0.99 unless told otherwise.",
    hypers=RMSPropHypers,
    init=init,
    step=first_order(update),
    group="Adaptive",
)
