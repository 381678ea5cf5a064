"""What a race costs by number of optimizers and of steps.

Measured: all the live route computes for one address (parse, descend, judge, pack),
without the network. Against: the race of five optimizers by 500 steps, in the same
run.
"""

from collections.abc import Callable

from benchmarks.table import Table, number, size, times
from benchmarks.timing import seconds_each
from optim import OPTIMIZERS
from views.packing import pack
from views.race import run_race
from views.setup import Setup

COUNTS = (1, 2, 3, 4, 5)
STEPS = (100, 500, 1000, 2000, 5000)
USUAL = (5, 500)


def _answer(count: int, steps: int) -> Callable[[], bytes]:
    on = ",".join(list(OPTIMIZERS)[:count])
    pairs = [("surface", "rosenbrock"), ("steps", str(steps)), ("on", on)]

    def answer() -> bytes:
        setup, problems = Setup.parse(pairs)
        assert not problems, problems
        return pack(run_race(setup))

    return answer


def tables() -> list[Table]:
    """Milliseconds and bytes."""
    answers = {
        f"{count} {steps}": _answer(count, steps) for count in COUNTS for steps in STEPS
    }
    seconds = seconds_each(answers)
    usual = seconds["{} {}".format(*USUAL)]
    header = ("optimizers", *(f"{steps:,} steps" for steps in STEPS))
    return [
        Table(
            "Cost of a race: milliseconds to compute an answer of the live route",
            header,
            [
                (
                    str(count),
                    *(
                        f"{number(seconds[f'{count} {steps}'] * 1e3)} "
                        f"({times(seconds[f'{count} {steps}'], usual)})"
                        for steps in STEPS
                    ),
                )
                for count in COUNTS
            ],
            "× is against five optimizers by 500 steps.",
        ),
        Table(
            "Size of an answer of the live route",
            header,
            [
                (
                    str(count),
                    *(size(len(answers[f"{count} {steps}"]())) for steps in STEPS),
                )
                for count in (COUNTS[0], COUNTS[-1])
            ],
        ),
    ]
