"""The process ends in time, whatever is under way."""

import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from loopback import EACH_WAY, ROOT, Server, answer, free_port, tiny, until
from websockets.sync.client import connect

SHORT = {"finish_within": 1, "stop_within": 2.0}
WITHIN = 5
SIGNALS = [signal.SIGTERM, signal.SIGINT]


def ended_by(status, number):
    """Whether an exit status is that of a process that a signal has ended."""
    return status in (-number, 128 + number)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("work", ["busy_pool", "busy_thread", "busy_loop"])
def test_work_under_way_does_not_keep_the_process(work, number):
    with tiny(**SHORT) as server:
        assert server.get(f"/{work}") == (200, b"busy")
        time.sleep(0.5)
        took, status = server.stop(number)
    assert took < WITHIN
    assert ended_by(status, number)


def test_work_that_lets_no_python_run_does_not_keep_the_process():
    with tiny(**SHORT) as server, server.ask("/late?seconds=300"):
        assert server.get("/busy_python") == (200, b"busy")
        took, status = server.stop()
    assert took < WITHIN
    assert status == 1


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(("loop", "parser"), EACH_WAY)
def test_clients_do_not_keep_the_process(loop, parser, number):
    with (
        tiny(loop, parser, **SHORT) as server,
        server.ask("/large?size=50000000"),
        server.ask("/at_once?size=50000000"),
        server.ask("/late?seconds=300"),
        server.connect(),
        server.connect() as dripping,
        connect(f"ws://127.0.0.1:{server.port}/echo") as websocket,
    ):
        dripping.sendall(b"GET /small HTTP/1.1\r\nx:")
        websocket.send("here")
        assert websocket.recv() == "here"
        time.sleep(0.5)
        took, status = server.stop(number)
    assert took < WITHIN
    assert ended_by(status, number)


@pytest.mark.parametrize(("loop", "parser"), EACH_WAY)
def test_a_request_that_ends_in_time_is_answered(loop, parser):
    limits = {"finish_within": 30, "stop_within": 40.0}
    with tiny(loop, parser, **limits) as server:
        with server.ask("/late?seconds=1") as line:
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            assert answer(line) == (200, b"late")
            took, status = server.stop()
        assert took < 20
        assert status == -signal.SIGTERM
        server.until_said("Application shutdown complete")


def test_a_second_interrupt_ends_the_waiting():
    limits = {"finish_within": 300, "stop_within": 400.0}
    with tiny(**limits) as server, server.ask("/late?seconds=300"):
        time.sleep(0.3)
        server.process.send_signal(signal.SIGINT)
        server.until_said("Waiting for connections to close")
        server.stop(signal.SIGINT)


def test_a_server_that_ends_without_a_signal_ends_nothing_else():
    code = """
import asyncio, json, os, sys, threading, time
sys.path.insert(0, "tests")
os.environ["LIMITS"] = json.dumps({"finish_within": 1, "stop_within": 1.2})
import uvicorn
from tiny_app import app
server = uvicorn.Server(uvicorn.Config(app, port=0))
def stop():
    while not server.started:
        time.sleep(0.01)
    server.should_exit = True
threading.Thread(target=stop).start()
server.run()
time.sleep(2)
print([thread.name for thread in threading.enumerate()])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60
    )
    assert done.stdout.decode().strip() == "['MainThread']"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("work", "number"),
    [
        ("/swarm?steps=2000&starts=256", signal.SIGTERM),
        ("/busy", signal.SIGINT),
        (None, signal.SIGINT),
    ],
)
def test_the_app_ends_in_time(work, number):
    port = free_port()
    command = [
        *(sys.executable, "-m", "streamlit", "run"),
        *("--server.port", str(port), "--server.address", "127.0.0.1"),
        str(Path(__file__).parent / "watched_app.py"),
    ]
    with closing(Server(command, {})) as server, ExitStack() as stack:
        server.port = port
        until(lambda: server.answers("/_stcore/health"))
        # Without any work asked for, it compiles the surfaces' races by itself.
        if work is not None:
            line = stack.enter_context(server.ask(work))
            assert line.recv(12) == b"HTTP/1.1 200"
        took, status = server.stop(number)
    assert took < WITHIN
    assert ended_by(status, number)
