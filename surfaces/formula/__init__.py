r"""Mathematics as a person types it: `x^2 + 3sin(xy)`, read, printed, evaluated.

    formula  = [ ( "f" [ "(x, y)" ] | "z" ) "=" ] choice
    choice   = sum [ "if" either [ "," ] "else" choice ]
    either   = both { "or" both }
    both     = negated { "and" negated }
    negated  = "not" negated | "(" either ")" | sum compared { compared }
    compared = ( "<" | ">" | "<=" | ">=" | "==" | "!=" ) sum
    sum      = product { ("+" | "-") product }
    product  = signed { ("*" | "/" | "%") signed | power }
    signed   = ("-" | "+") signed | power
    power    = value [ ("^" | "**") signed | superscript ]
    value    = number | name | group | root value | call
    group    = "(" choice ")" | "|" choice "|"
    call     = function [ whole power ] values
             | "where(" either "," choice "," choice ")"
             | "sum(" letter "," whole "," whole "," choice ")"
    values   = "(" choice { "," choice } ")" | "|" choice "|" | plain
    plain    = ( number | name ) [ power ] { name [ power ] }

So -x^2 is -(x^2) and 2^3^2 is 2^(3^2), as in mathematics and in Python.

What stands side by side is multiplied, exactly as if a * stood there: 1/2x is (1/2)*x,
and 1/(2x) needs its parentheses. xy is x*y, 2pix is 2*pi*x, and xsin(y) is x*sin(y). A
number is multiplied only by what follows it: x2 and (x + 1)2 are refused, for there an
exponent may have been lost. 2e3 is a number.

A function without parentheses takes the number and the names that follow it, with
their powers: sin 2x^2 is sin(2*x^2), and sin x cos y is sin(x)*cos(y). np. or math.
before a name is left out, and sec(x) is read as 1/cos(x) (REWRITTEN). sin^2(x) is
sin(x)^2. x % 2 is mod(x, 2). A root sign takes one value. Where these would leave a
doubt, parentheses are asked for. Inside of bars, a bar behind a value closes them.

x^2 if x > 0 else 0 is read as where(x > 0, x^2, 0): of the two, only the one that is
taken counts, for the gradient, too. sum(k, 1, 5, sin(k*x)) adds up its terms.

t is the step that is taken, from 1, and stands in mod(t, n) only (period.py): the loss
of a step is then another, and comes again after n.

Behind `with` stand numbers that a reader turns, each with its range (sliders.py):
a*x^2 + y^2 with a = 1 in 0..10.

What may be named is listed in functions.py; nothing that is typed is ever run as code.

A surface that is declared is written in the same language, and may also name its
parameters, and parts of itself: `u^2 + kappa v^2 where u = x + y, v = x - y`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np

from surfaces.formula import latex as _latex
from surfaces.formula import text as _text
from surfaces.formula.errors import FormulaError, quoted
from surfaces.formula.evaluation import evaluate
from surfaces.formula.functions import (
    ALIASES,
    FUNCTIONS,
    KINKED,
    KNOWN,
    NAMES,
    REWRITTEN,
)
from surfaces.formula.nodes import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    replaced,
    words,
)
from surfaces.formula.parser import MOST, Parser
from surfaces.formula.pasted import plain
from surfaces.formula.period import STEP, period
from surfaces.formula.sliders import Slider, printed, sliders
from surfaces.lean import by_branches

LONGEST = 200
"""Characters of a formula that is typed, spaces aside."""

MOST_DECLARED = 1000
"""Parts of a formula that is declared."""

_DEFINED = re.compile(r"\s*([A-Za-z_][A-Za-z_0-9]*)\s*=(.*)", re.DOTALL)
_BETWEEN = r",(?=\s*[A-Za-z_][A-Za-z_0-9]*\s*=)"


@dataclass(frozen=True)
class Expression:
    """A formula of x and y.

    Attributes:
        node: Its tree.
        definitions: Names for parts of it; each may use those that follow it.
        symbols: By name, how parameters are written in LaTeX.
        sliders: By name, the numbers that a reader has declared.
        period: After how many steps it comes again; None if it is the same at each.
    """

    node: Node
    definitions: tuple[tuple[str, Node], ...] = ()
    symbols: Mapping[str, str] = field(default_factory=dict, compare=False)
    sliders: Mapping[str, Slider] = field(default_factory=dict)
    period: int | None = None

    @cached_property
    def text(self) -> str:
        """The formula in plain characters, from which the same tree is read."""
        turned = printed(self.sliders)
        return " with ".join(filter(None, (self.formula, turned)))

    @cached_property
    def formula(self) -> str:
        """The same without the numbers that a reader has declared."""
        defined = (f"{name} = {_text.text(node)}" for name, node in self.definitions)
        return " where ".join(filter(None, (_text.text(self.node), ", ".join(defined))))

    @cached_property
    def latex(self) -> str:
        """The formula in LaTeX."""
        defined = (
            f"{_latex.symbol(name, self.symbols)} = {_latex.latex(node, self.symbols)}"
            for name, node in self.definitions
        )
        return r",\ ".join((_latex.latex(self.node, self.symbols), *defined))

    def python(self, module: str = "np") -> str:
        """The formula as lines of Python, the last of them its value.

        Args:
            module: The name of NumPy, or of what has its functions.
        """
        defined = (
            f"{name} = {_text.python(node, module)}"
            for name, node in reversed(self.definitions)
        )
        return "\n".join((*defined, _text.python(self.node, module)))

    @cached_property
    def whole(self) -> Node:
        """Its tree with each definition in the place of its name."""
        node = self.node
        for name, part in self.definitions:
            node = replaced(node, name, part)
        return node

    @cached_property
    def words(self) -> frozenset[str]:
        """The variables, constants and functions that occur in it."""
        trees = (self.node, *(node for _, node in self.definitions))
        return frozenset().union(*map(words, trees))

    def evaluate(
        self,
        x: Any,
        y: Any,
        module: Any = jnp,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value, in the shape of x.

        A whole constant exponent is a repeated product, so x^2 and x^3 have their
        gradients at zero and below. Where a function has a kink, its gradient is the
        middle one: 0 at 0 for abs and hypot; min and max share theirs evenly, of more
        than two one after the other. sqrt, cbrt and other broken powers, infinitely
        steep at 0 or not, have gradient 0 there. sign, floor and ceil have gradient 0
        everywhere; mod has the one beside its jumps. A choice has the gradient of what
        is taken.

        Args:
            x: An array of float64.
            y: Another of the same shape.
            module: jax.numpy, or numpy to evaluate without compiling anything.
            params: The values of the parameters, and of t, arrays without a shape.
        """
        given = params or {}

        def value(x: Any, y: Any, *values: Any) -> Any:
            known = {"x": x, "y": y, **dict(zip(given, values, strict=True))}
            for name, node in reversed(self.definitions):
                known[name] = evaluate(node, known, module)
            found = evaluate(self.node, known, module)
            return module.broadcast_to(found, module.shape(x))

        chooses = "where" in self.words and module is not np
        return (by_branches(value) if chooses else value)(x, y, *given.values())


def parse(text: str) -> Expression:
    """Reads a formula that is typed, or pasted from a paper (pasted.py).

    Args:
        text: At most 200 characters besides spaces. Behind `with`, numbers that a
            reader turns: `a*x^2 + y^2 with a = 1 in 0..10`.

    Raises:
        FormulaError: With one sentence. Positions count from 1 in the text as typed.
    """
    pasted = plain(text)
    if len("".join(pasted.split())) > LONGEST:
        raise FormulaError(f"the formula is longer than {LONGEST} characters")
    try:
        return _typed(pasted)
    except FormulaError as error:
        if pasted == text:
            raise
        raise FormulaError(f"read as {quoted(pasted)}: {error}") from None


def _typed(text: str) -> Expression:
    formula, declared = sliders(text)
    symbols = {name: slider.param.symbol for name, slider in declared.items()}
    steps = [] if STEP in declared else [STEP]
    node = Parser(formula, (*declared, *steps)).whole()
    again = period(node) if steps else None
    expression = Expression(node, symbols=symbols, sliders=declared, period=again)
    for name in declared:
        if name not in expression.words:
            raise FormulaError(f"`{name}` is declared, and the formula has none")
    if len("".join(expression.text.split())) > LONGEST:
        raise FormulaError(
            f"the formula is longer than {LONGEST} characters once written out as "
            f"{quoted(expression.text)}"
        )
    return expression


def parse_declared(text: str, symbols: Mapping[str, str] | None = None) -> Expression:
    """Reads the formula of a surface that is declared.

    Args:
        text: The formula; behind `where`, names for parts of it, set off by commas.
            Each of them may use those that follow it.
        symbols: By the names of the parameters, how they are written in LaTeX.

    Raises:
        FormulaError: With one sentence.
    """
    symbols = symbols or {}
    formula, *definitions = re.split(r"\bwhere\b(?!\s*\()|" + _BETWEEN, text)
    matches = [_DEFINED.fullmatch(definition) for definition in definitions]
    if None in matches:
        raise FormulaError("behind `where`, write definitions such as u = x + y")
    defined = [(match[1], match[2]) for match in matches if match]
    own = (*symbols, *(name for name, _ in defined))
    _check_names(own)

    def read(formula: str, names: tuple[str, ...]) -> Node:
        return Parser(formula, names, MOST_DECLARED).whole()

    first = len(symbols)
    return Expression(
        read(formula, own),
        tuple(
            (name, read(part, (*symbols, *own[first + k + 1 :])))
            for k, (name, part) in enumerate(defined)
        ),
        symbols,
    )


def _check_names(names: Iterable[str]) -> None:
    seen = {*KNOWN, "f", "z"}
    for name in names:
        if name in seen:
            raise FormulaError(f"the name `{name}` is already taken")
        seen.add(name)


__all__ = [
    "ALIASES",
    "FUNCTIONS",
    "KINKED",
    "KNOWN",
    "LONGEST",
    "MOST",
    "NAMES",
    "REWRITTEN",
    "Binary",
    "Call",
    "Expression",
    "FormulaError",
    "Name",
    "Negative",
    "Node",
    "Number",
    "Sum",
    "parse",
    "parse_declared",
]
