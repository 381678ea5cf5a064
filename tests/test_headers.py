"""The headers of every answer: raw ASGI, all of our routes, and who may embed."""

import asyncio
import base64
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from views.player_files import PLAYER_PATH
from views.routes import ROUTES
from views.serving import opening
from views.serving.headers import SecurityHeaders, frame_ancestors, security_headers

ROOT = Path(__file__).parents[1]
NAMES = {
    "content-security-policy",
    "permissions-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "x-player",
}
OURS = [(b"x-one", b"1"), (b"x-two", b"2")]


def headers(embed=""):
    """What is sent with every answer, by name."""
    (pairs,) = security_headers(embed).args
    return {name.decode(): value.decode() for name, value in pairs}


def policy(embed=""):
    directives = headers(embed)["content-security-policy"].split("; ")
    return {name: rest for name, _, rest in (one.partition(" ") for one in directives)}


# -- the middleware -------------------------------------------------------------------


def sent_by(app, scope):
    """What a server is sent by an app behind the middleware, and what it raises."""
    messages, raised = [], None

    async def receive():
        return {"type": f"{scope['type']}.connect"}

    async def send(message):
        messages.append(message)

    async def run():
        await SecurityHeaders(app, OURS)(scope, receive, send)

    try:
        asyncio.run(run())
    except RuntimeError as error:
        raised = str(error)
    return messages, raised


def sends(*messages, fails=False):
    """An app that sends some messages, and then may fail."""

    async def app(scope, receive, send):
        for message in messages:
            await send(message)
        if fails:
            raise RuntimeError("broken")

    return app


HTTP = {"type": "http", "method": "GET", "path": "/"}
SOCKET = {"type": "websocket", "extensions": {"websocket.http.response": {}}}
START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body", "body": b"abc"}


def test_an_answer_gets_the_headers_behind_its_own():
    own = [(b"content-type", b"text/plain")]
    messages, _ = sent_by(sends(START | {"headers": own}, BODY), HTTP)
    assert messages == [START | {"headers": own + OURS}, BODY]


def test_an_answer_without_headers_gets_them():
    messages, _ = sent_by(sends(START, BODY), HTTP)
    assert messages == [START | {"headers": OURS}, BODY]


def test_a_header_is_never_doubled_and_ours_counts():
    own = [(b"X-One", b"other"), (b"set-cookie", b"a"), (b"set-cookie", b"b")]
    message = START | {"headers": own}
    messages, _ = sent_by(sends(message, BODY), HTTP)
    assert messages[0]["headers"] == own[1:] + OURS
    assert message["headers"] == own, "what the app has made stays as it was"


def test_a_stream_passes_piece_by_piece():
    parts = [BODY | {"more_body": True}, BODY | {"more_body": True}, BODY]
    messages, _ = sent_by(sends(START, *parts), HTTP)
    assert messages[1:] == parts
    assert all(one is other for one, other in zip(messages[1:], parts, strict=True))


def test_what_fails_is_answered_500_with_the_headers_and_still_raised():
    messages, raised = sent_by(sends(fails=True), HTTP)
    assert raised == "broken"
    assert messages[0]["status"] == 500
    assert messages[0]["headers"][-2:] == OURS
    assert messages[1]["body"] == b"Internal Server Error"


def test_what_fails_in_the_middle_of_an_answer_is_not_answered_again():
    messages, raised = sent_by(sends(START, fails=True), HTTP)
    assert raised == "broken"
    assert messages == [START | {"headers": OURS}]


@pytest.mark.parametrize("scope", [SOCKET, {"type": "websocket"}])
def test_an_open_websocket_passes_as_it_is(scope):
    talk = [
        {"type": "websocket.accept", "headers": []},
        {"type": "websocket.send", "bytes": b"abc"},
        {"type": "websocket.close", "code": 1000},
    ]
    assert sent_by(sends(*talk), scope) == (talk, None)
    assert sent_by(sends(*talk, fails=True), scope) == (talk, "broken")


def test_a_refused_handshake_is_an_answer_with_the_headers():
    messages, _ = sent_by(sends({"type": "websocket.close", "code": 1008}), SOCKET)
    assert messages[0]["type"] == "websocket.http.response.start"
    assert messages[0]["status"] == 403
    assert messages[0]["headers"][-2:] == OURS
    assert [one["type"] for one in messages[1:]] == ["websocket.http.response.body"]
    own = {"type": "websocket.http.response.start", "status": 401, "headers": []}
    messages, _ = sent_by(sends(own), SOCKET)
    assert messages == [own | {"headers": OURS}]
    messages, raised = sent_by(sends(fails=True), SOCKET)
    assert (messages[0]["status"], messages[0]["headers"][-2:]) == (500, OURS)
    assert raised == "broken"


def test_a_server_that_cannot_send_such_an_answer_refuses_by_itself():
    close = {"type": "websocket.close", "code": 1008}
    assert sent_by(sends(close), {"type": "websocket"}) == ([close], None)
    assert sent_by(sends(fails=True), {"type": "websocket"}) == ([], "broken")


def test_the_start_and_the_end_of_the_server_pass_as_they_are():
    talk = [{"type": "lifespan.startup.complete"}]
    assert sent_by(sends(*talk), {"type": "lifespan"}) == (talk, None)
    assert sent_by(sends(fails=True), {"type": "lifespan"}) == ([], "broken")


# -- our routes -----------------------------------------------------------------------


def _fails(request):
    raise RuntimeError("broken")


def _breaks_off(request):
    async def parts():
        yield b"abc"
        raise RuntimeError("broken")

    return StreamingResponse(parts())


@pytest.fixture(scope="module")
def ask():
    """Asks all routes, behind the middleware as Streamlit puts it."""
    app = Starlette(
        routes=[*ROUTES, Route("/fails", _fails), Route("/breaks-off", _breaks_off)],
        middleware=[security_headers("")],
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def fetch(method, path):
        async with httpx.AsyncClient(
            transport=transport, base_url="http://player"
        ) as client:
            return await client.request(method, path)

    with start_blocking_portal() as portal:
        yield lambda path, method="GET": portal.call(fetch, method, path)


def carries_all(answer):
    """Whether an answer has each of the headers exactly once."""
    given = {name: answer.headers.get_list(name) for name in NAMES}
    return given == {name: [value] for name, value in headers().items()}


# Of health nothing is asked, and so nothing can be wrong.
@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.path not in ("/health", "/ready")],
    ids=lambda route: route.path,
)
def test_every_route_refuses_with_the_headers(ask, route):
    path = route.path.replace("{rest:path}", "x").format(
        version="none", name="none", code="none"
    )
    reads = "GET" in route.methods
    method = "GET" if reads else "POST"
    answer = ask(f"{path}?surface=%E2%80%AE<img src=x>", method)
    # Pictures are saved on the page: the addresses of studies' say so.
    pictures = (".png", ".svg", ".pdf")
    nowhere = "{" in route.path or route.path.endswith(pictures)
    # The page opens with all that is right of an address, and says what is not.
    usual = 200 if path == "/description" else 400
    assert answer.status_code == (404 if nowhere else usual if reads else 403)
    kind = (
        "application/json" if answer.status_code == 200 else "text/plain; charset=utf-8"
    )
    assert answer.headers["content-type"] == kind
    assert answer.text.isprintable()
    assert "\u202e" not in answer.text
    assert carries_all(answer)
    answer = ask(path, "DELETE")
    assert answer.status_code == 405
    assert carries_all(answer)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/race?steps=20&on=adam", 200),
        ("/landscape", 200),
        ("/basins?steps=20&on=adam&size=16", 200),
        ("/sweep.csv?steps=10&on=adam", 200),
        (f"/{PLAYER_PATH}/main.js", 200),
        ("/nowhere", 404),
        ("/fails", 500),
        ("/breaks-off", 200),
    ],
)
def test_every_kind_of_answer_carries_the_headers(ask, path, status):
    answer = ask(path)
    assert answer.status_code == status
    assert carries_all(answer)


# -- who may embed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sources", "frame"),
    [
        ("", "'none'", "DENY"),
        ("  ", "'none'", "DENY"),
        ("self", "'self'", "SAMEORIGIN"),
        ("*", "*", None),
        ("https://example.org", "https://example.org", None),
        ("self https://a.example:8443", "'self' https://a.example:8443", None),
        ("http://192.168.0.7:8080\n", "http://192.168.0.7:8080", None),
        ("HTTPS://B.example https://b.example", "https://b.example", None),
    ],
)
def test_who_may_embed_is_said_by_both_headers_alike(text, sources, frame):
    assert frame_ancestors(text) == sources
    assert policy(text)["frame-ancestors"] == sources
    assert headers(text).get("x-frame-options") == frame


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "https://example.org/",
        "https://example.org/course",
        "https://",
        "https://-a.example",
        "https://example.org:0",
        "https://example.org:65536",
        "https://*.example.org",
        "https://a.example,https://b.example",
        "https://a.example;",
        "'self'",
        "none",
        "* self",
        "data:",
        "https://[::1]",
        "https://a.example\u202e",
    ],
)
def test_what_is_no_origin_is_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match="is not an origin; allowed are") as refused:
        frame_ancestors(text)
    assert str(refused.value).isprintable()
    assert str(refused.value).endswith(" anyone.")


@given(st.text() | st.from_regex(r"(self|\*|https?://[a-z.:;,'\d ]*)*", fullmatch=True))
@example("https://a.example; script-src *")
@example("https://a.example\r\nset-cookie: a=b")
def test_no_setting_adds_a_directive_or_a_header(text):
    try:
        sources = frame_ancestors(text)
    except ValueError:
        return
    assert re.fullmatch(r"\*|[a-z0-9'.:/ -]+", sources)
    assert policy(text) == policy() | {"frame-ancestors": sources}


def test_a_wrong_setting_stops_the_start_with_one_sentence():
    done = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=ROOT,
        env={**os.environ, "VISUALIZER_EMBED": "example.org"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert said == (
        "VISUALIZER_EMBED “example.org” is wrong: “example.org” is not an origin; "
        "allowed are origins such as https://example.org with spaces between them, "
        "self for pages of this server, or * alone for anyone."
    )


# -- the policy -----------------------------------------------------------------------


def test_nothing_is_loaded_from_elsewhere_and_no_text_is_run():
    assert policy()["default-src"] == "'self'"
    allowed = {
        source
        for name, sources in policy("https://example.org").items()
        for source in sources.split()
        if name != "frame-ancestors"
    }
    hashes = {source for source in allowed if source.startswith("'sha256-")}
    assert allowed - hashes == {
        *("'self'", "'none'", "blob:", "data:"),
        *("'unsafe-inline'", "'wasm-unsafe-eval'"),
    }
    unsafe = [name for name, sources in policy().items() if "unsafe-inline" in sources]
    assert unsafe == ["style-src"], "styles cannot run"
    assert "data:" not in policy()["script-src"]


def test_each_script_in_the_page_itself_is_allowed_by_its_hash():
    page = opening.page(("static/js/a.js",))
    inline = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", page, re.S)
    assert len(inline) == 2, "Streamlit's, and that which starts the player"
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy()["script-src"].split()
    assert policy()["script-src"].count("sha256-") == len(inline)
