"""Settings described for the player's sliders and lists, as JSON values."""

from collections.abc import Iterable
from typing import Any

from optim import SCHEDULES
from optim.conditions import NoiseAndWarmup
from surfaces import params
from views.fields import start_params
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
            "label": names.get(entry) or setup.numbered(entry),
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


def own_conditions(setup: Setup, entry: str) -> list[dict[str, Any]]:
    """The conditions of one entry, for sliders and lists: its own, or the race's.

    Their default is what the race has, and `common` its key.
    """
    schedule = SCHEDULES[setup.of(entry, "schedule")]
    keys = (
        *(["batch"] if "batch" in setup.fields else []),
        "schedule",
        *(f"{schedule.key}.{name}" for name in params(schedule.hypers)),
        *NoiseAndWarmup._fields,
        "project",
    )
    owner = setup.numbered(entry)
    return [_start(setup, entry)] + [
        setting(setup, key)
        | {
            "key": own,
            "common": key,
            "owner": owner,
            "value": setup.of(entry, key),
            "default": setup[key],
        }
        for key in keys
        if (own := setup.own_key(entry, key))
    ]


def _start(setup: Setup, entry: str) -> dict[str, Any]:
    """The start of one entry, for two fields."""
    x, y = start_params(setup.declared_surface.domain)
    return {
        "key": setup.own_key(entry, "start"),
        "common": "start",
        "owner": setup.numbered(entry),
        "label": "Start",
        "scale": "pair",
        "meaning": "Where it begins: x, y.",
        "ranges": [[x.low, x.high], [y.low, y.high]],
        "value": list(setup.start_of(entry)),
        "default": list(setup["start"]),
    }


def setting(setup: Setup, key: str) -> dict[str, Any]:
    """Either of them."""
    return (choice if setup.fields[key].choices else number)(setup, key)
