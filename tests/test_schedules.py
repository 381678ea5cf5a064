"""Schedules against optax, and rules under a schedule against torch and by hand.

A new schedule needs a row in `OPTAX`, or a test of its own that says what it is.
"""

import jax
import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend
from optim.schedules import factors
from surfaces import SURFACES, params

RAVINE = SURFACES["ravine"]
GRADIENT_DESCENT = OPTIMIZERS["gradient_descent"]
MOMENTUM = OPTIMIZERS["momentum"]

with_every_schedule = pytest.mark.parametrize(
    "schedule", SCHEDULES.values(), ids=SCHEDULES
)
with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)

# optax's schedule that is the same function, from parameters and horizon.
OPTAX = {
    "constant": lambda h, horizon: optax.constant_schedule(1.0),
    "step_decay": lambda h, horizon: optax.exponential_decay(
        1.0, h.every, h.drop, staircase=True
    ),
    "exponential": lambda h, horizon: optax.exponential_decay(1.0, h.half_life, 0.5),
    "cosine": lambda h, horizon: optax.cosine_decay_schedule(1.0, horizon, alpha=h.end),
}


LONGEST = 3000


def by_optax(schedule, num_steps):
    # Of one shape, or each length compiles; NumPy's, because XLA divides by a constant
    # through its reciprocal, and 491 / 491 then rounds below 1.
    with jax.numpy_dtype_promotion("standard"):
        factor = schedule(np.arange(float(LONGEST)))
    return np.broadcast_to(factor, LONGEST)[:num_steps]


def with_drawn(schedule):
    return st.from_type(schedule.hypers)


def assert_close(ours, theirs):
    # Powers lose a digit for every digit of the exponent.
    np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-14)


# -- the schedules --------------------------------------------------------------------


@with_every_schedule
def test_declaration(schedule):
    assert SCHEDULES[schedule.key] is schedule
    assert schedule.label.strip() == schedule.label != ""
    assert schedule.formula
    defaults = schedule.hypers()._asdict()
    for name, param in params(schedule.hypers).items():
        assert param.check(defaults[name]) == defaults[name]


def test_every_schedule_has_a_reference():
    assert {*OPTAX, "inverse_time"} == set(SCHEDULES)


@pytest.mark.parametrize("key", OPTAX)
@settings(max_examples=40)
@given(data=st.data(), num_steps=st.integers(1, LONGEST))
def test_optax_has_the_same_schedule(key, data, num_steps):
    schedule = SCHEDULES[key]
    hypers = data.draw(with_drawn(schedule))
    assert_close(
        factors(schedule, hypers, num_steps),
        by_optax(OPTAX[key](hypers, num_steps), num_steps),
    )


@pytest.mark.parametrize("key", OPTAX)
@settings(max_examples=40)
@given(data=st.data(), num_steps=st.integers(2, LONGEST))
def test_optax_has_the_same_warmup(key, data, num_steps):
    schedule = SCHEDULES[key]
    hypers = data.draw(with_drawn(schedule))
    warmup = data.draw(st.integers(1, num_steps - 1))
    rise = optax.linear_schedule(1 / warmup, 1.0, warmup - 1)
    after = OPTAX[key](hypers, num_steps - warmup)
    assert_close(
        factors(schedule, hypers, num_steps, warmup),
        by_optax(optax.join_schedules([rise, after], [warmup]), num_steps),
    )


@given(hypers=st.from_type(SCHEDULES["inverse_time"].hypers))
def test_inverse_time_falls_as_robbins_and_monro_ask(hypers):
    # The rates' sum grows without bound, like a logarithm; their squares' does not.
    num_steps = 20_000
    factor = factors(SCHEDULES["inverse_time"], hypers, num_steps)
    np.testing.assert_allclose(np.diff(1 / factor), hypers.rate, rtol=1e-6)
    for n in (10, 100, 1_000, num_steps):
        assert factor[:n].sum() >= np.log1p(hypers.rate * n) / hypers.rate
    assert (factor**2).sum() <= 1 + 1 / hypers.rate


def test_what_the_parameters_mean():
    def rates(key, num_steps, **hypers):
        schedule = SCHEDULES[key]
        return factors(schedule, schedule.hypers(**hypers), num_steps).tolist()

    assert rates("constant", 3) == [1, 1, 1]
    assert rates("step_decay", 5, drop=0.5, every=2) == [1, 1, 0.5, 0.5, 0.25]
    assert rates("exponential", 7, half_life=3)[::3] == [1, 0.5, 0.25]
    assert rates("inverse_time", 3, rate=1.0) == [1, 1 / 2, 1 / 3]
    assert rates("cosine", 4, end=0.5)[::2] == pytest.approx([1, 0.75])


@with_every_schedule
@given(data=st.data())
def test_factors_fall_from_one(schedule, data):
    hypers = data.draw(with_drawn(schedule))
    factor = factors(schedule, hypers, 400)
    assert factor.shape == (400,)
    assert factor[0] == 1
    assert (np.diff(factor) <= 1e-15).all()
    assert factor[-1] >= 0
    assert factors(schedule, hypers, 0).shape == (0,)


@with_every_schedule
@given(data=st.data(), warmup=st.integers(0, 1000), num_steps=st.integers(0, 600))
def test_warmup_puts_the_schedule_off(schedule, data, warmup, num_steps):
    hypers = data.draw(with_drawn(schedule))
    factor = factors(schedule, hypers, num_steps, warmup)
    rising, after = factor[:warmup], factor[warmup:]
    np.testing.assert_allclose(rising * warmup, np.arange(1, len(rising) + 1))
    np.testing.assert_array_equal(
        after, factors(schedule, hypers, max(num_steps - warmup, 0))
    )


# -- rules under a schedule -----------------------------------------------------------


def drawn_conditions():
    def of(schedule):
        return st.builds(
            Conditions,
            schedule=st.just(schedule),
            schedule_hypers=with_drawn(schedule),
            warmup=st.integers(0, 60),
        )

    return st.sampled_from(list(SCHEDULES.values())).flatmap(of)


def by_torch(lr, momentum, factor, start, gradient):
    point = torch.tensor(start, dtype=torch.float64)
    library = torch.optim.SGD([point], lr=lr, momentum=momentum)
    rest = torch.optim.lr_scheduler.LambdaLR(library, [*factor, 0.0].__getitem__)
    points = [point.numpy().copy()]
    for _ in factor:
        point.grad = torch.from_numpy(gradient(point.numpy()))
        library.step()
        rest.step()
        points.append(point.numpy().copy())
    return np.array(points)


def ravine_gradient(point):
    return np.array([1.0, RAVINE.params.kappa]) * point


@settings(max_examples=30)
@given(conditions=drawn_conditions(), lr=st.floats(1e-4, 0.06))
def test_gradient_descent_is_torchs_with_lambda_lr(conditions, lr):
    hypers = GRADIENT_DESCENT.hypers(lr=lr)
    run = descend(
        RAVINE, GRADIENT_DESCENT, RAVINE.start, hypers, 150, conditions=conditions
    )
    factor = conditions.factors(150)
    walked = by_torch(lr, 0.0, factor, RAVINE.start, ravine_gradient)
    np.testing.assert_allclose(run.points, walked, atol=1e-11)


@settings(max_examples=30)
@given(
    conditions=drawn_conditions(), lr=st.floats(1e-4, 0.06), beta=st.floats(0.0, 0.99)
)
def test_momentum_scales_each_gradient_by_the_rate_of_its_own_step(
    conditions, lr, beta
):
    run = descend(
        RAVINE,
        MOMENTUM,
        RAVINE.start,
        MOMENTUM.hypers(lr=lr, beta=beta),
        150,
        conditions=conditions,
    )
    point, velocity = np.array(RAVINE.start), np.zeros(2)
    walked = [point]
    for factor in conditions.factors(150):
        velocity = beta * velocity - lr * factor * ravine_gradient(point)
        point = point + velocity
        walked.append(point)
    np.testing.assert_allclose(run.points, walked, atol=1e-10)


def test_torchs_momentum_takes_another_path_once_the_rate_changes():
    # torch keeps v <- b v + g and moves by -a v: a falling rate slows what is under
    # way, too. Ours goes on at the speed it has.
    schedule = SCHEDULES["step_decay"]
    hypers = schedule.hypers(drop=0.1, every=20)
    run = descend(
        RAVINE,
        MOMENTUM,
        RAVINE.start,
        MOMENTUM.hypers(lr=0.01, beta=0.9),
        40,
        conditions=Conditions(schedule=schedule, schedule_hypers=hypers),
    )
    factor = factors(schedule, hypers, 40)
    walked = by_torch(0.01, 0.9, factor, RAVINE.start, ravine_gradient)
    np.testing.assert_allclose(run.points[:21], walked[:21], atol=1e-12)
    way = 0.9 * (walked[20] - walked[19])
    slope = 0.01 * ravine_gradient(walked[20])
    ours, theirs = (points[21] - points[20] for points in (run.points, walked))
    np.testing.assert_allclose(ours, way - 0.1 * slope, atol=1e-12)
    np.testing.assert_allclose(theirs, 0.1 * (way - slope), atol=1e-12)
    assert np.linalg.norm(ours - theirs) > 0.1


@with_every_rule
def test_the_first_step_of_a_warmup_is_a_step_at_part_of_the_rate(optimizer):
    hypers = optimizer.hypers()
    start = (0.3, -0.2)
    eased = descend(
        RAVINE, optimizer, start, hypers, 1, conditions=Conditions(warmup=4)
    )
    if "lr" in hypers._fields:
        hypers = hypers._replace(lr=hypers.lr / 4)
    plain = descend(RAVINE, optimizer, start, hypers, 1)
    np.testing.assert_array_equal(eased.points, plain.points)
