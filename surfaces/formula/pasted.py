r"""Formulas as papers print them: LaTeX, and x_1, w_1, theta_1 or a in the place of x.

`\frac{1}{2}x_1^2 + \sqrt{x_2}` becomes `((1)/(2))x^2 + sqrt(y)`, which is read like any
other text.
"""

import re

from surfaces.formula.errors import FormulaError, quoted
from surfaces.formula.functions import (
    ALIASES,
    CONSTANTS,
    FUNCTIONS,
    REWRITTEN,
    SUM,
)
from surfaces.formula.sliders import GREEK
from surfaces.formula.tokens import WORDS

LONGEST = 500
"""Characters of a formula in LaTeX."""

DEEPEST = 40

_COMMAND = re.compile(r"\\([A-Za-z]+|.)")
_WORDLESS = frozenset(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits "
    "! ( ) [ ]".split()
)
"""Commands that only set the type."""

_THIN = "\u2009"
_SET_OFF = re.compile(rf"(\w*)([\w)|])\s*{_THIN}\s*(?=[A-Za-z0-9(|])")

_SIGNS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "lvert": "|", "rvert": "|",
    "vert": "|", "mid": "|", "{": "(", "}": ")", "lbrace": "(", "rbrace": ")",
    "lparen": "(", "rparen": ")", " ": " ", "varepsilon": "epsilon",
    "lfloor": " floor(", "rfloor": ")", "lceil": " ceil(", "rceil": ")",
    ",": _THIN, ";": _THIN, ":": _THIN, ">": _THIN, "quad": _THIN, "qquad": _THIN,
    "vartheta": "theta", "varphi": "phi", "le": "<=", "leq": "<=", "ge": ">=",
    "geq": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "land": " and ",
    "wedge": " and ", "lor": " or ", "vee": " or ", "lnot": " not ", "neg": " not ",
    "bmod": "%",
}  # fmt: skip
_NAMES = frozenset({*FUNCTIONS, *ALIASES, *REWRITTEN, *GREEK, "pi"})
_WORDS = re.compile(r"[A-Za-z]+")
_TYPESET = ("mathrm", "operatorname", "text", "mathit", "mathbf", "rm", "textrm")
_READ = r"\frac, \sqrt, \cdot, \left(, functions such as \sin and Greek letters"

_LIMIT = re.compile(r"\s*([A-Za-z])\s*=\s*(-?\s*[0-9]+)\s*")
_CASES = re.compile(r"\\begin\s*\{cases\}(.*?)\\end\s*\{cases\}", re.DOTALL)
_LINES = re.compile(r"\\\\(?:\[[^\]]*\])?")
_OTHERWISE = re.compile(r"\\(?:text|textrm|mathrm)\s*\{\s*(?:otherwise|else)[.,]?\s*\}")
_IF = re.compile(r"\\(?:text|textrm|mathrm)\s*\{\s*(?:if|for|when)\s*\}")
_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
_PAIRS = ("ab", "uv", "wb", "pq")
"""Letters that stand for the two variables, where no others do."""

_VARIABLE = re.compile(r"(?<![A-Za-z_])(x|w|theta|θ)(_?)([12])(?![0-9.])")
_ALONE = re.compile(r"(?<![A-Za-z_])[xy](?![A-Za-z_0-9])")


def plain(text: str) -> str:
    """A formula as one would type it, of one that was pasted.

    Raises:
        FormulaError: With one sentence, for LaTeX that is no formula.
    """
    if "\\" in text or "^{" in text or "_{" in text:
        text = _from_latex(text)
    return _of_a_pair(_with_x_and_y(text))


def _of_a_pair(text: str) -> str:
    """A and b as x and y, where neither of these is named, and all else is known."""
    if " with " in text:
        return text
    found = set(_WORDS.findall(text)) - _NAMES - {*WORDS, *CONSTANTS, SUM, "f", "z"}
    letters = {letter for word in found for letter in word}
    pair = next((pair for pair in _PAIRS if {*pair} == letters), "")
    if not pair:
        return text
    swap = str.maketrans(pair, "xy")
    return _WORDS.sub(
        lambda match: match[0].translate(swap) if match[0] in found else match[0], text
    )


def _with_x_and_y(text: str) -> str:
    """x_1 and x_2 as x and y, and so w and theta, where only these two are named."""
    found = [match.groups() for match in _VARIABLE.finditer(text)]
    stems = {stem for stem, _, _ in found}
    # x2 by itself is more likely x^2, with the sign lost.
    certain = stems != {"x"} or any(mark for _, mark, _ in found)
    both = {number for _, _, number in found} == {"1", "2"}
    if len(stems) != 1 or not (certain or both) or _ALONE.search(text):
        return text
    return _VARIABLE.sub(lambda match: "x" if match[3] == "1" else "y", text)


def _from_latex(text: str) -> str:
    if len(text) > LONGEST:
        raise FormulaError(f"the formula in LaTeX is longer than {LONGEST} characters")
    text = _CASES.sub(_chosen, text.replace("$", " "))
    read, end = _Reader(text).until("")
    assert end == len(text)
    return " ".join(_SET_OFF.sub(_multiplied, read).replace(_THIN, " ").split())


def _chosen(match: re.Match[str]) -> str:
    """Cases, each with its condition, as a if c else b."""
    lines = [line for line in _LINES.split(match[1]) if line.strip()]
    parts = [line.split("&") for line in lines]
    if len(parts) < 2 or any(len(part) != 2 for part in parts):
        raise FormulaError(
            r"cases are read as in \begin{cases} x & x > 0 \\ 0 & \text{otherwise} "
            r"\end{cases}"
        )
    *most, (value, last) = parts
    chosen = value.strip().rstrip(",")
    if not _OTHERWISE.search(last):
        # The last condition is what the others leave.
        _condition(last)
    for value, condition in reversed(most):
        chosen = f"{value.strip().rstrip(',')} if {_condition(condition)} else {chosen}"
    return f" ({chosen}) "


def _condition(text: str) -> str:
    return _EQUALS.sub("==", _IF.sub(" ", text).strip().rstrip(".,"))


def _multiplied(match: re.Match[str]) -> str:
    """A product where space sets two factors off: cos x, a space, and y."""
    before = match[1] + match[2]
    return before + (" " if before in _NAMES - GREEK - {"pi"} else "*")


class _Reader:
    """Reads LaTeX from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self.choices = 0  # whose condition is read, and whose else is to come

    def until(self, closing: str, at: int = 0, *, of: str = "") -> tuple[str, int]:
        """What stands up to a closing sign, in plain characters, and its end.

        Of a sum it ends before the sign of the next term, or before what is closed.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(f"the LaTeX is nested deeper than {DEEPEST}")
        begun, parts, opened = at, [], 0
        while at < len(self.text):
            sign = self.text[at]
            if of:
                opened += (sign in "([") - (sign in ")]")
                opened += self.text.startswith(r"\left", at) - self.text.startswith(
                    r"\right", at
                )
                begun_term = "".join(parts).strip(" \u2009")
                ends = sign in "+-" and begun_term and begun_term[-1] not in "*/^"
                if (
                    opened < 0
                    or sign in "}&"
                    or (opened == 0 and (ends or sign == ","))
                ):
                    self.depth -= 1
                    return "".join(parts), at
            if sign == closing and closing:
                self.depth -= 1
                return "".join(parts), at + 1
            if sign == "}":
                raise FormulaError(f"the brace at position {at + 1} closes nothing")
            if sign in "^_":
                part, at = self.raised(sign, at + 1)
            elif sign == "\\":
                part, at = self.command(at)
            elif sign == "=" and self.choices:
                part, at = " == ", at + 1
            elif sign == "{":
                inner, at = self.until("}", at + 1)
                part = f"({inner})"
            else:
                part, at = sign, at + 1
            parts.append(part)
        if of:
            self.depth -= 1
            return "".join(parts), at
        if closing:
            raise FormulaError(f"the brace before position {begun + 1} is never closed")
        return "".join(parts), at

    def raised(self, sign: str, at: int) -> tuple[str, int]:
        """A power or an index, behind its sign."""
        inner, end = self.argument(at, sign)
        if re.fullmatch(r"\s*\w+\s*", inner):
            # sin^2 x is a power of the sine: parentheses would be its value.
            return f"{sign}{inner.strip()}{' ' if sign == '^' else ''}", end
        if sign == "_":
            raise FormulaError(
                f"the index at position {at} is no name; allowed are x_1 and x_2"
            )
        return f"^({inner})", end

    def argument(self, at: int, of: str) -> tuple[str, int]:
        """One argument: in braces, a command, or one sign."""
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        if at >= len(self.text):
            raise FormulaError(f"`{quoted(of)}` has nothing behind it")
        if self.text[at] == "{":
            return self.until("}", at + 1)
        if self.text[at] == "\\":
            return self.command(at)
        return self.text[at], at + 1

    def command(self, at: int) -> tuple[str, int]:
        """A command and what belongs to it."""
        match = _COMMAND.match(self.text, at)
        if match is None:
            raise FormulaError(f"the backslash at position {at + 1} begins no command")
        name, end = match[1], match.end()
        if name in ("frac", "dfrac", "tfrac"):
            over, end = self.argument(end, name)
            under, end = self.argument(end, name)
            return f"(({over})/({under}))", end
        if name == "sqrt":
            return self.root(end)
        if name == "sum":
            return self.total(end)
        if name in _TYPESET:
            inner, end = self.argument(end, name)
            words = inner.split()
            self.choices += ("if" in words) - ("else" in words)
            return f" {inner} ", end
        if name in _WORDLESS:
            return " ", end
        if name in _SIGNS:
            sign = _SIGNS[name]
            return (f" {sign} " if sign.isalpha() else sign), end
        if name == "log" and self.text[end : end + 1] == "_":
            base, end = self.argument(end + 1, name)
            if base not in ("2", "10"):
                raise FormulaError(
                    f"the logarithm to base `{quoted(base)}` is not read; allowed are "
                    "2, 10 and e"
                )
            return f" log{base} ", end
        if name in _NAMES:
            # An index belongs to the name.
            index = "" if self.text[end : end + 1] == "_" else " "
            return f" {name}{index}", end
        raise FormulaError(
            f"`\\{quoted(name)}` at position {at + 1} is not read; allowed are {_READ}"
        )

    def total(self, at: int) -> tuple[str, int]:
        r"""A sum and its term: \sum_{k=1}^{5}, and what follows up to + or -."""
        ends = {}
        while self.text[at : at + 1] in (" ", "_", "^") and len(ends) < 2:
            sign, at = self.text[at], at + 1
            if sign != " ":
                ends[sign], at = self.argument(at, "sum")
        lower = _LIMIT.fullmatch(ends.get("_", ""))
        upper = re.fullmatch(r"\(?\s*(-?\s*[0-9]+)\s*\)?", ends.get("^", ""))
        if not lower or not upper:
            raise FormulaError(
                r"a sum goes from one whole number to another, as in \sum_{k=1}^{5}"
            )
        term, end = self.until("", at, of="sum")
        return f" sum({lower[1]}, {lower[2]}, {upper[1]}, {term})", end

    def root(self, at: int) -> tuple[str, int]:
        degree = "2"
        if self.text[at : at + 1] == "[":
            degree, at = self.until("]", at + 1)
        inner, end = self.argument(at, "sqrt")
        if degree == "2":
            return f" sqrt({inner})", end
        if degree == "3":
            return f" cbrt({inner})", end
        return f"(({inner})^(1/({degree})))", end
