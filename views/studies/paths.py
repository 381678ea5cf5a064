"""Studies of which every step is shown: fans, curves, swarms, clouds of seeds."""

from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import jax
import numpy as np

from optim import OPTIMIZERS
from optim.base import LEARNING_RATE
from optim.studies import Trails, trails
from optim.studies.study import room_of
from surfaces import Surface
from surfaces.base import loss_at
from views.setup import RATED, Setup
from views.studies.answer import Answer, above
from views.studies.work import Tell, Work

FAN = 61
"""Rates of a fan."""
MOST_SHOWN = 2**23
"""Points that are sent at once: 64 MB."""
BAND = (0.1, 0.5, 0.9)
"""Quantiles of a band: its lower border, the median, its upper border."""


def _cpu() -> list[Any]:
    return jax.local_devices(backend="cpu")[:1]


def _points(found: Trails) -> np.ndarray:
    with np.errstate(over="ignore"):
        return found.points.astype("<f4")


def fan_of_rates(setup: Setup, tell: Tell) -> Answer:
    """The trails of one optimizer for rates over the whole range."""
    work = Work("fan", setup, tell, _cpu())
    rates = LEARNING_RATE.spread(FAN)

    def compute(key: str, progress: Tell) -> Trails:
        return _trails(work, key, progress, lr=rates)

    found = work.each([setup["fan"]], compute)
    return work.answer(
        {key: {"points": _points(one)} for key, one in found.items()}, {"lr": rates}
    )


def curves_of_rates(setup: Setup, tell: Tell) -> Answer:
    """The losses for five learning rates of each optimizer that has one."""
    work, surface = Work("curves", setup, tell, _cpu()), setup.surface
    factors = float(setup["apart"]) ** np.arange(-2, 3)
    base = surface.lowest or 0.0
    rates = {
        key: _around(setup.hypers(key).lr, factors)
        for key in setup["on"]
        if key in RATED
    }

    def compute(key: str, progress: Tell) -> Trails:
        return _trails(work, key, progress, lr=rates[key])

    found = work.each(rates, compute)
    return work.answer(
        {key: {"losses": above(base, one.losses)} for key, one in found.items()},
        {"step": np.arange(setup["steps"] + 1)},
        {key: {"rates": rates[key].tolist()} for key in found},
        without=[OPTIMIZERS[key].label for key in setup["on"] if key not in RATED],
        base=base,
        known=surface.lowest is not None,
    )


def _around(own: float, factors: np.ndarray) -> np.ndarray:
    """Rates with as many digits as are worth reading, but the own one with all."""
    return np.array([own if f == 1 else float(f"{own * f:.4g}") for f in factors])


def swarm(setup: Setup, tell: Tell) -> Answer:
    """Many starts at once, of each optimizer that is on."""
    work = Work("swarm", setup, tell, _cpu())
    starts = swarm_starts(setup)

    def run(key: str, progress: Tell) -> Trails:
        return _trails(work, key, progress, starts=starts)

    return _crowd(work, run, len(starts), chancy=True)


def noise_fan(setup: Setup, tell: Tell) -> Answer:
    """The race under many seeds of noise, or of the order of minibatches."""
    work = Work("luck", setup, tell, _cpu())
    # Of their own, some rules try their luck in any weather.
    lucky = {key for key in setup["on"] if "seed" in OPTIMIZERS[key].hypers._fields}
    chancy = bool(lucky) or setup.conditions.chancy(setup.ground.samples)

    def run(key: str, progress: Tell) -> Trails:
        seeds = np.arange(setup["seeds"])
        own = {"seed": seeds.astype(float)} if key in lucky else {}
        return _trails(work, key, progress, seeds=seeds, **own)

    return _crowd(work, run, setup["seeds"], chancy=chancy)


def _trails(
    work: Work, key: str, progress: Tell, *, starts: Any = None, seeds: Any = None,
    **hypers: Any,
) -> Trails:  # fmt: skip
    setup = work.setup
    found = trails(
        setup.surface,
        OPTIMIZERS[key],
        setup["start"] if starts is None else starts,
        setup.hypers(key)._replace(**hypers),
        setup["steps"],
        conditions=setup.conditions,
        seeds=seeds,
        progress=progress,
    )
    count, points = found.losses.shape
    work.took(found.losses.size, room_of(points - 1), count.bit_length())
    return found


def _crowd(
    work: Work, run: Callable[[str, Tell], Trails], count: int, *, chancy: bool
) -> Answer:
    """Points, and of the losses a band, for many runs of each optimizer.

    Args:
        work: Which study, and of what.
        run: The trails of an optimizer.
        count: How many they are.
        chancy: Whether they differ by chance.

    Raises:
        ValueError: If all optimizers' trails are too much to be sent.
    """
    setup, surface = work.setup, work.setup.surface
    base, steps = surface.lowest or 0.0, setup["steps"]
    points = len(setup["on"]) * count * (steps + 1)
    if points > MOST_SHOWN:
        raise ValueError(
            f"{count:,} runs by {steps:,} steps of {len(setup['on'])} optimizers have "
            f"{points:,} points, and {MOST_SHOWN:,} can be shown at once"
        )

    def compute(key: str, progress: Tell) -> tuple[dict[str, Any], dict[str, Any]]:
        one = run(key, progress)
        arrays = {
            "points": _points(one),
            "band": above(base, one.spread(*BAND)),
            "mean": above(base, _mean(one.losses)),
            "last": above(base, one.losses[:, -1]),
        }
        return arrays, _middle(surface, one)

    found = work.each(setup["on"], compute)
    return work.answer(
        {key: arrays for key, (arrays, _) in found.items()},
        {"step": np.arange(steps + 1)},
        {key: told for key, (_, told) in found.items()},
        base=base,
        known=surface.lowest is not None,
        chancy=chancy,
        quantiles=list(BAND),
    )


def _mean(losses: np.ndarray) -> np.ndarray:
    """The mean over runs; infinite where a loss is or is no number."""
    with np.errstate(over="ignore"):
        return np.where(np.isnan(losses), np.inf, losses).mean(axis=0)


def _middle(surface: Surface, found: Trails) -> dict[str, Any]:
    """The mean of the last points and the loss there, if all are finite."""
    last = found.points[:, -1]
    gone = ~surface.domain.contains(last)
    told: dict[str, Any] = {"runs": len(last), "gone": int(gone.sum()), "middle": None}
    middle = last.mean(axis=0) if np.isfinite(last).all() else None
    if middle is not None and np.isfinite(middle).all():
        loss = float(loss_at(surface.fn, middle))
        if np.isfinite(loss):
            told |= {"middle": middle.tolist(), "middle_loss": loss}
    return told


def swarm_starts(setup: Setup) -> np.ndarray:
    """The starts of a swarm, shape (n, 2): on a grid, anywhere, or in a cloud."""
    window, count, kind = setup.surface.window, setup["starts"], setup["swarm"]
    corner = np.array([window.x_low, window.y_low])
    extent = np.array([window.x_high, window.y_high]) - corner
    if kind == "grid":
        side = round(count**0.5)
        middles = (np.arange(side) + 0.5) / side
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        return corner + extent * grid
    random = np.random.RandomState([setup["seed"], 3])
    if kind == "random":
        return corner + extent * random.uniform(size=(count, 2))
    domain, width = setup.surface.domain, setup["cloud"] * window.diagonal
    drawn = random.uniform(size=(count, 2))
    sides = (domain[:2], domain[2:])
    return np.stack(
        [
            _normal_within(drawn[:, axis], setup["start"][axis], width, *sides[axis])
            for axis in (0, 1)
        ],
        axis=-1,
    )


def _normal_within(
    parts: np.ndarray, middle: float, width: float, low: float, high: float
) -> np.ndarray:
    """Values of a normal distribution, given that they lie within bounds.

    Args:
        parts: Which part of all such values is below each, from 0 to 1.
        middle: The mean, within the bounds.
        width: The standard deviation.
        low: The lower bound.
        high: The upper bound.
    """
    normal = NormalDist(middle, width)
    below, above = normal.cdf(low), normal.cdf(high)
    share = np.clip(below + (above - below) * parts, 1e-300, 1 - 1e-16)
    # Rounding may carry a value over the bound it is next to.
    return np.clip([normal.inv_cdf(part) for part in share], low, high)
