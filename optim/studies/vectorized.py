"""One rule on one loss, lifted from one run to many.

The runs' point and state are a list of parts, each () or (n,): first x, then y, then
each entry of each array of the state. A part is () where it is equal in all runs. The
same holds for the inputs of a step: noise may be the same for all runs, or differ.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from optim.base import Optimizer
from optim.conditions import GivenLoss, StepInputs, apply_step_inputs, projected
from optim.studies.componentwise import Components, broadcast, object_array, scalarized
from surfaces import Loss, l2_of

Parts = list[Any]


class VectorizedRule:
    """A rule on a loss, for runs of x and y of shape (n,).

    Attributes:
        scalarized: Whether it is.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        fn: Loss,
        dtype: Any,
        scalarize: bool = True,
        inputs: StepInputs | None = None,
    ) -> None:
        """Traces the rule.

        Args:
            optimizer: The rule.
            fn: The loss.
            dtype: Of points.
            scalarize: Whether to compute with scalars where that is possible; else,
                and where it is not, the rule is vmapped unchanged.
            inputs: The inputs of all steps, of which `advance` gets a row each; None
                if there are none.
        """
        point = jax.ShapeDtypeStruct((2,), dtype)
        number = jax.ShapeDtypeStruct((), dtype)
        fields = len(optimizer.hypers._fields)
        state = jax.eval_shape(optimizer.init, point)
        leaves, self._structure = jax.tree.flatten(state)
        self._shapes = [(2,), *(leaf.shape for leaf in leaves)]
        self._input_shapes = () if inputs is None else _shapes_of_a_run(inputs)

        def loss(point: Any, **sampled: Any) -> Any:
            with jax.numpy_dtype_promotion("standard"):
                return fn(point, **sampled).astype(dtype)

        def init(point: Any) -> tuple[Any, ...]:
            return tuple(jax.tree.leaves(optimizer.init(point)))

        def step(point: Any, *rest: Any) -> tuple[Any, ...]:
            memory, own = rest[: len(leaves)], rest[len(leaves) : len(leaves) + fields]
            state = jax.tree.unflatten(self._structure, memory)
            # Rules and data hold numbers in float64, whatever the point is in.
            with jax.numpy_dtype_promotion("standard"):
                given = GivenLoss(loss, l2_of(fn))
                hypers = optimizer.hypers(*own)
                region = None
                if inputs is not None:
                    given_inputs = rest[len(leaves) + fields :]
                    inputs_t = jax.tree.unflatten(
                        jax.tree.structure(inputs), given_inputs
                    )
                    given, hypers = apply_step_inputs(inputs_t, given, hypers)
                    region = inputs_t.region
                moved, state = optimizer.step(given, point, state, hypers)
                after = projected(moved, region), state
            return tuple(
                new.astype(old.dtype)
                for new, old in zip(
                    jax.tree.leaves(after), (point, *leaves), strict=True
                )
            )

        def loss_of(point: Any) -> tuple[Any, ...]:
            return (loss(point),)

        def halted(point: Any, *memory: Any) -> tuple[Any, ...]:
            if optimizer.halting_condition is None:
                return (jnp.bool_(False),)
            # It is declared for stacked states: these are a stack of one.
            states = [leaf[None] for leaf in memory]
            holds, _ = optimizer.halting_condition
            return (holds(self._structure.unflatten(states))[0],)

        examples = {
            init: (point,),
            step: (
                point,
                *leaves,
                *[number] * fields,
                *(jax.ShapeDtypeStruct(shape, dtype) for shape in self._input_shapes),
            ),
            loss_of: (point,),
            halted: (point, *leaves),
        }
        lifted: list[Any] = [
            scalarize and scalarized(f, dtype, *of) for f, of in examples.items()
        ]
        self.scalarized = all(lifted)
        if not self.scalarized:
            lifted = list(map(_vmapped, examples))
        self._init, self._step, self._loss, self._halted = lifted

    def loss(self, x: Any, y: Any) -> Any:
        """The loss of each run, shape (n,)."""
        (loss,) = self._loss(object_array([x, y], (2,)))
        return broadcast([loss[()], x])[0]

    def first(
        self, x: Any, y: Any, hypers: Sequence[Any], inputs_t: StepInputs | None = None
    ) -> Parts:
        """The parts before the first step, each as wide as it will be after it."""
        init = self._init(object_array([x, y], (2,)))
        parts = [x, y, *(jnp.asarray(p) for each in init for p in each.flat)]
        after = jax.eval_shape(self.advance, parts, hypers, inputs_t)
        while any(
            part.shape != new.shape for part, new in zip(parts, after, strict=True)
        ):
            parts = [
                jnp.broadcast_to(part, new.shape)
                for part, new in zip(parts, after, strict=True)
            ]
            after = jax.eval_shape(self.advance, parts, hypers, inputs_t)
        return parts

    def advance(
        self, parts: Parts, hypers: Sequence[Any], inputs_t: StepInputs | None = None
    ) -> Parts:
        """One step of every run.

        Args:
            parts: Of all runs.
            hypers: Each () or (n,).
            inputs_t: The step's inputs, the same for all runs or with an axis of runs
                before their own.
        """
        numbers = [object_array([each], ()) for each in hypers]
        given = [
            object_array((rows[(..., *i)] for i in np.ndindex(shape)), shape)
            for rows, shape in zip(
                jax.tree.leaves(inputs_t), self._input_shapes, strict=True
            )
        ]
        after = self._step(*self._split(parts), *numbers, *given)
        return [jnp.asarray(part) for each in after for part in each.flat]

    def halted(self, parts: Parts) -> Any:
        """Whether each run could not go on, shape (n,)."""
        (halted,) = self._halted(*self._split(parts))
        return broadcast([halted[()], parts[0]])[0]

    def _split(self, parts: Parts) -> list[Components]:
        each = iter(parts)
        return [
            object_array([next(each) for _ in np.ndindex(shape)], shape)
            for shape in self._shapes
        ]


def _shapes_of_a_run(inputs: StepInputs) -> tuple[tuple[int, ...], ...]:
    """The shapes of a step's inputs for one run."""
    more = (
        rows.shape[-1:] for rows in (inputs.weights, inputs.region) if rows is not None
    )
    return ((), (2,), *more)


def _vmapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function on components, by way of stacked arrays."""

    def lifted(*values: Components) -> list[Components]:
        runs = [max(map(np.shape, each.flat), key=len, default=()) for each in values]
        stacked = [_stacked(*each) for each in zip(values, runs, strict=True)]
        axes = [0 if wide else None for wide in runs]
        results = jax.vmap(function, in_axes=axes)(*stacked)
        return [
            object_array(
                [result[(slice(None), *i)] for i in np.ndindex(result.shape[1:])],
                result.shape[1:],
            )
            for result in results
        ]

    return lifted


def _stacked(components: Components, runs: tuple[int, ...]) -> Any:
    """All entries as one array (n, ...)."""
    if not components.size:
        return jnp.zeros((*runs, *components.shape))
    columns = [jnp.broadcast_to(part, runs) for part in components.flat]
    return jnp.stack(columns, axis=-1).reshape(*runs, *components.shape)
