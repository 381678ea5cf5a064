"""Where every start leads."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from views import theme
from views.result import Result
from views.studies.codes import FIRST_END, FIRST_NEAR, NEVER
from views.studies.prints.marks import (
    OFF,
    end_colour,
    end_label,
    framed,
    headed,
    map_ratio,
    nobody,
)
from views.studies.prints.sheet import Sheet


def draw(sheet: Sheet, answer: Result) -> None:
    """Maps of where starts lead, one an optimizer."""
    if nobody(sheet, answer, OFF):
        return
    surface, steps = answer.setup.surface, answer.setup["steps"]
    window, size = surface.view_domain, answer.meta["size"]
    half_x = (window.x_high - window.x_low) / (size - 1) / 2
    half_y = (window.y_high - window.y_low) / (size - 1) / 2
    seen: set[int] = set()
    panels = sheet.grid(len(answer.runs), map_ratio(answer))
    for panel, (key, run) in zip(panels, answer.runs.items(), strict=True):
        panel.imshow(
            lit(run["ends"], run["steps"], steps),
            origin="lower",
            interpolation="nearest",
            extent=(
                window.x_low - half_x,
                window.x_high + half_x,
                window.y_low - half_y,
                window.y_high + half_y,
            ),
        )
        framed(panel)
        for spine in panel.spines.values():
            spine.set_visible(False)
        for x, y in surface.saddles:
            for colour, wide in ((theme.PAGE, 3.5), (theme.CRITICAL, 1.4)):
                panel.plot(
                    x, y, "D", color=colour, markerfacecolor="none", markersize=6,
                    markeredgewidth=wide,
                )  # fmt: skip
        for k, (x, y) in enumerate(surface.minima):
            panel.plot(x, y, "o", color=theme.PAGE, markersize=12)
            panel.annotate(
                str(k + 1), (x, y), color=theme.CRITICAL, fontsize=8, ha="center",
                va="center_baseline", fontweight="bold",
            )  # fmt: skip
        for colour, wide in ((theme.PAGE, 3.5), (theme.INK, 1.5)):
            panel.plot(
                *answer.setup["start"], "o", color=colour, markerfacecolor="none",
                markersize=10, markeredgewidth=wide,
            )  # fmt: skip
        panel.set_xlim(window.x_low - half_x, window.x_high + half_x)
        panel.set_ylim(window.y_low - half_y, window.y_high + half_y)
        there, near = (
            100 * ((low <= run["ends"]) & (run["ends"] < high)).mean()
            for low, high in ((0, FIRST_NEAR), (FIRST_NEAR, FIRST_END))
        )
        share, word = (near, "near") if near > there else (there, "arrive")
        shown = f"{share:.0f}" if share >= 1 or not share else "under 1"
        words = f"{shown}% {word}" if surface.minima else ""
        headed(panel, answer, key, words, len(answer.runs) > 6)
        seen |= set(np.unique(run["ends"]).tolist())
    around = {code for code in seen if FIRST_NEAR <= code < FIRST_END}
    kinds = seen - around | {code - FIRST_NEAR for code in around}
    handles: list[Any] = [
        Patch(color=end_colour(code), label=end_label(answer, code))
        for code in sorted(kinds)
    ]
    marks = [("o", "the start", theme.INK)]
    if surface.saddles:
        marks.append(("D", "a saddle", theme.CRITICAL))
    handles += [
        Line2D([], [], marker=mark, linestyle="none", label=label, color=colour,
               markerfacecolor="none")
        for mark, label, colour in marks
    ]  # fmt: skip
    sheet.legend(handles)
    notes = ["The brighter, the sooner it came about: from the first step to the last, "
             "by the logarithm."]  # fmt: skip
    if around:
        notes.append("Darkest: near the minimum at the end, and not at rest there.")
    sheet.finish(notes)


def lit(ends: np.ndarray, steps: np.ndarray, most: int) -> Float[np.ndarray, "*n 3"]:
    """The colour of each run's end, the brighter the sooner."""
    colours = np.array([to_rgb(end_colour(code)) for code in range(256)])
    late = np.log1p(np.minimum(steps, most)) / np.log1p(most)
    late = np.where(steps == NEVER, 0.0, late)
    light = 1 - (1 - theme.SLOWEST) * late**2
    light = np.where((FIRST_NEAR <= ends) & (ends < FIRST_END), theme.NEAR, light)
    return colours[ends] * light[..., None]
