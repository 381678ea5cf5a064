"""Studies: thousands of runs at once, and of each only how it ends.

Example:
    >>> import numpy as np
    >>> from optim import OPTIMIZERS
    >>> from optim.studies import basins, sweep
    >>> from surfaces import SURFACES
    >>> surface, momentum = SURFACES["ravine"], OPTIMIZERS["momentum"]
    >>> rates = np.geomspace(1e-3, 1, 200)
    >>> hypers = momentum.hypers(beta=0.8)
    >>> sweep(surface, momentum, "lr", rates, hypers, surface.start, 500).kinds.shape
    (200,)
"""

from optim.studies.criteria import KINDS
from optim.studies.engine import Study, study
from optim.studies.ranking import Objective, best, confirmed_best, is_isolated
from optim.studies.sweeps import Basins, basins, sweep, sweep2
from optim.studies.theory import (
    Optimum,
    contraction,
    curvatures,
    optimum,
    stability_limit,
)
from optim.studies.trails import Trails, trails

__all__ = [
    "KINDS",
    "Basins",
    "Objective",
    "Optimum",
    "Study",
    "Trails",
    "basins",
    "best",
    "confirmed_best",
    "contraction",
    "curvatures",
    "is_isolated",
    "optimum",
    "stability_limit",
    "study",
    "sweep",
    "sweep2",
    "trails",
]
