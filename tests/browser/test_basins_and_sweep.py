"""The studies, and how they and the race set each other."""

import numpy as np

from optim.base import LEARNING_RATE

COUNT_NOTES = """() => document.querySelectorAll('.player .basins .note').length"""


def opened(visits, query=""):
    visit = visits(f"?surface=himmelblau&view=studies{query}")
    visit.until(f"() => ({COUNT_NOTES})() > 0")
    visit.eventually(lambda: "256 × 256" in legend(visit))
    return visit


def legend(visit):
    return visit.page.locator(".player .legend").inner_text()


def test_every_start_is_coloured_by_where_it_leads(visits):
    visit = opened(visits)
    assert visit.js(COUNT_NOTES) == 5
    text = legend(visit)
    places = "(3, 2)", "(−2.81, 3.13)", "(−3.78, −3.28)", "(3.58, −1.85)"
    for k, place in enumerate(places, 1):
        assert f"{k}: {place}" in text
    assert "% arrive" in visit.page.locator(".basins .note").first.inner_text()


def test_basins_leave_no_room_unused(visits):
    """Five in a row are as wide as they can be; what is left below, the sweep has."""
    visit = opened(visits)
    notes = [note.bounding_box() for note in visit.page.locator(".basins .note").all()]
    basins, legend, sweep = (
        visit.page.locator(f".player {part}").bounding_box()
        for part in (".basins", ".basins .legend", ".sweep")
    )
    side = notes[0]["width"]
    assert len({note["y"] for note in notes}) == 1
    assert sum(note["width"] for note in notes) > 0.9 * basins["width"]
    assert 0 < legend["y"] - (notes[0]["y"] + 18 + side) < 20, "Himmelblau is square"
    assert sweep["height"] > 200
    assert 0 < sweep["y"] - (basins["y"] + basins["height"]) < 10


def test_a_click_on_the_basins_sets_the_start(visits):
    visit = opened(visits, "&on=adam")
    box = visit.page.locator(".player .basins").bounding_box()
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.until("() => new URLSearchParams(location.search).has('start')")
    start = np.array(visit.query["start"].split(","), float)
    assert np.abs(start).max() < 1, "near the middle of the map"
    visit.eventually(lambda: visit.start == start.tolist())


def test_basins_follow_a_dragged_rate_and_are_fine_at_rest(visits):
    visit = opened(visits, "&on=gradient_descent")
    before = visit.shot(".player .basins")
    # The coarse picture may be gone in a moment: all that is ever said is noted.
    visit.js(
        """() => {
          window.said = [];
          const legend = document.querySelector(".player .legend");
          const note = () => window.said.push(legend.textContent);
          new MutationObserver(note).observe(legend, { childList: true });
        }"""
    )
    visit.drag("lr-gradient_descent", -3)
    coarse = ("64 × 64", "128 × 128")
    visit.eventually(lambda: any(s in "".join(visit.js("window.said")) for s in coarse))
    assert "gradient_descent.lr" not in visit.query
    visit.release("lr-gradient_descent")
    visit.eventually(lambda: "256 × 256" in legend(visit))
    assert (visit.shot(".player .basins") != before).any(axis=2).mean() > 0.05


def test_a_drag_along_the_sweep_sets_the_rate(visits):
    visit = opened(visits, "&on=adam")
    visit.eventually(lambda: "learning rates:" in visit.status)
    visit.settle()
    box = visit.page.locator(".player .sweep").bounding_box()
    # The mark of Adam's rate is where its line is; the line is found by its colour.
    shot = visit.shot(".player .sweep")
    blue = np.abs(shot - [0x5B, 0x8D, 0xFF]).max(axis=2) < 40
    y, x = (int(np.median(part)) for part in np.nonzero(blue))
    y = int(np.median(np.nonzero(blue[:, x])[0]))
    visit.page.mouse.move(box["x"] + x, box["y"] + y)
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + x - 60, box["y"] + y, steps=5)
    visit.page.mouse.up()
    visit.until("() => new URLSearchParams(location.search).has('adam.lr')")
    rate = float(visit.query["adam.lr"])
    assert LEARNING_RATE.low <= rate <= LEARNING_RATE.high
    assert visit.values["lr-adam-value"] == visit.query["adam.lr"]


def test_the_race_goes_on_where_it_was(visits):
    visit = opened(visits)
    visit.page.get_by_role("radio", name="Race").click()
    visit.until_address(view=None)
    visit.page.locator(".player .map").wait_for()
    visit.eventually(lambda: visit.page.locator(".player .map .head").count() == 5)
    step = visit.data["step"]
    visit.until(
        "(step) => document.querySelector('.player').dataset.step !== step", step
    )
