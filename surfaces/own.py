"""A surface of a function of one's own, in JAX, for a notebook."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces.base import Loss, Point, Surface
from surfaces.critical import lowest_points, with_found
from surfaces.domain import Domain
from surfaces.look import look_at, suggested_rates


def own_surface(
    loss: Loss,
    domain: Domain,
    *,
    key: str,
    label: str = "",
    start: tuple[float, float] | None = None,
) -> Surface:
    """A surface with what can be found out about it: a start, rates, lowest points.

    Args:
        loss: Any JAX function from a point of shape (2,) to a scalar.
        domain: Where it is looked at.
        key: Its name in a registry.
        label: Its name for a person; else that of the function.
        start: Where runs begin; else a point with a slope.

    Raises:
        ValueError: If it gives no scalar, or is nowhere finite on the domain.
    """
    shape = jax.eval_shape(loss, jax.ShapeDtypeStruct((2,), np.float64)).shape
    if shape != ():
        raise ValueError(f"the loss must be one number, not an array of shape {shape}")
    domain = Domain(*map(float, domain))
    many = jax.jit(jnp.vectorize(loss, signature="(d)->()"))

    def losses(points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
        return np.asarray(many(np.asarray(points, float)))

    look = look_at(lambda x, y: losses(np.stack((x, y), axis=-1)), domain)
    if look is None:
        raise ValueError("the loss has no finite value anywhere on the domain")
    surface = Surface(
        key=key,
        label=label or _name(loss),
        family="Your own",
        notation=r"\text{a function in Python}",
        loss=_of_point(loss),
        domain=domain,
        start=start or look.start,
        teaches="A function of your own.",
        source="Given in a notebook.",
        color_scale="log" if look.steep else "linear",
        steps=300,
        learning_rates=suggested_rates(look.slope, domain.diagonal),
    )
    return with_found(surface, lowest_points(losses, domain))


def _of_point(loss: Loss) -> Callable[[Any, Point], Float[Array, ""]]:
    return lambda _, point: loss(point)


def _name(loss: Loss) -> str:
    name = getattr(loss, "__name__", "")
    return "Your own f(x, y)" if name in ("", "<lambda>") else name
