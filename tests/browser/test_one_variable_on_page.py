"""A loss of one variable on the page: its curve comes before its map."""

import pytest


def box(visit, panel):
    return visit.page.locator(f".player .{panel}").bounding_box()


def curve_is_first(visit, axis):
    return box(visit, "curve")[axis] < box(visit, "map")[axis]


def test_the_curve_stands_left_of_the_map_and_changes_with_the_surface(visits):
    visit = visits("?surface=double_well")
    assert curve_is_first(visit, "x")
    story = visit.page.locator(".story").inner_text()
    assert "minima at x = −1.036 and x = 0.96" in story
    visit.eventually(lambda: "x = 0.96" in visit.outcomes["gradient_descent"])
    drawn = visit.shot(".player .curve canvas")
    visit.drag("tilt", 0.9)
    visit.release("tilt")
    visit.eventually(lambda: (visit.shot(".player .curve canvas") != drawn).any())

    # What else can stand there has its place, and so has the map.
    at = box(visit, "curve")["x"]
    visit.page.get_by_test_id("show-inside").click()
    visit.eventually(lambda: box(visit, "inside")["x"] == at)
    visit.choose_surface("rosenbrock")
    visit.eventually(lambda: box(visit, "map")["x"] == at)
    assert visit.page.get_by_test_id("show-curve").count() == 0


def test_a_penalty_has_two_variables_and_a_map_first(visits):
    visit = visits("?surface=huber&l2=0.1")
    assert visit.page.locator(".player .curve").is_hidden()
    assert box(visit, "map")["x"] < box(visit, "scene")["x"]


@pytest.mark.parametrize("query", ["?surface=flat_point", "?surface=formula&f=x^4"])
def test_on_a_phone_it_is_above_the_map_and_stays_in_sight(visits, query):
    visit = visits(query, size=(390, 844))
    assert curve_is_first(visit, "y")
    assert box(visit, "map")["height"] > 200
    chooser = visit.page.get_by_test_id("show-curve")
    assert chooser.is_visible()
    visit.page.get_by_test_id("card-adam").scroll_into_view_if_needed()
    visit.eventually(lambda: abs(box(visit, "curve")["y"]) < 1)
    assert box(visit, "map")["y"] < -100


def test_basins_say_their_minima_by_x(visits):
    visit = visits("?surface=double_well&view=studies&study=basins&on=momentum")
    legend = visit.page.locator(".player .basins .legend")
    visit.eventually(lambda: "1: x = −1.04" in legend.inner_text())
    assert "2: x = 0.96" in legend.inner_text()
