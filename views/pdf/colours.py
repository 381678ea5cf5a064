"""Colours as a browser writes them."""

import re

from views.stream import Refused

_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.I)
_CALL = re.compile(r"(rgba?|color)\(\s*(srgb\s)?([\d.e\s,/%+-]{1,100})\)", re.I)
_NAMES = {"black": "#000000", "white": "#ffffff", "transparent": "#00000000"}


def colour_of(text: str) -> tuple[float, float, float, float]:
    """Red, green, blue and how opaque it is, from 0 to 1.

    Raises:
        Refused: If it is no colour.
    """
    text = _NAMES.get(text, text)
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) > 5 else "".join(2 * one for one in text[1:])
        digits = digits.ljust(8, "f")
        red, green, blue, alpha = bytes.fromhex(digits)
        return red / 255, green / 255, blue / 255, alpha / 255
    found = _CALL.fullmatch(text)
    try:
        if found and bool(found[2]) == (found[1].lower() == "color"):
            scale = 1 if found[2] else 255
            values = [_part(one) for one in re.split(r"[\s,/]+", found[3].strip())]
            red, green, blue = (min(max(one / scale, 0), 1) for one in values[:3])
            alpha = min(max(values[3], 0), 1) if len(values) == 4 else 1.0
            if len(values) <= 4:
                return red, green, blue, alpha
    except ValueError:
        pass
    raise Refused(f"A PDF has no colour “{text[:40]}”.")


def _part(text: str) -> float:
    value = float(text)
    if value != value:
        raise ValueError
    return value
