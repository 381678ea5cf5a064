"""Answers as files: what was found, and the setup it was found for, in each of them."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from surfaces import SURFACES, params
from views import routes, theme
from views.fields import STEPS, Studied
from views.setup import Setup
from views.studies import PARTS, answer, files
from views.studies.answer import ENDS, FIRST_END, NEVER, Answer
from views.studies.fan import FAN
from views.studies.files import TYPES, file
from views.studies.prints.sheet import (
    STYLE,
)
from views.studies.words import setup_text

ROOT = Path(__file__).parents[1]
SMALL = {
    "steps": "12", "budget": "25", "starts": "16", "seeds": "10", "noise": "0.5",
    "on": "gradient_descent,adam", "fan": "adam", "second": "adam.beta1",
}  # fmt: skip
DC = "{http://purl.org/dc/elements/1.1/}"
SVG = "{http://www.w3.org/2000/svg}"

every_study = pytest.mark.parametrize("study", PARTS)


def quiet(part):
    """Nobody who listens to progress."""


def setup_of(**changes):
    setup, problems = Setup().edited(changes)
    assert problems == ()
    return setup


_answers = {}


def found(study, **changes):
    """A small answer of a study, computed once."""
    query = SMALL | {"surface": "himmelblau"} | changes
    key = (study, *query.items())
    if key not in _answers:
        size = 8 if PARTS[study].sized else None
        _answers[key] = answer(study, setup_of(**query), quiet, size)
    return _answers[key]


def parsed(text):
    setup, problems = Setup.parse(parse_qsl(text, keep_blank_values=True))
    assert problems == ()
    return setup


def comments(text):
    return [line[2:] for line in text.splitlines() if line.startswith("# ")]


def written(data):
    """What an SVG says in letters."""
    texts = ElementTree.fromstring(data).iter(f"{SVG}text")
    return ["".join(text.itertext()) for text in texts]


def setup_in(data, form):
    """The text of the setup that a file names."""
    if form == "csv":
        (line,) = (c for c in comments(data.decode()) if c.startswith("setup: "))
        return line[7:]
    if form == "npz":
        return str(np.load(io.BytesIO(data), allow_pickle=False)["setup"])
    if form == "png":
        return Image.open(io.BytesIO(data)).text["Description"]
    (description,) = ElementTree.fromstring(data).iter(f"{DC}description")
    return description.text


# -- the setup ------------------------------------------------------------------------


@pytest.mark.parametrize("form", TYPES)
@every_study
def test_every_file_names_its_setup(study, form):
    one = found(study)
    text = setup_in(file(one, form, quiet), form)
    assert parsed(text) == one.setup


@pytest.mark.parametrize("form", TYPES)
def test_a_formula_survives_in_every_file(form):
    query = {"surface": "formula", "f": "x^2 + 3*sin(x*y) - 1", "x": "-3,2.5"}
    one = found("curves", **query)
    assert one.setup["f"] == "x^2 + 3*sin(x*y) - 1"
    assert parsed(setup_in(file(one, form, quiet), form)) == one.setup


def test_the_text_of_a_setup_is_never_empty():
    plain = Answer("fan", Setup(), {}, {}, {}, {}, 1.0, None, "")
    assert Setup().query == ""
    assert setup_text(plain) == "surface=rosenbrock"
    assert parsed(setup_text(plain)) == Setup()


# -- arrays ---------------------------------------------------------------------------


@every_study
def test_an_archive_holds_what_was_found(study):
    one = found(study)
    held = np.load(io.BytesIO(file(one, "npz", quiet)), allow_pickle=False)
    names = {"setup", "header", *(f"axes/{name}" for name in one.axes)}
    for key, run in one.runs.items():
        for name, array in run.items():
            np.testing.assert_array_equal(held[f"{key}/{name}"], array)
            assert held[f"{key}/{name}"].dtype == array.dtype
            names.add(f"{key}/{name}")
    for name, values in one.axes.items():
        np.testing.assert_array_equal(held[f"axes/{name}"], values)
    assert set(held.files) == names
    header = json.loads(str(held["header"]))
    assert header["study"] == study
    assert header["versions"]["numpy"] == np.__version__
    assert header["runs"] == one.header["runs"]


# -- tables ---------------------------------------------------------------------------


def rows_of(one):
    """The rows of a table by optimizer, each column as texts."""
    text = file(one, "csv", quiet).decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    keys = list(one.runs)
    assert [key for key in dict.fromkeys(row["optimizer"] for row in rows)] == keys
    return {
        key: {
            name: np.array([row[name] for row in rows if row["optimizer"] == key])
            for name in rows[0]
        }
        for key in keys
    }


def same(texts, values):
    """Whether texts are these numbers, each to its last digit."""
    np.testing.assert_array_equal(texts.astype(values.dtype), values.ravel())


def or_never(texts):
    return np.where(texts == "", str(NEVER), texts)


@pytest.mark.parametrize("study", ["basins", "sweep", "plane"])
def test_a_table_of_ends_has_a_row_for_each_run(study):
    one = found(study)
    for key, row in rows_of(one).items():
        run = one.runs[key]
        along = np.meshgrid(*one.axes.values(), indexing="ij")
        names = [f"start_{n}" if study == "basins" else n for n in one.axes]
        for name, values in zip(names, along, strict=True):
            same(row[name], values)
        ends = [
            f"reached minimum {code + 1}"
            if code < FIRST_END
            else theme.ENDS[ENDS[code - FIRST_END]][1]
            for code in run["ends"].ravel()
        ]
        assert row["end"].tolist() == ends
        if study == "basins":
            same(or_never(row["step"]), run["steps"])
        else:
            same(row["loss_above_base"], run["losses"])
            same(or_never(row["steps_to_tolerance"]), run["hits"])
    assert any("" in row for row in [row["end"] for row in rows_of(one).values()]) is (
        False
    )


@pytest.mark.parametrize("study", ["fan", "swarm", "luck"])
def test_a_table_of_trails_has_a_row_for_each_step_of_each_run(study):
    one = found(study)
    first = {"fan": "lr", "swarm": "run", "luck": "seed"}[study]
    for key, row in rows_of(one).items():
        points = one.runs[key]["points"]
        count, steps = points.shape[:2]
        assert len(row["x"]) == count * steps
        runs = one.axes["lr"] if study == "fan" else np.arange(count)
        same(row[first], np.repeat(runs, steps))
        same(row["step"], np.tile(np.arange(steps), count))
        same(row["x"], points[..., 0])
        same(row["y"], points[..., 1])


def test_a_table_of_curves_has_their_rates():
    one = found("curves")
    for key, row in rows_of(one).items():
        same(row["lr"], np.repeat(one.told[key]["rates"], 13))
        same(row["step"], np.tile(np.arange(13), 5))
        same(row["loss_above_base"], one.runs[key]["losses"])


def test_a_table_says_what_its_numbers_are():
    one = found("sweep", surface="linear_regression")
    told = comments(file(one, "csv", quiet).decode())
    text = "\n".join(told)
    assert told[0] == "Linear regression: how every learning rate ends"
    base = SURFACES["linear_regression"].lowest
    assert f"base: {base!r} (the lowest known minimum)" in told
    assert "tolerance: 0.001" in told
    assert any(line.startswith("minimum 1: ") for line in told)
    for word in ("jax ", "numpy ", "12 steps", "noise 0.5", "best of adam: "):
        assert word in text
    header = next(
        line
        for line in file(found("sweep"), "csv", quiet).decode().splitlines()
        if not line.startswith("#")
    )
    for column in header.split(","):
        assert any(line.startswith(f"{column}: ") for line in told), column
    text = file(found("sweep", surface="saddle"), "csv", quiet).decode()
    assert "base: 0.0 (no minimum is known)" in text


@pytest.mark.parametrize("study", ["swarm", "luck"])
def test_a_table_that_is_too_long_is_refused_before_anything_is_computed(
    get, study, monkeypatch
):
    def computed(*_):
        raise AssertionError("computed")

    monkeypatch.setattr(routes, "answer", computed)
    setup = setup_of(starts="1024", seeds="400", steps="2000")
    points = PARTS[study].points(setup)
    assert points > files.MOST_ROWS
    response = get(f"/{study}.csv", starts="1024", seeds="400", steps="2000")
    assert response.status_code == 400
    assert response.text.startswith(f"A table of {points:,} rows")
    assert response.text.endswith("ask for the npz, which holds them all.")


@every_study
def test_no_other_table_can_be_too_long(study):
    # The largest of everything, by the declarations: 8 optimizers, all the steps.
    if PARTS[study].points:
        one = found(study)
        rows = sum(run["points"].size // 2 for run in one.runs.values())
        assert PARTS[study].points(one.setup) == rows
    else:
        most = {"basins": 8 * 256**2, "sweep": 8 * 961, "plane": 256**2}
        most |= {"fan": FAN * 5001, "curves": 8 * 5 * 5001}
        assert most[study] < files.MOST_ROWS


def test_a_study_that_is_too_large_is_no_file(get):
    response = get("/swarm.svg", starts="1024", steps=str(STEPS.high))
    assert response.status_code == 400
    assert params(Studied)["starts"].high == 1024
    assert response.text.endswith(".")


def test_nobody_waits_for_matplotlib_who_does_not_ask_for_a_picture():
    code = (
        "import sys, views.routes\n"
        "assert 'views.studies.files' in sys.modules\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    needed = (ROOT / "requirements.txt").read_text("utf-8")
    assert "\nmatplotlib" in needed
    assert STYLE["svg.fonttype"] == "none"
