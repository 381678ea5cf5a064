"""Data of a reader's own: a table, a model, and the surface that they make.

A table that is short enough stands in the address, from some length on compressed as a
typed rule is (own_rules.py). A larger one stays with the server for a while, and the
address holds a key of it, `kept-…`, and the domain, so that all else on the page is as
it was where the server has the table no more.
"""

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from sys import getsizeof
from typing import Any
from urllib.parse import quote

from surfaces import Surface, parse_range
from surfaces.models import LOSSES, MODELS, prediction
from surfaces.own_data import by_inputs_of, fitting_model, table_surface
from surfaces.table import LONGEST, Table, TableError, read_table
from views.lessons.shelf import Behind, Shelf
from views.serving.settings import settings
from views.serving.store import shared_store

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
LONG = 300
"""Characters in an address from which on a table is compressed, if that is shorter."""
MOST_IN_ADDRESS = 4000
"""Characters of a table in an address."""
KEPT = "kept-"
"""How the key of a table begins that the server keeps."""


def _behind() -> Behind[str] | None:
    """Where other replicas keep the tables that they were given."""

    def read_text(content: bytes) -> tuple[str, int]:
        text = content.decode()
        return text, getsizeof(text)

    store = shared_store()
    return store and Behind(store, read_text)


TABLES: Shelf[str] = Shelf(settings().uploads, 2**24, _behind())
"""The tables that are kept, by their keys."""

Side = tuple[float, float]
"""Where a side of the domain begins and ends."""

_COMPRESSED = re.compile(r"z\.[\w-]+", re.ASCII)

read = lru_cache(maxsize=32)(read_table)
"""The table of a text, of which a page asks again and again."""


def parse_data(text: str) -> str:
    """Reads a table as an address has it, or as it is pasted.

    Returns:
        The table in one line.

    Raises:
        TableError: In words that complete a sentence.
    """
    if text.startswith(KEPT):
        kept = TABLES.get(text)
        if kept is None:
            raise TableError(
                "this server does not have the table any more; open its file again, or "
                "paste it"
            )
        return kept
    if _COMPRESSED.fullmatch(text):
        text = _expanded(text)
    line = read(text).text
    if not settings().uploads and format_data(line).startswith(KEPT):
        raise TableError(
            f"the link holds about {rows_that_fit(line)} such rows, and this server "
            "keeps no larger tables"
        )
    return line


@lru_cache(maxsize=32)
def format_data(text: str) -> str:
    """Writes a table so that `parse_data` reads the same; or its key, if it is long."""
    if len(quote(text)) <= LONG:
        return text
    short = min(_packed(text), text, key=lambda one: len(quote(one)))
    if len(quote(short)) <= MOST_IN_ADDRESS:
        return short
    return KEPT + hashlib.sha256(text.encode()).hexdigest()[:24]


def is_kept(text: str) -> bool:
    """Whether a table is too long for an address."""
    return format_data(text).startswith(KEPT)


def rows_that_fit(text: str) -> int:
    """About how many rows of a table would stand in an address."""
    rows = len(read(text).inputs)
    part = MOST_IN_ADDRESS / min(len(_packed(text)), len(quote(text)))
    return min(rows, int(rows * part) // 10 * 10)


def keep(text: str, owner: str) -> None:
    """Keeps a table with the server, if its address would not hold it."""
    if is_kept(text):
        TABLES.keep(format_data(text), text, getsizeof(text), owner, text.encode())


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


def _packed(text: str) -> str:
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()
    return f"z.{packed.rstrip('=')}"


def _expanded(text: str) -> str:
    broken = TableError("the compressed table cannot be read; copy the whole link")
    packed = text.removeprefix("z.")
    if len(packed) > LONGEST:
        raise broken
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        # More than a table may have is not unpacked: a few bytes could fill the memory.
        return zlib.decompressobj().decompress(data, 4 * LONGEST + 4).decode()
    except (binascii.Error, zlib.error, ValueError):
        raise broken from None
