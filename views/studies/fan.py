"""The trails of one optimizer for learning rates over the whole range."""

from optim.base import LEARNING_RATE
from optim.studies import Trails
from views.setup import Setup
from views.studies.answer import Answer
from views.studies.part import RATE, TRAIL, Part
from views.studies.walked import Walk, points_of
from views.studies.work import Tell

FAN = 61
"""Rates of a fan."""


def fan_of_rates(setup: Setup, tell: Tell) -> Answer:
    """The trails of one optimizer for rates over the whole range."""
    work = Walk("fan", setup, tell)
    rates = LEARNING_RATE.spread(FAN)

    def compute(key: str, progress: Tell) -> Trails:
        return work.trails(key, progress, lr=rates)

    found = work.each([setup["fan"]], compute)
    return work.answer(
        {key: {"points": points_of(one)} for key, one in found.items()},
        {"lr": rates, "step": work.steps},
    )


PART = Part(
    "fan",
    fan_of_rates,
    runs=lambda setup, size: {setup["fan"]: FAN},
    title=lambda answer: (
        f"{answer.setup.name(answer.setup['fan'])} at every learning rate"
    ),
    counted=lambda answer: f"{answer.many['lr']} learning rates",
    columns=lambda answer: {**RATE, **TRAIL},
    arrays=("points",),
    depends=("fan",),
    every_step=True,
)
