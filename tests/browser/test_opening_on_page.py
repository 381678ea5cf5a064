"""The player before Streamlit: what is seen, what can be done, and how it moves in."""

import re

import pytest
from conftest import STREAMLIT_IS_THERE, Visit

STREAMLIT = re.compile(r"/static/js/index\.[^/]+\.js$")
PLAYER = """(() => {
  const player = document.querySelector(".player");
  const { x, y, width, height } = player.getBoundingClientRect();
  return [x, y, width, height];
})()"""
FIELDS = "document.querySelectorAll('.stSelectbox, .stTextInput').length"
LATE = "(() => { window.late = document.querySelector('.player'); return true; })()"
SAME = "window.late === document.querySelector('.player')"
LOADED = """performance.getEntriesByType("resource").map(({ name }) =>
  name.split("/").at(-1).split("?")[0])"""


class Held:
    """A route that is answered when that is wanted."""

    def __init__(self, page, address):
        self.routes = []
        self.let = False
        page.route(address, self._asked)

    def _asked(self, route):
        if self.let:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self):
        self.let = True
        for route in self.routes:
            route.continue_()


@pytest.fixture
def before(context, server):
    """Opens pages that Streamlit comes to when it is let."""
    opened = []

    def open_page(query="", size=(1280, 720), forgiven=(), prepare=lambda page: None):
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        visit = Visit(page, server)
        visit.forgiven = forgiven
        visit.streamlit = Held(page, STREAMLIT)
        opened.append(visit)
        prepare(page)
        page.goto(f"{server.address}/{query}", wait_until="commit")
        return visit

    yield open_page
    for visit in opened:
        assert not visit.troubles
        visit.page.close()


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", (1280, 720)),
        ("", (1920, 1080)),
        ("?theme=projector", (1920, 1080)),
        ("?theme=light&view=side", (1100, 800)),
        ("", (390, 844)),
        ("?embed=true", (900, 560)),
        ("?view=studies&study=swarm", (1280, 720)),
    ],
)
def test_the_race_is_drawn_before_streamlit_where_it_stays(before, query, size):
    visit = before(query, size)
    visit.drawn()
    assert visit.js(FIELDS) == 0
    first = visit.js(PLAYER)
    colour = visit.js("getComputedStyle(document.querySelector('.opening')).background")
    visit.js(LATE)
    if "studies" not in query:
        visit.until("Number(document.querySelector('.player').dataset.step) > 3")
    assert "plotly.min.js" not in visit.js(LOADED)
    visit.streamlit.let_go()
    visit.ready()
    assert visit.js(SAME), "it is not made anew"
    visit.settle()
    then = visit.js(PLAYER)
    assert max(abs(a - b) for a, b in zip(first, then, strict=True)) <= 3
    assert (visit.js(FIELDS) > 0) == ("embed" not in query)
    app = visit.js("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    if "projector" not in query:
        assert colour.startswith(app)


def test_what_is_turned_before_is_said_when_streamlit_is_there(before):
    visit = before("?play=0")
    visit.drawn()
    pictures = visit.pictures
    visit.drag("lr-gradient_descent", -3.2, -3.5)
    visit.release("lr-gradient_descent")
    visit.until_next_picture(pictures)
    said = visit.values["lr-gradient_descent-value"]
    assert visit.query == {"play": "0"}
    visit.streamlit.let_go()
    visit.ready()
    visit.until("location.search.includes('gradient_descent.lr=')")
    assert visit.values["lr-gradient_descent-value"] == said


def test_a_slider_that_is_held_is_not_taken_from_under_the_hand(before):
    visit = before("?play=0")
    visit.drawn()
    slider = visit.page.get_by_test_id("lr-adam")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    visit.page.mouse.move(box["x"] + box["width"] / 2, y)
    visit.page.mouse.down()
    visit.streamlit.let_go()
    visit.until("document.querySelector('.stSelectbox')")
    visit.page.wait_for_timeout(500)
    held = slider.input_value()
    visit.page.mouse.move(box["x"] + 0.8 * box["width"], y, steps=5)
    assert slider.input_value() != held, "it still follows"
    assert not visit.js(STREAMLIT_IS_THERE)
    wanted = slider.input_value()
    visit.page.mouse.up()
    visit.until(STREAMLIT_IS_THERE)
    visit.until("location.search.includes('adam.lr=')")
    assert slider.input_value() == wanted


PATIENT = """(() => {
  const soon = setTimeout;
  window.setTimeout = (act, wait, ...more) =>
    soon(act, wait === 4000 ? 1e6 : wait, ...more);
})()"""
OPENS = """async () => (await navigator.locks.query()).held
  .some(({ name }) => name.startsWith("loss-surface-visualizer opens"))"""


@pytest.mark.parametrize("comes", [True, False])
def test_while_another_page_opens_streamlit_waits_but_not_for_long(before, comes):
    def hold(page):
        page.add_init_script(PATIENT)  # or it would no longer wait for its picture
        other.append(Held(page, re.compile(r"/race\?")))

    other = []
    opening = before("", prepare=hold)
    opening.streamlit.let_go()
    opening.until(OPENS)
    page = before("?surface=booth")
    page.drawn()
    page.page.wait_for_timeout(1000)
    assert not page.streamlit.routes, "it is not even asked for"
    page.streamlit.let_go()
    if comes:
        other[0].let_go()
        opening.ready()
    page.ready()
    assert page.js(OPENS) != comes


def test_a_field_that_is_typed_into_keeps_its_focus(before):
    visit = before("?play=0")
    visit.drawn()
    typed = visit.page.get_by_test_id("lr-adam-value")
    typed.fill("0.0")
    visit.streamlit.let_go()
    visit.ready()
    assert typed.evaluate("(field) => field === document.activeElement")
    visit.page.keyboard.type("25")
    visit.page.keyboard.press("Enter")
    visit.until_address(**{"adam.lr": "0.025"})


def test_where_nothing_describes_the_page_streamlit_comes_at_once(before):
    def busy(page):
        page.route("**/description*", lambda route: route.fulfill(status=503))

    visit = before(forgiven=("503",), prepare=busy)
    visit.streamlit.let_go()
    visit.ready()
    assert visit.js(FIELDS) > 0


def test_a_server_that_says_nothing_keeps_no_page_waiting(before):
    silent = []
    visit = before(prepare=lambda page: silent.append(Held(page, "**/description*")))
    visit.streamlit.let_go()
    visit.ready()
    visit.js(LATE)
    silent[0].let_go()
    visit.page.wait_for_timeout(500)
    assert visit.js(SAME), "what comes late opens nothing"
    assert visit.page.locator(".player").count() == 1


def test_an_answer_of_another_version_leaves_it_to_streamlit(before):
    def other(route):
        answer = route.fetch()
        headers = {**answer.headers, "x-player": "0123456789abcdef"}
        route.fulfill(response=answer, headers=headers)

    visit = before(prepare=lambda page: page.route("**/description*", other))
    while not visit.streamlit.routes:
        visit.page.wait_for_timeout(50)
    assert visit.page.locator(".opening").count() == 0
    visit.streamlit.let_go()
    visit.ready()


def test_without_the_players_files_streamlit_says_what_is_missing(before):
    def gone(page):
        page.route("**/packed.js*", lambda route: route.abort())

    visit = before(forgiven=("net::ERR_FAILED", "Failed to load"), prepare=gone)
    visit.streamlit.let_go()
    visit.page.get_by_text("The player did not load").wait_for()
    assert visit.js(FIELDS) > 0


def test_what_is_wrong_in_an_address_is_said_when_streamlit_is_there(before):
    visit = before("?steps=many&surface=ravine")
    visit.drawn()
    assert visit.data["surface"] == "ravine"
    visit.streamlit.let_go()
    visit.ready()
    assert "many" in visit.page.locator(".notice").inner_text()


def test_a_page_that_is_not_seen_has_its_fields_all_the_same(before):
    hidden = """Object.defineProperty(document, "hidden", { get: () => true });
    window.requestAnimationFrame = () => 0;"""
    visit = before(prepare=lambda page: page.add_init_script(hidden))
    while not visit.streamlit.routes:
        visit.page.wait_for_timeout(50)
    visit.streamlit.let_go()
    visit.page.locator(".stSelectbox").wait_for()
