"""What a lesson claims of a race, in words that are checked against it.

adam reached                    how a run ended: any kind of optim.outcome
adam not diverged
adam reached within 200         after at most so many steps; or `after`, later
momentum before adam            it arrived, and the other later or not at all
adam lower than momentum        its last loss is
adam ends at 3, 2               within a hundredth of the map's diagonal
adam step 1 is 0.1              how long a step is, to 1%; or `below`, `above`
adam longest step is 0.1        the longest of all
adam loss at 50 below 1e-3      a measure at an iterate, compared with a number, or with
adam loss at 50 below momentum  another run's; `MEASURES` has them all
adam end loss below 1e-3        the mean over the last fifth of its steps
adam turns                      its x or y changes direction in most of its steps
adagrad slows                   each tenth of its steps leads less far than the last
adam rises                      its loss rises in a step; or `never rises`
adam same as adam~2             all their iterates are the same, but for rounding
adam leaves before momentum     the map, or diverges; the other later or not at all
sgd batch is 1                  how many samples a step takes
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import get_args

import numpy as np

from optim import Trajectory
from optim.outcome import Kind
from views.charts import CHARTS, Moving
from views.race import Race, run_race

ENTRY = r"([a-z_]+(?:~\d)?)"
NUMBER = r"(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)"
OTHER = rf"({NUMBER[1:-1]}|{ENTRY[1:-1]})"
COMPARED = r"(is|below|above)"
KINDS = "|".join(get_args(Kind))


class ClaimError(ValueError):
    """A sentence about what is no claim."""


def holds(claim: str, race: Race) -> bool:
    """Whether a claim is true of a race.

    Raises:
        ClaimError: If it is none, or about an entry that does not run.
    """
    for pattern, check in _CLAIMS.items():
        if match := re.fullmatch(pattern, claim.strip()):
            with np.errstate(all="ignore"):  # Of runs that diverge.
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


def _lengths(race: Race, entry: str) -> np.ndarray:
    return np.hypot(*np.diff(_run(race, entry).points, axis=0).T)


def _step(race: Race, entry: str, step: str, word: str, number: str) -> bool:
    return _compared(_at(_lengths(race, entry), int(step) - 1), word, number)


def _longest(race: Race, entry: str, word: str, number: str) -> bool:
    return _compared(float(_lengths(race, entry).max()), word, number)


def _excess(race: Race, entry: str) -> np.ndarray:
    return _run(race, entry).losses - race.base


def _end_loss(race: Race, entry: str, word: str, other: str) -> bool:
    def mean(entry: str) -> float:
        losses = _excess(race, entry)
        return float(losses[-(len(losses) // 5) :].mean())

    return _compared(mean(entry), word, _number(other, mean))


def _factors(race: Race, entry: str) -> np.ndarray:
    _run(race, entry)
    return race.setup.conditions_of(entry).factors(race.setup["steps"])


def _charted(name: str, column: int = 0) -> Callable[[Race, str], np.ndarray]:
    def find(race: Race, entry: str) -> np.ndarray:
        rule, setup = race.setup.rule(entry), race.setup
        run = _run(race, entry)
        if CHARTS[name].divides:
            run = run_race(setup, quantities={entry}).runs[entry]
        factors, hypers = _factors(race, entry), setup.hypers(entry)
        moving = Moving(race.surface, rule, hypers, factors, run)
        return CHARTS[name].find(moving)[:, column]

    return find


MEASURES: dict[str, Callable[[Race, str], np.ndarray]] = {
    "loss": _excess,
    "x": lambda race, entry: _run(race, entry).points[:, 0],
    "y": lambda race, entry: _run(race, entry).points[:, 1],
    "factor": _factors,
    "x rate": _charted("rate"),
    "y rate": _charted("rate", 1),
    "sharpness": _charted("sharpness"),
    "limit": _charted("sharpness", 1),
    "gradient": _charted("gradient"),
    "distance": _charted("distance"),
    "angle": _charted("angle"),
}
"""What a claim can be about at an iterate, or at the step from it: the loss above what
losses are measured from, a coordinate, what a schedule makes of the learning rate, or a
chart's first or second series."""


def _at(values: np.ndarray, index: int) -> float:
    if not 0 <= index < len(values):
        raise ClaimError(f"this race has no step {index}")
    return float(values[index])


def _number(text: str, find: Callable[[str], float]) -> str:
    """A number as it is, or that of a run."""
    return text if re.fullmatch(NUMBER, text) else repr(find(text))


def _measure(
    race: Race, entry: str, name: str, step: str, word: str, other: str
) -> bool:
    def value(entry: str) -> float:
        return _at(MEASURES[name](race, entry), int(step))

    return _compared(value(entry), word, _number(other, value))


def _turns(race: Race, entry: str) -> bool:
    moved = np.diff(_run(race, entry).points, axis=0)
    turned = (moved[1:] * moved[:-1] < 0).any(axis=1)
    return bool(turned.mean() > 0.5)


def _slows(race: Race, entry: str) -> bool:
    tenths = [part.sum() for part in np.array_split(_lengths(race, entry), 10)]
    return all(later < earlier for earlier, later in pairwise(tenths))


def _rises(race: Race, entry: str, never: str | None) -> bool:
    losses = _run(race, entry).losses
    # What is rounding at the minimum is no rise.
    rises = np.diff(losses) > 1e-12 * np.abs(losses[0])
    return bool(rises.any()) != bool(never)


def _same(race: Race, one: str, other: str) -> bool:
    size = race.surface.view_domain.diagonal
    difference = _run(race, one).points - _run(race, other).points
    return bool(np.abs(difference).max() <= 1e-9 * size)


def _leaving(race: Race, entry: str) -> float:
    outcome = _run(race, entry).outcome
    gone = outcome.kind in ("left", "diverged") and outcome.step is not None
    return float(outcome.step or 0) if gone else np.inf


def _leaves_before(race: Race, one: str, other: str) -> bool:
    return _leaving(race, one) < _leaving(race, other)


def _batch(race: Race, entry: str, number: str) -> bool:
    _run(race, entry)
    return race.setup.conditions_of(entry).batch == int(number)


_CLAIMS: dict[str, Callable[..., bool]] = {
    rf"{ENTRY} ({KINDS}) (within|after) (\d+)": _in_time,
    rf"{ENTRY} before {ENTRY}": _before,
    rf"{ENTRY} lower than {ENTRY}": _lower,
    rf"{ENTRY} ends at {NUMBER}, {NUMBER}": _ends_at,
    rf"{ENTRY} step (\d+) {COMPARED} {NUMBER}": _step,
    rf"{ENTRY} longest step {COMPARED} {NUMBER}": _longest,
    rf"{ENTRY} ({'|'.join(MEASURES)}) at (\d+) {COMPARED} {OTHER}": _measure,
    rf"{ENTRY} end loss {COMPARED} {OTHER}": _end_loss,
    rf"{ENTRY} turns": _turns,
    rf"{ENTRY} slows": _slows,
    rf"{ENTRY} (never )?rises": _rises,
    rf"{ENTRY} same as {ENTRY}": _same,
    rf"{ENTRY} leaves before {ENTRY}": _leaves_before,
    rf"{ENTRY} batch is (\d+)": _batch,
    rf"{ENTRY} (not )?({KINDS})": _ended,
}
