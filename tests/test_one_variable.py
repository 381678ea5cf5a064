"""A loss of one variable, as the player is given it to draw its curve."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from surfaces import Domain, regularized, typed_surface
from surfaces.formula.functions import CONDITIONS, FUNCTIONS
from views.describe import describe
from views.one_variable import curve_of
from views.setup import Setup
from views.story import places

WIDE = Domain(-2.0, 3.0, -1.0, 1.0)
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
    assert list(page["beside"])[:2] == ["3d", "curve"]
    assert places(setup.surface) == "the same for every y"
    assert describe(Setup())["curve"] is None
    assert "curve" not in describe(Setup())["beside"]
