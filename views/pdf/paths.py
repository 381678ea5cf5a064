"""Paths of SVG, in the lines and cubic curves that a PDF has."""

import math
import re
from collections.abc import Iterator

from views.stream import Refused

Part = tuple[str, tuple[float, ...]]
"""m and a point, l and a point, c and three points, or h: as PDF names them."""

_TOKEN = re.compile(
    r"[\s,]*(?:([MLHVCQAZ])|([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,3})?))", re.I
)
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "A": 7, "Z": 0}
_WRONG = "A path of this picture cannot be read."
FARTHEST = 1e6
"""Beyond it, readers of PDF do not draw as they should."""


def parts_of(path: str) -> Iterator[Part]:
    """The parts of a path, one after the other.

    Args:
        path: The attribute `d`.

    Raises:
        Refused: If it cannot be read; parts before that are yielded.
    """
    here = start = (0.0, 0.0)
    for letter, values in _commands(path):
        kind = letter.upper()
        x, y = here if letter.islower() else (0.0, 0.0)
        if kind == "Z":
            here = start
            yield "h", ()
        elif kind == "A":
            end = (x + values[5], y + values[6])
            yield from _arc(here, values, end)
            here = end
        else:
            if kind == "H":
                values = (x + values[0], here[1])
            elif kind == "V":
                values = (here[0], y + values[0])
            else:
                values = tuple(v + (y if i % 2 else x) for i, v in enumerate(values))
            if kind == "Q":
                values = _raised(here, values)
            here = values[-2], values[-1]
            if kind == "M":
                start = here
            yield {"M": "m", "C": "c", "Q": "c"}.get(kind, "l"), values


def _commands(path: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Letters, each with as many numbers as it takes; it may stand for many."""
    letter = ""
    values: list[float] = []
    at, end = 0, len(path.rstrip())
    while at < end:
        found = _TOKEN.match(path, at)
        if found is None:
            raise Refused(_WRONG)
        at = found.end()
        named = str(found[1] or "")
        if named:
            if values or (not letter and named not in "Mm"):
                raise Refused(_WRONG)
            letter = named
            if letter in "Zz":
                yield letter, ()
            continue
        values.append(float(found[2]))
        if not abs(values[-1]) <= FARTHEST or letter in "Zz":
            raise Refused(_WRONG)
        if len(values) == _COUNTS[letter.upper()]:
            yield letter, tuple(values)
            values = []
            # Further pairs after a point that is moved to are lines.
            letter = {"M": "L", "m": "l"}.get(letter, "") or letter
    if values:
        raise Refused(_WRONG)


def _raised(here: tuple[float, float], values: tuple[float, ...]) -> tuple[float, ...]:
    """The cubic curve that is a quadratic one."""
    (a, b), (x, y, c, d) = here, values
    first = a + 2 / 3 * (x - a), b + 2 / 3 * (y - b)
    return (*first, c + 2 / 3 * (x - c), d + 2 / 3 * (y - d), c, d)


def _arc(
    here: tuple[float, float], values: tuple[float, ...], end: tuple[float, float]
) -> Iterator[Part]:
    """An arc of a circle as curves; those of ellipses are not drawn by the page."""
    radius, other, _, large, sweep = values[:5]
    if radius != other or radius < 0:
        raise Refused(_WRONG)
    (a, b), (c, d) = here, end
    across = math.hypot(c - a, d - b)
    if not across or not radius:
        yield "l", end
        return
    radius = max(radius, across / 2)
    # The centre is beside the middle of the chord.
    away = math.sqrt(max(radius**2 - (across / 2) ** 2, 0)) / across
    side = 1 if bool(large) != bool(sweep) else -1
    x, y = (a + c) / 2 - side * away * (d - b), (b + d) / 2 + side * away * (c - a)
    first = math.atan2(b - y, a - x)
    turn = math.atan2(d - y, c - x) - first
    turn %= math.tau
    if not sweep:
        turn -= math.tau
    count = max(math.ceil(abs(turn) / (math.pi / 2) - 1e-9), 1)
    step = turn / count
    handle = 4 / 3 * math.tan(step / 4) * radius
    for number in range(count):
        u, v = first + number * step, first + (number + 1) * step
        p, q = x + radius * math.cos(u), y + radius * math.sin(u)
        r, s = x + radius * math.cos(v), y + radius * math.sin(v)
        one = p - handle * math.sin(u), q + handle * math.cos(u)
        two = r + handle * math.sin(v), s - handle * math.cos(v)
        yield "c", (*one, *two, r, s)
