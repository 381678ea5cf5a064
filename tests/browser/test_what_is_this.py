"""“What is this?”: whatever is under the cursor, focused or tapped, in a sentence."""

import pytest

HINT = "Point at anything"
HERE = "lesson=momentum&page=2"
RACE = "?surface=himmelblau&on=gradient_descent,momentum&steps=60&play=0"

MIDDLE = """(selector) => {
  const found = [...document.querySelectorAll(selector)];
  const shown = found.find((one) => one.getClientRects().length);
  const { left, top, width, height } = shown.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}"""
FRAME = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done())))"""
SHOWN = """() => [...document.querySelectorAll(".player :is(button, input, select)")]
  .filter((one) => one.getClientRects().length && !one.closest(".whatis, dialog"))
  .map((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return [one.outerHTML, left + width / 2, top + height / 2];
  })
  .filter(([, x, y]) => x > 0 && y > 0 && x < innerWidth && y < innerHeight)"""


@pytest.fixture
def asking(visits):
    """Opens a page and asks what is what there."""

    def ask(query=RACE, **how):
        visit = visits(query, **how)
        visit.page.get_by_test_id("help-button").click()
        visit.page.get_by_test_id("what-button").click()
        assert visit.page.get_by_test_id("help").is_hidden()
        assert HINT in said(visit)
        return visit

    return ask


def said(visit):
    return visit.page.locator(".player .whatis p span").inner_text()


def asks(visit):
    return visit.page.get_by_test_id("what-is").is_visible()


def at(visit, x, y):
    visit.page.mouse.move(x, y)
    visit.js(FRAME)  # a move is heard before the next picture, and not at once
    return said(visit)


ANSWERS = (
    (".map .start", "The start of every run"),
    (".map .scale > i", "The colour bar"),
    (".player .playhead", "The step that is shown"),
    (".player .scene canvas", "The surface in 3D"),
    (".player .scrub", "The timeline"),
    (".player .restart", "Goes back to the start"),
    (".slider.first .recommended", "recommended for this surface"),
    (".slider.first .stable", "The border of stability"),
    (".card .formula-button", "Shows the formula"),
    (".slider.first .typed", "Learning rate: How far one step goes."),
    (".story", "The formula of the surface"),
    (".st-key-surface input", "The surface: the loss"),
    (".st-key-steps input", "How many steps each run has."),
    (".st-key-bar .stButton button", "Compares the gradient"),
)


def test_the_cursor_is_answered(asking):
    visit = asking(f"{RACE}&step=30").in_3d()
    for selector, words in ANSWERS:
        assert words in at(visit, *visit.js(MIDDLE, selector)), selector
        assert "Theory" not in said(visit)


def test_marks_of_the_map_are_answered(asking):
    visit = asking(
        "?surface=himmelblau&on=gradient_descent&start=0,-3.5&steps=60&play=0"
    )
    assert "A minimum (×)" in at(visit, *visit.on_screen(3, 2))
    assert "A saddle (◇)" in at(visit, *visit.on_screen(0.0867, 2.8843))
    assert "A maximum (△)" in at(visit, *visit.on_screen(-0.2708, -0.9230))
    assert "The start of every run" in at(visit, *visit.on_screen(0, -3.5))
    assert "The map: the loss from above" in at(visit, *visit.on_screen(-5, 5))


def test_a_trail_differs_from_what_is_to_come(asking):
    query = "?surface=ravine&kappa=1&on=gradient_descent&steps=100"
    visit = asking(f"{query}&gradient_descent.lr=0.1&step=3&play=0")
    # On the round bowl, a run goes straight to the minimum at 0, a tenth each step.
    x, y = visit.start
    left = 0.9**3
    for part, words in (((1 + left) / 2, "the path of a run"), (left / 2, "to come")):
        assert words in at(visit, *visit.on_screen(part * x, part * y))
    assert "The head of a run" in at(visit, *visit.on_screen(left * x, left * y))


def test_every_control_has_a_sentence(asking):
    # The surface's own button comes with the surface.
    visit = asking(f"{RACE}&{HERE}").in_3d()
    controls = visit.js(SHOWN)
    assert len(controls) > 25
    silent = []
    for control, x, y in controls:
        words = at(visit, x, y)
        if HINT in words or not words.endswith((".", "…")) or len(words) > 160:
            silent.append((control[:120], words))
    assert silent == []


def test_nothing_is_done_until_it_ends(asking):
    visit = asking()
    before = visit.query, visit.data["playing"], visit.data["step"]
    x, y = visit.js(MIDDLE, ".player .play")
    for end in ("Escape", "Enter", "click", "?"):
        if not asks(visit):
            visit.page.get_by_test_id("help-button").click()
            visit.page.get_by_test_id("what-button").click()
        visit.page.mouse.move(x, y)
        for key in ("ArrowRight", "k", "PageDown", "1"):
            visit.page.keyboard.press(key)
        assert asks(visit), end
        if end == "click":
            visit.page.mouse.click(x, y)
        else:
            visit.page.keyboard.press(end)
        assert not asks(visit), end
        visit.settle()
        assert (visit.query, visit.data["playing"], visit.data["step"]) == before
        assert visit.page.get_by_test_id("help").is_hidden(), end
    # And then all is as before.
    visit.js("() => document.activeElement.blur()")
    visit.page.keyboard.press("ArrowRight")
    visit.until_data(step="1")


def test_the_tab_key_is_answered(asking):
    visit = asking()
    heard = set()
    for _ in range(25):
        visit.page.keyboard.press("Tab")
        # Between the last and the first, the browser's own, and what only scrolls.
        if not visit.js("document.activeElement.matches('body, main')"):
            heard.add(said(visit))
        assert visit.page.locator(".player .whatis p").get_attribute("role") == "status"
    assert len(heard) > 8, heard
    assert not any(HINT in words for words in heard), heard
    visit.page.keyboard.press("Escape")
    assert not asks(visit)


def test_a_question_mark_asks_too(visits):
    visit = visits(RACE)
    visit.page.keyboard.press("?")
    visit.eventually(visit.page.get_by_test_id("help").is_visible)
    visit.page.keyboard.press("?")
    assert asks(visit)
    assert visit.page.get_by_test_id("help").is_hidden()


def test_a_tap_is_answered_and_does_nothing(visits, chromium):
    context = chromium().new_context(
        viewport={"width": 390, "height": 844}, has_touch=True
    )
    visit = visits(RACE, size=(390, 844), context=context)
    start = visit.start
    visit.page.get_by_test_id("help-button").tap()
    visit.page.get_by_test_id("what-button").tap()
    visit.page.locator(".player .map").evaluate("(map) => map.scrollIntoView()")
    visit.page.touchscreen.tap(*visit.js(MIDDLE, ".player .map .scale > i"))
    assert "The colour bar" in said(visit)
    visit.page.touchscreen.tap(*visit.on_screen(1, -4))
    assert "The map: the loss from above" in said(visit)
    box = visit.page.locator(".player .whatis p").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    visit.page.locator(".player .whatis button").tap()
    assert not asks(visit)
    visit.settle()
    assert visit.start == start
    context.close()


def test_nothing_to_come_is_said_while_a_lesson_asks(asking):
    visit = asking("?lesson=momentum&page=1")
    for x in range(40, 900, 60):
        for y in range(120, 640, 60):
            assert "to come" not in at(visit, x, y)
