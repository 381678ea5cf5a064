"""Many runs as one kernel on a GPU, each run's numbers in registers through all steps.

XLA launches kernels anew for every step of a loop, and between two launches the runs
lie in memory. Here a program takes a block of runs, reads them once, goes through all
steps, and writes once what is left. It is Pallas, lowered by way of Triton.
"""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton

from optim.studies.componentwise import alike

BLOCK = 512
"""Runs of a program, a power of two. What is alike in all runs, such as a power of a
count of steps, is computed once in each thread: more runs a thread share its cost."""

WARPS = 4
"""Of 32 threads each, that a program's runs are spread over."""


def in_one_kernel(
    function: Callable[[Any, Any], Any], own: Any, same: Any, *, interpret: bool
) -> Any:
    """Calls a function of many runs for a block of them at a time, all in one kernel.

    Args:
        function: Of `own` and `same`, to a pytree of arrays (n,): what becomes of each
            run, which nothing but the other runs of its block may have a part in.
            `same` is given to it as `numbers` makes it.
        own: A pytree of arrays (n,) with n a power of two; of numbers, where all runs
            have the same.
        same: A pytree of small arrays that all runs share.
        interpret: Whether it is not compiled to a kernel but run as plain JAX, a block
            after the other, as on a CPU it must be.
    """
    # A kernel takes no array of nothing.
    same = jax.tree.map(lambda each: each if np.size(each) else [], same)
    results = jax.eval_shape(lambda own, same: function(own, numbers(same)), own, same)
    shapes, tree_out = jax.tree.flatten(results)
    arguments, tree_in = jax.tree.flatten((own, same))
    owned = len(jax.tree.leaves(own))
    (runs,) = shapes[0].shape
    block = min(runs, BLOCK)
    part = pl.BlockSpec((block,), lambda i: (i,))
    whole = pl.BlockSpec()

    def program(*refs: Any) -> None:
        given, made = refs[: len(arguments)], refs[len(arguments) :]
        # An array is read number by number: Triton only takes a power of two at once.
        read = [
            ref[...] if k < owned or not ref.shape else numbers(ref)
            for k, ref in enumerate(given)
        ]
        leaves = jax.tree.leaves(function(*jax.tree.unflatten(tree_in, read)))
        for ref, leaf in zip(made, leaves, strict=True):
            ref[...] = leaf

    called = pl.pallas_call(
        program,
        out_shape=shapes,
        grid=(runs // block,),
        in_specs=[
            part if k < owned and each.ndim else whole
            for k, each in enumerate(arguments)
        ],
        out_specs=[part] * len(shapes),
        compiler_params=triton.CompilerParams(num_warps=WARPS),
        interpret=interpret,
        name="study",
    )
    return jax.tree.unflatten(tree_out, called(*arguments))


def numbers(same: Any) -> Any:
    """Each array of a pytree as nested lists of its numbers; a number as it is."""
    return jax.tree.map(lambda each: alike(each).tolist(), same)
