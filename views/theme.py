"""Colours and marks: the dark theme, and one look for each optimizer.

Every trail keeps a contrast of at least 3:1 against every colour of the map (WCAG
2.2, success criterion 1.4.11), and a mark of its own, because colour is never the
only cue.
"""

from dataclasses import dataclass
from itertools import cycle

from optim import OPTIMIZERS

PAGE = "#0b0e14"
PANEL = "#11151d"
INK = "#e6e9ef"
MUTED = "#97a1b2"
ACCENT = "#22d3ee"
GRID = "#232a37"

# From the minimum upwards: dark and low in saturation, so that bright trails stand
# out and the five colours keep their names. A contour has 1.8:1 against all of them and
# leaves every trail its 3:1: that leaves room for a change of hue, from blue to brown,
# and for little of lightness.
MAP_SCALE = ("#030711", "#081125", "#0f182e", "#191a2b", "#241820")
MAP_LINE = "#434650"
CRITICAL = "#ffe9a8"

# After Okabe and Ito's colours, which people with any colour vision distinguish;
# the minima carry numbers besides.
MINIMA = (
    "#56b4e9", "#e69f00", "#2fbf95", "#cc79a7", "#f0e442", "#5a7dff", "#e8703a",
    "#b8c0cc",
)  # fmt: skip
"""What leads to each minimum of a surface, in their order; then from the beginning."""
ENDS = {
    "descending": ("#2b313d", "no marked minimum"),
    "stuck": ("#b9a2ff", "stuck at a saddle"),
    "stopped": ("#8a6d3b", "stopped"),
    "left": ("#1d7f76", "left the map"),
    "undefined": ("#6b2f6b", "undefined"),
    "diverged": ("#932b2b", "diverged"),
}
"""What comes to no minimum: its colour, and the words for it."""
SLOWEST_BRIGHTNESS = 0.4
"""How bright the slowest is that still gets somewhere, beside the fastest."""
NEAR_BRIGHTNESS = 0.3
"""How bright what is near a place is, and not at rest there, beside the fastest."""

PALETTE = {
    "page": PAGE,
    "panel": PANEL,
    "line": GRID,
    "ink": INK,
    "muted": MUTED,
    "accent": ACCENT,
    # Around what is bright, so that it stands out from what is bright as well.
    "edge": "#05070c",
    "strong": "#ffffff",
    "critical": CRITICAL,
    "warning": "#ffb86b",
    "faint": "#8a8f9c",
    "lost": "#e0685c",
    "contour": MAP_LINE,
    "map": MAP_SCALE,
    "minima": MINIMA,
    "ends": {kind: colour for kind, (colour, _) in ENDS.items()},
    # From few steps to many: light to dark, but far from the dark of what is late.
    "steps": (
        "#fff3b0", "#f5d565", "#e0ab45", "#c89458", "#a98a88", "#8580b0", "#5f74c8",
    ),
    # From small rates to large: viridis without its dark end, which the map has.
    "rates": (
        "#2c738e", "#228c8d", "#21a585", "#3fbc73", "#77d153", "#bade28", "#fde725",
    ),
    # Quantities of a step, one after the other; no trail has these.
    "quantities": (
        "#ffb454", "#c9a9ff", "#7ee0c6", "#ff9fb8", "#f2e58a", "#a8c7e8", "#d9b59a",
    ),
    # What only the style sheet has: buttons, switches, and words on how a run ended.
    "button": "#1a202c",
    "border": "#2d3648",
    "play": "#12343d",
    "groove": "#3a4150",
    "switch": "#343d4f",
    "best": "#182030",
    "bad": "#ff9b8a",
    "good": "#b8f5c4",
    "shadow": "#000000",
    # How entries' colours are drawn where they are not drawn as they are.
    "trails": {},
    # What colours are mixed with where fewer steps are brighter, and the word for it.
    "base": "#000000",
    "faster": "Brighter",
    "scheme": "dark",
    # How large letters are, and how wide lines, beside those of a small window.
    "letters": 1,
    "strokes": 1,
    # How much darker the surface is where it is turned away: never brighter than the
    # map, against which the contrast of trails is computed.
    "shade": 0.25,
}  # fmt: skip
"""Every colour of the page but those of the optimizers, by name.

The player draws by this table (palette.js), and style.css has the single colours among
them as custom properties. The other themes are further tables (`views.palettes`).
"""


@dataclass(frozen=True)
class Look:
    """How an optimizer is drawn: its colour, the mark at its head, its short name."""

    colour: str
    mark: str
    short: str


# The mission's five; these colours never change meaning.
_NAMED = {
    "gradient_descent": ("#00d0f4", "circle"),
    "momentum": ("#fc2cf0", "square"),
    "adagrad": ("#ffffff", "triangle"),
    "rmsprop": ("#3dff74", "diamond"),
    "adam": ("#5b8dff", "star"),
}
DEFAULT_ON = tuple(_NAMED)

# Found by a search for colours with contrast enough whose smallest distance (in OKLab)
# from any other is largest, for eyes with all cones and as Machado, Oliveira and
# Fernandes (IEEE Trans. Vis. Comput. Graph. 15, 2009) simulate those without one kind;
# the farthest come first. The marks are for eyes that do not see the difference.
FURTHER = (
    ("#c5af75", "cross"),
    ("#beffbc", "hexagon"),
    ("#9eb919", "down"),
    ("#809b7f", "plus"),
    ("#07c7a4", "hourglass"),
    ("#e1cd20", "pentagon"),
    ("#ee6bd3", "right"),
    ("#b886ab", "left"),
    ("#9eedfb", "bowtie"),
    ("#90e28f", "star4"),
    ("#cd8817", "chevron"),
    ("#f599a5", "house"),
    ("#43ac47", "star6"),
    ("#f56b76", "bar"),
    ("#eadad3", "pillar"),
    ("#93c1c9", "trapezoid"),
    ("#f7a2ef", "kite"),
)


def _looks() -> dict[str, Look]:
    further = cycle(FURTHER)
    return {
        key: Look(
            *(_NAMED.get(key) or next(further)), optimizer.short or optimizer.label
        )
        for key, optimizer in OPTIMIZERS.items()
    }


LOOKS = _looks()


def luminance(colour: str) -> float:
    """The relative luminance of a #rrggbb colour, as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two #rrggbb colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
