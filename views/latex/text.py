"""Words, numbers and colours, as LaTeX reads them."""

import math
import re

import numpy as np

_NOT_A_NUMBER = "not a number"
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
    return _NOT_A_NUMBER if text == "nan" else f"${_in_math(text)}$"


def digits(value: float) -> str:
    """A number to five digits in a formula, with a power of ten where it has one."""
    if math.isnan(value):
        return rf"\text{{{_NOT_A_NUMBER}}}"
    rounded = float(f"{value:.5g}")
    plain = rounded == 0 or 1e-4 <= abs(rounded) < 1e6
    return _in_math(np.format_float_positional(rounded) if plain else f"{value:.4e}")


def _in_math(text: str) -> str:
    digits, _, power = text.replace("inf", r"\infty").partition("e")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def colour(name: str, value: str) -> str:
    """The definition of a colour, from its six digits."""
    return rf"\definecolor{{{name}}}{{HTML}}{{{value.removeprefix('#').upper()}}}"


def name_of(entry: str) -> str:
    """What an entry is called in commands: letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", entry)
