"""Which run of a study did best, by a stated objective."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Literal

import numpy as np

from optim.descent import Trajectory
from optim.outcome import first_of_last_stretch, stay_of
from optim.studies.criteria import KINDS
from optim.studies.engine import Study
from surfaces import Surface

Objective = Literal["loss", "steps"]
MAX_CONFIRMED = 64
"""Runs that are run again on their own to confirm the best."""


def best(study: Study, objective: Objective) -> int | None:
    """The run that did best; conclusions depend on what that means.

    Args:
        study: The runs.
        objective: "loss", the least loss after the last step, or "steps", the fewest
            steps until the loss is within the study's tolerance of the lowest known
            minimum, and stays so.

    Returns:
        Its index among all runs, counted row by row. Of equals, the one better by the
        other objective, then the first. None if no run qualifies: one that diverged
        does not, nor, for "steps", one that is not within the tolerance.
    """
    loss, within = study.losses.ravel(), study.within.ravel().astype(float)
    eligible = np.isfinite(loss) & ~study.ended("diverged", "undefined").ravel()
    within = np.where(within < 0, np.inf, within)
    if objective == "steps":
        eligible &= np.isfinite(within)
    if not eligible.any():
        return None
    order = (within, loss) if objective == "loss" else (loss, within)
    ranked = np.lexsort([np.where(eligible, values, np.inf) for values in order])
    return int(ranked[0])


def is_isolated(study: Study, k: int) -> bool:
    """Whether a run of a sweep needs half the steps of any beside it, or fewer.

    Such a value depends on the last bits more than on the setting: change it or the
    start a little, and the run needs many more steps.

    Args:
        study: The runs of a sweep over one setting or two.
        k: The run, counted row by row; one that came within the tolerance.
    """
    at = np.unravel_index(k, study.within.shape)
    beside = tuple(slice(max(i - 1, 0), i + 2) for i in at)
    steps = np.where(study.within < 0, np.inf, study.within)
    near = steps[beside]
    return bool(np.count_nonzero(near < 2 * max(steps[at], 1)) <= 1)


def confirmed_best(
    found: Study,
    objective: Objective,
    surface: Surface,
    tolerance: float,
    race: Callable[[int], Trajectory],
) -> tuple[Study, int | None]:
    """The run that did best, and does so when it is run on its own.

    Where a rule is chaotic, the last bits decide where it ends, and those of one run
    alone differ from those of many at once: no race would show the best of many again.
    So the best is run on its own, and how that ends replaces what was found, until the
    best is one that was run so.

    Args:
        found: The runs.
        objective: As for `best`.
        surface: What is descended.
        tolerance: That of the study.
        race: Runs one of them, by its index, on its own.

    Returns:
        The study with those ends, and the index of the best; after `MAX_CONFIRMED`
        runs, the best of these.
    """
    arrays = {
        f.name: getattr(found, f.name) for f in fields(found) if f.name != "taken"
    }
    found = replace(found, **{name: array.copy() for name, array in arrays.items()})
    raced = np.zeros(found.kinds.size, bool)
    for _ in range(MAX_CONFIRMED):
        k = best(found, objective)
        if k is None or raced[k]:
            return found, k
        cell = np.unravel_index(k, found.kinds.shape)
        _replace_run(found, cell, race(k), surface, tolerance)
        raced[k] = True
    gone = np.full_like(found.kinds, KINDS.index("diverged"))
    only = np.where(raced.reshape(found.kinds.shape), found.kinds, gone)
    return found, best(replace(found, kinds=only), objective)


def _replace_run(
    found: Study, cell: tuple, run: Trajectory, surface: Surface, tolerance: float
) -> None:
    """Writes the end of one run into its cell."""
    end, minimum = run.outcome, -1
    if end.at and end.kind in ("reached", "trapped"):
        minimum = [at[: surface.variables] for at in surface.minima].index(end.at)
    still = end.kind in ("settled", "oscillating", "stalled", "no_progress", "climbing")
    lowest = np.nan if surface.lowest is None else surface.lowest
    low = run.losses <= lowest + tolerance
    since, last = first_of_last_stretch(low), len(low) - 1
    lasts = since == 0 or last - since >= stay_of(last)
    for name, value in {
        "points": run.points[-1],
        "losses": run.losses[-1],
        "kinds": KINDS.index("descending" if still else end.kind),
        "minima": minimum,
        "arrived": end.step if minimum >= 0 or end.kind == "stuck" else -1,
        "within": since if lasts else -1,
        "gone": end.step if end.kind in ("left", "diverged", "undefined") else -1,
    }.items():
        getattr(found, name)[cell] = value
