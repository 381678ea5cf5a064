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

    @property
    def box(self) -> tuple[float, float, float, float]:
        """All of it as (x_low, y_low, x_high, y_high), to project onto."""
        return self.x_low, self.y_low, self.x_high, self.y_high

    @property
    def disc(self) -> tuple[float, float, float]:
        """The largest disc in the middle of it, as (x, y, radius)."""
        width, height = self.x_high - self.x_low, self.y_high - self.y_low
        x, y = self.x_low + width / 2, self.y_low + height / 2
        return x, y, min(width, height) / 2

    def contains(self, points: Float[np.ndarray, "... 2"]) -> np.ndarray:
        """Whether each point lies inside, border included; False for NaN."""
        x, y = points[..., 0], points[..., 1]
        return (
            (self.x_low <= x)
            & (x <= self.x_high)
            & (self.y_low <= y)
            & (y <= self.y_high)
        )
