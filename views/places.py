"""Where minima, saddles and maxima are, for pages, pictures and files.

Of a loss of x alone each is a line: what is said of it is x, and a map marks it more
than once.
"""

from surfaces import Surface

_ROWS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Where a line is marked, as parts of the height of a map."""

Places = tuple[tuple[float, float], ...]


def coordinates(surface: Surface, places: Places) -> list[list[float]]:
    """What is known of each place: x and y, or x alone."""
    return [[float(at) for at in place[: surface.variables]] for place in places]


def in_words(surface: Surface, places: Places, part: float = 1e-3) -> list[str]:
    """Each place, as (x, y), or as "x = " where y says nothing, to a part of a map."""
    known = coordinates(surface, places)
    return [surface.view_domain.in_words(place, part) for place in known]


def on_map(surface: Surface, places: Places) -> Places:
    """Where a map marks them."""
    if surface.variables == 2:
        return places
    _, _, low, high = surface.view_domain
    rows = [low + part * (high - low) for part in _ROWS]
    return tuple((x, y) for x, _ in places for y in rows)
