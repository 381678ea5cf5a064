"""Formulas as browsers draw them themselves."""

from functools import cache

from latex2mathml.converter import convert


@cache
def mathml(formula: str) -> str:
    """A formula in LaTeX as MathML."""
    return convert(formula)
