"""The race under many seeds of noise, or of the order of minibatches.

Where nothing in a race is random, the study gives it noise of its own, or on data a
batch: one path a hundred times over would show nothing.
"""

import numpy as np

from optim.studies import Trails
from surfaces import sample
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies.ensemble import NOTE, ensemble, points_in
from views.studies.part import TRAIL, Column, Part
from views.studies.trail_work import TrailWork

PART_OF_SLOPE = 0.02
"""The study's own noise, as a part of the surface's usual slope."""
PART_OF_DATA = 8
"""How many of the study's own batches hold all samples."""


def own_noise(setup: Setup) -> dict[str, str]:
    """The noise or batch of the study where nothing in the race is random, by key."""
    if samples := setup.declared_surface.sampled:
        return {"batch": str(max(samples // PART_OF_DATA, 1))}
    grid = sample(setup.surface, 41)
    with np.errstate(invalid="ignore", over="ignore"):
        slopes = np.hypot(*np.gradient(grid.z, grid.y, grid.x))
    usual = np.median(slopes[np.isfinite(slopes)]) if np.isfinite(slopes).any() else 0
    noise = float(np.clip(PART_OF_SLOPE * usual, 0.01, 100))
    return {"noise": repr(float(f"{noise:.1g}"))}


def noise_fan(setup: Setup, progress: ProgressCallback) -> Result:
    """The race under many seeds of noise, or of the order of minibatches."""
    # Some rules are random even without gradient noise.
    seeded = {key for key in setup["on"] if setup.rule(key).stochastic}
    stochastic = bool(seeded) or setup.is_stochastic
    added = {} if stochastic else own_noise(setup)
    setup, _ = setup.edited(added)
    work, seeds = TrailWork("seeds", setup, progress), np.arange(setup["seeds"])

    def run(key: str, progress: ProgressCallback) -> Trails:
        own = {"seed": seeds.astype(float)} if key in seeded else {}
        return work.trails(key, progress, seeds=seeds, **own)

    own = {key: float(text) for key, text in added.items()}
    return ensemble(work, "seed", len(seeds), run, own=own)


PART = Part(
    "seeds",
    noise_fan,
    runs=lambda setup, size: {key: setup["seeds"] for key in setup["on"]},
    title=lambda result: "the same race under many seeds",
    describe_size=lambda result: f"{result.sizes['seed']} seeds of each optimizer",
    columns=lambda result: {
        "seed": Column("of noise, minibatches and the rule"),
        **TRAIL,
    },
    arrays=("points",),
    note=NOTE,
    depends=("seeds",),
    every_step=True,
    points=lambda setup: points_in(setup, setup["seeds"]),
)
