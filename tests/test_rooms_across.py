"""Rooms that replicas share: real servers, a real Redis, and many who follow."""

import asyncio
import json
import signal
from contextlib import ExitStack, asynccontextmanager
from time import monotonic, time
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from redis_server import redis

from benchmarks.proxy import proxied
from benchmarks.server import OURS, serving
from tests.loopback import installed_nginx
from views.rooms.across import RoomsAcross
from views.rooms.codes import code_of, new_key
from views.rooms.message import Message
from views.rooms.room import AWAY, BEAT, LEFT, NoRoom, TooMany

PATIENCE = 60
MANY = 40


def shows(step, dragging=True):
    return Message(
        f"surface=saddle&adam.lr=0.0{step + 1}", step, False, dragging, False
    )


def send(server, path, message=None, key="", method="POST"):
    """The status and the text of an answer."""
    headers = {"content-type": "application/json"} | (
        {"x-room-key": key} if key else {}
    )
    body = None if method == "GET" else message.line if message else b"null"
    request = Request(server.url + path, body, headers, method=method)
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


class Follower:
    """A page that follows, and the lines that it has been sent."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.lines = []
        self.task = asyncio.create_task(self._read())

    async def _read(self):
        while line := await self.reader.readline():
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))
            elif line == b"0\r\n":
                return  # the answer is over; the connection may stay

    @property
    def step(self):
        return self.lines[-1]["shows"]["step"] if self.lines else None


async def follow(server, code, address="127.0.0.1"):
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", server.port, local_addr=(address, 0)
    )
    writer.write(f"GET /room/{code} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.split()[1] == b"200", head
    return Follower(reader, writer)


@asynccontextmanager
async def following(code, servers):
    """Pages that follow a room, each at one of some servers."""
    pages = await asyncio.gather(*(follow(server, code) for server in servers))
    try:
        yield pages
    finally:
        for page in pages:
            page.task.cancel()
            page.writer.close()


async def until(check):
    async with asyncio.timeout(PATIENCE):
        while not check():
            await asyncio.sleep(0.02)


async def said(*arguments, **named):
    return await asyncio.to_thread(send, *arguments, **named)


@pytest.fixture(scope="module")
def store():
    with redis() as one:
        yield one


@pytest.fixture(scope="module")
def replicas(store):
    """Two that share their rooms."""
    with ExitStack() as stack:
        both = [
            stack.enter_context(serving(OURS, VISUALIZER_REDIS=store.address))
            for _ in range(2)
        ]
        for one in both:
            one.wait("ready")
        yield both


def opened(server, step=0):
    status, text = send(server, "room", shows(step))
    assert status == 200, text
    return json.loads(text).values()


def test_a_drag_at_one_replica_is_followed_at_another(replicas):
    here, there = replicas
    code, key = opened(here)

    async def work():
        async with following(code, [there] * MANY + [here]) as pages:
            await until(lambda: all(page.step == 0 for page in pages))
            for step in range(1, 30):
                status, text = await said(here, f"room/{code}", shows(step), key)
                assert status == 200, text
                await asyncio.sleep(0.05)
            await until(lambda: all(page.step == 29 for page in pages))
            for page in pages:
                steps = [line["shows"]["step"] for line in page.lines]
                # In order, none twice, and most of what was said.
                assert steps == sorted(set(steps))
                assert len(steps) > 10
            # Led from the other replica, and counted over both.
            await until(lambda: counted(there) == MANY + 1)
        await until(lambda: counted(here) == 0)

    def counted(server):
        status, text = send(server, f"room/{code}", shows(29), key)
        return json.loads(text)["followers"] if status == 200 else None

    asyncio.run(work())


class Address(NamedTuple):
    """Where something answers."""

    port: int

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"


def test_behind_nginx_any_replica_leads_and_is_followed(replicas):
    installed_nginx()
    with proxied([one.port for one in replicas]) as port:
        there = Address(port)
        code, key = opened(there)

        async def work():
            async with following(code, [there] * 6) as pages:
                for step in range(1, 12):
                    status, text = await said(there, f"room/{code}", shows(step), key)
                    assert status == 200, text
                    await until(lambda step=step: all(p.step == step for p in pages))
                await said(there, f"room/{code}", None, key)
                await until(lambda: all(p.lines[-1] == {"over": True} for p in pages))

        asyncio.run(work())


def test_only_the_key_leads_at_any_replica(replicas):
    here, there = replicas
    code, key = opened(here)
    for server in replicas:
        status, text = send(server, f"room/{code}", shows(1), new_key())
        assert (status, text) == (
            403,
            f"Another page leads room {code}.",
        )
        assert send(server, f"room/{code}", None, new_key())[0] == 403
    assert send(there, "room", shows(1), key)[0] == 200  # opened again: it is there

    async def work():
        async with following(code, [here, there]) as pages:
            await until(lambda: all(page.step == 1 for page in pages))
            await said(there, f"room/{code}", None, key)
            await until(lambda: all(page.lines[-1] == {"over": True} for page in pages))

    asyncio.run(work())
    for server in replicas:
        assert send(server, f"room/{code}", None, method="GET")[0] == 404


def test_a_replica_notices_that_the_page_that_leads_says_no_more(store):
    async def work():
        here, there = (RoomsAcross(store.address, 10, 10) for _ in range(2))
        key = new_key()
        code = code_of(key)
        await here.open(code, key, "address", shows(0))
        room = await there.find(code)
        room.followers = 1

        async def looked(later):
            there.look(monotonic() + later)
            while there._looking:
                await asyncio.sleep(0.01)

        heard = room.heard
        await looked(BEAT + 1)
        await looked(2 * BEAT + 2)
        assert room.heard == heard, "nothing was said"
        lines = room.lines(lambda size: 0.0)
        assert json.loads(await anext(lines))["leading"]
        await looked(AWAY + 1)
        assert not json.loads(await anext(lines))["leading"]
        await here.say(code, key, shows(0))  # the same: it is there again
        assert json.loads(await anext(lines))["leading"]
        assert room.heard > heard
        await asyncio.gather(here.close(), there.close())

    asyncio.run(work())


def test_there_are_so_many_rooms_in_all(store):
    with serving(
        OURS, VISUALIZER_REDIS=f"{store.address[:-1]}1", VISUALIZER_ROOMS="2"
    ) as one:
        one.wait("ready")
        opened(one)
        opened(one)
        status, text = send(one, "room", shows(0))
        assert (status, text) == (
            503,
            "There are too many rooms; try again in a minute.",
        )


def test_rooms_of_one_address_are_so_many_and_those_left_go_first(store):
    def open_one(rooms, address):
        key = new_key()
        return rooms.open(code_of(key), key, address, shows(0)), code_of(key)

    async def work():
        rooms = RoomsAcross(f"{store.address[:-1]}2", 3, 2)
        redis = rooms._redis
        codes = []
        for address in ("here", "here"):
            opening, code = open_one(rooms, address)
            await opening
            codes.append(code)
        with pytest.raises(TooMany):
            await open_one(rooms, "here")[0]
        await open_one(rooms, "there")[0]
        with pytest.raises(TooMany):
            await open_one(rooms, "elsewhere")[0]
        # The first was opened long ago and is led; the second was left.
        long_ago = time() - LEFT - 1
        for names in await redis.keys("loss-surface:rooms*"):
            for code in codes:
                await redis.zadd(names, {code: long_ago}, xx=True)
        await redis.hset(f"loss-surface:room:{codes[1]}", "heard", long_ago)
        await open_one(rooms, "here")[0]
        assert await rooms.find(codes[0])
        with pytest.raises(NoRoom):
            await rooms.find(codes[1])
        # One that was ended has left its place, whichever it was.
        key = new_key()
        with pytest.raises(TooMany):
            await rooms.open(code_of(key), key, "here", shows(0))
        opening, code = open_one(rooms, "there")
        await rooms._remove(codes[0])
        await opening
        await rooms._remove(code)
        await rooms.open(code_of(key), key, "here", shows(0))
        # All that is kept is kept for a day.
        for name in await redis.keys("*"):
            assert 0 < await redis.ttl(name) <= 86_400, name
        await rooms.close()

    asyncio.run(work())


def test_followers_of_one_address_make_room_for_another():
    with serving(OURS, VISUALIZER_FOLLOWERS="3") as one:
        one.wait("ready")
        code, _ = opened(one)

        async def work():
            async with following(code, [one] * 3) as pages:
                await until(lambda: all(page.step == 0 for page in pages))
                other = await follow(one, code, "127.0.0.2")
                await until(lambda: other.step == 0)
                await until(pages[2].task.done)
                assert not pages[0].task.done()
                status, text = await said(one, f"room/{code}", method="GET")
                assert (status, text) == (
                    503,
                    "The server is busy; try again in 10 seconds.",
                )
                other.task.cancel()
                other.writer.close()

        asyncio.run(work())


def test_a_replica_that_is_killed_takes_no_room_with_it(store, replicas):
    here, _ = replicas
    code, key = opened(here)
    with serving(OURS, VISUALIZER_REDIS=store.address) as third:
        third.wait("ready")

        async def work():
            async with following(code, [third, here]) as pages:
                await until(lambda: all(page.step == 0 for page in pages))
                third.process.send_signal(signal.SIGKILL)
                await until(pages[0].task.done)
                await said(here, f"room/{code}", shows(1), key)
                await until(lambda: pages[1].step == 1)
                async with following(code, [here]) as (again,):
                    await until(lambda: again.step == 1)

        asyncio.run(work())
        third.process.wait()


def test_without_its_store_a_room_says_so_and_is_there_again(store, replicas):
    here, there = replicas
    key = new_key()
    code = code_of(key)
    assert send(here, "room", shows(0), key)[0] == 200

    async def work():
        async with following(code, [there]) as (page,):
            await until(lambda: page.step == 0)
            store.stop()
            status, text = await said(here, f"room/{code}", shows(1), key)
            assert (status, text) == (
                503,
                "The server of the rooms does not answer; try again soon.",
            )
            store.start()
            # It has forgotten all; the page that leads opens the room again.
            await until(lambda: send(here, f"room/{code}", shows(1), key)[0] == 404)
            assert send(here, "room", shows(2), key)[0] == 200
            await until(lambda: send(there, "ready", method="GET")[0] == 200)
        async with following(code, [there]) as (page,):
            await until(lambda: page.step == 2)
            await said(here, f"room/{code}", shows(3), key)
            await until(lambda: page.step == 3)

    asyncio.run(work())
