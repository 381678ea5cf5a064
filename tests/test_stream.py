"""Long answers: their progress, and that no work is done for a client that has gone."""

import asyncio
import socket
import threading
import time
from contextlib import closing, contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from views import stream
from views.serving.lanes import Busy, Client, Lane
from views.serving.outbox import Full, Outbox

PATIENCE = 20
"""Seconds that a busy machine is given for what takes none."""
THREADS = 2


@pytest.fixture(autouse=True)
def lane(monkeypatch):
    """A lane of its own for each test, in which little may wait."""
    own = Lane("test", THREADS, 6)
    monkeypatch.setattr(stream, "LANE", own, raising=False)
    return own


def assignment(**more):
    return stream.Assignment(stream.LANE, Client("here"), **more)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Looks often and reports at once, so that these tests are quick."""
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(stream, "QUICK", 0.0)


class Work:
    """A computation that goes on until it is let go, and says how it went."""

    def __init__(self, parts=()):
        self.parts = parts
        self.asked, self.begun, self.ended = (threading.Event() for _ in range(3))
        self.go = threading.Event()
        self.abandoned = False

    def __call__(self, progress):
        self.begun.set()
        try:
            for part in self.parts:
                progress(part)
            # Not for ever: a test that fails is to end, too.
            for _ in range(PATIENCE * 200):
                if self.go.wait(0.005):
                    break
                progress(0.0)
        except stream.Abandoned:
            self.abandoned = True
            raise
        finally:
            self.ended.set()
        return b"the answer"

    async def route(self, request):
        self.asked.set()
        return await stream.respond(request, self, assignment())

    async def file(self, request):
        self.asked.set()
        return await stream.deliver(
            request, self, assignment(), "text/csv", stream.attached("rates.csv")
        )


@contextmanager
def serving(**routes):
    """The port of a real server of these routes, by name."""
    app = Starlette(routes=[Route(f"/{name}", each) for name, each in routes.items()])
    config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
    assert not thread.is_alive()


def asking(port, name):
    """A connection on which a route was asked for."""
    line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    line.sendall(
        f"GET /{name} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n".encode()
    )
    return line


def answered(line):
    """The status, the headers and the body of what comes, the body out of chunks."""
    whole = b""
    while part := line.recv(65536):
        whole += part
    head, _, rest = whole.partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in headers)
    body = b""
    if headers.get("transfer-encoding") != "chunked":
        body = rest
    else:
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            body, rest = body + rest[:length], rest[length + 2 :]
    return int(status.split()[1]), headers, body


def until(true):
    """Waits for something to be true; fails if it never is."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def finished(compute):
    """A route that answers what a function computes."""

    async def route(request):
        return await stream.respond(request, compute, assignment())

    return route


# -- answers --------------------------------------------------------------------------


def test_a_quick_answer_comes_whole_without_a_word_of_progress(monkeypatch):
    monkeypatch.setattr(stream, "QUICK", PATIENCE)
    work = Work([0.1, 0.5])
    work.go.set()
    with serving(work=work.route) as port, closing(asking(port, "work")) as line:
        status, headers, body = answered(line)
    assert (status, body) == (200, b"\0the answer")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-length"] == str(len(body))


def test_progress_grows_and_the_answer_follows_a_zero():
    work = Work([0.001, 0.1, 0.1, 0.05, 0.5, 0.999, 1.0])
    with serving(work=work.route) as port, closing(asking(port, "work")) as line:
        assert work.begun.wait(PATIENCE)
        time.sleep(0.1)
        work.go.set()
        status, headers, body = answered(line)
    assert status == 200
    assert headers["content-type"] == "application/octet-stream"
    assert headers["cache-control"] == "no-store"
    progress, zero, rest = body.partition(b"\0")
    assert (zero, rest) == (b"\0", b"the answer")
    assert list(progress) == sorted(progress)
    assert set(progress) == {10, 50, 99}, "no part twice but where nothing is new"
    assert progress.count(99) > 1, "while it takes long, it is said again"


def test_progress_that_was_too_soon_to_send_is_sent_later(monkeypatch):
    monkeypatch.setattr(stream, "QUICK", 0.1)
    work = Work([0.5])
    with serving(work=work.route) as port, closing(asking(port, "work")) as line:
        time.sleep(0.3)
        work.go.set()
        body = answered(line)[2]
    assert set(body.partition(b"\0")[0]) == {50}


def test_an_answer_without_progress_is_no_less_an_answer():
    with serving(work=finished(lambda progress: b"")) as port:
        with closing(asking(port, "work")) as line:
            assert answered(line)[2] == b"\0"


def test_a_file_comes_alone():
    work = Work([0.1, 0.5])
    work.go.set()
    with serving(work=work.file) as port, closing(asking(port, "work")) as line:
        status, headers, body = answered(line)
    assert (status, body) == (200, b"the answer")
    assert headers["content-type"].startswith("text/csv")
    assert headers["content-disposition"] == 'attachment; filename="rates.csv"'
    assert headers["content-length"] == "10"


# -- refusals -------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True])
def test_a_value_error_is_an_answer_in_words(plain):
    def refuse(progress):
        if plain:
            # A file has not begun when its work is half done.
            progress(0.5)
            time.sleep(0.1)
        raise ValueError("the answer would be too long, by a word")

    async def file(request):
        return await stream.deliver(request, refuse, assignment(), "text/csv")

    with serving(work=file if plain else finished(refuse)) as port:
        with closing(asking(port, "work")) as line:
            status, headers, body = answered(line)
    assert status == 400
    assert headers["content-type"].startswith("text/plain")
    assert body == b"The answer would be too long, by a word."


@pytest.mark.parametrize("kind", ["route", "file"])
def test_another_exception_is_a_500_and_no_silence(kind):
    class Failing(Work):
        def __call__(self, progress):
            raise ZeroDivisionError

    with serving(work=getattr(Failing(), kind)) as port:
        for _ in range(THREADS + 1):
            with closing(asking(port, "work")) as line:
                assert answered(line)[0] == 500


def test_an_exception_midway_ends_the_stream_without_an_answer():
    midway = threading.Event()

    def fail(progress):
        progress(0.3)
        midway.wait(PATIENCE)
        raise ZeroDivisionError

    with serving(work=finished(fail)) as port:
        with closing(asking(port, "work")) as line:
            begun = b""
            while b"\x1e" not in begun:
                begun += line.recv(65536)
            midway.set()
            rest = begun
            while part := line.recv(65536):
                rest += part
    assert rest.startswith(b"HTTP/1.1 200")
    assert not rest.endswith(b"0\r\n\r\n"), "what was cut off does not look whole"


# -- clients that go away -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["route", "file"])
@pytest.mark.parametrize("parts", [(), (0.4,)], ids=["before the first byte", "midway"])
def test_a_client_that_goes_away_takes_its_work_along(kind, parts):
    work = Work(parts)
    with serving(work=getattr(work, kind)) as port:
        line = asking(port, "work")
        assert work.begun.wait(PATIENCE)
        if parts and kind == "route":
            begun = b""
            while bytes([40]) not in begun.partition(b"\r\n\r\n")[2]:
                begun += line.recv(65536)
        assert not work.ended.is_set()
        line.close()
        assert work.ended.wait(PATIENCE)
    assert work.abandoned


def test_a_file_that_makes_progress_all_the_time_is_abandoned_too(monkeypatch):
    """News that comes sooner than the next look leaves no time for one."""
    monkeypatch.setattr(stream, "LOOK_EVERY", PATIENCE)
    ended = threading.Event()

    def compute(progress):
        try:
            for percent in range(100):
                progress(percent / 100)
                time.sleep(0.05)
        finally:
            ended.set()
        return b""

    async def file(request):
        return await stream.deliver(request, compute, assignment(), "text/csv")

    with serving(work=file) as port:
        asking(port, "work").close()
        assert ended.wait(4)


def test_work_that_is_abandoned_before_its_turn_never_starts():
    busy = [Work() for _ in range(THREADS)]
    late, last = Work(), Work()
    routes = {f"busy{i}": work.route for i, work in enumerate(busy)}
    with serving(**routes, late=late.route, last=last.route) as port:
        lines = [asking(port, name) for name in routes]
        for work in busy:
            assert work.begun.wait(PATIENCE)
        left = asking(port, "late")
        assert late.asked.wait(PATIENCE)
        left.close()
        lines.append(asking(port, "last"))
        time.sleep(0.3)
        assert not last.begun.is_set(), "no more than so many at once"
        for work in (*busy, last):
            work.go.set()
        for line in lines:
            with closing(line):
                assert answered(line)[2].endswith(b"the answer")
    assert not late.begun.is_set()


def test_no_more_at_the_same_time_than_said():
    lock, now, most = threading.Lock(), [0], [0]

    def compute(progress):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return b"done"

    with serving(work=finished(compute)) as port:
        lines = [asking(port, "work") for _ in range(6)]
        for line in lines:
            with closing(line):
                assert answered(line)[2].endswith(b"done")
    assert most[0] == THREADS


# -- without a server -----------------------------------------------------------------


def request_of(receive):
    return Request({"type": "http", "method": "GET", "headers": []}, receive)


async def silence():
    """What a client says that only waits."""
    await asyncio.Event().wait()


def test_a_request_that_is_cancelled_takes_its_work_along():
    """As all are when the server is stopped."""
    work = Work()

    async def ask():
        asked = asyncio.ensure_future(
            stream.respond(request_of(silence), work, assignment())
        )
        await asyncio.to_thread(work.begun.wait, PATIENCE)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await asyncio.to_thread(work.ended.wait, PATIENCE)

    asyncio.run(ask())
    assert work.abandoned


def test_a_stream_that_never_begins_leaves_no_work_behind():
    work = Work([0.5])

    async def ask():
        response = await stream.respond(request_of(silence), work, assignment())

        async def send(message):
            raise OSError("gone")

        scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
        with pytest.raises(OSError, match="gone"):
            await response(scope, silence, send)
        assert await asyncio.to_thread(work.ended.wait, PATIENCE)

    asyncio.run(ask())
    assert work.abandoned


def test_work_whose_loop_is_gone_ends():
    work = Work([0.5])

    async def ask():
        return stream.Job(work, assignment())

    asyncio.run(ask())
    work.go.set()
    assert work.ended.wait(PATIENCE)
    until(lambda: not stream.LANE.running)


# -- what there is no room for --------------------------------------------------------


def test_where_too_much_waits_a_sentence_says_when_to_ask_again(lane):
    busy = [Work() for _ in range(THREADS)]
    late = Work()
    routes = {f"busy{i}": work.route for i, work in enumerate(busy)}
    with serving(**routes, late=late.route) as port:
        lines = [asking(port, name) for name in routes]
        for work in busy:
            assert work.begun.wait(PATIENCE)
        lines += [asking(port, "late") for _ in range(lane.most)]
        until(lambda: lane.waiting == lane.most)
        with closing(asking(port, "late")) as line:
            status, headers, body = answered(line)
        assert status == 503
        assert int(headers["retry-after"]) >= 1
        assert body.decode().startswith("The server is busy; try again in ")
        for work in (*busy, late):
            work.go.set()
        for line in lines:
            with closing(line):
                assert answered(line)[2].endswith(b"the answer")


def test_work_that_gives_way_to_another_client_is_answered_503(lane):
    busy, other = [Work() for _ in range(THREADS)], Work()
    for work in (*busy, other):
        work.go.set()
    held = threading.Event()
    for _ in range(THREADS):
        lane.submit(Client("someone"), lambda: held.wait(PATIENCE))
    until(lambda: lane.running == THREADS)

    async def from_another(request):
        there = stream.Assignment(lane, Client("there"))
        return await stream.respond(request, other, there)

    with serving(busy=busy[0].route, other=from_another) as port:
        lines = [asking(port, "busy") for _ in range(lane.most)]
        until(lambda: lane.waiting == lane.most)
        last = asking(port, "other")
        until(lambda: lane.refused == 1)
        held.set()
        statuses = sorted(answered(line)[0] for line in [*lines, last])
        for line in [*lines, last]:
            line.close()
    assert statuses == [200] * lane.most + [503]


def test_work_that_takes_too_long_is_given_up_with_a_sentence():
    def slow(progress):
        for _ in range(2000):
            progress(0.5)
            time.sleep(0.01)
        return b"never"

    async def streamed(request):
        return await stream.respond(request, slow, assignment(seconds=0.3))

    async def file(request):
        return await stream.deliver(request, slow, assignment(seconds=0.3))

    with serving(streamed=streamed, file=file) as port:
        with closing(asking(port, "streamed")) as line:
            status, _, body = answered(line)
        progress, mark, sentence = body.partition(stream.REFUSAL)
        assert (status, set(progress), mark) == (200, {50}, b"\xff")
        assert sentence.startswith(b"This was stopped after 0.3 seconds")
        with closing(asking(port, "file")) as line:
            status, _, body = answered(line)
        assert (status, body) == (400, sentence)


@pytest.mark.parametrize("kind", ["answer", "refusal", "gone", "queue", "failure"])
def test_room_for_an_answer_is_given_back_however_it_ends(kind, lane):
    outbox = Outbox(2**20)
    work = Work()

    def fail(progress):
        raise ZeroDivisionError if kind == "failure" else ValueError("no")

    compute = fail if kind in ("refusal", "failure") else work
    if kind == "queue":
        held = threading.Event()
        for count in (THREADS, lane.most):
            for _ in range(count):
                lane.submit(Client("here"), lambda: held.wait(PATIENCE))
            until(lambda: lane.running == THREADS)

    async def route(request):
        lease = outbox.reserve(1000)
        work.asked.set()
        return await stream.respond(request, compute, assignment(lease=lease))

    with serving(work=route) as port:
        line = asking(port, "work")
        assert work.asked.wait(PATIENCE)
        if kind == "answer":
            assert outbox.held == 1000
            work.go.set()
        if kind == "gone":
            assert work.begun.wait(PATIENCE)
            line.close()
        else:
            status = answered(line)[0]
            expected = {"answer": 200, "refusal": 400, "queue": 503, "failure": 500}
            assert status == expected[kind]
            line.close()
        until(lambda: outbox.held == 0)
        if kind == "queue":
            held.set()


def test_an_answer_larger_than_there_is_room_for_is_refused():
    outbox = Outbox(2**16)

    async def route(request):
        lease = outbox.reserve(10)
        long = b"x" * 2**17
        return await stream.deliver(
            request, lambda progress: long, assignment(lease=lease)
        )

    with serving(work=route) as port, closing(asking(port, "work")) as line:
        assert answered(line)[0] in (400, 503)
    assert outbox.held == 0


@pytest.mark.parametrize(
    ("error", "status", "after"),
    [
        (ValueError("the steps are too many"), 400, None),
        (stream.Refused("steps “x” is not a number."), 400, None),
        (Busy(2.5), 503, "3"),
        (Full("There is no room now.", 5), 503, "5"),
        (Full("There never is room for that.", None), 400, None),
    ],
)
def test_each_refusal_is_one_sentence(error, status, after):
    response = stream.refusal(error)
    assert (response.status_code, response.headers.get("retry-after")) == (
        status,
        after,
    )
    text = response.body.decode()
    assert text.endswith(".")
    if not isinstance(error, stream.Refused):
        assert text[0].isupper()
