"""A class that follows: how soon a lecturer's drag is on all pages.

Measured: the time from a message of the page that leads, ten a second while it drags
Adam's rate, until followers hear of it, and until each has the race of it. Against: the
same with one follower, in the same run. How: the followers are a process of their own
(followers.py), over 127.0.0.1; with Redis, they follow another replica than that which
is led.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection

from benchmarks.followers import rate_of
from benchmarks.server import OURS, ROOT, Server, free_port, serving, warm
from benchmarks.table import Table, number, times

CLASS = 100
LARGE = 400
SECONDS = 10.0
TICK = 0.1
SHOWN = "surface=rosenbrock&steps=500&adam.lr="


class Leader:
    """The page that leads."""

    def __init__(self, port: int) -> None:
        """Opens a room."""
        self._line = HTTPConnection("127.0.0.1", port)
        answer = json.loads(self._send("/room", {}))
        self.code = answer["code"]
        self._key = {"x-room-key": answer["key"]}

    def _send(self, path: str, more: dict[str, str]) -> bytes:
        shows = {
            "query": SHOWN + rate_of(time.monotonic()),
            **{"step": 0, "playing": False, "dragging": True, "revealed": False},
        }
        headers = {"content-type": "application/json", **more}
        self._line.request("POST", path, json.dumps(shows), headers)
        answer = self._line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(body.decode())
        return body

    def drag(self, seconds: float) -> None:
        """Ten messages a second."""
        end = time.monotonic() + seconds
        due = time.monotonic()
        while due < end:
            # What it is too late for is left out.
            due = max(due + TICK, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
            self._send(f"/room/{self.code}", self._key)


def followed(
    lead: Server, follow: Server, many: int
) -> dict[str, tuple[float, float, int]]:
    """What followers.py prints."""
    leader = Leader(lead.port)
    words = [follow.port, leader.code, many, SECONDS]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.followers", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        leader.drag(SECONDS + 1.5)
        found, _ = process.communicate()
    return json.loads(found)


@contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own, from Debian's package, and its address."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(OSError):
                HTTPConnection("127.0.0.1", port).connect()
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _cells(
    found: tuple[float, float, int], base: tuple[float, float, int]
) -> tuple[str, str, str]:
    middle, late, _ = found
    return number(middle * 1e3, "ms"), number(late * 1e3, "ms"), times(late, base[1])


def tables() -> list[Table]:
    """One follower, a class, a large one; then a class at another replica."""
    found = {}
    with warm(OURS) as server:
        for many in (1, CLASS, LARGE):
            found[f"{many} at the process that is led"] = followed(server, server, many)
    with ExitStack() as stack:
        address = stack.enter_context(redis())
        replicas = [
            stack.enter_context(serving(OURS, VISUALIZER_REDIS=address))
            for _ in range(2)
        ]
        for replica in replicas:
            replica.wait("ready")
        found[f"{CLASS} at another, by Redis"] = followed(*replicas, CLASS)
    base = next(iter(found.values()))
    return [
        Table(
            f"Pages that follow a drag of {1 / TICK:g} changes/s",
            ("", "heard: p50", "p95", "", "raced: p50", "p95", "", "races/s"),
            [
                (
                    name,
                    *_cells(each["heard"], base["heard"]),
                    *_cells(each["raced"], base["raced"]),
                    f"{each['raced'][2] / SECONDS:.0f}",
                )
                for name, each in found.items()
            ],
            "× is against one follower. The followers share the processor with the "
            "server.",
        )
    ]
