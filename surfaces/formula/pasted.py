r"""Formulas as papers print them: LaTeX, and x_1, w_1 or theta_1 in the place of x.

`\frac{1}{2}x_1^2 + \sqrt{x_2}` becomes `((1)/(2))x^2 + sqrt(y)`, which is read like any
other text.
"""

import re

from surfaces.formula.errors import FormulaError, quoted
from surfaces.formula.functions import ALIASES, FUNCTIONS, REWRITTEN
from surfaces.formula.sliders import GREEK

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
    "vartheta": "theta", "varphi": "phi",
}  # fmt: skip
_NAMES = frozenset({*FUNCTIONS, *ALIASES, *REWRITTEN, *GREEK, "pi"})
_TYPESET = ("mathrm", "operatorname", "text", "mathit", "mathbf", "rm", "textrm")
_READ = r"\frac, \sqrt, \cdot, \left(, functions such as \sin and Greek letters"

_VARIABLE = re.compile(r"(?<![A-Za-z_])(x|w|theta|θ)(_?)([12])(?![0-9.])")
_ALONE = re.compile(r"(?<![A-Za-z_])[xy](?![A-Za-z_0-9])")


def plain(text: str) -> str:
    """A formula as one would type it, of one that was pasted.

    Raises:
        FormulaError: With one sentence, for LaTeX that is no formula.
    """
    if "\\" in text or "^{" in text or "_{" in text:
        text = _from_latex(text)
    return _with_x_and_y(text)


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
    read, end = _Reader(text.replace("$", " ")).until("")
    assert end == len(text)
    return " ".join(_SET_OFF.sub(_multiplied, read).replace(_THIN, " ").split())


def _multiplied(match: re.Match[str]) -> str:
    """A product where space sets two factors off: cos x, a space, and y."""
    before = match[1] + match[2]
    return before + (" " if before in _NAMES - GREEK - {"pi"} else "*")


class _Reader:
    """Reads LaTeX from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0

    def until(self, closing: str, at: int = 0) -> tuple[str, int]:
        """What stands up to a closing sign, in plain characters, and its end."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(f"the LaTeX is nested deeper than {DEEPEST}")
        begun, parts = at, []
        while at < len(self.text):
            sign = self.text[at]
            if sign == closing:
                self.depth -= 1
                return "".join(parts), at + 1
            if sign == "}":
                raise FormulaError(f"the brace at position {at + 1} closes nothing")
            if sign in "^_":
                part, at = self.raised(sign, at + 1)
            elif sign == "\\":
                part, at = self.command(at)
            elif sign == "{":
                inner, at = self.until("}", at + 1)
                part = f"({inner})"
            else:
                part, at = sign, at + 1
            parts.append(part)
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
        if name in _TYPESET:
            inner, end = self.argument(end, name)
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
