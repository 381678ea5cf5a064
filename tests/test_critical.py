"""The search for critical points, against algebra, SciPy and what is declared."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from surfaces import SURFACES, regularized, typed_surface
from surfaces.base import Domain, loss_at, slope_and_hessian
from surfaces.compiled import NotReady, only_ready
from surfaces.critical import MOST, critical_points, is_minimum, lowest_points

SQUARE = Domain(-4, 4, -4, 4)


def typed(text, domain=SQUARE):
    return typed_surface(text, domain)


def gradient(fn, point):
    return np.asarray(slope_and_hessian(fn, point)[0])


def hessian(fn, point):
    return np.asarray(slope_and_hessian(fn, point)[1])


def close(found, expected, atol=1e-6):
    """Whether two sets of places are the same, in any order."""
    found, expected = sorted(found), sorted(expected)
    return len(found) == len(expected) and np.allclose(found, expected, atol=atol)


@pytest.mark.parametrize(
    "key",
    [
        key
        for key, surface in SURFACES.items()
        if surface.lists_all_critical_points
        and surface.smooth
        and surface.variables == 2
    ],
)
def test_what_is_declared_is_found_and_nothing_else(key):
    surface = SURFACES[key]
    found = critical_points(surface.fn, surface.domain)
    near = 1e-7 * surface.domain.diagonal
    assert close(found.minima, surface.minima, near)
    assert close(found.maxima, surface.maxima, near)
    # The monkey's saddle is flat: the search does not say what it is.
    if key != "monkey_saddle":
        assert close(found.saddles, surface.saddles, near)


@pytest.mark.parametrize(
    ("text", "minima", "saddles", "maxima"),
    [
        ("x^2 + y^2", [(0, 0)], [], []),
        ("x^2 - y^2", [], [(0, 0)], []),
        ("3 - x^2 - 2*y^2", [], [], [(0, 0)]),
        # Where Newton's method cannot go: corners, creases, flat places.
        ("abs(x) + abs(y)", [(0, 0)], [], []),
        ("abs(x - 1) + y^2", [(1, 0)], [], []),
        ("max(abs(x), abs(y))", [(0, 0)], [], []),
        ("sqrt(x^2 + y^2)", [(0, 0)], [], []),
        ("x^4 + y^4", [(0, 0)], [], []),
        ("x^2 + y^4", [(0, 0)], [], []),
        # Neither a line, a ring, a crease without an end nor a flat saddle is marked.
        ("(x - y)^2", [], [], []),
        ("(x^2 + y^2 - 1)^2", [], [], [(0, 0)]),
        ("x^2 * y^2", [], [], []),
        ("x^3 - 3*x*y^2", [], [], []),
        ("abs(y - x)", [], [], []),
        ("x + y", [], [], []),
        # Of x alone, the place in the middle of a line stands for all of it.
        ("x^2", [(0, 0)], [], []),
        ("x^4 - 3x^3 + 2", [(2.25, 0)], [], []),
        ("|x - 1| - x^2/9", [(1, 0)], [], []),
        ("min(|x + 1|, |x - 2| + 1/2)", [(-1, 0), (2, 0)], [], [(0.75, 0)]),
        ("sqrt|x| + x^4", [(0, 0)], [], []),
        ("exp(-x^2)", [], [], [(0, 0)]),
        # Neither a level stretch, a pole, a jump nor a level inflection.
        ("max(|x| - 1, 0)", [], [], []),
        ("1/(x - 0.3)^2", [], [], []),
        ("1/x^2", [], [], []),
        ("log|x|", [], [], []),
        ("where(x < 0, -x, 1 + x)", [], [], []),
        ("floor(x)", [], [], []),
        ("1e9 x^3", [], [], []),
        ("log(x) + y^2", [], [], []),
        ("floor(x) + y^2", [], [], []),
        # A known one, ill-conditioned ones, and one with many.
        ("(1 - x)^2 + 100*(y - x^2)^2", [(1, 1)], [], []),
        ("x^2 + 1e8*y^2", [(0, 0)], [], []),
        ("1e-9*(x^2 + y^2)", [(0, 0)], [], []),
        ("1e9*(x^2 + (y - 1)^2)", [(0, 1)], [], []),
        (
            "sin(x)*sin(y)",
            [(-math.pi / 2, math.pi / 2), (math.pi / 2, -math.pi / 2)],
            [(i * math.pi, j * math.pi) for i in (-1, 0, 1) for j in (-1, 0, 1)],
            [(-math.pi / 2, -math.pi / 2), (math.pi / 2, math.pi / 2)],
        ),
    ],
)
def test_what_is_found_of_a_formula(text, minima, saddles, maxima):
    surface = typed(text)
    # Where it is flat, the lowest point is not found to the last digit.
    assert close(surface.minima, minima, 1e-3 if "^4" in text else 1e-7)
    assert close(surface.saddles, saddles)
    assert close(surface.maxima, maxima)
    assert surface.found
    assert surface.lists_all_critical_points


@pytest.mark.parametrize(
    ("text", "bounded"),
    [
        ("x^2 + y^2", True),
        ("abs(x) + abs(y)", True),
        ("(x^2 - 1)^2 + 0.3*x + y^2", True),
        # Lower at the border than at the only minimum.
        ("x^2 - 0.1*x^3*2 + y^2", False),
        ("x^2 - y^2", False),
        ("log(x) + y^2", False),
    ],
)
def test_heights_are_measured_from_a_minimum_only_if_nothing_is_lower(text, bounded):
    surface = typed(text, Domain(-10, 10, -10, 10))
    assert surface.bounded == bounded
    assert (surface.lowest is not None) == bounded
    assert any(surface.is_lowest) == bounded


@pytest.mark.parametrize(
    ("key", "l2", "minima", "saddles"),
    [
        ("saddle", 3.0, [(0, 0)], []),
        ("saddle", 0.5, [], [(0, 0)]),
        (
            "monkey_saddle",
            0.5,
            [(0, 0)],
            # Where 3 r^2 = lambda r, on three rays.
            [(math.cos(a) / 6, math.sin(a) / 6) for a in np.deg2rad([180, 60, -60])],
        ),
        ("beale", 0.5, [(2.1518, 0.2178), (-1.3345, 1.4818)], [(-0.018, 1.0003)]),
        ("bukin", 5e-4, [(-10, 1)], []),
        ("bukin", 0.01, [], []),
        ("ackley", 1.0, [(0, 0)], []),
        ("rastrigin", 1.0, [(0, 0)], []),
        ("griewank", 1.0, [(0, 0)], []),
        ("plateau", 0.1, [(0, 0)], []),
    ],
)
def test_a_penalty_hides_no_minimum_and_keeps_none_that_is_gone(
    key, l2, minima, saddles
):
    moved = regularized(SURFACES[key], l2)
    assert close(moved.minima, minima, 1e-4)
    assert close(moved.saddles, saddles, 1e-4)
    assert moved.lists_all_critical_points == SURFACES[key].lists_all_critical_points


def test_beale_has_a_second_minimum_under_a_penalty():
    moved = regularized(SURFACES["beale"], 0.5)
    np.testing.assert_allclose(moved.minimum_losses, [1.4885, 2.303], atol=1e-3)
    assert moved.is_lowest == (True, False)


@pytest.mark.parametrize("l2", [0.0, 0.3, 2.0])
def test_a_formula_under_a_penalty_keeps_its_corner(l2):
    moved = regularized(typed("abs(x - 1) + abs(y)"), l2)
    # The slope of the penalty at 1 is lambda; beyond 1 it leaves the corner.
    assert close(moved.minima, [(min(1.0, 1 / l2) if l2 else 1.0, 0.0)], 1e-5)


def hills(numbers):
    """A formula of hills and hollows in a bowl, as random numbers have it."""
    parts = [
        f"{height:.3f}*exp(-((x - {x:.3f})^2 + (y - {y:.3f})^2)/{width:.3f})"
        for height, x, y, width in numbers
    ]
    return " + ".join(["0.05*(x^2 + y^2)", *parts]).replace("- -", "+ ")


@settings(max_examples=6)
@given(
    st.lists(
        st.tuples(
            st.floats(-3, 3).filter(lambda h: abs(h) > 0.3),
            st.floats(-3, 3),
            st.floats(-3, 3),
            st.floats(0.5, 2),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_minimum_is_missed_that_scipy_finds_from_many_starts(numbers):
    surface = typed(hills(numbers))
    for at, signs in (
        *((at, [1, 1]) for at in surface.minima),
        *((at, [-1, 1]) for at in surface.saddles),
        *((at, [-1, -1]) for at in surface.maxima),
    ):
        point = np.array(at)
        assert np.abs(gradient(surface.fn, point)).max() < 1e-9
        curvatures = np.linalg.eigvalsh(hessian(surface.fn, point))
        assert np.sign(curvatures).tolist() == signs
    rng = np.random.default_rng(7)
    for start in rng.uniform(-4, 4, (20, 2)):
        end = minimize(
            lambda w: float(loss_at(surface.fn, w)),
            start,
            jac=lambda w: gradient(surface.fn, w),
            method="L-BFGS-B",
            options={"ftol": 1e-15, "gtol": 1e-10},
        ).x
        low, high = np.linalg.eigvalsh(hessian(surface.fn, end))
        # At the border, or somewhere in a valley that is level.
        if np.abs(end).max() > 3.99 or low < 1e-4 * high:
            continue
        assert any(math.dist(end, at) < 1e-3 for at in surface.minima), (start, end)


def test_a_place_is_a_minimum_only_if_all_around_it_is_higher():
    surface = typed("100*sqrt(abs(y - 0.01*x^2)) + 0.01*abs(x + 10)")
    bukin, domain = surface.loss.at_many(), Domain(-15, -5, -3, 3)
    assert is_minimum(bukin, domain, (-10.0, 1.0))
    # On the crease it only falls along the crease.
    assert not is_minimum(bukin, domain, (-9.0, 0.81))
    assert not is_minimum(bukin, domain, (-10.0, 1.1))
    assert not is_minimum(bukin, domain, (-20.0, 4.0)), "outside"


CREASED = {
    "one crease": lambda u, v: np.abs(u) + v**2,
    "a flat way along it": lambda u, v: np.abs(u) + v**4,
    "a cusp": lambda u, v: np.sqrt(np.abs(u)) + v**2,
    "two creases": lambda u, v: np.maximum(np.abs(u), 3 * np.abs(v)),
}


@settings(max_examples=8)
@given(
    power=st.floats(-2, 3),
    middle=st.tuples(st.floats(-0.7, 0.7), st.floats(-0.7, 0.7)),
    turn=st.floats(0, np.pi),
)
@pytest.mark.parametrize("kind", CREASED)
def test_a_minimum_on_a_crease_is_found_wherever_it_lies(kind, power, middle, turn):
    size = 10.0**power
    cosine, sine = np.cos(turn), np.sin(turn)

    def losses(points):
        x, y = np.moveaxis(points / size - np.array(middle), -1, 0)
        return CREASED[kind](cosine * x + sine * y, cosine * y - sine * x)

    found = lowest_points(losses, Domain(-size, size, -size, size))
    accuracy = 0.02 if kind == "a flat way along it" else 1e-3
    assert close(found, [np.multiply(size, middle).tolist()], accuracy * size)


LEVEL = {
    "a corner": np.abs,
    "a root": lambda d: np.sqrt(np.abs(d)),
    "a logarithm": lambda d: np.log(1e-9 + np.abs(d)),
    "smooth": lambda d: d**2,
}


@settings(max_examples=8)
@given(level=st.floats(0.3, 3), power=st.floats(-2, 3), slope=st.floats(0.3, 3))
@pytest.mark.parametrize("kind", LEVEL)
def test_along_a_valley_that_is_level_there_is_no_minimum(kind, level, power, slope):
    size = 10.0**power
    domain = Domain(-4 * size, 4 * size, -4 * size, 4 * size)
    valleys = (
        lambda x, y: slope * x**2 + y**2 - 4 * level,
        lambda x, y: x * y - level,
        lambda x, y: x + slope * y - level,
    )
    for distance in valleys:
        found = lowest_points(
            lambda points, distance=distance: LEVEL[kind](
                distance(points[..., 0] / size, points[..., 1] / size)
            ),
            domain,
        )
        assert found == ()


def test_no_more_is_marked_than_a_map_can_show():
    surface = typed("sin(10*x) + sin(10*y)")
    for places in (surface.minima, surface.saddles, surface.maxima):
        assert len(places) == MOST
    assert not surface.lists_all_critical_points


@pytest.mark.parametrize("text", ["x^2 + sin(3*y)", "abs(x) + y^2"])
def test_a_formula_is_not_searched_where_others_wait(text):
    surface = typed(text)
    # So that nothing is left to compile.
    regularized(surface, 0.123)
    regularized(SURFACES["beale"], 0.25)
    with only_ready():
        regularized(surface, 0.123)
        with pytest.raises(NotReady):
            regularized(surface, 0.124)
    assert regularized(surface, 0.124).l2 == 0.124
    with only_ready():
        regularized(surface, 0.124)
        # Of a surface that is declared, the search takes a few milliseconds.
        regularized(SURFACES["beale"], 0.5)
