"""Numbers as sentences have them, in Python as in the player (player/digits.js).

What a person is to type, and what files and addresses hold, keeps the hyphen and the
notation that is read again.
"""

import math
from decimal import ROUND_HALF_UP, Context, Decimal


def digits(value: float, count: int = 6) -> str:
    """A number with so many significant digits, and none that say nothing.

    Args:
        value: The number.
        count: How many digits; beyond a million, or what they reach, and below 0.0001
            there is an exponent.
    """
    value = float(value)
    if not math.isfinite(value):
        return "not a number" if value != value else "∞" if value > 0 else "−∞"
    rounded = Context(count, ROUND_HALF_UP).create_decimal(Decimal(value))
    size = abs(value)
    if size != 0 and (size < 1e-4 or size >= 10 ** max(count, 6)):
        mantissa, exponent = f"{rounded:.{count - 1}e}".split("e")
        return minus(f"{_trimmed(mantissa)}e{int(exponent)}")
    return minus(_trimmed(f"{rounded:f}")) if size else "0"


def within(value: float, unit: float) -> str:
    """A number to about a unit: to the power of ten that is next to it, or to one."""
    decimals = max(0, round(-math.log10(unit)))
    return digits(round(float(value), decimals), 15)


def minus(text: str) -> str:
    """A number that is written with a hyphen, with the sign for a minus."""
    return text.replace("-", "−")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
