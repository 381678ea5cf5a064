"""The best of a study, by either objective, on ends made up for the purpose."""

import numpy as np
import pytest
from staying import staying

from optim import OPTIMIZERS, descend
from optim.studies import (
    KINDS,
    Study,
    best,
    confirmed_best,
    is_isolated,
    ranking,
    sweep,
)
from surfaces import SURFACES


def ends(losses, within=None, kinds=None):
    """A study of which only losses, steps to the tolerance and kinds count."""
    losses = np.array(losses, float)
    none = np.full(losses.shape, -1)
    kinds = np.full(losses.shape, "descending") if kinds is None else np.array(kinds)
    return Study(
        points=np.zeros((*losses.shape, 2)),
        losses=losses,
        kinds=np.vectorize(KINDS.index)(kinds),
        minima=none,
        arrived=none,
        within=none if within is None else np.array(within),
        gone=none,
        taken=0,
    )


def test_objectives_differ():
    found = ends([3, 1, 2], [5, 9, 7])
    assert best(found, "loss") == 1
    assert best(found, "steps") == 0


def test_of_equals_the_one_better_by_the_other_objective():
    assert best(ends([1, 1, 1], [9, 4, 6]), "loss") == 1
    assert best(ends([1, 1, 1], [9, -1, 6]), "loss") == 2
    assert best(ends([3, 2, 1, 0], [4, 4, 4, 8]), "steps") == 2


def test_of_equals_in_both_the_first():
    for objective in ("loss", "steps"):
        assert best(ends([2, 1, 1, 1], [5, 3, 3, 3]), objective) == 1


def test_what_diverged_does_not_come_into_question():
    kinds = ["diverged", "undefined", "left", "stopped", "descending"]
    found = ends([0, 1, 3, 2, 4], [1, 2, 4, 3, 5], kinds)
    assert best(found, "loss") == 3
    assert best(found, "steps") == 3


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_no_number_is_no_best(loss):
    assert best(ends([loss, 7, loss], [1, 5, 2]), "loss") == 1
    assert best(ends([loss, 7, loss], [1, 5, 2]), "steps") == 1
    assert best(ends([loss], [1]), "loss") is None


def test_none_is_able():
    assert best(ends([1, 2], [3, 4], ["diverged", "diverged"]), "loss") is None
    assert best(ends([1, 2], [-1, -1]), "steps") is None
    assert best(ends([1, 2], [-1, -1]), "loss") == 0


def test_runs_are_counted_row_by_row():
    found = ends([[5, 4, 3], [2, 1, 6]], [[-1, 7, 8], [9, 10, -1]])
    assert best(found, "loss") == 4
    assert best(found, "steps") == 1
    assert np.unravel_index(4, found.kinds.shape) == (1, 1)


def test_a_best_between_much_worse_ones_is_isolated():
    assert is_isolated(ends([0] * 5, [90, 80, 20, 50, 60]), 2)
    assert is_isolated(ends([0] * 5, [90, -1, 20, -1, 60]), 2)
    assert not is_isolated(ends([0] * 5, [90, 39, 20, 50, 60]), 2)
    assert is_isolated(ends([0] * 3, [20, 50, 60]), 0)
    assert not is_isolated(ends([0] * 3, [20, 30, 60]), 0)
    around = np.full((3, 3), 50)
    around[1, 1] = 20
    assert is_isolated(ends(around, around), 4)
    around[2, 2] = 39
    assert not is_isolated(ends(around, around), 4), "also from corner to corner"


def test_the_best_stays():
    # RMSProp of rate 1 touches Beale's floor after 57 steps and ends at a loss of 14.
    beale, rule = SURFACES["beale"], OPTIMIZERS["rmsprop"]

    def race(k):
        return descend(beale, rule, beale.start, rule.hypers(lr=1.0), 500)

    found = sweep(
        beale, rule, "lr", np.array([1.0]), rule.hypers(), beale.start, 500,
        dtype=np.float64,
    )  # fmt: skip
    assert race(0).losses.min() < 1e-3 < 1 < race(0).losses[-1]
    ranking._replace_run(found, (0,), race(0), beale, 1e-3)
    assert found.within[0] == -1
    assert best(found, "steps") is None


# Of RMSProp with Nesterov momentum across Rosenbrock's valley, the last bits decide
# where it ends.
RATES = np.geomspace(0.1, 10, 120)
CHAOTIC = OPTIMIZERS["rmsprop_nesterov"]
ROSENBROCK = SURFACES["rosenbrock"]


def race(k):
    hypers = CHAOTIC.hypers(lr=RATES[k])
    return descend(ROSENBROCK, CHAOTIC, ROSENBROCK.start, hypers, 800)


@pytest.fixture(scope="module")
def chaotic():
    return sweep(
        ROSENBROCK, CHAOTIC, "lr", RATES, CHAOTIC.hypers(), ROSENBROCK.start, 800,
        dtype=np.float64, tolerance=5.0,
    )  # fmt: skip


@pytest.mark.parametrize("objective", ["loss", "steps"])
def test_the_best_is_one_that_a_race_has_again(chaotic, objective):
    found, k = confirmed_best(chaotic, objective, ROSENBROCK, 5.0, race)
    assert k == best(found, objective)
    run = race(k)
    assert found.losses[k] == run.losses[-1]
    np.testing.assert_array_equal(found.points[k], run.points[-1])
    assert found.within[k] == staying(run.losses, 5.0)
    changed = np.flatnonzero(found.losses != chaotic.losses)
    assert 0 < changed.size < len(RATES)
    for i in changed:
        assert found.losses[i] == race(i).losses[-1]


def test_after_so_many_races_the_best_is_one_of_them(chaotic, monkeypatch):
    monkeypatch.setattr(ranking, "MAX_CONFIRMED", 2)
    raced = []

    def noted(k):
        raced.append(k)
        return race(k)

    found, k = confirmed_best(chaotic, "loss", ROSENBROCK, 1e-3, noted)
    assert len(set(raced)) == 2
    assert k in raced
    assert found.losses[k] == min(found.losses[raced])
    assert best(found, "loss") not in raced, "there is one that looks better"


@pytest.mark.parametrize("key", ["himmelblau", "saddle", "six_hump_camel"])
def test_an_end_that_is_put_is_the_one_a_study_finds(key):
    surface, rule = SURFACES[key], OPTIMIZERS["momentum"]
    rates = np.geomspace(1e-4, 1, 40)
    one = sweep(
        surface, rule, "lr", rates, rule.hypers(), surface.start, 200, dtype=np.float64
    )
    other = sweep(
        surface, rule, "lr", rates, rule.hypers(), surface.start, 200, dtype=np.float64
    )
    for k, lr in enumerate(rates):
        run = descend(surface, rule, surface.start, rule.hypers(lr=lr), 200)
        ranking._replace_run(other, (k,), run, surface, 1e-3)
    for name in ("kinds", "minima", "arrived", "within", "gone"):
        same = getattr(one, name) == getattr(other, name)
        assert same.mean() > 0.9, name
    assert len(set(other.kinds.tolist())) > 1


def test_nothing_is_raced_where_nothing_comes_into_question():
    found = ends([np.nan, np.inf], [-1, -1])
    again, k = confirmed_best(found, "loss", ROSENBROCK, 1e-3, race)
    assert k is None
    np.testing.assert_array_equal(again.losses, found.losses)
