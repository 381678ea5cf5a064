"""Charts that a part declares, and that the player then draws by itself (chart.js)."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Chart:
    """A picture of the arrays of a part.

    Attributes:
        x: The axis of the answer that runs to the right, by name.
        y: For lines and points the array of each run that is drawn upwards; for a heat
            map the axis that runs upwards.
        x_label: Said beside the axis; else its name.
        y_label: The same.
        log_x: Whether x is on a logarithmic axis.
        log_y: Whether y is.
    """

    x: str
    y: str
    x_label: str = ""
    y_label: str = ""
    log_x: bool = False
    log_y: bool = False

    def described(self) -> dict[str, Any]:
        """The declaration for the player, as JSON values."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Lines(Chart):
    """A line for each optimizer."""


@dataclass(frozen=True)
class Points(Chart):
    """A mark for each value, not joined by lines."""


@dataclass(frozen=True)
class HeatMap(Chart):
    """A panel for each optimizer with a cell for each pair of x and y.

    Attributes:
        z: The array of each run that gives the colours: a row for each y, a column for
            each x.
        z_label: Said beside the colours; else its name.
        log_z: Whether colours go by the logarithm.
    """

    z: str = ""
    z_label: str = ""
    log_z: bool = False
