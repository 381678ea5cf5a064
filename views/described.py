"""Settings described for the player's sliders and lists, as JSON values."""

import re
from typing import Any

from views.setup import Setup

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


def choice(
    setup: Setup, key: str, label: str, meaning: str, choices: dict[str, str]
) -> dict[str, Any]:
    """One of a few, for a list."""
    return {
        "key": key,
        "label": label,
        "scale": "choice",
        "meaning": meaning,
        "choices": choices,
        "value": setup[key],
        "default": setup.fields[key].default,
    }
