"""How a surface curves along a path."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces import Loss, Surface
from surfaces.compiled import Compiled

CHUNK = 1_000
"""Points that are looked at at once: of another number, the code is compiled anew."""


def curvatures_along(
    surface: Surface, points: Float[np.ndarray, "n 2"]
) -> Float[np.ndarray, "n 2"]:
    """The eigenvalues of the Hessian at each of some points, the smaller first.

    Args:
        surface: Is differentiated twice, without noise and over all samples.
        points: Where; what is not finite has curvatures that are no numbers.
    """
    xx, xy, yy = hessians_along(surface, points).T
    with np.errstate(all="ignore"):
        middle, half = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    return np.stack([middle - half, middle + half], axis=-1)


def hessians_along(
    surface: Surface, points: Float[np.ndarray, "n 2"]
) -> Float[np.ndarray, "n 3"]:
    """The entries xx, xy and yy of the Hessian at each of some points.

    Args:
        surface: Is differentiated twice, without noise and over all samples.
        points: Where; what is not finite has entries that are no numbers.
    """
    found = []
    with jax.default_device(jax.local_devices(backend="cpu")[0]):
        for first in range(0, len(points), CHUNK):
            part = points[first : first + CHUNK]
            padded = np.zeros((CHUNK, 2))
            padded[: len(part)] = part
            found.append(np.asarray(_hessians(surface.fn, padded))[: len(part)])
    return np.concatenate(found) if found else np.zeros((0, 3))


@Compiled
def _hessians(fn: Loss, points: Float[Array, "n 2"]) -> Float[Array, "n 3"]:
    found: Any = jax.vmap(jax.hessian(fn))(points)
    return jnp.stack([found[:, 0, 0], found[:, 0, 1], found[:, 1, 1]], axis=-1)
