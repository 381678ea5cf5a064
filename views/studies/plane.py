"""How an optimizer does for learning rates times values of another setting."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.base import LEARNING_RATE
from optim.studies import Study, curvatures, is_lucky, optimum, stability_limit, sweep2
from surfaces import params
from views.entries import rule_of
from views.setup import Setup
from views.studies.answer import Answer
from views.studies.part import ENDING, RATE, Column, Part
from views.studies.swept import FULL, ended, exactly, raced, readable
from views.studies.work import Tell, Work


def how_pairs_end(setup: Setup, tell: Tell, size: int = FULL) -> Answer:
    """How an optimizer does for learning rates times values of another setting."""
    work, surface = Work("plane", setup, tell), setup.surface
    key, name = setup["second"].split(".")
    optimizer = rule_of(key)
    second = params(optimizer.hypers)[name]
    rates, values = readable(LEARNING_RATE, size), readable(second, size)

    def pair(k: int) -> dict[str, float]:
        row, column = divmod(k, size)
        return {"lr": float(rates[column]), name: float(values[row])}

    def compute(key: str, progress: Tell) -> tuple[Study, int | None]:
        found = sweep2(
            surface,
            optimizer,
            ("lr", name),
            (rates, values),
            **exactly(setup, key, progress),
        )
        work.took(found.taken)
        return raced(found, setup, key, "steps", pair)

    found, fastest = work.each([key], compute)[key]
    work.took(0, size, name)
    base = surface.lowest or 0.0
    told = {}
    if fastest is not None:
        told = {
            "lr": pair(fastest)["lr"],
            "second": pair(fastest)[name],
            "steps": int(found.within.ravel()[fastest]),
            "lucky": is_lucky(found, fastest),
        }
    return work.answer(
        {key: ended(found, base)},
        {name: values, "lr": rates},
        {key: {"best": told or None, "theory": _theory(setup, values)}},
        size=size,
        second=name,
        label=second.label,
        scale=second.scale,
        base=base,
        known=surface.lowest is not None,
        tolerance=setup["tolerance"],
    )


def _theory(setup: Setup, values: Any) -> dict[str, Any] | None:
    """What theory says of momentum near the lowest minimum; None where it is silent."""
    surface = setup.surface
    calm = setup.conditions.calm(surface.samples)
    told = setup["second"] == "momentum.beta" and calm and surface.smooth
    if not told or not surface.minima:
        return None
    at = surface.minima[int(np.argmin(surface.minimum_losses))]
    bent = curvatures(surface, at)
    if not bent.min() > 1e-9 * bent.max():
        return None
    return {
        "at": list(at),
        "curvatures": bent.tolist(),
        "limit": stability_limit(bent, values).tolist(),
        "optimum": list(optimum(bent)[:2]),
    }


def _title(answer: Answer) -> str:
    label = answer.facts["label"]
    rule = answer.setup.name(answer.setup["second"].split(".")[0])
    return f"{label[:1].lower()}{label[1:]} and learning rate of {rule}"


def _counted(answer: Answer) -> str:
    name = answer.facts["second"]
    return f"{answer.many['lr']} learning rates × {answer.many[name]} values of {name}"


def _columns(answer: Answer) -> Mapping[str, Column]:
    key, name = answer.setup["second"].split(".")
    meaning = params(rule_of(key).hypers)[name].meaning.rstrip(".")
    return {name: Column(meaning[:1].lower() + meaning[1:]), **RATE, **ENDING}


PART = Part(
    "plane",
    how_pairs_end,
    runs=lambda setup, size: {setup["second"].split(".")[0]: size**2},
    title=_title,
    counted=_counted,
    columns=_columns,
    arrays=("losses", "within", "ends"),
    depends=("second", "tolerance"),
    sized=True,
)
