"""What the player is told of the studies: their settings, and what they ask for."""

from typing import Any

from views.described import setting
from views.setup import Setup
from views.tabs import COUNTS, TABS, Tab


def described(setup: Setup) -> list[dict[str, Any]]:
    """Each study: its settings, and the parts it asks for, with their names."""
    return [
        {
            "key": key,
            "label": tab.label,
            "hint": tab.hint,
            "settings": [setting(setup, name) for name in _counting(setup, tab)],
            "asks": tab.parts,
        }
        for key, tab in TABS.items()
    ]


def _counting(setup: Setup, tab: Tab) -> list[str]:
    """The settings of a study that count as things are."""

    def counts(name: str) -> bool:
        by, value = COUNTS.get(name, (None, None))
        return name in setup.fields and (by not in tab.settings or setup[by] == value)

    return [name for name in tab.settings if counts(name)]
