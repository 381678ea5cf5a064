"""How an optimizer does for learning rates times values of another setting."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.base import LEARNING_RATE
from optim.studies import (
    Study,
    curvatures,
    is_isolated,
    optimum,
    stability_limit,
    sweep2,
)
from surfaces import params
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies.grids import FULL, ended, exactly, raced, readable, specs_of_ends
from views.studies.part import ENDING, RATE, Column, Part
from views.studies.work import Work


def how_pairs_end(setup: Setup, progress: ProgressCallback, size: int = FULL) -> Result:
    """How an optimizer does for learning rates times values of another setting."""
    work, surface = Work("plane", setup, progress), setup.surface
    key, name = setup["second"].split(".")
    optimizer = setup.rule(key)
    second = params(optimizer.hypers)[name]
    rates, values = readable(LEARNING_RATE, size), readable(second, size)

    def pair(k: int) -> dict[str, float]:
        row, column = divmod(k, size)
        return {"lr": float(rates[column]), name: float(values[row])}

    def compute(key: str, progress: ProgressCallback) -> tuple[Study, int | None]:
        found = sweep2(
            surface,
            optimizer,
            ("lr", name),
            (rates, values),
            **exactly(setup, key, progress),
        )
        work.count_steps(found.taken)
        return raced(found, setup, key, "steps", pair)

    found, fastest = work.each([key], compute)[key]
    work.compiles_for(size, name)
    base = surface.base_loss
    best = None
    if fastest is not None:
        best = {
            "lr": pair(fastest)["lr"],
            "second": pair(fastest)[name],
            "steps": int(found.within.ravel()[fastest]),
            "isolated": is_isolated(found, fastest),
        }
    return work.result(
        {key: ended(found, base)},
        {name: values, "lr": rates},
        specs_of_ends(name, "lr"),
        {key: {"best": best, "theory": _theory(setup, values)}},
        size=size,
        second=name,
        label=second.label,
        scale=second.scale,
        base=base,
        known=surface.lowest is not None,
        tolerance=setup["tolerance"],
    )


def _theory(setup: Setup, values: Any) -> dict[str, Any] | None:
    """What theory says of momentum near the lowest minimum; None where it is silent."""
    surface = setup.surface
    entry, name = setup["second"].split(".")
    stationary = setup.conditions_of(entry).is_stationary(surface.samples)
    covered = (setup.rule(entry).key, name) == ("momentum", "beta")
    covered = covered and stationary and surface.smooth
    if not covered or not surface.minima:
        return None
    at = surface.minima[int(np.argmin(surface.minimum_losses))]
    found = curvatures(surface, at)[-surface.variables :]
    if not found.min() > 1e-9 * found.max():
        return None
    return {
        "at": list(at[: surface.variables]),
        "curvatures": found.tolist(),
        "limit": stability_limit(found, values).tolist(),
        "optimum": list(optimum(found)[:2]),
    }


def _title(result: Result) -> str:
    label = result.meta["label"]
    rule = result.setup.name(result.setup["second"].split(".")[0])
    return f"{label[:1].lower()}{label[1:]} and learning rate of {rule}"


def _describe_size(result: Result) -> str:
    name = result.meta["second"]
    rates, values = result.sizes["lr"], result.sizes[name]
    return f"{rates} learning rates × {values} values of {name}"


def _columns(result: Result) -> Mapping[str, Column]:
    key, name = result.setup["second"].split(".")
    meaning = params(result.setup.rule(key).hypers)[name].meaning.rstrip(".")
    return {name: Column(meaning[:1].lower() + meaning[1:]), **RATE, **ENDING}


PART = Part(
    "plane",
    how_pairs_end,
    runs=lambda setup, size: {setup["second"].split(".")[0]: size**2},
    title=_title,
    describe_size=_describe_size,
    columns=_columns,
    arrays=("losses", "within", "ends"),
    depends=("second", "tolerance"),
    sized=True,
)
