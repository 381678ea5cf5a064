"""Runs of rules on the declared surfaces, and how far two of them can be compared."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

from optim import OPTIMIZERS, descend
from surfaces import SURFACES

STEPS = 300
AGREEMENT = 1e-10

# Unoptimized code compiles several times faster, and a step is a few operations.
fast_to_compile = partial(
    jax.jit, compiler_options={"xla_backend_optimization_level": "0"}
)


@fast_to_compile
def _value(fn, point):
    return fn(point)


@fast_to_compile
def _gradient(fn, point):
    return jax.grad(fn)(point)


@fast_to_compile
def _hessian(fn, point):
    return jax.hessian(fn)(point)


class Problem:
    """What a reference is given to descend: NumPy in, NumPy out."""

    def __init__(self, fn):
        self.fn = fn

    def value(self, point):
        return float(_value(self.fn, point))

    def gradient(self, point):
        return np.array(_gradient(self.fn, point))

    def hessian(self, point):
        return np.array(_hessian(self.fn, point))


with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


# How far two runs can be compared. Rounding differs between any two programs, and some
# runs multiply a difference a thousandfold within a few steps: RMSProp oscillating
# around a minimum, momentum on Beale's cliffs, Adam with a long memory of the gradient
# and none of its size. So our own rule is run again with every point perturbed by
# NOISE, about a hundred times its rounding, in SHAKES patterns of signs, and two runs
# are compared up to the step before the first at which a perturbed one deviates by more
# than MAX_DEVIATION. A diverging run is compared as long as no coordinate exceeds FAR:
# soon after, it overflows. Deviations are relative to the point's size, or to 1, the
# order of every domain's, if that is larger. Tests say how many steps must be left.
NOISE = 1e-14
MAX_DEVIATION = 1e-10
FAR = 1e6
SHAKES = np.random.default_rng(0).choice([-1.0, 1.0], (5, STEPS + 1, 2))
SHAKES[0] = 0  # The run itself.

# One program serves a rule on all surfaces, which are an argument. Of x alone the
# Hessian is singular, which SciPy refuses; half of each point would stand still.
PROBLEMS = {
    key: surface
    for key, surface in SURFACES.items()
    if surface.smooth and surface.data is None and surface.variables == 2
}
PARAMS = {
    key: jax.tree.map(np.float64, surface.params) for key, surface in PROBLEMS.items()
}


# What is jitted within a program is traced, and differentiated, once for all programs.
LOSSES = {key: jax.jit(surface.loss) for key, surface in PROBLEMS.items()}


def any_loss(index, params, point):
    losses = [partial(loss, params[key]) for key, loss in LOSSES.items()]
    return jax.lax.switch(index, losses, point)


@partial(fast_to_compile, static_argnames="optimizer")
def _perturbed_runs(index, params, start, hypers, *, optimizer):
    fn = partial(any_loss, index, params)

    def perturbed(signs):
        def advance(carry, sign):
            point, state = carry
            new, state = optimizer.step(fn, point, state, hypers)
            # By the larger coordinate: a gradient's terms may cancel in the smaller.
            size = jnp.maximum(jnp.abs(point).max(), jnp.abs(new).max())
            new += NOISE * sign * size
            return (new, state), (new, state)

        point = start * (1 + NOISE * signs[0])
        first = (point, optimizer.init(point))
        _, rest = jax.lax.scan(advance, first, signs[1:])
        return jax.tree.map(
            lambda one, more: jnp.concatenate([one[None], more]), first, rest
        )

    points, states = jax.vmap(perturbed)(SHAKES)
    return points, jax.tree.map(lambda rows: rows[0], states)


def perturbed_runs(optimizer, surface, start, hypers):
    """All perturbed runs' points, the plain run's first, and the plain run's states."""
    params = PARAMS | {surface.key: jax.tree.map(np.float64, surface.params)}
    points, states = _perturbed_runs(
        np.int64(list(PROBLEMS).index(surface.key)),
        params,
        np.array(start, dtype=np.float64),
        jax.tree.map(np.float64, hypers),
        optimizer=optimizer,
    )
    return np.asarray(points), jax.tree.map(np.asarray, states)


def deviations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.abs(a - b).max(axis=-1) / np.maximum(1, np.abs(b).max(axis=-1))


def first_false(holds: np.ndarray) -> int:
    return len(holds) if holds.all() else int(np.argmin(holds))


def note(conformance, rule, library, surface, num_steps, worst):
    before = conformance.get((rule, library), (frozenset(), 0, 0, 0.0))
    surfaces, runs, steps, deviation = before
    conformance[rule, library] = (
        surfaces | {surface.key},
        runs + 1,
        steps + num_steps,
        max(deviation, float(worst)),
    )


@st.composite
def points_in(draw, surface):
    # Between the thousandths of the domain: Hypothesis would rather draw 0 and 1e-300,
    # where all that a rule divides by its slope depends on rounding or on the floor.
    x_low, x_high, y_low, y_high = surface.domain
    i, j = draw(st.integers(0, 999)), draw(st.integers(0, 999))
    return (
        x_low + (x_high - x_low) * (i + 0.382) / 1000,
        y_low + (y_high - y_low) * (j + 0.618) / 1000,
    )


on_every_surface = pytest.mark.parametrize("surface", PROBLEMS.values(), ids=PROBLEMS)


def tilted(point):
    return 3 * point[0] - 4 * point[1]


def run_on(loss, key, start, num_steps, **hypers):
    optimizer = OPTIMIZERS[key]
    return descend(loss, optimizer, start, optimizer.hypers(**hypers), num_steps)


def plain_run(key, surface, **hypers):
    """Our own run from the declared start."""
    optimizer = OPTIMIZERS[key]
    (points, *_), _ = perturbed_runs(
        optimizer, surface, surface.start, optimizer.hypers(**hypers)
    )
    return points
