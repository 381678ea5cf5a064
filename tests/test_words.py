"""Words that were replaced do not come back; docs/words.md has those in use."""

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
    "Chance|own_chance": "NoiseAndWarmup, own_noise",
    "taken_apart": "scalarized",
    "SLOWER": "rest_tolerance",
    "raced_best": "confirmed_best",
    "room_of": "capacity",
    "rate_as": "default_rate_from",
    "Transient": "EphemeralLoss",
    "LASTING|SHAPES": "MAX_DECLARED",
    "RATED": "HAVE_LEARNING_RATE",
    "STUDIED|Studied": "STUDY_KEYS, StudyParams",
    "_GROUNDS|SWARMS": "_SURFACE_NAMES, START_LAYOUTS",
    "CAME": "STEP_OF_END",
    "Tell": "ProgressCallback",
    "_middle": "_mean_endpoint",
    "headed": "panel_title",
    "is_lucky": "is_isolated",
    "knobs|KNOBS": "params",
    "crowd|Crowd": "ensemble, or what the many do",
    "lit": "shade_by_time",
    "furnish": "createOverlays",
    "peek": "minibatch",
}
"""Names in code, and what took their place."""

IN_PYTHON = {
    "charted": "lists_all_critical_points",
    "_put": "_replace_run",
    "spread": "spaced, quantiles or max_deviation",
}
"""The same, of names that may be others in JavaScript or in prose."""

WORDS = {
    "told|tell|tells|telling": "what is called, returned, shown or sent",
    "nobody|somebody|whoever": "who it is: a visitor, a client, an operator",
    "ground": "the surface",
    "peek|furnish": "showMinibatch, createOverlays",
    "apart": "the spacing, the distance or the ratio",
    "calm": "stationary, or dark and low in saturation",
    "luck|lucky": "random, or isolated",
    "left to chance": "random",
    "came about|comes about|come about": "happened",
    "circling|bouncing|bounces|downhill": "oscillating, without progress, loss falling",
    "caught in": "trapped in",
    "held against|holds against": "compared with, plotted against",
    "weather": "step inputs",
    "chancy": "stochastic",
    "today": "at this step, or now",
    "flees|crown": "diverges; changes the winner",
    "the brighter, the sooner": "brighter = sooner",
    "past the memories": "decoupled from the moment estimates",
    "as suits it": "automatic",
    "set out": "start",
    "part ways": "split",
    "dell|a hair": "hollow, just",
    "to speak of": "visible",
    "ever smaller": "decreasing",
    "of the kind": "more problems",
    "is their mean worth|is it worth": "how good it is",
    "no marked place|not at a marked": "no marked minimum",
    "more, not marked": "others not marked",
    "does not rise": "must go from a lower number to a higher one",
    "out of range or no": "is not a",
    "to count as there": "counts as reached",
    "held to be good|held to be best": "counts as best",
    "rates apart": "ratio between rates",
    "red where it is lost": "runs that leave the domain are red",
    "leaves through the top": "losses above are clipped",
    "on the bar of colours": "outside the colour bar",
    "minimum to come near|minimum is known to arrive": "no known minimum",
    "not within these steps": "not reached",
    "shows no 3D here": "3D needs WebGL",
    "found only by who|by who steps": "only optimizers that step over them find",
    "their straight way": "straight for the minimum",
    "one axis at a time": "per-axis scaling",
    "stand in for each other": "compensate for each other",
    "minima not known": "minima unknown",
    "each drop multiplies|it ends at": "factor per drop, final factor",
    "how soon 1/t": "decay rate",
    "how often each rule": "number of updates per run",
    "is all of them": "full batch",
    "in any weather|one weather": "noise, step inputs",
    "how far a try goes|which tries": "step size and seed of the proposals",
    "comes into question": "qualifies",
}
"""Words and phrases that no file may have, and what to write in their place."""

QUOTED = {
    "views/old_names.py": "the names that addresses had",
    "tests/test_setup.py": "that addresses with these still open",
    "CHANGELOG.md": "that addresses with these still open",
}
"""Files that have the earlier address keys `luck` and `apart`, and why."""


@cache
def texts():
    """All texts by file, without the lists of what not to say."""
    lists = Path(__file__), ROOT / "docs" / "words.md"
    paths = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "app.py"]
    for folder in FOLDERS:
        paths += (ROOT / folder).rglob("*")
    found = {}
    for path in paths:
        kept = "node_modules" not in path.parts and path not in lists
        if kept and path.suffix in (".py", ".js", ".ts", ".css", ".md"):
            text = path.read_text("utf-8")
            found[path.relative_to(ROOT).as_posix()] = text
    assert len(found) > 200
    return found


@cache
def lowered():
    """The same in small letters."""
    return {name: text.lower() for name, text in texts().items()}


def places(pattern, ending="", flags=re.I, edge="a-zA-Z0-9-"):
    """Where words stand by themselves, or between underscores, as file:line.

    A comment or a string may be broken between two words.
    """
    alternatives = pattern.split("|")
    between = r"""\s+(?:(?:[#*]|f?"|//)\s*)*"""
    pattern = pattern.replace(" ", between)
    word = re.compile(rf"(?<![{edge}])(?:{pattern})(?![{edge}])", flags)
    # Looking for a part of each first is ten times as fast.
    parts = [re.findall("[a-z_]+", one.lower())[0] for one in alternatives]
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        for name, text in texts().items()
        if name.endswith(ending) and any(part in lowered()[name] for part in parts)
        for match in word.finditer(text)
    ]


@pytest.mark.parametrize(("old", "new"), NAMES.items())
def test_no_name_comes_back(old, new):
    assert places(old, flags=0, edge=r"\w-") == [], f"the name is {new}"


@pytest.mark.parametrize(("old", "new"), IN_PYTHON.items())
def test_no_name_comes_back_in_python(old, new):
    assert places(old, ".py", flags=0, edge=r"\w-") == [], f"the name is {new}"


@pytest.mark.parametrize(("old", "new"), WORDS.items())
def test_no_word_comes_back(old, new):
    found = {place.split(":")[0] for place in places(old)}
    if old in ("apart", "luck|lucky"):
        found -= set(QUOTED)
    assert found == set(), f"write {new}"


def test_what_is_quoted_is_there():
    assert {place.split(":")[0] for place in places("luck|apart")} == set(QUOTED)
