"""Formulas with numbers that a reader turns: `a*x^2 + y^2 with a = 1 in 0..10`."""

from urllib.parse import parse_qsl

import numpy as np
import pytest

from optim import OPTIMIZERS, descend
from surfaces import Domain, FormulaError, parse_formula, typed_surface
from surfaces.formula.sliders import MOST_SLIDERS
from views.code import TARGETS, script
from views.describe import describe
from views.race import run_race
from views.setup import Setup

BOWL = (
    "a*(x - b)^2 + kappa*y^2 with a = 1 in 0.1..10, b = 0.5 in -1..1, kappa = 3 in 1..9"
)
SQUARE = Domain(-2.0, 2.0, -2.0, 2.0)


def parsed(**texts):
    setup, problems = Setup.parse([("surface", "formula"), *texts.items()])
    assert problems == ()
    return setup


def test_they_are_parameters_of_the_surface():
    surface = typed_surface(BOWL, SQUARE)
    assert surface.params._asdict() == {"a": 1.0, "b": 0.5, "kappa": 3.0}
    assert surface.latex == r"a \, (x - b)^{2} + \kappa y^{2}"
    np.testing.assert_allclose(surface.minima, [(0.5, 0.0)], atol=1e-12)
    assert typed_surface(BOWL, SQUARE) is surface


def test_at_each_value_it_is_the_formula_with_that_number():
    for a, b, kappa in ((2.0, -0.75, 1.5), (0.1, 1.0, 9.0)):
        setup = parsed(f=BOWL, a=str(a), b=str(b), kappa=str(kappa), steps="50")
        plain = parsed(
            f=f"{a}*(x - ({b}))^2 + {kappa}*y^2", steps="50",
            start=",".join(map(repr, setup["start"])),
            **{f"{key}.lr": repr(setup.hypers(key).lr) for key in setup["on"]},
        )  # fmt: skip
        runs, others = run_race(setup).runs, run_race(plain).runs
        for key, run in runs.items():
            np.testing.assert_allclose(
                run.points, others[key].points, rtol=1e-12, atol=1e-12, err_msg=key
            )
            assert run.outcome.kind == others[key].outcome.kind


def test_its_minima_follow_its_numbers():
    setup = parsed(f=BOWL, b="-0.25")
    np.testing.assert_allclose(setup.surface.minima, [(-0.25, 0.0)], atol=1e-9)
    both, problems = setup.edited({"l2": "2"})
    assert problems == ()
    # a (x - b)^2 + x^2 is lowest where x = a b / (a + 1).
    np.testing.assert_allclose(both.surface.minima, [(-0.125, 0.0)], atol=1e-9)
    double = parsed(f="(x^2 - a)^2 + y^2 with a = 1 in -1..2")
    assert len(double.surface.minima) == 2
    single, _ = double.edited({"a": "-0.5"})
    np.testing.assert_allclose(single.surface.minima, [(0.0, 0.0)], atol=1e-9)


def test_the_page_has_a_slider_for_each_and_the_address_its_value():
    setup = parsed(f=BOWL, a="4")
    sliders = {slider["key"]: slider for slider in describe(setup)["params"]}
    assert list(sliders) == ["a", "b", "kappa"]
    assert (sliders["a"]["value"], sliders["a"]["scale"]) == (4.0, "log")
    assert (sliders["kappa"]["symbol"], sliders["kappa"]["low"]) == ("κ", 1.0)
    again, problems = Setup.parse(parse_qsl(setup.query))
    assert (again, problems) == (setup, ())


def test_another_formula_keeps_what_it_still_has():
    setup = parsed(f=BOWL, a="4", b="-0.5")
    other, problems = setup.edited({"f": "a*x^2 + y^2 with a = 1 in 0..10"})
    assert (problems, other["a"], "b" in other.values) == ((), 4.0, False)
    narrow, problems = setup.edited({"f": "a*x^2 + y^2 with a = 1 in 0..2"})
    assert (problems, narrow["a"]) == ((), 1.0)


def test_what_is_printed_is_read_again():
    expression = parse_formula(BOWL)
    assert parse_formula(expression.text) == expression
    assert expression.text.endswith(
        "with a = 1 in 0.1..10, b = 0.5 in -1..1, kappa = 3 in 1..9"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a*x with a = 1", "`a = 1` declares no number"),
        ("a*x with", "declares no number"),
        ("a*x with a = 5 in 0..2", "out of its range, 0 to 2"),
        ("a*x with a = 1 in 2..0", "from a lower number to a higher one"),
        ("a*x with a = 1e999 in 0..2", "too large"),
        ("x with a = 1 in 0..2", "`a` is declared, and the formula has none"),
        ("a*x with a = 1 in 0..2, a = 1 in 0..3", "`a` is declared twice"),
        ("a*x with a = 1 in 0..2 with b = 1 in 0..2", "says `with` twice"),
        ("e*x with e = 1 in 0..2", "`e` cannot be the name"),
        ("x*y with x = 1 in 0..2", "`x` cannot be the name"),
        ("sin*x with sin = 1 in 0..2", "`sin` cannot be the name"),
        ("lambda*x with lambda = 1 in 0..2", "`lambda` cannot be the name"),
        ("ab*x with ab = 1 in 0..2", "`ab` cannot be the name"),
        ("a with a = 1 in 0..2", "uses neither x nor y"),
        (
            "*".join("abcdghk") + "*x with "
            + ", ".join(f"{k} = 1 in 0..2" for k in "abcdghk"),
            f"more than {MOST_SLIDERS} sliders",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(FormulaError, match=words):
        typed_surface(text, SQUARE)


def test_an_exponent_may_be_turned():
    surface = typed_surface("|x|^p + y^2 with p = 1.5 in 1..4", SQUARE)
    run = descend(surface, OPTIMIZERS["adam"], (1.5, 1.0), num_steps=200)
    assert np.isfinite(run.points).all()
    plain = typed_surface("|x|^1.5 + y^2", SQUARE)
    other = descend(
        plain, OPTIMIZERS["adam"], (1.5, 1.0), {"lr": surface.recommended["adam"]}, 200
    )
    np.testing.assert_allclose(run.points, other.points, atol=1e-9)


def test_code_has_the_numbers_by_name():
    setup = parsed(f=BOWL, a="4", on="gradient_descent")
    text = script(setup, TARGETS["numpy"], "http://page/")
    assert "a = 4.0\nb = 0.5\nkappa = 3.0\n" in text
