"""Answers as files: what was found, and the setup it was found for, in each of them."""

import csv
import io
import json
from urllib.parse import parse_qsl

import numpy as np
import pytest
from pyarrow import parquet

from optim import OPTIMIZERS
from optim.studies import KINDS
from surfaces import SURFACES, params
from views import routes, theme
from views.entries import MOST_ON
from views.fields import STEPS, StudyParams
from views.mark import marked
from views.result import Result
from views.setup import Setup
from views.stream import Abandoned
from views.studies import PARTS, RACE, answer, as_json, files
from views.studies.codes import ENDS, FIRST_END, FIRST_NEAR, NEVER
from views.studies.files import TYPES, file
from views.studies.grids import SIZE
from views.studies.words import computed, setup_text, title
from views.tabs import TABS

SMALL = {
    "steps": "12", "budget": "25", "starts": "16", "seeds": "10", "noise": "0.5",
    "on": "gradient_descent,adam", "fan": "adam", "second": "adam.beta1",
}  # fmt: skip

every_study = pytest.mark.parametrize("study", PARTS)


def quiet(part):
    """A progress callback that does nothing."""


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


def shown(setup):
    """What a page shows with the basins of a setup."""
    return setup.edited({"view": "studies", "study": "basins"})[0]


def comments(text):
    return [line[2:] for line in text.splitlines() if line.startswith("# ")]


def setup_in(data, form):
    """The text of the setup that a file names."""
    if form == "csv":
        (line,) = (c for c in comments(data.decode()) if c.startswith("setup: "))
        return line[7:]
    if form == "json":
        return json.loads(data)["setup"]
    if form == "parquet":
        return parquet.read_schema(io.BytesIO(data)).metadata[b"setup"].decode()
    return str(np.load(io.BytesIO(data), allow_pickle=False)["setup"])


# -- the setup ------------------------------------------------------------------------


@pytest.mark.parametrize("form", TYPES)
@every_study
def test_every_file_names_its_setup(study, form):
    one = found(study)
    data = file(one, form, quiet)
    page = parsed(marked(data))
    # Its page shows the study; a table and an archive name what it was computed of.
    assert study in TABS[page["study"]].parts
    assert page == one.setup.edited({"view": "studies", "study": page["study"]})[0]
    named = parsed(setup_in(data, form))
    assert named == (one.setup if form in ("csv", "npz") else page)


@pytest.mark.parametrize("form", TYPES)
def test_a_formula_survives_in_every_file(form):
    query = {"surface": "formula", "f": "x^2 + 3*sin(x*y) - 1", "x": "-3,2.5"}
    one = found("curves", **query)
    assert one.setup["f"] == "x^2 + 3*sin(x*y) - 1"
    data = file(one, form, quiet)
    for text in (setup_in(data, form), marked(data)):
        assert parsed(text)["f"] == one.setup["f"]
        assert parsed(text)["x"] == one.setup["x"]


def test_the_text_of_a_setup_is_never_empty():
    plain = Result("fan", Setup(), {}, {}, {}, {}, 1.0, None, "")
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
    assert header["kind"] == study
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


def in_words(code):
    if code < FIRST_NEAR:
        return f"reached minimum {code + 1}"
    if code < FIRST_END:
        return f"near minimum {code - FIRST_NEAR + 1} but not at rest"
    return theme.ENDS[ENDS[code - FIRST_END]][1]


@pytest.mark.parametrize("study", ["basins", "sweep", "plane"])
def test_a_table_of_ends_has_a_row_for_each_run(study):
    one = found(study)
    for key, row in rows_of(one).items():
        run = one.runs[key]
        along = np.meshgrid(*one.axes.values(), indexing="ij")
        names = [f"start_{n}" if study == "basins" else n for n in one.axes]
        for name, values in zip(names, along, strict=True):
            same(row[name], values)
        assert row["end"].tolist() == [in_words(code) for code in run["ends"].ravel()]
        if study == "basins":
            same(or_never(row["step"]), run["steps"])
        else:
            same(row["loss_above_base"], run["losses"])
            same(or_never(row["steps_to_tolerance"]), run["within"])
    assert any("" in row for row in [row["end"] for row in rows_of(one).values()]) is (
        False
    )


@pytest.mark.parametrize("study", ["fan", "swarm", "seeds"])
def test_a_table_of_trails_has_a_row_for_each_step_of_each_run(study):
    one = found(study)
    first = {"fan": "lr", "swarm": "run", "seeds": "seed"}[study]
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
        same(row["lr"], np.repeat(one.per_run[key]["rates"], 13))
        same(row["step"], np.tile(np.arange(13), 5))
        same(row["loss_above_base"], one.runs[key]["losses"])


def test_a_table_says_what_its_numbers_are():
    one = found("sweep", surface="linear_regression")
    lines = comments(file(one, "csv", quiet).decode())
    text = "\n".join(lines)
    assert lines[0] == "Linear regression: how every learning rate ends"
    base = SURFACES["linear_regression"].lowest
    assert f"base: {base!r} (the lowest known minimum)" in lines
    assert "tolerance: 0.001" in lines
    assert any(line.startswith("minimum 1: ") for line in lines)
    for word in ("jax ", "numpy ", "12 steps", "noise 0.5", "best of adam: "):
        assert word in text
    header = next(
        line
        for line in file(found("sweep"), "csv", quiet).decode().splitlines()
        if not line.startswith("#")
    )
    for column in header.split(","):
        assert any(line.startswith(f"{column}: ") for line in lines), column
    text = file(found("sweep", surface="saddle"), "csv", quiet).decode()
    assert "base: 0.0 (no minimum is known)" in text


def test_a_table_is_abandoned_between_two_parts(monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 100)
    parts = []

    def progress(part):
        parts.append(part)
        if len(parts) == 4:
            raise Abandoned

    with pytest.raises(Abandoned):
        file(found("fan"), "csv", progress)
    assert parts == sorted(parts)
    assert 0.9 <= parts[0] <= parts[-1] < 1


def test_an_empty_study_is_a_table_without_rows():
    text = file(found("basins", on=""), "csv", quiet).decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines == ["optimizer,start_y,start_x,end,step"]


# -- pictures -------------------------------------------------------------------------


@every_study
def test_a_result_has_the_words_that_a_picture_of_it_needs(study):
    one = found(study)
    assert one.header["title"] == title(one)
    assert one.header["computed"] == computed(one)
    assert "12 steps" in one.header["computed"]
    assert parsed(one.header["query"]) == one.setup


def test_there_are_colours_for_all_ends():
    assert set(ENDS) < set(KINDS)
    assert tuple(theme.PALETTE["ends"]) == ENDS
    colours = [*theme.MINIMA, *theme.PALETTE["ends"].values()]
    assert len(set(colours)) == len(colours)


# -- over the wire --------------------------------------------------------------------


@pytest.mark.parametrize("form", TYPES)
@every_study
def test_there_is_a_route_for_each_file(get, study, form):
    # Refused before anything is computed.
    response = get(f"/{study}.{form}", lr="fast")
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("lr “fast”")


@pytest.mark.parametrize("form", TYPES)
def test_a_route_sends_a_file_to_be_kept(get, form):
    response = get(f"/basins.{form}", size="8", surface="himmelblau", **SMALL)
    assert response.status_code == 200
    assert response.headers["content-type"] == TYPES[form]
    kept = f'attachment; filename="basins-himmelblau.{form}"'
    assert response.headers["content-disposition"] == kept
    named, setup = parsed(setup_in(response.content, form)), found("basins").setup
    assert named == (setup if form in ("csv", "npz") else shown(setup))
    assert parsed(marked(response.content)) == shown(setup)
    if form == "csv":
        assert len(response.text.splitlines()) > 2 * 64


@pytest.mark.parametrize("study", ["swarm", "seeds"])
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


def declared_rows(study, setup, size):
    """How many rows its table has, by what it declares of its runs."""
    rows = setup["steps"] + 1 if PARTS[study].every_step else 1
    return sum(PARTS[study].runs(setup, size).values()) * rows


@every_study
def test_no_other_table_can_be_too_long(study):
    part, one = PARTS[study], found(study)
    columns = 2 if part.arrays[0] == "points" else 1
    rows = sum(run[part.arrays[0]].size // columns for run in one.runs.values())
    assert declared_rows(study, one.setup, 8) == rows
    if part.points:
        assert part.points(one.setup) == rows
    else:
        # The largest of everything: 8 optimizers, all the steps.
        values = params(StudyParams) | {"steps": STEPS}
        asked = {name: f"{one.high:g}" for name, one in values.items()}
        most = setup_of(**asked, on=",".join([*OPTIMIZERS][:MOST_ON]))
        assert declared_rows(study, most, SIZE.high) < files.MOST_ROWS


def test_a_study_that_is_too_large_is_no_file(get):
    response = get("/swarm.npz", starts="1024", steps=str(STEPS.high))
    assert response.status_code == 400
    assert params(StudyParams)["starts"].high == 1024
    assert response.text.endswith(".")


@pytest.mark.parametrize("form", ["png", "svg"])
@every_study
def test_where_pictures_were_it_is_said_who_saves_them(get, study, form):
    response = get(f"/{study}.{form}", surface="himmelblau")
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("Pictures are saved by the page")


# -- for programs ---------------------------------------------------------------------

DIVERGED = (
    "surface=beale&on=adam,gradient_descent,newton&gradient_descent.lr=1&steps=30"
)
EXTRAS_OF_RACE = ("grads", "quantities", "states", "curvature")


@pytest.fixture(scope="module")
def race():
    """A race that carries all there is, one of whose entries diverges."""
    return RACE.find(parsed(DIVERGED), quiet, EXTRAS_OF_RACE)


def numbers(values):
    """Nested lists as an array, words for what is not finite included."""
    return np.array(values, object).astype(float)


@pytest.mark.parametrize("form", TYPES)
def test_the_mark_of_a_race_is_the_setup_of_its_page(race, form):
    assert parsed(marked(file(race, form, quiet))) == race.setup


def test_json_has_every_array_to_the_last_digit(race):
    held = json.loads(
        file(race, "json", quiet, "http://page/?x"), parse_constant=pytest.fail
    )
    assert held["address"] == "http://page/?x"
    assert held["kind"] == "race"
    assert held["axes"]["step"] == list(range(31))
    assert [entry["key"] for entry in held["entries"]] == list(race.runs)
    for entry in held["entries"]:
        run, setup = race.runs[entry["key"]], race.setup
        assert entry["name"] == setup.name(entry["key"])
        assert entry["hyperparameters"] == setup.hypers(entry["key"])._asdict()
        assert entry["text"] == race.per_run[entry["key"]]["text"]
        assert entry["arrays"].keys() == run.keys()
        for name, array in run.items():
            np.testing.assert_array_equal(numbers(entry["arrays"][name]), array)
            assert held["arrays"][name]["axes"][0] == "step"
    np.testing.assert_array_equal(held["shared"]["factors"], race.shared["factors"])
    (lost,) = (e for e in held["entries"] if e["key"] == "gradient_descent")
    assert not np.isfinite(race.runs["gradient_descent"]["points"]).all()
    assert lost["arrays"]["points"][-1] == ["NaN", "NaN"]


def test_json_is_written_in_parts_and_may_be_abandoned(race, monkeypatch):
    whole = file(race, "json", quiet)
    monkeypatch.setattr(as_json, "CHUNK", 7)
    assert file(race, "json", quiet) == whole
    parts = []

    def progress(part):
        parts.append(part)
        if len(parts) == 9:
            raise Abandoned

    with pytest.raises(Abandoned):
        file(race, "json", progress)
    assert parts == sorted(parts)


def test_parquet_has_a_row_for_each_entry_and_step(race):
    data = file(race, "parquet", quiet, "http://page/?x")
    table = parquet.read_table(io.BytesIO(data))
    about = table.schema.metadata
    assert about[b"address"] == b"http://page/?x"
    assert json.loads(about[b"header"])["runs"] == race.header["runs"]
    keys = np.array(table["optimizer"].to_pylist())
    assert keys.tolist() == [key for key in race.runs for _ in range(31)]
    for key, run in race.runs.items():
        mine = table.filter(keys == key)
        assert mine["step"].to_pylist() == list(range(31))
        np.testing.assert_array_equal(mine["loss"], run["losses"])
        for k, axis in enumerate("xy"):
            np.testing.assert_array_equal(mine[axis], run["points"][:, k])
            np.testing.assert_array_equal(mine[f"grads.{axis}"], run["grads"][:, k])
    adam = table.filter(keys == "adam")
    assert (adam["step"].type, adam["states.mean.x"].type) == ("int64", "double")
    assert adam["quantities.delta.x"].to_pylist()[-1] is None, "no step was taken"
    assert set(table.filter(keys == "newton")["states.mean.x"].to_pylist()) == {None}
    lost = table.filter(keys == "gradient_descent")["x"]
    assert lost.null_count == 0, "what is not finite is a number"
    for field in table.schema:
        assert field.metadata[b"meaning"]


def test_parquet_and_table_say_the_same_of_a_study():
    one = found("sweep")
    table = parquet.read_table(io.BytesIO(file(one, "parquet", quiet)))
    for key, columns in rows_of(one).items():
        mine = table.filter(np.array(table["optimizer"].to_pylist()) == key)
        for name, texts in columns.items():
            there = mine[name].is_valid().to_numpy()
            assert there.tolist() == (texts != "").tolist()
            values = mine[name].drop_null().to_numpy()
            assert texts[there].tolist() == values.astype(str).tolist()
