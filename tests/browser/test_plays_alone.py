"""A race that was saved as a web page plays from its file, with the network off."""

import gzip
import json
import re
from base64 import b85decode
from urllib.request import urlopen

import pytest

from loss_surface import adam, momentum, race

CARDS = """() => [...document.querySelectorAll(".card:not(.off)")].map((card) => [
  card.dataset.testid,
  card.querySelector(".loss").title,
  card.querySelector(".outcome").textContent,
])"""
NUMBERS = """() => [...document.querySelectorAll(".inside [data-quantity]")].map(
  ({ dataset }) => [dataset.quantity, dataset.x, dataset.y])"""
UNTIL = """async () => {
  const end = performance.now() + 30000;
  while (!(%s)) {
    if (performance.now() > end) return false;
    await new Promise(requestAnimationFrame);
  }
  return true;
}"""
OVER = """(({ step, steps, playing }) => step === steps && playing === "false")(
  document.querySelector(".player").dataset)"""
# Texts are not written in each frame, but every 80 ms at most.
SETTLED = """async () => {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((done) => setTimeout(done, 100));
    await new Promise(requestAnimationFrame);
  }
}"""
PLAYING = "document.querySelector('.player')?.dataset.pictures > 0"


def until(page, condition):
    """Waits; Playwright's own way would make code of text, which the policy refuses."""
    assert page.evaluate(UNTIL % condition), condition


# Of the column of a notebook: what is cut at the right, and what lies on a title.
CUT = """() => [...document.querySelectorAll(".map .scale span")].filter((tick) => {
  const { right } = tick.closest(".picture").getBoundingClientRect();
  return tick.getBoundingClientRect().right > right;
}).map((tick) => tick.textContent)"""
LIES_ON_TITLE = """() => {
  const buttons = [...document.querySelectorAll(".chooser button")];
  const texts = [...document.querySelectorAll(".inside header > *")];
  const boxes = (list) => list.map((one) => one.getBoundingClientRect());
  return boxes(texts).some((text) => boxes(buttons).some((button) =>
    text.left < button.right && text.right > button.left &&
    text.top < button.bottom && text.bottom > button.top));
}"""


def page_of(path):
    """The description in a file."""
    text = re.search(rb'id="part-page">([^<]*)<', path.read_bytes())[1]
    return json.loads(gzip.decompress(b85decode(text.replace(b",", b"<"))))


@pytest.fixture(scope="module")
def saved(server, tmp_path_factory):
    """Fetches a file of a race."""
    folder = tmp_path_factory.mktemp("saved")

    def save(query):
        path = folder / f"{len(list(folder.iterdir()))}.html"
        with urlopen(f"{server.address}/race.html?{query}") as answer:
            path.write_bytes(answer.read())
        return path

    return save


@pytest.fixture
def alone(context, request):
    """Opens a file in a browser that has no network."""
    browser = context.browser
    opened = []

    def open_file(path, size=(1280, 720), framed=False):
        width, height = size
        offline = browser.new_context(
            offline=True,
            color_scheme="dark",
            viewport={"width": width, "height": height},
        )
        opened.append(offline)
        page = offline.new_page()
        troubles = []
        page.on("console", lambda one: one.type == "error" and troubles.append(one))
        page.on("pageerror", lambda error: troubles.append(error))
        page.on("request", lambda one: asked.append(one.url))
        asked = []
        page.goto(path.as_uri())
        until(page.frames[1] if framed else page, PLAYING)
        page.troubles, page.asked = troubles, asked
        return page

    yield open_file
    for one in opened:
        for page in one.pages:
            assert page.troubles == []
            kinds = {url.split(":", 1)[0] for url in page.asked}
            assert kinds <= {"file", "blob", "data"}
        one.close()


def at_the_end(page):
    """What the cards say when a race is over."""
    page.bring_to_front()
    page.evaluate("document.activeElement?.blur()")
    if page.evaluate("document.querySelector('.player').dataset.playing") == "true":
        page.keyboard.press("Space")
    page.keyboard.press("End")
    until(page, OVER)
    page.evaluate(SETTLED)
    return page.evaluate(CARDS)


def test_a_race_saved_from_the_page_ends_as_it_does_there(visits, alone, tmp_path):
    query = "?surface=himmelblau&on=momentum,adam&steps=80&panels=inside&inspect=adam"
    visit = visits(query)
    visit.page.get_by_test_id("save-race").select_option("html")
    visit.page.locator("dialog.web-page select[data-entry=adam]").select_option(
        "adam.lr"
    )
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save-web-page").click()
    assert download.value.suggested_filename == "race-himmelblau.html"
    path = tmp_path / "race.html"
    download.value.save_as(path)
    page = alone(path)
    there = at_the_end(visit.page)
    inside = visit.js(NUMBERS)
    assert at_the_end(page) == there
    assert page.evaluate(NUMBERS) == inside != []

    # Another value of the slider that stays alive is another run, and a true one.
    (slider,) = page_of(path)["kept"]["sliders"]
    value = slider["values"][30]
    typed = page.get_by_test_id("lr-adam-value")
    typed.fill(str(value * 1.001))
    typed.press("Enter")
    until(
        page,
        "document.querySelector('.status').textContent.includes('not in this file')",
    )
    assert float(typed.input_value()) == pytest.approx(value, rel=1e-4)
    moved = at_the_end(page)
    assert moved != there
    other = visits(f"{query}&adam.lr={value!r}")
    assert moved == at_the_end(other.page)
    # Its steps from inside are not in the file, and it says so.
    page.bring_to_front()
    says = page.locator(".inside .none").text_content()
    assert says == "This file has no numbers of these steps."
    page.get_by_test_id("card-adam").locator("[role=switch]").first.uncheck()
    until(page, "document.querySelector('.card.off')?.dataset.testid === 'card-adam'")


def test_what_is_not_in_a_file_is_not_offered(saved, alone):
    page = alone(saved("scene=0&steps=40&panels=rate"), (390, 844))
    for gone in ("share", "save-race", "add-optimizer", "lessons", "show-scene"):
        assert not page.get_by_test_id(gone).is_visible(), gone
    assert page.get_by_test_id("lr-adam").is_disabled()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    start = page.evaluate("document.querySelector('.player').dataset.start")
    page.locator(".map .plot").click(position={"x": 120, "y": 120})
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('.player').dataset.start") == start


def test_the_surface_is_in_it_in_3d(saved, alone):
    page = alone(saved("steps=40"))
    until(page, "document.querySelector('.scene canvas')")
    until(page, "Boolean(window.Plotly)")


def test_a_lesson_asks_and_answers_from_a_file(saved, alone):
    page = alone(saved("lesson=momentum&page=2&scene=0"))
    assert page.locator(".lesson").first.is_visible()
    options = page.locator(".lesson .options button")
    if options.count():
        options.first.click()
        page.get_by_test_id("reveal").click()
        until(page, "document.querySelector('.lesson .judged').textContent.length > 10")


def test_a_saved_notebook_plays(alone, tmp_path):
    shown = race("booth", adam(), momentum(), steps=40)._repr_html_()
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><title>A notebook</title>{shown}", "utf-8")
    page = alone(path, framed=True)
    inner = page.frames[1]
    first = inner.evaluate("document.querySelector('.player').dataset.step")
    assert inner.evaluate(
        UNTIL % f"document.querySelector('.player').dataset.step !== '{first}'"
    )
    assert inner.evaluate("document.documentElement.scrollHeight") <= 640
    page.set_viewport_size({"width": 880, "height": 720})  # a column in an editor
    until(inner, "document.querySelector('.player').clientWidth < 870")
    inner.evaluate(SETTLED)
    assert inner.locator(".inside header").is_visible()
    assert not inner.evaluate(LIES_ON_TITLE)
    assert inner.evaluate(CUT) == []
