"""Where every start on the map leads."""

import numpy as np

from optim.outcome import AROUND
from optim.studies import Study, basins
from surfaces import Surface
from views.places import coordinates, in_words
from views.result import ArraySpec, ProgressCallback, Result
from views.setup import Setup
from views.studies.codes import ENDS, FIRST_END, FIRST_NEAR, ends_of, steps_of
from views.studies.grids import FULL
from views.studies.part import END, STEP_OF_END, Column, Part
from views.studies.work import Work


def where_starts_lead(
    setup: Setup, progress: ProgressCallback, size: int = FULL
) -> Result:
    """Where every start on the map leads, for each optimizer that is on."""
    work, surface = Work("basins", setup, progress), setup.surface

    def compute(key: str, progress: ProgressCallback) -> dict[str, np.ndarray]:
        found = basins(
            surface,
            setup.rule(key),
            setup.hypers(key),
            size,
            setup["steps"],
            conditions=setup.conditions_of(key),
            dtype=np.float64 if setup.rule(key).needs_float64 else np.float32,
            progress=progress,
        )
        work.count_steps(found.study.taken)
        return {"steps": steps_of(found.study), "ends": _ends(surface, found.study)}

    found = work.each(setup["on"], compute, lambda key: (size, setup.hypers(key)))
    x_low, x_high, y_low, y_high = surface.view_domain
    axes = {
        "y": np.linspace(y_low, y_high, size),
        "x": np.linspace(x_low, x_high, size),
    }
    work.compiles_for(size)
    return work.result(
        found,
        axes,
        {
            "steps": ArraySpec(("y", "x"), "steps"),
            "ends": ArraySpec(("y", "x"), "codes of ends"),
        },
        size=size,
        window=list(surface.view_domain),
        minima=coordinates(surface, surface.minima),
        minima_words=in_words(surface, surface.minima),
        saddles=coordinates(surface, surface.saddles),
    )


def _ends(surface: Surface, found: Study) -> np.ndarray:
    """How each run ended; of what is not at rest, also which minimum it is near.

    Noise and steps that are too long carry runs around a minimum for ever, as near as
    where `Outcome` calls a run oscillating however it moves there.
    """
    ends = ends_of(found)
    if not surface.minima:
        return ends
    moving = ends == FIRST_END + ENDS.index("descending")
    away = found.points[moving][:, None] - np.array(surface.minima)
    distance = np.linalg.norm(away[..., : surface.variables], axis=-1)
    near = distance.min(axis=1) <= AROUND * surface.view_domain.diagonal
    ends[moving] = np.where(near, FIRST_NEAR + distance.argmin(axis=1), ends[moving])
    return ends


PART = Part(
    "basins",
    where_starts_lead,
    runs=lambda setup, size: {key: size**2 for key in setup["on"]},
    title=lambda result: "where every start leads",
    describe_size=lambda result: (
        f"{result.sizes['y']} × {result.sizes['x']} starts of each optimizer"
    ),
    columns=lambda result: {
        "start_y": Column("the second coordinate of the start"),
        "start_x": Column("the first coordinate of the start"),
        **END,
        **STEP_OF_END,
    },
    arrays=("ends", "steps"),
    ignores=("start",),
    sized=True,
)
