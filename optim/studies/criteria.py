"""By what a run of a study is judged: domain, critical points, distances, losses."""

from typing import Any, NamedTuple, get_args

import numpy as np
from jaxtyping import Float, Int

from optim.outcome import FAR, NEAR, STILL_NEAR, Kind
from surfaces import Surface

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What the numbers in `Study.kinds` stand for."""


class Criteria(NamedTuple):
    """What the runs are judged by.

    Attributes:
        domain: x and y, from and to, shape (4,).
        critical_points: The minima, then the saddles, shape (points, 2); shape
            (points, 1) where the loss is a function of x alone.
        rest_tolerance: How much a run may move and be at rest, as a part of its point;
            near a minimum, as a part of the diagonal.
        diagonal: How long the diagonal of what is shown is.
        near_squared: The square of the distance that is near.
        still_near_squared: The square of that from which on a run is no longer near.
        far_squared: The square of the distance from the middle of the domain that is
            far off.
        target: The loss that is low enough; NaN if nothing is.
        kinds: The kind of end at no critical point, then at each of them, shape
            (points + 1,).
        minima: Which minimum each critical point is, -1 for none, in the same order,
            shape (points + 1,).
    """

    domain: Float[np.ndarray, "4"]
    critical_points: Float[np.ndarray, "points axes"]
    rest_tolerance: Float[np.ndarray, ""]
    diagonal: Float[np.ndarray, ""]
    near_squared: Float[np.ndarray, ""]
    still_near_squared: Float[np.ndarray, ""]
    far_squared: Float[np.ndarray, ""]
    target: Float[np.ndarray, ""]
    kinds: Int[np.ndarray, " points_and_none"]
    minima: Int[np.ndarray, " points_and_none"]


def criteria_of(
    surface: Surface, tolerance: float, rest_tolerance: float, real: Any
) -> Criteria:
    """The criteria of a surface.

    Args:
        surface: What is descended.
        tolerance: How far above the lowest known minimum is low enough.
        rest_tolerance: In units of the last place.
        real: The type of all numbers.
    """
    saddles = len(surface.saddles)
    lowest = np.nan if surface.lowest is None else surface.lowest
    kinds = [
        "descending",
        *("reached" if lowest else "trapped" for lowest in surface.is_lowest),
        *["stuck"] * saddles,
    ]
    return Criteria(
        np.array(surface.domain, real),
        np.array([*surface.minima, *surface.saddles], real).reshape(-1, 2)[
            :, : surface.variables
        ],
        real(rest_tolerance * np.finfo(real).eps),
        real(surface.view_domain.diagonal),
        real((NEAR * surface.view_domain.diagonal) ** 2),
        real((STILL_NEAR * surface.view_domain.diagonal) ** 2),
        real((FAR * surface.domain.diagonal) ** 2),
        real(lowest + tolerance),
        np.array([KINDS.index(kind) for kind in kinds], np.int32),
        np.array([-1, *range(len(surface.minima)), *[-1] * saddles], np.int32),
    )
