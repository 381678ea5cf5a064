"""Studies of which only the ends count: basins, rates, two settings."""

from typing import Any

import numpy as np

from optim import OPTIMIZERS
from optim.base import LEARNING_RATE
from optim.studies import (
    Study,
    basins,
    best,
    curvatures,
    optimum,
    stability_limit,
    sweep,
    sweep2,
)
from surfaces import Param, params
from views.setup import RATED, Setup
from views.studies.answer import Answer, above, counted, ends_of, steps_of
from views.studies.work import Tell, Work

SIZE = Param("N", "Values a side", 8, 256, "log", "Starts a side.", whole=True)
FULL = 128
"""Starts, or values, a side where nobody is dragging."""


def readable(param: Param, count: int) -> np.ndarray:
    """So many values over a range, each with as many digits as are worth reading."""
    if param.scale == "complement":
        return param.spread(count).round(6)
    return np.array([float(f"{value:.4g}") for value in param.spread(count)])


def where_starts_lead(setup: Setup, tell: Tell, size: int = FULL) -> Answer:
    """Where every start on the map leads, for each optimizer that is on."""
    work, surface = Work("basins", setup, tell), setup.surface

    def compute(key: str, progress: Tell) -> dict[str, np.ndarray]:
        found = basins(
            surface,
            OPTIMIZERS[key],
            setup.hypers(key),
            size,
            setup["steps"],
            conditions=setup.conditions,
            dtype=np.float64 if OPTIMIZERS[key].exact else np.float32,
            progress=progress,
        )
        work.took(found.study.taken)
        return {"steps": steps_of(found.study), "ends": ends_of(found.study)}

    found = work.each(setup["on"], compute, lambda key: (size, setup.hypers(key)))
    x_low, x_high, y_low, y_high = surface.window
    axes = {
        "y": np.linspace(y_low, y_high, size),
        "x": np.linspace(x_low, x_high, size),
    }
    work.took(0, size)
    return work.answer(
        found,
        axes,
        size=size,
        window=list(surface.window),
        minima=[list(point) for point in surface.minima],
        saddles=[list(point) for point in surface.saddles],
    )


def _exactly(setup: Setup, key: str, progress: Tell) -> dict[str, Any]:
    """What a sweep of an optimizer is told besides the values, in float64.

    What is close to a minimum is not told apart in float32, where the best of many is
    to be found, and a tolerance may be finer than it can tell.
    """
    return {
        "hypers": setup.hypers(key),
        "start": setup["start"],
        "num_steps": setup["steps"],
        "conditions": setup.conditions,
        "tolerance": setup["tolerance"],
        "dtype": np.float64,
        "progress": progress,
    }


def how_rates_end(setup: Setup, tell: Tell) -> Answer:
    """How every learning rate ends, for each optimizer on that has one."""
    work, surface = Work("sweep", setup, tell), setup.surface
    rates = readable(LEARNING_RATE, setup["budget"])

    def same_by(key: str) -> Any:
        asked = (setup[name] for name in ("start", "tolerance", "budget"))
        return setup.hypers(key)._replace(lr=0.0), *asked

    def compute(key: str, progress: Tell) -> Study:
        found = sweep(
            surface,
            OPTIMIZERS[key],
            "lr",
            rates,
            **_exactly(setup, key, progress),
        )
        work.took(found.taken)
        return found

    rated = [key for key in setup["on"] if key in RATED]
    found = work.each(rated, compute, same_by)
    work.took(0, len(rates))
    base = surface.lowest or 0.0
    told = {}
    for key, one in found.items():
        k = best(one, setup["objective"])
        told[key] = {"best": None}
        if k is not None:
            told[key]["best"] = {
                "index": k,
                "lr": float(rates[k]),
                "loss": float(one.losses[k]),
                "steps": int(one.hit[k]) if one.hit[k] >= 0 else None,
                "edge": k in (0, len(rates) - 1),
            }
    return work.answer(
        {
            key: {
                "losses": above(base, one.losses),
                "hits": counted(one.hit),
                "ends": ends_of(one),
            }
            for key, one in found.items()
        },
        {"lr": rates},
        told,
        base=base,
        known=surface.lowest is not None,
        start=list(setup["start"]),
        objective=setup["objective"],
        tolerance=setup["tolerance"],
    )


def how_pairs_end(setup: Setup, tell: Tell, size: int = FULL) -> Answer:
    """How an optimizer does for learning rates times values of another setting."""
    work, surface = Work("plane", setup, tell), setup.surface
    key, name = setup["second"].split(".")
    optimizer = OPTIMIZERS[key]
    second = params(optimizer.hypers)[name]
    rates, values = readable(LEARNING_RATE, size), readable(second, size)

    def compute(key: str, progress: Tell) -> Study:
        found = sweep2(
            surface,
            optimizer,
            ("lr", name),
            (rates, values),
            **_exactly(setup, key, progress),
        )
        work.took(found.taken)
        return found

    found = work.each([key], compute)[key]
    work.took(0, size, name)
    fastest = best(found, "steps")
    told = {}
    if fastest is not None:
        row, column = np.unravel_index(fastest, found.kinds.shape)
        told = {
            "lr": float(rates[column]),
            "second": float(values[row]),
            "steps": int(found.hit[row, column]),
        }
    return work.answer(
        {
            key: {
                "losses": above(surface.lowest or 0.0, found.losses),
                "hits": counted(found.hit),
                "ends": ends_of(found),
            }
        },
        {name: values, "lr": rates},
        {key: {"best": told or None, "theory": _theory(setup, values)}},
        size=size,
        second=name,
        label=second.label,
        scale=second.scale,
        base=surface.lowest or 0.0,
        known=surface.lowest is not None,
        tolerance=setup["tolerance"],
    )


def _theory(setup: Setup, values: Any) -> dict[str, Any] | None:
    """What theory says of momentum near the lowest minimum; None where it is silent."""
    surface = setup.surface
    calm = setup.conditions.calm(surface.samples)
    told = setup["second"] == "momentum.beta" and calm and surface.smooth
    if not told or not surface.minima:
        return None
    at = surface.minima[int(np.argmin(surface.heights))]
    bent = curvatures(surface, at)
    if not bent.min() > 1e-9 * bent.max():
        return None
    return {
        "at": list(at),
        "curvatures": bent.tolist(),
        "limit": stability_limit(bent, values).tolist(),
        "optimum": list(optimum(bent)[:2]),
    }
