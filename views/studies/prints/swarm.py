"""Many starts at once."""

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from views import theme
from views.result import Result
from views.studies.prints.crowd import draw_crowd
from views.studies.prints.sheet import Sheet


def draw(sheet: Sheet, answer: Result) -> None:
    """All starts, and where they came to."""

    def beneath(place: Axes) -> None:
        starts = next(iter(answer.runs.values()))["points"][:, 0]
        place.plot(*starts.T, ".", color=theme.MUTED, markersize=2, alpha=0.8, zorder=3)

    start = Line2D(
        [], [], color=theme.MUTED, marker=".", markersize=4, linestyle="none",
        label="a start",
    )  # fmt: skip
    draw_crowd(sheet, answer, beneath, "start", [start])
