"""What a step of a study takes, against what is estimated before the study starts.

Measured: processor time of one step of one run among 16,384, noise and all; of Adam on
every surface, and of every rule on the slowest surface and on Rosenbrock. Against: what
`views.studies.cost.step_seconds` counts from the gradient and what the rule declares.
"""

from time import process_time

import numpy as np

from benchmarks.table import Table, number, times
from optim import OPTIMIZERS, Optimizer
from optim.conditions import Conditions
from optim.studies import basins
from surfaces import SURFACES, Surface
from views.studies.cost import step_seconds

SIZE, STEPS, ROUNDS = 128, 200, 3
PLACES = ("rosenbrock", "levy")
DEAR = 5.0
"""The `overhead` from which a rule is measured with fewer runs and steps."""


def measured(surface: Surface, optimizer: Optimizer) -> float:
    """Processor seconds of a step, at best."""
    fewer = 4 if optimizer.overhead > DEAR else 1
    size, steps = SIZE // fewer, STEPS // fewer
    best = np.inf
    for attempt in range(1 + ROUNDS):
        began = process_time()
        found = basins(
            surface,
            optimizer,
            optimizer.hypers(),
            size,
            steps,
            conditions=Conditions(noise=0.1),
            dtype=np.float64 if optimizer.needs_float64 else np.float32,
        )
        if attempt:  # The first compiles.
            best = min(best, (process_time() - began) / max(found.study.taken, 1))
    return best


def _row(surface: Surface, optimizer: Optimizer) -> list[str]:
    took = measured(surface, optimizer)
    estimated = step_seconds(surface, optimizer)
    return [f"{took * 1e9:,.1f}", f"{estimated * 1e9:,.1f}", times(estimated, took)]


def tables() -> list[Table]:
    """One of the surfaces, one of the rules."""
    adam = OPTIMIZERS["adam"]
    header = ("ns", "estimated", "estimated / measured")
    return [
        Table(
            "A step of Adam among many, by surface",
            ("surface", *header),
            [[s.label, *_row(s, adam)] for s in SURFACES.values()],
            f"{number(SIZE**2)} runs of {STEPS} steps with noise, float32.",
        ),
        Table(
            "A step of a rule among many, on Rosenbrock and on Levy",
            ("rule", *header * len(PLACES)),
            [
                [o.label, *(text for key in PLACES for text in _row(SURFACES[key], o))]
                for o in OPTIMIZERS.values()
            ],
        ),
    ]
