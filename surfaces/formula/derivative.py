"""Derivatives of formulas, as formulas: exact, and of any order.

Where a function has a kink or is infinitely steep its derivative is as `Expression`
says: the middle one, or 0. To say so the language has one more word here, which cannot
be typed: `nonzero(a)` is a, and 1 where a is 0.
"""

import math
from collections.abc import Mapping

import numpy as np

from surfaces.formula.evaluation import evaluate
from surfaces.formula.functions import CONDITIONS, CONSTANTS, FUNCTIONS
from surfaces.formula.nodes import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    parts,
    words,
    written_out,
)
from surfaces.lean import NEAR, SINC

NONZERO = "nonzero"

Definitions = tuple[tuple[str, Node], ...]
"""Names for parts of a formula; each may use those before it."""

_ZERO, _ONE, _TWO = Number(0.0), Number(1.0), Number(2.0)
_FIXED = {*CONSTANTS, *FUNCTIONS, *CONDITIONS}


def constant(node: Node) -> float | None:
    """The value of a tree without variables and parameters; None of any other."""
    if not words(node) <= _FIXED:
        return None
    return float(evaluate(node, {}, np))


def derivative(
    definitions: Definitions, node: Node, by: str
) -> tuple[Definitions, Node]:
    """The derivative of a formula by one of its variables.

    Args:
        definitions: Of the formula.
        node: Its tree.
        by: The variable.

    Returns:
        The definitions and what else the derivative needs, and its tree. The
        derivative of u by x is named u_x.
    """
    slopes: dict[str, Node] = {by: _ONE}
    found: list[tuple[str, Node]] = []
    for name, part in definitions:
        found.append((name, part))
        slope = _slope(part, slopes)
        if slope == _ZERO:
            continue
        slopes[name] = slope
        if not isinstance(slope, Number):
            slopes[name] = Name(f"{name}_{by}")
            found.append((f"{name}_{by}", slope))
    return tuple(found), _slope(node, slopes)


def _slope(node: Node, slopes: Mapping[str, Node]) -> Node:
    match node:
        case Number():
            return _ZERO
        case Name(name):
            return slopes.get(name, _ZERO)
        case Negative(operand):
            return _minus(_slope(operand, slopes))
        case Binary("^", base, exponent) | Call("pow", (base, exponent)):
            return _of_power(base, exponent, slopes)
        case Binary(operator, left, right):
            a, b = _slope(left, slopes), _slope(right, slopes)
            if operator == "+":
                return _plus(a, b)
            if operator == "-":
                return _plus(a, _minus(b))
            if operator == "*":
                return _plus(_times(a, right), _times(left, b))
            return _plus(
                _over(a, right), _minus(_over(_times(left, b), _power(right, 2.0)))
            )
        case Call("log", (Call("sigmoid", (inner,)),)):
            # sigmoid'/sigmoid would be 0/0 where the sigmoid underflows.
            falling = Binary("-", _ONE, Call("sigmoid", (inner,)))
            return _times(falling, _slope(inner, slopes))
        case Call("where", (condition, a, b)):
            return _chosen(condition, _slope(a, slopes), _slope(b, slopes))
        case Sum(index, first, last, term):
            if _raises(term, index):
                # Of x^k at k = 0 it is 0, which is seen only once k is a number.
                return _slope(written_out(node), slopes)
            slope = _slope(term, slopes)
            return slope if slope == _ZERO else Sum(index, first, last, slope)
        case Call(name, values):
            return _of_call(name, values, slopes)


def _raises(node: Node, index: str) -> bool:
    """Whether an index occurs in an exponent."""
    match node:
        case Binary("^", base, exponent) | Call("pow", (base, exponent)):
            return index in words(exponent) or _raises(base, index)
    return any(_raises(part, index) for part in parts(node))


def _chosen(condition: Node, a: Node, b: Node) -> Node:
    return a if a == b else Call("where", (condition, a, b))


def _of_power(base: Node, exponent: Node, slopes: Mapping[str, Node]) -> Node:
    a, b = _slope(base, slopes), _slope(exponent, slopes)
    n = constant(exponent)
    if n is not None and 0 < n < 1:
        # A root, which is flat at zero.
        outer = _over(Binary("^", base, exponent), Call(NONZERO, (base,)))
        return _times(_times(exponent, outer), a)
    if n is not None:
        return _times(_times(Number(n) if n >= 0 else exponent, _power(base, n - 1)), a)
    lower = Binary("^", base, Binary("-", exponent, _ONE))
    along = _times(_times(exponent, lower), a)
    if b == _ZERO:
        return along
    number = constant(base)
    log = (
        Call("log", (base if number else Call(NONZERO, (base,)),))
        if base != Name("e")
        else _ONE
    )
    return _plus(along, _times(_times(Binary("^", base, exponent), log), b))


def _of_call(name: str, values: tuple[Node, ...], slopes: Mapping[str, Node]) -> Node:
    first, *others = values
    if not others:
        return _times(_outer(name, first), _slope(first, slopes))
    if len(others) > 1:
        # The smallest of three is the smaller of the smaller two and the third.
        first = Call(name, values[:-1])
    a, b = first, others[-1]
    da, db = _slope(a, slopes), _slope(b, slopes)
    match name:
        case "min" | "max":
            sign = Call("sign", (_plus(a, _minus(b)),))
            more, less = Binary("+", _ONE, sign), Binary("-", _ONE, sign)
            if name == "min":
                more, less = less, more
            return _over(_plus(_times(more, da), _times(less, db)), _TWO)
        case "mod":
            whole = Call("floor", (Binary("/", a, b),))
            return _plus(da, _minus(_times(whole, db)))
        case "atan2":
            across = _plus(_times(b, da), _minus(_times(a, db)))
            return _over(across, Binary("+", _power(a, 2.0), _power(b, 2.0)))
        case "hypot":
            length = Call(NONZERO, (Call("hypot", (a, b)),))
            return _over(_plus(_times(a, da), _times(b, db)), length)
    raise TypeError(f"{name} has no derivative here")


def _outer(name: str, a: Node) -> Node:
    """The derivative of a function of one value, at that value."""

    def call(other: str) -> Node:
        return Call(other, (a,))

    square = _power(a, 2.0)
    match name:
        case "sin":
            return call("cos")
        case "cos":
            return _minus(call("sin"))
        case "tan":
            return Binary("+", _ONE, _power(call("tan"), 2.0))
        case "asin":
            return _over(_ONE, Call("sqrt", (Binary("-", _ONE, square),)))
        case "acos":
            return _minus(_over(_ONE, Call("sqrt", (Binary("-", _ONE, square),))))
        case "atan":
            return _over(_ONE, Binary("+", _ONE, square))
        case "sinh":
            return call("cosh")
        case "cosh":
            return call("sinh")
        case "tanh":
            return Binary("-", _ONE, _power(call("tanh"), 2.0))
        case "asinh":
            return _over(_ONE, Call("sqrt", (Binary("+", square, _ONE),)))
        case "acosh":
            return _over(_ONE, Call("sqrt", (Binary("-", square, _ONE),)))
        case "atanh":
            return _over(_ONE, Binary("-", _ONE, square))
        case "erf":
            bell = Call("exp", (Negative(square),))
            return _times(Number(2 / math.sqrt(math.pi)), bell)
        case "sinc":
            return _of_sinc(a)
        case "exp":
            return call("exp")
        case "log":
            return _over(_ONE, a)
        case "log2" | "log10":
            return _over(Number(1 / math.log(float(name[3:]))), a)
        case "sqrt" | "cbrt":
            times = 2.0 if name == "sqrt" else 3.0
            return _over(call(name), _times(Number(times), call(NONZERO)))
        case "abs":
            return call("sign")
        case "sign" | "floor" | "ceil":
            return _ZERO
        case "sigmoid":
            return _times(call("sigmoid"), Binary("-", _ONE, call("sigmoid")))
        case "nonzero":
            return _ONE
    raise TypeError(f"{name} has no derivative here")


def _of_sinc(a: Node) -> Node:
    """(cos a - sinc a)/a, and beside 0 its series, which there is right to rounding."""
    far = Binary("-", Call("cos", (a,)), Call("sinc", (a,)))
    near: Node = _ZERO
    for k, coefficient in enumerate(SINC):
        slope = 2.0 * k * coefficient
        term = _times(Number(abs(slope)), _power(a, 2.0 * k - 1))
        near = _plus(near, term if slope > 0 else _minus(term))
    beside = Call("<", (Call("abs", (a,)), Number(NEAR)))
    return Call("where", (beside, near, _over(far, Call(NONZERO, (a,)))))


# -- arithmetic that leaves out what does nothing -------------------------------------


def _minus(a: Node) -> Node:
    match a:
        case Number(0.0):
            return a
        case Negative(operand):
            return operand
    return Negative(a)


def _plus(a: Node, b: Node) -> Node:
    if a == _ZERO:
        return b
    if b == _ZERO:
        return a
    if isinstance(b, Negative):
        return Binary("-", a, b.operand)
    if isinstance(a, Negative):
        return Binary("-", b, a.operand)
    return Binary("+", a, b)


def _times(a: Node, b: Node) -> Node:
    match a, b:
        case (Number(0.0), _) | (_, Number(0.0)):
            return _ZERO
        case Number(1.0), _:
            return b
        case _, Number(1.0):
            return a
        case Negative(operand), _:
            return _minus(_times(operand, b))
        case _, Negative(operand):
            return _minus(_times(a, operand))
        case Number(m), Number(n):
            return Number(m * n)
        case Number(m), Binary("*", Number(n), rest):
            return Binary("*", Number(m * n), rest)
        case _, Number():
            return _times(b, a)
    return Binary("*", a, b)


def _over(a: Node, b: Node) -> Node:
    match a, b:
        case (Number(0.0), _) | (_, Number(1.0)):
            return a
        case Negative(operand), _:
            return _minus(_over(operand, b))
        case Binary("*", Number(m), rest), Number(n) if n and m % n == 0:
            return _times(Number(m / n), rest)
    return Binary("/", a, b)


def _power(base: Node, exponent: float) -> Node:
    if exponent == 0:
        return _ONE
    if exponent == 1:
        return base
    power = Number(abs(exponent))
    return Binary("^", base, power if exponent > 0 else Negative(power))
