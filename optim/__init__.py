"""Update rules, and the driver that runs them down a surface.

Example:
    >>> from surfaces import SURFACES
    >>> from optim import OPTIMIZERS, descend
    >>> adam = OPTIMIZERS["adam"]
    >>> surface = SURFACES["ravine"]
    >>> run = descend(surface, adam, surface.start, adam.hypers(lr=0.1), num_steps=300)
    >>> run.points.shape
    (301, 2)

A new rule is one file and one name in `OPTIMIZERS`.
"""

from optim.adagrad import ADAGRAD
from optim.adam import ADAM
from optim.base import Optimizer, first_order
from optim.conditions import Conditions
from optim.descent import Trajectory, descend
from optim.gradient_descent import GRADIENT_DESCENT
from optim.momentum import MOMENTUM
from optim.outcome import Outcome
from optim.rmsprop import RMSPROP
from optim.schedules import SCHEDULES, Schedule

OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.key: optimizer
    for optimizer in (GRADIENT_DESCENT, MOMENTUM, ADAGRAD, RMSPROP, ADAM)
}

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "Conditions",
    "Optimizer",
    "Outcome",
    "Schedule",
    "Trajectory",
    "descend",
    "first_order",
]
