"""The value of a tree, by NumPy or by JAX."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from surfaces.formula.functions import CONDITIONS, CONSTANTS, FUNCTIONS, power
from surfaces.formula.nodes import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Sum,
    parts,
)


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
    if isinstance(node, Sum):
        # A number as any other, so that x^k is a repeated product.
        indices = map(np.float64, range(node.first, node.last + 1))
        known = ({**variables, node.index: k} for k in indices)
        return reduce(m.add, (evaluate(node.term, each, m) for each in known))
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
        case Call("nonzero"):
            # The one word that only derivatives have.
            return m.where(values[0] == 0, 1.0, values[0])
        case Call(name):
            known = CONDITIONS if name in CONDITIONS else FUNCTIONS
            return known[name].apply(m, *values)
