r"""From tokens to a tree.

Source: V. R. Pratt, Top down operator precedence, POPL (1973) 41-51.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager

from surfaces.formula.errors import FormulaError, quoted
from surfaces.formula.functions import (
    ALIASES,
    ELSEWHERE,
    FUNCTIONS,
    NAMES,
    REWRITTEN,
    SUM,
    Function,
)
from surfaces.formula.nodes import (
    BINDS,
    SIGN_BINDS,
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Sum,
)
from surfaces.formula.tokens import INDEX, Token, Vocabulary, tokens, vocabulary
from surfaces.typos import closest

MOST = 120
"""Parts of a formula that is typed."""

MOST_UNROLLED = 1000
"""The same, with sums written out."""

MOST_TERMS = 100
"""Terms of a sum."""

DEEPEST = 30

_RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_ROOTS = {"√": "sqrt", "∛": "cbrt"}
_CLOSING = {"(": ")", "|": "|"}
_OF_ONE = Function(1, lambda m, a: a)


class Parser:
    """Reads tokens from left to right; stops at the first that does not fit."""

    def __init__(
        self,
        text: str,
        own: tuple[str, ...] = (),
        most: int = MOST,
        words: Vocabulary | None = None,
    ) -> None:
        """Begins to read a text.

        Args:
            text: What is read.
            own: Names that may occur besides x, y, the constants and the functions.
            most: How many parts the formula may have.
            words: All that may be named, in place of these.
        """
        self.indices = () if words else tuple(dict.fromkeys(INDEX.findall(text)))
        self.words = words or vocabulary((*own, *self.indices))
        self.scope: tuple[str, ...] = own
        self.unrolled = 0
        self.terms = 1
        self.tokens = tokens(text, self.words)
        self.most = most
        self.index = 0
        self.depth = 0
        self.nodes = 0
        self.closing = ""

    @property
    def token(self) -> Token:
        """The one that is read next."""
        return self.tokens[self.index]

    def take(self) -> Token:
        """The next token, which is read with this."""
        self.index += 1
        return self.tokens[self.index - 1]

    def made(self, node: Node) -> Node:
        """A node, counted."""
        self.nodes += 1
        self.unrolled += self.terms
        if self.nodes > self.most:
            raise FormulaError(f"the formula has more than {self.most} parts")
        if self.unrolled > MOST_UNROLLED:
            raise FormulaError(
                f"the formula has more than {MOST_UNROLLED} parts once its sums are "
                "written out"
            )
        return node

    def whole(self) -> Node:
        """The tree of all that there is."""
        if self.token.kind == "end":
            raise FormulaError(
                "the formula is empty; write one such as x^2 + 3*sin(x*y)"
            )
        node = self.choice()
        if self.token.kind != "end":
            raise FormulaError(self.unexpected())
        return node

    def unexpected(self) -> str:
        """Why the current token cannot follow a value."""
        token, before = self.token, self.tokens[self.index - 1]
        why = f"unexpected {token}"
        if token.kind == "comparison":
            return f"{why}; values are compared in where, as in where(a > b, 1, 0)"
        if token.kind == "word" and token.text != "if":
            return f"{why}; it belongs to a condition, as in x^2 if x > 0 else 0"
        if token.text == "," and before.kind == "number":
            after = self.tokens[self.index + 1]
            if after.kind == "number":
                decimal = quoted(f"{before.typed}.{after.typed}")
                return f"{why}; a decimal number has a point: {decimal}"
        if token.kind != "number" or before.kind == "number":
            return why
        first = {")": "(…)", "|": "|…|"}.get(before.text, quoted(before.typed))
        second = quoted(token.typed)
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

    def choice(self) -> Node:
        """A value, or one of two: x^2 if x > 0 else 0."""
        node = self.expression()
        if self.token.text != "if" or self.token.kind != "word":
            return node
        opening = self.take()
        with self.nested():
            condition = self.condition()
            if self.token.text == ",":
                self.take()
            if self.token.text != "else":
                raise FormulaError(
                    f"{opening} has no else behind its condition; write it as in "
                    "x^2 if x > 0 else 0"
                )
            self.take()
            return self.made(Call("where", (condition, node, self.choice())))

    def condition(self, joint: str = "or") -> Node:
        """Comparisons, joined by or, by and, each with not before it."""
        if joint == "not":
            return self.negated()
        with self.nested():
            looser = {"or": "and", "and": "not"}[joint]
            node = self.condition(looser)
            while self.token.text == joint:
                self.take()
                node = self.made(Call(joint, (node, self.condition(looser))))
        return node

    def negated(self) -> Node:
        """A comparison, or the opposite of one, or what parentheses hold together."""
        token = self.token
        if token.text == "not":
            self.take()
            with self.nested():
                return self.made(Call("not", (self.negated(),)))
        if token.text == "(" and self.holds_condition():
            self.take()
            with self.inside(token):
                return self.condition()
        return self.comparison()

    def holds_condition(self) -> bool:
        """Whether the parenthesis that follows holds a condition, and not a value."""
        depth = 0
        for token in self.tokens[self.index :]:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0:
                return False
            if depth == 1 and token.text == "if":
                return False
            if depth == 1 and (token.kind == "comparison" or token.text == "not"):
                return True
        return False

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
            return BINDS["^"]
        product = self.beside() or self.token.text == "%"
        return BINDS["*"] if product else BINDS.get(self.token.text, 0)

    def beside(self) -> bool:
        """Whether a value follows that is multiplied without a sign."""
        token = self.token
        if token.text == "|":
            return self.closing != "|"
        return token.kind == "name" or token.text == "(" or token.text in _ROOTS

    def joined(self, left: Node) -> Node:
        """What is read, joined with what follows it."""
        if self.beside():
            return self.made(Binary("*", left, self.expression(BINDS["*"])))
        token = self.take()
        if token.kind == "power":
            if self.token.text == "^":
                raise FormulaError(f"unexpected {self.token} after a power")
            return self.made(Binary("^", left, self.raised(token)))
        if token.text == "%":
            return self.made(Call("mod", (left, self.expression(BINDS["*"]))))
        binding = SIGN_BINDS if token.text == "^" else BINDS[token.text]
        return self.made(Binary(token.text, left, self.expression(binding)))

    def raised(self, token: Token) -> Node:
        """The exponent that a superscript is."""
        value = int(token.text.translate(_RAISED))
        with self.nested():
            exponent = self.made(Number(float(abs(value))))
            if not token.text.startswith("⁻"):
                return exponent
            with self.nested():
                return self.made(Negative(exponent))

    def value(self) -> Node:
        """A number, a name, a call, a root, or what stands in parentheses."""
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
        operand = self.expression(SIGN_BINDS)
        return self.made(Negative(operand)) if token.text == "-" else operand

    def grouped(self, opening: Token) -> Node:
        """What stands between parentheses, or the absolute value between bars."""
        with self.inside(opening):
            node = self.choice()
        return self.made(Call("abs", (node,))) if opening.text == "|" else node

    @contextmanager
    def inside(self, opening: Token) -> Iterator[None]:
        """While what follows an opening is read, up to what closes it."""
        outer, self.closing = self.closing, _CLOSING[opening.text]
        yield
        self.closed(opening)
        self.closing = outer

    def closed(self, opening: Token) -> None:
        """Reads what closes an opening."""
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

    def root(self, sign: Token) -> Node:
        """The root of the one value that follows its sign."""
        first = self.token
        if first.kind not in ("number", "name") and first.text not in _CLOSING:
            raise FormulaError(_bare(sign, "x"))
        with self.nested():
            node = self.value()
        # How far does the line of the root reach, over x only or over what follows?
        doubtful = self.beside() or self.binding() == BINDS["^"]
        if doubtful and first.text not in _CLOSING:
            raise FormulaError(_bare(sign, "x"))
        return self.made(Call(_ROOTS[sign.text], (node,)))

    def named(self) -> Node:
        """What a name stands for."""
        token = self.take()
        name = ALIASES.get(token.text, token.text)
        rewritten = REWRITTEN.get(name)
        function = _OF_ONE if rewritten else self.words.functions.get(name)
        called = function and self.token.text == "("
        if name == SUM and SUM in self.words.known and self.token.text == "(":
            if self.tokens[self.index + 1].text in self.indices:
                return self.total(token)
            raise FormulaError(f"{token} is written as in {_TOTAL}")
        if name in self.words.names and not called:
            if name in self.indices and name not in self.scope:
                raise FormulaError(
                    f"{token} is the index of a sum, and stands outside of it"
                )
            return self.made(Name(name))
        if function is None:
            raise FormulaError(_unknown(token, self.words))
        exponent = self.own_power()
        values = self.values(token, function)
        if rewritten:
            call = rewritten(*values)
            self.nodes += 3
        else:
            call = Call(name, tuple(values))
        self.made(call)
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

    def values(self, token: Token, function: Function) -> list[Node]:
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
            first = self.condition if function.chooses else self.choice
            values = [first()] if self.token.text != ")" else []
            while self.token.text == ",":
                self.take()
                values.append(self.choice())
        if not function.fits(len(values)):
            raise FormulaError(
                f"`{token.typed}` takes {function.takes}, not {len(values)}, at "
                f"position {token.position}"
            )
        return values

    def comparison(self) -> Node:
        """Two values that are compared, or more in a row: 0 < x < 1."""
        left, sign = self.expression(), self.token
        if sign.kind != "comparison":
            raise FormulaError(
                f"a comparison such as a < b must stand before {sign}"
                if sign.text
                else "the formula ends where a comparison such as a < b is expected"
            )
        node = None
        while self.token.kind == "comparison":
            with self.nested():
                sign, right = self.take(), self.expression()
            compared = self.made(Call(sign.text, (left, right)))
            node = self.made(Call("and", (node, compared))) if node else compared
            left = right
        assert node
        return node

    def total(self, token: Token) -> Node:
        """A sum over whole numbers: sum(k, 1, 5, sin(k*x)/k)."""
        opening = self.take()
        with self.inside(opening), self.nested():
            index = self.take().text
            if index in self.scope or index in (*NAMES, "t"):
                raise FormulaError(
                    f"{token} needs an index of its own, such as k in {_TOTAL}"
                )
            first, last = self.end(token), self.end(token)
            if not first <= last < first + MOST_TERMS:
                raise FormulaError(
                    f"{token} goes from {first} to {last}; allowed are 1 to "
                    f"{MOST_TERMS} terms"
                )
            if self.token.text != ",":
                raise FormulaError(f"{token} is written as in {_TOTAL}")
            self.take()
            terms, scope = self.terms, self.scope
            self.terms, self.scope = terms * (last - first + 1), (*scope, index)
            term = self.choice()
            self.terms, self.scope = terms, scope
        return self.made(Sum(index, first, last, term))

    def end(self, token: Token) -> int:
        """The whole number behind a comma at which a sum begins or ends."""
        comma, *after = self.tokens[self.index : self.index + 3]
        sign = -1 if after and after[0].text == "-" else 1
        number = after[-1] if sign < 0 else after[0] if after else comma
        whole = number.kind == "number" and number.text.isdigit()
        if comma.text != "," or not whole or len(number.text) > 6:
            raise FormulaError(
                f"{token} goes from one whole number to another, as in {_TOTAL}"
            )
        self.index += 2 if sign > 0 else 3
        return sign * int(number.text)

    def plain(self, token: Token) -> Node:
        """What a function takes without parentheses: 2x of sin 2x."""
        node = None
        with self.nested():
            while self.token.text in self.words.names or (
                not node and self.token.kind == "number"
            ):
                factor = self.expression(SIGN_BINDS)
                node = self.made(Binary("*", node, factor)) if node else factor
        # Is sin x(y + 1) a product, or the sine of one?
        if node is None or (self.beside() and self.token.kind != "name"):
            raise FormulaError(_bare(token, "x"))
        return node


_SOME = (
    "sin, cos, tan, exp, log, sqrt, abs, sign, floor, sigmoid, erf, min, max, mod, "
    "hypot, where, sum"
)
"""All that there are would fill a paragraph."""

_TOTAL = "sum(k, 1, 5, sin(k*x)/k)"


def _bare(token: Token, values: str) -> str:
    return f"{token} needs parentheses, such as {token.typed}({values})"


def _unknown(token: Token, words: Vocabulary) -> str:
    why = f"unknown name {token}"
    if other := ELSEWHERE.get(token.text):
        return f"{why}; write {other}"
    meant = _calls(token.text) or [closest(token.text, words.known)]
    if likely := " or ".join(f"`{quoted(word)}`" for word in meant if word):
        return f"{why}; did you mean {likely}?"
    return f"{why}; known are {', '.join(words.names)} and functions such as {_SOME}"


def _calls(word: str) -> list[str]:
    """What a word may be if parentheses were left out: sin(x), for sinx."""
    return [
        f"{name}({word.removeprefix(name)})"
        for name in (*FUNCTIONS, *ALIASES)
        if re.fullmatch(f"{name}[0-9]*(?:x|y|pi)+", word)
    ]
