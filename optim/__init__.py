"""Update rules, and the driver that runs them down a surface.

Example:
    >>> from surfaces import SURFACES
    >>> from optim import OPTIMIZERS, descend
    >>> adam = OPTIMIZERS["adam"]
    >>> surface = SURFACES["ravine"]
    >>> run = descend(surface, adam, surface.start, adam.hypers(lr=0.1), num_steps=300)
    >>> run.points.shape
    (301, 2)

A new rule is one file and one name in `OPTIMIZERS`, or one entry in `OPTAX_RULES`.
"""

from optim.adagrad import ADAGRAD
from optim.adam import ADAM
from optim.base import Optimizer, first_order
from optim.bfgs import BFGS
from optim.conditions import Conditions
from optim.descent import Trajectory, descend
from optim.gradient_descent import GRADIENT_DESCENT
from optim.lbfgs import LBFGS
from optim.momentum import MOMENTUM
from optim.nesterov import NESTEROV
from optim.newton import NEWTON
from optim.numeric_gradient import NUMERIC_GRADIENT
from optim.optax_rules import OPTAX_RULES
from optim.outcome import Outcome
from optim.quantities import Quantity
from optim.random_search import RANDOM_SEARCH
from optim.rmsprop import RMSPROP
from optim.rmsprop_momentum import RMSPROP_MOMENTUM
from optim.rmsprop_nesterov import RMSPROP_NESTEROV
from optim.schedules import SCHEDULES, Schedule
from optim.typed import typed_rule
from surfaces import registry

OPTIMIZERS: dict[str, Optimizer] = registry(
    (
        GRADIENT_DESCENT,
        MOMENTUM,
        ADAGRAD,
        RMSPROP,
        ADAM,
        NESTEROV,
        RMSPROP_MOMENTUM,
        RMSPROP_NESTEROV,
        NEWTON,
        BFGS,
        RANDOM_SEARCH,
        NUMERIC_GRADIENT,
        LBFGS,
        *OPTAX_RULES,
    )
)

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "Conditions",
    "Optimizer",
    "Outcome",
    "Quantity",
    "Schedule",
    "Trajectory",
    "descend",
    "first_order",
    "typed_rule",
]
