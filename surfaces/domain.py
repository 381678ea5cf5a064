"""The rectangle that a surface is looked at on."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Domain(NamedTuple):
    """The rectangle that is shown, and outside of which a run is off the map."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    @property
    def diagonal(self) -> float:
        """The length of the diagonal, the yardstick for 'near'."""
        return math.hypot(self.x_high - self.x_low, self.y_high - self.y_low)

    def contains(self, points: Float[np.ndarray, "... 2"]) -> np.ndarray:
        """Whether each point lies inside, border included; False for NaN."""
        x, y = points[..., 0], points[..., 1]
        return (
            (self.x_low <= x)
            & (x <= self.x_high)
            & (self.y_low <= y)
            & (y <= self.y_high)
        )
