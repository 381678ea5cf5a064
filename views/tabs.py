"""The studies as the page turns between them; one entry here is one of them.

What a study is computed of are its parts, each a module of `views.studies`.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Tab(NamedTuple):
    """One study, as the page shows it.

    Attributes:
        label: On its tab.
        hint: What it answers, and what a finger does there.
        parts: What it is computed of, by key, with the name for who saves it.
        settings: The address keys of what it asks, besides what the race is.
        layout: How its panels are laid out (style.css).
        panels: The panels that show a part, by its key (layout.js); where it is not
            here, the one of its name or the chart that it declares.
        map: What the map shows if it is there: the race at its step, the "whole" race,
            or "none" of it.
        how: What its panels do that show more than one study: "dots" for runs that are
            points and not trails, "best" where the best rates are marked.
    """

    label: str
    hint: str
    parts: Mapping[str, str]
    settings: tuple[str, ...] = ()
    layout: str = "whole"
    panels: Mapping[str, tuple[str, ...]] = {}
    map: str = ""
    how: str = ""


TABS = {
    "basins": Tab(
        "Basins",
        "Where does each start end, and how soon? Click to start there; below, drag "
        "along a line to set its learning rate.",
        {"basins": "basins", "sweep": "learning rates"},
        layout="stacked",
    ),
    "rates": Tab(
        "Learning rates",
        "Which learning rates work? Drag along a line to set one. The map has a trail "
        "for each; runs that leave it are red.",
        {"sweep": "learning rates", "fan": "fan", "curves": "loss curves"},
        ("objective", "tolerance", "fan", "ratio"),
        layout="split",
        panels={"fan": ("cloud",)},
        map="whole",
    ),
    "plane": Tab(
        "Two settings",
        "How do two settings work together? Click or drag to set both.",
        {"plane": "two settings"},
        ("second", "tolerance"),
        layout="raced",
        map="race",
    ),
    "swarm": Tab(
        "Swarm",
        "Many starts at once: how far from each other do they end, and how good is the "
        "average of the end points? Press play; in the end ⊕ marks the mean point.",
        {"swarm": "swarm"},
        ("swarm", "starts", "cloud"),
        layout="film",
        panels={"swarm": ("cloud", "bands")},
        map="none",
        how="dots",
    ),
    "seeds": Tab(
        "Noise fan",
        "The same race under many seeds of noise or of minibatches: how much of the "
        "result is random?",
        {"seeds": "noise fan"},
        ("seeds", "noise", "batch"),
        layout="film",
        panels={"seeds": ("cloud", "bands")},
        map="race",
    ),
    "fair": Tab(
        "Fair race",
        "Each optimizer at its best learning rate, found by the same search.",
        {"sweep": "fair race"},
        ("objective", "tolerance", "budget"),
        layout="stacked",
        panels={"sweep": ("sweep", "fair")},
        how="best",
    ),
}
"""By key: its name in the address."""

COUNTS = {"cloud": ("swarm", "cloud"), "tolerance": ("objective", "steps")}
"""Settings that count only where another that is asked with them has a value."""
