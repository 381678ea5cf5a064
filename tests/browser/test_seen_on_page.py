"""A page is seen as its address says: speed, loop, part of the map, and camera."""

import pytest

EYE = """() => {
  const { eye, center } = document.querySelector(".player .scene .plot")
    ._fullLayout.scene._scene.getCamera();
  return [eye.x, eye.y, eye.z, center.x, center.y, center.z];
}"""
SEEN = "?speed=40&loop=0&zoom=0,1.5,-0.5,1.25&camera=0.5,-1.5,1.2,0,0,-0.1"


def test_a_page_opens_as_its_address_says(visits):
    visit = visits(SEEN).in_3d()
    assert visit.map["x"] == [0, 1.5]
    assert visit.map["y"] == [-0.5, 1.25]
    assert visit.js(EYE) == pytest.approx([0.5, -1.5, 1.2, 0, 0, -0.1], abs=1e-6)
    assert visit.page.get_by_test_id("speed").input_value() == "40"
    loop = visit.page.locator(".player .loop")
    assert loop.get_attribute("aria-pressed") == "false"
    # It stays while something is turned, and is left by who wants all of the map.
    visit.drag("lr-adam", 0.6)
    visit.release("lr-adam")
    visit.until("() => new URLSearchParams(location.search).has('adam.lr')")
    visit.settle()
    assert visit.map["x"] == [0, 1.5]
    visit.page.locator(".player .map .fit").click()
    visit.settle()
    assert visit.map["x"] == [-2, 2]


def test_another_surface_is_seen_whole(visits):
    visit = visits(SEEN).in_3d()
    visit.choose_surface("himmelblau")
    visit.until_data(surface="himmelblau")
    visit.eventually(lambda: visit.map["x"] == [-5, 5])
    visit.eventually(
        lambda: visit.js(EYE)[:2] == pytest.approx([-1.28, -1.67], abs=0.01)
    )


def test_a_link_shows_others_what_is_seen(visits):
    visit = visits().in_3d()
    visit.pause("End")
    x, y = visit.on_screen(0.5, 0.5)
    visit.page.mouse.move(x, y)
    visit.page.mouse.wheel(0, -300)
    visit.eventually(lambda: visit.map["x"] != [-2, 2])
    visit.page.get_by_test_id("speed").select_option("80")
    visit.page.get_by_test_id("share").click()
    link = visit.page.get_by_test_id("link").input_value()
    other = visits(link.partition("/?")[2].join(("?", "")))
    assert other.map["x"] == pytest.approx(visit.map["x"], abs=1e-4)
    assert other.map["y"] == pytest.approx(visit.map["y"], abs=1e-4)
    assert other.page.get_by_test_id("speed").input_value() == "80"
    assert "camera" not in link
