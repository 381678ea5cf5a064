"""What is imported when, and what happens where that fails."""

import asyncio
import gc
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from views import start

ROOT = Path(__file__).parents[1]


@pytest.fixture
def imports(monkeypatch):
    """Replaces what is imported, for a process that has imported nothing yet."""
    monkeypatch.setattr(start, "_loading", None)
    frozen = []
    monkeypatch.setattr(start.gc, "freeze", lambda: frozen.append(gc.isenabled()))

    def replace(how):
        monkeypatch.setattr(start, "import_module", how)
        return frozen

    yield replace
    assert gc.isenabled()


def modules_after(code, *names):
    """Which of these modules a new process has imported after it has run some code."""
    report = f"import sys; print([one for one in {names} if one in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


def test_the_server_answers_before_the_slow_imports():
    assert modules_after("import app", "jax", "surfaces", "optim", "views.page") == "[]"


def test_a_page_needs_no_data_frames_and_no_scipy():
    code = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("app.py", default_timeout=100).run()
assert not page.exception and page.get("bidi_component"), page
page.button[0].click().run()
"""
    names = "jax", "pandas", "pyarrow", "scipy"
    assert modules_after(code, *names) == "['jax']"


def test_it_is_imported_once_and_all_wait_for_it(imports):
    go, began = threading.Event(), []

    def slowly(name):
        began.append(name)
        go.wait(60)
        return SimpleNamespace(keep_compilations=lambda: began.append("kept"))

    frozen = imports(slowly)
    first = start.load(keep=True)

    async def given_up():
        task = asyncio.create_task(start.loaded())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(given_up())
    assert start.load() is first
    assert not first.done()
    go.set()
    assert asyncio.run(start.loaded()) is first.result(60)
    assert began == ["views.loaded", "kept"]
    assert frozen == [False], "nothing is looked at on the way"


def test_what_cannot_be_imported_ends_the_server(imports, monkeypatch, caplog):
    def fails(name):
        raise ImportError("no such thing")

    imports(fails)
    server, stopped = SimpleNamespace(should_exit=False), threading.Event()

    def running():
        stopped.set()
        return server

    monkeypatch.setattr(start, "running_server", running)

    async def run():
        async with start.warming(None):
            await asyncio.to_thread(stopped.wait, 60)
            with pytest.raises(ImportError, match="no such thing"):
                await start.loaded()

    asyncio.run(run())
    assert server.should_exit
    assert "could not be imported" in caplog.text
