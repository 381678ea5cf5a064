"""Pages that follow a room, in a process of their own.

    python -m benchmarks.followers PORT CODE MANY SECONDS

Each holds a connection on which it is sent what the room shows, and asks on another for
the race of that, as the player does: one at a time, and the newest waits. What is shown
says in its learning rate when it was said. Prints one JSON object: the median and the
95th percentile of the seconds until pages heard of it, and until they had the race; and
how many races that were.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from urllib.parse import parse_qs

import uvloop

from benchmarks.table import p50, p95

BASE = 1e-2
"""The learning rate that stands for no time at all; a microsecond is 1e-9 more."""


def rate_of(moment: float) -> str:
    """A learning rate that says a time of the machine's clock, within 1000 s."""
    return f"{BASE + (moment % 1000) * 1e-3:.9f}"


def moment_of(rate: str) -> float:
    """The time that a learning rate says, within 1000 s."""
    return (float(rate) - BASE) * 1e3


def since(rate: str) -> float:
    """Seconds since the time that a learning rate says."""
    return (time.monotonic() % 1000 - moment_of(rate)) % 1000


class Follower:
    """One page."""

    def __init__(self, port: int, code: str) -> None:
        """Not connected yet."""
        self.port, self.code = port, code
        self.heard: list[float] = []
        self.raced: list[float] = []
        self._newest = ""
        self._news = asyncio.Event()

    async def follow(self) -> None:
        """Reads what the room shows."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /room/{self.code} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        with suppress(asyncio.IncompleteReadError):
            while line := await reader.readline():
                if not line.startswith(b"{"):
                    continue  # the size of a chunk, or a beat
                query = json.loads(line)["shows"]["query"]
                rate = parse_qs(query)["adam.lr"][0]
                if query != self._newest:
                    self.heard.append(since(rate))
                    self._newest = query
                    self._news.set()

    async def race(self) -> None:
        """Asks for the race of what is shown."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while True:
            await self._news.wait()
            self._news.clear()
            query = self._newest
            writer.write(f"GET /race?{query} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(
                line.split(b": ", 1) for line in head.lower().splitlines()[1:] if line
            )
            await reader.readexactly(int(fields[b"content-length"]))
            if head.split()[1] == b"200":
                self.raced.append(since(parse_qs(query)["adam.lr"][0]))
            else:
                await asyncio.sleep(float(fields.get(b"retry-after", b"1")))
                self._news.set()


async def play(
    port: int, code: str, many: int, seconds: float
) -> dict[str, tuple[float, float, int]]:
    """Follows for a while, with many pages."""
    pages = [Follower(port, code) for _ in range(many)]
    tasks = [asyncio.create_task(page.follow()) for page in pages]
    tasks += [asyncio.create_task(page.race()) for page in pages]
    await asyncio.sleep(seconds)
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    # The first is what was shown before.
    heard = [took for page in pages for took in page.heard[1:]]
    raced = [took for page in pages for took in page.raced[1:]]
    return {
        name: (p50(all_), p95(all_), len(all_))
        for name, all_ in (("heard", heard), ("raced", raced))
    }


def main() -> None:
    """Runs what the command line says."""
    port, code, many, seconds = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(play(int(port), code, int(many), float(seconds)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
