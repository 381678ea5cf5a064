"""Studies: each of many runs ends as the single run does, however they are computed."""

import os
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import fields
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from staying import staying

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend
from optim.studies import (
    KINDS,
    basins,
    contraction,
    curvatures,
    engine,
    loop,
    optimum,
    stability_limit,
    study,
    sweep,
    sweep2,
    tiles,
)
from optim.studies.componentwise import scalarized, uniform
from surfaces import SURFACES, Domain, typed_surface

ADAM = OPTIMIZERS["adam"]
GRADIENT_DESCENT = OPTIMIZERS["gradient_descent"]
MOMENTUM = OPTIMIZERS["momentum"]
RAVINE = SURFACES["ravine"]
HIMMELBLAU = SURFACES["himmelblau"]
ROSENBROCK = SURFACES["rosenbrock"]
SADDLE = SURFACES["saddle"]
LINEAR_REGRESSION = SURFACES["linear_regression"]
NEEDS_A_RECORD = {"settled", "oscillating", "stalled", "no_progress", "climbing"}

COSINE = SCHEDULES["cosine"]
WARM = {"schedule": COSINE, "schedule_hypers": COSINE.hypers(), "warmup": 7}
UNDER = {
    "schedule": Conditions(**WARM),
    "noise": Conditions(noise=0.3, seed=5),
    "minibatches": Conditions(batch=3, seed=2),
    "all": Conditions(**WARM, noise=0.1, batch=4, seed=9),
}
SEARCHES = {"newton", "bfgs", "lbfgs"}
"""Rules that take few steps, or an early difference in the last bit decides."""

with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


def kinds(result):
    return [KINDS[kind] for kind in result.kinds.ravel()]


def assert_same(a, b):
    for name in ("points", "losses", "kinds", "minima", "arrived", "within", "gone"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def assert_ends_alike(result, k, run):
    """A study's run has the end of a record."""
    kind, outcome = KINDS[result.kinds[k]], run.outcome
    if outcome.kind in NEEDS_A_RECORD:
        assert kind == "descending"
    else:
        assert kind == outcome.kind
    if kind in ("reached", "trapped", "stuck"):
        assert result.arrived[k] == outcome.step
    if kind in ("left", "diverged", "undefined"):
        assert result.gone[k] == outcome.step
        assert result.arrived[k] == result.minima[k] == -1
    else:
        assert result.gone[k] == -1


# -- a cell is the single run ----------------------------------------------------------


@with_every_rule
@pytest.mark.parametrize("key", ["ravine", "himmelblau"])
def test_in_float64_a_run_is_the_single_run(optimizer, key):
    surface = SURFACES[key]
    hypers = optimizer.recommended(surface.recommended)
    if optimizer.key == "numeric_gradient" and key == "ravine":
        # At the edge of stability, what differences of losses round off does not die.
        hypers = hypers._replace(lr=0.06)
    starts = np.array([surface.start, (0.1, -0.2), (1.5, 1.9)])
    result = study(surface, optimizer, starts, hypers, 25, dtype=np.float64)
    assert result.points.dtype == np.float64
    for k, start in enumerate(starts):
        run = descend(surface, optimizer, start, hypers, 25)
        # Not to the bit: XLA divides by what all runs share by multiplying with its
        # inverse.
        np.testing.assert_allclose(
            result.points[k], run.points[-1], rtol=1e-12, atol=1e-12
        )
        np.testing.assert_allclose(
            result.losses[k], run.losses[-1], rtol=1e-11, atol=1e-12
        )
        assert_ends_alike(result, k, run)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_on_every_surface(surface):
    starts = np.array([surface.start, np.array(surface.view_domain)[[0, 3]]])
    hypers = MOMENTUM.recommended(surface.recommended)
    hypers = hypers._replace(beta=np.array([0.5, 0.9]))
    exact = study(surface, MOMENTUM, starts, hypers, 40, dtype=np.float64)
    rough = study(surface, MOMENTUM, starts, hypers, 8)
    assert rough.points.dtype == rough.losses.dtype == np.float32
    for k, (start, beta) in enumerate(zip(starts, hypers.beta, strict=True)):
        one = hypers._replace(beta=beta)
        run = descend(surface, MOMENTUM, start, one, 40)
        assert_ends_alike(exact, k, run)
        if run.outcome.kind not in ("diverged", "left"):
            np.testing.assert_allclose(exact.points[k], run.points[-1], rtol=1e-9)
            scale = surface.view_domain.diagonal
            error = np.linalg.norm(rough.points[k] - run.points[8])
            assert error < 1e-3 * scale


@with_every_rule
def test_in_float32_a_run_ends_where_the_single_run_does(optimizer):
    hypers = optimizer.recommended(RAVINE.recommended)
    result = study(RAVINE, optimizer, [RAVINE.start], hypers, 12)
    run = descend(RAVINE, optimizer, RAVINE.start, hypers, 12)
    assert result.points.dtype == np.float32
    # Differences of heights that float32 has rounded are rough slopes.
    atol = 2e-2 if optimizer.key == "numeric_gradient" else 2e-5
    np.testing.assert_allclose(result.points[0], run.points[-1], atol=atol)
    assert_ends_alike(result, 0, run)


@pytest.mark.parametrize(
    ("surface", "key", "lr", "steps", "kind"),
    [
        (HIMMELBLAU, "gradient_descent", 0.01, 300, "reached"),
        (SURFACES["two_wells"], "gradient_descent", 0.02, 300, "trapped"),
        (ROSENBROCK, "gradient_descent", 0.1, 300, "diverged"),
        (SADDLE, "gradient_descent", 0.1, 60, "left"),
        (SADDLE, "gradient_descent", 0.1, 9000, "diverged"),
        (HIMMELBLAU, "adam", 0.2, 400, "reached"),
        (ROSENBROCK, "adam", 0.1, 40, "descending"),
    ],
)
def test_ends(surface, key, lr, steps, kind):
    optimizer = OPTIMIZERS[key]
    start = (1.2, 0.4)
    hypers = optimizer.hypers(lr=lr)
    result = study(surface, optimizer, [start], hypers, steps)
    run = descend(surface, optimizer, start, hypers, steps)
    assert kinds(result) == [kind]
    assert_ends_alike(result, 0, run)
    places = [m for m in surface.minima if m == run.outcome.at]
    if places:
        assert surface.minima[result.minima[0]] == run.outcome.at


def test_stuck_at_a_saddle():
    hypers = GRADIENT_DESCENT.hypers(lr=0.1)
    result = study(SADDLE, GRADIENT_DESCENT, [(1.5, 0.0)], hypers, 100)
    run = descend(SADDLE, GRADIENT_DESCENT, (1.5, 0.0), hypers, 100)
    assert kinds(result) == [run.outcome.kind] == ["stuck"]
    assert result.arrived[0] == run.outcome.step
    assert result.minima[0] == -1


def test_a_rule_that_cannot_go_on():
    newton = OPTIMIZERS["newton"]
    flat = typed_surface("x + y", Domain(-2.0, 2.0, -2.0, 2.0))
    result = study(flat, newton, [(1.0, 1.0)], newton.hypers(), 20)
    run = descend(flat, newton, (1.0, 1.0), newton.hypers(), 20)
    assert kinds(result) == [run.outcome.kind] == ["stopped"]


def test_where_the_loss_is_undefined():
    surface = typed_surface("sqrt(x) + y^2", Domain(-1.0, 2.0, -2.0, 2.0))
    hypers = GRADIENT_DESCENT.hypers(lr=0.3)
    result = study(surface, GRADIENT_DESCENT, [(0.2, 1.0)], hypers, 20)
    run = descend(surface, GRADIENT_DESCENT, (0.2, 1.0), hypers, 20)
    assert kinds(result) == [run.outcome.kind] == ["undefined"]
    assert result.gone[0] == run.outcome.step


def test_the_step_since_which_it_stays_within_the_tolerance():
    hypers = GRADIENT_DESCENT.hypers(lr=0.05)
    run = descend(RAVINE, GRADIENT_DESCENT, RAVINE.start, hypers, 200)
    for tolerance in (1e-2, 1e-4):
        first = staying(run.losses, tolerance)
        result = study(
            RAVINE, GRADIENT_DESCENT, [RAVINE.start], hypers, 200, tolerance=tolerance
        )
        assert result.within[0] == first > 0
    # Momentum passes, and comes back.
    momentum = OPTIMIZERS["momentum"]
    passing = momentum.hypers(lr=0.01, beta=0.95)
    run = descend(RAVINE, momentum, RAVINE.start, passing, 200)
    low = run.losses <= 0.1
    result = study(RAVINE, momentum, [RAVINE.start], passing, 200, tolerance=0.1)
    assert result.within[0] == staying(run.losses, 0.1) > np.argmax(low) > 0
    never = study(RAVINE, GRADIENT_DESCENT, [RAVINE.start], hypers, 3)
    assert never.within[0] == -1
    there = study(RAVINE, GRADIENT_DESCENT, [(0, 0)], hypers, 3)
    assert there.within[0] == there.arrived[0] == 0
    nowhere = study(SADDLE, GRADIENT_DESCENT, [(1, 1)], hypers, 200)
    assert nowhere.within[0] == -1


def test_no_steps():
    result = study(RAVINE, ADAM, [(0.5, 0.5), (0, 0), (9, 9)], ADAM.hypers(), 0)
    assert result.points.tolist() == [[0.5, 0.5], [0, 0], [9, 9]]
    assert kinds(result) == ["descending", "reached", "left"]
    assert result.gone.tolist() == [-1, -1, 0]
    for k, start in enumerate([(0.5, 0.5), (0, 0), (9, 9)]):
        assert_ends_alike(result, k, descend(RAVINE, ADAM, start, ADAM.hypers(), 0))


def test_shapes_broadcast():
    starts = np.array([[[0.1, 0.2]], [[1.0, 1.0]], [[-1.0, 1.0]]])
    hypers = ADAM.hypers(lr=np.array([0.01, 0.1, 0.2, 0.3]), beta1=0.8)
    result = study(HIMMELBLAU, ADAM, starts, hypers, 50)
    assert result.points.shape == (3, 4, 2)
    for name in ("losses", "kinds", "minima", "arrived", "within", "gone"):
        assert getattr(result, name).shape == (3, 4)
    for i in range(3):
        for j in range(4):
            one = hypers._replace(lr=hypers.lr[j])
            alone = study(HIMMELBLAU, ADAM, starts[i, 0], one, 50)
            np.testing.assert_allclose(alone.points, result.points[i, j], rtol=1e-5)
    single = study(HIMMELBLAU, ADAM, (1, 1), ADAM.hypers(), 50)
    assert single.points.shape == (2,)
    assert single.losses.shape == ()


# -- computed otherwise, the same ------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["gradient_descent", "momentum", "adam", "random_search"]
)
def test_an_early_end_changes_nothing(key):
    optimizer = OPTIMIZERS[key]
    starts = np.stack(np.meshgrid(np.linspace(-4, 4, 12), np.linspace(-4, 4, 12)), -1)
    hypers = optimizer.recommended(HIMMELBLAU.recommended)
    if key in ("gradient_descent", "momentum"):
        hypers = hypers._replace(lr=0.005)  # No run oscillates for ever.
    early, whole = (
        study(HIMMELBLAU, optimizer, starts, hypers, 4000, early_stop=stop)
        for stop in (True, False)
    )
    assert whole.taken == 4000 * 144
    for name in ("kinds", "minima", "arrived", "within", "gone"):
        np.testing.assert_array_equal(getattr(early, name), getattr(whole, name))
    np.testing.assert_allclose(early.points, whole.points, atol=3e-6)
    if key in ("gradient_descent", "momentum"):
        assert early.taken < whole.taken / 4
    if key == "random_search":
        assert early.taken == whole.taken


def test_a_tile_of_lost_runs_ends_early():
    hypers = GRADIENT_DESCENT.hypers(lr=1.0)
    result = study(ROSENBROCK, GRADIENT_DESCENT, [(2, 2), (1, -1)], hypers, 10_000)
    assert kinds(result) == ["diverged"] * 2
    assert result.taken < 2 * 200


def test_tiles_give_the_same_as_one_piece(monkeypatch):
    hypers = ADAM.hypers(lr=np.geomspace(1e-3, 1, 700))
    whole = study(HIMMELBLAU, ADAM, (1.0, 0.5), hypers, 100)
    monkeypatch.setattr(tiles, "TILE", {"cpu": 64, "other": 64})
    monkeypatch.setattr(tiles, "SMALL", 64)
    parts = []
    tiled = study(HIMMELBLAU, ADAM, (1.0, 0.5), hypers, 100, progress=parts.append)
    assert_same(whole, tiled)
    assert parts == [k / 11 for k in range(1, 12)]


def test_what_progress_raises_ends_the_study(monkeypatch):
    monkeypatch.setattr(tiles, "TILE", {"cpu": 64, "other": 64})
    monkeypatch.setattr(tiles, "SMALL", 64)
    seen = []

    def progress(part):
        seen.append(part)
        if len(seen) == 3:
            raise InterruptedError

    hypers = ADAM.hypers(lr=np.geomspace(1e-3, 1, 1000))
    with pytest.raises(InterruptedError):
        study(HIMMELBLAU, ADAM, (1.0, 0.5), hypers, 100, progress=progress)
    assert len(seen) == 3


@with_every_rule
def test_scalarized_or_vmapped_runs_end_the_same(optimizer):
    hypers = optimizer.recommended(HIMMELBLAU.recommended)
    starts = np.random.default_rng(0).uniform(-3, 3, (20, 2))
    fast, plain = (
        study(
            HIMMELBLAU,
            optimizer,
            starts,
            hypers,
            10,
            dtype=np.float64,
            scalarize=scalarize,
        )
        for scalarize in (True, False)
    )
    np.testing.assert_allclose(fast.points, plain.points, rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(fast.kinds, plain.kinds)


def test_scalarizing_keeps_every_operation():
    def function(point, number):
        stacked = jnp.concatenate([point * number, jnp.flip(point)])
        turned = jnp.stack([point, 2 * point]).T
        return (
            jnp.where(point > 0, point, jnp.sin(point)).sum(),
            stacked[1:4:2],
            turned.reshape(4).max(),
            jnp.pad(point, (1, 1), constant_values=7.0) + jnp.arange(4.0),
            jax.grad(lambda p: (p[0] ** 3 * p[1]).sum())(point),
            jnp.zeros(2),
        )

    point, number = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.2]]), 1.5
    lifted = scalarized(function, np.float64, point[0], number)
    parts = np.empty(2, dtype=object)
    parts[:] = [jnp.asarray(point[:, 0]), jnp.asarray(point[:, 1])]
    results = lifted(parts, uniform(np.float64(number)))
    for k in range(3):
        for result, expected in zip(results, function(point[k], number), strict=True):
            own = [p[k] if np.ndim(p) else p for p in result.flat]
            np.testing.assert_allclose(own, np.ravel(expected), rtol=1e-15)
    # What is equal in all runs stays one number.
    assert np.shape(results[-1].flat[0]) == ()


@pytest.mark.parametrize(
    "function",
    [
        lambda point: (jax.lax.while_loop(lambda p: p[0] < 9, lambda p: 2 * p, point),),
        lambda point: (jnp.outer(jnp.ones(3), point).sum(),),
        lambda point: (jnp.sort(point),),
    ],
    ids=["loop", "large", "unknown"],
)
def test_what_cannot_be_scalarized(function):
    assert scalarized(function, np.float64, np.array([1.0, 2.0])) is None


def test_a_typed_formula_stays_in_float32():
    surface = typed_surface("2.5*x^2 + sin(3*y) + y^2", Domain(-2.0, 2.0, -2.0, 2.0))
    hypers = GRADIENT_DESCENT.hypers(lr=0.02)
    starts = np.random.default_rng(1).uniform(-1, 1, (8, 2))
    result = study(surface, GRADIENT_DESCENT, starts, hypers, 100)
    for k, start in enumerate(starts):
        run = descend(surface, GRADIENT_DESCENT, start, hypers, 100)
        np.testing.assert_allclose(result.points[k], run.points[-1], atol=1e-5)


@with_every_rule
def test_whether_a_loop_of_a_rule_goes_on_is_known_beforehand(optimizer):
    # Over many runs the question is asked twice, in code compiled twice. An answer
    # that rests on a last bit may differ, and the loop then never ends.
    point = jax.ShapeDtypeStruct((2,), float)
    hypers = optimizer.hypers(*[0.5] * len(optimizer.hypers._fields))
    state = jax.eval_shape(optimizer.init, point)
    step = partial(optimizer.step, HIMMELBLAU.fn)
    found = list(conditions_of_loops(jax.make_jaxpr(step)(point, state, hypers).jaxpr))
    assert len(found) == (optimizer.key in ("bfgs", "lbfgs"))
    for condition in found:
        for eqn in condition.eqns:
            assert not any(
                np.issubdtype(atom.aval.dtype, np.inexact) for atom in eqn.invars
            )


def conditions_of_loops(jaxpr):
    """Of all loops in it, however deep."""
    for eqn in jaxpr.eqns:
        if eqn.primitive.name == "while":
            yield eqn.params["cond_jaxpr"].jaxpr
        for inner in jax.tree.leaves(
            list(eqn.params.values()), is_leaf=lambda p: hasattr(p, "eqns")
        ):
            inner = getattr(inner, "jaxpr", inner)
            if hasattr(inner, "eqns"):
                yield from conditions_of_loops(inner)


# -- under conditions ------------------------------------------------------------------


@with_every_rule
@pytest.mark.parametrize("key", ["himmelblau", "linear_regression"])
def test_in_float64_a_run_under_conditions_is_the_single_run(optimizer, key):
    surface = SURFACES[key]
    hypers = optimizer.recommended(surface.recommended)
    starts = np.array([surface.start, (0.4, -0.3)])
    steps = 10 if optimizer.key in SEARCHES else 40
    for conditions in UNDER.values():
        result = study(
            surface, optimizer, starts, hypers, steps,
            conditions=conditions, dtype=np.float64,
        )  # fmt: skip
        for k, start in enumerate(starts):
            run = descend(
                surface, optimizer, start, hypers, steps, conditions=conditions
            )
            np.testing.assert_allclose(
                result.points[k], run.points[-1], rtol=1e-9, atol=1e-12
            )
            np.testing.assert_allclose(
                result.losses[k], run.losses[-1], rtol=1e-8, atol=1e-12
            )
            assert_ends_alike(result, k, run)
            assert result.within[k] == staying(
                run.losses, min(surface.minimum_losses) + 1e-3
            )


@pytest.mark.parametrize("name", UNDER)
@pytest.mark.parametrize(
    "key", ["gradient_descent", "momentum", "nesterov", "adam", "rmsprop"]
)
def test_in_float32_a_run_under_conditions_ends_where_the_single_run_does(key, name):
    optimizer, surface = OPTIMIZERS[key], LINEAR_REGRESSION
    hypers = optimizer.recommended(surface.recommended)
    conditions = UNDER[name]
    result = study(
        surface, optimizer, [surface.start], hypers, 60, conditions=conditions
    )
    run = descend(surface, optimizer, surface.start, hypers, 60, conditions=conditions)
    assert result.points.dtype == result.losses.dtype == np.float32
    np.testing.assert_allclose(result.points[0], run.points[-1], atol=2e-5)
    np.testing.assert_allclose(result.losses[0], run.losses[-1], rtol=1e-4)


@pytest.mark.parametrize("key", ["himmelblau", "linear_regression"])
def test_conditions_without_effect_are_none(key):
    surface = SURFACES[key]
    hypers = ADAM.hypers(lr=[0.01, 0.1])
    plain = study(surface, ADAM, (1.0, 0.5), hypers, 30)
    samples = surface.data.size if surface.data else 3
    plain_too = Conditions(seed=8, batch=samples)
    assert_same(plain, study(surface, ADAM, (1, 0.5), hypers, 30, conditions=plain_too))


def test_conditions_scalarized_or_vmapped():
    starts = np.random.default_rng(0).uniform(-3, 3, (20, 2))
    fast, plain = (
        study(
            HIMMELBLAU, ADAM, starts, ADAM.hypers(lr=0.1), 30,
            conditions=UNDER["all"], dtype=np.float64, scalarize=scalarize,
        )
        for scalarize in (True, False)
    )  # fmt: skip
    np.testing.assert_allclose(fast.points, plain.points, rtol=1e-10)
    np.testing.assert_array_equal(fast.kinds, plain.kinds)


def test_tiles_meet_the_same_conditions(monkeypatch):
    hypers = ADAM.hypers(lr=np.geomspace(1e-3, 1, 150))
    conditions = UNDER["all"]
    whole = study(HIMMELBLAU, ADAM, (1, 0.5), hypers, 100, conditions=conditions)
    monkeypatch.setattr(tiles, "TILE", {"cpu": 64, "other": 64})
    monkeypatch.setattr(tiles, "SMALL", 64)
    assert_same(
        whole, study(HIMMELBLAU, ADAM, (1, 0.5), hypers, 100, conditions=conditions)
    )


NEARLY_FLAT = typed_surface("(x^2 + y^2) / 10000", Domain(-2.0, 2.0, -2.0, 2.0))


@pytest.mark.parametrize(
    ("surface", "start", "lr", "conditions"),
    [
        (RAVINE, (1.0, 1.0), 1e-8, Conditions(warmup=1000)),
        (NEARLY_FLAT, (1.0, 1.0), 8e-9, Conditions(noise=1.0, seed=1)),
        (
            LINEAR_REGRESSION,
            LINEAR_REGRESSION.minima[0],
            3e-8,
            Conditions(batch=2, seed=1),
        ),
    ],
    ids=["warm-up", "noise", "minibatches"],
)
def test_what_may_move_later_is_no_rest(surface, start, lr, conditions):
    hypers = GRADIENT_DESCENT.hypers(lr=lr)

    def after(steps, early_stop):
        return study(
            surface, GRADIENT_DESCENT, start, hypers, steps,
            conditions=conditions, early_stop=early_stop,
        )  # fmt: skip

    first = after(loop.BLOCK, True)
    np.testing.assert_array_equal(first.points, np.float32(start))
    early, whole = after(3000, True), after(3000, False)
    assert early.taken == whole.taken == 3000
    assert_same(early, whole)
    assert (whole.points != first.points).any()


@pytest.mark.parametrize("key", ["gradient_descent", "momentum", "adam", "adagrad"])
def test_a_schedule_that_falls_to_nothing_ends_early(key):
    optimizer, decay = OPTIMIZERS[key], SCHEDULES["step_decay"]
    conditions = Conditions(
        schedule=decay, schedule_hypers=decay.hypers(drop=0.01, every=20)
    )
    hypers = optimizer.recommended(HIMMELBLAU.recommended)
    starts = [(1.0, 1.0), (-2.0, 3.0), (0.0, -1.0)]
    early, whole = (
        study(
            HIMMELBLAU, optimizer, starts, hypers, 4000,
            conditions=conditions, early_stop=stop,
        )
        for stop in (True, False)
    )  # fmt: skip
    assert early.taken < whole.taken / 4
    assert whole.taken == 3 * 4000
    assert_same(early, whole)


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@settings(max_examples=30)
@given(data=st.data(), num_steps=st.integers(1, 5000))
def test_no_schedule_rises_again(schedule, data, num_steps):
    # Else a run could rest and be ended early before its rate is back.
    hypers = data.draw(st.from_type(schedule.hypers))
    factors = Conditions(schedule=schedule, schedule_hypers=hypers).factors(num_steps)
    assert (np.diff(factors) <= 1e-12).all()


def test_nothing_compiles_for_other_conditions():
    def run(surface, steps, conditions):
        hypers = MOMENTUM.hypers(lr=np.linspace(0.001, 0.01, 5))
        study(surface, MOMENTUM, surface.start, hypers, steps, conditions=conditions)

    for surface in (RAVINE, LINEAR_REGRESSION):
        run(surface, 10, UNDER["noise"])
        with compilations() as compiled:
            for i, schedule in enumerate(SCHEDULES.values()):
                conditions = Conditions(
                    schedule, schedule.hypers(), 1 + i, 0.1 * i, 2 + i, i
                )
                run(surface, 100 * i, conditions)
        assert compiled == []


def test_a_sweep_passes_its_conditions_on():
    rates, conditions = np.array([0.01, 0.05]), UNDER["all"]
    result = sweep(
        RAVINE, GRADIENT_DESCENT, "lr", rates, GRADIENT_DESCENT.hypers(),
        RAVINE.start, 50, conditions=conditions,
    )  # fmt: skip
    for k, lr in enumerate(rates):
        hypers = GRADIENT_DESCENT.hypers(lr=lr)
        run = descend(
            RAVINE, GRADIENT_DESCENT, RAVINE.start, hypers, 50, conditions=conditions
        )
        np.testing.assert_allclose(result.points[k], run.points[-1], atol=1e-5)


# -- devices ---------------------------------------------------------------------------

SHARDED = """
import jax, numpy as np
from optim import OPTIMIZERS
from optim.studies import basins, study
from surfaces import SURFACES
assert len(jax.devices()) == 2
surface, adam = SURFACES["himmelblau"], OPTIMIZERS["adam"]
starts = np.random.default_rng(3).uniform(-4, 4, (301, 2))
hypers = adam.hypers(lr=np.geomspace(1e-2, 1, 301))
one, two = (
    study(surface, adam, starts, hypers, 300, devices=devices, early_stop=False)
    for devices in (jax.devices()[:1], None)
)
for name in ("kinds", "minima", "gone"):
    np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
for name in ("arrived", "within"):
    np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1)
np.testing.assert_allclose(one.points, two.points, atol=1e-5)
assert one.taken == two.taken == 301 * 300
print("equal", len(set(two.minima.tolist())))
"""


def test_two_devices_give_the_same_as_one():
    flags = "--xla_force_host_platform_device_count=2"
    done = subprocess.run(
        [sys.executable, "-c", SHARDED],
        env={**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    equal, different = done.stdout.split()
    assert equal == "equal"
    assert int(different) >= 3


# -- compilations ----------------------------------------------------------------------

_watched: dict[int, list[str]] = {}


def _watch(event, seconds, **_):
    if event.startswith("/jax/core/compile/"):
        for events in _watched.values():
            events.append(event)


jax.monitoring.register_event_duration_secs_listener(_watch)


@contextmanager
def compilations():
    """What JAX traces, lowers or compiles, in any thread."""
    _watched[threading.get_ident()] = events = []
    try:
        yield events
    finally:
        del _watched[threading.get_ident()]


@with_every_rule
def test_nothing_compiles_twice(optimizer):
    first = optimizer.hypers._fields[0]
    default = optimizer.hypers()[0]
    starts = np.random.default_rng(0).uniform(-1, 1, (70, 2))

    def run(surface, starts, steps, factor, **options):
        values = default * factor * np.linspace(0.5, 1, len(starts))
        hypers = optimizer.hypers(**{first: values})
        study(surface, optimizer, starts, hypers, steps, **options)

    run(RAVINE, starts, 30, 1.0)
    with compilations() as compiled:
        run(RAVINE, starts[:65], 0, 0.5)
        run(RAVINE.with_params(kappa=7.0, angle=10.0), starts, 200, 0.25)
        run(RAVINE, starts * 0.5, 31, 1.0, tolerance=0.1, early_stop=False)
        run(RAVINE, starts.astype(np.float32), np.int64(3), 1.0, progress=print)
    assert compiled == []


def test_the_counter_counts():
    values = GRADIENT_DESCENT.hypers(lr=np.geomspace(1e-3, 0.1, 100))
    study(RAVINE, GRADIENT_DESCENT, (1, 1), values, 3)
    with compilations() as compiled:
        study(RAVINE, GRADIENT_DESCENT, (1, 1), values, 3, dtype=np.float64)
    assert any("backend_compile" in event for event in compiled)


# -- sweeps ----------------------------------------------------------------------------


def test_sweep():
    rates = np.geomspace(1e-4, 1, 50)
    result = sweep(
        RAVINE, GRADIENT_DESCENT, "lr", rates, GRADIENT_DESCENT.hypers(),
        RAVINE.start, 400,
    )  # fmt: skip
    assert result.kinds.shape == (50,)
    # Gradient descent diverges from 2 / kappa on.
    diverged = result.ended("diverged")
    np.testing.assert_array_equal(diverged[rates < 2 / 30], False)
    np.testing.assert_array_equal(diverged[rates > 2.2 / 30], True)
    for k in (5, 20, 30, 49):
        run = descend(
            RAVINE, GRADIENT_DESCENT, RAVINE.start,
            GRADIENT_DESCENT.hypers(lr=rates[k]), 400,
        )  # fmt: skip
        assert_ends_alike(result, k, run)


def test_sweep2_has_the_first_along_a_row():
    rates, betas = np.array([0.001, 0.01, 0.02]), np.array([0.0, 0.9])
    result = sweep2(
        RAVINE, MOMENTUM, ("lr", "beta"), (rates, betas), MOMENTUM.hypers(),
        RAVINE.start, 10,
    )  # fmt: skip
    assert result.losses.shape == (2, 3)
    for i, beta in enumerate(betas):
        for j, lr in enumerate(rates):
            run = descend(RAVINE, MOMENTUM, RAVINE.start, MOMENTUM.hypers(lr, beta), 10)
            np.testing.assert_allclose(result.points[i, j], run.points[-1], atol=1e-5)


@pytest.mark.parametrize("kappa", [10.0, 30.0])
def test_the_stability_limit_of_momentum(kappa):
    surface = RAVINE.with_params(kappa=kappa, angle=20.0)
    found = curvatures(surface, (0, 0))
    np.testing.assert_allclose(found, [1, kappa], rtol=1e-12)
    betas = np.linspace(0, 0.95, 39)
    rates = np.linspace(0.02, 4.2, 210) / kappa
    result = sweep2(
        surface, MOMENTUM, ("lr", "beta"), (rates, betas), MOMENTUM.hypers(),
        (1.0, 0.7), 3000, dtype=np.float64,
    )  # fmt: skip
    gone = result.ended("diverged")
    limit = stability_limit(found, betas)
    # In each row the first cell that diverges is the first above the limit, or next.
    measured = np.argmax(gone, axis=1)
    np.testing.assert_array_equal(gone[:, -1], True)
    assert np.abs(measured - np.searchsorted(rates, limit)).max() <= 1
    assert (contraction(found, limit * 0.999, betas) < 1).all()
    assert (contraction(found, limit * 1.001, betas) > 1).all()


def test_the_fastest_momentum():
    found = curvatures(RAVINE, (0, 0))
    best = optimum(found)
    parts = np.linspace(0.75, 1.25, 21)
    lr, beta = parts * best.lr, parts * best.beta
    rates = contraction(found, lr, beta[:, None])
    assert np.unravel_index(np.argmin(rates), rates.shape) == (10, 10)
    np.testing.assert_allclose(rates[10, 10], best.contraction, rtol=1e-6)
    result = sweep2(
        RAVINE, MOMENTUM, ("lr", "beta"), (lr, beta), MOMENTUM.hypers(),
        RAVINE.start, 800, dtype=np.float64, early_stop=False,
    )  # fmt: skip
    losses = np.where(result.ended("diverged"), np.inf, result.losses)
    measured = np.unravel_index(np.argmin(losses), losses.shape)
    assert np.abs(np.array(measured) - 10).max() <= 1


def test_theory_needs_positive_curvatures():
    with pytest.raises(ValueError, match="must be positive"):
        stability_limit(curvatures(SADDLE, (0, 0)), 0.9)
    with pytest.raises(ValueError, match="must be positive"):
        optimum([0.0, 1.0])
    for beta in (1.0, -0.1, np.nan):
        with pytest.raises(ValueError, match="below 1"):
            stability_limit([1.0, 2.0], beta)


# -- basins ----------------------------------------------------------------------------


def test_basins_of_himmelblau_follow_the_gradient_flow():
    size = 24
    found = basins(
        HIMMELBLAU, GRADIENT_DESCENT, GRADIENT_DESCENT.hypers(lr=5e-4), size, 6000
    )
    slope = jax.jit(jax.vmap(jax.grad(HIMMELBLAU.fn)))
    starts = np.stack(np.meshgrid(found.x, found.y), axis=-1)

    # All starts as one system: the flow is the same for each.
    def flow(t, w):
        return -np.asarray(slope(w.reshape(-1, 2))).ravel()

    ended = solve_ivp(flow, (0, 10), starts.ravel(), method="LSODA", rtol=1e-6)
    assert ended.success
    last = ended.y[:, -1].reshape(size, size, 1, 2)
    distance = np.linalg.norm(last - np.array(HIMMELBLAU.minima), axis=-1)
    expected = np.where(distance.min(-1) < 0.01, distance.argmin(-1), -1)
    assert Counter(expected.ravel().tolist()).keys() >= {0, 1, 2, 3}
    assert (found.study.minima == expected).mean() >= 0.99
    assert found.study.minima.shape == (size, size)
    window = HIMMELBLAU.view_domain
    assert (found.x[0], found.x[-1], found.y[0], found.y[-1]) == tuple(window)


def test_basins_are_indexed_y_then_x():
    # Its window is not square: a transposed map is another map.
    surface, hypers = SURFACES["mccormick"], GRADIENT_DESCENT.hypers(lr=0.01)
    found = basins(surface, GRADIENT_DESCENT, hypers, 4, 5)
    ends = found.x[0], found.x[-1], found.y[0], found.y[-1]
    assert ends == tuple(surface.view_domain)
    for j, y in enumerate(found.y):
        for i, x in enumerate(found.x):
            run = descend(surface, GRADIENT_DESCENT, (x, y), hypers, 5)
            np.testing.assert_allclose(
                found.study.points[j, i], run.points[-1], atol=1e-5
            )


# -- what is refused -------------------------------------------------------------------


def refused(match, call, *args, **options):
    with pytest.raises(ValueError, match=match) as caught:
        call(*args, **options)
    assert "\n" not in str(caught.value)


def test_too_many_runs_are_refused_before_anything_is_allocated():
    h = ADAM.hypers()
    refused("runs, not 10,000,000,000", basins, RAVINE, ADAM, h, 100_000, 5)
    million = np.broadcast_to(np.float64(0.1), (1_000_000, 1_000_000))
    refused("runs, not 1,000,000,000,000", study, RAVINE, ADAM, (1, 1),
            h._replace(lr=million), 5)  # fmt: skip
    line = np.broadcast_to(0.1, 100_000)
    refused("runs, not 10,000,000,000", sweep2, RAVINE, ADAM, ("lr", "beta1"),
            (line, line), h, (1, 1), 5)  # fmt: skip
    refused("runs, not 0", study, RAVINE, ADAM, np.zeros((0, 2)), h, 5)
    refused("runs, not 0", basins, RAVINE, ADAM, h, 0, 5)


def test_bad_requests_get_a_sentence():
    h = ADAM.hypers()
    refused(r"shape \(\.\.\., 2\)", study, RAVINE, ADAM, (1, 2, 3), h, 5)
    refused(r"shape \(\.\.\., 2\)", study, RAVINE, ADAM, 1.0, h, 5)
    refused("broadcast together", study, RAVINE, ADAM, np.zeros((3, 2)),
            h._replace(lr=np.zeros(4)), 5)  # fmt: skip
    refused("finite", study, RAVINE, ADAM, (np.nan, 1), h, 5)
    refused("finite", study, RAVINE, ADAM, (0, 1), h._replace(lr=[0.1, np.inf]), 5)
    refused("not -1", study, RAVINE, ADAM, (0, 1), h, -1)
    refused("steps must be", study, RAVINE, ADAM, (0, 1), h, 2**24)
    refused("float32 or float64", study, RAVINE, ADAM, (0, 1), h, 5, dtype=np.int32)
    for batch in (0, LINEAR_REGRESSION.data.size + 1):
        refused(f"not {batch}", study, LINEAR_REGRESSION, ADAM, (0, 1), h, 5,
                conditions=Conditions(batch=batch))  # fmt: skip
    refused("tolerance", study, RAVINE, ADAM, (0, 1), h, 5, tolerance=-1)
    refused("tolerance", study, RAVINE, ADAM, (0, 1), h, 5, tolerance=np.nan)
    refused("Adam has no rho", sweep, RAVINE, ADAM, "rho", [0.1], h, (0, 1), 5)
    refused("against itself", sweep2, RAVINE, ADAM, ("lr", "lr"), ([1], [2]), h,
            (0, 1), 5)  # fmt: skip


def test_every_field_is_documented():
    for field in fields(engine.Study):
        assert f"{field.name}:" in engine.Study.__doc__
