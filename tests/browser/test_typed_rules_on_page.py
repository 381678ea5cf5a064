"""Rules as text on the page: they race while they are typed, and none is lost."""

import time
from urllib.parse import urlencode

SIGNS = "# Signs\nm = beta*m + (1 - beta)*g\nw = w - alpha*sign(m)"
ADDRESS = "?" + urlencode({"rule~1": SIGNS, "on": "adam,rule~1"})


def opened(visit, entry):
    """The text of an entry, opened from its card."""
    card = visit.page.get_by_test_id(f"card-{entry}")
    card.get_by_role("combobox").select_option("text")
    return visit.page.get_by_test_id("rule-text")


def running(visit):
    """How those that run end, by entry."""
    return {key: text for key, text in visit.outcomes.items() if text != "off"}


def wrong(visit):
    return visit.page.locator(".player .written .wrong").inner_text()


def test_a_built_in_rule_is_changed_and_races_its_original(visits):
    visit = visits("?on=adam")
    before = visit.outcomes
    area = opened(visit, "adam")
    text = area.input_value()
    assert text.startswith("# My Adam\nalpha = 0.2\n")
    lines = visit.page.locator(".player .written .lines math")
    visit.eventually(lambda: lines.count() == 3)
    time.sleep(1)
    assert "on" not in visit.query or visit.query["on"] == "adam", "nothing is changed"

    area.fill(text.replace("alpha = 0.2", "alpha = 0.02"))
    visit.eventually(lambda: running(visit).keys() == {"adam", "rule~1"})
    visit.eventually(lambda: visit.query.get("on") == "adam,rule~1")
    assert visit.outcomes["adam"] == before["adam"]
    assert visit.outcomes["rule~1"] != before["adam"]
    # The text once more, as it was: now it ends as the original does.
    area.fill(text)
    visit.eventually(lambda: visit.outcomes.get("rule~1") == before["adam"])
    visit.page.locator(".player .written .done").click()
    visit.eventually(
        lambda: (
            visit.page.get_by_test_id("card-rule~1").locator("b").inner_text()
            == "My Adam"
        )
    )


def test_a_wrong_text_is_said_stays_and_leaves_the_race(visits):
    visit = visits(ADDRESS)
    before = visit.outcomes
    area = opened(visit, "rule~1")
    assert area.input_value() == SIGNS
    area.fill(f"{SIGNS} + q")
    visit.eventually(lambda: wrong(visit).startswith("Line 3: `q` at position"))
    assert area.get_attribute("aria-invalid") == "true"
    assert visit.outcomes == before
    visit.page.locator(".player .written .done").click()
    assert opened(visit, "rule~1").input_value() == f"{SIGNS} + q"
    area.fill(f"{SIGNS} - 0*g")
    visit.eventually(lambda: wrong(visit) == "")
    visit.eventually(lambda: visit.query.get("rule~1") == f"{SIGNS} - 0*g")


def test_its_sliders_keep_what_the_text_does_not_change(visits):
    visit = visits(ADDRESS)
    beta = visit.page.get_by_test_id("lr-rule~1-value")
    beta.fill("0.2")
    beta.press("Enter")
    visit.eventually(lambda: visit.query.get("rule~1.lr") == "0.2")
    area = opened(visit, "rule~1")
    area.fill(SIGNS.replace("# Signs", "# Other signs"))
    visit.eventually(lambda: visit.query.get("rule~1", "").startswith("# Other"))
    assert visit.query["rule~1.lr"] == "0.2"
    area.fill(f"alpha = 0.5\n{SIGNS}")
    visit.eventually(lambda: visit.query.get("rule~1", "").startswith("alpha"))
    visit.eventually(lambda: "rule~1.lr" not in visit.query)
    visit.page.locator(".player .written .done").click()
    visit.eventually(
        lambda: visit.page.get_by_test_id("lr-rule~1-value").input_value() == "0.5"
    )


def test_one_begins_with_a_rule_of_the_list(visits):
    visit = visits("?on=adam")
    visit.page.get_by_test_id("add-optimizer").select_option("own")
    area = visit.page.get_by_test_id("rule-text")
    assert area.input_value() == "# My rule\nw = w - alpha*g"
    examples = visit.page.get_by_test_id("rule-examples")
    visit.eventually(lambda: examples.locator("option").count() > 10)
    examples.select_option(label="Sign descent")
    visit.eventually(lambda: visit.query.get("on") == "adam,rule~1")
    assert area.input_value() == "# Sign descent\nw = w - alpha*sign(g)"


def test_off_it_stays_removed_it_is_forgotten_and_a_copy_is_another(visits):
    visit = visits(ADDRESS)
    card = visit.page.get_by_test_id("card-rule~1")
    card.get_by_role("switch").click()
    visit.eventually(lambda: visit.query.get("on") == "adam")
    assert visit.query["rule~1"] == SIGNS
    card.get_by_role("switch").click()
    visit.eventually(lambda: visit.query.get("on") == "adam,rule~1")
    card.get_by_role("combobox").select_option("duplicate")
    visit.eventually(lambda: visit.query.get("on") == "adam,rule~1,rule~2")
    assert visit.query["rule~2"] == SIGNS
    visit.eventually(lambda: running(visit).keys() == {"adam", "rule~1", "rule~2"})
    assert visit.outcomes["rule~1"] == visit.outcomes["rule~2"]
    card.get_by_role("combobox").select_option("remove")
    visit.eventually(lambda: "rule~1" not in visit.query)
    assert visit.query["on"] == "adam,rule~2"


def test_a_rule_without_a_text_says_why(visits):
    visit = visits("?on=bfgs")
    card = visit.page.get_by_test_id("card-bfgs")
    card.get_by_role("combobox").select_option("text")
    visit.eventually(lambda: visit.status.startswith("BFGS has no text: it tries"))
    assert not visit.page.get_by_test_id("written").is_visible()


def test_its_card_has_the_sliders_of_its_text(visits):
    visit = visits(ADDRESS)
    signs = visit.outcomes["rule~1"]
    area = opened(visit, "rule~1")
    area.fill("# Mixed\neta = 0.001 in 0..1\nmix = 1 in 0..5\nw = w - eta*mix*g")
    visit.eventually(lambda: visit.query.get("rule~1", "").startswith("# Mixed"))
    visit.page.locator(".player .written .done").click()
    names = "[...document.querySelectorAll('[data-testid=\"card-rule~1\"] .typed')]"
    visit.eventually(
        lambda: (
            visit.js(f"{names}.map((one) => one.dataset.testid)")
            == ["lr-rule~1-value", "rule~1.mix-value"]
        )
    )
    # The card comes before the race, and a larger `mix` ends as the signs did.
    visit.eventually(lambda: visit.outcomes["rule~1"] != signs)
    mix = visit.page.get_by_test_id("rule~1.mix-value")
    before = visit.outcomes["rule~1"]
    if not mix.is_visible():
        visit.page.locator(".player .more").click()
    mix.fill("5")
    mix.press("Enter")
    visit.eventually(lambda: visit.query.get("rule~1.mix") == "5")
    visit.eventually(lambda: visit.outcomes["rule~1"] != before)


def test_a_text_that_is_replaced_can_be_had_back(visits):
    visit = visits(ADDRESS)
    area = opened(visit, "rule~1")
    examples = visit.page.get_by_test_id("rule-examples")
    visit.eventually(lambda: examples.locator("option").count() > 10)
    examples.select_option(label="Sign descent")
    visit.eventually(lambda: area.input_value().startswith("# Sign descent"))
    area.press("Control+z")
    assert area.input_value() == SIGNS
