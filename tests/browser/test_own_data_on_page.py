"""Data of one's own: pasted, raced, and the same again by the address."""

import pytest

PASTED = "t\tv\n1,5\t2\n2,5\t3\n4\t7,25\n5\t6"
SAID = "4 rows: t from 1.5 to 5, v from 2 to 7.25."


def said(visit):
    return visit.page.locator(".st-key-typed .said").last.inner_text()


def opened(visit):
    """The field for a table, in its popover."""
    visit.page.get_by_role("button", name="Data:").click()
    return visit.page.get_by_role("textbox", name="Paste a table")


def test_a_table_is_pasted_raced_and_opened_by_its_address(visits):
    visit = visits("?surface=data&steps=100&panels=data")
    assert said(visit).startswith("20 rows: hours from 0.5 to 5.5")
    area, before = opened(visit), visit.pictures
    area.fill(PASTED)
    area.press("Control+Enter")
    visit.until_address(data="t,v;1.5,2;2.5,3;4,7.25;5,6", steps="100")
    visit.eventually(lambda: said(visit) == SAID)
    visit.page.keyboard.press("Escape")
    visit.until_next_picture(before)
    visit.settle()
    first, values = visit.outcomes, visit.values
    assert first["adam"] not in ("", "off")
    again = visits(f"?{visit.page.url.partition('?')[2]}")
    assert again.query == visit.query
    assert said(again) == SAID
    assert again.outcomes == first
    assert again.values == values
    area = opened(again)
    lines = "t, v\n1.5, 2\n2.5, 3\n4, 7.25\n5, 6"
    again.eventually(lambda: area.input_value() == lines)


def test_what_is_wrong_is_said_beside_the_table_and_a_typed_model_is_drawn(visits):
    visit = visits("?surface=data&steps=50&model=typed&predict=a*tanh(b*x)&panels=data")
    picture = visit.page.locator(".player .picture.data canvas").first
    assert picture.is_visible()
    area = opened(visit)
    area.fill("1,2\n3")
    area.press("Control+Enter")
    wrong = (
        "Your data: line 2 has 1 column; a table has two columns, x and y, or three: "
        "x1, x2 and y."
    )
    popover = visit.page.locator("[data-testid=stPopoverBody] .said")
    visit.eventually(lambda: popover.inner_text() == wrong)
    assert area.input_value() == "1,2\n3"
    assert "data" not in visit.query


def test_a_file_too_large_for_the_link_says_so(visits):
    visit = visits("?surface=data&steps=50")
    opened(visit)
    rows = "\n".join(f"{k / 7:.5f};{k * k % 101 / 9:.5f}" for k in range(900))
    table = {"name": "rows.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    visit.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(table)
    visit.eventually(lambda: "The link does not hold these 900 rows" in said(visit))
    visit.eventually(lambda: visit.query.get("data", "").startswith("kept-"))
    again = visits(f"?{visit.page.url.partition('?')[2]}")
    assert "The link does not hold these 900 rows" in said(again)


OF_TWO = "height weight team\n1.5 2 a\n-0.5 3 b\n2 -1 a\n-3 1 b"


def test_a_table_of_two_inputs_is_pasted_and_drawn(visits):
    visit = visits("?surface=data&steps=100&panels=data")
    before = visit.pictures
    area = opened(visit)
    area.fill(OF_TWO)
    area.press("Control+Enter")
    visit.eventually(lambda: said(visit).startswith("4 rows: height from −3 to 2"))
    visit.page.keyboard.press("Escape")
    visit.until_next_picture(before)
    visit.settle()
    assert visit.outcomes["adam"] not in ("", "off")
    picture = visit.page.locator(".player .picture.data canvas").first
    inked = """(canvas) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
      return count;
    }"""
    of_labels = picture.evaluate(inked)
    assert of_labels > 500
    visit.page.get_by_role("combobox", name="Model").click()
    visit.page.get_by_role("option", name="Plane").click()
    visit.until_address(model="line")
    visit.settle()
    assert picture.evaluate(inked) > 500


IN_COLOUR = """(canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [low, high] = [Math.min, Math.max].map((of) => of(...data.slice(i, i + 3)));
    count += data[i + 3] > 0 && high - low > 90;
  }
  return count;
}"""


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_what_a_typed_model_predicts_of_two_inputs_is_drawn(visits, loss):
    of = "?surface=data&data=1.5,2,0;-0.5,3,1;2,-1,0;-3,1,1&panels=data&steps=50&play=0"
    visit = visits(f"{of}&model=typed&predict=a*x1*x2-b&loss={loss}")
    picture = visit.page.locator(".player .picture.data canvas").first
    visit.eventually(lambda: picture.evaluate(IN_COLOUR) > 20)
    # Four dots for each optimizer; a line across would be hundreds of pixels.
    assert picture.evaluate(IN_COLOUR) < 800
    assert "what Gradient descent, Momentum" in picture.get_attribute("aria-label")
