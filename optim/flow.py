"""Gradient flow: the limit of gradient descent for decreasing steps.

    dw/ds = -grad f(w)

The curve ends where the gradient has died away, where it has left the domain far
behind, or after so many steps of the solver.

Solved by SciPy's LSODA, which turns to an implicit method where the equation is stiff,
as it is in every ravine: A. Hindmarsh, L. Petzold, SIAM J. Sci. Stat. Comput. 4 (1983)
136-148.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float

from surfaces import Surface, slope_and_hessian

REST = 1e-6
"""Where the gradient is this part of the one at the start, the flow is at rest."""
FAR = 3.0
"""Diagonals of the domain from its middle at which it is given up."""
MOST = 400
"""Steps of the solver at most."""
BETWEEN = 3
"""Points within each of them: the curve bends between two."""


@lru_cache(maxsize=64)
def gradient_flow(
    surface: Surface, start: tuple[float, float]
) -> Float[np.ndarray, "n 2"]:
    """The points of the curve from a start, the start first; read-only.

    Args:
        surface: Is differentiated without noise and over all samples.
        start: Two finite numbers.
    """
    domain = surface.domain
    low, high = np.array(domain[::2]), np.array(domain[1::2])
    middle, far = (low + high) / 2, FAR * float(np.hypot(*(high - low)))

    def slope(_: float, point: np.ndarray) -> np.ndarray:
        return -np.asarray(slope_and_hessian(surface.fn, point)[0])

    def jacobian(_: float, point: np.ndarray) -> np.ndarray:
        return -np.asarray(slope_and_hessian(surface.fn, point)[1])

    first = np.array(start, float)
    size = float(np.hypot(*slope(0.0, first)))
    points = [first]
    if size > 0 and np.isfinite(size):
        # Only here: it takes a fifth of what a server's start takes.
        from scipy.integrate import LSODA

        solver = LSODA(
            slope, 0.0, first, np.inf, rtol=1e-5, atol=1e-7 * far, jac=jacobian,
            first_step=1e-3 * float(np.hypot(*(high - low))) / size,
        )  # fmt: skip
        for _ in range(MOST):
            before = solver.t
            with np.errstate(all="ignore"):
                solver.step()
            if solver.status != "running" or not np.isfinite(solver.y).all():
                break
            within = solver.dense_output()
            times = np.linspace(before, solver.t, BETWEEN + 1)[1:]
            points.extend(within(times).T)
            gone = np.hypot(*(solver.y - middle)) > far
            if gone or np.hypot(*slope(0.0, solver.y)) < REST * size:
                break
    found = np.array(points)
    found.flags.writeable = False
    return found
