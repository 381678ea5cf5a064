"""What a coarse grid says about a surface: a start, learning rates, a scale of colours.

For formulas that are typed, and for surfaces that declare no rates.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from surfaces.domain import Domain

COARSE = 41
"""Points of the grid along a side."""

STEEP = 70.0
"""How often its lowest twentieth a landscape must rise to be shown by its logarithm."""

FIVE = frozenset({"gradient_descent", "momentum", "adagrad", "rmsprop", "adam"})
"""The keys of the optimizers that rates are suggested for."""

Losses = Callable[[Any, Any], np.ndarray]
"""The losses at x and y, arrays of one shape."""


class Look(NamedTuple):
    """What a coarse grid says about a surface.

    Attributes:
        start: A point with a slope, away from the middle.
        slope: What slope a run from there is likely to meet first.
        steep: Whether its losses span magnitudes.
    """

    start: tuple[float, float]
    slope: float
    steep: bool


def look_at(losses: Losses, domain: Domain) -> Look | None:
    """What a coarse grid over a domain says; None if no loss on it is finite."""
    with np.errstate(all="ignore"):
        x, y = _lattice(domain, COARSE)
        found = losses(x, y)
        found = found[np.isfinite(found)]
        if not found.size:
            return None
        low, top = np.quantile(found - found.min(), (0.05, 0.99))
        typical = _typical_slope(losses, domain)
        start, slope = _start(losses, domain, typical)
        steep = bool(0 < STEEP * low < top)
    return Look(start, max(slope, typical), steep)


def slope_from(losses: Losses, domain: Domain, start: tuple[float, float]) -> float:
    """What slope a run from a start is likely to meet first."""
    with np.errstate(all="ignore"):
        slope = _slopes(losses, domain, *np.array(start)[:, None])[0]
        typical = _typical_slope(losses, domain)
    return max(float(slope), typical) if np.isfinite(slope) else typical


def suggested_rates(slope: float, diagonal: float) -> dict[str, float]:
    """Rates with which the first steps are a hundredth of the diagonal or so."""
    rate = 0.01 * diagonal / slope if slope else 0.01
    rates = {
        "gradient_descent": rate,
        "momentum": rate / 5,
        "adagrad": 0.03 * diagonal,
        "rmsprop": 0.003 * diagonal,
        "adam": 0.01 * diagonal,
    }
    return {key: float(f"{min(max(r, 1e-5), 10):.0e}") for key, r in rates.items()}


def _lattice(domain: Domain, size: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(
        np.linspace(domain.x_low, domain.x_high, size),
        np.linspace(domain.y_low, domain.y_high, size),
    )
    return x.ravel(), y.ravel()


def _slopes(losses: Losses, domain: Domain, x: Any, y: Any) -> np.ndarray:
    """The length of the gradient, by central differences; not finite if f is not."""
    across = 1e-6 * (domain.x_high - domain.x_low)
    along = 1e-6 * (domain.y_high - domain.y_low)
    return np.hypot(
        (losses(x + across, y) - losses(x - across, y)) / (2 * across),
        (losses(x, y + along) - losses(x, y - along)) / (2 * along),
    )


def _typical_slope(losses: Losses, domain: Domain) -> float:
    slopes = _slopes(losses, domain, *_lattice(domain, COARSE))
    slopes = slopes[np.isfinite(slopes) & (slopes > 0)]
    return float(np.median(slopes)) if slopes.size else 0.0


def _start(
    losses: Losses, domain: Domain, typical: float
) -> tuple[tuple[float, float], float]:
    """The first of some places where the surface is not flat, and its slope there."""
    # Off the diagonals: there a symmetric formula would hold a run in its symmetry.
    first = ((0.2, 0.7), (0.7, 0.8), (0.3, 0.2), (0.8, 0.3))
    x, y = _lattice(domain, 2 * COARSE - 1)
    x = np.append([_tidy(domain.x_low, domain.x_high, i) for i, _ in first], x)
    y = np.append([_tidy(domain.y_low, domain.y_high, i) for _, i in first], y)
    defined = np.isfinite(losses(x, y))
    slopes = _slopes(losses, domain, x, y)
    slopes[~np.isfinite(slopes)] = 0.0
    sloping = defined & (slopes > 1e-3 * typical)
    chosen = int(np.argmax(sloping if sloping.any() else defined))
    return (float(x[chosen]), float(y[chosen])), float(slopes[chosen])


def _tidy(low: float, high: float, share: float) -> float:
    """A number between two, with no more digits than it needs."""
    return round(low + share * (high - low), 2 - math.floor(math.log10(high - low)))
