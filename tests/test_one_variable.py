"""A loss of one variable: its curve, what is known of it, and what is said of runs."""

import html
import re
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from optim import OPTIMIZERS, Conditions, descend
from optim.studies import basins
from surfaces import SURFACES, Domain, regularized, typed_surface
from surfaces.along_x import _grid, extrema
from surfaces.base import losses_at
from surfaces.formula.functions import CONDITIONS, FUNCTIONS
from views.charts import CHARTS, Moving, rate_limits
from views.describe import describe
from views.one_variable import curve_of
from views.places import coordinates, in_words, on_map
from views.setup import Setup
from views.story import places, story

WIDE = Domain(-2.0, 3.0, -1.0, 1.0)
DECLARED = [s for s in SURFACES.values() if s.variables == 1]
on_each = pytest.mark.parametrize("surface", DECLARED, ids=[s.key for s in DECLARED])
OPERATORS = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power,
    "neg": np.negative, "nonzero": lambda a: np.where(a == 0, 1.0, a),
}  # fmt: skip


def value(steps, **values):
    """A list of steps, computed as the player does."""
    stack = []
    for step in steps:
        if not isinstance(step, str):
            stack.append(np.float64(step))
        elif step in values:
            stack.append(values[step])
        else:
            name, _, count = step.rpartition("~")
            taken = [stack.pop() for _ in range(int(count))][::-1]
            function = {**FUNCTIONS, **CONDITIONS}.get(name)
            given = (np, *taken) if name not in OPERATORS else taken
            apply = OPERATORS.get(name) or function.apply
            stack.append(apply(*given))
    (found,) = stack
    return found


@pytest.mark.parametrize(
    "text",
    [
        "x^4 - 3x^3 + 2",
        "x cos(0.15 pi x)",
        "where(|x| < 1, x^2/2, |x| - 1/2)",
        "sum(k, 1, 4, sin(k x)/k)",
        "exp(-x^2) + log(x + 3) + hypot(x, 1)",
    ],
)
def test_the_curve_and_its_derivatives(text):
    surface = typed_surface(text, WIDE)
    curve = curve_of(surface)
    x = np.linspace(-1.93, 2.91, 41)

    def loss(x):
        return surface.fn(jnp.array([x, 0.3]))

    for steps, function in (
        (curve["loss"], loss),
        (curve["slope"], jax.grad(loss)),
        (curve["bend"], jax.grad(jax.grad(loss))),
    ):
        expected = [float(function(one)) for one in x]
        np.testing.assert_allclose(
            value(steps, x=x) + 0 * x, expected, rtol=1e-9, atol=1e-9
        )


def test_numbers_that_are_declared_are_named():
    surface = typed_surface("a*x^2 + k with a = 2 in 1..3, k = 1 in 0..5", WIDE)
    curve = curve_of(surface)
    assert value(curve["loss"], x=1.5, a=3.0, k=0.5) == 3 * 1.5**2 + 0.5
    assert value(curve["slope"], x=1.5, a=3.0, k=0.5) == 9.0


@pytest.mark.parametrize("text", ["x + y", "y^2", "x mod(t, 3)", "erf(x)"])
def test_what_is_no_curve(text):
    assert curve_of(typed_surface(text, WIDE)) is None


def test_a_penalty_has_two_variables():
    assert curve_of(regularized(typed_surface("x^4", WIDE), 0.5)) is None
    assert curve_of(Setup().surface) is None


def test_derivatives_that_are_long_are_left_out():
    nested = "x"
    for _ in range(20):
        nested = f"sin({nested}+x)"
    curve = curve_of(typed_surface(nested, WIDE))
    assert curve["loss"]
    assert curve["bend"] is None


def test_the_page_has_it_and_says_so():
    setup, problems = Setup.parse([("surface", "formula"), ("f", "x^4 - 3x^3 + 2")])
    assert problems == ()
    page = describe(setup)
    assert page["curve"]["loss"]
    assert list(page["beside"])[:2] == ["curve", "3d"]
    assert places(setup.surface) == "found: minimum at x = 2.25; the same for every y"
    assert page["minima"] == [[pytest.approx(2.25)]]
    assert describe(Setup())["curve"] is None
    assert "curve" not in describe(Setup())["beside"]


# -- what is declared -----------------------------------------------------------------


def losses(surface, x):
    x = np.atleast_1d(x)
    return np.asarray(losses_at(surface.fn, np.stack([x, 0.7 + 0 * x], axis=1)))


@jax.jit
def gradients(fn, points):
    return jax.vmap(jax.grad(fn))(points)


def slopes(surface, x):
    x = np.atleast_1d(np.asarray(x, float))
    return np.asarray(gradients(surface.fn, np.stack([x, 0.3 + 0 * x], axis=1)))[:, 0]


def turns(surface):
    """Where SciPy finds the slope to change its sign: from below and from above."""
    low, high = surface.domain[:2]
    x = np.linspace(low - 0.0123, high, 799)
    signs = np.sign(slopes(surface, x))
    found = {1.0: [], -1.0: []}
    for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        at = brentq(lambda x: slopes(surface, x)[0], x[i], x[i + 1], xtol=1e-14)
        found[signs[i + 1]].append(at)
    return found[1.0], found[-1.0]


def along(found):
    return sorted(x for x, _ in found)


def test_five_are_declared_by_their_formulas_alone():
    assert [s.key for s in DECLARED] == [
        "double_well", "flat_point", "growing_waves", "absolute_value", "huber",
    ]  # fmt: skip
    assert {s.family for s in DECLARED} == {"One variable"}
    for surface in DECLARED:
        y = (surface.domain.y_low + surface.domain.y_high) / 2
        assert {at for _, at in (*surface.minima, *surface.maxima)} == {y}


@on_each
@settings(max_examples=8)
@given(data=st.data())
def test_scipy_finds_the_minima_and_maxima_that_are_declared(surface, data):
    drawn = data.draw(st.from_type(type(surface.params)))
    surface = surface.with_params(**drawn._asdict())
    minima, maxima = turns(surface)
    near = 1e-9 * surface.domain.diagonal
    np.testing.assert_allclose(along(surface.minima), minima, atol=near)
    np.testing.assert_allclose(along(surface.maxima), maxima, atol=near)
    searched = extrema(surface.loss, surface.params, surface.domain)
    np.testing.assert_allclose(along(searched.minima), minima, atol=near)
    np.testing.assert_allclose(along(searched.maxima), maxima, atol=near)


@pytest.mark.parametrize(
    ("key", "params", "minima", "maxima"),
    [
        ("double_well", {"tilt": 0.0}, {-1: 0, 1: 0}, {0: 1}),
        ("flat_point", {}, {2.25: -6.54296875}, {}),
        # cot u = u, from M. Abramowitz, I. A. Stegun, table 4.20, over 0.15 pi.
        (
            "growing_waves",
            {},
            {3.4256 / 0.471239: -6.97814, -0.8603 / 0.471239: -1.19068},
            {0.8603 / 0.471239: 1.19068, -3.4256 / 0.471239: 6.97814},
        ),
        ("absolute_value", {}, {0: 0}, {}),
        ("huber", {}, {0: 0}, {}),
    ],
)
def test_published_minima_and_maxima(key, params, minima, maxima):
    surface = SURFACES[key].with_params(**params)
    for known, found in ((minima, surface.minima), (maxima, surface.maxima)):
        np.testing.assert_allclose(along(found), sorted(known), atol=2e-4, rtol=0)
        for at, height in known.items():
            assert losses(surface, at)[0] == pytest.approx(height, abs=1e-5)


def test_the_flat_point_is_no_extremum():
    surface = SURFACES["flat_point"]
    assert slopes(surface, 0.0) == 0.0
    below, here, above = losses(surface, [-1e-3, 0.0, 1e-3])
    assert below > here > above


def test_hubers_parabola_goes_on_as_a_line_without_a_kink():
    surface = SURFACES["huber"].with_params(delta=0.5)
    beside = slopes(surface, [0.5 - 1e-12, 0.5 + 1e-12])
    np.testing.assert_allclose(beside, 0.5, atol=1e-11)
    assert slopes(surface, [-4, -0.25, 3]).tolist() == [-0.5, -0.25, 0.5]


@on_each
def test_the_curve_of_what_is_declared_follows_its_parameters(surface):
    curve = curve_of(surface)
    given = {name: 1.5 * p for name, p in surface.params._asdict().items()}
    turned = surface.with_params(**given)
    x = np.linspace(*surface.domain[:2], 40)
    shown = [value(curve["loss"], x=np.float64(one), **given) for one in x]
    np.testing.assert_allclose(shown, losses(turned, x), rtol=1e-12, atol=1e-12)
    expected = slopes(turned, x)
    shown = [value(curve["slope"], x=np.float64(one), **given) for one in x]
    np.testing.assert_allclose(shown, expected, rtol=1e-12, atol=1e-12)
    assert curve["bend"] is not None


def test_a_definition_is_written_out():
    surface = replace(
        SURFACES["flat_point"],
        formula="u^2 + v where u = x - v, v = 2 sin(w), w = x/3",
        minima=(),
    )
    curve, x = curve_of(surface), np.linspace(-1, 3, 17)
    np.testing.assert_allclose(value(curve["loss"], x=x), losses(surface, x))
    np.testing.assert_allclose(value(curve["slope"], x=x), slopes(surface, x))


@pytest.mark.parametrize("key", ["double_well", "growing_waves", "absolute_value"])
def test_a_penalty_makes_two_variables_of_it_and_can_be_taken_back(key):
    moved = regularized(SURFACES[key], 0.05)
    assert moved.variables == 2
    assert curve_of(moved) is None
    assert moved.minima
    assert all(y == 0 for _, y in moved.minima)
    back = regularized(moved, 0.0)
    for kind in ("minima", "maxima"):
        found, declared = getattr(back, kind), getattr(SURFACES[key], kind)
        np.testing.assert_allclose(sorted(found), sorted(declared), atol=1e-12)
    assert back.saddles == ()


# -- the search -----------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    roots=st.lists(st.floats(-3.9, 3.9), min_size=1, max_size=4, unique=True),
    sign=st.sampled_from([1, -1]),
)
def test_the_search_finds_the_turns_of_a_polynomial(roots, sign):
    slope = np.polynomial.Polynomial.fromroots(roots) * sign
    loss = np.polynomial.Polynomial(np.round(slope.integ().coef, 4))
    terms = (f"{float(c)!r}*x^{k}" for k, c in enumerate(loss.coef))
    roots = loss.deriv().roots()
    roots = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    roots = roots[np.abs(roots) < 4]
    assume(np.diff(roots, prepend=-4.0, append=4.0).min() > 0.02)
    surface = typed_surface(" + ".join(terms), Domain(-4, 4, 1, 3))
    rising = loss.deriv(2)(roots) > 0
    np.testing.assert_allclose(along(surface.minima), roots[rising], atol=1e-7)
    np.testing.assert_allclose(along(surface.maxima), roots[~rising], atol=1e-7)
    assert {y for _, y in surface.minima} <= {2.0}
    if surface.lowest is not None:
        seen = losses(surface, np.linspace(-4, 4, 4001))
        assert seen.min() >= surface.lowest - 1e-9


def test_more_minima_than_are_marked_are_said_to_be_more():
    surface = typed_surface("sin(60x)", WIDE)
    assert not surface.lists_all_critical_points
    assert "others not marked; the same for every y" in places(surface)


# -- what is said ---------------------------------------------------------------------


def written(surface):
    return html.unescape(re.sub(r"<[^>]*>|\s", "", story(surface)["formula"]))


def test_places_are_said_by_x_and_marked_along_their_lines():
    well, bowl = SURFACES["double_well"], SURFACES["booth"]
    assert places(well) == (
        "minima at x = −1.036 and x = 0.96; maximum at x = 0.075; the same for every y"
    )
    assert written(well).startswith("f(x)=")
    assert written(bowl).startswith("f(x,y)=")
    assert coordinates(well, ((1.0, 0.0),)) == [[1.0]]
    assert coordinates(bowl, bowl.minima) == [[1.0, 3.0]]
    assert in_words(well, ((2.25, 0.0),)) == ["x = 2.25"]
    assert in_words(bowl, ((1.0, 3.0),)) == ["(1, 3)"]
    marked = on_map(well, ((1.0, 0.0),))
    assert {x for x, _ in marked} == {1.0}
    assert len({y for _, y in marked}) > 3
    assert well.view_domain.contains(np.array(marked)).all()
    assert on_map(bowl, bowl.minima) == bowl.minima
    assert places(typed_surface("x", WIDE)) == "no minimum found; the same for every y"
    assert places(typed_surface("y", WIDE)) == "the same for every x"


def kept(key, **given):
    setup, problems = Setup.parse([("surface", key), *given.items()])
    assert problems == ()
    return setup


@on_each
def test_the_page_begins_with_the_curve(surface):
    page = describe(kept(surface.key))
    assert page["curve"]["loss"]
    assert list(page["beside"])[:2] == ["curve", "3d"]
    assert all(len(at) == 1 for at in page["minima"])
    assert describe(kept(surface.key, l2="0.1"))["curve"] is None


NUMBER = re.compile(r"x = (−?[\d.]+)")


def true_of(surface, run):
    """Whether what is said of a run is so, by what it did and by a fine grid."""
    text, x = run.outcome.text, run.points[:, 0]
    near = 3.01e-3 * surface.domain.diagonal
    grid = losses(surface, np.linspace(*surface.domain[:2], 40_001))
    inside = surface.domain.contains(run.points[-1])
    if text.startswith(("left", "diverged")):
        return not inside
    assert inside
    if text.startswith("no better point found"):
        return np.ptp(x[run.outcome.step :]) <= near
    if "x = " not in text:
        return text.startswith(("still", "climbing", "oscillating without", "stopped"))
    at = float(NUMBER.search(text)[1].replace("−", "-"))
    here, beside = losses(surface, at)[0], losses(surface, [at - near, at + near])
    level = 0.02 * max(1.0, np.abs(grid).max())
    if text.startswith("reached the minimum"):
        return abs(x[run.outcome.step :] - at).max() <= 3 * near and (
            here <= grid.min() + level
        )
    if text.startswith("trapped"):
        return abs(x[-1] - at) <= near + 0.01 and here > grid.min() + 1e-3
    if text.startswith("oscillating around"):
        tail = x[len(x) - 1 - (len(x) - 1) // 5 :]
        wide = np.abs(tail - at).max() / surface.domain.diagonal
        return wide <= 0.0105 or (wide <= 0.105 and tail.min() < at < tail.max())
    if text.startswith("settled at a maximum"):
        return abs(x[-1] - at) <= 0.01 and (beside <= here + 1e-4).all()
    if text.startswith("settled at a flat place"):
        return surface.key == "flat_point" and abs(at) <= near
    return text.startswith("stalled") and abs(x[-1] - at) <= 0.01


@settings(max_examples=150, deadline=None)
@given(
    surface=st.sampled_from(DECLARED),
    key=st.sampled_from([*OPTIMIZERS]),
    across=st.floats(0.02, 0.98),
    up=st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.98)),
    factor=st.sampled_from([0.1, 0.5, 1.0, 3.0]),
    steps=st.integers(20, 300),
)
def test_what_is_said_of_a_run_is_true_and_the_same_for_every_y(
    surface, key, across, up, factor, steps
):
    rule, domain = OPTIMIZERS[key], surface.domain
    x = domain.x_low + across * (domain.x_high - domain.x_low)
    hypers = rule.hypers()
    if "lr" in hypers._fields:
        hypers = hypers._replace(lr=rule.rate(surface.recommended) * factor)
    heights = [domain.y_low + part * 2 * domain.y_high for part in up]
    runs = [descend(surface, rule, (x, y), hypers, steps) for y in heights]
    assert true_of(surface, runs[0]), (runs[0].outcome.text, runs[0].points[-1])
    if np.array_equal(runs[0].points[:, 0], runs[1].points[:, 0]):
        inside = [surface.domain.contains(run.points).all() for run in runs]
        assert inside[0] != inside[1] or runs[0].outcome == runs[1].outcome
    else:
        assert rule.stochastic, "x follows from x alone"


def test_noise_along_y_is_of_no_meaning():
    surface = SURFACES["flat_point"]
    rule, noisy = OPTIMIZERS["gradient_descent"], Conditions(noise=0.3)
    run = descend(surface, rule, (3.0, 0.0), {"lr": 0.005}, 400, conditions=noisy)
    assert np.ptp(run.points[:, 1]) > 5e-3 * surface.domain.diagonal
    assert run.outcome.text.startswith("reached the minimum at x = 2.25 after")


def test_every_row_of_the_basins_is_alike():
    surface, size = SURFACES["double_well"], 24
    rule = OPTIMIZERS["gradient_descent"]
    x, _, found = basins(surface, rule, rule.hypers(lr=0.02), size, 200)
    assert (found.minima == found.minima[0]).all()
    assert (found.kinds == found.kinds[0]).all()
    hump = surface.maxima[0][0]
    np.testing.assert_array_equal(found.minima[0], np.where(x < hump, 0, 1))
    for k in (0, 9, 20):
        run = descend(surface, rule, (x[k], 1.1), {"lr": 0.02}, 200)
        assert run.outcome.step == found.arrived[3, k]


def test_charts_measure_along_x():
    surface = SURFACES["double_well"]
    rule = OPTIMIZERS["gradient_descent"]
    hypers = rule.hypers(lr=0.02)
    run = descend(surface, rule, (1.5, 1.9), hypers, 50)
    moving = Moving(surface, rule, hypers, np.ones(50), run)
    away = np.abs(run.points[:, 0] - surface.minima[1][0])
    np.testing.assert_allclose(CHARTS["distance"].find(moving)[:, 0], away)
    shown = CHARTS["directions"].find(moving)
    np.testing.assert_allclose(shown[:, 0], away)
    assert np.isnan(shown[:, 1]).all()
    curvature = 12 * surface.minima[1][0] ** 2 - 4
    limits = rate_limits(surface, rule, hypers, run)
    assert limits == pytest.approx({"stable": 2 / curvature, "best": 1 / curvature})


def test_a_minimum_on_a_point_of_the_search_is_found():
    domain = Domain(-2.0, 3.0, -1.0, 1.0)
    place = float(_grid(domain)[1234])
    surface = typed_surface(f"abs(x - {place!r})", domain)
    np.testing.assert_allclose([x for x, _ in surface.minima], [place], atol=1e-12)
