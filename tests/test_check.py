"""The gradient check: the V where there is one, and true words where there is none."""

from functools import lru_cache

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_descent import compilations

from surfaces import SURFACES, Domain, Surface, of_xy
from views import theme
from views.check import HS, check_figure, gradient_check
from views.palettes import THEMES

on_every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)

# Points of which no coordinate rounds well.
CURVED = [
    ("rosenbrock", (-1.2345, 0.6789)),
    ("rosenbrock", (0.3141, -0.2718)),
    ("himmelblau", (0.2347, 4.1239)),
    ("himmelblau", (-2.7183, 1.4142)),
]


def made_of(formula):
    return Surface(
        key="own",
        label="Own",
        family="Own",
        formula="",
        loss=of_xy(formula),
        domain=Domain(-2.0, 2.0, -2.0, 2.0),
        start=(1.0, 1.0),
        teaches="",
        source="",
    )


def slope(check, low, high):
    rows = (check.hs >= low * 0.99) & (check.hs <= high * 1.01)
    return np.polyfit(np.log10(check.hs[rows]), np.log10(check.errors[rows]), 1)[0]


def in_words(surface, point=(0.0, 0.0)):
    return gradient_check(surface, point).sentence


# -- the numbers ----------------------------------------------------------------------


def test_steps_are_half_decades():
    assert len(HS) == 29
    assert HS[::2] == pytest.approx([10.0**-k for k in range(1, 16)])


@pytest.mark.parametrize(("key", "point"), CURVED)
def test_the_v(key, point):
    check = gradient_check(SURFACES[key], point)
    assert slope(check, 1e-4, 1e-1) == pytest.approx(2, abs=0.05)
    assert slope(check, 1e-13, 1e-7) == pytest.approx(-1, abs=0.25)
    assert 1e-7 < check.hs[check.best] < 1e-4
    assert 0 < check.errors[check.best] < 1e-9
    assert check.truncation == pytest.approx(2, abs=0.25)
    assert check.round_off == pytest.approx(-1, abs=0.25)
    assert check.relative
    assert "to the right the truncation error grows as h²" in check.sentence
    assert "to the left round-off grows as 1/h" in check.sentence


def test_differences_of_a_cube_miss_by_the_square_of_the_step():
    # ((1 + h)^3 - (1 - h)^3) / 2h = 3 + h^2, and the slope is 3.
    check = gradient_check(made_of(lambda x, y: x**3), (1.0, 0.0))
    large = check.hs >= 1e-3
    np.testing.assert_allclose(check.errors[large], check.hs[large] ** 2 / 3, rtol=1e-6)


def test_errors_are_absolute_where_there_is_hardly_a_slope():
    bowl = made_of(lambda x, y: x**4 / 4)
    for x, relative in ((0.5, False), (2.0, True)):
        check = gradient_check(bowl, (x, 0.0))
        assert check.relative == relative
        expected = x * 0.1**2 / (x**3 if relative else 1)
        assert check.errors[0] == pytest.approx(expected, rel=1e-6)
        assert ("relative error" in check.sentence) == relative


@pytest.mark.parametrize("key", ["ravine", "saddle", "booth", "linear_regression"])
def test_a_quadratic_has_no_truncation_error(key):
    check = gradient_check(SURFACES[key], (1.2345, 0.6789))
    assert check.errors[:4].max() < 1e-12
    assert check.hs[check.best] >= 1e-4
    assert check.truncation is None
    assert check.round_off == pytest.approx(-1, abs=0.25)
    assert "there is no visible truncation error" in check.sentence


@on_every_surface
@settings(max_examples=8)
@given(data=st.data())
def test_both_gradients_agree_on_every_surface(surface, data):
    domain = surface.domain
    x = data.draw(st.floats(domain.x_low, domain.x_high))
    y = data.draw(st.floats(domain.y_low, domain.y_high))
    check = gradient_check(surface, (x, y))
    assert check.sentence.endswith(".")
    if surface.smooth:
        assert check.errors[check.best] < 1e-7


@on_every_surface
def test_marked_points_have_a_sentence_and_a_figure(surface):
    for at in (*surface.minima, *surface.saddles, surface.start, (0.0, 0.0)):
        check = gradient_check(surface, at)
        assert check.best is not None
        assert check.sentence.endswith(".")
        assert check_figure(check).data


def test_no_point_compiles_again():
    surface = SURFACES["rosenbrock"]
    gradient_check(surface, (0.5, 0.5))
    with compilations() as compiled:
        gradient_check(surface, (1, 2))
        gradient_check(surface, np.array([-1.0, 0.1]))
    assert compiled == []


# -- where there is no V --------------------------------------------------------------


def test_a_flat_loss_has_no_error_at_all():
    check = gradient_check(made_of(lambda x, y: 0 * x), (0.3, 0.7))
    assert not check.errors.any()
    assert check.sentence.startswith("No error at any h")


def test_on_a_kink_agreement_says_nothing():
    # At 0 autodiff takes one of the slopes, the difference is their mean.
    kink = made_of(lambda x, y: jnp.where(x < 0, -x, 3 * x))
    check = gradient_check(kink, (0.0, 0.0))
    np.testing.assert_allclose(check.differences[:, 0], 1, rtol=1e-12)
    assert check.sentence.startswith("The point is on a kink: along x")
    assert "from −1 to 3" in check.sentence
    # Here both say 0.
    for formula in (lambda x, y: jnp.abs(x) + y, lambda x, y: jnp.hypot(y, x)):
        check = gradient_check(made_of(formula), (0.0, 0.0))
        assert check.kink.at == 0
        assert "on a kink" in check.sentence


# One surface for all examples of a size: each would be compiled anew.
@lru_cache
def kinked(size):
    return made_of(lambda x, y: size * (jnp.abs(x) + x * y / 4 + jnp.sin(y)))


@settings(max_examples=60)
@given(
    far=st.floats(-9, -1.1).map(lambda power: 10**power),
    side=st.sampled_from([-1, 1]),
    y=st.floats(-2, 2),
    size=st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_a_kink_nearby_is_seen_and_said(far, side, y, size):
    check = gradient_check(kinked(size), (side * far, y))
    assert check.kink.axis == 0
    assert check.kink.at == pytest.approx(-side * far, rel=1e-3)
    assert check.kink.slopes == pytest.approx(
        (size * (y / 4 - 1), size * (y / 4 + 1)), rel=1e-5, abs=1e-5 * size
    )
    assert ("smaller x" if side > 0 else "larger x") in check.sentence
    assert "no truncation" not in check.sentence


@lru_cache
def waves(scale):
    return made_of(lambda x, y: jnp.sin(scale * x) * jnp.cos(scale * y) + x**4)


@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
@given(x=st.floats(-2, 2), y=st.floats(-2, 2))
@settings(max_examples=20)
def test_no_kink_is_seen_where_the_slope_only_turns_fast(scale, x, y):
    assert gradient_check(waves(scale), (x, y)).kink is None


@on_every_surface
@given(data=st.data())
@settings(max_examples=10)
def test_no_kink_is_seen_on_a_smooth_surface(surface, data):
    x = data.draw(st.floats(surface.domain.x_low, surface.domain.x_high))
    y = data.draw(st.floats(surface.domain.y_low, surface.domain.y_high))
    assert not surface.smooth or gradient_check(surface, (x, y)).kink is None


def test_a_kink_is_seen_far_from_zero():
    kink = made_of(lambda x, y: jnp.abs(x - 500.0) + y)
    assert gradient_check(kink, (500.03, 0.0)).kink.at == pytest.approx(-0.03)
    assert gradient_check(kink, (500.0, 0.0)).kink.at == 0


def test_steps_beyond_the_edge_of_the_loss_are_counted():
    logarithm = made_of(lambda x, y: jnp.log(x) + y)
    check = gradient_check(logarithm, (0.05, 1.0))
    # At h = 0.1 the difference reaches past zero, where there is no logarithm.
    assert np.isnan(check.errors[0])
    assert np.isfinite(check.errors[2:]).all()
    assert "at 1 of the 29 the loss is not finite" in check.sentence


def test_what_is_not_finite_has_its_own_words():
    nowhere = made_of(lambda x, y: jnp.sqrt(x - 1))
    assert in_words(nowhere).startswith("The gradient is not finite")
    assert check_figure(gradient_check(nowhere, (0.0, 0.0))).data
    alone = made_of(lambda x, y: jnp.where(x == 0, 0.0, jnp.inf))
    check = gradient_check(alone, (0.0, 0.0))
    assert check.best is None
    assert check.sentence.startswith("The loss is not finite around here")
    assert check_figure(check).data
    steep = made_of(lambda x, y: jnp.exp(x))
    assert gradient_check(steep, (800.0, 0.0)).best is None


# -- the figure -----------------------------------------------------------------------


def traces(check):
    return {trace.name: trace for trace in check_figure(check).data}


def test_the_figure_shows_the_errors():
    check = gradient_check(SURFACES["rosenbrock"], (-1.2345, 0.6789))
    figure = check_figure(check)
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.title.text == "relative error"
    drawn = traces(check)
    np.testing.assert_array_equal(drawn["error"].x, HS)
    np.testing.assert_array_equal(drawn["error"].y, check.errors)
    np.testing.assert_array_equal(drawn["error"].customdata, check.errors)
    assert drawn["best"].x == (check.hs[check.best],)
    assert drawn["best"].y == (check.errors[check.best],)
    for name, power in (("∝ h², truncation", 2), ("∝ ε/h, round-off", -1)):
        x, y = np.log10(drawn[name].x), np.log10(drawn[name].y)
        np.testing.assert_allclose(np.diff(y) / np.diff(x), power, atol=1e-9)
    # The guides lie beside the branches they are guides to.
    guide = drawn["∝ h², truncation"]
    height = np.interp(-np.log(HS[2]), -np.log(guide.x), guide.y)
    assert 3 < height / check.errors[2] < 12


def test_a_guide_is_drawn_only_along_a_branch_there_is():
    drawn = traces(gradient_check(SURFACES["ravine"], (1.2345, 0.6789)))
    assert set(drawn) == {"error", "best", "∝ ε/h, round-off"}
    # At the lowest point of a ridge the error goes as the root of h.
    ridge = gradient_check(SURFACES["bukin"], SURFACES["bukin"].minima[0])
    assert ridge.truncation == pytest.approx(0.5, abs=0.05)
    assert "∝ h², truncation" not in traces(ridge)


def test_no_error_at_all_is_drawn_at_the_bottom_and_said_so():
    check = gradient_check(SURFACES["three_hump_camel"], SURFACES["rosenbrock"].start)
    flat = gradient_check(made_of(lambda x, y: 0 * x), (0.3, 0.7))
    assert check.errors.all()
    assert not check_figure(check).layout.annotations
    figure = check_figure(flat)
    drawn = traces(flat)["error"]
    assert (np.array(drawn.y) > 0).all()
    assert not np.array(drawn.customdata).any()
    assert set(drawn.marker.symbol) == {"circle-open"}
    assert "drawn at the bottom" in figure.layout.annotations[0].text


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_the_figure_is_legible(palette):
    check = gradient_check(SURFACES["himmelblau"], (0.2, 4.2))
    figure = check_figure(check, palette)
    assert figure.layout.font.size >= 12
    assert figure.layout.xaxis.tickfont.size >= 12
    panel = palette["panel"]
    assert figure.layout.plot_bgcolor == panel
    assert theme.contrast(figure.layout.font.color, panel) > 7
    for trace in figure.data:
        colour = trace.marker.color or trace.line.color
        assert theme.contrast(colour, panel) > 3
