"""Headers and text on a real server: what a browser is allowed, and what it shows."""

import http.client
import re
import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from views.fields import VIEWS
from views.page import in_one_sentence
from views.player_files import PLAYER_PATH
from views.serving.headers import security_headers
from views.setup import Setup
from views.tabs import TABS

# -- answers --------------------------------------------------------------------------


def answer(server, path, method="GET", **headers):
    """The status of an answer, and all its headers as they were sent."""
    connection = http.client.HTTPConnection("localhost", server.port, timeout=60)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status, [(k.lower(), v) for k, v in response.getheaders()]
    finally:
        connection.close()


SHAKES_HANDS = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Origin": "http://a.example",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/index.html", 200),
        ("/any/other/page", 200),
        ("/favicon.png", 200),
        ("/favicon.png/", 301),
        ("/_stcore/health", 200),
        ("/_stcore/host-config", 200),
        ("/_stcore/agent/nowhere", 404),
        ("/media/none.png", 404),
        ("//a.example/", 400),
        ("/..%5c..%5cetc", 400),
        ("/race?steps=20", 200),
        ("/race?steps=none", 400),
        (f"/{PLAYER_PATH}/main.js", 200),
        (f"/{PLAYER_PATH}/plotly.min.js", 200),
        (f"/{PLAYER_PATH}/none.js", 404),
    ],
)
def test_every_answer_of_the_server_carries_the_headers(server, path, status):
    given, headers = answer(server, path)
    assert given == status
    (expected,) = security_headers("").args
    for name, value in expected:
        found = [text for key, text in headers if key == name.decode()]
        assert found == [value.decode()], name


def test_so_does_a_refused_method_and_a_refused_handshake(server):
    (expected,) = security_headers("").args
    expected = {(name.decode(), value.decode()) for name, value in expected}
    status, headers = answer(server, "/race", "DELETE")
    assert status == 405
    assert expected <= set(headers)
    status, headers = answer(server, "/_stcore/stream", **SHAKES_HANDS)
    assert status == 403, "from another site"
    assert expected <= set(headers)


def test_the_page_names_what_it_will_load_and_all_of_that_is_there(server):
    _, headers = answer(server, "/")
    links = dict(headers)["link"].split(", ")
    found = {re.fullmatch(r"<(\S+)>; (.+)", link).groups() for link in links}
    assert {name.rpartition("/")[2] for name, _ in found} >= {
        *("packed.js", "style.css")
    }
    asked = {name for name, how in found if "as=fetch" in how}
    assert asked == {"description", "race?", "landscape?"}
    for name, how in found:
        status, headers = answer(server, f"/{name}")
        kind = "" if name in asked else "css" if "as=style" in how else "javascript"
        assert (status, kind in dict(headers)["content-type"]) == (200, True), name
    for path in ("/race?steps=20", "/any/other/page", "/favicon.png"):
        assert "link" not in dict(answer(server, path)[1])
    other = dict(answer(server, "/?surface=booth")[1])["link"]
    assert "packed.js" in other
    assert "as=fetch" not in other


def test_each_file_is_loaded_once(visits):
    visit = visits().in_3d()
    visit.settle()
    loaded = visit.page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.name)"
    )
    ours = [name for name in loaded if f"/{PLAYER_PATH}/" in name]
    assert sorted(name.rpartition("/")[2] for name in ours) == [
        *("packed.js", "plotly.min.js", "style.css")
    ]


LATER = {"/description": "fetch", "/race": "xmlhttprequest", "/landscape": "fetch"}


@pytest.mark.parametrize(
    ("query", "ways"), [("", dict.fromkeys(LATER, "link")), ("?surface=booth", LATER)]
)
def test_each_answer_is_asked_for_once_and_ahead_where_it_is_known(visits, query, ways):
    visit = visits(query)
    visit.settle()
    asked = visit.page.evaluate("""
        performance.getEntriesByType('resource').map((one) => {
          const { pathname, search } = new URL(one.name);
          return [pathname + search, one.initiatorType];
        })""")
    for path, how in ways.items():
        assert [one for one in asked if one[0].startswith(path)] == [
            [f"{path}{query}", how]
        ]


def test_streamlits_modules_are_named_ahead_and_formulas_need_none(visits):
    visit = visits()
    loaded = visit.page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.name)"
    )
    modules = {name for name in loaded if "/static/js/" in name}
    with urllib.request.urlopen(visit.server.address) as page:
        named = page.read().decode()
    assert len(modules) > 80
    assert [name for name in modules if name.rpartition("/")[2] not in named] == []
    assert [name for name in loaded if "katex" in name.lower()] == []


# -- what the page needs --------------------------------------------------------------

PAGES = [f"?view={view}" for view in VIEWS if view != "studies"] + [
    f"?view=studies&study={study}" for study in TABS
]


def test_nothing_in_any_view_is_refused(visits):
    visit = visits().in_3d()
    for query in PAGES:
        visit.go(query)
        if "studies" in query:
            visit.eventually(lambda: " on the CPU (" in visit.status)
        visit.settle()
    # Whatever is refused by the policy is a trouble, and fails the test.


def test_nothing_in_the_rest_of_the_page_is_refused(visits):
    visit = visits()
    visit.choose_surface("formula")
    visit.page.locator(".st-key-typed input").first.wait_for()
    visit.page.get_by_role("button", name="Gradient check").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.locator(".js-plotly-plot .scatterlayer").wait_for()
    dialog.locator(".js-plotly-plot").hover()
    with visit.page.expect_download() as picture:
        dialog.locator(".modebar-btn[data-title*='PNG']").click()
    assert picture.value.path().read_bytes()[1:4] == b"PNG"
    visit.page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    visit.page.get_by_role("button", name="About").click()
    visit.page.get_by_text("Typed by the reader.").wait_for()
    visit.page.keyboard.press("Escape")
    visit.page.goto(f"{visit.server.address}/?view=studies&study=fair")
    visit.ready()
    visit.eventually(lambda: " on the CPU (" in visit.status)
    with visit.page.expect_download() as table:
        visit.page.get_by_test_id("save").select_option("sweep.csv")
    assert table.value.suggested_filename == "sweep-rosenbrock.csv"


# -- what the policy keeps out --------------------------------------------------------


class Elsewhere(BaseHTTPRequestHandler):
    """Another site: notes what it is asked for, and has a frame with a page in it."""

    def do_GET(self):
        self.server.asked.append(self.path)
        frame = f'<iframe src="{self.server.embeds}" width="1280" height="720">'
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(frame.encode())

    def log_message(self, *_):
        """Says nothing."""


@contextmanager
def elsewhere(embeds=""):
    site = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    site.asked, site.embeds = [], embeds
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()


ATTEMPTS = {
    "img-src": "(to) => { new Image().src = `${to}/leak.png`; }",
    "connect-src": "(to) => { fetch(`${to}/leak`).catch(() => {}); }",
    "script-src-elem": """(to) => {
      const script = document.createElement("script");
      script.src = `${to}/leak.js`;
      document.head.append(script);
    }""",
    # Some versions look at a handler where it is set, others once it would be called.
    "script-src-attr": """() => {
      const button = document.createElement("button");
      button.setAttribute("onclick", "1");
      document.body.append(button);
      button.click();
      button.remove();
    }""",
    "style-src-elem": """(to) => {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = `${to}/leak.css`;
      document.head.append(style);
    }""",
    "frame-src": """(to) => {
      const frame = document.createElement("iframe");
      frame.src = `${to}/leak.html`;
      document.body.append(frame);
    }""",
    "form-action": """(to) => {
      const form = document.createElement("form");
      form.action = `${to}/leak`;
      document.body.append(form);
      form.submit();
    }""",
}


def test_the_page_can_reach_nothing_elsewhere_and_a_refusal_is_seen(visits):
    visit = visits()
    with elsewhere() as site:
        for directive, attempt in ATTEMPTS.items():
            visit.js(attempt, f"http://127.0.0.1:{site.server_port}")
            visit.eventually(
                lambda name=directive: any(
                    f"refused by the policy: {name} " in trouble
                    for trouble in visit.troubles
                )
            )
        visit.settle()
        assert site.asked == []
    visit.troubles.clear()


# -- text is text ---------------------------------------------------------------------

NASTY = [
    "![x](http://127.0.0.1:9/leak.png)",
    "[click](http://a.example)",
    "[click][1]",
    "<http://a.example>",
    "http://a.example",
    "https://a.example/b?c=d&e=f",
    "www.a.example",
    "a@b.example",
    "mailto:a@b.example",
    "<img src=http://127.0.0.1:9/leak.png>",
    "<script>document.title=1</script>",
    "</div><b>x</b>",
    "<!-- x -->",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;b&gt; &amp; &#60;",
    "*a* **b** _c_ __d__ ~~e~~",
    "`code` ``more``",
    "```\ncode",
    "$x^2$ $$y$$",
    "\\$ \\* \\[ \\\\",
    ":red[red] :blue-background[b]",
    ":material/warning: :streamlit:",
    ":smile: :+1:",
    "# heading",
    "- item",
    "> quoted",
    "| a | b |\n|---|---|",
    "[^1] [x]: http://a.example",
    "-- --- -> <- >= ...",
    "  two  spaces  ",
    "\u202egnp.exe \u200b\u2066",
    "שלום عليكم",
    "'\"“”",
    "{{1+1}} ${1+1} {% x %}",
    "💥 é e\u0301",
]
SHOWN = """() => {
  const shown = document.querySelector(".notice");
  const address = [...new URLSearchParams(location.search)];
  return shown && [shown.innerText, shown.childElementCount, address];
}"""


def test_whatever_stands_in_an_address_is_shown_letter_for_letter(visits):
    visit = visits()
    title = visit.page.title()
    # Each key quotes in its own way; one that is unknown is itself quoted.
    cases = [
        [(("surface", text, "start", "on")[i % 4], text)]
        for i, text in enumerate(NASTY)
    ] + [[("surface", "formula"), ("f", text)] for text in NASTY[::4]]
    for pairs in cases:
        visit.address("?" + "&".join(f"{quote(k)}={quote(v)}" for k, v in pairs))
        setup, problems = Setup.parse(pairs)
        # The page has ended with it when the address holds only what is right.
        expected = [
            in_one_sentence(problems),
            0,
            [list(pair) for pair in setup.pairs()],
        ]
        visit.until(
            f"(shown) => JSON.stringify(({SHOWN})()) === JSON.stringify(shown)",
            expected,
        )
        visit.settle()  # until the widgets know of it, too
    assert visit.page.title() == title
    # A request that left would be a trouble, as well as one that was refused.


def test_opening_an_address_asks_no_other_site(visits):
    with elsewhere() as site:
        picture = f"http://127.0.0.1:{site.server_port}/leak.png"
        for key in ("surface", "view"):
            visit = visits(f"?{key}={quote(f'![x]({picture})')}")
            assert f"“![x]({picture})”" in visit.js(SHOWN)[0]
            assert visit.js(SHOWN)[1] == 0
            visit.settle()
        assert site.asked == []


def test_a_wrong_formula_stays_in_its_box_letter_for_letter(visits):
    visit = visits()
    visit.choose_surface("formula")
    box = visit.page.get_by_role("textbox", name="f(x, y), typed")
    text = "x + ![x](http://127.0.0.1:9/x.png) <b>$y$</b>"
    box.fill(text)
    box.press("Enter")
    visit.page.get_by_role("alert").wait_for()
    assert visit.js(SHOWN)[1] == 0
    assert "unexpected `!` at position 5" in visit.js(SHOWN)[0]
    assert box.input_value() == text


# -- embedding ------------------------------------------------------------------------


def embedded(page, host, site):
    """Whether a page elsewhere shows ours in a frame, with a race in it."""
    page.goto(f"http://{host}:{site.server_port}/")
    frame = page.frame_locator("iframe").locator(".player[data-pictures]")
    own = page.frames[1]
    for _ in range(600):
        if own.url.startswith("chrome-error:"):
            return False
        if frame.count() and int(frame.get_attribute("data-pictures")) > 0:
            return True
        page.wait_for_timeout(100)
    raise AssertionError("neither shown nor refused")


def test_no_other_page_may_embed_this_one_by_default(context, server):
    page = context.new_page()
    with elsewhere(embeds=server.address) as site:
        assert not embedded(page, "127.0.0.1", site)
    page.close()


def test_the_origins_of_a_setting_may_embed_it_and_others_may_not(context, server_with):
    page = context.new_page()
    with elsewhere() as site:
        origin = f"http://127.0.0.1:{site.server_port}"
        site.embeds = server_with(VISUALIZER_EMBED=origin).address
        assert embedded(page, "127.0.0.1", site)
        assert not embedded(page, "localhost", site)
    page.close()
