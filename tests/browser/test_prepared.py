"""Prepared pages: what is locked shows its values, what is hidden is not there."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

# Whether a part is to be seen, and whether all of its controls are disabled.
STATE = """(selector) => {
  const all = [...document.querySelectorAll(selector)];
  const controls = all.flatMap((part) =>
    [part, ...part.querySelectorAll("button, select, input")]
      .filter((one) => "disabled" in one));
  return {
    seen: all.some((part) => part.checkVisibility()),
    disabled: controls.length > 0 && controls.every((one) => one.disabled),
  };
}"""
# One finger to the side, which turns the page of a lesson.
SWIPE = """() => {
  const target = document.querySelector(".player .lesson");
  const touch = (x) => new Touch({ identifier: 1, target, clientX: x, clientY: 300 });
  const send = (type, more) => target.dispatchEvent(new TouchEvent(type, more));
  send("touchstart", { touches: [touch(500)], changedTouches: [touch(500)] });
  send("touchend", { touches: [], changedTouches: [touch(200)] });
}"""
PARTS = {
    "surface": [".params"],
    "optimizers": [".name > [role=switch]", ".tabs .add"],
    "rates": ["[data-testid=lr-adam]", "[data-testid=shared-lr]"],
    "hyperparameters": ["[data-testid='adam.beta1']"],
    "lessons": [".tabs .lessons"],
    "timeline": [".timeline .play", ".timeline .scrub"],
    "overlays": [".shows", ".keep"],
    "3d": [".scene .fit"],
    "inside": ["[data-testid=show-inside]", "[data-testid=show-table]"],
    "charts": ["[data-testid=charts-losses]"],
    "save": [".timeline .save"],
    "share": ["[data-testid=share]"],
}
"""Controls of the player, by their group."""
GONE = {
    "start": [".map .start"],
    "conditions": ["[data-testid=tab-conditions]"],
    "charts": [".losses"],
    "3d": [".scene"],
    "timeline": [".timeline"],
    "outcomes": [".card .outcome"],
}
"""What goes with a group that is hidden, besides."""


def state(visit, selector):
    return visit.js(STATE, f".player {selector}")


def values(visit):
    """What the address says, but for what is hidden and locked."""
    return {k: v for k, v in visit.query.items() if k not in ("hide", "lock")}


def test_all_that_is_locked_is_disabled_and_shows_its_values(visits):
    visit = visits(f"?surface=ravine&lock={','.join(PARTS)}")
    visit.show_all_sliders()
    for group, selectors in PARTS.items():
        for selector in selectors:
            assert state(visit, selector) == {"seen": True, "disabled": True}, group
    assert visit.values["lr-adam-value"] != ""
    # Another description of the page, and new cards, leave it so.
    visit.js("history.pushState(null, '', '?surface=beale&lock=rates&on=adamw')")
    visit.js("dispatchEvent(new PopStateEvent('popstate'))")
    visit.until_data(surface="beale")
    visit.until("document.querySelector('[data-testid=lr-adamw]')")
    assert state(visit, "[data-testid=lr-adamw]")["disabled"]
    assert not state(visit, ".timeline .play")["disabled"]
    assert not state(visit, "[data-testid='adamw.beta1']")["disabled"]


def test_what_is_hidden_is_not_there_and_the_rest_is(visits):
    groups = {group: PARTS.get(group, []) + GONE.get(group, []) for group in
              (*PARTS, *GONE)}  # fmt: skip
    visit = visits(f"?surface=ravine&hide={','.join(groups)}")
    for group, selectors in groups.items():
        for selector in selectors:
            assert not state(visit, selector)["seen"], (group, selector)
    assert state(visit, ".map")["seen"]
    assert state(visit, ".card .name")["seen"]
    visit.js("history.pushState(null, '', '?surface=ravine&hide=3d')")
    visit.js("dispatchEvent(new PopStateEvent('popstate'))")
    visit.until("document.querySelector('.player .losses').checkVisibility()")
    for group, selectors in groups.items():
        for selector in selectors if group not in ("3d", "hyperparameters") else ():
            assert state(visit, selector)["seen"], (group, selector)


def test_the_map_takes_the_room_of_what_is_hidden(visits):
    sizes = [
        visits(query).page.locator(".player .map").bounding_box()
        for query in ("", "?hide=3d,inside", "?hide=charts,timeline")
    ]
    assert sizes[1]["width"] > 1.9 * sizes[0]["width"]
    assert sizes[2]["height"] > sizes[0]["height"] + 150


@pytest.mark.parametrize("how", ["hide", "lock"])
def test_keys_and_hands_do_not_reach_it(visits, how):
    visit = visits(f"?{how}=timeline,overlays,share,inside,start&play=0&step=7")
    visit.until_data(step="7", playing="false")
    for key in ("Space", "ArrowRight", "End", "k", "q", "e"):
        visit.page.keyboard.press(key)
    start = visit.start
    visit.click_map(-1.5, 2)
    visit.page.get_by_test_id("card-adam").locator(".outcome").click()
    # Help has no group: its key still works, after all of them.
    visit.page.keyboard.press("?")
    visit.eventually(visit.page.get_by_test_id("help").is_visible)
    visit.page.keyboard.press("Escape")
    visit.settle()
    assert (visit.data["step"], visit.data["playing"]) == ("7", "false")
    assert visit.start == start
    assert not visit.js("Boolean(document.querySelector('dialog.code').open)")
    assert visit.page.locator(".player .keep").get_attribute("aria-pressed") == "false"
    assert values(visit) == {"play": "0", "step": "7"}


def test_a_reset_changes_what_is_editable_only(visits):
    visit = visits("?lock=rates,steps&adam.lr=0.3&adam.beta1=0.5&steps=77")
    visit.page.get_by_test_id("recommended").click()
    visit.until_address(**{"adam.beta1": None})
    assert values(visit) == {"adam.lr": "0.3", "steps": "77"}


@pytest.mark.parametrize(("lock", "rates"), [("", True), ("&lock=rates", False)])
def test_a_click_in_a_study_sets_only_what_is_editable(visits, lock, rates):
    visit = visits(f"?view=studies&study=plane&on=momentum{lock}")
    visit.eventually(lambda: " on the CPU (" in visit.status)
    box = visit.page.locator(".player .plane").bounding_box()
    visit.page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    visit.until("new URLSearchParams(location.search).has('momentum.beta')")
    visit.settle()
    assert ("momentum.lr" in visit.query) == rates


def test_the_share_dialog_prepares_link_code_and_frame(visits):
    visit = visits("?surface=ravine&lock=steps")
    visit.page.get_by_test_id("share").click()
    table = visit.page.get_by_test_id("prepare")

    def choose(words, state):
        table.get_by_role("radio", name=f"{words}: {state}", exact=True).check()

    def link():
        return dict(
            parse_qsl(
                urlsplit(visit.page.get_by_test_id("link").input_value()).query, True
            )
        )

    assert table.get_by_role("radio", name="number of steps: locked").is_checked()
    choose("learning rates", "locked")
    choose("conditions", "hidden")
    choose("number of steps", "editable")
    expected = {"surface": "ravine", "hide": "conditions", "lock": "rates"}
    assert link() == expected
    assert parse_qs(urlsplit(visit.js("document.querySelector('[data-testid=qr]').src"))
                    .query)["link"] == [
        visit.page.get_by_test_id("link").input_value()
    ]  # fmt: skip
    frame = visit.js("document.querySelector('.share textarea').value")
    assert "hide=conditions&amp;lock=rates&amp;embed=true" in frame
    table.get_by_role("button", name="hidden").click()
    choose("learning rates", "editable")
    assert "lock" not in link()
    hidden = link()["hide"].split(",")
    assert "rates" not in hidden
    assert {"surface", "share", "3d"} <= set(hidden)
    table.get_by_role("button", name="editable").click()
    assert link() == {"surface": "ravine"}
    # The page itself is as it was; the link opens what was prepared.
    assert visit.query == {"surface": "ravine", "lock": "steps"}
    choose("learning rates", "locked")
    choose("conditions", "hidden")
    opened = visits(
        "?" + urlsplit(visit.page.get_by_test_id("link").input_value()).query
    )
    assert state(opened, "[data-testid=lr-adam]") == {"seen": True, "disabled": True}
    assert not state(opened, "[data-testid=tab-conditions]")["seen"]


def test_the_bar_of_the_page_follows(visits):
    visit = visits("?lock=surface,steps&hide=view")
    page = visit.page
    assert page.get_by_role("textbox", name="Steps", exact=True).is_disabled()
    assert page.get_by_role("combobox", name="Surface").is_disabled()
    assert page.get_by_role("radio", name="Studies").count() == 0
    assert page.get_by_role("textbox", name="Start x").is_enabled()


def test_a_lesson_keeps_what_is_prepared(visits):
    visit = visits("?lesson=momentum&hide=optimizers&lock=rates")
    visit.until_data(lesson="momentum 1")
    visit.js(SWIPE)
    visit.until_data(lesson="momentum 2")
    assert not state(visit, ".name > [role=switch]")["seen"]
    visit.page.go_back()
    visit.until_data(lesson="momentum 1")
    visit.settle()
    assert not state(visit, ".name > [role=switch]")["seen"]
    assert visit.query["hide"] == "optimizers"
    locked = visits("?lesson=momentum&lock=lessons")
    assert state(locked, ".lesson header")["disabled"]
    locked.page.keyboard.press("PageDown")
    locked.js(SWIPE)
    locked.settle()
    locked.until_data(lesson="momentum 1")
