"""What a lesson claims of a race, in words that are checked against it.

adam reached                    how a run ended: any kind of optim.outcome
adam not diverged
adam reached within 200         after at most so many steps; or `after`, later
momentum before adam            it arrived, and the other later or not at all
adam lower than momentum        its last loss is
adam ends at 3, 2               within a hundredth of the map's diagonal
adam step 1 is 0.1              how long a step is, to 1%; or `below`, `above`
adam loss at 50 below 1e-3      above what losses are measured from; or `above`
adam turns                      its x or y changes direction in most of its steps
adagrad slows                   each tenth of its steps leads less far than the last
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import get_args

import numpy as np

from optim import Trajectory
from optim.outcome import Kind
from views.race import Race

ENTRY = r"([a-z_]+(?:~\d)?)"
NUMBER = r"(-?[\d.]+(?:e-?\d+)?)"


class ClaimError(ValueError):
    """A sentence about what is no claim."""


def holds(claim: str, race: Race) -> bool:
    """Whether a claim is true of a race.

    Raises:
        ClaimError: If it is none, or about an entry that does not run.
    """
    for pattern, check in _CLAIMS.items():
        if match := re.fullmatch(pattern, claim.strip()):
            return check(race, *match.groups())
    raise ClaimError(f"{claim!r} is no claim that is known")


def _run(race: Race, entry: str) -> Trajectory:
    if entry not in race.runs:
        raise ClaimError(f"{entry!r} does not run in this race")
    return race.runs[entry]


def _ended(race: Race, entry: str, no: str | None, kind: str) -> bool:
    return (_run(race, entry).outcome.kind == kind) != bool(no)


def _in_time(race: Race, entry: str, kind: str, word: str, steps: str) -> bool:
    outcome = _run(race, entry).outcome
    if outcome.kind != kind or outcome.step is None:
        return False
    return (outcome.step <= int(steps)) == (word == "within")


def _arrival(race: Race, entry: str) -> float:
    outcome = _run(race, entry).outcome
    return float(outcome.step or 0) if outcome.kind == "reached" else np.inf


def _before(race: Race, one: str, other: str) -> bool:
    return _arrival(race, one) < _arrival(race, other)


def _lower(race: Race, one: str, other: str) -> bool:
    return bool(_run(race, one).losses[-1] < _run(race, other).losses[-1])


def _ends_at(race: Race, entry: str, x: str, y: str) -> bool:
    low_x, high_x, low_y, high_y = race.surface.view_domain
    near = 0.01 * np.hypot(high_x - low_x, high_y - low_y)
    last = _run(race, entry).points[-1]
    return bool(np.hypot(last[0] - float(x), last[1] - float(y)) < near)


def _compared(value: float, word: str, number: str) -> bool:
    wanted = float(number)
    if word == "is":
        return bool(abs(value - wanted) <= 0.01 * abs(wanted))
    return value < wanted if word == "below" else value > wanted


def _step(race: Race, entry: str, step: str, word: str, number: str) -> bool:
    points = _run(race, entry).points
    moved = points[int(step)] - points[int(step) - 1]
    return _compared(float(np.hypot(*moved)), word, number)


def _loss(race: Race, entry: str, step: str, word: str, number: str) -> bool:
    excess = float(_run(race, entry).losses[int(step)]) - race.base
    return _compared(excess, word, number)


def _turns(race: Race, entry: str) -> bool:
    moved = np.diff(_run(race, entry).points, axis=0)
    turned = (moved[1:] * moved[:-1] < 0).any(axis=1)
    return bool(turned.mean() > 0.5)


def _slows(race: Race, entry: str) -> bool:
    moved = np.hypot(*np.diff(_run(race, entry).points, axis=0).T)
    tenths = [part.sum() for part in np.array_split(moved, 10)]
    return all(later < earlier for earlier, later in pairwise(tenths))


_CLAIMS: dict[str, Callable[..., bool]] = {
    rf"{ENTRY} ([a-z_]+) (within|after) (\d+)": _in_time,
    rf"{ENTRY} before {ENTRY}": _before,
    rf"{ENTRY} lower than {ENTRY}": _lower,
    rf"{ENTRY} ends at {NUMBER}, {NUMBER}": _ends_at,
    rf"{ENTRY} step (\d+) (is|below|above) {NUMBER}": _step,
    rf"{ENTRY} loss at (\d+) (is|below|above) {NUMBER}": _loss,
    rf"{ENTRY} turns": _turns,
    rf"{ENTRY} slows": _slows,
    rf"{ENTRY} (not )?({'|'.join(get_args(Kind))})": _ended,
}
