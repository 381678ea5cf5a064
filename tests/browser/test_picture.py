"""What is seen: five colours that move, where the pictures say, on every screen."""

import itertools

import numpy as np
import pytest

from surfaces import SURFACES
from views.race import run_race
from views.setup import Setup
from views.theme import CRITICAL, DEFAULT_ON
from views.theme import LOOKS as ALL_LOOKS

LOOKS = {key: ALL_LOOKS[key] for key in DEFAULT_ON}

MAP, SCENE, LOSSES = ".player .map", ".player .scene", ".player .losses"
X, Y = SURFACES["rosenbrock"].minima[0]


def near(pixels, colour):
    """Which pixels have a colour, or nearly."""
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.abs(pixels - rgb).max(axis=2) < 24


def distance(ones, others):
    """The largest distance along an axis between some places and others."""
    assert len(ones) == len(others)
    return np.abs(np.subtract(ones, others)).max()


# -- the race -------------------------------------------------------------------------


def test_five_colours_move(visit):
    assert visit.data["playing"] == "true", "by itself"
    visit.in_3d()
    visit.until(
        "(step) => document.querySelector('.player').dataset.step !== step",
        visit.data["step"],
    )
    visit.pause("Home")
    first = {picture: visit.shot(picture) for picture in (MAP, SCENE, LOSSES)}
    visit.page.keyboard.press("End")
    visit.settle()
    for picture, before in first.items():
        after = visit.shot(picture)
        for key, look in LOOKS.items():
            moved = near(before, look.colour) != near(after, look.colour)
            assert near(after, look.colour).sum() >= 20, f"no {key} on {picture}"
            assert moved.sum() >= 20, f"{key} does not move on {picture}"


def test_one_player_shows_every_surface(visit):
    """What the root says and how the runs end, one surface of each family."""
    visit.js("document.querySelector('.player').same = true")
    families = {surface.family: key for key, surface in SURFACES.items()}
    for key in ("rosenbrock", *families.values()):
        if visit.data["surface"] != key:
            visit.choose_surface(key)
            visit.until_data(surface=key)
            visit.until_data(playing="true")
        visit.pause("End")
        default = Setup(key)
        data = visit.data
        assert data["testid"] == "player"
        assert data["surface"] == key
        assert data["step"] == data["steps"] == str(default["steps"])
        assert data["playing"] == "false"
        assert data["view"] == "race"
        assert visit.start == list(default["start"])
        assert visit.js("document.querySelector('.player').same"), "another player"

        runs = visit.server.race(f"?surface={key}")["runs"]
        assert visit.outcomes == {run["key"]: run["text"] for run in runs}
        for run in runs:
            card = visit.page.get_by_test_id(f"card-{run['key']}")
            assert card.locator(".outcome").inner_text() == run["text"]
            assert card.locator(".loss").inner_text().startswith("loss ")


# -- overlay and picture --------------------------------------------------------------

CENTRES = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
})"""


def on_the_map(visit):
    """The centres of the minimum's marks as drawn, of start rings and of heads."""
    box = visit.page.locator(MAP).bounding_box()
    drawn = near(visit.still_map(), CRITICAL)
    marks = []
    for left, top, width, height in visit.map["frames"]:
        panel = drawn[
            round(top) : round(top + height), round(left) : round(left + width)
        ]
        y, x = np.nonzero(panel)
        assert len(x) > 12, "the mark is out of sight"
        at = left + x.mean() + 0.5, top + y.mean() + 0.5
        marks.append([int(box[k] + 0.5) + one for k, one in zip("xy", at, strict=True)])
    parts = (".start", ".head svg")
    rings, heads = (visit.js(CENTRES, f"{MAP} {part}") for part in parts)
    return marks, rings, heads


def test_map_and_overlay_agree(visits):
    """The minimum is marked; a start and a head that rests are there, too."""
    visit = visits(f"?start={X},{Y}&on=gradient_descent,momentum")
    visit.pause()
    (before,), rings, heads = on_the_map(visit)
    assert distance([visit.on_screen(X, Y)], [before]) < 1
    assert distance(rings, [before]) < 1
    assert distance(heads, 2 * [before]) < 1.5

    # Zoom in, not around the mark: it must move.
    shown = visit.map["x"]
    box = visit.page.locator(MAP).bounding_box()
    visit.page.mouse.move(box["x"] + 100, box["y"] + 100)
    visit.page.mouse.wheel(0, -200)
    visit.eventually(lambda: visit.map["x"] != shown)
    visit.settle()
    (mark,), rings, heads = on_the_map(visit)
    assert distance([mark], [before]) > 10
    assert distance(rings, [mark]) < 1
    assert distance(heads, 2 * [mark]) < 1.5

    visit.page.get_by_role("radio", name="Side by side").click()
    visit.until("document.querySelectorAll('.player .note').length === 2")
    visit.settle()
    marks, rings, heads = on_the_map(visit)
    assert len(marks) == 2
    assert distance(sorted(rings), sorted(marks)) < 1
    assert distance(sorted(heads), sorted(marks)) < 1.5


# In place of the terrain, a mark of plotly's own, and nothing of the overlay's.
MARK = """async (point) => {
  const plot = document.querySelector(".player .scene .plot");
  const [x, y, z] = point.map((value) => [value]);
  await window.Plotly.restyle(plot, { visible: false }, [0]);
  await window.Plotly.addTraces(plot, {
    type: "scatter3d", mode: "markers", x, y, z, hoverinfo: "skip",
    marker: { size: 9, color: "#ff0000", line: { width: 0 } },
  });
}"""
UNMARK = """async () => {
  const plot = document.querySelector(".player .scene .plot");
  await window.Plotly.deleteTraces(plot, -1);
  await window.Plotly.restyle(plot, { visible: true }, [0]);
}"""
BARE = """
  .player .scene .plot { opacity: 1 !important; }
  .player .scene :is(.overlay, .head) { display: none !important; }
"""
EYE = """() => document.querySelector(".player .scene .plot")
  ._fullLayout.scene._scene.getCamera().eye"""


def bare_scene(visit):
    """The pixels of plotly's scene, without what lies above it."""
    style = visit.page.add_style_tag(content=BARE)
    visit.settle()
    pixels = visit.shot(SCENE)
    style.evaluate("(style) => style.remove()")
    return pixels


def turn(visit, across, down):
    """Turns the scene with the mouse."""
    eye = visit.in_3d().js(EYE)
    box = visit.page.locator(SCENE).bounding_box()
    x, y = box["x"] + 200, box["y"] + 300
    visit.page.mouse.move(x, y)
    visit.page.mouse.down()
    visit.page.mouse.move(x + across, y + down, steps=4)
    visit.page.mouse.up()
    visit.until(f"(eye) => Math.abs(({EYE})().x - eye.x) > 0.05", eye)


def test_scene_and_overlay_agree(visits):
    """Plotly marks iterates; the head is there, too, from wherever one looks."""
    visit = visits("?on=adam").in_3d()
    visit.pause()
    relief = visit.js("fetch('landscape').then((r) => r.json()).then((l) => l.relief)")
    setup, _ = Setup().edited({"on": "adam"})
    run = run_race(setup).runs["adam"]
    for turned, (step, key) in itertools.product(
        (False, True), [(0, "Home"), (-1, "End")]
    ):
        if turned and step == 0:
            turn(visit, 60, -20)
        visit.page.keyboard.press(key)
        visit.settle()
        (head,) = visit.js(CENTRES, f"{SCENE} .head svg")
        excess = run.losses[step] - relief["base"]
        height = float(np.log10(1 + max(excess, 0) / relief["unit"]))
        visit.js(MARK, [*run.points[step].tolist(), height])
        rows, columns = np.nonzero(near(bare_scene(visit), "#ff0000"))
        visit.js(UNMARK)
        assert len(rows) > 20, "the mark is out of sight"
        box = visit.page.locator(SCENE).bounding_box()
        drawn = [box["x"] + columns.mean() + 0.5, box["y"] + rows.mean() + 0.5]
        assert distance(head, drawn) < 3, (turned, step)


def test_no_picture_asks_for_webgl_again(visits):
    """Browsers keep a few contexts only."""
    visit = visits("?surface=ravine").in_3d()
    visit.until("document.querySelector('.player .scene.held')")
    visit.js(
        """() => {
          window.asked = 0;
          const { prototype } = HTMLCanvasElement;
          const { getContext } = prototype;
          prototype.getContext = function (kind, ...more) {
            if (kind.includes("webgl")) window.asked += 1;
            return getContext.call(this, kind, ...more);
          };
        }"""
    )
    corner = "document.querySelector('.player .scene .plot')._fullData[0].z[0][60]"
    for kappa in (0, 1):
        height = visit.js(corner)
        visit.drag("kappa", kappa)
        visit.until(f"(height) => {corner} !== height", height)
    assert visit.js("window.asked") == 0


SHARP = """() => [...document.querySelectorAll(".player canvas.overlay")]
  .filter((canvas) => canvas.checkVisibility() && canvas.clientWidth)
  .map((canvas) => canvas.width / canvas.clientWidth)"""
SCENE_PIXELS = """() => {
  const { gl } = document.querySelector(".player .scene .plot")
    ._fullLayout.scene._scene.glplot;
  return gl.canvas.width / document.querySelector(".player .scene").clientWidth;
}"""


@pytest.mark.parametrize("query", ["", "?surface=linear_regression", "?view=studies"])
def test_pictures_are_as_sharp_as_the_screen(visits, query):
    """The window moves to a screen with pixels half as large."""
    visit = visits(query)
    if not query:
        visit.in_3d()
    visit.settle()
    assert visit.js(SHARP) == pytest.approx(len(visit.js(SHARP)) * [1])
    screen = visit.page.context.new_cdp_session(visit.page)
    screen.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 720, "deviceScaleFactor": 2, "mobile": False},
    )
    visit.until("window.devicePixelRatio === 2")
    visit.settle()
    assert visit.js(SHARP) == pytest.approx(len(visit.js(SHARP)) * [2], rel=0.01)


def test_a_sharper_scene_is_seen_from_where_it_was(visits):
    visit = visits("?on=adam")
    turn(visit, 60, -20)
    eye = visit.js(EYE)
    screen = visit.page.context.new_cdp_session(visit.page)
    screen.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 720, "deviceScaleFactor": 2, "mobile": False},
    )
    visit.until(f"() => ({SCENE_PIXELS})() > 1.5")
    visit.until("document.querySelector('.player .scene.held')")
    assert visit.js(EYE) == pytest.approx(eye)


def test_curves_are_traced_when_something_changes(visits):
    """Also where the axis of losses is the map's own: there is no known minimum."""
    visit = visits("?surface=saddle")
    visit.pause("End")
    visit.js(
        """() => {
          const context = document.querySelector(".losses canvas").getContext("2d");
          const { clearRect } = context;
          window.cleared = 0;
          context.clearRect = (...box) => {
            window.cleared += 1;
            clearRect.call(context, ...box);
          };
        }"""
    )
    visit.page.wait_for_timeout(500)
    assert visit.js("window.cleared") == 0
    pictures = visit.pictures
    visit.drag("lr-adam", -2)
    visit.until_next_picture(pictures)
    visit.until("window.cleared > 0")


def test_the_scene_at_rest_is_the_scene(visits):
    """While it does not turn the scene may be a copy, which must not be visible."""
    visit = visits("?on=").in_3d()
    for across in (0, 80):
        if across:
            turn(visit, across, 10)
        visit.until("document.querySelector('.player .scene.held')")
        visit.settle()
        seen = visit.shot(SCENE)
        assert np.abs(seen - bare_scene(visit)).max() < 12
        assert seen.std() > 5, "there is something to be seen"


SIZE_OF_SCENE = """(() => {
  const { width, height } = document.querySelector(".player .gl-container canvas");
  return [width, height];
})()"""
# How often the size of the scene's place is asked for in thirty frames.
ASKED = """async () => {
  const { get } = Object.getOwnPropertyDescriptor(Element.prototype, "clientWidth");
  let asked = 0;
  Object.defineProperty(Element.prototype, "clientWidth", {
    configurable: true,
    get() {
      asked += Boolean(this.closest(".scene"));
      return get.call(this);
    },
  });
  for (let k = 0; k < 30; k += 1) await new Promise(requestAnimationFrame);
  return asked;
}"""


def test_a_scene_at_rest_lays_nothing_out_and_still_follows_the_window(visits):
    visit = visits("?on=").in_3d()
    visit.until("document.querySelector('.player .scene.held')")
    assert visit.js(ASKED) == 0
    before = visit.js(SIZE_OF_SCENE)
    visit.page.set_viewport_size({"width": 1500, "height": 850})
    visit.eventually(lambda: visit.js(SIZE_OF_SCENE) != before)
    visit.until("document.querySelector('.player .scene.held')")
    visit.settle()
    wide, high = visit.js(SIZE_OF_SCENE)
    seen = visit.shot(SCENE)
    assert np.abs(wide - seen.shape[1]) <= 2
    assert np.abs(high - seen.shape[0]) <= 2
    assert (np.abs(seen - bare_scene(visit)) > 12).mean() < 1e-3
    assert visit.js(ASKED) == 0


# -- side by side ---------------------------------------------------------------------


def test_side_by_side(visit):
    visit.in_3d().js("document.querySelector('.player').same = true")
    visit.page.get_by_role("radio", name="Side by side").click()
    visit.until("document.querySelectorAll('.player .note').length === 5")
    visit.until_address(view="side")
    visit.pause("End")
    notes = visit.page.locator(".player .note").all_inner_texts()
    for note, run in zip(notes, visit.server.race()["runs"], strict=True):
        card = visit.page.get_by_test_id(f"card-{run['key']}")
        assert note.startswith(card.locator("b").inner_text())
        assert run["text"] in note
    marks, rings, heads = on_the_map(visit)
    assert len(marks) == len(rings) == len(heads) == 5
    pixels = visit.shot(MAP)
    for key, look in LOOKS.items():
        assert near(pixels, look.colour).sum() >= 20, key
    assert not visit.page.locator(SCENE).is_visible()

    visit.page.get_by_role("radio", name="Race").click()
    visit.until("document.querySelectorAll('.player .note').length === 0")
    visit.until_address(view=None)
    visit.settle()
    assert len(on_the_map(visit)[1]) == 1
    pixels = visit.shot(SCENE)
    for key, look in LOOKS.items():
        assert near(pixels, look.colour).sum() >= 20, key
    assert visit.js("document.querySelector('.player').same"), "another player"


# -- screens --------------------------------------------------------------------------

BOXES = """(selector) => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility())
  .map((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom, name: element.dataset.testid ?? selector };
  })"""
SCROLLS = """() => [
  document.documentElement, document.querySelector(".stMain"),
  document.querySelector(".player .list"),
].map((e) => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight])"""


def fits(visit, size, pictures, sliders):
    """Whether all that a demo needs is on the screen, without scrolling."""
    width, height = size
    visit.settle()
    boxes = {
        selector: visit.js(BOXES, selector)
        for selector in (
            ".player", ".player .picture", ".player .timeline", ".player .card",
            ".player .card .outcome", ".player .card input[type=range]",
            ".player .typed", ".player .params .slider", ".player .status",
            "[data-testid=stSelectbox]", "[data-testid=stTextInput]",
        )
    }  # fmt: skip
    for some in boxes.values():
        for box in some:
            assert box["left"] >= 0, box
            assert box["top"] >= 0, box
            assert box["right"] <= width, box
            assert box["bottom"] <= height, box
    assert len(boxes["[data-testid=stSelectbox]"]) == 1
    assert len(boxes["[data-testid=stTextInput]"]) == 3
    assert len(boxes[".player .picture"]) == pictures
    assert len(boxes[".player .card .outcome"]) == len(LOOKS)
    shown = {box["name"] for box in boxes[".player .card input[type=range]"]}
    assert shown >= {f"lr-{key}" for key in LOOKS}
    assert len(boxes[".player .params .slider"]) == sliders
    for across, down in visit.js(SCROLLS):
        assert across <= 0
        assert down <= 1
    return shown


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids=str)
def test_everything_fits_on_the_screen(visits, size):
    visit = visits(size=size).in_3d()
    shown = fits(visit, size, pictures=3, sliders=0)
    sliders = visit.page.locator(".player .card .typed").count()
    assert len(shown) == sliders, "there is room for all sliders"
    visit.choose_surface("ravine")
    visit.until_data(surface="ravine")
    fits(visit, size, pictures=3, sliders=2)
    visit.page.get_by_role("radio", name="Side by side").click()
    visit.until_data(view="side")
    fits(visit, size, pictures=2, sliders=2)
    visit.page.get_by_role("radio", name="Studies").click()
    visit.until_data(view="studies")
    visit.page.locator(".player .legend span").first.wait_for()
    across, down = visit.js(SCROLLS)[1]
    assert across <= 0
    assert down <= 1


def test_everything_stacks_on_a_phone(visits):
    visit = visits(size=(390, 844)).in_3d()
    visit.settle()
    assert max(across for across, _ in visit.js(SCROLLS)) <= 0
    parts = ("map", "scene", "losses", "timeline", "cards")
    boxes = [box for part in parts for box in visit.js(BOXES, f".player .{part}")]
    assert len(boxes) == len(parts)
    for above, below in itertools.pairwise(boxes):
        assert above["bottom"] <= below["top"]
    for box in boxes:
        assert box["left"] >= 0
        assert box["right"] <= 390
        assert box["right"] - box["left"] > 300
        assert box["bottom"] - box["top"] > 20
    assert len(visit.js(BOXES, ".player .card")) == len(LOOKS)

    # Turned over and onto a table: the window is followed.
    visit.page.set_viewport_size({"width": 1000, "height": 640})
    visit.until(
        "document.querySelector('.player').getBoundingClientRect().bottom <= 640"
    )
    visit.settle()
    _, (ring,), _ = on_the_map(visit)
    assert distance(ring, visit.on_screen(*SURFACES["rosenbrock"].start)) < 1


def test_without_webgl_the_rest_goes_on(visits, context_without_webgl):
    visit = visits(context=context_without_webgl)
    assert not visit.js("!!document.createElement('canvas').getContext('webgl')")
    visit.page.locator(SCENE).filter(has_text="3D needs WebGL").wait_for()
    visit.pause("End")
    for picture in (MAP, LOSSES):
        pixels = visit.shot(picture)
        for key, look in LOOKS.items():
            assert near(pixels, look.colour).sum() >= 20, key
    before = visit.pictures
    visit.drag("lr-adam", -0.8, -0.9, -1)
    visit.until_next_picture(before)
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.1"})
    visit.choose_surface("beale")
    visit.until_data(surface="beale")
    visit.page.get_by_role("radio", name="Side by side").click()
    visit.until("document.querySelectorAll('.player .note').length === 5")


def test_a_window_of_another_height_is_filled(visit):
    tall = "document.querySelector('.player').getBoundingClientRect().bottom"
    before = visit.js(tall)
    assert 690 < before <= 720
    for high in (900, 720):
        visit.page.set_viewport_size({"width": 1280, "height": high})
        wanted = before + high - 720
        visit.until(f"Math.abs({tall} - {wanted}) < 1")
    box = visit.page.locator(".player .map").bounding_box()
    _, _, width, height = visit.map["frames"][0]
    assert width < box["width"]
    assert height < box["height"]
