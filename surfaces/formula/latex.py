r"""A tree in LaTeX, as mathematics is customarily written.

A function of a name, a number or a product of them stands without parentheses, as in
\cos 2 \pi x, unless something follows that could be taken for a part of it. Parentheses
grow only around what is tall. In an exponent a quotient is written with a slash.
"""

import re
from collections.abc import Mapping

from surfaces.formula.nodes import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    binding,
)
from surfaces.formula.text import digits

_COMMANDS = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: rf"\{name}" for name in ("min", "max")},
    "asinh": r"\operatorname{arsinh}",
    "acosh": r"\operatorname{arcosh}",
    "atanh": r"\operatorname{artanh}",
    "erf": r"\operatorname{erf}",
    "sinc": r"\operatorname{sinc}",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "log": r"\ln",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
    "sigmoid": r"\sigma",
    "sign": r"\operatorname{sign}",
    "mod": r"\operatorname{mod}",
    "atan2": r"\operatorname{atan2}",
    "hypot": r"\operatorname{hypot}",
    "f": "f",
    "grad": r"\nabla f",
    "hess": r"\nabla^2 f",
}
"""What stands before the values of a function."""

_BARE = frozenset(
    {"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"}
    | {"log", "log2", "log10"}
)
"""Functions whose value may stand without parentheses."""

_BARE_COMMANDS = tuple(_COMMANDS[name] for name in sorted(_BARE))

_AROUND = {
    "exp": "e^{{{}}}",
    "sqrt": r"\sqrt{{{}}}",
    "cbrt": r"\sqrt[3]{{{}}}",
    "abs": r"\left|{}\right|",
    "norm": r"\left\|{}\right\|",
    "floor": r"\left\lfloor {} \right\rfloor",
    "ceil": r"\left\lceil {} \right\rceil",
}
"""Functions that are written around their value."""

_FENCED = frozenset({"abs", "norm", "floor", "ceil", "where"})

_JOINED = {
    "dot": r"\langle {}, {} \rangle",
    "<": "{} < {}",
    ">": "{} > {}",
    "<=": r"{} \le {}",
    ">=": r"{} \ge {}",
    "==": "{} = {}",
    "!=": r"{} \ne {}",
    "and": r"{} \land {}",
    "or": r"{} \lor {}",
    "not": r"\lnot {}",
    "where": r"\left({1} \text{{ if }} {0} \text{{, else }} {2}\right)",
}
"""Functions that are written between their values."""

_LOGICAL = frozenset({"and", "or", "not"})

_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho "
    "sigma tau upsilon phi chi psi omega".split()
)

_PI = Name("pi")

_ENDS_IN_WORD = re.compile(r"\\mathrm\{[^{}]*\}$")

_TALL = (r"\frac", r"\left", r"\sqrt", ")^")


def latex(node: Node, symbols: Mapping[str, str] | None = None) -> str:
    """A tree in LaTeX.

    Args:
        node: The tree.
        symbols: By name, how names are written, where not as they are.
    """
    return _Printer(symbols or {}).written(node)


def symbol(name: str, symbols: Mapping[str, str]) -> str:
    """How a name is written."""
    if name in symbols:
        return symbols[name]
    if name in _GREEK or name == "pi":
        return rf"\{name}"
    return name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def _bracket(inner: str) -> str:
    tall = any(mark in inner for mark in _TALL)
    return rf"\left({inner}\right)" if tall else f"({inner})"


class _Printer:
    """Prints nodes; `closed` ones end so that anything may stand behind them."""

    def __init__(self, symbols: Mapping[str, str]) -> None:
        self.symbols = symbols
        self.raised = False

    def written(self, node: Node, closed: bool = False) -> str:
        match node:
            case Number(value):
                return self.number(value)
            case Name(name):
                return symbol(name, self.symbols)
            case Negative(operand):
                inner = self.factor(operand, closed)
                return f"-{_bracket(inner) if inner.startswith('-') else inner}"
            case Binary("+" | "-" as operator, left, right):
                inner = self.written(right)
                loose = operator == "-" and binding(right) == 1
                if loose or inner.startswith("-"):
                    inner = _bracket(inner)
                return f"{self.written(left)} {operator} {inner}"
            case Binary("*", left, right):
                return self.product(left, right, closed)
            case Binary("/", left, right):
                return self.quotient(left, right, closed)
            case Binary(_, left, right) | Call("pow", (left, right)):
                return self.power(left, right, closed)
            case Call(name, values):
                return self.call(name, values, closed)
            case Sum():
                return self.total(node)

    def number(self, value: float) -> str:
        mantissa, _, exponent = digits(value).partition("e")
        if not exponent:
            return mantissa
        power = f"10^{{{exponent}}}"
        return power if mantissa == "1" else rf"{mantissa} \cdot {power}"

    def factor(self, node: Node, closed: bool = False) -> str:
        """A node beside which others are written: a sum goes into parentheses."""
        return (
            _bracket(self.written(node))
            if binding(node) == 1 or isinstance(node, Sum)
            else self.written(node, closed)
        )

    def condition(self, node: Node) -> str:
        """A condition beside which others are written."""
        joined = isinstance(node, Call) and node.name in _LOGICAL
        return _bracket(self.written(node)) if joined else self.written(node)

    def total(self, node: Sum) -> str:
        term = self.factor(node.term)
        return (
            rf"\sum_{{{node.index}={node.first}}}^{{{node.last}}} "
            f"{_bracket(term) if term.startswith('-') else term}"
        )

    def product(self, left: Node, right: Node, closed: bool) -> str:
        second = self.factor(right, closed)
        if second.startswith("-"):
            second = _bracket(second)
        called = second.startswith((*_BARE_COMMANDS, "e^{"))
        first = self.factor(left, closed=not called)
        if self.raised and isinstance(left, Binary) and left.operator == "/":
            first = _bracket(first)
        fraction = second.startswith(r"\frac")
        # Letters side by side are a product: a name of several stands by itself.
        worded = second.startswith(r"\mathrm") or _ENDS_IN_WORD.search(first)
        if worded or second[0].isdigit() or (first[-1].isdigit() and fraction):
            return rf"{first} \cdot {second}"
        # A number or a name before a parenthesis is no function of what stands in it,
        # and what stands behind a function is none of its value.
        thin = isinstance(left, Number | Name) and second.startswith(("(", r"\left("))
        thin |= second.startswith("e^{") and self.bare(left)
        return f"{first} \\, {second}" if thin else f"{first} {second}"

    def quotient(self, left: Node, right: Node, closed: bool) -> str:
        if isinstance(left, Negative):
            return f"-{self.factor(Binary('/', left.operand, right), closed)}"
        if not self.raised:
            return rf"\frac{{{self.written(left)}}}{{{self.written(right)}}}"
        over, under = self.factor(left, closed=True), self.factor(right, closed)
        product = isinstance(right, Binary) and right.operator in "*/"
        if product or under.startswith("-"):
            under = _bracket(under)
        return f"{over} / {under}"

    def exponent(self, node: Node) -> str:
        outer, self.raised = self.raised, True
        inner = self.written(node)
        self.raised = outer
        return inner

    def power(self, base: Node, exponent: Node, closed: bool) -> str:
        above = f"^{{{self.exponent(exponent)}}}"
        if isinstance(base, Call) and isinstance(exponent, Number):
            if base.name in _COMMANDS:
                return self.call(base.name, base.values, closed, above)
        inner = self.written(base)
        fenced = isinstance(base, Call) and base.name in _FENCED
        single = isinstance(base, Name | Number) and "^" not in inner
        return (inner if single or fenced else _bracket(inner)) + above

    def call(
        self, name: str, values: tuple[Node, ...], closed: bool, above: str = ""
    ) -> str:
        if name == "exp":
            return _AROUND[name].format(self.exponent(values[0]))
        if name in _AROUND:
            return _AROUND[name].format(self.written(values[0]))
        if name in _JOINED:
            write = self.condition if name in _LOGICAL else self.written
            return _JOINED[name].format(*map(write, values))
        if name == "solve":
            return f"{self.inverse(values[0])} {self.factor(values[1], closed)}"
        command = _COMMANDS[name] + above
        if name in _BARE and not closed and self.plain(values[0]):
            return f"{command} {self.written(values[0])}"
        return command + _bracket(", ".join(map(self.written, values)))

    def inverse(self, node: Node) -> str:
        """The inverse of a matrix."""
        inner = self.written(node)
        return f"{inner if isinstance(node, Name) else _bracket(inner)}^{{-1}}"

    def bare(self, node: Node) -> bool:
        """Whether a factor ends in a value that stands without parentheses."""
        match node:
            case Negative(operand) | Binary("*", _, operand):
                return self.bare(operand)
            case Binary("^", Call(name, values), Number()) | Call(name, values):
                return name in _BARE and self.plain(values[0])
        return False

    def plain(self, node: Node) -> bool:
        """Whether a function may be applied to a node without parentheses."""
        match node:
            case Number() | Name():
                return True
            case Binary("*", left, Name()):
                return left in (_PI, Binary("*", Number(2.0), _PI)) or isinstance(
                    left, Number
                )
            case Binary("/", _, _):
                return not self.raised
        return False
