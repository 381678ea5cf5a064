"""How a race is seen: speed, loop, the part of the map, and from where the surface.

These stand in links, so that others see what is seen; a page takes them when it opens.
"""

import math

from surfaces import Param, switch

SPEED = Param(
    symbol="s",
    label="Speed",
    low=1,
    high=1000,
    scale="log",
    meaning="Steps a second while the race plays.",
    whole=True,
)
LOOP = switch("o", "Loop", "Whether the race begins again at its end.")
FARTHEST = 1e6
"""The largest coordinate that a part of the map has."""
NARROWEST = 1e-6
"""The least width of a part of the map, of its largest coordinate."""
OUTERMOST = 10.0
"""How far a camera is from the middle of the surface, at most."""


def parse_zoom(text: str) -> tuple[float, ...]:
    """Reads a part of the map: from and to in x, from and to in y; empty: all of it."""
    if not text:
        return ()
    allowed = (
        "allowed is x from,x to,y from,y to, each from lower than its to, between "
        f"-{FARTHEST:g} and {FARTHEST:g}"
    )
    numbers = _numbers(text, (4,), FARTHEST, allowed)
    for low, high in (numbers[:2], numbers[2:]):
        if low >= high:
            raise ValueError(f"is no part of the plane; {allowed}")
        # Ticks closer than that are one number to a browser.
        if high - low < NARROWEST * max(abs(low), abs(high)):
            raise ValueError(f"is too narrow a part of the plane; {allowed}")
    return numbers


def parse_camera(text: str) -> tuple[float, ...]:
    """Reads from where the surface is seen, and what is in the middle of the picture.

    Both are x, y and z in units of the scene's box; the middle may be left out. Empty:
    as the surface is seen at first.
    """
    if not text:
        return ()
    allowed = (
        "allowed is x,y,z of the eye, and of the middle if you like, between "
        f"-{OUTERMOST:g} and {OUTERMOST:g}"
    )
    numbers = _numbers(text, (3, 6), OUTERMOST, allowed)
    if not any(numbers[:3]):
        raise ValueError(
            f"is where the surface is, and no place to see it from; {allowed}"
        )
    return numbers


def _numbers(
    text: str, counts: tuple[int, ...], most: float, allowed: str
) -> tuple[float, ...]:
    try:
        numbers = tuple(map(float, text.split(",")))
    except ValueError:
        raise ValueError(
            f"is not numbers with commas between them; {allowed}"
        ) from None
    fits = all(math.isfinite(one) and abs(one) <= most for one in numbers)
    if len(numbers) not in counts or not fits:
        raise ValueError(f"is out of range, or not as many numbers; {allowed}")
    return numbers


def text_of(numbers: tuple[float, ...]) -> str:
    """Numbers as the address has them."""
    return ",".join(f"{one:.6g}" for one in numbers)
