"""What keeps one setup between the browser's address, its widgets and the player."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from views.player import KEY as PLAYER
from views.setup import Setup

_KEY = "session"

Apply = Callable[["Session", str, Any], None]
"""What a widget that was used does, by its key and what it holds."""


@dataclass
class Session:
    """What a session remembers, in one object.

    Streamlit may stop a run, for the next, wherever it reads or writes the session's
    state. An object's own fields change without that: together, or not at all.
    """

    setup: Setup
    problems: tuple[str, ...]
    address: list[tuple[str, str]]
    """The last that was shown."""
    drafts: dict[str, str] = field(default_factory=dict)
    """What was typed and is wrong, by field."""
    edits: Any = None
    """What the player sent last."""
    edits_seen: int = 0
    """The number of the player's last edits that are in the setup."""
    used: dict[str, tuple[Any, Apply]] = field(default_factory=dict)
    """Widgets that were used since the last run: what each holds, and what to do."""
    replaced: dict[str, Any] = field(default_factory=dict)
    """What the browser held of a widget when the page last changed it, by its key."""
    widget_changed: bool = False
    """Whether a widget was used since the address was shown."""
    unsure: bool = False
    """Whether the browser may be sent another address after the one that it said."""
    first_shown: dict[str, Any] = field(default_factory=dict)
    """What the widgets showed in the session's first run."""
    seen: bool = False
    """Whether that run is over."""

    def change(self, changes: object) -> None:
        """Applies changes by address key; what is wrong is said and leaves the rest."""
        if not isinstance(changes, dict):
            return
        texts = {str(k): v if v is None else str(v) for k, v in changes.items()}
        self.drafts = {}
        self.setup, self.problems = self.setup.edited(texts)

    def refuse(self, problem: str, **drafts: str) -> None:
        """Says what is wrong with what was typed, which stays in its field."""
        self.problems = (problem,)
        if drafts:
            self.drafts = drafts

    def take_used(self, others: bool) -> None:
        """Applies what widgets hold that were used, unless the browser is late with it.

        With each message the browser sends what all widgets hold. Has it not heard yet
        that the page changed one, Streamlit takes what that held before for what a
        person chose. A person uses one widget at a time.

        Args:
            others: Whether the message says something besides.
        """
        used, self.used = self.used, {}
        replaced = self.replaced
        behind = {
            key for key, (value, _) in used.items() if (key, value) in replaced.items()
        }
        if not others and len(used) == 1:
            behind = set()
        for key, (value, apply) in used.items():
            if key not in behind:
                self.widget_changed = True
                apply(self, key, value)


def this_session() -> Session:
    """The session that the page runs for."""
    return st.session_state[_KEY]


def current_setup() -> Setup:
    """The session's setup, brought up to date with the address and the player."""
    address = _address()
    edits = st.session_state.get(PLAYER, {}).get("edits")
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session(*Setup.parse(address), address)
    session = this_session()
    edited = unseen(edits)
    sent = isinstance(edits, dict) and edits != session.edits
    others = sent or session.widget_changed or address != session.address
    session.take_used(others)
    gone_back = not edited and _backs(edits) != _backs(session.edits)
    session.edits = edits
    followed = gone_back or not (sent or session.widget_changed)
    if address != session.address and followed:
        # The browser's back button. (Beside a change, or one that the player sends
        # again, it is only an address that the browser has not caught up with yet,
        # unless the player says that it was used.)
        session.setup, session.problems = Setup.parse(address)
        session.drafts = {}
        session.address = address
        session.unsure = sent
    if edited:
        session.edits_seen = edits["n"]
        session.change(edits.get("changes"))
    return session.setup


def unseen(edits: Any) -> bool:
    """Whether the player's state holds edits that are not in the setup yet."""
    number = edits.get("n") if isinstance(edits, dict) else None
    return isinstance(number, int) and number != this_session().edits_seen


def _backs(edits: Any) -> Any:
    """How often the browser's history was used, as the player's state says it."""
    return edits.get("backs") if isinstance(edits, dict) else None


def _address() -> list[tuple[str, str]]:
    query = st.query_params
    return [(key, text) for key in query for text in query.get_all(key)]


def show_address(setup: Setup) -> None:
    """Has the browser's address be that of a setup."""
    session, pairs = this_session(), setup.pairs()
    if _address() != pairs or session.unsure:
        st.query_params.from_dict(dict(pairs))
    session.address = pairs
    session.widget_changed = session.unsure = False
