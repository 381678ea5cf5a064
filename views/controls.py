"""What the player is told: a setup's settings, described for sliders and cards."""

import re
from functools import cache
from typing import Any

from latex2mathml.converter import convert

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import Chance
from surfaces import params
from views.setup import LEVELS, MOST_ON, TYPED_DEFAULTS, Field, Penalty, Setup
from views.theme import DEFAULT_ON, LOOKS

_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "theta": "θ",
}  # fmt: skip
_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plain(symbol: str) -> str:
    """A parameter's LaTeX symbol in plain characters."""
    # A letter that is not in the table is spelled out.
    symbol = re.sub(
        r"\\([a-zA-Z]+)", lambda found: _SIGNS.get(found[1], found[1]), symbol
    )
    return re.sub(r"_\{?(\d+)\}?", lambda found: found[1].translate(_LOW), symbol)


@cache
def _mathml(formula: str) -> str:
    """A rule's formula as browsers draw it themselves."""
    return convert(formula)


def _number(setup: Setup, setting: Field) -> dict[str, Any]:
    param = setting.param
    assert param is not None
    return {
        "key": setting.key,
        "symbol": plain(param.symbol),
        "label": param.label,
        "low": param.low,
        "high": param.high,
        "scale": param.scale,
        "whole": param.whole,
        "meaning": param.meaning,
        "value": setup[setting.key],
        "default": setting.default,
    }


def _choice(
    setup: Setup, key: str, label: str, meaning: str, choices: dict[str, str]
) -> dict[str, Any]:
    return {
        "key": key,
        "label": label,
        "scale": "choice",
        "meaning": meaning,
        "choices": choices,
        "value": setup[key],
        "default": setup.fields[key].default,
    }


def _conditions(setup: Setup) -> list[dict[str, Any]]:
    """The settings that are the same for all optimizers, in the order shown."""
    known = setup.fields

    def number(key: str) -> dict[str, Any]:
        return _number(setup, known[key])

    schedule = SCHEDULES[setup["schedule"]]
    return [
        *([number("batch")] if "batch" in known else []),
        _choice(
            setup,
            "schedule",
            "Learning-rate schedule",
            "What the learning rates are multiplied by as the steps go on.",
            {key: schedule.label for key, schedule in SCHEDULES.items()},
        ),
        *(number(f"{schedule.key}.{name}") for name in params(schedule.hypers)),
        *map(number, Chance._fields),
        *map(number, Penalty._fields),
        _choice(
            setup,
            "level",
            "Heights and colours",
            "How losses become heights and colours of map and surface; curves and "
            "numbers stay as they are.",
            LEVELS,
        ),
    ]


def _shown(setup: Setup) -> list[str]:
    """The optimizers with a card: those that are on, and as many of the five as fit."""
    on = setup["on"]
    spare = [key for key in DEFAULT_ON if key not in on][: MOST_ON - len(on)]
    return [key for key in OPTIMIZERS if key in on or key in spare]


def _others(shown: list[str]) -> list[dict[str, Any]]:
    """The optimizers without a card, by group."""
    groups: dict[str, list[list[str]]] = {}
    for key, optimizer in OPTIMIZERS.items():
        if key not in shown:
            groups.setdefault(optimizer.group, []).append([key, optimizer.label])
    return [{"group": group, "rules": rules} for group, rules in groups.items()]


def _data(setup: Setup) -> dict[str, Any] | None:
    data = setup.ground.data
    if data is None:
        return None
    return {
        "x": data.x.tolist(),
        "y": data.y.tolist(),
        "model": data.model,
        "axes": list(data.axes),
    }


def describe(setup: Setup) -> dict[str, Any]:
    """Everything the player needs to show a setup, as JSON values."""
    surface, known = setup.surface, setup.fields
    typed = [key for key in TYPED_DEFAULTS if key in known]
    shown = _shown(setup)
    return {
        "query": setup.query,
        "surface": setup.surface_key,
        "landscape": ["surface", "l2", "level", *typed, *surface.knobs._fields],
        "minibatch": ["batch", "seed"] if surface.data else [],
        "place": "&".join(
            map(str, (setup.surface_key, *map(setup.__getitem__, typed)))
        ),
        "domain": list(surface.domain),
        "minima": [list(point) for point in surface.minima],
        "data": _data(setup),
        "start": list(setup["start"]),
        "steps": setup["steps"],
        "view": setup["view"],
        "shared": setup["lr"],
        "knobs": [_number(setup, known[name]) for name in surface.knobs._fields],
        "conditions": _conditions(setup),
        "most": MOST_ON,
        "others": _others(shown),
        "looks": {
            key: {
                "label": optimizer.label,
                "short": LOOKS[key].short,
                "colour": LOOKS[key].colour,
                "mark": LOOKS[key].mark,
            }
            for key, optimizer in OPTIMIZERS.items()
        },
        "cards": [
            {
                "key": key,
                **vars(LOOKS[key]),
                "label": OPTIMIZERS[key].label,
                "formula": _mathml(OPTIMIZERS[key].formula),
                "on": key in setup["on"],
                "sliders": [
                    _number(setup, known[f"{key}.{name}"])
                    for name in params(OPTIMIZERS[key].hypers)
                ],
            }
            for key in shown
        ],
    }
