"""What the player is given of a setup where there is no server to ask."""

from collections.abc import Collection, Iterable
from typing import Any

from views.describe import describe
from views.fields import SHOWN
from views.groups import GROUPS
from views.inside import AT_ITERATE
from views.panels import charts_of, shown_panels
from views.setup import Setup
from views.webpage.options import Options
from views.webpage.sliders import KeptSlider

HIDDEN = ("view", "studies", "lessons", "check", "save", "share")
"""Groups of controls that need a server."""
LOCKED = ("surface", "start", "steps", "conditions")
"""Groups of which the file has one value."""


def described(
    setup: Setup, inside: Collection[str], options: Options
) -> dict[str, Any]:
    """A setup as `describe` has it, without what is not in the file.

    Args:
        setup: Of what.
        inside: The entries whose steps are in the file.
        options: What is chosen of the file.
    """
    page = describe(setup)
    alive = {slider.key: slider for slider in options.sliders}
    without = () if options.scene else ("3d",)
    hidden = [name for name in HIDDEN if not (options.saving and name == "save")]
    on = {key: page["looks"][key] for key in setup["on"]}
    carried = {*charts_of(setup["panels"]), *setup["show"], "outcomes"}
    if inside:
        carried |= AT_ITERATE - {"samples"}
    hide = (*setup["hide"], *hidden, *without)
    first = bool(page["data"] or page["curve"])
    return page | {
        "panels": list(shown_panels(setup["panels"], hide, first=first)),
        "hide": _in_order(hide),
        "lock": _in_order((*setup["lock"], *LOCKED)),
        "lessons": [],
        "uploads": False,
        "rooms": False,
        "room": "",
        "others": [],
        "looks": on,
        "studies": page["studies"][:1],
        "charts": _only(page["charts"], carried),
        "overlays": _only(page["overlays"], carried),
        "beside": {
            name: label
            for name, label in page["beside"].items()
            if (name != "3d" or options.scene)
            and (name in ("3d", "data", "curve") or inside)
        },
        "params": [_fixed(param) for param in page["params"]],
        "cards": [
            card
            | {
                "text": "",
                "sliders": [
                    _kept(param, alive) if param["key"] in alive else _fixed(param)
                    for param in card["sliders"]
                ],
            }
            for card in page["cards"]
            if card["on"]
        ],
        "kept": {
            "inside": list(inside),
            "sliders": [slider._asdict() for slider in alive.values()],
            "turnable": ["on", *SHOWN, *alive],
        },
        "edits_seen": 0,
    }


def live_description(setup: Setup, *, scene: bool) -> dict[str, Any]:
    """A setup as `describe` has it, without what only the app has.

    Args:
        setup: Of what.
        scene: Whether the surface is shown in 3D.
    """
    page = describe(setup)
    hide = (*setup["hide"], *HIDDEN, *(() if scene else ("3d",)))
    first = bool(page["data"] or page["curve"])
    return page | {
        "panels": list(shown_panels(setup["panels"], hide, first=first)),
        "hide": _in_order(hide),
        "lessons": [],
        "uploads": False,
        "rooms": False,
        "room": "",
        "studies": page["studies"][:1],
        "edits_seen": 0,
    }


def _in_order(groups: Iterable[str]) -> list[str]:
    asked = set(groups)
    return [name for name in GROUPS if name in asked]


def _only(table: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: row for name, row in table.items() if name in names}


def _fixed(param: dict[str, Any]) -> dict[str, Any]:
    return param | {"fixed": True}


def _kept(param: dict[str, Any], alive: dict[str, KeptSlider]) -> dict[str, Any]:
    return param | {"values": list(alive[param["key"]].values)}
