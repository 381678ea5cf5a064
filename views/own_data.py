"""Data of a reader's own: a table, a model, and the surface that they make.

A table that is too long for the address stays with the server (long_texts.py). The
address then holds the domain as well, so that all else on the page is as it was where
the server has the table no more.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from surfaces import Surface, parse_range
from surfaces.models import LOSSES, MODELS, prediction
from surfaces.own_data import by_inputs_of, fitting_model, table_surface
from surfaces.table import LONGEST, Table, TableError, read_table
from views.long_texts import (
    MOST_IN_ADDRESS,
    is_kept,
    named,
    packed,
)
from views.serving.settings import settings

DATA = "data"
"""The surface of data of one's own, with these settings."""
AUTO = "auto"
MODEL_NAMES = {AUTO: "Automatic"} | MODELS
LOSS_NAMES = LOSSES
DATA_DEFAULTS: Mapping[str, Any] = {
    "data": "hours,passed;0.5,0;0.75,0;1,0;1.25,0;1.5,0;1.75,0;1.75,1;2,0;2.25,1;"
    "2.5,0;2.75,1;3,0;3.25,1;3.5,0;4,1;4.25,1;4.5,1;4.75,1;5,1;5.5,1",
    "model": AUTO,
    "predict": "",  # An example that suits the table.
    "loss": "squared",
    "x": None,
    "y": None,
}
Side = tuple[float, float]
"""Where a side of the domain begins and ends."""

read = lru_cache(maxsize=32)(read_table)
"""The table of a text, of which a page asks again and again."""


def parse_data(text: str) -> str:
    """Reads a table as an address has it, or as it is pasted.

    Returns:
        The table in one line.

    Raises:
        TableError: In words that complete a sentence.
    """
    try:
        text = named(text, LONGEST)
    except LookupError:
        raise TableError(
            "this server does not have the table any more; open its file again, or "
            "paste it"
        ) from None
    except ValueError:
        raise TableError(
            "the compressed table cannot be read; copy the whole link"
        ) from None
    line = read(text).text
    if not settings().uploads and is_kept(line):
        raise TableError(
            f"the link holds about {rows_that_fit(line)} such rows, and this server "
            "keeps no larger tables"
        )
    return line


def rows_that_fit(text: str) -> int:
    """About how many rows of a table would stand in an address."""
    rows = len(read(text).inputs)
    part = MOST_IN_ADDRESS / min(len(packed(text)), len(quote(text)))
    return min(rows, int(rows * part) // 10 * 10)


def parse_model(text: str) -> str:
    """Reads a model that is typed; empty is the example that suits the table.

    Raises:
        FormulaError: In words that complete a sentence.
    """
    if text.strip():
        prediction(text)
    return text.strip()


def example_of(data: str) -> str:
    """The model that is typed of a table where none is."""
    return by_inputs_of(read(data)).example


def model_names(data: str) -> dict[str, str]:
    """What the models of a table are called."""
    return MODEL_NAMES | dict(by_inputs_of(read(data)).names)


def parse_side(text: str) -> Side | None:
    """Reads where a side of the domain begins and ends; empty is where it suits.

    Raises:
        ValueError: With what is allowed, in words that complete a sentence.
    """
    return parse_range(text) if text.strip() else None


@lru_cache(maxsize=32)
def _surface(
    data: str, model: str, predict: str, loss: str, x: Side | None, y: Side | None
) -> Surface:
    table = read(data)
    chosen = fitting_model(table) if model == AUTO else model
    found = table_surface(table, chosen, predict, loss)
    if x is None and y is None:
        return found
    sides = sides_of(found)
    domain = (*(x or sides["x"]), *(y or sides["y"]))
    return table_surface(table, chosen, predict, loss, domain)


def surface_of(settings: Mapping[str, Any]) -> Surface:
    """The surface of settings such as `DATA_DEFAULTS`.

    Raises:
        Unfit: If data and model do not fit.
        FormulaError: If a model that is typed is too long.
    """
    return _surface(*(settings[key] for key in DATA_DEFAULTS))


def sides_of(surface: Surface) -> dict[str, Side]:
    """The domain of a surface as its settings."""
    x_low, x_high, y_low, y_high = surface.domain
    return {"x": (x_low, x_high), "y": (y_low, y_high)}


def in_words(text: str) -> tuple[str, str]:
    """What was read of a table; and, if the link does not hold it, that."""
    table: Table = read(text)
    if not is_kept(text):
        return table.summary, ""
    return table.summary, (
        f"The link does not hold these {len(table.inputs):,} rows (about "
        f"{rows_that_fit(text)} would fit): this server keeps them for a while, and "
        "then asks for the file again."
    )
