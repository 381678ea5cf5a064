"""Groups of controls, of which an address says which are locked and which are hidden.

In the address that is `lock=rates` and `hide=conditions,share`. What is locked shows
its values and does not let them change, what is hidden is not shown, all else is
editable. It is a courtesy to who prepares a page for others: no run depends on it, and
the server refuses nothing.
"""

from collections.abc import Container
from typing import Literal

from views.panels import listed

GROUPS = {
    "surface": "surface, its formula and parameters",
    "start": "start: its fields, the ring on the map",
    "steps": "number of steps",
    "view": "view: race, side by side, studies",
    "studies": "which study, and its settings",
    "optimizers": "optimizers: on, off, add, duplicate",
    "rates": "learning rates",
    "hyperparameters": "all other sliders of the cards",
    "conditions": "conditions",
    "lessons": "list of lessons, and their pages",
    "timeline": "timeline: play, step, speed",
    "overlays": "show… and keep trails, on the map",
    "3d": "surface in 3D: turn and zoom",
    "inside": "inside the step, and the table",
    "charts": "curves, and the list of charts",
    "outcomes": "how runs end",
    "check": "gradient check",
    "save": "save as a file",
    "share": "share, and the QR code",
}
"""What a reader may change, by its name in the address: what belongs to it."""

State = Literal["editable", "locked", "hidden"]


def parse_groups(text: str) -> tuple[str, ...]:
    """Reads the names of groups.

    Raises:
        ValueError: If one is unknown or given twice.
    """
    return listed(text, GROUPS)


def state(group: str, hidden: Container[str], locked: Container[str]) -> State:
    """What is done with a group; one that is both is hidden.

    Args:
        group: Its name.
        hidden: The names of groups that are hidden.
        locked: The names of groups that are locked.
    """
    if group in hidden:
        return "hidden"
    return "locked" if group in locked else "editable"
