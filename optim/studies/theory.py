"""What theory says of the heavy ball on a quadratic.

With v <- b v - a g, w <- w + v, the error along an eigenvector of curvature h obeys
e'' = (1 + b - a h) e' - b e: a linear recurrence, whose largest root is the
contraction. Both roots are inside the unit circle exactly where 0 < a h < 2 (1 + b)
and b < 1.

Source: B. T. Polyak, USSR Comp. Math. 4 (1964) 1-17, whose notation has the same a and
b; his optimum is where both extreme curvatures are critically damped.
"""

from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from surfaces import Surface

Curvatures = Float[np.ndarray, " n"]


class Optimum(NamedTuple):
    """The fastest heavy ball: learning rate, momentum, and contraction."""

    lr: float
    beta: float
    contraction: float


def curvatures(surface: Surface, at: Any) -> Curvatures:
    """The eigenvalues of the Hessian at a point, ascending."""
    return np.linalg.eigvalsh(np.asarray(jax.hessian(surface.fn)(np.array(at, float))))


def stability_limit(curvatures: Any, beta: Any) -> Any:
    """The learning rate below which the heavy ball converges.

    Args:
        curvatures: The Hessian's eigenvalues, all positive.
        beta: The momentum, 0 <= beta < 1; a number or an array.

    Returns:
        2 (1 + beta) / the largest eigenvalue, in the shape of beta.

    Raises:
        ValueError: If it never converges or the momentum is out of range.
    """
    _, largest = _extremes(curvatures)
    beta = np.asarray(beta)
    if not ((beta >= 0) & (beta < 1)).all():
        raise ValueError("the momentum must be at least 0 and below 1")
    return 2 * (1 + beta) / largest


def optimum(curvatures: Any) -> Optimum:
    """The learning rate and momentum of the fastest convergence.

    Raises:
        ValueError: If a curvature is not positive.
    """
    smallest, largest = np.sqrt(_extremes(curvatures))
    factor = (largest - smallest) / (largest + smallest)
    return Optimum(
        float(4 / (largest + smallest) ** 2), float(factor**2), float(factor)
    )


def contraction(curvatures: Any, lr: Any, beta: Any) -> Any:
    """By what the slowest direction's error shrinks in a step, after many.

    The larger root of r^2 - (1 + beta - lr h) r + beta over all curvatures h; above 1
    where it diverges.
    """
    lr, beta = np.broadcast_arrays(lr, beta)
    sizes = []
    for h in np.ravel(curvatures):
        half = (1 + beta - lr * h) / 2
        root = np.sqrt((half**2 - beta).astype(complex))
        sizes.append(np.maximum(abs(half + root), abs(half - root)))
    return np.max(sizes, axis=0)


def _extremes(curvatures: Any) -> tuple[float, float]:
    smallest, largest = np.min(curvatures), np.max(curvatures)
    if not smallest > 0:
        raise ValueError("all curvatures must be positive")
    return float(smallest), float(largest)
