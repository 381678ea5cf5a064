"""The entries of a race: which rules run in it, the same one up to eight times.

An entry is named in the address: `adam` is the first of its rule, `adam~2` the second.
The name stands before its settings, `adam~2.lr`, and names its run, its card and its
arrays everywhere. `rule~1` to `rule~4` are rules that a reader types (own_rules.py):
what they are is in the values of a setup, so who asks for a rule hands those over.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from optim import OPTIMIZERS, Optimizer, typed_rule
from optim.typed import LABEL, label_of
from parameters.digits import digits
from surfaces import params
from views.own_rules import OWN, OWN_ENTRIES, is_own
from views.symbols import amid, plain
from views.theme import FURTHER, LOOKS, Look

MOST_ON = 8
"""Entries that one screen holds."""
MARK = "~"
"""What stands between a rule's key and which of its entries it is."""
MOST_NAMED = 2
"""Settings by which an entry is named: more have no room."""


Values = Mapping[str, Any]
"""Those of a setup, by address key."""
NOTHING_TYPED: Values = MappingProxyType({})


def rule_of(entry: str, values: Values = NOTHING_TYPED) -> Optimizer:
    """The rule that an entry runs.

    Args:
        entry: Its name.
        values: Of the setup, in which texts are that were typed.

    Raises:
        KeyError: If it is to be typed, and is not.
    """
    if not is_own(entry):
        return OPTIMIZERS[key_of(entry)]
    text, number = values[entry], number_of(entry)
    plain = number == 1 or label_of(text)
    return typed_rule(text, "" if plain else f"{LABEL} {number}")


def key_of(entry: str) -> str:
    """The key of the rule that an entry runs, as addresses have it."""
    return entry.partition(MARK)[0]


def number_of(entry: str) -> int:
    """Which entry of its rule it is, from 1."""
    return int(entry.partition(MARK)[2] or 1)


def is_entry(text: str) -> bool:
    """Whether a text names an entry that can be."""
    if is_own(text):
        return True
    key, mark, number = text.partition(MARK)
    numbers = map(str, range(2, MOST_ON + 1))
    return key in OPTIMIZERS and (number in numbers if mark else True)


def numbered(entry: str, values: Values, *, short: bool = False) -> str:
    """Its rule's name, and which of its entries it is if it is not the first."""
    rule, number = rule_of(entry, values), number_of(entry)
    label = (short and rule.short) or rule.label
    return f"{label} {number}" if number > 1 and not is_own(entry) else label


def has_rate(rule: Optimizer) -> bool:
    """Whether a rule has a learning rate."""
    return "lr" in rule.hypers._fields


def ordered(entries: Iterable[str]) -> tuple[str, ...]:
    """Entries in the order of their rules, those that were typed last."""
    rules = [*OPTIMIZERS, OWN]
    return tuple(sorted(entries, key=lambda e: (rules.index(key_of(e)), number_of(e))))


def further(entries: Iterable[str]) -> tuple[str, ...]:
    """Those that are not the first of their rule."""
    return tuple(entry for entry in entries if MARK in entry)


def next_of(entry: str, entries: Iterable[str]) -> str:
    """The name of one more entry of the same rule; empty if all are taken."""
    key, taken = key_of(entry), set(entries)
    more = tuple(f"{key}{MARK}{k}" for k in range(2, MOST_ON + 1))
    names = OWN_ENTRIES if is_own(entry) else (key, *more)
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
        own = LOOKS.get(key_of(entry))
        others = (Look(*look, own.short if own else "") for look in FURTHER)
        found[entry] = next(filter(free, (*([own] if own else []), *others)))
    return found


def names(
    entries: Iterable[str],
    hypers: Callable[[str], Any],
    own: Callable[[str], list[str]] = lambda _: [],
    *,
    values: Values = NOTHING_TYPED,
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
        values: Of the setup, in which texts are that were typed.
        short: Whether there is little room.
    """
    found: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for entry in ordered(entries):
        alike = values[entry] if is_own(entry) else key_of(entry)
        groups.setdefault(alike, []).append(entry)
    for alike in groups.values():
        rule = rule_of(alike[0], values)
        label = (rule.short or rule.label) if short else rule.label
        several = len(alike) > 1
        chosen = {entry: hypers(entry) for entry in alike} if several else {}
        for entry in alike:
            settings = _settings(rule, chosen, entry, short) if several else []
            words = ", ".join((settings + own(entry))[:MOST_NAMED])
            name = f"{label}{' ' if short else ', '}{words}" if words else label
            number, rest = number_of(entry), name.removeprefix(label)
            if not (several or number == 1 or is_own(entry)):
                name = f"{label} {number}{rest}"
            while name in found.values():
                number = max(2, number)
                name, number = f"{label} {number}{rest}", number + 1
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
            long = f"{amid(param.label)} {'on' if value else 'off'}"
            words.append(param.states[bool(value)] if short else long)
        else:
            words.append(f"{symbol} {digits(value)}")
    return words
