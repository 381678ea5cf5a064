"""Generated formulas against SymPy: values, gradients, Hessians, to thirty digits."""

import random

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import sympy

from surfaces import FormulaError, parse_formula
from surfaces.formula import Binary, Call, Name, Negative, Number, Sum
from surfaces.formula.derivative import derivative
from surfaces.formula.evaluation import evaluate
from surfaces.formula.functions import FUNCTIONS, Function
from tests.rule_runs import fast_to_compile

FORMULAS, TOGETHER = 1000, 50
X, Y = sympy.symbols("x y", real=True)
POINTS = ((0.62, 1.37), (-0.83, 0.41))
LARGEST = 1e6
"""Above it, next to nothing of a difference of two numbers is left."""

NOT_REAL = (ZeroDivisionError, ValueError, TypeError, AttributeError, OverflowError)
"""What mpmath raises where a root or a logarithm has no real value."""

THIRD = sympy.Rational(1, 3)


def either(condition, then, other):
    """One of two: of these SymPy has derivatives without distributions."""
    return sympy.Piecewise((then, condition), (other, True))


SYMPY = {
    **{name: getattr(sympy, name) for name in "sin cos tan asin acos atan".split()},
    **{name: getattr(sympy, name) for name in "sinh cosh tanh asinh acosh".split()},
    **{
        name: getattr(sympy, name)
        for name in "atanh exp log sqrt erf sinc atan2".split()
    },
    "log2": lambda a: sympy.log(a) / sympy.log(2),
    "log10": lambda a: sympy.log(a) / sympy.log(10),
    "cbrt": lambda a: either(a > 0, a**THIRD, -((-a) ** THIRD)),
    "abs": lambda a: either(a > 0, a, -a),
    "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
    "hypot": lambda a, b: sympy.sqrt(a**2 + b**2),
    "pow": lambda a, b: a**b,
    "min": lambda a, b: either(a < b, a, b),
    "max": lambda a, b: either(a > b, a, b),
}
COMPARED = {"<": sympy.Lt, ">": sympy.Gt, "<=": sympy.Le, ">=": sympy.Ge}


def in_sympy(node, indices=()):
    """A tree in SymPy, by its own functions."""
    known = {"x": X, "y": Y, "pi": sympy.pi, "e": sympy.E, **dict(indices)}

    def inner(part):
        return in_sympy(part, indices)

    match node:
        case Number(value):
            return sympy.Rational(value)
        case Name(name):
            return known[name]
        case Negative(operand):
            return -inner(operand)
        case Binary(operator, left, right):
            a, b = inner(left), inner(right)
            join = {"+": a + b, "-": a - b, "*": a * b}
            if operator in join:
                return join[operator]
            return a / b if operator == "/" else a**b
        case Sum(index, first, last, term):
            numbers = range(first, last + 1)
            own = [(*indices, (index, sympy.Integer(k))) for k in numbers]
            return sum((in_sympy(term, each) for each in own), sympy.Integer(0))
        case Call("where", (Call(sign, (a, b)), then, other)):
            condition = COMPARED[sign](inner(a), inner(b))
            return either(condition, inner(then), inner(other))
        case Call(name, values):
            return SYMPY[name](*map(inner, values))


def generated(dice, depth):
    """A formula at random, of whatever SymPy can differentiate."""
    if depth <= 0 or dice.random() < 0.15:
        return dice.choice(["x", "y", "x", "y", "2", "0.5", "3", "1.7"])

    def inner():
        return generated(dice, depth - 1)

    kind = dice.random()
    if kind < 0.4:
        return f"({inner()} {dice.choice('+-*/')} {inner()})"
    if kind < 0.5:
        return f"({inner()})^{dice.choice(['2', '3', '-1', '0.5', '1.5'])}"
    if kind < 0.55:
        sign = dice.choice([*COMPARED])
        return f"where({inner()} {sign} {inner()}, {inner()}, {inner()})"
    if kind < 0.6:
        return f"sum(k, {dice.randint(0, 1)}, 3, {inner()}*k + ({inner()})^k)"
    name = dice.choice([*SYMPY])
    return f"{name}({', '.join(inner() for _ in range(FUNCTIONS[name].arity))})"


def formulas():
    """Formulas that depend on both variables, with SymPy's derivatives of them."""
    dice, found = random.Random(15), []
    while len(found) < FORMULAS:
        try:
            formula = parse_formula(generated(dice, dice.randint(1, 3)))
        except FormulaError:
            continue
        if {"x", "y"} <= formula.words:
            found.append(formula)
    return found


def exact(formula, points):
    """Value, slopes and second derivatives at points; None where there are none."""
    try:
        value = in_sympy(formula.node)
    except TypeError:  # Numbers that are not real are compared in it.
        return [None] * len(points)
    if value.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
        return [None] * len(points)
    firsts = [sympy.diff(value, by) for by in (X, Y)]
    pairs = ((firsts[0], X), (firsts[0], Y), (firsts[1], Y))
    all_of_them = [value, *firsts, *(sympy.diff(slope, by) for slope, by in pairs)]
    # SymPy makes |x| of the root of a square; away from 0 its second derivative is 0.
    modules = [{"DiracDelta": lambda *_: mpmath.mpf(0)}, "mpmath"]
    function = sympy.lambdify((X, Y), all_of_them, modules)
    return [_numbers(function, point) for point in points]


def _numbers(function, point):
    try:
        found = function(*map(mpmath.mpf, point))
    except NOT_REAL:
        return None
    if any(mpmath.im(each) or not mpmath.isfinite(each) for each in found):
        return None
    numbers = [float(mpmath.re(each)) for each in found]
    return numbers if max(map(abs, numbers)) < LARGEST else None


def by_jax(some, points):
    """The same as the page has it, of several formulas at once."""

    def all_of_them(point):
        rows = []
        for formula in some:

            def loss(point, formula=formula):
                return formula.evaluate(point[0], point[1], jnp)

            slopes, curves = jax.grad(loss)(point), jax.hessian(loss)(point)
            rows.append(
                jnp.stack(
                    [loss(point), *slopes, curves[0, 0], curves[0, 1], curves[1, 1]]
                )
            )
        return jnp.stack(rows)

    with jax.numpy_dtype_promotion("standard"):
        return np.asarray(fast_to_compile(jax.vmap(all_of_them))(jnp.array(points)))


def by_formulas(formula, point):
    """The same as scripts for NumPy have it."""
    known = dict(zip("xy", map(np.float64, point), strict=True))
    firsts = [derivative((), formula.node, by) for by in "xy"]
    pairs = ((firsts[0], "x"), (firsts[0], "y"), (firsts[1], "y"))
    trees = [((), formula.node), *firsts, *(derivative(*f, by) for f, by in pairs)]
    with np.errstate(all="ignore"):
        return [float(evaluate(node, known, np)) for _, node in trees]


def test_values_gradients_and_hessians_are_those_of_sympy(monkeypatch):
    # As a script defines it.
    nonzero = Function(1, lambda m, a: m.where(a == 0, 1.0, a))
    monkeypatch.setitem(FUNCTIONS, "nonzero", nonzero)
    monkeypatch.setattr(mpmath.mp, "dps", 30)
    some, compared, unreal = formulas(), 0, 0
    for first in range(0, FORMULAS, TOGETHER):
        part = some[first : first + TOGETHER]
        found = by_jax(part, POINTS)
        for k, formula in enumerate(part):
            for at, (point, wanted) in enumerate(
                zip(POINTS, exact(formula, POINTS), strict=True)
            ):
                if wanted is None:
                    continue
                if np.isnan(found[at, k, 0]):
                    # A product of two numbers that are not real may be real again.
                    unreal += 1
                    continue
                for ours in (found[at, k], by_formulas(formula, point)):
                    np.testing.assert_allclose(
                        ours, wanted, rtol=1e-9, atol=1e-9, err_msg=formula.text
                    )
                compared += 1
    assert compared > 1200
    assert unreal < 20
