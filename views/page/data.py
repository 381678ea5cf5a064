"""The widgets for data of one's own: the table, its file, the model and the ranges."""

from typing import Any

import streamlit as st

from surfaces.models import is_of_two, prediction
from surfaces.table import LONGEST, TableError
from views.long_texts import keep
from views.own_data import (
    DATA,
    DATA_DEFAULTS,
    LOSS_NAMES,
    example_of,
    in_words,
    model_names,
    parse_data,
    read,
    sides_of,
)
from views.page.session import Session, this_session
from views.page.widgets import area, choice, say, text, type_in, uploader
from views.setup import Setup, is_of_table, wrong

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


def show(setup: Setup, *, locked: bool) -> None:
    """Shows the widgets of the data's settings."""
    said = " ".join(filter(None, in_words(setup["data"])))
    two = bool(read(setup["data"]).second)

    def list_of(key: str, label: str, names: dict[str, str], tip: str | None) -> None:
        how = {"locked": locked, "width": 150, "help": tip}
        choice(f"typed_{key}", label, names, setup[key], type_in, **how)

    with st.container(horizontal=True, vertical_alignment="bottom", key="typed"):
        _table(setup, said, locked)
        tip = _MODEL_OF_TWO if two else _MODEL
        list_of("model", "Model", model_names(setup["data"]), tip)
        if setup["model"] == "typed":
            label = f"Prediction from {'x1 and x2' if two else 'x'}"
            how = {"width": 230, "help": _PREDICT_OF_TWO if two else _PREDICT}
            _line(setup, "predict", label, _predict(setup), locked, **how)
            list_of("loss", "Loss", LOSS_NAMES, None)
        sides = sides_of(setup.declared_surface)
        for side in "xy":
            hint = setup.fields[side].format(sides[side])
            how = {"width": 110, "placeholder": hint}
            _line(setup, side, f"{side} from, to", setup[side], locked, **how)
        say(said)


def _table(setup: Setup, said: str, locked: bool) -> None:
    problem = next(filter(is_of_table, this_session().problems), "")
    rows = len(read(setup["data"]).inputs)
    with st.popover(f"Data: {rows:,} rows", width=190):
        how = {"locked": locked, "max_chars": LONGEST, "help": _PASTE}
        lines = read(setup["data"]).lines
        area("typed_data", "Paste a table", lines, _take_table, **how)
        say(problem or said)
        uploader(FILE, _take_file, locked=locked, megabytes=_MEGABYTES)


def _line(
    setup: Setup, key: str, label: str, value: Any, locked: bool, **how: Any
) -> None:
    shown = setup.fields[key].format(value)
    more = {"locked": locked, "max_chars": 300, **how}
    text(f"typed_{key}", label, shown, type_in, **more)


def _take_table(session: Session, key: str, text: str) -> None:
    session.change(changes_of(session.setup, text))
    if session.problems:
        session.drafts = {key: text}


def _take_file(session: Session, _: str, file: Any) -> None:
    if file is None:  # It was taken away again; what was read of it stays.
        return
    try:
        text = text_of_file(file)
    except ValueError as error:
        session.refuse(wrong(DATA, None, error))
    else:
        session.change(changes_of(session.setup, text))


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
