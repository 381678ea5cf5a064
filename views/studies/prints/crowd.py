"""Maps and bands of many runs of each optimizer."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from views import theme
from views.result import Result
from views.studies.prints.marks import OFF, draw_map, map_ratio, marked, nobody
from views.studies.prints.sheet import MARGIN, WIDTH, Losses, Sheet, excess, steps_along


def draw_crowd(
    sheet: Sheet,
    answer: Result,
    beneath: Callable[[Axes], None],
    word: str,
    handles: Sequence[Line2D] = (),
) -> None:
    """A map of the last points, and the band of losses beside it.

    Args:
        sheet: Where it is drawn.
        answer: Of which part.
        beneath: Draws on the map what is below the last points.
        word: What the runs are counted by.
        handles: What `beneath` draws, for the legend.
    """
    if nobody(sheet, answer, OFF):
        return
    surface, steps = answer.setup.surface, answer.setup["steps"]
    ratio = map_ratio(answer)
    height = min(4.3, 4.3 / ratio)
    top = sheet.bottom + 0.1
    place = sheet.panel(MARGIN + 0.45, top, height * ratio, height)
    left = MARGIN + 0.45 + height * ratio + 0.85
    panel = sheet.panel(left, top, WIDTH - MARGIN - left, height)
    draw_map(place, answer)
    beneath(place)
    notes, named, astray, off = [], [], [], 0
    bands = np.stack([run["band"] for run in answer.runs.values()])
    means = np.stack([run["mean"] for run in answer.runs.values()])
    first = np.abs(np.concatenate([bands[:, :, 0].ravel(), means[:, 0]])).max()
    drawn = Losses(
        panel, np.concatenate([bands.ravel(), means.ravel()]),
        answer.meta["known"], 10 * first,
    )  # fmt: skip
    x = np.arange(steps + 1)
    for key, run in answer.runs.items():
        look, told = answer.setup.looks[key], answer.per_run[key]
        last = run["points"][:, -1]
        inside = surface.view_domain.contains(last)
        off += int((~inside).sum())
        place.plot(
            *last[inside].T, **marked(look, markersize=3.6, markeredgewidth=0.3),
            alpha=0.85, zorder=5,
        )  # fmt: skip
        middle = np.array(told["middle"] or (np.nan, np.nan))
        if surface.view_domain.contains(middle):
            mark = marked(
                look,
                markersize=11,
                markeredgewidth=1.6,
                markeredgecolor=theme.INK,
            )
            place.plot(*middle, **mark, zorder=7)
        else:
            astray.append(answer.setup.name(key))
        low, middle, high = (drawn(each) for each in run["band"])
        panel.fill_between(x, low, high, color=look.colour, alpha=0.1, linewidth=0)
        for border in (low, high):
            panel.plot(x, border, color=look.colour, linewidth=0.5, alpha=0.4)
        panel.plot(x, middle, color=look.colour, linewidth=1.6)
        panel.plot(
            x, drawn(run["mean"]), color=look.colour, linewidth=1, linestyle=(0, (3, 2))
        )
        words = answer.setup.name(key)
        if told["gone"]:
            words += f", {told['gone']} of {told['runs']} gone"
        named.append(Line2D([], [], **marked(look, linestyle="-"), label=words))
        notes += drawn.notes
    steps_along(panel, steps)
    panel.set_ylabel(excess(answer))
    sheet.bottom += 0.45
    named += [
        Line2D([], [], color=theme.MUTED, linewidth=1.6, label=f"median over {word}s"),
        Line2D([], [], color=theme.MUTED, linewidth=1, linestyle=(0, (3, 2)),
               label="mean"),
        Patch(color=theme.MUTED, alpha=0.3, label="10% to 90%"),
        Line2D([], [], color=theme.MUTED, marker="o", markeredgecolor=theme.INK,
               markeredgewidth=1.6, markersize=9, linestyle="none",
               label="mean of the last points"),
    ]  # fmt: skip
    sheet.legend([*named, *handles])
    if off:
        notes.append(f"{off} last points are off this map.")
    if astray:
        notes.append(f"No mean of last points is on this map for {', '.join(astray)}.")
    for key, value in answer.meta["own"].items():
        notes.append(
            f"The race leaves nothing to chance: {key} {value:g} is this study's own."
        )
    sheet.finish(notes)
