"""Surfaces of data of one's own: their losses, minima and domains."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from optim import OPTIMIZERS, Conditions, descend
from optim.studies import study, trails
from surfaces import SURFACES, FormulaError, data_surface, regularized, typed_surface
from surfaces.base import MOST_SAMPLES
from surfaces.models import LONGEST, MODELS, is_of_two, prediction
from surfaces.own_data import Unfit
from surfaces.table import TableError

ADAM = OPTIMIZERS["adam"]
LINE, LOGISTIC, HINGE, NETWORK = (
    SURFACES[key].data
    for key in ("linear_regression", "logistic_regression", "hinge", "tiny_network")
)
TYPED = "a*exp(-b*x) + 0.1"

IN_NUMPY = {
    "line": lambda a, b, x, y: (a * x + b - y) ** 2 / 2,
    "logistic": lambda a, b, x, y: np.log1p(np.exp(a * x + b)) - y * (a * x + b),
    "hinge": lambda a, b, x, y: np.clip(1 - (2 * y - 1) * (a * x + b), 0, None),
    "tanh": lambda a, b, x, y: (b * np.tanh(a * x) - y) ** 2 / 2,
    "typed": lambda a, b, x, y: (a * np.exp(-b * x) + 0.1 - y) ** 2 / 2,
}
every_model = pytest.mark.parametrize("model", MODELS)
weights = st.floats(-3, 3)


def surface_of(model):
    return data_surface(LOGISTIC.x, LOGISTIC.y, model, predict=TYPED)


def in_numpy(model, point):
    return IN_NUMPY[model](*point, LOGISTIC.x, LOGISTIC.y)


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
    np.testing.assert_allclose(jax.grad(fn)(point), expected, rtol=1e-5, atol=1e-7)


@every_model
def test_weights_of_samples_are_those_of_a_minibatch(model):
    point, rows = np.array([0.7, -0.4]), np.zeros(LOGISTIC.size)
    rows[[3, 5]] = 0.5
    found = surface_of(model).loss((), point, weights=rows)
    assert float(found) == pytest.approx(rows @ in_numpy(model, point), rel=1e-9)


@every_model
def test_many_points_are_what_each_is(model):
    loss = surface_of(model).loss
    points = np.random.RandomState(0).normal(size=(3, 5, 2))
    found = loss.at_many()(points)
    assert found.shape == (3, 5)
    for index in np.ndindex(3, 5):
        assert found[index] == pytest.approx(float(loss((), points[index])), rel=1e-9)


def test_a_typed_logistic_loss_is_that_of_its_score():
    typed = data_surface(
        LOGISTIC.x, LOGISTIC.y, "typed", predict="a*x + b", loss="logistic"
    )
    plain = surface_of("logistic")
    for point in np.random.RandomState(1).normal(size=(9, 2)):
        assert float(typed.fn(point)) == pytest.approx(
            float(plain.fn(point)), rel=1e-12
        )
    np.testing.assert_allclose(typed.minima, plain.minima, rtol=1e-8)
    np.testing.assert_allclose(
        typed.data.predict((1.0, 2.0), LOGISTIC.x),
        plain.data.predict((1.0, 2.0), LOGISTIC.x),
        rtol=1e-12,
    )


# -- minima and domains ---------------------------------------------------------------


tables = st.integers(0, 10_000).map(
    lambda seed: np.random.RandomState(seed).normal(size=(2, 3 + seed % 40))
)


@given(rows=tables, shift=st.floats(-100, 100), size=st.sampled_from([1e-2, 1.0, 1e3]))
def test_a_line_is_least_squares(rows, shift, size):
    x, y = size * rows[0] + shift, rows[1]
    surface = data_surface(x, y)
    columns = np.stack([x, np.ones_like(x)], axis=1)
    expected = np.linalg.lstsq(columns, y)[0]
    np.testing.assert_allclose(surface.minima[0], expected, rtol=1e-6, atol=1e-9)
    assert surface.domain.contains(np.array(surface.minima[0]))
    assert surface.lists_all_critical_points
    assert not surface.found


@given(rows=tables)
def test_logistic_is_maximum_likelihood(rows):
    x, y = rows[0], rows[0] + rows[1] > 0
    if not 0 < y.sum() < len(y):
        return
    surface = data_surface(x, y, "logistic")

    def loss(point):
        score = point[0] * x + point[1]
        return np.mean(np.logaddexp(score, 0) - y * score)

    parted = x[y].min() >= x[~y].max() or x[y].max() <= x[~y].min()
    assert bool(surface.minima) != parted
    if parted:
        assert "no minimum" in surface.teaches
        return
    found = minimize(loss, (0.0, 0.0), method="BFGS", options={"gtol": 1e-9})
    assert surface.lowest == pytest.approx(found.fun, abs=1e-9)
    assert surface.domain.contains(np.array(surface.minima[0]))


def test_the_minima_of_the_built_in_surfaces_are_found_again():
    for key, model in (
        ("linear_regression", "line"),
        ("logistic_regression", "logistic"),
        ("tiny_network", "tanh"),
    ):
        declared = SURFACES[key]
        found = data_surface(declared.data.x, declared.data.y, model)
        np.testing.assert_allclose(sorted(found.minima), sorted(declared.minima), 1e-9)


@given(rows=tables)
def test_hinge_has_the_minimum_of_its_linear_program(rows):
    x, y = rows[0], np.where(rows[0] + rows[1] > 0, 1.0, -1.0)
    if abs(y.sum()) == len(y):
        return
    surface = data_surface(x, y, "hinge")
    size = len(x)
    costs = np.concatenate([[0, 0], np.full(size, 1 / size)])
    margins = np.concatenate([(y * x)[:, None], y[:, None], np.eye(size)], axis=1)
    bounds = [(None, None)] * 2 + [(0, None)] * size
    found = linprog(costs, A_ub=-margins, b_ub=-np.ones(size), bounds=bounds)
    for minimum in surface.minima:
        assert float(surface.fn(np.array(minimum))) == pytest.approx(
            found.fun, abs=1e-9
        )


def test_a_hinge_with_a_penalty_is_the_built_in_one():
    found = regularized(data_surface(HINGE.x, HINGE.y, "hinge"), 0.1)
    np.testing.assert_allclose(found.minima, SURFACES["hinge"].minima, atol=1e-4)
    assert not found.smooth


def test_words_and_both_kinds_of_labels_are_the_same():
    of_zeros = data_surface(HINGE.x, HINGE.y > 0, "hinge")
    of_signs = data_surface(HINGE.x, HINGE.y, "hinge")
    assert of_zeros.minima == of_signs.minima
    np.testing.assert_array_equal(of_zeros.data.y, HINGE.y)


def test_a_typed_model_finds_its_minimum():
    x = np.linspace(0, 3, 40)
    surface = data_surface(x, 2.5 * np.exp(-0.8 * x), "typed", predict="a*exp(-b*x)")
    np.testing.assert_allclose(surface.minima, [(2.5, 0.8)], rtol=1e-6)
    assert surface.domain.contains(np.array(surface.minima[0]))
    run = descend(surface, ADAM, surface.start, num_steps=800)
    assert run.outcome.kind == "reached"


@pytest.mark.parametrize(
    ("predict", "same"),
    [
        ("a*x if x > 1 else b*x", lambda a, b, x: np.where(x > 1, a * x, b * x)),
        ("sum(k, 1, 3, a*x^k) - b", lambda a, b, x: a * (x + x**2 + x**3) - b),
        ("sqrt(x - 9)*a*b if x > 9 else a", lambda a, b, x: a + 0 * x),
    ],
)
def test_a_typed_model_may_choose_and_sum(predict, same):
    surface = data_surface(LINE.x, LINE.y, "typed", predict=predict)
    for point in np.random.RandomState(2).normal(size=(5, 2)):
        expected = np.mean((same(*point, LINE.x) - LINE.y) ** 2) / 2
        assert float(surface.fn(point)) == pytest.approx(expected)
        assert np.isfinite(jax.grad(surface.fn)(point)).all()


@pytest.mark.parametrize(
    ("predict", "smooth"), [("a*x + b", True), ("max(a, b*x)", False)]
)
def test_a_kink_in_a_typed_model_is_one_of_its_loss(predict, smooth):
    assert data_surface(LINE.x, LINE.y, "typed", predict=predict).smooth is smooth


def test_the_domain_may_be_given():
    surface = data_surface(LINE.x, LINE.y, domain=(2, 3, 2, 3))
    assert tuple(surface.domain) == (2, 3, 2, 3)
    assert surface.minima == ()
    assert surface.domain.contains(np.array(surface.start))


@settings(max_examples=15)
@given(rows=tables, scale=st.sampled_from([1e-6, 1.0, 1e6]))
def test_any_data_give_a_surface_that_can_be_seen(rows, scale):
    x, y = np.clip(rows * scale, -1e6, 1e6)
    for model in ("line", "tanh"):
        try:
            surface = data_surface(x, y, model)
        except Unfit:
            continue  # Its weights are too large for a map.
        width, height = np.diff(np.reshape(surface.domain, (2, 2)))[:, 0]
        assert 0.3 < width / height < 3
        assert surface.domain.contains(np.array(surface.start))
        assert np.isfinite(list(surface.learning_rates.values())).all()


# -- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        ({"model": "cubic"}, "model 'cubic' is unknown; there are line, logistic"),
        (
            {"model": "typed", "loss": "hinge"},
            "loss 'hinge' is unknown; there are squared",
        ),
        ({"model": "hinge"}, "needs labels, 0 and 1 or -1 and 1, or two words"),
        ({"model": "typed", "loss": "logistic"}, "needs labels, 0 and 1"),
        ({"model": "typed", "predict": "log(0*a*b*x - 1)"}, "no finite loss"),
    ],
)
def test_what_does_not_fit_is_said(given_, why):
    with pytest.raises(ValueError, match=why):
        data_surface(LINE.x, LINE.y, **given_)


def test_a_label_alone_is_refused():
    with pytest.raises(Unfit, match="or only one"):
        data_surface([1, 2], [1, 1], "logistic")


def test_what_is_no_table_is_refused():
    with pytest.raises(TableError, match="all x are equal"):
        data_surface([1, 1], [1, 2])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("a*x", "does not use the weight b"),
        ("b*x", "does not use the weight a"),
        ("a*b", "does not use the input x"),
        ("a*x + b*y", "uses y, which it is to predict"),
        ("a*x + b + c", "c"),
        ("mod(t, 2)*a*x + b", "unknown name `t`"),
        ("u + x where u = a*b", "without `where`"),
        ("__import__(a)", "__import__"),
        ("a*x + b" + " + a*x" * LONGEST, f"longer than {LONGEST} characters"),
        ("(" * 90 + "a*b*x" + ")" * 90, "nest"),
    ],
)
def test_what_is_no_model_is_said(text, why):
    with pytest.raises(FormulaError, match=why):
        prediction(text)


@given(st.text(max_size=60) | st.text("abxy+-*/^().0123_ tanhexp", max_size=60))
def test_any_text_is_a_model_or_a_sentence(text):
    try:
        read = prediction(text)
    except FormulaError:
        return
    inputs = {"inputs1", "inputs2"} if is_of_two(read) else {"inputs"}
    assert {"x", "y"} | inputs <= read.words


def test_a_model_too_long_to_compile_is_refused():
    nest = "a*x + b"
    for _ in range(6):
        nest = f"sinh({nest})*cosh({nest})" if len(nest) < 60 else f"sinh({nest})"
    with pytest.raises(FormulaError, match="second derivatives of the formula take"):
        data_surface(LINE.x, LINE.y, "typed", predict=nest)


def test_a_typed_model_is_bounded_by_the_rows_that_it_is_computed_of():
    predict = "sin(sin(sin(sin(sin(sin(a*x + b))))))"
    x = np.linspace(-1, 1, 2000)
    with pytest.raises(
        Unfit, match=r"too long on 2,000 rows; .* at most (\d+) rows"
    ) as it:
        data_surface(x, x, "typed", predict=predict)
    assert it.value.key == "predict"
    rows = int(str(it.value).split()[-2])
    assert 100 < rows < 2000
    assert data_surface(x[:rows], x[:rows], "typed", predict=predict).samples is None


# -- minibatches ----------------------------------------------------------------------


def test_minibatches_are_taken_of_data_of_ones_own():
    surface = data_surface(LINE.x, LINE.y)
    declared = SURFACES["linear_regression"]
    conditions = Conditions(batch=4, seed=3)
    runs = [
        descend(one, ADAM, (2.0, 2.0), {"lr": 0.1}, 60, conditions=conditions)
        for one in (surface, declared)
    ]
    np.testing.assert_allclose(runs[0].points, runs[1].points, rtol=1e-9)


def test_of_many_samples_no_minibatches_are_taken():
    x = np.linspace(0, 1, MOST_SAMPLES + 1)
    surface = data_surface(x, x)
    conditions, hypers = Conditions(batch=4), ADAM.hypers()
    assert surface.samples is None
    assert data_surface(x[1:], x[1:]).samples == MOST_SAMPLES
    run = descend(surface, ADAM, (0, 0), conditions=Conditions(batch=len(x)))
    np.testing.assert_array_equal(run.points, descend(surface, ADAM, (0, 0)).points)
    for refused in (
        lambda: descend(surface, ADAM, (0, 0), conditions=conditions),
        lambda: study(surface, ADAM, (0.0, 0.0), hypers, 5, conditions=conditions),
        lambda: trails(surface, ADAM, (0.0, 0.0), hypers, 5, conditions=conditions),
    ):
        with pytest.raises(
            ValueError, match="at most 200 samples, and the surface has 201"
        ):
            refused()


def test_the_same_data_are_the_same_loss():
    one, other = (data_surface(list(LINE.x), LINE.y) for _ in range(2))
    assert one.loss == other.loss
    assert one.loss != data_surface(LINE.x, LINE.y, "tanh").loss
    assert one.loss != typed_surface("x^2 + y", one.domain).loss
