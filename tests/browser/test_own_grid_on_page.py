"""A grid of one's own: opened from a file, raced, and the same again by the address."""

import io

import numpy as np

X, Y = np.linspace(-1, 1, 41), np.linspace(-1, 1, 31)
LOSSES = np.add.outer(2 * Y**2, X**2) + 0.05 * np.sin(9 * X)
PATH = [(-0.75, 0.5), (-0.25, 0.25), (0.5, 0.5)]


def npz():
    stream = io.BytesIO()
    np.savez(stream, losses=LOSSES, x=X, y=Y, path=PATH)
    return {"name": "net.npz", "mimeType": "", "buffer": stream.getvalue()}


def said(visit):
    return visit.page.locator(".st-key-typed .said").last.inner_text()


def open_file(visit, file):
    visit.page.get_by_role("button", name="Grid:").click()
    visit.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)


def at(visit, x, y):
    """Where a point of the map is in the window."""
    box = visit.page.locator(".player .map").bounding_box()
    shown = visit.map
    ((left, top, width, height), *_) = shown["frames"]
    (low_x, high_x), (low_y, high_y) = shown["x"], shown["y"]
    across = (x - low_x) / (high_x - low_x)
    along = (high_y - y) / (high_y - low_y)
    return box["x"] + left + across * width, box["y"] + top + along * height


def test_a_file_is_opened_raced_and_opened_again_by_its_address(visits):
    visit = visits("?surface=grid&steps=100")
    assert said(visit).startswith("25 × 25 losses from ")
    before = visit.pictures
    open_file(visit, npz())
    visit.eventually(lambda: "a path of 3 points" in said(visit))
    assert "The link does not hold them" in said(visit)
    visit.eventually(lambda: visit.query.get("grid", "").startswith("kept-"))
    visit.page.keyboard.press("Escape")
    visit.until_next_picture(before)
    visit.settle()
    visit.pause()
    visit.page.mouse.move(*at(visit, *PATH[1]))
    tip = visit.page.locator(".player .map .tip")
    visit.eventually(
        lambda: tip.is_visible() and "path (−0.25, 0.25)" in tip.inner_text()
    )
    outcomes = visit.outcomes
    assert outcomes["adam"] not in ("", "off")
    again = visits(f"?{visit.page.url.partition('?')[2]}")
    assert again.outcomes == outcomes
    assert said(again) == said(visit)


def test_what_is_wrong_with_a_file_is_said_and_the_grid_stays(visits):
    visit = visits("?surface=grid&steps=70")
    wrong = {"name": "a.npz", "mimeType": "", "buffer": b"PK\x03\x04 no file"}
    open_file(visit, wrong)
    popover = visit.page.locator("[data-testid=stPopoverBody] .said")
    visit.eventually(
        lambda: popover.inner_text() == "Your grid file is no .npz that can be read."
    )
    assert said(visit).startswith("25 × 25 losses from ")
    assert visit.query == {"surface": "grid", "steps": "70"}


def test_a_path_is_pasted_onto_the_grid_that_is_shown(visits):
    visit = visits("?surface=grid&steps=70")
    visit.page.get_by_role("button", name="Grid:").click()
    area = visit.page.get_by_role("textbox", name="Paste losses")
    area.fill("-2,2\n-1,1.5\n0,0")
    area.press("Control+Enter")
    visit.eventually(lambda: said(visit).endswith("and a path of 3 points."))
