"""Formulas in MathML are those of the library, with the names of functions set off."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from latex2mathml.converter import convert

from optim import OPTIMIZERS
from surfaces import SURFACES
from views.mathml import in_clauses, mathml

GAP = '<mspace width="0.167em" />'
MATH = "{http://www.w3.org/1998/Math/MathML}"
FORMULAS = [surface.latex for surface in SURFACES.values()]
FORMULAS += [rule.formula for rule in OPTIMIZERS.values()]


def shown(formula):
    """What is side by side in a formula, a gap as a low line."""
    root = ElementTree.fromstring(mathml(formula))
    return "".join(
        "_" if part.tag == f"{MATH}mspace" else part.text or "" for part in root.iter()
    )


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"x\cos t + y\sin t", "x_cos_t+y_sin_t"),
        (r"2\ln x", "2_ln_x"),
        (r"\sin^2 t\cos t", "sin2_t_cos_t"),
        (r"\cos x\cos y", "cos_x_cos_y"),
        (r"e^{-\cos x}", "e−cos_x"),
        (r"\sqrt{2\sin x}", "2_sin_x"),
        # Signs have space of their own, and a name stands close to its parenthesis.
        (r"(1 + x)\sin(y)", "(1+x)_sin(y)"),
        (r"a\tanh\left(x\right)", "a_tanh(x)"),
        (r"\sin(x)\,y", "sin(x)_y"),
        (r"\alpha x + \beta", "αx+β"),
    ],
)
def test_names_of_functions_are_set_off(formula, expected):
    assert shown(formula) == expected


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_otherwise_that_of_the_library(formula):
    assert mathml(formula).replace(GAP, "") == convert(formula).replace(GAP, "")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_name_runs_into_a_letter(formula):
    root = ElementTree.fromstring(mathml(formula))
    for parent in root.iter(f"{MATH}mrow"):
        for left, right in pairwise(parent):
            texts = [one.text or "" for one in (left, right)]
            letters = {one.tag for one in (left, right)} == {f"{MATH}mi"}
            assert not (letters and any(len(text) > 1 for text in texts)), texts


@pytest.mark.parametrize(
    ("formula", "clauses"),
    [
        (r"u^{2},\ u = 2 x,\ v = y", [r"u^{2},", "u = 2 x,", "v = y"]),
        (r"\max(0,\ 1 - x)", [r"\max(0,\ 1 - x)"]),
        (r"e^{a,\ b} + \left(c,\ d\right)", [r"e^{a,\ b} + \left(c,\ d\right)"]),
        ("x + y", ["x + y"]),
    ],
)
def test_a_formula_breaks_between_its_clauses(formula, clauses):
    assert in_clauses(formula) == " ".join(map(mathml, clauses))


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_clause_is_lost(formula):
    def signs(text):
        root = ElementTree.fromstring(f"<all>{text}</all>")
        return "".join("".join(root.itertext()).split())

    assert signs(in_clauses(formula)) == signs(mathml(formula))
