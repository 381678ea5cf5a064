"""Why a formula has no finite value at a point: log of a negative number, and the like.

The reason is the innermost part that has no finite value though all that it is made of
has one. Only parts that matter are looked into: atan(1/x) has a value at 0.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from surfaces.formula import Expression
from surfaces.formula.evaluation import evaluate
from surfaces.formula.nodes import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Sum,
    parts,
    written_out,
)

MOST = 2000
"""Points that are looked at: of more, as many evenly among them."""

_MOST_GAPS = 2
_FEW = 0.05
"""The part of the points that need no reason of their own."""

_NEAREST = 12
_DECIMALS = (-1, 0, 1, 3, math.inf)
"""More and more exact, where a rounded point has a value."""

Points = Float[np.ndarray, " n"]
Where = Bool[np.ndarray, " n"]
Fault = tuple[Callable[..., Any], str]


class Gap(NamedTuple):
    """Why there is no value, and a point at which that is so."""

    why: str
    at: tuple[float, float]


def gaps(
    expression: Expression, x: Points, y: Points, values: Mapping[str, float]
) -> tuple[list[Gap], bool]:
    """Why a formula has no finite value at points that have none.

    Args:
        expression: The formula.
        x: Of the points.
        y: Likewise.
        values: Of its parameters.

    Returns:
        The reasons that hold at most of the points, at most two, and whether nearly all
        of the points have one of them.
    """
    stride = -(-len(x) // MOST) or 1
    x, y = x[::stride], y[::stride]
    reasons = _reasons(expression, x, y, values)
    left, found = np.ones(len(x), bool), []
    for _ in range(_MOST_GAPS):
        why = max(reasons, key=lambda one: (reasons[one] & left).sum(), default="")
        if not why or (reasons[why] & left).sum() <= _FEW * len(x):
            break
        shown = reasons[why] & left
        found.append(
            Gap(why, _round_point(expression, x[shown], y[shown], values, why))
        )
        left &= ~shown
    return found, bool(left.sum() <= _FEW * len(x))


def _reasons(
    expression: Expression, x: Points, y: Points, values: Mapping[str, float]
) -> dict[str, Where]:
    """By reason, at which of the points it holds."""
    found: dict[str, Where] = {}
    with np.errstate(all="ignore"):
        for why, where in _Search(expression, x, y, values).reasons():
            found[why] = found.get(why, np.zeros(len(x), bool)) | where
    return found


def _round_point(
    expression: Expression, x: Points, y: Points, values: Mapping[str, float], why: str
) -> tuple[float, float]:
    """One of some points, or one with fewer digits where the reason holds as well."""
    nearest = np.argsort(np.hypot(x - x.mean(), y - y.mean()), kind="stable")[:_NEAREST]
    right, up = _decimals(x), _decimals(y)
    tried = [
        (_rounded(float(x[k]), right + more), _rounded(float(y[k]), up + more))
        for more in _DECIMALS
        for k in nearest
    ]
    across, upward = np.array(tried).T
    holds = _reasons(expression, across, upward, values)[why]
    return tried[int(np.argmax(holds))]


def _decimals(values: Points) -> float:
    """How many decimals distinguish points that differ by tenths of their range."""
    span = float(np.ptp(values)) or float(np.abs(values).max()) or 1.0
    return 1 - math.floor(math.log10(span))


def _rounded(value: float, decimals: float) -> float:
    return (round(value, int(decimals)) if math.isfinite(decimals) else value) + 0.0


class _Search:
    """Looks for the parts of a formula that have no value at some points."""

    def __init__(
        self, expression: Expression, x: Points, y: Points, values: Mapping[str, float]
    ) -> None:
        self.node = expression.node
        self.definitions = dict(expression.definitions)
        self.known: dict[str, Any] = {"x": x, "y": y}
        self.known |= {name: np.asarray(value) for name, value in values.items()}
        for name, node in reversed(expression.definitions):
            self.known[name] = evaluate(node, self.known, np)
        self.shape = x.shape

    def reasons(self) -> Iterator[tuple[str, Where]]:
        """The reasons, and at which points each holds."""
        return self.within(self.node, ~np.isfinite(self.value(self.node)))

    def value(self, node: Node) -> Points:
        return np.broadcast_to(evaluate(node, self.known, np), self.shape)

    def parts(self, node: Node) -> tuple[Node, ...]:
        match node:
            case Name(name) if name in self.definitions:
                return (self.definitions[name],)
            case Negative() | Binary() | Call():
                return parts(node)
            case Sum():
                return (written_out(node),)
        return ()

    def taken(self, node: Node, where: Where) -> tuple[Where, ...]:
        """At which of some points each part counts: of a choice, what is chosen."""
        match node:
            case Call("where", (condition, _, _)):
                first = self.value(condition) != 0
                return where, where & first, where & ~first
        return (where,) * len(self.parts(node))

    def within(self, node: Node, where: Where) -> Iterator[tuple[str, Where]]:
        """Why a part has no value at some points, at all of which it has none."""
        if not where.any():
            return
        own, values = where, []
        for part, taken in zip(self.parts(node), self.taken(node, where), strict=True):
            values.append(self.value(part))
            missing = taken & ~np.isfinite(values[-1])
            own = own & ~missing
            yield from self.within(part, missing)
        for applies, why in _FAULTS.get(_name(node), ()):
            found = own & applies(*values)
            own = own & ~found
            if found.any():
                yield why, found
        if own.any():
            yield _TOO_LARGE if _name(node) in _GROWING else _NONE, own


def _name(node: Node) -> str:
    match node:
        case Binary(operator):
            return operator
        case Call(name):
            return name
    return ""


def _log(name: str) -> tuple[Fault, ...]:
    return (
        (lambda a: a < 0, f"{name} of a negative number"),
        (lambda a: a == 0, f"{name} of zero"),
    )


def _arc(name: str) -> tuple[Fault, ...]:
    return ((lambda a: abs(a) > 1, f"{name} of a number outside −1 to 1"),)


_TOO_LARGE, _NONE = "a number too large for 64 bits", "a part without a value"
_BY_ZERO = "division by zero"
_POWER: tuple[Fault, ...] = (
    (lambda a, b: (a == 0) & (b < 0), "zero to a negative power"),
    (lambda a, b: (a < 0) & (b % 1 != 0), "a fractional power of a negative number"),
)
_FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "/": ((lambda _, b: b == 0, _BY_ZERO),),
    "mod": ((lambda _, b: b == 0, _BY_ZERO),),
    "^": _POWER,
    "pow": _POWER,
    **{name: _log(name) for name in ("log", "log2", "log10")},
    **{name: _arc(name) for name in ("asin", "acos")},
    "sqrt": ((lambda a: a < 0, "square root of a negative number"),),
    "acosh": ((lambda a: a < 1, "acosh of a number below 1"),),
    "atanh": ((lambda a: abs(a) >= 1, "atanh of a number not between −1 and 1"),),
}
"""By operator or function: of which values it has none, and that in words."""
_GROWING = frozenset({"+", "-", "*", "/", "^", "pow", "exp", "sinh", "cosh", "hypot"})
"""Which of them have a value everywhere else, but for its size."""
