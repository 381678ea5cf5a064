"""The row of widgets above the player."""

from typing import Any

import streamlit as st

from parameters.digits import digits
from surfaces import Surface, plain_number
from views.check import check_figure, gradient_check
from views.fields import VIEWS
from views.page.numbers import declared, edits_of, numbers
from views.page.session import Session, this_session
from views.page.style import NAME
from views.page.widgets import choice, choose, locks, shows, switch, text
from views.palettes import THEMES, theme_of
from views.setup import Setup, wrong

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
_LONGEST = 30
"""Characters of a number that is typed."""
_ABOUT = 112
"""Pixels of its button: as wide as its content, Firefox cuts it."""


def show(setup: Setup) -> None:
    """Shows the row; each widget holds the setup's value and changes the setup."""
    surface = setup.surface
    with st.container(horizontal=True, vertical_alignment="bottom", key="bar"):
        if shows(setup, "surface"):
            names, locked = setup.fields["surface"].choices, locks(setup, "surface")
            shown = setup.surface_key
            choice("surface", "Surface", names, shown, choose, locked=locked, width=256)
        if shows(setup, "view"):
            locked = locks(setup, "view")
            switch("view", "View", VIEWS, setup["view"], choose, locked=locked)
        for key, param in declared(setup).items():
            group = "steps" if key == "steps" else "start"
            if shows(setup, group):
                # Not st.number_input: there a decimal comma is dropped, and 1,5 is 15.
                how: dict[str, Any] = {"width": 104, "max_chars": _LONGEST}
                shown, locked = numbers(setup)[key], locks(setup, group)
                text(key, param.label, shown, _number, locked=locked, **how)
        # Beside this, too, the browser may not have caught up with an address yet.
        if shows(setup, "check") and st.button(
            "Gradient check", on_click=_used, disabled=locks(setup, "check")
        ):
            _check(surface, setup["start"], setup["theme"])
        with st.popover("About", width=_ABOUT):
            _about(setup, surface)
        st.html(NAME, width="content")


def _number(session: Session, key: str, text: str) -> None:
    param = declared(session.setup)[key]
    changes = edits_of(session.setup, {key: text})
    try:
        if changes:
            param.parse(plain_number(text))
    except ValueError as error:
        session.refuse(wrong(param.label, text, error), **{key: text})
    else:
        session.change(changes)


def _used() -> None:
    this_session().widget_changed = True


@st.dialog("Gradient check", width="large")
def _check(surface: Surface, point: tuple[float, float], wanted: str) -> None:
    """Autodiff against central differences, at the start."""
    check = gradient_check(surface, point)
    x, y = (digits(value, 4) for value in point)
    st.markdown(
        f"**{surface.label}** at the start ({x}, {y}): "
        "the gradient by automatic differentiation, beside central differences "
        r"$\frac{f(w + h e) - f(w - h e)}{2h}$ for decreasing $h$."
    )
    palette = THEMES[theme_of(wanted, st.context.theme.type)]
    st.plotly_chart(check_figure(check, palette), theme=None)
    st.markdown(check.sentence)


def _about(setup: Setup, surface: Surface) -> None:
    """How to use the page; then the rules that are on, and their sources."""
    st.markdown(_USE)
    for optimizer in dict.fromkeys(map(setup.rule, setup["on"])):
        st.markdown(f"**{optimizer.label}** &ensp; ${optimizer.formula}$")
        st.caption(optimizer.source)
    st.markdown(f"**{surface.label}**")
    st.caption(surface.source)
