"""Data of one's own on the page: its address, its widgets, what the server keeps."""

import html
import json
import re
import zlib
from base64 import urlsafe_b64encode
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page import Page

from loss_surface import adam, data_surface, race
from optim import OPTIMIZERS, descend
from surfaces import SURFACES
from surfaces.base import MOST_SAMPLES
from surfaces.models import MODELS
from surfaces.table import LONGEST, read_table
from views import long_texts, own_data
from views.describe import describe
from views.fields import DATA, OF_OWN
from views.lessons.shelf import SHARES, Shelf
from views.long_texts import KEPT, is_kept, keep, printed
from views.own_data import (
    DATA_DEFAULTS,
    MOST_IN_ADDRESS,
    parse_data,
    rows_that_fit,
)
from views.postfix import postfix
from views.serving.settings import Settings
from views.setup import Setup

_SAID = re.compile(r'<p class="said">(.*)</p>')
ADDRESS = [("surface", DATA)]
OF_TWO = "height weight team\n1.5 2 a\n-0.5 3 b\n2 -1 a\n-3 1 b"
OF_TWO_IN_A_LINE = "height,weight,team;1.5,2,a;-0.5,3,b;2,-1,a;-3,1,b"
PASTED = "t\tv\n1,5\t2\n2,5\t3\n4\t7,25"
NO_MORE = (
    "Your data: this server does not have the table any more; open its file again, or "
    "paste it."
)


def table(rows, seed=0):
    x, y = np.random.RandomState(seed).normal(size=(2, rows))
    return "\n".join(
        f"{a!r};{b!r}" for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )


LARGE = table(1200)


@pytest.fixture
def shelf(monkeypatch):
    """An empty shelf in place of the server's."""
    one = Shelf(12, 2**20)
    monkeypatch.setattr(long_texts, "TEXTS", one)
    return one


def setup_of(*pairs):
    setup, problems = Setup.parse([*ADDRESS, *pairs])
    assert problems == ()
    return setup


# -- the address ----------------------------------------------------------------------


@pytest.mark.parametrize("model", [*MODELS, "auto"])
@pytest.mark.parametrize("rows", [4, 40, 300])
def test_a_table_travels_in_the_address(model, rows):
    x = np.arange(rows) / 8
    text = "\n".join(f"{a!r};{a % 1 > 0.3:d}" for a in x.tolist())
    setup = setup_of(("data", text), ("model", model), ("x", "-3,3"), ("start", "1,0"))
    assert len(setup.query) < MOST_IN_ADDRESS + 200
    again = Setup.parse(parse_qsl(setup.query))
    assert again == (setup, ())
    assert again[0].surface is setup.surface
    np.testing.assert_array_equal(setup.surface.data.x, x)


def test_the_model_is_chosen_by_the_data():
    assert setup_of().surface.label == "Your own data: logistic"
    assert setup_of(("data", PASTED)).surface.label == "Your own data: straight line"


def test_a_long_table_is_compressed():
    text = ";".join(f"{k},{k % 7}" for k in range(300))
    assert printed(text).startswith("z.")
    assert parse_data(printed(text)) == text


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda b: packed(b)))
def test_any_text_is_data_or_a_sentence(text):
    setup, problems = Setup.parse([*ADDRESS, ("data", text)])
    for problem in problems:
        assert problem.startswith("Your data: ")
        assert problem.endswith(".")
        assert problem.isprintable()
    assert Setup.parse(setup.pairs()) == (setup, ())


def packed(data):
    return f"z.{urlsafe_b64encode(zlib.compress(data)).decode().rstrip('=')}"


def test_a_few_bytes_do_not_become_many():
    text = packed(b"1" * 10**8)
    _, (problem,) = Setup.parse([*ADDRESS, ("data", text)])
    assert problem == f"Your data: the table is longer than {LONGEST:,} characters."


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("data", "1,2", "Your data: a table has at least 2 rows, and this one has 1."),
        ("data", "kept-0", NO_MORE),
        (
            "data",
            "z.AAAA",
            "Your data: the compressed table cannot be read; copy the whole link.",
        ),
        (
            "model",
            "cubic",
            "model “cubic” is unknown; allowed is one of auto, line, logistic, hinge, "
            "tanh, typed.",
        ),
        ("predict", "a*x", "predict “a*x”: the model does not use the weight b."),
        (
            "loss",
            "hinge",
            "loss “hinge” is unknown; allowed is one of squared, logistic.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(key, text, sentence):
    setup, problems = Setup.parse(
        [*ADDRESS, ("steps", "70"), ("y", "-9,9"), (key, text)]
    )
    assert problems == (sentence,)
    assert setup == Setup(DATA, {"steps": 70, "y": (-9.0, 9.0)})


def test_a_model_that_does_not_fit_leaves_the_setup_as_it_was():
    before = setup_of(("data", PASTED))
    after, (problem,) = before.edited({"model": "hinge"})
    assert after == before
    assert problem.startswith("model “hinge” needs labels, 0 and 1 or -1 and 1")


def test_another_surface_takes_nothing_along():
    setup, _ = setup_of(("data", PASTED), ("x", "-1,1")).edited({"surface": "formula"})
    assert not setup.values.keys() & set(OF_OWN)
    assert setup["x"] == (-4.0, 4.0)


def test_minibatches_are_there_for_few_rows():
    few, many = (setup_of(("data", table(n))) for n in (MOST_SAMPLES, MOST_SAMPLES + 1))
    assert "batch" in few.fields
    assert describe(few)["minibatch"]
    assert "samples" in describe(few)["overlays"]
    assert not describe(many)["minibatch"]
    assert "samples" not in describe(many)["overlays"]
    _, (problem,) = many.edited({"batch": "8"})
    assert problem == "“batch” is only a setting on data of at most 200 rows."


# -- what the server keeps ------------------------------------------------------------


def test_a_large_table_stays_with_the_server(shelf):
    setup = setup_of(("data", LARGE), ("steps", "70"))
    assert is_kept(setup["data"])
    assert len(setup.query) < 150
    keep(setup["data"], "a visitor")
    again, problems = Setup.parse(setup.pairs())
    assert problems == ()
    assert again.query == setup.query
    assert again["data"] == setup["data"]
    assert again.surface.domain == setup.surface.domain
    assert len(shelf) == 1


def test_what_is_kept_no_more_is_asked_for_and_the_rest_stays(shelf):
    low, high, *_ = setup_of(("data", LARGE)).surface.domain
    start = f"{low * 0.9 + high * 0.1:.3g},0.1"
    setup = setup_of(
        ("data", LARGE), ("model", "tanh"), ("start", start), ("lr", "0.1")
    )
    after, problems = Setup.parse(setup.pairs())
    assert problems == (NO_MORE,)
    for key in ("model", "start", "lr"):
        assert after[key] == setup[key]
    assert after.surface.domain == setup.surface.domain


def test_a_small_table_is_not_kept(shelf):
    keep(read_table(PASTED).text, "a visitor")
    assert len(shelf) == 0


def test_what_is_kept_is_bounded(shelf):
    for seed in range(3 * shelf.most):
        keep(read_table(table(400, seed)).text, "a visitor")
    assert len(shelf) <= max(1, shelf.most // SHARES)
    assert shelf.held <= shelf.size // SHARES


def test_as_many_rows_as_are_said_to_fit_do():
    text = read_table(LARGE).text
    rows = rows_that_fit(text)
    assert 50 < rows < 1200
    assert not is_kept(read_table("\n".join(LARGE.split("\n")[: int(0.9 * rows)])).text)
    assert is_kept(read_table("\n".join(LARGE.split("\n")[: int(1.1 * rows)])).text)


def test_a_server_that_keeps_nothing_says_so(monkeypatch):
    monkeypatch.setattr(own_data, "settings", lambda: Settings(uploads=0))
    _, (problem,) = Setup.parse([*ADDRESS, ("data", LARGE)])
    assert "this server keeps no larger tables" in problem
    assert setup_of(("data", PASTED)).surface.data.size == 3


# -- the routes -----------------------------------------------------------------------


def test_the_routes_answer_for_data(get, shelf):
    setup = setup_of(("data", LARGE), ("model", "tanh"), ("steps", "40"))
    query = dict(setup.pairs())
    assert get("/race", **query).status_code == 400
    assert get("/race", **query).text == NO_MORE
    keep(setup["data"], "a visitor")
    for route in ("race", "landscape", "basins", "race.py", "race.csv", "race.html"):
        assert get(f"/{route}", **query).status_code == 200, route
    small = dict(parse_qsl("surface=data&model=typed&loss=logistic&batch=4&steps=40"))
    two = dict(parse_qsl(f"surface=data&data={OF_TWO_IN_A_LINE}&batch=2&steps=40"))
    for query in (small, two):
        for route in ("race", "landscape", "seeds", "race.ipynb", "race.tex"):
            assert get(f"/{route}", **query).status_code == 200, route
    for route in ("race.csv", "race.html", "race.npz"):
        assert get(f"/{route}", **two).status_code == 200, route
    few = {"size": "16", "on": "adam"}
    assert get("/basins", **(two | few)).status_code == 200


@pytest.mark.parametrize("data", ["1,2;nan,3", "x" * 60_000, "1,2;" * 3000, "\0;\n"])
def test_hostile_data_are_refused_in_a_sentence(get, data):
    answer = get("/race", surface=DATA, data=data)
    assert answer.status_code == 400
    assert answer.text.startswith("Your data: ")
    assert answer.text.isprintable()
    assert len(answer.text) < 300


# -- the page -------------------------------------------------------------------------


@pytest.fixture
def page(shelf):
    return Page(dict(ADDRESS))


def said(page):
    """What the page says of the table."""
    found = [_SAID.fullmatch(part.value) for part in page.app.get("html")]
    in_the_popover, beside = (html.unescape(part[1]) for part in found if part)
    assert in_the_popover == (page.warnings[0] if page.warnings else beside)
    return beside


def test_the_page_has_data_to_begin_with(page):
    assert said(page) == "20 rows: hours from 0.5 to 5.5, passed of 0 and 1."
    assert page.app.text_area(key="typed_data").value.startswith(
        "hours, passed\n0.5, 0"
    )
    assert page.player["data"]["axes"] == ["hours", "passed"]
    assert page.player["data"]["model"] == "logistic"
    assert page.warnings == []


def test_pasting_a_table(page):
    page.app.text_area(key="typed_data").set_value(PASTED)
    page.run()
    assert dict(page.address) == {"surface": "data", "data": "t,v;1.5,2;2.5,3;4,7.25"}
    assert said(page) == "3 rows: t from 1.5 to 4, v from 2 to 7.25."
    assert page.player["data"]["model"] == "line"
    page.app.selectbox(key="typed_model").select("typed")
    page.run()
    page.choose(typed_predict="a*exp(b*x)")
    assert page.address["predict"] == "a*exp(b*x)"
    assert page.player["data"]["steps"] == ["a", "b", "x", "*~2", "exp~1", "*~2"]
    page.app.text_area(key="typed_data").set_value("")
    page.run()
    assert "data" not in page.address


def test_pasting_a_table_of_two_inputs(page):
    page.app.selectbox(key="typed_model").select("typed")
    page.run()
    page.choose(typed_predict="a*exp(b*x)")
    page.app.text_area(key="typed_data").set_value(OF_TWO)
    page.run()
    # The model that was typed was of one input.
    assert "predict" not in page.address
    assert page.address["data"] == "height,weight,team;1.5,2,a;-0.5,3,b;2,-1,a;-3,1,b"
    assert said(page) == (
        "4 rows: height from −3 to 2, weight from −1 to 3, team of a (0) and b (1)."
    )
    data = page.player["data"]
    assert (data["x"], data["x2"]) == ([1.5, -0.5, 2, -3], [2, 3, -1, 1])
    assert data["axes"] == ["height", "weight", "team"]
    assert (data["model"], data["labels"]) == ("typed squared", [])
    assert data["steps"] == ["a", "x1", "*~2", "b", "x2", "*~2", "+~2", "tanh~1"]
    assert page.app.text_input(key="typed_predict").value == "tanh(a*x1 + b*x2)"
    page.app.selectbox(key="typed_model").select("tanh")
    page.run()
    box = page.app.selectbox(key="typed_model")
    assert box.options == [
        *("Automatic", "Plane", "Logistic", "Hinge", "One neuron", "Typed"),
    ]
    assert page.player["title"] == "Your own data: one neuron"
    again = Page(dict(page.address))
    assert again.player["data"] == page.player["data"]


def test_rows_of_other_columns_are_said(page):
    page.app.text_area(key="typed_data").set_value("1,2,3\n1,2")
    page.run()
    assert page.warnings == [
        "Your data: line 2 has 2 columns, and line 1 has 3; all must have as many."
    ]


def test_a_mistake_is_said_and_what_was_pasted_stays(page):
    page.app.text_area(key="typed_data").set_value("1,2\n3")
    page.run()
    assert page.warnings == [
        "Your data: line 2 has 1 column; a table has two columns, x and y, or three: "
        "x1, x2 and y."
    ]
    assert said(page).startswith("20 rows: ")
    assert page.app.text_area(key="typed_data").value == "1,2\n3"
    assert "data" not in page.address


def test_a_large_table_is_said_not_to_be_in_the_link(page, shelf):
    page.app.text_area(key="typed_data").set_value(LARGE)
    page.run()
    assert page.address["data"].startswith(KEPT)
    assert "The link does not hold these 1,200 rows (about " in said(page)
    assert len(shelf) == 1
    other = Page(dict(page.address))
    assert other.player["data"]["x"] == page.player["data"]["x"]


def test_a_file_is_read(page):
    page.app.file_uploader(key="table_file").upload(
        "a.csv", PASTED.encode("utf-8-sig"), "text/csv"
    )
    page.run()
    assert page.address["data"] == "t,v;1.5,2;2.5,3;4,7.25"
    page.app.file_uploader(key="table_file").upload("b.csv", b"\xff\xfe1", "text/csv")
    page.run()
    assert page.warnings == [
        "Your data: the file is not text in UTF-8; save it as CSV."
    ]
    assert page.address["data"] == "t,v;1.5,2;2.5,3;4,7.25"


def test_opening_the_table_again_keeps_what_was_set(shelf):
    setup = setup_of(("data", LARGE), ("x", "-3,3"), ("start", "1,0.2"))
    setup = setup.edited({"y": "-2,2"})[0].edited({"start": "1,0.2"})[0]
    page = Page(dict(setup.pairs()) | {"data": DATA_DEFAULTS["data"]})
    page.app.text_area(key="typed_data").set_value(LARGE)
    page.run()
    assert dict(page.address) == dict(setup.pairs())


# -- in a notebook --------------------------------------------------------------------


def test_a_race_on_data_of_ones_own(monkeypatch):
    monkeypatch.setattr("views.notebook.SURFACES", surfaces := dict(SURFACES))
    monkeypatch.setattr("views.setup.SURFACES", surfaces)
    x = np.arange(6.0)
    data = data_surface(x, x**2, "typed", predict="a*x + b")
    raced = race(data, adam(lr=0.2), steps=50)
    assert data_surface(x, x**2, "typed", predict="a*x + b") is data
    assert race(data, adam(lr=0.2), steps=50).outcomes == raced.outcomes
    np.testing.assert_array_equal(
        raced.runs["adam"].points,
        descend(data, OPTIMIZERS["adam"], data.start, {"lr": 0.2}, 50).points,
    )
    assert "Your own data: typed" in raced.to_html(scene=False)
    other = data_surface(x, x**2)
    assert race(other, steps=20).setup.surface_key != raced.setup.surface_key


def test_what_is_not_drawn_is_no_steps():
    typed = setup_of(("model", "typed")).surface.loss.model.typed
    names = {"x": "a", "y": "b", "inputs": "x"}
    assert postfix(typed.node, names) == ["a", "b", "x", "*~2", "tanh~1", "*~2"]
    assert postfix(typed.node, {}) is None
    two = setup_of(("model", "typed"), ("predict", "sum(k, 1, 2, a*x^k) + b"))
    assert postfix(two.surface.loss.model.typed.node, names) == [
        *("a", "x", 1.0, "^~2", "*~2", "a", "x", 2.0, "^~2", "*~2", "+~2", "b", "+~2")
    ]
    assert json.dumps(describe(setup_of())["data"]["steps"]) == "null"
