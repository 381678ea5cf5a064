"""Results as files: tables and arrays; pictures are saved by the page (sheet.js).

A file names the setup it is of: its text is the query of the page's address, and
`Setup.parse` reads it back. It is in the comments above a table and beside the arrays
of an NPZ.
"""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import product

import jax
import numpy as np

from views.result import XY, ProgressCallback, Result
from views.setup import Setup
from views.studies import FILED
from views.studies.part import Column
from views.studies.words import computed, setup_text, title

MOST_ROWS = 2_000_000
"""Rows of the longest table."""

CHUNK = 50_000
"""Rows that are written at once."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "npz": "application/zip",
}
"""The kinds of files, by how their names end."""


def file(result: Result, form: str, progress: ProgressCallback) -> bytes:
    """A result as a file.

    Args:
        result: What was computed.
        form: A key of `TYPES`.
        progress: Called with the finished part of the work.
    """
    progress(0.9)
    if form == "csv":
        return table(result, progress)
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
    header = result.header | {"title": title(result), "versions": versions()}
    arrays["setup"] = np.array(setup_text(result))
    arrays["header"] = np.array(json.dumps(header, allow_nan=False))
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def versions() -> dict[str, str]:
    """Of what computed it."""
    return {"jax": jax.__version__, "numpy": np.__version__}


# -- tables ---------------------------------------------------------------------------


def refuse_long(study: str, setup: Setup, form: str) -> None:
    """Refuses a table that would be too long, before anything is computed.

    Raises:
        ValueError: If it would be, in one sentence.
    """
    points = FILED[study].points
    rows = points(setup) if form == "csv" and points else 0
    if rows > MOST_ROWS:
        raise ValueError(
            f"a table of {rows:,} rows is too long, {MOST_ROWS:,} are the most; "
            "ask for the npz, which holds them all"
        )


def _carried_columns(result: Result) -> dict[str, Column]:
    """Those of the arrays that not every optimizer has: `grads.x`, `states.mean.y`."""
    columns = {}
    for name, meaning in FILED[result.kind].carried(result).items():
        if not all(name in run for run in result.runs.values()):
            meaning += "; empty where a rule has none"
        for ending in _endings(result, name):
            columns[f"{name.replace('/', '.')}{ending}"] = Column(meaning)
    return columns


def _endings(result: Result, name: str) -> list[str]:
    """What follows the name of an array in the names of its columns, row by row."""
    array = next(run[name] for run in result.runs.values() if name in run)
    along = [
        ("x", "y") if axis == XY else range(1, length + 1)
        for axis, length in zip(
            result.specs[name].axes[1:], array.shape[1:], strict=True
        )
    ]
    return ["".join(f".{word}" for word in words) for words in product(*along)]


def _values(result: Result, key: str) -> list[np.ndarray]:
    """The numbers of each column for one optimizer, all of the same length."""
    part, run = FILED[result.kind], result.runs[key]
    found = []
    for name in part.arrays:
        found += [*np.moveaxis(run[name], -1, 0)] if name == "points" else [run[name]]
    rows = found[0].size
    for name in part.carried(result):
        columns = np.full((rows, len(_endings(result, name))), "", object)
        if name in run:
            array = run[name]
            # From the last iterate no step was taken.
            columns[: len(array)] = array.reshape(len(array), -1).astype(str)
        found += [*columns.T]
    along = np.meshgrid(*part.axes(result, key), indexing="ij", copy=False)
    return [values.reshape(-1) for values in (*along, *found)]


def table(result: Result, progress: ProgressCallback) -> bytes:
    """Everything that has a place in a table, as CSV, one row a run or step of a run.

    Args:
        result: What was computed.
        progress: Called with the finished part, of which this is the last tenth.
    """
    declared = {**FILED[result.kind].columns(result), **_carried_columns(result)}
    file = BytesIO()
    for line in _comments(result, declared):
        file.write(f"# {line}\n".encode())
    file.write(f"{','.join(['optimizer', *declared])}\n".encode())
    for k, key in enumerate(result.runs):
        values = _values(result, key)
        rows = len(values[0])
        for first in range(0, rows, CHUNK):
            part = [
                column.write(numbers[first : first + CHUNK]).tolist()
                for column, numbers in zip(declared.values(), values, strict=True)
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
    yield f"computed: {computed(result)}, on {result.device}"
    yield "with " + ", ".join(f"{name} {of}" for name, of in versions().items())
    if "base" in meta:
        known = "the lowest known minimum" if meta["known"] else "no minimum is known"
        yield f"base: {meta['base']!r} ({known})"
    if "tolerance" in meta:
        yield f"tolerance: {meta['tolerance']!r}"
    for k, (x, y) in enumerate(result.setup.surface.minima):
        yield f"minimum {k + 1}: {x!r} {y!r}"
    for key in result.runs:
        run = result.per_run.get(key, {})
        yield ": ".join(filter(None, (key, result.setup.name(key), run.get("text"))))
        if run.get("best"):
            yield f"best of {key}: " + " ".join(
                f"{name} {value}" for name, value in run["best"].items()
            )
    if note := FILED[result.kind].note:
        yield note
    yield "optimizer: the key of the entry, whose rule and name are above"
    for name, column in declared.items():
        yield f"{name}: {column.meaning}"
