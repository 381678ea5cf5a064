"""What a visitor costs the server, and so how many of them a machine can have.

Measured: processor seconds of the server for a page that a browser opens, for a race of
a drag, for a rerun of the page's script, for a page that only stands open, and for one
that follows a drag; and the memory of an open page. Against: a race. How: by what the
system says that the process has taken, which others that run meanwhile change little.
"""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import AsyncExitStack

from benchmarks.browser import chromium, opened
from benchmarks.load import clients
from benchmarks.pages import PLAYER
from benchmarks.protocol import player_edit, session
from benchmarks.rooms import Leader
from benchmarks.server import OURS, ROOT, Server, warm
from benchmarks.table import Table, number, times

LOADS = 8
SESSIONS = 500
STANDING = 15.0
CHANGES = 6.0
FOLLOWERS = 50
FOLLOWED = 8.0
SHARE = 0.6  # of a processor that may be taken, so that few have to wait
EVERY = 10.0  # seconds between two changes of a visitor who explores
DRAGGED = 10  # races of one change: it is dragged for a second
STAYS = 600.0  # seconds that a visitor stays, and then opens no other page


def _opening(server: Server) -> float:
    """Processor seconds for a page that a browser opens without anything kept."""
    with chromium() as browser:
        before = server.cpu
        for _ in range(LOADS):
            with opened(browser, server.url) as page:
                page.wait_for_function(f"Number({PLAYER}?.dataset.pictures) > 0")
                page.wait_for_timeout(1500)
        return (server.cpu - before) / LOADS


def _standing(server: Server) -> tuple[float, float]:
    """Megabytes of an open page, and processor seconds that it takes in a second."""

    async def stand() -> tuple[float, float]:
        async with AsyncExitStack() as stack:
            # Of the first, what it brings is there for all.
            await stack.enter_async_context(session(server.port, player_edit))
            before = server.memory
            for _ in range(SESSIONS):
                await stack.enter_async_context(session(server.port, player_edit))
            megabytes = (server.memory - before) / SESSIONS / 1e6
            began = server.cpu
            await asyncio.sleep(STANDING)
            return megabytes, (server.cpu - began) / STANDING / SESSIONS

    return asyncio.run(stand())


def _changing(server: Server, way: str) -> float:
    """Processor seconds for a change."""
    with clients(way, server.port, 0.1, CHANGES) as play:
        play(2)
        before = server.cpu
        found = play(8)
        return (server.cpu - before) / (len(found.took) - found.waiting)


def _following(server: Server) -> float:
    """Processor seconds that a page takes in a second that follows a drag."""
    leader = Leader(server.port)
    words = [server.port, leader.code, FOLLOWERS, FOLLOWED + 3]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.followers", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as process:
        leader.drag(1.5)
        before, began = server.cpu, time.monotonic()
        leader.drag(FOLLOWED)
        taken = (server.cpu - before) / (time.monotonic() - began)
        found, _ = process.communicate()
    assert json.loads(found)["raced"][2] > 0
    return taken / FOLLOWERS


def tables() -> list[Table]:
    """The costs, and what follows for many."""
    with warm(OURS) as server:
        megabytes, standing = _standing(server)  # before anything else was freed
        race, rerun = _changing(server, "route"), _changing(server, "rerun")
        opening = _opening(server)
        following = _following(server)
    exploring = (DRAGGED * race + rerun) / EVERY + standing + opening / STAYS
    costs = [
        ("a page that a browser opens", opening, race),
        ("a race of a drag", race, race),
        ("a rerun of the page's script", rerun, race),
    ]
    rates = [
        ("a page that only stands open", standing),
        ("a visitor who explores", exploring),
        ("a page that follows a drag of 10 changes/s", following),
    ]
    return [
        Table(
            "What a visitor costs the server",
            ("", "processor time", ""),
            [
                (name, number(seconds * 1e3, "ms"), times(seconds, base))
                for name, seconds, base in costs
            ],
            f"× is against a race. An open page has {megabytes:.2f} MB.",
        ),
        Table(
            f"How many there may be, where {SHARE:.0%} of a processor are taken",
            ("", "each", "one processor", "processors for 1,000", "for 100,000"),
            [
                (
                    name,
                    number(each * 1e3, "ms/s"),
                    f"{SHARE / max(each, 1e-9):,.0f}",
                    number(1_000 * each / SHARE, ""),
                    number(100_000 * each / SHARE, ""),
                )
                for name, each in rates
            ],
            f"A visitor who explores drags for a second, {DRAGGED} races and a rerun, "
            f"every {EVERY:g} s, and stays for {STAYS / 60:g} minutes.",
        ),
    ]
