"""The formula that is typed: what was read of it is seen before Enter, and no more."""

import pytest

ADDRESS = "?surface=formula&play=0"


def typed(visit, text):
    """Types over what stands in the field, and waits until it was read."""
    field = visit.page.get_by_label("f(x, y), typed", exact=True)
    field.click()
    field.press("ControlOrMeta+a")
    visit.page.keyboard.type(text)
    line = visit.page.get_by_test_id("formula-read")
    return field, line


def shown(visit):
    """What must not change before Enter: the races so far, their ends, the address."""
    player = visit.page.locator(".player").bounding_box()
    return visit.pictures, visit.outcomes, visit.query, visit.map["levels"], player


def test_it_is_mathematics_while_it_is_typed_and_races_at_enter(visits):
    visit = visits(ADDRESS)
    story = visit.page.locator(".story")
    before, facts = shown(visit), story.inner_text()
    field, line = typed(visit, r"\frac{1}{2}x_1^2 + 3x_2^2")
    visit.eventually(lambda: line.locator("math mfrac").count() == 1)
    assert line.inner_text().endswith(
        "read with x_1 as x and x_2 as y\u2002·\u2002press Enter to see it"
    )
    assert not story.is_visible()
    assert line.get_attribute("role") == "status"
    assert field.get_attribute("aria-describedby") == line.get_attribute("id")
    assert field.get_attribute("aria-invalid") == "false"

    visit.page.keyboard.type(" + )")
    visit.eventually(
        lambda: (
            line.inner_text()
            == "Read as ((1)/(2))x^2 + 3y^2 + ): unexpected `)` at position 23, where "
            "a value is expected."
        )
    )
    assert field.get_attribute("aria-invalid") == "true"
    assert shown(visit) == before

    field.press("Backspace")
    field.press("Backspace")
    field.press("Backspace")
    visit.eventually(lambda: line.locator("math").count() == 1)
    assert shown(visit) == before
    field.press("Enter")
    visit.until_address(f="1/2*x^2 + 3*y^2")
    visit.eventually(lambda: story.is_visible() and story.inner_text() != facts)
    assert line.inner_text() == ""
    assert field.get_attribute("aria-invalid") in (None, "false")


def test_it_gives_way_where_the_field_is_left(visits):
    visit = visits(ADDRESS)
    _, line = typed(visit, "x +")
    visit.eventually(
        lambda: line.inner_text() == "The formula ends where a value is expected."
    )
    visit.page.keyboard.press("Tab")
    visit.eventually(lambda: visit.page.locator(".notice").is_visible())
    visit.eventually(lambda: line.inner_text() == "")
    visit.eventually(lambda: visit.page.locator(".story").is_visible())
    # Streamlit has put the text there again, and the next is read as well.
    _, line = typed(visit, "x^2 + 3")
    visit.eventually(lambda: line.locator("math").count() == 1)


@pytest.mark.parametrize("text", ["<img src=x>", "__import__('os')"])
def test_what_is_no_mathematics_is_only_quoted(visits, text):
    visit = visits(ADDRESS)
    _, line = typed(visit, text)
    visit.eventually(lambda: "position" in line.inner_text())
    assert line.locator("*").count() == 0
