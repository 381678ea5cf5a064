"""Gradient descent by differences: the slope from two losses an axis.

    g_i = (f(w + h e_i) - f(w - h e_i)) / 2h
    w <- w - a g

Where h is large the difference misses the slope by h^2 f''' / 6; where it is tiny,
the losses are rounded to the same number. Between, near 1e-5, both are small.

Source: J. Nocedal, S. J. Wright, Numerical Optimization (2006), section 8.1.

Differs elsewhere: scipy.optimize.approx_fprime takes one-sided differences by
default, and divides by the difference of the rounded points, not by 2h.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp

from optim import stability
from optim.base import LearningRate, NamedStep, Optimizer
from optim.equivalents import absent
from optim.quantities import Quantity, Vector, delta
from surfaces import Loss, Param, Point, Scalar


class NumericGradientHypers(NamedTuple):
    """Hyperparameters of gradient descent by differences."""

    lr: LearningRate = 0.01
    h: Annotated[
        Scalar,
        Param(
            "h",
            "Distance",
            1e-15,
            1.0,
            "log",
            "Distance from the point at which losses are taken.",
        ),
    ] = 1e-5


class NumericGradientStep(NamedTuple):
    """What a step computes."""

    beyond: Annotated[
        Vector,
        Quantity(
            "w^+",
            "each coordinate, h beyond",
            "number",
            "w + h",
            "Each coordinate in turn is moved a distance h forward.",
        ),
    ]
    before: Annotated[
        Vector,
        Quantity(
            "w^-",
            "each coordinate, h before",
            "number",
            "w - h",
            "Each coordinate in turn is moved a distance h back, too.",
        ),
    ]
    right: Annotated[
        Vector,
        Quantity(
            "f^+",
            "loss at h beyond, on each axis",
            "number",
            "f(w + h e_i)",
            "On each axis, the loss is computed a distance h beyond the point.",
        ),
    ]
    left: Annotated[
        Vector,
        Quantity(
            "f^-",
            "loss at h before, on each axis",
            "number",
            "f(w - h e_i)",
            "On each axis, the loss is computed a distance h before the point, too.",
        ),
    ]
    g: Annotated[
        Vector,
        Quantity(
            "g",
            "difference quotient",
            "gradient",
            r"\frac{<right> - <left>}{2 h}",
            "Their difference over the distance 2h stands for the gradient.",
        ),
    ]
    delta: Annotated[
        Vector, delta(r"-\alpha <g>", "The point moves against it, α times as far.")
    ]


def init(point: Point) -> tuple[()]:
    """It remembers nothing."""
    return ()


def inside(
    fn: Loss, point: Point, state: tuple[()], hypers: NumericGradientHypers
) -> tuple[NumericGradientStep, tuple[()]]:
    """Down the slope of the chords."""
    across = hypers.h * jnp.eye(2, dtype=point.dtype)

    def along(d):
        right, left = fn(point + d), fn(point - d)
        return right, left, right - left

    right, left, rise = jax.vmap(along)(across)
    beyond, before = point + hypers.h, point - hypers.h
    grad = rise / (2 * hypers.h)
    delta = -(hypers.lr * rise / (2 * hypers.h))
    return NumericGradientStep(beyond, before, right, left, grad, delta), state


NUMERIC_GRADIENT = Optimizer(
    key="numeric_gradient",
    label="Numeric gradient",
    needs_float64=True,
    short="Numeric",
    formula=r"w \leftarrow w - \alpha g,\quad g_i = \frac{f(w + h e_i) - f(w - h e_i)}"
    r"{2h}",
    source="Nocedal and Wright, Numerical Optimization (2006), section 8.1. Many take "
    "one-sided differences.",
    hypers=NumericGradientHypers,
    init=init,
    step=NamedStep(inside),
    quantities=NumericGradientStep,
    stability=stability.plain,
    equivalents=(
        absent("torch", "torch.optim takes no differences: it is given gradients."),
        absent("optax", "optax takes no differences: it is given gradients."),
        absent(
            "SciPy",
            "scipy.optimize.approx_fprime with h and with -h gives the two one-sided "
            "quotients, whose mean is this gradient; it has no descent.",
        ),
    ),
    default_rate_from=("gradient_descent", 1.0),
    gradients=2.0,
    by_coordinate=True,
    rests_within_rounding=True,
)
