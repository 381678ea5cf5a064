"""Answers as files: tables and arrays here, pictures in prints.py.

A file names the setup it is of: its text is the query of the page's address, and
`Setup.parse` reads it back. It is in the comments above a table, beside the arrays of
an NPZ, in a PNG's text chunks and an SVG's metadata (`Description`), and under every
picture.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from io import BytesIO
from typing import Any, NamedTuple

import jax
import numpy as np

from optim import OPTIMIZERS
from surfaces import params
from views import theme
from views.setup import TYPED, Setup
from views.studies.answer import ENDS, FIRST_END, NEVER, Answer
from views.studies.work import Tell

MOST_ROWS = 2_000_000
"""Rows of the longest table."""

CHUNK = 50_000
"""Rows that are written at once."""

LONGEST = 40
"""Letters of a typed formula that still fits into a title."""

TITLES = {
    "basins": "where every start leads",
    "sweep": "how every learning rate ends",
    "plane": "{second} and learning rate of {rule}",
    "fan": "{fan} at every learning rate",
    "curves": "each optimizer at five learning rates",
    "swarm": "many starts at once",
    "luck": "the same race under many seeds",
}
"""What each study shows, for a heading."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "npz": "application/zip",
    "png": "image/png",
    "svg": "image/svg+xml",
}
"""The kinds of files, by how their names end."""


def file(answer: Answer, form: str, tell: Tell) -> bytes:
    """An answer as a file.

    Args:
        answer: What was found.
        form: A key of `TYPES`.
        tell: Is told of the progress; what it raises ends the work.

    Raises:
        ValueError: If it is too long for a table, in one sentence.
    """
    tell(0.9)
    if form == "csv":
        return table(answer, tell)
    if form == "npz":
        return archive(answer)
    # Only here: matplotlib takes a second to import, which nobody else should wait.
    return import_module("views.studies.prints").picture(answer, form)


def file_name(study: str, setup: Setup, form: str) -> str:
    """Under which name the file of an answer is kept."""
    return f"{study}-{setup.surface_key}.{form}"


def setup_text(answer: Answer) -> str:
    """The text of a setup, which is never empty."""
    return answer.setup.query or f"surface={answer.setup.surface_key}"


def title(answer: Answer) -> str:
    """What an answer is of, in a few words."""
    setup = answer.setup
    label = answer.facts.get("label", "")
    names = {
        "second": label[:1].lower() + label[1:],
        "rule": OPTIMIZERS[setup["second"].split(".")[0]].label,
        "fan": OPTIMIZERS[setup["fan"]].label,
    }
    label = setup.surface.label
    if setup.surface_key == TYPED and len(setup["f"]) <= LONGEST:
        label = setup["f"]
    return f"{label}: {TITLES[answer.study].format(**names)}"


def computed(answer: Answer) -> str:
    """How much was computed, in words."""
    setup, axes = answer.setup, answer.axes
    many = {
        "basins": lambda: "{y} × {x} starts of each optimizer",
        "sweep": lambda: "{lr} learning rates of each optimizer",
        "plane": lambda: f"{{lr}} learning rates × {_values_of(answer)}",
        "fan": lambda: "{lr} learning rates",
        "curves": lambda: f"learning rates apart by a factor of {setup['apart']:g}",
        "swarm": lambda: f"{_runs(answer)} starts of each optimizer",
        "luck": lambda: f"{setup['seeds']} seeds of each optimizer",
    }[answer.study]()
    counted = many.format(**{name: len(values) for name, values in axes.items()})
    return ", ".join([counted, f"{setup['steps']} steps", *conditions(answer)])


def conditions(answer: Answer) -> list[str]:
    """What the runs were under, in words; nothing if nothing."""
    setup = answer.setup
    told = {
        f"{setup['schedule'].replace('_', ' ')} schedule": setup["schedule"]
        != "constant",
        f"warm-up {setup['warmup']}": setup["warmup"],
        f"noise {setup['noise']:g}": setup["noise"],
        f"L2 {setup['l2']:g}": setup["l2"],
    }
    data = setup.ground.data
    if data is not None:
        told[f"batch {setup['batch']}"] = setup["batch"] != data.size
    return [words for words, so in told.items() if so]


def _values_of(answer: Answer) -> str:
    name = answer.facts["second"]
    return f"{len(answer.axes[name])} values of {name}"


def _runs(answer: Answer) -> int:
    return next((len(run["points"]) for run in answer.runs.values()), 0)


def end_words(answer: Answer) -> list[str]:
    """For each code of an end, the words; codes in between have none."""
    words = [f"reached minimum {k + 1}" for k in range(FIRST_END)]
    return words + [theme.ENDS[kind][1] for kind in ENDS]


# -- arrays ---------------------------------------------------------------------------


def archive(answer: Answer) -> bytes:
    """Everything, as NumPy's NPZ.

    `adam/losses` is an array of an optimizer, `axes/lr` what the arrays run along, and
    `setup` and `header` are texts.
    """
    arrays = {
        f"{key}/{name}": array
        for key, run in answer.runs.items()
        for name, array in run.items()
    }
    arrays |= {f"axes/{name}": values for name, values in answer.axes.items()}
    header = answer.header | {"title": title(answer), "versions": versions()}
    arrays["setup"] = np.array(setup_text(answer))
    arrays["header"] = np.array(json.dumps(header, allow_nan=False))
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def versions() -> dict[str, str]:
    """Of what computed it."""
    return {"jax": jax.__version__, "numpy": np.__version__}


# -- tables ---------------------------------------------------------------------------


class Column(NamedTuple):
    """One column: how a number of it is written, and what it means."""

    write: Callable[[np.ndarray], Any]
    meaning: str


def _plain(values: np.ndarray) -> Any:
    return values.astype(str)


def _unless_never(values: np.ndarray) -> Any:
    return np.where(values == NEVER, "", values.astype(str))


_EXCESS = Column(_plain, "the loss after the last step, above the base")
_STEP = Column(_plain, "the step, 0 at the start")
_X = Column(_plain, "the first coordinate of the iterate")
_Y = Column(_plain, "the second coordinate of the iterate")
_RATE = Column(_plain, "the learning rate")


def columns(answer: Answer) -> dict[str, Column]:
    """The columns of an answer's table after that of the optimizer."""
    words = np.array(end_words(answer))
    end = Column(lambda codes: words[codes], "how the run ended")
    hit = Column(
        _unless_never,
        "the first step with a loss within the tolerance of the base; empty if never",
    )
    came = Column(_unless_never, "the first step of that; empty if it never came about")
    start_x = Column(_plain, "the first coordinate of the start")
    start_y = Column(_plain, "the second coordinate of the start")
    ends = {"loss_above_base": _EXCESS, "steps_to_tolerance": hit, "end": end}
    trail = {"step": _STEP, "x": _X, "y": _Y}
    if answer.study == "basins":
        return {"start_y": start_y, "start_x": start_x, "end": end, "step": came}
    if answer.study == "sweep":
        return {"lr": _RATE, **ends}
    if answer.study == "plane":
        key, name = answer.setup["second"].split(".")
        meaning = params(OPTIMIZERS[key].hypers)[name].meaning.rstrip(".")
        return {name: Column(_plain, meaning[:1].lower() + meaning[1:]), "lr": _RATE,
                **ends}  # fmt: skip
    if answer.study == "fan":
        return {"lr": _RATE, **trail}
    if answer.study == "curves":
        excess = Column(_plain, "the loss there, above the base")
        return {"lr": _RATE, "step": _STEP, "loss_above_base": excess}
    if answer.study == "swarm":
        return {"run": Column(_plain, "which start, from 0"), **trail}
    return {"seed": Column(_plain, "of noise, minibatches and the rule"), **trail}


def _values(answer: Answer, key: str) -> list[np.ndarray]:
    """The numbers of each column for one optimizer, all of the same length."""
    run, axes = answer.runs[key], list(answer.axes.values())
    steps = np.arange(answer.setup["steps"] + 1)
    if answer.study == "basins":
        found = [run["ends"], run["steps"]]
    elif answer.study in ("sweep", "plane"):
        found = [run["losses"], run["hits"], run["ends"]]
    elif answer.study == "curves":
        axes, found = [np.array(answer.told[key]["rates"]), steps], [run["losses"]]
    else:
        found = [run["points"][..., 0], run["points"][..., 1]]
        first = axes[0] if answer.study == "fan" else np.arange(len(found[0]))
        axes = [first, steps]
    along = np.meshgrid(*axes, indexing="ij", copy=False)
    return [values.reshape(-1) for values in (*along, *found)]


def _rows(run: Mapping[str, np.ndarray]) -> int:
    if "points" in run:
        return run["points"].size // 2
    return next(iter(run.values())).size


def table(answer: Answer, tell: Tell) -> bytes:
    """Everything that has a place in a table, as CSV, one row a run or step of a run.

    Args:
        answer: What was found.
        tell: Is told of the progress, of which this is the last tenth.

    Raises:
        ValueError: If it is too long, in one sentence.
    """
    rows = sum(map(_rows, answer.runs.values()))
    if rows > MOST_ROWS:
        raise ValueError(
            f"a table of {rows:,} rows is too long, {MOST_ROWS:,} are the most; "
            "ask for the npz, which holds them all"
        )
    declared = columns(answer)
    file = BytesIO()
    for line in _comments(answer, declared):
        file.write(f"# {line}\n".encode())
    file.write(f"{','.join(['optimizer', *declared])}\n".encode())
    done = 0
    for key, run in answer.runs.items():
        values = _values(answer, key)
        for first in range(0, _rows(run), CHUNK):
            part = [
                column.write(numbers[first : first + CHUNK]).tolist()
                for column, numbers in zip(declared.values(), values, strict=True)
            ]
            lines = (",".join((key, *row)) for row in zip(*part, strict=True))
            file.write(("\n".join(lines) + "\n").encode())
            done += len(part[0])
            tell(0.9 + 0.1 * done / rows)
    return file.getvalue()


def _comments(answer: Answer, declared: dict[str, Column]) -> Iterator[str]:
    facts = answer.facts
    yield title(answer)
    yield f"setup: {setup_text(answer)}"
    yield f"computed: {computed(answer)}, on {answer.device}"
    yield "with " + ", ".join(f"{name} {of}" for name, of in versions().items())
    if "base" in facts:
        known = "the lowest known minimum" if facts["known"] else "no minimum is known"
        yield f"base: {facts['base']!r} ({known})"
    if "tolerance" in facts:
        yield f"tolerance: {facts['tolerance']!r}"
    for k, (x, y) in enumerate(answer.setup.surface.minima):
        yield f"minimum {k + 1}: {x!r} {y!r}"
    for key, told in answer.told.items():
        if told.get("best"):
            yield f"best of {key}: " + " ".join(
                f"{name} {value}" for name, value in told["best"].items()
            )
    if answer.study in ("swarm", "luck"):
        yield "the band and the mean of the losses at each step are in the npz"
    yield "optimizer: the key of the rule"
    for name, column in declared.items():
        yield f"{name}: {column.meaning}"
