"""Conditions and starts that are an entry's own, and trails that are kept."""

SGD = "?surface=linear_regression&on=gradient_descent,gradient_descent~2"
RINGS = """() => [...document.querySelectorAll('.player .map .start')]
  .map((ring) => ring.dataset.entry)"""


def own_conditions(visit, entry):
    visit.page.get_by_test_id(f"card-{entry}").get_by_role("combobox").select_option(
        "conditions"
    )


def test_an_optimizer_gets_a_batch_and_a_start_of_its_own(visits):
    visit = visits(SGD)
    before = visit.outcomes
    own_conditions(visit, "gradient_descent~2")
    assert visit.page.get_by_test_id("conditions-of").input_value() == (
        "gradient_descent~2"
    )
    batch = visit.page.get_by_test_id("gradient_descent~2.batch-value")
    batch.fill("1")
    batch.press("Enter")
    visit.until_address(
        surface="linear_regression",
        on="gradient_descent,gradient_descent~2",
        **{"gradient_descent~2.batch": "1"},
    )
    visit.eventually(
        lambda: visit.outcomes["gradient_descent~2"] != before["gradient_descent~2"]
    )
    assert visit.outcomes["gradient_descent"] == before["gradient_descent"]

    assert visit.js(RINGS) == [""]
    start = visit.page.get_by_test_id("gradient_descent~2.start")
    start.fill("0.5; -1")
    start.press("Enter")
    visit.eventually(lambda: visit.js(RINGS) == ["", "gradient_descent~2"])
    visit.eventually(lambda: visit.query.get("gradient_descent~2.start") == "0.5,-1")

    start.fill("50, 0")
    start.press("Enter")
    visit.eventually(lambda: "no point of the map" in visit.status)
    assert start.input_value() == "0.5, -1"

    # A click moves the start of the entry whose conditions are shown, and no other.
    visit.click_map(1, 1)
    visit.eventually(lambda: visit.query["gradient_descent~2.start"] != "0.5,-1")
    assert "start" not in visit.query

    visit.page.get_by_role("button", name="as all").click()
    visit.until_address(
        surface="linear_regression", on="gradient_descent,gradient_descent~2"
    )
    visit.eventually(lambda: visit.js(RINGS) == [""])
    visit.eventually(lambda: visit.outcomes == before)


def test_what_is_as_the_race_has_it_follows_the_race(visits):
    visit = visits(f"{SGD}&gradient_descent~2.batch=3")
    own_conditions(visit, "gradient_descent~2")
    batch = visit.page.get_by_test_id("gradient_descent~2.batch-value")
    batch.fill("30")
    batch.press("Enter")
    visit.until_address(
        surface="linear_regression", on="gradient_descent,gradient_descent~2"
    )


DRAWN = """() => {
  const context = document.querySelector('.player .map .trails').getContext('2d');
  const { width, height } = context.canvas;
  const { data } = context.getImageData(0, 0, width, height);
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
  return painted;
}"""


def test_kept_trails_stay_beside_those_that_follow(visits):
    visit = visits("?on=gradient_descent&steps=100")
    visit.page.keyboard.press("End")
    caption = visit.page.locator(".player .kept")
    assert not caption.is_visible()
    visit.page.keyboard.press("k")
    caption.get_by_text("these trails").wait_for()
    rate = visit.page.get_by_test_id("lr-gradient_descent-value")
    rate.fill("0.0004")
    rate.press("Enter")
    visit.page.get_by_role("textbox", name="Start x").fill("1.5")
    visit.page.get_by_role("textbox", name="Start x").press("Enter")
    caption.get_by_text("kept: GD α 0.001, start (−1.2, 1)").wait_for()
    visit.settle()
    both = visit.js(DRAWN)

    # Another surface has other places: nothing of this one is drawn there.
    caption.get_by_role("button").click()
    caption.wait_for(state="hidden")
    # What was kept had its part of the picture beside the trail that follows.
    visit.eventually(lambda: 1.5 * visit.js(DRAWN) < both)
    visit.page.get_by_test_id("keep").click()
    caption.get_by_text("these trails").wait_for()
    assert visit.query.keys() == {"on", "steps", "start", "gradient_descent.lr"}
    visit.choose_surface("himmelblau")
    caption.wait_for(state="hidden")


def test_in_basins_a_press_moves_the_start_that_its_panel_has(visits):
    visit = visits(
        "?surface=himmelblau&steps=60&view=studies&on=gradient_descent,momentum"
        "&momentum.start=2,3"
    )
    canvas = visit.page.locator(".player .basins canvas")
    visit.page.locator(".player .basins .note").nth(1).wait_for()
    visit.settle()
    box = canvas.bounding_box()
    for part, key in ((0.25, "start"), (0.75, "momentum.start")):
        before = dict(visit.query)
        visit.page.mouse.click(box["x"] + part * box["width"], box["y"] + 90)
        visit.eventually(lambda b=before, k=key: visit.query.get(k) != b.get(k))
        changed = {k for k, text in visit.query.items() if before.get(k) != text}
        assert changed == {key}
