"""The tree that a formula is."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce


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


@dataclass(frozen=True)
class Sum:
    """A sum over whole numbers, both ends included."""

    index: str
    first: int
    last: int
    term: "Node"


Node = Number | Name | Negative | Binary | Call | Sum

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
        case Sum(_, _, _, term):
            return (term,)
    return ()


def written_out(total: Sum) -> Node:
    """A sum as its terms, each with the number in the place of the index."""
    terms = [
        replaced(total.term, total.index, _whole(k))
        for k in range(total.first, total.last + 1)
    ]
    return reduce(lambda a, b: Binary("+", a, b), terms)


def _whole(number: int) -> Node:
    size = Number(float(abs(number)))
    return Negative(size) if number < 0 else size


def replaced(node: Node, name: str, by: Node) -> Node:
    """A tree with another in the place of a name."""
    match node:
        case Name(own):
            return by if own == name else node
        case Negative(operand):
            return Negative(replaced(operand, name, by))
        case Binary(operator, left, right):
            return Binary(operator, replaced(left, name, by), replaced(right, name, by))
        case Call(called, values):
            return Call(called, tuple(replaced(each, name, by) for each in values))
        case Sum(index, first, last, term) if index != name:
            return Sum(index, first, last, replaced(term, name, by))
    return node


def size(nodes: Iterable[Node]) -> int:
    """The parts of trees; what they share counts as often as it is written."""
    # By identity: to compare trees would take as long as to write them.
    sizes: dict[int, int] = {}

    def of(node: Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 1 + sum(map(of, parts(node)))
        return sizes[id(node)]

    return sum(map(of, nodes))


def words(node: Node) -> set[str]:
    """The variables, constants and functions that occur in a tree."""
    if isinstance(node, Sum):
        return words(node.term) - {node.index}
    own = {node.name} if isinstance(node, Name | Call) else set()
    return own.union(*map(words, parts(node)))
