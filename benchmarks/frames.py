"""The animation: how evenly frames come while the race plays.

Measured: our page with map, 3D and loss curves playing, five optimizers by 2,000
steps; the intervals between animation frames, and how many different pictures of the
race were among them. Against: an empty page in the same browser, which is the floor,
and the stock page's native Plotly animation of 500 steps, every fifth one shown.
"""

from dataclasses import dataclass

from playwright.sync_api import Page

from benchmarks.browser import chromium, opened, script
from benchmarks.pages import our_page, play, stock_page
from benchmarks.server import OURS, STOCK, warm
from benchmarks.table import Table, number, p50, p95, times

RACE = "surface=rosenbrock&steps=2000"
SHOWN = "panels=inside,loss,sharpness&inspect=adam&show=field,contour,curvature"
SECONDS = 6.0
LATE = 25.0  # milliseconds: at 60 a second, a frame was left out


@dataclass(frozen=True)
class Frames:
    """What was seen: intervals in milliseconds, pictures of the race a second."""

    name: str
    intervals: list[float]
    pictures: float


def _watch(name: str, page: Page) -> Frames:
    seen = page.evaluate(script("frames"), {"seconds": SECONDS})
    return Frames(name, seen["intervals"], seen["pictures"] / SECONDS)


def _press_play(page: Page) -> None:
    page.evaluate(
        """() => {
          const button = document.querySelector(".updatemenu-button");
          button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
        }"""
    )


def _all() -> list[Frames]:
    seen = []
    with chromium() as browser:
        with opened(browser) as page:
            page.wait_for_timeout(500)
            seen.append(_watch("empty page", page))
        with warm(OURS) as server:
            for query, name in (
                (RACE, "map, 3D, losses"),
                (f"{RACE}&{SHOWN}", "all of one step"),
            ):
                with our_page(browser, server, query) as page:
                    play(page, True)
                    seen.append(_watch(f"our page: {name}", page))
        with warm(STOCK) as server:
            for view, name in (("2d", "map"), ("3d", "3D")):
                with stock_page(browser, server, f"view={view}") as page:
                    _press_play(page)
                    seen.append(_watch(f"stock page: {name}", page))
    return seen


def tables() -> list[Table]:
    """The one table of this benchmark."""
    seen = _all()
    floor = seen[0]
    return [
        Table(
            "Animation: five optimizers × 2,000 steps",
            ("", "frame interval p50", "p95", "late frames", "pictures/s"),
            [
                (
                    one.name,
                    f"{number(p50(one.intervals), 'ms')} "
                    f"({times(p50(one.intervals), p50(floor.intervals))})",
                    f"{number(p95(one.intervals), 'ms')} "
                    f"({times(p95(one.intervals), p95(floor.intervals))})",
                    f"{_share_late(one.intervals):.1%}",
                    number(one.pictures),
                )
                for one in seen
            ],
            "× is against the empty page. Late: more than 25 ms after the one before. "
            "Pictures: with other numbers than the one before. The stock page plays "
            "500 steps; at 2,000 it would send sixteen times as much.",
        )
    ]


def _share_late(intervals: list[float]) -> float:
    return sum(interval > LATE for interval in intervals) / len(intervals)
