r"""Named quantities: what a step computes on its way, by name.

A step returns them as a NamedTuple whose fields are annotated with a `Quantity`, just
as hyperparameters are with a `Param`. The last one is `delta`, the vector that is added
to the point. All are values of the very computation that moves the point.

Each has a line: the right-hand side of its definition in LaTeX, in which `<name>` is a
slot for another quantity. Lines hold one after the other, as in a program: until its
own line, a slot stands for the value of the step before. So momentum's line of v,
`\beta <v> - \alpha <g>`, has the old v on its right-hand side. Hyperparameters stand by
their symbols; w is the point, f the loss as the rule is given it, t the step from 1 on.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

from jaxtyping import Array, Float

Vector = Float[Array, "2"]
Matrix = Float[Array, "2 2"]
Number = Float[Array, ""]

Kind = Literal[
    "gradient",
    "step",
    "point",
    "square",
    "scale",
    "curvature",
    "inverse",
    "number",
    "parts",
]
"""What sort of thing a quantity is, from which follows how it is drawn.

gradient   a gradient, or a mean of them: an arrow against it, times the learning rate
step       a displacement: an arrow, true to scale
point      a position: a mark
square     a mean or a sum of squared gradients, per coordinate: no picture of its own
scale      what a gradient is divided by, per coordinate: the ellipse of what becomes of
           gradients of length one
curvature  a Hessian: the contours of the quadratic model, and where that is stationary
inverse    the inverse of one, likewise
number     a loss, or another number without a picture
parts      numbers, one after the other that a search has tried; NaN after the last
"""

Text = str | Callable[[Any], str]
"""A text, or a function of the hyperparameters if switches change it."""

_SLOT = re.compile(r"<(\w+)>")


class Search(NamedTuple):
    """A search along a line, whose result a quantity is.

    Attributes:
        along: The quantity that is its direction.
        first: The hyperparameter that is the first part of it to be tried.
        factor: What each next try is of the one before.
        tries: The quantity that holds all parts tried; then there is no rule for them.
    """

    along: str
    first: str = ""
    factor: float = 0.0
    tries: str = ""


@dataclass(frozen=True)
class Quantity:
    """The declaration of one quantity.

    Attributes:
        symbol: Its symbol in LaTeX.
        meaning: A few words for a person.
        kind: What sort of thing it is.
        line: How it follows from the others, or a function of the hyperparameters if
            switches change that.
        says: One sentence that says what happens as it is computed, or a function of
            the hyperparameters.
        memory: Whether the next step starts from it.
        initial: What such a memory is before the first step.
        at: Where its arrow begins: a quantity that is a point; empty for the point.
        search: How it was found, if along a line.
    """

    symbol: str
    meaning: str
    kind: Kind
    line: Text
    says: Text = ""
    memory: bool = False
    initial: Any = 0.0
    at: str = ""
    search: Search | None = None

    def line_for(self, hypers: Any) -> str:
        """Its line, switches set as in these hyperparameters."""
        return self.line(hypers) if callable(self.line) else self.line

    def says_for(self, hypers: Any) -> str:
        """Its sentence, likewise."""
        return self.says(hypers) if callable(self.says) else self.says


GRADIENT = Quantity(
    "g",
    "gradient",
    "gradient",
    r"\nabla f(w)",
    "The gradient of the loss that this step is given; its arrow points against it.",
)


def delta(line: Text, says: Text = "The step is added to the point.") -> Quantity:
    """The declaration of the step itself."""
    return Quantity(r"\delta", "the step", "step", line, says)


def divisor(line: Text) -> Quantity:
    """The declaration of what each coordinate of a step is divided by."""
    return Quantity(
        "d",
        "divisor of each coordinate",
        "scale",
        line,
        "Each coordinate is divided by its own: large where gradients were large.",
    )


class PlainStep(NamedTuple):
    """The quantities of a rule that names no others."""

    g: Annotated[Vector, GRADIENT]
    delta: Annotated[Vector, delta("")]


@cache
def quantities_of(declared: type[Any]) -> dict[str, Quantity]:
    """The `Quantity` of every field of a NamedTuple type, in order."""
    hints = get_type_hints(declared, include_extras=True)
    return {
        name: next(m for m in hints[name].__metadata__ if isinstance(m, Quantity))
        for name in declared._fields
    }


def slots(line: str) -> list[str]:
    """The names of the quantities in a line, in order."""
    return _SLOT.findall(line)


def filled(line: str, values: Mapping[str, str]) -> str:
    """The line in LaTeX, a text in the place of each slot: a symbol, or a number."""
    return _SLOT.sub(lambda slot: values[slot[1]], line)
