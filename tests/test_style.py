"""The player's style sheet: what would cost a browser much."""

import re
from pathlib import Path

SHEET = Path(__file__).parents[1] / "views" / "player" / "style.css"
STRUCTURE = r":(?:first|last|only|nth)[\w-]*(?:child|of-type)\b|:empty\b"


def dear(text):
    """Selectors by which a change of any text styles all elements of a page anew.

    Chromium does so where the place of an element among others is asked for behind
    `:has()`: 3.7 ms a text with 800 elements, where 0.3 are usual.
    """
    rules = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    selectors = [
        part
        for found in re.findall(r"([^{}]+)\{", rules)
        for part in re.split(r",(?![^(]*\))", found)
    ]
    return [
        one.strip() for one in selectors if re.search(rf":has\(.*({STRUCTURE})", one)
    ]


def test_such_selectors_are_found():
    costly = ".story:has(+ .player) > :last-child"
    assert dear(f"/* a */ .a, {costly} {{ display: none; }} .b:last-child {{}}") == [
        costly
    ]
    assert dear(".list:has(.off) .card { flex-grow: 0; }") == []


def test_there_are_none():
    assert dear(SHEET.read_text("utf-8")) == []
