"""Newton's method: straight to where the slope's linear model vanishes.

    w <- w - (H + lambda I)^-1 g

That place may be a minimum, a maximum or a saddle: without damping the rule does not
care which. It has no learning rate. Where the surface is curved along one line only,
it steps along that: the inverse is then the pseudo-inverse, which is M / tr(M)^2 for a
symmetric 2x2 matrix M of rank one.

Source: Deep Learning (2016), algorithm 8.8; damping as in K. Levenberg, Quart. Appl.
Math. 2 (1944) 164-168; R. Penrose, Proc. Camb. Phil. Soc. 51 (1955) 406-413.
Implementations agree where they take the full step; most search along it, and most end
with an error where the matrix is singular.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp

from optim.base import NamedStep, Optimizer
from optim.equivalents import absent
from optim.quantities import GRADIENT, Matrix, Quantity, Vector, delta
from surfaces import Loss, Param, Point, Scalar

SINGULAR = 1e-14
"""The matrix counts as singular where |det| is below this part of the largest entry's
square: about fifty times the rounding of the two products it is the difference of."""


class NewtonHypers(NamedTuple):
    """Hyperparameters of Newton's method."""

    damping: Annotated[
        Scalar,
        Param(
            r"\lambda",
            "Damping",
            0.0,
            100.0,
            "root",
            "Added to each curvature: steps are shorter, and turn to the gradient.",
        ),
    ] = 0.0


class NewtonState(NamedTuple):
    """Whether a matrix of zeros has stopped the rule: 0 or 1, shape ()."""

    flat: Scalar


class NewtonStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    hessian: Annotated[
        Matrix,
        Quantity(
            "H",
            "Hessian",
            "curvature",
            r"\nabla^2 f(w)",
            "The Hessian completes the quadratic model of the loss at this point.",
        ),
    ]
    delta: Annotated[
        Vector,
        delta(
            r"-(<hessian> + \lambda I)^{-1} <g>",
            "The step leads to where the model, with its damping, is stationary.",
        ),
    ]


def init(point: Point) -> NewtonState:
    """Not stopped."""
    return NewtonState(flat=jnp.zeros((), point.dtype))


def inside(
    fn: Loss, point: Point, state: NewtonState, hypers: NewtonHypers
) -> tuple[NewtonStep, NewtonState]:
    """Solve the 2x2 system by Cramer's rule, or along the one line that is curved."""
    grad, hessian = jax.grad(fn)(point), jax.hessian(fn)(point)
    a, b, c = hessian[0, 0] + hypers.damping, hessian[0, 1], hessian[1, 1]
    c += hypers.damping
    # In units of the largest entry no product overflows.
    largest = jnp.maximum(jnp.maximum(jnp.abs(a), jnp.abs(b)), jnp.abs(c))
    unit = jnp.where(largest == 0, 1.0, largest)
    a, b, c, slope = a / unit, b / unit, c / unit, grad / unit
    det, trace = a * c - b * b, a + c
    singular = jnp.abs(det) <= SINGULAR
    flat = (state.flat > 0) | (largest == 0)
    full = jnp.stack([c * slope[0] - b * slope[1], a * slope[1] - b * slope[0]])
    along = jnp.stack([a * slope[0] + b * slope[1], b * slope[0] + c * slope[1]])
    solution = jnp.where(singular, along, full)
    divisor = jnp.where(singular, trace * trace, det)
    delta = jnp.where(flat, 0.0, -solution / jnp.where(flat, 1.0, divisor))
    return NewtonStep(grad, hessian, delta), NewtonState(flat.astype(point.dtype))


NEWTON = Optimizer(
    key="newton",
    label="Newton",
    formula=r"w \leftarrow w - (H + \lambda I)^{-1} g",
    source="Deep Learning (2016), algorithm 8.8. It goes to the nearest place without "
    "slope, saddles included; most implementations search along the step. Curved along "
    "one line only, it steps along that, by the pseudo-inverse.",
    hypers=NewtonHypers,
    init=init,
    step=NamedStep(inside),
    quantities=NewtonStep,
    equivalents=(
        absent("torch", "torch.optim has no rule with second derivatives."),
        absent("optax", "optax has no rule with second derivatives."),
        absent("SciPy", "scipy.optimize.minimize searches along Newton's step."),
    ),
    group="Second order",
    halting_condition=(
        lambda states: states.flat > 0,
        "the surface is not curved here",
    ),
    gradients=2.0,
    overhead=3.0,
)
