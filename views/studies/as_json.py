"""Results as JSON, for scripts: the setup, the entries with their settings, the arrays.

    {
      "setup": "surface=ravine&on=adam",           the query of the page's address
      "address": "http://…/?surface=ravine&on=adam",
      "mark": "loss-surface-setup://?…;",          views/mark.py
      "kind": "race", "title": …, "surface": …, "steps": …, "device": …, …
      "arrays": {"points": {"axes": ["step", "xy"], "unit": "coordinates"}, …},
      "axes": {"step": [0, 1, …]},
      "shared": {"factors": […]},                  what belongs to no entry
      "entries": [
        {"key": "adam", "rule": "adam", "name": "Adam", "start": [x, y],
         "hyperparameters": {"lr": 0.1, …}, "text": "reached …", …,
         "arrays": {"points": [[x, y], …], "losses": […], …}}
      ]
    }

JSON has no numbers that are not finite: they are the strings "NaN", "Infinity" and
"-Infinity", which `float` in Python and `Number` in JavaScript read.
"""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np

from views.mark import mark
from views.result import ProgressCallback, Result
from views.studies.words import about, page_query

CHUNK = 10_000
"""Numbers that are written at once: others may compute between two such parts."""


def as_json(result: Result, address: str, progress: ProgressCallback) -> bytes:
    """A result as JSON.

    Args:
        result: What was computed.
        address: Of the page that shows it; empty where that is not known.
        progress: Called with the finished part, of which this is the last tenth.
    """
    writer = _Writer(sum(a.size for a in result.arrays.values()), progress)
    query = page_query(result)
    head = {"setup": query, "address": address, "mark": mark(query), **about(result)}
    for name, value in result.header.items():
        if name not in _ELSEWHERE:
            head[name] = value
    writer.text("{")
    for name, value in head.items():
        writer.text(f"{json.dumps(name)}:{_plain(value)},\n")
    writer.text('"axes":')
    writer.arrays(result.axes)
    writer.text(',\n"shared":')
    writer.arrays(result.shared)
    writer.text(',\n"entries":[')
    for k, (key, run) in enumerate(result.runs.items()):
        writer.text(",\n" if k else "\n")
        writer.text(_plain(_entry(result, key))[:-1] + ',"arrays":')
        writer.arrays(run)
        writer.text("}")
    writer.text("]}\n")
    return writer.file.getvalue()


_ELSEWHERE = frozenset({"setup", "query", "axes", "runs"})
"""What of a header is written in another place."""


def _entry(result: Result, key: str) -> dict[str, Any]:
    setup = result.setup
    hypers = setup.hypers(key)._asdict()
    return {
        "key": key,
        "rule": setup.rule(key).key,
        "name": setup.name(key),
        "start": list(setup.start_of(key)),
        "hyperparameters": {name: float(value) for name, value in hypers.items()},
        **result.per_run.get(key, {}),
    }


class _Writer:
    """Writes a file part by part, and says how much of its numbers is written."""

    def __init__(self, numbers: int, progress: ProgressCallback) -> None:
        self.file = BytesIO()
        self._numbers = max(numbers, 1)
        self._written = 0
        self._progress = progress

    def text(self, text: str) -> None:
        self.file.write(text.encode())

    def arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        for k, (name, array) in enumerate(arrays.items()):
            self.text(f"{',' if k else '{'}\n{json.dumps(name)}:")
            self._array(array)
        self.text("}" if arrays else "{}")

    def _array(self, array: np.ndarray) -> None:
        if not array.ndim:
            self.text(_plain(_values(array)))
            return
        rows = max(1, CHUNK // max(1, array[:1].size))
        self.text("[")
        for first in range(0, len(array), rows):
            part = array[first : first + rows]
            self.text("," * bool(first) + _plain(_values(part))[1:-1])
            self._written += part.size
            self._progress(0.9 + 0.1 * self._written / self._numbers)
        self.text("]")


def _values(array: np.ndarray) -> Any:
    """Nested lists, in which there is no number that is not finite."""
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return array.tolist()
    found = array.astype(object)
    for words, where in (
        ("NaN", np.isnan(array)),
        ("Infinity", np.isposinf(array)),
        ("-Infinity", np.isneginf(array)),
    ):
        found[where] = words
    return found.tolist()


def _plain(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
