"""The page: what stands where, and how its parts keep one setup between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from surfaces import Param, Surface, plain_number
from surfaces.formula import FUNCTIONS, REWRITTEN
from views import data_widgets, grid_widgets
from views.check import check_figure, gradient_check
from views.fields import STEPS, TYPED, VIEWS, start_params
from views.groups import state as state_of
from views.notice import notice
from views.own_data import DATA
from views.own_grid import GRID, with_pasted
from views.palettes import THEMES, theme_of
from views.player import KEY as PLAYER
from views.player import player
from views.setup import Setup, is_of_table, wrong

_ICON = str(Path(__file__).with_name("icon.svg"))
_STYLE = """<style>
.stMainBlockContainer { padding: 0.6rem 0.9rem 0.4rem; max-width: none; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.45rem; }
.stAppHeader { display: none; }
.st-key-bar { gap: 0.9rem; }
.st-key-bar .stPopover, .st-key-bar :has(> .stPopover) { min-width: 8rem; }
/* An arrow of its own: Streamlit's is a letter of a font that is larger than all of the
   player, and would be loaded before anything moves. */
.stPopover [data-testid="stIconMaterial"] { display: none; }
.stPopover button::after { content: "▾"; content: "▾" / ""; margin-left: 0.4rem; }
.st-key-bar label p, .st-key-typed label p { font-size: 0.75rem; opacity: 0.75; }
.st-key-view button { height: 2.5rem; }
.st-key-typed { gap: 0.6rem; }
[data-testid="stPopoverBody"]:has(.st-key-typed_data) { min-width: min(24rem, 92vw); }
.said { margin: 0; font-size: 0.75rem; opacity: 0.75; overflow-wrap: anywhere; }
.st-key-bar > :has(.page-name) { margin-left: auto; }
.page-name { line-height: 1.2; text-align: right; white-space: nowrap; }
.page-name h1 { margin: 0; padding: 0; font-size: 0.9rem; font-weight: 650; }
.page-name p { margin: 0; font-size: 0.75rem; opacity: 0.75; }
@media (max-width: 1270px) { /* for those who hear the page */
  .page-name { position: absolute; width: 1px; height: 1px; overflow: hidden; }
}
.notice {
  padding: 0.6rem 1rem 0.6rem 2.75rem; border-radius: 0.35rem; position: relative;
  background: color-mix(in srgb, rgb(251, 213, 79) 17%, transparent); color: inherit;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.notice::before {
  content: "⚠"; content: "⚠" / ""; position: absolute; left: 1rem;
  font-size: 1.25rem; line-height: 1.6rem;
}
</style>"""


_NAME = """<div class="page-name">
<h1>Loss-surface visualizer</h1>
<p>Watch optimizers race</p>
</div>"""

_FUNCTIONS = ", ".join(f"`{name}`" for name in (*FUNCTIONS, *REWRITTEN))

# Streamlit reads it as Markdown, in which nothing but code keeps its asterisks.
_HELP = f"""Type f(x, y) as mathematics: `x^2 + 3sin(xy)`, `|x| + √(y² + 1)`,
`2x(1 - y)`. What stands side by side is multiplied as if a `*` stood there, so
`1/2x` is half of x. `sin 2x` is `sin(2x)`, and `np.sin(x)` is `sin(x)`. LaTeX is read,
too: `\\frac{{1}}{{2}}x_1^2 + x_2^2`. Choices: `x^2 if x > 0 else 0`; sums:
`sum(k, 1, 5, sin(kx)/k)`.

Numbers to turn stand behind `with`: `a*x^2 + y^2 with a = 1 in 0..10`.

There are `x`, `y`, `pi`, `e`, {_FUNCTIONS}.

The fields beside it hold the ranges of the map: `-2, 2`."""
_USE = (
    "**Begin:** choose a surface, press play, and move a slider: all pictures follow. "
    "*lessons…* above the cards leads through it, *?* explains every mark.  \n"
    "**Keys:** space plays and pauses, ← and → step, Home and End jump, K keeps "
    "the trails.  \n"
    "**Map:** click to start there, drag the ring to move the start, drag to pan, "
    "scroll to zoom, ⤢ to see all.  \n"
    "**Surface:** drag to turn, scroll to zoom, double-click for its first view."
    "  \n"
    "**Touch:** one finger scrolls the page; two move, zoom and turn a picture.  \n"
    "**Address:** copy it to share exactly this page."
)
_SESSION = "session"
_LONGEST = 30
"""Characters of a number that is typed."""
_ABOUT = 112
"""Pixels of its button: as wide as its content, Firefox cuts it."""


_Apply = Callable[["_Session", str, Any], None]
"""What a widget that was used does, by its key and what it holds."""


@dataclass
class _Session:
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
    used: dict[str, tuple[Any, _Apply]] = field(default_factory=dict)
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


def page() -> None:
    """Runs once for each change that reaches the server."""
    st.set_page_config("Loss-surface visualizer", _ICON, "wide")
    st.html(_STYLE)
    setup = _current_setup()
    if not st.context.is_embedded:  # In a frame there is room for the player only.
        _bar(setup)
        if setup.surface_key == TYPED and _shows(setup, "surface"):
            _typed(setup)
        if setup.surface_key == DATA and _shows(setup, "surface"):
            locked = _locks(setup, "surface")
            tools = data_widgets.Tools(_showing, _draft, _use, locked)
            wrong_table = next(filter(is_of_table, _session().problems), "")
            data_widgets.show(setup, tools, _from_data, _from_file, wrong_table)
        if setup.surface_key == GRID and _shows(setup, "surface"):
            locked = _locks(setup, "surface")
            tools = data_widgets.Tools(_showing, _draft, _use, locked)
            wrong_grid = next(filter(is_of_table, _session().problems), "")
            grid_widgets.show(setup, tools, _from_grid, _from_grid_file, wrong_grid)
    if setup.surface_key == DATA:
        data_widgets.keep_for(setup)
    if setup.surface_key == GRID:
        grid_widgets.keep_for(setup)
    session = _session()
    if session.problems:
        notice(_in_one_sentence(session.problems))
    edits = player(setup, session.edits_seen)
    _show_address(setup)
    if held := _held_by_browser():
        _change(held, session)
        session.widget_changed = True
        st.rerun()
    if _unseen(edits):
        # A session's first run learns of the player's state only by showing it: the
        # browser has outlived a server and says again what it had not seen confirmed.
        st.rerun()


def _current_setup() -> Setup:
    """The session's setup, brought up to date with the address and the player."""
    address = _address()
    edits = st.session_state.get(PLAYER, {}).get("edits")
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = _Session(*Setup.parse(address), address)
    session = _session()
    edited = _unseen(edits)
    sent = isinstance(edits, dict) and edits != session.edits
    others = sent or session.widget_changed or address != session.address
    _take_used(session, others)
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
        _change(edits.get("changes"), session)
    return session.setup


def _session() -> _Session:
    return st.session_state[_SESSION]


def _unseen(edits: Any) -> bool:
    """Whether the player's state holds edits that are not in the setup yet."""
    number = edits.get("n") if isinstance(edits, dict) else None
    return isinstance(number, int) and number != _session().edits_seen


def _take_used(session: _Session, others: bool) -> None:
    """Applies what widgets hold that were used, unless the browser is late with it.

    With each message the browser sends what all widgets hold. Has it not heard yet that
    the page changed one, Streamlit takes what that held before for what a person chose.
    A person uses one widget at a time.

    Args:
        session: What is changed.
        others: Whether the message says something besides.
    """
    used, session.used = session.used, {}
    replaced = session.replaced
    behind = {
        key for key, (value, _) in used.items() if (key, value) in replaced.items()
    }
    if not others and len(used) == 1:
        behind = set()
    for key, (value, apply) in used.items():
        if key not in behind:
            session.widget_changed = True
            apply(session, key, value)


def _backs(edits: Any) -> Any:
    """How often the browser's history was used, as the player's state says it."""
    return edits.get("backs") if isinstance(edits, dict) else None


def _address() -> list[tuple[str, str]]:
    query = st.query_params
    return [(key, text) for key in query for text in query.get_all(key)]


def _show_address(setup: Setup) -> None:
    session, pairs = _session(), setup.pairs()
    if _address() != pairs or session.unsure:
        st.query_params.from_dict(dict(pairs))
    session.address = pairs
    session.widget_changed = session.unsure = False


def _change(changes: object, session: _Session) -> None:
    """Applies changes by address key; what is wrong is said and leaves the rest."""
    if not isinstance(changes, dict):
        return
    texts = {str(k): v if v is None else str(v) for k, v in changes.items()}
    session.drafts = {}
    session.setup, session.problems = session.setup.edited(texts)


def _in_one_sentence(problems: tuple[str, ...]) -> str:
    more = len(problems) - 1
    rest = f" ({more} more {'problem' if more == 1 else 'problems'}.)" if more else ""
    return problems[0] + rest


def _bar(setup: Setup) -> None:
    """The row of widgets; each holds the setup's value and changes the setup."""
    surface = setup.surface
    numbers = _numbers(setup)
    surfaces = setup.fields["surface"].choices
    with st.container(horizontal=True, vertical_alignment="bottom", key="bar"):
        if _shows(setup, "surface"):
            st.selectbox(
                "Surface",
                list(surfaces),
                format_func=surfaces.__getitem__,
                key="surface",
                on_change=_use,
                args=("surface", _from_choice),
                width=256,
                disabled=_locks(setup, "surface"),
                **_showing("surface", setup.surface_key, index=list(surfaces).index),
            )
        if _shows(setup, "view"):
            st.segmented_control(
                "View",
                list(VIEWS),
                format_func=VIEWS.__getitem__,
                key="view",
                on_change=_use,
                args=("view", _from_choice),
                required=True,
                disabled=_locks(setup, "view"),
                **_showing("view", setup["view"], default=str),
            )
        for key, param in _declared(setup).items():
            group = "steps" if key == "steps" else "start"
            if not _shows(setup, group):
                continue
            # Not st.number_input: there a decimal comma is dropped, and 1,5 is 15.
            st.text_input(
                param.label,
                key=key,
                on_change=_use,
                args=(key, _from_number),
                width=104,
                max_chars=_LONGEST,
                disabled=_locks(setup, group),
                **_showing(key, _draft(key, numbers[key]), value=str),
            )
        # Beside this, too, the browser may not have caught up with an address yet.
        if _shows(setup, "check") and st.button(
            "Gradient check",
            on_click=_from_button,
            disabled=_locks(setup, "check"),
        ):
            _check(surface, setup["start"], setup["theme"])
        with st.popover("About", width=_ABOUT):
            _about(setup, surface)
        st.html(_NAME, width="content")


def _shows(setup: Setup, group: str) -> bool:
    return state_of(group, setup["hide"], setup["lock"]) != "hidden"


def _locks(setup: Setup, group: str) -> bool:
    return state_of(group, setup["hide"], setup["lock"]) == "locked"


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
    session, state = _session(), st.session_state
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


def _held_by_browser() -> dict[str, str]:
    """After a session's first run: the changes that the browser held, as edits."""
    session, state = _session(), st.session_state
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
        if key not in _declared(session.setup)
    }
    return changes | _edits(session.setup, held)


def _declared(setup: Setup) -> dict[str, Param]:
    """The numbers that have a field beside the surface, by its key."""
    x, y = start_params(setup.declared_surface.domain)
    return {"start_x": x, "start_y": y, "steps": STEPS}


def _numbers(setup: Setup) -> dict[str, str]:
    """What the fields of these numbers show."""
    x, y = setup["start"]
    return {
        "start_x": f"{x:.6g}",
        "start_y": f"{y:.6g}",
        "steps": str(setup["steps"]),
    }


def _edits(setup: Setup, typed: Mapping[str, str]) -> dict[str, str]:
    """The edits of a setup that typed numbers are.

    An empty field is none, nor is one that holds what it showed, which is rounded.
    """
    texts = {
        key: text
        for key, shown in _numbers(setup).items()
        if key in typed and (text := plain_number(typed[key])) not in ("", shown)
    }
    edits = {key: text for key, text in texts.items() if key == "steps"}
    if len(texts) > len(edits):
        x, y = (repr(float(part)) for part in setup["start"])
        edits["start"] = f"{texts.get('start_x', x)},{texts.get('start_y', y)}"
    return edits


def _draft(key: str, text: str) -> str:
    """What a field shows: what was wrong stays, to be mended and not typed again."""
    return _session().drafts.get(key, text)


@st.dialog("Gradient check", width="large")
def _check(surface: Surface, point: tuple[float, float], wanted: str) -> None:
    """Autodiff against central differences, at the start."""
    check = gradient_check(surface, point)
    st.markdown(
        f"**{surface.label}** at the start ({point[0]:.4g}, {point[1]:.4g}): "
        "the gradient by automatic differentiation, beside central differences "
        r"$\frac{f(w + h e) - f(w - h e)}{2h}$ for decreasing $h$."
    )
    palette = THEMES[theme_of(wanted, st.context.theme.type)]
    st.plotly_chart(check_figure(check, palette), theme=None)
    st.markdown(check.sentence)


def _from_button() -> None:
    _session().widget_changed = True


def _use(key: str, apply: _Apply) -> None:
    _session().used[key] = st.session_state[key], apply


def _from_choice(session: _Session, key: str, value: str) -> None:
    _change({key: value}, session)


def _from_number(session: _Session, key: str, text: str) -> None:
    param = _declared(session.setup)[key]
    changes = _edits(session.setup, {key: text})
    try:
        if changes:
            param.parse(plain_number(text))
    except ValueError as error:
        session.problems = (wrong(param.label, text, error),)
        session.drafts = {key: text}
    else:
        _change(changes, session)


def _typed(setup: Setup) -> None:
    """Where a formula and its domain are typed."""
    known = setup.fields
    with st.container(horizontal=True, vertical_alignment="bottom", key="typed"):
        for key, label, width, tip in (
            ("f", "f(x, y), typed", 420, _HELP),
            ("x", "x from, to", 110, None),
            ("y", "y from, to", 110, None),
        ):
            text = _draft(f"typed_{key}", known[key].format(setup[key]))
            st.text_input(
                label,
                key=f"typed_{key}",
                on_change=_use,
                args=(f"typed_{key}", _from_typed),
                width=width,
                help=tip,
                max_chars=300,
                disabled=_locks(setup, "surface"),
                **_showing(f"typed_{key}", text, value=str),
            )


def _from_typed(session: _Session, key: str, text: str) -> None:
    _change({key.removeprefix("typed_"): text}, session)
    if session.problems:
        session.drafts = {key: text}


def _from_data(session: _Session, key: str, text: str) -> None:
    if key != "typed_data":
        return _from_typed(session, key, text)
    _change(data_widgets.changes_of(session.setup, text), session)
    if session.problems:
        session.drafts = {key: text}


def _from_file(session: _Session, _: str, file: Any) -> None:
    if file is None:  # It was taken away again; what was read of it stays.
        return
    try:
        text = data_widgets.text_of_file(file)
    except ValueError as error:
        session.problems = (wrong(DATA, None, error),)
    else:
        _change(data_widgets.changes_of(session.setup, text), session)


def _from_grid(session: _Session, key: str, text: str) -> None:
    # An empty field is the grid to begin with, or one too long to be shown.
    try:
        changes = {"grid": with_pasted(text, session.setup["grid"]) if text else None}
    except ValueError as error:
        session.problems = (wrong(GRID, None, error),)
        session.drafts = {key: text}
    else:
        _change(changes, session)


def _from_grid_file(session: _Session, _: str, file: Any) -> None:
    if file is None:  # It was taken away again; what was read of it stays.
        return
    try:
        text = grid_widgets.grid_of_file(session.setup, file)
    except ValueError as error:
        session.problems = (wrong(GRID, None, error),)
    else:
        _change({"grid": text}, session)


def _about(setup: Setup, surface: Surface) -> None:
    """How to use the page; then the rules that are on, and their sources."""
    st.markdown(_USE)
    for optimizer in dict.fromkeys(map(setup.rule, setup["on"])):
        st.markdown(f"**{optimizer.label}** &ensp; ${optimizer.formula}$")
        st.caption(optimizer.source)
    st.markdown(f"**{surface.label}**")
    st.caption(surface.source)
