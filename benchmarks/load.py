"""Many users at once, on one server process.

Measured: 40 users who change a learning rate every 2 s, by the live route and by
rerunning the page's script, which is what the release of a slider does; and how many
users can drag at 10 changes a second before the 95th percentile passes 150 ms.
Against: the rerun of the stock page; for the dragging, a rerun of our own page for
each change. How: clients in a process of their own (clients.py), over 127.0.0.1; the
number of users is doubled until it is too many, then halved in upon. And: the live
route of one user, alone and while another has large studies computed.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from urllib.request import urlopen

from benchmarks.server import OURS, ROOT, STOCK, Server, warm
from benchmarks.table import Table, number, p50, p95, times
from optim import OPTIMIZERS

USERS = 40
PAUSE = 2.0  # seconds between two changes of a user
WATCH = 4.0  # seconds
DRAG_TICK = 0.1
DRAG_WATCH = 1.5
LIMIT = 0.150  # seconds
MOST = 256
HALVINGS = 3
STUDY = f"basins?surface=himmelblau&size=256&on={','.join(list(OPTIMIZERS)[:8])}&steps="
STUDY_WATCH = 10.0


@dataclass(frozen=True)
class Waits:
    """Seconds to an answer, or for that many changes in vain until time was up."""

    took: list[float]
    waiting: int
    seen: dict[str, int] = field(default_factory=dict)
    """How often a user was refused (busy), or an answer was cut off."""


@contextmanager
def clients(
    way: str, port: int, tick: float, seconds: float
) -> Iterator[Callable[[int], Waits]]:
    """A process that plays as many users as it is asked to."""
    words = [way, port, tick, seconds]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.clients", *map(str, words)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def play(users: int) -> Waits:
            print(users, file=asked, flush=True)
            answer = answers.readline()
            if not answer:
                raise RuntimeError(f"the clients of way {way} failed")
            seen = json.loads(answer)
            took = seen["answered"] + seen["waiting"]
            return Waits(took, len(seen["waiting"]), seen["seen"])

        yield play


def _most(late: Callable[[int], float], first: int) -> tuple[int, dict[int, float]]:
    """The most users with a p95 within the limit, and the p95 of each number tried."""
    tried: dict[int, float] = {}

    def bearable(users: int) -> bool:
        tried[users] = late(users)
        return tried[users] <= LIMIT

    good, bad = 0, first
    while bad <= MOST and bearable(bad):
        good, bad = bad, bad * 2
    for _ in range(HALVINGS if bad <= MOST else 0):
        middle = (good + bad) // 2
        if middle == good:
            break
        if bearable(middle):
            good = middle
        else:
            bad = middle
    return good, tried


def _steadily(way: str, server: Server) -> Waits:
    with clients(way, server.port, PAUSE, WATCH) as play:
        return play(USERS)


def _dragging(way: str, server: Server, first: int) -> tuple[int, dict[int, float]]:
    with clients(way, server.port, DRAG_TICK, DRAG_WATCH) as play:
        return _most(lambda users: p95(play(users).took), first)


@contextmanager
def _studying(server: Server) -> Iterator[list[float]]:
    """Has studies computed, one after another, while the block runs.

    The first is over when it begins: it compiles. What is yielded grows by the seconds
    that each of the others takes.
    """
    stop, took = threading.Event(), []
    # What was computed before would be kept.
    steps = iter(range(5000, 0, -1))

    def study() -> None:
        began = perf_counter()
        with urlopen(f"{server.url}{STUDY}{next(steps)}") as answer:
            while answer.read(1 << 16):
                if stop.is_set():
                    return
        took.append(perf_counter() - began)

    def again_and_again() -> None:
        while not stop.is_set():
            study()

    study()
    took.clear()
    other = threading.Thread(target=again_and_again)
    other.start()
    try:
        yield took
    finally:
        stop.set()
        other.join()


def _beside_studies(server: Server) -> Table:
    with clients("route", server.port, DRAG_TICK, STUDY_WATCH) as play:
        alone = play(1).took
        with _studying(server) as studies:
            beside = play(1).took
            finished = f"{len(studies)} in {STUDY_WATCH:g} s"
    return Table(
        f"The live route of one user, {1 / DRAG_TICK:g} changes/s, beside studies",
        ("", "p50", "", "p95", "", "studies"),
        [
            (
                name,
                number(p50(took) * 1e3, "ms"),
                times(p50(took), p50(alone)),
                number(p95(took) * 1e3, "ms"),
                times(p95(took), p95(alone)),
                count,
            )
            for name, took, count in (
                ("alone", alone, "0"),
                ("while another studies", beside, finished),
            )
        ],
        "× is against alone. A study: where 256² starts lead eight optimizers in "
        "5,000 steps, or one less each time. The clients share the processor with the "
        "server.",
    )


def _steady(loads: dict[str, Waits]) -> Table:
    base = loads["our page, live route"].took
    return Table(
        f"{USERS} users, {PAUSE:g} s between changes",
        ("", "p50", "", "p95", "", "not answered"),
        [
            (
                name,
                number(p50(load.took) * 1e3, "ms"),
                times(p50(load.took), p50(base)),
                number(p95(load.took) * 1e3, "ms"),
                times(p95(load.took), p95(base)),
                f"{load.waiting} of {len(load.took)}",
            )
            for name, load in loads.items()
        ],
        f"× is against our live route. Watched for {WATCH:g} s; a change not answered "
        "a second later counts with its age, so those figures are too low.",
    )


def _drags(drags: dict[str, tuple[int, dict[int, float]]]) -> Table:
    base = drags["our page, rerun"][0]
    return Table(
        f"Users dragging at {1 / DRAG_TICK:g} changes/s within {LIMIT * 1e3:g} ms",
        ("", "users", "", "users: p95 in ms"),
        [
            (
                name,
                str(most),
                times(most, base),
                ", ".join(f"{n}: {p * 1e3:.0f}" for n, p in sorted(tried.items())),
            )
            for name, (most, tried) in drags.items()
        ],
        "× is against reruns of our own page. A user drags Adam's rate; or that of all "
        "five at once, where no run is as it was before. The clients share the "
        "processor with the server.",
    )


def tables() -> list[Table]:
    """Steady users, then dragging ones, then one beside studies."""
    with warm(STOCK) as server:
        stock = _steadily("stock", server)
    with warm(OURS) as server:
        loads = {
            "our page, live route": _steadily("route", server),
            "our page, rerun": _steadily("rerun", server),
            "stock page, rerun": stock,
        }
        drags = {
            "our page, live route": _dragging("route", server, first=8),
            "the same, all five rates": _dragging("together", server, first=8),
            "our page, rerun": _dragging("rerun", server, first=1),
        }
        beside = _beside_studies(server)
    return [_steady(loads), _drags(drags), beside]
