"""The page that starts the player before Streamlit, and how it is sent."""

import gzip
import json
import re
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.responses import PlainTextResponse
from streamlit.file_util import get_static_dir
from streamlit.web.server.starlette.starlette_static_routes import (
    create_streamlit_static_handler,
)

from views.describe import for_player
from views.player_files import PACKED, PLAYER_PATH
from views.serving.early import Early
from views.serving.opening import page, with_player
from views.setup import Setup

FOLDER = Path(get_static_dir())
STREAMLITS = (FOLDER / "index.html").read_text("utf-8")
SCRIPT = re.compile(r"<(?:script|link)\b[^>]*")


# -- the page -------------------------------------------------------------------------


def parts(text):
    """A page before, within and behind what is kept for Streamlit."""
    before, rest = text.split('<template id="streamlit">')
    return before, *rest.split("</template>")


def test_no_module_of_streamlit_is_named_before_the_player_has_started():
    before, kept, behind = parts(page(("static/js/more.js",)))
    modules = re.findall(r'<link rel="modulepreload"[^>]*href="\./([^"]+)"', STREAMLITS)
    assert len(modules) > 50
    assert re.findall(r'href="\./([^"]+)"', kept) == [*modules, "static/js/more.js"]
    for named in SCRIPT.findall(before + behind):
        assert "static/js" not in named


def test_the_player_starts_first_and_streamlit_whatever_becomes_of_it():
    *_, behind = parts(page())
    (entry,) = re.findall(r'<script type="module"[^>]* src="([^"]+)"', STREAMLITS)
    script = behind.partition("</script>")[0]
    assert f'import("{entry}")' in script
    assert f'import("./{PLAYER_PATH}/{PACKED}")' in script
    assert script.rstrip().endswith(".then(start, start);")


def test_all_else_of_the_page_is_streamlits():
    start = re.compile(r"<style>.*?</script>", re.S)
    own = start.sub("", page(), count=1)
    entry = re.compile(r'[ \t]*<script type="module" crossorigin[^\n]*\n')
    preloads = re.compile(r'[ \t]*<link rel="modulepreload"[^\n]*\n')
    theirs = preloads.sub("", entry.sub("", STREAMLITS))
    theirs = theirs.replace(">Streamlit<", ">Loss-surface visualizer<")
    assert own.split() == theirs.split()


@pytest.mark.parametrize(
    "text", ["", "<html></html>", '<script src="./main.js" type="module"></script>']
)
def test_a_page_that_starts_in_another_way_stays_as_it_is(text):
    assert with_player(text, ["static/js/more.js"]) == text


# -- how it is sent -------------------------------------------------------------------

TEXT = "<p>The page: äöü</p>"


@pytest.fixture(scope="module")
def ask():
    streamlit = create_streamlit_static_handler(str(FOLDER), "")
    app = Early(streamlit, "/", TEXT, {"a.js": "rel=modulepreload"}, ["race?"])

    async def fetch(path, method, headers, app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as one:
            named = {"accept-encoding": "identity"} | headers
            return await one.request(method, path, headers=named)

    with start_blocking_portal() as portal:
        yield lambda path="/", method="GET", app=app, **headers: portal.call(
            fetch,
            path,
            method,
            {name.replace("_", "-"): text for name, text in headers.items()},
            app,
        )


def test_it_is_sent_with_its_own_length(ask):
    answer = ask()
    assert (answer.status_code, answer.text) == (200, TEXT)
    assert int(answer.headers["content-length"]) == len(TEXT.encode())
    assert answer.headers["content-type"].startswith("text/html")


def test_it_is_compressed_for_who_reads_that(ask):
    answer = ask(accept_encoding="br, gzip")
    assert (answer.text, answer.headers["content-encoding"]) == (TEXT, "gzip")
    assert int(answer.headers["content-length"]) == len(
        gzip.compress(TEXT.encode(), mtime=0)
    )
    assert answer.headers["vary"] == "accept-encoding"


def test_a_head_has_no_body(ask):
    answer = ask(method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == len(TEXT.encode())


def test_what_a_browser_keeps_of_streamlits_own_page_is_not_this_one(ask):
    streamlit = create_streamlit_static_handler(str(FOLDER), "")
    usual = ask(app=streamlit).headers
    for asked in (
        {"if_none_match": usual["etag"]},
        {"if_modified_since": usual["last-modified"]},
        {"range": "bytes=0-3"},
    ):
        assert ask(app=streamlit, **asked).status_code in (206, 304)
        answer = ask(**asked)
        assert (answer.status_code, answer.text) == (200, TEXT)
        assert not {"etag", "last-modified", "accept-ranges"} & {*answer.headers}


def test_files_are_named_and_answers_for_a_page_without_a_query(ask):
    named = "<a.js>; rel=modulepreload"
    race = "<race?>; rel=preload; as=fetch; crossorigin=anonymous"
    assert ask().headers["link"] == f"{named}, {race}"
    assert ask("/?surface=ravine").headers["link"] == named


def test_all_other_addresses_are_left_to_the_app(ask):
    assert "link" not in ask("/favicon.png").headers
    assert ask("/favicon.png").content == (FOLDER / "favicon.png").read_bytes()


def test_what_the_app_refuses_stays_refused(ask):
    refused = Early(PlainTextResponse("No.", 403), "/", TEXT, {}, [])
    answer = ask(app=refused)
    assert (answer.status_code, answer.text) == (403, "No.")
    assert "link" not in answer.headers


# -- what it is to show ---------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [{}, {"surface": "ravine", "on": "adam,adam~2", "adam~2.lr": "0.01"}],
)
def test_a_description_is_what_the_player_is_given(get, query):
    answer = get("/description", **query)
    setup, problems = Setup.parse(query.items())
    assert not problems
    assert answer.json() == json.loads(json.dumps(for_player(setup)))
    assert answer.json()["path"] == PLAYER_PATH


def test_what_is_wrong_in_an_address_leaves_the_rest(get):
    answer = get("/description", surface="nowhere", steps="70", embed="true")
    assert answer.status_code == 200
    assert answer.json()["surface"] == Setup().surface_key
    assert answer.json()["steps"] == 70
