"""The themes: one table of colours each, by the names of `views.theme.PALETTE`.

    dark         bright trails on a quiet dark map
    light        the same on paper: dark trails on a pale map
    projector    dark, with contours, lines and letters that a back row can see

Entries keep the names of their colours in each. On paper, what is bright becomes a
darker line of the same hue, and white has a dark edge; cyan and green have an edge of
their own bright colour.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from views.theme import FURTHER, LOOKS, PALETTE, Look

AUTO = "auto"
"""No theme is asked for: the page is as the system is, dark or light."""
NAMES = {
    AUTO: "as the system",
    "dark": "dark",
    "light": "light",
    "projector": "projector",
}

# Found as the colours on the dark map were: of each hue, dark enough for 3:1 against
# contours, and as far from one another as may be for each kind of eyes.
_NAMED = {
    "gradient_descent": {"line": "#006372", "edge": "#00d0f4"},
    "momentum": {"line": "#a200ae"},
    "adagrad": {"line": "#ffffff", "edge": "#14181f", "words": "#3b424e"},
    "rmsprop": {"line": "#035121", "edge": "#3dff74"},
    "adam": {"line": "#003fff"},
}
_FURTHER = (
    "#825032", "#003732", "#41503c", "#2d3200", "#146400", "#693700", "#5a00a0",
    "#6e37d2", "#1e4b7d", "#2d412d", "#690a0a", "#5a3250", "#41644b", "#5f0055",
    "#b40f5a", "#00376e", "#320087",
)  # fmt: skip
_ON_PAPER = {LOOKS[key].colour: colours for key, colours in _NAMED.items()} | {
    bright: {"line": line} for (bright, _), line in zip(FURTHER, _FURTHER, strict=True)
}

LIGHT: Mapping[str, Any] = PALETTE | {
    "page": "#f5f6f9",
    "panel": "#ffffff",
    "line": "#d3d9e3",
    "ink": "#14181f",
    "muted": "#4b5464",
    "accent": "#00677c",
    "edge": "#ffffff",
    "strong": "#14181f",
    "critical": "#5c3a00",
    "warning": "#8f4300",
    "faint": "#656d7a",
    "lost": "#b3261e",
    "contour": "#abaeb8",
    "map": ("#e0e9f7", "#e9eef7", "#f0f1f5", "#f5f3f1", "#f8f4ee"),
    "ends": {
        "descending": "#dcdfe6",
        "stuck": "#7f66d9",
        "stopped": "#a5813f",
        "left": "#2a9a91",
        "undefined": "#a463a4",
        "diverged": "#c64f4f",
    },
    "steps": (
        "#33217a", "#4b3aa6", "#7361b8", "#a5858f", "#c69a5a", "#dcb14b", "#e9cb6d",
    ),
    "rates": (
        "#440154", "#443983", "#31688e", "#1f7d88", "#16784f", "#4d7a12", "#757000",
    ),
    "quantities": (
        "#8a4300", "#6a3fb5", "#00624e", "#a8224f", "#665800", "#2b5486", "#70492c",
    ),
    "button": "#edf0f5",
    "border": "#bcc4d1",
    "play": "#d2f0f6",
    "groove": "#b4bcc9",
    "switch": "#8b95a5",
    "best": "#e6f1ff",
    "bad": "#a3271b",
    "good": "#1d6a2c",
    "shadow": "#ffffff",
    "trails": _ON_PAPER,
    "base": "#ffffff",
    "faster": "Stronger",
    "scheme": "light",
    "shade": 0.1,
}  # fmt: skip
PROJECTOR: Mapping[str, Any] = PALETTE | {
    "page": "#000000",
    "panel": "#05070b",
    "line": "#3a4252",
    "ink": "#ffffff",
    "muted": "#c3cad6",
    "contour": "#5f636f",
    "map": ("#000000", "#040912", "#0a1120", "#121420", "#1a1418"),
    "border": "#5a6679",
    # Contours are too bright for 3:1 beside every trail: a black edge lies between.
    "trails": {
        look.colour: {"line": look.colour, "edge": "#000000"}
        for look in (*LOOKS.values(), *(Look(*further, "") for further in FURTHER))
    },
    "letters": 1.36,
    "strokes": 1.7,
}
THEMES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"dark": PALETTE, "light": LIGHT, "projector": PROJECTOR}
)


def described_themes() -> dict[str, dict[str, Any]]:
    """The tables by name, as JSON values: dark, and what differs in the others."""
    return {
        name: {
            key: value
            for key, value in table.items()
            if name == "dark" or value != PALETTE[key]
        }
        for name, table in THEMES.items()
    }


def theme_of(wanted: str, seen: str | None) -> str:
    """The theme that is shown.

    Args:
        wanted: Which is asked for.
        seen: How the browser shows the page, light or dark; None if that is unknown.
    """
    if wanted != AUTO:
        return wanted
    return "light" if seen == "light" else "dark"
