"""The panels of the race that a reader chooses, and what the map shows besides.

In the address that is `panels=inside,sharpness`, `inspect=adam` and
`show=field,contour`.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from surfaces.typos import closest
from views.charts import CHARTS, LOSS

_ROW = re.compile(r"^ {2}(\w+): \{\n((?: {4}.*\n)+) {2}\},$", re.MULTILINE)
_FIELD = re.compile(r'^ {4}(\w+): "?(.*?)"?,$', re.MULTILINE)


def chosen_in(area: str, layout: str) -> dict[str, str]:
    """The panels of a race that a reader chooses in an area, with their titles.

    Args:
        area: Where they stand.
        layout: The text of layout.js, the one table of all panels.

    Returns:
        The titles by the names that the address has.
    """
    rows = [(key, dict(_FIELD.findall(row))) for key, row in _ROW.findall(layout)]
    return {
        row.get("as", key): row["title"]
        for key, row in rows
        if row["area"] == area and "over" not in row and "study" not in row["needs"]
    }


_LAYOUT = (Path(__file__).parent / "player" / "layout.js").read_text("utf-8")

BESIDE = chosen_in("scene", _LAYOUT)
"""What can stand beside the map, one at a time, with its name."""

UNDER = chosen_in("losses", _LAYOUT)
"""What can stand under the map besides the charts: the loss curves."""

PANELS = BESIDE | UNDER | {key: chart.label for key, chart in CHARTS.items()}
"""All panels by name."""

OVERLAYS = {
    "arrows": "arrows of the step",
    "every": "arrows of all optimizers",
    "curvature": "curvature at the iterate",
    "field": "gradient field",
    "flow": "gradient flow from the start",
    "contour": "contour through the iterate",
    "samples": "gradients of single samples",
    "outcomes": "outcomes before they happen",
}
"""What the map can show besides, by name."""

MOST_CHARTS = 2


def parse_panels(text: str) -> tuple[str, ...]:
    """Reads the names of panels.

    Raises:
        ValueError: If one is unknown or given twice, or there are too many of a kind.
    """
    names = listed(text, PANELS)
    beside = [name for name in names if name in BESIDE]
    if len(beside) > 1:
        raise ValueError(
            f"names {' and '.join(beside)}; allowed is one of {', '.join(BESIDE)}"
        )
    charts = len(names) - len(beside)
    if charts > MOST_CHARTS:
        raise ValueError(f"names {charts} charts; allowed are {MOST_CHARTS}")
    return names


def shown_panels(
    panels: tuple[str, ...], hide: Iterable[str], *, first: bool
) -> tuple[str, ...]:
    """The panels that are chosen; beside the map there is always one.

    Args:
        panels: Those of the address.
        hide: The groups of controls that are hidden, of which one is the surface in 3D.
        first: Whether another panel comes before that: data, or a curve.
    """
    if "3d" not in hide or first or any(name in BESIDE for name in panels):
        return panels
    return ("inside", *panels)


def parse_overlays(text: str) -> tuple[str, ...]:
    """Reads the names of what the map shows besides.

    Raises:
        ValueError: If one is unknown or given twice.
    """
    return listed(text, OVERLAYS)


def listed(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Reads names with commas between them.

    Raises:
        ValueError: If one is unknown or given twice.
    """
    names = tuple(filter(None, text.split(",")))
    for name in names:
        if name not in known:
            raise ValueError(f"names {name[:20]!r}, {_hint(name, known)}")
    if len(set(names)) < len(names):
        raise ValueError("names one twice; allowed is each once")
    return names


def _hint(name: str, known: Iterable[str]) -> str:
    meant = closest(name, tuple(known))
    if meant:
        return f"which is unknown; did you mean {meant}?"
    return f"which is unknown; allowed are {', '.join(known)}"


def charts_of(panels: Iterable[str]) -> tuple[str, ...]:
    """The charts among some panels; the loss where none is chosen."""
    chosen = tuple(name for name in panels if name not in BESIDE)
    return chosen or (LOSS,)
