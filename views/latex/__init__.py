"""A race as LaTeX: PGFPlots figures of its map and of its losses, and its table.

figure.py   the whole file      text.py    words, numbers and colours for LaTeX
span.py     which steps         lines.py   trails and contours as coordinates
step.py     the equations of a step        marks.py   the marks of entries
"""

from views.latex.figure import MOST_POINTS, figure, refuse_large
from views.latex.span import Span, span_of
from views.latex.step import entry_of, equations

__all__ = [
    "MOST_POINTS",
    "Span",
    "entry_of",
    "equations",
    "figure",
    "refuse_large",
    "span_of",
]
