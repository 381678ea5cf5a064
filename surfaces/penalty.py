"""L2 regularization: the surface with lambda / 2 |w|^2 added to its loss.

Its critical points are not the plain surface's, and there may be more of them or fewer:
so they are searched for (critical.py). Of a surface of which only the lowest minima are
published, only the lowest are marked.

Source: A. E. Hoerl, R. W. Kennard, Technometrics 12 (1970) 55-67; Deep Learning
(2016), section 7.1.1.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from surfaces.base import Domain, Surface, loss_of
from surfaces.compiled import prepare
from surfaces.critical import (
    Places,
    compiled_losses,
    is_minimum,
    lowest_points,
    with_found,
)
from surfaces.typed import TypedLoss


def regularized(surface: Surface, l2: float) -> Surface:
    """The surface with the penalty added, its critical points found again.

    Raises:
        NotReady: Within `only_ready`, if that may take more than a few milliseconds.
    """
    if l2 == surface.l2:
        return surface
    moved, creases = replace(surface, l2=l2), ()
    if not surface.smooth:
        creases = _at_creases(
            surface.loss, surface.params, l2, surface.domain, surface.minima
        )
    found = with_found(moved, creases)
    if surface.lists_all_critical_points or surface.found:
        return found
    pairs = zip(found.minima, found.is_lowest, strict=True)
    lowest = tuple(place for place, is_lowest in pairs if is_lowest)
    return replace(
        found, minima=lowest, saddles=(), maxima=(), lists_all_critical_points=False
    )


@lru_cache(maxsize=256)
def _at_creases(
    loss: Any, params: Any, l2: float, domain: Domain, declared: Places
) -> Places:
    """Minima where the loss is not smooth: those declared, or any if one has moved."""
    prepare()
    if isinstance(loss, TypedLoss):
        return lowest_points(loss.at_many(params, l2), domain)
    losses = compiled_losses(loss_of(loss, params, l2))
    kept = tuple(
        place for place in declared if is_minimum(losses, domain, place, declared=True)
    )
    return kept if len(kept) == len(declared) else lowest_points(losses, domain)
