"""`loss-surface render`: a page's address as a picture or a film, without a window.

    loss-surface render "?surface=ravine&kappa=100" race.mp4

The app is started on a free port of this machine only, its page is opened in a browser
that shows no window, and the page saves the file itself. Playwright drives the browser;
it is not needed for anything else and has to be installed.

A race as code, race.py or race.ipynb, or as LaTeX, race.tex, is written without the app
and the browser.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from views.setup import Setup

PICTURES = ("png", "svg", "pdf")
FILMS = ("mp4", "gif", "webp")
CODE = ("py", "ipynb")
LATEX = "tex"
FORMATS = (*PICTURES, *FILMS, *CODE, LATEX)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = ("1280x720", "1920x1080", "1080x1080", "640x360", "page")
RATES = ("10", "12.5", "20", "25", "30")
LOCAL = "http://localhost:8501/"
"""Where the app is unless it is started for others."""
PATIENCE = 120.0
"""Seconds in which the app has to answer, and the page to be drawn."""
LONGEST = 600.0
"""Seconds that a file may take."""
_ROOT = Path(__file__).parents[1]
_SCENE = ".player .scene:is([hidden], .without, :has(.gl-container canvas))"
"""What there is once the surface is drawn, or will not be."""


class Failure(RuntimeError):
    """Why there is no file, in a sentence."""


def main(arguments: Sequence[str]) -> None:
    """Makes the file, or says in a sentence why not."""
    asked = _parsed(arguments)
    try:
        render(asked)
    except Failure as failure:
        sys.exit(str(failure))


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "loss-surface render", description="Saves what an address shows as a file."
    )
    parser.add_argument("address", help='what the page shows: "?surface=ravine"')
    parser.add_argument(
        "file", type=Path, help=f"its ending is one of {', '.join(FORMATS)}"
    )
    parser.add_argument(
        "--what",
        default="page",
        help="page, map, scene, losses or another panel; of LaTeX, page or inside",
    )
    parser.add_argument(
        "--colours", choices=("light", "seen"), help="light, or as seen"
    )
    parser.add_argument(
        "--scale", choices=("1", "2", "4"), default="2", help="of a PNG"
    )
    parser.add_argument("--size", choices=SIZES, default=SIZES[0], help="of a film")
    parser.add_argument("--seconds", default="10", help="that a film takes")
    parser.add_argument("--fps", choices=RATES, help="frames a second of a film")
    parser.add_argument("--first", metavar="STEP", help="of a film or of LaTeX")
    parser.add_argument("--last", metavar="STEP", help="of a film or of LaTeX")
    parser.add_argument("--once", action="store_true", help="the film does not loop")
    parser.add_argument(
        "--target", default="numpy", help="of code: numpy, torch, optax or keras"
    )
    asked = parser.parse_args(arguments)
    asked.format = asked.file.suffix[1:].lower()
    if asked.format not in FORMATS:
        parser.error(f"the file ends in .{', .'.join(FORMATS)}")
    if not asked.file.resolve().parent.is_dir():
        parser.error(f"there is no folder {asked.file.resolve().parent}")
    asked.query = asked.address.partition("?")[2] or asked.address.lstrip("?")
    if "play=" not in asked.query and asked.format not in (*CODE, LATEX):
        asked.query += "&play=0"  # The step that it names is the one that is saved.
    return asked


def render(asked: argparse.Namespace) -> None:
    """Makes the file that is asked for.

    Raises:
        Failure: If that cannot be done.
    """
    if asked.format in CODE:
        _write(asked, _code_of)
        return
    if asked.format == LATEX:
        _write(asked, _latex_of)
        return
    _playwright()
    _setup_of(asked.query)
    with _app() as address:
        save_from(f"{address}/?{asked.query}", asked)


def save_from(address: str, asked: argparse.Namespace) -> None:
    """Has the page at an address save the file that is asked for.

    Raises:
        Failure: If that cannot be done.
    """
    playwright = _playwright()
    with playwright.sync_playwright() as driver:
        try:
            browser = _browser(driver)
            context = browser.new_context(viewport={"width": 1280, "height": 720})
            page = context.new_page()
            page.set_default_timeout(1000 * PATIENCE)
            page.goto(address)
            page.wait_for_selector(".player[data-pictures]")
            _save(page, asked)
            browser.close()
        except playwright.TimeoutError:
            raise Failure(
                "The page did not come so far; the address may show no race, or have "
                "no such panel."
            ) from None


def _setup_of(query: str) -> "Setup":
    """The setup of an address, read before anything is started for it.

    Raises:
        Failure: For the first thing that is wrong.
    """
    from views.setup import Setup

    setup, problems = Setup.parse(parse_qsl(query, keep_blank_values=True))
    if problems:
        raise Failure(problems[0][:1].upper() + problems[0][1:])
    return setup


def _write(
    asked: argparse.Namespace,
    text_of: Callable[[argparse.Namespace, "Setup", str], str],
) -> None:
    """Writes a race as a text.

    Raises:
        Failure: If it cannot be written.
    """
    query = asked.query
    if asked.format == LATEX and asked.last is not None:
        query = urlencode([*_without(query, "step"), ("step", asked.last)])
    setup = _setup_of(query)
    from views.stream import sentence

    page, named, _ = asked.address.partition("?")
    address = f"{(named and page) or LOCAL}?{setup.text}"
    try:
        text = text_of(asked, setup, address)
    except ValueError as error:
        raise Failure(sentence(error)) from None
    asked.file.write_text(text, "utf-8")


def _without(query: str, key: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query, keep_blank_values=True)
    return [pair for pair in pairs if pair[0] != key]


def _code_of(asked: argparse.Namespace, setup: "Setup", address: str) -> str:
    """A race as a script or as a notebook."""
    from views.code import notebook, parse_target, script

    write = script if asked.format == "py" else notebook
    return write(setup, parse_target([asked.target]), address)


def _latex_of(asked: argparse.Namespace, setup: "Setup", address: str) -> str:
    """A race as figures and a table, or the equations of a step."""
    from views.latex import entry_of, equations, figure, refuse_large, span_of
    from views.race import race_with, run_race

    if asked.what == "inside":
        return equations(run_race(setup, quantities={entry_of(setup)}), address)
    if asked.what != "page":
        raise Failure("LaTeX has the race, page, or the step of an optimizer, inside.")
    span = span_of(setup, [] if asked.first is None else [asked.first])
    refuse_large(setup, span)
    return figure(race_with(setup, lambda part: None, exact=True), address, span)


def _playwright() -> ModuleType:
    """The library that drives the browser.

    Raises:
        Failure: If it is not installed.
    """
    try:
        from playwright import sync_api
    except ImportError:
        raise Failure(
            "This needs Playwright: pip install playwright, then playwright install "
            "chromium."
        ) from None
    return sync_api


def _browser(driver: Any) -> Any:
    """A browser: one that is installed, or Playwright's own.

    Raises:
        Failure: If there is none.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    # A surface is drawn without a graphics card, too.
    options = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    sandbox = [] if sys.platform != "linux" or _unprivileged() else ["--no-sandbox"]
    try:
        return driver.chromium.launch(executable_path=found, args=options + sandbox)
    except Exception as error:
        if found or "Executable doesn't exist" not in str(error):
            raise Failure(f"The browser did not start: {error}") from None
        raise Failure(
            "This needs a browser: install Chromium, or run playwright install "
            "chromium."
        ) from None


def _unprivileged() -> bool:
    """Whether Chromium can keep to its sandbox: not as the administrator."""
    return os.geteuid() != 0


@contextmanager
def _app() -> Iterator[str]:
    """The app's address, while it runs on a free port.

    Raises:
        Failure: If it does not start.
    """
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true"}
    given = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "views.command", *given]
    running = subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _await(running, f"{address}/ready")
        yield address
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()


def _await(running: "subprocess.Popen[bytes]", address: str) -> None:
    end = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise Failure("The app did not start; try loss-surface by itself.")


def _save(page: Any, asked: argparse.Namespace) -> None:
    """Has the page save the file.

    Raises:
        Failure: With the page's own sentence.
    """
    film = asked.format in FILMS
    if not film and "step=" not in asked.query:
        page.locator(".player .scrub").evaluate(
            "(scrub) => { scrub.value = scrub.max;"
            " scrub.dispatchEvent(new Event('input', { bubbles: true })); }"
        )
    page.wait_for_selector(_SCENE, state="attached")
    page.get_by_test_id("save-race").select_option("film" if film else "picture")
    page.wait_for_selector(".picture-dialog[open][data-previewed]")
    what = page.get_by_test_id("picture-what")
    offered = what.locator("option").evaluate_all("(all) => all.map((o) => o.value)")
    if asked.what not in offered:
        raise Failure(f"The page shows no {asked.what}; it has {', '.join(offered)}.")
    what.select_option(asked.what)
    page.get_by_test_id("picture-format").select_option(asked.format)
    if asked.colours:
        page.get_by_test_id("picture-colours").select_option(asked.colours)
    if asked.format == "png":
        page.get_by_test_id("picture-scale").select_option(asked.scale)
    if film:
        _choose_film(page, asked)
    said = page.locator(".picture-dialog .said")
    downloads: list[Any] = []
    page.on("download", lambda download: downloads.append(download))
    page.get_by_test_id("picture-save").click()
    end = time.monotonic() + LONGEST
    while not downloads and time.monotonic() < end:
        page.wait_for_timeout(50)
        text = said.inner_text()
        if text.endswith(".") and not text.startswith("Saved"):
            raise Failure(text)
    if not downloads:
        raise Failure(f"The file was not there within {LONGEST:g} seconds.")
    downloads[0].save_as(asked.file)


def _choose_film(page: Any, asked: argparse.Namespace) -> None:
    size = "" if asked.size == "page" else asked.size.replace("x", " × ")
    page.get_by_test_id("film-size").select_option(size)
    if asked.fps:
        page.get_by_test_id("film-rate").select_option(asked.fps)
    texts = {"seconds": asked.seconds, "from": asked.first, "to": asked.last}
    for name, text in texts.items():
        if text is not None:
            page.get_by_test_id(f"film-{name}").fill(text)
    if asked.format != "mp4":
        page.get_by_test_id("film-loop").set_checked(not asked.once)
