"""The still pictures: contour map and 3D surface, as plotly figures.

Both show the relief, a monotone transform of the loss; axes and readouts show the
loss itself. Trails are not in the figures: the player draws them above.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from surfaces import Grid, Surface, sample
from views import theme

_FONT = {"color": theme.MUTED, "size": 11, "family": "Source Sans, sans-serif"}
_SCALE = [
    [i / (len(theme.MAP_SCALE) - 1), colour] for i, colour in enumerate(theme.MAP_SCALE)
]
LEVELS = 22
MOST_TICKS = 7
"""Ticks on an axis of losses at most: closer ones would touch."""
HUGE = 8e307
"""Losses beyond are not drawn: the difference of two of them would be infinite."""
LARGE = 1e30
"""Losses up to here are linear heights by themselves; float32 ends at 3.4e38."""


@dataclass(frozen=True)
class Relief:
    """How a loss becomes a height: by its excess over a base, in units.

    Linear: excess / unit. Logarithmic: log10(1 + |excess| / unit), with its sign.
    Both rise with the loss everywhere, below the base too.

    Attributes:
        level: Which of the two.
        base: The loss at height 0: the lowest minimum; where none is known, zero for
            a linear relief and the lowest loss on the map for a logarithmic one.
        unit: Where the logarithm takes over from the straight line; of a linear relief,
            1 unless float32 cannot hold its losses.
    """

    level: str
    base: float
    unit: float

    def height(self, loss: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """The height of each loss."""
        excess = np.asarray(loss) - self.base
        if self.level == "linear":
            return excess / self.unit
        return np.sign(excess) * np.log10(1 + np.abs(excess) / self.unit)

    def ticks(self, lowest: float, highest: float) -> tuple[list[float], list[str]]:
        """Heights worth a tick between two losses, and their losses in words."""
        if self.level == "linear":
            losses = _round_numbers(lowest, highest)
        else:
            losses = self._spaced_round(lowest, highest)
        return [float(self.height(np.array(v))) for v in losses], [
            _in_words(v) for v in losses
        ]

    def _spaced_round(self, lowest: float, highest: float) -> list[float]:
        """The base, and round losses whose heights are not too close."""
        low, high = self.height(np.array([lowest, highest])).tolist()
        gap = (high - low) / MOST_TICKS
        most = max(abs(lowest), abs(highest), self.unit)
        # Much below the unit, heights are too close to one another.
        first = int(np.floor(np.log10(max(self.unit / 10, most * 1e-18))))
        last = int(np.floor(np.log10(most)))
        powers = [10.0**k for k in range(last, first - 1, -1)]
        tens = [0.0, *powers, *(-power for power in powers)]
        between = [k * ten for ten in tens for k in (5.0, 2.0)]
        base = self.base if abs(self.base) > most * 1e-9 else 0.0
        # The lowest point lies between those that were sampled.
        taken = [base] if low < 2 * gap else []
        for losses in (tens, between):
            if len(taken) > 2:
                break
            for loss in losses:
                place = self.height(np.array(loss))
                gaps = np.abs(place - self.height(np.array(taken)))
                if low <= place <= high and (gaps >= gap).all():
                    taken.append(loss)
        return sorted(taken)


_SUPER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _in_words(loss: float) -> str:
    """A loss as a tick says it: three digits at most, and a power of ten beyond."""
    size = abs(loss)
    if size == 0 or 1e-3 <= size < 1e4:
        return (f"{loss:.3g}" if size < 1e3 else f"{loss:.0f}").replace("-", "−")
    digit, _, exponent = f"{size:.1e}".partition("e")
    digit = "" if digit == "1.0" else digit.removesuffix(".0") + "·"
    sign = "−" if loss < 0 else ""
    return f"{sign}{digit}10{str(int(exponent)).translate(_SUPER)}"


def _round_numbers(low: float, high: float) -> list[float]:
    """About five round numbers between two."""
    rough = (high - low) / 5 or 1.0
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(step for k in (1, 2, 5, 10) if (step := k * power) >= rough)
    count = range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)
    return [k * step for k in count]


def relief_of(surface: Surface, grid: Grid, level: str = "auto") -> Relief:
    """The relief that shows a surface's structure over its window.

    Args:
        surface: What is shown.
        grid: Its losses.
        level: "linear", "log", or "auto" for what suits the surface.
    """
    if level == "auto":
        level = surface.color_scale
    known = surface.lowest
    seen = grid.z[np.isfinite(grid.z)]
    if level == "linear":
        base = surface.base_loss
        largest = float(np.abs(seen - base).max(initial=0.0))
        unit = 10.0 ** np.floor(np.log10(largest)) if largest > LARGE else 1.0
        return Relief(level, base, float(unit))
    base = float(min(seen, default=0.0)) if known is None else known
    # A hundredth of the median: the floor of a valley then takes up half the scale.
    unit = float(np.median(seen - base)) / 100 if seen.size else 1.0
    # Nor may the quotient of the largest loss and the unit be infinite.
    largest = float((seen - base).max(initial=0.0))
    return Relief(level, base, max(unit, 1e-12, largest * 1e-290))


def map_figure(surface: Surface, grid: Grid, relief: Relief) -> go.Figure:
    """The contour map over the surface's domain, critical points marked."""
    contour = go.Contour(
        x=grid.x.astype(np.float32),
        y=grid.y.astype(np.float32),
        z=relief.height(grid.z).astype(np.float32),
        colorscale=_SCALE,
        showscale=False,
        ncontours=LEVELS,
        line={"color": theme.MAP_LINE, "width": 1},
        hoverinfo="skip",
    )
    axis = {
        "showgrid": False,
        "zeroline": False,
        "tickfont": _FONT,
        "ticks": "outside",
        "ticklen": 3,
        "tickcolor": theme.MUTED,
        "nticks": 6,
        "showline": False,
    }
    domain = surface.view_domain
    return go.Figure(
        [
            contour,
            _critical(surface.maxima, "maximum", "triangle-up-open"),
            _critical(surface.saddles, "saddle", "diamond-open"),
            _critical(surface.minima, "minimum", "x-thin"),
        ],
        {
            # At the top and beside the last number there is room for half of it; on
            # the right for the scale of the loss, which the player draws.
            "margin": {"l": 44, "r": 48, "t": 9, "b": 34},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": theme.PANEL,
            "dragmode": "pan",
            "hovermode": "closest",
            "hoverlabel": {"bgcolor": theme.PANEL, "font": {"color": theme.INK}},
            "showlegend": False,
            "xaxis": axis
            | {
                "title": _title("x"),
                "range": [domain.x_low, domain.x_high],
                "constrain": "domain",
            },
            "yaxis": axis
            | {
                "title": _title("y"),
                "range": [domain.y_low, domain.y_high],
                "constrain": "domain",
                # Equal scales: a gradient is then seen to be normal to its contour.
                "scaleanchor": "x",
            },
        },
    )


def _title(text: str) -> dict[str, Any]:
    """The name of an axis, close to its numbers."""
    return {
        "text": text,
        "font": _FONT | {"size": 13, "color": theme.INK},
        "standoff": 1,
    }


def _critical(
    points: tuple[tuple[float, float], ...], word: str, mark: str
) -> go.Scatter:
    return go.Scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="markers",
        marker={
            "symbol": mark,
            "size": 10,
            "color": theme.CRITICAL,
            "line": {"color": theme.CRITICAL, "width": 2},
        },
        hovertemplate=f"{word} (%{{x:.4g}}, %{{y:.4g}})<extra></extra>",
    )


def scene_figure(surface: Surface, grid: Grid, relief: Relief) -> go.Figure:
    """The surface in three dimensions, seen from the front left."""
    height = relief.height(grid.z)
    seen = np.isfinite(grid.z)
    low, high = _span(height[seen])
    # The lowest point lies between the grid's, and runs find it.
    low -= 0.02 * (high - low)
    if surface.lowest is not None:
        low = min(low, 0.0)
    values, texts = relief.ticks(*_span(grid.z[seen]))
    rings = {
        "show": True,
        "color": theme.MAP_LINE,
        "width": 1,
        "start": low,
        "end": high,
        "size": (high - low) / LEVELS or 1.0,
    }
    terrain = go.Surface(
        x=grid.x.astype(np.float32),
        y=grid.y.astype(np.float32),
        z=height.astype(np.float32),
        colorscale=_SCALE,
        showscale=False,
        hoverinfo="skip",
        # Shade without gloss, never brighter than the scale: the trails' contrast
        # is computed against the scale.
        lighting={
            "ambient": 0.75,
            "diffuse": 0.25,
            "specular": 0.0,
            "fresnel": 0.0,
            "roughness": 1.0,
        },
        contours={"z": rings},
    )
    axis = {
        "showbackground": False,
        "gridcolor": theme.GRID,
        "zeroline": False,
        "tickfont": _FONT | {"size": 12},
        "showspikes": False,
    }
    named = {
        word: {
            "title": {"text": word, "font": _FONT | {"size": 14, "color": theme.INK}}
        }
        for word in ("x", "y", "loss")
    }
    domain = surface.view_domain
    return go.Figure(
        [terrain],
        {
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "hovermode": False,
            "scene": {
                "xaxis": axis | named["x"] | _between(domain.x_low, domain.x_high),
                "yaxis": axis | named["y"] | _between(domain.y_low, domain.y_high),
                "zaxis": axis
                | named["loss"]
                | {"range": [low, high], "tickvals": values, "ticktext": texts},
                "aspectmode": "manual",
                "aspectratio": {"x": 1, "y": 1, "z": 0.6},
                "camera": {
                    "eye": {"x": -1.2, "y": -1.57, "z": 1.12},
                    "center": {"x": 0.02, "y": -0.02, "z": -0.16},
                },
                "dragmode": "orbit",
            },
        },
    )


def _between(low: float, high: float) -> dict[str, Any]:
    """The range of an axis, with ticks away from its ends: there two axes meet."""
    edge = 0.06 * (high - low)
    values = _round_numbers(low + edge, high - edge)
    return {
        "range": [low, high],
        "tickvals": values,
        "ticktext": [_in_words(value) for value in values],
    }


def _span(values: Float[np.ndarray, " n"]) -> tuple[float, float]:
    """The least and the greatest, which differ."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    return (low, high) if low < high else (0.0, 1.0)


def drawable(grid: Grid) -> Grid:
    """The grid with holes where losses are too large for any picture."""
    with np.errstate(invalid="ignore"):
        return grid._replace(z=np.where(np.abs(grid.z) <= HUGE, grid.z, np.nan))


def landscape(
    surface: Surface,
    level: str = "auto",
    weights: Float[np.ndarray, " samples"] | None = None,
    size: int = 121,
) -> str:
    """Both figures and the relief they share, as JSON for the player.

    The scene comes without its heights: they are those of the map, and most of it all.

    Args:
        surface: What to show.
        level: "linear", "log" or "auto".
        weights: Of the samples, to show a minibatch's surface instead of that of all.
        size: Points a side.
    """
    grid = drawable(sample(surface, size, weights))
    relief = relief_of(surface, grid, level)
    scene = scene_figure(surface, grid, relief)
    scene.data[0].z = None
    parts = {
        "map": map_figure(surface, grid, relief).to_json(),
        "scene": scene.to_json(),
        "relief": json.dumps(asdict(relief), allow_nan=False),
    }
    return "{" + ",".join(f'"{name}":{text}' for name, text in parts.items()) + "}"
