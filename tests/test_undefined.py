"""Where a formula has no value, and why: what the sentence says is so."""

import json
import math
import random
import re
from dataclasses import replace

import numpy as np
import pytest

from surfaces import SURFACES, Domain, FormulaError, Grid, sample
from surfaces.formula import Expression, parse, parse_declared
from surfaces.formula.evaluation import evaluate
from surfaces.formula.nodes import Binary, Call, parts
from surfaces.formula.undefined import MOST, gaps
from surfaces.typed import at_params, typed_surface
from views.figures import HUGE, landscape
from views.undefined import undefined

AROUND = Domain(-4.0, 4.0, -4.0, 4.0)
SIDE = np.linspace(-4.0, 4.0, 41)
X, Y = (axis.ravel() for axis in np.meshgrid(SIDE, SIDE))


def sentence(text, domain=AROUND):
    surface = typed_surface(text, domain)
    return undefined(surface, sample(surface, 121), HUGE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x^2 + y^2", ""),
        ("atan(1/x) + y", ""),
        ("min(1/x^2, 5) + y", ""),
        (
            "log(x) + y^2",
            "No value on 50% of the map: log of a negative number, as at (−2, 0).",
        ),
        (
            "y^2 + sqrt(1 - x)",
            "No value on 37% of the map: square root of a negative number, as at "
            "(2, 0).",
        ),
        (
            "asin(y) + x",
            "No value on 74% of the map: asin of a number outside −1 to 1, as at "
            "(−0.1, −1.1).",
        ),
        (
            "x^(1/3) + y",
            "No value on 50% of the map: a fractional power of a negative number, as "
            "at (−2, 0).",
        ),
        (
            "exp(x^6) + y",
            "No value on 26% of the map: a number too large for 64 bits, as at "
            "(−3, 0).",
        ),
        (
            "x^2 + (log(x) if y > 1 else sqrt(y + 9))",
            "No value on 19% of the map: log of a negative number, as at (−2, 3).",
        ),
        (
            "where(x > 0, sqrt(x), log(x)) + y",
            "No value on 50% of the map: log of a negative number, as at (−2, 0).",
        ),
        (
            "x + sum(k, 1, 3, acosh(k*y))",
            "No value on 62% of the map: acosh of a number below 1, as at (0, −2).",
        ),
        (
            "atanh(x/2) + y",
            "No value on 51% of the map: atanh of a number not between −1 and 1, as "
            "at (−2, 0).",
        ),
        ("log(x + mod(t, 2)) + y", "No value on 50% of the map."),
        (
            "1/x + y^2",
            "No value at some points of the map: division by zero, as at (0, 0).",
        ),
        (
            "log(x^2 + y^2)",
            "No value at some points of the map: log of zero, as at (0, 0).",
        ),
        (
            "x + pow(y, -2)",
            "No value at some points of the map: zero to a negative power, as at "
            "(0, 0).",
        ),
        (
            "log(sin(3x))*sqrt(9 - y^2)",
            "No value on 63% of the map: log of a negative number, as at (−0.1, 0); "
            "square root of a negative number, as at (0.1, −3.1).",
        ),
    ],
)
def test_the_map_says_where_there_is_no_value_and_why(text, words):
    assert sentence(text) == words


def test_it_comes_with_the_pictures_and_follows_the_numbers():
    surface = typed_surface("x^2 + sqrt(y - a) with a = -5 in -5..5", AROUND)
    assert json.loads(landscape(surface, size=41))["undefined"] == ""

    def turned_to(a):
        return at_params(surface, type(surface.params)(a=a))

    turned = json.loads(landscape(turned_to(0.0), size=41))["undefined"]
    assert turned.startswith("No value on 49% of the map: square root of a negative")
    empty = json.loads(landscape(turned_to(5.0), size=41))["undefined"]
    assert empty.startswith("No value anywhere on the map: square root of a negative")


def test_of_a_surface_without_a_formula_it_is_said_where():
    given = replace(SURFACES["booth"], loss=lambda params, point: np.log(point[0]))
    grid = Grid(SIDE, SIDE, np.where(SIDE > 2, 1.0, np.nan) * np.ones((41, 1)))
    assert undefined(given, grid, HUGE) == "No value on 76% of the map."


def test_losses_too_large_for_a_picture_are_not_said_to_be_none():
    assert sentence("1e308 + x") == "Losses beyond 8e307 are not drawn."


def test_no_surface_of_the_list_has_such_a_region():
    for surface in SURFACES.values():
        assert undefined(surface, sample(surface, 31), HUGE) == "", surface.key


def test_parts_with_a_name_are_looked_into():
    expression = parse_declared("y + sqrt(u) where u = k - x", {"k": "k"})
    [gap], whole = gaps(expression, X[X > 1.5], Y[X > 1.5], {"k": 1.5})
    assert (gap.why, whole) == ("square root of a negative number", True)
    assert gap.at[0] > 1.5


def test_a_long_list_of_points_is_thinned_out():
    many = np.linspace(-5.0, -1.0, 30 * MOST)
    [gap], whole = gaps(parse("log(x) + y"), many, 0 * many, {})
    assert (gap.why, gap.at, whole) == ("log of a negative number", (-3, 0), True)


# -- random formulas ------------------------------------------------------------------

# What each reason claims, said once more.
CLAIMS = {
    "log of a negative number": ("log", lambda a: a < 0),
    "log of zero": ("log", lambda a: a == 0),
    "square root of a negative number": ("sqrt", lambda a: a < 0),
    "asin of a number outside −1 to 1": ("asin", lambda a: not -1 <= a <= 1),
    "division by zero": ("/", lambda _, b: b == 0),
    "zero to a negative power": ("^", lambda a, b: a == 0 and b < 0),
    "a fractional power of a negative number": (
        "^",
        lambda a, b: a < 0 and b != math.floor(b),
    ),
}


def holds(expression, why, at):
    """Whether some part has no value at a point, all it is made of has, and why."""
    known = {"x": np.array([at[0]]), "y": np.array([at[1]])}

    def value(node):
        with np.errstate(all="ignore"):
            return float(np.ravel(evaluate(node, known, np))[0])

    def some(node):
        inner = [value(part) for part in parts(node)]
        if math.isfinite(value(node)):
            return False
        if all(map(math.isfinite, inner)):
            if why not in CLAIMS:
                return why == "a number too large for 64 bits"
            name, claim = CLAIMS[why]
            own = node.name if isinstance(node, Call) else node.operator
            return own == name and claim(*inner)
        return any(map(some, parts(node)))

    return some(expression.node)


def written(draw, depth):
    """A formula as it comes."""
    if depth == 0:
        return draw.choice(["x", "y", "2", "0.5", "(x - 1)", "(-y)"])
    left, right = written(draw, depth - 1), written(draw, draw.randrange(depth))
    return draw.choice(
        [
            *(f"{name}({left})" for name in ("log", "sqrt", "asin", "exp", "cos")),
            *(f"({left} {sign} {right})" for sign in "+-*//^"),
            f"min({left}, {right})",
        ]
    )


def test_what_is_said_is_so_at_the_point_that_is_named():
    draw, said = random.Random(5), set()
    for _ in range(600):
        try:
            expression = parse(written(draw, draw.randint(1, 4)))
        except FormulaError:
            continue
        with np.errstate(all="ignore"):
            missing = ~np.isfinite(expression.evaluate(X, Y, np))
        if not missing.any():
            continue
        found, _ = gaps(expression, X[missing], Y[missing], {})
        assert found, expression.text
        for gap in found:
            assert holds(expression, gap.why, gap.at), (expression.text, gap)
            said.add(gap.why)
    assert said >= CLAIMS.keys() - {"zero to a negative power"}


def test_a_reason_is_a_few_plain_words():
    for text in (
        "log2(-x)",
        "log10(x) + y",
        "acos(x*9)",
        "acosh(x)",
        "atanh(x)",
        "mod(y, x)",
        "sinh(x*999)",
    ):
        expression = parse(text)
        assert isinstance(expression, Expression)
        with np.errstate(all="ignore"):
            missing = ~np.isfinite(expression.evaluate(X, Y, np))
        for gap in gaps(expression, X[missing], Y[missing], {})[0]:
            assert re.fullmatch(r"[a-z0-9 −]+", gap.why)
            assert isinstance(expression.node, Call | Binary)
