"""The text of lessons as HTML: a few forms of Markdown, and mathematics as MathML."""

from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from views.mathml import mathml

_FORMS = ("emphasis", "backticks", "escape", "list", "blockquote", "link", "newline")


def _math(formula: str, _: Any) -> str:
    try:
        return mathml(formula)
    except Exception:  # Of one's own lessons: the library raises many kinds.
        return f"<code>{escape(formula)}</code>"


# HTML is not among its forms: tags are text.
_MARKDOWN = (
    MarkdownIt("zero")
    .enable(list(_FORMS))
    .use(dollarmath_plugin, allow_blank_lines=False, renderer=_math)
)


def written(text: str) -> str:
    """Markdown as HTML without images, scripts and tags of its own."""
    return _MARKDOWN.render(text)


@lru_cache(maxsize=512)
def html_of(text: str) -> str:
    """The same, kept: of the lessons that the server has."""
    return written(text)
