"""One picture alone, as large as all of them."""

import pytest

SIZES = """() => Object.fromEntries(
  [...document.querySelectorAll('.player > .picture')].filter((one) => one.offsetHeight)
    .map((one) => [one.className.split(' ')[0], [one.offsetWidth, one.offsetHeight]])
)"""


def button(visit, name):
    return visit.page.get_by_test_id(f"enlarge-{name}")


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=str)
@pytest.mark.parametrize("name", ["losses", "map", "scene"])
def test_a_picture_is_shown_alone_while_the_race_goes_on(visits, name, size):
    visit = visits("?surface=saddle", size=size).in_3d()
    visit.settle()
    before = visit.js(SIZES)
    button(visit, name).click()
    visit.eventually(lambda: list(visit.js(SIZES)) == [name])
    wide, high = visit.js(SIZES)[name]
    narrow = size[0] < 800
    assert wide > (0.95 * size[0] if narrow else 0.7 * size[0])
    assert high > 0.7 * size[1]
    canvas = visit.js(
        "(name) => document.querySelector(`.player .${name} .trails`).clientHeight",
        name,
    )
    assert canvas == pytest.approx(high, abs=4), "what is drawn fills it"

    # It is the same race, which goes on, and is still played and changed.
    visit.pause()
    visit.page.keyboard.press("ArrowRight")
    visit.until_data(step="1")
    visit.page.locator(".timeline .play").click()
    if not narrow:
        pictures = visit.pictures
        visit.drag("lr-adam", -1)
        visit.until_next_picture(pictures)
        visit.release("lr-adam")
    assert list(visit.js(SIZES)) == [name]

    visit.page.keyboard.press("Escape")
    visit.eventually(lambda: visit.js(SIZES) == before)
    assert "enlarge" not in visit.page.url


def test_it_is_done_by_keys_and_the_focus_comes_back(visits):
    visit = visits("?panels=loss,rate")
    enlarge = visit.page.get_by_role("button", name="Enlarge: loss")
    enlarge.focus()
    visit.page.keyboard.press("Enter")
    back = visit.page.get_by_role("button", name="Back to all panels")
    assert back.evaluate("(button) => button === document.activeElement")
    visit.page.keyboard.press("Escape")
    assert enlarge.evaluate("(button) => button === document.activeElement")
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Enter")
    visit.eventually(
        lambda: set(visit.js(SIZES)) == {"map", "scene", "losses", "series"}
    )


def test_a_press_on_the_button_does_not_seek(visits):
    visit = visits("?step=40&play=0")
    visit.settle()
    button(visit, "losses").click()
    visit.eventually(lambda: list(visit.js(SIZES)) == ["losses"])
    assert visit.js("document.querySelector('.player').dataset.step") == "40"
    assert not visit.page.locator(".player .losses .tip").is_visible()


def test_another_view_shows_all_its_pictures(visits):
    visit = visits("?surface=saddle").in_3d()
    button(visit, "scene").click()
    visit.eventually(lambda: list(visit.js(SIZES)) == ["scene"])
    visit.page.get_by_role("radio", name="Side by side").click()
    visit.eventually(lambda: set(visit.js(SIZES)) == {"map", "losses"})
