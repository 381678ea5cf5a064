"""Answers as files: what was found, and the setup it was found for, in each of them."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from optim import OPTIMIZERS
from surfaces import SURFACES, Domain, params
from views import routes, theme
from views.drawing import FAR, MARKERS, near
from views.entries import MOST_ON
from views.fields import STEPS, Studied
from views.result import Result
from views.setup import Setup
from views.stream import Abandoned
from views.studies import PARTS, answer, files
from views.studies.codes import ENDS, FIRST_END, FIRST_NEAR, NEVER
from views.studies.fan import FAN
from views.studies.files import TYPES, file
from views.studies.prints.basins import lit
from views.studies.prints.curves import DASHES
from views.studies.prints.sheet import (
    STYLE,
    Losses,
    decades,
    number,
    param_along,
    power,
)
from views.studies.swept import SIZE
from views.studies.words import computed, setup_text, title

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
        same(row["lr"], np.repeat(one.per_run[key]["rates"], 13))
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


def test_a_table_is_abandoned_between_two_parts(monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 100)
    told = []

    def tell(part):
        told.append(part)
        if len(told) == 4:
            raise Abandoned

    with pytest.raises(Abandoned):
        file(found("fan"), "csv", tell)
    assert told == sorted(told)
    assert 0.9 <= told[0] <= told[-1] < 1


def test_nobody_is_a_table_without_rows():
    text = file(found("basins", on=""), "csv", quiet).decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines == ["optimizer,start_y,start_x,end,step"]


# -- pictures -------------------------------------------------------------------------


@every_study
def test_a_picture_is_1600_wide_and_an_svg_says_the_same_in_letters(study):
    one = found(study)
    with Image.open(io.BytesIO(file(one, "png", quiet))) as image:
        assert image.width == 1600
        assert image.text["Title"] == title(one)
        colours = {colour for _, colour in image.convert("RGB").getcolors(2**24)}
    assert tuple(bytes.fromhex(theme.PAGE[1:])) in colours
    said = written(file(one, "svg", quiet))
    assert said[0] != ""
    assert title(one) in said
    assert computed(one) in said
    assert f"?{one.setup.query}" in "".join(said)
    assert any("12 steps" in words for words in said)


def test_two_pictures_of_the_same_are_the_same():
    one = found("fan")
    for form in ("png", "svg"):
        assert file(one, form, quiet) == file(one, form, quiet)


def test_basins_have_the_colours_of_their_legend():
    one = found("basins", steps="60", noise="0")
    said = written(file(one, "svg", quiet))
    assert said.count("1") == said.count("3") == 2, "a number for each panel's minimum"
    for k, (x, y) in enumerate(SURFACES["himmelblau"].minima):
        assert f"minimum {k + 1} at ({number(x)}, {number(y)})" in said
    ends = np.array([[0, 1], [FIRST_END, FIRST_END + 5]], "u1")
    steps = np.array([[0, 60], [NEVER, 1]], "u2")
    shown = lit(ends, steps, 60)
    assert to_hex(shown[0, 0]) == theme.MINIMA[0]
    dark = np.array(shown[0, 1]) / theme.SLOWEST
    assert to_hex(dark) == theme.MINIMA[1]
    assert to_hex(shown[1, 0]) == theme.ENDS["descending"][0]
    assert lit(np.array([9], "u1"), steps[0, :1], 60).shape == (1, 3)
    near = lit(np.array([FIRST_NEAR + 1], "u1"), np.array([NEVER]), 60)[0]
    assert to_hex(near / theme.NEAR) == theme.MINIMA[1]
    assert theme.NEAR < theme.SLOWEST


def test_there_are_colours_for_all_ends_and_marks_for_all_optimizers():
    assert tuple(theme.ENDS) == ENDS
    colours = [*theme.MINIMA, *(colour for colour, _ in theme.ENDS.values())]
    assert len(set(colours)) == len(colours)
    assert set(MARKERS) == {look.mark for look in theme.LOOKS.values()}


def test_theory_and_the_best_are_in_the_picture_of_a_plane():
    query = {"surface": "ravine", "noise": "0", "second": "momentum.beta"}
    said = " ".join(written(file(found("plane", **query), "svg", quiet)))
    assert "by theory, stable to the left" in said
    assert "by theory, fastest there: 0.0953, 0.478" in said
    assert "not within 12 steps" in said
    said = " ".join(written(file(found("plane"), "svg", quiet)))
    assert "theory" not in said
    said = " ".join(written(file(found("plane", surface="saddle"), "svg", quiet)))
    assert "No lowest minimum is known" in said


def test_what_is_not_in_a_picture_is_said():
    query = {"surface": "saddle", "noise": "0", "steps": "80"}
    assert "end off this map" in " ".join(
        written(file(found("fan", **query), "svg", quiet))
    )
    query |= {"lr": "1", "swarm": "cloud", "start": "1,0.5"}
    for study in ("curves", "swarm"):
        said = " ".join(written(file(found(study, **query), "svg", quiet)))
        assert "leaves through the bottom is a loss below" in said
    assert "16 of 16 gone" in said
    assert "32 last points are off this map." in said
    assert "No mean of last points is on this map for" in said
    calm = found("luck", noise="0")
    said = " ".join(written(file(calm, "svg", quiet)))
    assert f"noise {calm.meta['own']['noise']:g} is this study's own." in said


def test_each_of_five_rates_has_a_pattern_of_its_own_on_paper():
    text = file(found("curves"), "svg", quiet).decode()
    assert len(set(DASHES)) == len(DASHES) == 5
    drawn = set(re.findall(r"stroke-dasharray: ([\d., ]+)", text))
    assert len({tuple(part.split(",")) for part in drawn}) >= 4, "and one is a line"


@pytest.mark.parametrize("study", ["basins", "sweep", "curves", "swarm", "luck"])
def test_nobody_on_is_said_in_the_picture(study):
    said = " ".join(written(file(found(study, on=""), "svg", quiet)))
    assert "No optimizer" in said


HARD = {
    "steps to nothing known": ("sweep", {"surface": "saddle", "objective": "steps"}),
    "none arrives": ("sweep", {"objective": "steps", "tolerance": "1e-12"}),
    "all diverge": ("luck", {"surface": "beale", "lr": "10", "steps": "80"}),
    "flat": ("fan", {"surface": "formula", "f": "0*x"}),
    "undefined": ("swarm", {"surface": "formula", "f": "log(x)*y", "y": "-99,99"}),
    "long and thin": ("basins", {"surface": "formula", "f": "x*y", "x": "-1e-6,1e6"}),
    "at the minimum": ("plane", {"surface": "rosenbrock", "start": "1,1"}),
    "at the base": ("sweep", {"surface": "rosenbrock", "start": "1,1", "noise": "0"}),
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_hard_to_draw_is_drawn_in_silence(name):
    study, query = HARD[name]
    assert file(found(study, **query), "png", quiet)[1:4] == b"PNG"


# -- axes -----------------------------------------------------------------------------

LOSSES = st.lists(
    st.one_of(st.floats(), st.sampled_from([0.0, np.inf, -np.inf, np.nan, 1e38])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40)
@given(losses=LOSSES, known=st.booleans())
@example(losses=[0.0, 1.0, np.inf], known=True)
@example(losses=[np.nan], known=True)
@example(losses=[5e-324, 1e308], known=True)
@example(losses=[0.0], known=False)
@example(losses=[1e7], known=False)
@example(losses=[1e8, 2e8, -1e300], known=False)
@example(losses=[-1e308, 1e308], known=False)
def test_an_axis_of_losses_takes_all_numbers(losses, known):
    values = np.array(losses)
    axes = Figure().add_subplot()
    drawn = Losses(axes, values, known)
    assert np.isfinite([drawn.low, drawn.high]).all()
    assert drawn.low < drawn.high
    at = drawn(values)
    valid = ~np.isnan(values)
    assert np.isfinite(at[valid]).all()
    beyond = (at[valid] < drawn.low) | (at[valid] > drawn.high)
    assert bool(drawn.notes) == beyond.any()
    ranked = np.argsort(values[valid], kind="stable")
    assert (np.diff(at[valid][ranked]) >= 0).all()
    axes.yaxis.get_major_formatter().format_ticks(axes.get_yticks())


def test_an_axis_of_losses_holds_so_many_decades():
    axes = Figure().add_subplot()
    drawn = Losses(axes, np.array([1e-30, 1e2, np.inf]), True, highest=1e4)
    assert drawn.high == pytest.approx(2, abs=0.6)
    assert drawn.high - drawn.low < 16
    assert drawn(np.array([0.0]))[0] < drawn.low
    assert drawn(np.array([np.inf]))[0] > drawn.high
    assert "0 included" in drawn.notes[0]
    assert drawn.mark(0.0) == drawn.low


def test_an_axis_of_losses_holds_what_begins_at_the_minimum():
    axes = Figure().add_subplot()
    drawn = Losses(axes, np.array([0.0, 3e-4, 2e-3, 5e-3]), True, highest=0.0)
    heights = drawn(np.array([3e-4, 2e-3, 5e-3]))
    assert (drawn.low < heights).all()
    assert (heights < drawn.high).all()


def test_numbers_are_short():
    values = [0.0, 1.0, 0.05, 4100.0, 123456.0, 1e-7, -2.5e-12, 1e100]
    texts = ["0", "1", "0.05", "4100", "123000", "1e-7", "-2.5e-12", "1e100"]
    assert [number(value) for value in values] == texts
    powers = {-12: "10⁻¹²", -3: "0.001", 0: "1", 2: "100", 4: "10⁴"}
    assert [power(k) for k in powers] == list(powers.values())
    assert decades(-5, 1) == [-5, -4, -3, -2, -1, 0, 1]
    assert len(decades(-40, 40)) <= 9


def test_every_setting_that_can_be_swept_has_an_axis():
    for name in Setup().fields["second"].choices:
        key, name = name.split(".")
        param = params(OPTIMIZERS[key].hypers)[name]
        axis = Figure().add_subplot().yaxis
        low, high = param.position(param.low), param.position(param.high)
        axis.axes.set_ylim(low, high)
        param_along(axis, param)
        ticks = axis.get_majorticklocs()
        assert len(ticks) >= 3, name
        assert ((low - 1e-9 <= ticks) & (ticks <= high + 1e-9)).all()
        labels = axis.get_major_formatter().format_ticks(ticks)
        assert len(set(labels)) == len(labels)


def test_a_trail_that_flies_off_is_drawn_on_its_way():
    window = Domain(-1, 1, -1, 1)
    far = FAR * window.diagonal
    trails = np.array(
        [
            [[0, 0], [0.5, 0.5], [1e9, 2e9], [np.inf, 0]],
            [[0, 0], [0, 0], [0, 0], [0, 0]],
            [[0, 0], [np.nan, 0], [0, 0], [1e300, 1e300]],
        ]
    )
    drawn = near(trails, window)
    np.testing.assert_array_equal(drawn[0, :2], trails[0, :2])
    step = drawn[0, 2] - trails[0, 1]
    assert step[1] / step[0] == pytest.approx(2, rel=1e-6)
    assert far / 2 < np.abs(drawn[0, 2]).max() < far
    assert np.isnan(drawn[0, 3]).all()
    np.testing.assert_array_equal(drawn[1], trails[1])
    assert np.isnan(drawn[2, 1]).all()
    assert (drawn[2, 3] < far).all()
    assert trails[0, 2, 0] == 1e9, "what is given is left alone"


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
    assert parsed(setup_in(response.content, form)) == found("basins").setup
    if form == "csv":
        assert len(response.text.splitlines()) > 2 * 64


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
        points, rates = STEPS.high + 1, params(Studied)["budget"].high
        most = {
            "basins": MOST_ON * SIZE.high**2,
            "sweep": MOST_ON * rates,
            "plane": SIZE.high**2,
            "fan": FAN * points,
            "curves": MOST_ON * 5 * points,
        }
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
