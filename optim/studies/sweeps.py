"""The usual studies: over one hyperparameter, over two, and over all starts."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from optim.base import Hypers, Optimizer
from optim.studies.engine import Study, check_size, study
from surfaces import Surface

Values = Float[np.ndarray, " n"]


class Basins(NamedTuple):
    """Where the start of each run leads: x (n,), y (n,), and the study [y, x]."""

    x: Float[np.ndarray, " n"]
    y: Float[np.ndarray, " n"]
    study: Study


def sweep(
    surface: Surface,
    optimizer: Optimizer,
    name: str,
    values: Any,
    hypers: Hypers,
    start: Any,
    num_steps: int,
    **options: Any,
) -> Study:
    """One run for each value of a hyperparameter.

    Args:
        surface: What is descended.
        optimizer: The rule.
        name: Which hyperparameter.
        values: Its values, shape (n,).
        hypers: The values of all others.
        start: The first iterate of every run.
        num_steps: How often the rule is applied.
        **options: Passed on to `study`.

    Raises:
        ValueError: As `study` does, and for a hyperparameter the rule does not have.
    """
    swept = _replaced(optimizer, hypers, {name: np.ravel(values)})
    return study(surface, optimizer, start, swept, num_steps, **options)


def sweep2(
    surface: Surface,
    optimizer: Optimizer,
    names: tuple[str, str],
    values: tuple[Any, Any],
    hypers: Hypers,
    start: Any,
    num_steps: int,
    **options: Any,
) -> Study:
    """One run for each pair of values of two hyperparameters.

    Args:
        surface: What is descended.
        optimizer: The rule.
        names: Which hyperparameters.
        values: Their values, shapes (n,) and (m,).
        hypers: The values of all others.
        start: The first iterate of every run.
        num_steps: How often the rule is applied.
        **options: Passed on to `study`.

    Returns:
        A study of shape (m, n): the first hyperparameter runs along a row.

    Raises:
        ValueError: As `study` does, and for hyperparameters the rule does not have.
    """
    (along, down), (first, second) = names, values
    if along == down:
        raise ValueError(f"{along} cannot be swept against itself")
    pairs = {along: np.ravel(first), down: np.ravel(second)[:, None]}
    swept = _replaced(optimizer, hypers, pairs)
    return study(surface, optimizer, start, swept, num_steps, **options)


def basins(
    surface: Surface,
    optimizer: Optimizer,
    hypers: Hypers,
    size: int,
    num_steps: int,
    **options: Any,
) -> Basins:
    """One run from each point of a regular grid over the window, borders included.

    Args:
        surface: What is descended.
        optimizer: The rule.
        hypers: Values of `optimizer.hypers`.
        size: Points a side.
        num_steps: How often the rule is applied.
        **options: Passed on to `study`.

    Raises:
        ValueError: As `study` does.
    """
    check_size((size, size))
    x_low, x_high, y_low, y_high = surface.view_domain
    x, y = np.linspace(x_low, x_high, size), np.linspace(y_low, y_high, size)
    starts = np.stack(np.meshgrid(x, y), axis=-1)
    return Basins(x, y, study(surface, optimizer, starts, hypers, num_steps, **options))


def _replaced(optimizer: Optimizer, hypers: Hypers, swept: dict[str, Any]) -> Hypers:
    for name in swept:
        if name not in optimizer.hypers._fields:
            raise ValueError(
                f"{optimizer.label} has no {name}, only "
                f"{', '.join(optimizer.hypers._fields)}"
            )
    return hypers._replace(**swept)
