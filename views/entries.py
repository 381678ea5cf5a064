"""The entries of a race: which rules run in it, the same one up to eight times.

An entry is named in the address: `adam` is the first of its rule, `adam~2` the second.
The name stands before its settings, `adam~2.lr`, and names its run, its card and its
arrays everywhere.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from optim import OPTIMIZERS, Optimizer
from surfaces import params
from views.symbols import plain
from views.theme import FURTHER, LOOKS, Look

MOST_ON = 8
"""Entries that one screen holds."""
MARK = "~"
"""What stands between a rule's key and which of its entries it is."""
MOST_NAMED = 2
"""Settings by which an entry is named: more have no room."""


def rule_of(entry: str) -> Optimizer:
    """The rule that an entry runs."""
    return OPTIMIZERS[entry.partition(MARK)[0]]


def number_of(entry: str) -> int:
    """Which entry of its rule it is, from 1."""
    return int(entry.partition(MARK)[2] or 1)


def is_entry(text: str) -> bool:
    """Whether a text names an entry that can be."""
    key, mark, number = text.partition(MARK)
    numbers = map(str, range(2, MOST_ON + 1))
    return key in OPTIMIZERS and (number in numbers if mark else True)


def numbered(entry: str, *, short: bool = False) -> str:
    """Its rule's name, and which of its entries it is if it is not the first."""
    rule, number = rule_of(entry), number_of(entry)
    label = (short and rule.short) or rule.label
    return f"{label}{f' {number}' if number > 1 else ''}"


def has_rate(entry: str) -> bool:
    """Whether its rule has a learning rate."""
    return "lr" in rule_of(entry).hypers._fields


def ordered(entries: Iterable[str]) -> tuple[str, ...]:
    """Entries in the order of their rules."""
    rules = list(OPTIMIZERS)
    return tuple(
        sorted(entries, key=lambda e: (rules.index(rule_of(e).key), number_of(e)))
    )


def further(entries: Iterable[str]) -> tuple[str, ...]:
    """Those that are not the first of their rule."""
    return tuple(entry for entry in entries if MARK in entry)


def next_of(entry: str, entries: Iterable[str]) -> str:
    """The name of one more entry of the same rule; empty if all are taken."""
    key, taken = rule_of(entry).key, set(entries)
    names = (key, *(f"{key}{MARK}{k}" for k in range(2, MOST_ON + 1)))
    return next((name for name in names if name not in taken), "")


def looks(entries: Iterable[str]) -> dict[str, Look]:
    """How each entry is drawn.

    The first of a rule looks alike in every race, so that pages can be compared; where
    another has that look already, and for further entries, the next that is free.
    """
    entries = ordered(entries)
    found: dict[str, Look] = {}

    def free(look: Look) -> bool:
        return all(look.colour != other.colour for other in found.values())

    firsts = [entry for entry in entries if MARK not in entry]
    for entry in (*firsts, *further(entries)):
        own = LOOKS[rule_of(entry).key]
        others = (Look(*look, own.short) for look in FURTHER)
        found[entry] = next(filter(free, (own, *others)))
    return found


def names(
    entries: Iterable[str],
    hypers: Callable[[str], Any],
    own: Callable[[str], list[str]] = lambda _: [],
    *,
    short: bool = False,
) -> dict[str, str]:
    """What each entry is called: its rule, and in what it differs from others of it.

    Where those of a rule differ in one value, each has it in its name; else each but
    the first has that in which it differs from the first. Conditions of its own are in
    the name too, since the race's are shown as those of all.

    Args:
        entries: All that run.
        hypers: From an entry to its hyperparameters.
        own: From an entry to its own conditions, in words.
        short: Whether there is little room.
    """
    found: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for entry in ordered(entries):
        groups.setdefault(rule_of(entry).key, []).append(entry)
    for key, alike in groups.items():
        rule = OPTIMIZERS[key]
        label = (rule.short or rule.label) if short else rule.label
        several = len(alike) > 1
        values = {entry: hypers(entry) for entry in alike} if several else {}
        for entry in alike:
            settings = _settings(rule, values, entry, short) if several else []
            words = ", ".join((settings + own(entry))[:MOST_NAMED])
            name = f"{label}{' ' if short else ', '}{words}" if words else label
            if name in found.values() or not (several or number_of(entry) == 1):
                name = f"{label} {number_of(entry)}" + name.removeprefix(label)
            found[entry] = name
    return found


def _settings(
    rule: Optimizer, values: Mapping[str, Any], entry: str, short: bool
) -> list[str]:
    """In which hyperparameters an entry differs from others of its rule, in words."""
    first, this = next(iter(values.values())), values[entry]
    declared = params(rule.hypers)

    def differ(hypers: Iterable[Any]) -> list[str]:
        return [
            name for name in declared if len({getattr(h, name) for h in hypers}) > 1
        ]

    several = differ(values.values())
    words = []
    for name in several if len(several) == 1 else differ((first, this)):
        param, value = declared[name], getattr(this, name)
        symbol = plain(param.symbol)
        if param.scale == "switch":
            what = symbol if short else param.label.lower()
            words.append(f"{what} {'on' if value else 'off'}")
        else:
            words.append(f"{symbol} {value:g}")
    return words
