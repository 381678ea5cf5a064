"""A tree in plain characters: as it is typed, and as Python."""

from surfaces.formula.nodes import (
    BINDS,
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    binding,
)


def text(node: Node, above: int = 0) -> str:
    """A node as it is typed, in parentheses unless it binds tighter than that."""
    if binding(node) <= above:
        return f"({text(node)})"
    match node:
        case Number(value):
            return digits(value)
        case Name(name):
            return name
        case Negative(operand):
            return f"-{text(operand, 2)}"
        case Binary("^", left, right):
            return f"{text(left, 4)}^{text(right, 2)}"
        case Binary(operator, left, right):
            tight = BINDS[operator]
            joint = f" {operator} " if tight == 1 else operator
            return f"{text(left, tight - 1)}{joint}{text(right, tight)}"
        case Call("<" | ">" | "<=" | ">=" | "==" | "!=" as sign, (left, right)):
            return f"{text(left)} {sign} {text(right)}"
        case Call(name, values):
            return f"{name}({', '.join(map(text, values))})"


def digits(value: float) -> str:
    """A number with no more digits than it needs."""
    mantissa, _, exponent = repr(value).removesuffix(".0").partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


_NUMPY = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "min": "minimum",
    "max": "maximum",
}
"""What NumPy calls a function differently."""


def python(node: Node, module: str = "np", above: int = 0) -> str:
    """A node as an expression of Python, for NumPy or what has its functions.

    Args:
        node: The node.
        module: The name under which the module is imported.
        above: How tightly what stands around it binds.
    """
    if binding(node) <= above:
        return f"({python(node, module)})"
    match node:
        case Number(value):
            return digits(value)
        case Name("pi" | "e" as name):
            return f"{module}.{name}"
        case Name(name):
            return name
        case Negative(operand):
            return f"-{python(operand, module, 2)}"
        case Binary("^", left, right):
            return f"{python(left, module, 4)} ** {python(right, module, 2)}"
        case Binary(operator, left, right):
            tight = BINDS[operator]
            first = python(left, module, tight - 1)
            return f"{first} {operator} {python(right, module, tight)}"
        case Call("pow", (left, right)):
            return python(Binary("^", left, right), module, above)
        case Call("sigmoid", (value,)):
            one, exponential = Number(1.0), Call("exp", (Negative(value),))
            sigmoid = Binary("/", one, Binary("+", one, exponential))
            return python(sigmoid, module, above)
        case Call(name, (first, *others)):
            called = f"{module}.{_NUMPY.get(name, name)}"
            written = python(first, module)
            if not others:
                return f"{called}({written})"
            for other in others:
                written = f"{called}({written}, {python(other, module)})"
            return written
    raise TypeError(f"{node!r} is no part of a formula")
