"""What an address locks and hides: what is read, what it survives, the widgets."""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from optim import OPTIMIZERS
from surfaces import SURFACES
from views.charts import CHARTS
from views.describe import describe
from views.fields import SHOWN
from views.groups import GROUPS, parse_groups, state
from views.lessons import lessons
from views.panels import BESIDE, UNDER, chosen_in
from views.setup import Setup
from views.studies import PARTS

ROOT = Path(__file__).parents[1]
PREPARED = {"hide": "conditions,3d", "lock": "surface,rates"}


def prepared(more=()):
    setup, problems = Setup.parse((PREPARED | dict(more)).items())
    assert problems == ()
    return setup


# -- the address ----------------------------------------------------------------------


def test_names_are_read_in_their_order():
    assert parse_groups("rates,3d") == ("rates", "3d")
    assert parse_groups("") == ()


def test_a_name_that_is_unknown_gets_what_was_meant_or_all_that_are_allowed():
    with pytest.raises(ValueError, match="'rate', which is unknown; did you mean rate"):
        parse_groups("start,rate")
    with pytest.raises(ValueError, match="allowed are ") as caught:
        parse_groups("everything")
    assert all(name in str(caught.value) for name in GROUPS)
    setup, (problem,) = Setup.parse([("lock", "steps,rate"), ("adam.lr", "0.3")])
    assert problem.startswith("lock “steps,rate”")
    assert (setup["lock"], setup["adam.lr"]) == ((), 0.3)


def test_what_is_both_is_hidden_and_what_is_neither_is_editable():
    assert state("steps", ["steps"], ["steps"]) == "hidden"
    assert state("steps", [], ["steps"]) == "locked"
    assert state("steps", ["rates"], ["start"]) == "editable"


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_can_be_locked_and_hidden(group):
    for key in ("hide", "lock"):
        setup, problems = Setup.parse([(key, group)])
        assert problems == ()
        assert setup[key] == (group,)
        assert setup.pairs() == [(key, group)]
        assert describe(setup)[key] == [group]


def test_it_survives_edits_and_another_surface():
    edited, problems = prepared().edited({"adam.lr": "0.3", "steps": "77"})
    assert problems == ()
    moved, _ = edited.edited({"surface": "ravine"})
    for setup in (edited, moved):
        assert dict(setup.pairs()).items() >= PREPARED.items()
    freed, _ = moved.edited({"lock": None})
    assert dict(freed.pairs()).get("lock") is None


def test_it_survives_the_pages_of_a_lesson_which_bring_their_races():
    key = next(key for key, lesson in lessons().items() if len(lesson.pages) > 1)
    opened = prepared({"lesson": key})
    turned, problems = opened.edited({"page": "2"})
    assert problems == ()
    for number, setup in enumerate((opened, turned), 1):
        assert dict(setup.pairs()).items() >= PREPARED.items()
        bare, _ = Setup.parse([("lesson", key), ("page", str(number))])
        assert setup.edited({"hide": None, "lock": None})[0] == bare
    closed, _ = turned.edited({"lesson": None, "page": None})
    assert dict(closed.pairs()).items() >= PREPARED.items()


def test_no_run_and_no_study_depends_on_it():
    assert {"hide", "lock"} <= set(SHOWN)
    for entry in OPTIMIZERS:
        assert prepared().concerning(entry) == Setup().concerning(entry)
    # Studies are asked for without what is shown (setup.js).
    script = (ROOT / "views" / "player" / "setup.js").read_text("utf-8")
    listed = re.search(r"const SHOWN = (\[.*?\]);", script, re.S)
    assert listed is not None
    assert tuple(json.loads(re.sub(r",\s*\]", "]", listed[1]))) == SHOWN
    assert not any(set(part.depends) & {"hide", "lock"} for part in PARTS.values())


# -- one declaration ------------------------------------------------------------------


def test_the_player_knows_the_same_groups():
    script = (ROOT / "views" / "player" / "groups.js").read_text("utf-8")
    table = script.split("export const PARTS = {\n")[1].split("\n};")[0]
    assert re.findall(r'^  "?(\w+)"?: \{', table, re.M) == list(GROUPS)
    keys = script.split("const KEYS = {\n")[1].split("\n};")[0]
    assert set(re.findall(r': "(\w+)",', keys)) <= set(GROUPS)
    layout = (ROOT / "views" / "player" / "layout.js").read_text("utf-8")
    assert set(re.findall(r'^ +group: "(\w+)",', layout, re.M)) <= set(GROUPS)
    assert describe(Setup())["groups"] == GROUPS


def test_the_address_knows_the_panels_of_the_layout():
    assert {"data", "curve", "3d", "inside", "table"} <= BESIDE.keys()
    assert "loss" in UNDER
    page = (ROOT / "docs" / "adding.md").read_text("utf-8")
    row = re.findall(r"^```js\n(  \w+: \{.*?)^```", page, re.M | re.S)[-1]
    assert chosen_in("losses", row) == {"strides": "strides"}
    assert chosen_in("scene", row) == {}
    other = row.replace('["race"]', '["study"]')
    assert chosen_in("losses", other) == {}, "its study says where it is shown"
    assert describe(Setup())["under"] == list(UNDER)
    assert not (BESIDE | UNDER).keys() & CHARTS.keys(), "one name, one panel"


# -- the widgets of the page ----------------------------------------------------------

FIELDS = {
    "surface": "surface", "view": "view", "start_x": "start", "start_y": "start",
    "steps": "steps", "typed_f": "surface", "typed_x": "surface", "typed_y": "surface",
}  # fmt: skip
"""The group of each widget, by its key."""


def widgets(**address):
    """The widgets above the player, by key: whether each is disabled."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params.update(address)
    app.run()
    assert not app.exception, app.exception
    found = {
        one.key: one.disabled
        for one in (*app.selectbox, *app.button_group, *app.text_input)
    }
    checks = [one.disabled for one in app.button if one.label == "Gradient check"]
    return app, found | ({"check": checks[0]} if checks else {})


@pytest.mark.parametrize("group", ["surface", "view", "start", "steps", "check"])
def test_widgets_of_a_locked_group_are_disabled_and_of_a_hidden_one_absent(group):
    groups = FIELDS | {"check": "check"}
    _, free = widgets(surface="formula")
    assert free == dict.fromkeys(groups, False)
    _, locked = widgets(surface="formula", lock=group)
    assert locked == {key: its == group for key, its in groups.items()}
    app, hidden = widgets(surface="formula", hide=group)
    assert hidden == {key: False for key, its in groups.items() if its != group}
    # Another run, as after an edit, leaves it so.
    app.session_state["player"] = {"edits": {"n": 1, "changes": {"adam.lr": "0.3"}}}
    app.run()
    assert not app.exception, app.exception
    assert app.query_params["hide"] == group
    assert app.query_params["adam.lr"] == "0.3"
    assert ("surface" in [one.key for one in app.selectbox]) == (group != "surface")


def test_what_is_shown_of_a_locked_field_is_its_value():
    app, _ = widgets(surface="ravine", lock="surface,start,steps", steps="77")
    assert app.selectbox(key="surface").value == "ravine"
    assert app.text_input(key="steps").value == "77"
    x, _ = SURFACES["ravine"].start
    assert app.text_input(key="start_x").value == f"{x:.6g}"


def test_a_wrong_name_is_said_and_nothing_else_is_lost():
    app, found = widgets(hide="stepps", steps="77")
    (notice,) = [part.value for part in app.get("html") if "alert" in part.value]
    assert "did you mean steps?" in notice
    assert "steps" in found
    assert app.query_params == {"steps": "77"}


def test_where_the_surface_is_hidden_something_else_stands_beside_the_map():
    for query, panels in (
        ("", []),
        ("hide=3d", ["inside"]),
        ("hide=3d&panels=rate", ["inside", "rate"]),
        ("hide=3d&panels=table", ["table"]),
        ("hide=3d&surface=linear_regression", []),
    ):
        setup, problems = Setup.parse(
            tuple(pair.split("=")) for pair in query.split("&") if pair
        )
        assert not problems
        assert describe(setup)["panels"] == panels, query
