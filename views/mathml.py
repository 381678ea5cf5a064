"""Formulas as browsers draw them themselves."""

from functools import lru_cache

from latex2mathml.converter import convert


@lru_cache(maxsize=500)
def mathml(formula: str) -> str:
    """A formula in LaTeX as MathML."""
    return convert(formula)
