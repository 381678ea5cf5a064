"""The race under many seeds."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from views.drawing import ring
from views.result import Result
from views.studies.prints.crowd import draw_crowd
from views.studies.prints.marks import draw_trails
from views.studies.prints.sheet import Sheet


def draw(sheet: Sheet, answer: Result) -> None:
    """All trails, faintly."""

    def beneath(place: Axes) -> None:
        ring(place, answer.setup["start"], 1.6)
        for key, run in answer.runs.items():
            faint = float(np.clip(8 / len(run["points"]), 0.06, 0.5))
            colour = (*to_rgb(answer.setup.looks[key].colour), faint)
            draw_trails(place, answer, run["points"], colour, 0.9)

    draw_crowd(sheet, answer, beneath, "seed")
