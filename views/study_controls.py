"""What the player is told of the studies: their settings, and what they ask for."""

from typing import Any

from optim import OPTIMIZERS
from views.described import choice, number, plain
from views.setup import OBJECTIVES, RATED, SECONDS, STUDIES, SWARMS, Setup

_HINTS = {
    "basins": "Where does every start lead? Brighter is sooner. Click to start there; "
    "below, drag along a line to set its learning rate.",
    "rates": "Which learning rates work? Drag along a line to set one. On the map, one "
    "optimizer's trails for all rates, red where it is lost.",
    "plane": "How do two settings work together? Click or drag to set both.",
    "swarm": "Many starts at once: how far apart do they end, and what is their mean "
    "worth? Press play; in the end ⊕ marks the mean of the points.",
    "luck": "The same race under many seeds of noise or of minibatches: how much was "
    "luck?",
    "fair": "Each optimizer at its best learning rate, found by the same search.",
}


def described(setup: Setup) -> list[dict[str, Any]]:
    """Each study: its settings, and the parts it asks for, with their names."""
    objective = [
        choice(setup, "objective", "Objective", "What is held to be good.", OBJECTIVES)
    ]
    if setup["objective"] == "steps":
        objective.append(number(setup, "tolerance"))
    seconds = {}
    for second in SECONDS:
        key, name = second.split(".")
        param = setup.fields[second].param
        assert param is not None
        symbol = plain(param.symbol) or name
        seconds[second] = f"{OPTIMIZERS[key].label}: {symbol} {param.label.lower()}"
    swarm = [choice(setup, "swarm", "Starts on", "Where runs set out.", SWARMS)]
    swarm += [
        number(setup, "starts"),
        *([number(setup, "cloud")] if setup["swarm"] == "cloud" else []),
    ]
    rules = {key: OPTIMIZERS[key].label for key in RATED}
    settings = {
        "basins": [],
        "rates": [
            *objective,
            choice(setup, "fan", "Fan of", "Whose trails the map shows.", rules),
            number(setup, "apart"),
        ],
        "plane": [
            choice(setup, "second", "Held against", "The second setting.", seconds),
            number(setup, "tolerance"),
        ],
        "swarm": swarm,
        "luck": [
            number(setup, "seeds"),
            number(setup, "noise"),
            *([number(setup, "batch")] if "batch" in setup.fields else []),
        ],
        "fair": [*objective, number(setup, "budget")],
    }
    asks = {
        "basins": {"basins": "basins", "sweep": "learning rates"},
        "rates": {"sweep": "learning rates", "fan": "fan", "curves": "loss curves"},
        "plane": {"plane": "two settings"},
        "swarm": {"swarm": "swarm"},
        "luck": {"luck": "noise fan"},
        "fair": {"sweep": "fair race"},
    }
    return [
        {
            "key": key,
            "label": label,
            "hint": _HINTS[key],
            "settings": settings[key],
            "asks": asks[key],
        }
        for key, label in STUDIES.items()
    ]
