"""A server killed while a slider is dragged, and while a study is computed.

Measured: how often the page goes on by itself once the server is back, with every value
as it was set, of ten kills each; and the seconds from the port's first answer until it
does. Against: a page of the same server that is loaded anew.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.parse import parse_qsl
from urllib.request import urlopen

from playwright.sync_api import Page

from benchmarks.browser import chromium, opened
from benchmarks.server import OURS, PATIENCE, ROOT, free_port
from benchmarks.table import Table, number, p50

KILLS = 10
SOON = 10.0  # seconds within which the address says what was set
DRAG = "?momentum.beta=0.5&steps=400"
STUDY = "?view=studies&surface=rastrigin&steps=600&adam.beta1=0.8&noise=0.1"
CONNECTED = "!document.querySelector('.player')?.innerText.includes('Reconnecting')"
SHOWN = (
    f"{CONNECTED} && Number(document.querySelector('.player')?.dataset.pictures) > %d"
)
STUDY_SHOWN = (
    f"{CONNECTED} && document.querySelector('.player .basins:not(.stale)') !== null"
    " && document.querySelector('.player').innerText.includes('basins:')"
)


class Killed:
    """A server on one port, killed and started again."""

    def __init__(self) -> None:
        """Starts it."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "streamlit", "run", OURS),
                *("--server.port", str(self.port), "--server.headless", "true"),
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.time() + PATIENCE
        while time.time() < deadline:
            try:
                with urlopen(f"{self.url}_stcore/health", timeout=PATIENCE):
                    return
            except (URLError, ConnectionError):
                time.sleep(0.02)
        raise TimeoutError("the server did not answer")

    def kill(self) -> None:
        """As if the machine had lost it."""
        self.process.kill()
        self.process.wait()


@contextmanager
def _server() -> Iterator[Killed]:
    server = Killed()
    try:
        yield server
    finally:
        server.kill()


def _address(page: Page) -> dict[str, str]:
    return dict(parse_qsl(page.evaluate("location.search.slice(1)")))


def _pictures(page: Page) -> int:
    return int(page.locator(".player").get_attribute("data-pictures") or 0)


def _drag(page: Page, server: Killed, k: int) -> tuple[bool, float]:
    """One kill while a slider is held; whether all is kept, and how long it took."""
    slider = page.get_by_test_id("lr-adam").bounding_box()
    assert slider is not None
    y = slider["y"] + slider["height"] / 2

    def to(part: float) -> None:
        page.mouse.move(slider["x"] + part * slider["width"], y, steps=4)

    to(0.5)
    page.mouse.down()
    to(0.4)
    before = _pictures(page)
    server.kill()
    to(0.1 + 0.02 * k)
    page.wait_for_function(
        "document.querySelector('.player').innerText.includes('Reconnecting')"
    )
    server.start()
    began = time.time()
    page.wait_for_function(SHOWN % before)
    took = time.time() - began
    page.mouse.up()
    value = page.get_by_test_id("lr-adam-value").input_value()
    # It stands in the address once the page's script has run; as 2.4e-05, where the
    # field says 2.4e-5.
    found, until = _address(page), time.time() + SOON
    while time.time() < until:
        found = _address(page)
        if float(found.get("adam.lr", "nan")) == float(value):
            break
        page.wait_for_timeout(100)
    kept = float(found.get("adam.lr", "nan")) == float(value)
    kept &= page.get_by_test_id("lr-adam-value").input_value() == value
    kept &= found.get("momentum.beta") == "0.5"
    return kept and found.get("steps") == "400", took


def _study(page: Page, server: Killed, k: int) -> tuple[bool, float]:
    """One kill while a study is computed."""
    slider = page.get_by_test_id("lr-adam-value")
    value = f"{0.01 + 0.01 * k:g}"
    slider.fill(value)
    slider.press("Enter")
    page.wait_for_function("document.querySelector('.bar .busy').matches('.shown')")
    server.kill()
    server.start()
    began = time.time()
    page.wait_for_function(STUDY_SHOWN, timeout=120_000)
    took = time.time() - began
    found = _address(page)
    kept = slider.input_value() == value == found.get("adam.lr")
    return kept and (found.get("adam.beta1"), found.get("noise")) == (
        "0.8",
        "0.1",
    ), took


def tables() -> list[Table]:
    """One row a way."""
    rows = []
    with chromium() as browser, _server() as server:
        for name, query, act in (
            ("while a slider is dragged", DRAG, _drag),
            ("while a study is computed", STUDY, _study),
        ):
            with opened(browser, server.url + query) as page:
                page.wait_for_function(SHOWN % 0)
                ends = [act(page, server, k) for k in range(KILLS)]
            began = time.time()
            with opened(browser, server.url + query) as page:
                page.wait_for_function(SHOWN % 0)
                anew = time.time() - began
            rows.append(
                (
                    name,
                    f"{sum(kept for kept, _ in ends)} of {KILLS}",
                    number(p50([took for _, took in ends]), "s"),
                    number(anew, "s"),
                )
            )
    return [
        Table(
            "A server killed under a page",
            ("", "goes on, nothing lost", "after the port answers", "a page anew"),
            rows,
            "Medians. The server is started again at once.",
        )
    ]
