"""The page: what stands where, around the player."""

from pathlib import Path

import streamlit as st

from views.fields import TYPED
from views.notice import notice
from views.own_data import DATA
from views.own_grid import GRID
from views.page import bar, data, formula, grid
from views.page.session import current_setup, show_address, this_session, unseen
from views.page.style import STYLE
from views.page.widgets import held_by_browser, locks, shows
from views.player import player

_ICON = str(Path(__file__).parents[1] / "icon.svg")
_ROWS = {TYPED: formula.show, DATA: data.show, GRID: grid.show}
"""What stands below the bar, by the surface that it is of."""
_KEPT = {DATA: data.keep_for, GRID: grid.keep_for}


def page() -> None:
    """Runs once for each change that reaches the server."""
    st.set_page_config("Loss-surface visualizer", _ICON, "wide")
    st.html(STYLE)
    setup = current_setup()
    session, key = this_session(), setup.surface_key
    if not st.context.is_embedded:  # In a frame there is room for the player only.
        bar.show(setup)
        if key in _ROWS and shows(setup, "surface"):
            _ROWS[key](setup, locked=locks(setup, "surface"))
    if key in _KEPT:
        _KEPT[key](setup)
    if session.problems:
        notice(in_one_sentence(session.problems))
    edits = player(setup, session.edits_seen)
    show_address(setup)
    if held := held_by_browser():
        session.change(held)
        session.widget_changed = True
        st.rerun()
    if unseen(edits):
        # A session's first run learns of the player's state only by showing it: the
        # browser has outlived a server and says again what it had not seen confirmed.
        st.rerun()


def in_one_sentence(problems: tuple[str, ...]) -> str:
    """The first of some problems, and how many more there are."""
    more = len(problems) - 1
    rest = f" ({more} more {'problem' if more == 1 else 'problems'}.)" if more else ""
    return problems[0] + rest
