"""How every learning rate ends."""

import numpy as np
from matplotlib.lines import Line2D

from views import theme
from views.result import Result
from views.studies.codes import NEVER
from views.studies.prints.marks import BEST, LUCKY, RATELESS, diverging, marked, nobody
from views.studies.prints.sheet import (
    LETTERS,
    MARGIN,
    WIDTH,
    Losses,
    Sheet,
    excess,
    number,
    rates_along,
)


def draw(sheet: Sheet, answer: Result) -> None:
    """A line for each optimizer, and a strip of what diverges above."""
    if nobody(sheet, answer, RATELESS):
        return
    setup, rates = answer.setup, answer.axes["lr"]
    known, x = answer.meta["known"], np.log10(rates)
    steps = answer.meta["objective"] == "steps" and known
    notes = []
    if answer.meta["objective"] == "steps" and not known:
        notes.append("No lowest minimum is known to arrive at: losses are shown.")
    left, strip = 0.95, 0.15
    wide = WIDTH - left - MARGIN
    rows = [key for key, run in answer.runs.items() if diverging(run["ends"]).any()]
    sheet.bottom += 0.1
    top = sheet.panel(left, sheet.bottom, wide, strip * len(rows)) if rows else None
    panel = sheet.panel(left, sheet.bottom + 0.06, wide, 4.3)
    curves = {}
    for key, run in answer.runs.items():
        if steps:
            curve = np.where(
                run["within"] == NEVER, np.nan, run["within"].astype(float)
            )
        else:
            curve = run["losses"].astype(float)
        curves[key] = np.where(diverging(run["ends"]), np.nan, curve)
    drawn = Losses(
        panel, np.stack(list(curves.values())), known,
        word="number of steps" if steps else "loss",
    )  # fmt: skip
    step = (x[-1] - x[0]) / (len(x) - 1)
    handles = []
    for key, run in answer.runs.items():
        look, y = answer.setup.looks[key], drawn(curves[key])
        panel.plot(x, y, color=look.colour, linewidth=1.5)
        # A rate between two that diverge has no line beside it.
        beside = np.pad(np.isfinite(y), 1)
        lone = np.isfinite(y) & ~beside[:-2] & ~beside[2:]
        panel.plot(x[lone], y[lone], ".", color=look.colour, markersize=3)
        gone = diverging(run["ends"])
        own = np.log10(setup.hypers(key).lr)
        at = int(np.argmin(np.abs(x - own)))
        if top is not None and key in rows:
            low = len(rows) - 1 - rows.index(key)
            top.bar(
                x[gone], 0.8, step * 1.02, low + 0.1, align="center",
                color=look.colour, linewidth=0,
            )  # fmt: skip
            if gone[at]:
                top.plot(
                    own,
                    low + 0.5,
                    **marked(look),
                    clip_on=False,
                    zorder=5,
                )
        if np.isfinite(y[at]):
            seen = np.isfinite(y)
            here = np.clip(np.interp(own, x[seen], y[seen]), drawn.low, drawn.high)
            panel.plot(
                own,
                here,
                **marked(look, markersize=9),
                zorder=5,
                clip_on=False,
            )
        words = f"{answer.setup.name(key)}: own rate {number(10**own)}"
        best = answer.per_run[key]["best"]
        if best is None:
            words += ", none arrives" if steps else ", all diverge"
        else:
            k = best["index"]
            panel.plot(
                x[k], drawn.mark(curves[key][k]), **BEST, color=look.colour, zorder=6,
                clip_on=False,
            )  # fmt: skip
            value = f"loss {number(best['loss'])}"
            if steps:
                value = f"{best['steps']} steps{LUCKY if best['lucky'] else ''}"
            words += f", best {number(best['lr'])} ({value})"
            if best["edge"]:
                words += ", at the end of the range"
        handles.append(Line2D([], [], **marked(look, linestyle="-"), label=words))
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
        within = number(answer.meta["tolerance"])
        panel.set_ylabel(f"steps until within {within} of the lowest minimum")
    else:
        panel.set_ylabel(f"{excess(answer)} after {setup['steps']} steps")
    panel.grid(True, axis="x")
    sheet.bottom += 0.5
    if any(told["best"] for told in answer.per_run.values()):
        handles.append(Line2D([], [], **BEST, color=theme.PAGE, label="best"))
    sheet.legend(handles)
    sheet.finish(notes)
