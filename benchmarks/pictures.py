"""A picture's cost: what the browser's main thread does for each while dragging.

Measured: our page, paused at its last step, a learning rate dragged with one input in
each frame; processor time of the thread, which other work on the machine lengthens less
than time on a clock. Against: an empty page that moves a slider in each frame, and our
page with five optimizers by 800 steps. How: the thread's own figures in /proc (Linux),
for a drag that nothing traces.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.browser import SCREEN, chromium, opened, script
from benchmarks.drag import SLIDER
from benchmarks.frames import SHOWN
from benchmarks.pages import SETTLING, our_page, play
from benchmarks.server import OURS, warm
from benchmarks.table import Table, number, times

DRAG = 4.0  # seconds
_EIGHT = "gradient_descent,momentum,adagrad,rmsprop,adam,nesterov,adamw,lion"
_FIVE = "surface=rosenbrock&steps=800"
_LARGE: ViewportSize = {"width": 3840, "height": 2160}
_EMPTY = """<div data-testid="player" data-pictures="0"></div>
<input type="range" min="-5" max="1" step="0.01" data-testid="lr-adam">"""


class Case(NamedTuple):
    """What is dragged: a race, in which window, on a processor how much slower."""

    query: str
    window: ViewportSize = SCREEN
    slower: int = 1


CASES = {
    "5 × 800": Case(_FIVE),
    "5 × 800, processor four times as slow": Case(_FIVE, slower=4),
    "5 × 800, projector's theme": Case(f"{_FIVE}&theme=projector"),
    "5 × 800, all of one step shown": Case(f"{_FIVE}&{SHOWN}"),
    "8 × 5,000": Case(f"surface=rosenbrock&steps=5000&on={_EIGHT}"),
    "5 × 800, 3840 × 2160 pixels": Case(_FIVE, _LARGE),
}


class Dragged(NamedTuple):
    """Of one drag: milliseconds of the main thread, frames and pictures, a second."""

    busy: float
    frames: float
    pictures: float


def _busy(browser: Browser) -> dict[int, float]:
    """Milliseconds that the main thread of each page has taken, by process."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    pages = [one["id"] for one in processes if one["type"] == "renderer"]
    return {
        pid: int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e6
        for pid in pages
    }


def _drag(browser: Browser, page: Page) -> Dragged:
    before = _busy(browser)
    seen = page.evaluate(script("drag_ours"), SLIDER | {"seconds": DRAG, "high": -0.5})
    after = _busy(browser)
    busy = max(after[pid] - before[pid] for pid in before.keys() & after.keys())
    seconds = seen["seconds"]
    return Dragged(busy / seconds, seen["inputs"] / seconds, seen["pictures"] / seconds)


@contextmanager
def _slowed(page: Page, factor: int) -> Iterator[None]:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": factor})
    yield
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})


def _all() -> dict[str, Dragged]:
    seen = {}
    with chromium() as browser, warm(OURS) as server:
        with opened(browser) as page:
            page.set_content(_EMPTY)
            page.wait_for_timeout(SETTLING)
            seen["an empty page"] = _drag(browser, page)
        for name, case in CASES.items():
            with our_page(browser, server, case.query, case.window) as page:
                play(page, False)
                page.keyboard.press("End")
                page.wait_for_timeout(SETTLING)
                with _slowed(page, case.slower):
                    seen[name] = _drag(browser, page)
    return seen


def tables() -> list[Table]:
    """The one table of this benchmark."""
    seen = _all()
    base = seen["5 × 800"]

    def each(one: Dragged) -> str:
        if not one.pictures:
            return "–"
        cost = one.busy / one.pictures
        return f"{number(cost, 'ms')} ({times(cost, base.busy / base.pictures)})"

    return [
        Table(
            "Pictures while dragging",
            (
                "",
                "main thread a picture",
                "main thread a frame",
                "frames/s",
                "pictures/s",
            ),
            [
                (
                    name,
                    each(one),
                    number(one.busy / one.frames, "ms"),
                    number(one.frames),
                    number(one.pictures),
                )
                for name, one in seen.items()
            ],
            "× is against 5 × 800. Processor time of the page's main thread, all that "
            "it does; with the processor slowed, the pauses between count, too.",
        )
    ]
