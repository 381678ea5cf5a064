"""What a formula calls its two variables, where that is not x and y."""

import re
from collections.abc import Mapping
from itertools import permutations

from surfaces.formula import Expression, parse
from surfaces.formula.errors import FormulaError
from surfaces.formula.functions import KNOWN, REWRITTEN
from surfaces.formula.sliders import GREEK

_NAME = re.compile(r"\\?(?:[A-Za-z]+|[α-ω])(?:_?(?:\{\s*[0-9]\s*\}|[0-9](?![0-9.])))?")
_OTHERS = frozenset(
    {*KNOWN, *REWRITTEN, *"f z np math with in if else and or not sum".split()}
)


def renamed(text: str, expression: Expression) -> Mapping[str, str]:
    """The names of a text that were read as x and y: {"x_1": "x", "x_2": "y"}.

    What is found is proven: with x and y in their places, the text is read the same.

    Args:
        text: The formula as typed.
        expression: What was read of it.
    """
    typed = {found[0] for found in _NAME.finditer(text)}
    others = _OTHERS | expression.sliders.keys()
    names = sorted(name for name in typed if _may_vary(name, others))
    variables = sorted(expression.words & {"x", "y"})
    if {"x", "y"} & {*map(str.lower, names)} or len(names) != len(variables):
        return {}
    for given in permutations(variables):
        meant = dict(zip(names, given, strict=True))
        if _read_alike(text, meant, expression):
            return {_plain(name): variable for name, variable in meant.items()}
    return {}


def _may_vary(name: str, others: frozenset[str]) -> bool:
    """Whether a name can be one of a variable: no function, number or command."""
    plain = _plain(name)
    if name.startswith("\\"):
        return plain.partition("_")[0] in GREEK - others
    return plain.lower() not in others and plain not in others


def _plain(name: str) -> str:
    """A name without what LaTeX needs around it."""
    return re.sub(r"[\\{}\s]", "", name)


def _read_alike(text: str, meant: Mapping[str, str], expression: Expression) -> bool:
    def put(found: re.Match[str]) -> str:
        name = found[0]
        return f" {meant[name]} " if name in meant else name

    try:
        return parse(_NAME.sub(put, text)) == expression
    except FormulaError:
        return False
