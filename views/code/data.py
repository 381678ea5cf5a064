"""The losses of surfaces that are made of data, as formulas of one sample.

x and y are the weights.
"""

import numpy as np

from surfaces import Surface
from surfaces.base import Data
from surfaces.formula import Expression, parse_declared
from surfaces.models import BUILT_IN, INPUTS, INPUTS_OF_TWO
from surfaces.own_data import DataLoss

TARGETS = "targets"
SAMPLES = (*INPUTS, *INPUTS_OF_TWO, TARGETS)
"""The names of the samples in a script."""

LOSSES = {
    "linear_regression": BUILT_IN["line"].formula,
    "logistic_regression": BUILT_IN["logistic"].formula,
    "hinge": BUILT_IN["hinge"].formula,
    "tiny_network": BUILT_IN["tanh"].formula,
}
"""By the key of the surface."""


def columns(data: Data) -> dict[str, np.ndarray]:
    """The samples of data, by their names in a script."""
    names = INPUTS_OF_TWO if data.x.ndim == 2 else INPUTS
    return dict(zip(names, np.atleast_2d(data.x), strict=True)) | {TARGETS: data.y}


def sample_loss(surface: Surface) -> Expression | None:
    """The loss of one sample of a surface; None if it is not written here."""
    text = LOSSES.get(surface.key)
    if isinstance(surface.loss, DataLoss):
        text = surface.loss.model.formula
    return parse_declared(text, dict.fromkeys(SAMPLES, "")) if text else None
