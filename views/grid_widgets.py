"""The widgets for a grid of losses of one's own: its text and its file."""

from typing import Any

import streamlit as st

from surfaces.grid import LONGEST
from views.data_widgets import Tools, area, say, uploader
from views.long_texts import keep
from views.own_grid import LARGEST_FILE, in_words, lines_of, size_in_words, text_of_file
from views.setup import Setup

_PASTE = """Losses at evenly spaced places, as tools for loss landscapes write them.

As a table: x along its first line, y along its first column. Or a line `x, y, loss` for
each point. Lines `x, y` alone are a path across the grid that is shown.

From 4 to 256 losses along a side."""
_FILE = """A table as above (CSV), or NumPy's .npz with the arrays `losses`, `x`, `y`
and, if there is one, `path`."""
FILE = "grid_file"
"""The key of the field for a file."""


def show(
    setup: Setup, tools: Tools, apply: Any, take_file: Any, wrong: str = ""
) -> None:
    """Shows the widgets of a grid.

    Args:
        setup: With a grid of one's own.
        tools: Of the page.
        apply: What a widget does that was used, by the session, its key and its value.
        take_file: The same of a file.
        wrong: What is wrong with the grid, in a sentence.
    """
    said = in_words(setup["grid"])
    with st.container(horizontal=True, vertical_alignment="bottom", key="typed"):
        size = size_in_words(setup["grid"])
        with st.popover(f"Grid: {size}", width=190):
            shown = lines_of(setup["grid"])
            area("typed_grid", "Paste losses", shown, LONGEST, tools, apply, _PASTE)
            say(wrong or said)
            uploader(FILE, LARGEST_FILE // 2**20, tools, take_file, _FILE)
        say(said)


def keep_for(setup: Setup) -> None:
    """Keeps the grid of a session with the server, if the address does not hold it."""
    keep(setup["grid"], st.context.ip_address or "")


def grid_of_file(setup: Setup, file: Any) -> str:
    """The grid of a file that was opened, in one line.

    Raises:
        ValueError: If it is none, in words that follow "grid".
    """
    return text_of_file(file.getvalue(), setup["grid"])
