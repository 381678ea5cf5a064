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

from optim import stability
from optim.base import LearningRate, Momentum, NamedStep, Optimizer
from optim.equivalents import Equivalent, Kept, Library
from optim.momentum import KEPT, VELOCITY
from optim.quantities import Quantity, Vector, delta
from surfaces import Loss, Point, Scalar, switch


class NesterovHypers(NamedTuple):
    """Hyperparameters of Nesterov momentum."""

    lr: LearningRate = 0.01
    beta: Momentum = 0.9
    look_ahead: Annotated[
        Scalar,
        switch(
            "l",
            "Keep the look-ahead point",
            "Records w + βv, where gradients are taken, as torch and optax do.",
            ("at w", "at w + βv"),
        ),
    ] = 0


class NesterovState(NamedTuple):
    """The velocity, shape (2,): the last update."""

    velocity: Point


GRADIENT_AHEAD = Quantity(
    "g",
    "gradient there",
    "gradient",
    r"\nabla f(<ahead>)",
    "The gradient is taken at the look-ahead point.",
    at="ahead",
)


class NesterovStep(NamedTuple):
    """What a step computes."""

    kept: Annotated[Vector, KEPT]
    ahead: Annotated[
        Vector,
        Quantity(
            r"\tilde w",
            "look-ahead point",
            "point",
            lambda h: "w" if h.look_ahead else "w + <kept>",
            lambda h: (
                "The point that is kept is already the one ahead."
                if h.look_ahead
                else "What is kept leads to the look-ahead point."
            ),
        ),
    ]
    g: Annotated[Vector, GRADIENT_AHEAD]
    v: Annotated[Vector, VELOCITY]
    delta: Annotated[
        Vector,
        delta(
            lambda h: r"\beta <v> - \alpha <g>" if h.look_ahead else "<v>",
            lambda h: (
                "The look-ahead point moves: β of the new velocity, and −αg."
                if h.look_ahead
                else "The point moves by the new velocity."
            ),
        ),
    ]


def init(point: Point) -> NesterovState:
    """At rest."""
    return NesterovState(velocity=jnp.zeros_like(point))


def inside(
    fn: Loss, point: Point, state: NesterovState, hypers: NesterovHypers
) -> tuple[NesterovStep, NesterovState]:
    """Keep some velocity, add the slope where that would lead."""
    kept, at_ahead = hypers.beta * state.velocity, hypers.look_ahead > 0
    ahead = jnp.where(at_ahead, point, point + kept)
    grad = jax.grad(fn)(ahead)
    push = hypers.lr * grad
    velocity = kept - push
    delta = jnp.where(at_ahead, hypers.beta * velocity - push, velocity)
    return NesterovStep(kept, ahead, grad, velocity, delta), NesterovState(velocity)


def formula(hypers: NesterovHypers) -> str:
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


TORCH = "torch.optim.SGD(params, lr={lr}, momentum=max({beta}, 1e-300), nesterov=True)"
LEAST = "torch refuses Nesterov momentum of 0."
OPTAX = "optax.sgd({lr}, momentum={beta}, nesterov=True)"


def _equivalent(
    library: Library, code: str, note: str, ahead: int, keeps: Kept
) -> Equivalent:
    # Both scale v by the learning rate when they move, as in momentum.py.
    where = {"look_ahead": ahead}
    return Equivalent(library, code, note, where, keeps, under_schedule=False)


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
    step=NamedStep(inside),
    quantities=NesterovStep,
    stability=stability.nesterov,
    equivalents=(
        _equivalent("torch", TORCH, LEAST, 1, "w"),
        _equivalent("torch", TORCH, LEAST, 0, "w + beta v"),
        _equivalent("optax", OPTAX, "", 1, "w"),
        _equivalent("optax", OPTAX, "", 0, "w + beta v"),
    ),
    default_rate_from=("momentum", 1.0),
    rests_within_rounding=True,
)
