r"""Mathematics as a person types it: `x^2 + 3sin(xy)`, read, printed, evaluated.

    formula  = [ ( "f" [ "(x, y)" ] | "z" ) "=" ] sum
    sum      = product { ("+" | "-") product }
    product  = signed { ("*" | "/") signed | power }
    signed   = ("-" | "+") signed | power
    power    = value [ ("^" | "**") signed | superscript ]
    value    = number | name | group | root value | call
    group    = "(" sum ")" | "|" sum "|"
    call     = function [ whole power ] values
    values   = "(" sum { "," sum } ")" | "|" sum "|" | plain
    plain    = ( number | name ) [ power ] { name [ power ] }

So -x^2 is -(x^2) and 2^3^2 is 2^(3^2), as in mathematics and in Python.

What stands side by side is multiplied, exactly as if a * stood there: 1/2x is (1/2)*x,
and 1/(2x) needs its parentheses. xy is x*y, 2pix is 2*pi*x, and xsin(y) is x*sin(y). A
number is multiplied only by what follows it: x2 and (x + 1)2 are refused, for there an
exponent may have been lost. 2e3 is a number.

A function without parentheses takes the number and the names that follow it, with
their powers: sin 2x^2 is sin(2*x^2), and sin x cos y is sin(x)*cos(y). sin^2(x) is
sin(x)^2. A root sign takes one value. Where these would leave a doubt, parentheses are
asked for. Inside of bars, a bar behind a value closes them.

What may be named is listed here; nothing that is typed is ever run as code.

Source: V. R. Pratt, Top down operator precedence, POPL (1973) 41-51.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from surfaces import lean
from surfaces.near import near
from surfaces.param import MINUSES

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
    """A function of one or more values."""

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
        more: Whether it takes more values, too.
    """

    arity: int
    apply: Callable[..., Any]
    latex: str | Callable[..., str]
    more: bool = False

    @property
    def takes(self) -> str:
        """How many values it takes, in words."""
        values = "value" if self.arity == 1 else "values"
        return f"{self.arity} {values}{' or more' if self.more else ''}"

    def fits(self, count: int) -> bool:
        """Whether it takes so many values."""
        return count == self.arity or (self.more and count > self.arity)


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
    "log2": Function(1, lambda m, a: m.log2(a), r"\log_{2}"),
    "log10": Function(1, lambda m, a: m.log10(a), r"\log_{10}"),
    "sqrt": Function(1, lambda m, a: _root(m, a, m.sqrt), lambda a: rf"\sqrt{{{a}}}"),
    "cbrt": Function(
        1, lambda m, a: _root(m, a, m.cbrt), lambda a: rf"\sqrt[3]{{{a}}}"
    ),
    "abs": Function(1, lambda m, a: a * m.sign(a), lambda a: rf"\left|{a}\right|"),
    "sign": Function(1, lambda m, a: m.sign(a), r"\operatorname{sign}"),
    "floor": Function(
        1, lambda m, a: m.floor(a), lambda a: rf"\left\lfloor {a} \right\rfloor"
    ),
    "ceil": Function(
        1, lambda m, a: m.ceil(a), lambda a: rf"\left\lceil {a} \right\rceil"
    ),
    "sigmoid": Function(1, _sigmoid, r"\sigma"),
    "min": Function(2, lambda m, *ab: reduce(m.minimum, ab), r"\min", more=True),
    "max": Function(2, lambda m, *ab: reduce(m.maximum, ab), r"\max", more=True),
    "mod": Function(2, lambda m, a, b: m.mod(a, b), r"\operatorname{mod}"),
    "atan2": Function(2, lambda m, a, b: m.arctan2(a, b), r"\operatorname{atan2}"),
    "hypot": Function(2, _hypot, r"\operatorname{hypot}"),
    # In LaTeX its base may need parentheses: see _latex_power.
    "pow": Function(2, _power, lambda a, b: f"{a}^{{{b}}}"),
}
ALIASES = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "sgn": "sign",
}
CONSTANTS = {"pi": math.pi, "e": math.e}
NAMES = ("x", "y", *CONSTANTS)
KNOWN = (*NAMES, *FUNCTIONS, *ALIASES)

ELSEWHERE = {
    "sqr": "x^2",
    "square": "x^2",
    "cot": "1/tan(x)",
    "sec": "1/cos(x)",
    "csc": "1/sin(x)",
    "coth": "1/tanh(x)",
    "sech": "1/cosh(x)",
    "csch": "1/sinh(x)",
    "asinh": "log(x + sqrt(x^2 + 1))",
    "acosh": "log(x + sqrt(x^2 - 1))",
    "atanh": "log((1 + x)/(1 - x))/2",
    "lg": "log10(x) or log2(x)",
    "lb": "log2(x)",
    "ld": "log2(x)",
    "fmod": "mod(x, y)",
    "fabs": "abs(x)",
    "frac": "x - floor(x)",
    "round": "floor(x + 0.5)",
    "relu": "max(x, 0)",
    "softplus": "log(1 + exp(x))",
    "logistic": "sigmoid(x)",
    "norm": "hypot(x, y)",
    "r": "hypot(x, y)",
}
"""Names that are known elsewhere, and what says the same here."""

KINKED = frozenset(
    {"abs", "sign", "floor", "ceil", "min", "max", "mod", "sqrt", "cbrt", "hypot"}
)
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
        middle one: 0 at 0 for abs and hypot; min and max share theirs evenly, of more
        than two one after the other. sqrt, cbrt and other broken powers, infinitely
        steep at 0 or not, have gradient 0 there. sign, floor and ceil have gradient 0
        everywhere; mod has the one beside its jumps.

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
    r"|(?P<power>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<mark>\*\*|[-+*/^(),|√∛−–‐‑×·⋅∙∗÷∕⁄])"
    r"|(?P<space>[ \t\r\n\u00a0\u2009\u202f]+)"
)
_MEANT = {
    "**": "^",
    "π": "pi",
    **{chr(sign): "-" for sign in MINUSES},
    **dict.fromkeys("×·⋅∙∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
}
_RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_ROOTS = {"√": "sqrt", "∛": "cbrt"}
_CLOSING = {"(": ")", "|": "|"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}
_SIGN_BINDS = 3
_PREFIX = re.compile(r"\s*(?:f\s*(?:\(\s*x\s*,\s*y\s*\)\s*)?|z\s*)=", re.IGNORECASE)
_CALLED = "|".join(sorted((*FUNCTIONS, *ALIASES), key=len, reverse=True))
_PRODUCT = re.compile(rf"(?P<values>(?:x|y|pi)+)(?P<last>e|{_CALLED})?")


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
    prefix = _PREFIX.match(text)
    tokens, at = [], prefix.end() if prefix else 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError(_unexpected_character(text, at))
        if match.lastgroup == "name":
            tokens += _names(match[0], at + 1)
        elif match.lastgroup != "space":
            typed = match[0]
            meant = _MEANT.get(typed, typed)
            tokens.append(_Token(str(match.lastgroup), meant, typed, at + 1))
        at = match.end()
    return [*tokens, _Token("end", "", "", len(text) + 1)]


def _names(typed: str, position: int) -> list[_Token]:
    """The names in letters that are written together: `x` and `y` of `xy`."""
    word = _MEANT.get(typed, typed.lower())
    product = None if word in KNOWN else _PRODUCT.fullmatch(word)
    if product is None:
        return [_Token("name", word, typed, position)]
    parts, tokens = re.findall("x|y|pi", product["values"]), []
    for part in [*parts, *filter(None, [product["last"]])]:
        at = sum(len(token.text) for token in tokens)
        own = typed[at : at + len(part)]
        tokens.append(_Token("name", part, own, position + at))
    return tokens


def _unexpected_character(text: str, at: int) -> str:
    why = f"unexpected `{_short(text[at])}` at position {at + 1}"
    if text[at] in "=<>":
        return f"{why}; write f(x, y) alone, such as x^2 + 3*sin(x*y)"
    if text[at] in "[]{}":
        return f"{why}; write round parentheses"
    return f"{why}; allowed are numbers, names and + - * / ^ ( ) | ,"


class _Parser:
    """Reads tokens from left to right; stops at the first that does not fit."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.index = 0
        self.depth = 0
        self.nodes = 0
        self.closing = ""

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
        if token.text == "," and before.kind == "number":
            after = self.tokens[self.index + 1]
            if after.kind == "number":
                decimal = _short(f"{before.typed}.{after.typed}")
                return f"{why}; a decimal number has a point: {decimal}"
        if token.kind != "number" or before.kind == "number":
            return why
        first = {")": "(…)", "|": "|…|"}.get(before.text, _short(before.typed))
        second = _short(token.typed)
        return f"{why}; write {first}*{second} or {first}^{second}"

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper; as deep as what is printed of it, or deeper."""
        if self.depth >= DEEPEST:
            raise FormulaError(
                f"the formula is nested deeper than {DEEPEST} at position "
                f"{self.token.position}"
            )
        self.depth += 1
        yield
        self.depth -= 1

    def expression(self, binding: int = 0) -> Node:
        """Reads on while operators bind more tightly than the one before."""
        with self.nested():
            node = self.value()
            while self.binding() > binding:
                node = self.joined(node)
        return node

    def binding(self) -> int:
        """How tightly what follows is joined to what is read; 0 if it is not."""
        if self.token.kind == "power":
            return _BINDS["^"]
        return _BINDS["*"] if self.beside() else _BINDS.get(self.token.text, 0)

    def beside(self) -> bool:
        """Whether a value follows that is multiplied without a sign."""
        token = self.token
        if token.text == "|":
            return self.closing != "|"
        return token.kind == "name" or token.text == "(" or token.text in _ROOTS

    def joined(self, left: Node) -> Node:
        if self.beside():
            return self.made(Binary("*", left, self.expression(_BINDS["*"])))
        token = self.take()
        if token.kind == "power":
            if self.token.text == "^":
                raise FormulaError(f"unexpected {self.token} after a power")
            return self.made(Binary("^", left, self.raised(token)))
        binding = _SIGN_BINDS if token.text == "^" else _BINDS[token.text]
        return self.made(Binary(token.text, left, self.expression(binding)))

    def raised(self, token: _Token) -> Node:
        """The exponent that a superscript is."""
        value = int(token.text.translate(_RAISED))
        with self.nested():
            exponent = self.made(Number(float(abs(value))))
            if not token.text.startswith("⁻"):
                return exponent
            with self.nested():
                return self.made(Negative(exponent))

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
        if token.text not in ("(", "|", "-", "+", *_ROOTS):
            raise FormulaError(f"unexpected {token}, where a value is expected")
        self.take()
        if token.text in _ROOTS:
            return self.root(token)
        if token.text in _CLOSING:
            return self.grouped(token)
        operand = self.expression(_SIGN_BINDS)
        return self.made(Negative(operand)) if token.text == "-" else operand

    def grouped(self, opening: _Token) -> Node:
        """What stands between parentheses, or the absolute value between bars."""
        with self.inside(opening):
            node = self.expression()
        return self.made(Call("abs", (node,))) if opening.text == "|" else node

    @contextmanager
    def inside(self, opening: _Token) -> Iterator[None]:
        """While what follows an opening is read, up to what closes it."""
        outer, self.closing = self.closing, _CLOSING[opening.text]
        yield
        self.closed(opening)
        self.closing = outer

    def closed(self, opening: _Token) -> None:
        if self.token.kind == "end":
            what = "parenthesis" if opening.text == "(" else "bar"
            raise FormulaError(
                f"the {what} at position {opening.position} is never closed"
            )
        if self.token.text != self.closing:
            raise FormulaError(self.unexpected())
        bar = self.take()
        later = sum(token.text == "|" for token in self.tokens[self.index :])
        follows = self.token.kind == "name" or self.token.text in ("(", *_ROOTS)
        if bar.text == "|" and follows and later > 1:
            raise FormulaError(
                f"{bar} may open or close; write * where it multiplies, or abs(…)"
            )

    def root(self, sign: _Token) -> Node:
        """The root of the one value that follows its sign."""
        first = self.token
        if first.kind not in ("number", "name") and first.text not in _CLOSING:
            raise FormulaError(_bare(sign, "x"))
        with self.nested():
            node = self.value()
        # How far does the line of the root reach, over x only or over what follows?
        doubtful = self.beside() or self.binding() == _BINDS["^"]
        if doubtful and first.text not in _CLOSING:
            raise FormulaError(_bare(sign, "x"))
        return self.made(Call(_ROOTS[sign.text], (node,)))

    def named(self) -> Node:
        token = self.take()
        name = ALIASES.get(token.text, token.text)
        if name in NAMES:
            return self.made(Name(name))
        if name not in FUNCTIONS:
            raise FormulaError(_unknown(token))
        exponent = self.own_power()
        values = self.values(token, FUNCTIONS[name])
        call = self.made(Call(name, tuple(values)))
        if exponent is None:
            return call
        with self.nested():
            return self.made(Binary("^", call, self.made(Number(exponent))))

    def own_power(self) -> float | None:
        """The exponent of a function itself: 2 of sin^2(x), whole and at least that."""
        sign, *after = self.tokens[self.index : self.index + 2]
        digits = sign.text.translate(_RAISED) if sign.kind == "power" else ""
        if sign.text == "^" and after[0].kind == "number":
            digits = after[0].text
        # sin^-1(x) is the arc sine to some, and to others 1/sin(x).
        if not digits.isdigit() or int(digits) < 2:
            return None
        self.index += 1 if sign.kind == "power" else 2
        return float(digits)

    def values(self, token: _Token, function: Function) -> list[Node]:
        """What a function is applied to."""
        opening = self.token
        if opening.text == "|" and function.arity == 1:
            self.take()
            return [self.grouped(opening)]
        if opening.text != "(":
            if function.arity > 1:
                raise FormulaError(_bare(token, "x, y"))
            return [self.plain(token)]
        self.take()
        with self.inside(opening):
            values = [self.expression()] if self.token.text != ")" else []
            while self.token.text == ",":
                self.take()
                values.append(self.expression())
        if not function.fits(len(values)):
            raise FormulaError(
                f"`{token.typed}` takes {function.takes}, not {len(values)}, at "
                f"position {token.position}"
            )
        return values

    def plain(self, token: _Token) -> Node:
        """What a function takes without parentheses: 2x of sin 2x."""
        node = None
        with self.nested():
            while self.token.text in NAMES or (
                not node and self.token.kind == "number"
            ):
                factor = self.expression(_SIGN_BINDS)
                node = self.made(Binary("*", node, factor)) if node else factor
        # Is sin x(y + 1) a product, or the sine of one?
        if node is None or (self.beside() and self.token.kind != "name"):
            raise FormulaError(_bare(token, "x"))
        return node


def _bare(token: _Token, values: str) -> str:
    return f"{token} needs parentheses, such as {token.typed}({values})"


def _unknown(token: _Token) -> str:
    why = f"unknown name {token}"
    if other := ELSEWHERE.get(token.text):
        return f"{why}; write {other}"
    meant = _calls(token.text) or [near(token.text, KNOWN)]
    if words := " or ".join(f"`{_short(word)}`" for word in meant if word):
        return f"{why}; did you mean {words}?"
    return f"{why}; known are {', '.join((*NAMES, *FUNCTIONS))}"


def _calls(word: str) -> list[str]:
    """What a word may be if parentheses were left out: sin(x), for sinx."""
    return [
        f"{name}({word.removeprefix(name)})"
        for name in (*FUNCTIONS, *ALIASES)
        if re.fullmatch(f"{name}[0-9]*(?:x|y|pi)+", word)
    ]


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
