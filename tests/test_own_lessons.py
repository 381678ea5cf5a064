"""Lessons from files of visitors: taken, kept within bounds, opened and gone."""

import asyncio
import json
import re
import threading
from dataclasses import replace

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from views import lessons as all_lessons
from views.describe import describe
from views.lessons import OWN_MARK, page_of, upload
from views.lessons.shelf import SHARES, Shelf
from views.routes import ROUTES
from views.serving.lanes import Busy
from views.serving.settings import Settings
from views.setup import Setup

HEAD = '+++\ntitle = "Mine"\nsummary = "Own."\n+++\n\n'
PAGE = """# One

```toml
setup = "surface=saddle&on=adam&steps=100"
predict = "point"
ask = "Where?"
of = "adam"
step = 5
```

Some $\\alpha$.

## Afterwards

True.

# Two

```toml
setup = "surface=ravine&kappa=50"
```

More.
"""
GOOD = HEAD + PAGE
KIND = {"content-type": "text/markdown"}


@pytest.fixture
def shelf(monkeypatch):
    """An empty shelf in place of the server's."""
    one = Shelf(12, 2**20)
    monkeypatch.setattr(all_lessons, "OWN", one)
    monkeypatch.setattr(upload, "OWN", one)
    return one


@pytest.fixture(scope="module")
def portal():
    with start_blocking_portal() as one:
        yield one


@pytest.fixture
def post(portal, shelf):
    """Sends a file from an address; what the route raises, it raises."""

    async def ask(body, headers, address):
        transport = httpx.ASGITransport(Starlette(routes=ROUTES), client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as one:
            return await one.post("/lesson", content=body, headers=headers)

    def send(body=GOOD, address="10.0.0.1", **headers):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return portal.call(ask, body, KIND | named, address)

    return send


def sentence(answer, status=400):
    """The one sentence of an answer that refuses."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.endswith((".", "?"))
    assert answer.text.isprintable()
    assert len(answer.text) < 400
    return answer.text


# What is taken.


def test_a_file_becomes_a_lesson_with_its_own_link(post):
    answer = post()
    assert answer.status_code == 200
    row = answer.json()
    assert row == {"key": row["key"], "title": "Mine", "summary": "Own."}
    assert re.fullmatch(r"own-[0-9a-f]{24}", row["key"])
    setup, problems = Setup.parse([("lesson", row["key"])])
    assert problems == ()
    assert setup.surface_key == "saddle"
    assert Setup.parse(setup.pairs()) == (setup, ())
    page = describe(setup)["lesson"]
    assert (page["title"], page["number"], page["pages"]) == ("One", 1, 2)
    assert page["prediction"]["of"] == "adam"
    assert "<mi>" in page["text"]
    assert "True." in page["afterwards"]
    turned, problems = setup.edited({"page": "2"})
    assert problems == ()
    assert turned.surface_key == "ravine"
    assert describe(turned)["lesson"]["title"] == "Two"


def test_it_is_in_no_other_visitor_s_list(post):
    key = post().json()["key"]
    for setup in (Setup(), Setup.parse([("lesson", key)])[0]):
        assert key not in [one["key"] for one in describe(setup)["lessons"]]


def test_the_same_text_is_the_same_lesson(post, shelf):
    one = post().json()["key"]
    marked = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert post(marked, "10.0.0.2").json()["key"] == one
    assert post(GOOD + "\nMore.\n").json()["key"] != one
    assert len(shelf) == 2


def test_tags_in_it_are_text(post):
    text = GOOD.replace("More.", "<script>x</script> [a](javascript:x) ![b](//c/d.png)")
    text = text.replace('"Mine"', '"<b>Mine</b>"')
    row = post(text).json()
    assert row["title"] == "<b>Mine</b>", "which the page shows as text"
    setup, _ = Setup.parse([("lesson", row["key"]), ("page", "2")])
    html = describe(setup)["lesson"]["text"]
    assert "&lt;script&gt;" in html
    assert not re.search(r"<(script|img|iframe|style)|href=\"java|\son\w+=", html)


# What is not.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Line 1: a lesson begins with +++"),
        ("# One\n\nText.", "Line 1: a lesson begins with +++"),
        (HEAD, "the lesson has 0 pages"),
        (HEAD + "# One\n", "Line 6: this page has no text"),
        (HEAD + "# One\n\n```toml\nstep = x\n```\nA", "Line 9: this is not TOML"),
        (HEAD + "# One\n\n```toml\nfree = 1\n```\nA", "Line 9: 'free' is unknown"),
        (HEAD + "# " + 301 * "a" + "\n\nA", "Line 6: this title has 301 characters"),
        (GOOD.replace("saddle", "sadle"), "Line 6: surface “sadle” is unknown; did"),
        (GOOD.replace("&kappa=50", "&kappa=-1"), "Line 22: kappa “-1”"),
        (GOOD.replace('of = "adam"', 'of = "sgd"'), "Line 6: of is 'sgd', which does"),
        (GOOD.replace("step = 5", "step = 101"), "Line 6: step is 101, and the race"),
        (GOOD.replace("=adam&", "=formula&f=__import__&"), "Line 6: "),
        (GOOD.replace("=saddle", "=formula&f=open(1)"), "Line 6: f “open(1)”"),
        (GOOD.encode("utf-16"), "This is not text in UTF-8."),
        (GOOD.replace("Mine", "Größe").encode("latin-1"), "This is not text in UTF-8."),
        (HEAD + PAGE.replace("More.", 12_000 * "$x$ "), "Line 22: this lesson has too"),
        (HEAD + 13 * "# A\n\nB\n", "the lesson has 13 pages"),
    ],
)
def test_a_bad_file_gets_one_sentence_with_its_line(post, shelf, body, said):
    assert said in sentence(post(body))
    assert len(shelf) == 0


def test_what_is_too_large_is_refused(post, shelf):
    assert "at most 60,000" in sentence(post(HEAD + PAGE + 60_000 * "a"))
    assert "at most 60,000" in sentence(post(240_001 * b"a"), 413)
    assert "at most 60,000" in sentence(post(content_length="9" * 5000), 413)
    assert "at most 60,000" in sentence(post(content_length="-1"), 413)
    assert len(shelf) == 0


def test_a_body_of_megabytes_is_not_read_to_its_end(portal, shelf):
    read = 0

    async def long():
        nonlocal read
        for _ in range(1000):
            read += 1
            yield 10_000 * b"a"

    async def ask():
        transport = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as one:
            return await one.post("/lesson", content=long(), headers=KIND)

    assert "at most 60,000" in sentence(portal.call(ask), 413)
    assert read == 25


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},  # A page of another site may send these.
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "multipart/form-data; boundary=a"},
        {"content_type": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_another_site_s_page_sends_none(post, shelf, headers):
    assert "is sent by this page" in sentence(post(**headers), 403)
    assert len(shelf) == 0


def test_a_browser_that_asks_for_another_site_is_not_answered(portal):
    async def ask():
        transport = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as one:
            wanted = {"origin": "http://b", "access-control-request-method": "POST"}
            return await one.options("/lesson", headers=wanted)

    answer = portal.call(ask)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_server_may_take_none(post, shelf, monkeypatch):
    monkeypatch.setattr(upload, "settings", lambda: Settings(uploads=0))
    assert "takes no lessons" in sentence(post(), 403)
    assert describe(Setup())["uploads"] is True
    monkeypatch.setattr("views.describe.settings", lambda: Settings(uploads=0))
    assert describe(Setup())["uploads"] is False


def test_slow_bodies_are_few_and_given_up(portal, shelf, monkeypatch):
    bodies = replace(upload.BODIES, seconds=0.2)
    monkeypatch.setattr(upload, "BODIES", bodies)

    async def one_of(address, begun):
        async def dripping():
            begun.append(address)
            yield b"+"
            await asyncio.Event().wait()

        transport = httpx.ASGITransport(Starlette(routes=ROUTES), client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as one:
            return await one.post("/lesson", content=dripping(), headers=KIND)

    async def all_of(addresses):
        begun = []
        return await asyncio.gather(*(one_of(each, begun) for each in addresses))

    answers = portal.call(all_of, ["10.0.0.1"] * 6)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [408] * bodies.each + [503] * 2
    for answer in answers:
        sentence(answer, answer.status_code)
    many = [f"10.0.1.{k}" for k in range(bodies.all + 3)]
    answers = portal.call(all_of, many)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [408] * bodies.all + [503] * 3
    assert not bodies._taken, "no place is lost"


def test_a_full_queue_is_said(post, monkeypatch):
    async def full(client, function):
        raise Busy(3)

    monkeypatch.setattr(upload.SERVER.first, "result_of", full)
    answer = post()
    assert "try again in 3 seconds" in sentence(answer, 503)
    assert answer.headers["retry-after"] == "3"


def test_no_race_is_run_and_no_formula_understood_in_the_event_loop(post, monkeypatch):
    from surfaces import typed
    from views import race

    threads = []
    check = typed.check
    monkeypatch.setattr(
        typed,
        "check",
        lambda *of: threads.append(threading.current_thread().name) or check(*of),
    )
    monkeypatch.setattr(race, "run_race", None)
    dear = "surface=formula&f=x^2%2B4.125y^2&steps=5000&on=bfgs,lbfgs,newton"
    assert post(GOOD.replace("surface=ravine&kappa=50", dear)).status_code == 200
    assert threads
    assert all(name.startswith("first") for name in threads), threads


@given(st.text(max_size=200) | st.text(max_size=80).map(lambda text: GOOD + text))
def test_no_file_raises_anything_but_a_sentence(text):
    try:
        lesson = upload.lesson_of_file(text.encode())
    except all_lessons.LessonError as error:
        said = str(error)
    else:
        said = lesson.key
        assert said.startswith(OWN_MARK)
    assert said.isprintable()


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_sentence(body):
    with pytest.raises(all_lessons.LessonError):
        upload.lesson_of_file(body)


# How long it is kept.


def other(k):
    return GOOD.replace("More.", f"More {k}.")


def test_a_flood_takes_the_place_of_its_own_lessons_only(post, shelf):
    mine = post(address="10.0.0.9").json()["key"]
    keys = [post(other(k)).json()["key"] for k in range(30)]
    assert len(shelf) == 1 + 12 // SHARES
    assert page_of(mine, 1) is not None
    assert [key for key in keys if page_of(key, 1)] == keys[-3:]


def test_a_lesson_that_is_gone_is_said_and_all_else_stays(post, shelf):
    key = post().json()["key"]
    setup, _ = Setup.parse([("lesson", key), ("page", "2")])
    mine, _ = setup.edited({"steps": "77", "adam.lr": "0.123"})
    for k in range(3):
        post(other(k))
    assert page_of(key, 1) is None
    assert describe(mine)["lesson"] is None
    changed, (problem,) = mine.edited({"momentum.lr": "0.001"})
    assert "is not on this server any more; open its file again" in problem
    assert (changed["steps"], changed["adam.lr"]) == (77, 0.123)
    assert changed["momentum.lr"] == 0.001
    assert (changed["lesson"], changed["page"]) == ("", 1)
    fresh, (problem,) = Setup.parse([("lesson", key), ("surface", "beale")])
    assert "is not on this server any more" in problem
    assert fresh.surface_key == "beale"
    turned, (problem,) = mine.edited({"lesson": key, "page": "1"})
    assert "is not on this server any more" in problem
    assert turned["steps"] == 77
    # Its file brings it back.
    assert post().json()["key"] == key
    assert Setup.parse([("lesson", key)])[1] == ()


def test_what_is_read_is_kept_longer(post, shelf):
    first, second = (post(other(k)).json()["key"] for k in range(2))
    for k in range(2, 4):
        page_of(first, 1)
        post(other(k))
    assert page_of(first, 1) is not None
    assert page_of(second, 1) is None


def test_wide_characters_count_as_what_they_take(post, shelf):
    plain, wide = (GOOD.replace("More.", 9_000 * letter) for letter in "a𝛼")
    post(plain)
    held = shelf.held
    assert 9_000 * 2 <= held < 9_000 * 3
    post(wide)
    assert shelf.held - held >= 9_000 * 8


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 60), st.sampled_from("abcde")),
        max_size=40,
    )
)
def test_a_shelf_stays_within_its_bounds(brought):
    shelf = Shelf(8, 100)
    for key, size, owner in brought:
        shelf.keep(str(key), key, size, owner, b"")
        assert shelf.get(str(key)) in (key, None)
        assert len(shelf) <= 8
        assert shelf.held <= 100
        for one in "abcde":
            kept = [x for x in shelf._kept.values() if x.owner == one]
            assert len(kept) <= 8 // SHARES
            assert sum(x.size for x in kept) <= 100 // SHARES


def test_its_answer_is_strict_json(post):
    text = GOOD.replace('"Mine"', r'"\u2028 \" \\ é"')
    assert json.loads(post(text).content)["title"] == '\u2028 " \\ é'
