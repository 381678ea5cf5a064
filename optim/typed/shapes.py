"""What a value of a rule is, a number, a vector or a matrix, and what may join."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from surfaces.formula.errors import FormulaError
from surfaces.formula.functions import CONDITIONS, Function
from surfaces.formula.functions import FUNCTIONS as PLAIN
from surfaces.formula.nodes import Binary, Call, Name, Negative, Node, Number, parts

if TYPE_CHECKING:
    from optim.typed.reading import Line

Shape = Literal["number", "vector", "matrix", "unknown"]

SIZES: Mapping[str, tuple[int, ...]] = {"number": (), "vector": (2,), "matrix": (2, 2)}


def dot(m: Any, a: Any, b: Any) -> Any:
    """The product of two vectors, or of a matrix and a vector; written out."""
    first = a[..., 0] * b[0]
    return first + a[..., 1] * b[1]


def norm(m: Any, a: Any) -> Any:
    """The length of a vector."""
    return PLAIN["sqrt"].apply(m, dot(m, a, a))


def solve(m: Any, a: Any, b: Any) -> Any:
    """The vector that a matrix takes to b, by Cramer's rule."""
    det = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
    x = a[1, 1] * b[0] - a[0, 1] * b[1]
    y = a[0, 0] * b[1] - a[1, 0] * b[0]
    return m.stack([x / det, y / det])


def _of_the_loss(m: Any, at: Any) -> Any:
    raise AssertionError("step.py puts the loss in its place")


OF_THE_LOSS = ("f", "grad", "hess")

FUNCTIONS: Mapping[str, Function] = {
    **PLAIN,
    **CONDITIONS,
    "dot": Function(2, dot),
    "norm": Function(1, norm),
    "solve": Function(2, solve),
    "f": Function(1, _of_the_loss),
    "grad": Function(1, _of_the_loss),
    "hess": Function(1, _of_the_loss),
}
"""All functions of a rule. `f` is a name, and a function where parentheses follow."""

KNOWN: Mapping[str, Shape] = {
    "w": "vector", "g": "vector", "t": "number", "f": "number",
    "rand": "vector", "randn": "vector", "eye": "matrix", "pi": "number", "e": "number",
}  # fmt: skip

_CALLS: Mapping[str, tuple[tuple[Shape, ...], Shape]] = {
    "f": (("vector",), "number"),
    "norm": (("vector",), "number"),
    "grad": (("vector",), "vector"),
    "hess": (("vector",), "matrix"),
    "solve": (("matrix", "vector"), "vector"),
}
"""What these take, and what they give."""


def looks(node: Node) -> int:
    """How often a tree asks for the loss, its gradient or its Hessian elsewhere."""
    own = isinstance(node, Call) and node.name in OF_THE_LOSS
    return own + sum(map(looks, parts(node)))


def shaped(lines: "list[Line]", hypers: set[str]) -> "list[Line]":
    """The lines with their shapes.

    Raises:
        FormulaError: Where what cannot be joined is joined.
    """
    own = [line.name for line in lines]
    found: dict[str, Shape] = {**KNOWN}
    found.update({name: "number" for name in hypers})
    # The line of w is what the point becomes, and g may have a line of its own.
    found.update({name: "unknown" for name in own if name != "w"})
    # Memory has the shape of what is remembered: once around for each line is enough.
    for _ in range(len(lines) + 1):
        for line in lines:
            at = _shape(line.node, found, line.number)
            if line.name == "w":
                _check_point(at, line.number)
            else:
                found[line.name] = at
    for name in own:
        if found[name] == "unknown":
            found[name] = "number"
    for line in lines:
        _shape(line.node, found, line.number)
    return [replace(line, shape=found[line.name]) for line in lines]


def _check_point(shape: Shape, number: int) -> None:
    if shape in ("number", "matrix"):
        raise FormulaError(f"line {number} makes a {shape} of w, which is a vector")


def _shape(node: Node, found: Mapping[str, Shape], number: int) -> Shape:
    match node:
        case Number():
            return "number"
        case Name(name):
            return found[name]
        case Negative(operand):
            return _shape(operand, found, number)
    each: list[Shape] = [_shape(part, found, number) for part in parts(node)]
    if isinstance(node, Call) and node.name == "dot":
        return _dot(each, number)
    if isinstance(node, Call) and node.name in _CALLS:
        takes, gives = _CALLS[node.name]
        if any(a not in (b, "unknown") for a, b in zip(each, takes, strict=True)):
            raise FormulaError(
                f"line {number}: {node.name} takes a {' and a '.join(takes)}, not a "
                f"{' and a '.join(each)}"
            )
        return gives
    joined: set[Shape] = set(each) - {"number", "unknown"}
    # What is added to each entry of a matrix is hardly what was meant.
    adds = isinstance(node, Binary) and node.operator in "+-" and "number" in each
    if "matrix" in joined and adds:
        raise FormulaError(
            f"line {number} adds a number to a matrix; write it times eye, the matrix "
            "with 1 on its diagonal"
        )
    if len(joined) > 1:
        what = (
            "for their product write dot(A, v)"
            if isinstance(node, Binary) and node.operator == "*"
            else "allowed are values of the same kind, and numbers"
        )
        raise FormulaError(f"line {number} joins a vector and a matrix; {what}")
    if joined:
        return joined.pop()
    return "unknown" if "unknown" in each else "number"


def _dot(each: list[Shape], number: int) -> Shape:
    first, second = each
    if first == "number" or second in ("number", "matrix"):
        raise FormulaError(
            f"line {number}: dot takes two vectors, or a matrix and a vector, not a "
            f"{first} and a {second}"
        )
    if first == "unknown":
        return "unknown"
    return "number" if first == "vector" else "vector"
