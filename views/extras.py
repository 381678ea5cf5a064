"""What a race's result carries besides, for each entry, where it is asked for by name.

In an address that is `with=grads,states`, which is no part of the setup. What is not
asked for is neither computed nor sent.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np

from optim import Optimizer, Trajectory
from optim.curvature import curvatures_along
from optim.descent import shapes_of
from surfaces import Surface
from views.result import XY, ArraySpec
from views.setup import wrong


class Extra(NamedTuple):
    """Something that can be asked for.

    Attributes:
        meaning: What it is, for the comments of a table.
        find: The arrays of a run by name, each with a row for every iterate; that of
            the last may be missing.
        numbers: How many these have a row, at most.
        unit: What they count.
        axis: What their columns run along; None where they are coordinates if there
            are two of them, and else numbered.
        gradients: How many gradients of the surface a row takes, or as much time.
    """

    meaning: str
    find: Callable[[Surface, Trajectory], Mapping[str, np.ndarray]]
    numbers: Callable[[Optimizer], int]
    unit: str
    axis: str | None = None
    gradients: float = 0.0


def _states(_: Surface, run: Trajectory) -> dict[str, np.ndarray]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(run.states)
    return {"/".join(("states", *map(_word, path))): leaf for path, leaf in leaves}


def _word(key: Any) -> str:
    """A key of a path through a state, as a name: of a field, an index or a key."""
    for attribute in ("name", "idx", "key"):
        if hasattr(key, attribute):
            return str(getattr(key, attribute))
    return str(key)


@cache
def _state_count(optimizer: Optimizer) -> int:
    point = jax.ShapeDtypeStruct((2,), np.float64)
    return sum(
        leaf.size for leaf in jax.tree.leaves(jax.eval_shape(optimizer.init, point))
    )


def _quantities(_: Surface, run: Trajectory) -> dict[str, np.ndarray]:
    found = run.quantities or {}
    return {f"quantities/{name}": array for name, array in found.items()}


EXTRAS = {
    "grads": Extra(
        "the gradient there, as the rule was given it",
        lambda _, run: {"grads": run.grads},
        lambda _: 2,
        "slopes",
    ),
    "quantities": Extra(
        "what the step from there computed on its way",
        _quantities,
        lambda optimizer: sum(shape.size for _, shape in shapes_of(optimizer)),
        "the rule's own",
    ),
    "states": Extra("the rule's memory there", _states, _state_count, "the rule's own"),
    "curvature": Extra(
        "the eigenvalues of the Hessian there, the smaller first",
        lambda surface, run: {"curvature": curvatures_along(surface, run.points)},
        lambda _: 2,
        "curvatures",
        "eigenvalue",
        10.0,
    ),
}
"""By name."""


def parse_extras(texts: Iterable[str]) -> tuple[str, ...]:
    """The names in an address, in the order of `EXTRAS`.

    Raises:
        ValueError: For one that there is not, in a sentence.
    """
    asked = {name for text in texts for name in text.split(",") if name}
    for name in sorted(asked - EXTRAS.keys()):
        known = f"is unknown; allowed are {', '.join(EXTRAS)}"
        raise ValueError(wrong("with", name, ValueError(known)))
    return tuple(name for name in EXTRAS if name in asked)


def spec_of(extra: Extra, array: np.ndarray) -> ArraySpec:
    """What one of its arrays is."""
    more = array.shape[1:]
    axes = (XY if size == 2 else f"of {size}" for size in more)
    return ArraySpec(("step", *((extra.axis,) if extra.axis else axes)), extra.unit)
