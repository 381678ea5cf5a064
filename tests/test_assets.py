"""Streamlit's files: from memory, compressed, and named ahead of their use."""

import gzip
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

from views.serving.around import ELEMENTS
from views.serving.assets import NO_ARROW, Assets, element_scripts
from views.serving.limits import ConnectionLimits

FOLDER = Path(get_static_dir())
PAGE = (FOLDER / "index.html").read_text("utf-8")
NAMED = re.findall(r'(?:src|href)="\./(static/[^"]+)"', PAGE)
SCRIPT = next(name for name in NAMED if name.endswith(".js"))
FONT = next(name for name in NAMED if name.endswith(".woff2"))


RANGE = b"unicode-range:U+30-7A;"


async def _streamlit(scope, receive, send):
    await PlainTextResponse(f"{scope['method']} by Streamlit")(scope, receive, send)


@pytest.fixture(scope="module")
def ask():
    app = Assets(_streamlit, FOLDER, "/below/", ConnectionLimits())
    streamlit = create_streamlit_static_handler(str(FOLDER), "")

    async def fetch(path, method="GET", app=app, **headers):
        # The path as it is: a client would take the dots out of it.
        target = httpx.URL("http://x", raw_path=path.encode())
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport) as one:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            return await one.request(method, target, headers=named)

    with start_blocking_portal() as portal:

        def call(path, method="GET", **headers):
            return portal.call(lambda: fetch(path, method, **headers))

        call.streamlit = lambda path: portal.call(lambda: fetch(path, app=streamlit))
        yield call


@pytest.mark.parametrize("name", NAMED)
def test_a_file_is_what_streamlit_would_send(ask, name):
    once, again = (ask(f"/below/{name}") for _ in range(2))
    usual = ask.streamlit(f"/{name}")
    assert once.content == again.content
    # Of the font of icons, it is said which letters it has; see the test below.
    plain = (
        once.content.replace(RANGE, b"").removesuffix(NO_ARROW)
        if name.endswith(".css")
        else once.content
    )
    assert plain == usual.content == (FOLDER / name).read_bytes()
    for header in ("content-type", "cache-control"):
        assert once.headers[header] == again.headers[header]
    assert set(once.headers["cache-control"].split(", ")) == set(
        usual.headers["cache-control"].split(", ")
    )
    assert once.headers["content-type"] == usual.headers["content-type"]


def test_the_font_of_icons_is_asked_for_by_their_letters_only(ask):
    (styles,) = (name for name in NAMED if name.endswith(".css"))
    faces = re.findall(rb"@font-face{([^}]*)}", ask(f"/below/{styles}").content)
    (icons,) = (face for face in faces if b"Material Symbols" in face)
    assert icons.count(RANGE) == 1
    assert sum(face.count(b"unicode-range") for face in faces) == 1
    low, high = (
        int(part, 16) for part in re.search(rb"U\+(\w+)-(\w+)", RANGE).groups()
    )
    assert all(low <= ord(sign) <= high for sign in "_09az")
    assert not low <= ord(" ") <= high


def test_text_is_sent_compressed_and_fonts_are_already(ask):
    answer = ask(f"/below/{SCRIPT}")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    sent = int(answer.headers["content-length"])
    assert sent < len((FOLDER / SCRIPT).read_bytes()) / 2
    assert sent == len(gzip.compress(answer.content, 6))
    assert "content-encoding" not in ask(f"/below/{FONT}").headers


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/below/", {}),
        ("/below/index.html", {}),
        ("/below/static/js/none.js", {}),
        ("/below/static/../index.html", {}),
        (f"/{SCRIPT}", {}),
        (f"/below/{SCRIPT}", {"method": "HEAD"}),
        (f"/below/{SCRIPT}", {"method": "POST"}),
        (f"/below/{SCRIPT}", {"range": "bytes=0-9"}),
        (f"/below/{SCRIPT}", {"accept_encoding": "identity"}),
    ],
)
def test_all_else_is_left_to_streamlit(ask, path, how):
    answer = ask(path, **how)
    method = how.get("method", "GET")
    assert answer.text == ("" if method == "HEAD" else f"{method} by Streamlit")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("element", ELEMENTS)
def test_every_element_has_a_module(element):
    first = re.compile(rf"static/js/{element}\.[^/]+\.js")
    assert any(map(first.fullmatch, element_scripts(FOLDER, (element,))))


def test_what_a_module_needs_comes_with_it_and_what_the_page_names_does_not():
    found = element_scripts(FOLDER, ELEMENTS)
    assert len(found) == len(set(found))
    assert not {*found} & {*NAMED}
    for name in found:
        text = (FOLDER / name).read_text("utf-8")
        for needed in re.findall(r'from"\./([^"]+\.js)"', text):
            assert f"static/js/{needed}" in {*found, *NAMED}


def test_an_element_that_streamlit_has_not_is_passed_over():
    assert element_scripts(FOLDER, ("NoSuchElement",)) == ()
