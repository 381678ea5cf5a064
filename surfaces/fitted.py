"""Minimizers of models on data of one input, in closed form or nearly so, and boxes.

Sources: the normal equations, Newton's method with halved steps for maximum likelihood
(D. R. Cox, J. R. Stat. Soc. B 20 (1958) 215-242), and for the hinge loss, which is
piecewise linear, the best offset of each slope from its sorted corners.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from surfaces.domain import Domain

Samples = Float[np.ndarray, " n"]
Columns = Float[np.ndarray, "2 n"]
Weights = tuple[float, float]
Losses = Callable[[Float[np.ndarray, "... 2"]], Float[np.ndarray, "..."]]

WIDER = 1.3
"""How many times a box is as wide as what lies below the loss at zero weights."""

DOUBLINGS, FEWEST = 24, -8
"""How often a box may grow until a minimum is inside, from which power of 2 of its
scale."""

NARROWEST = 2.5
"""How many times as long as its other side a side may be: a map has one scale."""

GRID = 41
"""Points of a grid along its side."""

_GOLDEN = (math.sqrt(5) - 1) / 2


def line(x: Samples, y: Samples) -> tuple[Weights, Domain]:
    """The slope and intercept of least squares, and a box around them."""
    centred = x - x.mean()
    slope = float(centred @ (y - y.mean()) / (centred @ centred))
    offset = float(y.mean() - slope * x.mean())
    rise = ((y**2).mean() - ((y - slope * x - offset) ** 2).mean()) / 2
    rise = max(rise, y.var() / 2) or 0.5
    return (slope, offset), box_around(
        (slope, offset), with_ones(x), np.ones_like(x), rise
    )


def logistic(x: Samples, y: Samples) -> tuple[Weights | None, Domain]:
    """The weights of maximum likelihood, and a box around them.

    Returns:
        None in place of the weights where no loss is the lowest: a threshold parts the
        labels.
    """
    if parted(x, y):
        return None, _wide(x, (0.0, 0.0))
    middle, width = x.mean(), x.std()
    columns = np.stack([(x - middle) / width, np.ones_like(x)])
    weights, curvatures, rise = likeliest(columns, y)
    a = float(weights[0] / width)
    b = float(weights[1] - weights[0] * middle / width)
    return (a, b), box_around((a, b), with_ones(x), curvatures, rise)


def likeliest(columns: Columns, y: Samples) -> tuple[np.ndarray, Samples, float]:
    """The weights of maximum likelihood, where there are such.

    Args:
        columns: Which the weights are of, about as large as one another.
        y: Labels, 0 and 1.

    Returns:
        The weights; the curvature of each sample's loss by its score there, and how
        much lower the loss is there than at zero weights, neither of them too small
        for a box.
    """
    weights = np.zeros(2)

    def loss(at: np.ndarray) -> float:
        score = at @ columns
        return float((np.logaddexp(score, 0) - y * score).mean())

    for _ in range(100):
        odds = 1 / (1 + np.exp(-(weights @ columns)))
        slope = columns @ (odds - y) / len(y)
        hessian = (columns * odds * (1 - odds)) @ columns.T / len(y)
        move = np.linalg.solve(hessian + 1e-300 * np.eye(2), slope)
        step = 1.0
        while step > 1e-6 and loss(weights - step * move) > loss(weights):
            step /= 2
        weights = weights - step * move
        if np.abs(move).max() <= 1e-14 * max(1.0, np.abs(weights).max()):
            break
    odds = 1 / (1 + np.exp(-(weights @ columns)))
    rise = max(math.log(2) - loss(weights), 0.05)
    return weights, np.maximum(odds * (1 - odds), 1e-3), rise


def hinge(x: Samples, y: Samples) -> tuple[Weights, Domain]:
    """Weights of the lowest hinge loss, which may not be the only ones, and a box."""

    def best(slope: float) -> tuple[float, float]:
        # Below the corners of ones losses fall; above those of others they rise.
        offset = float(np.partition(y - slope * x, ones)[ones])
        return float(np.maximum(0, 1 - y * (slope * x + offset)).mean()), offset

    ones = min(max(int((y > 0).sum()), 1), len(x) - 1)
    reach = 1.0 / float(x.std())
    slope = lowest_of(lambda slope: best(slope)[0], reach, 200)
    weights = slope, best(slope)[1]
    return weights, _wide(x, weights)


def lowest_of(loss: Callable[[float], float], reach: float, steps: int) -> float:
    """Where a convex loss of one weight is lowest.

    Args:
        loss: Of the weight.
        reach: A size that the weight may have; it is doubled while that is lower.
        steps: Of the golden section.
    """
    while loss(2 * reach) < loss(reach) or loss(-2 * reach) < loss(-reach):
        reach *= 2
        if reach > 1e12:
            break
    low, high = -2 * reach, 2 * reach
    for _ in range(steps):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    return (low + high) / 2


def parted(x: Samples, y: Samples) -> bool:
    """Whether a threshold has all of one label on one side of it, or upon it."""
    ones, others = x[y > 0], x[y <= 0]
    if not len(ones) or not len(others):
        return True
    return bool(ones.min() >= others.max() or ones.max() <= others.min())


def with_ones(x: Samples) -> Columns:
    """What a slope and an intercept are the weights of."""
    return np.stack([x, np.ones_like(x)])


def box_around(
    weights: Weights, columns: Columns, curvatures: Samples, rise: float
) -> Domain:
    """The box around what lies less than a rise above the minimum, and wider.

    Args:
        weights: The minimum.
        columns: Which they are the weights of.
        curvatures: Of each sample's loss by its score.
        rise: How much higher the loss may be.
    """
    u, v = columns
    uu, uv, vv = ((curvatures * part).mean() for part in (u * u, u * v, v * v))
    determinant = max(uu * vv - uv * uv, 1e-300)
    half = WIDER * np.sqrt(2 * rise * np.array([vv, uu]) / determinant)
    return tidy(np.array(weights) - half, np.array(weights) + half)


def box_of(losses: Losses, across: float, along: float) -> Domain:
    """A box around zero weights, large enough for the lowest loss to be inside.

    Args:
        losses: The loss at many points.
        across: Of which size the first weight is.
        along: And the second.
    """
    half = np.array([across, along]) * 2.0**FEWEST
    for _ in range(DOUBLINGS):
        x, y = (np.linspace(-each, each, GRID) for each in half)
        found = losses(np.stack(np.meshgrid(x, y), axis=-1))
        found = np.where(np.isfinite(found), found, np.inf)
        at = np.unravel_index(int(found.argmin()), found.shape)
        outside = np.array([abs(at[1] - GRID // 2), abs(at[0] - GRID // 2)])
        grows = outside > GRID // 3
        if not np.isfinite(found.min()):
            grows[:] = True
        if not grows.any():
            break
        half = np.where(grows, 2 * half, half)
    else:
        half = 8 * np.array([across, along])
    return tidy(-1.5 * half, 1.5 * half)


def _wide(x: Samples, weights: Weights) -> Domain:
    """A box with weights inside, where scores go from far below 0 to far above."""
    size = 6 / float(x.std())
    half = np.array([size, 6 + size * abs(float(x.mean()))])
    half = np.maximum(half, 1.5 * np.abs(weights))
    return tidy(-half, half)


def tidy(low: np.ndarray, high: np.ndarray) -> Domain:
    """A box with no more digits than it needs, no smaller, and wide enough to see."""
    middle, half = (low + high) / 2, (high - low) / 2
    half = np.maximum(half, half.max() / NARROWEST)
    low, high = middle - half, middle + half
    units = 10.0 ** (np.floor(np.log10(high - low)) - 1)
    low = np.floor(low / units) * units
    high = np.ceil(high / units) * units
    x, y = zip(low, high, strict=True)
    return Domain(*(float(f"{end:.12g}") for end in (*x, *y)))
