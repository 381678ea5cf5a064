"""A race as a value for notebooks."""

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl
from zipfile import ZipFile

import numpy as np
import optax
import pytest

import loss_surface
from loss_surface import adam, gradient_descent, named, race, typed_rule
from optim import OPTIMIZERS, descend
from surfaces import SURFACES, Domain, typed_surface
from surfaces.own import own_surface
from views import theme
from views.race import run_race
from views.result import unpack
from views.setup import Setup
from views.stream import ANSWER
from views.widget import answered

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def registries():
    """What a notebook adds is gone after a test."""
    tables = (SURFACES, OPTIMIZERS, theme.LOOKS)
    before = [dict(table) for table in tables]
    yield
    for table, then in zip(tables, before, strict=True):
        for key in table.keys() - then.keys():
            del table[key]


def bowl(w):
    return (w[0] - 1.0) ** 2 + 3.0 * (w[1] + 0.5) ** 2


def test_a_race_is_that_of_descend_and_of_the_page():
    run = race("rosenbrock", adam(lr=0.1), gradient_descent(), adam(lr=0.3), steps=50)
    assert list(run.runs) == ["gradient_descent", "adam", "adam~2"]
    surface = SURFACES["rosenbrock"]
    for key, rate in (("adam", 0.1), ("adam~2", 0.3)):
        rule = OPTIMIZERS["adam"]
        other = descend(surface, rule, surface.start, rule.hypers(lr=rate), 50)
        np.testing.assert_array_equal(run.runs[key].points, other.points)
    pairs = [tuple(pair.split("=")) for pair in run.address[1:].split("&")]
    setup, problems = Setup.parse(pairs)
    assert not problems
    assert setup == run.setup
    assert run.outcomes["Adam, α 0.1"] == run.runs["adam"].outcome.text


def test_settings_are_those_of_the_address():
    run = race("ravine", adam(), kappa=100, noise=0.1, start=(-1, 0.5), steps=20)
    assert run.setup["kappa"] == 100
    assert run.setup["noise"] == 0.1
    np.testing.assert_array_equal(run.runs["adam"].points[0], (-1, 0.5))


def test_a_formula_or_a_function_is_a_surface():
    typed = race("x^2 + 3*y^2", adam(), domain=(-2, 2, -1, 1), steps=10)
    assert typed.setup.surface is typed_surface("x^2 + 3*y^2", Domain(-2, 2, -1, 1))
    own = race(bowl, adam(lr=0.1), gradient_descent(lr=0.1), start=(2, 2), steps=100)
    rule = OPTIMIZERS["adam"]
    other = descend(bowl, rule, (2, 2), rule.hypers(lr=0.1), 100)
    np.testing.assert_allclose(own.runs["adam"].points, other.points, rtol=1e-12)
    text = own.outcomes["Gradient descent"]
    assert text.startswith("reached the minimum at (1, −0.5)")
    with pytest.raises(ValueError, match="has no address"):
        _ = own.address


def test_what_can_be_found_out_about_a_function_is():
    surface = own_surface(bowl, Domain(-3, 3, -3, 3), key="bowl")
    assert surface.label == "bowl"
    np.testing.assert_allclose(surface.minima, [(1.0, -0.5)], atol=1e-6)
    assert set(surface.learning_rates) >= {"gradient_descent", "adam"}
    nowhere = (lambda w: w[0] * np.nan, "no finite value")
    for wrong, word in ((lambda w: w, "one number"), nowhere):
        with pytest.raises(ValueError, match=word):
            own_surface(wrong, Domain(-1, 1, -1, 1), key="wrong")


def test_an_optimizer_of_optax_races_in_one_line():
    theirs = optax.adam(0.2)
    mine = named(theirs, "Theirs")
    run = race("booth", mine, adam(lr=0.2), optax.sgd(0.01), steps=40)
    by_name = {run.setup.name(key): one for key, one in run.runs.items()}
    assert set(by_name) == {"Adam", "Theirs", *(n for n in by_name if "optax" in n)}
    np.testing.assert_allclose(
        by_name["Theirs"].points, by_name["Adam"].points, rtol=1e-9
    )
    again = race("booth", theirs, steps=10)
    assert [again.setup.name(key) for key in again.runs] == ["Theirs"]
    assert "Theirs" in run.to_html(scene=False)


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda: race("nosuch(", adam()), ValueError, "unknown name"),
        (lambda: race("booth", adam(lr=1e9)), ValueError, "out of range"),
        (lambda: race("booth", 3), ValueError, "an optimizer is one like"),
        (lambda: race(3), ValueError, "a surface is a name"),
        (lambda: race("booth", *[adam()] * 9), ValueError, "8 can race"),
        (lambda: race("booth", wind=3), ValueError, "not a setting"),
        (lambda: adam(rate=1), TypeError, "has no 'rate'"),
        (lambda: loss_surface.nosuch, AttributeError, "no optimizer"),
        (
            lambda: race("booth", steps=10).save("race.docx"),
            ValueError,
            "there are no .docx. files",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(call, error, word):
    with pytest.raises(error, match=word):
        call()


def test_all_optimizers_are_there_by_name():
    assert set(OPTIMIZERS) <= set(dir(loss_surface))
    for key, rule in OPTIMIZERS.items():
        assert getattr(loss_surface, key)().rule is rule


def test_tables_and_figures_have_every_step():
    run = race("himmelblau", adam(), gradient_descent(), steps=30)
    table = run.to_dataframe()
    assert len(table) == 2 * 31
    mine = table[table.entry == "adam"]
    np.testing.assert_array_equal(mine[["x", "y"]], run.runs["adam"].points)
    np.testing.assert_array_equal(mine.loss, run.runs["adam"].losses)
    contour, *trails = run.figure().data
    assert contour.type == "contour"
    colours = {trail.name: trail.line.color for trail in trails}
    assert colours["Adam"] == theme.LOOKS["adam"].colour
    for trail, key in zip(trails, run.runs, strict=True):
        np.testing.assert_array_equal(trail.x, run.runs[key].points[:, 0])


def test_files_are_of_the_kind_that_their_name_says(tmp_path):
    run = race("booth", adam(), steps=10)
    page = run.save(tmp_path / "race.html").read_text("utf-8")
    assert page == run.to_html()
    rows = run.save(tmp_path / "race.csv").read_text("utf-8").splitlines()
    assert sum(row.startswith("adam,") for row in rows) == 11
    with np.load(run.save(tmp_path / "race.npz")) as arrays:
        np.testing.assert_array_equal(arrays["adam/points"], run.runs["adam"].points)


def test_an_optimizer_of_ones_own_has_no_address():
    for own in (optax.sgd(0.01), named(optax.sgd(0.02), "mine")):
        run = race("booth", own, steps=10)
        with pytest.raises(ValueError, match="no address"):
            _ = run.address


@pytest.mark.parametrize(
    ("file", "choice", "word"),
    [
        ("race.avi", {}, "one of mp4, gif, webp, not 'avi'"),
        ("race.mp4", {"size": "99x99"}, "size is one of 1280x720"),
        ("race.mp4", {"fps": 99}, "fps is one of 10, 12.5"),
        ("race.mp4", {"colours": "red"}, "colours is one of light, seen"),
        ("no/race.mp4", {}, "there is no folder"),
    ],
)
def test_a_wrong_film_is_refused_before_anything_starts(file, choice, word, tmp_path):
    with pytest.raises(ValueError, match=word):
        race("booth", adam(), steps=10).to_mp4(tmp_path / file, **choice)


def test_playwright_is_named_where_a_film_misses_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "playwright", None)
    with pytest.raises(RuntimeError, match="pip install playwright"):
        race("booth", adam(), steps=10).save(tmp_path / "race.mp4")


def test_a_notebook_shows_the_player():
    shown = race("booth", adam(), steps=10)._repr_html_()
    document = unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert document.startswith("<!doctype html>")
    assert 'id="part-race"' in document


def test_a_widget_answers_what_its_player_asks():
    own = race(bowl, named(optax.sgd(0.05), "mine"), adam(lr=0.1), steps=20)
    widget = own.widget(scene=False)
    sent = []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    address = f"race?{own.setup.query.replace('adam.lr=0.1', 'adam.lr=0.4')}"
    widget._receive(widget, {"asks": address, "view": "1-2"}, [])
    ((content, (body,)),) = sent
    assert content == {"answers": address, "status": 200, "view": "1-2"}
    _, arrays = unpack(body.partition(ANSWER)[2])
    rule = OPTIMIZERS["adam"]
    start = own.setup["start"]
    moved = descend(own.setup.surface, rule, start, rule.hypers(lr=0.4), 20)
    np.testing.assert_allclose(arrays["adam/points"], moved.points, rtol=1e-6)

    sent.clear()
    edits = {"n": 3, "changes": {"adam.lr": "0.4"}}
    widget._receive(widget, {"edits": edits, "view": "1-2"}, [])
    assert widget.setup["adam.lr"] == 0.4
    assert own.setup["adam.lr"] == 0.1
    page = sent[0][0]["page"]
    assert page["edits_seen"] == 3
    assert page["query"] == widget.setup.query
    assert "studies" in page["hide"]


def test_a_widget_says_in_a_sentence_what_is_wrong():
    assert json.loads(answered("landscape?", "booth")[1])["map"]
    assert answered("race?steps=60.5", "booth")[0] == 400
    status, sentence = answered("race?adam.lr=1e9", "booth")
    assert status == 400
    assert sentence.endswith(b".")
    assert b"out of range" in sentence
    assert answered("basins?", "booth")[0] == 400


def test_colab_is_asked_for_its_manager_of_widgets(monkeypatch):
    """Elsewhere than in Colab, by what `google.colab.output` is called with there."""
    enabled = []
    colab = SimpleNamespace(
        enable_custom_widget_manager=lambda: enabled.append(True),
        _widgets=SimpleNamespace(_installed_url="https://colab/manager.js"),
    )
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    data, about = race("booth", steps=20).widget()._repr_mimebundle_()
    assert enabled == [True]
    (kind,) = about.keys() & data.keys()
    assert about[kind]["colab"]["custom_widget_manager"] == {
        "url": "https://colab/manager.js"
    }


def test_a_widget_is_html_where_there_is_no_kernel(monkeypatch):
    run = race("booth", adam(), steps=10)
    data, _ = run.widget()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/html"] == run._repr_html_()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "views.widget")
    with pytest.raises(RuntimeError, match="pip install anywidget"):
        run.widget()


def test_the_installed_package_has_all_of_it(tmp_path):
    source = tmp_path / "source"  # What is built leaves traces beside it.
    outside = shutil.ignore_patterns(".*", "tests", "docs", "benchmarks", "__pycache__")
    shutil.copytree(ROOT, source, ignore=outside)
    shutil.copytree(ROOT / ".streamlit", source / ".streamlit")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    build = [*command, "--no-build-isolation", "--wheel-dir", tmp_path, source]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(ZipFile(wheel).namelist())
    for name in ("optim", "parameters", "surfaces", "views"):
        assert f"{name}/py.typed" in names
    assert {
        "loss_surface.py",
        "views/webpage/document.html",
        "views/webpage/bridge.js",
    } <= names
    site = tmp_path / "site"
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import views, loss_surface; print(views.__file__);"
        "run = loss_surface.race('booth', loss_surface.adam(), steps=10);"
        "print(len(run.to_html(scene=False)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "JAX_PLATFORMS": "cpu", "PATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    where, size = found.stdout.split("\n")[:2]
    assert Path(where).is_relative_to(site)
    assert int(size) > 100_000


def test_a_typed_rule_races_beside_the_others():
    rule = typed_rule("m = beta*m + g\nw = w - alpha*sign(m)", "Signs")
    run = race("ravine", adam(), rule, named(rule, lr=0.02), steps=30)
    surface = SURFACES["ravine"]
    first, second = list(run.runs)[1:]
    for key, rate in ((first, 0.01), (second, 0.02)):
        other = descend(surface, rule, surface.start, rule.hypers(lr=rate), 30)
        np.testing.assert_array_equal(run.runs[key].points, other.points)
    assert set(run.outcomes) == {"Adam", "Signs, α 0.01", "Signs, α 0.02"}
    again, problems = Setup.parse(parse_qsl(run.address[1:]))
    assert (problems, again.names) == ((), run.setup.names)
    for key, trajectory in run_race(again).runs.items():
        np.testing.assert_array_equal(trajectory.points, run.runs[key].points)
    with pytest.raises(ValueError, match="5 typed rules are too many; 4 can race"):
        race("ravine", *[rule] * 5)
    # What cannot be a name in a text is one in this notebook alone.
    strange = race("ravine", named(rule, "<i>α</i>"), steps=10)
    assert (strange.own, list(strange.outcomes)) == (True, ["<i>α</i>"])
    with pytest.raises(TypeError, match="has no 'beta1'; there are lr, beta"):
        named(rule, beta1=0.5)
    with pytest.raises(ValueError, match="a rule such as typed_rule makes"):
        race("ravine", "adam")
