"""Settings described for the player's sliders and lists, as JSON values."""

from collections.abc import Iterable
from typing import Any

from views.entries import numbered
from views.setup import Setup
from views.symbols import plain


def number(setup: Setup, key: str) -> dict[str, Any]:
    """A number, for a slider."""
    setting = setup.fields[key]
    param = setting.param
    assert param is not None
    return {
        "key": key,
        "symbol": plain(param.symbol),
        "label": param.label,
        "low": param.low,
        "high": param.high,
        "scale": param.scale,
        "whole": param.whole,
        "meaning": param.meaning,
        "value": setup[key],
        "default": setting.default,
    }


def described_looks(setup: Setup, entries: Iterable[str]) -> list[dict[str, str]]:
    """How entries are drawn and called, as JSON values."""
    names, short, looks = setup.names, setup.short_names, setup.looks
    return [
        {
            "label": names.get(entry) or numbered(entry),
            "short": short.get(entry) or looks[entry].short,
            "colour": looks[entry].colour,
            "mark": looks[entry].mark,
        }
        for entry in entries
    ]


def choice(setup: Setup, key: str) -> dict[str, Any]:
    """One of a few, for a list."""
    setting = setup.fields[key]
    return {
        "key": key,
        "label": setting.label,
        "scale": "choice",
        "meaning": setting.meaning,
        "choices": setting.choices,
        "value": setup[key],
        "default": setting.default,
    }


def setting(setup: Setup, key: str) -> dict[str, Any]:
    """Either of them."""
    return (choice if setup.fields[key].choices else number)(setup, key)
