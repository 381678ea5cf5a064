r"""Formulas as papers print them: LaTeX, and x_1, w_1 or theta_1 in the place of x."""

import random

import numpy as np
import pytest

from surfaces import SURFACES, FormulaError, parse_formula
from surfaces.formula import FUNCTIONS
from surfaces.formula.pasted import LONGEST

X, Y = np.random.default_rng(0).uniform(0.2, 2.0, (2, 40))


@pytest.mark.parametrize(
    ("latex", "typed"),
    [
        (r"\frac{1}{2}x^2 + \sqrt{y^2+1}", "x^2/2 + sqrt(y^2 + 1)"),
        (r"$\frac12 x_1^2 + 20 x_2^2$", "x^2/2 + 20y^2"),
        (r"\left(1 - x\right)^2 + 100\left(y-x^2\right)^{2}", "(1-x)^2+100(y-x^2)^2"),
        (
            r"-20\exp\left(-0.2\sqrt{\tfrac{1}{2}(x^2+y^2)}\right)"
            r" - e^{\frac{1}{2}(\cos 2\pi x + \cos 2\pi y)} + e + 20",
            "-20exp(-0.2sqrt((x^2+y^2)/2)) - exp((cos(2pi x) + cos(2pi y))/2) + e + 20",
        ),
        (r"\sin^2(3\pi x) + (1+\sin^{2}(3\pi y))", "sin(3pi x)^2 + 1 + sin(3pi y)^2"),
        (r"w_1^2 + 5 w_2^2", "x^2 + 5y^2"),
        (r"\theta_1^2 - \cos(\theta_1)\cdot\theta_2", "x^2 - cos(x)*y"),
        (r"\left|x\right| + \lvert y \rvert", "|x| + |y|"),
        (r"\max\{x, y\} + \min(x, 2, y)", "max(x, y) + min(x, 2, y)"),
        (r"x_{1}^{2} + x_{2}^{4}", "x^2 + y^4"),
        ("x1^2 + x2^2", "x^2 + y^2"),
        ("x_2", "y"),
        (r"x_1x_2", "x*y"),
        (r"\sqrt[3]{x} + \sqrt[4]{y^2}", "cbrt(x) + (y^2)^(1/4)"),
        (r"\cos x \, y", "cos(x)*y"),
        (r"\cos\, x + \ln y", "cos(x) + log(y)"),
        (r"\log_{10} x + \log_2 y", "log10(x) + log2(y)"),
        (r"\lfloor x \rfloor + \left\lceil y \right\rceil", "floor(x) + ceil(y)"),
        (r"\operatorname{sign}(x) \times y", "sign(x)*y"),
        (r"f(x, y) = \dfrac{x}{2} + y", "x/2 + y"),
        (
            r"\begin{cases} \tfrac12 x^2, & \text{if } |x| \le 1 \\ "
            r"|x| - \frac{1}{2}, & \text{otherwise.} \end{cases} + y^2",
            "where(|x| <= 1, x^2/2, |x| - 1/2) + y^2",
        ),
        (
            r"\begin{cases} 1 & x = 1 \\ 2 & 1 < x \land y \ne 0 \\[2pt] "
            r"3 & x < 1 \end{cases}",
            "1 if x == 1 else 2 if x > 1 and y != 0 else 3",
        ),
        (r"\sum_{k=1}^{4} \frac{\sin(kx)}{k} - y", "sum(k, 1, 4, sin(kx)/k) - y"),
        (r"2\sum_{k=0}^3 -x^k \cdot -y", "2sum(k, 0, 3, -x^k*-y)"),
        (r"x \bmod 2 + \operatorname{artanh} \frac{y}{4}", "x % 2 + atanh(y/4)"),
        ("a^2 + 3ab", "x^2 + 3x y"),
        ("sin(u) + max(u, v)", "sin(x) + max(x, y)"),
        ("(2w + b - 1)^2", "(2x + y - 1)^2"),
        (
            r"\kappa x^2 + y^2 with kappa = 2 in 1..5",
            "kappa*x^2 + y^2 with kappa = 2 in 1..5",
        ),
    ],
)
def test_what_was_pasted_is_what_one_would_type(latex, typed):
    found, wanted = parse_formula(latex), parse_formula(typed)
    assert found.sliders == wanted.sliders
    given = {name: slider.default for name, slider in found.sliders.items()}
    np.testing.assert_allclose(
        found.evaluate(X, Y, np, given), wanted.evaluate(X, Y, np, given), rtol=1e-13
    )
    assert parse_formula(found.text) == found


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"\prod_{i} x", r"`\prod` at position 1 is not read"),
        (r"\sum_{i} x", "from one whole number to another"),
        (r"\begin{cases} x \\ y \end{cases}", "cases are read as in"),
        (r"\frac{x}", "`frac` has nothing behind it"),
        ("x^{2", "the brace before position 4 is never closed"),
        (r"\sqrt{x}}", "the brace at position 9 closes nothing"),
        ("\\", "the backslash at position 1 begins no command"),
        (r"\log_3 x", "the logarithm to base `3` is not read"),
        (r"x_{i+1}", "allowed are x_1 and x_2"),
        (r"\sqrt{z} x", "read as sqrt(z) x: unknown name `z`"),
        ("x_1 + y_2", "unknown name"),
        ("x_1 + y", "unknown name"),
        ("x2 + y", "unknown name `x2`"),
        ("x" + "^{x" * 60 + "}" * 60, "nested deeper than 40"),
        ("\\sqrt" * 90 + " x", "longer than 200 characters"),
        ("\\," * 300, f"longer than {LONGEST} characters"),
    ],
)
def test_what_is_wrong_is_said(latex, words):
    with pytest.raises(FormulaError) as raised:
        parse_formula(latex)
    assert words in str(raised.value)
    assert len(str(raised.value)) < 300


def test_the_latex_of_a_surface_is_the_surface():
    for surface in SURFACES.values():
        if surface.params._fields or surface.data or "where" in surface.formula:
            continue
        read = parse_formula(surface.latex)
        wanted = [float(surface.fn(np.array(at))) for at in zip(X, Y, strict=True)]
        np.testing.assert_allclose(
            read.evaluate(X, Y, np), wanted, rtol=1e-9, err_msg=surface.key
        )


def parsed(text):
    """A formula, or none and what is said of it."""
    try:
        return parse_formula(text), ""
    except FormulaError as error:
        return None, str(error)


def tree(dice, depth):
    """A formula at random, without numbers that overflow."""
    if depth <= 0 or dice.random() < 0.2:
        return dice.choice(["x", "y", "pi", "e", "2", "0.5", "3"])
    kind = dice.random()
    if kind < 0.5:
        operator = dice.choice("+-*/^")
        return f"({tree(dice, depth - 1)} {operator} {tree(dice, depth - 1)})"
    if kind < 0.6:
        return f"-{tree(dice, depth - 1)}"
    # Sigma is a letter in a paper, and no function.
    name = dice.choice([*FUNCTIONS, "sum"])
    if name in ("where", "sum"):
        a, b, c, d = (tree(dice, depth - 1) for _ in range(4))
        sign = dice.choice(["<", ">=", "==", "!="])
        more = dice.choice([f"and {c} < {d}", f"or not {c} > {d}", ""])
        chosen = f"where({a} {sign} {b} {more}, {c}, {d})"
        index = dice.choice("ijkn")
        total = f"sum({index}, {dice.randint(-1, 1)}, 2, {a}*{index} - {b}^{index})"
        return chosen if name == "where" else total
    if name == "sigmoid":
        return tree(dice, depth - 1)
    values = [tree(dice, depth - 1) for _ in range(FUNCTIONS[name].arity)]
    return f"{name}({', '.join(values)})"


def test_whatever_is_printed_in_latex_is_read_from_it():
    dice, read = random.Random(1), 0
    for _ in range(2000):
        formula, _ = parsed(tree(dice, dice.randint(1, 4)))
        if formula is None:
            continue
        again, said = parsed(formula.latex)
        if again is None:  # Powers of functions are whole numbers where it is typed.
            known = "longer", "needs parentheses", "index of its own", "deeper"
            assert any(words in said for words in known), formula.latex
            continue
        with np.errstate(all="ignore"):
            wanted, found = (one.evaluate(X, Y, np) for one in (formula, again))
        np.testing.assert_allclose(found, wanted, rtol=1e-9, err_msg=formula.latex)
        read += 1
    assert read > 1500


def test_noise_is_read_or_refused_with_a_sentence():
    dice = random.Random(2)
    parts = [r"\frac", r"\sqrt", r"\left", r"\right", r"\cos", r"\,", r"\{", r"\x", "{",
             "}", "(", ")", "[", "]", "^", "_", "x", "y_1", "w_2", "2", "+", "*", "|",
             "\\", "$", "é", "\x00", " with ", "a = 1 in 0..2"]  # fmt: skip
    for _ in range(3000):
        text = "".join(dice.choices(parts, k=dice.randint(1, 30)))
        _, said = parsed(text)
        assert said.isprintable(), text
        assert len(said) < 400, text
