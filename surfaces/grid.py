"""Losses on a grid, as other tools write them, with a path across it if there is one.

Text is read in two forms. A table whose first line holds the places along x and whose
first column those along y:

    y/x, -1,  0,  1,   2
    -1,  3.2, 2.1, 3.0, 5.1
    ...

or one line for each point, `x, y, loss`, in any order. Between columns are commas,
semicolons, tabs or spaces; where these are no commas, a comma is the sign of decimals.
A table of losses alone is counted from 0. A path is lines of `x, y`.

In one line, as an address has it, lines end by semicolons, and a path follows an empty
one: `y/x,-1,0,...;-1,3.2,...;;-1,-1;0,0.5`.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from parameters import MINUSES
from parameters.digits import digits
from surfaces.columns import separator_of, split_cells
from surfaces.formula.errors import quoted
from surfaces.spline import LEAST

MOST = 256
"""Losses along a side."""
LONGEST_PATH = 5000
"""Points of a path."""
LONGEST = 3_000_000
"""Characters of a text."""
MOST_LINES = MOST**2 + LONGEST_PATH + 10
"""Lines of one: a point each, a path, names and what is between."""
FARTHEST, LARGEST = 1e6, 1e12
"""How far from 0 a place may be, and a loss."""
EVEN = 1e-3
"""Of the distance between two places, by how much it may differ from the others'."""

CORNER = "y/x"
_FORMS = (
    "a grid has x along its first line and y along its first column, or a line x, y, "
    "loss for each point"
)


class GridError(ValueError):
    """What is wrong with a grid, and what is allowed, in words that follow "grid"."""


@dataclass(frozen=True, eq=False)
class LossGrid:
    """Losses at evenly spaced places.

    Attributes:
        x: Columns: the first place and the last.
        y: Rows: likewise.
        losses: At each, shape (rows, columns).
        path: Points (n, 2) that a run went through, from its first; empty if none.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    losses: Float[np.ndarray, "m n"]
    path: Float[np.ndarray, "k 2"]

    @cached_property
    def text(self) -> str:
        """The grid in one line, from which the same is read."""
        columns, rows = (side.tolist() for side in self.places)
        lines = [",".join((CORNER, *map(_short, columns)))]
        for y, row in zip(rows, self.losses.tolist(), strict=True):
            lines.append(",".join((_short(y), *map(_short, row))))
        path = [f"{_short(x)},{_short(y)}" for x, y in self.path.tolist()]
        return ";".join((*lines, *(["", *path] if path else [])))

    @property
    def places(self) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " m"]]:
        """The places along x, and those along y."""
        rows, columns = self.losses.shape
        return np.linspace(*self.x, columns), np.linspace(*self.y, rows)

    @property
    def summary(self) -> str:
        """What was read, in a sentence."""
        rows, columns = self.losses.shape
        low, high = self.losses.min(), self.losses.max()
        path = f", and a path of {len(self.path):,} points" if len(self.path) else ""
        return (
            f"{columns} × {rows} losses from {digits(low)} to {digits(high)}, "
            f"x from {_ends(self.x)}, y from {_ends(self.y)}{path}."
        )


def loss_grid(x: Any, y: Any, losses: Any, path: Any = ()) -> LossGrid:
    """The grid of arrays.

    Args:
        x: Places along x, evenly spaced, shape (n,); n from 4 to 256.
        y: Places along y, shape (m,).
        losses: The loss at each, shape (m, n): a row for each y.
        path: Points, shape (k, 2); at most 5,000.

    Raises:
        GridError: In words that follow "grid".
    """
    shape = np.shape(losses)
    if len(shape) != 2:
        raise GridError(f"must be a table of losses, and not of shape {shape}")
    _check_size(*shape)
    found = _numbers(losses, "losses")
    sides = (_side("x", x, found.shape[1]), _side("y", y, found.shape[0]))
    for axis, (_, turned) in enumerate(sides):
        if turned:
            found = np.flip(found, axis=1 - axis)
    if not np.isfinite(found).all():
        row, column = np.argwhere(~np.isfinite(found))[0]
        raise GridError(
            f"has a loss that is not finite, at row {row + 1}, column {column + 1}; "
            "all must be finite"
        )
    if np.abs(found).max() > LARGEST:
        raise GridError(f"has a loss beyond {LARGEST:g}; scale the losses")
    return LossGrid(
        sides[0][0], sides[1][0], np.ascontiguousarray(found), _checked_path(path)
    )


def with_path(grid: LossGrid, path: Any) -> LossGrid:
    """The grid with another path.

    Raises:
        GridError: In words that follow "grid".
    """
    return LossGrid(grid.x, grid.y, grid.losses, _checked_path(path))


def read_grid(text: str) -> LossGrid:
    """Reads a grid that is pasted, or stands in an address.

    Raises:
        GridError: In words that follow "grid", with the line where there is one.
    """
    blocks = _lines(text)
    head = [line for _, line in blocks[0]] if blocks else []
    if len(head) < 2:
        raise GridError(f"is empty; {_FORMS}")
    separator = separator_of(head)
    rows = [(at, split_cells(line, separator)) for at, line in blocks[0]]
    decimal = "." if separator == "," else ","
    path = read_path(blocks[1]) if len(blocks) > 1 else ()
    if {len(row) for _, row in rows} == {3}:
        return _of_points(rows, decimal, path)
    return _of_table(rows, decimal, path)


def read_path(lines: Sequence[tuple[int, str]]) -> Float[np.ndarray, "k 2"]:
    """Reads a path, a line for each point.

    Args:
        lines: Each with its number.

    Raises:
        GridError: In words that follow "grid".
    """
    separator = separator_of([line for _, line in lines])
    rows = [(at, split_cells(line, separator)) for at, line in lines]
    decimal = "." if separator == "," else ","
    if rows and not _is_number(rows[0][1][0], decimal):  # It names the columns.
        rows = rows[1:]
    for at, row in rows:
        if len(row) != 2:
            raise GridError(f"has a path that is no x, y at line {at}")
    return np.array([_values(row, decimal, at) for at, row in rows]).reshape(-1, 2)


def is_path(text: str) -> bool:
    """Whether a text is lines of two columns: a path, and no grid."""
    blocks = _lines(text)
    if len(blocks) != 1:
        return False
    lines = [line for _, line in blocks[0]]
    separator = separator_of(lines)
    return {len(split_cells(line, separator)) for line in lines} == {2}


def path_of(text: str) -> Float[np.ndarray, "k 2"]:
    """Reads a text that `is_path`.

    Raises:
        GridError: In words that follow "grid".
    """
    return read_path(_lines(text)[0])


def _lines(text: str) -> list[list[tuple[int, str]]]:
    """The lines with their numbers, parted where one is empty."""
    if len(text) > LONGEST:
        raise GridError(f"is longer than {LONGEST:,} characters")
    text = text.translate(MINUSES).removeprefix("\ufeff")
    lines = re.split(r"\r\n?|\n", text.strip("\r\n"))
    if len(lines) == 1:
        lines = text.split(";")
    if len(lines) > MOST_LINES:
        raise GridError(f"has {len(lines):,} lines; at most {MOST_LINES:,} are allowed")
    blocks: list[list[tuple[int, str]]] = [[]]
    for at, line in enumerate(lines, 1):
        if line.strip():
            blocks[-1].append((at, line))
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _of_table(rows: list[tuple[int, list[str]]], decimal: str, path: Any) -> LossGrid:
    """The grid of a table, with or without the places along its sides."""
    width = len(rows[0][1])
    for at, row in rows:
        if len(row) != width:
            raise GridError(
                f"has {len(row)} columns in line {at} and {width} in its first; "
                f"{_FORMS}"
            )
    placed = not _is_number(rows[0][1][0], decimal)
    first = placed and rows[0][1][1:]
    body = rows[1:] if placed else rows
    _check_size(len(body), width - placed)
    values = np.array([_values(row, decimal, at) for at, row in body])
    if not first:
        return loss_grid(range(width), range(len(body)), values, path)
    return loss_grid(
        _values(first, decimal, rows[0][0]), values[:, 0], values[:, 1:], path
    )


def _of_points(rows: list[tuple[int, list[str]]], decimal: str, path: Any) -> LossGrid:
    """The grid of a line for each point, in any order."""
    if not _is_number(rows[0][1][0], decimal):  # It names the columns.
        rows = rows[1:]
    if len(rows) > MOST**2:
        raise GridError(f"has {len(rows):,} points; at most {MOST**2:,} are allowed")
    found = np.array([_values(row, decimal, at) for at, row in rows])
    return of_points(found, path)


def of_points(points: Float[np.ndarray, "k 3"], path: Any = ()) -> LossGrid:
    """The grid of x, y and loss at each of its points, in any order.

    Raises:
        GridError: If there are points that are missing, or that are given twice.
    """
    points = points.reshape(-1, 3)
    sides = [np.unique(points[:, axis], return_inverse=True) for axis in (0, 1)]
    (x, column), (y, row) = sides
    if len(points) != len(x) * len(y) or len({*zip(row, column, strict=True)}) != len(
        points
    ):
        raise GridError(
            f"has {len(points):,} points, with {len(x):,} different x and {len(y):,} "
            "different y; there must be one for each pair of them"
        )
    losses = np.empty((len(y), len(x)))
    losses[row, column] = points[:, 2]
    return loss_grid(x, y, losses, path)


def _side(name: str, places: Any, size: int) -> tuple[tuple[float, float], bool]:
    """Where a side begins and ends, and whether it is to be turned round.

    Raises:
        GridError: If its places are not evenly spaced.
    """
    shape = np.shape(places)
    if shape != (size,):
        kind = "column" if name == "x" else "row"
        raise GridError(
            f"has {math.prod(shape)} places along {name} and {size} {kind}s of losses; "
            "there must be as many"
        )
    found = _numbers(places, name)
    if not np.isfinite(found).all() or np.abs(found).max() > FARTHEST:
        raise GridError(
            f"has a place along {name} out of range; allowed is -1e6 to 1e6"
        )
    steps = np.diff(found)
    step = (found[-1] - found[0]) / (size - 1)
    if not step or np.abs(steps - step).max() > EVEN * abs(step):
        raise GridError(f"has places along {name} that are not evenly spaced")
    low, high = sorted((float(found[0]), float(found[-1])))
    return (low, high), bool(step < 0)


def _numbers(values: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(values).astype(float)
    except (TypeError, ValueError):
        raise GridError(f"has {name} that are no numbers") from None


def _checked_path(path: Any) -> Float[np.ndarray, "k 2"]:
    shape = np.shape(path)
    if not math.prod(shape):
        return np.empty((0, 2))
    if len(shape) != 2 or shape[1] != 2:
        raise GridError(f"has a path of shape {shape}; it must be (points, 2)")
    if shape[0] > LONGEST_PATH:
        raise GridError(
            f"has a path of {shape[0]:,} points; at most {LONGEST_PATH:,} are allowed"
        )
    found = _numbers(path, "points of the path")
    if not (np.abs(found) <= FARTHEST).all():
        raise GridError("has a path with a point out of range; allowed is -1e6 to 1e6")
    return found


def _check_size(rows: int, columns: int) -> None:
    if not (LEAST <= rows <= MOST and LEAST <= columns <= MOST):
        raise GridError(
            f"has {columns} × {rows} losses; allowed are {LEAST} to {MOST} along a side"
        )


def _values(cells: Iterable[str], decimal: str, at: int) -> list[float]:
    return [_value(cell, decimal, at) for cell in cells]


def _value(cell: str, decimal: str, at: int) -> float:
    number = _float(cell, decimal)
    if number is None:
        what = f"`{quoted(cell)}`" if cell else "an empty cell"
        raise GridError(f"has {what} in line {at}; allowed are numbers such as -1.5e3")
    return number


def _is_number(cell: str, decimal: str) -> bool:
    return _float(cell, decimal) is not None


def _float(cell: str, decimal: str) -> float | None:
    # float() also reads "1_000", and non-ASCII digits.
    if "_" in cell or not cell.isascii():
        return None
    try:
        return float(cell.replace(decimal, "."))
    except ValueError:
        return None


def _short(value: float) -> str:
    """A number in the fewest digits that are read as the same."""
    whole = value == int(value) and math.fabs(value) < 1e15
    return repr(int(value)) if whole else repr(value)


def _ends(side: tuple[float, float]) -> str:
    return f"{digits(side[0])} to {digits(side[1])}"
