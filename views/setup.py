"""Everything the page shows, as one frozen value with one parser and one printer.

A setup is a surface and the values that differ from what that surface recommends.
Those differences are what the address holds, so a default page has a short address,
and they are what a person holds on to when the surface changes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from optim import SCHEDULES, Conditions, Optimizer
from optim.conditions import NoiseAndWarmup
from optim.typed.size import check
from surfaces import (
    SURFACES,
    Domain,
    FormulaError,
    Surface,
    regularized,
    typed_surface,
)
from surfaces.base import MOST_SAMPLES
from surfaces.typed import at_params
from views import old_names
from views.entries import (
    MARK,
    further,
    has_rate,
    is_entry,
    key_of,
    looks,
    names,
    numbered,
    ordered,
    rule_of,
)
from views.fields import (
    DEFAULT_SURFACE,
    OF_OWN,
    OF_THE_PAGE,
    OWN_SETTINGS,
    SHOWN,
    TYPED,
    Field,
    fields,
    own_key,
)
from views.lessons import (
    LessonPage,
    lesson_of,
    page_of,
    parse_lesson,
    parse_page,
)
from views.long_texts import is_kept, printed
from views.own_data import DATA, sides_of, surface_of
from views.own_grid import GRID
from views.own_grid import surface_of as surface_of_grid
from views.own_rules import OWN_ENTRIES, is_own, typed
from views.theme import LOOKS, Look

FOREIGN = frozenset(
    {
        *("embed", "embed_options"),
        *("fbclid", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "msclkid"),
        *("twclid", "ttclid", "yclid", "igshid", "li_fat_id", "ref_src"),
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "_ga", "_gl"),
        *("forceview", "module_item_id"),
    }
)
"""Keys that Streamlit, mail, search engines and course systems hang on a link."""
FOREIGN_PREFIX = "utm_"
UNCONCERNED = frozenset({"on", *SHOWN})
"""Settings on which no run of a single entry depends."""
_TEXTS = frozenset({DATA, GRID})
"""Settings that may hold a long text."""
_OF_TABLE, _OF_GRID = "Your data: ", "Your grid"
MOST_PAIRS = 300
"""More than any page needs; what an address holds beyond is not read."""


def _with_lesson(changes: Mapping[str, str]) -> dict[str, str]:
    """What an address says, with the race of its lesson's page if it has none."""
    page = _page_of(changes) if changes.keys() <= set(SHOWN) else None
    return (dict(page.pairs) if page else {}) | dict(changes)


def _page_of(changes: Mapping[str, str]) -> LessonPage | None:
    """The page of a lesson that texts name; None where they name none."""
    try:
        lesson = parse_lesson(changes.get("lesson", ""))
        return page_of(lesson, parse_page(changes.get("page", "1")))
    except ValueError:
        return None  # It is said where each setting is read.


def _shown(text: str) -> str:
    """Text from outside, made fit to be quoted in a sentence."""
    tidy = "".join(c if c.isprintable() else "?" for c in text[:41])
    return f"“{tidy[:40]}…”" if len(text) > 40 else f"“{tidy}”"


def wrong(key: str, text: str | None, error: ValueError) -> str:
    """The sentence about a setting that is wrong."""
    if key == DATA:  # A table is too long to be quoted.
        return f"{_OF_TABLE}{error}."
    if key == GRID:
        return f"{_OF_GRID} {error}."
    colon = ":" if isinstance(error, FormulaError) else ""
    quoted = text or ""
    if is_own(key):  # A rule's lines may end by a semicolon as well.
        quoted = quoted.replace("\n", "; ")
    sentence = f"{key} {_shown(quoted)}{colon} {error}"
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def is_of_table(sentence: str) -> bool:
    """Whether a sentence about what is wrong is about a reader's table or grid."""
    return sentence.startswith((_OF_TABLE, _OF_GRID))


def _foreign(key: str) -> bool:
    """Whether a key is none of ours, and none that a person has typed."""
    return key.lower() in FOREIGN or key.lower().startswith(FOREIGN_PREFIX)


def _unknown(key: str) -> str:
    return (
        f"{_shown(key)} is not a setting of this page; settings are surface, start, "
        "steps, on, view, lr and, for example, adam.lr."
    )


@dataclass(frozen=True)
class Setup:
    """Everything the page shows.

    Attributes:
        surface_key: Which surface.
        values: By address key, what differs from the surface's recommendation.
    """

    surface_key: str = DEFAULT_SURFACE
    values: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def parse(pairs: Iterable[tuple[str, str]]) -> tuple["Setup", tuple[str, ...]]:
        """Reads a setup from the pairs of an address, keeping what is right.

        Args:
            pairs: Keys and texts, as they stand in the address. What others have hung
                on it, to follow who opens it, is passed over.

        Returns:
            The setup, with defaults for whatever is wrong, and a sentence for each
            thing that is.
        """
        pairs = [pair for pair in pairs if not _foreign(pair[0])]
        problems = []
        if len(pairs) > MOST_PAIRS:
            problems.append(
                f"The address holds {len(pairs)} settings; only the first {MOST_PAIRS} "
                "are read."
            )
        changes: dict[str, str] = {}
        for name, text in pairs[:MOST_PAIRS]:
            key = old_names.KEYS.get(name, name)
            if key in changes:
                problems.append(
                    f"{_shown(name)} is given more than once; only the first counts."
                )
            else:
                changes[key] = text
        setup, more = Setup()._edited(_with_lesson(changes))
        return setup, (*problems, *more)

    def edited(
        self, changes: Mapping[str, str | None]
    ) -> tuple["Setup", tuple[str, ...]]:
        """The setup after some changes; each that is wrong leaves its value alone.

        Another page of a lesson brings its race: all else is as it is there, but for
        the page's own settings (`OF_THE_PAGE`), which stay.

        Args:
            changes: By address key, the new text, or None to go back to the default.

        Returns:
            The setup, and a sentence for each change that is wrong.
        """
        now = {"lesson": self["lesson"], "page": str(self["page"])}
        wanted = {key: changes.get(key) or now[key] for key in now}
        turns = any(changes.get(key) for key in now)
        if not turns or _page_of(wanted) is None:
            return self._edited(changes)
        prepared = {
            key: self.fields[key].format(self[key])
            for key in OF_THE_PAGE
            if key in self.values
        }
        turned, problems = Setup.parse((wanted | prepared).items())
        rest = {key: text for key, text in changes.items() if key not in wanted}
        setup, more = turned._edited(rest)
        return setup, (*problems, *more)

    def _edited(
        self, changes: Mapping[str, str | None]
    ) -> tuple["Setup", tuple[str, ...]]:
        setup, problems = self._on(changes)
        # What is recommended may depend on the surface's parameters, and which settings
        # there are on what runs: they come first.
        first = (*setup.declared_surface.params._fields, *OWN_ENTRIES)
        places = {key: k for k, key in enumerate((*first, "on"))}
        for key in sorted(changes, key=lambda key: places.get(key, len(places))):
            text = changes[key]
            known = setup.fields
            if key == "surface" or (key in OF_OWN and key in known):
                continue
            if key not in known:
                entry, _, name = key.rpartition(".")
                on = not entry or entry in setup["on"]
                if name == "batch" and on and is_entry(entry or "adam"):
                    where = "surfaces made of data"
                    if setup.declared_surface.data:
                        where = f"data of at most {MOST_SAMPLES} rows"
                    problems.append(f"{_shown(key)} is only a setting on {where}.")
                elif not is_entry(entry) or MARK not in entry or on:
                    problems.append(_unknown(key))
                elif text is not None:
                    needs = "has a text" if is_own(entry) else "is on"
                    problems.append(
                        f"{_shown(key)} is only a setting while {entry} {needs}."
                    )
                continue
            setting = known[key]
            try:
                value = setting.default if text is None else setting.parse(text)
            except ValueError as error:
                problems.append(wrong(key, text, error))
            else:
                if key == "on":
                    value, more = setup._with_texts(value, changes)
                    problems += more
                setup = setup._with(setting, value)
        setup, more = setup._opened()
        setup, most = setup._bounded()
        return setup, tuple(dict.fromkeys((*problems, *more, *most)))

    def _with_texts(
        self, on: tuple[str, ...], changes: Mapping[str, str | None]
    ) -> tuple[tuple[str, ...], list[str]]:
        """The entries that can run, and what is wrong with others: they have no text.

        Where a text was given and is wrong, that is said already.
        """
        lacking = [entry for entry in on if is_own(entry) and entry not in self.values]
        problems = [
            f"on names {entry}, which has no text; a text is, for example, "
            f"{entry}=w = w - alpha*g."
            for entry in lacking
            if not changes.get(entry)
        ]
        return tuple(entry for entry in on if entry not in lacking), problems

    def _bounded(self) -> tuple["Setup", list[str]]:
        """The setup without typed rules whose steps are too long here, and why."""
        long: dict[str, str] = {}
        for entry in filter(is_own, self["on"]):
            try:
                check(self.rule(entry), self.declared_surface)
            except FormulaError as error:
                long[entry] = wrong(entry, self[entry], error)
        if not long:
            return self, []
        on = tuple(entry for entry in self["on"] if entry not in long)
        return self._with(self.fields["on"], on), list(long.values())

    def _opened(self) -> tuple["Setup", list[str]]:
        """The setup with a page that there is, and what is wrong with another."""
        key, page, known = self["lesson"], self["page"], self.fields
        lesson = lesson_of(key)
        if not key or (lesson and page <= len(lesson.pages)):
            return self, []
        setup = self._with(known["page"], 1)
        if lesson:
            error = ValueError(
                f"is beyond its last; allowed is 1 to {len(lesson.pages)}"
            )
            return setup, [wrong("page", str(page), error)]
        try:
            parse_lesson(key)
        except ValueError as error:  # It was there when it was opened.
            return setup._with(known["lesson"], ""), [wrong("lesson", key, error)]
        return setup, []

    def _on(self, changes: Mapping[str, str | None]) -> tuple["Setup", list[str]]:
        """The setup on the surface that the changes lead to, and what is wrong.

        The surface comes first: ranges and defaults of other settings are its own.
        What a reader types of one only makes sense together.
        """
        setup, problems, typed = self, [], {}
        for key in ("surface", *OF_OWN):
            if key not in changes or key not in setup.fields:
                continue
            setting, text = setup.fields[key], changes[key]
            try:
                value = setting.default if text is None else setting.parse(text)
            except ValueError as error:
                problems.append(wrong(key, text, error))
                continue
            if key == "surface":
                setup = setup._moved(value, {})
            else:
                typed[key] = value
        if typed:
            try:
                setup = setup._moved(setup.surface_key, typed)
            except ValueError as error:
                own = setup._own_settings(setup.surface_key, typed)
                key = getattr(error, "key", "f" if "f" in own else "predict")
                problems.append(wrong(key, own[key], error))
        return setup, problems

    def _with(self, setting: Field, value: Any) -> "Setup":
        values = {k: v for k, v in self.values.items() if k != setting.key}
        if value != setting.default:
            values[setting.key] = value
        changed = replace(self, values=values)
        return changed._tidied() if setting.key in ("on", *OWN_ENTRIES) else changed

    def _tidied(self) -> "Setup":
        """Without the settings of entries that run no longer, or are others now."""
        values = dict(self.values)
        if any(is_own(entry) and entry not in values for entry in values.get("on", ())):
            values["on"] = self._with_texts(values["on"], {})[0]
        known = replace(self, values=values).fields
        kept = {
            key: value
            for key, value in values.items()
            if key in known and known[key].allows(value)
        }
        return self if kept == self.values else replace(self, values=kept)

    def _own_settings(self, key: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The settings that only a surface of one's own has, after changes."""
        values = self.values if key == self.surface_key else {}
        return {
            name: changes.get(name, values.get(name, default))
            for name, default in OWN_SETTINGS.get(key, {}).items()
        }

    def _moved(self, key: str, typed: Mapping[str, Any]) -> "Setup":
        """The setup on another surface, with what the reader holds on to."""
        chosen = {
            name: value
            for name, value in self._own_settings(key, typed).items()
            if value != OWN_SETTINGS[key][name]
        }
        # On what runs depends which settings there are.
        runs = {k: self.values[k] for k in ("on", *OWN_ENTRIES) if k in self.values}
        moved = Setup(key, chosen | runs)
        if key == self.surface_key and moved.declared_surface is self.declared_surface:
            return self
        old, new = self.fields, moved.fields
        both_typed = key == self.surface_key == TYPED
        own = set(moved.declared_surface.params._fields) if both_typed else set()
        held = {
            name: value
            for name, value in self.values.items()
            if (old[name].survives_surface_change or name in own)
            and value != new[name].default
            and new[name].allows(value)
        }
        return Setup(key, chosen | held)

    def pairs(self) -> list[tuple[str, str]]:
        """The keys and texts of the address, defaults left out."""
        chosen = dict(self.values)
        # Without any race in the address, a lesson's page would bring its own.
        bare = "lesson" in chosen and chosen.keys() <= set(SHOWN)
        if self.surface_key != DEFAULT_SURFACE or bare:
            chosen["surface"] = self.surface_key
        if self.surface_key == DATA and is_kept(self["data"]):
            chosen |= sides_of(self.declared_surface)
        return [
            (key, setting.format(chosen[key]))
            for key, setting in self.fields.items()
            if key in chosen
        ]

    @property
    def query(self) -> str:
        """The query part of the address."""
        return urlencode(self.pairs(), safe=",")

    @property
    def text(self) -> str:
        """The query, never empty: where all is by default, the surface is named."""
        return self.query or f"surface={self.surface_key}"

    def __getitem__(self, key: str) -> Any:
        """The value of a setting, chosen or default."""
        return self.values.get(key, self.fields[key].default)

    @property
    def declared_surface(self) -> Surface:
        """The surface as declared or typed, with its parameters at their defaults."""
        own = self._own_settings(self.surface_key, {})
        if self.surface_key == TYPED:
            return typed_surface(own["f"], Domain(*own["x"], *own["y"]))
        if self.surface_key == DATA:
            return surface_of(own)
        if self.surface_key == GRID:
            return surface_of_grid(own["grid"])
        return SURFACES[self.surface_key]

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Every setting of the page on this surface, in address order."""
        surface = self.declared_surface
        params = self._params if surface.recommended_by_params else None
        own = typed(self.values)
        more = dict.fromkeys((*further(self.values.get("on", ())), *dict(own)))
        return fields(surface, params, ordered(more), own)

    @property
    def own_entries(self) -> tuple[str, ...]:
        """The entries whose rules are typed, whether they are on or not."""
        return tuple(dict(typed(self.values)))

    def rule(self, entry: str) -> Optimizer:
        """The rule that an entry runs."""
        return rule_of(entry, self.values)

    def has_rate(self, entry: str) -> bool:
        """Whether its rule has a learning rate."""
        return has_rate(self.rule(entry))

    def own_key(self, entry: str, key: str) -> str:
        """The address key of what an entry may have of its own; empty if it may not."""
        return own_key(entry, key, self.rule(entry))

    def numbered(self, entry: str, *, short: bool = False) -> str:
        """Its rule's name, and which of its entries it is if it is not the first."""
        return numbered(entry, self.values, short=short)

    @property
    def _params(self) -> Any:
        """The parameters of the surface, as chosen."""
        params = self.declared_surface.params
        chosen = {
            name: self.values[name] for name in params._fields if name in self.values
        }
        return params._replace(**chosen)

    @property
    def plain_surface(self) -> Surface:
        """The surface with its parameters as chosen, and its penalty as declared."""
        surface, params = self.declared_surface, self._params
        if self.surface_key == TYPED:
            return at_params(surface, params)
        return surface if params == surface.params else replace(surface, params=params)

    @property
    def surface(self) -> Surface:
        """The surface with its parameters and its penalty as chosen."""
        return regularized(self.plain_surface, self["l2"])

    @property
    def conditions(self) -> Conditions:
        """Schedule, noise and minibatches of the race."""
        return self._conditions(self.__getitem__)

    def conditions_of(self, entry: str) -> Conditions:
        """Schedule, noise and minibatches of an entry: its own, or the race's."""
        return self._conditions(lambda key: self.of(entry, key))

    def _conditions(self, value: Callable[[str], Any]) -> Conditions:
        region, domain = value("project"), self.declared_surface.domain
        schedule = SCHEDULES[value("schedule")]
        hypers = {
            name: value(f"{schedule.key}.{name}") for name in schedule.hypers._fields
        }
        return Conditions(
            schedule,
            schedule.hypers(**hypers),
            batch=value("batch") if self.declared_surface.sampled else None,
            region=None if region == "none" else getattr(domain, region),
            **{name: value(name) for name in NoiseAndWarmup._fields},
        ).on(self.declared_surface)

    def chosen_for(self, entry: str) -> list[str]:
        """The keys of what an entry has in place of what the race has; mostly none."""
        begin = f"{entry}."
        keys = [key for key in self.values if key.startswith(begin)]
        own = (self.own_key(entry, key.removeprefix(begin)) for key in keys)
        return [key for key, name in zip(keys, own, strict=True) if name == key]

    def start_of(self, entry: str) -> tuple[float, float]:
        """Where an entry begins: its own start, or the race's."""
        return self.of(entry, "start")

    def of(self, entry: str, key: str) -> Any:
        """A setting of an entry that it may have of its own: that, or the race's."""
        own = self.values.get(self.own_key(entry, key))
        return self[key] if own is None else own

    @property
    def is_stochastic(self) -> bool:
        """Whether noise or minibatches decide the path of any entry that is on."""
        samples = self.declared_surface.samples
        return any(
            self.conditions_of(entry).is_stochastic(samples) for entry in self["on"]
        )

    @property
    def following(self) -> dict[str, float]:
        """By address key, what follows the surface's parameters and is not chosen."""
        surface = self.declared_surface
        recommended = replace(surface, params=self._params).recommended_by_params
        theory = [(*name.partition(".")[::2],) for name in recommended]
        keys = (
            f"{entry}.{name or 'lr'}"
            for entry in self["on"]
            for key, name in theory
            if key_of(entry) == key
        )
        return {
            key: self[key]
            for key in keys
            if key not in self.values
            and not (key.endswith(".lr") and self["lr"] is not None)
        }

    def concerning(self, entry: str) -> tuple[Any, ...]:
        """All that the run of an entry follows from, as a key to keep it under.

        That is whatever is chosen, but for what belongs to other entries.
        """
        owners = {name: name.partition(".")[0] for name in self.values}
        # A key must not hold on to a text of a megabyte.
        chosen = (
            (name, printed(value) if name in _TEXTS else value)
            for name, value in self.values.items()
            if name not in UNCONCERNED
            and (owners[name] == entry or not is_entry(owners[name]))
        )
        return entry, self.surface_key, *sorted(chosen)

    @cached_property
    def looks(self) -> dict[str, Look]:
        """How each rule and each entry is drawn."""
        return LOOKS | looks({*self["on"], *self.own_entries})

    @cached_property
    def names(self) -> dict[str, str]:
        """What each entry that is on is called."""
        return self._names()

    def name(self, entry: str) -> str:
        """What an entry is called, whether it is on or not."""
        return self.names.get(entry) or self.numbered(entry)

    @cached_property
    def short_names(self) -> dict[str, str]:
        """The same, where there is little room."""
        return self._names(short=True)

    def _names(self, *, short: bool = False) -> dict[str, str]:
        on, values = self["on"], self.values
        return names(on, self.hypers, self.own, values=values, short=short)

    def own(self, entry: str) -> list[str]:
        """What an entry has of its own and not as the race has it, in words.

        Of schedules only the parameters of that which it follows count.
        """
        schedule = self.of(entry, "schedule")
        words = []
        chosen = self.chosen_for(entry)
        for key, setting in self.fields.items() if chosen else ():
            if key not in chosen:
                continue
            value, name = self.values[key], key.partition(".")[2]
            prefix = name.partition(".")[0]
            if value == self[name] or (prefix in SCHEDULES and prefix != schedule):
                continue
            words.append(setting.in_words(value))
        return words

    def hypers(self, entry: str) -> Any:
        """The hyperparameters of an entry, as its rule's NamedTuple."""
        declared = self.rule(entry).hypers
        values = {name: self[f"{entry}.{name}"] for name in declared._fields}
        if self["lr"] is not None and "lr" in values:
            values["lr"] = self["lr"]
        return declared(**values)
