"""Pictures of answers for slides and paper, drawn with matplotlib.

All are 10 inches wide, 1600 pixels as PNG; sheet.py has the page. Nothing is left out
in silence: what is off a map or beyond an axis is told below the picture.
"""

import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, LogNorm, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import ScaledTranslation

from optim import OPTIMIZERS
from surfaces import params
from views import theme
from views.drawing import MARKERS, landscape, near, ring
from views.studies.answer import ENDS, FIRST_END, NEVER, Answer
from views.studies.files import setup_text, title
from views.studies.sheet import (
    LETTERS,
    MARGIN,
    STYLE,
    WIDTH,
    Losses,
    Sheet,
    decades,
    excess,
    number,
    param_along,
    power,
    rates_along,
    steps_along,
    ticked,
)

DPI = 160
MAP_SIZE = 181
"""Points a side that a map is drawn from."""
MOST_DRAWN = 150_000
"""Points of trails that an SVG holds as lines; more become pixels in it."""

_one_at_a_time = threading.Lock()
"""matplotlib's settings are the same for all threads."""


def picture(answer: Answer, form: str) -> bytes:
    """An answer as a picture.

    Args:
        answer: What was found.
        form: "png" or "svg".
    """
    file = BytesIO()
    about: dict[str, Any] = {"Title": title(answer), "Description": setup_text(answer)}
    if form == "svg":
        # Else two pictures of the same would differ.
        about["Date"] = None
    with _one_at_a_time, matplotlib.rc_context(STYLE):
        sheet = Sheet(answer)
        _DRAWN[answer.study](sheet, answer)
        sheet.figure.savefig(file, format=form, dpi=DPI, metadata=about)
    return file.getvalue()


# -- marks ----------------------------------------------------------------------------


def _marked(key: str, **more: Any) -> dict[str, Any]:
    """How the mark of an optimizer is drawn."""
    look = theme.LOOKS[key]
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


_BEST: dict[str, Any] = {
    "marker": "o",
    "markersize": 15,
    "markerfacecolor": "none",
    "markeredgecolor": theme.CRITICAL,
    "markeredgewidth": 2.0,
    "linestyle": "none",
}


def _headed(panel: Axes, key: str, more: str = "", narrow: bool = False) -> None:
    """The name of an optimizer above its panel, and something on the right."""
    look = theme.LOOKS[key]
    at = {"va": "center_baseline", "clip_on": False}
    panel.plot(
        0, 1, **_marked(key), transform=_off(panel, 4, 8), clip_on=False, zorder=9
    )
    panel.text(
        0, 1, look.short if narrow else OPTIMIZERS[key].label, color=look.colour,
        fontsize=9 if narrow else 10, transform=_off(panel, 12, 8), **at,
    )  # fmt: skip
    panel.text(
        1, 1, more, color=theme.MUTED, fontsize=7 if narrow else 8, ha="right",
        transform=_off(panel, 0, 8), **at,
    )  # fmt: skip


def _off(panel: Axes, right: float, up: float) -> Any:
    """The panel's own coordinates, shifted by so many points."""
    figure = panel.get_figure()
    assert figure is not None
    shift = ScaledTranslation(right / 72, up / 72, figure.dpi_scale_trans)
    return panel.transAxes + shift


def _map(panel: Axes, answer: Answer, scale: float = 1.6) -> None:
    """The map of the surface."""
    setup = answer.setup
    landscape(panel, setup.surface, MAP_SIZE, setup["level"], scale)
    _framed(panel)


def _framed(panel: Axes) -> None:
    panel.set_aspect("auto")
    panel.tick_params(length=3, width=0.6)
    panel.locator_params(nbins=6)
    panel.set_xlabel("x", labelpad=1)
    panel.set_ylabel("y", labelpad=1)


def _shape(answer: Answer) -> float:
    """The width of a map by its height; true to scale unless that is too thin."""
    window = answer.setup.surface.window
    ratio = (window.x_high - window.x_low) / (window.y_high - window.y_low)
    return float(np.clip(ratio, 0.5, 2.0))


def _nobody(sheet: Sheet, answer: Answer, why: str) -> bool:
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


# -- the studies ----------------------------------------------------------------------


def _basins(sheet: Sheet, answer: Answer) -> None:
    if _nobody(sheet, answer, OFF):
        return
    surface, steps = answer.setup.surface, answer.setup["steps"]
    window, size = surface.window, answer.facts["size"]
    half_x = (window.x_high - window.x_low) / (size - 1) / 2
    half_y = (window.y_high - window.y_low) / (size - 1) / 2
    seen: set[int] = set()
    panels = sheet.grid(len(answer.runs), _shape(answer))
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
        _framed(panel)
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
        there = 100 * (run["ends"] < FIRST_END).mean()
        share = f"{there:.0f}" if there >= 1 or not there else "under 1"
        words = f"{share}% arrive" if surface.minima else ""
        _headed(panel, key, words, len(answer.runs) > 6)
        seen |= set(np.unique(run["ends"]).tolist())
    handles: list[Any] = [
        Patch(color=_end_colour(code), label=_end_label(answer, code))
        for code in sorted(seen)
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
    sheet.finish(
        ["The brighter, the sooner it came about: from the first step to the last, by "
         "the logarithm."]
    )  # fmt: skip


def lit(ends: np.ndarray, steps: np.ndarray, most: int) -> Float[np.ndarray, "*n 3"]:
    """The colour of each run's end, the brighter the sooner."""
    colours = np.array([to_rgb(_end_colour(code)) for code in range(256)])
    late = np.log1p(np.minimum(steps, most)) / np.log1p(most)
    late = np.where(steps == NEVER, 0.0, late)
    light = 1 - (1 - theme.SLOWEST) * late**2
    return colours[ends] * light[..., None]


def _end_colour(code: int) -> str:
    if code < FIRST_END:
        return theme.MINIMA[code % len(theme.MINIMA)]
    return theme.ENDS[ENDS[min(code - FIRST_END, len(ENDS) - 1)]][0]


def _end_label(answer: Answer, code: int) -> str:
    if code < FIRST_END:
        x, y = answer.setup.surface.minima[code]
        return f"minimum {code + 1} at ({number(x)}, {number(y)})"
    return theme.ENDS[ENDS[code - FIRST_END]][1]


_LOST = [
    FIRST_END + ENDS.index(k) for k in ("stopped", "left", "undefined", "diverged")
]
"""Ends to which no steps are counted."""


def _gone(ends: np.ndarray) -> np.ndarray:
    return np.isin(ends, [FIRST_END + ENDS.index(k) for k in ("diverged", "undefined")])


def _sweep(sheet: Sheet, answer: Answer) -> None:
    if _nobody(sheet, answer, RATELESS):
        return
    setup, rates = answer.setup, answer.axes["lr"]
    known, x = answer.facts["known"], np.log10(rates)
    steps = answer.facts["objective"] == "steps" and known
    notes = []
    if answer.facts["objective"] == "steps" and not known:
        notes.append("No lowest minimum is known to arrive at: losses are shown.")
    left, strip = 0.95, 0.15
    wide = WIDTH - left - MARGIN
    rows = [key for key, run in answer.runs.items() if _gone(run["ends"]).any()]
    sheet.bottom += 0.1
    top = sheet.panel(left, sheet.bottom, wide, strip * len(rows)) if rows else None
    panel = sheet.panel(left, sheet.bottom + 0.06, wide, 4.3)
    curves = {}
    for key, run in answer.runs.items():
        if steps:
            curve = np.where(run["hits"] == NEVER, np.nan, run["hits"].astype(float))
        else:
            curve = run["losses"].astype(float)
        curves[key] = np.where(_gone(run["ends"]), np.nan, curve)
    drawn = Losses(
        panel, np.stack(list(curves.values())), known,
        word="number of steps" if steps else "loss",
    )  # fmt: skip
    step = (x[-1] - x[0]) / (len(x) - 1)
    handles = []
    for key, run in answer.runs.items():
        look, y = theme.LOOKS[key], drawn(curves[key])
        panel.plot(x, y, color=look.colour, linewidth=1.5)
        # A rate between two that diverge has no line beside it.
        beside = np.pad(np.isfinite(y), 1)
        lone = np.isfinite(y) & ~beside[:-2] & ~beside[2:]
        panel.plot(x[lone], y[lone], ".", color=look.colour, markersize=3)
        gone = _gone(run["ends"])
        own = np.log10(setup.hypers(key).lr)
        at = int(np.argmin(np.abs(x - own)))
        if top is not None and key in rows:
            low = len(rows) - 1 - rows.index(key)
            top.bar(
                x[gone], 0.8, step * 1.02, low + 0.1, align="center",
                color=look.colour, linewidth=0,
            )  # fmt: skip
            if gone[at]:
                top.plot(own, low + 0.5, **_marked(key), clip_on=False, zorder=5)
        if np.isfinite(y[at]):
            seen = np.isfinite(y)
            here = np.clip(np.interp(own, x[seen], y[seen]), drawn.low, drawn.high)
            panel.plot(own, here, **_marked(key, markersize=9), zorder=5, clip_on=False)
        words = f"{OPTIMIZERS[key].label}: own rate {number(10**own)}"
        best = answer.told[key]["best"]
        if best is None:
            words += ", none arrives" if steps else ", all diverge"
        else:
            k = best["index"]
            panel.plot(
                x[k], drawn.mark(curves[key][k]), **_BEST, color=look.colour, zorder=6,
                clip_on=False,
            )  # fmt: skip
            value = f"loss {number(best['loss'])}"
            if steps:
                value = f"{best['steps']} steps"
            words += f", best {number(best['lr'])} ({value})"
            if best["edge"]:
                words += ", at the end of the range"
        handles.append(Line2D([], [], **_marked(key, linestyle="-"), label=words))
        notes += drawn.notes
    for axes in (top, panel):
        if axes is not None:
            axes.set_xlim(x[0] - step / 2, x[-1] + step / 2)
            rates_along(axes.xaxis, x[0], x[-1])
    if top is not None:
        top.set_ylim(0, len(rows))
        top.tick_params(bottom=False, labelbottom=False, left=False, labelleft=False)
        top.tick_params(which="minor", bottom=False)
        top.text(
            -0.008, 0.5, "diverges", transform=top.transAxes, ha="right", va="center",
            fontsize=LETTERS["small"], color=theme.MUTED,
        )  # fmt: skip
    if not any(np.isfinite(curve).any() for curve in curves.values()):
        panel.text(
            0.5, 0.5, "no run arrives" if steps else "all runs diverge", ha="center",
            va="center", transform=panel.transAxes, color=theme.MUTED, fontsize=11,
        )  # fmt: skip
    panel.set_xlabel("learning rate")
    if steps:
        within = number(answer.facts["tolerance"])
        panel.set_ylabel(f"steps to within {within} of the lowest minimum")
    else:
        panel.set_ylabel(f"{excess(answer)} after {setup['steps']} steps")
    panel.grid(True, axis="x")
    sheet.bottom += 0.5
    if any(told["best"] for told in answer.told.values()):
        handles.append(Line2D([], [], **_BEST, color=theme.PAGE, label="best"))
    sheet.legend(handles)
    sheet.finish(notes)


def _plane(sheet: Sheet, answer: Answer) -> None:
    (key, run), = answer.runs.items()  # fmt: skip
    setup, facts, told = answer.setup, answer.facts, answer.told[key]
    name, rates = facts["second"], answer.axes["lr"]
    optimizer, steps = OPTIMIZERS[key], setup["steps"]
    second = params(optimizer.hypers)[name]
    x, y = np.log10(rates), second.position(answer.axes[name])
    half_x, half_y = (np.ptp(axis) / (len(axis) - 1) / 2 for axis in (x, y))
    extent = (x[0] - half_x, x[-1] + half_x, y[0] - half_y, y[-1] + half_y)
    wide = 7.4 if facts["known"] else WIDTH - 1.0 - MARGIN
    panel = sheet.panel(1.0, sheet.bottom + 0.1, wide, 5.4)
    hits, lost = run["hits"].astype(float), np.isin(run["ends"], _LOST)
    there = (run["hits"] != NEVER) & ~lost
    fewest = max(int(hits[there].min(initial=steps)), 1)
    norm = LogNorm(min(fewest, steps - 1), steps)
    # Not to its darkest, which is that of what does not arrive.
    shades = ListedColormap(matplotlib.colormaps["cividis"](np.linspace(1, 0.15, 256)))
    colours = np.zeros((*hits.shape, 3))
    colours[...] = to_rgb(theme.ENDS["descending"][0])
    notes, handles = [], []
    if not facts["known"]:
        colours = np.array([to_rgb(_end_colour(code)) for code in range(256)])[
            run["ends"]
        ]
        notes.append(
            "No lowest minimum is known to arrive at: colours are how runs end."
        )
        handles += [
            Patch(color=_end_colour(code), label=_end_label(answer, code))
            for code in np.unique(run["ends"])
        ]
    else:
        colours[there] = shades(norm(np.maximum(hits, 1)))[there][:, :3]
        for code in np.unique(run["ends"][lost]):
            colours[run["ends"] == code] = to_rgb(_end_colour(code))
            handles.append(
                Patch(color=_end_colour(code), label=_end_label(answer, code))
            )
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
            f"steps to within {number(facts['tolerance'])} of the lowest minimum"
        )
        if (run["hits"] == 0).any():
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
            np.log10(lr), second.position(value), **_BEST, color=theme.PAGE, zorder=7
        )
        handles.append(
            Line2D([], [], **_BEST, color=theme.PAGE,
                   label=f"fastest here: {number(lr)}, {number(value)} "
                   f"({count} steps)")
        )  # fmt: skip
    own = setup.hypers(key)
    at = np.log10(own.lr), float(second.position(getattr(own, name)))
    mark = _marked(key, markersize=10, markeredgewidth=1.2)
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


def _fan(sheet: Sheet, answer: Answer) -> None:
    (key, run), = answer.runs.items()  # fmt: skip
    setup, rates = answer.setup, answer.axes["lr"]
    window = setup.surface.window
    ratio = _shape(answer)
    height = min(6.2, 7.0 / ratio)
    left = (WIDTH - height * ratio) / 2 - 0.2
    panel = sheet.panel(left, sheet.bottom + 0.1, height * ratio, height)
    _map(panel, answer)
    last = run["points"][:, -1]
    inside = window.contains(last)
    # Colours are for what stays, which often is a small part of all rates.
    partly = bool(setup.surface.minima) and 1 < inside.sum() < len(rates)
    stays = rates[inside] if partly else rates
    norm, shades = LogNorm(stays[0], stays[-1]), _shades()
    colours = shades(norm(rates))
    if partly:
        colours[~inside] = (*to_rgb(_AWAY), 0.5)
    # The largest first: what flies off does not cover what stays.
    order = np.arange(len(rates))[::-1]
    _lines(panel, answer, run["points"][order], colours[order], 1.2)
    panel.scatter(
        *last[inside].T, c=colours[inside], s=16, zorder=5, linewidths=0.5,
        edgecolors=theme.PAGE,
    )  # fmt: skip
    ring(panel, setup["start"], 1.6)
    bar = sheet.panel(left + height * ratio + 0.25, sheet.bottom - height, 0.2, height)
    scale = sheet.figure.colorbar(ScalarMappable(norm, shades), cax=bar)
    scale.set_label("learning rate")
    marks = {10.0**k: power(k) for k in decades(*np.log10(stays[[0, -1]]))}
    if len(marks) < 2:
        marks = {value: number(value) for value in stays[[0, len(stays) // 2, -1]]}
    ticked(bar.yaxis, marks)
    bar.yaxis.set_minor_locator(FixedLocator([]))
    own, look = setup.hypers(key).lr, theme.LOOKS[key]
    on_bar = stays[0] <= own <= stays[-1]
    if on_bar:
        bar.plot(
            -0.2, own, marker=">", color=look.colour, markersize=8, clip_on=False,
            transform=bar.get_yaxis_transform(),
        )  # fmt: skip
    sheet.bottom += 0.45
    handles = [
        Line2D([], [], color=theme.INK, marker="o", markerfacecolor="none",
               linestyle="none", label="the start"),
        Line2D([], [], color=shades(0.6), marker="o", linewidth=1.2, markersize=4,
               label=f"a trail and its end after {setup['steps']} steps"),
    ]  # fmt: skip
    if partly:
        handles.append(Line2D([], [], color=_AWAY, label="one that ends off the map"))
    if on_bar:
        handles.append(
            Line2D([], [], color=look.colour, marker=">", linestyle="none",
                   label=f"own rate, {number(own)}")
        )  # fmt: skip
    sheet.legend([*handles, *_critical(answer)])
    away, notes = np.flatnonzero(~inside), []
    if away.size:
        notes.append(f"{away.size} of {len(rates)} trails end off this map.")
        if np.ptp(away) == away.size - 1:
            low, high = (number(float(rates[away[k]])) for k in (0, -1))
            notes[-1] = f"{notes[-1][:-1]}, those of learning rates {low} to {high}."
    if not on_bar:
        notes.append(f"The own rate, {number(own)}, is not on the bar of colours.")
    sheet.finish(notes)


_AWAY = "#b5483f"
"""A trail that ends off the map."""


def _shades() -> Any:
    """Colours for learning rates that stand out from the map."""
    return ListedColormap(matplotlib.colormaps["viridis"](np.linspace(0.38, 1, 256)))


def _critical(answer: Answer) -> list[Line2D]:
    surface = answer.setup.surface
    marks = [("x", "a minimum", surface.minima), ("D", "a saddle", surface.saddles)]
    return [
        Line2D([], [], color=theme.CRITICAL, marker=mark, markerfacecolor="none",
               linestyle="none", label=label)
        for mark, label, points in marks if points
    ]  # fmt: skip


def _lines(
    panel: Axes, answer: Answer, points: np.ndarray, colours: Any, wide: float
) -> None:
    """Many trails."""
    lines = LineCollection(
        list(near(points, answer.setup.surface.window)),
        colors=colours,
        linewidths=wide,
        zorder=4,
    )
    total = sum(run["points"][..., 0].size for run in answer.runs.values())
    lines.set_rasterized(total > MOST_DRAWN)
    panel.add_collection(lines, autolim=False)


def _curves(sheet: Sheet, answer: Answer) -> None:
    if _nobody(sheet, answer, RATELESS):
        return
    steps, known = answer.setup["steps"], answer.facts["known"]
    every = np.stack([run["losses"] for run in answer.runs.values()])
    first = np.abs(every[:, :, 0]).max()
    narrow = len(answer.runs) > 6
    panels = sheet.grid(len(answer.runs), 1.35, label=0.55, foot=0.85, widest=6.5)
    notes: list[str] = []
    x = np.arange(steps + 1)
    shades = _shades()(np.linspace(0, 1, 5))
    for panel, (key, run) in zip(panels, answer.runs.items(), strict=True):
        drawn = Losses(panel, every, known, 100 * first)
        own = len(run["losses"]) // 2
        for k, (lr, losses) in enumerate(
            zip(answer.told[key]["rates"], run["losses"], strict=True)
        ):
            panel.plot(
                x,
                drawn(losses),
                color=theme.LOOKS[key].colour if k == own else shades[k],
                linewidth=2.4 if k == own else 1.2,
                label=number(lr) + (" (own)" if k == own else ""),
                linestyle="-" if k >= own else (0, (4, 1.5)),
                zorder=3 if k == own else 4,
            )
        steps_along(panel, steps)
        base = answer.facts["base"]
        panel.set_ylabel(f"loss − {number(base)}" if base else "loss", labelpad=2)
        _headed(panel, key, narrow=narrow)
        panel.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, 0),
            bbox_transform=_off(panel, 0, -29),
            ncols=3,
            fontsize=6 if narrow else 7,
            handlelength=1.3 if narrow else 1.8,
            columnspacing=0.8 if narrow else 1.2,
            labelspacing=0.35,
            borderpad=0,
            borderaxespad=0,
        )
        notes += drawn.notes
    sheet.finish(notes)


def _crowd(sheet: Sheet, answer: Answer) -> None:
    """Maps and bands of swarms and seeds."""
    if _nobody(sheet, answer, OFF):
        return
    swarm, setup = answer.study == "swarm", answer.setup
    surface, steps = setup.surface, setup["steps"]
    ratio = _shape(answer)
    height = min(4.3, 4.3 / ratio)
    top = sheet.bottom + 0.1
    place = sheet.panel(MARGIN + 0.45, top, height * ratio, height)
    left = MARGIN + 0.45 + height * ratio + 0.85
    panel = sheet.panel(left, top, WIDTH - MARGIN - left, height)
    _map(place, answer)
    notes, handles, astray, off = [], [], [], 0
    bands = np.stack([run["band"] for run in answer.runs.values()])
    means = np.stack([run["mean"] for run in answer.runs.values()])
    first = np.abs(np.concatenate([bands[:, :, 0].ravel(), means[:, 0]])).max()
    drawn = Losses(
        panel, np.concatenate([bands.ravel(), means.ravel()]),
        answer.facts["known"], 10 * first,
    )  # fmt: skip
    x = np.arange(steps + 1)
    if swarm:
        starts = next(iter(answer.runs.values()))["points"][:, 0]
        place.plot(*starts.T, ".", color=theme.MUTED, markersize=2, alpha=0.8, zorder=3)
    else:
        ring(place, setup["start"], 1.6)
    for key, run in answer.runs.items():
        look, told = theme.LOOKS[key], answer.told[key]
        if not swarm:
            faint = float(np.clip(8 / len(run["points"]), 0.06, 0.5))
            _lines(place, answer, run["points"], (*to_rgb(look.colour), faint), 0.9)
        last = run["points"][:, -1]
        inside = surface.window.contains(last)
        off += int((~inside).sum())
        place.plot(
            *last[inside].T, **_marked(key, markersize=3.6, markeredgewidth=0.3),
            alpha=0.85, zorder=5,
        )  # fmt: skip
        middle = np.array(told["middle"] or (np.nan, np.nan))
        if surface.window.contains(middle):
            mark = _marked(
                key, markersize=11, markeredgewidth=1.6, markeredgecolor=theme.INK
            )
            place.plot(*middle, **mark, zorder=7)
        else:
            astray.append(OPTIMIZERS[key].label)
        low, middle, high = (drawn(each) for each in run["band"])
        panel.fill_between(x, low, high, color=look.colour, alpha=0.1, linewidth=0)
        for border in (low, high):
            panel.plot(x, border, color=look.colour, linewidth=0.5, alpha=0.4)
        panel.plot(x, middle, color=look.colour, linewidth=1.6)
        panel.plot(
            x, drawn(run["mean"]), color=look.colour, linewidth=1, linestyle=(0, (3, 2))
        )
        words = OPTIMIZERS[key].label
        if told["gone"]:
            words += f", {told['gone']} of {told['runs']} gone"
        handles.append(Line2D([], [], **_marked(key, linestyle="-"), label=words))
        notes += drawn.notes
    steps_along(panel, steps)
    panel.set_ylabel(excess(answer))
    sheet.bottom += 0.45
    runs = "start" if swarm else "seed"
    handles += [
        Line2D([], [], color=theme.MUTED, linewidth=1.6, label=f"median over {runs}s"),
        Line2D([], [], color=theme.MUTED, linewidth=1, linestyle=(0, (3, 2)),
               label="mean"),
        Patch(color=theme.MUTED, alpha=0.3, label="10% to 90%"),
        Line2D([], [], color=theme.MUTED, marker="o", markeredgecolor=theme.INK,
               markeredgewidth=1.6, markersize=9, linestyle="none",
               label="mean of the last points"),
    ]  # fmt: skip
    if swarm:
        handles.append(Line2D([], [], color=theme.MUTED, marker=".", markersize=4,
                              linestyle="none", label="a start"))  # fmt: skip
    sheet.legend(handles)
    if off:
        notes.append(f"{off} last points are off this map.")
    if astray:
        notes.append(f"No mean of last points is on this map for {', '.join(astray)}.")
    if not answer.facts["chancy"]:
        notes.append("Nothing is left to chance here: each seed gives the same path.")
    sheet.finish(notes)


_DRAWN: dict[str, Callable[[Sheet, Answer], None]] = {
    "basins": _basins,
    "sweep": _sweep,
    "plane": _plane,
    "fan": _fan,
    "curves": _curves,
    "swarm": _crowd,
    "luck": _crowd,
}
