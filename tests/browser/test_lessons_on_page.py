"""Lessons on the page: opened, predicted, revealed and turned."""

import re

import numpy as np
import pytest

from views.lessons import lessons
from views.race import run_race
from views.setup import Setup

PAGES = [
    (key, number, page)
    for key, lesson in lessons().items()
    for number, page in enumerate(lesson.pages, start=1)
    if page.prediction and "view=" not in page.setup
]


def page_that_asks(*kinds):
    return next(one for one in PAGES if one[2].prediction.kind in kinds)


def query_of(key, number):
    return f"?lesson={key}&page={number}"


def race_of(page):
    return run_race(Setup.parse(page.pairs)[0])


def until_page(visit, key, number):
    visit.until_data(lesson=f"{key} {number}")


# Charts and buttons that the invitation lies on.
COVERED_BY_INVITATION = """() => {
  const box = document.querySelector(".player .invite").getBoundingClientRect();
  const others = [...document.querySelectorAll(
    ".player :is(.losses, .chooser button, select, .picture > button)")];
  return others.filter((one) => one.checkVisibility() && !one.closest(".invite"))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, r]) => r.left < box.right && r.right > box.left &&
      r.top < box.bottom && r.bottom > box.top)
    .map(([one]) => one.className || one.textContent).join();
}"""
SEEN_IN = """(canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let seen = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 20) seen += 1;
  return seen;
}"""
DRAWN = f"() => ({SEEN_IN})(document.querySelector('.player .losses .trails'))"


def test_a_lesson_is_opened_from_the_list_and_turned(visits):
    visit = visits()
    key = next(iter(lessons()))
    lesson = lessons()[key]
    menu = visit.page.get_by_test_id("lessons")
    names = menu.locator("option").all_inner_texts()
    assert names[1:] == [*(one.title for one in lessons().values()), "open a file…"]
    menu.select_option(key)
    until_page(visit, key, 1)
    article = visit.page.get_by_test_id("lesson")
    assert article.locator("h2").inner_text() == lesson.pages[0].title
    visit.until_address(lesson=key)
    visit.page.get_by_test_id("lesson-next").click()
    until_page(visit, key, 2)
    assert article.locator("h2").inner_text() == lesson.pages[1].title
    visit.until_address(page="2")
    visit.page.keyboard.press("PageUp")
    until_page(visit, key, 1)
    visit.page.get_by_role("button", name="Close the lesson").click()
    visit.until_data(lesson="")
    assert article.is_hidden()


def test_nothing_to_come_is_shown_until_it_is_predicted(visits):
    key, number, page = page_that_asks("first", "lowest", "outcome")
    visit = visits(query_of(key, number))
    until_page(visit, key, number)
    assert visit.data["playing"] == "false"
    assert visit.data["step"] == "0"
    texts = visit.page.locator(".player .card:not(.off) .outcome").all_inner_texts()
    assert set(texts) == {"under way"}
    runs = race_of(page).runs
    outcomes = [run.outcome.text for run in runs.values()]
    spoken = visit.js(
        "() => [...document.querySelectorAll('.player, .player *')].flatMap((one) => "
        "[one.ariaLabel, one.title, one.dataset.outcome]).filter(Boolean).join('|')"
    )
    assert not any(outcome in spoken for outcome in outcomes)
    before = visit.js(DRAWN)
    reveal = visit.page.get_by_test_id("reveal")
    assert reveal.is_disabled()
    choices = visit.page.get_by_test_id("predict").get_by_role("radio")
    choices.first.click()
    assert choices.first.get_attribute("aria-checked") == "true"
    reveal.click()
    visit.until_data(playing="true")
    judged = visit.page.locator(".player .lesson .judged")
    visit.eventually(lambda: re.match(r"(Right|Not so)\. ", judged.inner_text()))
    if page.afterwards:
        assert visit.page.locator(".player .lesson .afterwards").is_visible()
    # At the same step as before, what is to come is there.
    visit.pause("Home")
    visit.until(f"(before) => ({DRAWN})() > before", before)
    visit.pause("End")
    visit.settle()
    cards = visit.outcomes
    assert {key: cards[key] for key in runs} == {
        key: run.outcome.text for key, run in runs.items()
    }


@pytest.mark.parametrize(
    ("panel", "numbers"), [("inside", ".quantities"), ("table", ".rows tr")]
)
def test_no_panel_has_numbers_of_steps_to_come(visits, panel, numbers):
    key, number, page = page_that_asks("first", "lowest", "outcome")
    entry = Setup.parse(page.pairs)[0]["on"][0]
    visit = visits(f"{query_of(key, number)}&panels={panel}&inspect={entry}")
    until_page(visit, key, number)
    shown = visit.page.get_by_test_id({"inside": "inside", "table": "run-table"}[panel])
    visit.eventually(lambda: "once you have predicted" in shown.inner_text())
    visit.page.keyboard.press("e")
    visit.settle()
    assert not re.search("[0-9]", shown.inner_text())
    assert not shown.locator("button:visible").count()
    visit.page.get_by_test_id("predict").get_by_role("radio").first.click()
    visit.page.get_by_test_id("reveal").click()
    visit.until_data(playing="true")  # said with the next frame
    visit.pause("Home")
    visit.eventually(shown.locator(numbers).first.is_visible)
    visit.eventually(lambda: re.search("[0-9]", shown.inner_text()))


@pytest.mark.parametrize(
    ("panels", "testid"), [("loss", ""), ("distance", "chart-distance")]
)
def test_no_chart_reads_out_what_is_to_come(visits, panels, testid):
    key, number, _ = page_that_asks("first", "lowest", "outcome")
    visit = visits(f"{query_of(key, number)}&panels={panels}")
    until_page(visit, key, number)
    chart = visit.page.locator(
        f"[data-testid={testid}]" if testid else ".player .picture.losses"
    )
    box = chart.bounding_box()
    visit.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    tip = chart.locator(".tip").first
    visit.eventually(tip.is_visible)
    assert re.match(r"step 0\b", tip.inner_text())
    assert "×" not in tip.inner_text()


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_a_mark_is_as_far_off_as_the_page_says(visits, by):
    key, number, page = page_that_asks("point")
    visit = visits(query_of(key, number))
    until_page(visit, key, number)
    asked, start = page.prediction, visit.start
    domain = Setup.parse(page.pairs)[0].surface.view_domain
    x, y = (domain.x_low, domain.x_high), (domain.y_low, domain.y_high)
    if by == "mouse":
        middle = np.mean([x, y], axis=1)
        visit.page.mouse.click(*visit.on_screen(*middle))
    else:
        visit.page.locator(".player .guess").focus()
        visit.page.keyboard.press("ArrowRight")
        visit.page.keyboard.press("ArrowUp")
        middle = np.add(start, 0.02 * np.array([x[1] - x[0], y[1] - y[0]]))
    visit.page.get_by_test_id("reveal").click()
    judged = visit.page.locator(".player .lesson .judged")
    visit.eventually(lambda: "away" in judged.inner_text())
    off = float(
        re.search(r"mark is (\S+) away", judged.inner_text())[1].replace("−", "-")
    )
    at = race_of(page).runs[asked.of].points[asked.step]
    assert off == pytest.approx(np.hypot(*(at - middle)), rel=0.02, abs=0.02)
    assert visit.start == start, "the mark moves no start"


def test_outcomes_come_as_they_happen_unless_asked_for(visits):
    visit = visits("?surface=himmelblau&on=gradient_descent&steps=60")
    visit.pause("Home")
    (run,) = run_race(Setup("himmelblau").edited(
        {"on": "gradient_descent", "steps": "60"})[0]).runs.values()  # fmt: skip
    outcome = visit.page.locator(".player .card:not(.off) .outcome")
    visit.eventually(lambda: outcome.inner_text() == "under way")
    for _ in range(run.outcome.step - 1):
        visit.page.keyboard.press("ArrowRight")
    visit.until_data(step=str(run.outcome.step - 1))
    visit.settle()
    assert outcome.inner_text() == "under way"
    visit.page.keyboard.press("ArrowRight")
    visit.eventually(lambda: outcome.inner_text() == run.outcome.text)
    visit.pause("Home")
    visit.page.get_by_test_id("shows").select_option("outcomes")
    visit.eventually(lambda: outcome.inner_text() == run.outcome.text)


def test_a_page_with_another_chart_of_the_same_surface_draws_it(visits):
    visit = visits(query_of("nesterov", 3))
    until_page(visit, "nesterov", 3)
    visit.page.get_by_test_id("lesson-next").click()
    until_page(visit, "nesterov", 4)
    chart = visit.page.get_by_test_id("chart-sharpness")
    visit.eventually(chart.is_visible)
    canvas = chart.locator("canvas")
    visit.eventually(lambda: canvas.evaluate("({ width }) => width > 300"))
    visit.eventually(lambda: canvas.evaluate(SEEN_IN) > 500)


def test_the_invitation_lies_on_no_chart_and_no_button(visits):
    visit = visits("?theme=projector", size=(1920, 1080))
    visit.js("() => sessionStorage.setItem('new here', '1')")
    visit.js("() => localStorage.removeItem('loss-surface-lessons')")
    visit.page.reload()
    visit.ready()
    invite = visit.page.locator(".player .invite")
    for size in ((1920, 1080), (1280, 720)):
        visit.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        visit.settle()
        visit.eventually(invite.is_visible)
        assert not visit.js(COVERED_BY_INVITATION), size


def test_the_invitation_covers_nothing_that_is_read(visits):
    visit = visits("?show=arrows&inspect=adam&step=7&play=0")
    visit.js("() => sessionStorage.setItem('new here', '1')")
    visit.js("() => localStorage.removeItem('loss-surface-lessons')")
    visit.page.reload()
    visit.ready().in_3d()
    invite = visit.page.locator(".player .invite")
    visit.eventually(invite.is_visible)
    scales = visit.page.locator(".player .scene .factors")
    visit.eventually(scales.inner_text)
    said, inviting = scales.bounding_box(), invite.bounding_box()
    assert said["y"] + said["height"] < inviting["y"]
    visit.page.get_by_test_id("show-inside").click()
    visit.eventually(invite.is_hidden)
    visit.page.get_by_test_id("show-scene").click()
    visit.eventually(invite.is_visible)
    visit.page.get_by_role("radio", name="Studies").click()
    visit.eventually(invite.is_hidden)


def test_the_invitation_is_dismissed_once(visits):
    visit = visits()
    visit.js("() => sessionStorage.setItem('new here', '1')")
    visit.js("() => localStorage.removeItem('loss-surface-lessons')")
    visit.page.reload()
    visit.ready()
    invite = visit.page.locator(".player .invite")
    visit.eventually(invite.is_visible)
    visit.page.get_by_role("button", name="Dismiss this invitation").click()
    assert invite.is_hidden()
    visit.page.reload()
    visit.ready()
    assert invite.is_hidden()


def test_a_link_opens_at_its_step(visits):
    visit = visits("?surface=ravine&on=momentum&step=12&play=0")
    visit.until_data(step="12", playing="false")
    visit.page.get_by_test_id("share").click()
    link = visit.page.get_by_test_id("link").input_value()
    assert link.startswith(f"{visit.server.address}/?surface=ravine&on=momentum")
    assert link.endswith("&step=12&play=0")
    code = visit.page.get_by_test_id("qr")
    visit.eventually(lambda: code.evaluate("(image) => image.naturalWidth > 0"))
    # The timeline's keys are not the dialog's; Q shows the code alone.
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("q")
    alone = visit.page.get_by_role("dialog", name="QR code of this page")
    visit.eventually(alone.is_visible)
    visit.page.keyboard.press("q")
    assert alone.is_hidden()


def test_a_frame_has_the_player_alone(visits):
    visit = visits("?surface=ravine&embed=true", size=(850, 450))
    assert visit.page.get_by_role("combobox", name="Surface").count() == 0
    assert visit.data["surface"] == "ravine"
    # All of it is there without scrolling.
    bottom = visit.js(
        "() => document.querySelector('.player').getBoundingClientRect().bottom"
    )
    assert bottom <= 462


def test_who_wants_no_motion_gets_the_whole_race_at_rest(visits, chromium):
    context = chromium().new_context(reduced_motion="reduce", color_scheme="dark")
    visit = visits("?surface=ravine&on=momentum", context=context)
    visit.until_data(playing="false")
    visit.until(
        "(({ step, steps }) => step === steps)"
        "(document.querySelector('.player').dataset)"
    )
    context.close()


def test_help_names_every_mark_and_letter(visit):
    visit.pause()
    help_ = visit.page.get_by_test_id("help")
    visit.page.keyboard.press("?")
    visit.eventually(help_.is_visible)
    text = help_.inner_text()
    for words in (
        "minimum",
        "saddle",
        "the start",
        "iterate",
        "by theory",
        "Home, End",
    ):
        assert words in text
    letters = help_.locator(".letters dt").all_inner_texts()
    assert {"α", "β", "ε", "ρ"} <= set(letters)
    visit.page.keyboard.press("Escape")
    assert help_.is_hidden()
    visit.page.get_by_test_id("help-button").click()
    visit.eventually(help_.is_visible)
