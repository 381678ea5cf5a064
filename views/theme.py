"""Colours and marks: a calm dark map, and one look for each optimizer.

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

# After Okabe and Ito's colours, which people with any colour vision can tell apart;
# the minima carry numbers besides.
MINIMA = (
    "#56b4e9", "#e69f00", "#2fbf95", "#cc79a7", "#f0e442", "#5a7dff", "#e8703a",
    "#b8c0cc",
)  # fmt: skip
"""What leads to each minimum of a surface, in their order; then from the beginning."""
ENDS = {
    "descending": ("#2b313d", "at no marked place"),
    "stuck": ("#b9a2ff", "stuck at a saddle"),
    "stopped": ("#8a6d3b", "stopped"),
    "left": ("#1d7f76", "left the map downhill"),
    "undefined": ("#6b2f6b", "undefined"),
    "diverged": ("#932b2b", "diverged"),
}
"""What comes to no minimum: its colour, and the words for it."""
SLOWEST = 0.4
"""How bright the slowest is that still gets somewhere, beside the fastest."""
NEAR = 0.3
"""How bright what is near a place is, and not at rest there, beside the fastest."""


@dataclass(frozen=True)
class Look:
    """How an optimizer is drawn: its colour, the mark at its head, its short name."""

    colour: str
    mark: str
    short: str


# The mission's five; these colours never change meaning.
_NAMED = {
    "gradient_descent": ("#00e5ff", "circle"),
    "momentum": ("#ff3df2", "square"),
    "adagrad": ("#ffffff", "triangle"),
    "rmsprop": ("#3dff74", "diamond"),
    "adam": ("#5b8dff", "star"),
}
DEFAULT_ON = tuple(_NAMED)

# Found by always taking the colour farthest (in OKLab) from all before it among those
# with contrast enough; the marks are for whoever does not see the difference.
FURTHER = (
    ("#ff6900", "cross"),
    ("#a5a54b", "hexagon"),
    ("#d287b4", "down"),
    ("#ffff00", "plus"),
    ("#87a5b4", "hourglass"),
    ("#c378ff", "pentagon"),
    ("#00b487", "right"),
    ("#ffb496", "left"),
    ("#ff5a87", "bowtie"),
    ("#5ab400", "star4"),
    ("#ffb400", "chevron"),
    ("#d2c3ff", "house"),
    ("#ffffa5", "star6"),
    ("#a5ffc3", "bar"),
    ("#b4e15a", "pillar"),
    ("#00a5e1", "trapezoid"),
    ("#ff87f0", "kite"),
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
