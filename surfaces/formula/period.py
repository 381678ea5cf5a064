"""Losses that change with the step t, and after how many steps they come again.

t may stand in mod(t, n) only, for a loss that never comes again has no mean over its
steps, and so no map and no minimum.
"""

import math
from collections.abc import Iterator

from surfaces.formula.errors import FormulaError
from surfaces.formula.nodes import Binary, Call, Name, Node, Number, parts, words

STEP = "t"
"""The step that is taken, from 1."""

LONGEST_PERIOD = 128


def period(node: Node) -> int | None:
    """After how many steps a formula comes again; None if it has no t.

    Raises:
        FormulaError: If it does not, or after more than 128.
    """
    if STEP not in words(node):
        return None
    found = math.lcm(*_periods(node))
    if found > LONGEST_PERIOD:
        raise FormulaError(
            f"the loss comes again after {found:,} steps, and allowed are "
            f"{LONGEST_PERIOD}"
        )
    return found


def _periods(node: Node) -> Iterator[int]:
    match node:
        case Call("mod", (inner, Number(n))) if STEP in words(inner):
            if not (n.is_integer() and n >= 1 and _is_whole(inner)):
                raise _refused()
            yield int(n)
        case Name(name) if name == STEP:
            raise _refused()
        case _:
            for part in parts(node):
                yield from _periods(part)


def _is_whole(node: Node) -> bool:
    """Whether it is t, a whole number, or made of them without dividing."""
    match node:
        case Number(value):
            return value.is_integer()
        case Name(name):
            return name == STEP
        case Binary("+" | "-" | "*", left, right):
            return _is_whole(left) and _is_whole(right)
    return False


def _refused() -> FormulaError:
    return FormulaError(
        "`t`, the step, may stand in mod(t, n) only, with a whole n, so that the "
        "loss comes again after n steps: where(mod(t, 3) == 1, 9x, -4x) + y^2"
    )
