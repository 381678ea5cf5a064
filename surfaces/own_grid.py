"""The surface of losses on a grid of one's own: the bicubic spline through them.

The losses of a large network along two directions, say, as tools that draw its loss
landscape write them. The surface goes through each of the losses that are given, and
has two continuous derivatives between them (spline.py); beyond the grid nothing is
known, and it has no value there.
"""

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces.base import Point, Surface
from surfaces.compiled import ArrayLoss, EphemeralLoss, prepare
from surfaces.critical import MOST, Losses, with_found
from surfaces.domain import Domain
from surfaces.grid import MOST as MOST_ALONG
from surfaces.grid import LossGrid, loss_grid
from surfaces.look import look_at, suggested_rates
from surfaces.spline import coefficients, spline

SIZES = 18, 34, 66, 130, MOST_ALONG + 2
"""Coefficients along a side, as they are kept."""

_counter = itertools.count(1)


@dataclass(frozen=True)
class _Interpolated(EphemeralLoss):
    """The spline of any grid."""

    def __call__(
        self,
        coefs: Float[Any, "rows columns"],
        sides: Float[Any, "3 2"],
        base: Float[Any, ""],
        params: Any,
        point: Point,
    ) -> Float[Array, ""]:
        """The loss at a point.

        Args:
            coefs: What its B-splines are multiplied by.
            sides: Where the grid begins and ends, and how many cells it has: x and y.
            base: What is added to all.
            params: It has none.
            point: Where.
        """
        return base + _spline(jnp, coefs, sides, point[0], point[1])


@dataclass(frozen=True)
class GridLoss(ArrayLoss):
    """The spline through the losses of a grid. The same losses are the same loss."""

    key: str
    arrays: tuple[Any, ...] = field(compare=False, repr=False)
    """The coefficients of its B-splines, where the grid is, and its base."""

    @staticmethod
    def of(grid: LossGrid) -> "GridLoss":
        """The spline of a grid, of which it holds nothing else.

        Its arrays fill one of five sizes: all grids are compiled five times at most.
        """
        # Without what all have in common, a level grid is level to the last bit.
        base = np.float64(grid.losses[0, 0])
        found = coefficients(grid.losses - base)
        size = next(each for each in SIZES if each >= max(found.shape))
        coefs = np.zeros((size, size))
        coefs[: found.shape[0], : found.shape[1]] = found
        rows, columns = grid.losses.shape
        ends = zip(grid.x, grid.y, strict=True)
        sides = jnp.array([*ends, (columns - 1.0, rows - 1.0)])
        return GridLoss(_key_of(grid), (jnp.asarray(coefs), sides, base))

    @property
    def of_arrays(self) -> Callable[..., Any]:
        """The spline of any grid."""
        return _Interpolated()

    def __call__(self, params: Any, point: Point) -> Float[Array, ""]:
        """The loss at a point; not a number beyond the grid."""
        return self.of_arrays(*self.arrays, params, point)

    def at_many(self) -> Losses:
        """The loss at many points, with nothing to compile."""
        coefs, sides, base = map(np.asarray, self.arrays)

        def losses(points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
            with np.errstate(all="ignore"):
                return base + _spline(np, coefs, sides, points[..., 0], points[..., 1])

        return losses


def _spline(xp: Any, coefs: Any, sides: Any, x: Any, y: Any) -> Any:
    """The spline at places, exact at its first and last."""
    (left, low), (right, high), (width, height) = sides
    across, along = (x - left) / (right - left), (y - low) / (high - low)
    return spline(xp, coefs, (width, height), across * width, along * height)


def grid_surface(x: Any, y: Any, losses: Any, path: Any = ()) -> Surface:
    """The surface of losses on a grid of one's own.

    Args:
        x: Places along x, evenly spaced, shape (n,); n from 4 to 256.
        y: Places along y, shape (m,).
        losses: The loss at each, shape (m, n): a row for each y.
        path: Points (k, 2) that a run went through, to be shown on the map.

    Raises:
        GridError: In words that follow "grid".
    """
    surface = surface_of_grid(loss_grid(x, y, losses, path))
    return replace(surface, key=f"grid{next(_counter)}")


@lru_cache(maxsize=8)
def surface_of_grid(grid: LossGrid) -> Surface:
    """The surface of a grid, with a start, rates and minima that are found."""
    prepare()
    loss = GridLoss.of(grid)
    losses, domain = loss.at_many(), Domain(*grid.x, *grid.y)
    look = look_at(lambda x, y: losses(np.stack([x, y], axis=-1)), domain)
    assert look is not None  # All losses are finite.
    surface = Surface(
        key="grid",
        label="Your own grid",
        family="Your own",
        notation=r"\text{the bicubic spline through losses on a grid}",
        loss=loss,
        domain=domain,
        start=look.start,
        teaches="It goes through every loss that is given, and ends with the grid.",
        source="Losses given by the reader.",
        color_scale="log" if look.steep else "linear",
        steps=300,
        learning_rates=suggested_rates(look.slope, domain.diagonal),
        minima=_low_places(grid),
        path=grid.path,
    )
    return with_found(surface)


def _key_of(grid: LossGrid) -> str:
    ends = np.array([*grid.x, *grid.y, *grid.losses.shape])
    return hashlib.sha256(ends.tobytes() + grid.losses.tobytes()).hexdigest()


def _low_places(grid: LossGrid) -> tuple[tuple[float, float], ...]:
    """The lowest places that are lower than all around them: minima are near them."""
    inner = grid.losses[1:-1, 1:-1]
    rows, columns = inner.shape
    around = [
        grid.losses[i : i + rows, j : j + columns]
        for i, j in np.ndindex(3, 3)
        if (i, j) != (1, 1)
    ]
    low = np.argwhere(inner < np.min(around, axis=0))
    order = np.argsort(inner[*low.T], kind="stable")[:MOST]
    x, y = grid.places
    return tuple((float(x[j + 1]), float(y[i + 1])) for i, j in low[order])
