"""Every rule against optax and torch, by hand, and against what must be true of it.

A new rule needs one row in `REFERENCES` for each library that has it, and one in
`BY_HAND`; the tests below say so when a row is missing.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, descend
from surfaces import SURFACES, Param, params

STEPS = 300
AGREEMENT = 1e-9

# Walks a library's optimizer: (gradient, start, number of steps) -> points.
Walk = Callable[[Callable[[np.ndarray], np.ndarray], np.ndarray, int], np.ndarray]


def by_torch(make: Callable[..., torch.optim.Optimizer], **settings: float) -> Walk:
    def walk(gradient, start, num_steps):
        point = torch.tensor(start, dtype=torch.float64)
        library = make([point], **{k: float(v) for k, v in settings.items()})
        points = [point.numpy().copy()]
        for _ in range(num_steps):
            point.grad = torch.from_numpy(np.array(gradient(point.numpy())))
            library.step()
            points.append(point.numpy().copy())
        return np.array(points)

    return walk


@partial(jax.jit, static_argnames="make")
def optax_init(make, settings, point):
    return make(**settings).init(point)


@partial(jax.jit, static_argnames="make")
def optax_step(make, settings, grad, state, point):
    updates, state = make(**settings).update(grad, state, point)
    return optax.apply_updates(point, updates), state


def by_optax(make: Callable[..., optax.GradientTransformation], **settings) -> Walk:
    settings = {name: np.float64(value) for name, value in settings.items()}

    def walk(gradient, start, num_steps):
        # optax raises a float64 decay to an int32 power.
        with jax.numpy_dtype_promotion("standard"):
            point, state = start, optax_init(make, settings, start)
            points = [start]
            for _ in range(num_steps):
                grad = gradient(point)
                point, state = optax_step(make, settings, grad, state, point)
                points.append(np.asarray(point))
        return np.array(points)

    return walk


class Reference(NamedTuple):
    """One library's form of one rule.

    Attributes:
        rule: The key in `OPTIMIZERS`.
        library: Whose.
        walk: From our hyperparameters to its walk.
        fixed: Our hyperparameters where the two conventions meet; {} if everywhere.
    """

    rule: str
    library: str
    walk: Callable[[Any], Walk]
    fixed: dict[str, float]

    def __str__(self) -> str:
        return f"{self.rule}-{self.library}"


REFERENCES = (
    Reference(
        "gradient_descent",
        "torch",
        lambda h: by_torch(torch.optim.SGD, lr=h.lr),
        {},
    ),
    Reference(
        "gradient_descent",
        "optax",
        lambda h: by_optax(optax.sgd, learning_rate=h.lr),
        {},
    ),
    # Both keep v <- b v + g and move by -a v: the same path at a constant rate.
    Reference(
        "momentum",
        "torch",
        lambda h: by_torch(torch.optim.SGD, lr=h.lr, momentum=h.beta),
        {},
    ),
    Reference(
        "momentum",
        "optax",
        lambda h: by_optax(optax.sgd, learning_rate=h.lr, momentum=h.beta),
        {},
    ),
    Reference(
        "adagrad",
        "torch",
        lambda h: by_torch(
            torch.optim.Adagrad, lr=h.lr, eps=h.eps, initial_accumulator_value=0
        ),
        {},
    ),
    # optax divides by sqrt(eps + r), we by eps + sqrt r: they meet without the floor,
    # which torch checks. Ours may not be 0, or 0 / 0 follows where a slope is 0.
    Reference(
        "adagrad",
        "optax",
        lambda h: by_optax(
            optax.adagrad, learning_rate=h.lr, eps=0, initial_accumulator_value=0
        ),
        {"eps": 1e-30},
    ),
    # torch divides by eps + sqrt r, we by sqrt(eps + r): they meet without the floor,
    # which optax checks.
    Reference(
        "rmsprop",
        "torch",
        lambda h: by_torch(torch.optim.RMSprop, lr=h.lr, alpha=h.rho, eps=1e-30),
        {"eps": 1e-60},
    ),
    Reference(
        "rmsprop",
        "optax",
        lambda h: by_optax(
            partial(optax.rmsprop, eps_in_sqrt=True),
            learning_rate=h.lr,
            decay=h.rho,
            eps=h.eps,
        ),
        {},
    ),
    Reference(
        "adam",
        "torch",
        lambda h: by_torch(
            lambda point, beta1, beta2, **rest: torch.optim.Adam(
                point, betas=(beta1, beta2), **rest
            ),
            lr=h.lr,
            beta1=h.beta1,
            beta2=h.beta2,
            eps=h.eps,
        ),
        {},
    ),
    Reference(
        "adam",
        "optax",
        lambda h: by_optax(
            optax.adam, learning_rate=h.lr, b1=h.beta1, b2=h.beta2, eps=h.eps
        ),
        {},
    ),
)


def test_every_rule_has_references():
    rows = [(reference.rule, reference.library) for reference in REFERENCES]
    assert len(rows) == len(set(rows))
    assert {rule for rule, _ in rows} == set(OPTIMIZERS) == set(BY_HAND)


# How far two runs can be compared. Rounding differs between any two programs, and
# some of these paths multiply a difference a thousandfold within a few steps: RMSProp
# circling a minimum, a heavy ball thrown across Beale's cliffs. So our own rule is run
# again with every point shaken by NOISE, some thousand times its rounding, in SHAKES
# patterns of signs, and two runs are compared up to the step before the first at which
# a shaken one has strayed by more than SPREAD. A run that flies off is compared up to
# the FAR of no return: nobody looks there, and soon it overflows. Deviations are
# relative to the point's size, or to 1, the order of every domain's, if that is larger.
NOISE = 1e-13
SPREAD = 1e-10
FAR = 1e6
SHAKES = np.random.default_rng(0).choice([-1.0, 1.0], (4, STEPS + 1, 2))


@partial(jax.jit, static_argnames="optimizer")
def shaken(fn, start, hypers, shakes, *, optimizer):
    def one(signs):
        def advance(carry, sign):
            point, state = carry
            new, state = optimizer.step(fn, point, state, hypers)
            new += NOISE * sign * jnp.maximum(jnp.abs(point), jnp.abs(new))
            return (new, state), new

        point = start * (1 + NOISE * signs[0])
        first = (point, optimizer.init(point))
        _, points = jax.lax.scan(advance, first, signs[1:])
        return jnp.concatenate([point[None], points])

    return jax.vmap(one)(shakes)


@jax.jit
def gradient(fn, point):
    return jax.grad(fn)(point)


def deviations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.abs(a - b).max(axis=-1) / np.maximum(1, np.abs(b).max(axis=-1))


def first_false(holds: np.ndarray) -> int:
    return len(holds) if holds.all() else int(np.argmin(holds))


def compare(reference, surface, start, hypers, conformance, at_least):
    """Compares as far as can be: `at_least` so far, or a step if the run flies off."""
    optimizer = OPTIMIZERS[reference.rule]
    hypers = jax.tree.map(np.float64, hypers._replace(**reference.fixed))
    start = np.array(start, dtype=np.float64)
    ours = descend(surface, optimizer, start, hypers, STEPS).points
    spread = deviations(
        np.asarray(shaken(surface.fn, start, hypers, SHAKES, optimizer=optimizer)), ours
    ).max(axis=0)
    steady = first_false(spread <= SPREAD) - 1
    here = first_false(np.isfinite(ours).all(axis=1) & (np.abs(ours) < FAR).all(axis=1))
    num_steps = min(steady, here - 1)
    assert num_steps >= (at_least if here > STEPS else 1)

    walk = reference.walk(hypers)
    theirs = walk(partial(gradient, surface.fn), start, num_steps)
    assert theirs.shape == (num_steps + 1, 2)
    worst = deviations(theirs, ours[: num_steps + 1]).max()
    runs, steps, before = conformance.get((reference.rule, reference.library), (0,) * 3)
    conformance[reference.rule, reference.library] = (
        runs + 1,
        steps + num_steps,
        max(before, worst),
    )
    assert worst <= AGREEMENT
    return num_steps


@st.composite
def points_in(draw, surface):
    # Between the thousandths of the domain: Hypothesis would rather draw 0 and 1e-300,
    # where all that a rule divides by its slope hangs on rounding or on the floor.
    x_low, x_high, y_low, y_high = surface.domain
    i, j = draw(st.integers(0, 999)), draw(st.integers(0, 999))
    return (
        x_low + (x_high - x_low) * (i + 0.382) / 1000,
        y_low + (y_high - y_low) * (j + 0.618) / 1000,
    )


on_every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
with_every_reference = pytest.mark.parametrize("reference", REFERENCES, ids=str)
with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


@on_every_surface
@with_every_reference
def test_same_path_from_the_declared_start(reference, surface, conformance):
    hypers = OPTIMIZERS[reference.rule].hypers(
        lr=surface.learning_rates[reference.rule]
    )
    compare(reference, surface, surface.start, hypers, conformance, at_least=30)


@on_every_surface
@with_every_reference
@settings(max_examples=8)
@given(data=st.data())
def test_same_path_at_tame_rates(reference, surface, conformance, data):
    hypers = data.draw(st.from_type(OPTIMIZERS[reference.rule].hypers))
    tamer = data.draw(st.floats(-2, 0), label="log10 of declared rates")
    hypers = hypers._replace(
        lr=surface.learning_rates[reference.rule] * 10.0**tamer,
    )
    start = data.draw(points_in(surface), label="start")
    compare(reference, surface, start, hypers, conformance, at_least=20)


@on_every_surface
@with_every_reference
@settings(max_examples=4)
@given(data=st.data())
def test_same_path_at_any_setting(reference, surface, conformance, data):
    hypers = data.draw(st.from_type(OPTIMIZERS[reference.rule].hypers))
    surface = surface.turned(
        **data.draw(st.from_type(type(surface.knobs)), label="knobs")._asdict()
    )
    start = data.draw(points_in(surface), label="start")
    compare(reference, surface, start, hypers, conformance, at_least=1)

BY_HAND = dict.fromkeys(OPTIMIZERS)
