"""`descend` against other ways to run five optimizers by 500 steps.

Measured: milliseconds a race, everything recorded that `descend` records or less.
Against: optax in a Python loop, optax in a compiled scan, torch.optim, and C. How: all
on Rosenbrock from one start with equal hyperparameters; first every way's iterates
are checked to agree with ours, then all are timed in turns.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks import rivals
from benchmarks.table import Table, number, p50, times
from benchmarks.timing import seconds_each
from optim import OPTIMIZERS, descend

STEPS = 500
AGREE = 1e-6
RATES = {
    "gradient_descent": 0.001,
    "momentum": 0.0005,
    "adagrad": 0.5,
    "rmsprop": 0.001,
    "adam": 0.05,
}
WAYS = {
    "optax, jitted step in a Python loop": rivals.optax_loop,
    "optax, jitted scan": rivals.optax_scan,
    "torch.optim": rivals.torch_loop,
    "C, -O3": rivals.c_loop,
}


def hypers(key: str, **changed: float) -> Any:
    """The hyperparameters of the race."""
    declared = OPTIMIZERS[key].hypers
    floor = {"eps": rivals.EPS} if "eps" in declared._fields else {}
    return declared(**{"lr": RATES[key], **floor, **changed})


def _ours(key: str, h: Any, steps: int) -> rivals.Run:
    def run():
        trajectory = descend(rivals.SURFACE, OPTIMIZERS[key], rivals.START, h, steps)
        return trajectory.points, trajectory.losses

    return run


def _race(way: Callable[..., rivals.Run]) -> dict[str, rivals.Run]:
    return {key: way(key, hypers(key), STEPS) for key in RATES}


def _check(name: str, race: dict[str, rivals.Run], ours: dict[str, rivals.Run]) -> None:
    """Raises AssertionError where a way's iterates or losses differ from ours."""
    for key, run in race.items():
        for mine, other in zip(ours[key](), run(), strict=True):
            np.testing.assert_allclose(
                other, mine, rtol=0, atol=AGREE, err_msg=f"{name}: {key}"
            )


def _after_a_change(way: Callable[..., rivals.Run]) -> float:
    """Seconds of a race in which every learning rate is one never seen before."""
    seen = []
    for k in range(1, 4):
        began = perf_counter()
        for key, rate in RATES.items():
            way(key, hypers(key, lr=rate * (1 - k / 1000)), STEPS)()
        seen.append(perf_counter() - began)
    return p50(seen)


def tables() -> list[Table]:
    """The one table of this benchmark."""
    ways = {"ours: descend": _ours} | WAYS
    races = {name: _race(way) for name, way in ways.items()}
    ours = races["ours: descend"]
    for name, race in races.items():
        _check(name, race, ours)

    def whole(race: dict[str, rivals.Run]) -> Callable[[], None]:
        return lambda: [run() for run in race.values()] and None

    seconds = seconds_each({name: whole(race) for name, race in races.items()})
    changed = {name: _after_a_change(way) for name, way in ways.items()}
    base, base_changed = seconds["ours: descend"], changed["ours: descend"]
    return [
        Table(
            f"descend: five optimizers × {STEPS} steps on Rosenbrock",
            ("", "a race", "", "the first race at new rates", ""),
            [
                (
                    name,
                    number(seconds[name] * 1e3, "ms"),
                    times(seconds[name], base),
                    number(changed[name] * 1e3, "ms"),
                    times(changed[name], base_changed),
                )
                for name in ways
            ],
            f"All iterates and losses agree with ours to {AGREE:g}. × is against ours. "
            "A new learning rate is what every move of a slider is: where it is a "
            "constant of the compiled code, it compiles again.",
        )
    ]
