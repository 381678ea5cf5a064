"""Surfaces made of data: what they fit, and descent by minibatches of their samples."""

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import check_grad, linprog, minimize
from test_descent import compilations

from optim import OPTIMIZERS, Conditions, descend
from optim.conditions import minibatches
from surfaces import SURFACES, regularized

MADE_OF_DATA = [surface for surface in SURFACES.values() if surface.data]
LINEAR = SURFACES["linear_regression"]
LOGISTIC = SURFACES["logistic_regression"]
HINGE = SURFACES["hinge"]
NETWORK = SURFACES["tiny_network"]
GRADIENT_DESCENT = OPTIMIZERS["gradient_descent"]

FIRSTS = {
    "linear_regression": 1.59,
    "logistic_regression": 0.502,
    "hinge": -0.89,
    "tiny_network": -0.256,
}
LASTS = {
    "linear_regression": 1.753,
    "logistic_regression": 1.0,
    "hinge": 1.0,
    "tiny_network": -1.168,
}

on_data = pytest.mark.parametrize(
    "surface", MADE_OF_DATA, ids=lambda surface: surface.key
)


@jax.jit
def value(fn, point, **sampled):
    return fn(point, **sampled)


@jax.jit
def gradient(fn, point, **sampled):
    return jax.grad(fn)(point, **sampled)


def points_in(surface):
    domain = surface.domain
    return st.tuples(
        st.floats(domain.x_low, domain.x_high), st.floats(domain.y_low, domain.y_high)
    ).map(np.array)


# -- the surfaces ---------------------------------------------------------------------


def squares_of_line(point):
    x, y = LINEAR.data.x, LINEAR.data.y
    return np.mean((point[0] * x + point[1] - y) ** 2) / 2


def log_loss(point):
    p = 1 / (1 + np.exp(-(point[0] * LOGISTIC.data.x + point[1])))
    return -np.mean(np.log(np.where(LOGISTIC.data.y == 1, p, 1 - p)))


def hinges(point, l2=HINGE.l2):
    margins = HINGE.data.y * (point[0] * HINGE.data.x + point[1])
    return np.mean(np.clip(1 - margins, 0, None)) + l2 / 2 * np.dot(point, point)


def squares_of_tanh(point):
    x, y = NETWORK.data.x, NETWORK.data.y
    return np.mean((point[1] * np.tanh(point[0] * x) - y) ** 2) / 2


IN_NUMPY = {
    "linear_regression": squares_of_line,
    "logistic_regression": log_loss,
    "hinge": hinges,
    "tiny_network": squares_of_tanh,
}

CURVES = {
    "line": lambda a, b, x: a * x + b,
    "logistic": lambda a, b, x: 1 / (1 + np.exp(-(a * x + b))),
    "tanh": lambda a, b, x: b * np.tanh(a * x),
}


@on_data
def test_samples(surface):
    data = surface.data
    assert data.x.shape == data.y.shape == (data.size,)
    assert data.x.dtype == data.y.dtype == np.float64
    for column in (data.x, data.y):
        np.testing.assert_array_equal(column, np.round(column, 3))
    assert all(word.strip() == word != "" for word in data.axes)


def test_the_samples_are_frozen():
    firsts = {surface.key: surface.data.x[0] for surface in MADE_OF_DATA}
    lasts = {surface.key: surface.data.y[-1] for surface in MADE_OF_DATA}
    assert firsts == FIRSTS
    assert lasts == LASTS


@on_data
@given(data=st.data())
def test_the_loss_is_the_mean_over_the_samples(surface, data):
    point = data.draw(points_in(surface))
    expected = IN_NUMPY[surface.key](point)
    assert value(surface.fn, point) == pytest.approx(expected, rel=1e-9, abs=1e-14)


@on_data
@given(data=st.data())
def test_the_model_is_the_curve_it_is_said_to_be(surface, data):
    point = data.draw(points_in(surface))
    curve = CURVES[surface.data.model](*point, surface.data.x)
    predicted = surface.data.predict(point, surface.data.x)
    np.testing.assert_allclose(predicted, curve, rtol=1e-12, atol=1e-14)


def test_linear_regression_is_least_squares():
    x, y = LINEAR.data.x, LINEAR.data.y
    columns = np.stack([x, np.ones_like(x)], axis=1)
    np.testing.assert_allclose(
        LINEAR.minima[0], np.linalg.lstsq(columns, y)[0], rtol=1e-12
    )
    found = minimize(squares_of_line, LINEAR.start, options={"gtol": 1e-9})
    np.testing.assert_allclose(LINEAR.minima[0], found.x, atol=1e-6)
    curvatures = np.linalg.eigvalsh(columns.T @ columns / LINEAR.data.size)
    assert 10 < curvatures[1] / curvatures[0] < 100, "a valley, somewhat elongated"


def test_logistic_regression_is_maximum_likelihood():
    found = minimize(log_loss, (0.0, 0.0), method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(LOGISTIC.minima[0], found.x, atol=1e-5)
    assert LOGISTIC.lowest == pytest.approx(found.fun, abs=1e-12)
    # Neither label has an end of the line to itself: the minimum is finite.
    ones, zeros = (LOGISTIC.data.x[LOGISTIC.data.y == label] for label in (1, 0))
    assert ones.min() < zeros.max()
    assert zeros.min() < ones.max()


def test_log_loss_is_finite_where_a_probability_rounds_to_one():
    far = np.array([1e4, 3.0])
    assert np.isfinite(value(LOGISTIC.fn, far))
    assert np.isfinite(gradient(LOGISTIC.fn, far)).all()
    wrong = LOGISTIC.data.x * (2 * LOGISTIC.data.y - 1)
    slope = -np.minimum(wrong, 0).mean()
    assert value(LOGISTIC.fn, far) == pytest.approx(1e4 * slope, rel=1e-3)


def minimum_by_linprog():
    """Of the hinge loss alone: the smallest mean of slacks above all margins."""
    x, y, size = HINGE.data.x, HINGE.data.y, HINGE.data.size
    costs = np.concatenate([[0, 0], np.full(size, 1 / size)])
    margins = np.concatenate([(y * x)[:, None], y[:, None], np.eye(size)], axis=1)
    bounds = [(None, None)] * 2 + [(0, None)] * size
    return linprog(costs, A_ub=-margins, b_ub=-np.ones(size), bounds=bounds)


def minimum_by_slsqp(l2):
    """The quadratic program of the classifier, with a slack for each sample."""
    x, y, size = HINGE.data.x, HINGE.data.y, HINGE.data.size
    margins = np.concatenate([(y * x)[:, None], y[:, None], np.eye(size)], axis=1)
    return minimize(
        lambda z: z[2:].mean() + l2 / 2 * (z[:2] ** 2).sum(),
        np.concatenate([[0, 0], np.ones(size)]),
        jac=lambda z: np.concatenate([l2 * z[:2], np.full(size, 1 / size)]),
        bounds=[(None, None)] * 2 + [(0, None)] * size,
        constraints={
            "type": "ineq",
            "fun": lambda z: margins @ z - 1,
            "jac": lambda z: margins,
        },
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )


def test_hinge_has_the_minimum_of_its_quadratic_program():
    found = minimum_by_slsqp(HINGE.l2)
    np.testing.assert_allclose(HINGE.minima[0], found.x[:2], atol=1e-7)
    assert HINGE.lowest == pytest.approx(found.fun, abs=1e-12)
    ones, others = (HINGE.data.x[HINGE.data.y == label] for label in (1, -1))
    assert ones.min() < others.max(), "no line parts them"


def test_hinge_without_penalty_is_a_linear_program():
    plain = regularized(HINGE, 0.0)
    found = minimum_by_linprog()
    np.testing.assert_allclose(plain.minima, [found.x[:2]], atol=1e-9)
    assert plain.lowest == pytest.approx(found.fun, abs=1e-12)


@pytest.mark.parametrize("l2", [0.001, 0.003, 0.01, 0.02, 0.1, 0.2, 0.5, 1.0, 3.0])
def test_the_minimum_of_hinge_follows_the_penalty(l2):
    surface = regularized(HINGE, l2)
    found = minimum_by_slsqp(l2)
    # What is flat along a crease is searched for by losses alone: half the digits.
    np.testing.assert_allclose(surface.minima, [found.x[:2]], atol=1e-4)
    assert surface.lowest == pytest.approx(found.fun, abs=1e-9)
    assert surface.saddles == surface.maxima == ()


def test_tiny_network():
    for at in NETWORK.minima:
        found = minimize(squares_of_tanh, np.sign(at), options={"gtol": 1e-9})
        np.testing.assert_allclose(at, found.x, atol=1e-5)
    assert NETWORK.minimum_losses[0] == NETWORK.minimum_losses[1]


@given(point=points_in(NETWORK))
def test_tiny_network_is_the_same_with_both_weights_turned_around(point):
    assert value(NETWORK.fn, point) == pytest.approx(value(NETWORK.fn, -point))


@on_data
@given(data=st.data())
def test_gradient_is_the_finite_difference(surface, data):
    point = data.draw(points_in(surface))
    error = check_grad(
        IN_NUMPY[surface.key], lambda at: gradient(surface.fn, at), point
    )
    # check_grad differs forwards: an error of h times the curvature.
    assert error <= 1e-4


# -- minibatches ----------------------------------------------------------------------


@on_data
@given(data=st.data())
def test_equal_weights_are_no_weights(surface, data):
    point = data.draw(points_in(surface))
    equal = np.full(surface.data.size, 1 / surface.data.size)
    np.testing.assert_allclose(
        value(surface.fn, point, weights=equal), value(surface.fn, point), rtol=1e-12
    )
    np.testing.assert_allclose(
        gradient(surface.fn, point, weights=equal),
        gradient(surface.fn, point),
        rtol=1e-10,
        atol=1e-13,
    )


@on_data
@given(data=st.data(), seed=st.integers(0, 9999))
def test_an_epochs_gradients_average_to_the_full_one(surface, data, seed):
    samples = surface.data.size
    batch = data.draw(
        st.sampled_from([b for b in range(1, samples + 1) if not samples % b])
    )
    point = data.draw(points_in(surface))
    weights = minibatches(samples, batch, seed, samples // batch)
    each = [gradient(surface.fn, point, weights=row) for row in weights]
    np.testing.assert_allclose(
        np.mean(each, axis=0), gradient(surface.fn, point), rtol=1e-10, atol=1e-12
    )


@given(
    samples=st.integers(1, 50),
    seed=st.integers(0, 9999),
    epochs=st.integers(1, 4),
    data=st.data(),
)
def test_every_epoch_covers_all_samples_once(samples, seed, epochs, data):
    batch = data.draw(st.integers(1, samples))
    per_epoch = -(-samples // batch)
    weights = minibatches(samples, batch, seed, epochs * per_epoch)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    for epoch in np.split(weights, epochs):
        assert ((epoch > 0).sum(axis=0) == 1).all()
        assert ((epoch > 0).sum(axis=1)[:-1] == batch).all()
        # All in a minibatch count alike.
        for row in epoch:
            assert len(set(row[row > 0])) == 1


def test_epochs_go_in_orders_of_their_own():
    orders = minibatches(40, 1, 0, 400).argmax(axis=1).reshape(10, 40)
    assert len({tuple(order) for order in orders}) == 10
    # Each place of the epoch is as good as any other.
    many = minibatches(4, 1, 0, 8000).reshape(-1, 4, 4).mean(axis=0)
    np.testing.assert_allclose(many, 1 / 4, atol=0.05)


@given(few=st.integers(0, 200), more=st.integers(0, 200), batch=st.integers(1, 30))
def test_more_steps_only_add_minibatches(few, more, batch):
    np.testing.assert_array_equal(
        minibatches(30, batch, 1, few), minibatches(30, batch, 1, few + more)[:few]
    )


@pytest.mark.parametrize("batch", [-1, 0, 31])
def test_minibatches_that_do_not_fit_are_refused(batch):
    with pytest.raises(ValueError, match=f"hold 1 to 30 samples, not {batch}"):
        descend(
            LINEAR,
            GRADIENT_DESCENT,
            LINEAR.start,
            GRADIENT_DESCENT.hypers(),
            5,
            conditions=Conditions(batch=batch),
        )


def test_what_is_shared_cannot_be_changed():
    for rows in (
        minibatches(30, 7, 0, 10),
        minibatches(30, 30, 0, 10),
        Conditions(batch=7).step_inputs(10, 11, 30).weights,
    ):
        with pytest.raises(ValueError, match="read-only"):
            rows[0, 0] = 1


# -- descent --------------------------------------------------------------------------


def run_of(surface, num_steps=60, **conditions):
    hypers = GRADIENT_DESCENT.hypers(lr=0.1)
    return descend(
        surface,
        GRADIENT_DESCENT,
        surface.start,
        hypers,
        num_steps,
        conditions=Conditions(**conditions) if conditions else None,
    )


def assert_same_run(a, b):
    np.testing.assert_array_equal(a.points, b.points)
    np.testing.assert_array_equal(a.losses, b.losses)
    np.testing.assert_array_equal(a.grads, b.grads)


@on_data
def test_a_full_batch_is_plain_descent(surface):
    plain = run_of(surface)
    for batch in (None, surface.data.size):
        assert_same_run(run_of(surface, batch=batch, seed=3), plain)


@on_data
def test_a_seed_is_an_order_of_the_samples(surface):
    run = run_of(surface, batch=4, seed=1)
    assert_same_run(run, run_of(surface, batch=4, seed=1))
    other = run_of(surface, batch=4, seed=2)
    assert (run.points[1:] != other.points[1:]).all()
    longer = run_of(surface, 90, batch=4, seed=1)
    np.testing.assert_array_equal(run.points, longer.points[:61])
    np.testing.assert_array_equal(run.grads[:60], longer.grads[:60])


@on_data
def test_a_run_is_expectedits_minibatches(surface):
    run = run_of(surface, batch=4, seed=1)
    batches = minibatches(surface.data.size, 4, 1, 60)
    for t in (0, 1, 17, 59):
        expected = gradient(surface.fn, run.points[t], weights=batches[t])
        np.testing.assert_allclose(run.grads[t], expected, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(
            run.losses[t], value(surface.fn, run.points[t]), rtol=1e-12
        )
    # The last row, from which no step was taken, is of all samples.
    np.testing.assert_allclose(
        run.grads[60], gradient(surface.fn, run.points[60]), rtol=1e-10, atol=1e-13
    )


@on_data
def test_nothing_compiles_for_other_minibatches(surface):
    run_of(surface)
    with compilations() as compiled:
        for batch in (1, 3, surface.data.size):
            for seed in (0, 7):
                run_of(surface, 10 * batch, batch=batch, seed=seed)
    assert compiled == []
