"""The losses for five learning rates of each optimizer."""

from typing import Any

import numpy as np

from views.result import Result
from views.studies.prints.marks import RATELESS, headed, nobody, rate_shades, shifted
from views.studies.prints.sheet import Losses, Sheet, number, steps_along

DASHES: tuple[Any, ...] = (
    (0, (1, 1.6)), (0, (4, 1.6)), "-", (0, (6, 1.6, 1, 1.6)),
    (0, (6, 1.6, 1, 1.6, 1, 1.6)),
)  # fmt: skip
"""From the smallest rate to the largest: how they are told apart."""


def draw(sheet: Sheet, answer: Result) -> None:
    """A panel of curves for each optimizer."""
    if nobody(sheet, answer, RATELESS):
        return
    steps, known = answer.setup["steps"], answer.meta["known"]
    every = np.stack([run["losses"] for run in answer.runs.values()])
    first = np.abs(every[:, :, 0]).max()
    narrow = len(answer.runs) > 6
    panels = sheet.grid(len(answer.runs), 1.35, label=0.55, foot=0.85, widest=6.5)
    notes: list[str] = []
    x = np.arange(steps + 1)
    shades = rate_shades()(np.linspace(0, 1, 5))
    for panel, (key, run) in zip(panels, answer.runs.items(), strict=True):
        drawn = Losses(panel, every, known, 100 * first)
        own = len(run["losses"]) // 2
        for k, (lr, losses) in enumerate(
            zip(answer.per_run[key]["rates"], run["losses"], strict=True)
        ):
            panel.plot(
                x,
                drawn(losses),
                color=answer.setup.looks[key].colour if k == own else shades[k],
                linewidth=2.4 if k == own else 1.2,
                label=number(lr) + (" (own)" if k == own else ""),
                linestyle=DASHES[k],
                zorder=3 if k == own else 4,
            )
        steps_along(panel, steps)
        base = answer.meta["base"]
        panel.set_ylabel(f"loss − {number(base)}" if base else "loss", labelpad=2)
        headed(panel, answer, key, narrow=narrow)
        panel.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, 0),
            bbox_transform=shifted(panel, 0, -29),
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
