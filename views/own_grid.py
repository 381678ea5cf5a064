"""A grid of losses of a reader's own: from a file, a pasted text or an address.

A file may be text (surfaces/grid.py), or NumPy's .npz or .npy: the losses are the array
named `losses`, `loss`, `train_loss` or `z`, or the only one with rows and columns; x
and y are `x` and `y`, or `xcoordinates` and `ycoordinates`; a path is `path` or
`trajectory`. A text of two columns is the path across the grid that is shown.

As a table (own_data.py), a grid that is short stands in the address, and a larger one
stays with the server for a while.
"""

import io
import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from surfaces import Surface
from surfaces.grid import (
    LONGEST,
    LONGEST_PATH,
    MOST,
    GridError,
    LossGrid,
    is_path,
    loss_grid,
    path_of,
    read_grid,
    with_path,
)
from surfaces.own_grid import surface_of_grid
from views.long_texts import MOST_IN_ADDRESS, is_kept, named
from views.serving.settings import settings

GRID = "grid"
"""The surface of a grid of one's own, with this setting."""
LARGEST_FILE = 4 * 2**20
"""Bytes."""
MOST_SHOWN = 20_000
"""Characters of a grid that a field shows."""
_NAMES = {
    "losses": ("losses", "loss", "train_loss", "test_loss", "z"),
    "x": ("x", "xcoordinates", "xs"),
    "y": ("y", "ycoordinates", "ys"),
    "path": ("path", "trajectory"),
}
"""What arrays are called in files, in small letters."""
_MOST_ARRAYS = 32
_COMPRESSIONS = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error),
    *(OSError, EOFError, RuntimeError, ValueError),
)
"""What is raised where a file is corrupt."""
_MOST_NUMBERS = 2**40
"""Of an array that is passed over."""
_HEADER = re.compile(
    rb"\x93NUMPY[\x01\x02]\x00(..|(?<=\x02\x00)....)"
    rb"\{'descr': '(?P<kind>[^']{1,20})', 'fortran_order': (?P<by_columns>True|False), "
    rb"'shape': \((?P<shape>[\d, ]{0,60})\), \} *\n",
    re.DOTALL,
)
"""How an .npy begins, as NumPy writes it: nothing of it is evaluated."""
_NUMBERS = re.compile(rb"[<>|=](f[248]|[iub][1248])")
_MOST_HEADER = 12_000
"""Bytes."""
_BYTES = 8 * (MOST**2 + 4 * MOST + 2 * LONGEST_PATH)
"""Of arrays that a grid may have."""

read = lru_cache(maxsize=8)(read_grid)
"""The grid of a text, of which a page asks again and again."""


def _example() -> str:
    """The function that MATLAB calls peaks, in a bowl, to three digits."""
    places = np.linspace(-3, 3, 25)
    x, y = np.meshgrid(places, places)
    losses = (
        3 * (1 - x) ** 2 * np.exp(-(x**2) - (y + 1) ** 2)
        - 10 * (x / 5 - x**3 - y**5) * np.exp(-(x**2) - y**2)
        - np.exp(-((x + 1) ** 2) - y**2) / 3
        + (x**2 + y**2) / 5
    )
    return loss_grid(places, places, losses.round(3)).text


GRID_DEFAULTS: Mapping[str, Any] = {"grid": _example()}


def parse_grid(text: str) -> str:
    """Reads a grid as an address has it, or as it is pasted.

    Returns:
        The grid in one line.

    Raises:
        GridError: In words that follow "grid".
    """
    try:
        text = named(text, LONGEST)
    except LookupError:
        why = "is with this server no more; open its file again, or paste it"
        raise GridError(why) from None
    except ValueError:
        why = "is compressed, and cannot be read; copy the whole link"
        raise GridError(why) from None
    line = read(text).text
    if not settings().uploads and is_kept(line):
        raise GridError(
            f"takes more than the {MOST_IN_ADDRESS:,} characters that a link holds, "
            "and this server keeps no larger ones"
        )
    return line


def surface_of(grid: str) -> Surface:
    """The surface of a grid in one line."""
    return surface_of_grid(read(grid))


def in_words(text: str) -> str:
    """What was read of a grid; and, if the link does not hold it, that."""
    summary = read(text).summary
    if not is_kept(text):
        return summary
    return (
        f"{summary} The link does not hold them: this server keeps them for a while, "
        "and then asks for the file again."
    )


def lines_of(text: str) -> str:
    """A grid as a person writes it, a row a line; nothing of one that is long."""
    return text.replace(";", "\n") if len(text) <= MOST_SHOWN else ""


def size_in_words(text: str) -> str:
    """How many losses there are, as columns and rows."""
    rows, columns = read(text).losses.shape
    return f"{columns} × {rows}"


def text_of_file(content: bytes, shown: str) -> str:
    """The grid of a file, in one line.

    Args:
        content: Its bytes.
        shown: The grid that is shown, which a file of a path is added to.

    Raises:
        GridError: If it is none, in words that follow "grid".
    """
    if len(content) > LARGEST_FILE:
        raise GridError(
            f"file has {len(content) / 2**20:.1f} MB; at most "
            f"{LARGEST_FILE / 2**20:.0f} MB are allowed"
        )
    if content[:2] == b"PK":
        return _of_arrays(_arrays(content)).text
    if content[:6] == b"\x93NUMPY":
        return _of_arrays({"losses": _array(content)}).text
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GridError("file is neither .npz nor text in UTF-8") from None
    return with_pasted(text, shown)


def with_pasted(text: str, shown: str) -> str:
    """The grid of a text, or the one that is shown with the path of a text."""
    if is_path(text):
        return with_path(read(shown), path_of(text)).text
    return parse_grid(text)


def _of_arrays(arrays: Mapping[str, np.ndarray]) -> LossGrid:
    found = {name.lower(): array for name, array in arrays.items()}

    def array(key: str) -> Any:
        return next((found[name] for name in _NAMES[key] if name in found), None)

    tables = [a for a in found.values() if a.ndim == 2 and min(a.shape) > 2]
    losses = array("losses")
    if losses is None and len(tables) == 1:
        losses = tables[0]
    if losses is None or losses.ndim != 2:
        listed = ", ".join(sorted(arrays)[:8]) or "nothing"
        raise GridError(
            f"file holds {listed}; needed is an array with rows and columns, named "
            "losses"
        )
    x, y = (_places(array(axis), axis, losses) for axis in "xy")
    path = array("path")
    return loss_grid(x, y, losses, () if path is None else path)


def _places(found: Any, axis: str, losses: np.ndarray) -> Any:
    """The places along a side; where the file gives a mesh, its first row or column."""
    if found is None:
        return np.arange(losses.shape["yx".index(axis)])
    if found.ndim != 2 or found.shape != losses.shape:
        return found
    places = found[0] if axis == "x" else found[:, 0]
    mesh = found - (places if axis == "x" else places[:, None])
    if np.any(mesh != 0):
        raise GridError(f"has {axis} that differ from one row or column to the next")
    return places


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an .npz, of no more bytes than a grid may have."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            members = [m for m in file.infolist() if m.filename.endswith(".npy")]
            if len(members) > _MOST_ARRAYS:
                raise GridError(
                    f"file holds {len(members)} arrays; at most {_MOST_ARRAYS} are "
                    "allowed"
                )
            # Others unpack with as much memory as the file asks for.
            if any(m.compress_type not in _COMPRESSIONS for m in members):
                raise GridError("file is compressed in another way than NumPy's")
            # What a member says of its size may be wrong: no more of it is unpacked.
            found = {}
            for member in members:
                with file.open(member) as stream:
                    name = member.filename.removesuffix(".npy")
                    found[name] = _array(stream.read(_BYTES + _MOST_HEADER))
            return found
    except GridError:
        raise
    except _UNREADABLE:
        raise GridError("file is no .npz that can be read") from None


def _array(content: bytes) -> np.ndarray:
    """The array of an .npy; of one that no grid may have, only its shape is true."""
    header = _HEADER.match(content)
    if header is None:
        raise GridError("file holds an array that cannot be read")
    shape = tuple(map(int, re.findall(rb"\d+", header["shape"])))
    size = math.prod(shape)
    if max((size, *shape)) > _MOST_NUMBERS:
        raise GridError("file holds an array that is too large")
    if not _NUMBERS.fullmatch(header["kind"]) or 8 * size > _BYTES:
        return np.broadcast_to(np.nan, shape)
    kind = np.dtype(header["kind"].decode())
    numbers = content[header.end() :][: size * kind.itemsize]
    if len(numbers) < size * kind.itemsize:
        raise GridError("file holds an array that is cut off")
    order = "F" if header["by_columns"] == b"True" else "C"
    return np.frombuffer(numbers, kind).reshape(shape, order=order)
