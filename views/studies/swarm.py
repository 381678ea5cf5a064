"""Many starts at once, of each optimizer that is on."""

from statistics import NormalDist

import numpy as np

from optim.studies import Trails
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies.ensemble import NOTE, ensemble, points_in
from views.studies.part import TRAIL, Column, Part
from views.studies.trail_work import TrailWork


def swarm(setup: Setup, progress: ProgressCallback) -> Result:
    """Many starts at once, of each optimizer that is on."""
    work, count = TrailWork("swarm", setup, progress), setup["starts"]

    def run(key: str, progress: ProgressCallback) -> Trails:
        starts = swarm_starts(setup, setup.start_of(key))
        return work.trails(key, progress, starts=starts)

    return ensemble(work, "run", count, run)


def swarm_starts(setup: Setup, start: tuple[float, float] | None = None) -> np.ndarray:
    """The starts of a swarm, shape (n, 2).

    Args:
        setup: Whether on a grid, uniformly at random or in a cloud, and how many.
        start: What a cloud is around; the race's start by default.
    """
    middle = start or setup["start"]
    window, count, kind = setup.surface.view_domain, setup["starts"], setup["swarm"]
    corner = np.array([window.x_low, window.y_low])
    extent = np.array([window.x_high, window.y_high]) - corner
    if kind == "grid":
        return corner + extent * _grid(count)
    random = np.random.RandomState([setup["seed"], 3])
    if kind == "random":
        return corner + extent * random.uniform(size=(count, 2))
    domain, width = setup.surface.domain, setup["cloud"] * window.diagonal
    drawn = random.uniform(size=(count, 2))
    sides = (domain[:2], domain[2:])
    return np.stack(
        [
            _normal_within(drawn[:, axis], middle[axis], width, *sides[axis])
            for axis in (0, 1)
        ],
        axis=-1,
    )


def _grid(count: int) -> np.ndarray:
    """So many points at even distances over the unit square, shape (count, 2), by rows.

    A square number makes a square grid; of others, some rows have one point more.
    """
    rows = round(count**0.5)
    borders = count * np.arange(rows + 1) // rows
    lengths = np.diff(borders)
    row = np.repeat(np.arange(rows), lengths)
    column = np.arange(count) - borders[row]
    return np.stack([(column + 0.5) / lengths[row], (row + 0.5) / rows], axis=-1)


def _normal_within(
    parts: np.ndarray, middle: float, width: float, low: float, high: float
) -> np.ndarray:
    """Values of a normal distribution, given that they lie within bounds.

    Args:
        parts: Which part of all such values is below each, from 0 to 1.
        middle: The mean, within the bounds.
        width: The standard deviation.
        low: The lower bound.
        high: The upper bound.
    """
    normal = NormalDist(middle, width)
    below, above = normal.cdf(low), normal.cdf(high)
    share = np.clip(below + (above - below) * parts, 1e-300, 1 - 1e-16)
    # Rounding may carry a value over the bound it is next to.
    return np.clip([normal.inv_cdf(part) for part in share], low, high)


PART = Part(
    "swarm",
    swarm,
    runs=lambda setup, size: {key: setup["starts"] for key in setup["on"]},
    title=lambda result: "many starts at once",
    describe_size=lambda result: f"{result.sizes['run']} starts of each optimizer",
    columns=lambda result: {"run": Column("which start, from 0"), **TRAIL},
    arrays=("points",),
    note=NOTE,
    depends=("swarm", "starts", "cloud"),
    every_step=True,
    points=lambda setup: points_in(setup, setup["starts"]),
)
