"""AdaGrad: each axis is slowed by all the slope it has seen.

    r <- r + g^2
    w <- w - a g / (eps + sqrt r)

With `eps_inside` it divides by sqrt(eps + r). Without `l2_in_r`, what an L2 penalty
adds to the slope, lambda w, moves the point as before and is left out of r.

Source: J. Duchi, E. Hazan, Y. Singer, JMLR 12 (2011) 2121-2159; Deep Learning
(2016), algorithm 8.4, with its eps of 1e-7.

Differs elsewhere: optax.adagrad starts r at 0.1 unless another value is given and puts
eps inside the root; torch.optim.Adagrad is this rule with eps 1e-10. Both, and Keras,
take a penalty into r, as it is part of the gradient they are given.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp

from optim import stability
from optim.base import (
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


class AdagradHypers(NamedTuple):
    """Hyperparameters of AdaGrad."""

    lr: LearningRate = 0.1
    eps: Annotated[Scalar, floor("Added to the root of the sum.")] = 1e-7
    eps_inside: EpsInside = 0
    l2_in_r: L2InR = 1


class AdagradState(NamedTuple):
    """The sum of squared gradients so far, shape (2,)."""

    sum_squares: Point


class AdagradStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    r: Annotated[
        Vector,
        Quantity(
            "r",
            "sum of squared gradients",
            "square",
            lambda h: f"<r> + {remembered_in_latex(h.l2_in_r, '<g>')}^2",
            lambda h: (
                f"Squares never leave the sum: it takes in that of the "
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


def init(point: Point) -> AdagradState:
    """Nothing seen yet."""
    return AdagradState(sum_squares=jnp.zeros_like(point))


def inside(
    fn: Loss, point: Point, state: AdagradState, hypers: AdagradHypers
) -> tuple[AdagradStep, AdagradState]:
    """Add the square, divide by the root of the sum."""
    grad = jax.grad(fn)(point)
    seen = remembered(fn, point, grad, hypers.l2_in_r)
    sum_squares = state.sum_squares + seen**2
    divisor = root(sum_squares, hypers.eps, hypers.eps_inside)
    delta = -hypers.lr * grad / divisor
    return AdagradStep(grad, sum_squares, divisor, delta), AdagradState(sum_squares)


def formula(hypers: AdagradHypers) -> str:
    """One step in LaTeX."""
    seen = remembered_in_latex(hypers.l2_in_r)
    divisor = root_in_latex("r", hypers.eps_inside)
    return (
        rf"r \leftarrow r + {seen}^2,\quad"
        rf" w \leftarrow w - \frac{{\alpha g}}{{{divisor}}}"
    )


ADAGRAD = Optimizer(
    key="adagrad",
    label="AdaGrad",
    formula=formula(AdagradHypers()),
    formula_with=formula,
    source="Duchi, Hazan, Singer 2011; Deep Learning (2016), algorithm 8.4. optax "
    "starts r at 0.1 and puts epsilon inside the root.",
    hypers=AdagradHypers,
    init=init,
    step=NamedStep(inside),
    quantities=AdagradStep,
    stability=stability.plain,
    equivalents=(
        Equivalent(
            "torch",
            "torch.optim.Adagrad(params, lr={lr}, eps={eps},"
            " initial_accumulator_value=0)",
            where={"eps_inside": 0, "l2_in_r": 1},
        ),
        Equivalent(
            "optax",
            "optax.adagrad({lr}, initial_accumulator_value=0.0, eps={eps})",
            where={"eps_inside": 1, "l2_in_r": 1},
        ),
    ),
    group="Adaptive",
)
