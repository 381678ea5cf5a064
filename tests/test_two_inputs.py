"""Surfaces of data of two inputs: their losses, minima and domains."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from optim import OPTIMIZERS, Conditions, descend
from surfaces import FormulaError, data_surface
from surfaces.fitted_two import parted
from surfaces.models import MODELS, prediction
from surfaces.own_data import Unfit
from surfaces.table import LARGEST, MOST_ROWS, TableError

ADAM = OPTIMIZERS["adam"]
TYPED = "a*x1*x2 + exp(b*x2/3)"
RANDOM = np.random.RandomState(3)
X = np.round(RANDOM.normal(size=(40, 2)) @ [[1.0, 0.5], [0.0, 2.0]], 3)
Y = np.where(X @ [1.5, -0.7] + RANDOM.normal(size=40) > 0, 1.0, 0.0)

IN_NUMPY = {
    "line": lambda a, b, u, v, y: (a * u + b * v - y) ** 2 / 2,
    "logistic": lambda a, b, u, v, y: (
        np.log1p(np.exp(a * u + b * v)) - y * (a * u + b * v)
    ),
    "hinge": lambda a, b, u, v, y: np.clip(1 - (2 * y - 1) * (a * u + b * v), 0, None),
    "tanh": lambda a, b, u, v, y: (np.tanh(a * u + b * v) - y) ** 2 / 2,
    "typed": lambda a, b, u, v, y: (a * u * v + np.exp(b * v / 3) - y) ** 2 / 2,
}
every_model = pytest.mark.parametrize("model", MODELS)
weights = st.floats(-3, 3)
seeds = st.integers(0, 10_000)


def surface_of(model):
    return data_surface(X, Y, model, predict=TYPED)


def in_numpy(model, point):
    return IN_NUMPY[model](*point, *X.T, Y)


def drawn(seed, *, labels=False):
    """Inputs of some size and slant, and targets; few of them at times."""
    random = np.random.RandomState(seed)
    size = 3 + seed % 40
    x = random.normal(size=(size, 2)) @ random.normal(size=(2, 2))
    x += seed % 3 * random.normal(size=2)
    y = x @ random.normal(size=2) + random.normal(size=size)
    return x, (np.where(y > 0, 1.0, 0.0) if labels else y)


def by_linear_program(x, signs):
    """Whether labels can be parted by a line through the origin, ties allowed."""
    margins = signs[:, None] * x
    found = linprog(
        -margins.sum(axis=0),
        A_ub=-margins,
        b_ub=np.zeros(len(x)),
        bounds=[(-1, 1)] * 2,
    )
    return -found.fun > 1e-9 * np.abs(margins).sum()


# -- the losses -----------------------------------------------------------------------


@every_model
@given(point=st.tuples(weights, weights).map(np.array))
def test_the_loss_is_the_mean_of_the_models_losses(model, point):
    surface, expected = surface_of(model), in_numpy(model, point).mean()
    assert float(surface.fn(point)) == pytest.approx(expected, rel=1e-9)
    assert surface.loss.at_many()(point) == pytest.approx(expected, rel=1e-9)


@every_model
@given(point=st.tuples(weights, weights).map(np.array))
def test_the_gradient_is_the_finite_difference(model, point):
    fn = surface_of(model).fn
    h = 1e-6 * np.eye(2)
    ahead, behind = (
        np.array([in_numpy(model, point + sign * step).mean() for step in h])
        for sign in (1, -1)
    )
    expected = (ahead - behind) / 2e-6
    # At a corner of the hinge loss, the two sides differ.
    corners = np.abs(1 - (2 * Y - 1) * (X @ point)).min() if model == "hinge" else 1
    if corners > 1e-4:
        scale = max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(
            jax.grad(fn)(point), expected, rtol=1e-5, atol=1e-6 * scale
        )


@every_model
def test_weights_of_samples_are_those_of_a_minibatch(model):
    point, rows = np.array([0.7, -0.4]), np.zeros(len(Y))
    rows[[3, 5]] = 0.5
    found = surface_of(model).loss((), point, weights=rows)
    assert float(found) == pytest.approx(rows @ in_numpy(model, point), rel=1e-9)


@every_model
def test_many_points_are_what_each_is(model):
    loss = surface_of(model).loss
    points = np.random.RandomState(0).normal(size=(3, 5, 2))
    found = loss.at_many(3)(points)
    assert found.shape == (3, 5)
    some = IN_NUMPY[model](*points[1, 2], *X[::3].T, Y[::3]).mean()
    assert found[1, 2] == pytest.approx(some, rel=1e-9)


def test_what_it_predicts_is_of_both_inputs():
    logistic = data_surface(X, Y, "logistic").data
    odds = 1 / (1 + np.exp(-(X @ [0.3, -2.0])))
    np.testing.assert_allclose(logistic.predict((0.3, -2.0), X.T), odds, rtol=1e-12)
    assert logistic.axes == ("x1", "x2", "y")
    assert logistic.size == len(Y)


def test_a_second_input_of_ones_is_an_intercept():
    ones = np.stack([X[:, 0], np.ones(len(X))], axis=1)
    for model in ("line", "logistic", "hinge"):
        two, one = (data_surface(x, Y, model) for x in (ones, X[:, 0]))
        point = np.array([0.3, -1.1])
        assert float(two.fn(point)) == pytest.approx(float(one.fn(point)), rel=1e-14)
        if model != "hinge":
            np.testing.assert_allclose(two.minima, one.minima, rtol=1e-9)
        assert two.lowest == pytest.approx(one.lowest, rel=1e-9)


# -- minima and domains ---------------------------------------------------------------


@given(seed=seeds, size=st.sampled_from([1e-2, 1.0, 1e3]))
def test_a_plane_is_least_squares(seed, size):
    x, y = drawn(seed)
    x = size * x
    surface = data_surface(x, y)
    expected = np.linalg.lstsq(x, y)[0]
    np.testing.assert_allclose(surface.minima[0], expected, rtol=1e-6, atol=1e-9)
    assert surface.domain.contains(np.array(surface.minima[0]))
    assert surface.lists_all_critical_points
    assert not surface.found


@given(seed=seeds)
def test_logistic_is_maximum_likelihood(seed):
    x, y = drawn(seed, labels=True)
    if not 0 < y.sum() < len(y):
        return
    surface = data_surface(x, y, "logistic")

    def loss(point):
        score = x @ point
        return np.mean(np.logaddexp(score, 0) - y * score)

    is_parted = by_linear_program(x, 2 * y - 1)
    assert bool(surface.minima) != is_parted
    if is_parted:
        assert "A line through (0, 0) parts the labels" in surface.teaches
        return
    found = minimize(loss, (0.0, 0.0), method="BFGS", options={"gtol": 1e-9})
    assert surface.lowest == pytest.approx(found.fun, abs=1e-9)
    assert surface.domain.contains(np.array(surface.minima[0]))


@given(seed=seeds)
def test_hinge_has_the_minimum_of_its_linear_program(seed):
    x, y = drawn(seed, labels=True)
    if not 0 < y.sum() < len(y):
        return
    surface = data_surface(x, y, "hinge")
    size, signs = len(x), 2 * y - 1
    costs = np.concatenate([[0, 0], np.full(size, 1 / size)])
    margins = np.concatenate([signs[:, None] * x, np.eye(size)], axis=1)
    bounds = [(None, None)] * 2 + [(0, None)] * size
    found = linprog(costs, A_ub=-margins, b_ub=-np.ones(size), bounds=bounds)
    lowest = surface.loss.at_many()
    for minimum in surface.minima:
        assert surface.domain.contains(np.array(minimum))
        assert lowest(np.array(minimum)) == pytest.approx(found.fun, abs=1e-9)


def test_a_hinge_with_a_minimum_has_it():
    surface = data_surface(X, Y, "hinge")
    assert len(surface.minima) == 1
    assert not surface.smooth


whole = st.integers(-3, 3)


@given(
    st.lists(st.tuples(whole, whole), min_size=2, max_size=12),
    st.lists(st.sampled_from([-1.0, 1.0]), min_size=12, max_size=12),
    st.sampled_from([1.0, 0.1, 1e-9, 1e6]),
)
def test_labels_are_parted_where_a_linear_program_parts_them(points, signs, size):
    """On a lattice, where inputs lie on the very line."""
    x, y = np.array(points, float), np.array(signs[: len(points)])
    if np.linalg.matrix_rank(x) == 2:
        assert parted(size * x.T, y) == by_linear_program(x, y)


def test_opposite_samples_with_one_label_are_not_parted():
    x = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    assert parted(x.T, np.array([1.0, 1.0, 1.0]))  # Upon the line.
    assert not parted(np.concatenate([x, -x[2:]]).T, np.ones(4))


def test_one_neuron_finds_its_minimum():
    targets = np.tanh(X @ [0.8, -0.5])
    surface = data_surface(X, targets, "tanh")
    assert surface.label == "Your own data: one neuron"
    np.testing.assert_allclose(surface.minima[0], (0.8, -0.5), rtol=1e-6)
    run = descend(surface, ADAM, surface.start, num_steps=800)
    assert run.outcome.kind == "reached"


def test_a_typed_model_of_two_inputs_finds_its_minimum():
    x = np.abs(X)
    y = 1.5 * x[:, 0] ** 0.8 * np.exp(-0.8 * x[:, 1])
    surface = data_surface(x, y, "typed", predict="a*x_1^0.8*exp(-b*x_2)")
    np.testing.assert_allclose(surface.minima[0], (1.5, 0.8), rtol=1e-6)


def test_without_a_typed_model_there_is_an_example():
    assert data_surface(X, Y, "typed").loss == (
        data_surface(X, Y, "typed", predict="tanh(a*x1 + b*x2)").loss
    )


@settings(max_examples=15)
@given(seed=seeds, scale=st.sampled_from([1e-6, 1.0, 1e6]))
def test_any_data_give_a_surface_that_can_be_seen(seed, scale):
    x, y = (np.clip(part * scale, -LARGEST, LARGEST) for part in drawn(seed))
    for model in ("line", "tanh"):
        try:
            surface = data_surface(x, y, model)
        except (Unfit, TableError):
            continue  # Weights too large for a map, or inputs that are all the same.
        width, height = np.diff(np.reshape(surface.domain, (2, 2)))[:, 0]
        assert 0.3 < width / height < 3
        assert surface.domain.contains(np.array(surface.start))
        assert np.isfinite(list(surface.learning_rates.values())).all()


@pytest.mark.parametrize("model", ["line", "logistic", "hinge"])
@pytest.mark.parametrize("size", [1e-90, 1e-12, 1e6])
def test_inputs_of_any_size_are_fitted_or_refused_in_a_sentence(model, size):
    x = np.clip(X * [1.0, size], -LARGEST, LARGEST)
    surface, said = surface_or_refusal(x, model)
    if surface is None:
        assert said == "has a minimum beyond 1e6; scale its columns"
        assert size < 1
        return
    for minimum in surface.minima:
        assert surface.domain.contains(np.array(minimum))


def surface_or_refusal(x, model):
    """The surface of inputs, or what is wrong with them."""
    try:
        return data_surface(x, Y, model), ""
    except Unfit as why:
        return None, str(why)


def test_the_most_rows_are_fitted():
    random = np.random.RandomState(0)
    x = random.normal(size=(MOST_ROWS, 2))
    y = x @ [1.0, -2.0] + random.normal(size=MOST_ROWS) > 0
    for model in ("logistic", "hinge"):
        surface = data_surface(x, y, model)
        assert surface.lowest is not None
        assert surface.samples is None


# -- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "given_", "why"),
    [
        (X, {"model": "hinge"}, "needs labels, 0 and 1 or -1 and 1, or two words; w"),
        (
            X,
            {"model": "typed", "predict": "a*x + b"},
            "does not fit: the data have two inputs, x1 and x2",
        ),
        (
            X[:, 0],
            {"model": "typed", "predict": "a*x1 + b*x2", "names": ("x", "y")},
            "does not fit: the data have one input, x",
        ),
    ],
)
def test_what_does_not_fit_is_said(x, given_, why):
    with pytest.raises(Unfit, match=why):
        data_surface(x, Y + 2, **({"names": ("u", "v", "w")} | given_))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a*x1 + b", "does not use the input x2"),
        ("a*x_2 + b", "does not use the input x1"),
        ("a*x1*x2", "does not use the weight b"),
        ("a*x + b*x2", "uses x and x2; of one input it uses x, of two x1 and x2"),
        ("a*x1 + b*x2 + y", "uses y, which it is to predict"),
        ("a*x1 + b*x3", "x3"),
    ],
)
def test_what_is_no_model_of_two_inputs_is_said(text, why):
    with pytest.raises(FormulaError, match=why):
        prediction(text)


# -- minibatches ----------------------------------------------------------------------


def test_minibatches_are_taken_of_both_inputs():
    conditions = Conditions(batch=4, seed=3)
    surface = data_surface(X, Y, "line")
    descent = OPTIMIZERS["gradient_descent"]
    run = descend(surface, descent, (0, 0), {"lr": 0.1}, 30, conditions=conditions)
    weights = conditions.step_inputs(30, 30, len(Y)).weights
    point = np.zeros(2)
    for t, row in enumerate(weights):
        point = point - 0.1 * X.T @ (row * (X @ point - Y))
        np.testing.assert_allclose(run.points[t + 1], point, rtol=1e-9, atol=1e-12)


def test_the_same_data_are_the_same_loss():
    one, other = (data_surface(X.tolist(), Y) for _ in range(2))
    assert one.loss == other.loss
    assert one.loss != data_surface(X[:, ::-1], Y).loss
    assert one.loss != data_surface(X[:, 0], Y).loss
