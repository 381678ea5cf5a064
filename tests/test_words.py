"""Words that were replaced do not come back; the README's glossary has those in use."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("optim", "surfaces", "views", "benchmarks", "tests", "docs")

NAMES = {
    "Weather": "StepInputs",
    "weather": "step_inputs",
    "chancy": "is_stochastic",
    "Chance": "NoiseAndWarmup",
    "taken_apart": "scalarized",
    "raced_best": "confirmed_best",
    "room_of": "capacity",
    "rate_as": "default_rate_from",
    "Transient": "EphemeralLoss",
    "LASTING": "MAX_DECLARED",
    "RATED": "HAVE_LEARNING_RATE",
    "CAME": "STEP_OF_END",
    "Tell": "ProgressCallback",
    "_middle": "_mean_endpoint",
    "headed": "panel_title",
}
"""Names in code, and what took their place."""

WORDS = {
    "weather": "step inputs",
    "chancy": "stochastic",
    "today": "at this step, or now",
    "flees|crown": "diverges; changes the winner",
    "the brighter, the sooner": "brighter = sooner",
    "past the memories": "decoupled from the moment estimates",
    "caught in the local": "trapped in a local minimum",
}
"""Words that no file may have, and what to write in their place."""

PLAIN = ("views/serving", "benchmarks", "docs")
PLAIN_WORDS = {
    "told|tell|tells|telling": "what is called, returned, shown or sent",
    "apart": "the spacing or distance",
    "nobody|somebody|whoever": "who it is: a visitor, a client, an operator",
    "calm": "stationary",
    "ground": "the surface",
    "held against": "compared with",
}
"""Words that these folders may not have either."""


@cache
def lines():
    """All lines by file and number, without the glossary's list of what not to say."""
    paths = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "app.py"]
    for folder in FOLDERS:
        paths += (ROOT / folder).rglob("*")
    found = {}
    for path in paths:
        kept = "node_modules" not in path.parts and path != Path(__file__)
        if kept and path.suffix in (".py", ".js", ".md"):
            text = path.read_text("utf-8")
            text = re.sub(r"^### Words\n.*?^### ", "", text, flags=re.M | re.S)
            name = path.relative_to(ROOT).as_posix()
            found |= {(name, k): line for k, line in enumerate(text.splitlines(), 1)}
    assert len(found) > 10_000
    return found


def places(pattern, folders=("",), flags=re.I):
    """Where a word stands by itself, as file:line."""
    word = re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", flags)
    return [
        f"{name}:{number}"
        for (name, number), line in lines().items()
        if name.startswith(folders) and word.search(line)
    ]


@pytest.mark.parametrize(("old", "new"), NAMES.items())
def test_no_name_comes_back(old, new):
    assert places(old, flags=0) == [], f"the name is {new}"


@pytest.mark.parametrize(("old", "new"), WORDS.items())
def test_no_word_comes_back(old, new):
    assert places(old) == [], f"write {new}"


@pytest.mark.parametrize(("old", "new"), PLAIN_WORDS.items())
def test_no_word_comes_back_where_all_are_gone(old, new):
    assert places(old, PLAIN) == [], f"write {new}"
