"""The rectangle that a surface is looked at on."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from parameters.digits import within


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

    def in_words(self, place: Sequence[float], part: float = 1e-3) -> str:
        """A place in words, as exactly as can be seen.

        Args:
            place: As (x, y), or as (x,) where y says nothing.
            part: Of each side, to which the place is said.
        """
        sides = (self.x_high - self.x_low, self.y_high - self.y_low)
        pairs = zip(place, sides, strict=False)
        words = ", ".join(within(at, part * side) for at, side in pairs)
        return f"({words})" if len(place) == 2 else f"x = {words}"

    def contains(self, points: Float[np.ndarray, "... 2"]) -> np.ndarray:
        """Whether each point lies inside, border included; False for NaN."""
        x, y = points[..., 0], points[..., 1]
        return (
            (self.x_low <= x)
            & (x <= self.x_high)
            & (self.y_low <= y)
            & (y <= self.y_high)
        )
