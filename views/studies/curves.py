"""The losses for five learning rates of each optimizer that has one."""

from collections.abc import Iterable

import numpy as np

from optim.studies import Trails
from views.result import ABOVE_BASE, ArraySpec, ProgressCallback, Result, above
from views.setup import Setup
from views.studies.part import RATE, STEP, Column, Part
from views.studies.trail_work import TrailWork


def curves_of_rates(setup: Setup, progress: ProgressCallback) -> Result:
    """The losses for five learning rates of each optimizer that has one."""
    work, surface = TrailWork("curves", setup, progress), setup.surface
    factors = float(setup["ratio"]) ** np.arange(-2, 3)
    base = surface.base_loss
    rates = {
        key: _around(setup.hypers(key).lr, factors)
        for key in setup["on"]
        if setup.has_rate(key)
    }

    def compute(key: str, progress: ProgressCallback) -> Trails:
        return work.trails(key, progress, lr=rates[key])

    found = work.each(rates, compute)
    return work.result(
        {key: {"losses": above(base, one.losses)} for key, one in found.items()},
        {"step": work.steps},
        {"losses": ArraySpec(("rates", "step"), ABOVE_BASE)},
        {key: {"rates": rates[key].tolist()} for key in found},
        without=[setup.name(key) for key in setup["on"] if not setup.has_rate(key)],
        base=base,
        known=surface.lowest is not None,
    )


def _around(own: float, factors: np.ndarray) -> np.ndarray:
    """Rates with as many digits as are worth reading, but the own one with all."""
    return np.array([own if f == 1 else float(f"{own * f:.4g}") for f in factors])


def _axes(result: Result, key: str) -> Iterable[np.ndarray]:
    return np.array(result.per_run[key]["rates"]), result.axes["step"]


PART = Part(
    "curves",
    curves_of_rates,
    runs=lambda setup, size: {key: 5 for key in setup["on"] if setup.has_rate(key)},
    title=lambda result: "each optimizer at five learning rates",
    describe_size=lambda result: (
        f"learning rates with a ratio of {result.setup['ratio']:g}"
    ),
    columns=lambda result: {
        **RATE,
        **STEP,
        "loss_above_base": Column("the loss there, above the base"),
    },
    arrays=("losses",),
    axes=_axes,
    depends=("ratio",),
    every_step=True,
)
