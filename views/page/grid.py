"""The widgets for a grid of losses of one's own: its text and its file."""

from typing import Any

import streamlit as st

from surfaces.grid import LONGEST
from views.long_texts import keep
from views.own_grid import (
    GRID,
    LARGEST_FILE,
    in_words,
    lines_of,
    size_in_words,
    text_of_file,
    with_pasted,
)
from views.page.session import Session, this_session
from views.page.widgets import area, say, uploader
from views.setup import Setup, is_of_table, wrong

_PASTE = """Losses at evenly spaced places, as tools for loss landscapes write them.

As a table: x along its first line, y along its first column. Or a line `x, y, loss` for
each point. Lines `x, y` alone are a path across the grid that is shown.

From 4 to 256 losses along a side."""
_FILE = """A table as above (CSV), or NumPy's .npz with the arrays `losses`, `x`, `y`
and, if there is one, `path`."""
FILE = "grid_file"
"""The key of the field for a file."""


def show(setup: Setup, *, locked: bool) -> None:
    """Shows the widgets of a grid."""
    said = in_words(setup["grid"])
    problem = next(filter(is_of_table, this_session().problems), "")
    with st.container(horizontal=True, vertical_alignment="bottom", key="typed"):
        with st.popover(f"Grid: {size_in_words(setup['grid'])}", width=190):
            how = {"locked": locked, "max_chars": LONGEST, "help": _PASTE}
            lines = lines_of(setup["grid"])
            area("typed_grid", "Paste losses", lines, _take_losses, **how)
            say(problem or said)
            megabytes = LARGEST_FILE // 2**20
            uploader(FILE, _take_file, locked=locked, megabytes=megabytes, tip=_FILE)
        say(said)


def _take_losses(session: Session, key: str, text: str) -> None:
    # An empty field is the grid to begin with, or one too long to be shown.
    try:
        grid = with_pasted(text, session.setup["grid"]) if text else None
    except ValueError as error:
        session.refuse(wrong(GRID, None, error), **{key: text})
    else:
        session.change({"grid": grid})


def _take_file(session: Session, _: str, file: Any) -> None:
    if file is None:  # It was taken away again; what was read of it stays.
        return
    try:
        grid = text_of_file(file.getvalue(), session.setup["grid"])
    except ValueError as error:
        session.refuse(wrong(GRID, None, error))
    else:
        session.change({"grid": grid})


def keep_for(setup: Setup) -> None:
    """Keeps the grid of a session with the server, if the address does not hold it."""
    keep(setup["grid"], st.context.ip_address or "")
