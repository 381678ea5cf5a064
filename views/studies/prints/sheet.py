"""A page that a picture is printed on, and axes as they are read.

Everything is placed in inches from the top: a title, the panels, their legend, notes on
what the picture does not show, and the setup's text. The page ends where they do.
"""

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from surfaces import Param
from views import theme
from views.result import Result
from views.studies.words import computed, setup_text, title

WIDTH = 10.0
MARGIN = 0.3
GAP = 0.22
DECADES = 14
"""Powers of ten that an axis of losses shows, at most."""

LETTERS = {"title": 14.0, "words": 9.0, "small": 7.5, "query": 6.5}
STYLE: dict[Any, Any] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.monospace": ["DejaVu Sans Mono"],
    "font.size": LETTERS["words"],
    "text.color": theme.INK,
    "text.parse_math": False,
    "axes.labelcolor": theme.MUTED,
    "axes.edgecolor": theme.MAP_LINE,
    "axes.facecolor": theme.PANEL,
    "axes.labelsize": LETTERS["words"],
    "axes.unicode_minus": True,
    "xtick.color": theme.MUTED,
    "ytick.color": theme.MUTED,
    "xtick.labelsize": LETTERS["small"],
    "ytick.labelsize": LETTERS["small"],
    "grid.color": "#232a37",
    "grid.linewidth": 0.6,
    "legend.fontsize": LETTERS["small"] + 0.5,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "studies",
}
Box = tuple[float, float, float, float]
"""Left, top, width and height, in inches."""


class Sheet:
    """A page that grows from the top."""

    def __init__(self, answer: Result) -> None:
        """Begins with the heading."""
        self.figure = Figure((WIDTH, WIDTH), facecolor=theme.PAGE)
        self._canvas = FigureCanvasAgg(self.figure)
        self._answer = answer
        self._panels: list[tuple[Axes, Box]] = []
        self._texts: list[tuple[Any, float]] = []
        self.bottom = 0.2
        self.line(title(answer), LETTERS["title"], theme.INK)
        self.line(computed(answer), LETTERS["words"], theme.MUTED)
        self.bottom += 0.1

    def line(self, text: str, size: float, colour: str, **more: Any) -> None:
        """A line of text below everything so far."""
        self.bottom += size * 1.35 / 72
        drawn = self.figure.text(
            MARGIN / WIDTH, 0, text, fontsize=size, color=colour, va="baseline", **more
        )
        self._texts.append((drawn, self.bottom))
        self.bottom += size * 0.35 / 72

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at a place, in inches."""
        axes = self.figure.add_axes((0, 0, 1, 1))
        self._panels.append((axes, (left, top, width, height)))
        self.bottom = max(self.bottom, top + height)
        return axes

    def grid(
        self,
        count: int,
        ratio: float,
        *,
        label: float = 0.45,
        head: float = 0.3,
        foot: float = 0.42,
        widest: float = 6.0,
    ) -> list[Axes]:
        """Panels in rows, each row centred.

        Args:
            count: How many.
            ratio: The width of each by its height.
            label: Inches beside each for the numbers of its axis.
            head: Inches above each for its heading.
            foot: Inches below each for the numbers of its axis.
            widest: Inches that a panel is wide, at most.
        """
        columns = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}.get(count, 4)
        room = WIDTH - 2 * MARGIN
        width = min((room - (columns - 1) * GAP) / columns - label, widest)
        width = min(width, 6.5 * ratio)
        height = width / ratio
        made, top = [], self.bottom
        for first in range(0, count, columns):
            here = min(columns, count - first)
            used = here * (width + label) + (here - 1) * GAP
            left = MARGIN + (room - used) / 2
            for k in range(here):
                at = left + k * (width + label + GAP) + label
                made.append(self.panel(at, top + head, width, height))
            top += head + height + foot
        self.bottom = top
        return made

    def legend(self, handles: Sequence[Any]) -> None:
        """A legend in as few rows as fit."""
        if not handles:
            return
        self.bottom += 0.05
        renderer = self._canvas.get_renderer()
        for columns in range(len(handles), 0, -1):
            legend = self.figure.legend(
                handles=handles,
                loc="upper left",
                ncols=columns,
                borderaxespad=0,
                borderpad=0,
                columnspacing=1.6,
                handlelength=2.0,
                handletextpad=0.6,
            )
            extent = legend.get_window_extent(renderer)
            width, height = extent.width, extent.height
            if width <= (WIDTH - 2 * MARGIN) * self.figure.dpi or columns == 1:
                self._texts.append((legend, self.bottom))
                self.bottom += height / self.figure.dpi + 0.1
                return
            legend.remove()

    def finish(self, notes: Iterable[str] = ()) -> None:
        """Ends the page: notes, then the setup's text."""
        self.bottom += 0.04
        for note in dict.fromkeys(notes):
            for part in wrap(note, 140):
                self.line(part, LETTERS["small"] + 0.5, theme.MUTED)
        self.bottom += 0.06
        for part in _broken(f"?{setup_text(self._answer)}", 172):
            self.line(part, LETTERS["query"], theme.MUTED, family=["monospace"])
        height = self.bottom + 0.18
        self.figure.set_size_inches(WIDTH, height)
        for axes, (left, top, width, tall) in self._panels:
            below = height - top - tall
            axes.set_position(
                (left / WIDTH, below / height, width / WIDTH, tall / height)
            )
        for text, top in self._texts:
            at = (MARGIN / WIDTH, 1 - top / height)
            if hasattr(text, "set_bbox_to_anchor"):
                text.set_bbox_to_anchor(at)
            else:
                text.set_position(at)


def _broken(query: str, most: int) -> list[str]:
    """A query in lines, broken between two settings where that is possible."""
    lines = [""]
    for part in re.split(r"(?<=&)", query):
        if len(lines[-1]) + len(part) > most and lines[-1]:
            lines.append("")
        lines[-1] += part
    return [line[i : i + most] for line in lines for i in range(0, len(line), most)]


# -- numbers and axes -----------------------------------------------------------------

_SUPER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """A number as it is read."""
    short = f"{float(f'{value:.3g}'):g}"
    return re.sub(r"e\+?(-?)0?", r"e\1", short)


def power(exponent: int) -> str:
    """A power of ten, in full where that is short."""
    if -3 <= exponent <= 3:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(_SUPER)


def decades(low: float, high: float, most: int = 8) -> list[int]:
    """Exponents between two, not too many."""
    first, last = int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9))
    step = max(1, -(-(last - first + 1) // most))
    return [k for k in range(first, last + 1) if k % step == 0]


class Losses:
    """An axis of losses above a base: logarithmic, below zero too if need be.

    What does not fit is drawn beyond its border, and said in `notes`.
    """

    def __init__(
        self,
        axes: Axes,
        values: Float[np.ndarray, "..."],
        known: bool,
        highest: float = np.inf,
        word: str = "loss",
    ) -> None:
        """Chooses the range.

        Args:
            axes: Whose y axis it is.
            values: What is to be seen.
            known: Whether all are at least 0: above the lowest minimum.
            highest: Above this nothing needs to be seen.
            word: What is measured.
        """
        self.known, self.word, self.notes = known, word, []
        seen = values[np.isfinite(values)]
        if known and not highest > 0:
            # What begins at the minimum is measured by what it does later.
            highest = 1e3 * float(np.median(seen[seen > 0])) if (seen > 0).any() else 1
        place = self._place(seen[seen > 0] if known else seen)
        place = place[place <= self._place(np.array(highest))]
        low, high = (place.min(), place.max()) if place.size else (0.0, 1.0)
        if low < 0 < high and not known and high - low > DECADES:
            low, high = max(low, -DECADES / 2), min(high, DECADES / 2)
        low = max(low, high - DECADES)
        pad = 0.04 * (high - low) or 0.5
        self.low, self.high = low - pad, high + pad
        axes.set_ylim(self.low, self.high)
        if known:
            ticks = {k: power(k) for k in decades(self.low, self.high)}
            fine = [
                k + np.log10(m)
                for k in range(int(np.floor(self.low)), int(np.ceil(self.high)))
                for m in range(2, 10)
            ]
            if self.high - self.low < 8:
                axes.yaxis.set_minor_locator(FixedLocator(fine))
        else:
            ticks = {0.0: "0"}
            for k in decades(0, max(-low, high), 4):
                at = float(self._place(np.array(10.0**k)))
                if at > 0.08 * (self.high - self.low):
                    ticks |= {at: power(k), -at: f"−{power(k)}"}
        ticks = {at: word for at, word in ticks.items() if self.low <= at <= self.high}
        if len(ticks) < 2:
            ends = np.linspace(low, high, 3) if low < high else [low]
            ticks = {at: number(self._back(at)) for at in ends}
        ticked(axes.yaxis, ticks)
        axes.grid(True, axis="y")
        axes.set_axisbelow(True)

    def _place(self, values: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.known:
                # What rounding took below the minimum is at the bottom, as 0 is.
                return np.log10(np.maximum(values, 0))
            return np.sign(values) * np.log10(1 + np.abs(values))

    def __call__(self, values: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """Where values are drawn; what is beyond a border is just beyond it."""
        place = self._place(np.asarray(values, float))
        place = np.where(np.isnan(values), np.nan, place)
        if (place > self.high).any():
            top = number(self._back(self.high))
            self.notes.append(f"What leaves through the top is a {self.word} beyond "
                              f"{top}.")  # fmt: skip
        if (place < self.low).any():
            bottom = number(self._back(self.low))
            self.notes.append(
                f"What leaves through the bottom is a {self.word} below {bottom}"
                + (", 0 included." if self.known else ".")
            )
        reach = self.high - self.low
        return np.clip(place, self.low - 0.2 * reach, self.high + 0.2 * reach)

    def mark(self, value: float) -> float:
        """Where the mark of one value is drawn: at the border, if it is beyond it."""
        return float(np.clip(self(np.array(value)), self.low, self.high))

    def _back(self, place: float) -> float:
        # The pad above the largest of all numbers is beyond it.
        size = 10.0 ** min(abs(place), 308.2)
        if self.known:
            return size if place > 0 else 1 / size
        return float(np.sign(place) * (size - 1))


def ticked(axis: Any, ticks: dict[float, str]) -> None:
    """An axis with these ticks and their words."""
    axis.set_major_locator(FixedLocator(list(ticks)))
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: ticks[min(ticks, key=lambda t: abs(t - value))])
    )


def rates_along(axis: Any, low: float, high: float) -> None:
    """An axis of log10 of learning rates."""
    ticked(axis, {k: power(k) for k in decades(low, high)})
    axis.set_minor_locator(
        FixedLocator(
            [
                k + np.log10(m)
                for k in range(int(np.floor(low)), int(np.ceil(high)))
                for m in range(2, 10)
                if low <= k + np.log10(m) <= high
            ]
        )
    )


def param_along(axis: Any, param: Param) -> None:
    """An axis of positions of a parameter's slider."""
    low, high = param.low, param.high
    if param.scale == "log":
        ticked(axis, {k: power(k) for k in decades(np.log10(low), np.log10(high))})
        return
    if param.scale == "complement":
        values = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999]
    elif param.scale == "root":
        top = int(np.floor(np.log10(high)))
        values = [0.0, *(10.0**k for k in range(top - 3, top + 1)), high]
    else:
        values = np.linspace(low, high, 6).tolist()
    values = [value for value in values if low <= value <= high]
    ticked(axis, {float(param.position(value)): f"{value:g}" for value in values})


def steps_along(axes: Axes, steps: int) -> None:
    """An x axis of steps."""
    axes.set_xlim(0, steps)
    axes.set_xlabel("step")
    axes.locator_params(axis="x", nbins=6, integer=True)


def excess(answer: Result) -> str:
    """The name of an axis of losses."""
    base = answer.meta["base"]
    if not answer.meta["known"]:
        return "loss"
    return f"loss above the lowest minimum ({number(base)})" if base else "loss"
