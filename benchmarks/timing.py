"""Times functions against each other, in turns, so that noise meets all alike."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from benchmarks.table import p50

ROUNDS = 9
TURN = 0.03  # seconds a function is repeated for in one turn, at least once


def seconds_each(functions: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """The median seconds of a call of each function, after one call to warm up."""
    for function in functions.values():
        function()
    seen: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(ROUNDS):
        for name, function in functions.items():
            began, calls = perf_counter(), 0
            while not calls or perf_counter() - began < TURN:
                function()
                calls += 1
            seen[name].append((perf_counter() - began) / calls)
    return {name: p50(each) for name, each in seen.items()}
