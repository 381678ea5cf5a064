"""A phone: one finger scrolls, two are the pictures', and targets are large."""

import pytest

from surfaces import SURFACES
from views.tabs import TABS


@pytest.fixture(scope="module")
def phones(with_profile):
    """A browser with a touch screen."""
    context = with_profile(
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    yield context
    context.close()


@pytest.fixture
def phone(visits, phones):
    def open_at(query=""):
        visit = visits(query, size=(390, 844), context=phones)
        visit.pause("End")
        return visit

    return open_at


def touch(visit, kind, *places):
    visit.session.send(
        "Input.dispatchTouchEvent",
        {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]},
    )


def swipe(visit, *ways, steps=12):
    """Moves fingers, each from one place to another, all together."""
    if not hasattr(visit, "session"):
        visit.session = visit.page.context.new_cdp_session(visit.page)
    touch(visit, "touchStart", *(way[0] for way in ways))
    for k in range(1, steps + 1):
        places = [
            tuple(a + (b - a) * k / steps for a, b in zip(*way, strict=True))
            for way in ways
        ]
        touch(visit, "touchMove", *places)
        visit.page.wait_for_timeout(16)
    touch(visit, "touchEnd")
    visit.page.wait_for_timeout(400)


SCROLLED = "document.querySelector('.stMain').scrollTop"


def middle(visit, selector):
    box = visit.page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def into_view(visit, selector, top=500):
    """Scrolls until an element is so far below the top of the window."""
    visit.js(
        """([selector, top]) => {
          const main = document.querySelector(".stMain");
          const box = document.querySelector(selector).getBoundingClientRect();
          main.scrollTop += box.top - top;
        }""",
        [selector, top],
    )
    visit.settle()


def test_one_finger_on_a_picture_scrolls_the_page(phone):
    visit = phone().in_3d()
    for picture in (".player .map", ".player .scene"):
        visit.js("() => { document.querySelector('.stMain').scrollTop = 0; }")
        if picture == ".player .scene":
            into_view(visit, picture, 450)
        ranges = visit.js(RANGES)
        before, start = visit.js(SCROLLED), visit.start
        x, y = middle(visit, picture)
        swipe(visit, ((x, y), (x + 4, y - 160)))
        assert visit.js(SCROLLED) > before + 80, picture
        assert visit.start == start
        assert visit.js(RANGES) == ranges


RANGES = """() => {
  const { x, y } = document.querySelector(".player .map").dataset;
  const scene = document.querySelector(".player .scene .plot")._fullLayout;
  const { eye } = scene.scene._scene.getCamera();
  return [...`${x},${y}`.split(",").map(Number), eye.x, eye.y, eye.z];
}"""


def test_two_fingers_zoom_and_move_the_map(phone):
    visit = phone().in_3d()
    before, start = visit.js(RANGES), visit.start
    x, y = visit.on_screen(0, 1)
    swipe(visit, ((x - 20, y), (x - 70, y)), ((x + 20, y), (x + 70, y)))
    after = visit.js(RANGES)
    assert after[1] - after[0] < 0.5 * (before[1] - before[0])
    assert after[3] - after[2] < 0.5 * (before[3] - before[2])
    assert (after[0] + after[1]) / 2 == pytest.approx(
        (before[0] + before[1]) / 2, abs=0.1
    )
    swipe(visit, ((x - 30, y), (x + 20, y)), ((x + 30, y), (x + 80, y)))
    moved = visit.js(RANGES)
    assert moved[0] < after[0] - 0.1
    assert visit.start == start, "no click"
    # A change of rate leaves the map where it was put.
    visit.drag("lr-adam", -1)
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.1"})
    visit.settle()
    assert visit.js(RANGES)[:4] == pytest.approx(moved[:4])
    visit.page.get_by_role("button", name="See the whole map").click()
    visit.eventually(lambda: visit.js(RANGES)[:4] == pytest.approx(before[:4]))


def test_two_fingers_turn_the_scene_and_come_nearer(phone):
    visit = phone().in_3d()
    into_view(visit, ".player .scene", 450)
    before = visit.js(RANGES)[4:]
    x, y = middle(visit, ".player .scene")
    swipe(visit, ((x - 20, y), (x - 60, y)), ((x + 20, y), (x + 60, y)))
    near = visit.js(RANGES)[4:]
    assert sum(v**2 for v in near) < 0.5 * sum(v**2 for v in before)
    swipe(visit, ((x - 20, y), (x + 40, y)), ((x + 20, y), (x + 80, y)))
    turned = visit.js(RANGES)[4:]
    assert abs(turned[0] - near[0]) > 0.1
    visit.page.get_by_role("button", name="Back to the first view").click()
    visit.eventually(lambda: visit.js(RANGES)[4:] == pytest.approx(before))


def test_a_tap_on_the_map_still_sets_the_start(phone):
    visit = phone()
    visit.page.touchscreen.tap(*visit.on_screen(0.5, 2))
    visit.eventually(lambda: visit.start != list(SURFACES["rosenbrock"].start))
    assert visit.start == pytest.approx([0.5, 2], abs=0.05)


@pytest.mark.parametrize("name", ["lr-adam", "timeline"])
def test_a_slider_follows_a_finger_that_goes_sideways_only(phone, name):
    visit = phone()
    selector = f"[data-testid='{name}']"
    into_view(visit, selector, 600)
    value = f'document.querySelector("{selector}").value'
    before, scrolled = visit.js(value), visit.js(SCROLLED)
    box = visit.page.locator(selector).bounding_box()
    x, y = box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2
    swipe(visit, ((x, y), (x + 3, y + 120)))
    assert visit.js(value) == before, "a swipe up or down sets nothing"
    assert visit.js(SCROLLED) < scrolled - 40, "it scrolls"
    assert visit.query == {}

    into_view(visit, selector, 600)
    box = visit.page.locator(selector).bounding_box()
    y = box["y"] + box["height"] / 2
    swipe(visit, ((x, y), (x + 60, y + 4)))
    assert visit.js(value) != before
    moved = visit.js(value)
    visit.page.touchscreen.tap(box["x"] + 0.7 * box["width"], y)
    visit.eventually(lambda: visit.js(value) not in (before, moved))


def test_the_map_stays_in_sight_while_sliders_are_moved(phone):
    visit = phone()
    into_view(visit, "[data-testid='lr-adam']", 600)
    assert visit.js(SCROLLED) > 300
    box = visit.page.locator(".player .map").bounding_box()
    assert -1 <= box["y"] < 20
    slider = visit.page.locator("[data-testid='lr-adam']").bounding_box()
    assert slider["y"] > box["y"] + box["height"], "and leaves them free"


def test_the_map_makes_way_while_a_rule_is_typed(phone):
    visit = phone("?surface=saddle&rule~1=w+=+w+-+alpha*g&on=adam,rule~1")
    map_ = visit.page.locator(".player .map")
    position = "(element) => getComputedStyle(element).position"
    card = visit.page.locator(".player .card").last
    card.locator("select.acts").select_option(label="edit as text")
    text = visit.page.locator(".player .written textarea")
    text.wait_for()
    for act, expected in ((text.focus, "relative"), (text.blur, "sticky")):
        act()
        assert map_.evaluate(position) == expected


SMALL = """() => [...document.querySelectorAll(
    ".player :is(button, select, input, .start)")]
  .filter((element) => element.checkVisibility())
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([{ className, dataset, tagName }, { width, height }]) =>
    `${tagName}.${className} ${dataset.testid}: ${width} x ${height}`)"""
PAGES = ["", "?view=side", *(f"?view=studies&study={key}" for key in TABS)]


def test_everything_is_large_enough_for_a_finger(visits):
    visit = visits("?surface=ravine", size=(390, 844)).in_3d()
    for query in PAGES:
        visit.go(f"{query or '?'}&surface=ravine")
        for tab in ("optimizers", "conditions"):
            visit.page.get_by_test_id(f"tab-{tab}").click()
            visit.settle()
            assert visit.js(SMALL) == [], (query, tab)


@pytest.mark.parametrize("surface", ["goldstein_price", "levy", "tiny_network"])
def test_no_formula_makes_the_page_scroll_sideways(visits, surface):
    visit = visits(f"?surface={surface}", size=(390, 844))
    visit.settle()
    for part in ("document.documentElement", "document.querySelector('.stMain')"):
        assert visit.js(f"{part}.scrollWidth - {part}.clientWidth") <= 0


def test_a_lesson_on_a_phone_begins_with_its_map(phone):
    """Opened by its code, and when its pages are turned with a thumb."""
    visit = phone("?lesson=momentum")
    top = "Math.round(document.querySelector('.player').getBoundingClientRect().top)"
    visit.until(f"{top} === 0")
    visit.page.get_by_test_id("lesson-next").tap()
    visit.until_data(lesson="momentum 2")
    visit.until(f"Math.abs({top}) <= 1")
    lesson = visit.page.get_by_test_id("lesson").bounding_box()
    assert lesson["y"] < 0.65 * 844, "and its text is in sight"
