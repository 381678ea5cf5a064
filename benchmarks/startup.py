"""The start: from the server's process to five moving trails in a browser.

Measured: our page without and with compiled code on disk from an earlier start.
Against: the stock page, up to its first plot, which does not move by itself. How:
the browser process is running and its caches are empty; it asks for the page as soon
as the server's port answers; the page itself notes the time. And: ten pages of one warm
server, all asked for at once, against one; and the server's part of that: the script of
ten pages, and whatever they load of ours, without a browser to draw them.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.request import urlopen

from playwright.sync_api import Browser

from benchmarks.browser import chromium, opened
from benchmarks.protocol import player_edit, session
from benchmarks.server import OURS, STOCK, Server, serving, warm
from benchmarks.table import Table, number, p50, times
from views.player_files import EARLY

ROUNDS = 3
PAGES = 10
_NOTE = """
  (() => {
    const there = () => %s;
    const look = () => {
      if (document.documentElement && there()) window.appeared = Date.now() / 1000;
      else requestAnimationFrame(look);
    };
    look();
  })();
"""
# Heads that stand at an iterate beyond the start, one for each optimizer.
MOVING = _NOTE % (
    "Number(document.querySelector('[data-testid=player]')?.dataset.step) > 0"
    " && document.querySelectorAll('.map .head:not([hidden])').length >= 5"
)
PLOTTED = _NOTE % "document.querySelector('.js-plotly-plot')?._fullLayout?.meta"


def _start(browser: Browser, page_file: str, sign: str, cache: str) -> tuple:
    """Seconds to the first answer of the server, and to the sign in the browser."""
    with serving(page_file, XDG_CACHE_HOME=cache) as server, opened(browser) as page:
        page.add_init_script(sign)
        server.wait()
        answered = page.evaluate("Date.now() / 1000")
        page.goto(server.url, wait_until="commit")
        appeared = page.wait_for_function("window.appeared").json_value()
    return answered - server.began, appeared - server.began


def _at_once(browser: Browser, url: str, count: int) -> list[float]:
    """Seconds from the first request to moving trails, of pages opened together."""
    with ExitStack() as stack:
        pages = [stack.enter_context(opened(browser)) for _ in range(count)]
        for page in pages:
            page.add_init_script(MOVING)
        began = time.time()
        for page in pages:
            page.evaluate("(url) => { setTimeout(() => (location.href = url)); }", url)
        return [
            page.wait_for_function("window.appeared").json_value() - began
            for page in pages
        ]


def _server_alone(server: Server, count: int) -> float:
    """Seconds until that many pages, asked for together, have all they need of it."""

    async def run_script() -> None:
        async with session(server.port, player_edit):
            pass

    def load(_: int) -> None:
        asyncio.run(run_script())
        for address in ("", *EARLY, "race", "landscape"):
            with urlopen(f"{server.url}{address}") as answer:
                answer.read()

    began = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(load, range(count)))
    return time.perf_counter() - began


def _many_visitors() -> Table:
    with chromium() as browser, warm(OURS) as server:
        took = {}
        for count in (1, PAGES):
            rounds = [_at_once(browser, server.url, count) for _ in range(ROUNDS)]
            took[str(count)] = p50(list(map(max, rounds)))
        rounds = [_server_alone(server, PAGES) for _ in range(ROUNDS)]
        took[f"{PAGES}, without a browser"] = p50(rounds)
    return Table(
        "Pages of a warm server, opened at once, until the last one's trails move",
        ("pages", "last trails move", "against one"),
        [
            (name, number(seconds, "s"), times(seconds, took["1"]))
            for name, seconds in took.items()
        ],
        f"Medians of {ROUNDS}. One browser draws all of them, on the same two cores; "
        "without one, until the last has the race, the map and our files.",
    )


@contextmanager
def _empty_folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield folder


def tables() -> list[Table]:
    """The start of a server, and of many pages."""
    names = ("our page, nothing compiled", "our page, compiled code on disk", "stock")
    seen: dict[str, list[tuple]] = {name: [] for name in names}
    with chromium() as browser:
        for _ in range(ROUNDS):
            with _empty_folder() as cache:
                for name in names[:2]:
                    seen[name].append(_start(browser, OURS, MOVING, cache))
                seen["stock"].append(_start(browser, STOCK, PLOTTED, cache))
    base = p50([end for _, end in seen["stock"]])
    return [
        Table(
            "From process start to five moving trails",
            ("", "server answers", "trails move", "against the stock page"),
            [
                (
                    {"stock": "stock page, to its first plot"}.get(name, name),
                    number(p50([first for first, _ in starts]), "s"),
                    number(p50([end for _, end in starts]), "s"),
                    times(p50([end for _, end in starts]), base),
                )
                for name, starts in seen.items()
            ],
            f"Medians of {ROUNDS}. The browser runs already, its cache is empty; "
            "Python's own bytecode is compiled.",
        ),
        _many_visitors(),
    ]
