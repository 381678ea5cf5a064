"""RMSProp: AdaGrad with a memory that fades.

    r <- rho r + (1 - rho) g^2
    w <- w - a g / sqrt(eps + r)

Without `eps_inside` it divides by eps + sqrt r. Without `l2_in_r`, what an L2 penalty
adds to the slope, lambda w, moves the point as before and is left out of r.

Source: T. Tieleman, G. Hinton, COURSERA: Neural Networks for Machine Learning
(2012), lecture 6.5; Deep Learning (2016), algorithm 8.5, with its eps of 1e-6.

Differs elsewhere: torch.optim.RMSprop divides by sqrt(r) + eps and decays by 0.99
unless another value is given; optax.rmsprop is this rule with eps 1e-8. All take a
penalty into r, as it is part of the gradient they are given.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp

from optim import stability
from optim.base import (
    Decay,
    EpsInside,
    L2InR,
    LearningRate,
    NamedStep,
    Optimizer,
    floor,
    remembered,
    remembered_in_latex,
    remembered_in_words,
    root,
    root_in_latex,
)
from optim.equivalents import Equivalent
from optim.quantities import GRADIENT, Quantity, Vector, delta, divisor
from surfaces import Loss, Point, Scalar


class RMSPropHypers(NamedTuple):
    """Hyperparameters of RMSProp."""

    lr: LearningRate = 0.01
    rho: Decay = 0.9
    eps: Annotated[Scalar, floor("Added to the mean square under the root.")] = 1e-6
    eps_inside: EpsInside = 1
    l2_in_r: L2InR = 1


class RMSPropState(NamedTuple):
    """The fading mean of squared gradients, shape (2,)."""

    mean_square: Point


class RMSPropStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    r: Annotated[
        Vector,
        Quantity(
            "r",
            "running mean of squared gradients",
            "square",
            lambda h: (
                rf"\rho <r> + (1 - \rho) {remembered_in_latex(h.l2_in_r, '<g>')}^2"
            ),
            lambda h: (
                "The mean of squares fades, and takes in the square of the "
                f"{remembered_in_words(h.l2_in_r)}."
            ),
            memory=True,
        ),
    ]
    divisor: Annotated[
        Vector,
        divisor(lambda h: root_in_latex("<r>", h.eps_inside)),
    ]
    delta: Annotated[
        Vector,
        delta(
            r"-\frac{\alpha <g>}{<divisor>}",
            "Each coordinate of −αg is divided by its divisor.",
        ),
    ]


def init(point: Point) -> RMSPropState:
    """Nothing seen yet."""
    return RMSPropState(mean_square=jnp.zeros_like(point))


def inside(
    fn: Loss, point: Point, state: RMSPropState, hypers: RMSPropHypers
) -> tuple[RMSPropStep, RMSPropState]:
    """Fade, add the square, divide by the root of the mean."""
    grad = jax.grad(fn)(point)
    seen = remembered(fn, point, grad, hypers.l2_in_r)
    mean_square = hypers.rho * state.mean_square + (1 - hypers.rho) * seen**2
    divisor = root(mean_square, hypers.eps, hypers.eps_inside)
    delta = -hypers.lr * grad / divisor
    return RMSPropStep(grad, mean_square, divisor, delta), RMSPropState(mean_square)


def formula(hypers: RMSPropHypers) -> str:
    """One step in LaTeX."""
    seen = remembered_in_latex(hypers.l2_in_r)
    divisor = root_in_latex("r", hypers.eps_inside)
    return (
        rf"r \leftarrow \rho r + (1 - \rho) {seen}^2,\quad"
        rf" w \leftarrow w - \frac{{\alpha g}}{{{divisor}}}"
    )


RMSPROP = Optimizer(
    key="rmsprop",
    label="RMSProp",
    formula=formula(RMSPropHypers()),
    formula_with=formula,
    source="Tieleman and Hinton 2012; Deep Learning (2016), algorithm 8.5. torch "
    "puts epsilon outside the root and decays by 0.99 by default.",
    hypers=RMSPropHypers,
    init=init,
    step=NamedStep(inside),
    quantities=RMSPropStep,
    stability=stability.plain,
    equivalents=(
        Equivalent(
            "torch",
            "torch.optim.RMSprop(params, lr={lr}, alpha={rho}, eps={eps})",
            where={"eps_inside": 0, "l2_in_r": 1},
        ),
        Equivalent(
            "optax",
            "optax.rmsprop({lr}, decay={rho}, eps={eps}, eps_in_sqrt=True)",
            where={"eps_inside": 1, "l2_in_r": 1},
        ),
    ),
    group="Adaptive",
)
