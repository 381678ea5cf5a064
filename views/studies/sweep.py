"""How every learning rate ends."""

from typing import Any

from optim.base import LEARNING_RATE
from optim.studies import Study, is_lucky, sweep
from views.entries import has_rate, rule_of
from views.setup import Setup
from views.studies.answer import Answer
from views.studies.part import ENDING, RATE, Part
from views.studies.swept import ended, exactly, raced, readable
from views.studies.work import Tell, Work


def how_rates_end(setup: Setup, tell: Tell) -> Answer:
    """How every learning rate ends, for each optimizer on that has one."""
    work, surface = Work("sweep", setup, tell), setup.surface
    rates = readable(LEARNING_RATE, setup["budget"])

    def same_by(key: str) -> Any:
        asked = (setup[name] for name in ("start", *PART.depends))
        return setup.hypers(key)._replace(lr=0.0), *asked

    def compute(key: str, progress: Tell) -> tuple[Study, int | None]:
        found = sweep(
            surface,
            rule_of(key),
            "lr",
            rates,
            **exactly(setup, key, progress),
        )
        work.took(found.taken)
        return raced(
            found, setup, key, setup["objective"], lambda k: {"lr": float(rates[k])}
        )

    rated = [key for key in setup["on"] if has_rate(key)]
    found = work.each(rated, compute, same_by)
    work.took(0, (len(rates) - 1).bit_length())
    base = surface.lowest or 0.0
    told = {}
    for key, (one, k) in found.items():
        told[key] = {"best": None}
        if k is not None:
            told[key]["best"] = {
                "index": k,
                "lr": float(rates[k]),
                "loss": float(one.losses[k]),
                "steps": int(one.within[k]) if one.within[k] >= 0 else None,
                "lucky": bool(one.within[k] >= 0 and is_lucky(one, k)),
                "edge": k in (0, len(rates) - 1),
            }
    return work.answer(
        {key: ended(one, base) for key, (one, _) in found.items()},
        {"lr": rates},
        told,
        base=base,
        known=surface.lowest is not None,
        start=list(setup["start"]),
        objective=setup["objective"],
        tolerance=setup["tolerance"],
    )


PART = Part(
    "sweep",
    how_rates_end,
    runs=lambda setup, size: {
        key: setup["budget"] for key in setup["on"] if has_rate(key)
    },
    title=lambda answer: "how every learning rate ends",
    counted=lambda answer: f"{answer.many['lr']} learning rates of each optimizer",
    columns=lambda answer: {**RATE, **ENDING},
    arrays=("losses", "within", "ends"),
    depends=("objective", "tolerance", "budget"),
)
