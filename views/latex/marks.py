"""The marks of entries as PGF draws them: those of the page (views/player/marks.js)."""

import math

from views.theme import FURTHER, LOOKS

Corners = list[tuple[float, float]]


def _turn(corners: int, radius: float, first: float = 90) -> Corners:
    angles = (math.radians(first - 360 * k / corners) for k in range(corners))
    return [(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]


def _star(points: int, outer: float, inner: float) -> Corners:
    return [
        (x * radius, y * radius)
        for k, (x, y) in enumerate(_turn(2 * points, 1))
        for radius in (inner if k % 2 else outer,)
    ]


_ARM = 0.4
_PLUS = [
    (-_ARM, 1.1), (_ARM, 1.1), (_ARM, _ARM), (1.1, _ARM), (1.1, -_ARM), (_ARM, -_ARM),
    (_ARM, -1.1), (-_ARM, -1.1), (-_ARM, -_ARM), (-1.1, -_ARM), (-1.1, _ARM),
    (-_ARM, _ARM),
]  # fmt: skip
_HOURGLASS = [(-1, 1.2), (1, 1.2), (0.2, 0), (1, -1.2), (-1, -1.2), (-0.2, 0)]
CORNERS: dict[str, Corners] = {
    "square": _turn(4, 1.2, -45),
    "triangle": _turn(3, 1.3),
    "diamond": _turn(4, 1.25),
    "star": _star(5, 1.3, 0.5),
    "hexagon": _turn(6, 1.1),
    "down": _turn(3, 1.3, -90),
    "plus": _PLUS,
    "cross": [((x - y) * 0.75, (x + y) * 0.75) for x, y in _PLUS],
    "left": _turn(3, 1.3, 180),
    "right": _turn(3, 1.3, 0),
    "pentagon": _turn(5, 1.15),
    "hourglass": _HOURGLASS,
    "bowtie": [(y, x) for x, y in _HOURGLASS],
    "star4": _star(4, 1.4, 0.45),
    "star6": _star(6, 1.3, 0.65),
    "chevron": [
        (-1.1, -0.2), (0, 1.1), (1.1, -0.2), (1.1, -1.1), (0, 0.1), (-1.1, -1.1),
    ],
    "house": [(-1, -1), (-1, 0.2), (0, 1.2), (1, 0.2), (1, -1)],
    "bar": [(-1.3, 0.5), (1.3, 0.5), (1.3, -0.5), (-1.3, -0.5)],
    "pillar": [(-0.5, 1.3), (0.5, 1.3), (0.5, -1.3), (-0.5, -1.3)],
    "trapezoid": [(-0.6, 0.9), (0.6, 0.9), (1.3, -0.9), (-1.3, -0.9)],
    "kite": [(0, 1.3), (0.8, 0.4), (0, -1.4), (-0.8, 0.4)],
}  # fmt: skip
"""Corners around (0, 0), of about unit radius, by name; a circle has none."""
MARKS = {look.mark for look in LOOKS.values()} | {mark for _, mark in FURTHER}
"""All that there are."""


def mark_name(mark: str) -> str:
    """What PGF calls a mark."""
    return f"loss-{mark}" if mark in CORNERS else "*"


def declared(mark: str) -> list[str]:
    """Lines that declare a mark; none for a circle, which PGF has."""
    if mark not in CORNERS:
        return []
    points = [
        rf"\pgfpoint{{{x:.4f}\pgfplotmarksize}}{{{y:.4f}\pgfplotmarksize}}"
        for x, y in CORNERS[mark]
    ]
    first, *others = points
    return [
        rf"\pgfdeclareplotmark{{{mark_name(mark)}}}{{%",
        rf"  \pgfpathmoveto{{{first}}}%",
        *(rf"  \pgfpathlineto{{{point}}}%" for point in others),
        r"  \pgfpathclose\pgfusepathqfillstroke}",
    ]
