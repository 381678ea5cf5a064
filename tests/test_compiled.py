"""What is compiled is bounded in all, and is there when it is asked for."""

import gc
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import numpy as np
import pytest
from jax.tree_util import Partial

from optim import OPTIMIZERS, descend
from surfaces import (
    SURFACES,
    Domain,
    budget,
    critical,
    program,
    sample,
    typed,
    typed_surface,
)
from surfaces.budget import STORE, Budget, Store, Usage, usage
from surfaces.compiled import AT_ONCE, Compiled, EphemeralLoss, NotReady, only_ready

SQUARE = Domain(-1.0, 1.0, -1.0, 1.0)
ROOT = Path(__file__).parents[1]


class Counted(EphemeralLoss):
    """A loss that knows how often it was traced."""

    def __init__(self):
        self.traced = 0

    def __call__(self, point):
        self.traced += 1
        return point.sum()


@pytest.fixture
def store():
    """Whatever the tests before have taken of the process, there is room in it."""
    return Store(Budget(fewest=1, mappings=10**9, memory=10**15))


@pytest.fixture
def system(monkeypatch):
    """What the system says of the process, as a test wants it."""
    said = {"now": Usage(0, 0)}
    monkeypatch.setattr(budget, "usage", lambda: said["now"])
    return said


def double(store, **options):
    return Compiled(lambda fn, point: 2 * fn(point), store=store, **options)


# -- one budget for all ---------------------------------------------------------------


def test_only_the_latest_typed_losses_stay_compiled(store):
    store.budget.ephemeral = 2
    twice = double(store)
    one, two, three = Counted(), Counted(), Counted()
    for loss in (one, two, one, one, three, one):
        assert twice(Partial(loss), np.ones(2)) == 4
    assert [loss.traced for loss in (one, two, three)] == [1, 1, 1]
    assert store.ephemeral == 2
    twice(Partial(two), np.ones(2))
    assert (two.traced, store.ephemeral) == (2, 2)
    # A loss that is declared is not among them, and costs them nothing.
    for key in ("saddle", "monkey_saddle", "beale"):
        twice(SURFACES[key].fn, np.ones(2))
    twice(Partial(one), np.ones(2))
    assert (one.traced, store.ephemeral) == (1, 2)


def test_typed_losses_never_drive_out_those_that_are_declared(store):
    store.budget.ephemeral, store.budget.versions = 3, 4
    twice = double(store)
    traced = []
    declared = Compiled(lambda fn, p: traced.append(1) or fn(p), store=store)
    declared(SURFACES["saddle"].fn, np.ones(2))
    for _ in range(10):
        twice(Partial(Counted()), np.ones(2))
    declared(SURFACES["saddle"].fn, np.ones(2))
    assert (len(traced), len(store)) == (1, 4)


def test_all_functions_share_one_number_of_versions(store):
    store.budget.versions = 3
    traced = []

    def plus(fn, point, by):
        traced.append(by)
        return fn(point) + by

    functions = [
        Compiled(lambda fn, point, by=by: plus(fn, point, by), store=store)
        for by in range(4)
    ]
    for by in (0, 1, 2, 0, 3, 0, 2):
        functions[by](SURFACES["saddle"].fn, np.ones(2))
    assert traced == [0, 1, 2, 3], "1, the longest unused, went for 3"
    functions[1](SURFACES["saddle"].fn, np.ones(2))
    assert (traced, len(store), store.dropped) == ([0, 1, 2, 3, 1], 3, 2)


def test_a_parameter_is_an_argument_and_each_shape_a_version(store):
    traced = []

    def total(fn, x):
        traced.append(x.shape)
        return jax.vmap(fn)(x).sum()

    compiled = Compiled(total, store=store)
    for kappa in (3.0, 4.0):
        compiled(SURFACES["ravine"].with_params(kappa=kappa).fn, np.ones((2, 2)))
    compiled(SURFACES["ravine"].fn, np.ones((3, 2)))
    compiled(SURFACES["ravine"].fn, np.ones((2, 2)))
    assert traced == [(2, 2), (3, 2)]


def test_each_static_argument_is_a_version(store):
    loss = Counted()
    times = Compiled(
        lambda fn, point, *, by: by * fn(point), static_argnames="by", store=store
    )
    for by in (2.0, 3.0, 2.0, 4.0, 2.0):
        assert times(Partial(loss), np.ones(2), by=by) == 2 * by
    assert loss.traced == 3


def test_what_the_system_says_is_too_much_makes_room(store, system):
    twice = double(store)
    losses = [Counted() for _ in range(9)]
    for loss in losses[:8]:
        twice(Partial(loss), np.ones(2))
    assert (len(store), store.dropped) == (8, 0)
    store.budget.mappings, store.budget.memory = 24_000, 10**9
    # As if dropping helped the third time.
    readings = iter([Usage(30_000, 0), Usage(0, 5 * 10**9), Usage(0, 0)])
    budget.usage = lambda: next(readings)
    twice(Partial(losses[8]), np.ones(2))
    assert (len(store), store.dropped) == (7, 2)
    assert next(readings, None) is None
    budget.usage = lambda: Usage(0, 0)
    for loss in losses[2:]:
        twice(Partial(loss), np.ones(2))
    assert [loss.traced for loss in losses] == [1] * 9, "the longest unused went"


def test_some_is_kept_where_memory_is_taken_by_something_else(store, system):
    store.budget.fewest, store.budget.mappings = 3, 24_000
    system["now"] = Usage(10**6, 10**12)
    twice = double(store)
    for _ in range(6):
        twice(Partial(Counted()), np.ones(2))
    assert len(store) == 3


def test_a_budget_too_small_for_one_version_still_answers(store):
    store.budget = Budget(versions=0, ephemeral=0, fewest=0, mappings=1, memory=1)
    assert double(store)(Partial(Counted()), np.ones(2)) == 4
    assert len(store) == 0


def test_forgetting_drops_the_own_versions_only(store):
    one, other = double(store), double(store)
    for each in (one, other):
        each(Partial(Counted()), np.ones(2))
    one.forget()
    assert len(store) == 1


@pytest.mark.usefixtures("unsearched")
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux says it")
def test_what_is_dropped_gives_its_mappings_back(store):
    store.budget.versions = 30
    adam = Compiled(
        lambda fn, w: jax.lax.fori_loop(0, 9, lambda _, w: w - jax.grad(fn)(w), w),
        store=store,
    )
    for k in range(30):
        adam(Partial(typed_surface(f"x^2 + {k}*y", SQUARE).fn), np.ones(2))
    other = typed_surface("x^2 - y", SQUARE)  # What finds its minima is kept elsewhere.
    full = usage().mappings
    store.budget.versions = 1
    adam(Partial(other.fn), np.ones(2))
    gc.collect()
    assert usage().mappings < full - 29


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux says it")
def test_many_races_stay_within_the_mappings_that_are_allowed(monkeypatch):
    at_first = usage().mappings
    monkeypatch.setattr(STORE.budget, "mappings", at_first + 200)
    monkeypatch.setattr(STORE.budget, "fewest", 1)
    most, gone = 0, STORE.dropped
    for surface in list(SURFACES.values())[:6]:
        for key in ("momentum", "adagrad", "rmsprop", "newton"):
            rule = OPTIMIZERS[key]
            run = descend(surface, rule, surface.start, rule.hypers(), 20)
            assert np.isfinite(run.points[0]).all()
            most = max(most, usage().mappings)
    assert STORE.dropped > gone
    assert most < at_first + 200 + 100, "one version more, and no more than that"


def test_nothing_of_a_forgotten_formula_stays(monkeypatch):
    adam = OPTIMIZERS["adam"]
    losses = []
    for i in range(6):
        # Three versions each: its critical points, its grid, and its race.
        monkeypatch.setattr(STORE.budget, "ephemeral", 6)
        surface = typed_surface(f"{i + 7}*x*y + x^2", SQUARE)
        descend(surface, adam, surface.start, adam.hypers(), 10)
        sample(surface, 5)
        losses.append(weakref.ref(surface.loss))
    typed._as_typed.cache_clear()
    typed._surface.cache_clear()
    critical._found.cache_clear()
    typed._loss.cache_clear()
    program.operations.cache_clear()
    del surface
    gc.collect()
    assert [loss() is not None for loss in losses] == [False] * 4 + [True] * 2


# -- at the same time -----------------------------------------------------------------


def test_who_asks_for_what_is_being_compiled_waits_for_it(store):
    traced, go = [], threading.Event()

    def slow(fn, point):
        traced.append(1)
        go.wait(20)
        return fn(point)

    compiled = Compiled(slow, store=store)
    with ThreadPoolExecutor(4) as pool:
        loss = Partial(Counted())
        results = [pool.submit(compiled, loss, np.ones(2)) for _ in range(4)]
        time.sleep(0.1)
        go.set()
        assert [result.result() for result in results] == [2.0] * 4
    assert len(traced) == 1


def test_no_more_compile_at_the_same_time_than_said(store):
    lock, now, most = threading.Lock(), [0], [0]

    def slow(fn, point):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return fn(point)

    compiled = Compiled(slow, store=store)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: compiled(Partial(Counted()), np.ones(2)), range(8)))
    assert most[0] == AT_ONCE


def test_a_compilation_within_another_needs_no_turn_of_its_own(store):
    """Else two threads that each hold one would wait for each other."""
    inner = double(store)
    value = np.ones(2)

    def outer(fn, point):
        return fn(point) + float(inner(Partial(Counted()), value))

    compiled = Compiled(outer, store=store)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [
            pool.submit(compiled, Partial(Counted()), value) for _ in range(AT_ONCE)
        ]
        assert [job.result(20) for job in jobs] == [6.0] * AT_ONCE


def test_what_cannot_be_compiled_says_so_each_time(store):
    def wrong(fn, point):
        raise ValueError("no such thing")

    compiled = Compiled(wrong, store=store)
    for _ in range(2):
        with pytest.raises(ValueError, match="no such thing"):
            compiled(SURFACES["saddle"].fn, np.ones(2))
    assert len(store) == 0


# -- only what is ready ---------------------------------------------------------------


def test_where_only_what_is_ready_is_wanted_nothing_is_compiled(store):
    loss, twice = Counted(), double(store)
    with only_ready(), pytest.raises(NotReady):
        twice(Partial(loss), np.ones(2))
    assert loss.traced == 0
    twice(Partial(loss), np.ones(2))
    with only_ready():
        assert twice(Partial(loss), np.ones(2)) == 4
        with pytest.raises(NotReady):
            typed_surface("x*y - 17", SQUARE)
    typed_surface("x*y - 17", SQUARE)
    with only_ready():
        assert typed_surface("x*y - 17", SQUARE).label


def test_what_one_thread_wants_ready_another_may_compile(store):
    twice = double(store)
    with only_ready(), ThreadPoolExecutor(1) as pool:
        done = pool.submit(twice, Partial(Counted()), np.ones(2))
        assert done.result() == 4


def test_within_another_trace_it_is_traced_along():
    surface = SURFACES["beale"]
    from surfaces.base import loss_at

    slope = jax.jit(jax.grad(lambda w: loss_at(surface.fn, w)))(np.array(surface.start))
    np.testing.assert_allclose(slope, jax.grad(surface.fn)(np.array(surface.start)))


# -- how it is compiled ---------------------------------------------------------------


def test_a_race_is_one_function_of_machine_code():
    """Not a call for each operation of each step: that takes several times as long."""
    program = """
from optim import OPTIMIZERS, descend
from surfaces import SURFACES
from surfaces.budget import STORE
surface, rule = SURFACES["rosenbrock"], OPTIMIZERS["adam"]
descend(surface, rule, surface.start, rule.hypers(), 5)
texts = [v.as_text() for k, v in STORE._versions.items()
         if k[0].__name__ == "_descend"]
print(["small_call" in text for text in texts])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["[True]"]


def test_flags_of_the_user_are_kept(monkeypatch):
    program = """
import os
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=1"
import surfaces
print(os.environ["XLA_FLAGS"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    first, second = done.stdout.split()
    assert first == "--xla_backend_optimization_level=1"
    assert second.startswith("--xla_backend_extra_options=")
