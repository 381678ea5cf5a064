"""Streamlit's widgets, each of which shows a part of the setup and changes it.

Streamlit keeps what each widget holds, in the browser and on the server, beside the
setup: here the two are kept the same.
"""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from views.groups import state as state_of
from views.page.numbers import declared, edits_of
from views.page.session import Apply, Session, this_session
from views.setup import Setup


def shows(setup: Setup, group: str) -> bool:
    """Whether the page shows a group of settings."""
    return state_of(group, setup["hide"], setup["lock"]) != "hidden"


def locks(setup: Setup, group: str) -> bool:
    """Whether nothing of a group can be changed."""
    return state_of(group, setup["hide"], setup["lock"]) == "locked"


def text(
    key: str,
    label: str,
    shown: str,
    apply: Apply,
    *,
    locked: bool,
    widget: Callable[..., Any] = st.text_input,
    **how: Any,
) -> None:
    """A line of text; what was wrong stays in it, to be mended and not typed again.

    Args:
        key: The widget's.
        label: Its name on the page.
        shown: What it is to show.
        apply: What is done with what was typed.
        locked: Whether nothing can be changed.
        widget: Streamlit's.
        how: More arguments of that.
    """
    drafted = this_session().drafts.get(key, shown)
    given = _showing(key, drafted, value=str)
    _used(widget, label, key, apply, locked, **how, **given)


area = partial(text, widget=st.text_area, height=220)
"""A field to paste a text into, likewise."""


def choice(
    key: str,
    label: str,
    names: Mapping[str, str],
    shown: str,
    apply: Apply,
    *,
    locked: bool,
    **how: Any,
) -> None:
    """A list of names by their keys; more arguments are of st.selectbox."""
    options = list(names)
    given = _showing(key, shown, index=options.index)
    named = {"options": options, "format_func": names.__getitem__}
    _used(st.selectbox, label, key, apply, locked, **named, **how, **given)


def switch(
    key: str,
    label: str,
    names: Mapping[str, str],
    shown: str,
    apply: Apply,
    *,
    locked: bool,
) -> None:
    """A few names side by side, by their keys."""
    given = _showing(key, shown, default=str)
    named = {"options": list(names), "format_func": names.__getitem__}
    _used(
        st.segmented_control, label, key, apply, locked, required=True, **named, **given
    )


def uploader(
    key: str, apply: Apply, *, locked: bool, megabytes: int, tip: str | None = None
) -> None:
    """A field to open a file with, of so many megabytes at most."""
    how = {"help": tip, "max_upload_size": megabytes}
    _used(st.file_uploader, "Or open a file", key, apply, locked, **how)


def say(sentence: str) -> None:
    """Shows a sentence that may hold words of a file, letter for letter."""
    st.html(f'<p class="said">{escape(sentence)}</p>', width="content")


def _used(
    widget: Callable[..., Any],
    label: str,
    key: str,
    apply: Apply,
    locked: bool,
    **how: Any,
) -> None:
    args = (key, apply)
    widget(label, key=key, on_change=_use, args=args, disabled=locked, **how)


def _use(key: str, apply: Apply) -> None:
    this_session().used[key] = st.session_state[key], apply


def _showing(
    key: str, value: Any, /, **default: Callable[[Any], Any]
) -> dict[str, Any]:
    """Makes a widget show a value: by its state, or by its default at first.

    In a session's first run, a browser that has outlived a server may hold a change
    that no session has seen; setting the widget's state would undo it.

    Args:
        key: The widget's.
        value: What it is to show.
        default: The name of its argument for that, and how the value is given there.
    """
    session, state = this_session(), st.session_state
    first = session.first_shown
    # The first run may have been stopped: what the browser holds as it was shown is no
    # change of the browser's, and would undo what has changed since.
    unchanged = key in first and key in state and state[key] == first[key]
    if session.seen or unchanged:
        if key in state and state[key] != value:
            session.replaced[key] = state[key]
        else:
            session.replaced.pop(key, None)
        state[key] = value
    if session.seen:
        return {}
    first[key] = value
    return {} if unchanged else {name: give(value) for name, give in default.items()}


def held_by_browser() -> dict[str, str]:
    """After a session's first run: the changes that the browser held, as edits."""
    session, state = this_session(), st.session_state
    if session.seen:
        return {}
    first = session.first_shown
    held = {key: state[key] for key in first if state[key] != first[key]}
    session.seen = True
    if "surface" in held:
        return {"surface": held["surface"]}
    changes = {
        key.removeprefix("typed_"): str(value)
        for key, value in held.items()
        if key not in declared(session.setup)
    }
    return changes | edits_of(session.setup, held)


def choose(session: Session, key: str, value: str) -> None:
    """Takes what was chosen, by the key of a setting."""
    session.change({key: value})


def type_in(session: Session, key: str, text: str) -> None:
    """Takes what was typed: of `typed_f`, the setting is f."""
    session.change({key.removeprefix("typed_"): text})
    if session.problems:
        session.drafts = {key: text}
