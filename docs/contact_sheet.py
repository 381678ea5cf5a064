"""Every surface on one sheet, with its five runs as they are recommended.

    python -m docs.contact_sheet [PATH]     docs/contact_sheet.png by default

For choosing starts, steps and rates by eye.
"""

import argparse
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image

from optim import OPTIMIZERS, Trajectory, descend
from surfaces import SURFACES, Domain, Surface, sample
from views import theme
from views.figures import LEVELS, drawable, relief_of
from views.places import on_map

SHEET = Path(__file__).with_suffix(".png")
COLUMNS = 5
_CAPTION = 41
"""Points from one caption to the next: as far as a panel is narrow."""


def contact_sheet(
    surfaces: Sequence[Surface], size: int = 151, width: float = 3.1
) -> Figure:
    """A sheet with one panel for each surface.

    Args:
        surfaces: What to draw, row by row.
        size: Points a side that the contours are drawn from.
        width: Of one panel, in inches.
    """
    columns = min(COLUMNS, len(surfaces))
    rows = -(-len(surfaces) // columns)
    figure = Figure((width * columns, width * 1.2 * rows), facecolor=theme.PAGE)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    figure.subplots_adjust(0.02, 0.2 / rows, 0.98, 1 - 0.1 / rows, 0.1, 0.24)
    for panel, surface in zip(panels, surfaces, strict=False):
        _landscape(panel, surface, size)
        for place, key in enumerate(theme.DEFAULT_ON):
            run = _recommended(surface, key)
            _trail(panel, surface, key, run)
            _caption(panel, place, key, run)
    for panel in panels[len(surfaces) :]:
        panel.set_axis_off()
    return figure


def _recommended(surface: Surface, key: str) -> Trajectory:
    rule = OPTIMIZERS[key]
    hypers = rule.hypers(lr=surface.recommended[key])
    return descend(surface, rule, surface.start, hypers, surface.steps)


def _landscape(panel: Axes, surface: Surface, size: int) -> None:
    _map(panel, surface, size)
    _ring(panel, surface.start)
    panel.tick_params(colors=theme.MUTED, labelsize=5, length=2, width=0.4, pad=1.5)
    panel.locator_params(nbins=5)
    panel.set_title(
        f"{surface.label}, {surface.steps} steps", color=theme.INK, fontsize=8, pad=4
    )


def _trail(panel: Axes, surface: Surface, key: str, run: Trajectory) -> None:
    look = theme.LOOKS[key]
    points = near(run.points, surface.view_domain)
    panel.plot(*points.T, color=look.colour, linewidth=0.9, zorder=4)
    if surface.view_domain.contains(run.points[-1]):
        panel.plot(
            *run.points[-1],
            marker=MARKERS[look.mark],
            color=look.colour,
            markeredgecolor=theme.PAGE,
            markeredgewidth=0.4,
            markersize=5,
            zorder=5,
        )


def _caption(panel: Axes, place: int, key: str, run: Trajectory) -> None:
    look = theme.LOOKS[key]
    words = f"{look.short}\n{run.outcome.kind}"
    if run.outcome.step is not None:
        words += f" {run.outcome.step}"
    panel.annotate(
        words,
        (0.5, 0),
        xytext=(_CAPTION * (place - (len(theme.DEFAULT_ON) - 1) / 2), -11),
        xycoords="axes fraction",
        textcoords="offset points",
        color=look.colour,
        fontsize=5.6,
        ha="center",
        va="top",
    )


_RAMP = LinearSegmentedColormap.from_list("relief", theme.MAP_SCALE)

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


def _map(panel: Axes, surface: Surface, size: int) -> None:
    """The contours of a surface over its window, its critical points marked."""
    grid = drawable(sample(surface, size))
    height = np.ma.masked_invalid(relief_of(surface, grid).height(grid.z))
    if height.count() and height.min() < height.max():
        panel.contourf(grid.x, grid.y, height, LEVELS, cmap=_RAMP)
        panel.contour(
            grid.x,
            grid.y,
            height,
            LEVELS,
            colors=theme.MAP_LINE,
            linewidths=0.35,
            linestyles="solid",
        )
    kinds = (surface.minima, "x"), (surface.saddles, "D"), (surface.maxima, "^")
    marks = ((on_map(surface, places), sign) for places, sign in kinds)
    for points, mark in marks:
        panel.plot(
            [x for x, _ in points],
            [y for _, y in points],
            mark,
            color=theme.CRITICAL,
            markerfacecolor="none",
            markersize=4.5,
            markeredgewidth=0.9,
            zorder=3,
        )
    window = surface.view_domain
    panel.set_xlim(window.x_low, window.x_high)
    panel.set_ylim(window.y_low, window.y_high)
    panel.set_aspect("equal")
    panel.set_facecolor(theme.PANEL)
    for spine in panel.spines.values():
        spine.set_visible(False)


def _ring(panel: Axes, at: Sequence[float]) -> None:
    """The ring around a start."""
    panel.plot(
        *at,
        "o",
        color=theme.INK,
        markerfacecolor="none",
        markersize=7,
        markeredgewidth=0.9,
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


def main(argv: Sequence[str] | None = None) -> None:
    """Draws the sheet of every surface into a PNG file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("path", type=Path, nargs="?", default=SHEET)
    path = parser.parse_args(argv).path
    drawn = BytesIO()
    contact_sheet(list(SURFACES.values())).savefig(drawn, dpi=120)
    # A palette: a quarter of the bytes. Of the ways to choose one, this keeps the few
    # pixels of the trails their colours.
    sheet = (
        Image.open(drawn)
        .convert("RGB")
        .quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    )
    sheet.save(path, optimize=True)


if __name__ == "__main__":
    main()
