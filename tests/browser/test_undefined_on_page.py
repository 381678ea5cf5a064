"""A region in which the loss has no value: hatched, and said why."""

import numpy as np
import pytest

from views.palettes import THEMES
from views.theme import contrast


def address(formula, **more):
    texts = {"surface": "formula", "f": formula, "play": "0", **more}
    return "?" + "&".join(f"{key}={text}" for key, text in texts.items())


def colours(pixels):
    """The colours of some pixels, most frequent first."""
    found, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    order = np.argsort(-counts)
    return ["#{:02x}{:02x}{:02x}".format(*found[k]) for k in order]


def part(visit, x, y):
    """The pixels of the map around a point, nothing but the still picture."""
    box = visit.page.locator(".player .map").bounding_box()
    left, top = visit.on_screen(x, y)
    column, row = round(left - box["x"]), round(top - box["y"])
    return visit.still_map()[row - 20 : row + 20, column - 20 : column + 20]


@pytest.mark.parametrize("theme", THEMES)
def test_it_is_hatched_where_there_is_no_value_and_only_there(visits, theme):
    visit = visits(address("log(x)%2By^2", theme=theme))
    palette = THEMES[theme]
    hatched = part(visit, -2, 1)
    assert palette["panel"] == colours(hatched)[0]
    lines = np.abs(hatched - [int(palette["panel"][k : k + 2], 16) for k in (1, 3, 5)])
    share = (lines.sum(axis=2) > 40).mean()
    assert 0.08 < share < 0.5
    strongest = max(colours(hatched), key=lambda one: contrast(one, palette["panel"]))
    assert contrast(strongest, palette["panel"]) >= 3
    # Diagonal: a step to the right and one up is the same again.
    inner = lines.sum(axis=2) > 40
    assert (inner[1:, :-1] == inner[:-1, 1:]).mean() > 0.95
    assert palette["panel"] not in colours(part(visit, 2, 0.5))[:3]


def test_it_is_said_where_and_why(visits):
    visit = visits(address("log(x)%2By^2"))
    story = visit.page.locator(".story .undefined")
    visit.eventually(
        lambda: "No value on 50% of the map: log of a neg" in story.inner_text()
    )
    readout = visit.page.locator(".player .map .readout")
    visit.page.mouse.move(*visit.on_screen(-2, 1))
    visit.eventually(lambda: "no value to show here" in readout.inner_text())
    visit.page.mouse.move(*visit.on_screen(2, 1))
    visit.eventually(lambda: "loss ≈" in readout.inner_text())
    visit.page.keyboard.press("?")
    visit.page.get_by_test_id("what-button").click()
    visit.page.mouse.move(*visit.on_screen(-2, 1))
    said = visit.page.get_by_test_id("what-is").locator("p span")
    visit.eventually(lambda: said.inner_text().startswith("Hatched:"))
    visit.page.keyboard.press("Escape")
    # Of another surface, nothing is left of it.
    visit.choose_surface("booth")
    visit.until_address(surface="booth")
    visit.eventually(lambda: story.inner_text() == "")
