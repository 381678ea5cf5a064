"""A formula as a list of steps, for the player to draw (player/postfix.js).

A step is a number, the name of a value, or a function with how many of the values
before it that takes: `a*tanh(b*x)` is a, b, x, "*~2", "tanh~1", "*~2".
"""

from collections.abc import Iterator, Mapping

from surfaces.formula.functions import CONSTANTS
from surfaces.formula.nodes import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    parts,
    written_out,
)

KNOWN = frozenset(
    "neg + - * / ^ pow sigmoid mod sin cos tan asin acos atan sinh cosh tanh exp log "
    "log2 log10 sqrt cbrt abs sign floor ceil min max atan2 hypot asinh acosh atanh "
    "where < > <= >= == != and or not sinc nonzero".split()
)
"""What the player computes; a test holds it to this."""


def postfix(node: Node, names: Mapping[str, str]) -> list[float | str] | None:
    """The steps of a formula.

    Args:
        node: Its tree.
        names: What the player calls each of its names.

    Returns:
        None where something in it is not drawn.
    """
    try:
        return list(_steps(node, names))
    except LookupError:
        return None


def _steps(node: Node, names: Mapping[str, str]) -> Iterator[float | str]:
    match node:
        case Number(value):
            yield value
            return
        case Name(name):
            yield CONSTANTS[name] if name in CONSTANTS else names[name]
            return
        case Sum():
            yield from _steps(written_out(node), names)
            return
    values = parts(node)
    for part in values:
        yield from _steps(part, names)
    match node:
        case Negative():
            name = "neg"
        case Binary(operator):
            name = operator
        case Call(called):
            name = called
        case _:
            name = ""
    if name not in KNOWN:
        raise LookupError(name)
    yield f"{name}~{len(values)}"
