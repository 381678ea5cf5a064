"""A setup for the player, as JSON values: its settings, for sliders and cards."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import NoiseAndWarmup
from optim.typed import text_of
from surfaces import Surface, params
from surfaces.models import INPUTS_OF_TWO
from surfaces.own_data import DataLoss
from views.charts import CHARTS, Chart
from views.describe_lessons import described_list, described_page
from views.describe_settings import choice, described_looks, number, own_conditions
from views.describe_studies import described
from views.entries import MOST_ON, next_of, ordered
from views.fields import (
    OF_OWN,
    RECOMMENDED,
    STUDY_KEYS,
    Penalty,
)
from views.groups import GROUPS
from views.mathml import mathml
from views.one_variable import curve_of
from views.own_rules import OWN_ENTRIES, is_own
from views.palettes import NAMES, described_themes
from views.panels import BESIDE, OVERLAYS, UNDER, shown_panels
from views.places import coordinates
from views.player_files import PLAYER_PATH
from views.postfix import postfix
from views.serving.settings import settings
from views.setup import Setup
from views.story import story
from views.studies import PARTS, Part
from views.theme import DEFAULT_ON


def _conditions(setup: Setup) -> list[dict[str, Any]]:
    """The settings that are the same for all optimizers, in the order shown."""
    schedule = SCHEDULES[setup["schedule"]]
    return [
        *([number(setup, "batch")] if "batch" in setup.fields else []),
        choice(setup, "schedule"),
        *(
            number(setup, key)
            for key in (
                *(f"{schedule.key}.{name}" for name in params(schedule.hypers)),
                *NoiseAndWarmup._fields,
                *Penalty._fields,
            )
        ),
        choice(setup, "project"),
        choice(setup, "level"),
    ]


def _shown(setup: Setup) -> tuple[str, ...]:
    """The entries with a card: those that are on, and as many of the five as fit.

    What a reader has typed keeps its card, or nothing would show it any more.
    """
    on = {*setup["on"], *setup.own_entries}
    spare = [key for key in DEFAULT_ON if key not in on][: max(0, MOST_ON - len(on))]
    return ordered((*on, *spare))


def _as_text(setup: Setup, entry: str) -> dict[str, str]:
    """The rule of an entry as a text to be changed; or why it has none."""
    rule = setup.rule(entry)
    try:
        text = text_of(rule, setup.hypers(entry), setup["l2"])
    except LookupError as error:
        return {"text": "", "textless": f"{rule.label} has no text: {error.args[0]}."}
    return {"text": text if is_own(entry) else f"# My {rule.label}\n{text}"}


def _others(shown: tuple[str, ...]) -> list[dict[str, Any]]:
    """The optimizers without a card, by group."""
    groups: dict[str, list[list[str]]] = {}
    for key, optimizer in OPTIMIZERS.items():
        if key not in shown:
            groups.setdefault(optimizer.group, []).append([key, optimizer.label])
    return [{"group": group, "rules": rules} for group, rules in groups.items()]


def _data(setup: Setup) -> dict[str, Any] | None:
    data = setup.declared_surface.data
    if data is None:
        return None
    x, *second = np.atleast_2d(data.x)
    return {
        "x": x.tolist(),
        "x2": second[0].tolist() if second else None,
        "y": data.y.tolist(),
        "model": data.model,
        **_own_model(setup.declared_surface),
        "axes": list(data.axes),
    }


def _formula(setup: Setup, key: str) -> str:
    """The formula of a rule; the lines of one that is typed, each by itself."""
    rule = setup.rule(key)
    formula = rule.formula_for(setup.hypers(key))
    lines = formula.split(r",\quad ") if rule.text else [formula]
    return " ".join(map(mathml, lines))


def _sampled_by(surface: Surface) -> list[str]:
    """The settings that the loss of a single step depends on; none if all are equal."""
    if surface.sampled:
        return ["batch", "seed"]
    return ["steps"] if surface.period else []


def _own_model(surface: Surface) -> dict[str, Any]:
    """What a model on data of one's own computes, for the player to draw."""
    model = surface.loss.model if isinstance(surface.loss, DataLoss) else None
    labels = list(model.labels) if model else []
    if model is None or model.typed is None:
        return {"steps": None, "odds": False, "labels": labels}
    names = {"x": "a", "y": "b", "inputs": "x"} | dict(
        zip(INPUTS_OF_TWO, ("x1", "x2"), strict=True)
    )
    steps = postfix(model.typed.node, names)
    return {"steps": steps, "odds": bool(labels), "labels": labels}


def _lacking(chart: Chart, surface: Surface) -> str:
    """Why a chart shows nothing on a surface, in a sentence; empty if it does."""
    if chart.needs_minimum and not surface.minima:
        return "No minimum of this surface is known."
    return ""


def describe(setup: Setup) -> dict[str, Any]:
    """Everything the player needs to show a setup, as JSON values."""
    surface, known = setup.surface, setup.fields
    curve = curve_of(surface)
    own = [key for key in OF_OWN if key in known]
    shown, everyone = (
        _shown(setup),
        ordered({*OPTIMIZERS, *setup["on"], *setup.own_entries}),
    )
    return {
        "themes": described_themes(),
        "theme": setup["theme"],
        "theme_names": NAMES,
        "query": setup.query,
        "surface": setup.surface_key,
        "title": surface.label,
        "story": story(surface),
        "landscape": ["surface", "l2", "level", *own, *surface.params._fields],
        "minibatch": _sampled_by(surface),
        "step_map": "Map of this step's " + ("minibatch" if surface.data else "loss"),
        "place": "&".join(
            (setup.surface_key, *(known[key].format(setup[key]) for key in own))
        ),
        "domain": list(surface.domain),
        "data": _data(setup),
        "curve": curve,
        "start": list(setup["start"]),
        "recommended_start": list(known["start"].default),
        "steps": setup["steps"],
        "view": setup["view"],
        "step": setup["step"],
        "play": bool(setup["play"]),
        "speed": setup["speed"],
        "loop": bool(setup["loop"]),
        "zoom": list(setup["zoom"]),
        "camera": list(setup["camera"]),
        "panels": list(
            shown_panels(
                setup["panels"], setup["hide"], first=bool(surface.data or curve)
            )
        ),
        "inspect": setup["inspect"],
        "show": list(setup["show"]),
        "hide": list(setup["hide"]),
        "lock": list(setup["lock"]),
        "groups": GROUPS,
        "beside": {
            name: label
            for name, label in BESIDE.items()
            if {"data": surface.data, "curve": curve}.get(name, True)
        },
        "under": list(UNDER),
        "charts": {
            name: {
                "label": chart.label,
                "axis": chart.axis,
                "meaning": chart.meaning,
                "columns": chart.columns,
                "log": chart.log,
                "factors": chart.factors,
                "lacking": _lacking(chart, surface),
            }
            for name, chart in CHARTS.items()
        },
        "overlays": {
            name: label
            for name, label in OVERLAYS.items()
            if name != "samples" or surface.sampled
        },
        "lessons": described_list(),
        "lesson": described_page(setup),
        "uploads": settings().uploads > 0,
        "rooms": settings().rooms > 0,
        "room": setup["room"],
        "minima": coordinates(surface, surface.minima),
        "study": setup["study"],
        "second": setup["second"],
        "studies": described(setup),
        "study_keys": STUDY_KEYS,
        "depends": {key: part.depends for key, part in PARTS.items()},
        "ignores": {key: [*_ignored(part, known)] for key, part in PARTS.items()},
        "sized": [key for key, part in PARTS.items() if part.sized],
        "shared": setup["lr"],
        "params": [number(setup, name) for name in surface.params._fields],
        "conditions": _conditions(setup),
        "own": {entry: own_conditions(setup, entry) for entry in setup["on"]},
        "most": MOST_ON,
        "own_rules": OWN_ENTRIES,
        "next_rule": next_of(OWN_ENTRIES[0], setup.own_entries),
        "recommended": RECOMMENDED,
        "others": _others(shown),
        "looks": dict(zip(everyone, described_looks(setup, everyone), strict=True)),
        "cards": [
            {
                "key": key,
                **look,
                "rule": setup.rule(key).key,
                "brief": setup.numbered(key, short=True),
                "formula": _formula(setup, key),
                **_as_text(setup, key),
                "on": key in setup["on"],
                "next": next_of(key, (*setup["on"], *setup.own_entries, key)),
                "sliders": [
                    number(setup, f"{key}.{name}") | {"owner": look["label"]}
                    for name in params(setup.rule(key).hypers)
                ],
            }
            for key, look in zip(shown, described_looks(setup, shown), strict=True)
        ],
    }


def for_player(setup: Setup, edits_seen: int = 0) -> dict[str, Any]:
    """What the player is given: a setup, and which of its files it is shown by.

    Args:
        setup: What is shown.
        edits_seen: The number of the player's last edits that the setup contains.
    """
    return describe(setup) | {"path": PLAYER_PATH, "edits_seen": edits_seen}


def _ignored(part: Part, known: Iterable[str]) -> Iterator[str]:
    """The address keys that a part of a study does not depend on."""
    for name in part.ignores:
        yield name
        yield from (key for key in known if name == "lr" and key.endswith(".lr"))
