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

from optim.studies.choice import Objective, best, is_lucky, raced_best
from optim.studies.maps import Basins, basins, sweep, sweep2
from optim.studies.study import KINDS, Study, study
from optim.studies.theory import Optimum, curvatures, optimum, rate, stability_limit
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
    "curvatures",
    "is_lucky",
    "optimum",
    "raced_best",
    "rate",
    "stability_limit",
    "study",
    "sweep",
    "sweep2",
    "trails",
]
