"""Gradient descent, the rule that all others build on.

    w <- w - a g

Source: A. Cauchy, Comptes Rendus 25 (1847) 536-538; Goodfellow, Bengio, Courville,
Deep Learning (2016), section 4.3. All implementations agree.
"""

from typing import Annotated, NamedTuple

from optim import stability
from optim.base import LearningRate, Optimizer, first_order
from optim.equivalents import Equivalent
from optim.quantities import GRADIENT, Vector, delta
from surfaces import Point


class GradientDescentHypers(NamedTuple):
    """Hyperparameters of gradient descent."""

    lr: LearningRate = 0.01


class GradientDescentStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    delta: Annotated[
        Vector,
        delta(r"-\alpha <g>", "The point moves against the gradient, α times as far."),
    ]


def init(point: Point) -> tuple[()]:
    """It remembers nothing."""
    return ()


def update(
    grad: Point, state: tuple[()], hypers: GradientDescentHypers
) -> tuple[GradientDescentStep, tuple[()]]:
    """Straight down the slope."""
    return GradientDescentStep(grad, -hypers.lr * grad), state


GRADIENT_DESCENT = Optimizer(
    key="gradient_descent",
    label="Gradient descent",
    short="GD",
    formula=r"w \leftarrow w - \alpha g",
    source="Cauchy 1847; Deep Learning (2016), section 4.3.",
    hypers=GradientDescentHypers,
    init=init,
    step=first_order(update),
    quantities=GradientDescentStep,
    stability=stability.plain,
    equivalents=(
        Equivalent("torch", "torch.optim.SGD(params, lr={lr})"),
        Equivalent("optax", "optax.sgd({lr})"),
    ),
    rests_within_rounding=True,
)
