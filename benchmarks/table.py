"""A table of figures, and the few statistics that fill it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Table:
    """Rows of text under a title, and what a reader must know to read them.

    Attributes:
        title: What was measured.
        header: One heading a column.
        rows: One text a column.
        note: How to read it, in a sentence or two.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __str__(self) -> str:
        """The table in Markdown, its columns lined up."""
        lines = [self.header, *self.rows]
        widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
        cells = [
            " | ".join(
                text.rjust(width) if i else text.ljust(width)
                for i, (text, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        rule = " | ".join(
            "-" * (width - bool(i)) + (":" if i else "")
            for i, width in enumerate(widths)
        )
        body = "\n".join(f"| {text} |" for text in (cells[0], rule, *cells[1:]))
        return "\n\n".join(filter(None, (f"### {self.title}", body, self.note)))


def p50(values: Sequence[float]) -> float:
    """The median; NaN of nothing."""
    return float(np.percentile(values, 50)) if len(values) else float("nan")


def p95(values: Sequence[float]) -> float:
    """The 95th percentile; NaN of nothing."""
    return float(np.percentile(values, 95)) if len(values) else float("nan")


def number(value: float, unit: str = "") -> str:
    """A figure with three significant digits, or a dash where there is none."""
    if value != value:
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{3 if 0 < abs(value) < 0.1 else digits}f}"
    return f"{text} {unit}".strip()


def times(value: float, against: float) -> str:
    """How many times as much as the alternative."""
    return f"×{number(value / against)}" if against else "–"


def size(count: float) -> str:
    """A number of bytes."""
    for unit in ("B", "kB"):
        if count < 1000:
            return number(count, unit)
        count /= 1000
    return number(count, "MB")
