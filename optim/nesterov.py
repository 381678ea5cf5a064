"""Nesterov's accelerated gradient: momentum that looks ahead before it turns.

    v <- b v - a grad f(w + b v)
    w <- w + v

With `look_ahead` the point that is kept is the one that is looked at, w + b v:

    v' <- b v - a grad f(w)
    w <- w + b v' - a grad f(w)

Source: Y. Nesterov, Soviet Math. Doklady 27 (1983) 372-376; I. Sutskever et al., ICML
2013, equations 3-4; Deep Learning (2016), algorithm 8.3.

Differs elsewhere: torch.optim.SGD and optax.sgd with nesterov=True keep the point
that is looked at in place of w. Theirs is the path with `look_ahead`.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp

from optim.base import LearningRate, Momentum, Optimizer
from surfaces import Point, Scalar, switch


class NesterovHypers(NamedTuple):
    """Hyperparameters of Nesterov momentum."""

    lr: LearningRate = 0.01
    beta: Momentum = 0.9
    look_ahead: Annotated[
        Scalar,
        switch(
            "l",
            "Keep the look-ahead point",
            "The run is that of w + βv, where slopes are taken: so do torch and optax.",
        ),
    ] = 0


class NesterovState(NamedTuple):
    """The velocity, shape (2,): the last update."""

    velocity: Point


def init(point):
    """At rest."""
    return NesterovState(velocity=jnp.zeros_like(point))


def step(fn, point, state, hypers):
    """Keep some velocity, add the slope where that would lead."""
    coasting, ahead = hypers.beta * state.velocity, hypers.look_ahead > 0
    push = hypers.lr * jax.grad(fn)(jnp.where(ahead, point, point + coasting))
    velocity = coasting - push
    delta = jnp.where(ahead, hypers.beta * velocity - push, velocity)
    return point + delta, NesterovState(velocity)


def formula(hypers):
    """One step in LaTeX."""
    if hypers.look_ahead:
        return (
            r"v \leftarrow \beta v - \alpha \nabla f(w),"
            r"\quad w \leftarrow w + \beta v - \alpha \nabla f(w)"
        )
    return (
        r"v \leftarrow \beta v - \alpha \nabla f(w + \beta v),"
        r"\quad w \leftarrow w + v"
    )


NESTEROV = Optimizer(
    key="nesterov",
    label="Nesterov momentum",
    short="Nesterov",
    formula=formula(NesterovHypers()),
    formula_with=formula,
    source="Nesterov 1983; Sutskever et al. 2013; Deep Learning (2016), algorithm 8.3. "
    "torch and optax keep the point that is looked at, w + beta v, in place of w.",
    hypers=NesterovHypers,
    init=init,
    step=step,
    default_rate_from=("momentum", 1.0),
    rests_within_rounding=True,
)
