"""Functions whose derivatives take few operations, with the values of jax.numpy.

What JAX derives for them by itself is right, but long: it differentiates each guard
against overflow and against zero, twice for a Hessian, and nested in one another they
took minutes to compile. Here each derivative is given in a closed form, which is made
of the function itself, so that the second derivative is as short as the first.

Where a function has a kink or is infinitely steep, its derivatives are 0.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def _over(a: Any, length: Any) -> Any:
    """The quotient, which where the length is 0 is 0, as are its derivatives."""
    return a / jnp.where(length == 0, jnp.inf, length)


@jax.custom_jvp
def hypot(a: Any, b: Any) -> Any:
    """The length of (a, b)."""
    a, b = jnp.abs(a), jnp.abs(b)
    longer = jnp.maximum(a, b)
    ratio = jnp.minimum(a, b) / longer
    ratio = jnp.where(ratio == ratio, ratio, 0.0)
    return longer * jnp.sqrt(1.0 + ratio * ratio)


@hypot.defjvp
def _hypot_jvp(primals: Any, tangents: Any) -> Any:
    (a, b), (da, db) = primals, tangents
    length = hypot(a, b)
    return length, _over(a, length) * da + _over(b, length) * db


NEAR = 0.1
"""How close to 0 sin(a)/a is summed as a series, which there is right to rounding."""

SINC = (1.0, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800)
"""The series of sin(a)/a in a^2."""


def _series(m: Any, a: Any, order: int) -> Any:
    """The series of a derivative of sin(a)/a; of the first it lacks a factor a."""
    square, total = a * a, m.zeros_like(a)
    for k in range(len(SINC) - 1, (order + 1) // 2 - 1, -1):
        total = SINC[k] * math.perm(2 * k, order) + square * total
    return total


def sinc_of(m: Any, a: Any) -> Any:
    """sin(a)/a, and 1 at 0.

    Args:
        m: jax.numpy or numpy.
        a: The values.
    """
    near = m.abs(a) < NEAR
    far = m.where(near, 1.0, a)
    return m.where(near, _series(m, m.where(near, a, 0.0), 0), m.sin(far) / far)


@jax.custom_jvp
def sinc(a: Any) -> Any:
    """The same, with derivatives that are short, and right beside 0."""
    return sinc_of(jnp, a)


@jax.custom_jvp
def _sinc_slope(a: Any) -> Any:
    near = jnp.abs(a) < NEAR
    far = (jnp.cos(a) - sinc(a)) / jnp.where(near, 1.0, a)
    return jnp.where(near, a * _series(jnp, a, 1), far)


@sinc.defjvp
def _sinc_jvp(primals: Any, tangents: Any) -> Any:
    (a,), (da,) = primals, tangents
    return sinc(a), _sinc_slope(a) * da


@_sinc_slope.defjvp
def _sinc_slope_jvp(primals: Any, tangents: Any) -> Any:
    (a,), (da,) = primals, tangents
    near, slope = jnp.abs(a) < NEAR, _sinc_slope(a)
    far = -sinc(a) - 2.0 * slope / jnp.where(near, 1.0, a)
    return slope, jnp.where(near, _series(jnp, a, 2), far) * da


def by_branches(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of x and y whose gradient has nothing of branches not taken.

    Backwards, what is not taken still counts, times 0; and that times infinity or NaN
    is NaN. Forwards it is left out, so the slopes are found that way.

    Args:
        function: Of x, y and other values, which are held as they are: by those there
            is no derivative. A value that changes is one of them: within a loop or a
            choice of JAX, a function must not bring along what is traced outside.
    """

    @jax.custom_jvp
    def chosen(x: Any, y: Any, *others: Any) -> Any:
        return function(x, y, *others)

    @chosen.defjvp
    def _jvp(primals: Any, tangents: Any) -> Any:
        (x, y, *others), (dx, dy, *_) = primals, tangents
        along_x = (lambda x: function(x, y, *others)), (x,), (jnp.ones_like(x),)
        along_y = (lambda y: function(x, y, *others)), (y,), (jnp.ones_like(y),)
        (value, by_x), (_, by_y) = jax.jvp(*along_x), jax.jvp(*along_y)
        return value, by_x * dx + by_y * dy

    return chosen
