r"""Named quantities: each is what its line says, and the last one is the step.

The lines of a rule are LaTeX. They are read here by a small parser of their own, so
that what is shown is checked against what is computed, number by number.
"""

import re
from functools import cache
from itertools import product
from typing import Any, get_args

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from lines import evaluated

from optim import (
    OPTIMIZERS,
    SCHEDULES,
    Conditions,
    Optimizer,
    descend,
    first_order,
    random_search,
)
from optim.conditions import apply_step_inputs
from optim.quantities import (
    GRADIENT,
    Kind,
    PlainStep,
    Quantity,
    filled,
    quantities_of,
    slots,
)
from surfaces import SURFACES, NoParams, l2_of, params, regularized

with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)

HIMMELBLAU = SURFACES["himmelblau"]
COSINE = SCHEDULES["cosine"]
CASES = {
    "plain": (HIMMELBLAU, Conditions()),
    "schedule and noise": (
        HIMMELBLAU,
        Conditions(
            schedule=COSINE, schedule_hypers=COSINE.hypers(end=0.1), warmup=5,
            noise=0.5, seed=3,
        ),
    ),
    "minibatches and L2": (
        regularized(SURFACES["linear_regression"], 0.7),
        Conditions(batch=5, noise=0.05, seed=2),
    ),
}  # fmt: skip


# -- the last one is the step ---------------------------------------------------------


@with_every_rule
@pytest.mark.parametrize("case", CASES)
def test_the_next_point_is_this_one_plus_delta_to_the_last_bit(optimizer, case):
    surface, conditions = CASES[case]
    hypers = optimizer.recommended(surface.recommended)
    run = descend(
        surface, optimizer, surface.start, hypers, 400,
        conditions=conditions, quantities=True,
    )  # fmt: skip
    found = run.quantities
    assert found is not None
    assert list(found) == list(optimizer.named)
    assert list(found)[-1] == "delta"
    for values in found.values():
        assert values.dtype == np.float64
        assert len(values) == 400
    np.testing.assert_array_equal(run.points[1:], run.points[:-1] + found["delta"])
    if optimizer.named.get("g") == GRADIENT:
        np.testing.assert_array_equal(found["g"], run.grads[:-1])


@with_every_rule
def test_what_is_asked_for_changes_no_path(optimizer):
    # Not to the last bit: with other results, a compiler may merge other operations.
    start, hypers = (-1.2, 0.9), optimizer.recommended(HIMMELBLAU.recommended)
    plain = descend(HIMMELBLAU, optimizer, start, hypers, 30)
    full = descend(HIMMELBLAU, optimizer, start, hypers, 30, quantities=True)
    assert plain.quantities is None
    np.testing.assert_allclose(full.points, plain.points, rtol=1e-9, atol=1e-9)


def test_a_start_of_minus_zero_stays_one():
    rule = OPTIMIZERS["adam"]
    run = descend(lambda w: (w**2).sum(), rule, (-0.0, 1.0), rule.hypers(), 1)
    assert np.signbit(run.points[0, 0])


# -- a rule of one's own --------------------------------------------------------------


def own(step: Any) -> Optimizer:
    return Optimizer(
        key="own",
        label="Own",
        formula=r"w \leftarrow w - \alpha g",
        source="test",
        hypers=OPTIMIZERS["gradient_descent"].hypers,
        init=lambda point: (),
        step=step,
    )


def test_a_rule_that_returns_delta_alone_has_its_gradient_named_too():
    rule = own(first_order(lambda grad, state, hypers: (-hypers.lr * grad, state)))
    run = descend(HIMMELBLAU, rule, (1, 1), {"lr": 0.01}, 50, quantities=True)
    expected = descend(
        HIMMELBLAU,
        OPTIMIZERS["gradient_descent"],
        (1, 1),
        {"lr": 0.01},
        50,
        quantities=True,
    )
    assert list(run.quantities or ()) == ["g", "delta"]
    np.testing.assert_array_equal(run.points, expected.points)


def test_a_step_without_names_has_no_quantities():
    rule = own(lambda fn, w, state, h: (w - h.lr * jax.grad(fn)(w), state))
    run = descend(HIMMELBLAU, rule, (1, 1), {"lr": 0.01}, 50, quantities=True)
    expected = descend(HIMMELBLAU, rule, (1, 1), {"lr": 0.01}, 50)
    assert run.quantities == {}
    np.testing.assert_allclose(run.points, expected.points, rtol=1e-12)
    assert (run.points[1:] != run.points[:-1]).any()


# -- what the lines say ---------------------------------------------------------------


@cache
def functions(case: str) -> dict[str, Any]:
    """The loss as a rule is given it at a step, and its derivatives, compiled once."""
    surface, _ = CASES[case]
    no_hypers = NoParams()

    def given(w, inputs_t):
        fn, _ = apply_step_inputs(inputs_t, surface.fn, no_hypers)
        return fn(w)

    return {
        "f": jax.jit(given),
        r"\nabla f": jax.jit(jax.grad(given)),
        r"\nabla^2 f": jax.jit(jax.hessian(given)),
    }


@with_every_rule
@pytest.mark.parametrize("case", CASES)
def test_each_quantity_is_what_its_line_says(optimizer, case):
    surface, conditions = CASES[case]
    steps = 30
    inputs = conditions.step_inputs(steps, steps, surface.samples)
    for hypers in with_each_switch_turned(optimizer, surface):
        run = descend(
            surface, optimizer, surface.start, hypers, steps,
            conditions=conditions, quantities=True,
        )  # fmt: skip
        lines = {name: q.line_for(hypers) for name, q in optimizer.named.items()}
        for t in range(steps):
            known = before_step(optimizer, hypers, case, run, inputs, t)
            for name, line in lines.items():
                value = run.quantities[name][t]
                if line and not UNREAD.search(line):
                    np.testing.assert_allclose(
                        value, evaluated(line, known), rtol=1e-7, atol=1e-9,
                        err_msg=f"{name} at step {t}: {line}",
                    )  # fmt: skip
                known[name] = value


UNREAD = re.compile(r"\\text|\\top|e_i|\\rho s")
"""What is in words, or of rows and columns: the tests below are of those."""


def with_each_switch_turned(optimizer: Optimizer, surface: Any) -> list[Any]:
    hypers = optimizer.recommended(surface.recommended)
    switches = [n for n, p in params(optimizer.hypers).items() if p.scale == "switch"]
    turned = [hypers._replace(**{n: 1 - getattr(hypers, n)}) for n in switches]
    return [hypers, *turned]


def before_step(optimizer, hypers, case, run, inputs, t) -> dict[str, Any]:
    """What the symbols of the lines stand for when a step begins."""
    inputs_t = jax.tree.map(lambda rows: rows[t], inputs)
    symbols = {
        param.symbol: np.float64(getattr(hypers, name))
        for name, param in params(optimizer.hypers).items()
    }
    if r"\alpha" in symbols:
        symbols[r"\alpha"] *= inputs_t.factor
    return {
        "w": run.points[t],
        "t": t + 1.0,
        "I": np.eye(2),
        r"\lambda": np.float64(l2_of(CASES[case][0].fn)),
        **symbols,
        **{
            name: lambda w, of=of: np.array(of(w, inputs_t))
            for name, of in functions(case).items()
        },
        **{
            name: found[t - 1] if t else np.zeros_like(found[0]) + quantity.initial
            for name, quantity in optimizer.named.items()
            for found in [run.quantities[name]]
            if quantity.memory
        },
    }


def test_the_inverse_hessian_of_bfgs_is_what_its_line_says():
    # p = -B g is read as the other lines are: here is how B is formed.
    rosenbrock, rule = SURFACES["rosenbrock"], OPTIMIZERS["bfgs"]
    run = descend(
        rosenbrock, rule, rosenbrock.start, rule.hypers(), 25, quantities=True
    )
    q, before = run.quantities, np.eye(2)
    for t in range(25):
        s, y = q["delta"][t], q["y"][t]
        np.testing.assert_allclose(q["p"][t], -before @ q["g"][t], rtol=1e-9)
        # Armijo's condition holds for a, and for none that was tried before.
        slope = q["g"][t] @ q["p"][t]
        tried = 0.5 ** np.arange(round(-np.log2(q["a"][t])) + 1)
        enough = [
            rosenbrock.fn(run.points[t] + a * q["p"][t])
            <= run.losses[t] + rule.hypers().c1 * a * slope
            for a in tried
        ]
        assert enough == [False] * (len(tried) - 1) + [True]
        if t == 0:
            before = before * (s @ y) / (y @ y)
        rho, one = 1 / (s @ y), np.eye(2)
        left, right = one - rho * np.outer(s, y), one - rho * np.outer(y, s)
        before = left @ before @ right + rho * np.outer(s, s)
        np.testing.assert_allclose(q["B"][t], before, rtol=1e-6, atol=1e-9)
        before = q["B"][t]


@pytest.mark.parametrize("key", ["rosenbrock", "himmelblau", "three_hump_camel"])
def test_the_parts_that_lbfgs_has_tried_are_those_of_optax(key):
    surface, rule, steps = SURFACES[key], OPTIMIZERS["lbfgs"], 12
    start = np.array([-1.2, 0.7])
    run = descend(surface, rule, start, rule.hypers(), steps, quantities=True)
    theirs = optax.lbfgs(
        linesearch=optax.scale_by_zoom_linesearch(20, initial_guess_strategy="one")
    )
    search = theirs.init(start)
    fn = jax.value_and_grad(surface.fn)
    counts = []
    for t, w in enumerate(run.points[:-1]):
        (loss, grad), q = fn(w), {name: a[t] for name, a in run.quantities.items()}
        with jax.numpy_dtype_promotion("standard"):
            _, search = theirs.update(
                grad, search, w, value=loss, grad=grad, value_fn=surface.fn
            )
        tried = q["tried"][~np.isnan(q["tried"])]
        assert np.isfinite(q["tried"][: len(tried)]).all(), "nothing is left out"
        assert tried[0] == 1.0
        assert tried[-1] == q["a"]
        counts.append(len(tried))
        assert counts[-1] == optax.tree_utils.tree_get(search, "num_linesearch_steps")
        theirs_part = optax.tree_utils.tree_get(search, "learning_rate")
        assert q["a"] == pytest.approx(float(theirs_part), 1e-6)
        # Wolfe's conditions hold for the last, and for none before.
        slope = q["g"] @ q["p"]
        good = []
        for a in tried:
            there, grad_there = fn(w + a * q["p"])
            falls = there <= loss + 1e-4 * a * slope
            good.append(bool(falls and abs(grad_there @ q["p"]) <= 0.9 * abs(slope)))
        assert good == [False] * (len(tried) - 1) + [True]
    assert max(counts) > 1


def test_the_differences_of_the_numeric_gradient_are_of_losses_beside_the_point():
    rule = OPTIMIZERS["numeric_gradient"]
    run = descend(HIMMELBLAU, rule, (1, 1), rule.hypers(h=0.25), 9, quantities=True)
    q = run.quantities
    for t, w in enumerate(run.points[:-1]):
        for i, e in enumerate(0.25 * np.eye(2)):
            assert q["right"][t, i] == pytest.approx(float(HIMMELBLAU.fn(w + e)), 1e-13)
            assert q["left"][t, i] == pytest.approx(float(HIMMELBLAU.fn(w - e)), 1e-13)


def test_random_search_says_what_it_tried_and_whether_it_kept_it():
    rule = OPTIMIZERS["random_search"]
    run = descend(
        HIMMELBLAU, rule, (1, 1), rule.hypers(sigma=0.5, seed=4), 60, quantities=True
    )
    q = run.quantities
    kept = q["loss"] < run.losses[:-1]
    assert 5 < kept.sum() < 55
    np.testing.assert_array_equal(
        q["delta"], np.where(kept[:, None], q["proposal"], 0.0)
    )
    np.testing.assert_allclose(q["tried"], run.points[:-1] + q["proposal"], rtol=1e-15)
    np.testing.assert_allclose(q["loss"][kept], run.losses[1:][kept], rtol=1e-13)
    draws = [random_search.draw(np.float64(4), np.float64(t)) for t in range(60)]
    np.testing.assert_allclose(q["proposal"], 0.5 * np.array(draws), rtol=1e-14)


# -- what is declared -----------------------------------------------------------------


@pytest.mark.parametrize(
    "optimizer",
    [
        pytest.param(rule, id=key)
        for key, rule in OPTIMIZERS.items()
        # The others name the gradient and the step, and have no line of their own.
        if rule.quantities is not PlainStep
    ],
)
def test_lines_mention_what_is_declared_and_nothing_else(optimizer):
    declared = optimizer.named
    settings = [
        optimizer.hypers(*values)
        for values in product(*[
            (0, 1) if param.scale == "switch" else (param.low,)
            for param in params(optimizer.hypers).values()
        ])
    ]  # fmt: skip
    lines = [
        {name: quantity.line_for(hypers) for name, quantity in declared.items()}
        for hypers in settings
    ]
    for written in lines:
        used, known = set(), {n for n, quantity in declared.items() if quantity.memory}
        for name, line in written.items():
            assert line, f"{name} has no line"
            # Nothing is used before it is computed or remembered.
            assert set(slots(line)) <= known, (name, line)
            known.add(name)
            used |= set(slots(line))
        # Where it tries, a search takes the loss; a difference, likewise.
        unused = {"delta", "tried", "loss", "beyond", "before"}
        assert used | unused >= declared.keys()
    everything = " ".join(line for written in lines for line in written.values())
    for name, param in params(optimizer.hypers).items():
        if param.scale != "switch" and name not in {"seed"}:
            assert param.symbol in everything, name
    symbols = [quantity.symbol for quantity in declared.values()]
    assert len(set(symbols)) == len(symbols)


@with_every_rule
def test_quantities_are_declared_as_hyperparameters_are(optimizer):
    declared = quantities_of(optimizer.quantities)
    assert tuple(declared) == optimizer.quantities._fields
    assert list(declared)[-1] == "delta"
    for quantity in declared.values():
        assert isinstance(quantity, Quantity)
        assert quantity.kind in get_args(Kind)
        assert quantity.meaning.strip() == quantity.meaning != ""
        assert quantity.symbol.strip() == quantity.symbol != ""
        assert quantity.at in (
            "",
            *(n for n, q in declared.items() if q.kind == "point"),
        )
        if quantity.search:
            assert declared[quantity.search.along].kind == "step"
            if quantity.search.tries:
                assert declared[quantity.search.tries].kind == "parts"
            else:
                assert quantity.search.first in optimizer.hypers._fields
    # What is remembered is what the state holds, a count of steps and flags aside.
    point = jnp.ones(2)
    arrays = [leaf for leaf in jax.tree.leaves(optimizer.init(point)) if leaf.ndim]
    memories = [name for name, quantity in declared.items() if quantity.memory]
    if optimizer.key != "lbfgs" and optimizer.quantities is not PlainStep:
        assert len(memories) == len(arrays)


@with_every_rule
def test_each_stage_of_a_step_is_a_sentence_of_its_own(optimizer):
    for hypers in with_each_switch_turned(optimizer, HIMMELBLAU):
        said = [quantity.says_for(hypers) for quantity in optimizer.named.values()]
        for sentence in said:
            assert re.fullmatch(r"[A-Zα-ω][^.]*\.", sentence), sentence
            assert len(sentence) <= 100
        assert len(set(said)) == len(said)


def test_a_line_is_filled_with_symbols_or_with_numbers():
    declared = OPTIMIZERS["momentum"].named
    line = declared["v"].line_for(OPTIMIZERS["momentum"].hypers())
    assert slots(line) == ["kept", "g"]
    symbols = {name: quantity.symbol for name, quantity in declared.items()}
    assert filled(line, symbols) == r"k - \alpha g"
    assert filled(line, {"kept": "(1, 2)", "g": "(3, 4)"}) == (
        "(1, 2) - \\alpha (3, 4)"
    )
