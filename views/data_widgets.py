"""The widgets for data of one's own: the table, its file, the model and the ranges."""

from collections.abc import Callable
from html import escape
from typing import Any, NamedTuple

import streamlit as st

from surfaces.models import is_of_two, prediction
from surfaces.table import LONGEST, TableError
from views.long_texts import keep
from views.own_data import (
    DATA_DEFAULTS,
    LOSS_NAMES,
    example_of,
    in_words,
    model_names,
    parse_data,
    read,
    sides_of,
)
from views.setup import Setup

_PASTE = """Two columns, x and y, or three: x1, x2 and y. From a spreadsheet, or as CSV.

Between them are commas, semicolons, tabs or spaces. Where these are no commas, `1,5`
is a number. The first line may name the columns. Labels are 0 and 1, -1 and 1, or two
words.

With two inputs, x of the map is the weight of x1, and y that of x2: there is no
intercept. Where your data need one, centre the columns.

From 2 to 2,000 rows, numbers from -1e6 to 1e6."""
_MODEL = """What predicts y from x, by two weights: x and y of the map.

*Straight line*: half the squared error of weight 1 · x + weight 2. *Logistic* and
*hinge*: the same as a score of labels. *Tiny network*: weight 2 · tanh(weight 1 · x).
*Typed*: one of your own.

*Automatic* is logistic for labels, and else a line."""
_MODEL_OF_TWO = """What predicts y from x1 and x2, by two weights: x and y of the map.

*Plane*: half the squared error of weight 1 · x1 + weight 2 · x2. *Logistic* and
*hinge*: the same as a score of labels. There is no intercept. *One neuron*:
tanh(weight 1 · x1 + weight 2 · x2). *Typed*: one of your own.

*Automatic* is logistic for labels, and else a plane."""
_PREDICT = """A formula of x with the weights `a` and `b`, such as `a*tanh(b*x)` or
`a*exp(-b*x)`. On the map, a is x and b is y."""
_PREDICT_OF_TWO = """A formula of x1 and x2 with the weights `a` and `b`, such as
`tanh(a*x1 + b*x2)` or `a*x1*x2 + b`. On the map, a is x and b is y."""
FILE = "table_file"
"""The key of the field for a file."""
_MEGABYTES = 1


class Tools(NamedTuple):
    """How a widget of the page is made.

    Attributes:
        showing: Its arguments so that it shows a value, by key, value and defaults.
        draft: What a field shows, by key and text.
        use: Called when one was used.
        locked: Whether nothing can be changed.
    """

    showing: Callable[..., dict[str, Any]]
    draft: Callable[[str, str], str]
    use: Callable[..., None]
    locked: bool


def show(
    setup: Setup, tools: Tools, apply: Any, take_file: Any, wrong: str = ""
) -> None:
    """Shows the widgets of the data's settings.

    Args:
        setup: With data of one's own.
        tools: Of the page.
        apply: What a widget does that was used, by the session, its key and its value.
        take_file: The same of a file.
        wrong: What is wrong with the table, in a sentence.
    """
    said = " ".join(filter(None, in_words(setup["data"])))
    two = bool(read(setup["data"]).second)
    tip = _MODEL_OF_TWO if two else _MODEL
    with st.container(horizontal=True, vertical_alignment="bottom", key="typed"):
        _table(setup, tools, apply, take_file, wrong or said)
        _choice(
            "model", "Model", model_names(setup["data"]), 150, setup, tools, apply, tip
        )
        if setup["model"] == "typed":
            label = f"Prediction from {'x1 and x2' if two else 'x'}"
            tip = _PREDICT_OF_TWO if two else _PREDICT
            _text("predict", label, 230, setup, tools, apply, tip)
            _choice("loss", "Loss", LOSS_NAMES, 150, setup, tools, apply)
        for side in "xy":
            _text(side, f"{side} from, to", 110, setup, tools, apply)
        say(said)


def say(sentence: str) -> None:
    """Shows a sentence that may hold words of a file, letter for letter."""
    st.html(f'<p class="said">{escape(sentence)}</p>', width="content")


def _table(setup: Setup, tools: Tools, apply: Any, take_file: Any, said: str) -> None:
    rows = len(read(setup["data"]).inputs)
    with st.popover(f"Data: {rows:,} rows", width=190):
        lines = read(setup["data"]).lines
        area("typed_data", "Paste a table", lines, LONGEST, tools, apply, _PASTE)
        say(said)
        uploader(FILE, _MEGABYTES, tools, take_file)


def area(
    key: str, label: str, shown: str, most: int, tools: Tools, apply: Any, tip: str
) -> None:
    """A field to paste a text into, of so many characters at most."""
    text = tools.draft(key, shown)
    st.text_area(
        label,
        key=key,
        height=220,
        max_chars=most,
        help=tip,
        on_change=tools.use,
        args=(key, apply),
        disabled=tools.locked,
        **tools.showing(key, text, value=str),
    )


def uploader(
    key: str, megabytes: int, tools: Tools, take: Any, tip: str | None = None
) -> None:
    """A field to open a file with, of so many megabytes at most."""
    st.file_uploader(
        "Or open a file",
        key=key,
        help=tip,
        max_upload_size=megabytes,
        on_change=tools.use,
        args=(key, take),
        disabled=tools.locked,
    )


def _choice(
    key: str,
    label: str,
    names: dict[str, str],
    width: int,
    setup: Setup,
    tools: Tools,
    apply: Any,
    tip: str | None = None,
) -> None:
    st.selectbox(
        label,
        list(names),
        format_func=names.__getitem__,
        key=f"typed_{key}",
        on_change=tools.use,
        args=(f"typed_{key}", apply),
        width=width,
        help=tip,
        disabled=tools.locked,
        **tools.showing(f"typed_{key}", setup[key], index=list(names).index),
    )


def _text(
    key: str,
    label: str,
    width: int,
    setup: Setup,
    tools: Tools,
    apply: Any,
    tip: str | None = None,
) -> None:
    value = _predict(setup) if key == "predict" else setup[key]
    text = tools.draft(f"typed_{key}", setup.fields[key].format(value))
    sides = sides_of(setup.declared_surface)
    st.text_input(
        label,
        key=f"typed_{key}",
        on_change=tools.use,
        args=(f"typed_{key}", apply),
        width=width,
        help=tip,
        max_chars=300,
        placeholder=setup.fields[key].format(sides[key]) if key in sides else None,
        disabled=tools.locked,
        **tools.showing(f"typed_{key}", text, value=str),
    )


def keep_for(setup: Setup) -> None:
    """Keeps the table of a session with the server, if the address does not hold it."""
    keep(setup["data"], st.context.ip_address or "")


def changes_of(setup: Setup, text: str) -> dict[str, str | None]:
    """The edits that another table is.

    An empty one is the data to begin with. The ranges of the map stay if there was no
    table of the reader's own: it may be one that is opened again. A model that is typed
    goes if it is of other inputs.
    """
    empty = not text.strip()
    fits = _fits(setup, DATA_DEFAULTS["data"] if empty else text)
    of_other_inputs = {} if fits else {"predict": None}
    if empty:
        return {"data": None, **of_other_inputs}
    if "data" not in setup.values:
        keys = ("x", "y", "start", "zoom", "camera")
        held = {k: setup.fields[k].format(setup[k]) for k in keys if k in setup.values}
        return {"data": text, **held, **of_other_inputs}
    return {"data": text, "x": None, "y": None, **of_other_inputs}


def _fits(setup: Setup, text: str) -> bool:
    """Whether a model that is typed may be of another table's inputs."""
    try:
        two = bool(read(parse_data(text)).second)
    except TableError:
        return True  # It is refused, and all stays as it was.
    return two == is_of_two(prediction(_predict(setup)))


def _predict(setup: Setup) -> str:
    return setup["predict"] or example_of(setup["data"])


def text_of_file(file: Any) -> str:
    """The text of a file that was opened.

    Raises:
        ValueError: If it is none, in words that complete a sentence.
    """
    if file.size > 4 * LONGEST:
        raise ValueError(f"the table is longer than {LONGEST:,} characters")
    try:
        return file.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("the file is not text in UTF-8; save it as CSV") from None
