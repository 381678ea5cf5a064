"""Live drag: from a learning rate under the finger to the picture that shows it.

Measured: our page (map, 3D and loss curves at once), paused and playing, five
optimizers by 500 steps. Against: the stock page (stock_page.py), its map and its 3D
surface, in the same browser. How: inputs are made inside the page, so that no remote
control slows them; latencies with single inputs, pictures a second with
one input in each frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from benchmarks.browser import Meter, chromium, script
from benchmarks.pages import our_page, play, stock_page
from benchmarks.server import OURS, STOCK, warm
from benchmarks.table import Table, number, p50, p95, size, times

RACE = "surface=rosenbrock&steps=500"
SLIDER = {"slider": "lr-adam", "low": -2.5, "step": 0.01}  # log10 of the rate
DRAG = 4.0  # seconds
SINGLES = 30
GAP = 150  # milliseconds
STOCK_SINGLES = {"2d": 8, "3d": 5}
ADAM = 4  # its place among the stock page's sliders


@dataclass(frozen=True)
class Drag:
    """What was seen on one page, in one mode.

    Attributes:
        name: The page and the mode.
        latencies: Milliseconds from a single input, or a release, to its picture.
        inputs: Inputs a second during the drag.
        pictures: Pictures with new numbers a second during the drag.
        intervals: Milliseconds between frames during the drag.
        ages: Milliseconds from the newest input a picture shows to that picture.
        bytes: Received for one complete change.
    """

    name: str
    latencies: list[float]
    inputs: float
    pictures: float
    intervals: list[float]
    ages: list[float]
    bytes: float


def _ours(page: Page, playing: bool) -> Drag:
    play(page, playing)
    singles = SLIDER | {"count": SINGLES, "gap": GAP, "release": False}
    latencies = page.evaluate(script("inputs_ours"), singles)
    page.wait_for_timeout(300)
    dragged = page.evaluate(
        script("drag_ours"), SLIDER | {"seconds": DRAG, "high": -0.5}
    )
    page.wait_for_timeout(300)
    meter = Meter(page)
    changes = SLIDER | {"count": 5, "gap": 500, "release": True}
    page.evaluate(script("inputs_ours"), changes)
    page.wait_for_timeout(300)
    meter.stop()
    return Drag(
        f"our page, {'playing' if playing else 'paused'}",
        latencies,
        dragged["inputs"] / dragged["seconds"],
        dragged["pictures"] / dragged["seconds"],
        dragged["intervals"],
        dragged["ages"],
        meter.bytes / 5,
    )


def _stock(page: Page, view: str) -> Drag:
    def drag(seconds: float, reach: int = 5) -> dict:
        result = page.evaluate(
            script("drag_stock"),
            {"index": ADAM, "seconds": seconds, "reach": reach, "patience": 20_000},
        )
        page.wait_for_timeout(300)
        return result

    latencies = [drag(0)["latency"] for _ in range(STOCK_SINGLES[view])]
    # A release leaves the slider to the right of where it was: none is a repetition.
    dragged = drag(2.0)
    meter = Meter(page)
    drag(0)
    meter.stop()
    return Drag(
        f"stock page, {'map' if view == '2d' else '3D'}",
        latencies,
        dragged["inputs"] / dragged["seconds"],
        dragged["pictures"] / dragged["seconds"],
        dragged["intervals"],
        [],
        meter.bytes,
    )


def _drags(browser: Browser) -> Iterator[Drag]:
    with warm(OURS) as server:
        with our_page(browser, server, RACE) as page:
            yield _ours(page, playing=False)
            yield _ours(page, playing=True)
    with warm(STOCK) as server:
        for view in STOCK_SINGLES:
            with stock_page(browser, server, f"view={view}&steps=500") as page:
                yield _stock(page, view)


def tables() -> list[Table]:
    """The one table of this benchmark."""
    with chromium() as browser:
        drags = list(_drags(browser))
    ours = drags[0]

    def against(value: float, base: float, unit: str) -> str:
        return f"{number(value, unit)} ({times(value, base)})"

    return [
        Table(
            "Live drag: five optimizers × 500 steps",
            (
                "",
                "change → picture p50",
                "p95",
                "inputs/s",
                "pictures/s",
                "age of the input shown p50 / p95",
                "frame interval p50 / p95",
                "received a change",
            ),
            [
                (
                    one.name,
                    against(p50(one.latencies), p50(ours.latencies), "ms"),
                    against(p95(one.latencies), p95(ours.latencies), "ms"),
                    number(one.inputs),
                    number(one.pictures),
                    f"{number(p50(one.ages))} / {number(p95(one.ages), 'ms')}",
                    f"{number(p50(one.intervals))} / "
                    f"{number(p95(one.intervals), 'ms')}",
                    f"{size(one.bytes)} ({times(one.bytes, ours.bytes)})",
                )
                for one in drags
            ],
            "× is against our page, paused. Change → picture: single inputs, up "
            "to the picture's hand-over to the compositor; on the stock page from the "
            "release of the slider, which sends nothing before, up to the plot having "
            "the numbers. The columns from inputs/s on: one input in each frame; the "
            "age is that of the newest input a picture shows. Received: for one change "
            "with its release, over all connections.",
        )
    ]
