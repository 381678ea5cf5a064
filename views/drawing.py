"""What all pictures drawn with matplotlib have in common: the map, marks and trails."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from surfaces import Domain, Surface, sample
from views import theme
from views.figures import LEVELS, drawable, relief_of

RAMP = LinearSegmentedColormap.from_list("relief", theme.MAP_SCALE)

_HOURGLASS = [(-1, 1.2), (1, 1.2), (0.2, 0), (1, -1.2), (-1, -1.2), (-0.2, 0)]
_CHEVRON = [(-1.1, -0.2), (0, 1.1), (1.1, -0.2), (1.1, -1.1), (0, 0.1), (-1.1, -1.1)]

MARKERS: dict[str, Any] = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "star": "*",
    "cross": "X",
    "hexagon": "h",
    "down": "v",
    "plus": "P",
    "hourglass": _HOURGLASS,
    "pentagon": "p",
    "right": ">",
    "left": "<",
    "bowtie": [(y, x) for x, y in _HOURGLASS],
    "star4": (4, 1, 0),
    "chevron": _CHEVRON,
    "house": [(-1, -1), (-1, 0.2), (0, 1.2), (1, 0.2), (1, -1)],
    "star6": (6, 1, 0),
    "bar": [(-1.3, 0.5), (1.3, 0.5), (1.3, -0.5), (-1.3, -0.5)],
    "pillar": [(-0.5, 1.3), (0.5, 1.3), (0.5, -1.3), (-0.5, -1.3)],
    "trapezoid": [(-0.6, 0.9), (0.6, 0.9), (1.3, -0.9), (-1.3, -0.9)],
    "kite": [(0, 1.3), (0.8, 0.4), (0, -1.4), (-0.8, 0.4)],
}
"""The player's marks (marks.js), as matplotlib takes them."""

FAR = 20
"""Diagonals of the map to which lines are drawn: no renderer follows to infinity."""


def landscape(
    panel: Axes, surface: Surface, size: int, level: str = "auto", scale: float = 1.0
) -> None:
    """The contours of a surface over its window, its critical points marked.

    Args:
        panel: Where to draw.
        surface: What is drawn.
        size: Points a side that the contours are drawn from.
        level: "linear", "log" or "auto", as for `relief_of`.
        scale: How large marks and lines are.
    """
    grid = drawable(sample(surface, size))
    height = np.ma.masked_invalid(relief_of(surface, grid, level).height(grid.z))
    if height.count() and height.min() < height.max():
        panel.contourf(grid.x, grid.y, height, LEVELS, cmap=RAMP)
        panel.contour(
            grid.x,
            grid.y,
            height,
            LEVELS,
            colors=theme.MAP_LINE,
            linewidths=0.35 * scale,
            linestyles="solid",
        )
    marks = (surface.minima, "x"), (surface.saddles, "D"), (surface.maxima, "^")
    for points, mark in marks:
        panel.plot(
            [x for x, _ in points],
            [y for _, y in points],
            mark,
            color=theme.CRITICAL,
            markerfacecolor="none",
            markersize=4.5 * scale,
            markeredgewidth=0.9 * scale,
            zorder=3,
        )
    window = surface.view_domain
    panel.set_xlim(window.x_low, window.x_high)
    panel.set_ylim(window.y_low, window.y_high)
    panel.set_aspect("equal")
    panel.set_facecolor(theme.PANEL)
    for spine in panel.spines.values():
        spine.set_visible(False)


def ring(panel: Axes, at: Sequence[float], scale: float = 1.0) -> None:
    """The ring around a start."""
    panel.plot(
        *at,
        "o",
        color=theme.INK,
        markerfacecolor="none",
        markersize=7 * scale,
        markeredgewidth=0.9 * scale,
        zorder=6,
    )


def near(
    points: Float[np.ndarray, "*runs n 2"], window: Domain
) -> Float[np.ndarray, "*runs n 2"]:
    """Trails up to where they fly off, with their last line ending on its way.

    Args:
        points: The trails.
        window: What is shown.

    Returns:
        The same, with NaN for what is farther than `FAR` diagonals, but for the first
        such point, which is drawn nearer along its line.
    """
    points = points.astype(float)
    center = np.array([window.x_low + window.x_high, window.y_low + window.y_high]) / 2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        off = np.abs(points - center).max(axis=-1)
        far = ~(off < FAR * window.diagonal)
        drawn = np.where(far[..., None], np.nan, points)
        step = np.diff(points, axis=-2)
        length = np.abs(step).max(axis=-1)
        part = ((FAR - 1) * window.diagonal - off[..., :-1]) / length
        leaving = far[..., 1:] & ~far[..., :-1] & np.isfinite(length) & (part > 0)
        cut = points[..., :-1, :] + part[..., None] * step
    drawn[..., 1:, :][leaving] = cut[leaving]
    return drawn
