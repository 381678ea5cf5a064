"""Functions with a kink, made so that their gradient is finite on it too.

At a kink there is no gradient. What is returned there is 0: a subgradient, and what
the mean over all directions gives. A run that lands exactly on one stays.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float


def guarded_sqrt(square: Float[Array, ""]) -> Float[Array, ""]:
    """The square root, whose slope at 0 is taken to be 0 and not infinite."""
    zero = square == 0
    # Both branches are differentiated: the one that is not taken must be finite too.
    return jnp.where(zero, 0.0, jnp.sqrt(jnp.where(zero, 1.0, square)))


def guarded_abs(value: Float[Array, ""]) -> Float[Array, ""]:
    """The absolute value, whose slope at 0 is taken to be 0."""
    return value * jnp.sign(value)
