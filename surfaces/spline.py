"""A smooth surface through the values on a grid: the bicubic spline.

Along each side it is the cubic spline that has one cubic on its first two cells, and
one on its last two (not-a-knot), so that it has two continuous derivatives everywhere
and is exact where the values are those of a cubic. It is written by cubic B-splines on
evenly spaced knots, of which sixteen count at a point.

Source: C. de Boor, A Practical Guide to Splines (2001), chapters IV, IX and XVII.
"""

from typing import Any

import jax
import numpy as np
from jaxtyping import Float

FOUR = np.arange(4)
LEAST = 4
"""Values along a side, as a cubic needs."""


def coefficients(values: Float[np.ndarray, "m n"]) -> Float[np.ndarray, "m+2 n+2"]:
    """What the B-splines are multiplied by, so that the sum has these values.

    Args:
        values: At evenly spaced places, at least four along each side.
    """
    along_x = np.linalg.solve(_conditions(values.shape[1]), _bordered(values.T))
    return np.linalg.solve(_conditions(values.shape[0]), _bordered(along_x.T))


def _bordered(values: np.ndarray) -> np.ndarray:
    """Values with a row of zeros at both ends, for the conditions there."""
    return np.pad(values, ((1, 1), (0, 0)))


def _conditions(size: int) -> Float[np.ndarray, "k k"]:
    """What coefficients are to fulfil: the not-a-knot conditions, and the values."""
    rows = np.zeros((size + 2, size + 2))
    rows[0, :5] = rows[-1, -5:] = 1, -4, 6, -4, 1
    for at in range(size):
        rows[at + 1, at : at + 3] = np.array([1, 4, 1]) / 6
    return rows


def spline(xp: Any, coefs: Any, cells: tuple[Any, Any], x: Any, y: Any) -> Any:
    """The spline at places that are counted in cells of the grid.

    Args:
        xp: The library that computes: NumPy, or JAX's.
        coefs: Of `coefficients`; what follows them in a larger array does not count.
        cells: How many there are along x, and along y.
        x: Places from 0 to the first of them; numbers or arrays.
        y: From 0 to the second, likewise.

    Returns:
        Its values; not a number beyond the grid, where nothing is known.
    """
    width, height = cells
    inside = (0 <= x) & (x <= width) & (0 <= y) & (y <= height)
    column, across = _weights(xp, x, width)
    row, along = _weights(xp, y, height)
    block = _block(coefs, row, column)
    total = 0.0
    for j, weight in enumerate(along):
        total = total + weight * sum(w * block[j, k] for k, w in enumerate(across))
    # Times, and not a choice: so its slope is no number, either.
    return total * xp.where(inside, 1.0, np.nan)


def _block(coefs: Any, row: Any, column: Any) -> Any:
    """The four by four coefficients from a row and a column on."""
    if isinstance(coefs, np.ndarray):
        j, k = (each.reshape(4, *[1] * np.ndim(row)) for each in (FOUR, FOUR))
        return coefs[row + j[:, None], column + k]
    # At once: so a million are looked up in a third of the time.
    return jax.lax.dynamic_slice(coefs, (row, column), (4, 4))


def _weights(xp: Any, at: Any, cells: int) -> tuple[Any, tuple[Any, ...]]:
    """The cell that a place is in, and how much four B-splines count there."""
    # What is no place of the grid is looked up anywhere: it has no value.
    cell = xp.clip(xp.nan_to_num(xp.floor(at)), 0, cells - 1)
    s = at - cell
    r = 1 - s
    parts = r**3, 3 * s**3 - 6 * s**2 + 4, 3 * r**3 - 6 * r**2 + 4, s**3
    return cell.astype(int), tuple(part / 6 for part in parts)
