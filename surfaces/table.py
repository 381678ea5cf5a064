"""A table of two or three columns, as it is pasted or read from a file.

    hours;passed
    0,5;0
    1,75;1

The last column is the target, y; before it are one input, x, or two, x1 and x2.

Between columns are commas, semicolons, tabs or spaces; where these are no commas, a
comma is the sign of decimals. The first line may name the columns. Targets may be
numbers, or two words, of which the first in the alphabet counts 0 and the other 1.

In one line, as an address has it, rows end by semicolons, and between columns are
commas: `hours,passed;0.5,0;1.75,1`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from parameters import MINUSES
from parameters.digits import digits
from surfaces.columns import separator_of, split_cells
from surfaces.formula.errors import quoted

MOST_ROWS = 2000
LONGEST = 200_000
"""Characters of a table."""
LARGEST = 1e6
SMALLEST = 1e-100
"""Of two inputs, each has a number at least as large."""
LONGEST_NAME = 24
"""Characters of a column's name, or of a word in the place of a target."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_ALLOWED = "a table has two columns, x and y, or three: x1, x2 and y"
_NAMES = {2: ("x", "y"), 3: ("x1", "x2", "y")}
"""What columns are called that have no names, by how many there are."""
_PARALLEL = 1e-9
"""The sine of the angle between two columns that are multiples of one another."""


class TableError(ValueError):
    """What is wrong with a table, and what is allowed, in one sentence."""


@dataclass(frozen=True)
class Table:
    """Inputs and targets.

    Attributes:
        inputs: Of each row; the first of two.
        targets: Of each row; 0 and 1 where they are words.
        names: What the columns are called.
        words: The two words that targets are, the one that counts 0 first; or nothing.
        second: The second input of each row; nothing where there is one input.
    """

    inputs: tuple[float, ...]
    targets: tuple[float, ...]
    names: tuple[str, ...] = ("x", "y")
    words: tuple[str, ...] = ()
    second: tuple[float, ...] = ()

    @cached_property
    def x(self) -> Float[np.ndarray, "*inputs n"]:
        """The inputs: (n,), or (2, n) where there are two."""
        return np.array([self.inputs, self.second] if self.second else self.inputs)

    @cached_property
    def y(self) -> Float[np.ndarray, " n"]:
        """The targets."""
        return np.array(self.targets)

    @cached_property
    def text(self) -> str:
        """The table in one line, from which the same is read."""
        return ";".join(self._rows(","))

    @cached_property
    def lines(self) -> str:
        """The table as a person writes it, a row a line."""
        return "\n".join(self._rows(", "))

    @cached_property
    def summary(self) -> str:
        """What was read, in a sentence."""
        *names, y = self.names
        ranges = (
            f"{name} from {digits(min(column))} to {digits(max(column))}, "
            for name, column in zip(names, self._inputs, strict=True)
        )
        return (
            f"{len(self.inputs):,} rows: {''.join(ranges)}{y} {self._targets_in_words}."
        )

    @property
    def labels(self) -> tuple[float, ...]:
        """The values of targets where there are two at most; else nothing."""
        found = sorted(set(self.targets))
        return tuple(found) if len(found) <= 2 else ()

    @property
    def _targets_in_words(self) -> str:
        if self.words:
            return f"of {self.words[0]} (0) and {self.words[1]} (1)"
        if self.labels:
            return f"of {' and '.join(map(digits, self.labels))}"
        return f"from {digits(min(self.targets))} to {digits(max(self.targets))}"

    @property
    def _inputs(self) -> tuple[tuple[float, ...], ...]:
        return (self.inputs, self.second) if self.second else (self.inputs,)

    def _rows(self, between: str) -> Iterable[str]:
        if self.names not in _NAMES.values():
            yield between.join(self.names)
        for *inputs, y in zip(*self._inputs, self.targets, strict=True):
            target = self.words[int(y)] if self.words else _short(y)
            yield between.join((*map(_short, inputs), target))


def table_of(
    x: Sequence[float] | np.ndarray,
    y: Sequence[float] | np.ndarray,
    names: tuple[str, ...] | None = None,
) -> Table:
    """The table of columns of numbers.

    Args:
        x: Inputs, shape (n,), or (n, 2) where there are two.
        y: Targets, shape (n,); numbers, or true and false.
        names: What the columns are called, y last.

    Raises:
        TableError: In one sentence.
    """
    x, y = np.asarray(x), np.asarray(y)
    if any(column.dtype.kind not in "biuf" for column in (x, y)) or y.ndim != 1:
        raise TableError("x and y must be columns of numbers")
    if x.ndim != 1 and (x.ndim != 2 or x.shape[1] != 2):
        raise TableError("x must be one column of numbers, or two: of shape (n, 2)")
    if len(x) != len(y):
        raise TableError(
            f"x and y must have as many rows; they have {len(x)} and {len(y)}"
        )
    _check_rows(len(x))
    columns = [*np.atleast_2d(x.T), y]
    # A whole column is checked here, so that an error names what it holds.
    for name, column in zip(_NAMES[len(columns)], columns, strict=True):
        if not (np.abs(column.astype(float)) <= LARGEST).all():
            raise TableError(f"{name} has {_out_of_range()}")
    names = _NAMES[len(columns)] if names is None else tuple(names)
    if len(names) != len(columns):
        raise TableError(f"names must be {len(columns)}, one for each column")
    first, *second, targets = (tuple(map(float, column)) for column in columns)
    return _checked(Table(first, targets, names, second=second[0] if second else ()))


def read_table(text: str) -> Table:
    """Reads a table that is pasted, or stands in an address.

    Args:
        text: At most 200,000 characters and 2,000 rows. In lines, or all in one.

    Raises:
        TableError: In one sentence, with the line where there is one.
    """
    if len(text) > LONGEST:
        raise TableError(f"the table is longer than {LONGEST:,} characters")
    text = text.translate(MINUSES).removeprefix("\ufeff")
    lines = re.split(r"\r\n?|\n", text)
    if text and len(lines) == 1:
        rows = list(enumerate(text.split(";"), 1))
        return _read(rows, ",", "row")
    rows = [(at, line) for at, line in enumerate(lines, 1) if line.strip()]
    _check_rows(len(rows))
    return _read(rows, separator_of([line for _, line in rows]), "line")


def _read(rows: list[tuple[int, str]], separator: str | None, unit: str) -> Table:
    """The table of rows with their numbers."""
    cells = [(at, split_cells(row, separator)) for at, row in rows]
    for at, row in cells:
        if len(row) not in _NAMES:
            columns = "column" if len(row) == 1 else "columns"
            raise TableError(f"{unit} {at} has {len(row)} {columns}; {_ALLOWED}")
        if len(row) != len(cells[0][1]):
            raise TableError(
                f"{unit} {at} has {len(row)} columns, and {unit} {cells[0][0]} has "
                f"{len(cells[0][1])}; all must have as many"
            )
    decimal = "." if separator == "," else ","
    names = _NAMES[len(cells[0][1])] if cells else ()
    if cells and not _is_number(cells[0][1][0], decimal):
        names = tuple(map(_named, cells[0][1], names))
        cells = cells[1:]
    _check_rows(len(cells))

    def numbers(column: int) -> tuple[float, ...]:
        return tuple(_number(row[column], decimal, f"{unit} {at}") for at, row in cells)

    first, *second = (numbers(column) for column in range(len(names) - 1))
    words = _words([row[-1] for _, row in cells], decimal)
    if words:
        targets = tuple(float(words.index(_word(row[-1]))) for _, row in cells)
    else:
        targets = numbers(-1)
    return _checked(Table(first, targets, names, words, second[0] if second else ()))


def _is_number(cell: str, decimal: str) -> bool:
    return bool(_NUMBER.fullmatch(cell.replace(decimal, ".")))


def _number(cell: str, decimal: str, where: str) -> float:
    if not _is_number(cell, decimal):
        what = f"`{quoted(cell)}`" if cell else "an empty cell"
        raise TableError(f"{where} has {what}; allowed are numbers such as 1.5 or -2e3")
    value = float(cell.replace(decimal, "."))
    if not abs(value) <= LARGEST:
        raise TableError(f"{where} has {_out_of_range()}")
    return value


def _out_of_range() -> str:
    return "a number that is out of range; allowed is -1e6 to 1e6"


def _words(cells: list[str], decimal: str) -> tuple[str, ...]:
    """The two words that all cells are; nothing where they are anything else."""
    found = sorted({_word(cell) for cell in cells})
    two = len(found) == 2 and all(found)
    if not two or any(_is_number(cell, decimal) for cell in cells):
        return ()
    return tuple(found)


def _word(cell: str) -> str:
    return re.sub(r"[^\w .+-]", "", cell)[:LONGEST_NAME].strip()


def _named(cell: str, instead: str) -> str:
    """The name of a column: words that can be read again, and are no number."""
    name = _word(cell)
    return instead if not name or _is_number(name, ".") else name


def _check_rows(count: int) -> None:
    if count < 2:
        raise TableError(f"a table has at least 2 rows, and this one has {count}")
    if count > MOST_ROWS + 1:
        raise TableError(
            f"a table has at most {MOST_ROWS:,} rows, and this one has {count:,}"
        )


def _checked(table: Table) -> Table:
    if len(table.inputs) > MOST_ROWS:
        raise TableError(
            f"a table has at most {MOST_ROWS:,} rows, and this one has "
            f"{len(table.inputs):,}"
        )
    if table.second:
        _check_two(*table.x)
    elif len(set(table.inputs)) < 2:
        raise TableError("all x are equal; at least two must differ")
    return table


def _check_two(first: Float[np.ndarray, " n"], second: Float[np.ndarray, " n"]) -> None:
    """Refuses inputs of which one is 0, or a multiple of the other.

    Raises:
        TableError: If they are such.
    """
    for name, column in (("x1", first), ("x2", second)):
        if np.abs(column).max() < SMALLEST:
            raise TableError(
                f"all {name} are 0, or smaller than {SMALLEST:g}; scale that column"
            )
    # Scaled first: the squares of small numbers would be 0.
    first, second = (column / np.abs(column).max() for column in (first, second))
    rest = second - first * (first @ second) / (first @ first)
    if rest @ rest <= _PARALLEL**2 * (second @ second):
        raise TableError(
            "x1 and x2 are multiples of one another; leave one of them out"
        )


def _short(value: float) -> str:
    """A number in the fewest digits that are read as the same."""
    return repr(int(value)) if value == int(value) else repr(value)
