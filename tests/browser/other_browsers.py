"""Firefox and WebKit as Debian has them, driven by their own protocols.

Playwright drives builds of its own of both, which only it distributes. Firefox itself
speaks WebDriver BiDi, WebKitGTK's driver the classic WebDriver: W3C, "WebDriver BiDi"
and "WebDriver".
"""

import base64
import contextlib
import io
import itertools
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import warnings
from functools import wraps
from glob import glob

import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

PATIENCE = 60  # seconds until something counts as never there
SIZE = (1280, 720)


def program(name, package, where=""):
    """The path of a program; what is missing is installed, if that is possible."""

    def found():
        return shutil.which(name) or next(iter(sorted(glob(where))), None)

    if path := found():
        return path
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", package]):
            subprocess.run(["apt-get", *command], stdin=subprocess.DEVNULL, check=False)
        if path := found():
            return path
    pytest.fail(f"These tests need {name}: install it, on Debian as {package}.")


def free_port():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def eventually(attempt):
    """What an attempt gives, as soon as it does not fail."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class OtherBrowser:
    """A browser with one page: the little of it that smoke tests need."""

    def __init__(self):
        self.stack = contextlib.ExitStack()

    def lives(self):
        """Whether its page still answers; one that crashed or hangs does not."""
        try:
            return self.js("1") == 1
        except (OSError, AssertionError, WebSocketException):
            return False

    def start(self, *command, **environment):
        process = subprocess.Popen(
            command,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.stack.callback(process.wait, 20)
        self.stack.callback(process.terminate)
        return process

    def close(self):
        self.stack.close()

    def until(self, condition):
        """Waits until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.js(f"Boolean({condition})"):
            assert time.monotonic() < end, f"it never came: {condition}"
            time.sleep(0.1)

    def shot(self, selector):
        """The pixels of an element, (height, width, 3)."""
        box = self.js(
            "(({ left, top, width, height }) => [left, top, width, height])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        picture = Image.open(io.BytesIO(base64.b64decode(self.picture())))
        left, top, width, height = map(round, box)
        part = picture.convert("RGB").crop((left, top, left + width, top + height))
        return np.asarray(part).astype(int)


class Browsers:
    """One browser for many tests; after a crash the next test gets a fresh one."""

    def __init__(self, kind, folders):
        self.kind, self.folders, self.browser = kind, folders, None

    def get(self):
        if self.browser and not self.browser.lives():
            self.close()
        if not self.browser:
            self.browser = self.kind(self.folders.mktemp("profile"))
        return self.browser

    def close(self):
        if self.browser:
            with contextlib.suppress(
                OSError, subprocess.SubprocessError, WebSocketException
            ):
                self.browser.close()
        self.browser = None


def again_after_a_crash(test):
    """A test that runs once more, in a fresh browser, where the browser itself crashed.

    Debian's WebKit did so once, in a drag that it passed 150 other times. A page that
    fails while its browser lives fails at once; a page that crashes it fails as well,
    for it does so both times.
    """

    @wraps(test)
    def run(other, **rest):
        browser = other.get()
        try:
            return test(other=browser, **rest)
        except Exception as error:
            if browser.lives():
                raise
            warnings.warn(f"{other.kind.__name__} crashed: {error}", stacklevel=2)
        return test(other=other.get(), **rest)

    return run


class Firefox(OtherBrowser):
    """Firefox, by WebDriver BiDi."""

    def __init__(self, folder):
        super().__init__()
        path = program("firefox-esr", "firefox-esr")
        port = free_port()
        self.start(
            path,
            *("--headless", "--no-remote", "--profile", str(folder)),
            *("--width", str(SIZE[0]), "--height", str(SIZE[1])),
            *("--remote-debugging-port", str(port)),
        )
        self.socket = self.stack.enter_context(
            eventually(
                lambda: connect(f"ws://localhost:{port}/session", max_size=2**26)
            )
        )
        self.numbers = itertools.count(1)
        self.errors = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        (context,) = self.ask("browsingContext.getTree")["contexts"]
        self.context = context["context"]
        self.ask(
            "browsingContext.setViewport",
            context=self.context,
            viewport={"width": SIZE[0], "height": SIZE[1]},
        )

    def ask(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv(PATIENCE))
            if answer.get("method") == "log.entryAdded":
                entry = answer["params"]
                if entry["level"] == "error":
                    self.errors.append(entry["text"])
            elif answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, address):
        self.ask(
            "browsingContext.navigate",
            context=self.context,
            url=address,
            wait="complete",
        )

    def js(self, expression):
        answer = self.ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"].get("value", "null"))

    def picture(self):
        return self.ask("browsingContext.captureScreenshot", context=self.context)[
            "data"
        ]


class WebKit(OtherBrowser):
    """WebKitGTK, by WebDriver, on a screen of its own."""

    errors = ()  # the driver does not say

    def __init__(self, folder):
        super().__init__()
        driver = program("WebKitWebDriver", "webkit2gtk-driver")
        window = program(
            "MiniBrowser", "webkit2gtk-driver", "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
        )
        number = 99 + os.getpid() % 1000
        self.start(
            program("Xvfb", "xvfb"), f":{number}", "-screen", "0", "1400x1000x24"
        )
        port = free_port()
        self.start(driver, f"--port={port}", DISPLAY=f":{number}", HOME=str(folder))
        self.base = f"http://localhost:{port}/session"
        options = {"binary": window, "args": ["--automation"]}
        session = eventually(
            lambda: self.ask(
                "",
                capabilities={"alwaysMatch": {"webkitgtk:browserOptions": options}},
            )
        )
        self.base += f"/{session['sessionId']}"
        self.stack.callback(self.ask, "", method="DELETE")
        self.ask("/window/rect", width=SIZE[0] + 20, height=SIZE[1] + 100)

    def ask(self, path, method="POST", **params):
        request = urllib.request.Request(
            self.base + path,
            None if method != "POST" else json.dumps(params).encode(),
            {"content-type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise OSError(f"{path} got {error.code}: {error.read()!r}") from error

    def open(self, address):
        self.ask("/url", url=address)

    def js(self, expression):
        script = (
            "const done = arguments[arguments.length - 1];"
            f"(async () => done(JSON.stringify(await ({expression}))))()"
            ".catch((error) => done(JSON.stringify({ failed: String(error) })));"
        )
        found = json.loads(self.ask("/execute/async", script=script, args=[]) or "null")
        assert not (isinstance(found, dict) and "failed" in found), found
        return found

    def picture(self):
        return self.ask("/screenshot", method="GET")
