"""How the ends of a study's runs, and steps that may never come, are coded."""

import numpy as np

from optim.studies import KINDS, Study
from views import theme

ENDS = tuple(theme.ENDS)
"""How a run can end that comes to no minimum."""

FIRST_NEAR = 100
FIRST_END = 200
"""Codes of ends: below the first a minimum, below the second one it is only near."""
NEVER = 65535

CODES = {
    "ends": ENDS,
    "end_words": {kind: words for kind, (_, words) in theme.ENDS.items()},
    "brightness": {
        "slowest": theme.SLOWEST_BRIGHTNESS,
        "near": theme.NEAR_BRIGHTNESS,
    },
    "first_near": FIRST_NEAR,
    "first_end": FIRST_END,
    "never": NEVER,
}
"""The codes and what they mean, as the player is given them."""


def ends_of(study: Study) -> np.ndarray:
    """How each run ended: the index of a minimum, or of `ENDS` from `FIRST_END` on."""
    code = np.full(len(KINDS), FIRST_END, "u1")
    for i, kind in enumerate(ENDS):
        code[KINDS.index(kind)] = FIRST_END + i
    return np.where(study.minima >= 0, study.minima, code[study.kinds]).astype("u1")


def steps_of(study: Study) -> np.ndarray:
    """When that happened; `NEVER` if it did not."""
    return coded_steps(np.where(study.gone >= 0, study.gone, study.arrived))


def coded_steps(steps: np.ndarray) -> np.ndarray:
    """Steps as the player reads them; what is below 0 did not happen."""
    return np.where(steps < 0, NEVER, steps).astype("<u2")
