"""What is compiled before anybody asks."""

from types import SimpleNamespace

import pytest

from views import warm
from views.serving.settings import Settings


def test_compiling_ahead_waits_while_races_are_asked_for(monkeypatch):
    lanes = {name: SimpleNamespace(done=0) for name in ("short", "races", "first")}
    monkeypatch.setattr(warm, "SERVER", SimpleNamespace(**lanes))
    drags = iter(["short", "short", "races", "first"])
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if name := next(drags, None):
            lanes[name].done += 1

    monkeypatch.setattr(warm.time, "sleep", sleep)
    warm.wait_until_quiet()
    assert slept == [warm.QUIET] * 5, "one quiet second after the last of four"


@pytest.fixture
def seen(monkeypatch):
    """What is done in turn, without doing it."""
    seen = []
    monkeypatch.setattr(warm, "_run_once", seen.append)
    monkeypatch.setattr(warm, "wait_until_quiet", lambda: seen.append("quiet"))
    monkeypatch.setattr(warm, "zipped", lambda name: b"")
    monkeypatch.setattr(warm.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(warm.gc, "freeze", lambda: None)
    return seen


def test_each_surface_waits_for_that(seen):
    warm.warm_up()
    first, *others = seen
    assert first == warm.DEFAULT_SURFACE
    assert others == [one for key in warm.SURFACES for one in ("quiet", key)]


def test_the_first_surface_alone_where_no_more_is_wanted(seen, monkeypatch):
    monkeypatch.setattr(warm, "settings", lambda: Settings(ahead="first"))
    warm.warm_up()
    assert seen == [warm.DEFAULT_SURFACE]
