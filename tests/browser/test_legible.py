"""Whether what is on the screen can be read: axes, numbers, labels, and on paper."""

import itertools
import re
from operator import itemgetter

import numpy as np
import pytest

from optim import OPTIMIZERS
from surfaces import SURFACES
from views.entries import MOST_ON
from views.palettes import LIGHT
from views.theme import INK, MUTED, contrast

EIGHT = ",".join(list(OPTIMIZERS)[:MOST_ON])
MAP, SCENE, LOSSES = ".player .map", ".player .scene", ".player .losses"

# -- axes -----------------------------------------------------------------------------


def near(pixels, colour):
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.abs(pixels - rgb).max(axis=-1) < 40


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)], ids=str)
def test_every_tick_of_the_map_has_its_number_and_every_axis_its_name(visits, size):
    visit = visits(size=size)
    for surface in ("beale", "griewank", "rosenbrock"):
        visit.go(f"?surface={surface}").settle()
        axes_are_whole(visit)


def axes_are_whole(visit):
    shown = visit.map
    pixels = visit.still_map()
    high, wide, _ = pixels.shape
    left, top, width, height = shown["frames"][0]
    beside = {
        "x": near(pixels[round(top + height) + 1], MUTED),
        "y": near(pixels[:, round(left) - 2], MUTED),
    }
    # Beyond a corner there are numbers of the other axis.
    beside["x"][: round(left) - 1] = beside["y"][round(top + height) + 2 :] = False
    for axis in "xy":
        texts = [text for text in shown["texts"] if text["axis"] == axis]
        (name,) = [text for text in texts if text["text"] == axis]
        ticks = [text for text in texts if text is not name]
        assert len({tick["text"] for tick in ticks}) == len(ticks) >= 3
        assert len(ticks) == beside[axis].sum(), "a mark at each, one pixel wide"
        low, most = shown[axis]
        for tick in ticks:
            part = (float(tick["text"].replace("−", "-")) - low) / (most - low)
            place = left + part * width if axis == "x" else top + (1 - part) * height
            ends = ("left", "right") if axis == "x" else ("top", "bottom")
            middle = sum(tick[end] for end in ends) / 2
            assert middle == pytest.approx(place, abs=1), tick
            assert beside[axis][round(place) - 1 : round(place) + 2].any(), tick
        for text, colour in [(name, INK), *((tick, MUTED) for tick in ticks)]:
            assert min(text["left"], text["top"]) > -0.5, text
            assert text["right"] < wide + 0.5, text
            assert text["bottom"] < high + 0.5, text
            rows, columns = (
                slice(max(round(text[low]), 0), round(text[high]) + 1)
                for low, high in (("top", "bottom"), ("left", "right"))
            )
            assert near(pixels[rows, columns], colour).sum() >= 3, text
        for one, other in itertools.combinations(texts, 2):
            assert overlap(*map(BOX, (one, other))) < 1, (one, other)


BOX = itemgetter("left", "top", "right", "bottom")

BAR = """() => {
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom, text: element.textContent };
  };
  const find = (name) => document.querySelector(`.player .map ${name}`);
  const host = box(document.querySelector(".player .map"));
  const [[x, y, width, height]] = JSON.parse(
    document.querySelector(".player .map").dataset.frames);
  const [left, top] = [host.left + x, host.top + y];
  return {
    host, bar: box(find(".scale i")),
    plot: { left, top, right: left + width, bottom: top + height },
    name: box(find(".scale b")),
    ticks: [...document.querySelectorAll(".player .map .scale span")].map(box),
  };
}"""


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)], ids=str)
def test_a_bar_says_which_colour_is_how_much(visits, size):
    visit = visits("?surface=goldstein_price", size=size)
    visit.settle()
    seen = visit.js(BAR)
    assert [tick["text"] for tick in seen["ticks"]] == [
        "3",
        "10³",
        "10⁴",
        "10⁵",
        "10⁶",
    ]
    assert seen["name"]["text"] == "loss"
    plot, bar = seen["plot"], seen["bar"]
    assert abs(bar["bottom"] - plot["bottom"]) < 2, "as high as the map"
    assert plot["right"] < bar["left"] < plot["right"] + 20, "beside it"
    for box in (bar, seen["name"], *seen["ticks"]):
        assert box["right"] <= seen["host"]["right"]
    for low, high in itertools.pairwise(seen["ticks"]):
        assert high["bottom"] < low["top"] + 2
    # The map is not much smaller for it.
    side = min(
        seen["host"][k] - seen["host"][j]
        for j, k in (("left", "right"), ("top", "bottom"))
    )
    assert plot["bottom"] - plot["top"] > 0.78 * side


def test_panels_say_what_their_axes_are_and_share_a_bar(visits):
    visit = visits("?view=side")
    visit.until("document.querySelectorAll('.player .note').length === 5")
    visit.settle()
    texts = [text["text"] for text in visit.map["texts"]]
    for axis in "xy":
        assert sum(text.startswith(f"{axis} = ") for text in texts) == 5
    seen = visit.js(BAR)
    assert seen["bar"]["bottom"] - seen["bar"]["top"] > 100
    assert all(tick["right"] <= seen["host"]["right"] for tick in seen["ticks"])


EYE = """() => {
  const { eye } = document.querySelector(".player .scene .plot")
    ._fullLayout.scene._scene.getCamera();
  return [eye.x, eye.y, eye.z];
}"""


def test_a_button_and_a_double_click_bring_the_camera_back(visit):
    visit.pause()
    first = visit.in_3d().js(EYE)
    box = visit.page.locator(SCENE).bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for back in ("button", "double click"):
        visit.page.mouse.move(*middle)
        visit.page.mouse.wheel(0, -600)
        visit.page.mouse.down()
        visit.page.mouse.move(middle[0] + 60, middle[1] + 30, steps=4)
        visit.page.mouse.up()
        visit.until(f"(first) => Math.abs(({EYE})()[0] - first[0]) > 0.1", first)
        if back == "button":
            visit.page.get_by_role("button", name="Back to the first view").click()
        else:
            visit.page.mouse.dblclick(*middle)
        visit.until(
            f"(first) => ({EYE})().every((v, i) => Math.abs(v - first[i]) < 1e-6)",
            first,
        )


def test_the_axes_of_the_scene_have_names_and_ticks_that_do_not_touch(visits):
    visit = visits("?surface=goldstein_price")
    visit.in_3d()
    axes = visit.js(
        """() => {
          const { xaxis, yaxis, zaxis } = document.querySelector(".player .scene .plot")
            ._fullLayout.scene;
          return [xaxis, yaxis, zaxis].map(({ title, tickfont }) =>
            [title.text, tickfont.size]);
        }"""
    )
    assert [name for name, _ in axes] == ["x", "y", "loss"]
    assert min(size for _, size in axes) >= 12


# -- labels of heads ------------------------------------------------------------------

LABELS = """(selector) => {
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const heads = [...document.querySelectorAll(`${selector} .head`)]
    .filter((head) => !head.hidden);
  return {
    labels: heads.map((head) => box(head.querySelector("span"))),
    // Turned ones have larger boxes than pictures.
    heads: heads.map((head) => box(head.querySelector("svg"))).map((one) => {
      const [x, y] = [(one[0] + one[2]) / 2, (one[1] + one[3]) / 2];
      return [x - 8, y - 8, x + 8, y + 8];
    }),
    buttons: [...document.querySelectorAll(`${selector} :is(button, select)`)]
      .filter((one) => one.checkVisibility()).map(box),
    leaders: heads.filter((head) => !head.querySelector("i").hidden).length,
    host: box(document.querySelector(selector)),
  };
}"""


def overlap(one, other):
    """How many pixels two boxes lie on one another, at least along one side."""
    return min(
        min(one[2], other[2]) - max(one[0], other[0]),
        min(one[3], other[3]) - max(one[1], other[1]),
    )


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=str)
@pytest.mark.parametrize("surface", ["booth", "himmelblau"])
def test_no_label_lies_on_another_or_on_a_head(visits, surface, size):
    """Eight rules that end together, on all three pictures, and on the way there."""
    visit = visits(f"?surface={surface}&on={EIGHT}", size=size).in_3d()
    visit.pause("End")
    visit.eventually(lambda: visit.page.locator(f"{MAP} .head").count() == MOST_ON)
    for step in ("End", "Home", "ArrowRight", "End"):
        visit.page.keyboard.press(step)
        visit.settle()
        for picture in (MAP, SCENE, LOSSES):
            seen = visit.js(LABELS, picture)
            for one, other in itertools.combinations(seen["labels"], 2):
                assert overlap(one, other) < 1, (picture, step)
            for label, head in itertools.product(seen["labels"], seen["heads"]):
                assert overlap(label, head) < 2, (picture, step)
            for label, button in itertools.product(seen["labels"], seen["buttons"]):
                assert overlap(label, button) < 1, (picture, step)
            for label in seen["labels"]:
                assert overlap(label, seen["host"]) > 12, (picture, step)
    assert visit.js(LABELS, MAP)["leaders"] > 0


def test_labels_on_the_map_leave_its_numbers_free(visits):
    visit = visits(f"?surface=himmelblau&on={EIGHT}&start=-4.9,-4.9")
    for key in ("Home", "End"):
        visit.pause(key)
        plot = visit.js(BAR)["plot"]
        for left, top, right, bottom in visit.js(LABELS, MAP)["labels"]:
            assert left >= plot["left"] - 1
            assert top >= plot["top"] - 1
            assert right <= plot["right"] + 1
            assert bottom <= plot["bottom"] + 1


def test_labels_rest_when_their_heads_do(visits):
    visit = visits(f"?surface=booth&on={EIGHT}")
    visit.pause("End")
    before = visit.js(LABELS, MAP)["labels"]
    for _ in range(5):
        visit.settle()
        assert visit.js(LABELS, MAP)["labels"] == before


# -- numbers --------------------------------------------------------------------------

CUT = """(selector) => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility() && /\\d/.test(element.textContent))
  .filter((element) => element.scrollWidth > element.clientWidth + 1
    || (element.scrollHeight > element.clientHeight + 2
      && getComputedStyle(element).display !== "inline"))
  .map((element) => `${element.className}: ${element.textContent}`)"""
CARRY_NUMBERS = (
    ".player :is(.card .outcome, .card .loss, .note, .note .state, .status, .legend,"
    " .timeline output, td, .typed)"
)
# By the height of a line, and by the borders of what they stand in.
OUTSIDE = """() => {
  const out = (element, host) => {
    const [a, b] = [element, host].map((one) => one.getBoundingClientRect());
    return a.left < b.left - 1 || a.right > b.right + 1
      || a.top < b.top - 1 || a.bottom > b.bottom + 1;
  };
  const inside = ".player :is(.card .outcome, .card .loss, .note)";
  return [...document.querySelectorAll(inside)]
    .filter((element) => element.checkVisibility())
    .filter((element) => out(element, element.closest(".card, .picture")))
    .map((element) => element.textContent);
}"""
LONG = (
    "goldstein_price", "two_wells", "hills", "three_hump_camel", "six_hump_camel",
    "styblinski_tang",
)  # fmt: skip


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=str)
def test_no_number_is_cut(visits, size):
    visit = visits(size=size)
    for surface, more in itertools.product(LONG, ("", f"&view=side&on={EIGHT}")):
        query = f"?surface={surface}{more}"
        visit.go(query)
        for key in ("Home", "End"):
            visit.pause(key)
            visit.settle()
            assert visit.js(CUT, CARRY_NUMBERS) == [], query
            assert visit.js(OUTSIDE) == [], query
        runs = visit.server.race(query)["runs"]
        assert len(runs) in (5, MOST_ON)
        for run in runs:
            card = visit.page.get_by_test_id(f"card-{run['key']}")
            assert card.locator(".outcome").inner_text() == run["text"], query
            assert "loss" in card.locator(".loss").inner_text()
        if "side" not in query:
            continue
        for note in visit.page.locator(".player .note").all():
            assert note.locator(".state").inner_text()
            assert any(run["text"] in note.get_attribute("title") for run in runs)
        assert len(visit.map["frames"]) == MOST_ON


def test_notes_lie_neither_on_a_panel_nor_on_each_other(visits):
    for size in ((1280, 720), (1920, 1080), (390, 844)):
        visit = visits("?view=side&surface=two_wells", size=size)
        visit.until("document.querySelectorAll('.player .note').length === 5")
        visit.pause("End")
        notes = visit.js(
            """() => {
              const map = document.querySelector(".player .map");
              const host = map.getBoundingClientRect();
              return [...map.querySelectorAll(".note")].map((note) => {
                const { left, top, right, bottom } = note.getBoundingClientRect();
                return [left - host.left, top - host.top,
                        right - host.left, bottom - host.top];
              });
            }"""
        )
        panels = [
            [left, top, left + width, top + height]
            for left, top, width, height in visit.map["frames"]
        ]
        assert len(notes) == len(panels) == 5
        for one, other in itertools.combinations(notes, 2):
            assert overlap(one, other) < 1, size
        for one, other in itertools.product(notes, panels):
            assert overlap(one, other) < 1, size


# -- on paper -------------------------------------------------------------------------

SIZES = """() => {
  const size = (name) => {
    const element = document.querySelector(`.player ${name}`);
    const { width, height } = element.getBoundingClientRect();
    return [Math.round(width), Math.round(height)];
  };
  return {
    map: size(".map"), trails: size(".map .trails"), plot: size(".map .plot canvas"),
    scene: size(".scene"), losses: size(".losses"),
    canvas: document.querySelector(".player .map .trails").width,
    ratio: window.devicePixelRatio,
  };
}"""


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)], ids=str)
def test_trails_and_map_agree_on_paper(visits, size):
    """Nothing is drawn anew for paper: it all has to be as large as on the screen."""
    visit = visits(size=size).in_3d()
    visit.pause("End")
    screen = visit.js(SIZES)
    # What follows the window does not run while a page is printed.
    visit.js("() => { window.ResizeObserver.prototype.observe = () => {}; }")
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": 1062, "height": 700})
    visit.settle()
    paper = visit.js(SIZES)
    # To a pixel: widths on paper are fractions, and these are rounded.
    assert paper["trails"] == pytest.approx(paper["plot"], abs=1), "one on another"
    assert paper["trails"][0] * paper["ratio"] == pytest.approx(paper["canvas"], abs=1)
    if size[0] > 800:
        assert paper["map"][0] == pytest.approx(screen["map"][0], abs=1)
        assert paper["scene"][0] == pytest.approx(screen["scene"][0], abs=1)
    visit.page.emulate_media(media="screen")


def test_paper_is_white(visit):
    visit.in_3d().pause("End")
    visit.js("window.dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    visit.settle()
    for selector in (".player .cards", ".player .timeline", ".stApp"):
        pixels = visit.shot(selector)
        assert (pixels.min(axis=2) > 230).mean() > 0.3, selector
    for picture in (MAP, SCENE, LOSSES):
        assert np.median(visit.shot(picture)) > 200, picture
    name = visit.page.get_by_test_id("card-adagrad").locator("b")
    colour = visit.js("(e) => getComputedStyle(e).color", name.element_handle())
    channels = [int(part) for part in re.findall(r"\d+", colour)]
    words = "#" + bytes(channels).hex()
    assert contrast(words, LIGHT["panel"]) >= 4.5
    visit.page.emulate_media(media="screen")
    visit.js("window.dispatchEvent(new Event('afterprint'))")
    visit.settle()
    for picture in (MAP, SCENE, LOSSES):
        assert np.median(visit.shot(picture)) < 60, picture


def test_a_page_can_be_printed(visit):
    visit.in_3d().pause("End")
    pdf = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 2


assert set(LONG) <= set(SURFACES)
