"""Gradient noise: that it is what is declared, and the same wherever it is drawn.

Minibatches are tested with the surfaces made of data.
"""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_descent import compilations

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend
from optim.conditions import NoiseAndWarmup, StepInputs, apply_step_inputs
from surfaces import SURFACES, params

RAVINE = SURFACES["ravine"]
CURVATURES = np.array([1.0, RAVINE.params.kappa])
START = (0.3, -0.2)

FROZEN_NOISE = [
    [-0.6358714681237763, -1.2343865763863817],
    [1.7795177649061236, 0.8088502989255831],
    [0.0, 0.0],
]
FROZEN_BATCHES = [[1, 4], [0, 2], [3], [0, 1, 2, 3, 4]]

with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


def run_of(key, num_steps, surface=RAVINE, **conditions):
    optimizer = OPTIMIZERS[key]
    return descend(
        surface,
        optimizer,
        START,
        optimizer.hypers(),
        num_steps,
        conditions=Conditions(**conditions),
    )


def noise_of(run):
    """What was added to the gradients of a run down the ravine."""
    return run.grads - CURVATURES * run.points


def assert_same_run(a, b):
    for one, other in zip(
        jax.tree.leaves((a.points, a.losses, a.grads, a.states)),
        jax.tree.leaves((b.points, b.losses, b.grads, b.states)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_declaration():
    declared = params(NoiseAndWarmup)
    for name, value in NoiseAndWarmup()._asdict().items():
        assert declared[name].check(value) == value
        assert getattr(Conditions(), name) == value


@given(values=st.from_type(NoiseAndWarmup))
def test_declared_values_give_inputs_for_every_step(values):
    inputs = Conditions(**values._asdict()).step_inputs(50, 60, None)
    assert inputs.factor.shape == (60,)
    assert inputs.noise.shape == (60, 2)
    assert inputs.weights is None
    # Where no step is taken nothing changes.
    assert (inputs.factor[50:] == 1).all()
    assert not inputs.noise[50:].any()


@settings(max_examples=50)
@given(
    noise=st.just(0.0) | st.floats(1e-6, 100),
    batch=st.none() | st.integers(1, 9),
    samples=st.none() | st.just(9),
    warmup=st.integers(0, 3),
    seeds=st.lists(st.integers(0, 9999), min_size=2, max_size=2, unique=True),
)
def test_stochastic_is_what_another_seed_changes(noise, batch, samples, warmup, seeds):
    conditions = [
        Conditions(noise=noise, batch=batch, warmup=warmup, seed=seed) for seed in seeds
    ]
    one, other = (each.step_inputs(40, 50, samples) for each in conditions)
    differs = [
        not np.array_equal(a, b)
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    ]
    assert [each.is_stochastic(samples) for each in conditions] == [any(differs)] * 2


def test_stationary_inputs_are_those_without_conditions():
    for plain, samples in [
        (Conditions(), None),
        (Conditions(), 9),
        (Conditions(seed=3), 9),
        (Conditions(batch=9), 9),
        (Conditions(batch=4), None),
    ]:
        assert plain.is_stationary(samples)
        jax.tree.map(
            np.testing.assert_array_equal,
            plain.step_inputs(20, 30, samples),
            Conditions().step_inputs(20, 30, samples),
        )
    for other in [Conditions(warmup=2), Conditions(noise=1e-6), Conditions(batch=4)]:
        assert not other.is_stationary(9)
    for key, schedule in SCHEDULES.items():
        conditions = Conditions(schedule=schedule, schedule_hypers=schedule.hypers())
        assert conditions.is_stationary(None) == (key == "constant")


def test_a_rule_is_given_the_tilted_loss_of_its_minibatch_and_the_rate_of_its_step():
    def loss(point, weights=(0.5, 0.5)):
        return weights[0] * point[0] ** 2 + weights[1] * point[1] ** 2

    point, tilt = np.array([3.0, -2.0]), np.array([0.5, 10.0])
    hypers = OPTIMIZERS["momentum"].hypers(lr=0.4, beta=0.5)
    given_loss, tuned = apply_step_inputs(StepInputs(0.25, tilt), loss, hypers)
    assert given_loss(point) == 6.5 + (1.5 - 20)
    assert tuned == (0.1, 0.5)
    given_loss, _ = apply_step_inputs(
        StepInputs(1.0, tilt, np.array([1.0, 0.0])), loss, hypers
    )
    assert given_loss(point) == 9 + (1.5 - 20)
    np.testing.assert_array_equal(jax.grad(given_loss)(point), [6 + 0.5, 10])
    hypers = OPTIMIZERS["bfgs"].hypers()
    assert apply_step_inputs(StepInputs(0.25, tilt), loss, hypers)[1] is hypers


@with_every_rule
def test_no_noise_is_no_condition(optimizer):
    hypers = optimizer.hypers()
    plain = descend(RAVINE, optimizer, START, hypers, 40)
    stationary = descend(
        RAVINE, optimizer, START, hypers, 40, conditions=Conditions(noise=0.0, seed=5)
    )
    assert_same_run(plain, stationary)


@with_every_rule
def test_a_seed_is_a_path(optimizer):
    run = run_of(optimizer.key, 40, noise=0.5, seed=1)
    other = run_of(optimizer.key, 40, noise=0.5, seed=2)
    again = run_of(optimizer.key, 40, noise=0.5, seed=1)
    assert_same_run(run, again)
    assert (run.grads[:-1] != other.grads[:-1]).all()


@settings(max_examples=20)
@given(few=st.integers(0, 300), more=st.integers(0, 300), seed=st.integers(0, 9999))
def test_more_steps_only_add_rows(few, more, seed):
    short = run_of("adam", few, noise=0.5, seed=seed)
    long = run_of("adam", few + more, noise=0.5, seed=seed)
    np.testing.assert_array_equal(short.points, long.points[: few + 1])
    np.testing.assert_array_equal(short.losses, long.losses[: few + 1])
    np.testing.assert_array_equal(short.grads[:few], long.grads[:few])


def test_rules_do_not_share_their_draws():
    alone = run_of("momentum", 200, noise=0.5, seed=3)
    noises = [noise_of(run_of(key, 200, noise=0.5, seed=3)) for key in OPTIMIZERS]
    assert_same_run(alone, run_of("momentum", 200, noise=0.5, seed=3))
    # Each meets the same noise at the same step, wherever it is by then.
    for noise in noises:
        np.testing.assert_allclose(noise, noises[0], atol=1e-9)


@pytest.mark.parametrize("sigma", [1e-3, 0.7, 100.0])
def test_noise_has_the_declared_moments(sigma):
    num_steps = 5000
    noise = noise_of(run_of("gradient_descent", num_steps, noise=sigma, seed=11))
    assert np.abs(noise[-1]).max() == pytest.approx(0, abs=1e-9)
    noise = noise[:-1] / sigma
    # Four standard errors each, of mean, variance and covariance.
    error = 4 / np.sqrt(num_steps)
    assert np.abs(noise.mean(axis=0)).max() <= error
    assert np.abs(noise.var(axis=0) - 1).max() <= np.sqrt(2) * error
    assert abs((noise[:, 0] * noise[:, 1]).mean()) <= error
    # From step to step it remembers nothing.
    assert np.abs((noise[1:] * noise[:-1]).mean(axis=0)).max() <= error


def test_losses_are_without_noise():
    run = run_of("adam", 100, noise=2.0)
    expected = (CURVATURES * run.points**2).sum(axis=1) / 2
    np.testing.assert_allclose(run.losses, expected, rtol=1e-12)


def test_the_draws_are_frozen():
    # RandomState's streams are promised never to change: NumPy's NEP 19.
    noise = Conditions(noise=1.0, seed=7).step_inputs(2, 3, None).noise
    assert noise.tolist() == FROZEN_NOISE
    weights = Conditions(batch=2, seed=7).step_inputs(3, 4, 5).weights
    assert [np.flatnonzero(row).tolist() for row in weights] == FROZEN_BATCHES


def test_rules_that_look_ahead_meet_the_noise_there():
    run = run_of("nesterov", 60, noise=0.5, seed=4)
    hypers = OPTIMIZERS["nesterov"].hypers()
    noise = Conditions(noise=0.5, seed=4).step_inputs(60, 60, None).noise
    point, velocity = np.array(START), np.zeros(2)
    for n in noise:
        coasting = hypers.beta * velocity
        velocity = coasting - hypers.lr * (CURVATURES * (point + coasting) + n)
        point = point + velocity
    np.testing.assert_allclose(run.points[-1], point, rtol=1e-10)


def test_newtons_step_is_off_by_the_noise_over_the_curvature():
    run = run_of("newton", 60, noise=0.5, seed=4)
    noise = Conditions(noise=0.5, seed=4).step_inputs(60, 60, None).noise
    np.testing.assert_allclose(run.points[1:], -noise / CURVATURES, atol=1e-12)


@with_every_rule
def test_nothing_compiles_for_other_conditions(optimizer):
    descend(RAVINE, optimizer, START, optimizer.hypers(), 10)
    with compilations() as compiled:
        for i, schedule in enumerate(SCHEDULES.values()):
            run_of(
                optimizer.key,
                10 + i,
                schedule=schedule,
                schedule_hypers=schedule.hypers(),
                warmup=i,
                noise=0.1 * i,
                seed=i,
            )
    assert compiled == []
