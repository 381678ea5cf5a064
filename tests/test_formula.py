"""Formulas a reader types: read, printed, evaluated, refused, and forgotten again."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy import special

from optim import OPTIMIZERS, descend
from surfaces import (
    SURFACES,
    Domain,
    FormulaError,
    parse_formula,
    parse_range,
    regularized,
    sample,
    typed,
    typed_surface,
)
from surfaces.compiled import ephemeral_loss
from surfaces.formula import (
    FUNCTIONS,
    KNOWN,
    MOST,
    Binary,
    Call,
    Expression,
    Name,
    Negative,
    Number,
    Sum,
)
from surfaces.formula.nodes import written_out

SQUARE = Domain(-3.0, 3.0, -3.0, 3.0)
RIGHT = np.random.RandomState(0).uniform(0.1, 0.9, (20, 2))
"""Points where every formula below is smooth and defined."""

FORMULAS = {
    "x": lambda x, y: x,
    "y - x": lambda x, y: y - x,
    "-x^2": lambda x, y: -(x * x),
    "(-x)^2": lambda x, y: x * x,
    "2^3^2 + 0*x": lambda x, y: 512 + 0 * x,
    "(2^3)^2 + 0*x": lambda x, y: 64 + 0 * x,
    "2^-1*x": lambda x, y: x / 2,
    "x**-2": lambda x, y: 1 / x / x,
    "6/3/2*x": lambda x, y: x,
    "6/(3/2)*x": lambda x, y: 4 * x,
    "1 - 2 - 3*y": lambda x, y: -1 - 3 * y,
    "1 - (2 - 3*y)": lambda x, y: -1 + 3 * y,
    "x--y": lambda x, y: x + y,
    "+x*-y": lambda x, y: -x * y,
    "1.5*x + 2e-3*y + .5 + 3.": lambda x, y: 1.5 * x + 0.002 * y + 3.5,
    "x² + 3×y³ − 2·x⋅y ÷ π": lambda x, y: (
        x**2 + 3 * y**3 - 2 * x * y / 3.141592653589793
    ),
    "x**2 + 3*sin(x*y)": lambda x, y: x**2 + 3 * np.sin(x * y),
    "pi*cos(x) - e^y": lambda x, y: np.pi * np.cos(x) - np.exp(y),
    "tan(x) + asin(y)": lambda x, y: np.tan(x) + np.arcsin(y),
    "acos(x) + atan(y)": lambda x, y: np.arccos(x) + np.arctan(y),
    "sinh(x)*cosh(y)/tanh(x)": lambda x, y: np.sinh(x) * np.cosh(y) / np.tanh(x),
    "exp(-x^2/2 - y^2)": lambda x, y: np.exp(-(x**2) / 2 - y**2),
    "log(x)*ln(y) - log10(x)": lambda x, y: np.log(x) * np.log(y) - np.log10(x),
    "sqrt(x) + abs(x - 1)": lambda x, y: np.sqrt(x) + np.abs(x - 1),
    "sign(x) + floor(x + 5.1) + y": lambda x, y: 6 + np.floor(x + 0.1) + y,
    "ceil(y - 2)*x": lambda x, y: -x,
    "min(x, y + 1) + max(x, y + 1)": lambda x, y: x + y + 1,
    "atan2(y, x)": lambda x, y: np.angle(x + 1j * y),
    "hypot(x, y)": lambda x, y: np.sqrt(x**2 + y**2),
    "pow(x + 1, 2.5)": lambda x, y: (x + 1) ** 2.5,
    "sigmoid(3*x - y)": lambda x, y: 1 / (1 + np.exp(y - 3 * x)),
    "x^y": lambda x, y: np.exp(y * np.log(x)),
    "x^(4/2)": lambda x, y: x**2,
    "log2(x) - cbrt(y)": lambda x, y: np.log2(x) - np.cbrt(y),
    "sec x + csc(y)": lambda x, y: 1 / np.cos(x) + 1 / np.sin(y),
    "cot^2(x) - sech(y)": lambda x, y: 1 / np.tan(x) ** 2 - 1 / np.cosh(y),
    "csch(x) coth(y)": lambda x, y: 1 / np.sinh(x) / np.tanh(y),
    "relu(x - y)": lambda x, y: np.maximum(x - y, 0),
    "x step(x - y) + step(0)": lambda x, y: x * np.heaviside(x - y, 0.5) + 0.5,
    "square(x + y)": lambda x, y: (x + y) ** 2,
    "np.sin(x)*math.pi": lambda x, y: np.sin(x) * np.pi,
    "Math.pow(x, 2) + jnp.maximum(x, y)": lambda x, y: x**2 + np.maximum(x, y),
    "2np.exp(x) + np.arctan2(y, x)": lambda x, y: 2 * np.exp(x) + np.arctan2(y, x),
    "mod(7.7*x, y + 1.05)": lambda x, y: (
        7.7 * x - (y + 1.05) * np.floor(7.7 * x / (y + 1.05))
    ),
    "min(x + 1, y + 2, 2*x) + max(x, y + 1, x*y, 0.5)": lambda x, y: (
        np.minimum(np.minimum(x + 1, y + 2), 2 * x) + y + 1
    ),
    "asinh(x) + arccosh(1 + y) - artanh(x)": lambda x, y: (
        np.log(x + np.sqrt(x**2 + 1))
        + np.log(1 + y + np.sqrt((1 + y) ** 2 - 1))
        - np.log((1 + x) / (1 - x)) / 2
    ),
    "erf(2x - y)": lambda x, y: special.erf(2 * x - y),
    "sinc(5x) + sinc(y/100)": lambda x, y: (
        np.sin(5 * x) / (5 * x) + (np.sin(y / 100) / (y / 100))
    ),
    "7.7x % (y + 1.05)": lambda x, y: np.mod(7.7 * x, y + 1.05),
    "where(x > y, x^2, 3y)": lambda x, y: np.where(x > y, x**2, 3 * y),
    "x^2 if x > y else 3y if y > 0.5 else 2": lambda x, y: np.where(
        x > y, x**2, np.where(y > 0.5, 3 * y, 2.0)
    ),
    "2(x if not (x < 0.3 or x > 0.7) and y != x else y)": lambda x, y: (
        2 * np.where((x >= 0.3) & (x <= 0.7), x, y)
    ),
    "where(0.2 < x ≤ 0.6, x, -x)": lambda x, y: np.where((x > 0.2) & (x <= 0.6), x, -x),
    "where((x + y)/2 < 0.5 and (x) >= 0.1, y, 2)": lambda x, y: np.where(
        ((x + y) / 2 < 0.5) & (x >= 0.1), y, 2.0
    ),
    "sum(k, 1, 4, sin(kx)/k) + y": lambda x, y: (
        np.sin(x) + np.sin(2 * x) / 2 + np.sin(3 * x) / 3 + np.sin(4 * x) / 4 + y
    ),
    "sum(i, 0, 2, sum(j, 1, 2, x^i y^j))": lambda x, y: (1 + x + x**2) * (y + y**2),
    "arcsin(x) - arccos(y) + arctan(x)": lambda x, y: (
        np.arcsin(x) - np.arccos(y) + np.arctan(x)
    ),
    "arctan2(y, x)*sgn(y)": lambda x, y: np.angle(x + 1j * y),
    "(1 - x)^2 + 100*(y - x^2)^2": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
}
each_formula = pytest.mark.parametrize("text", FORMULAS)


def gradient(expression, point):
    return np.asarray(
        jax.grad(lambda p: expression.evaluate(p[0], p[1]))(np.array(point, float))
    )


@each_formula
def test_value(text):
    x, y = RIGHT.T
    expected = FORMULAS[text](x, y)
    expression = parse_formula(text)
    for module in (np, jnp):
        value = expression.evaluate(x, y, module)
        assert value.dtype == np.float64
        np.testing.assert_allclose(value, expected, rtol=1e-13, atol=1e-13)


@each_formula
def test_gradient_against_finite_differences(text):
    expression = parse_formula(text)
    for point in RIGHT[:4]:
        h = 1e-6 * np.eye(2)
        expected = [
            (
                FORMULAS[text](*(point + h[i])) - FORMULAS[text](*(point - h[i]))
            ) / 2e-6
            for i in range(2)
        ]  # fmt: skip
        np.testing.assert_allclose(
            gradient(expression, point), expected, rtol=1e-6, atol=1e-7
        )


@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("x^2", (-2, 0), (-4, 0)),
        ("x^2", (0, 0), (0, 0)),
        ("x^1", (0, 0), (1, 0)),
        ("x^0 + y", (0, 0), (0, 1)),
        ("x^3", (-1, 0), (3, 0)),
        ("x^100", (-1, 0), (-100, 0)),
        ("x^2.5", (0, 0), (0, 0)),
        ("(x^2)^0.5", (0, 0), (0, 0)),
        ("x^-1", (-2, 0), (-0.25, 0)),
        ("abs(x)", (0, 0), (0, 0)),
        ("abs(x)", (-2, 0), (-1, 0)),
        ("sqrt(x)", (0, 0), (0, 0)),
        ("sqrt(x^2 + y^2)", (0, 0), (0, 0)),
        ("sqrt(x^2 + y^2)", (-3, 4), (-0.6, 0.8)),
        ("hypot(x, y)", (0, 0), (0, 0)),
        ("hypot(x, y)", (-3, 0), (-1, 0)),
        ("cbrt(x)", (0, 0), (0, 0)),
        ("cbrt(x)", (-8, 0), (1 / 12, 0)),
        ("mod(x, 2)", (-3.5, 0), (1, 0)),
        ("mod(7, y)", (0, 2.5), (0, -2)),
        ("min(x, y)", (1, 1), (0.5, 0.5)),
        ("max(x, y, 2*y)", (0, 1), (0, 2)),
        ("max(x, 2*y)", (0, 1), (0, 2)),
        ("sign(x) + floor(y)", (0, 0), (0, 0)),
        ("sigmoid(x)", (-1000, 0), (0, 0)),
        ("sigmoid(x)", (1000, 0), (0, 0)),
        ("2^x", (0, 0), (np.log(2), 0)),
    ],
)
def test_gradient_where_care_is_needed(text, point, expected):
    np.testing.assert_allclose(gradient(parse_formula(text), point), expected)


def test_constants_have_the_shape_of_x():
    assert parse_formula("3").evaluate(np.zeros((2, 5)), np.zeros((2, 5)), np).shape
    assert parse_formula("1/0").evaluate(jnp.zeros(3), jnp.zeros(3)).shape == (3,)


# -- what is refused ------------------------------------------------------------------

ONLY = "allowed are numbers, names and + - * / ^ ( ) | ,"
NAMED = (
    "known are x, y, pi, e, t and functions such as sin, cos, tan, exp, log, sqrt, "
    "abs, sign, floor, sigmoid, erf, min, max, mod, hypot, where, sum"
)
ALONE = "write f(x, y) alone, such as x^2 + 3*sin(x*y)"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the formula is empty; write one such as x^2 + 3*sin(x*y)"),
        (" \t", "the formula is empty; write one such as x^2 + 3*sin(x*y)"),
        ("x +", "the formula ends where a value is expected"),
        ("x^", "the formula ends where a value is expected"),
        ("-", "the formula ends where a value is expected"),
        ("sin(", "the formula ends where a value is expected"),
        ("min(x,", "the formula ends where a value is expected"),
        ("sin(x))", "unexpected `)` at position 7"),
        ("x + y)", "unexpected `)` at position 6"),
        ("()", "unexpected `)` at position 2, where a value is expected"),
        ("*x", "unexpected `*` at position 1, where a value is expected"),
        ("x**** y", "unexpected `**` at position 4, where a value is expected"),
        ("x*  /y", "unexpected `/` at position 5, where a value is expected"),
        ("(x + y", "the parenthesis at position 1 is never closed"),
        ("2*sin(x", "the parenthesis at position 6 is never closed"),
        ("x, y", "unexpected `,` at position 2"),
        ("(x, y)", "unexpected `,` at position 3"),
        ("1.2.3", "unexpected `.3` at position 4"),
        ("1 + foo(x)", f"unknown name `foo` at position 5; {NAMED}"),
        ("sqr(x)", "unknown name `sqr` at position 1; write x^2"),
        ("fabs(x)", "unknown name `fabs` at position 1; write abs(x)"),
        ("softplus(x)", "unknown name `softplus` at position 1; write log(1 + exp(x))"),
        ("sqt(x)", "unknown name `sqt` at position 1; did you mean `sqrt`?"),
        ("Arctn(x)", "unknown name `Arctn` at position 1; did you mean `arctan`?"),
        ("mix(x, y)", f"unknown name `mix` at position 1; {NAMED}"),
        ("x + x1", f"unknown name `x1` at position 5; {NAMED}"),
        ("x2 + y2", f"unknown name `x2` at position 1; {NAMED}"),
        ("log3(x)", f"unknown name `log3` at position 1; {NAMED}"),
        ("ex", f"unknown name `ex` at position 1; {NAMED}"),
        ("2sinx", "unknown name `sinx` at position 2; did you mean `sin(x)`?"),
        ("cos2x", "unknown name `cos2x` at position 1; did you mean `cos(2x)`?"),
        (
            "log2x",
            "unknown name `log2x` at position 1; did you mean `log(2x)` or `log2(x)`?",
        ),
        ("2 z", f"unknown name `z` at position 3; {NAMED}"),
        ("sin(x, y)", "`sin` takes 1 value, not 2, at position 1"),
        ("x + max(x)", "`max` takes 2 values or more, not 1, at position 5"),
        ("cos()", "`cos` takes 1 value, not 0, at position 1"),
        ("pow(x, y, 2)", "`pow` takes 2 values, not 3, at position 1"),
        ("exp -x", "`exp` at position 1 needs parentheses, such as exp(x)"),
        ("sin x(y + 1)", "`sin` at position 1 needs parentheses, such as sin(x)"),
        ("sin x|y|", "`sin` at position 1 needs parentheses, such as sin(x)"),
        ("sin sin x", "`sin` at position 1 needs parentheses, such as sin(x)"),
        ("sin^-1(x)", "`sin` at position 1 needs parentheses, such as sin(x)"),
        ("sin⁻¹(x)", "`sin` at position 1 needs parentheses, such as sin(x)"),
        ("ln", "`ln` at position 1 needs parentheses, such as ln(x)"),
        ("max x", "`max` at position 1 needs parentheses, such as max(x, y)"),
        ("atan2 + 1", "`atan2` at position 1 needs parentheses, such as atan2(x, y)"),
        ("√x^2", "`√` at position 1 needs parentheses, such as √(x)"),
        ("√xy", "`√` at position 1 needs parentheses, such as √(x)"),
        ("√-x", "`√` at position 1 needs parentheses, such as √(x)"),
        ("x 2", "unexpected `2` at position 3; write x*2 or x^2"),
        ("(x + 1)2", "unexpected `2` at position 8; write (…)*2 or (…)^2"),
        ("|x|2", "unexpected `2` at position 4; write |…|*2 or |…|^2"),
        ("sin(2 2)", "unexpected `2` at position 7"),
        ("1,5x", "unexpected `,` at position 2; a decimal number has a point: 1.5"),
        ("|x", "the bar at position 1 is never closed"),
        ("|y - (x|)", "unexpected `)` at position 9, where a value is expected"),
        ("||", "the formula ends where a value is expected"),
        (
            "|x|y|x|",
            "`|` at position 3 may open or close; write * where it multiplies, "
            "or abs(…)",
        ),
        ("x²^2", "unexpected `^` at position 3 after a power"),
        ("x⁻", "unexpected `⁻` at position 2; " + ONLY),
        ("1e999*x", "the number `1e999` at position 1 is too large"),
        ("x < y", "unexpected `<` at position 3; values are compared in where, as in "
         "where(a > b, 1, 0)"),
        ("x and y", "unexpected `and` at position 3; it belongs to a condition, as in "
         "x^2 if x > 0 else 0"),
        ("where(x, 1, 0)",
         "a comparison such as a < b must stand before `,` at position 8"),
        ("where(x = 1, 1, 0)", "unexpected `=` at position 9; compare by =="),
        ("where(x > 1, y)", "`where` takes 3 values, not 2, at position 1"),
        ("x if y else x",
         "a comparison such as a < b must stand before `else` at position 8"),
        ("x if x > 0",
         "`if` at position 3 has no else behind its condition; write it as in "
         "x^2 if x > 0 else 0"),
        ("where((x > 0), y, 1) else 2", "unexpected `else` at position 22; it belongs "
         "to a condition, as in x^2 if x > 0 else 0"),
        ("sum(2x, y)", "`sum` at position 1 is written as in sum(k, 1, 5, sin(k*x)/k)"),
        ("sum(x, 1, 2, x)", "`sum` at position 1 needs an index of its own, such as k "
         "in sum(k, 1, 5, sin(k*x)/k)"),
        ("sum(k, 1, 2, sum(k, 1, 2, kx))", "`sum` at position 14 needs an index of its "
         "own, such as k in sum(k, 1, 5, sin(k*x)/k)"),
        ("sum(k, 1, n, kx)", "`sum` at position 1 goes from one whole number to "
         "another, as in sum(k, 1, 5, sin(k*x)/k)"),
        ("sum(k, 1, ², kx)", "`sum` at position 1 goes from one whole number to "
         "another, as in sum(k, 1, 5, sin(k*x)/k)"),
        ("sum(k, 3, 1, kx)",
         "`sum` at position 1 goes from 3 to 1; allowed are 1 to 100 terms"),
        ("sum(k, 1, 101, kx)",
         "`sum` at position 1 goes from 1 to 101; allowed are 1 to 100 terms"),
        ("sum(k, 1, 2, kx) + k",
         "`k` at position 20 is the index of a sum, and stands outside of it"),
        ("sum(k, 1, 100, sum(n, 1, 9, nkx))",
         "the formula has more than 1000 parts once its sums are written out"),
        ("x = y", f"unexpected `=` at position 3; {ALONE}"),
        ("z == x", f"unexpected `=` at position 4; {ALONE}"),
        ("f(y, x) = x", f"unexpected `=` at position 9; {ALONE}"),
        ("f(x, y) =", "the formula is empty; write one such as x^2 + 3*sin(x*y)"),
        ("z = x + )", "unexpected `)` at position 9, where a value is expected"),
        ("[x]", "unexpected `[` at position 1; write round parentheses"),
        ("x!", f"unexpected `!` at position 2; {ONLY}"),
        ("é", f"unexpected `é` at position 1; {ONLY}"),
        ("x\u200b", f"unexpected `U+200B` at position 2; {ONLY}"),
        ("x\0", f"unexpected `U+0000` at position 2; {ONLY}"),
        ("x + ٣", f"unexpected `٣` at position 5; {ONLY}"),
        ("x" * 201, "the formula is longer than 200 characters"),
        ("(" * 30 + "x)", "the formula is nested deeper than 30 at position 31"),
        ("-" * 40 + "x", "the formula is nested deeper than 30 at position 31"),
        ("x^" * 40 + "x", "the formula is nested deeper than 30 at position 61"),
        ("+".join("x" * 61), "the formula has more than 120 parts"),
        (
            "1e15*" * 20 + "x",
            "the formula is longer than 200 characters once written out as "
            "1000000000000000*1000000000000…",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(text, sentence):
    with pytest.raises(FormulaError, match=f"^{re.escape(sentence)}$"):
        parse_formula(text)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "x.real", "x.__class__", "().__class__", "x if y else x",
        "lambda: x", "(x := 3)", "[x for x in y]", "{x}", "'x'", '"x"', "x[0]", "x;y",
        "f'{x}'", "x @ y", "x // y", "x & y", "~x", "x == y", "x < y", "1_000",
        "0x10", "1j", "x\\y", "open(x)", "eval(x)", "np.linalg.norm(x)", "np.load(x)",
        "os.sin(x)", "print(x)", "*x, y", "not x", "x and y", "#x", "`x`", "$x",
        "%28x%29", "<b>", "None", "True", "_",
    ],
)  # fmt: skip
def test_nothing_but_mathematics(text):
    with pytest.raises(FormulaError):
        parse_formula(text)


def test_limits_are_reached():
    assert parse_formula("(" * 29 + "x" + ")" * 29).text == "x"
    assert parse_formula("+".join("x" * 60)).node
    assert len(parse_formula(" + ".join(["x*y"] * 30)).text) == 177
    assert parse_formula("1" + " " * 500 + "+x").text == "1 + x"


TOKENS = [
    *KNOWN,
    *("k", "<", ">=", "≠", " if ", " else ", " and ", " or ", " not ", "sum(k,1,3,"),
    *"0123456789.+-*/^(),|² ³−×πe√∛⁻¹–∗÷",
    "xy",
    "f(x, y) =",
    "sin ",
    "**",
    "1e5",
    "2.5",
    "foo",
    "_",
    "=",
    "[",
]
fuzz = (
    st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
    | st.text(max_size=60)
    | st.text("()-x^²", max_size=150)
    | st.text("|x+√( ", max_size=60)
    | st.text("xy()+*,sincoma12. ", max_size=300)
)


def refused(text):
    """Why a text is not a formula, if it is not."""
    try:
        parse_formula(text)
    except FormulaError as error:
        return str(error)
    return None


@settings(max_examples=2000)
@given(fuzz)
@example("2^" * 28 + "2")
@example("(" * 5000)
@example("-" * 199 + "x")
def test_any_text_is_read_or_refused_in_a_sentence(text):
    refusal = refused(text)
    if refusal:
        assert 10 < len(refusal) < 250
        assert refusal.isprintable()
    else:
        expression = parse_formula(text)
        # An address prints it and reads it again.
        assert parse_formula(expression.text) == expression
        assert len(list(_nodes(expression.node))) <= MOST
        assert len(expression.latex) < 5000
        assert expression.text.isascii()
        with np.errstate(all="ignore"):
            assert expression.evaluate(RIGHT[:, 0], RIGHT[:, 1], np).shape == (20,)


def _nodes(node):
    yield node
    match node:
        case Negative(operand):
            yield from _nodes(operand)
        case Binary(_, left, right):
            yield from _nodes(left)
            yield from _nodes(right)
        case Call(_, values):
            for value in values:
                yield from _nodes(value)
        case Sum(_, _, _, term):
            yield from _nodes(term)


# -- trees ----------------------------------------------------------------------------

leaves = st.one_of(
    st.sampled_from(["x", "y", "pi", "e"]).map(Name),
    st.integers(0, 12).map(float).map(Number),
    st.floats(0, 1e6, allow_subnormal=False).map(Number),
    st.sampled_from([0.5, 1e-7, 2.5e-20, 1e16, 1e22, 1e300]).map(Number),
)


CONDITIONS = (
    lambda a, b: Call("<", (a, b)),
    lambda a, b: Call(">=", (a, b)),
    lambda a, b: Call("and", (Call("!=", (a, b)), Call("<=", (b, a)))),
    lambda a, b: Call("or", (Call("not", (Call(">", (a, b)),)), Call("==", (b, a)))),
    lambda a, b: Call(
        "and", (Call("<", (a, b)), Call("or", (Call("<", (a, a)), Call(">", (b, a)))))
    ),
)


def _choice(drawn):
    made, *sides, then, other = drawn
    return Call("where", (made(*sides), then, other))


def _total(drawn):
    first, more, operator, term = drawn
    node = Binary(
        operator, *((term, Name("k")) if operator == "^" else (Name("k"), term))
    )
    return Sum("k", first, first + more, node)


def _grown(trees):
    calls = [
        st.tuples(*[trees] * arity).map(lambda v, name=name: Call(name, v))
        for name, function in FUNCTIONS.items()
        if not function.chooses
        for arity in (function.arity, *([3, 4] if function.more else []))
    ]
    whole = st.integers(-2, 2), st.integers(0, 3), st.sampled_from("*^+")
    calls += [
        st.tuples(st.sampled_from(CONDITIONS), *[trees] * 4).map(_choice),
        st.tuples(*whole, trees).map(_total),
    ]
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/^"), trees, trees),
        st.builds(Negative, trees),
        *calls,
    )


def _small(node):
    refusal = refused(Expression(node).text)
    bounds = ("longer", "deeper", "index of its own", "parts once its sums")
    assert refusal is None or any(bound in refusal for bound in bounds)
    return refusal is None


trees = st.recursive(leaves, _grown, max_leaves=10).filter(_small)


@settings(max_examples=500)
@given(trees)
def test_printing_and_reading_give_the_same_tree(node):
    text = Expression(node).text
    assert parse_formula(text).node == node
    assert parse_formula(text).text == text
    tight = re.sub(r" ?([-+*/<>=!,]+) ?", r"\1", text)
    assert parse_formula(tight.replace("^", "**")).node == node


PYTHON = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "sinh", "cosh")},
    **{name: getattr(np, name) for name in ("tanh", "exp", "log", "log10", "sqrt")},
    **{name: getattr(np, name) for name in ("abs", "sign", "floor", "ceil", "hypot")},
    **{name: getattr(np, name) for name in ("log2", "cbrt", "mod")},
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2,
    "min": lambda *values: np.min(np.broadcast_arrays(*values), axis=0),
    "max": lambda *values: np.max(np.broadcast_arrays(*values), axis=0),
    "pow": np.power, "pi": np.pi, "e": np.e,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "N": np.float64,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "erf": special.erf, "sinc": lambda a: np.sinc(np.divide(a, np.pi)),
    "where": np.where, "both": np.logical_and, "either": np.logical_or,
    "opposite": np.logical_not,
}  # fmt: skip
AS_FUNCTIONS = {"and": "both", "or": "either", "not": "opposite"}


def _for_python(node):
    """The same, without what Python has no arrays for."""
    match node:
        case Sum():
            return _for_python(written_out(node))
        case Negative(operand):
            return Negative(_for_python(operand))
        case Binary(operator, left, right):
            return Binary(operator, _for_python(left), _for_python(right))
        case Call(name, values):
            name = AS_FUNCTIONS.get(name, name)
            return Call(name, tuple(map(_for_python, values)))
    return node


NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(?:e-?\d+)?)")


@settings(max_examples=500)
@given(trees)
def test_value_is_what_python_makes_of_the_text(node):
    expression = Expression(node)
    x, y = np.concatenate([RIGHT, -2 * RIGHT, [[0.0, 1.0]]]).T
    text = Expression(_for_python(node)).text
    program = NUMBER.sub(r"N(\1)", text).replace("^", "**")
    with np.errstate(all="ignore"):
        expected = eval(program, {**PYTHON, "__builtins__": {}}, {"x": x, "y": y})
        value = expression.evaluate(x, y, np)
        # Where a billionth in x or y matters, so does the order of roundings.
        near = expression.evaluate(x * (1 + 1e-13), y * (1 + 1e-13), np)
        sound = np.isclose(value, near, rtol=1e-9) | np.isnan(value)
    np.testing.assert_allclose(
        value[sound], np.broadcast_to(expected, x.shape)[sound], rtol=1e-6
    )


@settings(max_examples=60)
@given(trees)
def test_jax_and_numpy_agree(node):
    x, y = RIGHT[:5].T
    with np.errstate(all="ignore"):
        expected = Expression(node).evaluate(x, y, np)
        near = Expression(node).evaluate(x * (1 + 1e-13), y * (1 + 1e-13), np)
        sound = np.isclose(expected, near, rtol=1e-9) | np.isnan(expected)
    value = np.asarray(Expression(node).evaluate(x, y))
    np.testing.assert_allclose(value[sound], expected[sound], rtol=1e-6, atol=1e-300)


@pytest.mark.parametrize(
    ("typed", "text", "latex"),
    [
        ("x**2 + 3*sin(x*y)", "x^2 + 3*sin(x*y)", r"x^{2} + 3 \sin(x y)"),
        ("-x^2", "-x^2", "-x^{2}"),
        ("(-x)^2", "(-x)^2", "(-x)^{2}"),
        ("((x))+(y)", "x + y", "x + y"),
        ("x-(y-1)", "x - (y - 1)", "x - (y - 1)"),
        ("x-y-1", "x - y - 1", "x - y - 1"),
        ("x+(y+1)", "x + (y + 1)", "x + y + 1"),
        ("x+-y", "x + -y", "x + (-y)"),
        ("x*-y", "x*-y", r"x \, (-y)"),
        ("--x", "--x", "-(-x)"),
        ("-(x+y)", "-(x + y)", "-(x + y)"),
        ("-(x*y)", "-(x*y)", "-x y"),
        ("(x+1)/(y-1)", "(x + 1)/(y - 1)", r"\frac{x + 1}{y - 1}"),
        ("x/y/2", "x/y/2", r"\frac{\frac{x}{y}}{2}"),
        ("x/(y/2)", "x/(y/2)", r"\frac{x}{\frac{y}{2}}"),
        ("(x/y)^2", "(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("x*(y/2)", "x*(y/2)", r"x \frac{y}{2}"),
        ("2*(1/2)*x", "2*(1/2)*x", r"2 \cdot \frac{1}{2} x"),
        ("x*2*3", "x*2*3", r"x \cdot 2 \cdot 3"),
        ("2^3^x", "2^3^x", "2^{3^{x}}"),
        ("(2^3)^x", "(2^3)^x", "(2^{3})^{x}"),
        ("2^-x", "2^-x", "2^{-x}"),
        ("x^(y+1)", "x^(y + 1)", "x^{y + 1}"),
        ("sin(x)^2", "sin(x)^2", r"\sin^{2} x"),
        ("sin(x)^y", "sin(x)^y", r"(\sin x)^{y}"),
        ("exp(-x²)", "exp(-x^2)", "e^{-x^{2}}"),
        ("exp(x)^2", "exp(x)^2", "(e^{x})^{2}"),
        ("abs(x)^3", "abs(x)^3", r"\left|x\right|^{3}"),
        ("sqrt(x/2)", "sqrt(x/2)", r"\sqrt{\frac{x}{2}}"),
        ("ln(x^2)", "log(x^2)", r"\ln(x^{2})"),
        ("log10(x)", "log10(x)", r"\log_{10} x"),
        ("pow(x+1,2)", "pow(x + 1, 2)", "(x + 1)^{2}"),
        ("atan2(y,x)", "atan2(y, x)", r"\operatorname{atan2}(y, x)"),
        ("min(x,max(y,0))", "min(x, max(y, 0))", r"\min(x, \max(y, 0))"),
        ("floor(x)", "floor(x)", r"\left\lfloor x \right\rfloor"),
        ("π·x", "pi*x", r"\pi x"),
        ("1e5*x", "100000*x", "100000 x"),
        ("1e20*x", "1e20*x", "10^{20} x"),
        ("2.5E-07*x", "2.5e-7*x", r"2.5 \cdot 10^{-7} x"),
        ("1e20^x", "1e20^x", "(10^{20})^{x}"),
        ("log2(x)^2", "log2(x)^2", r"\log_{2}^{2} x"),
        ("cbrt(x)^2", "cbrt(x)^2", r"\left(\sqrt[3]{x}\right)^{2}"),
        ("mod(x,2)", "mod(x, 2)", r"\operatorname{mod}(x, 2)"),
        ("min(x,y,1)", "min(x, y, 1)", r"\min(x, y, 1)"),
        # Without parentheses only where nothing else could be meant.
        ("cos(2*pi*x)", "cos(2*pi*x)", r"\cos 2 \pi x"),
        ("sin(x)*y", "sin(x)*y", r"\sin(x) y"),
        ("sin(x)*cos(y)", "sin(x)*cos(y)", r"\sin x \cos y"),
        ("sin(x)*exp(y)", "sin(x)*exp(y)", r"\sin x \, e^{y}"),
        ("sin(x)*(y+1)", "sin(x)*(y + 1)", r"\sin(x) (y + 1)"),
        ("sin(x)*2", "sin(x)*2", r"\sin(x) \cdot 2"),
        ("cos(x/2)", "cos(x/2)", r"\cos \frac{x}{2}"),
        ("3*(x^2+1)", "3*(x^2 + 1)", r"3 \, (x^{2} + 1)"),
        ("-x/2", "-x/2", r"-\frac{x}{2}"),
        # In an exponent, with a slash.
        ("exp(-x^2/2)", "exp(-x^2/2)", "e^{-x^{2} / 2}"),
        ("2^(x/(2*y))", "2^(x/(2*y))", "2^{x / (2 y)}"),
        ("exp(x/2*y)", "exp(x/2*y)", "e^{(x / 2) y}"),
        ("exp(sin(x)/2)", "exp(sin(x)/2)", r"e^{\sin(x) / 2}"),
        ("exp(1/(x/y))", "exp(1/(x/y))", "e^{1 / (x / y)}"),
    ],
)  # fmt: skip
def test_text_and_latex(typed, text, latex):
    assert parse_formula(typed).text == text
    assert parse_formula(typed).latex == latex


AS_TYPED = {
    # What stands side by side is multiplied.
    "2x": "2*x",
    "3sin(x)": "3*sin(x)",
    "2x(y+1)": "2*x*(y + 1)",
    "x(1-y)": "x*(1 - y)",
    "(x+1)(y-1)": "(x + 1)*(y - 1)",
    "x y": "x*y",
    "2x^2y": "2*x^2*y",
    "x^2(y+1)": "x^2*(y + 1)",
    "-2x": "-2*x",
    "2^3x": "2^3*x",
    "2^-x y": "2^-x*y",
    "e^x(y)": "e^x*y",
    "2e3x": "2000*x",
    "2e^x": "2*e^x",
    "sin(x)cos(y)": "sin(x)*cos(y)",
    # As if a * stood there.
    "1/2x": "1/2*x",
    "1/2(x+y)": "1/2*(x + y)",
    "1/(2x)": "1/(2*x)",
    # Names written together.
    "xy": "x*y",
    "3xy^2": "3*x*y^2",
    "xxy": "x*x*y",
    "2pix": "2*pi*x",
    "2πx": "2*pi*x",
    "xsin(y)": "x*sin(y)",
    "yln x": "y*log(x)",
    "xe^(-y)": "x*e^-y",
    # Absolute values.
    "|x|": "abs(x)",
    "|x-1|+|y|": "abs(x - 1) + abs(y)",
    "||x|-1|": "abs(abs(x) - 1)",
    "|x-|y||": "abs(x - abs(y))",
    "|x||y|": "abs(x)*abs(y)",
    "2|x|y": "2*abs(x)*y",
    "|x|^3": "abs(x)^3",
    "|x(y-|x|)|": "abs(x*(y - abs(x)))",
    "ln|x|": "log(abs(x))",
    "|sin x|": "abs(sin(x))",
    # Functions without parentheses.
    "sin x": "sin(x)",
    "sin 2x": "sin(2*x)",
    "sin x + 1": "sin(x) + 1",
    "sin x/2": "sin(x)/2",
    "cos 2 pi x": "cos(2*pi*x)",
    "ln x^2y": "log(x^2*y)",
    "sin x cos y": "sin(x)*cos(y)",
    "e^sin x": "e^sin(x)",
    "sin^2(x)": "sin(x)^2",
    "sin²x": "sin(x)^2",
    "-sin^2 x cos²(y)": "-sin(x)^2*cos(y)^2",
    # What keyboards and other programs make of it.
    "X^2 + Y": "x^2 + y",
    "SIN(X) + Pi": "sin(x) + pi",
    "f(x,y) = 2x": "2*x",
    " F ( X , Y )=y": "y",
    "z = x": "x",
    "f=y": "y",
    "x – y − 1": "x - y - 1",
    "x∗y·2×3⋅4": "x*y*2*3*4",
    "x÷2∕3": "x/2/3",
    "√(x+1)": "sqrt(x + 1)",
    "√x + √2": "sqrt(x) + sqrt(2)",
    "2√|x|": "2*sqrt(abs(x))",
    "√(x)y": "sqrt(x)*y",
    "∛x": "cbrt(x)",
    "x² + y³ + x⁻¹ + y¹⁰": "x^2 + y^3 + x^-1 + y^10",
    "x²y": "x^2*y",
    "x²²": "x^22",
    "x\u2009+\u202fy": "x + y",
}


@pytest.mark.parametrize("typed", AS_TYPED)
def test_what_people_type_is_read(typed):
    expression = parse_formula(typed)
    assert expression.text == AS_TYPED[typed]
    assert parse_formula(expression.text) == expression


def side_by_side(node):
    """A product as it is printed, with nothing but a blank for its sign."""
    return Expression(node).text.replace("*", " ")


@settings(max_examples=500)
@given(
    st.recursive(
        st.sampled_from("xy").map(Name), lambda part: _grown(part), max_leaves=8
    )
)
def test_a_product_needs_no_sign(node):
    text = side_by_side(node)
    # A number behind a value may have been an exponent.
    if refused(Expression(node).text) or re.search(r"[\w)] +[0-9]", text):
        return
    assert parse_formula(text).node == node


# -- the surface ----------------------------------------------------------------------


@each_formula
def test_surface_of_a_formula(text):
    surface = typed_surface(text, SQUARE)
    assert (surface.key, surface.family) == ("formula", "Your own")
    assert surface.label == "Your own f(x, y)"
    assert surface.found
    assert surface.domain.contains(np.array(surface.start))
    x, y = surface.start
    assert np.isfinite(parse_formula(text).evaluate(x, y))
    slope = gradient(parse_formula(text), surface.start)
    assert np.isfinite(slope).all()
    if text not in ("2^3^2 + 0*x", "(2^3)^2 + 0*x"):
        assert np.linalg.norm(slope) > 0
    assert set(surface.learning_rates) == {
        "gradient_descent", "momentum", "adagrad", "rmsprop", "adam"
    }  # fmt: skip
    for rate in surface.learning_rates.values():
        assert 1e-5 <= rate <= 10
        assert rate == float(f"{rate:.0e}")


@pytest.mark.parametrize("scale", [0.01, 1, 100])
def test_first_step_is_a_hundredth_of_the_diagonal(scale):
    surface = typed_surface(f"{scale}*(2*x + y)", SQUARE)
    step = surface.learning_rates["gradient_descent"] * 5**0.5 * scale
    assert step == pytest.approx(0.01 * SQUARE.diagonal, rel=0.15)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("x^2 + y", (-1.8, 1.2)),
        ("log(x)", (1.2, 1.8)),
        ("sqrt(x)*log(-y)", (1.8, -1.2)),
        ("floor(x) + max(-x - y - 2, 0)^2", (-1.2, -1.8)),
        ("log(0.2 - hypot(x, y))", None),
        ("log(0.02 - hypot(x - 3, y - 3))", (3, 3)),
        ("x*y + 0*log(x - 2.9)", None),
    ],
)
def test_start_is_where_there_is_a_slope(text, start):
    surface = typed_surface(text, SQUARE)
    assert start in (None, surface.start)
    loss = parse_formula(text).evaluate(*map(np.float64, surface.start), np)
    assert np.isfinite(loss)
    if start != (3, 3):
        assert np.linalg.norm(gradient(parse_formula(text), surface.start)) > 0


@pytest.mark.usefixtures("unsearched")
def test_level_and_smoothness():
    assert typed_surface("x^2 + y^2", SQUARE).color_scale == "linear"
    assert typed_surface("exp(x) + exp(3*y)", SQUARE).color_scale == "log"
    assert typed_surface("max(x, 0)^4", SQUARE).color_scale == "linear"
    # As it was chosen by looking.
    for key, text in {
        "rosenbrock": "(1 - x)^2 + 100*(y - x^2)^2",
        "booth": "(x + 2*y - 7)^2 + (2*x + y - 5)^2",
        "matyas": "0.26*(x^2 + y^2) - 0.48*x*y",
        "three_hump_camel": "2*x^2 - 1.05*x^4 + x^6/6 + x*y + y^2",
        "saddle": "x^2 - y^2",
        "sine_saddle": "sin(x) + y^2",
        "rastrigin": "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)",
        "mccormick": "sin(x + y) + (x - y)^2 - 1.5*x + 2.5*y + 1",
    }.items():
        declared = SURFACES[key]
        own = typed_surface(text, declared.domain)
        assert own.color_scale == declared.color_scale
        points = np.array([declared.start, (0.3, -0.7)])
        np.testing.assert_allclose(
            [own.fn(point) for point in points],
            [declared.fn(point) for point in points],
            rtol=1e-12,
        )
    assert typed_surface("x^2", SQUARE).smooth
    assert not typed_surface("abs(x)", SQUARE).smooth


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2 + pi", "the formula uses neither x nor y"),
        ("log(-1 - x^2)", "the formula has no finite value anywhere on the domain"),
        ("x/0", "the formula has no finite value anywhere on the domain"),
        ("exp(exp(9 + x^2))", "the formula has no finite value anywhere on the domain"),
        ("foo(x)", f"unknown name `foo` at position 1; {NAMED}"),
    ],
)
def test_no_surface(text, sentence):
    with pytest.raises(FormulaError, match=f"^{re.escape(sentence)}$"):
        typed_surface(text, SQUARE)


@pytest.mark.usefixtures("unsearched")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees, st.sampled_from([SQUARE, Domain(-1e6, 1e6, 0.0, 1e-6)]))
def test_any_tree_is_a_surface_or_refused(node, domain):
    try:
        surface = typed_surface(Expression(node).text, domain)
    except FormulaError:
        return
    assert surface.domain.contains(np.array(surface.start))
    for rate in surface.learning_rates.values():
        assert 1e-5 <= rate <= 10


def test_a_typed_surface_races():
    surface = typed_surface("sin(x)*cos(y) + (x^2 + y^2)/20", SQUARE)
    adam = OPTIMIZERS["adam"]
    lr = surface.learning_rates["adam"]
    run = descend(surface, adam, surface.start, adam.hypers(lr=lr), surface.steps)
    assert run.outcome.kind == "reached"
    x, y = run.points.T
    np.testing.assert_allclose(
        run.losses, np.sin(x) * np.cos(y) + (x**2 + y**2) / 20, rtol=1e-12
    )
    grid = sample(surface, 11)
    x, y = np.meshgrid(grid.x, grid.y)
    np.testing.assert_allclose(
        grid.z, np.sin(x) * np.cos(y) + (x**2 + y**2) / 20, atol=1e-14
    )
    assert sample(regularized(surface, 2.0), 11).z[0, 0] == grid.z[0, 0] + 18


def test_the_same_formula_is_the_same_surface():
    first = typed_surface("x^2 + y", SQUARE)
    assert typed_surface(" x**2+(y)", SQUARE) is first
    wider = typed_surface("x²+y", Domain(-4, 4, -4, 4))
    assert wider is not first
    assert wider.loss is first.loss
    assert typed_surface("x^2 - y", SQUARE).loss != first.loss


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("-3,3", (-3, 3)),
        ("0,1e6", (0, 1e6)),
        (".5,2e1", (0.5, 20)),
        ("1,1.1", (1, 1.1)),
        ("-2, 2", (-2, 2)),
        (" 1 ,2 ", (1, 2)),
        ("[-2,2]", (-2, 2)),
        ("(-2, 2)", (-2, 2)),
        ("-2 to 2", (-2, 2)),
        ("-2;2", (-2, 2)),
        ("[−2; –1]", (-2, -1)),
        ("-1,5; 2.5", (-1.5, 2.5)),
        ("-1,5 to 2,5", (-1.5, 2.5)),
        ("-1,5", (-1, 5)),
    ],
)
def test_range(text, pair):
    assert parse_range(text) == pair


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a pair of numbers"), ("3", "is not a pair of numbers"),
        ("1,2,3", "is not a pair of numbers"), ("a,b", "is not a pair of numbers"),
        ("1_0,20", "is not a pair of numbers"), ("1 2", "is not a pair of numbers"),
        ("(1,2", "is not a pair of numbers"), ("1,2]", "is not a pair of numbers"),
        ("1,5, 2", "is not a pair of numbers"), ("1;2;3", "is not a pair of numbers"),
        ("1to2", "is not a pair of numbers"), ("1--2", "is not a pair of numbers"),
        ("1 to 2 to 3", "is not a pair of numbers"),
        ("1," * 60, "is not a pair of numbers"),
        ("٣,٤", "is not a pair of numbers"), ("nan,1", "is out of range"),
        ("3,-3", "must go from a lower number to a higher one"),
        ("1,1", "must go from a lower number to a higher one"),
        ("0,inf", "is out of range"), ("0,1000001", "is out of range"),
        ("0,1e-7", "is narrower than 1e-06"),
    ],
)  # fmt: skip
def test_wrong_range(text, why):
    allowed = "allowed is low,high with both from -1e6 to 1e6, for example -2,2"
    with pytest.raises(ValueError, match=f"^{re.escape(f'{why}; {allowed}')}$"):
        parse_range(text)


# -- what is compiled for it ----------------------------------------------------------


def test_a_typed_loss_is_known_inside_its_surface():
    surface = typed_surface("x*y", SQUARE)
    assert ephemeral_loss(surface.fn) is surface.loss
    assert ephemeral_loss(replace(surface, l2=1.0).fn) is surface.loss
    assert ephemeral_loss(SURFACES["rosenbrock"].fn) is None
    assert ephemeral_loss(lambda point: point[0]) is None


@pytest.mark.usefixtures("unsearched")
def test_no_more_surfaces_than_a_few_dozen_are_kept():
    for i in range(40):
        typed_surface(f"x + {i}*y", SQUARE)
    assert typed._surface.cache_info().currsize == 32
    assert typed._loss.cache_info().currsize == 32


def test_typed_formulas_are_not_written_to_disk(tmp_path):
    program = """
import jax
from surfaces import *
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
square = Domain(-1.0, 1.0, -1.0, 1.0)
sample(typed_surface("x^2 + y", square), 9)
sample(typed_surface("x^2 - y", square), 9)
print("typed")
sample(SURFACES["saddle"], 9)
"""
    folder = tmp_path / "kept"
    environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": str(folder)}
    root = Path(__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=root, check=True
    )
    names = [path.name for path in folder.iterdir()]
    assert len([name for name in names if name.startswith("jit__grid_losses")]) == 1


def test_an_address_holds_any_formula():
    text = parse_formula("x² + 3·sin(π*x)").text
    assert quote(text).isascii()
