"""Which run of a study did best, by a stated objective."""

from typing import Literal

import numpy as np

from optim.studies.study import Study

Objective = Literal["loss", "steps"]


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
