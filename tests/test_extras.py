"""What a race carries where it is asked for by name, on the wire and in its files."""

import csv
import io
import json
from urllib.parse import parse_qsl

import jax
import numpy as np
import pytest

from optim import OPTIMIZERS, Trajectory, descend
from optim.curvature import CHUNK, _hessians, curvatures_along
from optim.studies import curvatures
from surfaces import SURFACES, Domain, regularized, typed_surface
from surfaces.budget import STORE
from views import routes
from views.extras import EXTRAS, parse_extras, spec_of
from views.race import race_with
from views.result import pack, unpack
from views.serving.server import SERVER
from views.setup import Setup
from views.stream import ANSWER
from views.studies import RACE, cost, files
from views.studies.files import TYPES, file, refuse_long

TWICE = "on=momentum,adam,adam~2,newton&adam~2.lr=0.01&steps=40"
ALL = ",".join(EXTRAS)


def quiet(part):
    """A progress callback that does nothing."""


def parsed(text):
    setup, problems = Setup.parse(parse_qsl(text, keep_blank_values=True))
    assert problems == ()
    return setup


def run_of(setup, key, quantities=True):
    """The run of an entry, straight from the driver."""
    return descend(
        setup.surface,
        OPTIMIZERS[key.partition("~")[0]],
        setup["start"],
        setup.hypers(key),
        setup["steps"],
        conditions=setup.conditions,
        quantities=quantities,
    )


def received(response):
    """The header of a race and its arrays, after its progress."""
    assert response.status_code == 200, response.text
    return unpack(response.content.partition(ANSWER)[2])


# -- curvature ------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["rosenbrock", "ravine", "logistic_regression"])
def test_curvature_along_a_path_is_that_of_each_point(key):
    surface = regularized(SURFACES[key], 0.1)
    points = np.random.RandomState(1).uniform(-2, 2, (CHUNK + 3, 2))
    along = curvatures_along(surface, points)
    assert along.shape == points.shape
    for k in (0, 1, CHUNK - 1, CHUNK, CHUNK + 2):
        expected = curvatures(surface, points[k])
        np.testing.assert_allclose(along[k], expected, atol=1e-12 * abs(expected).max())


def test_curvature_where_there_is_no_point_is_no_number():
    points = np.array([[0.0, 0.0], [np.nan, 1.0], [np.inf, -np.inf]])
    along = curvatures_along(SURFACES["rosenbrock"], points)
    np.testing.assert_allclose(along[0], [2, 200])
    assert np.isnan(along[1:]).all()
    assert curvatures_along(SURFACES["beale"], points[:0]).shape == (0, 2)


def test_curvature_of_paths_of_any_length_is_compiled_once():
    def versions():
        return sum(key[0] is _hessians for key in STORE.keys())

    surface = typed_surface("x^4 + x*y + 2.5*y^2", Domain(-3, 3, -3, 3))
    curvatures_along(surface, np.zeros((7, 2)))
    before = versions()
    curvatures_along(surface, np.ones((3 * CHUNK + 1, 2)))
    assert versions() == before


# -- on the wire ----------------------------------------------------------------------


def test_nothing_is_carried_that_is_not_asked_for(get, monkeypatch):
    def find(surface, run):
        raise AssertionError("it was not asked for")

    spoilt = {name: extra._replace(find=find) for name, extra in EXTRAS.items()}
    for name in spoilt:
        monkeypatch.setitem(EXTRAS, name, spoilt[name])
    query = dict(parse_qsl(TWICE))
    get("/race", **query)  # Compiled.
    plain, empty = get("/race", **query), get("/race", **query, **{"with": ""})
    assert plain.content == empty.content
    _, arrays = received(plain)
    assert {name.partition("/")[2] for name in arrays} == {"points", "excess", ""}


def test_what_is_asked_for_is_that_of_the_run(get):
    setup = parsed(f"surface=himmelblau&noise=0.3&schedule=cosine&{TWICE}")
    header, arrays = received(get("/race", **dict(setup.pairs()), **{"with": ALL}))
    assert header["setup"] == setup.query, "it is no part of the setup"
    for key in setup["on"]:
        run = run_of(setup, key)
        sent = {
            name.removeprefix(f"{key}/"): array
            for name, array in arrays.items()
            if name.startswith(f"{key}/")
        }
        expected = {"grads": run.grads}
        expected |= {f"quantities/{k}": array for k, array in run.quantities.items()}
        expected["curvature"] = curvatures_along(setup.surface, run.points)
        expected |= {
            f"states/{name}": array for name, array in run.states._asdict().items()
        }
        assert sent.keys() - {"points", "excess"} == expected.keys()
        for name, array in expected.items():
            np.testing.assert_array_equal(sent[name], np.float32(array), strict=True)
            axes = header["arrays"][name]["axes"]
            assert axes[0] == "step"
            assert len(axes) == array.ndim


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_the_memory_of_every_rule_can_be_asked_for(key):
    optimizer, states = OPTIMIZERS[key], EXTRAS["states"]
    state = jax.eval_shape(optimizer.init, jax.ShapeDtypeStruct((2,), np.float64))
    record = jax.tree.map(lambda one: np.zeros((13, *one.shape), one.dtype), state)
    blank = Trajectory(np.zeros((13, 2)), np.zeros(13), np.zeros((13, 2)), record, None)
    found = states.find(SURFACES["beale"], blank)
    assert len(found) == len(jax.tree.leaves(state))
    assert sum(array[0].size for array in found.values()) == states.numbers(optimizer)
    for name, array in found.items():
        assert name.startswith("states/")
        assert len(spec_of(states, array).axes) == array.ndim


@pytest.mark.parametrize("text", ["grades", "grads,state", "x\n", "grads states", "💥"])
@pytest.mark.parametrize("path", ["/race", "/race.csv", "/race.npz"])
def test_what_a_race_does_not_carry_is_refused_by_what_it_does(get, path, text):
    answer = get(path, **{"with": text})
    assert answer.status_code == 400
    assert answer.text.startswith("with “")
    assert answer.text.endswith(f"is unknown; allowed are "
                                f"{', '.join(EXTRAS)}.")  # fmt: skip
    assert answer.text.isprintable()


def test_names_may_come_in_any_order_and_twice():
    assert parse_extras(["states,grads", "", "grads"]) == ("grads", "states")
    assert parse_extras([]) == ()


@pytest.mark.parametrize("form", ["", *TYPES])
@pytest.mark.parametrize("keys", ["lbfgs,momentum", "adam,adam~2,bfgs", "adagrad", ""])
def test_no_race_is_larger_than_was_expected(form, keys):
    setup = parsed(f"on={keys}&steps=300&surface=logistic_regression&batch=3&lr=1")
    estimate = cost.race_cost(setup, EXTRAS, form).size
    found = RACE.find(setup, quiet, EXTRAS)
    if form:
        assert len(file(found, form, quiet)) <= estimate
    else:
        response = race_with(setup, quiet, EXTRAS)
        assert len(pack(response)) <= estimate


def test_what_has_no_room_is_refused_before_it_is_computed(get, monkeypatch):
    def compute(*args, **kwargs):
        raise AssertionError("it was computed")

    monkeypatch.setattr(routes, "race_with", compute)
    monkeypatch.setattr(SERVER.outbox, "limit", 2**18)
    answer = get("/race", on="lbfgs,adam", steps="5000", **{"with": "states"})
    assert answer.status_code == 400
    assert answer.text == "This answer has 2 MB; the server sends at most 0 MB at once."


# -- files ----------------------------------------------------------------------------


def rows_of(data):
    """The rows of a table, by entry."""
    lines = [line for line in data.splitlines() if not line.startswith("#")]
    found = {}
    for row in csv.DictReader(lines):
        found.setdefault(row["optimizer"], []).append(row)
    return found


def numbers(rows, name):
    return np.array([float(row[name]) for row in rows])


@pytest.mark.parametrize(
    "more", ["", "&surface=beale&adam.lr=10", "&surface=formula&f=x^2%2By^4%2Bx*y"]
)
def test_a_table_of_a_race_has_the_numbers_of_the_run_to_the_last_digit(get, more):
    setup = parsed(f"{TWICE}{more}")
    response = get("/race.csv", **dict(setup.pairs()))
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'"race-{setup.surface_key}.csv"' in response.headers["content-disposition"]
    text = response.text
    (line,) = (one for one in text.splitlines() if one.startswith("# setup: "))
    assert parsed(line.removeprefix("# setup: ")) == setup
    rows = rows_of(text)
    assert tuple(rows) == setup["on"]
    for key, its in rows.items():
        run = run_of(setup, key, quantities=False)
        assert {row["name"] for row in its} == {setup.name(key)}
        assert [row["step"] for row in its] == [str(step) for step in range(41)]
        np.testing.assert_array_equal(numbers(its, "loss"), run.losses)
        for column, name in enumerate("xy"):
            np.testing.assert_array_equal(numbers(its, name), run.points[:, column])
        finite = [float(value) for value in run.losses if np.isfinite(value)]
        assert [row["loss"] for row in its][: len(finite)] == list(map(repr, finite))
        assert f"# {key}: {setup.name(key)}: {run.outcome.text}" in text.splitlines()


def test_a_table_says_what_each_of_its_columns_is(get):
    text = get("/race.csv", **dict(parse_qsl(TWICE)), **{"with": ALL}).text
    rows = rows_of(text)
    columns = list(rows["adam"][0])
    comments = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    for column in columns:
        assert sum(line.startswith(f"{column}: ") for line in comments) == 1
    assert columns[:6] == ["optimizer", "name", "step", "x", "y", "loss"]
    assert {"grads.x", "states.velocity.y", "states.t", "curvature.2"} <= set(columns)
    setup = parsed(TWICE)
    for key, name in (("momentum", "velocity"), ("adam~2", "mean")):
        memory = getattr(run_of(setup, key).states, name)
        for k, axis in enumerate("xy"):
            sent = numbers(rows[key], f"states.{name}.{axis}")
            np.testing.assert_array_equal(sent, memory[:, k])
    delta = run_of(setup, "momentum").quantities["delta"]
    sent = numbers(rows["momentum"][:-1], "quantities.delta.x")
    np.testing.assert_array_equal(sent, delta[:, 0])
    assert rows["momentum"][-1]["quantities.delta.x"] == "", "no step was taken"
    x = numbers(rows["momentum"], "x")
    np.testing.assert_array_equal(x[:-1] + sent, x[1:])
    assert {row["states.velocity.x"] for row in rows["adam"]} == {""}
    assert {row["states.mean.x"] for row in rows["newton"]} == {""}
    grads = run_of(setup, "newton").grads
    np.testing.assert_array_equal(numbers(rows["newton"], "grads.y"), grads[:, 1])


def test_an_archive_of_a_race_has_all_of_it_in_float64(get):
    response = get("/race.npz", **dict(parse_qsl(TWICE)), **{"with": ALL})
    held = np.load(io.BytesIO(response.content), allow_pickle=False)
    setup = parsed(str(held["setup"]))
    assert setup == parsed(TWICE)
    header = json.loads(str(held["header"]))
    assert header["kind"] == "race"
    np.testing.assert_array_equal(held["axes/step"], np.arange(41))
    for key in setup["on"]:
        run = run_of(setup, key)
        for name, array in (
            ("points", run.points), ("losses", run.losses), ("grads", run.grads),
        ):  # fmt: skip
            np.testing.assert_array_equal(held[f"{key}/{name}"], array, strict=True)
    memory = run_of(setup, "adam").states.mean_square
    np.testing.assert_array_equal(held["adam/states/mean_square"], memory)
    labels = [run["look"]["label"] for run in header["runs"]]
    assert labels == [setup.name(key) for key in setup["on"]]


def test_minibatches_are_in_the_archive(get):
    query = {"surface": "linear_regression", "batch": "4", "steps": "12", "on": "adam"}
    held = np.load(io.BytesIO(get("/race.npz", **query).content))
    assert held["batches"].shape == (12, SURFACES["linear_regression"].samples)
    assert (held["batches"].sum(axis=1) <= 4).all()


def test_an_empty_race_is_a_table_without_rows(get):
    text = get("/race.csv", on="").text
    assert text.splitlines()[-1] == "optimizer,name,step,x,y,loss"


def test_a_table_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 100)
    refuse_long("race", parsed("on=adam&steps=99"), "csv")
    with pytest.raises(ValueError, match="202 rows is too long"):
        refuse_long("race", parsed("on=adam,momentum&steps=100"), "csv")


@pytest.mark.parametrize("path", ["/race.png", "/race.svg", "/race.cvs", "/race.csv/x"])
def test_there_is_no_other_file_of_a_race(get, path):
    assert get(path).status_code == 404


def test_a_race_that_is_wrong_is_no_file(get):
    answer = get("/race.csv", **{"adam.lr": "-1"})
    assert answer.status_code == 400
    assert "adam.lr" in answer.text


def test_every_extra_says_what_it_is():
    for extra in EXTRAS.values():
        assert extra.meaning
        assert extra.unit
