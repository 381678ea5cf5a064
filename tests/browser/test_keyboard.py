"""The keyboard alone: it reaches everything, and stays where it was used."""

import pytest

FOCUSED = """() => {
  const { activeElement: at } = document;
  return at.dataset.testid ?? at.tagName;
}"""


def focused(visit):
    return visit.js(FOCUSED)


def press(visit, *keys):
    for key in keys:
        visit.page.keyboard.press(key)
    visit.settle()


def test_after_a_surface_is_chosen_the_space_bar_plays(visit):
    visit.choose_surface("beale")
    visit.until_data(surface="beale", playing="true")
    press(visit, "Space")
    visit.until_data(playing="false")
    box = visit.page.get_by_role("combobox", name="Surface")
    assert box.get_attribute("aria-expanded") == "false"
    options = visit.page.locator("[role=option]")
    assert options.count() == 0

    # It is still where the keyboard is, and an arrow opens it.
    assert visit.js("document.activeElement.role") == "combobox"
    press(visit, "ArrowDown")
    options.first.wait_for()
    press(visit, "Escape")


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_button_keeps_the_keyboard(visits, key):
    visit = visits("?view=studies&study=basins")
    for button in (
        visit.page.get_by_test_id("tab-conditions"),
        visit.page.get_by_test_id("tab-optimizers"),
        visit.page.locator(".player .formula-button").first,
        visit.page.get_by_test_id("study-swarm"),
        visit.page.locator(".player .play"),
    ):
        button.focus()
        press(visit, key)
        assert button.evaluate("(button) => button === document.activeElement")
    visit.until_data(study="swarm", playing="false")
    formula = visit.page.locator(".player .formula-button").first
    assert formula.get_attribute("aria-expanded") == "true"
    press(visit, "End")
    visit.until_data(step=visit.data["steps"])


def test_the_mouse_leaves_the_keys_to_the_timeline(visit):
    visit.page.locator(".player .formula-button").first.click()
    visit.page.get_by_test_id("tab-conditions").click()
    visit.page.get_by_test_id("tab-optimizers").click()
    press(visit, "Space")
    visit.until_data(playing="false")
    assert visit.js("document.activeElement === document.body")


def test_a_switch_keeps_the_keyboard_and_gives_it_to_the_next(visits):
    visit = visits("?on=gradient_descent,momentum,adagrad,rmsprop,adam,nesterov,adamw")
    switch = visit.page.get_by_role("switch", name="AdamW", exact=True)
    switch.focus()
    press(visit, "Space")
    switch.wait_for(state="detached")
    visit.settle()
    held = visit.js("document.activeElement.closest('.card')?.dataset.testid")
    assert held == "card-nesterov", "the last that is left"
    press(visit, "Space")
    visit.page.get_by_test_id("card-nesterov").wait_for(state="detached")
    switch = visit.page.get_by_role("switch", name="Adam", exact=True)
    switch.focus()
    press(visit, "Space")
    visit.eventually(lambda: visit.outcomes["adam"] == "off")
    assert switch.evaluate("(box) => box === document.activeElement")


def test_a_list_keeps_the_keyboard(visit):
    """Also where its choice brings other settings."""
    visit.page.get_by_test_id("tab-conditions").click()
    visit.page.get_by_test_id("schedule").focus()
    press(visit, "ArrowDown")
    visit.until("() => new URLSearchParams(location.search).has('schedule')")
    visit.settle()
    assert focused(visit) == "schedule"


def test_only_a_choice_that_is_confirmed_adds_an_optimizer(visit):
    add = visit.page.get_by_test_id("add-optimizer")
    add.focus()
    press(visit, "ArrowDown", "ArrowDown")
    first, second = (
        add.evaluate("(list, k) => list.options[k].value", k) for k in (1, 2)
    )
    assert add.input_value() == second
    assert visit.query == {}
    press(visit, "ArrowUp", "Enter")
    visit.until_address(on=f"gradient_descent,momentum,adagrad,rmsprop,adam,{first}")
    visit.page.get_by_test_id(f"card-{first}").wait_for()
    assert focused(visit) == "add-optimizer"
    assert add.input_value() == ""

    # Who goes on has chosen nothing.
    press(visit, "ArrowDown", "Tab")
    visit.settle()
    assert add.input_value() == ""
    assert visit.page.locator(".player .card").count() == 6


def test_keys_do_not_save_a_study_by_themselves(visits):
    visit = visits("?view=studies&study=plane&surface=ravine")
    asked = []
    visit.page.on("request", lambda request: asked.append(request.url))
    save = visit.page.get_by_test_id("save")
    save.focus()
    press(visit, "ArrowDown")
    assert not any("plane." in url for url in asked)
    with visit.page.expect_download() as file:
        press(visit, "Enter")
    assert file.value.suggested_filename.startswith("plane-ravine.")
    assert focused(visit) == "save"


def test_a_value_that_was_typed_keeps_the_keyboard(visit):
    typed = visit.page.get_by_test_id("lr-adam-value")
    typed.focus()
    press(visit, "Control+a", "0", ".", "1", "2", "Enter")
    visit.until_address(**{"adam.lr": "0.12"})
    assert focused(visit) == "lr-adam-value"
    press(visit, "Space")  # a number has none
    visit.until_data(playing="false")
    assert typed.input_value() == "0.12"

    # Nothing is being typed: what comes from elsewhere is shown.
    visit.page.go_back()
    visit.until_address(**{"adam.lr": None})
    visit.eventually(lambda: typed.input_value() != "0.12")


def test_the_space_bar_plays_from_a_slider(visit):
    visit.page.get_by_test_id("lr-adam").focus()
    press(visit, "Space")
    visit.until_data(playing="false")
    before = visit.values["lr-adam-value"]
    press(visit, "ArrowRight")
    assert visit.values["lr-adam-value"] != before
    assert focused(visit) == "lr-adam"
