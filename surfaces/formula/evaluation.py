"""The value of a tree, by NumPy or by JAX."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from surfaces.formula.functions import CONSTANTS, FUNCTIONS, power
from surfaces.formula.nodes import Binary, Call, Name, Negative, Node, Number, parts


def evaluate(node: Node, variables: Mapping[str, Any], m: Any) -> Any:
    """The value of a tree.

    Args:
        node: The tree.
        variables: The values of all names that are no constants.
        m: jax.numpy or numpy.
    """
    if isinstance(node, Number):
        return np.float64(node.value)
    if isinstance(node, Name):
        return variables.get(node.name, np.float64(CONSTANTS.get(node.name, 0.0)))
    values = [evaluate(part, variables, m) for part in parts(node)]
    if not all(isinstance(value, np.float64) for value in values):
        return _apply(node, values, m)
    # What is constant is known here and now, so that whole exponents are found.
    with np.errstate(all="ignore"):
        return np.float64(_apply(node, values, np))


def _apply(node: Node, values: list[Any], m: Any) -> Any:
    match node:
        case Negative():
            return m.negative(*values)
        case Binary("^"):
            return power(m, *values)
        case Binary(operator):
            join = {"+": m.add, "-": m.subtract, "*": m.multiply, "/": m.divide}
            return join[operator](*values)
        case Call(name):
            return FUNCTIONS[name].apply(m, *values)
