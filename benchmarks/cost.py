"""What a race costs by number of optimizers and of steps.

Measured: all the live route computes for one address (parse, descend, judge, pack),
without the network. Against: the race of five optimizers by 500 steps, and the same
five by optax in a Python loop, in the same run.
"""

from collections.abc import Callable

from benchmarks import rivals
from benchmarks.descend import RATES, hypers
from benchmarks.table import Table, number, size, times
from benchmarks.timing import seconds_each
from optim import OPTIMIZERS
from views.race import result_of, run_race
from views.result import pack
from views.setup import Setup

COUNTS = (1, 2, 3, 5, 8)
STEPS = (100, 500, 1000, 2000, 5000)
USUAL = (5, 500)


def _answer(count: int, steps: int) -> Callable[[], bytes]:
    on = ",".join(list(OPTIMIZERS)[:count])
    pairs = [("surface", "rosenbrock"), ("steps", str(steps)), ("on", on)]

    def answer() -> bytes:
        setup, problems = Setup.parse(pairs)
        assert not problems, problems
        return pack(result_of(run_race(setup)))

    return answer


def _optax(steps: int) -> Callable[[], None]:
    runs = [rivals.optax_loop(key, hypers(key), steps) for key in RATES]
    return lambda: [run() for run in runs] and None


def tables() -> list[Table]:
    """Milliseconds and bytes."""
    answers = {
        f"{count} {steps}": _answer(count, steps) for count in COUNTS for steps in STEPS
    }
    loops = {f"optax {steps}": _optax(steps) for steps in STEPS}
    seconds = seconds_each(answers | loops)
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
            "The same five by optax, a jitted step in a Python loop: milliseconds",
            header,
            [
                (
                    "5",
                    *(
                        f"{number(seconds[f'optax {steps}'] * 1e3)} "
                        f"({times(seconds[f'optax {steps}'], seconds[f'5 {steps}'])})"
                        for steps in STEPS
                    ),
                )
            ],
            "× is against ours with as many steps, packed for the player and all.",
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
