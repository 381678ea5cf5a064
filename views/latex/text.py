"""Words, numbers and colours, as LaTeX reads them."""

import re

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    **{sign: f"\\{sign}" for sign in "$&#_%"},
}
_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi"
_GREEK += " omicron pi rho sigma tau upsilon phi chi psi omega"
_LETTERS = [letter for letter in "αβγδεζηθικλμνξοπρστυφχψω"]
_SYMBOLS = {
    **{
        letter: rf"\ensuremath{{\{name}}}"
        for letter, name in zip(_LETTERS, _GREEK.split(), strict=True)
        if name != "omicron"
    },
    "−": r"\ensuremath{-}",
    "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}",
    "√": r"\ensuremath{\surd}",
    "∞": r"\ensuremath{\infty}",
    "≤": r"\ensuremath{\le}",
    "≥": r"\ensuremath{\ge}",
    "…": r"\ldots{}",
    "’": "'",
    "‘": "`",
    "“": "``",
    "”": "''",
    "–": "--",
    "—": "---",
    "\u00a0": "~",
}
for _digits, _command in (("⁰¹²³⁴⁵⁶⁷⁸⁹", "^"), ("₀₁₂₃₄₅₆₇₈₉", "_")):
    for _k, _digit in enumerate(_digits):
        _SYMBOLS[_digit] = rf"\ensuremath{{{_command}{{{_k}}}}}"


def escaped(text: str) -> str:
    """Text in which nothing is a command; a letter that LaTeX may lack is a ?."""
    return "".join(map(_letter, text))


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if letter in _SYMBOLS:
        return _SYMBOLS[letter]
    if " " <= letter <= "~" or "À" <= letter <= "ÿ":
        return letter
    return " " if letter.isspace() else "?"


def number(value: float) -> str:
    """A number to its last digit, as PGF reads it."""
    return repr(float(value))


def shown(value: float) -> str:
    """A number to six digits, as a table shows it."""
    text = f"{value:.6g}"
    if text in ("inf", "-inf"):
        return rf"${text.replace('inf', '')}\infty$"
    if text == "nan":
        return "not a number"
    digits, _, power = text.partition("e")
    return rf"${digits} \cdot 10^{{{int(power)}}}$" if power else f"${digits}$"


def colour(name: str, value: str) -> str:
    """The definition of a colour, from its six digits."""
    return rf"\definecolor{{{name}}}{{HTML}}{{{value.removeprefix('#').upper()}}}"


def name_of(entry: str) -> str:
    """What an entry is called in commands: letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", entry)
