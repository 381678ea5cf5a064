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
    """

    label: str
    hint: str
    parts: Mapping[str, str]
    settings: tuple[str, ...] = ()


TABS = {
    "basins": Tab(
        "Basins",
        "Where does every start lead? Brighter is sooner. Click to start there; below, "
        "drag along a line to set its learning rate.",
        {"basins": "basins", "sweep": "learning rates"},
    ),
    "rates": Tab(
        "Learning rates",
        "Which learning rates work? Drag along a line to set one. On the map, the fan "
        "is red where it is lost.",
        {"sweep": "learning rates", "fan": "fan", "curves": "loss curves"},
        ("objective", "tolerance", "fan", "apart"),
    ),
    "plane": Tab(
        "Two settings",
        "How do two settings work together? Click or drag to set both.",
        {"plane": "two settings"},
        ("second", "tolerance"),
    ),
    "swarm": Tab(
        "Swarm",
        "Many starts at once: how far apart do they end, and what is their mean worth? "
        "Press play; in the end ⊕ marks the mean of the points.",
        {"swarm": "swarm"},
        ("swarm", "starts", "cloud"),
    ),
    "luck": Tab(
        "Noise fan",
        "The same race under many seeds of noise or of minibatches: how much was luck?",
        {"luck": "noise fan"},
        ("seeds", "noise", "batch"),
    ),
    "fair": Tab(
        "Fair race",
        "Each optimizer at its best learning rate, found by the same search.",
        {"sweep": "fair race"},
        ("objective", "tolerance", "budget"),
    ),
}
"""By key: its name in the address."""

COUNTS = {"cloud": ("swarm", "cloud"), "tolerance": ("objective", "steps")}
"""Settings that count only where another that is asked with them has a value."""
