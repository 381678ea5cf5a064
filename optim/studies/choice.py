"""Which run of a study did best, by a stated objective."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Literal

import numpy as np

from optim.descent import Trajectory
from optim.studies.study import KINDS, Study
from surfaces import Surface

Objective = Literal["loss", "steps"]
MOST_RACED = 64
"""Runs that are run again by themselves to find the best."""


def best(study: Study, objective: Objective) -> int | None:
    """The run that did best; conclusions depend on what that means.

    Args:
        study: The runs.
        objective: "loss", the least loss after the last step, or "steps", the fewest
            steps to a loss within the study's tolerance of the lowest known minimum.

    Returns:
        Its index among all runs, counted row by row. Of equals, the one better by the
        other objective, then the first. None if no run comes into question: one that
        diverged does not, nor, for "steps", one that never came within the tolerance.
    """
    loss, hit = study.losses.ravel(), study.hit.ravel().astype(float)
    able = np.isfinite(loss) & ~study.ended("diverged", "undefined").ravel()
    hit = np.where(hit < 0, np.inf, hit)
    if objective == "steps":
        able &= np.isfinite(hit)
    if not able.any():
        return None
    order = (hit, loss) if objective == "loss" else (loss, hit)
    ranked = np.lexsort([np.where(able, values, np.inf) for values in order])
    return int(ranked[0])


def raced_best(
    found: Study,
    objective: Objective,
    surface: Surface,
    tolerance: float,
    race: Callable[[int], Trajectory],
) -> tuple[Study, int | None]:
    """The run that did best by itself, too.

    Where a rule is chaotic, the last bits decide where it ends, and those of one run
    alone differ from those of many at once: the best of many would often be luck that
    no race has again. So the best is run by itself, and its own end takes the place of
    the one found, until the best is one that was.

    Args:
        found: The runs.
        objective: As for `best`.
        surface: What is descended.
        tolerance: That of the study.
        race: Runs one of them, by its index, by itself.

    Returns:
        The study with those ends, and the index of the best; after `MOST_RACED` runs,
        the best of these.
    """
    arrays = {
        f.name: getattr(found, f.name) for f in fields(found) if f.name != "taken"
    }
    found = replace(found, **{name: array.copy() for name, array in arrays.items()})
    raced = np.zeros(found.kinds.size, bool)
    for _ in range(MOST_RACED):
        k = best(found, objective)
        if k is None or raced[k]:
            return found, k
        _put(found, np.unravel_index(k, found.kinds.shape), race(k), surface, tolerance)
        raced[k] = True
    gone = np.full_like(found.kinds, KINDS.index("diverged"))
    only = np.where(raced.reshape(found.kinds.shape), found.kinds, gone)
    return found, best(replace(found, kinds=only), objective)


def _put(
    found: Study, cell: tuple, run: Trajectory, surface: Surface, tolerance: float
) -> None:
    """Puts the end of one run into its cell."""
    end, place = run.outcome, -1
    if end.kind in ("reached", "caught"):
        place = surface.minima.index(end.at)
    still = end.kind in ("settled", "circling", "resting", "bouncing", "climbing")
    low = np.flatnonzero(run.losses <= min(surface.heights, default=np.nan) + tolerance)
    for name, value in {
        "points": run.points[-1],
        "losses": run.losses[-1],
        "kinds": KINDS.index("descending" if still else end.kind),
        "minima": place,
        "arrived": end.step if place >= 0 or end.kind == "stuck" else -1,
        "hit": low[0] if low.size else -1,
        "gone": end.step if end.kind in ("left", "diverged", "undefined") else -1,
    }.items():
        getattr(found, name)[cell] = value
