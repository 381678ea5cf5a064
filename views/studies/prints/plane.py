"""How an optimizer does for pairs of settings."""

from typing import Any

import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator

from surfaces import params
from views import theme
from views.entries import rule_of
from views.result import Result
from views.studies.codes import NEVER
from views.studies.prints.marks import BEST, LOST, LUCKY, end_colour, end_label, marked
from views.studies.prints.sheet import (
    MARGIN,
    WIDTH,
    Sheet,
    number,
    param_along,
    rates_along,
    ticked,
)


def draw(sheet: Sheet, answer: Result) -> None:
    """A map of steps over both settings, with what theory says."""
    (key, run), = answer.runs.items()  # fmt: skip
    setup, facts, told = answer.setup, answer.meta, answer.per_run[key]
    name, rates = facts["second"], answer.axes["lr"]
    optimizer, steps = rule_of(key), setup["steps"]
    second = params(optimizer.hypers)[name]
    x, y = np.log10(rates), second.position(answer.axes[name])
    half_x, half_y = (np.ptp(axis) / (len(axis) - 1) / 2 for axis in (x, y))
    extent = (x[0] - half_x, x[-1] + half_x, y[0] - half_y, y[-1] + half_y)
    wide = 7.4 if facts["known"] else WIDTH - 1.0 - MARGIN
    panel = sheet.panel(1.0, sheet.bottom + 0.1, wide, 5.4)
    hits, lost = run["within"].astype(float), np.isin(run["ends"], LOST)
    there = (run["within"] != NEVER) & ~lost
    fewest = max(int(hits[there].min(initial=steps)), 1)
    norm = LogNorm(min(fewest, steps - 1), steps)
    # Not to its darkest, which is that of what does not arrive.
    shades = ListedColormap(matplotlib.colormaps["cividis"](np.linspace(1, 0.15, 256)))
    colours = np.zeros((*hits.shape, 3))
    colours[...] = to_rgb(theme.ENDS["descending"][0])
    notes, handles = [], []
    if not facts["known"]:
        colours = np.array([to_rgb(end_colour(code)) for code in range(256)])[
            run["ends"]
        ]
        notes.append(
            "No lowest minimum is known to arrive at: colours are how runs end."
        )
        handles += [
            Patch(color=end_colour(code), label=end_label(answer, code))
            for code in np.unique(run["ends"])
        ]
    else:
        colours[there] = shades(norm(np.maximum(hits, 1)))[there][:, :3]
        for code in np.unique(run["ends"][lost]):
            colours[run["ends"] == code] = to_rgb(end_colour(code))
            handles.append(Patch(color=end_colour(code), label=end_label(answer, code)))
        if (~there & ~lost).any():
            handles.append(
                Patch(
                    color=theme.ENDS["descending"][0],
                    label=f"not within {steps} steps",
                )
            )
        bar = sheet.panel(8.6, sheet.bottom - 5.4, 0.2, 5.4)
        scale = sheet.figure.colorbar(ScalarMappable(norm, shades), cax=bar)
        marks = [m for k in range(4) for m in (10**k, 2 * 10**k, 5 * 10**k)]
        marks = [m for m in marks if 1.3 * fewest < m < 0.8 * steps]
        ticked(bar.yaxis, {float(m): str(m) for m in (fewest, *marks, steps)})
        bar.yaxis.set_minor_locator(FixedLocator([]))
        scale.set_label(
            f"steps until within {number(facts['tolerance'])} of the lowest minimum"
        )
        if (run["within"] == 0).any():
            notes.append("The start is within the tolerance already.")
    panel.imshow(
        colours, origin="lower", extent=extent, aspect="auto", interpolation="nearest"
    )
    theory = told["theory"]
    if theory is not None:
        limit = np.log10(theory["limit"])
        panel.plot(
            limit, y, color=theme.INK, linewidth=1.6, linestyle=(0, (5, 2)), zorder=4
        )
        handles.append(
            Line2D([], [], color=theme.INK, linestyle=(0, (5, 2)), linewidth=1.6,
                   label="by theory, stable to the left near the minimum")
        )  # fmt: skip
        lr, value = theory["optimum"]
        at = np.log10(lr), float(second.position(value))
        best: dict[str, Any] = {"marker": "P", "color": theme.PAGE}
        best["markeredgecolor"] = theme.INK
        if extent[0] <= at[0] <= extent[1] and extent[2] <= at[1] <= extent[3]:
            panel.plot(*at, **best, markersize=10, linestyle="none", zorder=6)
            handles.append(
                Line2D([], [], **best, markersize=9, linestyle="none",
                       label=f"by theory, fastest there: {number(lr)}, {number(value)}")
            )  # fmt: skip
        else:
            notes.append(f"Fastest by theory, {number(lr)}, {number(value)}, is off "
                         "the picture.")  # fmt: skip
    if told["best"] is not None and told["best"]["steps"] > 0:
        lr, value, count = (told["best"][k] for k in ("lr", "second", "steps"))
        panel.plot(
            np.log10(lr), second.position(value), **BEST, color=theme.PAGE, zorder=7
        )
        handles.append(
            Line2D([], [], **BEST, color=theme.PAGE,
                   label=f"fastest here: {number(lr)}, {number(value)} "
                   f"({count} steps{LUCKY if told['best']['lucky'] else ''})")
        )  # fmt: skip
    own = setup.hypers(key)
    at = np.log10(own.lr), float(second.position(getattr(own, name)))
    mark = marked(answer.setup.looks[key], markersize=10, markeredgewidth=1.2)
    panel.plot(*at, **mark, zorder=8, clip_on=False)
    handles.append(
        Line2D([], [], **mark,
               label=f"own: {number(own.lr)}, {number(getattr(own, name))}")
    )  # fmt: skip
    panel.set_xlim(*extent[:2])
    panel.set_ylim(*extent[2:])
    rates_along(panel.xaxis, x[0], x[-1])
    param_along(panel.yaxis, second)
    panel.set_xlabel("learning rate")
    panel.set_ylabel(f"{second.label} ({name})")
    sheet.bottom += 0.5
    sheet.legend(handles)
    sheet.finish(notes)
