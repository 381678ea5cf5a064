"""Answers leave in slices, within what all may hold, or are given up."""

import asyncio
import gc
import threading
import time
from contextlib import ExitStack

import pytest
from loopback import EACH_WAY, closed, tiny, until
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from views.serving.limits import ConnectionLimits
from views.serving.outbox import SMALL, Full, Outbox
from views.serving.sending import SLICE, SlicedResponse, send_slices

LIMITS = ConnectionLimits()
MB = 10**6


# -- the outbox -----------------------------------------------------------------------


def test_room_is_taken_and_given_back():
    outbox = Outbox(100 * MB)
    lease = outbox.reserve(30 * MB)
    with outbox.reserve(10 * MB):
        assert outbox.held == 40 * MB
    assert outbox.held == 30 * MB
    lease.release()
    lease.release()
    assert outbox.held == 0


def test_an_answer_without_room_is_refused_in_words():
    outbox = Outbox(100 * MB)
    lease = outbox.reserve(60 * MB)
    with pytest.raises(Full, match=r"^The server is sending .* seconds\.$") as full:
        outbox.reserve(60 * MB)
    assert full.value.retry_after == 5
    assert outbox.held == 60 * MB
    lease.release()
    outbox.reserve(60 * MB).release()


def test_an_answer_that_never_has_room_is_refused_in_other_words():
    with pytest.raises(Full, match=r"^This answer has 90 MB; .* 87 MB at") as full:
        Outbox(100 * MB).reserve(90 * MB)
    assert full.value.retry_after is None


def test_small_answers_have_room_that_large_ones_do_not():
    outbox = Outbox(100 * MB)
    large = [outbox.reserve(29 * MB) for _ in range(3)]
    with pytest.raises(Full):
        outbox.reserve(2 * MB)
    small = [outbox.reserve(SMALL) for _ in range(12)]
    assert outbox.held == 87 * MB + 12 * SMALL
    with pytest.raises(Full):
        outbox.reserve(SMALL)
    for lease in large + small:
        lease.release()
    assert outbox.held == 0


def test_one_client_leaves_room_for_others():
    outbox = Outbox(100 * MB)
    mine = [outbox.reserve(20 * MB, "me") for _ in range(2)]
    with pytest.raises(Full, match=r"^The answers to your other requests"):
        outbox.reserve(20 * MB, "me")
    with pytest.raises(Full, match=r"^This answer has 60 MB; .* 50 MB at once\.$"):
        outbox.reserve(60 * MB, "you")
    outbox.reserve(40 * MB, "you").release()
    mine[0].release()
    outbox.reserve(20 * MB, "me").release()
    mine[1].release()
    assert outbox.held == 0
    assert not outbox._held_for


def test_room_is_changed_when_the_answer_is_known():
    outbox = Outbox(100 * MB)
    lease = outbox.reserve(50 * MB)
    lease.resize(20 * MB)
    assert outbox.held == 20 * MB
    lease.resize(80 * MB)
    assert outbox.held == 80 * MB
    with pytest.raises(Full):
        lease.resize(89 * MB)
    assert outbox.held == lease.size == 80 * MB
    lease.release()
    assert outbox.held == 0


def test_room_that_is_forgotten_is_given_back():
    outbox = Outbox(100 * MB)
    outbox.reserve(50 * MB)
    assert outbox.held == 0
    ring = [outbox.reserve(50 * MB)]
    ring.append(ring)  # Only the garbage collector finds this.
    del ring
    gc.collect()
    assert outbox.held == 0


def test_room_is_counted_from_many_threads():
    outbox = Outbox(100 * MB)

    def work(client):
        for size in range(1, 3000):
            with outbox.reserve(size, client) as lease:
                lease.resize(size // 2)

    threads = [threading.Thread(target=work, args=(str(i % 3),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outbox.held == 0
    assert not outbox._held_for


# -- slices ---------------------------------------------------------------------------


def sent(body, limits=LIMITS, wait=0.0, **options):
    """Whether a body was sent, and in which messages."""
    messages = []

    async def send(message):
        messages.append(message)
        await asyncio.sleep(wait)

    return asyncio.run(send_slices(send, body, limits, **options)), messages


@pytest.mark.parametrize(
    "size",
    [0, 1, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE, 3 * SLICE - 1, 5 * SLICE + 7],
)
@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_slices_are_the_body(size, kind):
    body = bytes(range(256)) * (size // 256 + 1)
    done, messages = sent(kind(body[:size]))
    assert done
    assert b"".join(message["body"] for message in messages) == body[:size]
    assert len(messages) == max(-(-size // SLICE), 1)
    assert all(len(message["body"]) <= SLICE for message in messages)
    *others, last = [message["more_body"] for message in messages]
    assert all(others)
    assert not last


def test_slices_may_be_followed_by_more():
    assert [message["more_body"] for message in sent(b"a", more=True)[1]] == [True]


def test_slices_are_no_copies_but_what_the_server_may_keep_is():
    body = bytes(10 * SLICE + 1)
    parts = [message["body"] for message in sent(body)[1]]
    assert all(isinstance(part, memoryview) and part.obj is body for part in parts[:-2])
    assert all(isinstance(part, bytes) for part in parts[-2:])
    assert sum(map(len, parts[-2:])) <= 2 * SLICE


def test_a_slice_that_is_not_taken_is_the_last():
    limits = ConnectionLimits(write_timeout=0.05)
    done, messages = sent(bytes(10 * SLICE), limits, wait=60)
    assert not done
    assert len(messages) == 1


def test_slices_that_are_taken_slowly_are_given_up_in_the_end():
    limits = ConnectionLimits(write_timeout=0.3, slowest=2**30)
    done, messages = sent(bytes(1000 * SLICE), limits, wait=0.05)
    assert not done
    assert 2 <= len(messages) <= 7
    assert sent(bytes(10 * SLICE), ConnectionLimits(write_timeout=0.3), wait=0.05)[0]


# -- responses ------------------------------------------------------------------------


def respond(send, **options):
    """What becomes of a lease whose answer is sent."""
    outbox = Outbox(100 * MB)
    lease = outbox.reserve(MB)
    response = SlicedResponse(bytes(MB), lease=lease, **({"limits": LIMITS} | options))

    async def receive():
        raise AssertionError

    async def run():
        call = response({"type": "http"}, receive, send(outbox))
        await asyncio.wait_for(call, 0.2)

    try:
        asyncio.run(run())
    except Exception as error:
        return outbox.held, type(error)
    return outbox.held, None


def test_the_room_of_an_answer_is_held_until_it_is_sent():
    held = []

    def send(outbox):
        async def take(message):
            held.append(outbox.held)

        return take

    assert respond(send) == (0, None)
    assert held == [MB] * (1 + -(-MB // SLICE))


def test_an_answer_that_is_given_up_holds_no_room():
    def send(outbox):
        async def take(message):
            await asyncio.sleep(60)

        return take

    assert respond(send, limits=ConnectionLimits(write_timeout=0.05)) == (0, None)
    assert respond(send) == (0, TimeoutError), "it was cancelled"


def test_an_answer_that_fails_holds_no_room():
    def send(outbox):
        async def take(message):
            raise OSError

        return take

    assert respond(send) == (0, OSError)


def test_a_response_that_is_never_sent_holds_no_room():
    outbox = Outbox(100 * MB)
    SlicedResponse(bytes(MB), limits=LIMITS, lease=outbox.reserve(MB))
    assert outbox.held == 0


def test_a_response_says_what_any_response_says():
    response = SlicedResponse(
        b"1,2\n",
        201,
        {"content-disposition": "attachment"},
        "text/csv",
        limits=LIMITS,
    )
    assert response.status_code == 201
    assert dict(response.headers) == {
        "content-disposition": "attachment",
        "content-length": "4",
        "content-type": "text/csv; charset=utf-8",
    }


@pytest.mark.parametrize("size", [10, 10 * SLICE])
@pytest.mark.parametrize("encoding", [{}, {"content-encoding": "identity"}])
def test_the_middleware_that_compresses_takes_slices(size, encoding):
    import httpx

    async def endpoint(request):
        return SlicedResponse(bytes(size), headers=encoding, limits=LIMITS)

    app = Starlette(
        routes=[Route("/", endpoint)], middleware=[Middleware(GZipMiddleware)]
    )

    async def fetch():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get("http://here/")

    response = asyncio.run(fetch())
    assert response.content == bytes(size)
    if encoding:
        assert response.headers["content-length"] == str(size)


# -- on a real server -----------------------------------------------------------------


@pytest.mark.parametrize(("loop", "parser"), EACH_WAY)
def test_clients_that_never_read_take_no_more_memory_than_there_is_room(loop, parser):
    limits = {"unsent_bytes": 160 * MB, "write_timeout": 5.0, "sweep_every": 0.2}
    size = 64 * 2**20
    with tiny(loop, parser, **limits) as server, ExitStack() as stack:
        assert server.get("/large?size=1000000")[0] == 200
        before = int(server.get("/peak")[1])
        lines = [
            stack.enter_context(server.ask(f"/large?size={size}")) for _ in range(30)
        ]
        until(lambda: int(server.get("/held")[1]) == 2 * size)
        # The others go on being served.
        status, body = server.get("/large?size=1000000")
        assert (status, len(body)) == (200, 1_000_000)
        assert server.get(f"/large?size={size}")[0] == 503
        assert int(server.get("/held")[1]) == 2 * size, "they did not wait for it"
        until(lambda: int(server.get("/held")[1]) == 0)
        until(lambda: sum(map(closed, lines)) == 2)
        status, body = server.get(f"/large?size={size}")
        assert (status, len(body)) == (200, size)
        grown = int(server.get("/peak")[1]) - before
        assert grown < 160 * MB, "the room, and not a copy of anything"


@pytest.mark.parametrize(("loop", "parser"), EACH_WAY)
def test_a_client_that_goes_away_gives_its_room_back(loop, parser):
    with tiny(loop, parser, write_timeout=1000.0) as server:
        for wait in (0.0, 0.5):
            line = server.ask("/large?size=50000000")
            time.sleep(wait)
            line.close()
        until(lambda: server.get("/held") == (200, b"0"))


@pytest.mark.parametrize(("loop", "parser"), EACH_WAY)
def test_a_client_that_reads_slowly_but_reads_gets_all(loop, parser):
    size = 3 * MB
    with tiny(loop, parser, write_timeout=3.0, slowest=10**5) as server:
        with server.ask(f"/large?size={size}") as line:
            line.settimeout(20)
            got = 0
            while got < size:
                part = line.recv(50_000)
                assert part
                got += len(part)
                time.sleep(0.05)
