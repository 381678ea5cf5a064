"""Everything the page shows, as one frozen value with one parser and one printer.

A setup is a surface and the values that differ from what that surface recommends.
Those differences are what the address holds, so a default page has a short address,
and they are what a person holds on to when the surface changes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from optim import OPTIMIZERS
from optim.base import LEARNING_RATE
from surfaces import SURFACES, Domain, Param, Surface, params
from views.theme import DEFAULT_ON

DEFAULT_SURFACE = "rosenbrock"
VIEWS = {"race": "Race", "side": "Side by side"}
STEPS = Param(
    symbol="n",
    label="Steps",
    low=10,
    high=5000,
    scale="log",
    meaning="How often each rule is applied.",
    whole=True,
)
MOST_PAIRS = 100
"""More than any page needs; what an address holds beyond is not read."""


@dataclass(frozen=True)
class Field:
    """One setting: its key in the address, how it is read and written, its default.

    Attributes:
        key: Its name in the address.
        default: Its value where the address does not name it.
        parse: Reads it from text; raises ValueError saying what is allowed.
        format: Writes it as text that `parse` reads back exactly.
        param: The declaration of a number; None for other settings.
        stays: Whether a value a person chose outlives a change of surface.
    """

    key: str
    default: Any
    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str
    param: Param | None = None
    stays: bool = True


def _choice(key: str, choices: Iterable[str], default: str) -> Field:
    choices = tuple(choices)

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is unknown; allowed is one of {', '.join(choices)}")
        return text

    return Field(key, default, parse)


def _number(key: str, param: Param, default: Any, **more: Any) -> Field:
    return Field(key, default, param.parse, _format_number, param, **more)


def _format_number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(float(value))


def _parse_start(text: str, domain: Domain) -> tuple[float, float]:
    allowed = (
        f"allowed is x,y with x from {domain.x_low:g} to {domain.x_high:g} "
        f"and y from {domain.y_low:g} to {domain.y_high:g}"
    )
    ranges = ((domain.x_low, domain.x_high), (domain.y_low, domain.y_high))
    parts = text.split(",")
    if len(parts) != 2:
        raise ValueError(f"is not a pair of numbers; {allowed}")
    try:
        x, y = (
            Param("", "", low, high, "linear", "").parse(part)
            for part, (low, high) in zip(parts, ranges, strict=True)
        )
    except ValueError as error:
        raise ValueError(f"{str(error).split(';')[0]}; {allowed}") from None
    return x, y


def _parse_on(text: str) -> tuple[str, ...]:
    chosen = text.split(",") if text else []
    for key in chosen:
        if key not in OPTIMIZERS:
            known = ", ".join(OPTIMIZERS)
            raise ValueError(f"names an unknown optimizer; allowed are {known}")
    if len(set(chosen)) < len(chosen):
        raise ValueError("names an optimizer twice; each is allowed once")
    return tuple(key for key in OPTIMIZERS if key in chosen)


@cache
def fields(surface_key: str) -> Mapping[str, Field]:
    """Every setting of the page while a surface is chosen, in address order."""
    surface = SURFACES[surface_key]
    declared = [
        _choice("surface", SURFACES, DEFAULT_SURFACE),
        *(
            _number(name, param, getattr(surface.knobs, name), stays=False)
            for name, param in params(type(surface.knobs)).items()
        ),
        Field(
            "start",
            surface.start,
            partial(_parse_start, domain=surface.domain),
            lambda point: ",".join(map(_format_number, point)),
            stays=False,
        ),
        _number("steps", STEPS, surface.steps),
        Field("on", DEFAULT_ON, _parse_on, ",".join),
        _choice("view", VIEWS, "race"),
        _number("lr", LEARNING_RATE, None),
        *(
            _number(f"{optimizer.key}.{name}", param, default)
            for optimizer in OPTIMIZERS.values()
            for name, param in params(optimizer.hypers).items()
            for default in [
                optimizer.rate(surface.learning_rates)
                if name == "lr"
                else optimizer.hypers._field_defaults[name]
            ]
        ),
    ]
    return {setting.key: setting for setting in declared}


def _shown(text: str) -> str:
    """Text from outside, made fit to be quoted in a sentence."""
    tidy = "".join(c if c.isprintable() else "?" for c in text[:41])
    return f"“{tidy[:40]}…”" if len(text) > 40 else f"“{tidy}”"


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
            pairs: Keys and texts, as they stand in the address.

        Returns:
            The setup, with defaults for whatever is wrong, and a sentence for each
            thing that is.
        """
        pairs = list(pairs)
        problems = []
        if len(pairs) > MOST_PAIRS:
            problems.append(
                f"The address holds {len(pairs)} settings; only the first {MOST_PAIRS} "
                "are read."
            )
        changes: dict[str, str] = {}
        for key, text in pairs[:MOST_PAIRS]:
            if key in changes:
                problems.append(
                    f"{_shown(key)} is given more than once; only the first counts."
                )
            else:
                changes[key] = text
        setup, more = Setup().edited(changes)
        return setup, (*problems, *more)

    def edited(
        self, changes: Mapping[str, str | None]
    ) -> tuple["Setup", tuple[str, ...]]:
        """The setup after some changes; each that is wrong leaves its value alone.

        Args:
            changes: By address key, the new text, or None to go back to the default.

        Returns:
            The setup, and a sentence for each change that is wrong.
        """
        problems = []
        setup = self
        # The surface first: the other settings' ranges and defaults are its own.
        for key in sorted(changes, key=lambda key: key != "surface"):
            known = fields(setup.surface_key)
            if key not in known:
                problems.append(
                    f"{_shown(key)} is not a setting of this page; settings are "
                    "surface, start, steps, on, view, lr and, for example, adam.lr."
                )
                continue
            setting, text = known[key], changes[key]
            try:
                value = setting.default if text is None else setting.parse(text)
            except ValueError as error:
                problems.append(f"{key} {_shown(text or '')} {error}.")
            else:
                setup = setup._with(setting, value)
        return setup, tuple(problems)

    def _with(self, setting: Field, value: Any) -> "Setup":
        if setting.key == "surface":
            return self._on_surface(value)
        values = {k: v for k, v in self.values.items() if k != setting.key}
        if value != setting.default:
            values[setting.key] = value
        return replace(self, values=values)

    def _on_surface(self, key: str) -> "Setup":
        if key == self.surface_key:
            return self
        old, new = fields(self.surface_key), fields(key)
        held = {
            name: value
            for name, value in self.values.items()
            if old[name].stays and value != new[name].default
        }
        return Setup(key, held)

    def pairs(self) -> list[tuple[str, str]]:
        """The keys and texts of the address, defaults left out."""
        chosen = dict(self.values)
        if self.surface_key != DEFAULT_SURFACE:
            chosen["surface"] = self.surface_key
        return [
            (key, setting.format(chosen[key]))
            for key, setting in fields(self.surface_key).items()
            if key in chosen
        ]

    @property
    def query(self) -> str:
        """The query part of the address."""
        return urlencode(self.pairs(), safe=",")

    def __getitem__(self, key: str) -> Any:
        """The value of a setting, chosen or default."""
        return self.values.get(key, fields(self.surface_key)[key].default)

    @property
    def surface(self) -> Surface:
        """The surface, its knobs turned as chosen."""
        surface = SURFACES[self.surface_key]
        return surface.turned(
            **{
                name: self[name]
                for name in surface.knobs._fields
                if name in self.values
            }
        )

    def hypers(self, optimizer_key: str) -> Any:
        """The hyperparameters of an optimizer, as its own NamedTuple."""
        declared = OPTIMIZERS[optimizer_key].hypers
        values = {name: self[f"{optimizer_key}.{name}"] for name in declared._fields}
        if self["lr"] is not None and "lr" in values:
            values["lr"] = self["lr"]
        return declared(**values)
