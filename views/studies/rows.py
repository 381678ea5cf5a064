"""Results as rows, one a run or a step of a run: what each column means and holds."""

from itertools import product
from typing import Any

import numpy as np

from views.result import XY, Result
from views.studies import FILED
from views.studies.part import Column

KEY = "the key of the entry, whose rule and name are above"
"""What the first column of all is: `optimizer`."""


def columns(result: Result) -> dict[str, Column]:
    """The columns, by name, but for that of the entry."""
    return {**FILED[result.kind].columns(result), **_carried_columns(result)}


def values(result: Result, key: str) -> list[np.ndarray]:
    """The numbers of each column for one entry, all of the same length.

    Where an entry has no number, it is masked.
    """
    part, run = FILED[result.kind], result.runs[key]
    found = []
    for name in part.arrays:
        found += [*np.moveaxis(run[name], -1, 0)] if name == "points" else [run[name]]
    rows = found[0].size
    for name in part.carried(result):
        like = next(one[name] for one in result.runs.values() if name in one)
        found += _carried(run.get(name, like[:0]), rows)
    along = np.meshgrid(*part.axes(result, key), indexing="ij", copy=False)
    return [one.reshape(-1) for one in (*along, *found)]


def _carried(array: np.ndarray, rows: int) -> list[np.ndarray]:
    """The columns of what not every entry has, or not at every step."""
    flat = array.reshape(len(array), int(np.prod(array.shape[1:])))
    # From the last iterate no step was taken.
    padded = np.ma.array(np.zeros((rows, flat.shape[1]), flat.dtype), mask=True)
    padded[: len(flat)] = flat
    return [*padded.T]


def _carried_columns(result: Result) -> dict[str, Column]:
    """Those of the arrays that not every optimizer has: `grads.x`, `states.mean.y`."""
    found = {}
    for name, meaning in FILED[result.kind].carried(result).items():
        if not all(name in run for run in result.runs.values()):
            meaning += "; empty where a rule has none"
        for ending in _endings(result, name):
            column = Column(meaning, _unless_masked)
            found[f"{name.replace('/', '.')}{ending}"] = column
    return found


def _unless_masked(numbers: np.ndarray) -> Any:
    texts = np.ma.getdata(numbers).astype(str)
    return np.where(np.ma.getmaskarray(numbers), "", texts)


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
