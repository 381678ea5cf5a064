"""The still pictures: what the map is drawn from, and the surface in 3D for plotly.

Both show the relief, a monotone transform of the loss; axes and readouts show the
loss itself. Trails are not in the pictures: the player draws them above, and the map.
"""

import json
from base64 import b64encode
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from parameters.digits import minus
from surfaces import Grid, Surface, sample
from surfaces.critical import compiled_losses
from views import theme
from views.places import on_map
from views.setup import Setup
from views.undefined import undefined

_FONT = {"color": theme.MUTED, "size": 11, "family": "Source Sans, sans-serif"}
_SCALE = [
    [i / (len(theme.MAP_SCALE) - 1), colour] for i, colour in enumerate(theme.MAP_SCALE)
]
LEVELS = 22
"""Contours of the map at most."""
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
        return [float(self.height(np.array(v))) for v in losses], _tick_texts(losses)

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


def _tick_texts(values: list[float]) -> list[str]:
    """What the ticks of one axis say, from the lowest to the highest.

    With powers of ten if one of them needs it, and with so many digits, three at least
    where there is no power, that each is where it says, beside its neighbours.
    """
    sizes = [abs(value) for value in values if value]
    if any(not 1e-3 <= size < 1e4 for size in sizes):
        texts, digits = _resolved(values, powers=True)
        if digits == 3 or min(sizes) < 1e-3:
            return texts
        plain, _ = _resolved(values, powers=False)
        return min(texts, plain, key=lambda said: max(map(len, said)))
    return _resolved(values, powers=False)[0]


def _resolved(values: list[float], powers: bool) -> tuple[list[str], int]:
    """What ticks say in one notation, and with how many digits."""
    gaps = np.diff(values, prepend=-np.inf, append=np.inf)
    nearest = np.minimum(gaps[:-1], gaps[1:])

    def are_resolved(digits: int) -> bool:
        said = [_rounded(value, powers, digits) for value in values]
        return bool((np.abs(np.subtract(said, values)) <= 0.05 * nearest).all())

    digits = next(filter(are_resolved, range(3, 15)), 15)
    return [_in_words(value, powers, digits) for value in values], digits


def _is_power(size: float, powers: bool) -> bool:
    """Whether a number is said with a power of ten."""
    return powers and bool(size) and not 1 <= size < 100


def _rounded(value: float, powers: bool, digits: int) -> float:
    """A number as a tick says it, again as a number."""
    return float(f"{value:.{digits - 1 - _is_power(abs(value), powers)}e}")


def _in_words(value: float, powers: bool, digits: int) -> str:
    """A number as a tick says it."""
    size = abs(value)
    if not _is_power(size, powers):
        plain = size < 10.0**digits
        return minus(f"{value:.{digits}g}" if plain else f"{value:.0f}")
    factor, _, exponent = f"{size:.{digits - 2}e}".partition("e")
    factor = factor.rstrip("0").rstrip(".")
    factor = "" if factor == "1" else f"{factor}·"
    sign = "−" if value < 0 else ""
    return f"{sign}{factor}10{str(int(exponent)).translate(_SUPER)}"


def _round_step(rough: float) -> float:
    """The next round number from a positive one: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(rough))
    return next(float(step) for k in (1, 2, 5, 10) if (step := k * power) >= rough)


def _round_numbers(low: float, high: float) -> list[float]:
    """About five round numbers between two."""
    step = _round_step((high - low) / 5 or 1.0)
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


class Levels(NamedTuple):
    """The heights of the contours: multiples of a step, so many from the first on."""

    first: float
    step: float
    number: int


def levels_of(heights: Float[np.ndarray, "rows columns"]) -> Levels:
    """Round heights between the lowest and the highest, and neither of them."""
    low, high = _span(heights[np.isfinite(heights)])
    step = _round_step((high - low) / LEVELS)
    first, last = int(np.floor(low / step)) + 1, int(np.ceil(high / step)) - 1
    return Levels(first * step, step, max(last - first + 1, 0))


def still_map(surface: Surface, grid: Grid, relief: Relief) -> dict[str, Any]:
    """What the map is drawn from (still.js), for JSON.

    Heights are float32, row after row from the lowest y, in base64: the lowest byte of
    each, then the next of each, and so on. What is alike stands together, which takes a
    quarter less when it is compressed.
    """
    heights = relief.height(grid.z).astype(np.float32)
    return {
        "x": [*surface.view_domain[:2]],
        "y": [*surface.view_domain[2:]],
        "rows": len(heights),
        "heights": b64encode(_by_significance(heights)).decode(),
        "levels": list(levels_of(heights.astype(np.float64))),
        **{
            name: _pairs(on_map(surface, getattr(surface, name)))
            for name in ("maxima", "saddles", "minima")
        },
        "path": _pairs(surface.path),
    }


def _pairs(points: Any) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in points]


def _by_significance(numbers: Float[np.ndarray, "..."]) -> bytes:
    """The bytes of float32 numbers: the lowest of each, then the next of each."""
    return numbers.astype("<f4").reshape(-1, 1).view(np.uint8).T.tobytes()


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
            "ambient": 1 - theme.PALETTE["shade"],
            "diffuse": theme.PALETTE["shade"],
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
        [terrain, *_path_on(surface, relief)],
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
                    "eye": {"x": -1.28, "y": -1.67, "z": 1.2},
                    "center": {"x": -0.02, "y": 0.01, "z": -0.16},
                },
                "dragmode": "orbit",
            },
        },
    )


def _path_on(surface: Surface, relief: Relief) -> list[go.Scatter3d]:
    """The path of a surface that has one."""
    if not len(surface.path):
        return []
    x, y = surface.path.T.astype(np.float32)
    losses = compiled_losses(surface.fn)(surface.path)
    return [
        go.Scatter3d(
            x=x,
            y=y,
            z=relief.height(losses).astype(np.float32),
            mode="lines+markers",
            hoverinfo="skip",
        )
    ]


def _between(low: float, high: float) -> dict[str, Any]:
    """The range of an axis, with ticks away from its ends: there two axes meet."""
    edge = 0.06 * (high - low)
    values = _round_numbers(low + edge, high - edge)
    return {
        "range": [low, high],
        "tickvals": values,
        "ticktext": _tick_texts(values),
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
    """Both pictures and the relief they share, as JSON for the player.

    The scene comes without its heights: they are those of the map, and most of it all.
    A sentence says where there are none, and why; it is empty if there is none to say.

    Args:
        surface: What to show.
        level: "linear", "log" or "auto".
        weights: Of the samples, to show a step's surface instead of that of all.
        size: Points a side.
    """
    losses = sample(surface, size, weights)
    grid = drawable(losses)
    relief = relief_of(surface, grid, level)
    scene = scene_figure(surface, grid, relief)
    scene.data[0].z = None
    parts = {
        "map": json.dumps(still_map(surface, grid, relief), allow_nan=False),
        "scene": scene.to_json(),
        "relief": json.dumps(asdict(relief), allow_nan=False),
        "undefined": json.dumps(undefined(surface, losses, HUGE)),
    }
    return "{" + ",".join(f'"{name}":{text}' for name, text in parts.items()) + "}"


def pictures(setup: Setup, step: int | None = None) -> str:
    """The pictures of a setup; of the loss that a step goes down, if one is named."""
    surface, weights, taken = setup.surface, None, (step or 0) + 1
    if surface.samples and step is not None:
        inputs = setup.conditions.step_inputs(taken, taken, surface.samples)
        assert inputs.weights is not None
        weights = inputs.weights[step]
    return landscape(surface, setup["level"], weights)
