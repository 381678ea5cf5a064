"""Pages of lessons in addresses, and as the player is given them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.describe import describe
from views.fields import SHOWN
from views.lessons import (
    OWN_FOLDER,
    Lesson,
    LessonPage,
    Prediction,
    lessons,
    read_folder,
)
from views.lessons.html import html_of
from views.setup import Setup

PAGES = [
    (key, number, page)
    for key, lesson in lessons().items()
    for number, page in enumerate(lesson.pages, start=1)
]
with_every_page = pytest.mark.parametrize(
    ("key", "number", "page"), PAGES, ids=[f"{key}-{n}" for key, n, _ in PAGES]
)


def at(key, number):
    return Setup.parse([("lesson", key), ("page", str(number))])


@with_every_page
def test_an_address_of_a_page_alone_brings_its_race(key, number, page):
    setup, problems = at(key, number)
    assert problems == ()
    expected, _ = Setup.parse(page.pairs)
    assert setup.values == expected.values | {
        name: value
        for name, value in (("lesson", key), ("page", number))
        if value != setup.fields[name].default
    }
    # The address that the page then shows opens the same again.
    again, problems = Setup.parse(setup.pairs())
    assert (again, problems) == (setup, ())


def test_a_race_of_ones_own_is_kept_where_a_lesson_is_open():
    key = next(iter(lessons()))
    setup, _ = Setup.parse([("lesson", key), ("surface", "saddle"), ("adam.lr", "0.3")])
    assert setup.surface_key == "saddle"
    assert setup["adam.lr"] == 0.3
    assert setup["lesson"] == key


def test_what_is_shown_may_stand_beside_a_page():
    key = next(iter(lessons()))
    setup, problems = Setup.parse([("lesson", key), ("view", "side")])
    assert problems == ()
    expected, _ = at(key, 1)
    assert setup["view"] == "side"
    assert setup.concerning("adam") == expected.concerning("adam")


def test_another_page_brings_its_race_and_closing_leaves_it():
    key, lesson = next((k, one) for k, one in lessons().items() if len(one.pages) > 1)
    setup, _ = at(key, 1)
    mine, _ = setup.edited({"adam.lr": "0.123", "steps": "77"})
    turned, problems = mine.edited({"page": "2"})
    assert problems == ()
    assert turned == at(key, 2)[0]
    # Even to the page that is open: that is how it is reset.
    assert mine.edited({"lesson": key, "page": "1"})[0] == setup
    closed, _ = mine.edited({"lesson": None, "page": None})
    assert closed["lesson"] == ""
    assert closed["steps"] == 77
    assert len(lesson.pages) > 1


@pytest.mark.parametrize(
    "changes",
    [{"page": "2"}, {"lesson": "xyzzy"}, {"lesson": "momentum", "page": "12"}],
)
def test_a_page_that_is_none_loses_nothing_that_was_set(changes):
    mine, _ = Setup().edited({"surface": "saddle", "adam.lr": "0.123", "steps": "77"})
    setup, problems = mine.edited(changes)
    assert setup.surface_key == "saddle"
    assert (setup["adam.lr"], setup["steps"]) == (0.123, 77)
    assert len(problems) == ("lesson" in changes)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("lesson", "momentun")], "did you mean momentum?"),
        ([("lesson", "xyzzy")], "is no lesson; there are"),
        ([("lesson", "momentum"), ("page", "0")], "is no page of a lesson"),
        ([("lesson", "momentum"), ("page", "two")], "is no page of a lesson"),
        ([("lesson", "momentum"), ("page", "12")], "is beyond its last; allowed is 1"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(pairs, said):
    _, problems = Setup.parse(pairs)
    (problem,) = problems
    assert said in problem


@given(key=st.text(max_size=12), page=st.text(max_size=6))
def test_no_address_of_a_lesson_raises(key, page):
    setup, problems = Setup.parse([("lesson", key), ("page", page)])
    assert setup["lesson"] in (*lessons(), "")
    assert all(problem.endswith((".", "?")) for problem in problems)


def test_no_run_depends_on_the_page_that_is_open():
    assert {"lesson", "page"} <= set(SHOWN)
    setup, _ = Setup.parse(lessons()["momentum"].pages[0].pairs)
    assert setup.concerning("momentum") == at("momentum", 1)[0].concerning("momentum")


@with_every_page
def test_the_player_is_given_the_page(key, number, page):
    described = describe(at(key, number)[0])
    assert [one["key"] for one in described["lessons"]] == list(lessons())
    lesson = described["lesson"]
    assert (lesson["key"], lesson["number"]) == (key, number)
    assert lesson["pages"] == len(lessons()[key].pages)
    assert "$" not in lesson["text"] + lesson["afterwards"], "mathematics is MathML"
    assert bool(lesson["afterwards"]) == bool(page.afterwards)
    if page.prediction:
        assert lesson["prediction"]["ask"] == page.prediction.ask


def test_without_a_lesson_there_is_no_page():
    assert describe(Setup())["lesson"] is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a *b* **c** `d`", "<em>b</em> <strong>c</strong> <code>d</code>"),
        ("> try", "<blockquote>"),
        (r"$\alpha$ of it", "<mi>&#x003B1;</mi>"),
        ("<img src=x onerror=1>", "&lt;img"),
        ("![a](http://b/c.png)", 'href="http://b/c.png"'),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("it costs $5", "$5"),
    ],
)
def test_markdown_as_html(text, expected):
    html = html_of(text)
    assert expected in html
    assert not re.search(r"<(img|script|iframe|style)|\son\w+=\"|href=\"java", html)


@given(st.text(alphabet="$\\{}^_ab<>&\"'`*[]()!#\n ", max_size=60))
def test_no_text_makes_a_tag_of_its_own(text):
    html = html_of(text)
    tags = set(re.findall(r"<\s*([a-zA-Z!][\w-]*)", html))
    plain = {"p", "em", "strong", "code", "a", "ul", "ol", "li", "blockquote", "span"}
    assert all(tag in plain or re.match(r"m[a-z]+$|br$|div$", tag) for tag in tags)


def test_lessons_of_ones_own_come_from_a_folder(tmp_path, monkeypatch, caplog):
    (tmp_path / "49_wrong.md").write_text("+++\ntitle = 3\n+++\n")
    (tmp_path / "50_mine.md").write_text(
        '+++\ntitle = "Mine"\nsummary = "Own."\n+++\n\n# One\n\n```toml\n'
        'setup = "surface=saddle"\nask = "Where?"\npredict = "point"\n'
        'of = "adam"\nstep = 5\n```\n\nText.\n'
    )
    monkeypatch.setenv(OWN_FOLDER, str(tmp_path))
    lessons.cache_clear()
    try:
        setup, problems = at("mine", 1)
        assert problems == ()
        assert setup.surface_key == "saddle"
        assert list(lessons())[-1] == "mine"
        # What is wrong is left out, and said where the server says such things.
        assert "wrong" not in lessons()
        assert "49_wrong.md: line 2: title must be a text" in caplog.text
        assert describe(setup)["lesson"]["title"] == "One"
    finally:
        monkeypatch.undo()
        lessons.cache_clear()
    asked = Prediction("point", "Where?", "adam", 5)
    page = LessonPage("One", "surface=saddle", "Text.", "", (), asked, 6)
    (tmp_path / "49_wrong.md").unlink()
    assert read_folder(tmp_path) == {"mine": Lesson("mine", "Mine", "Own.", (page,))}
