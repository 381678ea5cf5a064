"""Several servers behind nginx: how many users they carry, and what a lost one costs.

Measured: 120 users who drag, behind nginx on three replicas, with each browser at one
of them and without; the same while one is killed and started again; and how often a
page goes on by itself, with all that was set, when each of two replicas is killed while
a slider is held, or replaced by a newer version. Against: the same users on one
replica, without nginx. REPLICAS_USERS=20 has fewer users.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from playwright.sync_api import Error, Page

from benchmarks.browser import chromium, opened
from benchmarks.load import Waits, clients
from benchmarks.proxy import ANYWHERE, STICKY, Replica, proxied, replicas
from benchmarks.server import PATIENCE
from benchmarks.table import Table, number, p50, p95, times

USERS = int(os.environ.get("REPLICAS_USERS", "120"))
COUNT = 3
TICK = 0.5  # seconds between two changes of a user
WATCH = 10.0
KILLED_AFTER = 3.0  # seconds
RUNS = 5
QUERY = "?momentum.beta=0.5&steps=400"
SHOWN = "Number(document.querySelector('.player')?.dataset.pictures) > %d"
VERSION = "document.documentElement.dataset.player"
# As if the page had been open for half a minute: before, it does not reload itself.
LATER = """const now = performance.now.bind(performance);
performance.now = () => now() + 30_000;"""


def _users(port: int) -> Waits:
    with clients("route", port, TICK, WATCH) as play:
        return play(USERS)


def _warmed(all_of_them: list[Replica]) -> None:
    for one in all_of_them:
        with urlopen(f"{one.url}race?steps=500", timeout=PATIENCE):
            pass


@contextmanager
def _one_killed(one: Replica) -> Iterator[None]:
    """While the block runs, a replica is killed and started again."""

    def act() -> None:
        time.sleep(KILLED_AFTER)
        one.kill()
        one.start()

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        one.wait()


def _loads() -> Table:
    with replicas(COUNT) as three:
        _warmed(three)
        ports = [one.port for one in three]
        loads = {"one replica, no nginx": _users(ports[0])}
        for name, some, balance in (
            ("one replica", ports[:1], ANYWHERE),
            ("three", ports, ANYWHERE),
            ("three, each browser at one", ports, STICKY),
        ):
            with proxied(some, balance) as port:
                loads[name] = _users(port)
        with proxied(ports) as port, _one_killed(three[0]):
            loads["three, one killed"] = _users(port)
    base = loads["one replica, no nginx"].took
    return Table(
        f"{USERS} users, {1 / TICK:g} changes/s each, behind nginx",
        ("", "p50", "", "p95", "", "answers", "refused", "cut off", "not answered"),
        [
            (
                name,
                number(p50(load.took) * 1e3, "ms"),
                times(p50(load.took), p50(base)),
                number(p95(load.took) * 1e3, "ms"),
                times(p95(load.took), p95(base)),
                f"{len(load.took) - load.waiting:,}",
                str(load.seen.get("busy", 0)),
                str(load.seen.get("cut off", 0)),
                str(load.waiting),
            )
            for name, load in loads.items()
        ],
        f"× is against one replica without nginx. Watched for {WATCH:g} s. Refused: "
        "answered 503, and asked again after the pause that was asked for. Cut off: "
        "the replica was killed while it sent, and the user asked again. Users, nginx "
        f"and replicas share {os.cpu_count()} processors, so that three replicas have "
        "no more of them than one.",
    )


def _move(page: Page, *parts: float) -> None:
    """Moves the mouse along a slider."""
    slider = page.get_by_test_id("lr-adam").bounding_box()
    assert slider is not None
    y = slider["y"] + slider["height"] / 2
    for part in parts:
        page.mouse.move(slider["x"] + part * slider["width"], y, steps=4)


def _kept(page: Page, value: str) -> bool:
    """Whether the page shows what was set, and its address says it within a while."""
    until = time.time() + PATIENCE
    while time.time() < until:
        found = dict(page.evaluate("[...new URLSearchParams(location.search)]"))
        if float(found.get("adam.lr", "nan")) == float(value):
            shown = page.get_by_test_id("lr-adam-value").input_value()
            rest = found.get("momentum.beta"), found.get("steps")
            return shown == value and rest == ("0.5", "400")
        page.wait_for_timeout(100)
    return False


def _killed(page: Page, both: list[Replica], k: int) -> tuple[bool, float]:
    """Each of two replicas is killed while a slider is held, and started again."""
    _move(page, 0.5)
    page.mouse.down()
    _move(page, 0.4)
    took = []
    for one in both:
        before = int(page.locator(".player").get_attribute("data-pictures") or 0)
        one.kill()
        began = time.time()
        _move(page, 0.1 + 0.05 * k)
        page.wait_for_function(SHOWN % before)
        took.append(time.time() - began)
        one.start()
        one.wait()
        k += 1
    page.mouse.up()
    value = page.get_by_test_id("lr-adam-value").input_value()
    return _kept(page, value), max(took)


def _replaced(page: Page, both: list[Replica], k: int) -> tuple[bool, float]:
    """Both are replaced by the other version, one after the other."""
    before = page.evaluate(VERSION)
    for one in both:
        one.kill()
        one.start(newer=k % 2 == 0)
        one.wait()
    _move(page, 0.5)
    page.mouse.down()
    _move(page, 0.1 + 0.05 * k)
    value = page.get_by_test_id("lr-adam-value").input_value()
    page.mouse.up()
    began = time.time()
    while time.time() < began + PATIENCE:
        try:
            if page.evaluate(VERSION) not in (None, before):
                break
        except Error:
            pass  # It is being loaded.
        page.wait_for_timeout(50)
    page.wait_for_function(SHOWN % 0)
    return _kept(page, value), time.time() - began


def _pages() -> Table:
    rows = []
    with chromium() as browser, replicas(2) as both:
        with proxied([one.port for one in both]) as port:
            for name, act in (
                ("each is killed while a slider is held", _killed),
                ("both are replaced by another version", _replaced),
            ):
                with opened(browser) as page:
                    page.add_init_script(LATER)
                    page.goto(f"http://127.0.0.1:{port}/{QUERY}")
                    page.wait_for_function(SHOWN % 0)
                    ends = [act(page, both, k) for k in range(RUNS)]
                rows.append(
                    (
                        name,
                        f"{sum(kept for kept, _ in ends)} of {RUNS}",
                        number(p50([took for _, took in ends]), "s"),
                    )
                )
    return Table(
        "A page on two replicas",
        ("", "goes on, nothing lost", "until the next picture"),
        rows,
        "Medians. From the kill, and from the release of the slider: a page of another "
        "version reloads itself a second after that.",
    )


def tables() -> list[Table]:
    """Users, then a page."""
    return [_loads(), _pages()]
