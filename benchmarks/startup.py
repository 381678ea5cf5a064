"""The start: from the server's process to five moving trails in a browser.

Measured: our page without and with compiled code on disk from an earlier start.
Against: an empty page of Streamlit's, which is the least that is possible, and the
stock page, up to its first plot, which does not move by itself. How: the browser runs
already and its caches are empty; it asks for the page as soon as the server's port
answers; the page itself notes the time.

And: ten pages of one warm server, all asked for at once, against one, in a profile of
the browser each, and as tabs of one profile; the server's part of that, which is the
script of ten pages and all that they load, without a browser to draw them; and what one
page has loaded until then.
"""

import asyncio
import gzip
import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from typing import Any

from playwright.sync_api import Browser

from benchmarks.browser import chromium, opened, processor_seconds
from benchmarks.protocol import player_edit, session
from benchmarks.server import EMPTY, OURS, STOCK, Server, serving, warm
from benchmarks.table import Table, number, p50, times
from views.player_files import PLAYER_PATH

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
WRITTEN = _NOTE % "document.querySelector('#sentence')"
_NAMED = re.compile(r'(?:src|href)="\./([^"]+\.(?:js|css|woff2))"|<([^>]+)>; rel=')


def _start(browser: Browser, page_file: str, sign: str, cache: str) -> tuple:
    """Seconds to the first answer of the server, and to the sign in the browser."""
    with serving(page_file, XDG_CACHE_HOME=cache) as server, opened(browser) as page:
        page.add_init_script(sign)
        server.wait()
        answered = page.evaluate("Date.now() / 1000")
        page.goto(server.url, wait_until="commit")
        appeared = page.wait_for_function("window.appeared").json_value()
        taken = server.cpu
    return answered - server.began, appeared - server.began, taken


def _at_once(
    browser: Browser, server: Server, sign: str, count: int, tabs: bool = False
) -> tuple:
    """Seconds until the sign is in all of so many pages, which are opened together.

    And the processor seconds of the server and of the browser, for each of them. Pages
    are tabs of one profile of the browser, or each has a profile of its own.
    """
    with ExitStack() as stack:
        profiles = 1 if tabs else count
        pages = [stack.enter_context(opened(browser)) for _ in range(profiles)]
        pages += [pages[0].context.new_page() for _ in range(count - profiles)]
        for page in pages:
            page.add_init_script(sign)
        served, drawn, began = server.cpu, processor_seconds(), time.time()
        for page in pages:
            page.evaluate(
                "(url) => { setTimeout(() => (location.href = url)); }", server.url
            )
        ends = [
            page.wait_for_function("window.appeared").json_value() for page in pages
        ]
        return (
            max(ends) - began,
            (server.cpu - served) / count,
            (processor_seconds() - drawn) / count,
        )


def _load(server: Server) -> None:
    """All that a page loads, and its script, without a browser."""

    async def run_script() -> None:
        async with session(server.port, player_edit):
            pass

    connection = HTTPConnection("127.0.0.1", server.port)

    def get(address: str) -> tuple[bytes, str]:
        connection.request("GET", f"/{address}", headers={"accept-encoding": "gzip"})
        answer = connection.getresponse()
        body, zipped = answer.read(), answer.headers["content-encoding"] == "gzip"
        links = answer.headers["link"] or ""
        return gzip.decompress(body) if zipped else body, links

    page, links = get("")
    for named in _NAMED.findall(page.decode() + links):
        get("".join(named))
    asyncio.run(run_script())
    for address in ("description", "race", "landscape"):
        get(address)
    connection.close()


def _server_alone(server: Server, count: int) -> tuple:
    """Seconds until so many clients without a browser have all that a page loads."""
    served, began = server.cpu, time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(_load, [server] * count))
    return time.perf_counter() - began, (server.cpu - served) / count, float("nan")


def _one_of(browser: Browser, server: Server, count: int) -> tuple:
    """Seconds until the trails of one page move, beside clients without a browser.

    As in a room with a computer for each page: the server works for all of them, but
    this computer draws one of them only.
    """
    served = server.cpu
    with ThreadPoolExecutor(count - 1) as pool:
        others = [pool.submit(_load, server) for _ in range(count - 1)]
        seconds, _, drawn = _at_once(browser, server, MOVING, 1)
        for other in others:
            other.result()
    return seconds, (server.cpu - served) / count, drawn


def _many_visitors(browser: Browser, server: Server, empty: Server) -> Table:
    seen: dict[str, tuple[float, ...]] = {}

    def measure(name: str, once: Any, *arguments: Any) -> None:
        rounds = [once(*arguments) for _ in range(ROUNDS)]
        seen[name] = tuple(map(p50, zip(*rounds, strict=True)))

    for count in (1, PAGES):
        of = f"{count} at once" if count > 1 else "one"
        measure(f"an empty page, {of}", _at_once, browser, empty, WRITTEN, count)
        measure(f"our page, {of}", _at_once, browser, server, MOVING, count)
    tabs = f"{PAGES} tabs at once"
    measure(f"an empty page, {tabs}", _at_once, browser, empty, WRITTEN, PAGES, True)
    measure(f"our page, {tabs}", _at_once, browser, server, MOVING, PAGES, True)
    measure("our page, 10 at once, no browser", _server_alone, server, PAGES)
    each = [_one_of(browser, server, PAGES) for _ in range(PAGES)]
    seen["our page, one of 10 at once, the slowest of 10"] = max(each)
    base = next(iter(seen.values()))[0]
    return Table(
        "Pages of a warm server, until the trails of the last one move",
        ("", "trails move", "against empty", "server a page", "browser a page"),
        [
            (
                name,
                number(seconds, "s"),
                times(seconds, base),
                number(served, "s"),
                number(drawn, "s"),
            )
            for name, (seconds, served, drawn) in seen.items()
        ],
        f"Medians of {ROUNDS}; an empty page, until its sentence is there. In the last "
        "two columns, processor seconds. One browser draws all pages, on the same "
        "cores; without one, until the last has loaded all that a page loads. One of "
        "10: the browser draws one page, and nine clients without a browser load "
        "theirs at the same time; the slowest of ten times.",
    )


def _on_the_wire(browser: Browser, server: Server) -> Table:
    """What has been loaded when the trails move."""
    loaded: dict[str, tuple[str, int]] = {}
    with opened(browser) as page:
        network = page.context.new_cdp_session(page)
        sent: dict[str, str] = {}
        network.on(
            "Network.requestWillBeSent",
            lambda event: sent.update({event["requestId"]: event["request"]["url"]}),
        )
        network.on(
            "Network.loadingFinished",
            lambda event: loaded.update(
                {
                    event["requestId"]: (
                        sent.get(event["requestId"], ""),
                        int(event["encodedDataLength"]),
                    )
                }
            ),
        )
        network.send("Network.enable")
        page.add_init_script(MOVING)
        page.goto(server.url, wait_until="commit")
        page.wait_for_function("window.appeared")
        parts = list(loaded.values())

    def kind(url: str) -> str:
        if "plotly" in url:
            return "plotly.js"
        if "MaterialSymbols" in url:
            return "Streamlit's font of icons"
        ours = (PLAYER_PATH, "/description", "/race", "/landscape")
        return (
            "ours" if any(name in url for name in ours) else "Streamlit's other files"
        )

    rows: dict[str, list[int]] = {}
    for url, size in parts:
        if url.startswith("http"):
            rows.setdefault(kind(url), []).append(size)
    return Table(
        "Loaded until the trails move",
        ("", "requests", "on the wire"),
        [
            (name, str(len(sizes)), number(sum(sizes) / 1e3, "kB"))
            for name, sizes in sorted(rows.items())
        ],
    )


@contextmanager
def _empty_folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield folder


def tables() -> list[Table]:
    """The start of a server, and of many pages."""
    cases = {
        "our page, nothing compiled": (OURS, MOVING),
        "our page, compiled code on disk": (OURS, MOVING),
        "stock page, to its first plot": (STOCK, PLOTTED),
        "empty page, to its sentence": (EMPTY, WRITTEN),
    }
    seen: dict[str, list[tuple]] = {name: [] for name in cases}
    with chromium() as browser:
        for _ in range(ROUNDS):
            with _empty_folder() as cache:
                for name, (file, sign) in cases.items():
                    seen[name].append(_start(browser, file, sign, cache))
        base = p50([end for _, end, _ in seen["empty page, to its sentence"]])
        starts = Table(
            "From process start to five moving trails",
            (
                "",
                "server answers",
                "trails move",
                "against empty",
                "server's processor",
            ),
            [
                (
                    name,
                    number(p50([first for first, _, _ in rounds]), "s"),
                    number(p50([end for _, end, _ in rounds]), "s"),
                    times(p50([end for _, end, _ in rounds]), base),
                    number(p50([taken for _, _, taken in rounds]), "s"),
                )
                for name, rounds in seen.items()
            ],
            f"Medians of {ROUNDS}. The browser runs already, its cache is empty; "
            "Python's own bytecode is compiled. Processor: seconds of the server's, "
            "until then.",
        )
        with warm(OURS) as server, warm(EMPTY) as empty:
            visitors = _many_visitors(browser, server, empty)
            return [starts, visitors, _on_the_wire(browser, server)]
