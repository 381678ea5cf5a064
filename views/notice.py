"""A sentence on what is wrong, shown letter for letter."""

from html import escape

import streamlit as st


def notice(sentence: str) -> None:
    """Shows a sentence that may quote what stands in an address.

    Not by `st.warning`, which reads Markdown: a quotation could be a picture or a link
    there, and nothing keeps Markdown from making a link of a bare address.
    """
    st.html(markup(sentence))


def markup(sentence: str) -> str:
    """The sentence as HTML, with nothing in it but text."""
    return f'<div class="notice" role="alert">{escape(sentence)}</div>'
