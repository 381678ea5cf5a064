"""What was read of a formula is said before it is entered: `GET /read?f=TEXT`."""

import json
import random

import pytest

from surfaces import Domain, FormulaError
from surfaces.compiled import NotReady, only_ready
from surfaces.formula import parse
from surfaces.formula.pasted import LONGEST
from surfaces.formula.variables import renamed
from surfaces.typed import typed_surface
from views.reading import what_was_read
from views.story import story
from views.widget import answered


def test_a_formula_is_shown_as_it_is_once_it_is_entered(get):
    text = "x^2/4 + 3sin(xy)"
    found = get("/read", f=text)
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/json"
    surface = typed_surface(text, Domain(-2, 2, -2, 2))
    assert found.json() == {"formula": story(surface)["formula"], "notes": ""}


def test_its_numbers_and_its_names_are_said(get):
    def notes(text):
        return get("/read", f=text).json()["notes"]

    assert notes("a*x^2 + y^2 with a=1 in 0..10") == "a = 1 in 0..10"
    assert notes("x_1^2 + x_2^2") == "read with x_1 as x and x_2 as y"
    assert notes(r"k w_1^2 + e^{w_{2}} with k = 2 in 1..5") == (
        "k = 2 in 1..5\u2002·\u2002read with w_1 as x and w_2 as y"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x + )", "Unexpected `)` at position 5, where a value is expected."),
        ("", "The formula is empty; write one such as x^2 + 3*sin(x*y)."),
        ("x^2 + ", "The formula ends where a value is expected."),
        ("x" * 9000, f"The formula is longer than {LONGEST} characters."),
        ("x" * (LONGEST + 1), f"The formula is longer than {LONGEST} characters."),
        ("x+" * 110 + "x", "The formula is longer than 200 characters."),
        ("x + [y]", "Unexpected `[` at position 5; write round parentheses."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(get, text, sentence):
    found = get("/read", f=text)
    assert (found.status_code, found.json()) == (200, {"wrong": sentence})


def test_one_text_is_read_at_a_time(get):
    for more in ({"rule": "w = w - alpha*g"}, {"on": "adam"}, {"x": "-2,2"}):
        found = get("/read", f="x^2", **more)
        assert found.status_code == 400
        assert found.text.startswith("Only a rule or a formula is read here, as in")


def test_nothing_is_compiled_for_it():
    text = "x^2 + 0.8171*cos(y)"
    with only_ready():
        assert "formula" in what_was_read({"f": text})
        with pytest.raises(NotReady):
            typed_surface(text, Domain(-2, 2, -2, 2))


def test_a_notebook_reads_as_the_server_does(get):
    status, body = answered("read?f=x%2By", "rosenbrock")
    assert (status, json.loads(body)) == (200, get("/read", f="x+y").json())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x^2 + y", {}),
        ("X^2 + Y", {}),
        ("f(x, y) = x + 2", {}),
        ("3 + pi", {}),
        ("x1^2 + 2x2", {"x1": "x", "x2": "y"}),
        ("2x_1x_2", {"x_1": "x", "x_2": "y"}),
        ("x_2^3", {"x_2": "y"}),
        (r"(\theta_1 - 1)^2 + 5\theta_{2}^4", {"theta_1": "x", "theta_2": "y"}),
        (r"\frac{1}{2}x_1^2 + \sqrt{x_{2}}", {"x_1": "x", "x_2": "y"}),
        ("sin(w1) + log(w2)", {"w1": "x", "w2": "y"}),
        ("a^2 + 3b", {"a": "x", "b": "y"}),
        ("(w - 1)^2 + b^4", {"w": "x", "b": "y"}),
        ("u^2 if u > 0 else v", {"u": "x", "v": "y"}),
        ("a*x_1^2 + x_2 with a = 1 in 0..10", {"x_1": "x", "x_2": "y"}),
    ],
)
def test_names_of_the_variables_are_found(text, names):
    assert renamed(text, parse(text)) == names


def test_what_is_said_of_names_is_what_was_read():
    """Of texts as they come, with x and y put in their places the same is read."""
    draw, said = random.Random(1), 0
    pieces = [
        "x_1",
        "x_2",
        "w1",
        "y",
        "x",
        "2",
        "+",
        "*",
        "^2",
        "sin(",
        ")",
        r"\frac12",
    ]
    for _ in range(3000):
        text = " ".join(draw.choices(pieces, k=draw.randint(1, 7)))
        try:
            expression = parse(text)
        except FormulaError:
            continue
        names = renamed(text, expression)
        said += bool(names)
        for name, variable in names.items():
            text = text.replace(name, variable)
        assert parse(text) == expression
    assert said > 100
