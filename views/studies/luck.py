"""The race under many seeds of noise, or of the order of minibatches."""

import numpy as np

from optim import OPTIMIZERS
from optim.studies import Trails
from views.setup import Setup
from views.studies.answer import Answer
from views.studies.crowd import NOTE, crowd, points_in
from views.studies.part import TRAIL, Column, Part
from views.studies.walked import Walk
from views.studies.work import Tell


def noise_fan(setup: Setup, tell: Tell) -> Answer:
    """The race under many seeds of noise, or of the order of minibatches."""
    work, seeds = Walk("luck", setup, tell), np.arange(setup["seeds"])
    # Of their own, some rules try their luck in any weather.
    lucky = {key for key in setup["on"] if "seed" in OPTIMIZERS[key].hypers._fields}
    chancy = bool(lucky) or setup.conditions.chancy(setup.ground.samples)

    def run(key: str, progress: Tell) -> Trails:
        own = {"seed": seeds.astype(float)} if key in lucky else {}
        return work.trails(key, progress, seeds=seeds, **own)

    return crowd(work, "seed", len(seeds), run, chancy=chancy)


PART = Part(
    "luck",
    noise_fan,
    runs=lambda setup, size: {key: setup["seeds"] for key in setup["on"]},
    title=lambda answer: "the same race under many seeds",
    counted=lambda answer: f"{answer.many['seed']} seeds of each optimizer",
    columns=lambda answer: {
        "seed": Column("of noise, minibatches and the rule"),
        **TRAIL,
    },
    arrays=("points",),
    note=NOTE,
    depends=("seeds",),
    every_step=True,
    points=lambda setup: points_in(setup, setup["seeds"]),
)
