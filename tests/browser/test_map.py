"""The contour map: whether it shows the surface, and what hands do to it."""

from urllib.parse import parse_qsl

import jax
import numpy as np
import pytest

from surfaces import SURFACES
from views.figures import Relief
from views.player_files import PLAYER_PATH
from views.setup import Setup
from views.theme import MAP_LINE, MAP_SCALE, PANEL

MAP = ".player .map"


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)


# -- what it shows --------------------------------------------------------------------

HOLES = "surface=formula&f=x*log(x)%2By^2&x=-1,3&y=-2,2"
SHOWN = {
    "logarithmic": "surface=rosenbrock",
    "linear": "surface=booth&level=linear",
    "many levels": "surface=six_hump_camel",
    "a kink": "surface=formula&f=abs(x)%2B2abs(y)&x=-2,2&y=-2,2",
    "holes": HOLES,
}


MARK = 11  # pixels that a mark takes to each side
CELL = 5  # pixels of a cell of the grid, and a little more


def grown(mask, by):
    """Where a mask has something within so many pixels, along both axes."""
    for axis in (0, 1):
        once = mask
        for k in range(1, by + 1):
            padded = np.pad(once, [(k, k) if n == axis else (0, 0) for n in (0, 1)])
            size = once.shape[axis]
            for start in (0, 2 * k):
                mask = mask | padded.take(range(start, start + size), axis)
    return mask


class Picture:
    """The pixels of a map's panel, and the heights that the surface has there."""

    def __init__(self, visit, query):
        setup, problems = Setup.parse(parse_qsl(query))
        assert not problems
        relief = visit.js(f"fetch('landscape?{query}').then((r) => r.json())")["relief"]
        self.map = visit.map
        pixels = visit.still_map()
        left, top, width, height = map(round, self.map["frames"][0])
        self.pixels = pixels[top : top + height, left : left + width].astype(float)
        x = self.middles(*self.map["x"], width)
        y = self.middles(*self.map["y"], height)[::-1]
        points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        losses = np.asarray(jax.jit(jax.vmap(setup.surface.fn))(points))
        with np.errstate(invalid="ignore"):
            heights = Relief(**relief).height(losses).reshape(height, width)
        first, step, self.count = self.map["levels"]
        self.levels = (heights - first) / step
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = np.hypot(*np.gradient(self.levels))
            nearest = np.clip(np.round(self.levels), 0, self.count - 1)
            self.away = np.abs(self.levels - nearest) / slope
        """How many pixels away the next contour is, about."""
        shape = setup.surface
        marks = np.array([*shape.minima, *shape.saddles, *shape.maxima]).reshape(-1, 2)
        scale = np.array([x[1] - x[0], y[0] - y[1]])
        from_mark = np.abs(points[:, None] - marks) / scale < MARK
        under = from_mark.all(axis=2).any(axis=1).reshape(height, width)
        self.free = ~under & ~grown(~np.isfinite(losses.reshape(height, width)), CELL)
        """Neither under a mark nor in a cell of the grid that has a hole."""

    @staticmethod
    def middles(low, high, count):
        return low + (np.arange(count) + 0.5) / count * (high - low)

    @property
    def colours(self):
        """The colour of the band of each height."""
        ramp = np.array([rgb(colour) for colour in MAP_SCALE])
        with np.errstate(invalid="ignore"):
            band = np.clip(np.floor(self.levels) + 1, 0, self.count) / self.count
        at = np.linspace(0, 1, len(ramp))
        return np.stack([np.interp(band, at, ramp[:, k]) for k in range(3)], axis=-1)


@pytest.mark.parametrize("query", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("zoomed", [False, True], ids=["whole", "zoomed in"])
def test_each_pixel_has_the_colour_of_the_height_that_the_surface_has_there(
    visits, query, zoomed
):
    visit = visits(f"?{query}")
    if zoomed:
        zoom(visit, 0.7, 0.3, 1.25)
    picture = Picture(visit, query)
    between = picture.free & (picture.away > 2)
    assert between.mean() > 0.1
    right = np.abs(picture.pixels - picture.colours).max(axis=2) <= 1
    assert right[between].mean() > 0.999
    # A contour lies where its height is, and nowhere else.
    inked = np.abs(picture.pixels - rgb(MAP_LINE)).max(axis=2) < 8
    assert inked.sum() > 200
    assert (picture.away[inked & picture.free] < 1.5).mean() > 0.995
    on = picture.free & (picture.away < 0.2)
    unlike = np.abs(picture.pixels - picture.colours).max(axis=2) > 10
    assert unlike[on].mean() > 0.97


def test_where_the_surface_has_no_loss_the_map_has_no_colour(visits):
    picture = Picture(visits(f"?{HOLES}"), HOLES)
    empty = np.abs(picture.pixels - rgb(PANEL)).max(axis=2) == 0
    _, width = empty.shape
    border = round(width / 4)  # where x is 0
    cell = width / 120
    # It is hatched, with thin lines.
    assert 0.5 < empty[:, : border - 1].mean() < 1
    assert not empty[:, round(border + cell) + 2 :].any()


# -- what hands do to it --------------------------------------------------------------


def zoom(visit, across, down, factor):
    """Turns the wheel at a part of the map until it is so much larger."""
    left, top, width, height = visit.map["frames"][0]
    box = visit.page.locator(MAP).bounding_box()
    at = box["x"] + left + across * width, box["y"] + top + down * height
    visit.page.mouse.move(*at)

    def span():
        low, high = visit.map["x"]
        return high - low

    whole = span()
    while whole / span() < factor - 1e-6:
        before = span()
        visit.page.mouse.wheel(0, -20)
        visit.eventually(lambda before=before: span() != before)
    return at


def point(visit, at):
    """The point of the first panel at some pixels of the window."""
    shown = visit.map
    left, top, width, height = shown["frames"][0]
    box = visit.page.locator(MAP).bounding_box()
    x = (at[0] - box["x"] - left) / width
    y = 1 - (at[1] - box["y"] - top) / height
    return [
        low + part * (high - low)
        for part, (low, high) in ((x, shown["x"]), (y, shown["y"]))
    ]


def test_the_wheel_zooms_about_the_pointer_in_equal_scales(visit):
    before = visit.map
    left, top, width, height = before["frames"][0]
    box = visit.page.locator(MAP).bounding_box()
    at = box["x"] + left + 0.25 * width, box["y"] + top + 0.6 * height
    under = point(visit, at)
    zoom(visit, 0.25, 0.6, 3)
    after = visit.map
    assert after["frames"] == before["frames"]
    assert point(visit, at) == pytest.approx(under, abs=0.02)
    spans = [after[axis][1] - after[axis][0] for axis in "xy"]
    assert spans[0] / width == pytest.approx(spans[1] / height, rel=0.01)
    assert spans[0] == pytest.approx((before["x"][1] - before["x"][0]) / 3, rel=0.1)


def test_a_drag_pans_the_map_and_sets_no_start(visit):
    zoom(visit, 0.5, 0.5, 2)
    before, start = visit.map, visit.start
    left, top, width, height = before["frames"][0]
    box = visit.page.locator(MAP).bounding_box()
    at = box["x"] + left + 0.4 * width, box["y"] + top + 0.7 * height
    under = point(visit, at)
    visit.page.mouse.move(*at)
    visit.page.mouse.down()
    visit.page.mouse.move(at[0] + 60, at[1] - 30, steps=5)
    visit.page.mouse.up()
    visit.settle()
    assert visit.map["x"] != before["x"]
    assert point(visit, (at[0] + 60, at[1] - 30)) == pytest.approx(under, abs=0.02)
    assert visit.start == start
    visit.page.get_by_role("button", name="See the whole map").click()
    domain = SURFACES["rosenbrock"].view_domain
    whole = [[domain.x_low, domain.x_high], [domain.y_low, domain.y_high]]
    visit.eventually(lambda: [visit.map["x"], visit.map["y"]] == whole)


def test_maps_side_by_side_are_alike_and_zoom_together(visits):
    visit = visits("?view=side")
    visit.until("document.querySelectorAll('.player .note').length === 5")
    frames = visit.map["frames"]
    assert len({(width, height) for _, _, width, height in frames}) == 1
    zoom(visit, 0.5, 0.5, 2)
    visit.settle()
    pixels = visit.still_map()
    panels = [
        pixels[top : top + height, left : left + width]
        for left, top, width, height in (map(round, frame) for frame in frames)
    ]
    assert panels[0].std() > 1
    for panel in panels[1:]:
        np.testing.assert_array_equal(panel, panels[0])


def test_critical_points_have_their_names(visits):
    visit = visits("?surface=six_hump_camel&on=adam")
    visit.pause("End")
    surface = SURFACES["six_hump_camel"]
    tip = visit.page.locator(f"{MAP} .tip")
    for word, (x, y) in (
        ("minimum", surface.minima[-1]),
        ("saddle", surface.saddles[0]),
        ("maximum", surface.maxima[0]),
    ):
        visit.page.mouse.move(*visit.on_screen(x, y))
        said = f"{word} ({x:.4g}, {y:.4g})".replace("-", "−")
        tip.filter(has_text=said).wait_for()
    visit.page.mouse.move(*visit.on_screen(x + 0.5, y + 0.5))
    tip.wait_for(state="hidden")


def test_the_readout_says_the_loss_under_the_pointer(visit):
    x, y = 0.5, -0.5
    visit.page.mouse.move(*visit.on_screen(x, y))
    text = visit.page.locator(f"{MAP} .readout").inner_text().replace("−", "-").split()
    assert [float(text[k]) for k in (1, 3)] == pytest.approx([x, y], abs=0.01)
    expected = float(SURFACES["rosenbrock"].fn(np.array([x, y])))
    assert float(text[-1]) == pytest.approx(expected, rel=0.03)


def test_the_readout_covers_neither_the_scale_nor_what_is_said_of_arrows(visits):
    wide = "x=-1000000,1000000&y=-1000000,1000000"
    formula = "f=(x-420000)^2%2B10(y-712340)^2"
    visit = visits(f"?surface=formula&{formula}&{wide}&show=arrows&inspect=momentum")
    visit.pause("End")
    factors = visit.page.locator(f"{MAP} .factors")
    visit.eventually(lambda: factors.inner_text())
    visit.page.mouse.move(*visit.on_screen(-3e5, 1e5))
    readout = visit.page.locator(f"{MAP} .readout")
    visit.eventually(lambda: "e12" in readout.inner_text())
    box, below = readout.bounding_box(), factors.bounding_box()
    assert box["y"] + box["height"] <= below["y"] + 1
    edge, lowest = visit.on_screen(1e6, -1e6)
    assert box["x"] + box["width"] <= edge
    assert box["y"] + box["height"] <= lowest


# -- when it is drawn, and what it needs ----------------------------------------------

COUNTED = """() => {
  const { canvas } = window.counted = {
    canvas: document.querySelector(".player .map .plot canvas"), calls: 0 };
  const { prototype } = CanvasRenderingContext2D;
  for (const name of ["drawImage", "clearRect", "stroke", "fillText"]) {
    const act = prototype[name];
    prototype[name] = function (...given) {
      if (this.canvas === canvas) window.counted.calls += 1;
      return act.apply(this, given);
    };
  }
}"""


def test_the_still_picture_is_drawn_when_it_changes_and_not_with_the_trails(visit):
    visit.settle()
    visit.js(COUNTED)
    visit.drag("lr-adam", *np.linspace(-2, -3, 20).tolist())
    visit.settle()
    assert visit.data["playing"] == "true"
    assert visit.js("window.counted.calls") == 0
    zoom(visit, 0.5, 0.5, 1.2)
    assert visit.js("window.counted.calls") > 0


# What was loaded when trails first moved: heads beyond the start, of all five.
MOVED = """(() => {
  const look = () => {
    const heads = document.querySelectorAll(".player .map .head:not([hidden])");
    if (!(document.querySelector(".player")?.dataset.step > 0) || heads.length < 5) {
      requestAnimationFrame(look);
      return;
    }
    window.before = performance.getEntriesByType("resource")
      .map(({ name, encodedBodySize }) => [name, encodedBodySize]);
  };
  look();
})()"""


def test_trails_move_before_anything_large_of_ours_is_loaded(context, server):
    page = context.new_page()
    page.add_init_script(MOVED)
    page.goto(server.address)
    page.locator(".player .scene .gl-container").wait_for(state="attached")
    before = page.evaluate("window.before")
    names = [name for name, _ in page.evaluate(
        "performance.getEntriesByType('resource').map(({ name }) => [name, 0])"
    )]  # fmt: skip
    page.close()
    assert any(name.endswith("plotly.min.js") for name in names), "it comes after that"
    paths = (f"/{PLAYER_PATH}/", "/description", "/race", "/landscape")
    ours = {name: size for name, size in before if any(path in name for path in paths)}
    assert not any("plotly" in name for name in ours)
    assert not any("MaterialSymbols" in name for name, _ in before)
    assert 3 <= len(ours) <= 6
    assert sum(ours.values()) <= 250_000


@pytest.mark.parametrize("query", ["?view=side", "?view=studies&study=swarm"])
def test_where_there_is_no_3d_view_plotly_is_not_loaded(visits, query):
    visit = visits(query, with_3d=True)
    visit.page.wait_for_timeout(1500)
    assert not visit.js("Boolean(window.Plotly)")
    visit.page.get_by_role("radio", name="Race").click()
    visit.in_3d()


def covered(visit, names):
    """Numbers of the map's axes that something lies on."""
    box = visit.page.locator(".player .map").bounding_box()
    texts = visit.map["texts"]
    assert len(texts) > 6
    found = []
    for name in names:
        part = visit.page.locator(f".player .map {name}").bounding_box()
        left, top = part["x"] - box["x"], part["y"] - box["y"]
        right, bottom = left + part["width"], top + part["height"]
        for text in texts:
            across = text["left"] < right and text["right"] > left
            if across and text["top"] < bottom and text["bottom"] > top:
                found.append((name, text))
    return found


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_no_button_covers_a_number_of_the_axes(visits, size):
    visit = visits("?surface=rosenbrock&play=0", size=size)
    assert covered(visit, (".keep", ".shows", ".fit")) == []


@pytest.mark.parametrize(
    ("size", "theme"),
    [((1920, 1080), "projector"), ((1280, 720), "dark"), ((390, 844), "light")],
    ids=str,
)
def test_what_arrows_are_enlarged_by_covers_no_number(visits, size, theme):
    query = f"?surface=rosenbrock&on=adam&panels=inside&theme={theme}&play=0&step=9"
    visit = visits(query, size=size)
    visit.eventually(lambda: visit.page.locator(".player .map .factors").inner_text())
    assert covered(visit, (".factors", ".scale b")) == []
    said, name = (
        visit.page.locator(f".player .map {part}").bounding_box()
        for part in (".factors", ".scale b")
    )
    assert said["x"] + said["width"] < name["x"], "beside the name of the scale"
