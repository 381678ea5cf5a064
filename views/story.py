"""What a surface is, in a line: its formula, its critical points, and what it shows."""

from surfaces import Surface
from surfaces.typed import TypedLoss
from views.mathml import in_clauses
from views.places import Places, in_words

_PENALTY = r" + \tfrac{\lambda}{2} \|w\|^2"


def story(surface: Surface) -> dict[str, str]:
    """The line, for the player: the formula as MathML, and what follows it."""
    penalty = _PENALTY if surface.l2 else ""
    facts = (places(surface), surface.teaches)
    variables = "x" if surface.variables == 1 else "x, y"
    return {
        "formula": in_clauses(f"f({variables}) = {surface.latex}{penalty}"),
        "facts": "\u2002·\u2002".join(filter(None, facts)),
    }


def places(surface: Surface) -> str:
    """Where the minima, saddles and maxima are, in a few words."""
    words = [
        _count(surface, surface.minima, "minimum", "minima"),
        _count(surface, surface.saddles, "saddle", "saddles"),
        _count(surface, surface.maxima, "maximum", "maxima"),
    ]
    if not surface.lists_all_critical_points:
        words.append("others not marked" if any(words) else "minima unknown")
    listed = "; ".join(filter(None, words))
    if surface.variables == 1:
        return f"{_known(surface, listed)}; the same for every y"
    if isinstance(surface.loss, TypedLoss) and not listed and not surface.l2:
        absent = {"x", "y"} - surface.loss.expression.words
        if absent:
            return f"the same for every {absent.pop()}"
    return _known(surface, listed)


def _known(surface: Surface, listed: str) -> str:
    if surface.found:
        return f"found: {listed}" if listed else "no minimum found"
    return listed or "no minimum"


def _count(surface: Surface, points: Places, word: str, plural: str) -> str:
    listed = " and ".join(in_words(surface, points, 1e-4))
    if len(points) > 2:
        return f"{len(points)} {plural}"
    return f"{word if len(points) == 1 else plural} at {listed}" if points else ""
