"""What an update rule is: a pair of pure functions and a declaration.

`init(point) -> state` makes the memory a rule starts with, and
`step(fn, point, state, hypers) -> (point, state)` applies it once. A step is
given the loss itself, so that rules which look ahead, use second derivatives or
search along a line need no special case. A `NamedStep` also returns what it has
computed on its way, by name; `first_order` makes one of the common rule that only needs
the gradient at the current point.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from optim.equivalents import Equivalent
from optim.quantities import PlainStep, Quantity, Text, quantities_of
from surfaces import Loss, Param, Point, Scalar, l2_of, switch

State = Any
Hypers = Any
Quantities = Any
Update = Callable[[Point, State, Hypers], tuple[Any, State]]
Inside = Callable[[Loss, Point, State, Hypers], tuple[Quantities, State]]
Step = Callable[[Loss, Point, State, Hypers], tuple[Point, State]]

NOTHING = np.full(2, -0.0)
"""What added to a point leaves each of its bits: +0.0 would lose the sign of -0.0."""

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


def floor(meaning: str, low: float = 1e-12) -> Param:
    """The declaration of the small number that keeps a quotient finite."""
    return Param(r"\varepsilon", "Epsilon", low, 1.0, "log", meaning)


Momentum = Annotated[
    Scalar, decay(r"\beta", "Momentum", "How much of the velocity each step keeps.")
]
Decay = Annotated[
    Scalar, decay(r"\rho", "Decay", "How much of the mean square each step keeps.")
]
FirstDecay = Annotated[
    Scalar, decay(r"\beta_1", "First decay", "How much of the mean each step keeps.")
]
SecondDecay = Annotated[
    Scalar,
    decay(r"\beta_2", "Second decay", "How much of the mean square each step keeps."),
]
EpsInside = Annotated[
    Scalar,
    switch(
        "i",
        "Epsilon inside the root",
        "Whether epsilon is added under the root, or to the root.",
        ("ε outside", "ε inside"),
    ),
]
L2InR = Annotated[
    Scalar,
    switch(
        "L",
        "L2 counts in r",
        "Whether the gradient of an L2 penalty goes into r, or moves the point only.",
        ("L2 outside r", "L2 in r"),
    ),
]
RootFloor = Annotated[Scalar, floor("Added to the root of the mean square.")]


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
        quantities: The NamedTuple of what a step computes, each a `Quantity` field.
        equivalents: How other libraries get the same path, or why they do not.
        group: The group it is listed in.
        short: Its name where there is little space; the label by default.
        gradients: What a step costs on the surface when thousands of runs are
            computed at once, in gradients. `python -m benchmarks steps` measures it.
        overhead: What it costs besides, in steps of the first five rules.
        rests_within_rounding: Whether a run that moves by rounding only is at rest for
            good. It is not where a memory that a step divides by fades: then the last
            bits of a gradient can grow to a jump.
        searches_lines: Whether a step searches along a line, and can take long.
        stability: From its hyperparameters to the largest product of learning rate and
            curvature at which it is stable, by theory (stability.py); None if that says
            nothing of it.
        by_coordinate: Whether texts print its step as a table, a row a coordinate.
        stochastic: Whether it proposes points at random, by a seed of its own.
        needs_float64: Whether it takes differences of losses, for which float32 is too
            coarse.
        text: What it was read from, of a rule that a reader typed; else empty.
        lines: Its lines in the language of typed rules (typed/), or a function of the
            hyperparameters if switches change them: its text and its code in scripts
            follow. Empty where others say them, or why there are none.
        default_rate_from: Whose recommended learning rate suits it, and times what: a
            surface recommends rates for a few rules only. None for a rule without one.
        formula_with: One step in LaTeX for some hyperparameters, if switches change it.
        halting_condition: From its stacked states to whether it could not go on at each
            step, and why, in words; None if it always can.
    """

    key: str
    label: str
    formula: str
    source: str
    hypers: type[Any]
    init: Callable[[Point], State]
    step: Step
    group: str = "Gradient and momentum"
    default_rate_from: tuple[str, float] | None = None
    quantities: type[Any] = PlainStep
    equivalents: tuple[Equivalent, ...] = ()
    formula_with: Callable[[Hypers], str] | None = None
    halting_condition: tuple[Callable[[State], np.ndarray], str] | None = None
    stability: Callable[[Hypers], float] | None = None
    short: str = ""
    gradients: float = 1.0
    overhead: float = 1.0
    rests_within_rounding: bool = False
    searches_lines: bool = False
    by_coordinate: bool = False
    stochastic: bool = False
    needs_float64: bool = False
    text: str = ""
    lines: Text = ""

    @property
    def ephemeral(self) -> bool:
        """Whether it comes and goes: what is compiled for it makes room first."""
        return bool(self.text)

    def formula_for(self, hypers: Hypers) -> str:
        """One step in LaTeX, its switches set as in these hyperparameters."""
        return self.formula_with(hypers) if self.formula_with else self.formula

    @property
    def divisor(self) -> str:
        """The quantity that its step is divided by; empty if there is none."""
        return next((n for n, q in self.named.items() if q.kind == "scale"), "")

    @property
    def named(self) -> dict[str, Quantity]:
        """What a step computes, by name and in order; nothing for a step without."""
        return (
            quantities_of(self.quantities) if isinstance(self.step, NamedStep) else {}
        )

    def advance(
        self, fn: Loss, point: Point, state: State, hypers: Hypers
    ) -> tuple[Point, Any, Quantities, State]:
        """One step: where it starts, what is to be added to that, quantities, state.

        The sum is the next point. Where a loop adds the two in its next iteration, both
        are in memory by then, and the sum is theirs to the last bit: a compiler may
        not merge the addition with the multiplication before it.
        """
        if isinstance(self.step, NamedStep):
            quantities, state = self.step.inside(fn, point, state, hypers)
            return point, quantities.delta, quantities, state
        new, state = self.step(fn, point, state, hypers)
        return new, NOTHING, (), state

    def rate(self, recommended: Mapping[str, float]) -> float:
        """The learning rate to recommend, given what a surface has `recommended`."""
        if self.key in recommended:
            return recommended[self.key]
        like, factor = self.default_rate_from or (self.key, 1.0)
        if like in recommended:
            rate = recommended[like]
            if factor != 1.0:
                rate = float(f"{rate * factor:.2g}")
            return min(max(rate, LEARNING_RATE.low), LEARNING_RATE.high)
        return float(self.hypers._field_defaults["lr"])

    def recommended(self, rates: Mapping[str, float]) -> Hypers:
        """Its defaults, and what a surface has `recommended` in their place."""
        prefix = f"{self.key}."
        values = {
            name.removeprefix(prefix): value
            for name, value in rates.items()
            if name.startswith(prefix)
        }
        if "lr" in self.hypers._fields:
            values["lr"] = self.rate(rates)
        return self.hypers(**values)


def check_rule(optimizer: Any) -> None:
    """Refuses what is no rule.

    Raises:
        TypeError: In one sentence that says what to pass.
    """
    if isinstance(optimizer, str):
        raise TypeError(
            f"the optimizer must be a rule, such as OPTIMIZERS[{optimizer!r}], and not "
            "its name"
        )
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"the optimizer must be one of OPTIMIZERS, not {optimizer!r}")


def root(square: Point, eps: Scalar, inside: Scalar) -> Float[Array, "2"]:
    """The root of a square, with epsilon added inside of it or outside."""
    within = inside > 0
    # One root for both: in studies of thousands of runs a second one would cost.
    return jnp.sqrt(square + jnp.where(within, eps, 0.0)) + jnp.where(within, 0.0, eps)


def root_in_latex(square: str, inside: Scalar) -> str:
    """The same as a formula."""
    return (
        rf"\sqrt{{\varepsilon + {square}}}"
        if inside
        else rf"\sqrt{{{square}}} + \varepsilon"
    )


def remembered(
    fn: Loss, point: Point, grad: Point, l2_in_r: Scalar
) -> Float[Array, "2"]:
    """The gradient as it goes into r: with the slope of an L2 penalty, or without."""
    return jnp.where(l2_in_r > 0, grad, grad - l2_of(fn) * point)


def remembered_in_words(l2_in_r: Scalar) -> str:
    """The same in words."""
    return "gradient" if l2_in_r else "gradient, without that of the penalty"


def remembered_in_latex(l2_in_r: Scalar, grad: str = "g") -> str:
    """The same as a formula."""
    return grad if l2_in_r else rf"({grad} - \lambda w)"


@dataclass(frozen=True)
class NamedStep:
    """A step that can also say what it has computed.

    Attributes:
        inside: From the loss, the point, the state and the hyperparameters to the
            quantities of the step, of which the last is `delta`, and the new state.
    """

    inside: Inside

    def __call__(
        self, fn: Loss, point: Point, state: State, hypers: Hypers
    ) -> tuple[Float[Array, "2"], State]:
        """Applies the rule once."""
        quantities, state = self.inside(fn, point, state, hypers)
        return point + quantities.delta, state


def first_order(update: Update) -> NamedStep:
    """Lifts `update(grad, state, hypers)` to a step.

    It returns the quantities of the step and the new state; in place of the quantities
    `delta` alone will do.
    """

    def inside(
        fn: Loss, point: Point, state: State, hypers: Hypers
    ) -> tuple[Quantities, State]:
        grad = jax.grad(fn)(point)
        found, state = update(grad, state, hypers)
        named = hasattr(found, "delta")
        return (found if named else PlainStep(g=grad, delta=found)), state

    return NamedStep(inside)
