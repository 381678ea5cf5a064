"""Numbers that a text declares for a person to turn: `a = 1 in 0..10`."""

import math
import re
from collections.abc import Mapping
from keyword import iskeyword
from typing import NamedTuple

from parameters import Param, Scale
from surfaces.formula.errors import FormulaError, quoted
from surfaces.formula.functions import KNOWN
from surfaces.formula.text import digits

MOST_SLIDERS = 6
"""Sliders that a formula may have."""

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho "
    "sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi "
    "Omega".split()
)
_NUMBER = r"[-+]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
DECLARED = re.compile(
    rf"\s*(?P<value>{_NUMBER})\s*(?:in\s*(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER}))?\s*"
)
_WITH = re.compile(r"\bwith\b")
_SLIDER = re.compile(rf"\s*(?P<name>[A-Za-z]+)\s*={DECLARED.pattern}")
_EXAMPLE = "a*x^2 + y^2 with a = 1 in 0..10"


class Slider(NamedTuple):
    """A number of one's own: its declaration, and its value to begin with."""

    param: Param
    default: float


class Numbers(NamedTuple):
    """A number as it is declared: its value, and where it may go if that is said."""

    value: float
    low: float | None
    high: float | None

    def fault(self, name: str) -> str:
        """What is wrong with it, in words that complete a sentence; empty if nothing.

        Args:
            name: What it is called.
        """
        if not all(math.isfinite(number) for number in self if number is not None):
            return "has a number that is too large"
        if self.low is None or self.high is None:
            return ""
        if not self.low < self.high:
            return "must go from a lower number to a higher one"
        if not self.low <= self.value <= self.high:
            return (
                f"gives `{quoted(name)}` a value out of its range, "
                f"{digits_of(self.low)} to {digits_of(self.high)}"
            )
        return ""


def numbers(found: re.Match[str]) -> Numbers:
    """What `DECLARED` has matched."""

    def number(name: str) -> float | None:
        typed = found[name]
        return None if typed is None else float("".join(typed.split()))

    value = number("value")
    assert value is not None
    return Numbers(value, number("low"), number("high"))


def digits_of(value: float) -> str:
    """A number with no more digits than it needs, and its sign."""
    return f"-{digits(-value)}" if value < 0 else digits(value)


def scale_of(low: float, high: float) -> Scale:
    """How a slider of a range should go: by its magnitudes where there are several."""
    return "log" if low > 0 and high / low >= 100 else "linear"


def sliders(text: str) -> tuple[str, dict[str, Slider]]:
    """A formula, and the numbers that are declared behind `with`.

    Raises:
        FormulaError: With one sentence.
    """
    formula, *declared = _WITH.split(text)
    if not declared:
        return text, {}
    if len(declared) > 1:
        raise FormulaError("the formula says `with` twice; set numbers off by commas")
    found: dict[str, Slider] = {}
    for part in declared[0].split(","):
        name, slider = _slider(part)
        if name in found:
            raise FormulaError(f"`{name}` is declared twice")
        found[name] = slider
    if len(found) > MOST_SLIDERS:
        raise FormulaError(f"the formula has more than {MOST_SLIDERS} sliders")
    return formula, found


def printed(declared: Mapping[str, Slider]) -> str:
    """Numbers as they are declared, from which the same is read."""
    each = (
        f"{name} = {digits_of(default)} in {digits_of(param.low)}.."
        f"{digits_of(param.high)}"
        for name, (param, default) in declared.items()
    )
    return ", ".join(each)


def _slider(part: str) -> tuple[str, Slider]:
    match = _SLIDER.fullmatch(part)
    if match is None or match["low"] is None:
        raise FormulaError(
            f"behind `with`, `{quoted(part.strip())}` declares no number; write it as "
            f"in {_EXAMPLE}"
        )
    name = match["name"]
    taken = name in (*KNOWN, "f", "z") or iskeyword(name)
    if taken or (len(name) > 1 and name not in GREEK):
        raise FormulaError(
            f"`{quoted(name)}` cannot be the name of a number; allowed are letters "
            "that mean nothing else, and Greek ones such as kappa"
        )
    given = numbers(match)
    if fault := given.fault(name):
        raise FormulaError(f"behind `with`, a number {fault}")
    low, high = given.low, given.high
    assert low is not None
    assert high is not None
    symbol = name if len(name) == 1 else rf"\{name}"
    meaning = "A number of the formula."
    param = Param(symbol, name, low, high, scale_of(low, high), meaning)
    return name, Slider(param, given.value)
