"""Trails: each is what the single run records, however many are run and in what tiles.

Rules under conditions, many at once, are tested with the studies too.
"""

from dataclasses import fields, replace
from importlib import import_module

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_descent import compilations
from test_studies import SEARCHES, UNDER, refused

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend
from optim.studies import Trails, trails
from optim.studies.inputs import padded_length
from surfaces import SURFACES

# The module: the package's name for it is the function's.
engine = import_module("optim.studies.trails")

ADAM = OPTIMIZERS["adam"]
GRADIENT_DESCENT = OPTIMIZERS["gradient_descent"]
MOMENTUM = OPTIMIZERS["momentum"]
RAVINE = SURFACES["ravine"]
HIMMELBLAU = SURFACES["himmelblau"]
LINEAR_REGRESSION = SURFACES["linear_regression"]
NOISE = UNDER["noise"]
ROWS = 512
"""Rows that a record always has."""

with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


def assert_is(points, losses, run):
    """A trail is the single run's record, row by row."""
    assert points.shape == run.points.shape
    np.testing.assert_allclose(points, run.points, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(losses, run.losses, rtol=1e-8, atol=1e-12)


def assert_same(a, b):
    np.testing.assert_array_equal(a.points, b.points)
    np.testing.assert_array_equal(a.losses, b.losses)


# -- a trail is the single run ---------------------------------------------------------


@with_every_rule
def test_from_many_starts(optimizer):
    hypers = optimizer.recommended(HIMMELBLAU.recommended)
    starts = np.array([HIMMELBLAU.start, (0.4, -0.3), (-2.0, 2.5)])
    found = trails(HIMMELBLAU, optimizer, starts, hypers, 12)
    assert found.points.shape == (3, 13, 2)
    assert found.losses.shape == (3, 13)
    assert found.points.dtype == found.losses.dtype == np.float64
    np.testing.assert_array_equal(found.points[:, 0], starts)
    for k, start in enumerate(starts):
        run = descend(HIMMELBLAU, optimizer, start, hypers, 12)
        assert_is(found.points[k], found.losses[k], run)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_on_every_surface(surface):
    hypers = MOMENTUM.recommended(surface.recommended)
    hypers = hypers._replace(beta=[0.5, 0.9])
    found = trails(surface, MOMENTUM, surface.start, hypers, 30)
    for k, beta in enumerate(hypers.beta):
        one = hypers._replace(beta=beta)
        run = descend(surface, MOMENTUM, surface.start, one, 30)
        assert_is(found.points[k], found.losses[k], run)


@with_every_rule
@pytest.mark.parametrize("key", ["himmelblau", "linear_regression"])
def test_each_seed_is_a_cloud_of_its_own(optimizer, key):
    surface = SURFACES[key]
    hypers = optimizer.recommended(surface.recommended)
    steps = 10 if optimizer.key in SEARCHES else 40
    conditions, seeds = UNDER["all"], [1, 40, 1, 9999]
    found = trails(
        surface, optimizer, surface.start, hypers, steps,
        conditions=conditions, seeds=seeds,
    )  # fmt: skip
    assert found.points.shape == (4, steps + 1, 2)
    for k, seed in enumerate(seeds):
        run = descend(
            surface, optimizer, surface.start, hypers, steps,
            conditions=replace(conditions, seed=seed),
        )  # fmt: skip
        assert_is(found.points[k], found.losses[k], run)
    np.testing.assert_array_equal(found.points[0], found.points[2])


@pytest.mark.parametrize("name", UNDER)
@pytest.mark.parametrize("surface", [RAVINE, LINEAR_REGRESSION], ids=lambda s: s.key)
@pytest.mark.parametrize("seeded", [False, True], ids=["one seed", "seeds"])
def test_under_each_condition(surface, name, seeded):
    conditions = UNDER[name]
    hypers = ADAM.hypers(lr=np.array([0.05, 0.2, 0.3]))
    seeds = [3, 4, 5] if seeded else None
    found = trails(
        surface, ADAM, surface.start, hypers, 60, conditions=conditions, seeds=seeds
    )
    for k, lr in enumerate(hypers.lr):
        own = replace(conditions, seed=seeds[k]) if seeds else conditions
        one = hypers._replace(lr=lr)
        run = descend(surface, ADAM, surface.start, one, 60, conditions=own)
        assert_is(found.points[k], found.losses[k], run)


def test_starts_rates_and_seeds_broadcast():
    starts = np.random.default_rng(4).uniform(-3, 3, (5, 1, 2))
    hypers = ADAM.hypers(lr=np.array([0.01, 0.1, 0.2, 0.3]), beta1=0.8)
    found = trails(HIMMELBLAU, ADAM, starts, hypers, 20)
    assert found.points.shape == (5, 4, 21, 2)
    assert found.losses.shape == (5, 4, 21)
    clouds = trails(
        HIMMELBLAU, ADAM, starts, hypers, 20,
        conditions=NOISE, seeds=np.arange(3)[:, None, None],
    )  # fmt: skip
    assert clouds.points.shape == (3, 5, 4, 21, 2)
    for i, j in np.ndindex(5, 4):
        one = hypers._replace(lr=hypers.lr[j])
        run = descend(HIMMELBLAU, ADAM, starts[i, 0], one, 20)
        assert_is(found.points[i, j], found.losses[i, j], run)
        for seed in range(3):
            under = replace(NOISE, seed=seed)
            run = descend(HIMMELBLAU, ADAM, starts[i, 0], one, 20, conditions=under)
            assert_is(clouds.points[seed, i, j], clouds.losses[seed, i, j], run)


def test_one_run_has_no_axis_of_runs():
    found = trails(HIMMELBLAU, ADAM, (1, 2), ADAM.hypers(lr=0.1), np.int32(7))
    assert found.points.shape == (8, 2)
    assert found.losses.shape == (8,)
    run = descend(HIMMELBLAU, ADAM, (1, 2), ADAM.hypers(lr=0.1), 7)
    assert_is(found.points, found.losses, run)


@pytest.mark.parametrize("surface", [RAVINE, LINEAR_REGRESSION], ids=lambda s: s.key)
def test_no_steps_are_the_starts_alone(surface):
    starts = np.array([(0.5, 0.25), (1.0, -1.0)])
    for options in ({}, {"conditions": UNDER["all"], "seeds": [1, 2]}):
        found = trails(surface, ADAM, starts, ADAM.hypers(), 0, **options)
        np.testing.assert_array_equal(found.points, starts[:, None])
        heights = [[float(surface.fn(start))] for start in starts]
        np.testing.assert_allclose(found.losses, heights, rtol=1e-14)


@pytest.mark.parametrize("num_steps", [ROWS - 2, ROWS - 1, ROWS, 1023, 1024, 3000])
def test_every_row_is_written(num_steps):
    hypers = GRADIENT_DESCENT.hypers(lr=np.array([1e-4, 1e-3]))
    found = trails(RAVINE, GRADIENT_DESCENT, (1, 1), hypers, num_steps)
    t = np.arange(num_steps + 1)
    for k, lr in enumerate(hypers.lr):
        expected = np.stack([(1 - lr) ** t, (1 - 30 * lr) ** t], axis=1)
        # What is as small as the last is no number that both have all digits of.
        np.testing.assert_allclose(found.points[k], expected, rtol=1e-9, atol=1e-300)


def test_divergence_stays_in_the_record():
    hypers = GRADIENT_DESCENT.hypers(lr=np.array([1.0, 1e-3]))
    found = trails(SURFACES["rosenbrock"], GRADIENT_DESCENT, (-1.5, 2), hypers, 50)
    assert not np.isfinite(found.points[0, 10:]).any()
    assert not np.isfinite(found.losses[0, 10:]).any()
    assert np.isfinite(found.points[1]).all()
    assert (np.diff(found.losses[1]) < 0).all()


# -- seeds -----------------------------------------------------------------------------


def test_the_seed_of_the_conditions_is_for_all_unless_each_has_its_own():
    starts, hypers = [(1.0, 2.0), (1.0, 2.0)], ADAM.hypers(lr=0.1)

    def cloud(seed, **seeds):
        under = replace(NOISE, seed=seed)
        return trails(RAVINE, ADAM, starts, hypers, 30, conditions=under, **seeds)

    np.testing.assert_array_equal(*cloud(5).points)
    first, second = cloud(5, seeds=[7, 5]).points
    assert (first[1:] != second[1:]).all()
    np.testing.assert_allclose(cloud(7).points[0], first, rtol=1e-12)
    np.testing.assert_allclose(cloud(5).points[0], second, rtol=1e-12)
    assert_same(cloud(5, seeds=8), cloud(6, seeds=[8]))


@pytest.mark.parametrize("conditions", [None, Conditions(), UNDER["schedule"]])
@pytest.mark.parametrize("surface", [RAVINE, LINEAR_REGRESSION], ids=lambda s: s.key)
def test_seeds_without_chance_give_equal_runs(surface, conditions):
    hypers = ADAM.hypers(lr=0.1)
    seeds = np.arange(6).reshape(3, 2)
    found = trails(
        surface, ADAM, surface.start, hypers, 25, conditions=conditions, seeds=seeds
    )
    assert found.points.shape == (3, 2, 26, 2)
    run = descend(surface, ADAM, surface.start, hypers, 25, conditions=conditions)
    for k in np.ndindex(3, 2):
        np.testing.assert_array_equal(found.points[k], found.points[0, 0])
        assert_is(found.points[k], found.losses[k], run)


# -- computed otherwise, the same ------------------------------------------------------


@pytest.mark.parametrize("surface", [RAVINE, LINEAR_REGRESSION], ids=lambda s: s.key)
@pytest.mark.parametrize("name", [None, "all"])
@pytest.mark.parametrize("seeds", [None, np.arange(50)], ids=["one seed", "seeds"])
def test_tiles_give_the_same_as_one_piece(monkeypatch, surface, name, seeds):
    options = {"conditions": UNDER[name] if name else None, "seeds": seeds}
    hypers = MOMENTUM.hypers(lr=np.geomspace(1e-4, 1e-2, 50))
    whole = trails(surface, MOMENTUM, surface.start, hypers, 20, **options)
    samples = surface.data.size if surface.data else 0
    own = 2 + samples if seeds is not None and name else 0
    monkeypatch.setattr(engine, "TILE_NUMBERS", ROWS * (3 + own) * 17)
    parts = []
    tiled = trails(
        surface, MOMENTUM, surface.start, hypers, 20, progress=parts.append, **options
    )
    assert_same(whole, tiled)
    assert parts == [16 / 50, 32 / 50, 48 / 50, 1.0]


def test_a_tile_can_be_a_single_run(monkeypatch):
    hypers = MOMENTUM.hypers(lr=[1e-4, 1e-3, 1e-2])
    whole = trails(RAVINE, MOMENTUM, (1, 1), hypers, 20)
    monkeypatch.setattr(engine, "TILE_NUMBERS", 1)
    parts = []
    tiled = trails(RAVINE, MOMENTUM, (1, 1), hypers, 20, progress=parts.append)
    assert parts == [1 / 3, 2 / 3, 1.0]
    np.testing.assert_allclose(whole.points, tiled.points, rtol=1e-13)


def test_one_tile_reports_once():
    parts = []
    hypers = ADAM.hypers(lr=[0.1, 0.2])
    trails(RAVINE, ADAM, (1, 1), hypers, 5, progress=parts.append)
    assert parts == [1.0]


def test_what_progress_raises_ends_the_work(monkeypatch):
    monkeypatch.setattr(engine, "TILE_NUMBERS", ROWS * 3 * 16)
    seen = []

    def progress(part):
        seen.append(part)
        if len(seen) == 2:
            raise InterruptedError

    hypers = ADAM.hypers(lr=np.geomspace(1e-3, 1, 100))
    with pytest.raises(InterruptedError):
        trails(HIMMELBLAU, ADAM, (1, 0.5), hypers, 20, progress=progress)
    assert seen == [16 / 100, 32 / 100]


class Looked(Exception):
    """Raised in place of the work, once it is known how much it is."""


@settings(max_examples=60)
@given(
    size=st.integers(0, 22),
    long=st.floats(0, 1),
    surface=st.sampled_from([RAVINE, LINEAR_REGRESSION]),
    clouds=st.booleans(),
)
def test_a_tile_is_no_larger_than_its_limit(size, long, surface, clouds):
    # As many runs of as many steps as may be, from one long run to many short ones.
    count = 1 << round(size * (1 - long))
    num_steps = (1 << round(size * long)) - 1
    samples = surface.data.size if surface.data else 0
    taken = 0

    def only_seeds(surface, conditions, seeds, num_steps):
        return seeds

    def look(fn, x, y, values, num_steps, seeds, *, static):
        nonlocal taken
        seeded = seeds is not None
        taken = len(x) * static.capacity * (3 + (2 + samples if seeded else 0))
        assert taken <= engine.TILE_NUMBERS or len(x) == 1
        # Nor needlessly small: few runs are one tile.
        assert 2 * taken > engine.TILE_NUMBERS or len(x) >= count
        raise Looked

    hypers = ADAM.hypers(lr=np.broadcast_to(0.1, count))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_step_inputs", only_seeds)
        patch.setattr(engine, "_trails", look)
        with pytest.raises(Looked):
            trails(
                surface, ADAM, (1, 1), hypers, num_steps,
                conditions=NOISE, seeds=3 if clouds else None,
            )  # fmt: skip
    assert taken


def test_on_a_device():
    hypers = ADAM.hypers(lr=[0.1, 0.2])
    here = trails(HIMMELBLAU, ADAM, (1, 2), hypers, 30)
    there = trails(HIMMELBLAU, ADAM, (1, 2), hypers, 30, device=jax.devices("cpu")[0])
    assert_same(here, there)


# -- compilations ----------------------------------------------------------------------


@pytest.mark.parametrize("key", ["gradient_descent", "adamw", "newton"])
@pytest.mark.parametrize("seeded", [False, True], ids=["one seed", "seeds"])
def test_nothing_compiles_twice(key, seeded):
    optimizer = OPTIMIZERS[key]
    first = optimizer.hypers._fields[0]
    default = optimizer.hypers()[0]

    def run(surface, count, steps, factor, conditions, offset=0):
        values = default * factor * np.linspace(0.5, 1, count)
        hypers = optimizer.hypers(**{first: values})
        seeds = offset + np.arange(count) if seeded else None
        trails(
            surface, optimizer, surface.start, hypers, steps,
            conditions=conditions, seeds=seeds,
        )  # fmt: skip

    run(RAVINE, 9, 30, 1.0, NOISE)
    with compilations() as compiled:
        run(RAVINE, 16, 0, 0.5, NOISE, 50)
        run(RAVINE.with_params(kappa=7.0, angle=10.0), 1, ROWS - 1, 0.25, UNDER["all"])
        for i, schedule in enumerate(SCHEDULES.values(), 1):
            conditions = Conditions(schedule, schedule.hypers(), i, 0.1 * i, 2, i)
            run(RAVINE, 3 + i, 10 * i, 1 / i, conditions)
    assert compiled == []
    with compilations() as compiled:
        run(RAVINE, 17, 5, 1.0, NOISE)
    assert compiled


def test_nothing_compiles_twice_without_conditions():
    trails(RAVINE, ADAM, (1, 1), ADAM.hypers(lr=[0.1, 0.2]), 5)
    with compilations() as compiled:
        for seeds in (None, 3, [1, 2, 3]):
            trails(RAVINE, ADAM, [(0, 1)] * 3, ADAM.hypers(), 500, seeds=seeds)
            trails(
                RAVINE, ADAM, (0, 1), ADAM.hypers(beta1=np.float32(0.5)), 0,
                conditions=Conditions(seed=3, batch=5), seeds=seeds,
            )  # fmt: skip
    assert compiled == []


# -- quantiles -------------------------------------------------------------------------


def of_losses(losses):
    return Trails(np.zeros((*losses.shape, 2)), losses)


LOSSES = hnp.array_shapes(min_dims=2, max_dims=3, max_side=9).flatmap(
    lambda shape: hnp.arrays(float, shape, elements=st.floats(-1e9, 1e9, width=32))
)
PARTS = st.lists(st.sampled_from([0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]), max_size=4)


@given(losses=LOSSES, parts=PARTS)
def test_quantiles_are_numpys(losses, parts):
    found = of_losses(losses).quantiles(*parts)
    assert found.shape == (len(parts), losses.shape[-1])
    flat = losses.reshape(-1, losses.shape[-1])
    for quantile, part in zip(found, parts, strict=True):
        expected = np.quantile(flat, part, axis=0, method="inverted_cdf")
        np.testing.assert_array_equal(quantile, expected)
        # Some run's own loss, between the neighbours that NumPy's default mixes.
        assert np.isin(quantile, flat).all()
        assert ((flat <= quantile).mean(axis=0) >= part - 1e-12).all()
        assert ((flat < quantile).mean(axis=0) <= part).all()


@given(losses=LOSSES, data=st.data())
def test_what_is_no_number_is_infinitely_high(losses, data):
    gone = data.draw(
        hnp.arrays(float, losses.shape, elements=st.sampled_from([0, np.inf, np.nan]))
    )
    found = of_losses(losses + gone).quantiles(0, 0.5, 1)
    high = np.where(np.isnan(gone), np.inf, losses + gone)
    np.testing.assert_array_equal(found, of_losses(high).quantiles(0, 0.5, 1))
    flat = np.sort(high.reshape(-1, losses.shape[-1]), axis=0)
    middle = flat[(len(flat) - 1) // 2]
    np.testing.assert_array_equal(found, [flat[0], middle, flat[-1]])


def test_where_all_runs_are_gone_quantiles_are_infinite():
    losses = np.array(
        [[1.0, 2.0, np.nan], [2.0, np.inf, np.inf], [3.0, np.nan, np.inf]]
    )
    # Any warning is an error here.
    np.testing.assert_array_equal(
        of_losses(losses).quantiles(0.0, 0.5, 1.0),
        [[1, 2, np.inf], [2, np.inf, np.inf], [3, np.inf, np.inf]],
    )


def test_quantiles_of_a_fan_that_half_diverges():
    hypers = GRADIENT_DESCENT.hypers(lr=[0.001, 0.01, 5.0, 9.0])
    found = trails(RAVINE, GRADIENT_DESCENT, (1, 1), hypers, 400)
    low, middle, high = found.quantiles(0, 0.5, 0.75)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert np.isfinite(middle).all()
    assert high[-1] == np.inf


# -- what is refused -------------------------------------------------------------------


@pytest.fixture
def nothing_allocated(monkeypatch):
    """Fails where a request gets as far as the record."""

    def not_reached(*_):
        raise AssertionError("allocated before it was refused")

    monkeypatch.setattr(engine, "padded_length", not_reached)
    with compilations() as compiled:
        yield
    assert compiled == []


@pytest.mark.usefixtures("nothing_allocated")
def test_too_much_is_refused_before_anything_is_allocated():
    h, most = ADAM.hypers(), engine.MOST_POINTS
    refused(f"1 to {most:,} points, not {most + 1:,}", trails, RAVINE, ADAM,
            (1, 1), h, most)  # fmt: skip
    refused("points, not 1,000,000,000,001", trails, RAVINE, ADAM, (1, 1), h, 10**12)
    million = np.broadcast_to(np.float64(0.1), (1_000_000, 1_000_000))
    refused("points, not 6,000,000,000,000", trails, RAVINE, ADAM, (1, 1),
            h._replace(lr=million), 5)  # fmt: skip
    refused(f"not {2 * most:,}", trails, RAVINE, ADAM, (1, 1), h, 1,
            seeds=np.broadcast_to(1, most))  # fmt: skip
    refused("points, not 0", trails, RAVINE, ADAM, np.zeros((0, 2)), h, 5)
    refused("points, not 0", trails, RAVINE, ADAM, (1, 1), h, 5, seeds=[])


@pytest.mark.usefixtures("nothing_allocated")
def test_bad_requests_get_a_sentence():
    h = ADAM.hypers()
    for starts in ((1, 2, 3), 1.0, (1,), np.zeros((4, 3))):
        refused(r"shape \(\.\.\., 2\)", trails, RAVINE, ADAM, starts, h, 5)
    refused(r"starts and hyperparameters must broadcast together.*\(3,\), \(4,\)",
            trails, RAVINE, ADAM, np.zeros((3, 2)), h._replace(lr=np.zeros(4)), 5,
    )  # fmt: skip
    refused(r"hyperparameters and seeds must broadcast together.*\(3,\), \(\), \(4,\)",
            trails, RAVINE, ADAM, np.zeros((3, 2)), h, 5, seeds=[1, 2, 3, 4],
    )  # fmt: skip
    for start in ((np.nan, 1), (1, np.inf)):
        refused("finite", trails, RAVINE, ADAM, start, h, 5)
    refused("finite", trails, RAVINE, ADAM, (0, 1), h._replace(lr=[0.1, -np.inf]), 5)
    refused("at least 0, not -1", trails, RAVINE, ADAM, (0, 1), h, -1)
    for seeds in (-1, [1, -1], 2**32, 0.5, [1.0, np.nan]):
        refused("whole numbers from 0 to 4,294,967,295", trails, RAVINE, ADAM, (0, 1),
                h, 5, conditions=NOISE, seeds=seeds)  # fmt: skip


@pytest.mark.parametrize("seeds", [None, [1, 2]])
def test_minibatches_that_do_not_fit_are_refused(seeds):
    for batch in (0, LINEAR_REGRESSION.data.size + 1):
        refused(f"not {batch}", trails, LINEAR_REGRESSION, ADAM, (0, 1), ADAM.hypers(),
                5, conditions=Conditions(batch=batch), seeds=seeds)  # fmt: skip


@pytest.mark.parametrize("num_steps", [2.5, "5", None])
def test_steps_that_are_no_whole_number_are_refused(num_steps):
    with pytest.raises(TypeError):
        trails(RAVINE, ADAM, (1, 1), ADAM.hypers(), num_steps)


def test_the_most_points_can_be_recorded(monkeypatch):
    monkeypatch.setattr(engine, "MOST_POINTS", 60)
    hypers = ADAM.hypers(lr=np.linspace(0.1, 0.2, 10))
    assert trails(RAVINE, ADAM, (1, 1), hypers, 5).losses.size == 60
    refused("1 to 60 points, not 70", trails, RAVINE, ADAM, (1, 1), hypers, 6)


def test_every_field_is_documented():
    for field in fields(Trails):
        assert f"{field.name}:" in Trails.__doc__


def test_a_record_has_space_for_every_row_and_a_step_from_it():
    for num_steps in (0, 1, ROWS - 1, ROWS, ROWS + 1, 4095, 4096):
        length = padded_length(num_steps)
        assert length >= max(ROWS, num_steps + 1)
        assert length.bit_count() == 1
