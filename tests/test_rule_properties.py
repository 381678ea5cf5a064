"""What must be true of first-order rules: in closed form, or of one beside another."""

from functools import partial
from itertools import islice

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optim import OPTIMIZERS, Conditions, descend
from optim.studies import study
from surfaces import SURFACES, params, regularized
from tests.rule_runs import (
    Problem,
    on_every_surface,
    plain_run,
    points_in,
    run_on,
    tilted,
    with_every_rule,
)


@with_every_rule
def test_stays_where_there_is_no_slope(optimizer):
    lowest = {name: param.low for name, param in params(optimizer.hypers).items()}
    for hypers in (optimizer.hypers(), optimizer.hypers(**lowest)):
        if "weight_decay" in hypers._fields:
            hypers = hypers._replace(weight_decay=0.0)
        run = descend(flat, optimizer, (0.5, -2.0), hypers, 20)
        np.testing.assert_array_equal(run.points, [[0.5, -2.0]] * 21)


def flat(point):
    return 0.0 * point.sum()


@on_every_surface
def test_rules_without_what_was_added_are_the_plain_ones(surface):
    lr = OPTIMIZERS["gradient_descent"].rate(surface.learning_rates)
    plain = plain_run("gradient_descent", surface, lr=lr)[:20]
    assert (plain[1] != plain[0]).any()
    for key in ("momentum", "nesterov"):
        np.testing.assert_allclose(
            plain_run(key, surface, lr=lr, beta=0)[:20], plain, rtol=1e-9, atol=1e-9
        )
    scaled = plain_run("rmsprop", surface, lr=0.01)[:20]
    for key in ("rmsprop_momentum", "rmsprop_nesterov"):
        np.testing.assert_allclose(
            plain_run(key, surface, lr=0.01, beta=0)[:20],
            scaled,
            rtol=1e-9,
            atol=1e-9,
        )


# Settings at which a rule forgets all but the last slope, and has no floor.
FORGETFUL = {
    "rmsprop": {"rho": 0, "eps": 1e-60},
    "adam": {"beta1": 0, "beta2": 0, "eps": 1e-30},
    "lion": {"beta1": 0, "beta2": 0},
}


@on_every_surface
@pytest.mark.parametrize("key", FORGETFUL)
def test_without_memory_only_the_signs_count(key, surface):
    points = plain_run(key, surface, lr=0.01, **FORGETFUL[key])[:101]
    grads = np.array([Problem(surface.fn).gradient(point) for point in points[:-1]])
    steep = np.abs(grads) > 1e-9
    assert steep.any()
    expected = -0.01 * np.sign(grads)
    moved = np.diff(points, axis=0)
    np.testing.assert_allclose(moved[steep], expected[steep], atol=1e-12)


def adagrad_without_l2_in_r(h, gradient, l2, w):
    r = np.zeros(2)
    while True:
        g = gradient(w)
        r = r + g * g
        w = w - h.lr * (g + l2 * w) / (h.eps + np.sqrt(r))
        yield w


def rmsprop_without_l2_in_r(h, gradient, l2, w):
    r = np.zeros(2)
    while True:
        g = gradient(w)
        r = h.rho * r + (1 - h.rho) * g * g
        w = w - h.lr * (g + l2 * w) / np.sqrt(h.eps + r)
        yield w


@pytest.mark.parametrize("l2", [0.0, 0.3, 2.0])
@pytest.mark.parametrize(
    ("key", "by_hand"),
    [("adagrad", adagrad_without_l2_in_r), ("rmsprop", rmsprop_without_l2_in_r)],
)
@pytest.mark.parametrize("surface_key", ["himmelblau", "booth", "linear_regression"])
def test_a_penalty_may_be_left_out_of_r(key, by_hand, l2, surface_key):
    plain, rule = SURFACES[surface_key], OPTIMIZERS[key]
    surface = regularized(plain, l2)
    hypers = rule.hypers(lr=0.003, l2_in_r=0)
    # Too few to oscillate around a minimum: there rounding grows.
    steps = 150
    run = descend(surface, rule, plain.start, hypers, steps)
    problem = Problem(plain.fn)
    expected = [np.array(plain.start), *islice(
        by_hand(hypers, problem.gradient, l2, np.array(plain.start)), steps
    )]  # fmt: skip
    np.testing.assert_allclose(run.points, expected, rtol=1e-9, atol=1e-9)
    usual = descend(surface, rule, plain.start, hypers._replace(l2_in_r=1), steps)
    assert (np.abs(usual.points - run.points).max() > 1e-6) == (l2 > 0)
    ended = study(surface, rule, np.array(plain.start), hypers, steps, dtype=np.float64)
    np.testing.assert_allclose(ended.points, run.points[-1], rtol=1e-8, atol=1e-8)


def test_noise_and_minibatches_leave_the_penalty_out_of_r_as_well():
    plain, rule = SURFACES["linear_regression"], OPTIMIZERS["adagrad"]
    surface, start = regularized(plain, 0.7), np.array(plain.start)
    conditions = Conditions(noise=0.2, batch=5, seed=3)
    hypers = rule.hypers(lr=0.1, l2_in_r=0)
    run = descend(surface, rule, start, hypers, 100, conditions=conditions)
    # The gradients on record are as the rule was given them, penalty included.
    w, r = start, np.zeros(2)
    for grad, point in zip(run.grads[:-1], run.points[1:], strict=True):
        r = r + (grad - 0.7 * w) ** 2
        w = w - 0.1 * grad / (hypers.eps + np.sqrt(r))
        np.testing.assert_allclose(w, point, rtol=1e-9, atol=1e-9)


@given(
    lr=st.floats(1e-3, 10),
    decay1=st.floats(0, 0.999),
    decay2=st.floats(0, 0.999),
    slope=st.tuples(*[st.floats(0.1, 1e3) | st.floats(-1e3, -0.1)] * 2),
)
def test_first_step_forgets_how_steep_it_is(lr, decay1, decay2, slope):
    expected = -lr * np.sign(slope)
    # RMSProp does not correct for starting at zero.
    longer = {"rmsprop": 1 / np.sqrt(1 - decay1)}
    for key, hypers in {
        "adagrad": {"eps": 1e-30},
        "rmsprop": {"rho": decay1, "eps": 1e-60},
        "adam": {"beta1": decay1, "beta2": decay2, "eps": 1e-30},
    }.items():
        optimizer = OPTIMIZERS[key]
        hypers = jax.tree.map(np.float64, optimizer.hypers(lr=lr, **hypers))
        plane, origin = partial(jnp.dot, np.array(slope)), jnp.zeros(2)
        point, _ = optimizer.step(plane, origin, optimizer.init(origin), hypers)
        np.testing.assert_allclose(
            point, expected * longer.get(key, 1), rtol=1e-12, err_msg=key
        )


# What a rule has moved after t steps down a constant slope g, in closed form.
DOWN_A_PLANE = {
    "gradient_descent": ({}, lambda g, t: -g * t),
    "momentum": (
        {"beta": 0.9},
        lambda g, t: -g * np.cumsum(1 - 0.9**t) / (1 - 0.9),
    ),
    "nesterov": (
        {"beta": 0.9},
        lambda g, t: -g * np.cumsum(1 - 0.9**t) / (1 - 0.9),
    ),
    "adagrad": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * np.cumsum(t**-0.5)),
    "rmsprop": (
        {"rho": 0.9, "eps": 1e-60},
        lambda g, t: -np.sign(g) * np.cumsum((1 - 0.9**t) ** -0.5),
    ),
    "adam": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * t),
    "amsgrad": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * t),
    "adamax": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * t),
    "lion": ({}, lambda g, t: -np.sign(g) * t),
}


@pytest.mark.parametrize("key", DOWN_A_PLANE)
def test_down_a_plane(key):
    hypers, moved = DOWN_A_PLANE[key]
    run = run_on(tilted, key, (0, 0), 500, lr=0.01, **hypers)
    t = np.arange(1.0, 501)
    expected = 0.01 * np.stack([moved(3.0, t), moved(-4.0, t)], axis=1)
    np.testing.assert_allclose(run.points[1:], expected, rtol=1e-11)


HIMMELBLAU = SURFACES["himmelblau"]


def steeper(point):
    return 1024 * HIMMELBLAU.fn(point)


@pytest.mark.parametrize(
    ("key", "floorless", "invariant"),
    [
        ("gradient_descent", {}, False),
        ("momentum", {}, False),
        ("adagrad", {"eps": 1e-30}, True),
        ("rmsprop", {"eps": 1e-60}, True),
        ("adam", {"eps": 1e-30}, True),
        ("newton", {}, True),
        ("random_search", {}, True),
        ("lion", {}, True),
    ],
)
def test_whether_the_height_of_the_hills_counts(key, floorless, invariant):
    optimizer = OPTIMIZERS[key]
    hypers = optimizer.hypers(**floorless)
    if "lr" in hypers._fields:
        hypers = hypers._replace(lr=1e-3)
    a = descend(HIMMELBLAU, optimizer, HIMMELBLAU.start, hypers, 40).points
    b = descend(steeper, optimizer, HIMMELBLAU.start, hypers, 40).points
    assert np.allclose(a, b, rtol=1e-10) == invariant


@given(
    kappa=st.floats(1, 100),
    angle=st.floats(-90, 90),
    rate=st.floats(0.01, 2.1),
    start=points_in(SURFACES["ravine"]),
)
def test_gradient_descent_shrinks_each_axis_of_a_ravine(kappa, angle, rate, start):
    lr = rate / kappa
    ravine = SURFACES["ravine"].with_params(kappa=kappa, angle=angle)
    run = run_on(ravine, "gradient_descent", start, 100, lr=lr)
    turn = np.deg2rad(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shrunk = np.array([1 - lr, 1 - lr * kappa]) ** np.arange(101)[:, None]
    expected = shrunk * (axes @ np.array(start)) @ axes
    np.testing.assert_allclose(run.points, expected, rtol=1e-9, atol=1e-11)


def test_adam_without_correction_begins_with_longer_steps():
    corrected = run_on(tilted, "adam", (0, 0), 50, lr=0.01).points
    run = run_on(tilted, "adam", (0, 0), 50, lr=0.01, bias_correction=0)
    longer = np.diff(run.points, axis=0) / np.diff(corrected, axis=0)
    t = np.arange(1, 51)[:, None]
    expected = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    np.testing.assert_allclose(longer, np.tile(expected, 2), rtol=1e-5)
