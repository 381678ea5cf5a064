"""The functions and constants that may be named in a formula, and their numerics."""

import math
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from jax import lax

from surfaces import lean
from surfaces.formula.nodes import Binary, Call, Number

WHOLE = 64
"""Constant whole exponents up to this one are repeated products."""


class Function(NamedTuple):
    """A function that may be named.

    Attributes:
        arity: How many values it takes.
        apply: Evaluates it: from jax.numpy or numpy, and the values.
        more: Whether it takes more values, too.
        chooses: Whether its first value is a comparison.
    """

    arity: int
    apply: Callable[..., Any]
    more: bool = False
    chooses: bool = False

    @property
    def takes(self) -> str:
        """How many values it takes, in words."""
        values = "value" if self.arity == 1 else "values"
        return f"{self.arity} {values}{' or more' if self.more else ''}"

    def fits(self, count: int) -> bool:
        """Whether it takes so many values."""
        return count == self.arity or (self.more and count > self.arity)


def _root(m: Any, a: Any, root: Callable[[Any], Any]) -> Any:
    """A root, flat at zero: the slope there is infinite, and so of no use."""
    flat = a == 0
    return m.where(flat, 0.0, root(m.where(flat, 1.0, a)))


def power(m: Any, base: Any, exponent: Any) -> Any:
    """A power; a constant exponent is a NumPy float64."""
    if not isinstance(exponent, np.float64):
        return m.power(base, exponent)
    if exponent.is_integer() and abs(exponent) <= WHOLE:
        return m.power(base, int(exponent))
    if exponent > 0:
        return _root(m, base, lambda a: m.power(a, exponent))
    return m.power(base, exponent)


def _hypot(m: Any, a: Any, b: Any) -> Any:
    return m.hypot(a, b) if m is np else lean.hypot(a, b)


def _sigmoid(m: Any, a: Any) -> Any:
    # 1 / (1 + exp(-a)) would have no gradient where exp(-a) overflows.
    return m.exp(-m.logaddexp(0.0, -a))


_each_erf = np.vectorize(math.erf, otypes=[np.float64])


def _erf(m: Any, a: Any) -> Any:
    return _each_erf(a) if m is np else lax.erf(a)


def _chosen(m: Any, condition: Any, a: Any, b: Any) -> Any:
    if isinstance(condition, np.float64):
        return a if condition else b
    return m.where(condition, a, b)


def _both(m: Any, a: Any, b: Any) -> Any:
    if isinstance(a, np.float64):
        return b if a else a
    return _both(m, b, a) if isinstance(b, np.float64) else m.logical_and(a, b)


def _either(m: Any, a: Any, b: Any) -> Any:
    return _not(m, _both(m, _not(m, a), _not(m, b)))


def _not(m: Any, a: Any) -> Any:
    return np.float64(not a) if isinstance(a, np.float64) else m.logical_not(a)


FUNCTIONS: Mapping[str, Function] = {
    "sin": Function(1, lambda m, a: m.sin(a)),
    "cos": Function(1, lambda m, a: m.cos(a)),
    "tan": Function(1, lambda m, a: m.tan(a)),
    "asin": Function(1, lambda m, a: m.arcsin(a)),
    "acos": Function(1, lambda m, a: m.arccos(a)),
    "atan": Function(1, lambda m, a: m.arctan(a)),
    "sinh": Function(1, lambda m, a: m.sinh(a)),
    "cosh": Function(1, lambda m, a: m.cosh(a)),
    "tanh": Function(1, lambda m, a: m.tanh(a)),
    "asinh": Function(1, lambda m, a: m.arcsinh(a)),
    "acosh": Function(1, lambda m, a: m.arccosh(a)),
    "atanh": Function(1, lambda m, a: m.arctanh(a)),
    "exp": Function(1, lambda m, a: m.exp(a)),
    "log": Function(1, lambda m, a: m.log(a)),
    "log2": Function(1, lambda m, a: m.log2(a)),
    "log10": Function(1, lambda m, a: m.log10(a)),
    "sqrt": Function(1, lambda m, a: _root(m, a, m.sqrt)),
    "cbrt": Function(1, lambda m, a: _root(m, a, m.cbrt)),
    "abs": Function(1, lambda m, a: a * m.sign(a)),
    "sign": Function(1, lambda m, a: m.sign(a)),
    "floor": Function(1, lambda m, a: m.floor(a)),
    "ceil": Function(1, lambda m, a: m.ceil(a)),
    "sigmoid": Function(1, _sigmoid),
    "erf": Function(1, _erf),
    "sinc": Function(1, lambda m, a: lean.sinc_of(m, a) if m is np else lean.sinc(a)),
    "min": Function(2, lambda m, *ab: reduce(m.minimum, ab), more=True),
    "max": Function(2, lambda m, *ab: reduce(m.maximum, ab), more=True),
    "mod": Function(2, lambda m, a, b: m.mod(a, b)),
    "atan2": Function(2, lambda m, a, b: m.arctan2(a, b)),
    "hypot": Function(2, _hypot),
    "pow": Function(2, power),
    "where": Function(3, _chosen, chooses=True),
}
CONDITIONS: Mapping[str, Function] = {
    "<": Function(2, lambda m, a, b: m.less(a, b)),
    ">": Function(2, lambda m, a, b: m.greater(a, b)),
    "<=": Function(2, lambda m, a, b: m.less_equal(a, b)),
    ">=": Function(2, lambda m, a, b: m.greater_equal(a, b)),
    "==": Function(2, lambda m, a, b: m.equal(a, b)),
    "!=": Function(2, lambda m, a, b: m.not_equal(a, b)),
    "and": Function(2, _both),
    "or": Function(2, _either),
    "not": Function(1, _not),
}
"""What a value is chosen by."""

ALIASES = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "sgn": "sign",
    "power": "pow",
    "minimum": "min",
    "maximum": "max",
}
CONSTANTS = {"pi": math.pi, "e": math.e}
NAMES = ("x", "y", *CONSTANTS)
SUM = "sum"
KNOWN = (*NAMES, *FUNCTIONS, *ALIASES, SUM)

REWRITTEN = {
    "sec": lambda a: Binary("/", Number(1.0), Call("cos", (a,))),
    "csc": lambda a: Binary("/", Number(1.0), Call("sin", (a,))),
    "cot": lambda a: Binary("/", Number(1.0), Call("tan", (a,))),
    "sech": lambda a: Binary("/", Number(1.0), Call("cosh", (a,))),
    "csch": lambda a: Binary("/", Number(1.0), Call("sinh", (a,))),
    "coth": lambda a: Binary("/", Number(1.0), Call("tanh", (a,))),
    "relu": lambda a: Call("max", (a, Number(0.0))),
    "step": lambda a: Binary(
        "/", Binary("+", Number(1.0), Call("sign", (a,))), Number(2.0)
    ),
    "square": lambda a: Binary("^", a, Number(2.0)),
}
"""Functions of one value that are read as others; a step is 1/2 where it jumps."""

ELSEWHERE = {
    "sqr": "x^2",
    "erfc": "1 - erf(x)",
    "lg": "log10(x) or log2(x)",
    "lb": "log2(x)",
    "ld": "log2(x)",
    "fmod": "mod(x, y)",
    "fabs": "abs(x)",
    "heaviside": "step(x)",
    "frac": "x - floor(x)",
    "round": "floor(x + 0.5)",
    "softplus": "log(1 + exp(x))",
    "logistic": "sigmoid(x)",
    "norm": "hypot(x, y)",
    "r": "hypot(x, y)",
}
"""Names that are known elsewhere, and what says the same here."""

KINKED = frozenset("abs sign floor ceil min max mod sqrt cbrt hypot where".split())
"""Functions whose gradient may jump."""
