"""What differs between data of one input and data of two.

Of one input, the two weights are a slope and an intercept. Of two, each is the weight
of an input, and there is no intercept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from surfaces import fitted, fitted_two
from surfaces.domain import Domain
from surfaces.fitted import Columns, Samples, Weights, with_ones
from surfaces.models import (
    BUILT_IN,
    BUILT_IN_OF_TWO,
    EXAMPLE,
    EXAMPLE_OF_TWO,
    MODELS,
    MODELS_OF_TWO,
    Model,
)

Inputs = Columns | Samples
Fit = Callable[[Inputs, Samples], tuple[Weights | None, Domain]]


@dataclass(frozen=True)
class ByInputs:
    """What depends on how many inputs there are.

    Attributes:
        count: How many.
        words: How many, and what they are called.
        names: What the models are called, by their keys.
        built_in: Those that are not typed.
        example: One that is typed.
        teaches: What to watch for, by the model's key.
        teaches_parted: The same where the labels are parted.
        fits: By the model's key, from inputs and targets to a minimum, and a box.
        parted: Whether a score of 0 parts labels.
        columns: From the inputs, what the weights are the weights of.
    """

    count: int
    words: str
    names: Mapping[str, str]
    built_in: Mapping[str, Model]
    example: str
    teaches: Mapping[str, str]
    teaches_parted: Mapping[str, str]
    fits: Mapping[str, Fit]
    parted: Callable[[Inputs, Samples], bool]
    columns: Callable[[Inputs], Columns]


ONE = ByInputs(
    count=1,
    words="one input, x",
    names=MODELS,
    built_in=BUILT_IN,
    example=EXAMPLE,
    teaches={
        "line": "Half the squared error of a line: its slope is x of the map, its "
        "intercept y.",
        "logistic": "Steady slope far away, vanishing slope near the minimum.",
        "hinge": "The slope jumps where a sample reaches its margin.",
        "tanh": "Flip the signs of both weights and the network is unchanged.",
        "typed": "a is x of the map, b is y.",
    },
    teaches_parted={
        "logistic": "A threshold parts the labels: the loss has no minimum, and the "
        "weights grow without end.",
        "hinge": "A threshold parts the labels: the loss may be 0 on a whole region.",
    },
    fits={"line": fitted.line, "logistic": fitted.logistic, "hinge": fitted.hinge},
    parted=fitted.parted,
    columns=with_ones,
)

_THROUGH_ZERO = (
    "There is no intercept: the line where the score is 0 goes through (0, 0)."
)

TWO = ByInputs(
    count=2,
    words="two inputs, x1 and x2",
    names=MODELS_OF_TWO,
    built_in=BUILT_IN_OF_TWO,
    example=EXAMPLE_OF_TWO,
    teaches={
        "line": "Half the squared error of a plane: x of the map times x1 plus y times "
        "x2. There is no intercept; where the data need one, centre all columns.",
        "logistic": f"{ONE.teaches['logistic']} {_THROUGH_ZERO}",
        "hinge": f"{ONE.teaches['hinge']} {_THROUGH_ZERO}",
        "tanh": "One neuron: its outputs lie between −1 and 1, and so should the "
        "targets. Where it saturates, the loss is nearly flat.",
        "typed": ONE.teaches["typed"],
    },
    teaches_parted={
        "logistic": "A line through (0, 0) parts the labels: the loss has no minimum, "
        "and the weights grow without end.",
        "hinge": "A line through (0, 0) parts the labels: the loss may be 0 on a whole "
        "region.",
    },
    fits={
        "line": fitted_two.plane,
        "logistic": fitted_two.logistic,
        "hinge": fitted_two.hinge,
    },
    parted=fitted_two.parted,
    columns=lambda x: x,
)
