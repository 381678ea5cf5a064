"""The losses of surfaces that are made of data, as formulas of one sample.

x and y are the weights.
"""

from surfaces import Surface
from surfaces.formula import Expression, parse_declared
from surfaces.models import BUILT_IN
from surfaces.own_data import DataLoss

SAMPLES = {"inputs": "a", "targets": "b"}
"""The names of the samples in a script, with how they are written in LaTeX."""

LOSSES = {
    "linear_regression": BUILT_IN["line"].formula,
    "logistic_regression": BUILT_IN["logistic"].formula,
    "hinge": BUILT_IN["hinge"].formula,
    "tiny_network": BUILT_IN["tanh"].formula,
}
"""By the key of the surface."""


def sample_loss(surface: Surface) -> Expression | None:
    """The loss of one sample of a surface; None if it is not written here."""
    text = LOSSES.get(surface.key)
    if isinstance(surface.loss, DataLoss):
        text = surface.loss.model.formula
    return parse_declared(text, SAMPLES) if text else None
