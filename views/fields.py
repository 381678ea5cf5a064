"""Every setting of the page: its key in the address, how it is read, its default."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from optim import OPTIMIZERS, SCHEDULES, Optimizer
from optim.base import LEARNING_RATE
from optim.conditions import NoiseAndWarmup
from parameters.digits import digits
from surfaces import (
    SURFACES,
    Domain,
    Param,
    Scalar,
    Surface,
    params,
    parse_formula,
    parse_range,
    switch,
)
from surfaces.typos import closest
from views import old_names
from views.entries import (
    MOST_ON,
    NOTHING_TYPED,
    Values,
    has_rate,
    is_entry,
    key_of,
    next_of,
    numbered,
    ordered,
    rule_of,
)
from views.groups import parse_groups
from views.lessons import parse_lesson, parse_page
from views.long_texts import printed
from views.own_data import (
    DATA,
    DATA_DEFAULTS,
    LOSS_NAMES,
    MODEL_NAMES,
    parse_data,
    parse_model,
    parse_side,
)
from views.own_grid import GRID, GRID_DEFAULTS, parse_grid
from views.own_rules import MOST_OWN, OWN, OWN_ENTRIES, format_rule, parse_rule
from views.palettes import AUTO
from views.palettes import NAMES as THEMES
from views.panels import parse_overlays, parse_panels
from views.rooms.codes import parse_code
from views.seen import LOOP, SPEED, parse_camera, parse_zoom, text_of
from views.symbols import plain
from views.tabs import TABS
from views.theme import DEFAULT_ON

DEFAULT_SURFACE = "rosenbrock"
TYPED = "formula"
"""The surface a reader types, with these settings of its own."""
TYPED_DEFAULTS = {
    "f": "sin(x)*cos(y) + (x^2 + y^2)/20",
    "x": (-4.0, 4.0),
    "y": (-4.0, 4.0),
}
OWN_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    TYPED: TYPED_DEFAULTS,
    DATA: DATA_DEFAULTS,
    GRID: GRID_DEFAULTS,
}
"""By surface, the settings that only a surface of one's own has."""
OF_OWN = tuple(dict.fromkeys(key for own in OWN_SETTINGS.values() for key in own))
VIEWS = {"race": "Race", "side": "Side by side", "studies": "Studies"}
LEVELS = {"auto": "automatic", "linear": "linear", "log": "logarithmic"}
STEPS = Param(
    symbol="n",
    label="Steps",
    low=10,
    high=5000,
    scale="log",
    meaning="Number of updates per run.",
    whole=True,
)
OPENING_STEP = replace(
    STEPS, symbol="t", low=0, scale="linear", label="Step", meaning="Shown at first."
)
SHOWN = (
    *("view", "panels", "inspect", "show", "lesson", "page", "step", "play", "theme"),
    *("speed", "loop", "zoom", "camera", "hide", "lock", "room"),
)
"""What of a race is shown, and where: no run depends on it."""
OF_THE_PAGE = ("theme", "speed", "loop", "hide", "lock", "room")
"""What of that is the page's, and stays while a lesson's pages are turned."""
RECOMMENDED = ("start", "steps", "lr")
"""What is recommended of settings without a slider; of `lr`, that there is none."""
OBJECTIVES = {"loss": "loss after all steps", "steps": "steps to the tolerance"}
START_LAYOUTS = {
    "grid": "a grid",
    "random": "uniformly at random",
    "cloud": "a cloud around the start",
}


class StudyParams(NamedTuple):
    """The settings of studies, besides those of the race: declared as parameters."""

    tolerance: Annotated[
        Scalar,
        Param(
            symbol=r"\tau",
            label="Tolerance",
            low=1e-12,
            high=1e4,
            scale="log",
            meaning="How far above the lowest minimum a loss still counts as reached.",
        ),
    ] = 1e-3
    budget: Annotated[
        Scalar,
        Param(
            symbol="N",
            label="Rates tried",
            low=25,
            high=961,
            scale="log",
            meaning="How many learning rates are tried for each optimizer.",
            whole=True,
        ),
    ] = 241
    ratio: Annotated[
        Scalar,
        Param(
            symbol="q",
            label="Ratio between rates",
            low=1.1,
            high=10.0,
            scale="log",
            meaning="The factor between one of the five learning rates and the next.",
        ),
    ] = 3.0
    starts: Annotated[
        Scalar,
        Param(
            symbol="n",
            label="Starts",
            low=16,
            high=1024,
            scale="log",
            meaning="How many starting points each optimizer has.",
            whole=True,
        ),
    ] = 196
    cloud: Annotated[
        Scalar,
        Param(
            symbol=r"\sigma",
            label="Width of the cloud",
            low=0.001,
            high=0.5,
            scale="log",
            meaning="Standard deviation of the starts, in diagonals of the map.",
        ),
    ] = 0.05
    seeds: Annotated[
        Scalar,
        Param(
            symbol="n",
            label="Seeds",
            low=10,
            high=400,
            scale="log",
            meaning="How many runs each optimizer has, each with a seed of its own.",
            whole=True,
        ),
    ] = 100


class Penalty(NamedTuple):
    """What is added to the loss, whatever the surface."""

    l2: Annotated[
        Scalar,
        Param(
            symbol=r"\lambda",
            label="L2 penalty",
            low=0.0,
            high=100.0,
            scale="root",
            meaning="Adds λ/2 |w|² to the loss, on the map too.",
        ),
    ] = 0.0


@dataclass(frozen=True)
class Field:
    """One setting: its key in the address, how it is read and written, its default.

    Attributes:
        key: Its name in the address.
        default: Its value where the address does not name it.
        parse: Reads it from text; raises ValueError saying what is allowed.
        format: Writes it as text that `parse` reads back exactly.
        param: The declaration of a number; None for other settings.
        survives_surface_change: Whether a chosen value stays when the surface changes.
        choices: What it is one of, with their names; empty where it is anything else.
        label: What a list of its choices is called.
        meaning: What the choice decides, in a sentence.
    """

    key: str
    default: Any
    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str
    param: Param | None = None
    survives_surface_change: bool = True
    choices: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    meaning: str = ""

    def allows(self, value: Any) -> bool:
        """Whether a value is among its choices, and in its range."""
        if self.choices:
            return value in self.choices
        if self.param is None or value is None:
            return True
        return self.param.low <= value <= self.param.high

    def in_words(self, value: Any) -> str:
        """A value with the name of its setting, in few words."""
        if self.choices:
            return self.choices[value].lower()
        if self.param is None:
            return f"from {_pair_in_words(value)}"
        name = "seed" if self.key.endswith("seed") else plain(self.param.symbol)
        return f"{name} {digits(value)}"


ELSEWHERE = {
    "sgd": "gradient_descent",
    "gd": "gradient_descent",
    "steepest_descent": "gradient_descent",
    "nag": "nesterov",
    "heavy_ball": "momentum",
    "sgdm": "momentum",
    "finite_differences": "numeric_gradient",
    "banana": "rosenbrock",
    "adan": "",
    "adamp": "",
    "nadamw": "",
}
"""Names from elsewhere: what they are here, or nothing; never a typo of another."""


def _hint(text: str, choices: Iterable[str]) -> str:
    """What is allowed instead: what was meant, or all if they are few, or some."""
    choices = tuple(choices)
    meant = ELSEWHERE.get(text.lower())
    if meant is None:
        meant = closest(text, choices)
    if meant in choices:
        return f"did you mean {meant}?"
    some = ", ".join(choices[:8])
    if len(choices) <= 8:
        return f"allowed is one of {some}"
    return f"allowed is one of {some}, and {len(choices) - 8} more"


def _choice(
    key: str,
    choices: Mapping[str, str],
    default: str,
    label: str = "",
    meaning: str = "",
    old: Mapping[str, str] = MappingProxyType({}),
) -> Field:
    def parse(text: str) -> str:
        text = old.get(text, text)
        if text not in choices:
            raise ValueError(f"is unknown; {_hint(text, choices)}")
        return text

    return Field(key, default, parse, choices=choices, label=label, meaning=meaning)


def _number(key: str, param: Param, default: Any, **more: Any) -> Field:
    return Field(key, default, param.parse, _format_number, param, **more)


def _declared(declared: type[Any], prefix: str = "") -> list[Field]:
    """The fields of a NamedTuple of numbers."""
    return [
        _number(prefix + name, param, declared._field_defaults[name])
        for name, param in params(declared).items()
    ]


def batch_size(samples: int) -> Param:
    """The declaration of the size of a minibatch."""
    return Param(
        "B",
        "Batch size",
        1,
        samples,
        "log",
        f"Samples per step: 1 = SGD, {samples} = full batch.",
        whole=True,
    )


def _format_number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(float(value))


def start_params(domain: Domain) -> tuple[Param, Param]:
    """The declarations of the two numbers of a start."""
    x_low, x_high, y_low, y_high = domain
    meaning = "The first point of every run."
    return (
        Param("x_0", "Start x", x_low, x_high, "linear", meaning),
        Param("y_0", "Start y", y_low, y_high, "linear", meaning),
    )


def _parse_start(text: str, domain: Domain) -> tuple[float, float]:
    allowed = (
        f"allowed is x,y with x from {domain.x_low:g} to {domain.x_high:g} "
        f"and y from {domain.y_low:g} to {domain.y_high:g}"
    )
    parts = text.split(",")
    if len(parts) != 2:
        raise ValueError(f"is not a pair of numbers; {allowed}")
    try:
        x, y = (
            param.parse(part)
            for param, part in zip(start_params(domain), parts, strict=True)
        )
    except ValueError as error:
        raise ValueError(f"{str(error).split(';')[0]}; {allowed}") from None
    return x, y


def _parse_entry(text: str) -> str:
    if text and not is_entry(text):
        key = key_of(text)
        raise ValueError(f"names no optimizer; {_hint(key, OPTIMIZERS)}")
    return text


def _parse_on(text: str) -> tuple[str, ...]:
    chosen = text.split(",") if text else []
    for entry in chosen:
        if is_entry(entry):
            continue
        key = key_of(entry)
        if key == OWN:
            raise ValueError(
                f"names an unknown entry; your own rules are {OWN}~1 to "
                f"{OWN}~{MOST_OWN}"
            )
        if key in OPTIMIZERS:
            raise ValueError(
                f"names an unknown entry; allowed are {key} and {key}~2 to "
                f"{key}~{MOST_ON}"
            )
        raise ValueError(f"names an unknown optimizer; {_hint(key, OPTIMIZERS)}")
    if len(set(chosen)) < len(chosen):
        key = next(entry for entry in chosen if chosen.count(entry) > 1)
        again = next_of(key, chosen) if len(chosen) <= MOST_ON else f"{key_of(key)}~2"
        raise ValueError(f"names {key} twice; allowed is {again} for another one")
    if len(chosen) > MOST_ON:
        raise ValueError(f"names {len(chosen)} optimizers; allowed are {MOST_ON}")
    return ordered(chosen)


def _format_pair(pair: tuple[float, float]) -> str:
    return ",".join(map(_format_number, pair))


def _pair_in_words(pair: tuple[float, float]) -> str:
    return f"({digits(pair[0], 3)}, {digits(pair[1], 3)})"


def _parse_typed(text: str) -> str:
    return parse_formula(text).text


_SURFACE_NAMES = {
    key: f"{surface.family} · {surface.label}" for key, surface in SURFACES.items()
} | {TYPED: "Your own f(x, y)", DATA: "Your own data", GRID: "Your own grid of losses"}


def _study_fields(more: tuple[str, ...], typed: Values) -> list[Field]:
    """The settings of studies, with the entries beside the first of each rule."""
    rated = {
        entry: numbered(entry, typed)
        for entry in ordered((*OPTIMIZERS, *more))
        if has_rate(rule_of(entry, typed))
    }
    seconds = {
        f"{entry}.{name}": f"{label}: {plain(param.symbol) or name} "
        f"{param.label.lower()}"
        for entry, label in rated.items()
        for name, param in params(rule_of(entry, typed).hypers).items()
        if name != "lr" and param.scale != "switch"
    }
    study = {key: tab.label for key, tab in TABS.items()}
    return [
        _choice("study", study, "basins", old=old_names.STUDIES),
        _choice("objective", OBJECTIVES, "loss", "Objective", "What counts as best."),
        _choice(
            "second",
            seconds,
            "momentum.beta",
            "Plotted against",
            "The second hyperparameter.",
        ),
        _choice(
            "fan",
            {FIRST_ON: "First that is on"} | rated,
            FIRST_ON,
            "Fan for",
            "Whose trails the map shows.",
        ),
        _choice(
            "swarm",
            START_LAYOUTS,
            "grid",
            "Start layout",
            "How the starting points are placed.",
        ),
        *_declared(StudyParams),
    ]


PROJECTIONS = {
    "none": "no projection",
    "box": "onto the domain",
    "disc": "onto a disc in it",
}
"""Where points are moved to that leave it, by `project`."""

FIRST_ON = "first"
"""Of what shows one optimizer: the first that is on and has a learning rate."""

STUDY_KEYS = tuple(setting.key for setting in _study_fields((), NOTHING_TYPED))
"""The settings that no race depends on."""


def _conditions(surface: Surface) -> list[Field]:
    """What all entries have in common, unless one has its own."""
    samples = surface.sampled or 0
    batch = _number(
        "batch", batch_size(samples), samples, survives_surface_change=False
    )
    return [
        _choice(
            "schedule",
            {key: schedule.label for key, schedule in SCHEDULES.items()},
            "constant",
            "Learning-rate schedule",
            "What the learning rates are multiplied by as the steps go on.",
        ),
        *(
            setting
            for schedule in SCHEDULES.values()
            for setting in _declared(schedule.hypers, f"{schedule.key}.")
        ),
        *_declared(NoiseAndWarmup),
        _choice(
            "project",
            PROJECTIONS,
            "none",
            "Projection",
            "After each step, a point outside is moved to the nearest one inside.",
        ),
        *([batch] if samples else []),
    ]


def own_key(entry: str, key: str, rule: Optimizer) -> str:
    """The address key of what an entry has of its own; empty if it cannot have that."""
    return "" if key in rule.hypers._fields else f"{entry}.{key}"


def _own(entry: str, rule: Optimizer, common: Iterable[Field]) -> list[Field]:
    """The same settings for one entry; without a value it takes the race's."""
    return [
        replace(setting, key=key, default=None)
        for setting in common
        if (key := own_key(entry, setting.key, rule))
    ]


def _data_fields() -> list[Field]:
    """The settings of data of one's own."""
    default = DATA_DEFAULTS

    def format_side(side: tuple[float, float] | None) -> str:
        return "" if side is None else _format_pair(side)

    settings = (
        Field("data", default["data"], parse_data, printed),
        _choice("model", MODEL_NAMES, default["model"]),
        Field("predict", default["predict"], parse_model),
        _choice("loss", LOSS_NAMES, default["loss"]),
        *(Field(side, default[side], parse_side, format_side) for side in "xy"),
    )
    return [replace(setting, survives_surface_change=False) for setting in settings]


def _grid_field() -> Field:
    """The setting of a grid of one's own."""
    default = GRID_DEFAULTS["grid"]
    return Field("grid", default, parse_grid, printed, survives_surface_change=False)


@lru_cache(maxsize=256)
def fields(
    surface: Surface,
    values: Any = None,
    more: tuple[str, ...] = (),
    own: tuple[tuple[str, str], ...] = (),
) -> Mapping[str, Field]:
    """Every setting of the page while a surface is chosen, in address order.

    Args:
        surface: The surface as declared or typed.
        values: Those of its parameters, where what is recommended depends on them.
        more: The entries that are not the first of their rule.
        own: Those that are typed, and their texts; they are among `more`.
    """
    typed_rules = dict(own)
    recommended = replace(surface, params=values or surface.params).recommended
    typed = [
        Field("f", TYPED_DEFAULTS["f"], _parse_typed, survives_surface_change=False),
        Field(
            "x",
            TYPED_DEFAULTS["x"],
            parse_range,
            _format_pair,
            survives_surface_change=False,
        ),
        Field(
            "y",
            TYPED_DEFAULTS["y"],
            parse_range,
            _format_pair,
            survives_surface_change=False,
        ),
    ]
    start = Field(
        "start",
        surface.start,
        partial(_parse_start, domain=surface.domain),
        _format_pair,
        survives_surface_change=False,
    )
    conditions = _conditions(surface)
    declared = [
        _choice("surface", _SURFACE_NAMES, DEFAULT_SURFACE),
        *(typed if surface.key == TYPED else []),
        *(_data_fields() if surface.key == DATA else []),
        *([_grid_field()] if surface.key == GRID else []),
        *(
            _number(
                name,
                param,
                getattr(surface.params, name),
                survives_surface_change=False,
            )
            for name, param in params(type(surface.params)).items()
        ),
        start,
        _number("steps", STEPS, surface.steps),
        *(Field(key, "", parse_rule, format_rule) for key in OWN_ENTRIES),
        Field("on", DEFAULT_ON, _parse_on, ",".join),
        _choice("view", VIEWS, "race"),
        Field("lesson", "", parse_lesson),
        Field("page", 1, parse_page, str),
        _number("step", OPENING_STEP, None),
        _number("play", switch("p", "Play", "Whether the race plays when opened."), 1),
        _choice("theme", THEMES, AUTO),
        _number("speed", SPEED, None),
        _number("loop", LOOP, 1),
        Field("zoom", (), parse_zoom, text_of, survives_surface_change=False),
        Field("camera", (), parse_camera, text_of, survives_surface_change=False),
        Field("panels", (), parse_panels, ",".join),
        Field("inspect", "", _parse_entry),
        Field("show", (), parse_overlays, ",".join),
        Field("hide", (), parse_groups, ",".join),
        Field("lock", (), parse_groups, ",".join),
        Field("room", "", parse_code),
        *_study_fields(more, typed_rules),
        _choice(
            "level",
            LEVELS,
            "auto",
            "Heights and colours",
            "How losses become heights and colours of map and surface; curves and "
            "numbers stay as they are.",
        ),
        *(replace(field, default=surface.l2) for field in _declared(Penalty)),
        *conditions,
        _number("lr", LEARNING_RATE, None),
    ]
    for entry in ordered((*OPTIMIZERS, *more)):
        rule = rule_of(entry, typed_rules)
        hypers = rule.recommended(recommended)
        declared += [
            replace(setting, default=getattr(hypers, setting.key.partition(".")[2]))
            for setting in _declared(type(hypers), f"{entry}.")
        ]
        declared += _own(entry, rule, (start, *conditions))
    return {setting.key: setting for setting in declared}
