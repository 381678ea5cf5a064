"""How a run ended, in words a reader can be shown.

Judged from the whole trajectory, in float64, by these rules in this order. "Near"
means within a thousandth of the diagonal of what is shown of the surface.

1. It is outside the domain at the last step and never came back: *diverged* if the
   loss is non-finite or above the loss at the start, else it *left* the map
   downhill. The step named is the first one outside. Where the point is inside and
   the loss is not a number, the surface is *undefined* there.
2. The rule itself could not go on: it *stopped*, and says why.
3. It is near a declared critical point for the last 2% of the steps: it *reached*
   the minimum, was *caught* in one that is not the lowest, or is *stuck* at the
   saddle. The step named is the first of the stay.
4. Where not all critical points are declared: its gradient has fallen to 1e-6 of the
   largest one on the way for the last 2% of the steps: it *settled*.
5. It stays within a hundredth of the diagonal of a minimizer for the last fifth of
   the steps, moving to and fro: it is *circling* the minimum.
6. It stays near its last point for the last fifth of the steps, and within a hundredth
   of all the way it came: it is *resting*, away from any minimum, because its steps
   have died away or something pulls against the slope.
7. Its loss found nothing lower during the last fifth of the steps: it is *bouncing*.
8. Else it is still *descending*.

Without a surface there is no domain and no critical point to go by: then a run
diverges when it stops being finite, and settles where its gradient has fallen to
1e-8 of the largest one on the way.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from surfaces import Surface

Kind = Literal[
    "reached", "caught", "stuck", "settled", "circling", "resting", "bouncing",
    "descending", "stopped", "left", "undefined", "diverged",
]  # fmt: skip

NEAR = 1e-3
AROUND = 1e-2
FLAT = 1e-6
"""How much of the largest slope on the way is no slope, on an uncharted surface."""


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    Attributes:
        kind: Which of the ends it is.
        step: The step at which it came about; None while nothing has.
        at: The critical point it concerns, as (x, y); None where there is none.
        why: What stopped the rule, in words.
    """

    kind: Kind
    step: int | None = None
    at: tuple[float, float] | None = None
    why: str = ""

    @property
    def text(self) -> str:
        """The outcome in words."""
        place = f"({self.at[0]:.2f}, {self.at[1]:.2f})" if self.at else ""
        steps = "step" if self.step == 1 else "steps"
        return {
            "reached": f"reached the minimum at {place} after {self.step} {steps}",
            "caught": f"caught in the local minimum at {place} after {self.step} "
            f"{steps}",
            "stuck": f"stuck at the saddle at {place} since step {self.step}",
            "settled": f"settled at {place} after {self.step} {steps}",
            "circling": f"circling the minimum at {place}",
            "resting": f"at rest at {place} since step {self.step}",
            "bouncing": "bouncing, no longer descending",
            "descending": "still descending",
            "stopped": f"stopped at step {self.step}: {self.why}",
            "undefined": f"the loss is undefined at step {self.step}",
            "left": f"left the map at step {self.step}, downhill",
            "diverged": f"diverged at step {self.step}",
        }[self.kind].replace("-0.00", "0.00")

    def __str__(self) -> str:
        return self.text


def _first_of_last_stretch(holds: np.ndarray) -> int:
    """The index from which `holds` is true to the end; its length if it is not."""
    if not holds[-1]:
        return len(holds)
    broken = int(np.argmin(holds[::-1]))
    return len(holds) - broken if broken else 0


# Runs that fly off square numbers whose squares are infinite; all verdicts hold then.
@np.errstate(over="ignore", invalid="ignore")
def judge(
    points: Float[np.ndarray, "n 2"],
    losses: Float[np.ndarray, " n"],
    grads: Float[np.ndarray, "n 2"],
    surface: Surface | None = None,
    halt: tuple[int, str] | None = None,
) -> Outcome:
    """Says how a run ended.

    Args:
        points: Every iterate, the start first.
        losses: The loss at each.
        grads: The gradient at each.
        surface: Where it ran, if that is known.
        halt: The first step that the rule could not take, and why; None if none.
    """
    inside = np.isfinite(losses)
    if surface is None:
        inside &= np.isfinite(points).all(axis=1)
    else:
        # A point that is not finite is in no domain.
        inside &= surface.domain.contains(points)
    last = len(points) - 1
    if not inside[last]:
        gone = last + 1 - int(np.argmax(inside[::-1])) if inside.any() else 0
        if surface is not None and np.isnan(losses[gone]):
            if surface.domain.contains(points[gone]):
                return Outcome("undefined", step=gone)
        finite = np.isfinite(points).all() and np.isfinite(losses).all()
        uphill = not finite or losses[last] > losses[0]
        return Outcome("diverged" if uphill else "left", step=gone)
    if halt is not None:
        return Outcome("stopped", step=halt[0], why=halt[1])
    if surface is None:
        return _judge_by_slope(points, grads, 1e-8, 0) or _judge_by_descent(losses)
    ended = _judge_by_places(points, surface)
    if ended is None and not surface.charted:
        ended = _judge_by_slope(points, grads, FLAT, stay_of(last))
    if ended is None:
        ended = _judge_by_moves(points, NEAR * surface.window.diagonal)
    return ended or _judge_by_descent(losses)


def stay_of(last: int) -> int:
    """How many steps make a stay, in a run of so many."""
    return max(2, round(0.02 * last))


def _judge_by_places(points: np.ndarray, surface: Surface) -> Outcome | None:
    last = len(points) - 1
    places = np.array([*surface.minima, *surface.saddles])
    if not len(places):
        return None
    nearest = int(np.argmin(_squared(places, points[last])))
    at = (float(places[nearest][0]), float(places[nearest][1]))
    # Squares throughout: roots of every step would take longer than all else here.
    squared = _squared(points, places[nearest])
    diagonal = surface.window.diagonal
    kind: Kind = "stuck"
    if nearest < len(surface.minima):
        higher = surface.heights[nearest] - min(surface.heights)
        scale = max(1.0, *map(abs, surface.heights))
        kind = "caught" if higher > 1e-9 * scale else "reached"
    since = _first_of_last_stretch(squared <= (NEAR * diagonal) ** 2)
    if last - since >= stay_of(last) or since == 0:
        return Outcome(kind, step=since, at=at)

    tail = slice(last - last // 5, None)
    around = squared[tail] <= (AROUND * diagonal) ** 2
    if kind == "stuck" or not around.all():
        return None
    moves = np.diff(points[tail], axis=0)
    walked = np.linalg.norm(moves, axis=1).sum()
    gained = np.linalg.norm(moves.sum(axis=0))
    return Outcome("circling", at=at) if walked > 4 * gained else None


def _squared(points: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The square of each point's distance from a place."""
    across, along = points[:, 0] - place[0], points[:, 1] - place[1]
    return across * across + along * along


def _judge_by_moves(points: np.ndarray, near: float) -> Outcome | None:
    last = len(points) - 1
    if last < 10:
        return None
    squared = _squared(points, points[last])
    since = _first_of_last_stretch(squared <= min(near**2, squared.max() / 1e4))
    if since == 0 or last - since < last // 5:
        return None
    return Outcome("resting", since, (float(points[last, 0]), float(points[last, 1])))


def _judge_by_descent(losses: np.ndarray) -> Outcome:
    tail = max(1, len(losses) // 5)
    bouncing = len(losses) > 10 and losses[-tail:].min() >= losses[:-tail].min()
    return Outcome("bouncing" if bouncing else "descending")


def _judge_by_slope(
    points: np.ndarray, grads: np.ndarray, flat: float, stay: int
) -> Outcome | None:
    slopes = np.linalg.norm(grads, axis=1)
    # Against an infinite slope all others would look flat.
    largest = slopes[np.isfinite(slopes)].max(initial=0.0)
    since = _first_of_last_stretch(slopes <= flat * largest)
    if since + stay < len(points):
        return Outcome("settled", step=since, at=(points[-1, 0], points[-1, 1]))
    return None
