"""How much code a loss becomes, and how long it takes, counted before it is compiled.

A rule compiles a formula with its derivatives, Newton's method with the second ones.
Two hundred characters can be a few hundred operations then, which compile in a tenth of
a second, or tens of thousands, which take minutes and gigabytes. So the operations of
the second derivatives are counted, each by what it takes to compile, and a formula with
too many is refused.

The weights were measured on nests and products of each function, with each rule
(`python -m benchmarks formulas`): up to `MOST`, they compile in about two seconds.

How long the gradient takes follows from its operations, too: the times were fitted to
Adam on all surfaces (`python -m benchmarks steps`) and are right to a factor of two.
"""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import jax
import numpy as np

from surfaces.compiled import EphemeralLoss, prepare, turn
from surfaces.formula import FormulaError

MOST = 1000
"""Operations that the second derivatives of a formula may have."""

WEIGHTS = {"sinh": 33, "cosh": 20, "asinh": 100, "acosh": 65, "atanh": 110, "erf": 28}
"""What some operations count; others are one. XLA writes these out at length."""

SLOW = {"sin": 12e-9, "cos": 12e-9, "tan": 24e-9, "cbrt": 16e-9, "pow": 5e-9}
"""Seconds of operations that are called, not computed in place."""

QUICK, OF_DATA = 5e-11, 5e-10
"""Seconds of any other operation: of numbers of a point, and of those of a sample."""

LOOKUPS = frozenset({"slice", "dynamic_slice"})
"""What reads no more of an array than it gives."""


def check(loss: EphemeralLoss, params: Any = None) -> None:
    """Refuses a loss whose second derivatives are too long.

    Args:
        loss: Of its parameters and a point.
        params: Their values, if it has any.

    Raises:
        FormulaError: In words that complete a sentence.
    """
    count = operations(loss, params)
    if count > MOST:
        raise FormulaError(
            f"the second derivatives of the formula take {count:,} operations, and "
            f"{MOST:,} are allowed; use fewer or simpler functions"
        )


@lru_cache(maxsize=256)
def operations(loss: Any, params: Any = None) -> int:
    """How many operations the second derivatives of a loss take."""
    point = jax.ShapeDtypeStruct((2,), np.float64)
    with turn():
        return traced_operations(jax.hessian(lambda w: loss(params, w)), point)


def traced_operations(function: Callable[..., Any], *shapes: Any) -> int:
    """How many operations a function takes, of arguments of such shapes."""
    traced = jax.make_jaxpr(function)(*shapes)
    return sum(map(_weight, _equations(traced.jaxpr)))


@lru_cache(maxsize=256)
def gradient_seconds(loss: Any, params: Any) -> float:
    """What the gradient of one run among many takes, of one processor.

    Args:
        loss: Of the parameters and a point.
        params: What is computed of them alone is computed once, and does not count.

    Raises:
        NotReady: Within `only_ready`, if it was not counted before.
    """
    prepare()

    def at(point: Any) -> Any:
        with jax.ensure_compile_time_eval():
            return loss(params, point)

    point = jax.ShapeDtypeStruct((2,), np.float64)
    with turn():
        traced = jax.make_jaxpr(jax.grad(at))(point)
    return sum(map(_seconds, _equations(traced.jaxpr)))


def _equations(jaxpr: Any) -> Iterator[Any]:
    """All that computes, with what stands inside of what does not itself."""
    for equation in jaxpr.eqns:
        inner = [
            getattr(value, "jaxpr", value)
            for value in equation.params.values()
            if hasattr(value, "jaxpr") or hasattr(value, "eqns")
        ]
        if not inner:
            yield equation
        for one in inner:
            yield from _equations(one)


def _weight(equation: Any) -> int:
    name = equation.primitive.name
    if name == "integer_pow":
        # So many multiplications, by squaring.
        power = abs(int(equation.params["y"]))
        return max(1, power.bit_length() + power.bit_count() - 1)
    return WEIGHTS.get(name, 1)


def _seconds(equation: Any) -> float:
    looked_into = 1 if equation.primitive.name in LOOKUPS else 0
    values = (*equation.invars[looked_into:], *equation.outvars)
    shapes = [value.aval.shape for value in values]
    numbers = max(map(math.prod, shapes), default=1)
    each = QUICK if numbers <= len("xy") else OF_DATA
    return numbers * SLOW.get(equation.primitive.name, each)
