"""A text cut into numbers, names and signs."""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from parameters import MINUSES
from surfaces.formula.errors import FormulaError, quoted, unexpected_character
from surfaces.formula.functions import (
    ALIASES,
    FUNCTIONS,
    NAMES,
    REWRITTEN,
    SUM,
    Function,
)

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*|π)"
    r"|(?P<power>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<mark>\*\*|[-+*/%^(),|√∛−–‐‑×·⋅∙∗÷∕⁄])"
    r"|(?P<space>[ \t\r\n\u00a0\u2009\u202f]+)"
)
_LIBRARY = re.compile(r"(?:np|numpy|jnp|math|Math|torch)\.(?=[A-Za-z])")
_COMPARISON = re.compile(r"(?P<comparison>[<>]=?|[=!]=|[≤≥≠])")
WORDS = ("if", "else", "and", "or", "not")
"""Words between values, which name none."""

INDEX = re.compile(r"(?i:sum)\s*\(\s*([A-Za-z])\s*,")
_MEANT = {
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "**": "^",
    "π": "pi",
    **{chr(sign): "-" for sign in MINUSES},
    **dict.fromkeys("×·⋅∙∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
}
_PREFIX = re.compile(r"\s*(?:f\s*(?:\(\s*x\s*,\s*y\s*\)\s*)?|z\s*)=", re.IGNORECASE)
_CALLED = "|".join(
    sorted((*FUNCTIONS, *ALIASES, *REWRITTEN, SUM), key=len, reverse=True)
)


class Vocabulary:
    """What may be named: x, y, the constants and functions, and names of one's own."""

    def __init__(
        self,
        own: tuple[str, ...],
        always: tuple[str, ...] = NAMES,
        functions: Mapping[str, Function] = FUNCTIONS,
    ) -> None:
        """Adds the names of parameters or definitions to those that always are."""
        self.functions = functions
        self.names = (*always, *own)
        sums = [SUM] if functions is FUNCTIONS else []
        self.known = (*self.names, *functions, *ALIASES, *REWRITTEN, *sums)

    @cached_property
    def compares(self) -> bool:
        """Whether values may be compared: where something chooses by that."""
        return any(function.chooses for function in self.functions.values())

    @cached_property
    def factor(self) -> re.Pattern[str]:
        """A name that may be written together with others: `x` and `y` of `xy`."""
        letters = (name for name in self.names if len(name) == 1 and name != "e")
        return re.compile("|".join(("pi", *letters)))

    @cached_property
    def product(self) -> re.Pattern[str]:
        """Names that are written together, and what may stand at their end."""
        values = self.factor.pattern
        return re.compile(rf"(?P<values>(?:{values})+)(?P<last>e|{_CALLED})?")


@lru_cache(maxsize=64)
def vocabulary(own: tuple[str, ...] = ()) -> Vocabulary:
    """The vocabulary with these names besides."""
    return Vocabulary(own)


class Token(NamedTuple):
    """A number, a name or a sign; `text` is what it means, `typed` what was typed."""

    kind: str
    text: str
    typed: str
    position: int

    def __str__(self) -> str:
        return f"`{quoted(self.typed)}` at position {self.position}"


def tokens(text: str, words: Vocabulary) -> list[Token]:
    """The tokens of a text, and one for its end.

    Raises:
        FormulaError: At a character that is part of none.
    """
    prefix = _PREFIX.match(text)
    found, at = [], prefix.end() if prefix else 0
    while at < len(text):
        if library := _LIBRARY.match(text, at):
            at = library.end()
        match = _TOKEN.match(text, at)
        if match is None and words.compares:
            match = _COMPARISON.match(text, at)
        chooses = any(token.text in ("where", "if") for token in found)
        if match is None and chooses and text[at] == "=":
            raise FormulaError(f"unexpected `=` at position {at + 1}; compare by ==")
        if match is None:
            raise FormulaError(unexpected_character(text, at))
        if match[0] in WORDS and words.compares:
            found.append(Token("word", match[0], match[0], at + 1))
        elif match.lastgroup == "name":
            found += _names(match[0], at + 1, words)
        elif match.lastgroup != "space":
            typed = match[0]
            meant = _MEANT.get(typed, typed)
            found.append(Token(str(match.lastgroup), meant, typed, at + 1))
        at = match.end()
    return [*found, Token("end", "", "", len(text) + 1)]


def _names(typed: str, position: int, words: Vocabulary) -> list[Token]:
    """The names in letters that are written together: `x` and `y` of `xy`."""
    word = typed if typed in words.names else _MEANT.get(typed, typed.lower())
    product = None if word in words.known else words.product.fullmatch(word)
    if product is None:
        return [Token("name", word, typed, position)]
    factors, found = words.factor.findall(product["values"]), []
    for factor in [*factors, *filter(None, [product["last"]])]:
        at = sum(len(token.text) for token in found)
        own = typed[at : at + len(factor)]
        found.append(Token("name", factor, own, position + at))
    return found
