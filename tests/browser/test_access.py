"""Who does not see the page, or has no mouse: names, texts, news, and axe's rules."""

import json
from importlib.resources import files

from optim import OPTIMIZERS
from views.lessons import lessons
from views.tabs import TABS
from views.theme import DEFAULT_ON

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
PAGES = {
    "race": "",
    "side": "?view=side",
    **{study: f"?view=studies&study={study}" for study in TABS},
    "formula": "?surface=formula",
    "own data": "?surface=data&model=typed",
    "data": "?surface=linear_regression",
}
# What is Streamlit's own, and cannot be named or changed from Python: its block of
# toolbar buttons, and the live region that its widgets bring along.
THEIRS = ["[data-testid=stToolbar]", "[data-testid=stStatusWidget]"]


def broken(visit):
    """The rules of axe that the page breaks, with where it does."""
    if not visit.js("Boolean(window.axe)"):
        visit.js(AXE)
    found = visit.js(
        """async (theirs) => {
          const exclude = theirs.map((one) => [one]);
          const { passes, violations } = await axe.run({ exclude });
          if (passes.length < 10) throw new Error("it has hardly looked");
          return violations.map(({ id, impact, nodes }) =>
            [id, impact, nodes.map(({ html }) => html.slice(0, 200))]);
        }""",
        THEIRS,
    )
    return json.dumps(found, indent=1) if found else ""


def test_axe_finds_nothing(visits):
    visit = visits().in_3d()
    for name, query in PAGES.items():
        visit.go(query).pause("End")
        visit.settle()
        assert broken(visit) == "", name


def test_axe_finds_nothing_on_a_phone(visits):
    visit = visits(size=(390, 844)).in_3d()
    for name in ("race", "side", "seeds"):
        visit.go(PAGES[name]).settle()
        assert broken(visit) == "", name


def test_axe_finds_nothing_with_conditions_and_eight_rules(visits):
    visit = visits(f"?on={','.join(list(OPTIMIZERS)[:8])}&surface=ravine")
    visit.page.get_by_test_id("tab-conditions").click()
    visit.settle()
    assert broken(visit) == ""


def test_the_about_text_can_be_read_with_keys_alone(visit):
    visit.pause()
    visit.page.get_by_role("button", name="About").click()
    body = visit.page.get_by_test_id("stPopoverBody")
    body.get_by_text("Keys:").wait_for()
    visit.until("document.querySelector('[data-testid=stPopoverBody]').tabIndex === 0")
    visit.settle()
    assert broken(visit) == ""
    step = visit.data["step"]
    body.focus()
    visit.page.keyboard.press("End")
    visit.until("document.querySelector('[data-testid=stPopoverBody]').scrollTop > 50")
    assert visit.data["step"] == step, "the keys are the text's"


def test_each_slider_says_whose_it_is(visit):
    visit.show_all_sliders()
    for key in DEFAULT_ON:
        label = OPTIMIZERS[key].label
        name = f"{label}: learning rate"
        assert visit.page.get_by_role("slider", name=name, exact=True).count() == 1
    names = visit.js(
        "[...document.querySelectorAll('.player .card input')]"
        ".map((input) => input.ariaLabel)"
    )
    assert len(set(names)) == len(names)


CANVASES = """() => [...document.querySelectorAll(".player canvas")]
  .filter((canvas) => canvas.checkVisibility() && !canvas.closest(".plot"))
  .filter((canvas) => canvas.ariaHidden !== "true")  // it shows nothing
  .map((canvas) => [canvas.role, canvas.ariaLabel ?? ""])"""


def test_each_canvas_has_a_text(visit):
    def announced():
        said = visit.js(CANVASES)
        return said and all(role == "img" and len(text) > 20 for role, text in said)

    for name, query in PAGES.items():
        visit.go(query).pause("End")
        visit.eventually(announced)
        texts = [text for _, text in visit.js(CANVASES)]
        assert any("Adam" in text for text in texts) or name == "plane", name


def test_no_heading_of_a_table_is_empty(visits):
    for study in ("swarm", "seeds", "fair"):
        visit = visits(PAGES[study])
        visit.page.locator(".player th").first.wait_for()
        heads = visit.page.locator(".player th:visible").all_inner_texts()
        assert heads
        assert all(head.strip() for head in heads)


NEWS = """() => {
  window.announced = [];
  const news = document.querySelector(".player .news");
  new MutationObserver(() => window.announced.push(news.textContent))
    .observe(news, { childList: true, characterData: true, subtree: true });
}"""


def test_a_changed_result_is_announced_once_and_politely(visit):
    news = visit.page.locator(".player .news")
    assert news.get_attribute("role") == "status"
    visit.page.wait_for_timeout(1500)
    assert news.inner_text() == "", "nothing has changed yet"
    visit.js(NEWS)
    visit.drag("lr-adam", *(-2 - k / 20 for k in range(20)))
    visit.release("lr-adam")
    visit.until_address(**{"adam.lr": "0.00112"})
    visit.eventually(lambda: visit.js("window.announced.length") > 0)
    visit.page.wait_for_timeout(1500)
    (announced,) = visit.js("window.announced")
    assert announced == f"Adam: {visit.outcomes['adam']}."


def test_axe_finds_nothing_in_any_lesson(visits):
    """On its first page, as it asks, and on its second."""
    visit = visits()
    list_ = visit.page.get_by_test_id("lessons")
    for key in lessons():
        list_.select_option(key)
        for number in (1, 2):
            visit.until_data(lesson=f"{key} {number}")
            visit.settle()
            assert broken(visit) == "", (key, number)
            visit.page.get_by_test_id("lesson-next").click()
