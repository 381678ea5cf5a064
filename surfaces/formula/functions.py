"""The functions and constants that may be named in a formula, and their numerics."""

import math
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

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
    "min": Function(2, lambda m, *ab: reduce(m.minimum, ab), more=True),
    "max": Function(2, lambda m, *ab: reduce(m.maximum, ab), more=True),
    "mod": Function(2, lambda m, a, b: m.mod(a, b)),
    "atan2": Function(2, lambda m, a, b: m.arctan2(a, b)),
    "hypot": Function(2, _hypot),
    "pow": Function(2, power),
}
ALIASES = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "sgn": "sign",
    "power": "pow",
    "minimum": "min",
    "maximum": "max",
}
CONSTANTS = {"pi": math.pi, "e": math.e}
NAMES = ("x", "y", *CONSTANTS)
KNOWN = (*NAMES, *FUNCTIONS, *ALIASES)

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
    "asinh": "log(x + sqrt(x^2 + 1))",
    "acosh": "log(x + sqrt(x^2 - 1))",
    "atanh": "log((1 + x)/(1 - x))/2",
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

KINKED = frozenset(
    {"abs", "sign", "floor", "ceil", "min", "max", "mod", "sqrt", "cbrt", "hypot"}
)
"""Functions whose gradient may jump."""
