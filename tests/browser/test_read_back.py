"""A file that was saved is dropped on the page, or chosen, and opens its setup."""

from urllib.parse import urlencode

import pytest

SETUP = {"surface": "ravine", "kappa": "31", "on": "adam,momentum", "adam.lr": "0.3"}

# Drops what an address answers, or a text, as a file of a name.
DROP = """async ([name, address, text, where]) => {
  const body = address ? await (await fetch(address)).arrayBuffer() : text;
  const data = new DataTransfer();
  data.items.add(new File([body], name));
  const area = document.querySelector(where);
  for (const type of ["dragover", "drop"]) {
    const how = { bubbles: true, cancelable: true, dataTransfer: data };
    const left = area.dispatchEvent(new DragEvent(type, how));
    if (left) throw new Error(`the browser would open it: ${type}`);
  }
}"""


def drop(visit, name, *, address="", text="", where=".player .map"):
    visit.js(DROP, [name, address, text, where])


def until_opened(visit, **more):
    visit.until_address(surface="ravine", **{"adam.lr": "0.3"}, **more)
    visit.ready()
    visit.until_data(surface="ravine")


def test_each_file_of_a_race_opens_its_setup(visits):
    visit = visits("?surface=beale&adam.lr=0.0123&theme=light")
    for k, form in enumerate(
        ("csv", "npz", "json", "parquet", "tex", "py", "ipynb", "html")
    ):
        kappa = str(31 + k)
        more = {"scene": "0"} if form == "html" else {}
        query = urlencode(SETUP | {"steps": "20", "kappa": kappa} | more)
        with visit.page.expect_event("load"):
            drop(visit, f"race.{form}", address=f"race.{form}?{query}")
        until_opened(visit, kappa=kappa, on="momentum,adam", theme="light")


def test_a_file_of_a_study_opens_the_study(visits):
    visit = visits()
    query = urlencode(SETUP | {"steps": "20"})
    with visit.page.expect_event("load"):
        drop(visit, "x.npz", address=f"fan.npz?{query}", where=".player .cards .list")
    until_opened(visit, view="studies", study="rates")


@pytest.mark.parametrize("form", ["csv", "png"])
def test_a_sweep_that_the_page_saved_opens_the_fair_race(visits, form):
    visit = visits("?view=studies&study=fair&steps=20&" + urlencode(SETUP))
    visit.eventually(lambda: " on the CPU (" in visit.status)
    with visit.page.expect_download() as saved:
        visit.page.get_by_test_id("save").select_option(f"sweep.{form}")
    path = saved.value.path()
    visit.open("?surface=beale")
    with visit.page.expect_file_chooser() as chooser:
        visit.page.get_by_test_id("save-race").select_option(label="open a file…")
    with visit.page.expect_event("load"):
        chooser.value.set_files(path)
    until_opened(visit, view="studies", study="fair")


@pytest.mark.parametrize(
    ("where", "named"),
    [("?surface=beale", "save-race"), ("?view=studies&surface=beale", "save")],
    ids=["race", "study"],
)
def test_a_file_is_chosen_from_the_list(visits, where, named):
    visit = visits("?" + urlencode(SETUP))
    with visit.page.expect_download() as saved:
        visit.page.get_by_test_id("save-race").select_option("csv")
    path = saved.value.path()
    visit.open(where)
    with visit.page.expect_file_chooser() as chooser:
        visit.page.get_by_test_id(named).select_option(label="open a file…")
    with visit.page.expect_event("load"):
        chooser.value.set_files(path)
    until_opened(visit)


def test_a_file_without_a_setup_loses_nothing(visits):
    visit = visits("?surface=beale&adam.lr=0.0123")
    before = visit.query
    drop(visit, "x.csv", text="a,b\n1,2\n")
    said = (
        "There is no setup in “x.csv”; data or losses of your own are opened on their "
        "surfaces, at the end of the list."
    )
    visit.eventually(lambda: visit.status == said)
    assert visit.query == before
    assert "taking" not in visit.page.locator(".player").get_attribute("class")


def test_what_is_wrong_in_a_file_is_said_as_of_an_address(visits):
    visit = visits("?surface=beale")
    text = "# loss-surface-setup://?surface=ravine&adam.lr=fast;\n"
    with visit.page.expect_event("load"):
        drop(visit, "x.csv", text=text)
    visit.until_address(surface="ravine")
    notice = visit.page.locator(".notice")
    visit.eventually(notice.is_visible)
    assert notice.inner_text().startswith("adam.lr “fast”")


def test_a_prepared_page_keeps_its_setup(visits):
    visit = visits("?surface=beale&lock=rates")
    before = visit.query
    drop(visit, "x.csv", text="loss-surface-setup://?surface=ravine;")
    visit.eventually(lambda: visit.status.startswith("This page is prepared"))
    assert visit.query == before


def test_a_lesson_is_taken_wherever_it_is_dropped(visits):
    visit = visits()
    text = '+++\ntitle = "Mine"\nsummary = "Own."\n+++\n\n# One\n\nText.\n'
    text = text.replace("Text.", '```toml\nsetup = "surface=saddle"\n```\n\nText.')
    drop(visit, "mine.md", text=text)
    visit.until_data(surface="saddle")
    visit.eventually(lambda: visit.query.get("lesson", "").startswith("own-"))
