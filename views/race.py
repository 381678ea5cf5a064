"""Runs the race a setup describes; a pure function of the setup.

Under a finger that drags one rule's rate, the other rules run as they did before: the
runs asked for last are kept, all of them together within a number of bytes.
"""

import os
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple

import jax
import numpy as np
from cachetools import LRUCache

from optim import Conditions, Trajectory, descend
from optim.flow import gradient_flow
from optim.slopes import gradients_at, grid
from surfaces import Surface
from surfaces.compiled import NotReady, only_ready, prepare
from views.charts import CHARTS, Moving, rate_limits
from views.extras import EXTRAS, spec_of
from views.inside import INSIDE_SPECS, all_inspected, inside, inside_arrays
from views.panels import charts_of
from views.places import coordinates
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

KEPT = 64e6
"""Bytes of all runs that are kept."""

FIELD = 21
"""Arrows a side of the gradient field."""

_compilers = ThreadPoolExecutor(os.cpu_count(), "compile")


class _Run(NamedTuple):
    """A run, and the seconds it took to compute."""

    trajectory: Trajectory
    seconds: float


def _size(run: _Run) -> int:
    one = run.trajectory
    arrays = one.points, one.losses, one.grads, one.states, one.quantities
    return sum(array.nbytes for array in jax.tree.leaves(arrays))


_kept: LRUCache[Any, _Run] = LRUCache(KEPT, _size)
_looking = Lock()


@dataclass(frozen=True)
class Race:
    """The trajectories of the entries that are on.

    Attributes:
        setup: Of what.
        surface: Of the setup.
        conditions: Of the setup.
        runs: By entry.
        seconds: What it took to compute the runs, with compiling where that was needed.
        device: Where they were computed.
    """

    setup: Setup
    surface: Surface
    conditions: Conditions
    runs: dict[str, Trajectory]
    seconds: float
    device: str = "CPU"

    @property
    def base(self) -> float:
        """What losses are measured from: the lowest minimum, or zero."""
        return self.surface.base_loss


def run_race(
    setup: Setup,
    progress: ProgressCallback | None = None,
    *,
    fresh: bool = False,
    quantities: bool | Collection[str] = False,
) -> Race:
    """Runs every optimizer that is on.

    Args:
        setup: Of what.
        progress: Called before and after each optimizer that has to be compiled; what
            it raises ends the race.
        fresh: Whether each run is computed, and nothing is kept.
        quantities: Whether what each step computes on its way is recorded, too, or the
            entries of which it is.

    Raises:
        NotReady: Within `only_ready`, if there is anything to compile.
    """
    surface, steps, on = setup.surface, setup["steps"], setup["on"]

    def named(key: str) -> bool:
        return quantities if isinstance(quantities, bool) else key in quantities

    def compute(key: str) -> _Run:
        began = perf_counter()
        run = descend(
            surface,
            setup.rule(key),
            setup.start_of(key),
            setup.hypers(key),
            steps,
            conditions=setup.conditions_of(key),
            quantities=named(key),
        )
        return _Run(run, perf_counter() - began)

    def run(key: str) -> _Run:
        if fresh:
            return compute(key)
        mine = (*setup.concerning(key), named(key))
        with _looking:
            found = _kept.get(mine)
        if found is None:
            found = compute(key)
            with _looking, suppress(ValueError):  # Larger than all that is kept.
                _kept[mine] = found
        return found

    finished: list[str] = []

    def report() -> None:
        if progress is not None:
            progress(len(finished) / len(on))

    def run_new(key: str) -> Trajectory:
        report()
        trajectory = compute(key).trajectory
        finished.append(key)
        report()
        return trajectory

    try:
        with only_ready():
            found = {key: run(key) for key in on}
        runs = {key: one.trajectory for key, one in found.items()}
        seconds = sum(one.seconds for one in found.values())
    except NotReady:
        prepare()
        began = perf_counter()
        # Compiling is work for many cores at once; running is too short to share.
        runs = dict(zip(on, _compilers.map(run_new, on), strict=True))
        seconds = perf_counter() - began
    return Race(setup, surface, setup.conditions, runs, seconds)


def race_shown(setup: Setup, progress: ProgressCallback | None = None) -> Result:
    """Runs a race, with what the panels that its setup names are to show."""
    charts = [CHARTS[name] for name in charts_of(setup["panels"]) if name in CHARTS]
    named = set(all_inspected(setup))
    if any(chart.divides for chart in charts):
        named |= {key for key in setup["on"] if setup.rule(key).divisor}
    race = run_race(setup, progress, quantities=named)
    return result_of(race)


def race_with(
    setup: Setup,
    progress: ProgressCallback,
    extras: Iterable[str] = (),
    *,
    exact: bool = False,
) -> Result:
    """Runs a race and what it is to carry besides, as `result_of` has them."""
    race = run_race(setup, progress, quantities="quantities" in extras)
    return result_of(race, extras, exact=exact)


def result_of(race: Race, extras: Iterable[str] = (), *, exact: bool = False) -> Result:
    """A race as a result.

    Args:
        race: As it was run.
        extras: What it carries besides, keys of `EXTRAS`.
        exact: Whether its numbers are those of the run, in float64; else they are those
            that the player reads, in float32, with the losses above the base.
    """
    setup, conditions = race.setup, race.conditions
    steps, samples = setup["steps"], race.surface.samples or 0
    sent = (lambda array: array) if exact else single
    shared = _step_inputs(conditions, steps, samples, sent)
    runs: dict[str, dict[str, np.ndarray]] = {}
    for key, run in race.runs.items():
        if exact:
            runs[key] = {"points": run.points, "losses": run.losses}
        else:
            excess = above(race.base, run.losses)
            runs[key] = {"points": single(run.points), "excess": excess}
        own = setup.conditions_of(key) if setup.chosen_for(key) else conditions
        if own != conditions:
            runs[key] |= _step_inputs(own, steps, samples, sent)
    specs = {"points": _POINTS} | (_LOSSES if exact else _EXCESS) | _INPUTS
    meta, per_run = {}, {key: {} for key in race.runs}
    if not exact and not extras:
        meta, per_run = _shown(race, runs, specs)
        shared |= _on_the_map(race)
        specs |= _MAP
    for extra in map(EXTRAS.__getitem__, extras):
        for key, run in race.runs.items():
            for name, array in extra.find(race.surface, run).items():
                runs[key][name] = sent(array)
                specs[name] = spec_of(extra, array)
    return Result(
        kind="race",
        setup=setup,
        axes={"step": np.arange(steps + 1)} if exact else {},
        runs=runs,
        specs=specs,
        milliseconds=race.seconds * 1e3,
        device=race.device,
        shared=shared,
        per_run={
            key: {
                "kind": run.outcome.kind,
                "text": run.outcome.text,
                "step": run.outcome.step,
                "own": "factors" in runs[key],
                "region": setup.conditions_of(key).region,
                **per_run[key],
            }
            for key, run in race.runs.items()
        },
        meta={
            "start": setup["start"],
            "samples": samples,
            "base": race.base,
            "known": race.surface.lowest is not None,
            "minima": coordinates(race.surface, race.surface.minima),
            "following": setup.following,
            **meta,
        },
    )


def _shown(
    race: Race,
    runs: dict[str, dict[str, np.ndarray]],
    specs: dict[str, ArraySpec],
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Adds the arrays that the panels of the setup show.

    Returns:
        What is known of all of it besides, and of each entry.
    """
    setup, surface = race.setup, race.surface
    per_run: dict[str, dict[str, Any]] = {}
    charts = [name for name in charts_of(setup["panels"]) if name in CHARTS]
    for key, run in race.runs.items():
        rule, hypers = setup.rule(key), setup.hypers(key)
        per_run[key] = {"limits": rate_limits(surface, rule, hypers, run)}
        if not charts:
            continue
        factors = setup.conditions_of(key).factors(setup["steps"])
        moving = Moving(surface, rule, hypers, factors, run)
        for name in charts:
            runs[key][f"charts/{name}"] = single(CHARTS[name].find(moving))
    for name in charts:
        specs[f"charts/{name}"] = ArraySpec(("step", "series"), CHARTS[name].axis)
    entries = all_inspected(setup)
    if not entries:
        return {}, per_run
    for entry in entries:
        runs[entry] |= inside_arrays(surface, setup, entry, race.runs[entry])
    specs.update(INSIDE_SPECS)
    first, *others = (inside(setup, entry) for entry in entries)
    return {"inside": first, "others": others}, per_run


def _on_the_map(race: Race) -> dict[str, np.ndarray]:
    """What the map shows besides the runs: the gradient field, and the flow."""
    surface, show = race.surface, race.setup["show"]
    found = {}
    if "field" in show:
        points = grid(surface.view_domain, FIELD)
        found["field/points"] = single(points)
        found["field/grads"] = single(gradients_at(surface, points))
    if "flow" in show:
        found["flow/points"] = single(gradient_flow(surface, race.setup["start"]))
    return found


def _step_inputs(
    conditions: Conditions,
    steps: int,
    samples: int,
    sent: Callable[[np.ndarray], np.ndarray],
) -> dict[str, np.ndarray]:
    """Factors of the learning rate and, if steps take minibatches, which they are."""
    inputs = {"factors": sent(conditions.factors(steps))}
    if samples and (conditions.in_turn or conditions.batch != samples):
        weights = conditions.step_inputs(steps, steps, samples).weights
        assert weights is not None
        inputs["batches"] = (weights > 0).astype("u1")
    return inputs


_MAP = {
    "field/points": ArraySpec(("cell", XY), COORDINATES),
    "field/grads": ArraySpec(("cell", XY), "slopes"),
    "flow/points": ArraySpec(("point", XY), COORDINATES),
}
_POINTS = ArraySpec(("step", XY), COORDINATES)
_EXCESS = {"excess": ArraySpec(("step",), ABOVE_BASE)}
_LOSSES = {"losses": ArraySpec(("step",), "losses")}
_INPUTS = {
    "factors": ArraySpec(("step",), "factors of the learning rate"),
    "batches": ArraySpec(("step", "sample"), "1 where a step takes a sample, 0 else"),
}
