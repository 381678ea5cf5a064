"""Our page and the stock page, opened and ready to be measured."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.browser import SCREEN, opened
from benchmarks.server import Server

PLAYER = "document.querySelector('[data-testid=player]')"
_RACING = f"Number({PLAYER}?.dataset.pictures) > 0"
# Where there is a 3D view, it is loaded after the first picture.
_IN_3D = """(() => {
  const scene = document.querySelector(".player .scene");
  return !scene || scene.hidden || scene.matches(".without")
    || scene.querySelector(".plot")._fullLayout?.scene?._scene?.glplot?.cameraParams;
})()"""
_PLOTTED = "document.querySelector('.js-plotly-plot')?._fullLayout?.meta"
SETTLING = 1_500  # milliseconds after the last picture came before measuring


@contextmanager
def our_page(
    browser: Browser, server: Server, query: str, window: ViewportSize = SCREEN
) -> Iterator[Page]:
    """Our page with a race on the screen."""
    with opened(browser, f"{server.url}?{query}", window) as page:
        page.wait_for_function(_RACING)
        page.wait_for_function(_IN_3D)
        page.wait_for_timeout(SETTLING)
        yield page


@contextmanager
def stock_page(browser: Browser, server: Server, query: str) -> Iterator[Page]:
    """The stock page with its plot on the screen."""
    with opened(browser, f"{server.url}?{query}") as page:
        page.wait_for_function(_PLOTTED)
        page.wait_for_timeout(SETTLING)
        yield page


def play(page: Page, playing: bool) -> None:
    """Lets our page's animation run, or pauses it, with the key people use."""
    wanted = str(playing).lower()
    page.evaluate(
        f"""(wanted) => {{
          if ({PLAYER}.dataset.playing === wanted) return;
          const space = {{ key: " ", code: "Space", bubbles: true }};
          document.body.dispatchEvent(new KeyboardEvent("keydown", space));
        }}""",
        wanted,
    )
    page.wait_for_function(
        f"(wanted) => {PLAYER}.dataset.playing === wanted", arg=wanted
    )
