"""Nesterov's accelerated gradient: momentum that looks ahead before it turns.

    v <- b v - a grad f(w + b v)
    w <- w + v

Source: Y. Nesterov, Soviet Math. Doklady 27 (1983) 372-376; I. Sutskever et al., ICML
2013, equations 3-4; Deep Learning (2016), algorithm 8.3.

Differs elsewhere: torch.optim.SGD and optax.sgd with nesterov=True keep the point
that is looked at, w + b v, in place of w. Theirs is the path of that point.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from optim.base import LearningRate, Momentum, Optimizer
from surfaces import Point


class NesterovHypers(NamedTuple):
    """Hyperparameters of Nesterov momentum."""

    lr: LearningRate = 0.01
    beta: Momentum = 0.9


class NesterovState(NamedTuple):
    """The velocity, shape (2,): the last update."""

    velocity: Point


def init(point):
    """At rest."""
    return NesterovState(velocity=jnp.zeros_like(point))


def step(fn, point, state, hypers):
    """Keep some velocity, add the slope where that would lead."""
    coasting = hypers.beta * state.velocity
    velocity = coasting - hypers.lr * jax.grad(fn)(point + coasting)
    return point + velocity, NesterovState(velocity)


NESTEROV = Optimizer(
    key="nesterov",
    label="Nesterov momentum",
    short="Nesterov",
    formula=r"v \leftarrow \beta v - \alpha \nabla f(w + \beta v),"
    r"\quad w \leftarrow w + v",
    source="Nesterov 1983; Sutskever et al. 2013; Deep Learning (2016), algorithm 8.3. "
    "torch and optax keep the point that is looked at, w + beta v, in place of w.",
    hypers=NesterovHypers,
    init=init,
    step=step,
    rate_as=("momentum", 1.0),
    steady=True,
)
