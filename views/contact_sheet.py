"""Every surface on one sheet, with its five runs as they are recommended.

    python -m views.contact_sheet [PATH]     docs/contact_sheet.png unless told

For choosing starts, steps and rates by eye.
"""

import argparse
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from optim import OPTIMIZERS, Trajectory, descend
from surfaces import SURFACES, Surface
from views import theme
from views.drawing import MARKERS, landscape, near, ring

SHEET = Path(__file__).parents[1] / "docs" / "contact_sheet.png"
COLUMNS = 5
_CAPTION = 41
"""Points from one caption to the next: as far as a panel is narrow."""


def contact_sheet(
    surfaces: Sequence[Surface], size: int = 151, width: float = 3.1
) -> Figure:
    """A sheet with one panel for each surface.

    Args:
        surfaces: What to draw, row by row.
        size: Points a side that the contours are drawn from.
        width: Of one panel, in inches.
    """
    columns = min(COLUMNS, len(surfaces))
    rows = -(-len(surfaces) // columns)
    figure = Figure((width * columns, width * 1.2 * rows), facecolor=theme.PAGE)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    figure.subplots_adjust(0.02, 0.2 / rows, 0.98, 1 - 0.1 / rows, 0.1, 0.24)
    for panel, surface in zip(panels, surfaces, strict=False):
        _landscape(panel, surface, size)
        for place, key in enumerate(theme.DEFAULT_ON):
            run = _recommended(surface, key)
            _trail(panel, surface, key, run)
            _caption(panel, place, key, run)
    for panel in panels[len(surfaces) :]:
        panel.set_axis_off()
    return figure


def _recommended(surface: Surface, key: str) -> Trajectory:
    rule = OPTIMIZERS[key]
    hypers = rule.hypers(lr=surface.learning_rates[key])
    return descend(surface, rule, surface.start, hypers, surface.steps)


def _landscape(panel: Axes, surface: Surface, size: int) -> None:
    landscape(panel, surface, size)
    ring(panel, surface.start)
    panel.tick_params(colors=theme.MUTED, labelsize=5, length=2, width=0.4, pad=1.5)
    panel.locator_params(nbins=5)
    panel.set_title(
        f"{surface.label}, {surface.steps} steps", color=theme.INK, fontsize=8, pad=4
    )


def _trail(panel: Axes, surface: Surface, key: str, run: Trajectory) -> None:
    look = theme.LOOKS[key]
    points = near(run.points, surface.view_domain)
    panel.plot(*points.T, color=look.colour, linewidth=0.9, zorder=4)
    if surface.view_domain.contains(run.points[-1]):
        panel.plot(
            *run.points[-1],
            marker=MARKERS[look.mark],
            color=look.colour,
            markeredgecolor=theme.PAGE,
            markeredgewidth=0.4,
            markersize=5,
            zorder=5,
        )


def _caption(panel: Axes, place: int, key: str, run: Trajectory) -> None:
    look = theme.LOOKS[key]
    words = f"{look.short}\n{run.outcome.kind}"
    if run.outcome.step is not None:
        words += f" {run.outcome.step}"
    panel.annotate(
        words,
        (0.5, 0),
        xytext=(_CAPTION * (place - (len(theme.DEFAULT_ON) - 1) / 2), -11),
        xycoords="axes fraction",
        textcoords="offset points",
        color=look.colour,
        fontsize=5.6,
        ha="center",
        va="top",
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Draws the sheet of every surface into a PNG file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("path", type=Path, nargs="?", default=SHEET)
    path = parser.parse_args(argv).path
    drawn = BytesIO()
    contact_sheet(list(SURFACES.values())).savefig(drawn, dpi=120)
    # A palette: a quarter of the bytes. Of the ways to choose one, this keeps the few
    # pixels of the trails their colours.
    sheet = (
        Image.open(drawn)
        .convert("RGB")
        .quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    )
    sheet.save(path, optimize=True)


if __name__ == "__main__":
    main()
