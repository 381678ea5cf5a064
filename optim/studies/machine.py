"""One rule on one loss, lifted from one run to many.

The runs' point and state are a list of parts, each () or (n,): first x, then y, then
each entry of each array of the state. A part is () where it is alike in all runs.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from optim.base import Optimizer
from optim.studies.componentwise import Components, collected, spread, taken_apart
from surfaces import Loss

Parts = list[Any]


class Machine:
    """A rule on a loss, for runs of x and y of shape (n,)."""

    def __init__(self, optimizer: Optimizer, fn: Loss, dtype: Any, apart: bool) -> None:
        """Traces the rule; with `apart` false, it is vmapped as it stands."""
        point = jax.ShapeDtypeStruct((2,), dtype)
        number = jax.ShapeDtypeStruct((), dtype)
        fields = len(optimizer.hypers._fields)
        state = jax.eval_shape(optimizer.init, point)
        leaves, self._structure = jax.tree.flatten(state)
        self._optimizer = optimizer
        self._shapes = [(2,), *(leaf.shape for leaf in leaves)]

        def loss(point: Any) -> Any:
            with jax.numpy_dtype_promotion("standard"):
                return fn(point).astype(dtype)

        def init(point: Any) -> tuple[Any, ...]:
            return tuple(jax.tree.leaves(optimizer.init(point)))

        def step(point: Any, *rest: Any) -> tuple[Any, ...]:
            state = jax.tree.unflatten(self._structure, rest[: len(leaves)])
            hypers = optimizer.hypers(*rest[len(leaves) :])
            # Rules and data hold numbers in float64, whatever the point is in.
            with jax.numpy_dtype_promotion("standard"):
                after = optimizer.step(loss, point, state, hypers)
            return tuple(
                new.astype(old.dtype)
                for new, old in zip(
                    jax.tree.leaves(after), (point, *leaves), strict=True
                )
            )

        def height(point: Any) -> tuple[Any, ...]:
            return (loss(point),)

        examples = {
            init: (point,),
            step: (point, *leaves, *[number] * fields),
            height: (point,),
        }
        lifted: list[Any] = [
            apart and taken_apart(f, dtype, *of) for f, of in examples.items()
        ]
        if not all(lifted):
            lifted = list(map(_vmapped, examples))
        self._init, self._step, self._height = lifted

    def height(self, x: Any, y: Any) -> Any:
        """The loss of each run, shape (n,)."""
        (height,) = self._height(collected([x, y], (2,)))
        return spread([height[()], x])[0]

    def first(self, x: Any, y: Any, hypers: Sequence[Any]) -> Parts:
        """The parts before the first step, each as wide as it will be after it."""
        init = self._init(collected([x, y], (2,)))
        parts = [x, y, *(jnp.asarray(p) for each in init for p in each.flat)]
        after = jax.eval_shape(self.advance, parts, hypers)
        while any(
            part.shape != new.shape for part, new in zip(parts, after, strict=True)
        ):
            parts = [
                jnp.broadcast_to(part, new.shape)
                for part, new in zip(parts, after, strict=True)
            ]
            after = jax.eval_shape(self.advance, parts, hypers)
        return parts

    def advance(self, parts: Parts, hypers: Sequence[Any]) -> Parts:
        """One step of every run."""
        numbers = [collected([each], ()) for each in hypers]
        after = self._step(*self._split(parts), *numbers)
        return [jnp.asarray(part) for each in after for part in each.flat]

    def halted(self, parts: Parts) -> Any:
        """Whether each run could not go on, shape (n,)."""
        runs = parts[0].shape
        if self._optimizer.stopped is None:
            return jnp.zeros(runs, bool)
        leaves = [_stacked(each, runs) for each in self._split(parts)[1:]]
        return self._optimizer.stopped[0](jax.tree.unflatten(self._structure, leaves))

    def _split(self, parts: Parts) -> list[Components]:
        each = iter(parts)
        return [
            collected([next(each) for _ in np.ndindex(shape)], shape)
            for shape in self._shapes
        ]


def _vmapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function on components, by way of stacked arrays."""

    def lifted(*values: Components) -> list[Components]:
        runs = max((np.shape(p) for each in values for p in each.flat), key=len)
        stacked = [_stacked(each, runs) for each in values]
        results = jax.vmap(function)(*stacked)
        return [
            collected(
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
