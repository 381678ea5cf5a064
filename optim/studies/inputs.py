"""What differs from step to step, for many runs."""

from typing import Any

import jax

from optim.conditions import Conditions, StepInputs
from surfaces import Surface


def padded_length(num_steps: int) -> int:
    """Rows for so many points, rounded up: few numbers of steps compile again."""
    return max(512, 1 << num_steps.bit_length())


def step_inputs_of(
    surface: Surface, conditions: Conditions, num_steps: int, real: Any
) -> StepInputs | None:
    """The inputs of all steps, the same for all runs; None if all steps are equal."""
    samples, conditions = surface.samples, conditions.on(surface)
    if conditions.is_stationary(samples):
        return None
    inputs = conditions.step_inputs(num_steps, padded_length(num_steps), samples)
    return jax.tree.map(real, inputs)


def row(inputs: StepInputs | None, t: Any) -> StepInputs | None:
    """The inputs of one step."""
    return jax.tree.map(lambda rows: rows[t], inputs)
