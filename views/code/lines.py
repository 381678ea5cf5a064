"""Lines of a script: indented, and broken where they are too long."""

import re
import textwrap
from collections.abc import Iterable

WIDTH = 88


def indented(lines: Iterable[str], by: int = 4) -> list[str]:
    """The lines, further to the right."""
    return [f"{' ' * by}{line}" if line else "" for line in lines]


def comment(text: str) -> list[str]:
    """A sentence as lines of comment."""
    return textwrap.wrap(text, WIDTH - 4, initial_indent="# ", subsequent_indent="# ")


def docstring(text: str) -> list[str]:
    """A sentence as a docstring."""
    wrapped = textwrap.wrap(text, WIDTH - 12)
    if len(wrapped) == 1:
        return [f'"""{wrapped[0]}"""']
    return [f'"""{wrapped[0]}', *wrapped[1:], '"""']


def statement(before: str, value: str, indent: int = 4) -> list[str]:
    """A line such as `x = value`; broken inside of parentheses if it is too long."""
    if len(before) + len(value) + indent <= WIDTH:
        return [f"{before}{value}"]
    called = re.match(r"[\w.]*\(", value)
    if called and _closes(value, called.end() - 1) == len(value) - 1:
        begin, value = called[0], value[called.end() : -1]
    else:
        begin = "("
    broken = _broken(value, WIDTH - indent - 4)
    return [f"{before}{begin}", *indented(broken), ")"]


def _broken(value: str, width: int) -> list[str]:
    """Code in lines: at blanks, and behind parentheses where that is not enough."""
    lines: list[str] = []
    for line in textwrap.wrap(
        value, width, break_long_words=False, break_on_hyphens=False
    ):
        while len(line) > width and (end := line.rfind("(", 0, width) + 1):
            lines.append(line[:end])
            line = line[end:]
        while len(line) > width and (end := line.rfind(")", 1, width)) > 0:
            lines.append(line[:end])
            line = line[end:]
        lines.append(line)
    return lines


def _closes(text: str, first: int) -> int:
    """Where the parenthesis closes that is opened there."""
    depth = 0
    for k in range(first, len(text)):
        depth += {"(": 1, ")": -1}.get(text[k], 0)
        if depth == 0:
            return k
    return len(text)


def array(name: str, make: str, numbers: Iterable[float]) -> list[str]:
    """An array of numbers."""
    written = ", ".join(f"{float(number)!r}" for number in numbers)
    return [f"{name} = {make}([", *indented(textwrap.wrap(written, WIDTH - 4)), "])"]


def uses(lines: Iterable[str], name: str) -> bool:
    """Whether code has a name in it."""
    return bool(re.search(rf"\b{re.escape(name)}\b", "\n".join(lines)))
