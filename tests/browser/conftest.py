"""A server, a browser and an open page for the tests that need all three."""

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Error, sync_playwright

from surfaces import SURFACES
from views.result import unpack
from views.stream import ANSWER

ROOT = Path(__file__).parents[2]
WAIT = 60_000  # milliseconds until a condition counts as never met
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Without the last, all of the page is put together by emulated GL, too.
SOFTWARE_WEBGL = [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
]
NO_WEBGL = ["--disable-gpu", "--disable-3d-apis"]

HERE = Path(__file__).parent
# What the map says of itself (map.js) is there once it is drawn; hidden, it is not.
MAP_IS_DRAWN = """(() => {
  const map = document.querySelector(".player .map");
  return map && (map.hidden || map.dataset.frames);
})()"""
SCENE_IS_DRAWN = """Boolean(document.querySelector('.player .scene .plot')
  ?._fullLayout?.scene?._scene?.glplot?.cameraParams)"""
STREAMLIT_IS_THERE = "!document.querySelector('.opening')"
COMMAND = (sys.executable, "-m", "streamlit", "run", "app.py")


def pytest_collection_modifyitems(items):
    """Everything here needs a browser, and comes after what does not."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
    items.sort(key=lambda item: HERE in item.path.parents)


# -- the server -----------------------------------------------------------------------


class Server:
    """`streamlit run app.py` on a port of its own, with some settings besides."""

    port_option, health = "--server.port", "_stcore/health"

    def __init__(self, command=COMMAND, folder=ROOT, **environment):
        self.command, self.folder = command, folder
        # Nothing is compiled ahead that the test may not ask for.
        self.environment = os.environ | {"VISUALIZER_AHEAD": "first"} | environment
        with socket.socket() as probe:
            probe.bind(("localhost", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [*self.command, f"{self.port_option}={self.port}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(600):
            self.check()
            try:
                with urllib.request.urlopen(f"{self.address}/{self.health}") as answer:
                    if answer.status == 200:
                        return self
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError("the server did not start within a minute")

    def check(self):
        """Fails if the server is gone without having been stopped."""
        ended = self.process.poll() if self.process else None
        assert ended is None, f"the server ended by itself, with {ended}"

    def race(self, query=""):
        """The header of a race, which says how each run ended."""
        with urllib.request.urlopen(f"{self.address}/race{query}") as answer:
            return unpack(answer.read().partition(ANSWER)[2])[0]

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


class Jupyter(Server):
    """JupyterLab on a port of its own, none of whose files are the user's."""

    port_option, health = "--ServerApp.port", "api/status"

    def __init__(self, folder):
        settings = {
            "ServerApp.root_dir": folder,
            "ServerApp.allow_root": True,
            "IdentityProvider.token": "",
            "LabApp.expose_app_in_browser": True,
            "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        }
        given = [f"--{name}={value}" for name, value in settings.items()]
        own = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        super().__init__(
            (sys.executable, "-m", "jupyterlab", "--no-browser", *given),
            **{name: str(folder / name) for name in (*own, "IPYTHONDIR")},
            PYTHONPATH=str(ROOT),
            JAX_PLATFORMS="cpu",
        )


class Marimo(Server):
    """A notebook of marimo as an app, on a port of its own."""

    port_option, health = "--port", "health"

    def __init__(self, notebook):
        command = (sys.executable, "-m", "marimo", "run", notebook)
        super().__init__(
            (*command, "--headless", "--no-token"),
            XDG_CONFIG_HOME=str(notebook.parent),
            XDG_STATE_HOME=str(notebook.parent),
            PYTHONPATH=str(ROOT),
            JAX_PLATFORMS="cpu",
        )


@pytest.fixture
def jupyter(tmp_path):
    one = Jupyter(tmp_path).start()
    yield one
    one.stop()


@pytest.fixture
def marimo():
    """Opens notebooks of marimo."""
    started = []

    def start(notebook):
        started.append(Marimo(notebook))
        return started[-1].start()

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def server():
    one = Server().start()
    yield one
    one.stop()


@pytest.fixture(scope="session")
def embeddable():
    """A server whose page any other page may embed."""
    one = Server(VISUALIZER_EMBED="*").start()
    yield one
    one.stop()


@pytest.fixture
def own_server():
    """A server that a test may stop and start again."""
    one = Server().start()
    yield one
    one.stop()


@pytest.fixture
def server_with():
    """Starts servers with settings of their own."""
    started = []

    def start(**settings):
        started.append(Server(**settings))
        return started[-1].start()

    yield start
    for one in started:
        one.stop()


# -- the browser ----------------------------------------------------------------------


def find_chromium(playwright):
    """The path of a Chromium; what is missing is installed, if that is possible."""
    if path := shutil.which("chromium"):
        return path
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    install = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
    attempts = [install]
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]]
    for attempt in attempts:
        done = subprocess.run(attempt, stdin=subprocess.DEVNULL, check=False)
        if done.returncode == 0 and Path(own).exists():
            return own
        if path := shutil.which("chromium"):
            return path
    pytest.fail(
        "These tests need Chromium and could not install it: put `chromium` on the "
        "PATH, or run `python -m playwright install --with-deps chromium`."
    )


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as one:
        yield one


@pytest.fixture(scope="session")
def chromium(playwright):
    """Launches Chromium with some flags besides the usual ones."""
    path = find_chromium(playwright)
    launched = []

    def launch(*flags):
        browser = playwright.chromium.launch(
            executable_path=path, args=[*FLAGS, *flags]
        )
        launched.append(browser)
        return browser

    yield launch
    for browser in launched:
        browser.close()


@pytest.fixture(scope="session")
def with_profile(playwright):
    """Launches Chromium with a profile of its own, for some settings of its context.

    Without a profile it keeps no code that scripts were compiled to: each page compiles
    all of plotly.js again, which takes longer than to draw the scene.
    """
    launched = []

    def launch(*flags, **settings):
        context = playwright.chromium.launch_persistent_context(
            "",  # a folder that is gone when the browser is closed
            executable_path=find_chromium(playwright),
            args=[*FLAGS, *flags],
            **settings,
        )
        launched.append(context)
        return context

    yield launch
    for context in launched:
        context.close()


@pytest.fixture(scope="session")
def context(with_profile):
    """The browser all tests share, with WebGL in software."""
    return with_profile(*SOFTWARE_WEBGL, color_scheme="dark")


# -- the page -------------------------------------------------------------------------

# What the map shows, as its element says it (map.js): ranges, panels, contours, texts.
MAP = """() => {
  const host = document.querySelector(".player .map");
  const { x, y, frames, levels, heights, texts } = host.dataset;
  const numbers = (text) => text.split(",").map(Number);
  return {
    x: numbers(x), y: numbers(y), frames: JSON.parse(frames),
    levels: numbers(levels), heights: numbers(heights), texts: JSON.parse(texts),
  };
}"""

# Of the map, the still picture alone.
STILL = ".player .map > :not(.plot) { display: none !important; }"

# A drag as a hand makes it: one input event in each animation frame.
DRAG = """async ([name, values]) => {
  const input = document.querySelector(`[data-testid="${name}"]`);
  for (const value of values) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
}"""


# An address that is typed, or gone back to, in the same page: to load it takes seconds.
GO = """(query) => {
  history.pushState(null, "", `${location.pathname}${query}`);
  dispatchEvent(new PopStateEvent("popstate"));
}"""

# What an address says of a race without changing it.
SEEN_OF_IT = {"view", "study", "theme", "panels", "show", "inspect"}
GONE_TO = ("view", "study", "surface", "theme")  # what the player says that it shows

# Playwright's own way of waiting makes code of text in the page, which its
# Content-Security-Policy refuses.
UNTIL = """async ([arg, patience]) => {
  const look = () => (%s);
  const end = performance.now() + patience;
  for (;;) {
    const seen = look();
    if (typeof seen === "function" ? await seen(arg) : seen) return true;
    if (performance.now() > end) return false;
    await new Promise(requestAnimationFrame);
  }
}"""

# What the policy refuses is not always an error in the console.
REFUSED = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("refused by the policy:", event.effectiveDirective, event.blockedURI));
"""

# The invitation to lessons lies on a picture until it is dismissed.
DISMISSED = """try {
  if (!sessionStorage.getItem("new here")) {
    localStorage.setItem("loss-surface-lessons", "1");
  }
} catch {
  // A page without an address has no storage.
}"""

# To draw the surface in 3D takes as much of a processor as all the rest of a page, and
# few tests look at it: plotly.js comes when `in_3d` asks for it.
LATER = """(() => {
  const { append } = Element.prototype;
  const held = [];
  Element.prototype.append = function (...nodes) {
    const scripts = nodes.filter((node) => node instanceof HTMLScriptElement);
    const late = scripts.some(({ src }) => src.includes("plotly"));
    if (late && !window.in3d) held.push(() => append.apply(this, nodes));
    else append.apply(this, nodes);
  };
  window.comeIn3d = () => {
    window.in3d = true;
    held.splice(0).forEach((come) => come());
  };
})();"""


class Visit:
    """One open page: what a test sees on it and does to it."""

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self.troubles = []
        self.forgiven = ()
        page.set_default_timeout(WAIT)
        page.add_init_script(REFUSED)
        page.add_init_script(DISMISSED)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"thrown: {error}"))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _console(self, message):
        forgiven = any(text in message.text for text in self.forgiven)
        if message.type == "error" and not forgiven:
            where = message.location.get("url")
            self.troubles.append(f"console: {message.text} ({where})")

    def _asked(self, url):
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "localhost":
            self.troubles.append(f"request: {url}")

    def open(self, query):
        """Opens the page at an address and waits for the first picture."""
        self.page.goto(f"{self.server.address}/{query}")
        return self.ready()

    def address(self, query):
        """Puts another address into this page, as Back does."""
        self.js(GO, query or "?")

    def go(self, query=""):
        """Goes to another address in this page, and waits for its picture."""
        was, wanted = (
            {"view": "race", "surface": "rosenbrock"} | dict(parse_qsl(one.lstrip("?")))
            for one in (self.js("location.search"), query)
        )
        # What is seen of it may be another, and the race the same.
        same = {key for key, _ in was.items() ^ wanted.items()} <= SEEN_OF_IT
        before = -1 if same else self.pictures
        self.address(query)
        self.until_data(**{k: wanted[k] for k in GONE_TO if k in wanted})
        self.until_next_picture(before)
        self.until(MAP_IS_DRAWN)
        self.until("!document.querySelector('.player [data-waits]:not(.scene)')")
        return self

    def ready(self):
        """Waits for the first picture, and for Streamlit's fields around it."""
        self.drawn()
        self.until(STREAMLIT_IS_THERE)
        return self

    def drawn(self):
        """Waits for the first picture."""
        self.until("document.querySelector('.player')?.dataset.pictures > 0")
        self.until(MAP_IS_DRAWN)
        return self

    def in_3d(self):
        """Waits for the surface in 3D, which comes after the first picture."""
        self.page.add_init_script("window.in3d = true")  # also after a reload
        self.js("window.comeIn3d?.()")
        self.until(SCENE_IS_DRAWN)
        return self

    # what is seen

    @property
    def data(self):
        """The player's data attributes."""
        return self.js("({ ...document.querySelector('.player').dataset })")

    @property
    def start(self):
        return [float(part) for part in self.data["start"].split(",")]

    @property
    def outcomes(self):
        return self.js(
            "Object.fromEntries([...document.querySelectorAll('.player .card')]"
            ".map((card) => [card.dataset.testid.slice(5), card.dataset.outcome]))"
        )

    @property
    def values(self):
        """What stands beside every slider, by its name."""
        return self.js(
            "Object.fromEntries([...document.querySelectorAll('.player .typed')]"
            ".map((typed) => [typed.dataset.testid, typed.value]))"
        )

    @property
    def status(self):
        return self.page.locator(".player .status").inner_text()

    @property
    def query(self):
        """The settings in the address, by key."""
        return dict(parse_qsl(self.js("location.search.slice(1)"), True))

    def shot(self, selector):
        """The pixels of an element, (height, width, 3)."""
        data = self.page.locator(selector).screenshot()
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)

    # what is done

    def js(self, code, arg=None):
        return self.page.evaluate(code, arg)

    def until(self, condition, arg=None):
        """Waits until an expression, or a function of the argument, is true."""
        assert self.js(UNTIL % condition, [arg, WAIT]), f"it never came: {condition}"

    def eventually(self, check):
        """Waits until a check of the test's own holds."""
        end = time.monotonic() + WAIT / 1000
        while not check():
            assert time.monotonic() < end, "it never happened"
            self.page.wait_for_timeout(50)

    def until_data(self, **expected):
        self.until(
            "(expected) => Object.entries(expected).every(([name, text]) =>"
            " document.querySelector('.player').dataset[name] === text)",
            expected,
        )

    def until_address(self, **expected):
        """Waits until the address holds some settings; None: it lacks them."""
        self.until(
            "(expected) => Object.entries(expected).every(([key, text]) =>"
            " new URLSearchParams(location.search).get(key) === text)",
            expected,
        )

    def until_next_picture(self, before):
        """Waits until more races have been shown than before."""
        self.until(
            "(before) => document.querySelector('.player').dataset.pictures > before",
            before,
        )

    @property
    def pictures(self):
        """How many races have been shown."""
        return int(self.data["pictures"])

    def settle(self):
        """Lets two animation frames pass, and the numbers be written again."""
        self.js(
            "() => new Promise((done) => setTimeout(() =>"
            " requestAnimationFrame(() => requestAnimationFrame(done)), 100))"
        )

    def pause(self, key="Home"):
        """Stops the race at its start or, with the key End, at its end."""
        self.js("document.activeElement?.blur()")
        if self.data["playing"] == "true":
            self.page.keyboard.press("Space")
        self.until_data(playing="false")
        self.page.keyboard.press(key)
        steps = self.data["steps"]
        self.until_data(step={"Home": "0", "End": steps}[key])
        self.settle()

    def drag(self, name, *values):
        """Moves a slider through some positions; `release` lets it go."""
        self.js(DRAG, [name, list(values)])

    def release(self, name):
        self.js(
            "(name) => document.querySelector(`[data-testid='${name}']`)"
            ".dispatchEvent(new Event('change', { bubbles: true }))",
            name,
        )

    @property
    def map(self):
        """What the map says that it shows: ranges, panels, contours, texts."""
        return self.js(MAP)

    def on_screen(self, x, y):
        """Where a point is in the window, by what the map says of its first panel."""
        shown = self.map
        left, top, width, height = shown["frames"][0]
        box = self.page.locator(".player .map").bounding_box()
        (x_low, x_high), (y_low, y_high) = shown["x"], shown["y"]
        return (
            box["x"] + left + (x - x_low) / (x_high - x_low) * width,
            box["y"] + top + (y_high - y) / (y_high - y_low) * height,
        )

    def still_map(self):
        """The pixels of the map alone, from the corner of its element."""
        map_ = self.page.locator(".player .map")
        map_.scroll_into_view_if_needed()
        style = self.page.add_style_tag(content=STILL)
        data = self.page.screenshot()
        style.evaluate("(style) => style.remove()")
        box = map_.bounding_box()
        # A picture between pixels is drawn on the next ones.
        left, top = (int(box[k] + 0.5) for k in "xy")
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
        return pixels[
            top : top + round(box["height"]), left : left + round(box["width"])
        ]

    def click_map(self, x, y):
        self.page.mouse.click(*self.on_screen(x, y))

    def show_all_sliders(self):
        more = self.page.locator(".player .more")
        if more.inner_text() == "all sliders":
            more.click()

    def choose_surface(self, key):
        """Chooses as a person does: by typing a part of the name."""
        surface = SURFACES.get(key)
        label = f"{surface.family} · {surface.label}" if surface else "Your own f(x, y)"
        box = self.page.get_by_role("combobox", name="Surface")
        box.click()
        box.fill(label)
        self.page.get_by_role("option", name=label, exact=True).click()


@pytest.fixture
def visits(context, server):
    """Opens pages of the shared browser; none of them may have had any trouble."""
    opened = []

    def visit(
        query="",
        size=(1280, 720),
        server=server,
        context=context,
        forgiven=(),
        with_3d=False,
    ):
        page = context.new_page()
        if not with_3d:
            page.add_init_script(LATER)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        opened.append(Visit(page, server))
        opened[-1].forgiven = forgiven
        return opened[-1].open(query)

    yield visit
    troubles = []
    for one in opened:
        one.server.check()
        troubles += one.troubles
        try:
            one.page.close()
        except Error as error:
            troubles.append(str(error))
    assert not troubles


@pytest.fixture
def visit(visits):
    """The default page on a projector."""
    return visits()


@pytest.fixture(scope="session")
def context_without_webgl(chromium):
    return chromium(*NO_WEBGL).new_context(color_scheme="dark")
