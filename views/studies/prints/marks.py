"""What several pictures have in common: marks, maps, trails, colours and words."""

from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from views import theme
from views.drawing import MARKERS, landscape, near
from views.result import Result
from views.studies.codes import ENDS, FIRST_END, FIRST_NEAR
from views.studies.prints.sheet import Sheet, number

MAP_SIZE = 181
"""Points a side that a map is drawn from."""
MOST_DRAWN = 150_000
"""Points of trails that an SVG holds as lines; more become pixels in it."""
LOST = [FIRST_END + ENDS.index(k) for k in ("stopped", "left", "undefined", "diverged")]
"""Ends to which no steps are counted."""


def marked(look: theme.Look, **more: Any) -> dict[str, Any]:
    """How the mark of an entry is drawn."""
    drawn = {
        "marker": MARKERS[look.mark],
        "color": look.colour,
        "markersize": 7.0,
        "markeredgecolor": theme.PAGE,
        "markeredgewidth": 0.6,
        "linestyle": "none",
    } | more
    # matplotlib measures a star by its tips.
    drawn["markersize"] *= 1.5 if look.mark.startswith("star") else 1
    return drawn


LUCKY = ", a lucky one"
"""What is said of the best of a sweep between much worse ones."""

BEST: dict[str, Any] = {
    "marker": "o",
    "markersize": 15,
    "markerfacecolor": "none",
    "markeredgecolor": theme.CRITICAL,
    "markeredgewidth": 2.0,
    "linestyle": "none",
}


def headed(
    panel: Axes, answer: Result, key: str, more: str = "", narrow: bool = False
) -> None:
    """The name of an entry above its panel, and something on the right."""
    setup = answer.setup
    look, short = setup.looks[key], setup.short_names.get(key)
    at = {"va": "center_baseline", "clip_on": False}
    panel.plot(
        0, 1, **marked(look), transform=shifted(panel, 4, 8), clip_on=False, zorder=9
    )
    panel.text(
        0, 1, (narrow and short) or setup.name(key), color=look.colour,
        fontsize=9 if narrow else 10, transform=shifted(panel, 12, 8), **at,
    )  # fmt: skip
    panel.text(
        1, 1, more, color=theme.MUTED, fontsize=7 if narrow else 8, ha="right",
        transform=shifted(panel, 0, 8), **at,
    )  # fmt: skip


def shifted(panel: Axes, right: float, up: float) -> Any:
    """The panel's own coordinates, shifted by so many points."""
    figure = panel.get_figure()
    assert figure is not None
    shift = ScaledTranslation(right / 72, up / 72, figure.dpi_scale_trans)
    return panel.transAxes + shift


def draw_map(panel: Axes, answer: Result, scale: float = 1.6) -> None:
    """The map of the surface."""
    setup = answer.setup
    landscape(panel, setup.surface, MAP_SIZE, setup["level"], scale)
    framed(panel)


def framed(panel: Axes) -> None:
    """A frame whose axes are x and y."""
    panel.set_aspect("auto")
    panel.tick_params(length=3, width=0.6)
    panel.locator_params(nbins=6)
    panel.set_xlabel("x", labelpad=1)
    panel.set_ylabel("y", labelpad=1)


def map_ratio(answer: Result) -> float:
    """The width of a map by its height; true to scale unless that is too thin."""
    window = answer.setup.surface.view_domain
    ratio = (window.x_high - window.x_low) / (window.y_high - window.y_low)
    return float(np.clip(ratio, 0.5, 2.0))


def nobody(sheet: Sheet, answer: Result, why: str) -> bool:
    """Says so where there is nothing to draw."""
    if answer.runs:
        return False
    sheet.bottom += 0.3
    sheet.line(why, 11, theme.INK)
    sheet.bottom += 0.3
    sheet.finish()
    return True


OFF = "No optimizer is on."
RATELESS = "No optimizer that is on has a learning rate."


def end_colour(code: int) -> str:
    """The colour of an end, by its code."""
    if code < FIRST_END:
        return theme.MINIMA[code % FIRST_NEAR % len(theme.MINIMA)]
    return theme.ENDS[ENDS[min(code - FIRST_END, len(ENDS) - 1)]][0]


def end_label(answer: Result, code: int) -> str:
    """An end in words, by its code."""
    if code < FIRST_END:
        k = code % FIRST_NEAR
        x, y = answer.setup.surface.minima[k]
        return f"minimum {k + 1} at ({number(x)}, {number(y)})"
    return theme.ENDS[ENDS[code - FIRST_END]][1]


def diverging(ends: np.ndarray) -> np.ndarray:
    """Which runs went to infinity, or where the loss is no number."""
    return np.isin(ends, [FIRST_END + ENDS.index(k) for k in ("diverged", "undefined")])


def rate_shades() -> Any:
    """Colours for learning rates that stand out from the map."""
    return ListedColormap(matplotlib.colormaps["viridis"](np.linspace(0.38, 1, 256)))


def critical(answer: Result) -> list[Line2D]:
    """What marks critical points on a map, for a legend."""
    surface = answer.setup.surface
    marks = [
        ("x", "a minimum", surface.minima),
        ("D", "a saddle", surface.saddles),
        ("^", "a maximum", surface.maxima),
    ]
    return [
        Line2D([], [], color=theme.CRITICAL, marker=mark, markerfacecolor="none",
               linestyle="none", label=label)
        for mark, label, points in marks if points
    ]  # fmt: skip


def draw_trails(
    panel: Axes, answer: Result, points: np.ndarray, colours: Any, wide: float
) -> None:
    """Many trails."""
    lines = LineCollection(
        list(near(points, answer.setup.surface.view_domain)),
        colors=colours,
        linewidths=wide,
        zorder=4,
    )
    total = sum(run["points"][..., 0].size for run in answer.runs.values())
    lines.set_rasterized(total > MOST_DRAWN)
    panel.add_collection(lines, autolim=False)
