r"""Up to which curvature a learning rate is stable, by theory.

Along an eigenvector of curvature h of a quadratic, a rule with constant memory is a
linear recurrence, which converges exactly where a h is below a number that its decays
decide. Where a rule divides each coordinate by d, that holds for the preconditioned
curvature, the largest eigenvalue of D^{-1/2} H D^{-1/2} with D = diag(d), as long as d
hardly changes: "the edge of stability", where d and the point settle together.

Source: B. T. Polyak, USSR Comp. Math. 4 (1964) 1-17, for 2 and 2 (1 + b); J. Cohen et
al., ICLR 2021 (arXiv:2103.00065), appendix B, for Nesterov's; J. Cohen et al., Adaptive
Gradient Methods at the Edge of Stability (arXiv:2207.14484), equation 2, for a mean of
gradients.
"""

from typing import Any

import numpy as np
from jaxtyping import Float


def plain(hypers: Any) -> float:
    """Gradient descent, with divisors or without."""
    return 2.0


def heavy_ball(hypers: Any) -> float:
    """A velocity that keeps beta of itself."""
    return 2.0 * (1.0 + hypers.beta)


def nesterov(hypers: Any) -> float:
    """The same, its gradient taken where the velocity leads."""
    return 2.0 * (1.0 + hypers.beta) / (1.0 + 2.0 * hypers.beta)


def mean_of_gradients(hypers: Any) -> float:
    """A mean that keeps beta1 of itself: a velocity, in other units."""
    return 2.0 * (1.0 + hypers.beta1) / (1.0 - hypers.beta1)


def nesterov_mean(hypers: Any) -> float:
    """The same with Nesterov's look ahead, as in NAdam."""
    return mean_of_gradients(hypers) / (1.0 + 2.0 * hypers.beta1)


def best_rate(curvatures: Any, beta: float) -> float:
    """The learning rate at which gradient descent with momentum converges fastest.

    The slowest of the roots is smallest where both extreme curvatures have roots of the
    same size: at 2 (1 + beta) / (the smallest + the largest curvature). For large beta
    a whole interval is as good, and holds that rate.

    Args:
        curvatures: The Hessian's eigenvalues, all positive.
        beta: The momentum; 0 for gradient descent.
    """
    return float(2.0 * (1.0 + beta) / (np.min(curvatures) + np.max(curvatures)))


def sharpness(
    hessians: Float[np.ndarray, "n 3"], divisors: Float[np.ndarray, "n 2"] | None
) -> Float[np.ndarray, " n"]:
    """The largest curvature at each point, preconditioned where there are divisors.

    Args:
        hessians: The entries xx, xy and yy of each.
        divisors: What each coordinate of a step is divided by, all positive.
    """
    xx, xy, yy = hessians.T
    with np.errstate(all="ignore"):
        if divisors is not None:
            x, y = divisors.T
            xx, xy, yy = xx / x, xy / np.sqrt(x * y), yy / y
        return (xx + yy) / 2 + np.hypot((xx - yy) / 2, xy)
