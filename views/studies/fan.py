"""The trails of one optimizer for learning rates over the whole range."""

from optim.base import LEARNING_RATE
from optim.studies import Trails
from views.result import COORDINATES, XY, ArraySpec, ProgressCallback, Result, single
from views.setup import Setup
from views.studies.part import RATE, TRAIL, Part
from views.studies.trail_work import TrailWork

FAN = 61
"""Rates of a fan."""


def fan_of_rates(setup: Setup, progress: ProgressCallback) -> Result:
    """The trails of one optimizer for rates over the whole range."""
    work = TrailWork("fan", setup, progress)
    rates = LEARNING_RATE.spaced(FAN)

    def compute(key: str, progress: ProgressCallback) -> Trails:
        return work.trails(key, progress, lr=rates)

    found = work.each([setup["fan"]], compute)
    return work.result(
        {key: {"points": single(one.points)} for key, one in found.items()},
        {"lr": rates, "step": work.steps},
        {"points": ArraySpec(("lr", "step", XY), COORDINATES)},
    )


PART = Part(
    "fan",
    fan_of_rates,
    runs=lambda setup, size: {setup["fan"]: FAN},
    title=lambda result: (
        f"{result.setup.name(result.setup['fan'])} at every learning rate"
    ),
    describe_size=lambda result: f"{result.sizes['lr']} learning rates",
    columns=lambda result: {**RATE, **TRAIL},
    arrays=("points",),
    depends=("fan",),
    every_step=True,
)
