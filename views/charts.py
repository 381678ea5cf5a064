"""What the chart under the map can show of each run, step by step.

A chart is a row here; the page offers it, the address names it, and its numbers come
with the race. All are computed from the run in float64: differences of what the page
is sent, in float32, would lose their digits near a minimum.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from optim import Optimizer, Trajectory
from optim.curvature import hessians_along
from optim.stability import best_rate, heavy_ball, plain, sharpness
from surfaces import Surface, slope_and_hessian

Series = Float[np.ndarray, "n k"]


class Moving(NamedTuple):
    """A run, and all that its charts follow from.

    Attributes:
        surface: The loss it goes down, its parameters and penalty set.
        rule: Which.
        hypers: Of the rule.
        factors: What the learning rate was multiplied by at each step.
        run: With the quantities of its steps, where the chart needs them.
    """

    surface: Surface
    rule: Optimizer
    hypers: Any
    factors: Float[np.ndarray, " n"]
    run: Trajectory

    @property
    def alphas(self) -> Float[np.ndarray, " n"] | None:
        """The learning rate of each step; None for a rule without one."""
        return self.hypers.lr * self.factors if hasattr(self.hypers, "lr") else None

    @property
    def divisors(self) -> Float[np.ndarray, "n 2"] | None:
        """What each coordinate of each step was divided by; None where nothing is."""
        name = self.rule.divisor
        return self.run.quantities[name] if name and self.run.quantities else None

    @property
    def steps(self) -> Float[np.ndarray, "n 2"]:
        """Each step, as the point moved."""
        return np.diff(self.run.points, axis=0)


class Chart(NamedTuple):
    """One of the charts.

    Attributes:
        label: In the menu.
        axis: What its numbers are, with their unit, at the axis.
        meaning: What it shows, in a sentence.
        find: From a run to its series, a column each: the first is drawn solid, the
            second dashed. Rows are iterates, or the steps from them, of which there is
            one less. What is not a number is not drawn.
        columns: The names of the series; empty where there is one.
        log: Whether its axis is logarithmic.
        divides: Whether it follows from what the rule divides by.
        gradients: How many gradients of the surface a row takes, or as much time.
        needs_minimum: Whether it shows nothing on a surface without known minima.
        factors: Whether the value under the cursor comes with its factor per step.
    """

    label: str
    axis: str
    meaning: str
    find: Callable[[Moving], Series]
    columns: tuple[str, ...] = ()
    log: bool = True
    divides: bool = False
    gradients: float = 0.0
    needs_minimum: bool = False
    factors: bool = False


def _size(vectors: Float[np.ndarray, "n 2"]) -> Series:
    with np.errstate(all="ignore"):
        return np.hypot(*vectors.T)[:, None]


def _nothing(rows: int, columns: int = 1) -> Series:
    return np.full((rows, columns), np.nan)


def _distance(moving: Moving) -> Series:
    minima, points = moving.surface.minima, moving.run.points
    if not minima:
        return _nothing(len(points))
    away = [_away(moving.surface, points, minimum) for minimum in minima]
    return np.min(away, axis=0)[:, None]


def _away(surface: Surface, points: Any, place: Any) -> Any:
    """How far points are from a place; of a loss of x alone, along x."""
    with np.errstate(all="ignore"):
        across, along = (points - place).T
        return np.hypot(across, along) if surface.variables == 2 else np.abs(across)


def _rate(moving: Moving) -> Series:
    alphas, divisors = moving.alphas, moving.divisors
    if alphas is None:
        return _nothing(len(moving.factors), 2)
    with np.errstate(all="ignore"):
        rates = np.stack([alphas, alphas], axis=-1)
        return rates if divisors is None else rates / divisors


def _ratio(moving: Moving) -> Series:
    with np.errstate(all="ignore"):
        return _size(moving.steps) / _size(moving.run.points[:-1])


def _angle(moving: Moving) -> Series:
    steps, slopes = moving.steps, -moving.run.grads[:-1]
    with np.errstate(all="ignore"):
        cross = steps[:, 0] * slopes[:, 1] - steps[:, 1] * slopes[:, 0]
        angle = np.degrees(np.arctan2(np.abs(cross), (steps * slopes).sum(axis=1)))
    moved = steps.any(axis=1) & slopes.any(axis=1)
    return np.where(moved, angle, np.nan)[:, None]


def _sharpness(moving: Moving) -> Series:
    rule, hypers = moving.rule, moving.hypers
    hessians = hessians_along(moving.surface, moving.run.points[:-1])
    largest = sharpness(hessians, moving.divisors)
    limit = np.full(len(largest), np.nan)
    alphas = moving.alphas
    if rule.stability is not None and alphas is not None:
        with np.errstate(all="ignore"):
            limit = rule.stability(hypers) / alphas
    return np.stack([largest, limit], axis=-1)


def _directions(moving: Moving) -> Series:
    points, minima = moving.run.points, moving.surface.minima
    if not minima:
        return _nothing(len(points), 2)
    target = headed_for(moving.surface, moving.run)
    if moving.surface.variables == 1:
        away = _away(moving.surface, points, target)
        return np.stack([away, np.full(len(points), np.nan)], axis=-1)
    _, vectors = eigen_at(moving.surface, target)
    with np.errstate(all="ignore"):
        return np.abs((points - target) @ vectors[:, ::-1])


def headed_for(surface: Surface, run: Trajectory) -> tuple[float, float]:
    """The known minimum nearest to the end of a run; to its start if it diverged."""
    if len(surface.minima) == 1:
        return surface.minima[0]
    minima, points = np.array(surface.minima), run.points
    last = points[-1] if np.isfinite(points[-1]).all() else points[0]
    nearest = minima[np.argmin(_away(surface, minima, last))]
    return float(nearest[0]), float(nearest[1])


@lru_cache(maxsize=256)
def eigen_at(surface: Surface, at: tuple[float, float]) -> tuple[Any, Any]:
    """The eigenvalues of the Hessian at a point, ascending, and its eigenvectors."""
    _, hessian = slope_and_hessian(surface.fn, np.array(at))
    return np.linalg.eigh(np.asarray(hessian))


def rate_limits(
    surface: Surface, rule: Optimizer, hypers: Any, run: Trajectory
) -> dict[str, float]:
    """Learning rates of note by theory, at the minimum that a run heads for.

    Returns:
        `stable`, from where on a constant rate is unstable, and `best`, at which it
        converges fastest, of gradient descent and of momentum; nothing where no
        minimum is known, it is flat, or theory says nothing of the rule.
    """
    if rule.stability is None or rule.divisor or not surface.minima:
        return {}
    # Where not all minima are listed, the run may have gone to another one.
    if not surface.lists_all_critical_points and run.outcome.kind != "reached":
        return {}
    curvatures, _ = eigen_at(surface, headed_for(surface, run))
    curvatures = curvatures[-surface.variables :]
    if not 0 < curvatures[0] < np.inf:
        return {}
    limits = {"stable": rule.stability(hypers) / curvatures[-1]}
    if rule.stability in (plain, heavy_ball):
        limits["best"] = best_rate(curvatures, getattr(hypers, "beta", 0.0))
    return {name: float(rate) for name, rate in limits.items()}


LOSS = "loss"
"""The chart that every race has, whose numbers it always carries."""

CHARTS = {
    "distance": Chart(
        "distance to the nearest minimum",
        "distance",
        "How far each iterate is from the nearest known minimum.",
        _distance,
        needs_minimum=True,
    ),
    "gradient": Chart(
        "gradient norm",
        "|g|",
        "The length of the gradient that the rule was given at each iterate.",
        lambda moving: _size(moving.run.grads),
    ),
    "step": Chart(
        "step length",
        "|δ|",
        "How far the point moved in each step.",
        lambda moving: _size(moving.steps),
    ),
    "rate": Chart(
        "effective learning rate",
        "α / divisor",
        "What each coordinate of the gradient, or of its mean, is multiplied by: the "
        "learning rate over the divisor of that coordinate.",
        _rate,
        ("x", "y"),
        divides=True,
    ),
    "ratio": Chart(
        "step over weights",
        "|δ| / |w|",
        "The length of the step over the distance of the iterate from the origin.",
        _ratio,
    ),
    "angle": Chart(
        "angle to steepest descent",
        "degrees",
        "The angle between the step and the direction against the gradient.",
        _angle,
        log=False,
    ),
    "sharpness": Chart(
        "sharpness",
        "curvature",
        "The largest curvature at the iterate, preconditioned where the rule divides; "
        "dashed, the curvature from which its learning rate is unstable on a "
        "quadratic.",
        _sharpness,
        ("sharpness", "limit of stability"),
        divides=True,
        gradients=10.0,
    ),
    "directions": Chart(
        "error in eigendirections",
        "|error|",
        "The distance to the known minimum nearest to a run's end, along the "
        "direction that is steepest there and, dashed, along the other.",
        _directions,
        ("steep", "flat"),
        needs_minimum=True,
        factors=True,
    ),
}
"""By name; `LOSS` is one more."""
