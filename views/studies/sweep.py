"""How every learning rate ends."""

from typing import Any

from optim.base import LEARNING_RATE
from optim.studies import Study, is_isolated, sweep
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies.grids import ended, exactly, raced, readable, specs_of_ends
from views.studies.part import ENDING, RATE, Part
from views.studies.work import Work


def how_rates_end(setup: Setup, progress: ProgressCallback) -> Result:
    """How every learning rate ends, for each optimizer on that has one."""
    work, surface = Work("sweep", setup, progress), setup.surface
    rates = readable(LEARNING_RATE, setup["budget"])

    def same_by(key: str) -> Any:
        asked = (setup[name] for name in PART.depends)
        return setup.hypers(key)._replace(lr=0.0), setup.start_of(key), *asked

    def compute(key: str, progress: ProgressCallback) -> tuple[Study, int | None]:
        found = sweep(
            surface,
            setup.rule(key),
            "lr",
            rates,
            **exactly(setup, key, progress),
        )
        work.count_steps(found.taken)
        return raced(
            found, setup, key, setup["objective"], lambda k: {"lr": float(rates[k])}
        )

    rated = [key for key in setup["on"] if setup.has_rate(key)]
    found = work.each(rated, compute, same_by)
    work.compiles_for((len(rates) - 1).bit_length())
    base = surface.base_loss
    per_run = {}
    for key, (one, k) in found.items():
        per_run[key] = {"best": None}
        if k is not None:
            per_run[key]["best"] = {
                "index": k,
                "lr": float(rates[k]),
                "loss": float(one.losses[k]),
                "steps": int(one.within[k]) if one.within[k] >= 0 else None,
                "isolated": bool(one.within[k] >= 0 and is_isolated(one, k)),
                "edge": k in (0, len(rates) - 1),
            }
    return work.result(
        {key: ended(one, base) for key, (one, _) in found.items()},
        {"lr": rates},
        specs_of_ends("lr"),
        per_run,
        base=base,
        known=surface.lowest is not None,
        start=list(setup["start"]),
        own_starts=any(setup.start_of(key) != setup["start"] for key in found),
        objective=setup["objective"],
        tolerance=setup["tolerance"],
    )


PART = Part(
    "sweep",
    how_rates_end,
    runs=lambda setup, size: {
        key: setup["budget"] for key in setup["on"] if setup.has_rate(key)
    },
    title=lambda result: "how every learning rate ends",
    describe_size=lambda result: (
        f"{result.sizes['lr']} learning rates of each optimizer"
    ),
    columns=lambda result: {**RATE, **ENDING},
    arrays=("losses", "within", "ends"),
    depends=("objective", "tolerance", "budget"),
    ignores=("lr",),
)
