"""Gradient check: the derivative by rule against the derivative by difference.

At one point, autodiff's gradient is compared with central differences

    (f(w + h e) - f(w - h e)) / 2h

for h from 1e-1 down to 1e-15. Their error is a V: truncation, which grows as h^2, on
the right, and round-off, which grows as eps / h, on the left.

On a kink, both agree and are wrong: the one takes a slope between those of its sides,
the other their mean. Beside one, differences reach across it. So kinks are looked for
between the points of the largest difference, by halving: of a gradient that is
continuous, the change over an interval vanishes with the interval.

Source: W. H. Press et al., Numerical Recipes (2007), section 5.7; Deep Learning (2016),
section 11.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Array, Float

from parameters.digits import digits, minus
from surfaces import Loss, Point, Surface
from surfaces.compiled import Compiled
from views.theme import PALETTE

HS = 10.0 ** -np.arange(1, 15.5, 0.5)
JUMP = 1e-3
"""An error that no h gets below is not rounding: the gradient itself jumps."""
LEAST = 3e-15
"""How narrow an interval becomes in which a kink is looked for."""
BESIDE = 6
"""How many times above the errors the guides are drawn, not to be hidden by them."""


@dataclass(frozen=True)
class Kink:
    """A jump of the gradient beside a point, or at it.

    Attributes:
        axis: Along which of the two it was found, 0 for x.
        at: How far from the point, forwards; 0 at the point.
        slopes: The slope along that axis before the jump and after it.
    """

    axis: int
    at: float
    slopes: tuple[float, float]

    @property
    def sentence(self) -> str:
        """What follows for the comparison, in one sentence or two."""
        before, after = (digits(slope, 3) for slope in self.slopes)
        axis = "xy"[self.axis]
        if self.at == 0.0:
            return (
                f"The point is on a kink: along {axis} the slope jumps from {before} "
                f"to {after}. Autodiff takes one slope between them and differences "
                "their mean, so that agreement says nothing here."
            )
        side = "larger" if self.at > 0 else "smaller"
        far = digits(abs(self.at), 1)
        return (
            f"There is a kink {far} from here, towards {side} {axis}: "
            f"the slope jumps from {before} to {after}. Differences with a larger h "
            "reach across it and do not agree; those with a smaller h do, up to "
            "round-off."
        )


@dataclass(frozen=True, eq=False)
class Check:
    """The two gradients at a point.

    Attributes:
        gradient: By autodiff, shape (2,).
        hs: The steps of the differences, falling, shape (n,).
        differences: The gradient by central differences with each, shape (n, 2).
        kink: Where along an axis the gradient jumps; None if it is not seen to.
    """

    gradient: Float[np.ndarray, "2"]
    hs: Float[np.ndarray, " n"]
    differences: Float[np.ndarray, "n 2"]
    kink: "Kink | None" = None

    @property
    def relative(self) -> bool:
        """Whether errors are parts of the gradient's length: where that exceeds 1."""
        return bool(np.linalg.norm(self.gradient) > 1)

    @cached_property
    def errors(self) -> Float[np.ndarray, " n"]:
        """The distance of the two, over the gradient's length where it exceeds 1."""
        # Beyond the largest number their distance is infinite, or NaN.
        with np.errstate(over="ignore", invalid="ignore"):
            distance = np.linalg.norm(self.differences - self.gradient, axis=1)
            return distance / max(1.0, float(np.linalg.norm(self.gradient)))

    @cached_property
    def best(self) -> int | None:
        """The row with the smallest error; None where no error is finite."""
        finite = np.isfinite(self.errors)
        if not finite.any():
            return None
        return int(np.argmin(np.where(finite, self.errors, np.inf)))

    @cached_property
    def falling(self) -> slice:
        """The rows from the largest error right of the best to the first that rises."""
        if self.best is None:
            return slice(0, 0)
        right = np.nan_to_num(self.errors[: self.best + 1], nan=0.0, posinf=0.0)
        peak = int(np.argmax(right))
        rises = np.flatnonzero(np.diff(right[peak:]) >= 0)
        return slice(peak, peak + int(rises[0]) + 1 if rises.size else self.best + 1)

    @cached_property
    def truncation(self) -> float | None:
        """The power of h at which errors grow to the right; None if they do not."""
        slope = _slope(self.hs[self.falling], self.errors[self.falling])
        return slope if slope is not None and slope > 0.25 else None

    @cached_property
    def round_off(self) -> float | None:
        """The power of h at which errors grow left of the best; None if they do not."""
        slope = _slope(self.hs[self.best :], self.errors[self.best :])
        return slope if slope is not None and slope < -0.25 else None

    @property
    def sentence(self) -> str:
        """What the errors show, in one sentence."""
        if not np.isfinite(self.gradient).all():
            return "The gradient is not finite here, so there is nothing to compare."
        if self.best is None:
            return "The loss is not finite around here: there are no differences."
        if self.kink is not None:
            return self.kink.sentence
        smallest = float(self.errors[self.best])
        finite = self.errors[np.isfinite(self.errors)]
        if not finite.any():
            return (
                "No error at any h: both agree to the last digit, as they do where the "
                "loss is flat or the same on both sides of the point."
            )
        if smallest > JUMP:
            return (
                "They do not agree at any h; the smallest error is "
                f"{digits(smallest, 1)}: the gradient jumps here, as it does at a kink."
            )
        kind = "a relative" if self.relative else "an"
        error = (
            f"{kind} error of {digits(smallest, 1)}" if smallest else "no error at all"
        )
        best = f"Best at h = {digits(self.hs[self.best], 1)} with {error}"
        missing = len(self.hs) - len(finite)
        gaps = f" (at {missing} of the {len(self.hs)} the loss is not finite)"
        return f"{best}{gaps if missing else ''}: {self._right}, and {self._left}."

    @property
    def _right(self) -> str:
        if self.truncation is None:
            return "there is no visible truncation error"
        return f"to the right the truncation error grows as {_power(self.truncation)}"

    @property
    def _left(self) -> str:
        if self.round_off is not None:
            return f"to the left round-off grows as {_power(self.round_off)}"
        left = self.errors[self.best :]
        if np.nanmax(left) > 10 * max(left[0], np.finfo(float).eps):
            return "to the left round-off varies"
        return "round-off does not show to the left"


def _slope(hs: np.ndarray, errors: np.ndarray) -> float | None:
    """The power of h by which errors go; None where fewer than four show it."""
    usable = np.isfinite(errors) & (errors > 0)
    if usable.sum() < 4:
        return None
    x, y = np.log10(hs[usable]), np.log10(errors[usable])
    # The median over all pairs: rounding scatters, and some errors come out too small.
    one, other = np.triu_indices(len(x), 1)
    return float(np.median((y[one] - y[other]) / (x[one] - x[other])))


def gradient_check(surface: Surface, point: tuple[float, float] | np.ndarray) -> Check:
    """Compares the two gradients of a surface at a point."""
    at = np.array(point, dtype=np.float64)
    along = np.eye(2) * HS[:, None, None]
    around = np.stack([at + along, at - along])
    with jax.default_device(jax.local_devices(backend="cpu")[0]):
        gradient = np.asarray(_gradient(surface.fn, at))
        ahead, behind = np.asarray(_losses(surface.fn, around.reshape(-1, 2))).reshape(
            2, len(HS), 2
        )
    # Where the loss is infinite on both sides, the difference is no number.
    with np.errstate(over="ignore", invalid="ignore"):
        differences = (ahead - behind) / (2 * HS[:, None])
    return Check(gradient, HS, differences, _kink(surface.fn, at))


def _kink(fn: Loss, at: Float[np.ndarray, "2"]) -> Kink | None:
    """The largest jump of the gradient within the largest step along an axis."""
    cpu = jax.local_devices(backend="cpu")[0]

    def slopes(offsets: np.ndarray) -> np.ndarray:
        """Gradients where each axis is gone along as far as its row says."""
        points = at + offsets[..., None] * np.eye(2)[:, None]
        with jax.default_device(cpu):
            return np.asarray(_gradients(fn, points.reshape(-1, 2))).reshape(2, 3, 2)

    low, high = np.full(2, -HS[0]), np.full(2, HS[0])
    # Closer than this, points are the same numbers, or nearly so.
    least = np.maximum(LEAST, 16 * np.finfo(float).eps * np.abs(at))
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        size = np.abs(slopes(np.stack([low, np.zeros(2), high], axis=1))).max((1, 2))
        while (wide := high - low > least).any():
            middle = (low + high) / 2
            ends = slopes(np.stack([low, middle, high], axis=1))
            left, right = np.linalg.norm(np.diff(ends, axis=1), axis=2).T
            down = left > right
            low = np.where(wide & ~down, middle, low)
            high = np.where(wide & down, middle, high)
        # A little aside: at the jump itself, autodiff may take a slope between the two.
        aside = 1e3 * least
        ends = slopes(np.stack([low - aside, low, high + aside], axis=1))
        change = np.linalg.norm(ends[:, 2] - ends[:, 0], axis=1)
        part = np.nan_to_num(change / np.maximum(size, np.abs(ends).max((1, 2))))
    axis = int(np.argmax(part))
    if not part[axis] > JUMP:
        return None
    before, after = ends[axis, 0, axis], ends[axis, 2, axis]
    here = low[axis] <= least[axis] and high[axis] >= -least[axis]
    where = 0.0 if here else float(high[axis])
    return Kink(axis, where, (float(before), float(after)))


@Compiled
def _gradient(fn: Loss, point: Point) -> Point:
    return jax.grad(fn)(point)


@Compiled
def _gradients(fn: Loss, points: Float[Array, "n 2"]) -> Float[Array, "n 2"]:
    return jax.vmap(jax.grad(fn))(points)


@Compiled
def _losses(fn: Loss, points: Float[Array, "n 2"]) -> Float[Array, " n"]:
    return jax.vmap(fn)(points)


def _power(slope: float) -> str:
    """A power of h: as a whole one where it is near one."""
    whole = round(slope)
    if abs(slope - whole) > 0.25:
        return f"h to the {minus(f'{slope:.1f}')}"
    return {1: "h", 2: "h²", 3: "h³", 4: "h⁴", -1: "1/h", -2: "1/h²"}.get(
        whole, f"h to the {minus(str(whole))}"
    )


_LETTERS = {"size": 13, "family": "Source Sans, sans-serif"}


def check_figure(check: Check, palette: Mapping[str, Any] = PALETTE) -> go.Figure:
    """The errors against h, both logarithmic, with guides of the slopes expected.

    An error of zero, which a logarithm cannot show, is drawn at the bottom, hollow.

    Args:
        check: What was found.
        palette: The colours of a theme, by name (`views.palettes`).
    """
    finite = np.isfinite(check.errors)
    hs, errors = check.hs[finite], check.errors[finite]
    bottom = float(min(errors[errors > 0], default=1e-16)) / 10
    heights = np.maximum(errors, bottom)
    top = float(max(heights, default=1.0)) * 10
    figure = go.Figure(layout=_layout(check, bottom, top, palette))
    if check.best is not None:
        _add_guides(figure, check, bottom, top, palette["muted"])
    figure.add_scatter(
        x=hs,
        y=heights,
        customdata=errors,
        mode="lines+markers",
        name="error",
        line={"color": palette["accent"], "width": 2},
        marker={
            "size": 7,
            "symbol": np.where(errors > 0, "circle", "circle-open").tolist(),
        },
        hovertemplate="h = %{x:.1e}<br>error %{customdata:.1e}<extra></extra>",
    )
    if check.best is not None:
        figure.add_scatter(
            x=[check.hs[check.best]],
            y=[max(check.errors[check.best], bottom)],
            mode="markers",
            name="best",
            marker={
                "symbol": "circle-open",
                "size": 16,
                "color": palette["critical"],
                "line": {"width": 2.5},
            },
            hoverinfo="skip",
        )
    if not errors.all():
        figure.add_annotation(
            text="hollow: no error at all, drawn at the bottom",
            x=0.5,
            y=0.99,
            xref="paper",
            yref="paper",
            xanchor="center",
            yanchor="top",
            showarrow=False,
        )
    return figure


def _add_guides(
    figure: go.Figure, check: Check, bottom: float, top: float, colour: str
) -> None:
    """Lines of slope 2 and -1 above the branches that have these slopes."""
    for seen, power, rows, name in (
        (check.truncation, 2, check.falling, "∝ h², truncation"),
        (check.round_off, -1, slice(check.best, None), "∝ ε/h, round-off"),
    ):
        if seen is None or abs(seen - power) > 0.5:
            continue
        height = np.nanmedian(
            np.where(check.errors > 0, check.errors / check.hs**power, np.nan)[rows]
        )
        line = BESIDE * height * check.hs**power
        shown = (line > bottom) & (line < top)
        figure.add_scatter(
            x=check.hs[shown],
            y=line[shown],
            mode="lines",
            name=name,
            line={
                "color": colour,
                "width": 1.5,
                "dash": "dash" if power == 2 else "dot",
            },
            hoverinfo="skip",
        )


def _layout(
    check: Check, bottom: float, top: float, palette: Mapping[str, Any]
) -> dict[str, Any]:
    font = _LETTERS | {"color": palette["ink"]}
    axis = {
        "type": "log",
        "tickfont": font,
        "gridcolor": palette["line"],
        "exponentformat": "power",
        "zeroline": False,
    }
    of = "relative error" if check.relative else "absolute error"
    return {
        "margin": {"l": 70, "r": 10, "t": 34, "b": 50},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": palette["panel"],
        "font": font,
        "hoverlabel": {"bgcolor": palette["panel"], "font": font},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "xaxis": axis
        | {
            "title": {"text": "step h of the difference"},
            "range": [np.log10(check.hs[-1]) - 0.3, np.log10(check.hs[0]) + 0.3],
            "dtick": 2,
        },
        "yaxis": axis
        | {
            "title": {"text": of},
            "range": [np.log10(bottom) - 0.8, np.log10(top)],
            "nticks": 8,
        },
    }
