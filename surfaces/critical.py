"""Where a surface has no slope: its minima, saddles and maxima, searched for.

For surfaces of which nothing is published: formulas that are typed, and those to which
a penalty is added (penalty.py). Those of x alone have their own search (along_x.py).

Newton's method is started from a grid over the domain, each of its steps no longer than
a cell of that grid. What it finds is kept if next to nothing is left of its step, and
the surface is curved there in every direction.

That misses minima on a crease or a corner, as of |x| + |y|, and flat ones, as of
x^4 + y^4. For those, a pattern search goes down from the lowest points of a grid, and
what it finds is kept if all of a small circle around it is higher.

What lies between two starts can be missed, so that this is never said to be all.

Source: Nocedal and Wright, Numerical Optimization (2006), sections 2.1, 9.3 and 11.1.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces.along_x import extrema
from surfaces.base import Domain, Loss, Point, Surface, loss_of, losses_at
from surfaces.compiled import Compiled, EphemeralLoss, prepare

STARTS = 20
"""A side of the grid that Newton's method is started from."""

STEPS = 48
"""Of it from each start: the first reach a place, six at its end are enough."""

GRID = 64
"""Points a side of the grid on which low places are looked for."""

LOWEST, FINER = 16, 400
"""How many points of it are followed down by a pattern search, and for how long."""

CREASED, FURTHEST, SHORTEST = 4, 64, 1e-9
"""How many of those that are no minimum are then followed along a crease, the lowest
first, for how long, and down to which part of the diagonal: it is dear."""

GOLDEN = (math.sqrt(5) - 1) / 2
"""By how much of the angle between two of its directions it turns."""

MOVES, FURTHER = 4, np.array([0.25, 1.0, 4.0, 16.0])
"""After how many moves it tries to go on as by those, and how far."""

TOGETHER = 1e-5
"""How much of the diagonal is between two places at least."""

RADII = 1e-3, 1e-4, 1e-5
"""Of the circles around what may be a minimum, of the diagonal."""

ANGLES, DIPS, CLOSER = 256, 8, 24
"""On a circle: how many angles, how many dips are looked into, and how often."""

# Losses may overflow where they are looked at; comparisons still give the right answer.
_quiet = np.errstate(all="ignore")

Places = tuple[tuple[float, float], ...]
Losses = Callable[[Float[np.ndarray, "... 2"]], Float[np.ndarray, "..."]]


FEWEST = 64
"""Points whose losses are computed together, at least."""

MOST = 32
"""Of each kind, how many are marked: more would cover a map."""


class Critical(NamedTuple):
    """Places without slope, each kind from the lowest to the highest.

    Attributes:
        minima: As (x, y).
        saddles: As (x, y).
        maxima: As (x, y).
        low: The lowest loss on a grid over the domain; infinite if there is none.
    """

    minima: Places
    saddles: Places
    maxima: Places
    low: float


@_quiet
def with_found(surface: Surface, lowest: Places = ()) -> Surface:
    """A surface with the places that a search finds on it, as many as can be marked.

    Args:
        surface: Where; the search starts from its own places, too.
        lowest: Minima that were found otherwise.
    """
    domain = surface.domain
    # A loss that is a mean over samples takes as much longer.
    starts = STARTS // 2 if surface.data else STARTS
    known = surface.minima + surface.saddles + surface.maxima
    if surface.variables == 1:
        line = extrema(surface.loss, surface.params, domain)
        found, lowest = Critical(line.minima, (), line.maxima, line.low), ()
    else:
        found = _found(surface.loss, surface.params, surface.l2, domain, known, starts)
    shortest = 2 * TOGETHER * domain.diagonal
    others = tuple(
        place
        for place in lowest
        if not any(math.dist(place, other) <= shortest for other in found.minima)
    )
    marked = replace(surface, found=True, minima=found.minima + others, bounded=True)
    by_loss = np.argsort(marked.minimum_losses, kind="stable")[:MOST]
    rounding = 1e-9 * max(1.0, *map(abs, marked.minimum_losses), 0.0)
    return replace(
        marked,
        minima=tuple(marked.minima[k] for k in by_loss),
        saddles=found.saddles[:MOST],
        maxima=found.maxima[::-1][:MOST],
        bounded=min(marked.minimum_losses, default=np.inf) <= found.low + rounding,
        lists_all_critical_points=max(
            map(len, (marked.minima, found.saddles, found.maxima))
        )
        <= MOST,
    )


@lru_cache(maxsize=256)
def _found(
    loss: Any, params: Any, l2: float, domain: Domain, known: Places, starts: int
) -> Critical:
    # A formula may be as dear as is allowed: it is not searched where others wait.
    fn = loss_of(loss, params, l2)
    if isinstance(loss, EphemeralLoss):
        prepare()
    return critical_points(fn, domain, known, starts)


@_quiet
def critical_points(
    fn: Loss, domain: Domain, known: Places = (), starts: int = STARTS
) -> Critical:
    """Searches a domain for places where the loss is smooth and has no slope.

    Args:
        fn: The loss.
        domain: Where.
        known: Places to start from besides the grid.
        starts: A side of the grid of starts.
    """
    besides = np.array(known, np.float64).reshape(-1, 2)
    found = _search(fn, np.array(domain), besides, size=starts)
    points, slopes, left, curvatures, beside, losses, low = map(np.asarray, found)
    strength = np.abs(curvatures)
    kept = np.isfinite(curvatures).all(axis=1) & np.isfinite(losses)
    kept &= left <= 1e-9 * domain.diagonal
    kept &= strength.min(axis=1) > 1e-10 * strength.max(axis=1)
    # Beside a ring of minima, it is curved along the ring as if by what slope is left.
    kept &= slopes <= 1e-6 * domain.diagonal * strength.min(axis=1)
    # Where it is flat, Newton's method comes near at last, but not there.
    kept &= strength.max(axis=1) > 1e-6 * beside
    kept &= domain.contains(points)
    best_first = np.flatnonzero(kept)[np.argsort(slopes[kept], kind="stable")]
    points, losses = points[best_first], losses[best_first]
    rising = (curvatures[best_first] > 0).sum(axis=1)
    kinds = (
        places(points[rising == count], losses[rising == count], domain)
        for count in (2, 1, 0)
    )
    return Critical(*kinds, low=float(low))


def compiled_losses(fn: Loss) -> Losses:
    """A loss at many points, compiled for few different numbers of them."""

    def losses(points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
        flat = points.reshape(-1, 2)
        size = 4 ** math.ceil(math.log(max(len(flat), FEWEST), 4))
        filled = np.pad(flat, ((0, size - len(flat)), (0, 0)), "edge")
        return np.asarray(losses_at(fn, filled))[: len(flat)].reshape(points.shape[:-1])

    return losses


@_quiet
def lowest_points(losses: Losses, domain: Domain) -> Places:
    """Searches a domain for minima, wherever the loss is smooth or is not.

    Args:
        losses: The loss at many points.
        domain: Where.
    """
    x = np.linspace(domain.x_low, domain.x_high, GRID)
    y = np.linspace(domain.y_low, domain.y_high, GRID)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    z = _or_above_all(losses(grid))
    framed = np.pad(z, 1, constant_values=np.inf)
    parts = [slice(first, first + GRID) for first in range(3)]
    around = np.stack([framed[i, j] for i in parts for j in parts])
    low = (z <= around.min(axis=0)) & np.isfinite(z) & (z < around.max(axis=0))
    starts = grid[low][np.argsort(z[low], kind="stable")[:LOWEST]]
    points, lowest = _pattern_search(losses, starts, domain)
    found = places(points, lowest, domain)
    minima = [place for place in found if is_minimum(losses, domain, place)]
    others = np.array([place for place in found if place not in minima])
    others = others[domain.contains(others)][:CREASED] if len(others) else others
    if len(others):
        ends = places(*_along_creases(losses, others, domain), domain)
        minima += [place for place in ends if is_minimum(losses, domain, place)]
        points = np.array(minima).reshape(-1, 2)
        lowest = losses(points) if minima else np.empty(0)
        order = np.argsort(lowest, kind="stable")
        return places(points[order], lowest[order], domain, RADII[0])
    return tuple(minima)


@_quiet
def is_minimum(
    losses: Losses,
    domain: Domain,
    place: tuple[float, float],
    declared: bool = False,
) -> bool:
    """Whether a place of a domain is lower than all that is close around it.

    Args:
        losses: The loss at many points.
        domain: Where.
        place: As (x, y).
        declared: Whether it was published, so that it is no place of a level valley.
    """
    point = np.array(place)
    if not domain.contains(point):
        return False
    radii = np.array(RADII) * domain.diagonal
    around = _around(losses, np.tile(point, (len(radii), 1)), radii)
    own = float(losses(point[None])[0])
    size = max(abs(own), abs(float(around.lowest[0])), float(around.highest[0]) - own)
    # Along a valley that is level, nothing but rounding rises: that of the loss, and
    # what the rounding of a place does to it.
    few = np.stack(np.meshgrid(*[np.arange(-2.0, 3.0)] * 2), axis=-1)
    beside = losses(point + few * np.spacing(np.abs(point) + radii[0]))
    blur = float(beside[np.isfinite(beside)].max(initial=own)) - own
    rounding = 8 * max(np.finfo(float).eps * size, 0.0 if declared else blur)
    return bool((around.lowest >= own).all() and around.lowest[0] - own > rounding)


class _Around(NamedTuple):
    """What is on a circle around each of some points: the losses, and the lowest."""

    lowest: Float[np.ndarray, " n"]
    highest: Float[np.ndarray, " n"]
    where: Float[np.ndarray, "n 2"]


def _around(losses: Losses, points: np.ndarray, radii: np.ndarray) -> _Around:
    """Looks at a circle around each point.

    Where a crease leaves a circle, the loss dips too narrowly for any number of angles
    in a row to see: the lowest of the dips are looked into more closely.
    """

    def on_circle(angles: np.ndarray) -> np.ndarray:
        shape = (-1, *[1] * angles.ndim)
        ring = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        middle = points.reshape(-1, *[1] * (angles.ndim - 1), 2)
        return middle + radii.reshape(shape) * ring

    def at(angles: np.ndarray) -> np.ndarray:
        return _or_above_all(losses(on_circle(angles)))

    width = 2 * np.pi / ANGLES
    angles = np.tile(np.arange(ANGLES) * width, (len(points), 1))
    around = at(angles)
    left, right = np.roll(around, 1, axis=1), np.roll(around, -1, axis=1)
    dips = np.where((around <= left) & (around <= right), around, np.inf)
    which = np.argsort(dips, axis=1, kind="stable")[:, :DIPS]
    angles = np.take_along_axis(angles, which, axis=1)
    for _ in range(CLOSER):
        tried = angles[..., None] + width * np.linspace(-1.0, 1.0, 9)
        best = at(tried).argmin(axis=-1, keepdims=True)
        angles, width = np.take_along_axis(tried, best, axis=-1)[..., 0], width / 4
    dips = at(angles)
    best = dips.argmin(axis=1)[:, None]
    where = np.take_along_axis(on_circle(angles), best[..., None], axis=1)[:, 0]
    lowest = np.minimum(around.min(axis=1), dips.min(axis=1))
    return _Around(lowest, around.max(axis=1), where)


def _along_creases(
    losses: Losses, points: np.ndarray, domain: Domain
) -> tuple[np.ndarray, np.ndarray]:
    """Goes on from where a pattern search ends that came to a crease first.

    No direction of it leads along that closely enough to lead down; the lowest place of
    a circle does.
    """
    own, radii = losses(points), np.full(len(points), RADII[0] * domain.diagonal)
    for _ in range(FURTHEST):
        around = _around(losses, points, radii)
        lowest = _or_above_all(losses(around.where))
        better = lowest < own
        points = np.where(better[:, None], around.where, points)
        own = np.where(better, lowest, own)
        radii = np.where(better, 2 * radii, radii / 2)
        if (radii < SHORTEST * domain.diagonal).all():
            break
    return points, own


def places(
    points: Float[np.ndarray, "n 2"],
    losses: Float[np.ndarray, " n"],
    domain: Domain,
    together: float = TOGETHER,
) -> Places:
    """Points from the lowest to the highest; of those that lie together, the first."""
    if not len(points):
        return ()
    between = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    first = (between <= together * domain.diagonal).argmax(axis=1)
    own = first == np.arange(len(points))
    points, losses = points[own], losses[own]
    # A zero that was searched for is one but for rounding.
    points = np.where(np.abs(points) <= 1e-14 * domain.diagonal, 0.0, points)
    # Those that are equally high but for rounding go from left to right.
    order = np.lexsort((points[:, 1], points[:, 0], np.round(losses, 9)))
    return tuple((float(x), float(y)) for x, y in points[order])


def _or_above_all(losses: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(losses), np.inf, losses)


def _pattern_search(
    losses: Losses, points: np.ndarray, domain: Domain
) -> tuple[np.ndarray, np.ndarray]:
    """Goes to the lowest of sixteen points around, which come nearer if none is.

    They turn a little each time: what leads down along a crease may lie between them.
    Where the last moves zigzag along one, points further on in their mean direction are
    tried as well.
    """
    cell = np.array([domain.x_high - domain.x_low, domain.y_high - domain.y_low]) / GRID
    own = losses(points)
    scale = np.ones(len(points))
    before = [points] * MOVES
    for turn in range(FINER if len(points) else 0):
        angles = (np.arange(16) + turn * GOLDEN) * np.pi / 8
        ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * cell
        onward = (points - before[turn % MOVES])[:, None] * FURTHER[:, None]
        before[turn % MOVES] = points
        moves = np.concatenate([scale[:, None, None] * ring, onward], axis=1)
        tried = points[:, None] + moves
        around = _or_above_all(losses(tried))
        best = around.argmin(axis=1)[:, None]
        lowest = np.take_along_axis(around, best, axis=1)[:, 0]
        better = lowest < own
        there = np.take_along_axis(tried, best[..., None], axis=1)[:, 0]
        points = np.where(better[:, None], there, points)
        own = np.where(better, lowest, own)
        scale = np.where(better, 2 * scale, scale / 2)
    return points, own


@partial(Compiled, static_argnames="size")
def _search(
    fn: Loss, corners: Float[Array, "4"], besides: Float[Array, "m 2"], *, size: int
) -> tuple[Array, ...]:
    """Where the starts lead.

    Returns:
        The points; the slope and the step that is left at each; the curvatures there;
        the largest second derivative just beside; the loss; and the lowest loss on a
        finer grid.
    """
    widths = jnp.stack([corners[1] - corners[0], corners[3] - corners[2]])
    longest = widths / size

    def second(point: Point) -> tuple[Array, Array, Array]:
        hessian = jax.hessian(fn)(point)
        return hessian[0, 0], hessian[0, 1], hessian[1, 1]

    def newton(point: Point) -> Point:
        a, b, c = second(point)
        g = jax.grad(fn)(point)
        return jnp.stack([c * g[0] - b * g[1], a * g[1] - b * g[0]]) / (a * c - b * b)

    def from_one(start: Point) -> tuple[Array, ...]:
        def step(_, point):
            move = newton(point)
            return point - move / jnp.maximum(1.0, jnp.abs(move / longest).max())

        point = jax.lax.fori_loop(0, STEPS, step, start)
        a, b, c = second(point)
        mean, half = (a + c) / 2, jnp.hypot((a - c) / 2, b)
        curvatures = jnp.stack([mean - half, mean + half])
        beside = jnp.abs(jnp.stack(second(point + 1e-4 * widths))).max()
        slope, left = jnp.hypot(*jax.grad(fn)(point)), jnp.hypot(*newton(point))
        return point, slope, left, curvatures, beside, fn(point)

    def grid(x: Array, y: Array) -> Float[Array, "n 2"]:
        across = corners[0] + widths[0] * x
        along = corners[2] + widths[1] * y
        return jnp.stack(jnp.meshgrid(across, along), axis=-1).reshape(-1, 2)

    # Uneven, so that no line of them runs along an axis of symmetry.
    places = np.arange(size) + 0.5
    coarse = jnp.asarray((places + 0.1 * np.sin(places)) / size)
    fine = jnp.linspace(0.0, 1.0, GRID)
    losses = jax.vmap(fn)(grid(fine, fine))
    low = jnp.where(jnp.isfinite(losses), losses, jnp.inf).min()
    starts = jnp.concatenate([grid(coarse, coarse), besides])
    return *jax.vmap(from_one)(starts), low
