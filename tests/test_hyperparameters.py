"""What a rule declares, and the learning rates that surfaces recommend."""

from functools import lru_cache, partial

import jax
import numpy as np
import pytest

from optim import OPTIMIZERS
from optim.base import LEARNING_RATE
from optim.outcome import judge
from surfaces import SURFACES, Param, params
from tests.references import (
    compare,
    with_every_reference,
)
from tests.rule_runs import (
    PROBLEMS,
    STEPS,
    fast_to_compile,
    perturbed_runs,
    with_every_rule,
)


@with_every_rule
def test_declaration(optimizer):
    assert OPTIMIZERS[optimizer.key] is optimizer
    for text in (optimizer.label, optimizer.formula, optimizer.source, optimizer.group):
        assert text.strip() == text != ""
    # It stands in a table of Markdown.
    assert "|" not in optimizer.formula + optimizer.source
    declared = params(optimizer.hypers)
    assert tuple(declared) == optimizer.hypers._fields
    for name, value in optimizer.hypers()._asdict().items():
        assert isinstance(declared[name], Param)
        assert declared[name].check(value) == value


def test_the_five_come_first():
    assert list(OPTIMIZERS)[:5] == [
        "gradient_descent",
        "momentum",
        "adagrad",
        "rmsprop",
        "adam",
    ]
    labels = [optimizer.label for optimizer in OPTIMIZERS.values()]
    assert len(set(labels)) == len(labels)


@with_every_rule
def test_rates_are_recommended_within_their_range(optimizer):
    if "lr" not in optimizer.hypers._fields:
        assert optimizer.default_rate_from is None
        assert optimizer.recommended({"adam": 0.1}) == optimizer.hypers()
        return
    for surface in SURFACES.values():
        for rates in (surface.learning_rates, surface.recommended):
            rate = optimizer.rate(rates)
            assert LEARNING_RATE.check(rate) == rate
            assert optimizer.recommended(rates).lr == rate
    own = optimizer.rate({"adam": 1.0, optimizer.key: 0.125})
    assert own == 0.125
    if optimizer.default_rate_from is not None:
        like, factor = optimizer.default_rate_from
        assert like in list(OPTIMIZERS)[:5]
        assert optimizer.rate({like: 0.1}) == pytest.approx(0.1 * factor)
        assert optimizer.rate({like: 10.0}) <= LEARNING_RATE.high
        assert optimizer.rate({like: 1e-5}) >= LEARNING_RATE.low


@with_every_rule
def test_a_switch_changes_the_formula_that_is_shown(optimizer):
    hypers = optimizer.hypers()
    assert optimizer.formula_for(hypers) == optimizer.formula
    for name, param in params(optimizer.hypers).items():
        if param.scale == "switch":
            turned = hypers._replace(**{name: 1 - getattr(hypers, name)})
            assert optimizer.formula_for(turned) != optimizer.formula, name


# Where a run diverges at the rate that is recommended: the loss has no lower bound.
UNBOUNDED = ("saddle", "monkey_saddle")

REST = {key: surface for key, surface in SURFACES.items() if key not in PROBLEMS}


@partial(fast_to_compile, static_argnames="optimizer")
def _rest(index, start, hypers, *, optimizer):
    fn = partial(jax.lax.switch, index, [surface.fn for surface in REST.values()])

    def advance(carry, _):
        return optimizer.step(fn, *carry, hypers), carry[0]

    return jax.lax.scan(advance, (start, optimizer.init(start)), None, STEPS + 1)[1]


@lru_cache
def observed(surface):
    """Losses and gradients at all points of a run, compiled once for a surface."""
    return fast_to_compile(jax.vmap(jax.value_and_grad(surface.fn)))


@with_every_rule
def test_no_rule_diverges_at_the_rate_that_is_recommended(optimizer):
    for key, surface in SURFACES.items():
        hypers = optimizer.recommended(surface.recommended)
        if key in PROBLEMS:
            points = perturbed_runs(optimizer, surface, surface.start, hypers)[0][0]
        else:
            points = _rest(
                np.int64(list(REST).index(key)),
                np.array(surface.start),
                jax.tree.map(np.float64, hypers),
                optimizer=optimizer,
            )
        losses, grads = map(np.asarray, observed(surface)(points))
        outcome = judge(
            np.asarray(points), losses, grads, surface, stochastic=optimizer.stochastic
        )
        if key in UNBOUNDED:
            assert outcome.kind != "undefined"
        else:
            assert outcome.kind not in ("diverged", "undefined"), key


# Where the next float up would change nothing that can be seen.
COARSE = {"lion", "bfgs", "numeric_gradient"}


@with_every_reference
def test_another_path_at_other_hyperparameters(reference):
    declared = OPTIMIZERS[reference.rule].hypers
    visible = {"lr": 1e-3, "eps": 0.5, "h": 0.1, "c1": 0.6, "damping": 1.0}
    visible["weight_decay"] = 0.1
    if reference.rule in ("lion", "adagrad"):
        visible["lr"] = 0.05  # Or no sign changes on the way; or its steps die away.
    hypers = declared()._replace(
        **{name: value for name, value in visible.items() if name in declared._fields}
    )
    surface = SURFACES["himmelblau"]
    _, same = compare(reference, surface, surface.start, hypers)
    assert same <= reference.agreement
    for name, param in params(declared).items():
        if name in reference.fixed:
            continue
        value = getattr(hypers, name)
        factor = 0.5 if reference.rule in COARSE else 1 - 1e-4
        other = abs(value - 1) if param.whole else value * factor
        _, worst = compare(
            reference, surface, surface.start, hypers, hypers._replace(**{name: other})
        )
        assert worst > 10 * reference.agreement, name
