"""Real servers in processes of their own, and clients that behave as they like."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from benchmarks.proxy import program

ROOT = Path(__file__).parents[1]

PATIENCE = 60
"""Seconds that a busy machine is given for what takes none."""

LOOPS = [loop for loop in ("asyncio", "uvloop") if find_spec(loop)]
PARSERS = [parser for parser in ("h11", "httptools") if find_spec(parser)]

# Every loop and every parser, but not all of them with each other.
EACH_WAY = [(loop, "h11") for loop in LOOPS]
EACH_WAY += [(LOOPS[-1], parser) for parser in PARSERS if parser != "h11"]


class Server:
    """A server that is running, and what it has said."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.said = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.port = 0

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line.decode().rstrip())

    def until_said(self, pattern):
        """Waits for a line of its log, and finds a pattern in it."""
        return until(
            lambda: next(filter(None, (re.search(pattern, x) for x in self.said)), None)
        )

    def connect(self, **options):
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE, **options)

    def ask(self, target, **options):
        """A connection on which a GET was sent."""
        line = self.connect(**options)
        line.sendall(f"GET {target} HTTP/1.1\r\nhost: here\r\n\r\n".encode())
        return line

    def get(self, target):
        """The status and the body of an answer, on a connection of its own."""
        with self.ask(target) as line:
            return answer(line)

    def answers(self, target):
        """Whether it answers; it may not even be listening yet."""
        assert self.process.poll() is None, self.said
        try:
            return self.get(target)[0] == 200
        except ConnectionError:
            return False

    def stop(self, number=signal.SIGTERM, within=PATIENCE):
        """The seconds that it takes to end after a signal, and its exit status."""
        began = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(within)
        return time.monotonic() - began, status

    def close(self):
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stderr.close()


@contextmanager
def tiny(loop="asyncio", parser="h11", options=(), before="", **limits):
    """The tiny app on a server of uvicorn's.

    Args:
        loop: The event loop.
        parser: Of HTTP.
        options: More of uvicorn's.
        before: A line of Python that comes before all else.
        limits: Of its connections.
    """
    arguments = [
        *("tiny_app:app", "--app-dir", str(Path(__file__).parent), "--port", "0"),
        *("--loop", loop, "--http", parser, "--ws", "websockets-sansio", *options),
    ]
    code = f"{before}\nimport uvicorn\nuvicorn.main({arguments!r})"
    server = Server([sys.executable, "-c", code], {"LIMITS": json.dumps(limits)})
    try:
        server.port = int(server.until_said(r"running on http://.*:(\d+)")[1])
        yield server
    finally:
        server.close()


def answer(line):
    """The status and the body of an answer that has a length."""
    whole = b""
    while b"\r\n\r\n" not in whole:
        part = line.recv(65536)
        assert part, whole
        whole += part
    head, _, body = whole.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])
    parts, missing = [body], length - len(body)
    while missing:
        parts.append(line.recv(2**20))
        assert parts[-1], f"{missing} bytes are missing"
        missing -= len(parts[-1])
    return int(head.split()[1]), b"".join(parts)


def closed(line):
    """Whether the other side has closed a connection; takes what came before."""
    line.setblocking(False)
    try:
        while line.recv(2**20):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


def installed_nginx():
    """Where nginx is; where there is none, it is installed, if that is possible."""
    for command in (["update"], ["install", "--yes", "nginx-light"]):
        if program() is None:
            subprocess.run(["apt-get", *command], stdin=subprocess.DEVNULL, check=True)
    found = program()
    assert found is not None, "These tests need nginx: apt-get install nginx-light"
    return found


def until(true, within=PATIENCE):
    """Waits for something to be true and returns it; fails if it never is."""
    end = time.monotonic() + within
    while not (what := true()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return what


def free_port():
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
