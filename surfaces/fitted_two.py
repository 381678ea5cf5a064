"""Minimizers of models on data of two inputs, whose weights are those of the inputs.

There is no intercept: what fitted.py does for a column of inputs and one of ones is
done here for two columns of inputs.

Sources: the normal equations by Gram and Schmidt's way; Newton's method for maximum
likelihood, as in fitted.py, which has a maximum unless a line through the origin parts
the labels (A. Albert, J. A. Anderson, Biometrika 71 (1984) 1-10); and for the hinge
loss, which is piecewise linear, a weighted median of its corners for each first weight.
"""

import numpy as np

from surfaces.domain import Domain
from surfaces.fitted import (
    Columns,
    Samples,
    Weights,
    box_around,
    likeliest,
    lowest_of,
    tidy,
)

_ROUNDING = 1e-15
"""How much a product of two numbers may be off, as a part of it."""

_STEPS = 100
"""Of the golden section: they leave a part in 1e20 of where it began."""


def plane(x: Columns, y: Samples) -> tuple[Weights, Domain]:
    """The weights of least squares, and a box around them."""
    (u, v), turned = x, _turned(x)
    b = float(turned[1] @ y / (turned[1] @ turned[1]))
    a = float(u @ (y - b * v) / (u @ u))
    rise = float((y**2).mean()) / 2 or 0.5
    return (a, b), box_around((a, b), x, np.ones_like(y), rise)


def logistic(x: Columns, y: Samples) -> tuple[Weights | None, Domain]:
    """The weights of maximum likelihood, and a box around them.

    Returns:
        None in place of the weights where no loss is the lowest: a line through the
        origin parts the labels.
    """
    if parted(x, y):
        return None, _wide(x, (0.0, 0.0))
    u, v = x
    turned = _turned(x)
    sizes = np.sqrt((turned**2).mean(axis=1))
    weights, curvatures, rise = likeliest(turned / sizes[:, None], y)
    a, b = weights / sizes
    a = a - b * (u @ v) / (u @ u)
    found = float(a), float(b)
    return found, box_around(found, x, curvatures, rise)


def hinge(x: Columns, y: Samples) -> tuple[Weights, Domain]:
    """Weights of the lowest hinge loss, which may not be the only ones, and a box."""
    u, v = x
    counts = v != 0
    steepness = np.abs(v[counts])
    falling = steepness[(y * v)[counts] > 0].sum()

    def best(a: float) -> tuple[float, float]:
        # Far below, the loss falls by each sample whose label has the sign of v; at its
        # corner, each sample adds its steepness.
        corners = (y - a * u)[counts] / v[counts]
        order = np.argsort(corners)
        at = int(np.searchsorted(steepness[order].cumsum(), falling))
        b = float(corners[order[min(at, len(order) - 1)]])
        return float(np.maximum(0, 1 - y * (a * u + b * v)).mean()), b

    a = lowest_of(lambda a: best(a)[0], 1 / _size(u), _STEPS)
    weights = a, best(a)[1]
    return weights, _wide(x, weights)


def parted(x: Columns, y: Samples) -> bool:
    """Whether a line through the origin has each label on one side, or upon it.

    Then, and only then, all inputs with the signs of their labels lie in one half of
    the plane: between two that are neighbours by their angles is half a turn, or more.
    """
    u, v = (x * np.where(y > 0, 1.0, -1.0))[:, x.any(axis=0)]
    angles = np.arctan2(v, u)
    order = np.argsort(angles)
    angles, u, v = angles[order], u[order], v[order]
    gaps = np.append(np.diff(angles), angles[0] + 2 * np.pi - angles[-1])
    next_u, next_v = np.roll(u, -1), np.roll(v, -1)
    left, right = u * next_v, v * next_u
    # Angles are rounded: whether a gap is half a turn or less is said by the sign of
    # the vectors' product.
    half = left - right <= _ROUNDING * (np.abs(left) + np.abs(right))
    return bool(((gaps > 3) & half).any())


def _turned(x: Columns) -> Columns:
    """The inputs, and of the second only what is at right angles to the first."""
    u, v = x
    return np.stack([u, v - u * ((u @ v) / (u @ u))])


def _size(column: Samples) -> float:
    return float(np.sqrt((column**2).mean()))


def _wide(x: Columns, weights: Weights) -> Domain:
    """A box with weights inside, where scores go from far below 0 to far above."""
    half = 6 / np.array([_size(column) for column in x])
    half = np.maximum(half, 1.5 * np.abs(weights))
    return tidy(-half, half)
