"""The browser: headless Chromium, one page of a lecturer's projector at a time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    CDPSession,
    Page,
    ViewportSize,
    sync_playwright,
)

SCREEN: ViewportSize = {"width": 1280, "height": 720}
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # Without a graphics card, emulated GL would put the page together: 26 ms a frame,
    # which hide what the page itself takes.
    "--disable-gpu-compositing",
]
MORE_FLAGS = os.environ.get("CHROMIUM_FLAGS", "").split()
_SCRIPTS = Path(__file__).with_name("in_page")


def executable() -> str | None:
    """The system's Chromium; None for Playwright's own."""
    return shutil.which("chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser: the system's Chromium, or else Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=FLAGS + MORE_FLAGS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, url: str = "about:blank", window: ViewportSize = SCREEN
) -> Iterator[Page]:
    """An address in a fresh context: nothing cached, nothing else in front."""
    # Waiting for a function makes code of text in the page: its policy refuses that.
    context = browser.new_context(viewport=window, bypass_csp=True)
    context.set_default_timeout(60_000)
    try:
        page = context.new_page()
        page.goto(url)
        yield page
    finally:
        context.close()


def processor_seconds() -> float:
    """Seconds that the processes of all browsers started from here have taken."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            _, _, rest = (folder / "stat").read_text().rpartition(")")
            command = (folder / "cmdline").read_text()
        except OSError:
            continue  # It has ended meanwhile.
        if "streamlit" not in command:
            words, process = rest.split(), int(folder.name)
            children.setdefault(int(words[1]), []).append(process)
            ticks[process] = sum(map(int, words[11:15]))
    found = [os.getpid()]
    for process in found:
        found += children.get(process, ())
    return sum(ticks.get(process, 0) for process in found) / os.sysconf("SC_CLK_TCK")


def script(name: str) -> str:
    """The source of one of the functions that measure from inside a page."""
    return (_SCRIPTS / f"{name}.js").read_text()


class Meter:
    """Counts the bytes a page receives: what it fetches, and its websocket."""

    def __init__(self, page: Page):
        self.bytes = 0
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.on("Network.loadingFinished", self._fetched)
        self._session.on("Network.webSocketFrameReceived", self._framed)
        self._session.send("Network.enable")

    def _fetched(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _framed(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        text = frame["payloadData"]
        # Binary frames are reported in base64.
        binary = frame["opcode"] == 2
        self.bytes += len(text) * 3 // 4 if binary else len(text.encode())

    def stop(self) -> None:
        """Stops counting."""
        self._session.detach()
