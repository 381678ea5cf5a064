"""Formulas of the site, drawn by browsers themselves: nothing is loaded for them."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from views.mathml import mathml


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    drawn = mathml(node.astext(), display="block")
    writer.body.append(f'<div class="math">{drawn}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Makes this the way in which pages have their formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
