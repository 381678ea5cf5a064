"""The tree that a formula is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A constant in digits; not negative."""

    value: float


@dataclass(frozen=True)
class Name:
    """A variable, a parameter, or a constant with a name."""

    name: str


@dataclass(frozen=True)
class Negative:
    """Minus something."""

    operand: "Node"


@dataclass(frozen=True)
class Binary:
    """Two nodes joined by one of + - * / ^."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Call:
    """A function of one or more values."""

    name: str
    values: tuple["Node", ...]


Node = Number | Name | Negative | Binary | Call

BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}
"""How tightly each operator joins."""

SIGN_BINDS = 3
"""How tightly a sign does: -x^2 is -(x^2), and 2^-x needs no parentheses."""


def binding(node: Node) -> int:
    """How tightly a node holds together when it is written."""
    if isinstance(node, Binary):
        return BINDS[node.operator]
    return SIGN_BINDS if isinstance(node, Negative) else 5


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes that a node is made of."""
    match node:
        case Negative(operand):
            return (operand,)
        case Binary(_, left, right):
            return left, right
        case Call(_, values):
            return values
    return ()


def words(node: Node) -> set[str]:
    """The variables, constants and functions that occur in a tree."""
    own = {node.name} if isinstance(node, Name | Call) else set()
    return own.union(*map(words, parts(node)))
