"""The adapter: what it hands to optax, and that nothing is lost on the way."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from optim import OPTIMIZERS, SCHEDULES, Conditions, Optimizer, descend
from optim.base import LearningRate
from optim.from_optax import adapted, from_optax
from optim.optax_rules import OPTAX_RULES
from surfaces import SURFACES, Scalar

SURFACE = SURFACES["himmelblau"]

with_every_adapted_rule = pytest.mark.parametrize(
    "optimizer", OPTAX_RULES, ids=lambda rule: rule.key
)


def plain_run(optimizer, hypers, start, num_steps):
    """What the text that the rule declares for optax does, without us."""
    (code,) = (one.code for one in optimizer.equivalents if one.library == "optax")
    with jax.numpy_dtype_promotion("standard"):
        library = eval(code.format(**hypers._asdict()), {"optax": optax})
        point, state, points = jnp.array(start), library.init(jnp.array(start)), []

        @jax.jit
        def step(point, state):
            value, grad = jax.value_and_grad(SURFACE.fn)(point)
            updates, state = library.update(
                grad, state, point, value=value, grad=grad, value_fn=SURFACE.fn
            )
            return optax.apply_updates(point, updates), state

        for _ in range(num_steps):
            point, state = step(point, state)
            points.append(np.asarray(point))
    return np.array(points)


@with_every_adapted_rule
def test_is_optax_at_the_same_hyperparameters(optimizer):
    hypers = optimizer.recommended(SURFACE.recommended)
    own = {"beta1": 0.8, "beta2": 0.99, "eps": 1e-3, "rho": 0.8, "weight_decay": 0.1}
    own |= {"c1": 0.4, "c2": 0.5}
    hypers = hypers._replace(**{k: own[k] for k in hypers._fields if k in own})
    run = descend(SURFACE, optimizer, SURFACE.start, hypers, 40)
    expected = plain_run(optimizer, hypers, SURFACE.start, 40)
    np.testing.assert_allclose(run.points[1:], expected, rtol=1e-9)
    default = descend(SURFACE, optimizer, SURFACE.start, optimizer.hypers(), 40)
    assert (default.points[1:] != run.points[1:]).any()


@with_every_adapted_rule
def test_keeps_float64_and_nothing_weak(optimizer):
    point = jnp.array(SURFACE.start)
    state = optimizer.init(point)
    hypers = jax.tree.map(np.float64, optimizer.hypers())
    new, after = optimizer.step(SURFACE.fn, point, state, hypers)
    assert new.dtype == jnp.float64
    assert jax.tree.structure(state) == jax.tree.structure(after)
    for before, later in zip(
        jax.tree.leaves(state), jax.tree.leaves(after), strict=True
    ):
        assert before.dtype == later.dtype
        assert before.shape == later.shape
        if jnp.issubdtype(before.dtype, jnp.floating):
            assert before.dtype == jnp.float64


@pytest.mark.parametrize(
    "make",
    [
        lambda: optax.adam(0.05),
        lambda: optax.chain(optax.clip(1.0), optax.sgd(0.1, momentum=0.9)),
        lambda: optax.adam(optax.cosine_decay_schedule(0.1, 30)),
        lambda: optax.lbfgs(),
    ],
    ids=["adam", "chain", "schedule", "line search"],
)
def test_descend_takes_any_optimizer_of_optax(make):
    def loss(w):
        return (w[0] - 1) ** 2 + w[1] ** 4

    library = make()
    run = descend(loss, library, (2, 1), num_steps=25)
    point = jnp.array([2.0, 1.0])
    with jax.numpy_dtype_promotion("standard"):
        state, points = library.init(point), [point]
        for _ in range(25):
            value, grad = jax.value_and_grad(loss)(point)
            update = optax.with_extra_args_support(library).update
            updates, state = update(
                grad, state, point, value=value, grad=grad, value_fn=loss
            )
            point = optax.apply_updates(point, updates)
            points.append(point)
    np.testing.assert_allclose(run.points, points, rtol=1e-9, atol=1e-9)
    assert (run.points[-1] != run.points[0]).all()
    again = descend(loss, library, (2, 1), num_steps=25, quantities=True)
    assert list(again.quantities or ()) == ["g", "delta"]


def test_a_schedule_is_not_silently_left_out_for_an_optimizer_of_optax():
    cosine = SCHEDULES["cosine"]
    conditions = Conditions(schedule=cosine, schedule_hypers=cosine.hypers())
    with pytest.raises(ValueError, match="has its learning rate built in"):
        descend(SURFACE, optax.sgd(0.1), (1, 1), num_steps=5, conditions=conditions)


class SignHypers(NamedTuple):
    lr: LearningRate = 0.25


def test_a_new_one_is_one_entry():
    sign = adapted(
        "sign",
        "Sign descent",
        optax.sign_sgd,
        SignHypers,
        r"w \leftarrow w - \alpha \operatorname{sign} g",
        "optax",
        default_rate_from=("adam", 0.5),
    )
    assert isinstance(sign, Optimizer)
    assert sign.group == "From optax"
    assert sign.rate({"adam": 0.5}) == 0.25
    run = descend(lambda w: 3 * w[0] - w[1], sign, (1, 1), sign.hypers(), 3)
    assert run.points.tolist() == [[1, 1], [0.75, 1.25], [0.5, 1.5], [0.25, 1.75]]


class MomentumHypers(NamedTuple):
    lr: LearningRate = 0.25
    momentum: Scalar = 0.5


def test_what_is_fixed_is_handed_over():
    def loss(w):
        return (w**2).sum()

    def run(**fixed):
        init, step = from_optax(optax.sgd, MomentumHypers, **fixed)
        point, hypers = jnp.ones(2), jax.tree.map(np.float64, MomentumHypers())
        point, state = step(loss, point, init(point), hypers)
        return step(loss, point, state, hypers)[0].tolist()

    # Slopes of 2 and 1; half of the last step is kept, or looks ahead.
    assert run() == [1 - 0.5 - 0.25 - 0.25] * 2
    assert run(nesterov=True) != run()


def test_every_hyperparameter_is_traced():
    made = []

    def make(learning_rate, momentum):
        made.append((learning_rate, momentum))
        return optax.sgd(learning_rate, momentum)

    init, step = from_optax(make, MomentumHypers)
    stepped = jax.jit(partial(step, lambda w: (w**2).sum()))
    point = jnp.ones(2)
    state = init(point)
    for lr, momentum in ((0.1, 0.5), (0.2, 0.25), (0.4, 0.0)):
        hypers = jax.tree.map(np.float64, MomentumHypers(lr, momentum))
        new, _ = stepped(point, state, hypers)
        np.testing.assert_allclose(new, 1 - 2 * lr, rtol=1e-15)
    # Once with the defaults to begin with, once while tracing.
    assert len(made) == 2
    assert made[0] == (0.25, 0.5)
    assert all(isinstance(value, jax.core.Tracer) for value in made[1])


def test_the_adapted_are_offered():
    adapted_rules = [rule for rule in OPTIMIZERS.values() if rule in OPTAX_RULES]
    assert adapted_rules == list(OPTAX_RULES)
