"""Rooms of one process: what is said in them, by whom, and within what bounds."""

import asyncio
import json
from time import monotonic

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from views.rooms import room as room_module
from views.rooms import route
from views.rooms.codes import LENGTH, LETTERS, code_of, new_key, parse_code
from views.rooms.message import MOST_BYTES, Message, parse_message
from views.rooms.room import (
    A_SECOND,
    ALL_A_SECOND,
    AWAY,
    BYTES_A_SECOND,
    LEFT,
    PACE,
    NoRoom,
    NotLeading,
    Room,
    RoomsHere,
)
from views.rooms.route import WITHIN, WRONG, Following, Guesses, Hall
from views.routes import ROUTES
from views.serving.lanes import Busy
from views.serving.limits import ConnectionLimits
from views.serving.settings import Settings
from views.setup import Setup

SHOWS = Message("surface=saddle", 3, False, False, False)
JSON = {"content-type": "application/json"}


def at(step):
    return SHOWS._replace(step=step)


# -- codes ----------------------------------------------------------------------------


def test_a_code_follows_from_its_key_and_is_easily_read():
    keys = {new_key() for _ in range(20)}
    codes = {code_of(key) for key in keys}
    assert len(keys) == len(codes) == 20
    for code in codes:
        assert len(code) == LENGTH
        assert set(code) <= set(LETTERS)
        assert parse_code(f" {code[:3]}-{code[3:].upper()} ") == code
    key = keys.pop()
    assert code_of(key) == code_of(key)
    assert not set("aeiouyl01") & set(LETTERS)


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "ö" * 30, "a b" * 10])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match="no key"):
        code_of(key)


@pytest.mark.parametrize("text", ["kd37x", "kd37xww", "kd37xa", "kd37x!", "١١١١١١"])
def test_what_is_no_code_is_said_in_an_address(text):
    _, problems = Setup.parse([("room", text)])
    assert problems == (
        f"room “{text}” is no room; allowed are 6 letters and digits, such as kd37xw.",
    )


def test_a_room_in_an_address_changes_no_race():
    plain, _ = Setup.parse([("surface", "saddle")])
    setup, problems = Setup.parse([("surface", "saddle"), ("room", "KD3-7xw")])
    assert (problems, setup["room"]) == ((), "kd37xw")
    assert setup.concerning("adam") == plain.concerning("adam")
    # It stays while the pages of a lesson are turned.
    turned, problems = setup.edited({"lesson": "momentum", "page": "2"})
    assert (problems, turned["room"]) == ((), "kd37xw")


# -- messages -------------------------------------------------------------------------


@given(
    st.text(max_size=50),
    st.floats(0, 1e9) | st.integers(0, 10**9),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.tuples(
        st.text(max_size=50),
        st.text(max_size=50),
        st.none() | st.integers(0, 1_000),
        st.booleans(),
    ),
)
def test_what_is_said_is_read_and_passed_on_in_one_line(query, step, switches, unsaid):
    message = Message(query, step, *switches, *unsaid)
    line = message.line
    assert b"\n" not in line
    assert parse_message(line) == message


def test_what_a_page_of_an_older_version_says_is_read():
    said = SHOWS._asdict()
    older = {name: said[name] for name in said if name not in Message._field_defaults}
    assert parse_message(json.dumps(older).encode()) == SHOWS
    with pytest.raises(ValueError, match="what is said has"):
        parse_message(json.dumps(older | {"stages": 3}).encode())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"query": 3}, "too long to be followed"),
        ({"query": "x" * 16_001}, "too long to be followed"),
        ({"step": "3"}, "step is a number"),
        ({"step": True}, "step is a number"),
        ({"step": -1}, "step is a number"),
        ({"step": 1e10}, "step is a number"),
        ({"step": float("nan")}, "step is a number"),
        ({"playing": 1}, "true or false"),
        ({"sampled": 0}, "true or false"),
        ({"kept": "x" * 8_001}, "kept is at most 8,000"),
        ({"kept": None}, "kept is at most 8,000"),
        ({"caption": "x" * 201}, "caption 200"),
        ({"stage": -1}, "stage is a whole number"),
        ({"stage": 1.5}, "stage is a whole number"),
        ({"stage": True}, "stage is a whole number"),
        ({"stage": 1_001}, "stage is a whole number"),
        ({"more": 1}, "what is said has"),
        ({"revealed": None}, "true or false"),
    ],
)
def test_anything_else_is_refused_in_words(changes, says):
    with pytest.raises(ValueError, match=says):
        parse_message(json.dumps(SHOWS._asdict() | changes).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b"{}", b"\xff", b"[" * 10_000])
def test_what_is_no_message_is_refused(body):
    with pytest.raises(ValueError, match=r"JSON|has query"):
        parse_message(body)


# -- a room ---------------------------------------------------------------------------


def lines_of(room, many, pace=0.0):
    """The first lines that a follower is sent, while others are done."""

    async def collect():
        found = []
        async for line in room.lines(lambda size: pace):
            found.append(line)
            if len(found) == many:
                break
        return found

    return asyncio.ensure_future(collect())


def shown(line):
    said = json.loads(line)
    return said["shows"]["step"], said["leading"]


def test_a_follower_is_sent_what_is_shown_and_then_the_newest():
    async def work():
        room = Room("kd37xw", monotonic() + 100)
        room.say(at(1).line)
        lines = lines_of(room, 3, pace=0.01)
        await asyncio.sleep(0)
        for step in (2, 3, 4):  # in one moment: the last is what is shown
            room.say(at(step).line)
        await asyncio.sleep(0.05)
        room.say(at(5).line)
        return await lines

    first, second, third = asyncio.run(work())
    assert shown(first) == (1, True)
    assert shown(second) == (4, True)
    assert shown(third) == (5, True)


def test_the_same_is_not_sent_twice_and_a_beat_is(monkeypatch):
    monkeypatch.setattr(room_module, "BEAT", 0.01)

    async def work():
        room = Room("kd37xw", monotonic() + 100)
        room.say(SHOWS.line)
        lines = lines_of(room, 3)
        await asyncio.sleep(0)
        room.say(SHOWS.line)
        return await lines

    first, *beats = asyncio.run(work())
    assert shown(first) == (3, True)
    assert beats == [b"\n", b"\n"]


def test_who_leads_is_away_and_back():
    async def work():
        room = Room("kd37xw", monotonic() + 100)
        room.say(SHOWS.line)
        lines = lines_of(room, 3)
        await asyncio.sleep(0)
        room.look(monotonic())
        await asyncio.sleep(0.01)
        room.look(monotonic() + AWAY + 1)
        room.look(monotonic() + AWAY + 2)
        await asyncio.sleep(0.01)
        room.say(SHOWS.line)
        return await lines

    assert [shown(line) for line in asyncio.run(work())] == [
        (3, True), (3, False), (3, True),
    ]  # fmt: skip


def test_a_room_that_is_over_is_left_by_all():
    async def work():
        room = Room("kd37xw", monotonic() + 100)
        room.say(SHOWS.line)
        waiting, late = lines_of(room, 9), lines_of(room, 9)
        await asyncio.sleep(0.01)
        room.end()
        return await waiting, await late, await lines_of(room, 9)

    for *_, last in asyncio.run(work()):
        assert json.loads(last) == {"over": True}


# -- the rooms of a process -----------------------------------------------------------


def opened(rooms, address="here", message=SHOWS):
    key = new_key()
    code = code_of(key)
    asyncio.run(rooms.open(code, key, address, message))
    return code, key


def test_only_who_has_the_key_leads():
    rooms = RoomsHere(10, 10)
    code, key = opened(rooms)
    for wrong in (new_key(), "", key[:-1]):
        with pytest.raises(NotLeading, match=code):
            asyncio.run(rooms.say(code, wrong, at(4)))
        with pytest.raises(NotLeading):
            asyncio.run(rooms.end(code, wrong))
        with pytest.raises(NotLeading):
            asyncio.run(rooms.open(code, wrong, "here", at(4)))
    assert asyncio.run(rooms.say(code, key, at(4))) == 0
    assert asyncio.run(rooms.find(code)).shows == at(4).line


def test_one_page_cannot_say_too_much(monkeypatch):
    rooms = RoomsHere(10, 10)
    code, key = opened(rooms)
    now = monotonic()
    monkeypatch.setattr(room_module, "monotonic", lambda: now)
    for step in range(int(A_SECOND)):  # what a network has kept back
        asyncio.run(rooms.say(code, key, at(step)))
    with pytest.raises(Busy):
        asyncio.run(rooms.say(code, key, at(99)))
    now += 2.5 / A_SECOND
    for step in (5, 6):
        asyncio.run(rooms.say(code, key, at(step)))
    with pytest.raises(Busy):
        asyncio.run(rooms.say(code, key, at(99)))


def test_a_room_ends_when_it_is_ended_and_after_a_day():
    rooms = RoomsHere(10, 10)
    code, key = opened(rooms)
    other, _ = opened(rooms)
    asyncio.run(rooms.end(code, key))
    with pytest.raises(NoRoom, match=f"There is no room {code}"):
        asyncio.run(rooms.find(code))
    with pytest.raises(NoRoom):
        asyncio.run(rooms.say(code, key, SHOWS))
    rooms.look(monotonic() + 86_000)
    assert asyncio.run(rooms.find(other)).code == other
    rooms.look(monotonic() + 86_401)
    assert rooms.here == []


def test_a_day_is_over_even_where_none_looks():
    rooms = RoomsHere(10, 10)
    code, key = opened(rooms)
    asyncio.run(rooms.find(code)).ends = monotonic() - 1
    with pytest.raises(NoRoom):
        asyncio.run(rooms.find(code))
    with pytest.raises(NoRoom):
        asyncio.run(rooms.say(code, key, SHOWS))


def test_there_are_so_many_rooms_of_which_those_without_a_leader_go_first():
    rooms = RoomsHere(4, 2)
    first, second = opened(rooms), opened(rooms)
    with pytest.raises(Busy, match="too many rooms"):
        opened(rooms)
    opened(rooms, "there")
    asyncio.run(rooms.find(second[0])).heard -= LEFT + 1
    third = opened(rooms)  # of this address
    with pytest.raises(NoRoom):
        asyncio.run(rooms.find(second[0]))
    opened(rooms, "yonder")
    with pytest.raises(Busy):
        opened(rooms, "elsewhere")
    asyncio.run(rooms.find(first[0])).heard -= LEFT + 1
    opened(rooms, "elsewhere")
    assert {room.code for room in rooms.here} >= {third[0]}
    assert len(rooms.here) == 4


# -- who follows ----------------------------------------------------------------------


def hall(**chosen):
    return Hall(Settings(**chosen), ConnectionLimits())


def follower(one, room, address):
    made = Following(None, room, address)
    one.admit(made)
    return made


def test_followers_are_counted_and_bounded(monkeypatch):
    async def work():
        one = hall(followers=4)
        monkeypatch.setattr(route, "HALL", one)
        room = Room("kd37xw", monotonic() + 100)
        here = [follower(one, room, "here") for _ in range(4)]
        with pytest.raises(Busy):
            follower(one, room, "here")
        # Another address has a place, until it has as many.
        there = [follower(one, room, "there") for _ in range(2)]
        with pytest.raises(Busy):
            follower(one, room, "there")
        assert one.followers == room.followers == 4
        assert [each._dropped for each in here] == [False, False, True, True]
        for each in (*here, *there, *here):
            one.release(each)
        assert one.followers == room.followers == 0

    asyncio.run(work())


def test_the_more_follow_and_the_more_is_said_the_longer_each_waits(monkeypatch):
    async def work():
        one = hall(followers=100_000)
        monkeypatch.setattr(route, "HALL", one)
        room = Room("kd37xw", monotonic() + 100)
        assert one.pace(100) == PACE
        for k in range(1000):
            follower(one, room, str(k))
        assert one.followers / one.pace(100) == pytest.approx(ALL_A_SECOND)
        size = MOST_BYTES
        assert one.followers * size / one.pace(size) == pytest.approx(BYTES_A_SECOND)

    asyncio.run(work())


def test_codes_are_not_found_by_trying(monkeypatch):
    guesses, now = Guesses(), monotonic()
    for k in range(WRONG):
        assert guesses.allows("here", f"code{k}")
        guesses.wrong("here", f"code{k}")
    assert not guesses.allows("here", "another")
    # A page that asks for its own lost room again is no guesser, nor are others.
    assert guesses.allows("here", "code0")
    assert guesses.allows("there", "another")
    monkeypatch.setattr(route, "monotonic", lambda: now + WITHIN + 10)
    assert guesses.allows("here", "another")


def test_a_class_is_not_locked_out_by_one_who_guesses():
    guesses = Guesses()
    guesses.right("school", "kd37xw")
    for k in range(2 * WRONG):
        guesses.wrong("school", f"code{k}")
    assert not guesses.allows("school", "another")
    assert guesses.allows("school", "kd37xw")
    assert guesses.allows("home", "kd37xw")


def test_only_so_many_guessers_are_remembered(monkeypatch):
    monkeypatch.setattr(route, "_MOST_ADDRESSES", 5)
    guesses = Guesses()
    for k in range(50):
        guesses.wrong(str(k), "code")
        guesses.right(str(k), "code")
    assert len(guesses._tried) == len(guesses._right) == 5


# -- the routes -----------------------------------------------------------------------


@pytest.fixture
def ask(monkeypatch):
    """Asks the routes of rooms, of which there are none yet."""
    monkeypatch.setattr(route, "HALL", hall())
    transport = httpx.ASGITransport(Starlette(routes=ROUTES))

    async def send(method, path, body, headers):
        async with httpx.AsyncClient(
            transport=transport, base_url="http://player"
        ) as client:
            return await client.request(method, path, content=body, headers=headers)

    with start_blocking_portal() as portal:

        def asked(method, path, body=SHOWS.line, **headers):
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            return portal.call(send, method, path, body, JSON | named)

        yield asked


def test_a_room_is_opened_shown_something_and_ended(ask):
    opened = ask("POST", "/room").json()
    path = f"/room/{opened['code']}"
    assert ask("POST", path, x_room_key=opened["key"]).json() == {"followers": 0}
    refused = ask("POST", path, x_room_key=new_key())
    assert (refused.status_code, refused.text) == (
        403,
        f"Another page leads room {opened['code']}.",
    )
    assert ask("POST", path, b"null").status_code == 403
    assert ask("POST", path, b"null", x_room_key=opened["key"]).status_code == 200
    gone = ask("GET", path)
    assert gone.status_code == 404
    assert "There is no room" in gone.text
    # By its key it is opened again, under the same code.
    again = ask("POST", "/room", x_room_key=opened["key"]).json()
    assert again == opened


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        (SHOWS.line, {"content_type": "text/plain"}, 403, "application/json"),
        (SHOWS.line, {"sec_fetch_site": "cross-site"}, 403, "sent by this page"),
        (b"null", {}, 400, "nothing to show"),
        (b"{}", {}, 400, "What is said has query"),
        (b"x" * (MOST_BYTES + 1), {}, 413, "too long to be followed"),
        (SHOWS.line, {"x_room_key": "mine"}, 400, "no key"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(ask, body, headers, status, says):
    answer = ask("POST", "/room", body, **headers)
    assert answer.status_code == status
    assert says in answer.text
    assert answer.text.endswith(".")


@pytest.mark.parametrize("path", ["/room/", "/room/kd37xa", "/room/a/b", "/roomy"])
def test_what_is_no_room_is_nowhere(ask, path):
    answer = ask("GET", path, b"")
    assert answer.status_code == 404
    assert answer.text.endswith(".")


def test_who_tries_many_codes_is_asked_to_wait(ask):
    codes = [f"{a}{b}2222" for a in LETTERS[:4] for b in LETTERS[:4]]
    opened = ask("POST", "/room").json()
    path = f"/room/{opened['code']}"
    # By any method: to say something is to ask whether there is a room, too.
    statuses = [
        ask(
            method, f"/room/{code}", SHOWS.line if method == "POST" else b""
        ).status_code
        for code, method in zip(codes, ["GET", "POST"] * len(codes), strict=False)
    ]
    assert statuses == [404] * WRONG + [503] * (len(codes) - WRONG)
    for method in ("GET", "POST"):
        refused = ask(method, path)
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "60"
    assert "from this network" in refused.text


def test_a_server_may_open_none(ask, monkeypatch):
    closed = route.SERVER.__class__(
        **{**vars(route.SERVER), "settings": Settings(rooms=0)}
    )
    monkeypatch.setattr(route, "SERVER", closed)
    answer = ask("POST", "/room")
    assert (answer.status_code, answer.text) == (403, "This server opens no rooms.")


def test_who_tries_to_lead_rooms_of_others_is_asked_to_wait(ask):
    codes = [ask("POST", "/room").json()["code"] for _ in range(WRONG + 1)]
    tried = [ask("POST", f"/room/{code}", x_room_key=new_key()) for code in codes]
    assert [answer.status_code for answer in tried] == [403] * WRONG + [503]
