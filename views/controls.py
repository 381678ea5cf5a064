"""What the player is told: a setup's settings, described for sliders and cards."""

from typing import Any

from optim import OPTIMIZERS
from surfaces import Param, params
from views.setup import Setup, fields
from views.theme import LOOKS

_SIGNS = {r"\alpha": "α", r"\beta": "β", r"\rho": "ρ", r"\varepsilon": "ε",
          r"\kappa": "κ", r"\theta": "θ", "_1": "₁", "_2": "₂"}  # fmt: skip


def plain(symbol: str) -> str:
    """A parameter's LaTeX symbol in plain characters."""
    for latex, sign in _SIGNS.items():
        symbol = symbol.replace(latex, sign)
    return symbol


def _slider(setup: Setup, key: str, param: Param) -> dict[str, Any]:
    return {
        "key": key,
        "symbol": plain(param.symbol),
        "label": param.label,
        "low": param.low,
        "high": param.high,
        "scale": param.scale,
        "meaning": param.meaning,
        "value": setup[key],
        "default": fields(setup.surface_key)[key].default,
    }


def describe(setup: Setup) -> dict[str, Any]:
    """Everything the player needs to show a setup, as JSON values."""
    surface = setup.surface
    return {
        "query": setup.query,
        "surface": setup.surface_key,
        "landscape": ["surface", *surface.knobs._fields],
        "domain": list(surface.domain),
        "minima": [list(point) for point in surface.minima],
        "start": list(setup["start"]),
        "steps": setup["steps"],
        "view": setup["view"],
        "shared": setup["lr"],
        "knobs": [
            _slider(setup, name, param)
            for name, param in params(type(surface.knobs)).items()
        ],
        "cards": [
            {
                "key": optimizer.key,
                "label": optimizer.label,
                "short": LOOKS[optimizer.key].short,
                "colour": LOOKS[optimizer.key].colour,
                "mark": LOOKS[optimizer.key].mark,
                "on": optimizer.key in setup["on"],
                "sliders": [
                    _slider(setup, f"{optimizer.key}.{name}", param)
                    for name, param in params(optimizer.hypers).items()
                ],
            }
            for optimizer in OPTIMIZERS.values()
        ],
    }
