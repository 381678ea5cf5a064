"""The inside of a step on the page: numbers, arrows, slow motion, charts and table."""

from urllib.parse import parse_qsl

import numpy as np
import pytest

from optim import OPTIMIZERS, descend
from surfaces import SURFACES
from views.mark import marked
from views.race import FIELD

INSIDE = "?surface=himmelblau&steps=40&panels=inside"
ROWS = """() => Object.fromEntries([...document.querySelectorAll(
  '.player [data-testid=inside] [data-quantity]')].map((row) => [row.dataset.quantity,
  ['x', 'y'].map((name) => Number(row.dataset[name]))]))"""
ARROWS = """() => Object.fromEntries([...document.querySelectorAll(
  '.player [data-arrow]')].map((arrow) => [arrow.dataset.arrow,
  [arrow.dataset.from, arrow.dataset.to].map((one) => one.split(',').map(Number))]))"""
STAGE = "() => document.querySelector('.player .inside .says').textContent"


def inspected(visit):
    return visit.js("() => document.querySelector('.player').dataset.inspected")


def at_step(visit, step):
    visit.pause("Home")
    for _ in range(step):
        visit.page.keyboard.press("ArrowRight")
    visit.until(f"document.querySelector('.player').dataset.step === '{step}'")


def run_of(key, steps=40):
    surface, rule = SURFACES["himmelblau"], OPTIMIZERS[key]
    hypers = rule.recommended(surface.recommended)
    return descend(surface, rule, surface.start, hypers, steps, quantities=True)


FITS = """() => {
  const lines = document.querySelector('.player .inside .quantities');
  const [first] = lines.querySelectorAll('.numbers');
  return {
    all: lines.scrollHeight <= lines.clientHeight + 1,
    whole: lines.scrollWidth <= lines.clientWidth + 1,
    letters: parseFloat(getComputedStyle(first).fontSize),
  };
}"""


@pytest.mark.parametrize(
    ("size", "theme", "letters"),
    [
        ((1280, 720), "dark", 10.5),
        ((1920, 1080), "light", 14),
        ((1920, 1080), "projector", 16),
    ],
    ids=str,
)
def test_all_lines_of_adam_are_seen_at_once(visits, size, theme, letters):
    visit = visits(f"{INSIDE}&inspect=adam&theme={theme}", size=size)
    at_step(visit, 7)
    visit.eventually(lambda: visit.js(FITS)["all"] and visit.js(FITS)["whole"])
    assert visit.js(FITS)["letters"] >= letters


def test_lines_that_were_made_smaller_grow_where_there_is_room(visits):
    # So low that they are made smaller with any fonts.
    visit = visits(f"{INSIDE}&inspect=adam&play=0&step=7", size=(1280, 640))
    visit.until("document.querySelector('.player .inside.tight')")
    before = visit.js(FITS)["letters"]
    visit.page.set_viewport_size({"width": 1400, "height": 1000})
    visit.eventually(lambda: visit.js(FITS)["letters"] > before)
    assert visit.js(FITS)["all"]


@pytest.mark.parametrize("key", ["momentum", "adagrad", "adam"])
def test_the_panel_has_the_numbers_of_the_very_step_that_is_shown(visits, key):
    visit = visits(f"{INSIDE}&inspect={key}")
    assert inspected(visit) == key
    at_step(visit, 7)
    run = run_of(key)

    def shown():
        rows = visit.js(ROWS)
        return all(
            np.array_equal(rows[name], values[7])
            for name, values in run.quantities.items()
        )

    visit.eventually(shown)
    # A click on a card, where there is no control, inspects that entry.
    visit.page.get_by_test_id("card-rmsprop").locator(".outcome").click()
    visit.eventually(lambda: inspected(visit) == "rmsprop")
    visit.eventually(lambda: visit.query.get("inspect") == "rmsprop")
    # So does a click on the head of a run, which moves no start.
    head = visit.page.locator(".player .map .head[data-entry=momentum] svg")
    head.click(force=True)
    visit.eventually(lambda: inspected(visit) == "momentum")
    assert "start" not in visit.query


def test_arrows_stand_at_the_iterate_and_are_true_to_scale(visits):
    visit = visits(f"{INSIDE}&inspect=nesterov&on=nesterov,gradient_descent")
    at_step(visit, 3)
    run = run_of("nesterov")
    quantities = {name: values[3] for name, values in run.quantities.items()}
    alpha = OPTIMIZERS["nesterov"].recommended(SURFACES["himmelblau"].recommended).lr
    visit.until("document.querySelectorAll('.player [data-arrow]').length === 5")
    arrows = visit.js(ARROWS)
    w, ahead = run.points[3], quantities["ahead"]
    expected = {
        "kept": (w, w + quantities["kept"]),
        "ahead": (ahead, ahead),
        "g": (ahead, ahead - alpha * quantities["g"]),
        "v": (w, w + quantities["v"]),
        "delta": (w, run.points[4]),
    }
    visit.eventually(
        lambda: np.allclose(visit.js(ARROWS)["delta"][0], w, rtol=1e-12, atol=0)
    )
    arrows = visit.js(ARROWS)
    for name, ends in expected.items():
        np.testing.assert_allclose(arrows[name], ends, rtol=1e-9, atol=1e-12)


def test_the_lines_with_numbers_are_read_out(visits):
    """What the browser hands to a screen reader has each number, in order."""
    visit = visits(f"{INSIDE}&inspect=momentum")
    at_step(visit, 3)
    quantities = run_of("momentum").quantities
    visit.eventually(lambda: visit.js(ROWS)["delta"] == quantities["delta"][3].tolist())
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("Accessibility.enable")
    rows = session.send(
        "Runtime.evaluate",
        {"expression": "document.querySelector('.player .inside .quantities')"},
    )["result"]["objectId"]
    nodes = session.send("Accessibility.queryAXTree", {"objectId": rows})["nodes"]
    read = "".join(
        node["name"]["value"]
        for node in nodes
        if node["role"]["value"] == "StaticText" and not node.get("ignored")
    )
    at = 0
    for name in ("g", "v"):
        for value in quantities[name][3]:
            text = f"{value:.5g}".replace("-", "−")
            at = read.index(text, at) + 1


@pytest.mark.parametrize("view", ["race", "side"])
def test_each_entry_has_its_arrows_on_its_own_map(visits, view):
    keys = ["gradient_descent", "momentum", "adam"]
    visit = visits(
        f"?surface=himmelblau&steps=40&show=every&view={view}&on={','.join(keys)}"
    )
    at_step(visit, 3)
    ends = """() => Object.fromEntries([...document.querySelectorAll(
      '.player .map [data-entry] > [data-arrow=delta]')].map((arrow) => [
      arrow.parentElement.dataset.entry, [arrow.dataset.from, arrow.dataset.to].map(
      (end) => end.split(',').map(Number))]))"""
    expected = {key: run_of(key).points[3:5] for key in keys}
    visit.eventually(
        lambda: all(
            np.allclose(visit.js(ends).get(key, np.inf), points, rtol=1e-9)
            for key, points in expected.items()
        )
    )
    factors = visit.js(
        "() => [...document.querySelectorAll('.player .map [data-arrow=delta]')]"
        ".map((arrow) => arrow.dataset.factor)"
    )
    assert len(set(factors)) == 1, "lengths are compared"
    # Where it is drawn: in the panel of its entry, at the head of its run.
    for key in keys:
        line = f".map [data-entry={key}] > [data-arrow=delta] line"
        arrow = visit.page.locator(line).first.bounding_box()
        head = visit.page.locator(f".map .head[data-entry={key}]").bounding_box()
        middle = head["x"] + head["width"] / 2, head["y"] + head["height"] / 2
        assert arrow["x"] - 8 < middle[0] < arrow["x"] + arrow["width"] + 8
        assert arrow["y"] - 8 < middle[1] < arrow["y"] + arrow["height"] + 8


def test_arrows_stand_on_the_surface_as_well(visits):
    visit = visits("?surface=himmelblau&steps=40&show=arrows&inspect=momentum").in_3d()
    at_step(visit, 3)
    tips = """() => ['map', 'scene'].map((name) => Object.fromEntries([
      ...document.querySelectorAll(`.player .${name} [data-arrow]`)].map((arrow) =>
      [arrow.dataset.arrow, arrow.dataset.to])))"""
    visit.eventually(lambda: len(visit.js(tips)[1]) == 4)
    on_map, on_surface = visit.js(tips)
    assert on_map == on_surface
    # Drawn where the surface is, not in a corner.
    lines = visit.page.locator(".player .scene [data-arrow=delta] line")
    box = visit.page.locator(".player .scene").bounding_box()
    at = lines.first.bounding_box()
    assert box["x"] + 20 < at["x"] < box["x"] + box["width"] - 20
    assert box["y"] + 20 < at["y"] < box["y"] + box["height"] - 20


def test_slow_motion_goes_through_the_stages_and_on_to_the_next_step(visits):
    visit = visits(f"{INSIDE}&inspect=gradient_descent&on=gradient_descent")
    at_step(visit, 2)
    visit.page.keyboard.press("e")
    visit.eventually(lambda: visit.js(STAGE).startswith("1 of 2: The gradient"))
    assert list(visit.js(ARROWS)) == ["g"]
    visit.page.keyboard.press("e")
    visit.eventually(lambda: visit.js(STAGE).startswith("2 of 2: The point moves"))
    visit.eventually(lambda: set(visit.js(ARROWS)) == {"g", "delta"})
    visit.page.keyboard.press("Shift+E")
    visit.eventually(lambda: visit.js(STAGE).startswith("1 of 2"))
    for _ in range(2):
        visit.page.keyboard.press("e")
    visit.until("document.querySelector('.player').dataset.step === '3'")
    visit.until("document.querySelector('.player .inside .says').hidden")
    # The button plays all of it; moving the timeline ends it.
    visit.page.get_by_test_id("explain").click()
    visit.until("!document.querySelector('.player .inside .says').hidden")
    visit.page.keyboard.press("ArrowRight")
    visit.until("document.querySelector('.player .inside .says').hidden")


# The rows with strong colours on both sides of the step that is shown.
STRONG_ROWS = """() => {
  const chart = document.querySelector("[data-testid=chart-sharpness]");
  const { canvas } = chart.querySelector(".trails").getContext("2d");
  const { width, height } = canvas;
  const ratio = width / chart.clientWidth;
  const line = chart.querySelector(".playhead").getBoundingClientRect();
  const at = (line.left - chart.getBoundingClientRect().left) * ratio;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const rows = [{}, {}];
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.subarray(i, i + 4);
    const colours = [red, green, blue];
    const strong = alpha > 150 && Math.max(...colours) - Math.min(...colours) > 90;
    const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)];
    if (!strong || Math.abs(x - at) <= 8) continue;
    const side = rows[Number(x > at)];
    side[Math.round(y / 6)] = (side[Math.round(y / 6)] ?? 0) + 1;
  }
  // A faint line is strong where it crosses one of the grid.
  return rows.map((one) => Object.values(one).filter((count) => count > 20).length);
}"""


def test_a_dashed_series_grows_with_the_step(visits):
    query = "?surface=ravine&on=gradient_descent&steps=100&panels=sharpness&play=0"
    visit = visits(f"{query}&gradient_descent.lr=0.01&step=50")
    visit.until_data(step="50")
    visit.settle()
    # The curvature, and dashed the border of stability; both are level.
    left, right = visit.js(STRONG_ROWS)
    assert left >= 2
    assert right == 0
    visit.page.keyboard.press("End")
    visit.until_data(step="100")
    visit.settle()
    assert visit.js(STRONG_ROWS)[0] >= 2


def test_panels_and_charts_are_chosen_on_the_page_and_kept_in_the_address(visits):
    visit = visits("?steps=60")
    visit.page.get_by_test_id("show-inside").click()
    visit.until_address(steps="60", panels="inside")
    visit.eventually(lambda: inspected(visit) == "gradient_descent")
    charts = visit.page.get_by_test_id("charts-losses")
    charts.select_option("chart-step")
    visit.eventually(lambda: visit.query["panels"] == "inside,loss,step")
    charts.select_option("chart-angle")
    visit.eventually(lambda: visit.query["panels"] == "inside,step,angle")
    for name in ("step", "angle"):
        assert visit.page.get_by_test_id(f"chart-{name}").is_visible()
    assert not visit.page.locator(".player .losses").is_visible()
    # The curve of a run is where its numbers are: across the whole chart.
    chart = visit.page.get_by_test_id("chart-step")
    heads = """(chart) => [...chart.querySelectorAll('.head')].map((head) =>
      head.getBoundingClientRect().left - chart.getBoundingClientRect().left)"""
    visit.pause("End")
    visit.eventually(lambda: min(chart.evaluate(heads)) > 200)
    visit.page.get_by_test_id("shows").select_option("field")
    visit.eventually(lambda: visit.query.get("show") == "field")
    # Each arrow of the field begins twice: its line, and its head.
    begins = """() => [...document.querySelectorAll('[data-around=field]')]
      .map((path) => path.getAttribute('d').split('M').length - 1)
      .reduce((sum, one) => sum + one, 0)"""
    visit.eventually(lambda: visit.js(begins) == 2 * FIELD**2)
    visit.page.get_by_test_id("shows").select_option("field")
    visit.eventually(lambda: visit.js(begins) == 0)

    theirs = visits("?" + visit.js("location.search.slice(1)"))
    assert theirs.page.get_by_test_id("chart-angle").is_visible()
    assert theirs.page.get_by_test_id("inside").is_visible()


def test_the_table_follows_the_step_and_a_row_leads_to_its_step(visits):
    visit = visits(
        "?surface=formula&f=0.1*x^2+%2B+2*y^2&x=-6,6&y=-6,6&start=-5,-2&on=adam"
        "&adam.lr=0.2&adam.eps=1e-6&steps=20&panels=table"
    )
    visit.pause("Home")
    table = visit.page.get_by_test_id("run-table")
    row = table.locator("tr[data-row='2']")
    assert row.locator("td").nth(1).text_content() == "−4.60025478"
    assert row.locator("td").nth(2).text_content() == "−1.60082451"
    table.locator("tr[data-row='11']").click()
    visit.until("document.querySelector('.player').dataset.step === '11'")
    assert "now" in table.locator("tr[data-row='11']").get_attribute("class")
    with visit.page.expect_download() as download:
        table.get_by_role("button", name="save CSV").click()
    setup, head, *rows = download.value.path().read_text().splitlines()
    assert head.startswith("step,x,y,loss,g_x,g_y")
    assert len(rows) == 21
    assert setup.startswith("# setup: ")
    named = dict(parse_qsl(marked(setup.encode())))
    assert named == visit.query | {"step": "11", "play": "0"}


def test_the_slider_has_ticks_where_theory_has_its_limits(visits):
    visit = visits("?surface=ravine&kappa=10&on=gradient_descent,momentum")
    tick = "() => [...document.querySelectorAll('[data-testid=card-{}] .stable')]" + (
        ".map((one) => Number(one.dataset.value))[0]"
    )

    def stable(key):
        return visit.js(tick.replace("{}", key))

    visit.eventually(lambda: stable("gradient_descent") == pytest.approx(0.2))
    beta = float(visit.page.get_by_test_id("momentum.beta-value").input_value())
    visit.eventually(
        lambda: stable("momentum") == pytest.approx(0.2 * (1 + beta), rel=1e-3)
    )
    visit.show_all_sliders()
    field = visit.page.get_by_test_id("momentum.beta-value")
    field.fill("0.7")
    field.press("Enter")
    visit.eventually(lambda: stable("momentum") == pytest.approx(0.2 * 1.7))
