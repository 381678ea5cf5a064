r"""Mathematics as a person types it: `x^2 + 3*sin(x*y)`, read, printed, evaluated.

    sum      = product { ("+" | "-") product }
    product  = signed { ("*" | "/") signed }
    signed   = ("-" | "+") signed | power
    power    = value [ ("^" | "**") signed | "²" | "³" ]
    value    = number | name | function "(" sum { "," sum } ")" | "(" sum ")"

So -x^2 is -(x^2) and 2^3^2 is 2^(3^2), as in mathematics and in Python. What may be
named is listed here; nothing that is typed is ever run as code.

Source: V. R. Pratt, Top down operator precedence, POPL (1973) 41-51.
"""

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from surfaces import lean

LONGEST = 200
"""Characters of a formula, spaces aside."""
MOST_NODES = 120
DEEPEST = 30
WHOLE = 64
"""Constant whole exponents up to this one are repeated products."""


class FormulaError(ValueError):
    """What is wrong with a formula, where, and what is allowed, in one sentence."""


@dataclass(frozen=True)
class Number:
    """A constant in digits; not negative."""

    value: float


@dataclass(frozen=True)
class Name:
    """A variable, or a constant with a name."""

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
    """A function of one or two values."""

    name: str
    values: tuple["Node", ...]


Node = Number | Name | Negative | Binary | Call


class Function(NamedTuple):
    """A function that may be typed.

    Attributes:
        arity: How many values it takes.
        apply: Evaluates it: from jax.numpy or numpy, and the values.
        latex: What stands before its values in parentheses; or a function from
            how its values are written to how it is.
    """

    arity: int
    apply: Callable[..., Any]
    latex: str | Callable[..., str]


def _root(m: Any, a: Any, root: Callable[[Any], Any]) -> Any:
    """A root, flat at zero: the slope there is infinite, and so of no use."""
    flat = a == 0
    return m.where(flat, 0.0, root(m.where(flat, 1.0, a)))


def _power(m: Any, base: Any, exponent: Any) -> Any:
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
    "sin": Function(1, lambda m, a: m.sin(a), r"\sin"),
    "cos": Function(1, lambda m, a: m.cos(a), r"\cos"),
    "tan": Function(1, lambda m, a: m.tan(a), r"\tan"),
    "asin": Function(1, lambda m, a: m.arcsin(a), r"\arcsin"),
    "acos": Function(1, lambda m, a: m.arccos(a), r"\arccos"),
    "atan": Function(1, lambda m, a: m.arctan(a), r"\arctan"),
    "sinh": Function(1, lambda m, a: m.sinh(a), r"\sinh"),
    "cosh": Function(1, lambda m, a: m.cosh(a), r"\cosh"),
    "tanh": Function(1, lambda m, a: m.tanh(a), r"\tanh"),
    "exp": Function(1, lambda m, a: m.exp(a), lambda a: f"e^{{{a}}}"),
    "log": Function(1, lambda m, a: m.log(a), r"\ln"),
    "log10": Function(1, lambda m, a: m.log10(a), r"\log_{10}"),
    "sqrt": Function(1, lambda m, a: _root(m, a, m.sqrt), lambda a: rf"\sqrt{{{a}}}"),
    "abs": Function(1, lambda m, a: a * m.sign(a), lambda a: rf"\left|{a}\right|"),
    "sign": Function(1, lambda m, a: m.sign(a), r"\operatorname{sign}"),
    "floor": Function(
        1, lambda m, a: m.floor(a), lambda a: rf"\left\lfloor {a} \right\rfloor"
    ),
    "ceil": Function(
        1, lambda m, a: m.ceil(a), lambda a: rf"\left\lceil {a} \right\rceil"
    ),
    "sigmoid": Function(1, _sigmoid, r"\sigma"),
    "min": Function(2, lambda m, a, b: m.minimum(a, b), r"\min"),
    "max": Function(2, lambda m, a, b: m.maximum(a, b), r"\max"),
    "atan2": Function(2, lambda m, a, b: m.arctan2(a, b), r"\operatorname{atan2}"),
    "hypot": Function(2, _hypot, r"\operatorname{hypot}"),
    # In LaTeX its base may need parentheses: see _latex_power.
    "pow": Function(2, _power, lambda a, b: f"{a}^{{{b}}}"),
}
ALIASES = {"ln": "log"}
CONSTANTS = {"pi": math.pi, "e": math.e}
NAMES = ("x", "y", *CONSTANTS)
KNOWN = (*NAMES, *FUNCTIONS, *ALIASES)

KINKED = frozenset({"abs", "sign", "floor", "ceil", "min", "max", "sqrt", "hypot"})
"""Functions whose gradient may jump."""


@dataclass(frozen=True)
class Expression:
    """A formula of x and y."""

    node: Node

    @cached_property
    def text(self) -> str:
        """The formula in plain characters, from which `parse` makes the same tree."""
        return _text(self.node)

    @cached_property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return _latex(self.node)

    @cached_property
    def words(self) -> frozenset[str]:
        """The variables, constants and functions that occur in it."""
        return frozenset(_words(self.node))

    def evaluate(self, x: Any, y: Any, module: Any = jnp) -> Any:
        """The value, in the shape of x.

        A whole constant exponent is a repeated product, so x^2 and x^3 have their
        gradients at zero and below. Where a function has a kink, its gradient is the
        middle one: 0 at 0 for abs and hypot; min and max share theirs evenly. sqrt and
        other broken powers, infinitely steep at 0 or not, have gradient 0 there. sign,
        floor and ceil have gradient 0 everywhere.

        Args:
            x: An array of float64.
            y: Another of the same shape.
            module: jax.numpy, or numpy to evaluate without compiling anything.
        """
        value = _evaluate(self.node, {"x": x, "y": y}, module)
        return module.broadcast_to(value, module.shape(x))


def parse(text: str) -> Expression:
    """Reads a formula.

    Args:
        text: At most 200 characters besides spaces.

    Raises:
        FormulaError: With one sentence. Positions count from 1 in the text as typed.
    """
    if len("".join(text.split())) > LONGEST:
        raise FormulaError(f"the formula is longer than {LONGEST} characters")
    expression = Expression(_Parser(text).whole())
    if len("".join(expression.text.split())) > LONGEST:
        raise FormulaError(
            f"the formula is longer than {LONGEST} characters once written out as "
            f"{_short(expression.text)}"
        )
    return expression


# -- reading --------------------------------------------------------------------------

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*|π)"
    r"|(?P<mark>\*\*|[-+*/^(),²³−×·⋅÷])"
    r"|(?P<space>[ \t\r\n\u00a0]+)"
)
_MEANT = {"**": "^", "−": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "π": "pi"}
_SQUARES = {"²": 2.0, "³": 3.0}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4, "²": 4, "³": 4}
_SIGN_BINDS = 3


class _Token(NamedTuple):
    kind: str
    text: str
    typed: str
    position: int

    def __str__(self) -> str:
        return f"`{_short(self.typed)}` at position {self.position}"


def _short(text: str) -> str:
    """Typed text, made fit to be quoted in a sentence."""
    tidy = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in text[:31])
    return f"{tidy[:30]}…" if len(tidy) > 30 else tidy


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError(_unexpected_character(text, at))
        if match.lastgroup != "space":
            typed = match[0]
            meant = _MEANT.get(typed, typed)
            tokens.append(_Token(str(match.lastgroup), meant, typed, at + 1))
        at = match.end()
    return [*tokens, _Token("end", "", "", len(text) + 1)]


def _unexpected_character(text: str, at: int) -> str:
    why = f"unexpected `{_short(text[at])}` at position {at + 1}"
    if text[at] in "=<>":
        return f"{why}; write f(x, y) alone, such as x^2 + 3*sin(x*y)"
    if text[at] in "[]{}":
        return f"{why}; write round parentheses"
    return f"{why}; allowed are numbers, names and + - * / ^ ( ) ,"


class _Parser:
    """Reads tokens from left to right; stops at the first that does not fit."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.index = 0
        self.depth = 0
        self.nodes = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def take(self) -> _Token:
        self.index += 1
        return self.tokens[self.index - 1]

    def made(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise FormulaError(f"the formula has more than {MOST_NODES} parts")
        return node

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise FormulaError(
                "the formula is empty; write one such as x^2 + 3*sin(x*y)"
            )
        node = self.expression()
        if self.token.kind != "end":
            raise FormulaError(self.unexpected())
        return node

    def unexpected(self) -> str:
        """Why the current token cannot follow a value."""
        token, before = self.token, self.tokens[self.index - 1]
        why = f"unexpected {token}"
        opens = token.kind in ("number", "name") or token.text == "("
        if not opens or (before.kind, token.kind) == ("number", "number"):
            return why
        first = "(…)" if before.text == ")" else before.typed
        second = "(…)" if token.text == "(" else token.typed
        second += "(…)" if token.text in FUNCTIONS else ""
        return f"{why}; to multiply, write {_short(first)}*{_short(second)}"

    def deeper(self) -> None:
        if self.depth >= DEEPEST:
            raise FormulaError(
                f"the formula is nested deeper than {DEEPEST} at position "
                f"{self.token.position}"
            )

    def expression(self, binding: int = 0) -> Node:
        """Reads on while operators bind more tightly than the one before."""
        self.deeper()
        self.depth += 1
        node = self.value()
        while _BINDS.get(self.token.text, 0) > binding:
            node = self.joined(node)
        self.depth -= 1
        return node

    def joined(self, left: Node) -> Node:
        token = self.take()
        if token.text not in _SQUARES:
            binding = _SIGN_BINDS if token.text == "^" else _BINDS[token.text]
            right = self.expression(binding)
            return self.made(Binary(token.text, left, right))
        self.deeper()
        if self.token.text in ("^", *_SQUARES):
            raise FormulaError(f"unexpected {self.token} after a power")
        exponent = self.made(Number(_SQUARES[token.text]))
        return self.made(Binary("^", left, exponent))

    def value(self) -> Node:
        token = self.token
        if token.kind == "end":
            raise FormulaError("the formula ends where a value is expected")
        if token.kind == "name":
            return self.named()
        if token.kind == "number":
            value = float(self.take().text)
            if math.isinf(value):
                raise FormulaError(f"the number {token} is too large")
            return self.made(Number(value))
        if token.text not in ("(", "-", "+"):
            raise FormulaError(f"unexpected {token}, where a value is expected")
        self.take()
        if token.text == "(":
            node = self.expression()
            self.closed(token)
            return node
        operand = self.expression(_SIGN_BINDS)
        return self.made(Negative(operand)) if token.text == "-" else operand

    def closed(self, opening: _Token) -> None:
        if self.token.kind == "end":
            raise FormulaError(
                f"the parenthesis at position {opening.position} is never closed"
            )
        if self.token.text != ")":
            raise FormulaError(self.unexpected())
        self.take()

    def named(self) -> Node:
        token = self.take()
        name = ALIASES.get(token.text, token.text)
        if name in NAMES:
            return self.made(Name(name))
        if name not in FUNCTIONS:
            raise FormulaError(_unknown(token))
        opening = self.token
        if opening.text != "(":
            values = ", ".join("xy"[: FUNCTIONS[name].arity])
            raise FormulaError(
                f"{token} needs parentheses, such as {token.typed}({values})"
            )
        self.take()
        values = [self.expression()] if self.token.text != ")" else []
        while self.token.text == ",":
            self.take()
            values.append(self.expression())
        self.closed(opening)
        arity = FUNCTIONS[name].arity
        if len(values) != arity:
            raise FormulaError(
                f"`{token.typed}` takes {arity} {'value' if arity == 1 else 'values'}, "
                f"not {len(values)}, at position {token.position}"
            )
        return self.made(Call(name, tuple(values)))


def _unknown(token: _Token) -> str:
    why = f"unknown name {token}"
    if len(token.text) > 1 and set(token.text.lower()) <= {"x", "y"}:
        return f"{why}; did you mean `{_short('*'.join(token.text.lower()))}`?"
    close = difflib.get_close_matches(token.text.lower(), KNOWN, n=1)
    if close:
        return f"{why}; did you mean `{close[0]}`?"
    return f"{why}; known are {', '.join(KNOWN)}"


# -- printing -------------------------------------------------------------------------


def _binding(node: Node) -> int:
    """How tightly a node holds together when it is written."""
    if isinstance(node, Binary):
        return _BINDS[node.operator]
    return _SIGN_BINDS if isinstance(node, Negative) else 5


def _text(node: Node, above: int = 0) -> str:
    """A node in plain characters, in parentheses unless it binds tighter than that."""
    if _binding(node) <= above:
        return f"({_text(node)})"
    match node:
        case Number(value):
            return _digits(value)
        case Name(name):
            return name
        case Negative(operand):
            return f"-{_text(operand, 2)}"
        case Binary("^", left, right):
            return f"{_text(left, 4)}^{_text(right, 2)}"
        case Binary(operator, left, right):
            binding = _BINDS[operator]
            joint = f" {operator} " if binding == 1 else operator
            return f"{_text(left, binding - 1)}{joint}{_text(right, binding)}"
        case Call(name, values):
            return f"{name}({', '.join(map(_text, values))})"


def _digits(value: float) -> str:
    mantissa, _, exponent = repr(value).removesuffix(".0").partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _bracket(latex: str) -> str:
    tall = any(mark in latex for mark in (r"\frac", r"\left", "^{", r"\sqrt"))
    return rf"\left({latex}\right)" if tall else f"({latex})"


def _latex(node: Node) -> str:
    match node:
        case Number(value):
            mantissa, _, exponent = _digits(value).partition("e")
            if not exponent:
                return mantissa
            power = f"10^{{{exponent}}}"
            return power if mantissa == "1" else rf"{mantissa} \cdot {power}"
        case Name(name):
            return r"\pi" if name == "pi" else name
        case Negative(operand):
            written = _latex_factor(operand)
            return f"-{_bracket(written) if written.startswith('-') else written}"
        case Binary("+" | "-" as operator, left, right):
            written = _latex(right)
            loose = operator == "-" and _binding(right) == 1
            if loose or written.startswith("-"):
                written = _bracket(written)
            return f"{_latex(left)} {operator} {written}"
        case Binary("*", left, right):
            first, second = _latex_factor(left), _latex_factor(right)
            if second.startswith("-"):
                second = _bracket(second)
            digits = second[0].isdigit() or (
                first[-1].isdigit() and second.startswith(r"\frac")
            )
            return f"{first} \\cdot {second}" if digits else f"{first} {second}"
        case Binary("/", left, right):
            return rf"\frac{{{_latex(left)}}}{{{_latex(right)}}}"
        case Binary(_, left, right) | Call("pow", (left, right)):
            return _latex_power(left, right)
        case Call(name, values):
            return _latex_call(name, values)


def _latex_call(name: str, values: tuple[Node, ...], power: str = "") -> str:
    written, inside = FUNCTIONS[name].latex, map(_latex, values)
    if isinstance(written, str):
        return written + power + _bracket(", ".join(inside))
    return written(*inside)


def _latex_power(base: Node, exponent: Node) -> str:
    power = f"^{{{_latex(exponent)}}}"
    if isinstance(base, Call) and isinstance(exponent, Number):
        if isinstance(FUNCTIONS[base.name].latex, str):
            return _latex_call(base.name, base.values, power)
    latex = _latex(base)
    fenced = isinstance(base, Call) and base.name in ("abs", "floor", "ceil")
    single = isinstance(base, Name | Number) and "^" not in latex
    return (latex if single or fenced else _bracket(latex)) + power


def _latex_factor(node: Node) -> str:
    """A node beside which others are written: a sum goes into parentheses."""
    latex = _latex(node)
    return _bracket(latex) if _binding(node) == 1 else latex


# -- evaluating -----------------------------------------------------------------------


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Negative(operand):
            return (operand,)
        case Binary(_, left, right):
            return left, right
        case Call(_, values):
            return values
    return ()


def _words(node: Node) -> set[str]:
    own = {node.name} if isinstance(node, Name | Call) else set()
    return own.union(*map(_words, _parts(node)))


def _evaluate(node: Node, variables: Mapping[str, Any], m: Any) -> Any:
    if isinstance(node, Number):
        return np.float64(node.value)
    if isinstance(node, Name):
        return variables.get(node.name, np.float64(CONSTANTS.get(node.name, 0.0)))
    parts = [_evaluate(part, variables, m) for part in _parts(node)]
    if not all(isinstance(part, np.float64) for part in parts):
        return _apply(node, parts, m)
    # What is constant is known here and now, so that whole exponents can be told.
    with np.errstate(all="ignore"):
        return np.float64(_apply(node, parts, np))


def _apply(node: Node, parts: list[Any], m: Any) -> Any:
    match node:
        case Negative():
            return m.negative(*parts)
        case Binary("^"):
            return _power(m, *parts)
        case Binary(operator):
            join = {"+": m.add, "-": m.subtract, "*": m.multiply, "/": m.divide}
            return join[operator](*parts)
        case Call(name):
            return FUNCTIONS[name].apply(m, *parts)
