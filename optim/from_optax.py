"""Makes rules of optax's optimizers.

optax builds an optimizer from its hyperparameters. Here that happens while a step is
traced, so they stay arguments of the compiled code and turning one never recompiles.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from optim.base import Hypers, NamedStep, Optimizer, Quantities, State
from optim.equivalents import Equivalent
from optim.quantities import GRADIENT, PlainStep, Quantity, Vector, delta
from surfaces import Loss, NoParams, Point

NAMES = {"lr": "learning_rate", "beta1": "b1", "beta2": "b2"}
"""optax's names of our hyperparameters, where they differ."""

REMEMBERED = {"m": "mu", "r": "nu", "u": "nu_max"}
"""optax's names of what its states remember, where ours differ."""


class Around(NamedTuple):
    """What a derived quantity may follow from.

    Attributes:
        found: The quantities before it, by name.
        hypers: The hyperparameters.
        t: The step, from 1.
        before: The memory of that name as the step found it.
    """

    found: Mapping[str, Any]
    hypers: Hypers
    t: Any
    before: Callable[[str], Any]


Derived = Mapping[str, Callable[[Around], Any]]
"""By name, how a quantity follows."""
NO_DERIVED: Derived = {}


def _remembered(state: State, name: str) -> Any:
    """What a state of optax's remembers, by our name."""
    return optax.tree_utils.tree_get(state, REMEMBERED.get(name, name))


def from_optax(
    make: Callable[..., optax.GradientTransformation],
    hypers: type[Any],
    quantities: type[Any] = PlainStep,
    derived: Derived = NO_DERIVED,
    **fixed: Any,
) -> tuple[Callable[[Point], State], NamedStep]:
    """The two functions of a rule.

    Args:
        make: One of optax's optimizers, such as `optax.adamw`.
        hypers: Our hyperparameters; its fields are handed over by `NAMES`.
        quantities: What a step names: `g`, parts of optax's state, `delta`.
        derived: What else it names. optax has this inside, and does not return it; a
            test compares the step that follows from it with the step.
        **fixed: What is handed over besides, always the same.

    Returns:
        `init` and `step`. A step also hands over the loss, for line searches.
    """

    def built(values: Hypers) -> Any:
        given: dict[str, Any] = values._asdict()
        named = {NAMES.get(name, name): value for name, value in given.items()}
        return optax.with_extra_args_support(make(**named, **fixed))

    def init(point: Point) -> State:
        return built(hypers()).init(point)

    def inside(
        fn: Loss, point: Point, state: State, values: Hypers
    ) -> tuple[Quantities, State]:
        value, grad = jax.value_and_grad(fn)(point)
        # optax counts in int32 and raises decays to that power.
        with jax.numpy_dtype_promotion("standard"):
            delta, after = built(values).update(
                grad, state, point, value=value, grad=grad, value_fn=fn
            )
        found = {"g": grad, "delta": delta}
        for name in quantities._fields:
            if name in derived:
                count = optax.tree_utils.tree_get(after, "count", 0)
                t = jnp.asarray(count).astype(point.dtype)
                before = partial(_remembered, state)
                found[name] = derived[name](Around(found, values, t, before))
            elif name not in found:
                found[name] = _remembered(after, name)
        return quantities(**found), after

    return init, NamedStep(inside)


def step_type(line: str, says: str, **between: Quantity) -> type[Any]:
    """The NamedTuple of a step's quantities.

    Args:
        line: The line of `delta`.
        says: The sentence of `delta`.
        **between: What is remembered in optax's state, or derived from that, in the
            order of the lines.
    """
    fields = {"g": GRADIENT, **between, "delta": delta(line, says)}
    annotated: list[Any] = [(name, Annotated[Vector, q]) for name, q in fields.items()]
    return NamedTuple("OptaxStep", annotated)


def adapted(
    key: str,
    label: str,
    make: Callable[..., optax.GradientTransformation],
    hypers: type[Any],
    formula: str,
    source: str,
    *,
    quantities: type[Any] = PlainStep,
    derived: Derived = NO_DERIVED,
    equivalents: tuple[Equivalent, ...] = (),
    group: str = "From optax",
    default_rate_from: tuple[str, float] | None = None,
    stability: Callable[[Hypers], float] | None = None,
    **fixed: Any,
) -> Optimizer:
    """One entry: an optimizer of optax's as an `Optimizer`."""
    init, step = from_optax(make, hypers, quantities, derived, **fixed)
    return Optimizer(
        key,
        label,
        formula,
        source,
        hypers,
        init,
        step,
        group,
        default_rate_from,
        quantities,
        equivalents,
        stability=stability,
    )


@lru_cache(maxsize=64)
def as_rule(transformation: optax.GradientTransformation) -> Optimizer:
    """An optimizer of optax's, just as it was built, as a rule without hyperparameters.

    The same object gives the same rule, for which one compilation is kept.
    """
    init, step = from_optax(lambda: transformation, NoParams)
    return Optimizer(
        key="optax",
        label="This optimizer of optax's",
        formula="",
        source="optax",
        hypers=NoParams,
        init=init,
        step=step,
    )
