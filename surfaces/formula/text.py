"""A tree in plain characters: as it is typed, and as Python."""

from surfaces.formula.nodes import (
    BINDS,
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Sum,
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
        case Call("and" | "or" as joint, values):
            return f" {joint} ".join(map(_alone, values))
        case Call("not", (value,)):
            return f"not {_alone(value)}"
        case Call(name, values):
            return f"{name}({', '.join(map(text, values))})"
        case Sum(index, first, last, term):
            return f"sum({index}, {first}, {last}, {text(term)})"


def _alone(condition: Node) -> str:
    """A condition beside others: what is made of several stands in parentheses."""
    joined = isinstance(condition, Call) and condition.name in ("and", "or", "not")
    return f"({text(condition)})" if joined else text(condition)


def digits(value: float) -> str:
    """A number with no more digits than it needs."""
    mantissa, _, exponent = repr(value).removesuffix(".0").partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


_NUMPY = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "atan2": "arctan2",
    "min": "minimum",
    "max": "maximum",
}
"""What NumPy calls a function differently."""


def python(node: Node, module: str = "np", above: int = 0) -> str:
    """A node as an expression of Python, for NumPy or what has its functions.

    No such library has an erf by that name: it is left to be imported, from SciPy.

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
        case Call("and" | "or" | "not" as name, values):
            each = ", ".join(python(value, module) for value in values)
            return f"{module}.logical_{name}({each})"
        case Call(name, (left, right)) if not name.isidentifier():
            return f"{python(left, module)} {name} {python(right, module)}"
        case Call("where", values):
            each = ", ".join(python(value, module) for value in values)
            return f"{module}.where({each})"
        case Call("sinc", (value,)):
            # NumPy's has pi in it.
            return f"{module}.sinc({python(value, module, 2)} / {module}.pi)"
        case Call("erf", (value,)):
            return f"erf({python(value, module)})"
        case Sum(index, first, last, term):
            numbers = f"range({first}, {last + 1})"
            return f"sum({python(term, module)} for {index} in {numbers})"
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
