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
    found = []
    with jax.default_device(jax.local_devices(backend="cpu")[0]):
        for first in range(0, len(points), CHUNK):
            part = points[first : first + CHUNK]
            padded = np.zeros((CHUNK, 2))
            padded[: len(part)] = part
            found.append(np.asarray(_curvatures(surface.fn, padded))[: len(part)])
    return np.concatenate(found) if found else np.zeros((0, 2))


@Compiled
def _curvatures(fn: Loss, points: Float[Array, "n 2"]) -> Float[Array, "n 2"]:
    hessian: Any = jax.vmap(jax.hessian(fn))(points)
    xx, xy, yy = hessian[:, 0, 0], hessian[:, 0, 1], hessian[:, 1, 1]
    middle, half = (xx + yy) / 2, jnp.hypot((xx - yy) / 2, xy)
    return jnp.stack([middle - half, middle + half], axis=-1)
