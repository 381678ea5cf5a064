"""How a run ended, in words a reader can be shown.

Judged from the whole trajectory, in float64, by these rules in this order. "Near"
means within a thousandth of the diagonal of what is shown of the surface. Where the
loss is a function of x alone, distances in rules 5 to 8 are those of x: what y does is
of no meaning there.

1. The loss is not a number at some step, at a finite point: the surface is *undefined*
   there. The step named is the first such, and whether it is off the map is said.
2. Point or loss is infinite at the last step, or the point is a hundred diagonals away
   and higher than the start: it *diverged*. The step named is that since which it is
   off the map.
3. It is outside the domain at the last step: it *left* the map, and whether it rests
   there or its loss falls or rises is said.
4. The rule itself could not go on: it *stopped*, and says why.
5. It came near a declared critical point, and was never three times as far away since,
   for 2% of the steps at least: it *reached* the minimum, was *trapped* in one that is
   not the lowest, or is *stuck* at the saddle. The step named is that at which it came.
6. It stays near its last point for the last 2% of the steps, and Newton's method finds
   a place without slope next to it: it *settled*, and what kind of place it is follows
   from the curvatures there.
7. It stays within a hundredth of the diagonal of a minimizer for the last fifth of the
   steps, moving to and fro: it is *oscillating* around the minimum.
8. It stays near its last point for the last fifth of the steps, and its steps die away
   so fast that five times as many would not take it further: it is *stalled*, away
   from any place without slope. A stochastic rule has then found nothing better; and on
   the border of what iterates are projected onto, it is held there.
9. What its loss did in the last fifth of the steps: it is *descending*, *climbing*, or
   goes up and down without getting lower: it makes *no progress*. Of a loss that goes
   up and down, the last half decides, and a change of less than three standard errors,
   as chance makes one, counts for none. Where there is no progress for it goes around a
   minimizer, within a tenth of the diagonal, as beside noise, it is *oscillating*: the
   middle of the last fifth is nearer to it than half of what the points are.

Without a surface there is no domain and no critical point to go by: then a run
diverges when it stops being finite, and settles where its gradient has fallen to
1e-8 of the largest one on the way.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from jaxtyping import Float

from parameters.digits import digits
from surfaces import Domain, Surface, slope_and_hessian
from surfaces.base import loss_at

Kind = Literal[
    "reached", "trapped", "stuck", "settled", "oscillating", "stalled", "no_progress",
    "descending", "climbing", "stopped", "left", "undefined", "diverged",
]  # fmt: skip

NEAR = 1e-3
AROUND = 1e-2
ALL_AROUND = 0.1
STILL_NEAR = 3 * NEAR
"""From where a run that was near is no longer: a border of two widths, or a run that
moves about it would be there and not there by turns."""
FAR = 100.0
"""Diagonals from the middle of the domain that are far off."""
FLAT = 1e-2
"""How much of the largest slope on the way a slope is that may be none: whether it is,
the curvatures say, which take longer."""
TREND = 0.1
"""How much of its range the loss changes on the whole, where that is a trend."""
EIGHTHS, CLEAR = 8, 3.0
"""Parts of a quarter of the steps, and standard errors of the means of as many parts
that a change of the loss must exceed to be one."""
LONGER = 5.0
"""How many times as long a run is thought to be, to say that it rests."""


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    Attributes:
        kind: Which of the ends it is.
        step: The step at which that happened; None while nothing has.
        at: The point it concerns, as (x, y), or as (x,) where the loss is a function of
            x alone; None where there is none.
        why: What stopped the rule, what kind of place the point is, or what else is to
            be said, in words.
        shown: What is shown of the surface, to a thousandth of which the point is said;
            None without a surface.
    """

    kind: Kind
    step: int | None = None
    at: tuple[float, ...] | None = None
    why: str = ""
    shown: Domain | None = field(default=None, compare=False)

    @property
    def text(self) -> str:
        """The outcome in words."""
        place = self._place
        steps = "step" if self.step == 1 else "steps"
        return {
            "reached": f"reached the minimum at {place} after {self.step} {steps}",
            "trapped": f"trapped in the local minimum at {place} after {self.step} "
            f"{steps}",
            "stuck": f"stuck at the saddle at {place} since step {self.step}",
            "settled": f"settled {self.why or 'at'} {place} after {self.step} {steps}",
            "oscillating": f"oscillating around the minimum at {place}",
            "stalled": f"{self.why or f'stalled at {place}'} since step {self.step}",
            "no_progress": "oscillating without progress",
            "descending": "still descending",
            "climbing": "climbing: the loss rises",
            "stopped": f"stopped at step {self.step}: {self.why}",
            "undefined": f"the loss is undefined at step {self.step}{self.why}",
            "left": f"left the map at step {self.step} ({self.why})",
            "diverged": f"diverged, off the map since step {self.step}",
        }[self.kind]

    @property
    def _place(self) -> str:
        if self.at is None:
            return ""
        if self.shown is not None:
            return self.shown.in_words(self.at)
        return f"({', '.join(digits(value, 3) for value in self.at)})"

    @property
    def held(self) -> "Outcome":
        """The same end, where a projection is what the run does not get past."""
        return replace(self, why=f"held by the projection at {self._place}")

    def __str__(self) -> str:
        return self.text


def first_of_last_stretch(holds: np.ndarray) -> int:
    """The index from which `holds` is true to the end; its length if it is not."""
    if not holds[-1]:
        return len(holds)
    broken = int(np.argmin(holds[::-1]))
    return len(holds) - broken if broken else 0


# Diverging runs overflow when squared; every comparison below still gives the right
# answer.
@np.errstate(over="ignore", invalid="ignore")
def judge(
    points: Float[np.ndarray, "n 2"],
    losses: Float[np.ndarray, " n"],
    grads: Float[np.ndarray, "n 2"],
    surface: Surface | None = None,
    halt: tuple[int, str] | None = None,
    *,
    stochastic: bool = False,
) -> Outcome:
    """Says how a run ended.

    Args:
        points: Every iterate, the start first.
        losses: The loss at each.
        grads: The gradient at each.
        surface: Where it ran, if that is known.
        halt: The first step that the rule could not take, and why; None if none.
        stochastic: Whether the rule proposes points at random.
    """
    last = len(points) - 1
    if surface is None:
        return (
            _judge_by_numbers(points, losses)
            or _stopped(halt)
            or _judge_by_slope(points, grads)
            or _judge_by_losses(points, losses)
        )
    inside = surface.domain.contains(points) & np.isfinite(losses)
    if np.isnan(losses).any():
        first = int(np.argmax(np.isnan(losses)))
        if far_off(surface, points[first]) <= FAR:
            inside = surface.domain.contains(points[first])
            return Outcome("undefined", first, why="" if inside else ", off the map")
    if not inside[last]:
        gone = first_of_last_stretch(~inside)
        finite = np.isfinite(points[last]).all() and np.isfinite(losses[last])
        far = far_off(surface, points[last]) > FAR
        off = far and losses[last] > losses[0] and _goes_on(points, surface)
        if not finite or off:
            return Outcome("diverged", step=gone)
        return Outcome("left", gone, why=_outside(points, losses, grads, surface))
    return (
        _stopped(halt)
        or _judge_by_places(points, surface)
        or _judge_by_curvature(points, grads, surface, stochastic)
        or _judge_around(points, surface)
        or _judge_by_moves(points, surface, stochastic)
        or _judge_all_around(points, losses, surface)
        or _judge_by_losses(points, losses)
    )


def far_off(surface: Surface, point: Float[np.ndarray, "2"]) -> float:
    """How many diagonals a point is from the middle of the domain."""
    x_low, x_high, y_low, y_high = surface.domain
    across, along = point[0] - (x_low + x_high) / 2, point[1] - (y_low + y_high) / 2
    return float(np.hypot(across, along)) / surface.domain.diagonal


def _goes_on(points: np.ndarray, surface: Surface) -> bool:
    """Whether a run is farther off than before its last fifth."""
    last = len(points) - 1
    before = points[last - max(1, last // 5)] if last else points[0]
    return far_off(surface, points[last]) > far_off(surface, before)


def stay_of(last: int) -> int:
    """How many steps make a stay, in a run of so many."""
    return max(2, round(0.02 * last))


def _stopped(halt: tuple[int, str] | None) -> Outcome | None:
    return Outcome("stopped", step=halt[0], why=halt[1]) if halt else None


def _judge_by_numbers(points: np.ndarray, losses: np.ndarray) -> Outcome | None:
    finite = np.isfinite(losses) & np.isfinite(points).all(axis=1)
    if finite[-1]:
        return None
    return Outcome("diverged", step=first_of_last_stretch(~finite))


def _outside(
    points: np.ndarray, losses: np.ndarray, grads: np.ndarray, surface: Surface
) -> str:
    """What a run does that is off the map, in words."""
    settled = _judge_by_curvature(points, grads, surface, False)
    if settled is not None:
        return settled.text
    if (stalled := _judge_by_moves(points, surface, False)) is not None:
        return stalled.text
    return {
        "descending": "loss still falling",
        "climbing": "loss rising",
        "no_progress": "oscillating without progress",
    }[_judge_by_losses(points, losses).kind]


def _judge_by_places(points: np.ndarray, surface: Surface) -> Outcome | None:
    last = len(points) - 1
    found = _nearest(points[last], surface)
    if found is None:
        return None
    place, kind = found
    # Squares throughout: roots of every step would take longer than all else here.
    squared = _squared(points, place)
    diagonal = surface.view_domain.diagonal
    since = first_of_last_stretch(squared <= (STILL_NEAR * diagonal) ** 2)
    near = squared[since:] <= (NEAR * diagonal) ** 2
    if not near.any():
        return None
    since += int(np.argmax(near))
    if last - since >= stay_of(last) or since == 0:
        return Outcome(kind, since, place, shown=surface.view_domain)
    return None


def _nearest(
    point: np.ndarray, surface: Surface
) -> tuple[tuple[float, ...], Kind] | None:
    """The nearest declared place, and what a run is that stays there."""
    places = np.array([*surface.minima, *surface.saddles])
    if not len(places):
        return None
    nearest = int(np.argmin(_squared(places, point[: surface.variables])))
    kind: Kind = "stuck"
    if nearest < len(surface.minima):
        kind = "reached" if surface.is_lowest[nearest] else "trapped"
    return tuple(map(float, places[nearest, : surface.variables])), kind


def _judge_around(
    points: np.ndarray, surface: Surface, within: float = AROUND
) -> Outcome | None:
    last = len(points) - 1
    found = _nearest(points[last], surface)
    if found is None or found[1] == "stuck":
        return None
    tail = points[last - last // 5 :, : surface.variables]
    squared = _squared(tail, found[0])
    if squared.max() > (within * surface.view_domain.diagonal) ** 2:
        return None
    off_middle = _squared(tail.mean(axis=0)[None], found[0])[0]
    if within > AROUND and off_middle > squared.mean() / 4:
        return None
    moves = np.diff(tail, axis=0)
    length = np.linalg.norm(moves, axis=1).sum()
    net = np.linalg.norm(moves.sum(axis=0))
    if length <= 4 * net:
        return None
    return Outcome("oscillating", at=found[0], shown=surface.view_domain)


def _judge_all_around(
    points: np.ndarray, losses: np.ndarray, surface: Surface
) -> Outcome | None:
    around = _judge_around(points, surface, ALL_AROUND)
    if around and _judge_by_losses(points, losses).kind == "no_progress":
        return around
    return None


def _squared(points: np.ndarray, place: Sequence[float] | np.ndarray) -> np.ndarray:
    """The square of each point's distance from a place, in as many axes as that has."""
    across = points[:, 0] - place[0]
    if len(place) == 1:
        return across * across
    along = points[:, 1] - place[1]
    return across * across + along * along


def _at(points: np.ndarray) -> tuple[float, ...]:
    return tuple(map(float, points[-1]))


def _judge_by_curvature(
    points: np.ndarray, grads: np.ndarray, surface: Surface, stochastic: bool
) -> Outcome | None:
    """Whether a run stays where there is no slope, at no declared place."""
    last = len(points) - 1
    near = NEAR * surface.view_domain.diagonal
    slopes = np.abs(grads)
    largest = slopes.max()
    if not np.isfinite(largest):
        largest = slopes[np.isfinite(slopes)].max(initial=0.0)
    if stochastic or not slopes[last].max() <= FLAT * largest:
        return None
    moving = points[:, : surface.variables]
    since = first_of_last_stretch(_squared(moving, moving[last]) <= near**2)
    if last - since < stay_of(last) and since > 0:
        return None
    if _distance_to_come(moving) > near:
        return None
    kind = place_of(surface, points[last], near)
    words = _AROUND_A_LINE if surface.variables == 2 else _IN_ONE_VARIABLE
    where = words.get(kind or "", f"at a {kind} at")
    if kind is None:
        return None
    return Outcome("settled", since, _at(moving), where, surface.view_domain)


_AROUND_A_LINE = {"valley": "in a flat valley at", "ridge": "on a flat ridge at"}
"""Kinds of places that are no points, in words."""

_IN_ONE_VARIABLE = {"valley": "at a minimum at", "ridge": "at a maximum at"}
"""What those are of a function of x alone."""


def place_of(surface: Surface, point: np.ndarray, near: float) -> str | None:
    """What kind of place without slope a point is next to; None if to none.

    In a valley or on a ridge the loss is the same along a line, as it is of a function
    of one variable.

    Args:
        surface: Where.
        point: Shape (2,).
        near: The longest step of Newton's method that is next to it.
    """
    slope, hessian = map(np.asarray, slope_and_hessian(surface.fn, point))
    if not (np.isfinite(slope).all() and np.isfinite(hessian).all()):
        return None
    curvatures, axes = np.linalg.eigh(hessian)
    size = np.abs(curvatures).max()
    curved = np.abs(curvatures) > 1e-6 * size
    along = axes.T @ slope
    # Where it is not curved, a slope would lead away for ever.
    if size == 0.0 or (np.abs(along[~curved]) > 1e-9 * size * near).any():
        return None
    if np.linalg.norm(along[curved] / curvatures[curved]) > near / 2:
        return None
    if not curved.all():
        return _kind_of_flat(surface, point, near * axes.T[np.argsort(curved)])
    rising = int((curvatures > 0).sum())
    return ("maximum", "saddle", "minimum")[rising]


def _kind_of_flat(surface: Surface, point: np.ndarray, steps: np.ndarray) -> str:
    """What it is where it is not curved in one direction.

    Args:
        surface: Where.
        point: Shape (2,).
        steps: The way to a point beside it in that direction, and in the other.
    """

    def rise(step: np.ndarray) -> float:
        here, there = (float(loss_at(surface.fn, p)) for p in (point, point + step))
        return there - here

    along, across = steps
    beside = [rise(across), rise(-across)]
    # The same in one direction, and on both sides of that higher, or lower.
    even = 1e-9 * min(map(abs, beside))
    if all(abs(rise(part * along)) <= even for part in (-1.0, 0.5, 1.0)):
        if min(beside) > 0:
            return "valley"
        if max(beside) < 0:
            return "ridge"
    return "flat place"


def _judge_by_moves(
    points: np.ndarray, surface: Surface, stochastic: bool
) -> Outcome | None:
    near = NEAR * surface.view_domain.diagonal
    points, last = points[:, : surface.variables], len(points) - 1
    if last < 10:
        return None
    since = first_of_last_stretch(_squared(points, points[last]) <= near**2)
    if last - since < last // 5:
        return None
    if not stochastic and _distance_to_come(points) > near / 3:
        return None
    why = "no better point found" if stochastic else ""
    return Outcome("stalled", since, _at(points), why, surface.view_domain)


def _distance_to_come(points: np.ndarray) -> float:
    """How far a run goes in `LONGER` times as many steps, if its moves go on to shrink.

    As they did when the number of steps last grew by a quarter, and before that by
    another: moves that die away with a power of the step shrink by one factor.
    """
    last = len(points) - 1
    middle, early = round(0.8 * last), round(0.64 * last)
    recent = math.hypot(*(points[last] - points[middle]))
    before = math.hypot(*(points[middle] - points[early]))
    if recent == 0.0:
        return 0.0
    # Not more than at one speed: to and fro, or out of nothing, says little.
    ratio = min(recent / before, 1.25) if before else 1.25
    quarters = np.arange(1, 1 + round(np.log(LONGER) / np.log(1.25)))
    return float(recent * (ratio**quarters).sum())


def _judge_by_losses(points: np.ndarray, losses: np.ndarray) -> Outcome:
    """What the loss did in the end: fell, rose, or went up and down."""
    tail = losses[-max(4, len(losses) // 5) :]
    change = np.diff(tail)
    signs = np.sign(change[change != 0.0])
    if not len(signs):
        moves = np.ptp(points[-4:], axis=0).max() > 0.0
        return Outcome("no_progress" if moves else "descending")
    rises = tail[-1] > tail[0]
    if np.count_nonzero(np.diff(signs)) < 2:
        return Outcome("climbing" if rises else "descending")
    trend = _trend(losses)
    if trend < 0.0:
        return Outcome("descending")
    return Outcome("climbing" if rises and trend > 0.0 else "no_progress")


def _trend(losses: np.ndarray) -> float:
    """By how much the last quarter is higher than that before, of all its range.

    Of long stretches, so that one step more changes little. None where it is little, or
    where chance may have made it: how much the means of eighths of both vary says that.
    """
    quarter = max(2, len(losses) // 4)
    recent = losses[-2 * quarter :]
    full_range = np.ptp(recent)
    if not np.isfinite(full_range) or full_range == 0.0:
        return 0.0
    before, after = recent[:-quarter], recent[-quarter:]
    change = after.mean() - before.mean()
    if abs(change) <= TREND * full_range:
        return 0.0
    parts = min(EIGHTHS, quarter)
    even = quarter - quarter % parts
    means = [part[-even:].reshape(parts, -1).mean(axis=1) for part in (before, after)]
    error = math.sqrt(np.var(means, axis=1, ddof=1).sum() / parts)
    return float(change / full_range) if abs(change) > CLEAR * error else 0.0


def _judge_by_slope(points: np.ndarray, grads: np.ndarray) -> Outcome | None:
    slopes = np.linalg.norm(grads, axis=1)
    # Against an infinite slope all others would look flat.
    largest = slopes[np.isfinite(slopes)].max(initial=0.0)
    since = first_of_last_stretch(slopes <= 1e-8 * largest)
    if since < len(points):
        return Outcome("settled", since, _at(points))
    return None
