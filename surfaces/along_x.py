"""Minima and maxima of a formula of x alone, searched for.

Its slope is a formula, too (formula/derivative.py). Where it changes its sign from one
point of a fine grid to the next, the way between the two is halved again and again. So
flat minima and kinks are found like others; two extrema between two points are missed.

Source: Nocedal and Wright, Numerical Optimization (2006), section 2.1.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from surfaces.domain import Domain
from surfaces.formula import Expression
from surfaces.formula.derivative import derivative
from surfaces.formula.nodes import size

CELLS = 4_000
"""Between how many points of the grid it is looked for changes of sign."""

HALVINGS = 80

LARGEST = 20_000
"""Parts of a slope that is searched, at most."""

CLOSE = 1e-6
"""Of a cell: so near to an extremum, next to nothing of the way up or down is left."""

Places = tuple[tuple[float, float], ...]
Values = Callable[[np.ndarray], np.ndarray]


class Extrema(NamedTuple):
    """Where a loss of x alone is lower or higher than beside, from the lowest on.

    Attributes:
        minima: As (x, y), y in the middle of the domain.
        maxima: As (x, y).
        low: The lowest loss on the grid; infinite if there is none.
    """

    minima: Places
    maxima: Places
    low: float


@lru_cache(maxsize=256)
def extrema(loss: Any, params: Any, domain: Domain) -> Extrema:
    """Searches a domain from left to right.

    Args:
        loss: Of a formula of x alone and of the parameters, its `expression`.
        params: Their values.
        domain: Where.
    """
    expression: Expression = loss.expression
    given = params._asdict() if params else {}
    known = {name: np.asarray(value) for name, value in given.items()}

    def values(of: Expression) -> Values:
        return lambda x: of.evaluate(x, np.zeros_like(x), np, known)

    _, slope = derivative((), expression.whole, "x")
    with np.errstate(all="ignore"):
        x = _grid(domain)
        losses = values(expression)
        seen = losses(x)
        low = float(seen[np.isfinite(seen)].min(initial=np.inf))
        if size([slope]) > LARGEST:
            return Extrema((), (), low)
        slopes = values(Expression(slope))
        y = (domain.y_low + domain.y_high) / 2

        def found(sign: float) -> Places:
            at = _turns(lambda x: sign * slopes(x), x)
            # A zero that was searched for is one but for rounding.
            at = np.where(np.abs(at) <= 1e-14 * domain.diagonal, 0.0, at)
            at = at[_is_lowest(lambda x: sign * losses(x), at, x[1] - x[0])]
            order = np.lexsort((at, np.round(losses(at), 9)))
            return tuple((float(x), y) for x in at[order])

        return Extrema(found(1.0), found(-1.0), low)


def _grid(domain: Domain) -> Float[np.ndarray, " points"]:
    # Uneven, so that none of its points is one of symmetry.
    places = np.arange(CELLS + 1)
    inner = (places + 0.1 * np.sin(places)) / CELLS
    width = domain.x_high - domain.x_low
    return np.clip(domain.x_low + inner * width, domain.x_low, domain.x_high)


def _turns(slopes: Values, x: np.ndarray) -> np.ndarray:
    """Where the slope turns from negative to positive, a level stretch aside."""
    signs = np.sign(slopes(x))
    sloping = np.flatnonzero(signs != 0)  # what is no number, too
    left, right = sloping[:-1], sloping[1:]
    turns = (signs[left] < 0) & (signs[right] > 0) & (right - left <= 2)
    low, high = x[left[turns]], x[right[turns]]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        sign = np.sign(slopes(middle))
        low = np.where(sign <= 0, middle, low)
        high = np.where(sign >= 0, middle, high)
    return (low + high) / 2


def _is_lowest(losses: Values, at: np.ndarray, cell: float) -> np.ndarray:
    """Whether places are lower than beside: not where the loss jumps, or has no end."""
    own = losses(at)
    lowest = np.isfinite(own)
    for side in (-cell / 2, cell / 2):
        rise = losses(at + side) - own
        rise = np.where(np.isnan(rise), np.inf, rise)
        lowest &= rise > 8 * np.finfo(float).eps * np.abs(own)
        lowest &= np.abs(losses(at + CLOSE * side) - own) <= rise / 2
    return lowest
