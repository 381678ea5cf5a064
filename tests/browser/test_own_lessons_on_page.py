"""Lessons that a visitor opens from files: chosen, dropped, wrong, shared and gone."""

import pytest

HEAD = '+++\ntitle = "{title}"\nsummary = "Own."\n+++\n\n'
PAGES = """# One <b>page</b>

```toml
setup = "surface=saddle&on=adam&steps=60"
predict = "outcome"
ask = "How does it end?"
of = "adam"
```

Some $\\alpha$ <img src=x onerror="window.struck = true">.

## Afterwards

True.

# Two

```toml
setup = "surface=ravine"
```

More.
"""


def file_of(title, pages=PAGES, name="mine.md"):
    text = HEAD.format(title=title) + pages
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def lesson_of(visit):
    return visit.query.get("lesson", "")


def open_files(visit, *files):
    """Chooses files as a person does: in the list, then in the browser's window."""
    with visit.page.expect_file_chooser() as chooser:
        visit.page.get_by_test_id("lessons").select_option(label="open a file…")
    chooser.value.set_files(list(files))


def rows(visit):
    return visit.page.locator(".player .lessons optgroup option").all_inner_texts()


def until_title(visit, title):
    heading = visit.page.locator(".player .lesson h2")
    visit.eventually(lambda: heading.inner_text() == title)


def test_a_file_is_opened_predicted_and_turned(visits, chromium):
    visit = visits()
    open_files(visit, file_of("Mine"))
    until_title(visit, "One <b>page</b>")
    visit.eventually(lambda: lesson_of(visit).startswith("own-"))
    key = lesson_of(visit)
    visit.until_data(lesson=f"{key} 1", surface="saddle", playing="false")
    of = visit.page.locator(".player .lesson .of")
    assert of.inner_text() == "from a file · Mine · 1 of 2"
    assert visit.js("() => window.struck === undefined")
    assert visit.page.locator(".player .lesson img").count() == 0
    visit.page.get_by_test_id("predict").get_by_role("radio").first.click()
    visit.page.get_by_test_id("reveal").click()
    judged = visit.page.locator(".player .lesson .judged")
    visit.eventually(lambda: judged.inner_text() != "")
    visit.page.get_by_test_id("lesson-next").click()
    visit.until_data(lesson=f"{key} 2", surface="ravine")
    visit.until_address(page="2")
    # It is in the list of this visitor, and stays there.
    assert rows(visit) == ["Mine", "open a file…"]
    visit.page.reload()
    visit.ready()
    assert rows(visit) == ["Mine", "open a file…"]
    # Others have it by its link only.
    context = chromium().new_context()
    other = visits(context=context)
    assert rows(other) == ["open a file…"]
    other.open(f"?lesson={key}&page=2")
    other.until_data(lesson=f"{key} 2", surface="ravine")
    assert rows(other) == ["Mine", "open a file…"]
    context.close()


def test_files_are_dropped_and_what_is_wrong_is_said(visits):
    visit = visits()
    visit.forgiven = ("400 (Bad Request)",)
    bad = HEAD.format(title="Bad") + "# One\n\n```toml\nfree = 1\n```\n\nText.\n"
    texts = [HEAD.format(title=title) + PAGES for title in ("First", "Second")]
    visit.js(
        """([good, bad, also]) => {
          const data = new DataTransfer();
          const names = ["a.md", "b.md", "c.md"];
          for (const [i, text] of [good, bad, also].entries()) {
            data.items.add(new File([text], names[i]));
          }
          const area = document.querySelector(".player .cards .list");
          for (const type of ["dragover", "drop"]) {
            const how = { bubbles: true, cancelable: true, dataTransfer: data };
            const left = area.dispatchEvent(new DragEvent(type, how));
            if (left) throw new Error(`the browser would open it: ${type}`);
          }
        }""",
        [texts[0], bad, texts[1]],
    )
    until_title(visit, "One <b>page</b>")
    visit.eventually(lambda: "b.md: Line 9: 'free' is unknown" in visit.status)
    visit.eventually(lambda: rows(visit) == ["First", "Second", "open a file…"])
    assert "taking" not in visit.page.locator(".player .cards").get_attribute("class")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# Only a page\n", "mine.md: Line 1: a lesson begins with +++"),
        ("+++\n".encode("utf-16"), "mine.md: This is not text in UTF-8."),
        (250_000 * b"a", "mine.md: A lesson has at most 60,000 characters."),
    ],
)
def test_a_bad_file_loses_nothing(visits, content, said):
    visit = visits("?surface=beale&adam.lr=0.0123")
    visit.forgiven = ("400 (Bad Request)",)
    before = visit.query
    file = {"name": "mine.md", "mimeType": "text/markdown", "buffer": content}
    open_files(visit, file)
    visit.eventually(lambda: said in visit.status)
    assert visit.query == before
    assert rows(visit) == ["open a file…"]
    # Mended under the same name, it opens.
    open_files(visit, file_of("Mended"))
    until_title(visit, "One <b>page</b>")
    visit.eventually(lambda: said not in visit.status)


def test_a_lesson_that_is_gone_is_said_with_what_to_do(visits, own_server):
    visit = visits(server=own_server)
    open_files(visit, file_of("Mine"))
    visit.eventually(lambda: lesson_of(visit).startswith("own-"))
    key = lesson_of(visit)
    visit.forgiven = ("net::ERR_", "WebSocket", "Failed to fetch", "when disconnected")
    own_server.stop()
    own_server.start()
    visit.open(f"?lesson={key}&surface=beale")
    notice = visit.page.locator(".notice")
    visit.eventually(notice.is_visible)
    assert "is not on this server any more; open its file again" in notice.inner_text()
    visit.until_data(surface="beale", lesson="")
    open_files(visit, file_of("Mine"))
    visit.until_data(lesson=f"{key} 1")
    visit.eventually(lambda: notice.count() == 0)
