"""Many runs of each optimizer at once: their trails, and the band of their losses."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optim.studies import Trails
from surfaces import Surface
from surfaces.base import loss_at
from views.result import (
    ABOVE_BASE,
    COORDINATES,
    XY,
    ArraySpec,
    ProgressCallback,
    Result,
    above,
    single,
)
from views.setup import Setup
from views.studies.trail_work import TrailWork

MOST_SHOWN = 2**23
"""Points that are sent at once: 64 MB."""
BAND = (0.1, 0.5, 0.9)
"""Quantiles of a band: its lower border, the median, its upper border."""
NOTE = "the band and the mean of the losses at each step are in the npz"


def points_in(setup: Setup, count: int) -> int:
    """How many points so many runs of each optimizer have."""
    return len(setup["on"]) * count * (setup["steps"] + 1)


def ensemble(
    work: TrailWork,
    name: str,
    count: int,
    run: Callable[[str, ProgressCallback], Trails],
    *,
    own: Mapping[str, float] | None = None,
) -> Result:
    """Points, and of the losses a band, for many runs of each optimizer.

    Args:
        work: Which study, and of what.
        name: In what the runs of an optimizer differ.
        count: How many they are.
        run: The trails of an optimizer.
        own: Settings of the study that the race does not have.

    Raises:
        ValueError: If all optimizers' trails are too much to be sent.
    """
    setup, surface = work.setup, work.setup.surface
    points = points_in(setup, count)
    if points > MOST_SHOWN:
        raise ValueError(
            f"{count:,} runs by {setup['steps']:,} steps of {len(setup['on'])} "
            f"optimizers have {points:,} points, and {MOST_SHOWN:,} can be shown at "
            "once"
        )
    base = surface.base_loss

    def compute(
        key: str, progress: ProgressCallback
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        one = run(key, progress)
        arrays = {
            "points": single(one.points),
            "band": above(base, one.quantiles(*BAND)),
            "mean": above(base, _mean(one.losses)),
            "last": above(base, one.losses[:, -1]),
        }
        return arrays, _mean_endpoint(surface, one)

    found = work.each(setup["on"], compute)
    return work.result(
        {key: arrays for key, (arrays, _) in found.items()},
        {name: np.arange(count), "step": work.steps},
        {
            "points": ArraySpec((name, "step", XY), COORDINATES),
            "band": ArraySpec(("quantile", "step"), ABOVE_BASE),
            "mean": ArraySpec(("step",), ABOVE_BASE),
            "last": ArraySpec((name,), ABOVE_BASE),
        },
        {key: more for key, (_, more) in found.items()},
        base=base,
        known=surface.lowest is not None,
        own=own or {},
        quantiles=list(BAND),
    )


def _mean(losses: np.ndarray) -> np.ndarray:
    """The mean over runs; infinite where a loss is or is no number."""
    with np.errstate(over="ignore"):
        return np.where(np.isnan(losses), np.inf, losses).mean(axis=0)


def _mean_endpoint(surface: Surface, found: Trails) -> dict[str, Any]:
    """The mean of the last points and the loss there, if all are finite."""
    last = found.points[:, -1]
    gone = ~surface.domain.contains(last) | ~np.isfinite(found.losses[:, -1])
    result: dict[str, Any] = {"runs": len(last), "gone": int(gone.sum())}
    result["middle"] = None
    middle = last.mean(axis=0) if np.isfinite(last).all() else None
    if middle is not None and np.isfinite(middle).all():
        loss = float(loss_at(surface.fn, middle))
        if np.isfinite(loss):
            result |= {"middle": middle.tolist(), "middle_loss": loss}
    return result
