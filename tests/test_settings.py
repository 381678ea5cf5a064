"""What an operator may set."""

import subprocess
import sys
from pathlib import Path

import pytest

from surfaces import Param
from views.serving.server import serve_within
from views.serving.settings import PREFIX, Settings, declared, read

ROOT = Path(__file__).parents[1]


NUMBERS = {name: one for name, one in declared().items() if isinstance(one, Param)}


def test_without_any_variable_all_is_as_declared():
    assert read({"PATH": "/bin"}) == Settings()
    for name, param in NUMBERS.items():
        assert param.check(Settings._field_defaults[name])


@pytest.mark.parametrize("name", NUMBERS)
def test_each_can_be_set_and_wrong_values_are_refused_in_one_sentence(name):
    param = NUMBERS[name]
    assert (
        getattr(read({PREFIX + name.upper(): str(int(param.low))}), name) == param.low
    )
    for wrong in ("", "x", "1.5", "-1", str(int(param.high) + 1), "١", " 5"):
        with pytest.raises(ValueError, match=r"^VISUALIZER_") as refused:
            read({PREFIX + name.upper(): wrong})
        sentence = str(refused.value)
        assert param.allowed in sentence
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("embed", ["", "*", "https://a.example self"], ["a b", "https://", "x"]),
        ("metrics", ["", "public", "127.0.0.1:9464"], ["9464", "here", "a:0", "a:1e3"]),
        ("log", ["", "json"], ["JSON", "yes"]),
        ("ahead", ["all", "first"], ["", "none", "ALL"]),
        ("redis", ["", "redis://here:6379/0"], ["here", "http://here", "redis://"]),
    ],
)
def test_words_are_refused_in_one_sentence_too(name, right, wrong):
    for text in right:
        assert getattr(read({PREFIX + name.upper(): text}), name) == text
    for text in wrong:
        with pytest.raises(ValueError, match=f"^{PREFIX}{name.upper()} ") as refused:
            read({PREFIX + name.upper(): text})
        assert str(refused.value).count(".") <= 4
        assert "allowed" in str(refused.value)


def test_a_wrong_setting_ends_the_start_with_its_sentence():
    done = subprocess.run(
        [sys.executable, "-c", "import views.routes"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "VISUALIZER_QUEUE": "many\nof them"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "VISUALIZER_QUEUE “many?of them” is not a whole number; allowed is a whole "
        "number from 1 to 10000."
    )


def test_every_setting_reaches_what_it_is_of(monkeypatch):
    from surfaces.budget import STORE

    monkeypatch.setattr(STORE, "budget", type(STORE.budget)())
    values = {name: 17 + k for k, name in enumerate(NUMBERS)}
    server = serve_within(Settings(**values))
    limits = server.limits
    assert STORE.budget.memory == values["memory"] * 10**6
    assert STORE.budget.mappings == values["mappings"]
    assert {lane.most for lane in server.lanes} == {values["queue"]}
    assert server.races._threads == values["races"]
    assert server.outbox.limit == limits.unsent_bytes == values["unsent"] * 10**6
    assert limits.most_connections == values["connections"]
    assert limits.header_timeout == values["header_seconds"]
    assert limits.keep_alive == values["idle_seconds"]
    assert limits.write_timeout == values["write_seconds"]


def test_the_docs_list_every_setting_with_its_default():
    text = (ROOT / "docs" / "serving.md").read_text("utf-8")
    for name, default in Settings._field_defaults.items():
        shown = f"{default:,}" if isinstance(default, int) else default or "–"
        assert f"| `{PREFIX}{name.upper()}` | {shown} |" in text, name
