"""Derivatives as formulas are those that JAX finds, kinks included."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from surfaces import SURFACES
from surfaces.declared import FormulaLoss
from surfaces.formula import parse
from surfaces.formula.derivative import derivative
from surfaces.formula.evaluation import evaluate
from surfaces.formula.functions import FUNCTIONS, Function
from tests.rule_runs import fast_to_compile

TYPED = (
    *(f"{name}(0.3x + 0.2y^2) y" for name, f in FUNCTIONS.items() if f.arity == 1),
    *(f"{name}(x y, x - 0.4) + x" for name, f in FUNCTIONS.items() if f.arity == 2),
    "where(x < y and not x == 0.4, x^2 y, 2x y^3) + sinc(0.1x + 0.01y)",
    "sum(k, 0, 3, x^k y)/2 + sum(j, 1, 3, sin(j x y)/j)",
    "where(x < 1, y, log(1 - y))",
    "min(x, y, x y) max(x, 0.1, y^2)",
    "2^(x y) + x^y + e^x + (x^2 + 1)^(y/3) + 3^-x",
    "x^1.5 + x^0.5 + y^-2 + x^(1/3) + y^64 + y^65",
    "x/y/(x + 2)/3 + 1/x - 2/(3 - -y)",
    "log(sigmoid(3x - y)) + log(x)/log10(y + 2)",
    "(x - 1)^2/2 - -(y + 0x)^1 + pi x",
)


@pytest.fixture(autouse=True)
def one_more_word(monkeypatch):
    # As a script defines it.
    nonzero = Function(1, lambda m, a: m.where(a == 0, 1.0, a))
    monkeypatch.setitem(FUNCTIONS, "nonzero", nonzero)


def value(definitions, node, known):
    for name, part in definitions:
        known = known | {name: evaluate(part, known, np)}
    return evaluate(node, known, np)


def compared(expression, params, points):
    """Largest deviation of first and second derivatives, relative to their size."""

    def loss(point):
        arrays = {name: jnp.asarray(number) for name, number in params.items()}
        return expression.evaluate(point[0], point[1], jnp, arrays)

    with jax.numpy_dtype_promotion("standard"):
        slopes = np.array(fast_to_compile(jax.vmap(jax.grad(loss)))(points))
        curves = np.array(fast_to_compile(jax.vmap(jax.hessian(loss)))(points))
    worst = 0.0
    definitions = tuple(reversed(expression.definitions))
    numbers = {name: np.float64(number) for name, number in params.items()}
    for k, (x, y) in enumerate(points):
        known = {"x": x, "y": y, **numbers}
        for i, first in enumerate("xy"):
            more, slope = derivative(definitions, expression.node, first)
            pairs = [(value(more, slope, known), slopes[k, i])]
            for j, second in enumerate("xy"):
                curve = value(*derivative(more, slope, second), known)
                pairs.append((curve, curves[k, i, j]))
            for ours, theirs in pairs:
                if np.isnan(ours) and np.isnan(theirs):
                    continue
                if ours != theirs:
                    worst = max(worst, abs(ours - theirs) / max(1, abs(theirs)))
    return worst


POINTS = np.array([[0.31, 0.57], [1.4, 0.83], [0.7, 1.9], [2.2, 0.45]])


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_typed_formulas(text):
    assert compared(parse(text), {}, POINTS) <= 1e-9


@pytest.mark.parametrize(
    "surface",
    [one for one in SURFACES.values() if one.formula],
    ids=lambda surface: surface.key,
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_declared_surfaces(surface):
    expression = FormulaLoss(surface.formula, type(surface.params)).expression
    x_low, x_high, y_low, y_high = surface.domain
    scale = np.array([x_high - x_low, y_high - y_low])
    shares = np.array([[0.17, 0.29], [0.61, 0.83], [0.53, 0.44]])
    points = np.array([x_low, y_low]) + shares * scale
    assert compared(expression, surface.params._asdict(), points) <= 1e-9


@pytest.mark.parametrize(
    ("text", "point", "slope"),
    [
        ("|x| + y", (0.0, 1.0), 0.0),
        ("sqrt(x^2 + y^2)", (0.0, 0.0), 0.0),
        ("hypot(x, y)", (0.0, 0.0), 0.0),
        ("cbrt(x) + y", (0.0, 0.0), 0.0),
        ("x^0.5 + x^1.5", (0.0, 0.0), 0.0),
        ("max(x, 3x) + y", (0.0, 0.0), 2.0),
        ("min(x, 0)", (0.0, 0.0), 0.5),
        ("floor(x) + sign(x)", (0.0, 0.0), 0.0),
        ("where(x > 0, sqrt(x) + log(x), 3x)", (0.0, 0.0), 3.0),
        ("sum(k, 0, 2, x^k)", (0.0, 0.0), 1.0),
    ],
)
def test_at_kinks_the_slope_is_the_one_that_the_page_takes(text, point, slope):
    expression = parse(text)
    known = dict(zip("xy", map(np.float64, point), strict=True))
    with np.errstate(all="ignore"):
        assert value(*derivative((), expression.node, "x"), known) == slope
    assert compared_slopes(expression, point) == slope


@pytest.mark.parametrize("x", [0.0, 1e-9, 1e-5, 0.0999, 0.1, 0.1001, 3.0])
def test_sinc_and_its_derivatives_beside_zero(x):
    expression = parse("sinc(x) + y")
    known = {"x": np.float64(x), "y": np.float64(0.0)}
    first = derivative((), expression.node, "x")
    mpmath.mp.dps = 60
    for made, order in ((first, 1), (derivative(*first, "x"), 2)):
        exact = float(mpmath.diff(mpmath.sinc, mpmath.mpf(x), order))
        with np.errstate(all="ignore"):
            assert value(*made, known) == pytest.approx(exact, rel=1e-11, abs=1e-14)

    def by_jax(x):
        return expression.evaluate(x, jnp.zeros(()), jnp)

    for order in range(4):
        exact = float(mpmath.diff(mpmath.sinc, mpmath.mpf(x), order))
        assert by_jax(jnp.asarray(x)) == pytest.approx(exact, rel=1e-9, abs=1e-12)
        by_jax = jax.grad(by_jax)


def compared_slopes(expression, point):
    def loss(point):
        return expression.evaluate(point[0], point[1], jnp)

    return float(jax.grad(loss)(jnp.array(point))[0])
