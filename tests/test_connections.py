"""Connections that only wait are closed, others are left alone."""

import asyncio
import logging
import resource
import time
from contextlib import ExitStack
from dataclasses import asdict
from types import SimpleNamespace

import pytest
import uvicorn
from loopback import EACH_WAY, LOOPS, answer, closed, tiny, until
from websockets.sync.client import connect

from views.serving.connections import ConnectionLimits, adjust, running_server, watched
from views.serving.descriptors import allow_descriptors
from views.serving.sweep import Stage, Sweep, stage

MANY = 200
FILES = 60
SHORT = {
    "header_timeout": 1.0,
    "keep_alive": 1,
    "body_timeout": 1.0,
    "write_timeout": 2.0,
    "sweep_every": 0.1,
}
LONG = {key: 1000 for key in ("header_timeout", "body_timeout", "write_timeout")}


@pytest.fixture(
    scope="module", params=EACH_WAY, ids=["-".join(each) for each in EACH_WAY]
)
def server(request):
    """A server with little patience."""
    with tiny(*request.param, options=["--timeout-keep-alive", "1"], **SHORT) as server:
        yield server


def drip(lines, text, true):
    """Sends a text a byte at a time on all connections, until something is true."""
    for byte in text:
        if true():
            return True
        for line in lines:
            try:
                line.send(bytes([byte]))
            except ConnectionError:
                pass
        time.sleep(0.05)
    return true()


def read(line):
    """The number of bytes that come before the end of a connection."""
    return sum(iter(lambda: len(line.recv(2**20)), 0))


# -- connections that wait ------------------------------------------------------------


def test_connections_on_which_nothing_comes_are_closed(server):
    with ExitStack() as stack:
        lines = [stack.enter_context(server.connect()) for _ in range(MANY)]
        until(lambda: all(map(closed, lines)))
        assert server.get("/small") == (200, b"hello")


def test_connections_whose_header_never_ends_are_closed(server):
    with ExitStack() as stack:
        lines = [stack.enter_context(server.connect()) for _ in range(MANY)]
        for line in lines:
            line.sendall(b"GET /small HTTP/1.1\r\nx: ")
        assert drip(lines, b"y" * 400, lambda: all(map(closed, lines)))


def test_a_second_header_that_never_ends_closes_a_connection_too(server):
    with server.ask("/small") as line:
        assert answer(line) == (200, b"hello")
        header = b"GET /small HTTP/1.1\r\nx: " + b"y" * 400
        assert drip([line], header, lambda: closed(line))


def test_a_connection_without_another_request_is_closed(server):
    with server.ask("/small") as line:
        assert answer(line) == (200, b"hello")
        until(lambda: closed(line))


def test_a_request_whose_body_never_ends_is_closed(server):
    with server.connect() as line:
        line.sendall(b"POST /upload HTTP/1.1\r\nhost: here\r\n")
        line.sendall(b"content-length: 1000000\r\n\r\n")
        assert drip([line], b"y" * 400, lambda: closed(line))


def test_a_body_that_is_not_wanted_closes_a_connection_too(server):
    with server.connect() as line:
        line.sendall(b"POST /small HTTP/1.1\r\nhost: here\r\n")
        line.sendall(b"content-length: 1000000\r\n\r\n")
        assert answer(line) == (200, b"hello")
        assert drip([line], b"y" * 400, lambda: closed(line))


def test_an_answer_that_is_not_read_closes_its_connection(server):
    size = 50_000_000
    with server.ask(f"/at_once?size={size}") as line:
        time.sleep(2 * SHORT["write_timeout"])
        line.settimeout(20)
        # The system, too, has given up what it had not sent.
        with pytest.raises(ConnectionResetError):
            read(line)


# -- connections that do not ----------------------------------------------------------


def test_a_client_that_comes_again_in_time_keeps_its_connection(server):
    with server.connect() as line:
        for _ in range(15):
            line.sendall(b"GET /small HTTP/1.1\r\nhost: here\r\n\r\n")
            assert answer(line) == (200, b"hello")
            time.sleep(0.2)


def test_requests_sent_ahead_are_all_answered(server):
    with server.connect() as line:
        line.sendall(b"GET /late?seconds=0.5 HTTP/1.1\r\nhost: here\r\n\r\n" * 5)
        line.settimeout(20)
        got = b""
        while got.count(b"\r\n\r\nlate") < 5:
            part = line.recv(65536)
            assert part, got
            got += part


def test_an_answer_may_take_long(server):
    assert server.get("/late?seconds=2.5") == (200, b"late")


def test_a_body_may_come_in_parts(server):
    with server.connect() as line:
        line.sendall(b"POST /upload HTTP/1.1\r\nhost: here\r\n")
        line.sendall(b"content-length: 300000\r\n\r\n")
        for _ in range(3):
            time.sleep(0.1)
            line.sendall(bytes(100_000))
        assert answer(line) == (200, b"300000")


def test_a_client_that_reads_steadily_gets_the_whole_answer(server):
    size = 6_000_000
    with server.ask(f"/at_once?size={size}") as line:
        line.settimeout(20)
        got = 0
        while got < size:
            part = line.recv(100_000)
            assert part
            got += len(part)
            time.sleep(0.05)


def test_a_websocket_stays_open(server):
    with connect(f"ws://127.0.0.1:{server.port}/echo") as websocket:
        time.sleep(3 * SHORT["header_timeout"])
        websocket.send("still here")
        assert websocket.recv(20) == "still here"


# -- too many -------------------------------------------------------------------------


@pytest.mark.parametrize("loop", LOOPS)
def test_of_too_many_connections_the_longest_waiting_are_closed(loop):
    with tiny(loop, most_connections=50, sweep_every=0.1, **LONG) as server:
        with ExitStack() as stack:
            websocket = stack.enter_context(
                connect(f"ws://127.0.0.1:{server.port}/echo")
            )
            busy = stack.enter_context(server.ask("/late?seconds=5"))
            old = [stack.enter_context(server.connect()) for _ in range(40)]
            time.sleep(1)
            assert not any(map(closed, old))
            new = [stack.enter_context(server.connect()) for _ in range(40)]
            until(lambda: sum(map(closed, old)) >= 32)
            time.sleep(0.5)
            assert sum(map(closed, old)) == 32
            assert not any(map(closed, new))
            assert server.get("/small") == (200, b"hello")
            assert answer(busy) == (200, b"late")
            websocket.send("still here")
            assert websocket.recv(20) == "still here"


@pytest.mark.parametrize("loop", LOOPS)
def test_a_client_with_idle_connections_keeps_no_other_out(loop):
    with tiny(loop, most_connections=50, sweep_every=0.1, **LONG) as server:
        with ExitStack() as stack:
            for _ in range(10):
                for _ in range(40):
                    stack.enter_context(server.connect())
                time.sleep(0.3)
                assert server.get("/small") == (200, b"hello")


def test_when_all_of_too_many_are_busy_requests_are_refused():
    with tiny(most_connections=5, **LONG) as server, ExitStack() as stack:
        busy = [stack.enter_context(server.ask("/late?seconds=3")) for _ in range(9)]
        time.sleep(1)
        assert server.get("/small")[0] == 503
        assert [answer(line) for line in busy] == [(200, b"late")] * 9
        until(lambda: server.get("/small") == (200, b"hello"))


@pytest.mark.parametrize("loop", LOOPS)
def test_more_connections_than_open_files_do_no_harm(loop):
    few = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES},) * 2)"
    with tiny(loop, before=few, **LONG) as server, ExitStack() as stack:
        lines = [stack.enter_context(server.connect()) for _ in range(MANY)]
        time.sleep(3)
        # A third of the files; until twice as many are left, others are refused.
        until(lambda: sum(map(closed, lines)) >= MANY - FILES // 3)
        assert server.get("/small") == (200, b"hello")
        assert len(server.said) < 50, "it says it once a second, not all the time"


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    hard = min(before[1] if before[1] >= 0 else 4000, 4000)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, before[1]))
        assert allow_descriptors(100) == 200, "it is never lowered"
        assert allow_descriptors(hard) == hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, before[1])
        if before[1] != resource.RLIM_INFINITY:
            assert allow_descriptors(10**9) == before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


# -- stages ---------------------------------------------------------------------------


class Connection:
    """What the sweep sees of one of uvicorn's connections."""

    def __init__(self, unsent=0, request=None, timer=None, closing=False):
        self.unsent, self.closing, self.ended = unsent, closing, None
        self.cycle, self.timeout_keep_alive_task = request, timer
        self.transport = SimpleNamespace(
            get_write_buffer_size=lambda: self.unsent,
            is_closing=lambda: self.closing,
            close=lambda: self.end("closed"),
            abort=lambda: self.end("aborted"),
            get_extra_info=lambda name: None,
        )

    def end(self, how):
        self.ended = how


def request(complete=False, more=False):
    return SimpleNamespace(response_complete=complete, more_body=more)


def websocket(**state):
    connection = Connection(**state)
    del connection.cycle, connection.timeout_keep_alive_task
    return connection


@pytest.mark.parametrize(
    ("connection", "at"),
    [
        (Connection(), Stage.HEADER),
        (Connection(request=request(complete=True)), Stage.HEADER),
        (Connection(request=request(complete=True), timer=1), Stage.IDLE),
        (Connection(request=request(more=True)), Stage.BODY),
        (Connection(request=request()), None),
        (Connection(request=request(), unsent=1), Stage.SENDING),
        (Connection(request=request(complete=True), unsent=1), Stage.SENDING),
        (Connection(request=request(), unsent=1, closing=True), Stage.SENDING),
        (Connection(closing=True), Stage.CLOSING),
        (websocket(), None),
        (websocket(unsent=1), None),
        (websocket(unsent=1, closing=True), Stage.SENDING),
        (websocket(closing=True), Stage.CLOSING),
    ],
)
def test_stages(connection, at):
    assert stage(connection) is at


def sweep(*connections, **limits):
    server = uvicorn.Server(uvicorn.Config("none"))
    server.server_state.connections.update(connections)
    return Sweep(server, ConnectionLimits(**limits))


def test_an_answer_that_grows_unread_is_no_progress():
    connection = Connection(request=request(), unsent=10)
    looks = sweep(connection, write_timeout=20)
    for now in range(21):
        looks.look(now)
        connection.unsent += 6
    assert connection.ended is None
    looks.look(21)
    assert connection.ended == "aborted"


def test_an_answer_that_shrinks_now_and_then_goes_on():
    connection = Connection(request=request(), unsent=10**6)
    looks = sweep(connection, write_timeout=20)
    for now in range(200):
        looks.look(now)
        if now % 15 == 0:
            connection.unsent -= 1
    assert connection.ended is None


def test_a_connection_that_closing_does_not_end_is_aborted():
    connection = Connection()
    looks = sweep(connection, header_timeout=10)
    looks.look(0)
    looks.look(11)
    assert connection.ended == "closed"
    connection.closing = True
    looks.look(12)
    looks.look(23)
    assert connection.ended == "aborted"


def test_a_new_request_has_the_whole_time_again():
    connection = Connection(request=request(more=True))
    looks = sweep(connection, body_timeout=10)
    for now in range(100):
        if now % 8 == 0:
            connection.cycle = request(more=True)
        looks.look(now)
    assert connection.ended is None


def test_connections_that_are_gone_are_forgotten():
    connection = Connection()
    looks = sweep(connection)
    looks.look(0)
    looks._server.server_state.connections.clear()
    looks.look(1)
    assert looks._seen == {}


# -- settings -------------------------------------------------------------------------


def test_every_limit_is_above_zero():
    for name in asdict(ConnectionLimits()):
        with pytest.raises(ValueError, match=f"^{name} must be above 0.$"):
            ConnectionLimits(**{name: 0})
    with pytest.raises(
        ValueError, match=r"^finish_within must be below stop_within\.$"
    ):
        ConnectionLimits(finish_within=5, stop_within=5)


def test_settings_that_were_chosen_are_kept():
    def adjusted(**chosen):
        config = uvicorn.Config("none", **chosen)
        adjust(config, ConnectionLimits(keep_alive=30, most_connections=50))
        return (
            config.timeout_keep_alive,
            config.limit_concurrency,
            config.timeout_graceful_shutdown,
        )

    assert adjusted() == (30, 100, 3)
    assert adjusted(timeout_keep_alive=70) == (70, 100, 3)
    assert adjusted(limit_concurrency=7) == (30, 7, 3)
    assert adjusted(timeout_graceful_shutdown=1) == (30, 100, 1)
    assert adjusted(timeout_graceful_shutdown=100) == (30, 100, 3)


def test_a_server_that_is_not_uvicorn_is_left_alone(caplog):
    async def live():
        async with watched(ConnectionLimits()):
            return asyncio.all_tasks()

    assert running_server() is None
    with caplog.at_level(logging.WARNING):
        assert len(asyncio.run(live())) == 1
    (record,) = caplog.records
    assert "not uvicorn" in record.message
