"""The widgets for a formula of one's own: f(x, y), and the ranges of the map."""

import streamlit as st

from surfaces.formula import FUNCTIONS, REWRITTEN
from views.page.widgets import text, type_in
from views.setup import Setup

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


def show(setup: Setup, *, locked: bool) -> None:
    """Shows where a formula and its domain are typed."""
    known = setup.fields
    with st.container(horizontal=True, vertical_alignment="bottom", key="typed"):
        for key, label, width, tip in (
            ("f", "f(x, y), typed", 420, _HELP),
            ("x", "x from, to", 110, None),
            ("y", "y from, to", 110, None),
        ):
            shown = known[key].format(setup[key])
            how = {"width": width, "help": tip, "max_chars": 300}
            text(f"typed_{key}", label, shown, type_in, locked=locked, **how)
