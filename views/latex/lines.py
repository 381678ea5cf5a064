"""Trails and contours as coordinates that TeX can hold.

TeX has no length beyond 16384 points. What lies far outside of a picture is cut off at
a frame around it, and the line that leads there is cut with it; all that is inside
stays as it is.
"""

from collections.abc import Iterable

import contourpy
import numpy as np
from jaxtyping import Float

from surfaces import Grid
from views.latex.text import number

Box = tuple[float, float, float, float]
"""x from and to, y from and to."""
Line = Float[np.ndarray, "n 2"]

FINE = 1e-3
"""How far a contour may be off, beside the width of the picture."""
MOST_CORNERS = 15_000
"""Of all contours; where there are more, they may be off by more."""
MOST_LOOKED_AT = 150_000
"""Corners of contours before those are left out that are hardly any."""
A_LINE = 4
"""Coordinates in a line of the file."""


def coordinates(lines: Iterable[Line]) -> list[str]:
    """The coordinates of lines, between which the pen is lifted, as texts."""
    found = []
    for k, line in enumerate(lines):
        if k:
            found.append("(nan,nan)")
        texts = [f"({number(x)},{number(y)})" for x, y in line]
        found += [" ".join(texts[i : i + A_LINE]) for i in range(0, len(texts), A_LINE)]
    return found


def around(box: Box) -> Box:
    """A frame around a picture: as wide again on each side."""
    x_low, x_high, y_low, y_high = box
    wide, high = x_high - x_low, y_high - y_low
    return x_low - wide, x_high + wide, y_low - high, y_high + high


def inside(points: Line, box: Box) -> np.ndarray:
    """Which of some points are in a box."""
    x, y = points.T
    return (box[0] <= x) & (x <= box[1]) & (box[2] <= y) & (y <= box[3])


def cut(points: Line, box: Box) -> list[Line]:
    """The parts of a line that are in a box; points in it are kept as they are."""
    whole = inside(points, box)
    parts: list[list[np.ndarray]] = []
    following = False  # whether the last part goes on
    for k, point in enumerate(points):
        from_inside = bool(k and whole[k - 1])
        if from_inside and whole[k]:
            parts[-1].append(point)
            continue
        crossing = _between(points[k - 1], point, box) if k else None
        following = following and from_inside and crossing is not None
        if crossing is None:
            if whole[k]:
                parts.append([point])
                following = True
            continue
        enters, leaves = crossing
        if not following:
            parts.append([enters])
        parts[-1].append(point if whole[k] else leaves)
        following = bool(whole[k])
    return [np.array(part) for part in parts]


def _between(
    start: np.ndarray, end: np.ndarray, box: Box
) -> tuple[np.ndarray, np.ndarray] | None:
    """Where a straight line enters a box and leaves it; None where it does neither."""
    if not (np.isfinite(start).all() and np.isfinite(end).all()):
        return None
    low, high = 0.0, 1.0
    # Halves: the difference of two large numbers would be infinite.
    step = end / 2 - start / 2
    for axis in range(2):
        for edge, sign in ((box[2 * axis], 1.0), (box[2 * axis + 1], -1.0)):
            slope = sign * step[axis]
            room = sign * (edge / 2 - start[axis] / 2)
            if slope == 0:
                if room > 0:
                    return None
            elif slope > 0:
                low = max(low, room / slope)
            else:
                high = min(high, room / slope)
    if low > high:
        return None
    frame = np.array(box).reshape(2, 2)
    ends = (np.clip(start + 2 * part * step, *frame.T) for part in (low, high))
    return next(ends), next(ends)


def contours(
    grid: Grid, heights: np.ndarray, levels: list[float]
) -> dict[float, list[Line]]:
    """The lines of each level, to five digits, with as few corners as they need.

    Of a picture that has too many, every other level is left out, again and again.
    """
    generator = contourpy.contour_generator(grid.x, grid.y, heights)
    size = np.array([np.ptp(grid.x), np.ptp(grid.y)])
    whole = {k: [np.asarray(a) for a in generator.lines(k)] for k in levels}
    for fine in (FINE, 3 * FINE, 9 * FINE):
        if sum(len(line) for one in whole.values() for line in one) > MOST_LOOKED_AT:
            break
        found = {
            level: [_straightened(line, size, fine) for line in lines]
            for level, lines in whole.items()
        }
        if sum(len(line) for one in found.values() for line in one) <= MOST_CORNERS:
            return {k: [_rounded(line) for line in one] for k, one in found.items()}
    return contours(grid, heights, levels[::2]) if len(levels) > 1 else {}


def _rounded(line: Line) -> Line:
    return np.array([[float(f"{x:.5g}") for x in corner] for corner in line])


def _straightened(line: Line, size: np.ndarray, fine: float) -> Line:
    """A line without the corners that are hardly any (Douglas and Peucker, 1973)."""
    scaled = line / size
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        far = _distances(scaled[first + 1 : last], scaled[first], scaled[last])
        worst = int(np.argmax(far))
        if far[worst] > fine:
            middle = first + 1 + worst
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return line[keep]


def _distances(points: Line, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far points are from the straight line between two others."""
    along, to = end - start, points - start
    length = np.hypot(*along)
    if not length:
        return np.hypot(*to.T)
    return np.abs(along[0] * to[:, 1] - along[1] * to[:, 0]) / length
