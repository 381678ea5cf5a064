"""Lines of text as columns, whatever stands between them."""

from collections import Counter
from collections.abc import Iterable


def separator_of(lines: Iterable[str]) -> str | None:
    """What is between the columns of most lines; None for spaces.

    Commas, semicolons, tabs or spaces. Where these are no commas, a comma is the sign
    of decimals.
    """
    # The last lines first: the first may hold names, of several words.
    found = Counter(_separator(line) for line in reversed([*lines]) if _is_split(line))
    return found.most_common(1)[0][0] if found else ","


def split_cells(line: str, separator: str | None) -> list[str]:
    """The cells of a line, without quotes and blanks around them."""
    # A line of spaces has no cell that is empty; others may end by their separator.
    parts = line.split() if separator is None else line.strip(" ").split(separator)
    if separator is not None and len(parts) > 2 and not parts[-1].strip():
        parts = parts[:-1]
    return [part.strip().strip("\"'").strip() for part in parts]


def _is_split(line: str) -> bool:
    return len(split_cells(line, _separator(line))) > 1


def _separator(line: str) -> str | None:
    for sign in "\t;":
        if sign in line:
            return sign
    fields = line.split()
    spaced = len(fields) > 1 and not any(
        field[0] == "," or field[-1] == "," for field in fields
    )
    return None if spaced or "," not in line else ","
