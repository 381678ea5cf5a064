"""A panel is one module and one row: that of docs is added to a copy of the app."""

import re
import shutil
from pathlib import Path

import pytest

from optim import OPTIMIZERS, descend
from surfaces import SURFACES

ROOT = Path(__file__).parents[2]
KEYS = ("momentum", "adam")


@pytest.fixture
def added(tmp_path, server_with):
    """A server of the app with the panel that docs/adding.md adds."""
    page = (ROOT / "docs" / "adding.md").read_text("utf-8")
    page = page.split("<!-- panel: begin -->")[1].split("<!-- panel: end -->")[0]
    module, imported, row = re.findall(r"```js\n(.*?)```", page, re.DOTALL)
    for name in ("views", "optim", "surfaces", "parameters", ".streamlit"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "app.py", tmp_path)
    (tmp_path / "views/player/strides.js").write_text(module, "utf-8")
    layout = tmp_path / "views/player/layout.js"
    text = layout.read_text("utf-8")
    start = text.index("import ")
    end = text.index("\n};\n", text.index("export const PANELS = {")) + 1
    text = text[:start] + imported + text[start:end] + row + text[end:]
    layout.write_text(text, "utf-8")
    return server_with(folder=tmp_path)


def width(visit, panel):
    return visit.page.locator(f".player .{panel}").bounding_box()["width"]


def test_a_panel_is_drawn_beside_the_other_of_its_area(visits, added):
    visit = visits(f"?surface=himmelblau&on={','.join(KEYS)}", server=added)
    panel, losses = (visit.page.locator(f".player .{n}") for n in ("strides", "losses"))
    whole = width(visit, "losses")
    assert not panel.is_visible(), "until it is asked for"
    charts = visit.page.get_by_test_id("charts-losses")
    charts.select_option("strides")
    panel.wait_for()
    for name in ("strides", "losses"):
        assert width(visit, name) == pytest.approx(whole / 2, abs=4), "side by side"
    visit.until_address(panels="loss,strides")
    visit.page.keyboard.press(" ")
    visit.until_data(playing="false")
    visit.page.keyboard.press("Home")
    surface = SURFACES["himmelblau"]
    for key in KEYS:
        rule = OPTIMIZERS[key]
        hypers = rule.hypers(lr=surface.learning_rates[key])
        x, y = descend(surface, rule, surface.start, hypers, 1).points[:2].T
        stride = ((x[1] - x[0]) ** 2 + (y[1] - y[0]) ** 2) ** 0.5
        line = f"{rule.label} {float(f'{stride:.3g}'):g}"
        visit.eventually(lambda line=line: line in panel.inner_text())
    charts.select_option("losses")
    losses.wait_for(state="hidden")
    assert width(visit, "strides") == pytest.approx(whole, abs=1)
    charts.select_option("losses")
    losses.wait_for()


def test_the_address_opens_it_and_it_is_written_as_the_theme_writes(visits, added):
    visit = visits("?surface=ravine&on=adam&theme=light&panels=strides", server=added)
    visit.page.locator(".player .strides p").wait_for()
    # Its lines are made anew in each frame: one is found and read at once.
    line = visit.js(
        "getComputedStyle(document.querySelector('.player .strides p')).color"
    )
    card = visit.page.get_by_test_id("card-adam").get_by_text("Adam", exact=True)
    named = card.first.evaluate("(element) => getComputedStyle(element).color")
    assert line == named != "rgb(91, 141, 255)"


def test_a_panel_that_is_added_is_left_out_where_it_fails(visits, added):
    visit = visits("?surface=ravine&on=adam", server=added)
    visit.forgiven = ("made to fail",)
    visit.page.get_by_test_id("charts-losses").select_option("strides")
    visit.page.locator(".player .strides p").first.wait_for()
    visit.js(
        """async () => {
          const scripts = performance.getEntriesByType("resource");
          const { name } = scripts.find((one) => one.name.endsWith("/packed.js"));
          const { StridesView } = (await import(name)).modules.strides;
          StridesView.prototype.draw = () => { throw new Error("made to fail"); };
        }"""
    )
    visit.eventually(lambda: "strides" in visit.status)
    failed = visit.js("document.querySelector('.player .strides').dataset.failed")
    assert failed == "This panel failed: made to fail. The others go on."
