"""The numbers that have a field beside the surface: the start, and the steps."""

from collections.abc import Mapping

from surfaces import Param, plain_number
from views.fields import STEPS, start_params
from views.setup import Setup


def declared(setup: Setup) -> dict[str, Param]:
    """The numbers that have a field beside the surface, by its key."""
    x, y = start_params(setup.declared_surface.domain)
    return {"start_x": x, "start_y": y, "steps": STEPS}


def numbers(setup: Setup) -> dict[str, str]:
    """What the fields of these numbers show."""
    x, y = setup["start"]
    return {
        "start_x": f"{x:.6g}",
        "start_y": f"{y:.6g}",
        "steps": str(setup["steps"]),
    }


def edits_of(setup: Setup, typed: Mapping[str, str]) -> dict[str, str]:
    """The edits of a setup that typed numbers are.

    An empty field is none, nor is one that holds what it showed, which is rounded.
    """
    texts = {
        key: text
        for key, shown in numbers(setup).items()
        if key in typed and (text := plain_number(typed[key])) not in ("", shown)
    }
    edits = {key: text for key, text in texts.items() if key == "steps"}
    if len(texts) > len(edits):
        x, y = (repr(float(part)) for part in setup["start"])
        edits["start"] = f"{texts.get('start_x', x)},{texts.get('start_y', y)}"
    return edits
