"""Users of a running page, in a process of their own.

    python -m benchmarks.clients WAY PORT TICK SECONDS

WAY is how a user's changes travel: `route` (GET race, kept alive), `together` (the
same, the rate of all five rules at once), `rerun` (our page's script) or `stock` (the
stock page's). Each user makes a change every TICK seconds; as in the player, one is
under way at a time and the newest waits. Each user of a route starts at a point of
their own, so that no two of them ever ask for the same run. For each
number of users on its standard input it prints one JSON object: the seconds each
change took, the ages of those not answered a while after time was up, and how often
the server was busy, or gone before the end of its answer: then a user asks again.
"""

import asyncio
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

import uvloop

from benchmarks.protocol import player_edit, session, slider_move

Change = Callable[[float], Awaitable[None]]  # of log10 of a learning rate

RACE = "surface=rosenbrock&steps=500"
ANSWERED, BUSY = b"200", b"503"
AGAIN = 0.5  # seconds after which what was cut off is asked for again
GRACE = 1.0  # seconds after the last change in which answers still count


@asynccontextmanager
async def by_route(
    port: int, seen: Counter[str], *, rate: str
) -> AsyncIterator[Change]:
    """A user of the live route; plain sockets, to leave the processor to the page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    start = f"{random.uniform(-2, 2):.6f},{random.uniform(-1, 3):.6f}"

    async def ask(power: float) -> dict[bytes, bytes]:
        """The headers of an answer; of the first line, what follows the first blank."""
        writer.write(
            f"GET /race?{RACE}&start={start}&{rate}={10**power:.6f} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{port}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.lower().splitlines()
        named = dict(line.split(b": ", 1) for line in lines if line)
        if b"content-length" in named:
            await reader.readexactly(int(named[b"content-length"]))
        else:  # Its progress comes first.
            while size := int(await reader.readuntil(b"\r\n"), 16):
                await reader.readexactly(size + 2)
            await reader.readuntil(b"\r\n")
        return named | {b"status": first.split(b" ", 1)[1]}

    async def whole(power: float) -> dict[bytes, bytes]:
        """The same, of a server that may be killed meanwhile."""
        nonlocal reader, writer
        while True:
            try:
                return await ask(power)
            except (asyncio.IncompleteReadError, ConnectionError):
                # As the player does.
                seen["cut off"] += 1
                writer.close()
                await asyncio.sleep(AGAIN)
                reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def change(power: float) -> None:
        while (found := await whole(power))[b"status"].startswith(BUSY):
            seen["busy"] += 1
            await asyncio.sleep(int(found[b"retry-after"]))
        if not found[b"status"].startswith(ANSWERED):
            raise ConnectionError(found[b"status"].decode())

    try:
        yield change
    finally:
        writer.close()


@asynccontextmanager
async def by_script(
    port: int, _: Counter[str], *, edit: Callable
) -> AsyncIterator[Change]:
    """A user whose changes run the page's script."""
    async with session(port, edit) as one:
        yield one.run


WAYS = {
    "route": partial(by_route, rate="adam.lr"),
    "together": partial(by_route, rate="lr"),
    "rerun": partial(by_script, edit=player_edit),
    "stock": partial(by_script, edit=slider_move),
}


class Times(NamedTuple):
    """Seconds from changes to their answers, and the ages of those without one.

    And how often the server was busy, or an answer was cut off.
    """

    answered: list[float]
    waiting: list[float]
    seen: Counter[str]


async def use(change: Change, tick: float, seconds: float, times: Times) -> None:
    """One user, from a moment of their own on."""
    now = asyncio.get_running_loop().time
    end = now() + seconds
    due = now() + random.random() * tick
    # Up and down two decades in small steps: no value twice in a row.
    for k in itertools.count():
        if due < now():
            due += (now() - due) // tick * tick
        if due >= end:
            return
        await asyncio.sleep(due - now())
        try:
            await change(-2.5 + abs(k % 400 - 200) / 100)
        except asyncio.CancelledError:
            times.waiting.append(now() - due)
            raise
        times.answered.append(now() - due)
        due += tick


async def play_users(
    way: str, port: int, tick: float, seconds: float, users: int
) -> Times:
    """Many users at once."""
    times = Times([], [], Counter())
    async with AsyncExitStack() as stack:
        changes = [
            await stack.enter_async_context(WAYS[way](port, times.seen))
            for _ in range(users)
        ]
        tasks = [
            asyncio.create_task(use(change, tick, seconds, times)) for change in changes
        ]
        done, late = await asyncio.wait(tasks, timeout=seconds + GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()
    return times


def main() -> None:
    """Runs what the command line says."""
    way, port, tick, seconds = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for users in map(int, sys.stdin):
            load = play_users(way, int(port), float(tick), float(seconds), users)
            print(json.dumps(runner.run(load)._asdict()), flush=True)


if __name__ == "__main__":
    main()
