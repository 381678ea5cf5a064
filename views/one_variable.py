"""A loss of one variable, for the player to draw as a curve (player/curve.js)."""

from typing import Any

from surfaces import Surface
from surfaces.formula.derivative import derivative
from surfaces.formula.nodes import Node, size
from views.postfix import postfix

LONGEST = 1_000
"""Parts of what is computed for each pixel."""


def curve_of(surface: Surface) -> dict[str, Any] | None:
    """The loss, its slope and its second derivative, as lists of steps (postfix.py).

    They name x and the parameters.

    Returns:
        None of a surface with two variables, and where the loss is not drawn; slope or
        second derivative are None where they are not.
    """
    expression = surface.expression
    if expression is None or surface.variables == 2:
        return None
    node = expression.whole
    _, slope = derivative((), node, "x")
    _, bend = derivative((), slope, "x")
    known = ("x", *surface.params._fields)
    names: dict[str, str] = {name: name for name in known}

    def steps(node: Node) -> list[float | str] | None:
        return postfix(node, names) if size([node]) <= LONGEST else None

    found = {"loss": steps(node), "slope": steps(slope), "bend": steps(bend)}
    return found if found["loss"] else None
