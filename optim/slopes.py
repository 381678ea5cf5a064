"""Gradients of a surface at many points, and of its single samples."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces import Domain, Loss, Surface
from surfaces.compiled import Compiled

CHUNK = 512
"""Points that are looked at at once: of another number, the code is compiled anew."""


def grid(domain: Domain, size: int) -> Float[np.ndarray, "n 2"]:
    """The middles of size x size equal cells of a domain, row by row from below."""
    part = (np.arange(size) + 0.5) / size
    x = domain.x_low + part * (domain.x_high - domain.x_low)
    y = domain.y_low + part * (domain.y_high - domain.y_low)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def gradients_at(
    surface: Surface, points: Float[np.ndarray, "n 2"]
) -> Float[np.ndarray, "n 2"]:
    """The gradient at each of some points, without noise and over all samples."""
    return _in_chunks(_gradients, surface.fn, points, ())


def sample_gradients(
    surface: Surface, points: Float[np.ndarray, "n 2"]
) -> Float[np.ndarray, "n samples 2"]:
    """The gradient of each single sample's loss at each of some points.

    Raises:
        ValueError: If the surface is not made of data.
    """
    if surface.samples is None:
        raise ValueError(f"{surface.label} is not made of data")
    samples = np.eye(surface.samples)
    return _in_chunks(_sampled, surface.fn, points, (samples,))


def _in_chunks(
    compiled: Any, fn: Loss, points: np.ndarray, more: tuple[Any, ...]
) -> np.ndarray:
    found = []
    with jax.default_device(jax.local_devices(backend="cpu")[0]):
        for first in range(0, max(len(points), 1), CHUNK):
            part = points[first : first + CHUNK]
            padded = np.zeros((CHUNK, 2))
            padded[: len(part)] = part
            found.append(np.asarray(compiled(fn, padded, *more))[: len(part)])
    return np.concatenate(found)


@Compiled
def _gradients(fn: Loss, points: Float[Array, "n 2"]) -> Float[Array, "n 2"]:
    return jax.vmap(jax.grad(fn))(points)


@Compiled
def _sampled(
    fn: Any, points: Float[Array, "n 2"], samples: Float[Array, "s s"]
) -> Float[Array, "n s 2"]:
    def each(point: Any) -> Any:
        # One pass forward for all samples, and the loss of each is a mean over one.
        losses = jax.jacrev(lambda w: jax.vmap(lambda one: fn(w, weights=one))(samples))
        return jnp.asarray(losses(point))

    return jax.vmap(each)(points)
