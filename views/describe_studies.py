"""What the player gets of the studies: their settings, and what they ask for."""

from typing import Any

from views.describe_settings import setting
from views.setup import Setup
from views.studies import PARTS
from views.tabs import COUNTS, TABS, Tab


def described(setup: Setup) -> list[dict[str, Any]]:
    """Each study: its settings, its parts with their names, and its panels."""
    return [
        {
            "key": key,
            "label": tab.label,
            "hint": tab.hint,
            "settings": [setting(setup, name) for name in _counting(setup, tab)],
            "asks": tab.parts,
            "layout": tab.layout,
            "panels": {part: tab.panels.get(part, _own(part)) for part in tab.parts},
            "charts": {
                part: chart.described()
                for part in tab.parts
                if (chart := PARTS[part].chart)
            },
            "map": tab.map,
            "how": tab.how,
        }
        for key, tab in TABS.items()
    ]


def _own(part: str) -> tuple[str]:
    """The panel that shows a part: the one of its name, or the chart it declares."""
    return (f"chart:{part}",) if PARTS[part].chart else (part,)


def _counting(setup: Setup, tab: Tab) -> list[str]:
    """The settings of a study that count as things are."""

    def counts(name: str) -> bool:
        by, value = COUNTS.get(name, (None, None))
        return name in setup.fields and (by not in tab.settings or setup[by] == value)

    return [name for name in tab.settings if counts(name)]
