"""The losses of surfaces that are made of data, as formulas of one sample.

x and y are the weights.
"""

from surfaces.formula import Expression, parse_declared

SAMPLES = {"inputs": "a", "targets": "b"}
"""The names of the samples in a script, with how they are written in LaTeX."""

LOSSES = {
    "linear_regression": "(x inputs + y - targets)^2/2",
    "logistic_regression": "s - log(sigmoid(s)) - targets s where s = x inputs + y",
    "hinge": "max(0, 1 - targets (x inputs + y))",
    "tiny_network": "(y tanh(x inputs) - targets)^2/2",
}
"""By the key of the surface."""


def sample_loss(key: str) -> Expression | None:
    """The loss of one sample of a surface; None if it is not written here."""
    text = LOSSES.get(key)
    return parse_declared(text, SAMPLES) if text else None
