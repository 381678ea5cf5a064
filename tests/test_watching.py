"""Health, figures and logs: what an operator reads."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from benchmarks.server import free_port

ROOT = Path(__file__).parents[1]
PATIENCE = 60


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as answer:
            return answer.status, answer.read().decode(errors="replace")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")


@contextmanager
def running(*, log=subprocess.DEVNULL, **environment):
    """The port of the app, served as its users would."""
    port = free_port()
    words = ["-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
    process = subprocess.Popen(
        [sys.executable, *words, "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=log,
    )
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if get(port, "ready")[0] == 200:
                    break
            except (URLError, ConnectionError):
                pass
            assert time.monotonic() < end
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A server that is asked for a few things, its log, and its port of figures."""
    log = tmp_path_factory.mktemp("log") / "log"
    figures = free_port()
    with log.open("wb") as file:
        settings = {
            "VISUALIZER_METRICS": f"127.0.0.1:{figures}",
            "VISUALIZER_LOG": "json",
        }
        with running(log=file, **settings) as port:
            for path in ("race", "race?steps=50", "race?x=secret", "%00/..", "health"):
                get(port, path)
            yield port, figures, log


def test_health_and_readiness_are_said_in_words(watched):
    port, _, _ = watched
    assert get(port, "health") == (200, "The process answers.")
    assert get(port, "ready") == (200, "Races are computed.")


def test_figures_are_on_their_own_port_only(watched):
    port, figures, _ = watched
    status, text = get(figures, "metrics")
    assert status == 200
    assert "visualizer_" not in get(port, "metrics")[1]
    samples = dict(re.findall(r"^(visualizer_\S+) (\S+)$", text, re.MULTILINE))
    assert float(samples['visualizer_requests_total{route="/race",status="200"}']) >= 2
    assert float(samples['visualizer_requests_total{route="/race",status="400"}']) == 1
    assert float(samples['visualizer_request_seconds_count{route="/race"}']) >= 3
    assert float(samples['visualizer_done_total{lane="race"}']) >= 3
    assert float(samples["visualizer_compiled"]) >= 5
    assert float(samples["visualizer_memory_bytes"]) > 10**8
    for lane in ("race", "picture", "first", "study"):
        assert f'visualizer_waiting{{lane="{lane}"}}' in samples


def test_no_figure_says_what_was_asked(watched):
    text = get(watched[1], "metrics")[1]
    assert "secret" not in text
    assert set(re.findall(r'route="([^"]*)"', text)) <= {
        "/race", "/ready", "/health", "/landscape", "other",
    }  # fmt: skip


def test_each_request_is_a_line_of_json_without_address_or_setup(watched):
    text = watched[2].read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    races = [line for line in lines if line.get("route") == "/race"]
    assert [line["status"] for line in races[:3]] == [200, 200, 400]
    assert {"time", "level", "logger", "event", "milliseconds"} <= set(races[0])
    assert "secret" not in text
    assert "127.0.0.1" not in text


def test_figures_are_at_the_page_itself_where_that_is_asked_for():
    with running(VISUALIZER_METRICS="public") as port:
        status, text = get(port, "metrics")
    assert status == 200
    assert "visualizer_compiled" in text
