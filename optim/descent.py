"""The driver: runs a rule down a surface and records every step.

A rule on a surface is compiled once. Start, hyperparameters, the surface's parameters,
conditions and the number of steps are arguments of the compiled code; only the length
of the record is fixed when compiling, and it is rounded up.

Noise reaches a rule as a tilt of the surface: at each step the rule is given the loss
plus n . w, whose gradient is the true one plus n wherever it looks. A minibatch is
likewise the loss of that step.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.tree_util import Partial
from jaxtyping import Array, Float

from optim.base import NOTHING, Hypers, NamedStep, Optimizer, check_rule
from optim.conditions import Conditions, StepInputs, apply_step_inputs, projected
from optim.from_optax import as_rule
from optim.outcome import Outcome, judge
from surfaces import Loss, Point, Surface
from surfaces.compiled import Compiled

MIN_CAPACITY = 5_000
"""Steps that a record always holds; longer ones round up to a power of two."""
SHORT_CAPACITY = 1_000
"""And steps that it holds with quantities, where that is enough: rows are then three
times as long, and room that no step uses takes longer than the steps."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """All iterates of a run, the start included.

    Attributes:
        points: Every iterate, shape (steps + 1, 2), float64; row 0 is the start.
        losses: The loss at each, without noise and over all samples, shape
            (steps + 1,).
        grads: The gradient at each as the rule was given it, shape (steps + 1, 2);
            the last row, from which no step was taken, is without noise.
        states: The rule's own memory at each, every array stacked along a first
            axis of steps + 1.
        outcome: How the run ended.
        quantities: What each step computed on its way, by the names of
            `optimizer.named`, each stacked along a first axis of steps; None unless
            asked for. Row t of `delta` is what was added to row t of the points, to
            the last bit; under a projection, the sum was then projected.
    """

    points: Float[np.ndarray, "n 2"]
    losses: Float[np.ndarray, " n"]
    grads: Float[np.ndarray, "n 2"]
    states: Any
    outcome: Outcome
    quantities: Mapping[str, np.ndarray] | None = None


def descend(
    loss: Loss | Surface,
    optimizer: Optimizer | optax.GradientTransformation,
    start: Sequence[float] | np.ndarray,
    hypers: Hypers | Mapping[str, float] | None = None,
    num_steps: int = 500,
    *,
    conditions: Conditions | None = None,
    quantities: bool = False,
    device: Any = None,
) -> Trajectory:
    """Runs a rule from a start for a number of steps.

    Nothing is clipped and nothing stops early: a run that diverges is recorded as
    it diverges, up to infinity and NaN.

    Args:
        loss: A `Surface`, whose minima, saddles and domain the outcome is then
            judged by, or any JAX function from a point of shape (2,) to a scalar.
            One compilation is kept for each function object.
        optimizer: The rule, one of `OPTIMIZERS`, or any optimizer of optax's.
        start: The first iterate, two finite numbers.
        hypers: Values of `optimizer.hypers`, or a mapping of some of them by name; by
            default what is recommended for the surface. Optimizers of optax's have
            theirs built in.
        num_steps: How often the rule is applied, at least 0.
        conditions: Schedule, gradient noise and minibatches; none by default.
        quantities: Whether to record what each step computes on its way, too. That is
            compiled on its own; a run without it is not slower for it.
        device: The `jax.Device` to run on; the CPU by default, because
            thousands of tiny dependent steps are faster there than on an accelerator.

    Returns:
        The trajectory.

    Raises:
        ValueError: If the start is not two finite numbers, num_steps is negative, a
            hyperparameter is unknown, a minibatch does not fit the data, or a schedule
            is to change a learning rate that an optimizer of optax's has built in.
        TypeError: If loss or optimizer are none, or the hyperparameters are another's.
    """
    surface = loss if isinstance(loss, Surface) else None
    if surface is None and not callable(loss):
        raise TypeError(
            f"the loss must be a Surface or a function of a point, not {loss!r}"
        )
    if isinstance(optimizer, optax.GradientTransformation):
        optimizer = as_rule(optimizer)
        if conditions is not None and not (conditions.factors(num_steps) == 1).all():
            raise ValueError(
                "an optimizer of optax's has its learning rate built in: give it a "
                "schedule of optax's in place of the conditions'"
            )
    values = _hypers(optimizer, hypers, surface)
    first = np.array(start, dtype=np.float64)
    if first.shape != (2,) or not np.isfinite(first).all():
        raise ValueError(f"the start must be two finite numbers, not {start!r}")
    if num_steps < 0:
        raise ValueError(f"the number of steps must be at least 0, not {num_steps}")
    num_steps = operator.index(num_steps)  # NumPy's integers have no bit_length().
    fn = loss.fn if isinstance(loss, Surface) else loss
    # Converted once, here: a mix of Python floats and arrays would compile again.
    values = values._make(map(np.float64, values))
    capacity = _capacity(num_steps, quantities)
    samples = surface.samples if surface else None
    if surface is not None:
        conditions = (conditions or Conditions()).on(surface)
    if conditions is None or conditions.is_stationary(samples):
        inputs = _stationary_inputs(capacity, samples)
    else:
        # All rules of a race ask for the same rows.
        inputs = _step_inputs(conditions, num_steps, capacity, samples)
    with jax.default_device(device or _cpu()):
        record = _descend(
            fn if isinstance(fn, Partial) else Partial(fn),
            first,
            values,
            np.int64(num_steps),
            inputs,
            static=StaticArgs(optimizer, quantities),
        )
    # By columns, for what follows looks at one after the other.
    columns = np.asarray(record)[: num_steps + 1].T.copy()
    points, losses, grads, states, found = _unpacked(columns, optimizer, quantities)
    halt = _halt(optimizer, states)
    outcome = judge(
        points, losses, grads, surface, halt, stochastic=optimizer.stochastic
    )
    if outcome.kind == "stalled" and conditions and conditions.holds(points[-1]):
        outcome = outcome.held
    return Trajectory(points, losses, grads, states, outcome, found)


def _hypers(optimizer: Any, hypers: Any, surface: Surface | None) -> Hypers:
    """The hyperparameters as the rule's own NamedTuple."""
    check_rule(optimizer)
    if hypers is None:
        return optimizer.recommended(surface.recommended if surface else {})
    if isinstance(hypers, Mapping):
        unknown = hypers.keys() - set(optimizer.hypers._fields)
        if unknown:
            raise ValueError(
                f"{optimizer.label} has no {', '.join(sorted(unknown))}, only "
                f"{', '.join(optimizer.hypers._fields)}"
            )
        return optimizer.hypers(**hypers)
    if not isinstance(hypers, optimizer.hypers):
        raise TypeError(
            f"the hyperparameters of {optimizer.label} must be of the type "
            f"{optimizer.hypers.__name__}, or a mapping, not {hypers!r}"
        )
    return hypers


def _capacity(num_steps: int, quantities: bool) -> int:
    """Steps there is room for: few different numbers, as each is compiled anew."""
    if quantities and num_steps <= SHORT_CAPACITY:
        return SHORT_CAPACITY
    if num_steps <= MIN_CAPACITY:
        return MIN_CAPACITY
    return 1 << (num_steps - 1).bit_length()


@cache
def _cpu() -> Any:
    return jax.local_devices(backend="cpu")[0]


@lru_cache(maxsize=8)
def _stationary_inputs(capacity: int, samples: int | None) -> StepInputs:
    return Conditions().step_inputs(0, capacity + 1, samples)


@lru_cache(maxsize=8)
def _step_inputs(
    conditions: Conditions, num_steps: int, capacity: int, samples: int | None
) -> StepInputs:
    return conditions.step_inputs(num_steps, capacity + 1, samples)


def _halt(optimizer: Optimizer, states: Any) -> tuple[int, str] | None:
    """The first step the rule could not take, and why."""
    if optimizer.halting_condition is None:
        return None
    holds, why = optimizer.halting_condition
    halted = holds(states)
    return (int(np.argmax(halted)), why) if halted.any() else None


class StaticArgs(NamedTuple):
    """What is fixed when compiling."""

    optimizer: Optimizer
    quantities: bool


@partial(Compiled, static_argnames="static")
def _descend(
    fn: Loss,
    start: Point,
    hypers: Hypers,
    num_steps: Float[Array, ""],
    inputs: StepInputs,
    *,
    static: StaticArgs,
) -> Float[Array, "capacity width"]:
    """All that is recorded, one row a step; `_unpacked` reads the rows.

    One array of rows: to write each value into an array of its own takes longer than
    to compute it.
    """
    optimizer, quantities = static
    capacity = len(inputs.factor)

    def advance(t, carry):
        base, delta, state, rows = carry
        point = base + delta
        inputs_t = jax.tree.map(lambda rows: rows[t], inputs)
        loss, tuned = apply_step_inputs(inputs_t, fn, hypers)
        # The compiler shares the gradient with the rule.
        seen = point, fn(point), jax.grad(loss)(point), state
        if quantities:
            base, delta, inside, state = optimizer.advance(loss, point, state, tuned)
            row = _packed((seen, inside))
            if inputs_t.region is not None:
                base, delta = projected(base + delta, inputs_t.region), NOTHING
        else:
            # As studies take it, whose runs are compared with this one.
            base, state = optimizer.step(loss, point, state, tuned)
            base = projected(base, inputs_t.region)
            delta, row = NOTHING, _packed(seen)
        return base, delta, state, rows.at[t].set(row)

    state = optimizer.init(start)
    width = 5 + sum(leaf.size for leaf in jax.tree.leaves(state))
    if quantities:
        width += sum(leaf.size for _, leaf in shapes_of(optimizer))
    first = start, jnp.asarray(NOTHING), state, jnp.zeros((capacity, width))
    return jax.lax.fori_loop(0, num_steps + 1, advance, first)[3]


def _packed(values: Any) -> Float[Array, " width"]:
    """All numbers of a pytree in one row; float64 holds each of them exactly."""
    leaves = jax.tree.leaves(values)
    return jnp.concatenate([jnp.ravel(leaf).astype(jnp.float64) for leaf in leaves])


@lru_cache(maxsize=64)
def _state_of(optimizer: Optimizer) -> tuple[list[Any], Any]:
    """The shape and dtype of each array of a rule's state, and its structure."""
    point = jax.ShapeDtypeStruct((2,), np.float64)
    return jax.tree.flatten(jax.eval_shape(optimizer.init, point))


@lru_cache(maxsize=64)
def shapes_of(optimizer: Optimizer) -> tuple[tuple[str, Any], ...]:
    """The name, and the shape and dtype, of each quantity of a rule."""
    if not isinstance(optimizer.step, NamedStep):
        return ()
    point = jax.ShapeDtypeStruct((2,), np.float64)
    number = jax.ShapeDtypeStruct((), np.float64)
    hypers = optimizer.hypers(*[number] * len(optimizer.hypers._fields))
    state = jax.eval_shape(optimizer.init, point)
    inside = partial(optimizer.step.inside, lambda point: point @ point)
    found, _ = jax.eval_shape(inside, point, state, hypers)
    return tuple(found._asdict().items())


def _unpacked(
    columns: Float[np.ndarray, "width n"], optimizer: Optimizer, quantities: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Any, Mapping[str, np.ndarray] | None]:
    """All that is recorded, as `_descend` has packed it."""
    first = 5

    def stacked(leaf: Any) -> np.ndarray:
        nonlocal first
        part = columns[first : first + leaf.size].T
        first += leaf.size
        return part.reshape(-1, *leaf.shape)

    leaves, structure = _state_of(optimizer)
    states = [stacked(leaf).astype(leaf.dtype, copy=False) for leaf in leaves]
    found = None
    if quantities:
        # From the last point no step was taken.
        found = {name: stacked(leaf)[:-1] for name, leaf in shapes_of(optimizer)}
    return (
        columns[:2].T,
        columns[2],
        columns[3:5].T,
        jax.tree.unflatten(structure, states),
        found,
    )
