"""What an update rule is: a pair of pure functions and a declaration.

`init(point) -> state` makes the memory a rule starts with, and
`step(fn, point, state, hypers) -> (point, state)` applies it once. A step is
given the loss itself, so that rules which look ahead, use second derivatives or
search along a line need no special case; `first_order` lifts the common rule
that only needs the gradient at the current point.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import jax
from jaxtyping import Array, Float

from surfaces import Loss, Param, Point, Scalar

State = Any
Hypers = Any
Update = Callable[[Point, State, Hypers], tuple[Point, State]]
Step = Callable[[Loss, Point, State, Hypers], tuple[Point, State]]

LEARNING_RATE = Param(
    symbol=r"\alpha",
    label="Learning rate",
    low=1e-5,
    high=10.0,
    scale="log",
    meaning="How far one step goes.",
)
LearningRate = Annotated[Scalar, LEARNING_RATE]


def decay(symbol: str, label: str, meaning: str) -> Param:
    """The declaration of a decay rate: 0 remembers nothing, near 1 nearly all."""
    return Param(symbol, label, 0.0, 0.9999, "complement", meaning)


def floor(meaning: str) -> Param:
    """The declaration of the small number that keeps a quotient finite."""
    return Param(r"\varepsilon", "Epsilon", 1e-12, 1.0, "log", meaning)


@dataclass(frozen=True, eq=False)
class Optimizer:
    """An update rule with its metadata.

    Attributes:
        key: Its name in `OPTIMIZERS`, in addresses and in tests.
        label: Its name for a person.
        formula: One step in LaTeX; w is the point, g its gradient.
        source: The text the rule follows, and where implementations differ.
        hypers: The NamedTuple of its hyperparameters, each a `Param` field with a
            default.
        init: Makes the state for a first point.
        step: Applies the rule once.
    """

    key: str
    label: str
    formula: str
    source: str
    hypers: type[Any]
    init: Callable[[Point], State]
    step: Step


def first_order(update: Update) -> Step:
    """Lifts `update(grad, state, hypers) -> (delta, state)` to a step."""

    def step(
        fn: Loss, point: Point, state: State, hypers: Hypers
    ) -> tuple[Float[Array, "2"], State]:
        delta, state = update(jax.grad(fn)(point), state, hypers)
        return point + delta, state

    return step
