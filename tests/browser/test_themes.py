"""Themes: dark, light and projector, as the system or the address asks."""

import numpy as np
import pytest
from test_access import broken

from views import theme
from views.palettes import LIGHT, THEMES
from views.theme import DEFAULT_ON, LOOKS, contrast, luminance

MAP = ".player .map"
BACKGROUND = (
    "(query) => getComputedStyle(document.querySelector(query)).backgroundColor"
)


def rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def css(colour):
    return f"rgb({', '.join(map(str, rgb(colour)))})"


def named(colour):
    return "#" + "".join(f"{int(channel):02x}" for channel in colour)


def near(pixels, colour):
    return np.abs(pixels - rgb(colour)).max(axis=2) < 24


def brighter(colour, name):
    """Whether a colour of the map is brighter than what is between the contours."""
    return luminance(colour) > 1.1 * max(map(luminance, THEMES[name]["map"]))


def in_panel(visit):
    """The pixels of the still map inside its axes."""
    left, top, width, height = map(round, visit.map["frames"][0])
    return visit.still_map()[top + 2 : top + height - 2, left + 2 : left + width - 2]


@pytest.fixture
def light(chromium):
    """A browser of a system that is light."""
    context = chromium("--disable-gpu", "--disable-3d-apis").new_context(
        color_scheme="light"
    )
    yield context
    context.close()


def test_the_page_is_as_the_system_is_and_follows_it(visits, light):
    visit = visits(context=light)
    visit.pause("End")
    assert visit.data["theme"] == "light"
    assert visit.js(BACKGROUND, ".stApp") == css(LIGHT["page"])
    assert np.median(in_panel(visit)) > 200
    visit.page.emulate_media(color_scheme="dark")
    visit.until_data(theme="dark")
    visit.settle()
    assert visit.data["step"] == visit.data["steps"], "it stays where it was"
    assert np.median(in_panel(visit)) < 60
    page = css(theme.PAGE)
    visit.eventually(lambda: visit.js(BACKGROUND, ".stApp") == page)
    visit.page.emulate_media(color_scheme="light")
    visit.until_data(theme="light")
    assert np.median(in_panel(visit)) > 200


def test_the_address_has_the_last_word(visits, light):
    visit = visits("?theme=dark", context=light)
    assert visit.data["theme"] == "dark"
    visit.eventually(lambda: visit.js(BACKGROUND, ".stApp") == css(theme.PAGE))
    visit.page.emulate_media(color_scheme="dark")
    visit.page.emulate_media(color_scheme="light")
    visit.settle()
    assert visit.data["theme"] == "dark"


def test_a_theme_is_chosen_from_the_list(visit):
    visit.pause("End")
    pictures = visit.pictures
    themes = visit.page.get_by_test_id("themes")
    for name in ("light", "projector", "dark"):
        themes.select_option(name)
        visit.until_data(theme=name)
        visit.until_address(theme=name)
    themes.select_option("auto")
    visit.until_address(theme=None)
    assert visit.data["theme"] == "dark", "as the system"
    assert visit.pictures == pictures, "no race depends on it"
    assert visit.data["step"] == visit.data["steps"]


@pytest.mark.parametrize("name", THEMES)
def test_trails_are_seen_on_what_the_map_shows(visits, name):
    """By pixels: what is drawn of each run, against what the map has there."""
    visit = visits(f"?theme={name}")
    visit.pause("End")
    # A colour that is nowhere a field of its own is the edge of something.
    colours, counts = np.unique(
        in_panel(visit).reshape(-1, 3), axis=0, return_counts=True
    )
    bands = [named(colour) for colour in colours[counts > 300]]
    assert len(bands) > 3
    seen = visit.shot(MAP)
    for key in DEFAULT_ON:
        own = THEMES[name]["trails"].get(LOOKS[key].colour, {})
        line = own.get("line", LOOKS[key].colour)
        assert near(seen, line).sum() > 20, key
        shown = own["edge"] if line == "#ffffff" and name == "light" else line
        if shown != line:
            assert near(seen, shown).sum() > 20, "white has its edge"
        for band in bands:
            # A contour that is bright for the back row ends at the trail's edge.
            beside = (
                own["edge"] if name == "projector" and brighter(band, name) else shown
            )
            least = 1.8 if beside != shown else 3
            assert contrast(beside, band) >= least, (key, band)


# The size of all text that is drawn on canvases, and of what lies on them.
SIZES = """async () => {
  const sizes = [];
  const draw = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
    const size = parseFloat(this.font.match(/[\\d.]+px/));
    if (String(text).trim()) sizes.push([text, size]);
    return draw.call(this, text, ...more);
  };
  const list = document.querySelector("[data-testid=themes]");
  for (const name of ["dark", "projector"]) {
    sizes.length = 0;
    list.value = name;
    list.dispatchEvent(new Event("change", { bubbles: true }));
    await new Promise((done) => setTimeout(done, 600));
  }
  CanvasRenderingContext2D.prototype.fillText = draw;
  const drawn = sizes.length;
  const walker = document.createTreeWalker(document.querySelector(".player"), 4);
  while (walker.nextNode()) {
    const { textContent, parentElement: host } = walker.currentNode;
    const shown = textContent.trim() && host.closest(".picture") && host.offsetParent;
    const inert = host.closest("select, button, .news, [hidden], .plot");
    if (shown && !inert && host.checkVisibility({ visibilityProperty: true })) {
      sizes.push([textContent, parseFloat(getComputedStyle(host).fontSize)]);
    }
  }
  return [drawn, sizes];
}"""


def test_a_back_row_can_read_what_is_in_pictures(visits):
    visit = visits(size=(1920, 1080))
    for query in ("", "?view=side", "?panels=rate,loss&show=arrows"):
        visit.go(query)
        visit.pause("End")
        drawn, sizes = visit.js(SIZES)
        assert drawn > 10, query
        assert len(sizes) > drawn, query
        assert [one for one in sizes if one[1] < 20] == [], query


def test_no_text_is_small_in_a_large_window(visits):
    """Four times the pixels, so that it is as large as on half of the screen."""
    sizes = {}
    for size in ((1920, 1080), (3840, 2160)):
        visit = visits(size=size)
        sizes[size] = visit.js(
            """() => Object.fromEntries([".player", ".head span", ".stApp label p"]
              .map((query) => [query,
                parseFloat(getComputedStyle(document.querySelector(query)).fontSize)]))"""
        )
    small, large = sizes.values()
    for query, pixels in small.items():
        assert large[query] == pytest.approx(2 * pixels, rel=0.05), query


VIEWS = {
    "race": "",
    "side": "&view=side",
    "basins": "&view=studies&study=basins",
    "inside": "&panels=inside,rate&inspect=adam",
    "lesson": "&lesson=momentum",
    "conditions": "&surface=linear_regression&batch=1&noise=1",
}


@pytest.mark.parametrize("name", ["light", "projector"])
def test_axe_finds_nothing_in_any_theme(visits, name):
    visit = visits(f"?theme={name}").in_3d()
    for view, query in VIEWS.items():
        visit.go(f"?theme={name}{query}")
        visit.pause("Home" if view == "lesson" else "End")
        visit.settle()
        assert broken(visit) == "", view


def test_axe_finds_nothing_in_dialogs(visits):
    visit = visits()
    for name in THEMES:
        visit.go(f"?theme={name}")
        visit.pause("End")
        for button in ("help-button", "share"):
            visit.page.get_by_test_id(button).first.click()
            visit.page.locator("dialog[open]").wait_for()
            visit.settle()
            assert broken(visit) == "", (name, button)
            visit.page.keyboard.press("Escape")
        for kind in ("html", "film"):
            visit.page.get_by_test_id("save-race").select_option(kind)
            visit.page.locator("dialog[open]").wait_for()
            visit.settle()
            assert broken(visit) == "", (name, kind)
            visit.page.keyboard.press("Escape")


def printed(visit):
    """The median of the map's pixels: as they go to a printer, and after that."""
    visit.js("window.dispatchEvent(new Event('beforeprint'))")
    on_paper = np.median(in_panel(visit))
    visit.js("window.dispatchEvent(new Event('afterprint'))")
    visit.settle()
    return on_paper, np.median(in_panel(visit))


def test_paper_is_light_unless_a_theme_is_asked_for(visits):
    visit = visits()
    visit.pause("End")
    paper, screen = printed(visit)
    assert paper > 200
    assert screen < 60
    visit = visits("?theme=dark")
    visit.pause("End")
    assert max(printed(visit)) < 60


def test_a_trail_that_grows_looks_as_one_drawn_at_once(visits):
    """The edge of a step does not cover the lines of those before it, however short."""
    visit = visits(
        "?theme=light&on=rmsprop&steps=120&surface=formula&f=y^2&start=0,3"
        "&rmsprop.lr=0.01"
    )
    visit.page.add_style_tag(content=".head, .start { visibility: hidden }")
    visit.pause("Home")
    for _ in range(120):
        visit.page.keyboard.press("ArrowRight")
        visit.js("new Promise(requestAnimationFrame)")
    visit.until_data(step="120")
    visit.settle()
    grown = visit.shot(MAP)
    visit.pause("Home")
    visit.pause("End")
    once = visit.shot(MAP)
    line = LIGHT["trails"][LOOKS["rmsprop"].colour]["line"]
    expected = near(once, line).sum()
    assert expected > 40
    assert near(grown, line).sum() > 0.9 * expected
