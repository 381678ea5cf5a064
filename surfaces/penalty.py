"""L2 regularization: the surface with lambda / 2 |w|^2 added to its loss.

Its critical points are not the plain surface's. Each is followed from there by
Newton's method while lambda grows; one that meets another and vanishes is dropped.

Source: A. E. Hoerl, R. W. Kennard, Technometrics 12 (1970) 55-67; Deep Learning
(2016), section 7.1.1.
"""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jaxtyping import Array, Float

from surfaces.base import Loss, Point, Surface
from surfaces.compiled import Compiled

STAGES = 16
STEPS = 8


def regularized(surface: Surface, l2: float) -> Surface:
    """The surface with the penalty added, its critical points moved along."""
    if l2 == surface.l2:
        return surface
    moved = replace(surface, l2=l2)
    start = np.array([*surface.minima, *surface.saddles]).reshape(-1, 2)
    if not len(start):
        return moved
    plain, _ = surface.fn.args
    points, slopes, bent = map(
        np.asarray, _follow(plain, start, np.float64(surface.l2), np.float64(l2))
    )
    near = 1e-8 * surface.domain.diagonal
    settled = np.isfinite(points).all(axis=1) & (np.abs(slopes).max(axis=1) <= near)
    settled &= surface.domain.contains(points)
    count = len(surface.minima)
    minima = points[:count][settled[:count] & (bent[:count, 0] > 0)]
    saddles = points[count:][settled[count:] & (bent[count:].prod(axis=1) < 0)]
    together = 1e-6 * surface.domain.diagonal
    minima, saddles = _apart(minima, together), _apart(saddles, together)
    return replace(
        moved,
        minima=minima,
        saddles=saddles,
        charted=surface.charted and len(minima) + len(saddles) == len(start),
    )


def _apart(points: np.ndarray, together: float) -> tuple[tuple[float, float], ...]:
    """The points, of those that have met only the first."""
    kept: list[np.ndarray] = []
    for point in points:
        if all(np.linalg.norm(point - other) > together for other in kept):
            kept.append(point)
    return tuple((float(x), float(y)) for x, y in kept)


@Compiled
def _follow(
    plain: Partial,
    start: Float[Array, "n 2"],
    before: Float[Array, ""],
    after: Float[Array, ""],
) -> tuple[Float[Array, "n 2"], Float[Array, "n 2"], Float[Array, "n 2"]]:
    """Where the points end, the Newton step left there, and the curvatures."""

    def penalized(l2: Float[Array, ""]) -> Loss:
        return lambda point: plain(point) + l2 / 2 * (point**2).sum()

    def newton(l2: Float[Array, ""], point: Point) -> Point:
        fn = penalized(l2)
        return jnp.linalg.solve(jax.hessian(fn)(point), jax.grad(fn)(point))

    def follow(point: Point):
        def stage(i, point):
            l2 = before + (after - before) * ((i // STEPS) + 1) / STAGES
            return point - newton(l2, point)

        point = jax.lax.fori_loop(0, STAGES * STEPS, stage, point)
        curvatures = jnp.linalg.eigvalsh(jax.hessian(penalized(after))(point))
        return point, newton(after, point), curvatures

    return jax.vmap(follow)(start)
