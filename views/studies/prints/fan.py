"""The trails of one optimizer for many learning rates."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, to_rgb
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator

from views import theme
from views.drawing import ring
from views.result import Result
from views.studies.prints.marks import (
    critical,
    draw_map,
    draw_trails,
    map_ratio,
    rate_shades,
)
from views.studies.prints.sheet import WIDTH, Sheet, decades, number, power, ticked

_AWAY = "#b5483f"
"""A trail that ends off the map."""


def draw(sheet: Sheet, answer: Result) -> None:
    """Trails on the map, coloured by learning rate."""
    (key, run), = answer.runs.items()  # fmt: skip
    setup, rates = answer.setup, answer.axes["lr"]
    window = setup.surface.view_domain
    ratio = map_ratio(answer)
    height = min(6.2, 7.0 / ratio)
    left = (WIDTH - height * ratio) / 2 - 0.2
    panel = sheet.panel(left, sheet.bottom + 0.1, height * ratio, height)
    draw_map(panel, answer)
    last = run["points"][:, -1]
    inside = window.contains(last)
    # Colours are for what stays, which often is a small part of all rates.
    partly = bool(setup.surface.minima) and 1 < inside.sum() < len(rates)
    stays = rates[inside] if partly else rates
    norm, shades = LogNorm(stays[0], stays[-1]), rate_shades()
    colours = shades(norm(rates))
    if partly:
        colours[~inside] = (*to_rgb(_AWAY), 0.5)
    # The largest first: what flies off does not cover what stays.
    order = np.arange(len(rates))[::-1]
    draw_trails(panel, answer, run["points"][order], colours[order], 1.2)
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
    own, look = setup.hypers(key).lr, answer.setup.looks[key]
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
    sheet.legend([*handles, *critical(answer)])
    away, notes = np.flatnonzero(~inside), []
    if away.size:
        notes.append(f"{away.size} of {len(rates)} trails end off this map.")
        if np.ptp(away) == away.size - 1:
            low, high = (number(float(rates[away[k]])) for k in (0, -1))
            notes[-1] = f"{notes[-1][:-1]}, those of learning rates {low} to {high}."
    if not on_bar:
        notes.append(f"The own rate, {number(own)}, is not on the bar of colours.")
    sheet.finish(notes)
