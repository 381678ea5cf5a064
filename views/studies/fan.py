"""The trails of one optimizer for learning rates over the whole range."""

from optim.base import LEARNING_RATE
from optim.studies import Trails
from views.fields import FIRST_ON
from views.result import COORDINATES, XY, ArraySpec, ProgressCallback, Result, single
from views.setup import Setup
from views.studies.part import RATE, TRAIL, Part
from views.studies.trail_work import TrailWork

FAN = 61
"""Rates of a fan."""


def shown_by(setup: Setup) -> str:
    """The entry whose fan it is."""
    if setup["fan"] != FIRST_ON:
        return setup["fan"]
    rated = (entry for entry in setup["on"] if setup.has_rate(entry))
    return next(rated, "gradient_descent")


def fan_of_rates(setup: Setup, progress: ProgressCallback) -> Result:
    """The trails of one optimizer for rates over the whole range."""
    work = TrailWork("fan", setup, progress)
    rates = LEARNING_RATE.spaced(FAN)

    def compute(key: str, progress: ProgressCallback) -> Trails:
        return work.trails(key, progress, lr=rates)

    found = work.each([shown_by(setup)], compute)
    return work.result(
        {key: {"points": single(one.points)} for key, one in found.items()},
        {"lr": rates, "step": work.steps},
        {"points": ArraySpec(("lr", "step", XY), COORDINATES)},
    )


PART = Part(
    "fan",
    fan_of_rates,
    runs=lambda setup, size: {shown_by(setup): FAN},
    title=lambda result: (
        f"{result.setup.name(shown_by(result.setup))} at every learning rate"
    ),
    describe_size=lambda result: f"{result.sizes['lr']} learning rates",
    columns=lambda result: {**RATE, **TRAIL},
    arrays=("points",),
    depends=("fan",),
    every_step=True,
)
