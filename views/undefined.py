"""Where a surface has no value, and why, in a sentence for its map."""

import numpy as np
from jaxtyping import Bool

from parameters.digits import digits
from surfaces import Grid, Surface
from surfaces.formula import Expression
from surfaces.formula.undefined import Gap, gaps


def undefined(surface: Surface, grid: Grid, most: float) -> str:
    """The sentence; empty if its map shows a value everywhere.

    Args:
        surface: Whose map it is.
        grid: Its losses.
        most: The largest that is drawn.
    """
    return " ".join(filter(None, (_missing(surface, grid), _too_large(grid, most))))


def _missing(surface: Surface, grid: Grid) -> str:
    missing = ~np.isfinite(grid.z)
    if not missing.any():
        return ""
    share = f"No value {_share(missing)}"
    expression = getattr(surface.loss, "expression", None)
    # What changes with the step has a reason of its own at each.
    if not isinstance(expression, Expression) or expression.period:
        return f"{share}."
    rows, columns = np.nonzero(missing)
    found, nearly_all = gaps(
        expression, grid.x[columns], grid.y[rows], surface.params._asdict()
    )
    if not found:
        return f"{share}."
    reasons = "; ".join(map(_reason, found))
    return f"{share}: {reasons}{'' if nearly_all else '; and more'}."


def _too_large(grid: Grid, most: float) -> str:
    large = np.isfinite(grid.z) & (np.abs(np.nan_to_num(grid.z)) > most)
    return f"Losses beyond {digits(most, 1)} are not drawn." if large.any() else ""


def _share(missing: Bool[np.ndarray, "rows columns"]) -> str:
    """How much of the map has none: an area, or points and lines only."""
    if missing.all():
        return "anywhere on the map"
    across = missing[:, 1:] & missing[:, :-1]
    if not (across[1:] & across[:-1]).any():
        return "at some points of the map"
    percent = 100 * missing.mean()
    if 1 <= percent <= 99:
        return f"on {percent:.0f}% of the map"
    return f"on {'less than 1' if percent < 1 else 'more than 99'}% of the map"


def _reason(gap: Gap) -> str:
    x, y = gap.at
    return f"{gap.why}, as at ({digits(x)}, {digits(y)})"
