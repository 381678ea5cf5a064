"""A number a person can turn: its range, its scale and what it means.

Hyperparameters and the parameters of a surface are fields of NamedTuples, each
annotated with a `Param`. Sliders, address keys, error messages, help texts, the
reference's tables and the property tests are all derived from that one declaration.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import numpy as np
from jaxtyping import Float

Scale = Literal["linear", "log", "complement", "root", "switch"]
"""How a slider maps its range to positions.

linear      evenly
log         by log10(value)
complement  by -log10(1 - value): for decay rates, where 0.9, 0.99 and 0.999 should be
            equally spaced
root        by the cube root: for ranges that begin at zero, fine near it
switch      not at all: the value is 0 or 1, off or on
"""

_SCALES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "linear": (np.asarray, np.asarray),
    "log": (np.log10, lambda position: 10.0**position),
    "complement": (lambda v: -np.log10(1 - v), lambda position: 1 - 10.0**-position),
    "root": (np.cbrt, lambda position: position**3),
    "switch": (np.asarray, np.round),
}


MINUSES = str.maketrans(dict.fromkeys("−–‐‑", "-"))
"""From signs that are meant as a minus, to the one that is read."""


@dataclass(frozen=True)
class Param:
    """The declaration of one number.

    Attributes:
        symbol: The symbol in LaTeX, without dollar signs.
        label: One or two words for a person.
        low: Smallest value allowed.
        high: Largest value allowed.
        scale: How a slider maps the range to positions.
        meaning: One sentence on what turning it does.
        whole: Whether only whole numbers are allowed.
        states: What a switch that is off, and one that is on, is called in a name.
    """

    symbol: str
    label: str
    low: float
    high: float
    scale: Scale
    meaning: str
    whole: bool = False
    states: tuple[str, str] = ("off", "on")

    @property
    def allowed(self) -> str:
        """The range in words, for an error message."""
        if self.scale == "switch":
            return "0 (off) or 1 (on)"
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {_written(self.low)} to {_written(self.high)}"

    def spaced(self, count: int) -> Float[np.ndarray, " count"]:
        """So many values over the range, at equal distances on a slider."""
        to, back = _SCALES[self.scale]
        values = back(np.linspace(to(self.low), to(self.high), count))
        return np.clip(np.round(values) if self.whole else values, self.low, self.high)

    def position(self, values: Any) -> Float[np.ndarray, "..."]:
        """Where a slider has these values, on a scale of its own that is even."""
        return _SCALES[self.scale][0](np.asarray(values, float))

    def value_at(self, position: float) -> float:
        """The value at a position of the slider, within the range."""
        value = float(_SCALES[self.scale][1](position))
        return min(max(value, self.low), self.high)

    def check(self, value: float) -> float:
        """Returns the value if it is allowed.

        Raises:
            ValueError: With what is allowed, in words that complete a sentence.
        """
        # Not math.isfinite(): whole numbers may be too long for a float.
        if value != value or abs(value) == math.inf:
            raise ValueError(f"is not finite; allowed is {self.allowed}")
        if not self.low <= value <= self.high:
            raise ValueError(f"is out of range; allowed is {self.allowed}")
        if self.whole and value != int(value):
            raise ValueError(f"is not a whole number; allowed is {self.allowed}")
        return value

    def parse(self, text: str) -> float:
        """Reads the value from text, strictly.

        Raises:
            ValueError: With what is allowed, in words that complete a sentence.
        """
        try:
            # int() and float() also read "1_000", " 1\n" and non-ASCII digits: allow
            # none of them.
            if "_" in text or text != text.strip() or not text.isascii():
                raise ValueError
            value = int(text) if self.whole else float(text)
        except ValueError:
            kind = "a whole number" if self.whole else "a number"
            raise ValueError(f"is not {kind}; allowed is {self.allowed}") from None
        return self.check(value)


def _written(value: float) -> str:
    """A number as JavaScript writes it, whose sentences say the same."""
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return np.format_float_positional(value, trim="-")
    return f"{value:g}"


def plain_number(text: str) -> str:
    """A number as a person types it into a field of its own, as `Param.parse` reads it.

    There a comma is a decimal one, and a minus may be the longer sign or a dash.
    """
    return text.strip().replace(",", ".").translate(MINUSES)


def switch(
    symbol: str, label: str, meaning: str, states: tuple[str, str] = ("off", "on")
) -> Param:
    """The declaration of something that is off (0) or on (1).

    Args:
        symbol: As of `Param`.
        label: As of `Param`.
        meaning: As of `Param`.
        states: A word or two for off and for on, to follow the name of a rule.
    """
    return Param(symbol, label, 0, 1, "switch", meaning, whole=True, states=states)


class NoParams(NamedTuple):
    """Of a surface that has no parameters."""


@lru_cache(maxsize=256)
def params(declared: type[Any]) -> Mapping[str, Param]:
    """The `Param` of every field of a NamedTuple type, in order of declaration."""
    hints = get_type_hints(declared, include_extras=True)
    found = {
        name: next(m for m in hints[name].__metadata__ if isinstance(m, Param))
        for name in declared._fields
    }
    return MappingProxyType(found)


__all__ = [
    "Annotated",
    "NoParams",
    "Param",
    "Scale",
    "params",
    "plain_number",
    "switch",
]
