"""Results as files: tables and arrays; pictures are saved by the page (sheet.js).

A file names the setup it is of: its text is the query of the page's address, and
`Setup.parse` reads it back. It is in the comments above a table and beside the arrays
of an NPZ; JSON and Parquet have it by name. The mark (views/mark.py) stands in all of
them in the same way.
"""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from zipfile import ZipFile

import numpy as np

from views.mark import mark
from views.places import coordinates
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies import FILED
from views.studies.as_json import as_json
from views.studies.as_parquet import as_parquet
from views.studies.part import Column
from views.studies.rows import KEY, columns, values
from views.studies.words import about, computed, page_query, setup_text, title, versions

MOST_ROWS = 2_000_000
"""Rows of the longest table."""

CHUNK = 50_000
"""Rows that are written at once."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "npz": "application/zip",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
"""The kinds of files, by how their names end."""

_BY_ROWS = ("csv", "json", "parquet")
"""Those that hold every row by itself."""


def file(
    result: Result, form: str, progress: ProgressCallback, address: str = ""
) -> bytes:
    """A result as a file.

    Args:
        result: What was computed.
        form: A key of `TYPES`.
        progress: Called with the finished part of the work.
        address: Of the page that shows it; empty where that is not known.
    """
    progress(0.9)
    match form:
        case "csv":
            return table(result, progress)
        case "json":
            return as_json(result, address, progress)
        case "parquet":
            return as_parquet(result, address)
    return archive(result)


def file_name(study: str, setup: Setup, form: str) -> str:
    """Under which name the file of a study is kept."""
    return f"{study}-{setup.surface_key}.{form}"


# -- arrays ---------------------------------------------------------------------------


def archive(result: Result) -> bytes:
    """Everything, as NumPy's NPZ.

    `adam/losses` is an array of an optimizer, `axes/lr` what the arrays run along, and
    `setup` and `header` are texts.
    """
    arrays = result.arrays
    header = result.header | about(result)
    arrays["setup"] = np.array(setup_text(result))
    arrays["header"] = np.array(json.dumps(header, allow_nan=False))
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    with ZipFile(file, "a") as archive:  # All else in it is compressed.
        archive.comment = mark(page_query(result)).encode()
    return file.getvalue()


# -- tables ---------------------------------------------------------------------------


def refuse_long(study: str, setup: Setup, form: str) -> None:
    """Refuses a table that would be too long, before anything is computed.

    Raises:
        ValueError: If it would be, in one sentence.
    """
    points = FILED[study].points
    rows = points(setup) if form in _BY_ROWS and points else 0
    if rows > MOST_ROWS:
        raise ValueError(
            f"a table of {rows:,} rows is too long, {MOST_ROWS:,} are the most; "
            "ask for the npz, which holds them all"
        )


def table(result: Result, progress: ProgressCallback) -> bytes:
    """Everything that has a place in a table, as CSV, one row a run or step of a run.

    Args:
        result: What was computed.
        progress: Called with the finished part, of which this is the last tenth.
    """
    declared = columns(result)
    file = BytesIO()
    for line in _comments(result, declared):
        file.write(f"# {line}\n".encode())
    file.write(f"{','.join(['optimizer', *declared])}\n".encode())
    for k, key in enumerate(result.runs):
        found = values(result, key)
        rows = len(found[0])
        for first in range(0, rows, CHUNK):
            part = [
                column.write(numbers[first : first + CHUNK]).tolist()
                for column, numbers in zip(declared.values(), found, strict=True)
            ]
            lines = (",".join((key, *row)) for row in zip(*part, strict=True))
            file.write(("\n".join(lines) + "\n").encode())
            done = k + min(first + CHUNK, rows) / rows
            progress(0.9 + 0.1 * done / len(result.runs))
    return file.getvalue()


def _comments(result: Result, declared: Mapping[str, Column]) -> Iterator[str]:
    meta = result.meta
    yield title(result)
    yield f"setup: {setup_text(result)}"
    yield mark(page_query(result))
    yield f"computed: {computed(result)}, on {result.device}"
    yield "with " + ", ".join(f"{name} {of}" for name, of in versions().items())
    if "base" in meta:
        known = "the lowest known minimum" if meta["known"] else "no minimum is known"
        yield f"base: {meta['base']!r} ({known})"
    if "tolerance" in meta:
        yield f"tolerance: {meta['tolerance']!r}"
    surface = result.setup.surface
    for k, at in enumerate(coordinates(surface, surface.minima)):
        yield f"minimum {k + 1}: {' '.join(map(repr, at))}"
    for key in result.runs:
        run = result.per_run.get(key, {})
        yield ": ".join(filter(None, (key, result.setup.name(key), run.get("text"))))
        if run.get("best"):
            yield f"best of {key}: " + " ".join(
                f"{name} {value}" for name, value in run["best"].items()
            )
    if note := FILED[result.kind].note:
        yield note
    yield f"optimizer: {KEY}"
    for name, column in declared.items():
        yield f"{name}: {column.meaning}"
