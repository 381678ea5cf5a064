"""A surface is declared once: its loss, its LaTeX and its Python follow, and so do
critical points and rates that are functions of its parameters."""

import re
from dataclasses import replace
from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optim import OPTIMIZERS, descend
from surfaces import (
    SURFACES,
    Domain,
    FormulaError,
    Param,
    Surface,
    parse_declared,
    parse_formula,
    regularized,
)
from tests.test_surfaces import FORMULAS, KINKS
from views import fields, setup
from views.race import result_of, run_race
from views.setup import Setup
from views.story import places
from views.studies import answer


class Knob(NamedTuple):
    """Where the minimum of the stranger's surface lies."""

    a: Annotated[
        float, Param("a", "Position", -2.0, 2.0, "linear", "Where the minimum lies.")
    ] = 1.0


PARABOLA = Surface(
    key="parabola",
    label="Curved valley",
    family="Valleys",
    formula="(x - a)^2 + 10(y - a^2)^2",
    domain=Domain(-3.0, 3.0, -1.0, 5.0),
    start=(-2.0, 1.0),
    teaches="The parameter moves the minimum along a parabola.",
    source="Declared in a test.",
    minima=lambda params: ((params.a, params.a**2),),
    learning_rates={"gradient_descent": 0.04},
    steps=400,
    params=Knob(),
)

analytic = pytest.mark.parametrize("key", FORMULAS)


@pytest.fixture
def parabola(monkeypatch):
    """The stranger's surface, as one row more in the registry."""
    monkeypatch.setitem(SURFACES, "parabola", PARABOLA)
    monkeypatch.setitem(fields._SURFACE_NAMES, "parabola", "Valleys · Curved valley")
    fields.fields.cache_clear()
    yield PARABOLA
    fields.fields.cache_clear()


def opened(address):
    pairs = [tuple(pair.split("=")) for pair in address.split("&")]
    read, problems = Setup.parse(pairs)
    assert problems == ()
    return read


# -- the formula ----------------------------------------------------------------------


def test_every_analytic_surface_is_declared_by_its_formula():
    by_hand = {key for key, s in SURFACES.items() if not s.formula}
    assert by_hand == {key for key, s in SURFACES.items() if s.data}
    assert {key for key, s in SURFACES.items() if s.formula} == set(FORMULAS)


@analytic
def test_loss_is_the_published_formula_at_thousands_of_points(key):
    surface = SURFACES[key]
    drawn = np.random.RandomState(0).uniform(size=(5000, 2))
    low, high = np.reshape(surface.domain, (2, 2)).T
    points = low + (high - low) * drawn
    x, y = points.T
    away = KINKS.get(key)
    if away:
        far = np.array([away(*point) for point in points]) > 1e-6
        points, x, y = points[far], x[far], y[far]
    expected = FORMULAS[key](x, y, *surface.params)
    # Squares of differences: rounding is measured by the largest term.
    atol = 1e-14 * np.abs(expected).max()
    for found in (
        jax.vmap(surface.fn)(points),
        # As it is written, also where the loss itself is Python.
        parse_declared(surface.formula, _symbols(surface)).evaluate(
            x, y, np, surface.params._asdict()
        ),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=atol)


def _symbols(surface):
    return {name: name for name in surface.params._fields}


@analytic
def test_python_says_what_the_formula_says(key):
    surface = SURFACES[key]
    expression = parse_declared(surface.formula, _symbols(surface))
    x, y = np.random.RandomState(1).uniform(-1, 1, (2, 50))
    *defined, value = expression.python().splitlines()
    names = {"np": np, "x": x, "y": y, **surface.params._asdict()}
    for line in defined:
        name, _, written = line.partition(" = ")
        names[name] = eval(written, {"__builtins__": {}}, names)
    found = eval(value, {"__builtins__": {}}, names)
    expected = expression.evaluate(x, y, np, surface.params._asdict())
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("sigmoid(x)^2", "(1 / (1 + np.exp(-x))) ** 2"),
        ("min(x, y, 1)", "np.minimum(np.minimum(x, y), 1)"),
        ("pow(x, 2)*y", "x ** 2 * y"),
        ("-x^2", "-x ** 2"),
        ("(-x)^2", "(-x) ** 2"),
        ("|x|/(2y)", "np.abs(x) / (2 * y)"),
        ("atan2(y, x) - pi", "np.arctan2(y, x) - np.pi"),
    ],
)
def test_python(text, python):
    assert parse_formula(text).python() == python


@analytic
def test_text_is_read_as_the_same_formula(key):
    surface = SURFACES[key]
    expression = parse_declared(surface.formula, _symbols(surface))
    assert parse_declared(expression.text, _symbols(surface)) == expression


LATEX = {
    "elliptic_bowl": r"-e^{-(u^2 + 5 v^2)} + u^2 + \frac{1}{2} v^2,\ "
    r"u = \frac{x}{2},\ v = \frac{y}{2}",
    "ravine": r"\frac{1}{2} (u^2 + \kappa v^2),\ u = x \cos t + y \sin t,\ "
    r"v = y \cos t - x \sin t,\ t = \frac{\pi}{180} \theta",
    "bukin": r"100 \sqrt{\left|y - 0.01 x^2\right|} + 0.01 \left|x + 10\right|",
    "rosenbrock": r"(1 - x)^2 + 100 \, (y - x^2)^2",
    "goldstein_price": r"\left(1 + (x + y + 1)^2 (19 - 14 x + 3 x^2 - 14 y + 6 x y + "
    r"3 y^2)\right) \left(30 + (2 x - 3 y)^2 (18 - 32 x + 12 x^2 + 48 y - 36 x y + "
    r"27 y^2)\right)",
    "sine_saddle": r"\sin x + y^2",
    "ackley": r"20 + e - 20 e^{-0.2 \sqrt{(x^2 + y^2) / 2}} - "
    r"e^{(\cos 2 \pi x + \cos 2 \pi y) / 2}",
    "griewank": r"1 + \frac{x^2 + y^2}{4000} - \cos x \cos \frac{y}{\sqrt{2}}",
    "plateau": r"-\frac{\sin r}{r} + 0.01 r^2,\ r = 10 \sqrt{x^2 + y^2} + 0.01",
    "easom": r"-\cos x \cos y \, e^{-(x - \pi)^2 - (y - \pi)^2}",
    "levy": r"\sin^2 \pi u + (u - 1)^2 (1 + 10 \sin^2(\pi u + 1)) + (v - 1)^2 "
    r"(1 + \sin^2 2 \pi v),\ u = 1 + \frac{x - 1}{4},\ v = 1 + \frac{y - 1}{4}",
}


@pytest.mark.parametrize("key", LATEX)
def test_latex_is_as_it_would_be_written_by_hand(key):
    assert SURFACES[key].latex.replace("^{2}", "^2") == LATEX[key]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x + b", "unknown name `b` at position 5"),
        ("x + u where u = u + y", "unknown name `u` at position 2"),
        ("x + u where v + 1", "behind `where`, write definitions such as u = x + y"),
        ("x + a where a = y", "the name `a` is already taken"),
        ("x + sin where sin = y", "the name `sin` is already taken"),
        ("x +", "the formula ends where a value is expected"),
    ],
)
def test_a_wrong_formula_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(FormulaError, match=re.escape(sentence)):
        parse_declared(text, {"a": "a"})
    with pytest.raises(FormulaError, match=r"^the formula '.*' is wrong: "):
        replace(PARABOLA, formula=text).fn(np.zeros(2))


def test_definitions_may_use_those_that_follow():
    expression = parse_declared("u v where u = v + x, v = a y", {"a": "a"})
    assert expression.evaluate(2.0, 3.0, np, {"a": 5.0}) == 17 * 15


def test_letters_of_parameters_are_written_together():
    expression = parse_declared("ax + 2by", {"a": "a", "b": "b"})
    assert expression.text == "a*x + 2*b*y"


def test_a_loss_is_one_object_for_all_values_of_its_parameters():
    assert PARABOLA.with_params(a=2.0).loss is PARABOLA.loss
    other = replace(PARABOLA, formula="(x - a)^2 + y^2")
    assert other.loss is not PARABOLA.loss
    assert other.fn(np.array([3.0, 2.0])) == 8.0


# -- what follows the parameters ------------------------------------------------------


def test_minima_follow_the_parameters():
    assert PARABOLA.minima == ((1.0, 1.0),)
    moved = PARABOLA.with_params(a=2.0)
    assert moved.minima == ((2.0, 4.0),)
    assert replace(PARABOLA, params=Knob(-1.0)).minima == ((-1.0, 1.0),)
    assert replace(moved, params=Knob(0.5), steps=3).minima == ((0.5, 0.25),)
    assert moved.minimum_losses == (0.0,)
    assert moved.lowest == 0.0
    assert replace(moved, minima=((0.0, 0.0),)).minima == ((0.0, 0.0),)


def test_what_has_left_the_domain_is_not_marked():
    small = replace(PARABOLA, domain=Domain(-3.0, 3.0, -1.0, 3.0))
    gone = small.with_params(a=2.0)
    assert gone.minima == ()
    assert gone.lowest is None
    assert gone.with_params(a=1.0).lowest == 0.0


def test_saddles_maxima_and_rates_follow_too():
    surface = replace(
        PARABOLA,
        saddles=lambda params: ((params.a, 0.0),),
        maxima=lambda params: ((0.0, params.a),),
        learning_rates=lambda params: {"adam": params.a / 10},
    ).with_params(a=2.0)
    assert surface.saddles == ((2.0, 0.0),)
    assert surface.maxima == ((0.0, 2.0),)
    assert surface.learning_rates == {"adam": 0.2}
    assert surface.recommended["adam"] == 0.2
    assert surface.recommended_by_params == {"adam": 0.2}


def test_functions_of_the_parameters_are_given_pythons_numbers():
    # Of JAX's number, `a**2` would be compiled while a slider is dragged.
    seen = []

    def given(what):
        return lambda params: seen.append(type(params.a)) or what

    moved = replace(
        PARABOLA, minima=given(()), learning_rates=given({}), theory=given({})
    ).with_params(a=jnp.array(0.5))
    assert moved.minima == ()
    assert "adam" in moved.recommended
    assert len(seen) >= 3
    assert set(seen) == {float}


def test_a_race_reaches_the_minimum_where_it_has_gone():
    moved = PARABOLA.with_params(a=2.0)
    rule = OPTIMIZERS["gradient_descent"]
    run = descend(moved, rule, moved.start, rule.recommended(moved.recommended), 400)
    assert run.outcome.kind == "reached"
    assert run.outcome.at == (2.0, 4.0)


def test_a_penalty_is_added_where_the_minimum_has_gone():
    moved = regularized(PARABOLA.with_params(a=2.0), 0.5)
    # (2 + l2) x = 2 a, (20 + l2) y = 20 a^2.
    np.testing.assert_allclose(moved.minima, [(4 / 2.5, 80 / 20.5)], rtol=1e-12)
    with pytest.raises(ValueError, match="set the parameters first"):
        moved.with_params(a=1.0)


def test_rates_that_are_not_declared_suit_the_slopes():
    assert set(PARABOLA.learning_rates) == {"gradient_descent"}
    assert PARABOLA.recommended["gradient_descent"] == 0.04
    start = np.array(PARABOLA.start)
    for key in ("momentum", "adagrad", "rmsprop", "adam"):
        rule = OPTIMIZERS[key]
        run = descend(
            PARABOLA, rule, start, rule.recommended(PARABOLA.recommended), 400
        )
        assert run.losses[-1] < 0.1 * run.losses[0], key
    # They stay while a parameter is turned.
    moved = PARABOLA.with_params(a=2.0)
    assert moved.recommended == PARABOLA.recommended


@pytest.mark.usefixtures("parabola")
def test_the_page_says_where_the_minimum_is():
    assert places(opened("surface=parabola").surface) == "minimum at (1, 1)"
    assert places(opened("surface=parabola&a=2").surface) == "minimum at (2, 4)"


@pytest.mark.usefixtures("parabola")
def test_rates_that_follow_are_those_of_the_values_as_they_are(monkeypatch):
    following = replace(PARABOLA, learning_rates=lambda p: {"adam": 0.1 + p.a / 10})
    monkeypatch.setitem(setup.SURFACES, "parabola", following)
    fields.fields.cache_clear()
    turned = opened("surface=parabola&a=2")
    assert turned["adam.lr"] == pytest.approx(0.3)
    assert turned.following == {"adam.lr": pytest.approx(0.3)}
    assert opened("surface=parabola&a=2&adam.lr=0.5").following == {}


@pytest.mark.usefixtures("parabola")
def test_a_race_and_the_basins_know_where_the_minimum_has_gone():
    turned = opened("surface=parabola&a=2&on=gradient_descent&steps=400")
    race = run_race(turned)
    assert result_of(race).meta["minima"] == [[2.0, 4.0]]
    assert race.base == 0.0
    (run,) = race.runs.values()
    assert run.outcome.at == (2.0, 4.0)
    assert "minimum at (2, 4)" in run.outcome.text
    found = answer("basins", turned, lambda share: None, size=5)
    assert found.meta["minima"] == [[2.0, 4.0]]
    codes = found.runs["gradient_descent"]["ends"]
    assert (codes == 0).all(), "all of them end in the first minimum"
