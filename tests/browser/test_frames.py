"""In a frame of another page: what is there, and whose wheel and space bar it is."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

OUTER = """<!doctype html><title>A course</title>
<body style="margin: 0; height: 4000px">
<p style="height: 60px; margin: 0">Before the frame.</p>
<iframe src="%s" width="%d" height="%d" style="border: 0"></iframe>"""
WAIT = 60_000  # milliseconds
SCENE_IS_DRAWN = """Boolean(document.querySelector('.player .scene .plot')
  ?._fullLayout?.scene?._scene?.glplot?.cameraParams)"""
SIZES = [(850, 450), (760, 480)]
RANGE = "document.querySelector('.player .map').dataset.x"
HINT = ".player .wheel-hint"


class Outer:
    """A page of a course that holds the player in a frame."""

    def __init__(self, page, course, address, size):
        course.shows = OUTER % (address, *size)
        page.set_viewport_size({"width": 1000, "height": 700})
        page.goto(f"http://127.0.0.1:{course.server_port}/")
        self.page = page
        self.frame = page.frame_locator("iframe")
        self.frame.locator(".player[data-pictures]").wait_for(timeout=WAIT)
        self.inner = page.frames[1]
        self.until(
            "document.querySelector('.player').dataset.pictures > 0 &&"
            " document.querySelector('.player .map').dataset.frames"
        )

    def until(self, condition, where=None):
        end = time.monotonic() + WAIT / 1000
        while not (where or self.inner).evaluate(condition):
            assert time.monotonic() < end, f"it never came: {condition}"
            self.page.wait_for_timeout(30)

    def box(self, selector):
        return self.frame.locator(f".player {selector}").bounding_box()

    def over(self, selector):
        """Puts the pointer on a part, where nothing but the part is."""
        box = self.box(selector)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        return x, y

    @property
    def scrolled(self):
        return self.page.evaluate("scrollY")

    def scrolls(self, by):
        """Turns the wheel until the outer page has moved."""
        before = self.scrolled
        self.page.mouse.wheel(0, by)
        moved = "scrollY > %s" if by > 0 else "scrollY < %s"
        self.until(moved % before, self.page)

    def rest(self):
        """Lets what was scrolled come to rest."""
        self.page.evaluate(
            """async () => {
              for (let last = NaN, same = 0; same < 10; last = scrollY) {
                same = scrollY === last ? same + 1 : 0;
                await new Promise(requestAnimationFrame);
              }
            }"""
        )
        self.page.wait_for_timeout(600)  # until the next turn is a gesture of its own


class Course(BaseHTTPRequestHandler):
    """The site of a course, of one page."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(self.server.shows.encode())

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture(scope="module")
def course():
    site = ThreadingHTTPServer(("127.0.0.1", 0), Course)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture
def outers(context, embeddable, course):
    opened = []

    def open_(size=SIZES[0], query=""):
        opened.append(context.new_page())
        address = f"{embeddable.address}/?embed=true{query}"
        return Outer(opened[-1], course, address, size)

    yield open_
    for page in opened:
        page.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_small_frame_has_map_curves_and_cards_beside_one_another(outers, size):
    outer = outers(size, "&hide=lessons,optimizers")
    frame = outer.page.locator("iframe").bounding_box()
    boxes = {
        part: outer.box(part) for part in (".map", ".losses", ".timeline", ".cards")
    }
    for part, box in boxes.items():
        assert box is not None, part
        assert box["x"] >= frame["x"], part
        assert box["y"] >= frame["y"], part
        assert box["x"] + box["width"] <= frame["x"] + frame["width"], part
        assert box["y"] + box["height"] <= frame["y"] + frame["height"], part
    assert boxes[".cards"]["x"] >= boxes[".map"]["x"] + boxes[".map"]["width"]
    assert boxes[".map"]["width"] > boxes[".cards"]["width"]
    # Nothing of the timeline is beyond its place.
    last = outer.box("[data-testid=speed]")
    end = boxes[".timeline"]["x"] + boxes[".timeline"]["width"]
    assert last["x"] + last["width"] <= end + 1
    assert outer.frame.locator(".player .scene").is_hidden()
    assert outer.frame.get_by_test_id("add-optimizer").is_hidden()
    assert outer.frame.get_by_test_id("lr-adam").is_visible()
    assert outer.frame.locator(".player .invite").is_hidden()


def test_a_panel_that_is_asked_for_stands_beside_the_map_and_goes_again(outers):
    outer = outers(query="&panels=inside&on=adam")
    inside = outer.frame.get_by_test_id("inside")
    inside.wait_for()
    wide = outer.box(".map")["width"]
    outer.frame.get_by_test_id("show-inside").click()
    inside.wait_for(state="hidden")
    assert outer.box(".map")["width"] > 1.5 * wide


def test_the_wheel_is_the_outer_pages_until_the_map_has_the_focus(outers):
    outer = outers()
    whole = outer.inner.evaluate(RANGE)
    x, y = outer.over(".map")
    outer.scrolls(40)
    assert outer.inner.evaluate(RANGE) == whole
    assert "Click the map" in outer.frame.locator(HINT).inner_text()
    outer.rest()
    outer.scrolls(-40)
    outer.rest()
    # A press on the map gives it the wheel. (This one does not move the start.)
    at = outer.scrolled
    outer.page.mouse.move(x + 90, y + 60)
    outer.page.mouse.down()
    outer.page.mouse.move(x + 100, y + 70, steps=3)
    outer.page.mouse.up()
    outer.until("document.hasFocus()")
    panned = outer.inner.evaluate(RANGE)
    assert panned != whole
    outer.page.mouse.wheel(0, 40)
    outer.until(f"{RANGE} !== '{panned}'")
    outer.rest()
    assert outer.scrolled == at
    # And Escape takes it.
    outer.page.keyboard.press("Escape")
    zoomed = outer.inner.evaluate(RANGE)
    outer.scrolls(40)
    assert outer.inner.evaluate(RANGE) == zoomed


def test_a_click_on_the_outer_page_takes_the_wheel_back(outers):
    outer = outers()
    x, y = outer.over(".map")
    outer.page.mouse.click(x + 60, y + 40)
    outer.until("document.hasFocus()")
    outer.page.mouse.click(40, 20)
    outer.until("!document.hasFocus()")
    before = outer.inner.evaluate(RANGE)
    outer.over(".map")
    outer.scrolls(40)
    assert outer.inner.evaluate(RANGE) == before


def test_the_map_is_tabbed_into(outers):
    outer = outers()
    before = outer.inner.evaluate(RANGE)
    outer.inner.evaluate("document.querySelector('.player .map .plot').focus()")
    assert outer.inner.evaluate("document.querySelector('.map .plot').tabIndex") == 0
    outer.page.locator("iframe").focus()
    outer.until("document.hasFocus()")
    outer.inner.evaluate("document.querySelector('.player .map .plot').focus()")
    outer.over(".map")
    outer.page.mouse.wheel(0, 40)
    outer.until(f"{RANGE} !== '{before}'")
    outer.rest()
    assert outer.scrolled == 0


def test_the_surface_in_3d_zooms_only_with_the_focus(outers):
    outer = outers(query="&panels=3d")
    outer.until(SCENE_IS_DRAWN)
    eye = """(() => {
      const { x, y, z } = document.querySelector('.player .scene .plot')
        ._fullLayout.scene._scene.getCamera().eye;
      return Math.hypot(x, y, z).toFixed(6);
    })()"""
    before = outer.inner.evaluate(eye)
    x, y = outer.over(".scene")
    outer.scrolls(40)
    outer.rest()
    assert outer.inner.evaluate(eye) == before
    assert "Click the surface" in outer.frame.locator(HINT).inner_text()
    outer.scrolls(-40)
    outer.rest()
    outer.page.mouse.click(x, y)
    outer.until("document.hasFocus()")
    at = outer.scrolled
    outer.page.mouse.wheel(0, 40)
    outer.until(f"({eye}) !== '{before}'")
    outer.rest()
    assert outer.scrolled == at


# Some browsers scroll the page around by a key that is left; this one never does.
NOTE_KEYS = """() => {
  window.keys = [];
  addEventListener("keydown", (event) => window.keys.push(event), true);
}"""
LEFT = "window.keys.map((event) => !event.defaultPrevented)"


def test_no_space_is_left_to_the_outer_page(outers):
    outer = outers(query="&play=0&lesson=momentum")
    data = "document.querySelector('.player').dataset.playing"
    outer.until(f"{data} === 'false'")
    outer.inner.evaluate(NOTE_KEYS)
    outer.page.locator("iframe").focus()
    outer.until("document.hasFocus()")
    outer.page.keyboard.press("Space")
    outer.until(f"{data} === 'true'")
    # Nor where the timeline has no use for it, as on what scrolls (reach.js).
    outer.inner.evaluate(
        """() => {
          const part = document.querySelector(".player .card .outcome");
          part.tabIndex = 0;
          part.dataset.reached = "";
        }"""
    )
    for part in (".lesson .page", ".map .plot", "[data-reached]"):
        outer.inner.evaluate(f"document.querySelector('.player {part}').focus()")
        outer.page.keyboard.press("Space")
    assert outer.inner.evaluate(LEFT) == [False] * 4
    # A button has its own use for it.
    outer.inner.evaluate("document.querySelector('.player .more').focus()")
    before = outer.frame.locator(".player .more").inner_text()
    outer.page.keyboard.press("Space")
    assert outer.frame.locator(".player .more").inner_text() != before
    assert outer.scrolled == 0


def test_no_space_is_left_where_the_timeline_is_locked(outers):
    outer = outers(query="&play=0&lock=timeline")
    outer.inner.evaluate(NOTE_KEYS)
    outer.page.locator("iframe").focus()
    outer.until("document.hasFocus()")
    outer.page.keyboard.press("Space")
    assert outer.inner.evaluate(LEFT) == [False]
    assert outer.frame.locator(".player").get_attribute("data-playing") == "false"


def test_on_a_page_of_its_own_the_wheel_zooms_at_once(visits):
    visit = visits("?play=0")
    whole = visit.js(RANGE)
    box = visit.page.locator(".player .map").bounding_box()
    visit.page.mouse.move(box["x"] + 150, box["y"] + 150)
    visit.page.mouse.wheel(0, -40)
    visit.until(f"{RANGE} !== '{whole}'")
    assert visit.page.locator(HINT).count() == 0
