"""Newton's method: straight to where the slope's linear model vanishes.

    w <- w - (H + lambda I)^-1 g

That place may be a minimum, a maximum or a saddle: without damping the rule does not
care which. It has no learning rate.

Source: Deep Learning (2016), algorithm 8.8; damping as in K. Levenberg, Quart. Appl.
Math. 2 (1944) 164-168. Implementations agree where they take the full step; most
search along it.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp

from optim.base import Optimizer
from surfaces import Param, Scalar

SINGULAR = 1e-14
"""The rule stops where |det| is below this part of the largest entry's square: about
fifty times the rounding of the two products the determinant is the difference of."""


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
            "Added to every curvature: shorter steps, turned towards the slope.",
        ),
    ] = 0.0


class NewtonState(NamedTuple):
    """Whether a singular matrix has stopped the rule: 0 or 1, shape ()."""

    singular: Scalar


def init(point):
    """Not stopped."""
    return NewtonState(singular=jnp.zeros((), point.dtype))


def step(fn, point, state, hypers):
    """Solve the 2x2 system by Cramer's rule; stay where it has no one solution."""
    grad, hessian = jax.grad(fn)(point), jax.hessian(fn)(point)
    a, b, c = hessian[0, 0] + hypers.damping, hessian[0, 1], hessian[1, 1]
    c += hypers.damping
    # In units of the largest entry no product overflows.
    largest = jnp.maximum(jnp.maximum(jnp.abs(a), jnp.abs(b)), jnp.abs(c))
    unit = jnp.where(largest == 0, 1.0, largest)
    a, b, c, grad = a / unit, b / unit, c / unit, grad / unit
    det = a * c - b * b
    singular = (state.singular > 0) | (jnp.abs(det) <= SINGULAR)
    solution = jnp.stack([c * grad[0] - b * grad[1], a * grad[1] - b * grad[0]])
    delta = jnp.where(singular, 0.0, -solution / jnp.where(singular, 1.0, det))
    return point + delta, NewtonState(singular.astype(point.dtype))


NEWTON = Optimizer(
    key="newton",
    label="Newton",
    formula=r"w \leftarrow w - (H + \lambda I)^{-1} g",
    source="Deep Learning (2016), algorithm 8.8. It goes to the nearest place without "
    "slope, saddles included; most implementations search along the step.",
    hypers=NewtonHypers,
    init=init,
    step=step,
    group="Second order",
    stopped=(lambda states: states.singular > 0, "the Hessian is singular"),
    gradients=2.0,
    overhead=3.0,
)
