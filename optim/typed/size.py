"""How much code a step of a typed rule becomes on a surface, counted beforehand.

A rule may look at the loss several times a step, and each look is the whole loss, or
its second derivatives. So the operations of a step are counted as those of formulas are
(surfaces/program.py): up to `MOST`, it compiles in about three seconds of a processor.
"""

from functools import lru_cache
from typing import Any

import jax
import numpy as np

from optim.base import Optimizer
from surfaces import FormulaError, Surface
from surfaces.compiled import prepare, turn
from surfaces.program import traced_operations

MOST = 3000
"""Operations that a step may have."""


def check(rule: Optimizer, surface: Surface) -> None:
    """Refuses a typed rule whose step on a surface is too long.

    Raises:
        FormulaError: In words that complete a sentence.
        NotReady: Within `only_ready`, if it was not counted before.
    """
    count = operations(rule, surface.loss, type(surface.params))
    if count > MOST:
        raise FormulaError(
            f"a step of this rule takes {count:,} operations on this surface, and "
            f"{MOST:,} are allowed; use f, grad and hess less often"
        )


@lru_cache(maxsize=256)
def operations(rule: Optimizer, loss: Any, params: type[Any]) -> int:
    """How many operations a step takes.

    Args:
        rule: Which.
        loss: Of the surface's parameters and a point.
        params: The type of these parameters.
    """
    prepare()
    number = jax.ShapeDtypeStruct((), np.float64)
    point = jax.ShapeDtypeStruct((2,), np.float64)

    def step(point: Any, state: Any, hypers: Any, values: Any) -> Any:
        return rule.step(lambda w: loss(values, w), point, state, hypers)

    with turn():
        state = jax.eval_shape(rule.init, point)
        hypers = rule.hypers(*[number] * len(rule.hypers._fields))
        values = jax.tree.map(lambda _: number, params())
        return traced_operations(step, point, state, hypers, values)
