"""How much code a formula becomes, counted before any of it is compiled.

A rule compiles a formula with its derivatives, Newton's method with the second ones.
Two hundred characters can be a few hundred operations then, which compile in a tenth of
a second, or tens of thousands, which take minutes and gigabytes. So the operations of
the second derivatives are counted, each by what it takes to compile, and a formula with
too many is refused.

The weights were measured on nests and products of each function, with each rule
(`python -m benchmarks formulas`): up to `MOST`, they compile in about two seconds.
"""

from functools import lru_cache
from typing import Any

import jax
import numpy as np

from surfaces.compiled import Transient, turn
from surfaces.formula import FormulaError

MOST = 1000
"""Operations that the second derivatives of a formula may have."""

WEIGHTS = {"sinh": 33, "cosh": 20}
"""What some operations count; others are one. XLA writes these out at length."""


def check(loss: Transient) -> None:
    """Refuses a loss whose second derivatives are too long.

    Args:
        loss: Of no knobs and a point.

    Raises:
        FormulaError: In words that complete a sentence.
    """
    count = operations(loss)
    if count > MOST:
        raise FormulaError(
            f"the second derivatives of the formula take {count:,} operations, and "
            f"{MOST:,} are allowed; use fewer or simpler functions"
        )


@lru_cache(maxsize=256)
def operations(loss: Any) -> int:
    """How many operations the second derivatives of a loss take."""
    point = jax.ShapeDtypeStruct((2,), np.float64)
    with turn():
        traced = jax.make_jaxpr(jax.hessian(lambda w: loss(None, w)))(point)
    return _count(traced.jaxpr)


def _count(jaxpr: Any) -> int:
    total = 0
    for equation in jaxpr.eqns:
        name, params = equation.primitive.name, equation.params
        inner = [
            getattr(value, "jaxpr", value)
            for value in params.values()
            if hasattr(value, "jaxpr") or hasattr(value, "eqns")
        ]
        if inner:
            total += sum(map(_count, inner))
        elif name == "integer_pow":
            # So many multiplications, by squaring.
            power = abs(int(params["y"]))
            total += max(1, power.bit_length() + power.bit_count() - 1)
        else:
            total += WEIGHTS.get(name, 1)
    return total
