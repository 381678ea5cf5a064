"""A race as LaTeX: PGFPlots figures of its map and of its losses, and its table.

figure.py   the whole file      text.py    words, numbers and colours for LaTeX
lines.py    trails and contours as coordinates      marks.py   the marks of entries
"""

from views.latex.figure import MOST_POINTS, figure, refuse_large

__all__ = ["MOST_POINTS", "figure", "refuse_large"]
