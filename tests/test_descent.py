"""The driver: what it records, what it refuses, and that it compiles once."""

import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, Optimizer, Outcome, descend, first_order
from optim.descent import MIN_CAPACITY, SHORT_CAPACITY
from optim.studies import study, trails
from surfaces import SURFACES, Domain, Surface, of_xy, slope_and_hessian

ADAM = OPTIMIZERS["adam"]
GRADIENT_DESCENT = OPTIMIZERS["gradient_descent"]
ROSENBROCK = SURFACES["rosenbrock"]
RAVINE = SURFACES["ravine"]
ON = (ROSENBROCK, RAVINE)

# Every rule on two surfaces, every surface under one rule.
with_every_pair = pytest.mark.parametrize(
    ("optimizer", "surface"),
    [
        *((rule, surface) for rule in OPTIMIZERS.values() for surface in ON),
        *((ADAM, surface) for surface in SURFACES.values() if surface not in ON),
    ],
    ids=lambda declared: declared.key,
)
with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


def bowl(point):
    return (point**2).sum()


def assert_same_run(a, b):
    for x, y in zip(
        jax.tree.leaves((a.points, a.losses, a.grads, a.states)),
        jax.tree.leaves((b.points, b.losses, b.grads, b.states)),
        strict=True,
    ):
        np.testing.assert_array_equal(x, y)


# -- the record -----------------------------------------------------------------------


@with_every_pair
def test_record(optimizer, surface):
    hypers = optimizer.recommended(surface.recommended)
    run = descend(surface, optimizer, surface.start, hypers, 30)
    assert run.points.shape == run.grads.shape == (31, 2)
    assert run.losses.shape == (31,)
    for array in (run.points, run.losses, run.grads, *jax.tree.leaves(run.states)):
        assert isinstance(array, np.ndarray)
        assert array.dtype == np.float64 or np.issubdtype(array.dtype, np.integer)
        assert len(array) == 31
    assert run.points[0].tolist() == list(surface.start)
    first = jax.tree.map(lambda rows: rows[0], run.states)
    jax.tree.map(
        np.testing.assert_array_equal, first, optimizer.init(jnp.array(surface.start))
    )
    assert isinstance(run.outcome, Outcome)


@with_every_pair
def test_every_row_follows_from_the_row_before(optimizer, surface):
    hypers = optimizer.recommended(surface.recommended)
    hypers = jax.tree.map(np.float64, hypers)
    run = descend(surface, optimizer, surface.start, hypers, 30)
    fn = surface.fn
    step = jax.jit(partial(optimizer.step, fn))
    same = partial(np.testing.assert_allclose, rtol=1e-11, atol=1e-11)
    for t in (0, 1, 2, 29, 30):
        point = jnp.asarray(run.points[t])
        state = jax.tree.map(lambda rows, t=t: jnp.asarray(rows[t]), run.states)
        same(run.losses[t], fn(point))
        same(run.grads[t], jax.grad(fn)(point))
        if t < 30:
            point, state = step(point, state, hypers)
            same(run.points[t + 1], point)
            after = jax.tree.map(lambda rows, t=t: rows[t + 1], run.states)
            assert jax.tree.structure(after) == jax.tree.structure(state)
            for a, b in zip(
                jax.tree.leaves(after), jax.tree.leaves(state), strict=True
            ):
                same(a, b)


def test_states_are_the_rules_own():
    run = descend(RAVINE, ADAM, RAVINE.start, ADAM.hypers(), 5)
    assert run.states.t.tolist() == [0, 1, 2, 3, 4, 5]
    assert run.states.mean.shape == run.states.mean_square.shape == (6, 2)
    momentum = OPTIMIZERS["momentum"]
    run = descend(RAVINE, momentum, RAVINE.start, momentum.hypers(), 5)
    np.testing.assert_allclose(
        run.states.velocity[1:], np.diff(run.points, axis=0), atol=1e-15
    )


@with_every_rule
def test_no_steps_is_the_start_alone(optimizer):
    run = descend(RAVINE, optimizer, (0.5, -0.25), optimizer.hypers(), 0)
    assert run.points.tolist() == [[0.5, -0.25]]
    assert run.losses.tolist() == [0.5 * (0.25 + 30 * 0.0625)]
    assert run.grads.tolist() == [[0.5, -7.5]]
    assert all(len(leaf) == 1 for leaf in jax.tree.leaves(run.states))


@settings(max_examples=20)
@given(
    num_steps=st.integers(0, MIN_CAPACITY),
    more=st.integers(0, MIN_CAPACITY),
)
def test_a_shorter_run_is_the_beginning_of_a_longer_one(num_steps, more):
    longer = descend(
        ROSENBROCK, ADAM, (-1.5, 2), ADAM.hypers(lr=0.05), max(num_steps, more)
    )
    run = descend(ROSENBROCK, ADAM, (-1.5, 2), ADAM.hypers(lr=0.05), num_steps)
    assert len(run.points) == num_steps + 1
    rows = slice(0, num_steps + 1)
    np.testing.assert_array_equal(run.points, longer.points[rows])
    np.testing.assert_array_equal(run.losses, longer.losses[rows])
    np.testing.assert_array_equal(run.grads, longer.grads[rows])
    np.testing.assert_array_equal(
        run.states.mean_square, longer.states.mean_square[rows]
    )


@pytest.mark.parametrize(
    "num_steps", [0, SHORT_CAPACITY - 1, SHORT_CAPACITY, SHORT_CAPACITY + 1]
)
def test_a_short_run_with_quantities_is_the_beginning_of_a_longer_one(num_steps):
    hypers = ADAM.hypers(lr=0.05)
    run, longer = (
        descend(ROSENBROCK, ADAM, (-1.5, 2), hypers, steps, quantities=True)
        for steps in (num_steps, MIN_CAPACITY)
    )
    assert run.points.shape == (num_steps + 1, 2)
    np.testing.assert_array_equal(run.points, longer.points[: num_steps + 1])
    assert run.quantities.keys() == longer.quantities.keys()
    for name, values in run.quantities.items():
        assert len(values) == num_steps
        np.testing.assert_array_equal(values, longer.quantities[name][:num_steps])


@pytest.mark.parametrize(
    "num_steps",
    [
        MIN_CAPACITY - 1,
        MIN_CAPACITY,
        MIN_CAPACITY + 1,
        8_191,
        8_192,
        8_193,
        np.int64(20_000),
    ],
)
def test_long_runs(num_steps):
    hypers = GRADIENT_DESCENT.hypers(lr=1e-4)
    run = descend(RAVINE, GRADIENT_DESCENT, (1, 1), hypers, num_steps)
    assert run.points.shape == run.grads.shape == (num_steps + 1, 2)
    assert run.losses.shape == (num_steps + 1,)
    # A closed form, right to the last row: nothing in the capacity is left unwritten.
    t = np.arange(num_steps + 1)
    expected = np.stack([(1 - 1e-4) ** t, (1 - 30e-4) ** t], axis=1)
    np.testing.assert_allclose(run.points, expected, rtol=1e-10)


def test_a_record_is_rounded_up():
    rule = own_rule()

    def run(num_steps):
        descend(RAVINE, rule, (1, 1), rule.hypers(), num_steps)

    run(MIN_CAPACITY + 1)
    with compilations() as compiled:
        run(MIN_CAPACITY + 7)
        run(8_192)
    assert compiled == []
    with compilations() as compiled:
        run(8_193)
    assert compiled


def test_a_plain_function_runs_as_its_surface_does():
    def loss(point):
        return point[0] ** 2 - point[1] ** 2

    saddle = SURFACES["saddle"]
    hypers = ADAM.hypers(lr=0.03)
    plain = descend(loss, ADAM, saddle.start, hypers, 100)
    known = descend(saddle, ADAM, saddle.start, hypers, 100)
    bare = descend(saddle.fn, ADAM, saddle.start, hypers, 100)
    assert_same_run(bare, known)
    # A surface's loss has capacity for a penalty, and so is rounded in another order.
    np.testing.assert_allclose(plain.points, known.points, rtol=1e-12)
    assert known.outcome.kind == "left"
    assert plain.outcome == bare.outcome
    assert plain.outcome.kind == "descending"


def test_starts_and_hypers_of_any_number_type():
    reference = descend(RAVINE, ADAM, (1.0, 2.0), ADAM.hypers(lr=1.0), 20)
    starts = [(1, 2), [1.0, 2.0], np.array([1, 2]), np.float32([1, 2])]
    starts.append(jnp.array([1.0, 2.0]))
    for start in starts:
        for lr in (1, np.float32(1), np.int64(1), jnp.float64(1.0)):
            run = descend(RAVINE, ADAM, start, ADAM.hypers(lr=lr), np.int32(20))
            assert_same_run(run, reference)


def test_the_start_is_not_kept():
    start = np.array([1.0, 2.0])
    run = descend(RAVINE, ADAM, start, ADAM.hypers(), 3)
    start[:] = 9
    assert run.points[0].tolist() == [1, 2]


def test_device():
    start, hypers = (1.0, 2.0), ADAM.hypers()
    here = descend(RAVINE, ADAM, start, hypers, 50)
    there = descend(RAVINE, ADAM, start, hypers, 50, device=jax.devices("cpu")[0])
    assert_same_run(here, there)


# -- divergence -----------------------------------------------------------------------


def test_divergence_stays_in_the_record():
    run = descend(
        ROSENBROCK, GRADIENT_DESCENT, (-1.5, 2), GRADIENT_DESCENT.hypers(lr=1), 50
    )
    assert run.points.shape == (51, 2)
    finite = np.isfinite(run.points).all(axis=1)
    gone = int(np.argmin(finite))
    # Each step raises the distance to its third power: 1e2, 1e9, 1e29, ...
    assert 3 <= gone <= 8
    assert finite[:gone].all()
    assert not finite[gone:].any()
    assert np.abs(run.points[gone - 1]).max() > 1e20
    assert not np.isfinite(run.losses[gone:]).any()
    assert not np.isfinite(run.grads[gone:]).all(axis=1).any()
    assert run.outcome.kind == "diverged"


def test_divergence_of_a_line_overflows_step_by_step():
    run = descend(bowl, GRADIENT_DESCENT, (1, 0), GRADIENT_DESCENT.hypers(lr=5.5), 400)
    expected = [(-10.0) ** t for t in range(309)]
    np.testing.assert_allclose(run.points[:309, 0], expected, rtol=1e-12)
    assert np.isinf(run.losses[155:309]).all()
    assert np.isinf(run.points[309, 0])
    assert np.isnan(run.points[310:, 0]).all()


# -- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        (),
        (1,),
        (1, 2, 3),
        1.0,
        [[1, 2]],
        [[1], [2]],
        (np.nan, 1),
        (1, np.nan),
        (np.inf, 1),
        (1, -np.inf),
    ],
)
def test_bad_starts_are_refused(start):
    with pytest.raises(ValueError, match="start must be two finite numbers"):
        descend(RAVINE, ADAM, start, ADAM.hypers(), 5)


@pytest.mark.parametrize("start", ["ab", ("a", "b"), (1, (2, 3))])
def test_starts_that_are_no_numbers_are_refused(start):
    with pytest.raises(ValueError, match=r"\w"):
        descend(RAVINE, ADAM, start, ADAM.hypers(), 5)


@pytest.mark.parametrize("num_steps", [-1, -(10**9)])
def test_negative_steps_are_refused(num_steps):
    with pytest.raises(ValueError, match=f"at least 0, not {num_steps}"):
        descend(RAVINE, ADAM, (1, 1), ADAM.hypers(), num_steps)


@pytest.mark.parametrize("num_steps", [2.5, "5", None])
def test_steps_that_are_no_whole_number_are_refused(num_steps):
    with pytest.raises(TypeError):
        descend(RAVINE, ADAM, (1, 1), ADAM.hypers(), num_steps)


# -- compilations ---------------------------------------------------------------------

_watchers: dict[int, list[str]] = {}


def _watch(event: str, seconds: float, **_: object) -> None:
    # Tracing and lowering count too: they are most of what a cache miss costs.
    if event.startswith("/jax/core/compile/") and threading.get_ident() in _watchers:
        _watchers[threading.get_ident()].append(event)


jax.monitoring.register_event_duration_secs_listener(_watch)


@contextmanager
def compilations():
    """Collects what JAX traces, lowers or compiles in this thread."""
    _watchers[threading.get_ident()] = events = []
    try:
        yield events
    finally:
        del _watchers[threading.get_ident()]


def own_rule():
    """A rule that is not compiled yet."""
    return Optimizer(
        key="own",
        label="Own",
        formula="",
        source="",
        hypers=GRADIENT_DESCENT.hypers,
        init=GRADIENT_DESCENT.init,
        step=first_order(lambda grad, state, hypers: (-hypers.lr * grad, state)),
    )


def own_surface():
    """A surface that is not compiled yet."""
    return Surface(
        family="Saddles",
        key="own",
        label="Own",
        formula="",
        loss=of_xy(lambda x, y: x**2 + 3 * y**2),
        domain=Domain(-1.0, 1.0, -1.0, 1.0),
        start=(0.5, 0.5),
        teaches="",
        source="",
    )


def test_the_counter_counts():
    hypers = GRADIENT_DESCENT.hypers()
    with compilations() as compiled:
        descend(RAVINE, own_rule(), (1, 1), hypers, 5)
    assert any("backend_compile" in event for event in compiled)
    surface = own_surface()
    with compilations() as compiled:
        descend(surface, GRADIENT_DESCENT, (1, 1), hypers, 5)
    assert any("backend_compile" in event for event in compiled)
    with compilations() as compiled:
        descend(surface, GRADIENT_DESCENT, (1, 1), hypers, 6)
    assert compiled == []


@with_every_pair
def test_nothing_compiles_twice(optimizer, surface):
    # Some of the numbers go in as int, float, NumPy's or JAX's.
    fields = optimizer.hypers._fields
    names = type(surface.params)._fields
    descend(surface, optimizer, surface.start, optimizer.hypers(), 10)
    # Compiled when first needed; the surface itself may know them from another test.
    assert len(surface.with_params().minimum_losses) == len(surface.minima)
    slope_and_hessian(surface.fn, np.zeros(2))
    numbers = [1, 0.5, np.float64(0.25), np.float32(0.125), np.int64(1), jnp.array(0.5)]
    with compilations() as compiled:
        for i, number in enumerate(numbers):
            mixed = {field: numbers[i - j] for j, field in enumerate(fields)}
            turned = surface.with_params(**dict.fromkeys(names, number))
            alone = {field: number for field in fields[:1]}
            for hypers in (optimizer.hypers(**alone), optimizer.hypers(**mixed)):
                descend(turned, optimizer, surface.start, hypers, 10)
                descend(surface, optimizer, [0.1 * i, -1], hypers, 10 + i)
                descend(surface, optimizer, np.array([1, i]), hypers, 100 * i)
        descend(surface, optimizer, (0, 0), optimizer.hypers(), MIN_CAPACITY)
        descend(surface, optimizer, (0, 0), optimizer.hypers(), np.int32(0))
    assert compiled == []


def test_a_plain_function_compiles_once():
    descend(bowl, ADAM, (1, 1), ADAM.hypers(), 5)
    with compilations() as compiled:
        descend(bowl, ADAM, (1, 2), ADAM.hypers(lr=1), 9)
    assert compiled == []


# -- what is not needed ---------------------------------------------------------------


def test_the_mathematics_needs_no_page():
    code = (
        "import sys, surfaces, optim; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"surfaces", "optim", "jax"} <= loaded
    assert not {"streamlit", "plotly", "starlette", "views"} & loaded


def test_importing_it_turns_on_float64():
    code = (
        "from optim import OPTIMIZERS, descend; import surfaces; "
        "s = surfaces.SURFACES['beale']; r = OPTIMIZERS['adam']; "
        "run = descend(s, r, s.start, r.hypers(), 3); "
        "print(run.points.dtype, run.losses.dtype, surfaces.sample(s, 3).z.dtype)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["float64"] * 3


def test_hyperparameters_may_be_a_mapping_of_some_of_them():
    adam, surface = OPTIMIZERS["adam"], SURFACES["booth"]
    given = descend(surface, adam, surface.start, {"lr": 0.2}, 20)
    own = descend(surface, adam, surface.start, adam.hypers(lr=0.2), 20)
    np.testing.assert_array_equal(given.points, own.points)


@pytest.mark.parametrize(
    ("optimizer", "hypers", "sentence"),
    [
        ("adam", {}, "must be a rule, such as OPTIMIZERS['adam'], and not its name"),
        (3, {}, "the optimizer must be one of OPTIMIZERS, not 3"),
        (OPTIMIZERS["adam"], {"rate": 1}, "Adam has no rate, only lr, beta1"),
        (OPTIMIZERS["adam"], (0.1,), "must be of the type AdamHypers, or a mapping"),
        (
            OPTIMIZERS["adam"],
            OPTIMIZERS["momentum"].hypers(),
            "the hyperparameters of Adam must be of the type AdamHypers",
        ),
    ],
)
def test_what_is_no_rule_or_no_hyperparameters_of_it_is_said(
    optimizer, hypers, sentence
):
    with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
        descend(SURFACES["booth"], optimizer, (0, 0), hypers, 5)


def test_hyperparameters_are_the_recommended_ones_by_default():
    adam, surface = OPTIMIZERS["adam"], SURFACES["booth"]
    given = descend(surface, adam, surface.start, num_steps=20)
    own = adam.recommended(surface.recommended)
    assert own != adam.hypers()
    expected = descend(surface, adam, surface.start, own, 20)
    np.testing.assert_array_equal(given.points, expected.points)


@pytest.mark.parametrize("loss", ["x^2", None, 3.0])
def test_what_is_no_loss_is_refused(loss):
    with pytest.raises(TypeError, match="must be a Surface or a function of a point"):
        descend(loss, OPTIMIZERS["adam"], (0, 0), num_steps=5)


@pytest.mark.parametrize("run", [study, trails], ids=["study", "trails"])
def test_studies_say_that_they_need_a_surface_and_a_rule(run):
    adam, surface = OPTIMIZERS["adam"], SURFACES["booth"]
    with pytest.raises(TypeError, match="studies need a Surface"):
        run(lambda w: w @ w, adam, (0, 0), adam.hypers(), 5)
    with pytest.raises(TypeError, match="must be a rule"):
        run(surface, "adam", (0, 0), adam.hypers(), 5)
