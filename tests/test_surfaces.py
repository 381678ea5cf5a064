"""Every surface against finite differences, published figures and a search.

A new surface is tested by being declared. What is published about it goes into
`PUBLISHED`, with the formula written once more in plain numpy.
"""

from functools import partial

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import root

from optim import OPTIMIZERS
from surfaces import SURFACES, Domain, NoKnobs, Param, params, sample

on_every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)


@jax.jit
def value(fn, point):
    return fn(point)


@jax.jit
def values(fn, points):
    return jax.vmap(fn)(points)


@jax.jit
def gradient(fn, point):
    return jax.grad(fn)(point)


@jax.jit
def gradients(fn, points):
    return jax.vmap(jax.grad(fn))(points)


@jax.jit
def hessian(fn, point):
    return jax.hessian(fn)(point)


def with_knobs(surface):
    """The surface at drawn knobs; itself if it has none."""
    knobs = st.from_type(type(surface.knobs))
    return knobs.map(lambda drawn: surface.turned(**drawn._asdict()))


def points_in(surface):
    domain = surface.domain
    return st.tuples(
        st.floats(domain.x_low, domain.x_high), st.floats(domain.y_low, domain.y_high)
    ).map(np.array)


def lattice(domain, size):
    x, y = np.meshgrid(
        np.linspace(domain.x_low, domain.x_high, size),
        np.linspace(domain.y_low, domain.y_high, size),
    )
    return np.stack([x.ravel(), y.ravel()], axis=1)


def steepness(surface):
    """The largest slope in the domain, by which 'no slope' is judged."""
    slopes = gradients(surface.fn, lattice(surface.domain, 21))
    return float(np.abs(slopes).max())


def newton_step(fn, point):
    """How far Newton's method would still go; 0 where there is no curvature at all."""
    slope = np.asarray(gradient(fn, point))
    return np.linalg.norm(np.linalg.lstsq(np.asarray(hessian(fn, point)), slope)[0])


def circle(center, radius, count=120):
    """Points around a center, none of them on an axis."""
    turn = 2 * np.pi * (np.arange(count) + 0.382) / count
    return np.array(center) + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def small_circles(surface, center):
    for share in (1e-2, 1e-3, 1e-4):
        yield np.asarray(
            values(surface.fn, circle(center, share * surface.domain.diagonal))
        )


# -- what is declared -----------------------------------------------------------------


@on_every_surface
def test_declaration(surface):
    assert SURFACES[surface.key] is surface
    for text in (surface.label, surface.formula, surface.teaches, surface.source):
        assert text.strip() == text != ""
    x_low, x_high, y_low, y_high = surface.domain
    assert x_low < x_high
    assert y_low < y_high
    assert surface.domain.contains(np.array(surface.start))
    for critical in (*surface.minima, *surface.saddles):
        assert surface.domain.contains(np.array(critical))
    assert np.abs(gradient(surface.fn, np.array(surface.start))).max() > 0
    assert surface.steps > 0


@on_every_surface
def test_learning_rates_are_declared_for_the_five(surface):
    five = {"gradient_descent", "momentum", "adagrad", "rmsprop", "adam"}
    assert set(surface.learning_rates) == five
    for key, lr in surface.learning_rates.items():
        assert params(OPTIMIZERS[key].hypers)["lr"].check(lr) == lr


@on_every_surface
def test_knobs_are_declared_and_allowed(surface):
    declared = params(type(surface.knobs))
    assert tuple(declared) == surface.knobs._fields
    for name, knob in surface.knobs._asdict().items():
        assert isinstance(declared[name], Param)
        assert declared[name].check(knob) == knob


@on_every_surface
def test_lowest_and_level(surface):
    heights = [value(surface.fn, np.array(at)) for at in surface.minima]
    assert surface.lowest == (min(heights) if heights else None)
    # A logarithmic level needs something to measure from, and nothing below it.
    assert surface.level in ("linear", "log")
    if surface.level == "log":
        assert sample(surface).z.min() >= surface.lowest


def test_domain():
    domain = Domain(-1.0, 2.0, 3.0, 7.0)
    assert domain.diagonal == 5
    points = np.array(
        [[-1, 3], [2, 7], [0, 5], [-1.1, 5], [2.1, 5], [0, 2.9], [0, 7.1]]
    )
    assert domain.contains(points).tolist() == [True] * 3 + [False] * 4
    assert not domain.contains(np.array([np.nan, 5])).any()
    assert not domain.contains(np.array([1, np.nan])).any()
    assert not domain.contains(np.array([[np.inf, 5], [1, -np.inf]])).any()


# -- gradients ------------------------------------------------------------------------


@on_every_surface
@settings(max_examples=40)
@given(data=st.data())
def test_gradient_is_the_finite_difference(surface, data):
    surface = data.draw(with_knobs(surface))
    point = data.draw(points_in(surface))
    # The central difference that is exact up to the fifth power of the step.
    h = 1e-3
    along = np.array([[h, 0], [0, h]])
    slopes = np.array(
        [
            8 * (value(surface.fn, point + e) - value(surface.fn, point - e))
            - (value(surface.fn, point + 2 * e) - value(surface.fn, point - 2 * e))
            for e in along
        ]
    ) / (12 * h)
    height = abs(value(surface.fn, point))
    # Rounding of the heights over h, and room for the fifth derivative times h^4.
    error = 1e-8 * (1 + np.abs(slopes)) + 1e-12 * height
    assert (np.abs(gradient(surface.fn, point) - slopes) <= error).all()


@on_every_surface
def test_gradient_is_finite_everywhere(surface):
    marked = [*surface.minima, *surface.saddles, surface.start, (0.0, 0.0)]
    points = np.concatenate([lattice(surface.domain, 151), marked])
    assert np.isfinite(values(surface.fn, points)).all()
    assert np.isfinite(gradients(surface.fn, points)).all()


# -- critical points ------------------------------------------------------------------


@on_every_surface
@settings(max_examples=10)
@given(data=st.data())
def test_declared_minima_are_minima(surface, data):
    surface = data.draw(with_knobs(surface))
    for at in surface.minima:
        point = np.array(at)
        assert np.abs(gradient(surface.fn, point)).max() <= 1e-12 * steepness(surface)
        assert newton_step(surface.fn, point) <= 1e-14 * surface.domain.diagonal
        # Semidefinite will do: the neighbours below decide.
        curvatures = np.linalg.eigvalsh(hessian(surface.fn, point))
        assert curvatures.min() >= -1e-12 * curvatures.max()
        here = value(surface.fn, point)
        for heights in small_circles(surface, at):
            assert heights.min() > here


@on_every_surface
@settings(max_examples=10)
@given(data=st.data())
def test_declared_saddles_are_saddles(surface, data):
    surface = data.draw(with_knobs(surface))
    for at in surface.saddles:
        point = np.array(at)
        assert np.abs(gradient(surface.fn, point)).max() <= 1e-12 * steepness(surface)
        assert newton_step(surface.fn, point) <= 1e-14 * surface.domain.diagonal
        curvatures = np.linalg.eigvalsh(hessian(surface.fn, point))
        degenerate = np.abs(curvatures).max() == 0
        assert degenerate or curvatures[0] < 0 < curvatures[1]
        here = value(surface.fn, point)
        for heights in small_circles(surface, at):
            assert heights.min() < here < heights.max()


def critical_points(surface):
    """The points in the domain that Newton's method reaches from a lattice."""
    fn, found = surface.fn, []
    for start in lattice(surface.domain, 17):
        # Off the lattice, where a Hessian may be singular by symmetry.
        answer = root(
            partial(gradient, fn),
            start + 0.0123,
            jac=partial(hessian, fn),
            options={"xtol": 1e-13},
        )
        if not surface.domain.contains(answer.x):
            continue
        # A valley that only flattens out has no slope to speak of, but is far from
        # where Newton's next step would lead. At a degenerate point those steps
        # shrink by halves, and root() may stop early.
        if newton_step(fn, answer.x) <= 1e-5 * surface.domain.diagonal:
            found.append(answer.x)
    return np.array(found)


@on_every_surface
def test_nothing_undeclared_is_found(surface):
    found = critical_points(surface)
    declared = np.array([*surface.minima, *surface.saddles])
    distances = np.linalg.norm(found[:, None] - declared, axis=2)
    near = 1e-4 * surface.domain.diagonal
    assert (distances.min(axis=0) <= near).all(), "not every declared one is found"
    for point in found[distances.min(axis=1) > near]:
        curvatures = np.linalg.eigvalsh(hessian(surface.fn, point))
        assert (curvatures < 0).all(), f"an undeclared minimum or saddle at {point}"


# -- published figures ----------------------------------------------------------------


def _beale(x, y):
    return sum((c - x * (1 - y**i)) ** 2 for i, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def _ravine(x, y, kappa=30.0, angle=0.0):
    w = (x + 1j * y) * np.exp(-1j * np.deg2rad(angle))
    return 0.5 * w.real**2 + 0.5 * kappa * w.imag**2


FORMULAS = {
    "saddle": lambda x, y: (x - y) * (x + y),
    "monkey_saddle": lambda x, y: ((x + 1j * y) ** 3).real,
    "ravine": _ravine,
    "rosenbrock": lambda x, y: (x - 1) ** 2 + (10 * y - 10 * x * x) ** 2,
    "himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (y * y + x - 7) ** 2,
    "beale": _beale,
}

# By surface: domain, minimizers, their height, saddles; to the digits published.
PUBLISHED = {
    "saddle": ((-2, 2, -2, 2), [], None, [(0, 0)]),
    "rosenbrock": ((-2, 2, -1, 3), [(1, 1)], 0, []),
    "himmelblau": (
        (-5, 5, -5, 5),
        [
            (3, 2),
            (-2.805118, 3.131312),
            (-3.779310, -3.283186),
            (3.584428, -1.848126),
        ],
        0,
        None,
    ),
    "beale": ((-4.5, 4.5, -4.5, 4.5), [(3, 0.5)], 0, None),
}


@pytest.mark.parametrize("key", FORMULAS)
@settings(max_examples=40)
@given(data=st.data())
def test_published_formula(key, data):
    surface = data.draw(with_knobs(SURFACES[key]))
    x, y = data.draw(points_in(surface))
    expected = FORMULAS[key](x, y, *surface.knobs)
    # Squares of differences: rounding is measured by the largest term.
    largest = np.abs(sample(surface, 5).z).max()
    assert value(surface.fn, np.array([x, y])) == pytest.approx(
        expected, rel=1e-12, abs=1e-14 * largest
    )


@pytest.mark.parametrize("key", PUBLISHED)
def test_published_critical_points(key):
    surface = SURFACES[key]
    domain, minima, height, saddles = PUBLISHED[key]
    assert surface.domain == domain
    # 1.5e-6: the last digit is cut in some sources and rounded in others.
    np.testing.assert_allclose(
        sorted(surface.minima), sorted(minima), atol=1.5e-6, rtol=0
    )
    for at in surface.minima:
        assert value(surface.fn, np.array(at)) == pytest.approx(height, abs=1e-20)
    if saddles is not None:
        assert sorted(surface.saddles) == saddles


def test_rosenbrock_curvatures():
    curvatures = np.linalg.eigvalsh(hessian(SURFACES["rosenbrock"].fn, np.ones(2)))
    assert curvatures[0] == pytest.approx(0.39936, abs=5e-6)
    assert curvatures[1] == pytest.approx(1001.60, abs=5e-3)
    # Gradient descent is stable below 2 / curvature.
    assert 2 / curvatures[1] == pytest.approx(0.001997, abs=5e-7)


@settings(max_examples=50)
@given(surface=with_knobs(SURFACES["ravine"]), data=st.data())
def test_ravine_curvatures(surface, data):
    point = data.draw(points_in(surface))
    curvatures, axes = np.linalg.eigh(hessian(surface.fn, point))
    kappa, angle = surface.knobs
    np.testing.assert_allclose(curvatures, [1, kappa], rtol=1e-11)
    if kappa > 1.01:
        floor = [np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]
        assert abs(axes[:, 0] @ floor) == pytest.approx(1, abs=1e-12)


# -- knobs and samples ----------------------------------------------------------------


def test_turned():
    ravine = SURFACES["ravine"]
    turned = ravine.turned(kappa=7.0)
    assert turned.knobs == (7.0, ravine.knobs.angle)
    assert ravine.knobs == type(ravine.knobs)()
    assert turned.key == ravine.key
    point = np.array([0.0, 1.0])
    assert value(turned.fn, point) == 3.5
    assert value(ravine.fn, point) == 15.0
    assert value(ravine.turned(kappa=7.0, angle=90.0).fn, point) == pytest.approx(0.5)
    # The floor, at angle 0 along x, is turned towards y, as in (cos, sin).
    diagonal = ravine.turned(angle=45.0).fn
    assert value(diagonal, np.array([1.0, 1.0])) == pytest.approx(1)
    assert value(diagonal, np.array([1.0, -1.0])) == pytest.approx(30)


def test_turned_refuses_what_is_no_knob():
    with pytest.raises(ValueError, match="depth"):
        SURFACES["ravine"].turned(depth=1.0)
    with pytest.raises(ValueError, match="kappa"):
        SURFACES["saddle"].turned(kappa=1.0)
    assert SURFACES["saddle"].turned().knobs == NoKnobs()


@on_every_surface
@settings(max_examples=5)
@given(data=st.data())
def test_sample_is_the_loss_at_each_point(surface, data):
    surface = data.draw(with_knobs(surface))
    x, y, z = sample(surface, 9)
    domain = surface.domain
    np.testing.assert_allclose(x, np.linspace(domain.x_low, domain.x_high, 9))
    np.testing.assert_allclose(y, np.linspace(domain.y_low, domain.y_high, 9))
    assert (x[0], x[-1], y[0], y[-1]) == domain
    assert z.shape == (9, 9)
    assert z.dtype == np.float64
    for i, j in ((0, 0), (0, 8), (8, 0), (2, 6), (5, 1)):
        here = value(surface.fn, np.array([x[i], y[j]]))
        np.testing.assert_allclose(z[j, i], here, rtol=1e-12, atol=1e-12)


def test_sample_sizes():
    assert sample(SURFACES["beale"]).z.shape == (151, 151)
    x, y, z = sample(SURFACES["beale"], 2)
    assert (x.tolist(), y.tolist(), z.shape) == ([-4.5, 4.5], [-4.5, 4.5], (2, 2))
