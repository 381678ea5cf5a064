"""Formulas as browsers draw them themselves."""

from functools import lru_cache

from latex2mathml.converter import convert


@lru_cache(maxsize=500)
def mathml(formula: str, display: str = "inline") -> str:
    """A formula in LaTeX as MathML.

    Args:
        formula: The LaTeX, without dollars.
        display: "inline", or "block" for a line of its own.
    """
    return convert(formula, display=display)
