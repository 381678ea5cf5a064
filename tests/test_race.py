"""Races: what is kept of them is what would be computed again."""

import numpy as np
import pytest

from optim import descend
from views import race as races
from views.race import run_race
from views.setup import Setup


@pytest.fixture(autouse=True)
def nothing_kept():
    races._kept.clear()


@pytest.fixture
def computed(monkeypatch):
    """The rules whose runs were computed, one after the other."""
    keys = []

    def watched(surface, optimizer, *args, **kwargs):
        keys.append(optimizer.key)
        return descend(surface, optimizer, *args, **kwargs)

    monkeypatch.setattr(races, "descend", watched)
    return keys


def setup_of(**asked) -> Setup:
    """A setup, from settings as they stand in an address."""
    texts = {key.replace("__", "."): str(value) for key, value in asked.items()}
    setup, problems = Setup.parse(texts.items())
    assert not problems
    return setup


def test_a_rate_that_is_dragged_runs_one_rule_again(computed):
    run_race(setup_of(steps=50))
    run_race(setup_of(steps=50))
    computed.clear()
    for rate in (0.011, 0.012, 0.013):
        run_race(setup_of(steps=50, adam__lr=rate))
    assert computed == ["adam"] * 3
    computed.clear()
    run_race(setup_of(steps=50, adam__lr=0.012))
    run_race(setup_of(steps=50, adam__lr=0.012, on="adam,momentum"))
    assert computed == []


@pytest.mark.parametrize(
    ("before", "change", "again"),
    [
        ({}, {"start": "1,1"}, 5),
        ({}, {"steps": 51}, 5),
        ({}, {"noise": 1}, 5),
        ({"noise": 1}, {"seed": 3}, 5),
        ({}, {"l2": 0.1}, 5),
        ({}, {"lr": 0.01}, 5),
        ({}, {"schedule": "cosine"}, 5),
        ({"schedule": "cosine"}, {"cosine.end": 0.3}, 5),
        ({}, {"surface": "himmelblau"}, 5),
        ({"surface": "ravine"}, {"kappa": 7}, 5),
        ({"surface": "ravine"}, {"adam.beta1": 0.8}, 1),
        ({"surface": "logistic_regression"}, {"batch": 3}, 5),
        ({"surface": "formula", "f": "x^2+y^2"}, {"f": "x^2+2*y^2"}, 5),
        ({"surface": "formula", "f": "x^2"}, {"x": "-1,3"}, 5),
        ({}, {"nesterov.lr": 1e-3}, 0),
    ],
)
def test_only_what_changes_nothing_is_not_computed(computed, before, change, again):
    after = setup_of(**{"steps": 50} | before | change)
    before = setup_of(**{"steps": 50} | before)
    # Compiles, which keeps nothing.
    run_race(after, fresh=True)
    run_race(before, fresh=True)
    run_race(before)
    computed.clear()
    found = run_race(after)
    assert len(computed) == again
    for key, run in run_race(after, fresh=True).runs.items():
        np.testing.assert_array_equal(found.runs[key].points, run.points)
        assert found.runs[key].outcome == run.outcome


def test_what_is_kept_stays_within_its_bytes(computed, monkeypatch):
    for seed in range(60):
        run_race(setup_of(steps=5000, seed=seed + 1, noise=0.1))
        held = sum(map(races._size, races._kept.values()))
        assert held <= races.KEPT
    assert held > races.KEPT / 2
    # The newest are those that are kept.
    computed.clear()
    run_race(setup_of(steps=5000, seed=60, noise=0.1))
    assert computed == []
    run_race(setup_of(steps=5000, seed=1, noise=0.1))
    assert len(computed) == 5


def test_a_check_of_readiness_computes(computed):
    for _ in range(3):
        run_race(setup_of(), fresh=True)
    assert len(computed) == 15


def test_the_seconds_are_those_of_computing():
    run_race(setup_of(steps=5000))
    took = run_race(setup_of(steps=5000)).seconds
    assert 0 < took == run_race(setup_of(steps=5000)).seconds


# -- what follows the surface's parameters --------------------------------------------


@pytest.mark.parametrize("kappa", [1, 2, 10, 34, 100, 300, 1000])
def test_no_recommended_rate_fails_however_narrow_the_ravine(kappa):
    setup = setup_of(surface="ravine", kappa=kappa, steps=5000)
    for key in ("gradient_descent", "momentum", "nesterov", "numeric_gradient"):
        (run,) = run_race(setup.edited({"on": key})[0]).runs.values()
        assert run.outcome.kind == "reached", (key, str(run.outcome))


@pytest.mark.parametrize("kappa", [3, 30, 100, 300])
def test_momentum_is_faster_in_a_ravine_by_the_root_of_kappa(kappa):
    runs = run_race(setup_of(surface="ravine", kappa=kappa, steps=5000)).runs
    plain, momentum = (runs[k].outcome.step for k in ("gradient_descent", "momentum"))
    assert momentum < plain
    # By theory the error falls by (r - 1)/(r + 1) a step, r of one kappa, of the other
    # its root; to turn there costs momentum some steps more.
    assert plain / momentum > np.sqrt(kappa) / 4


def test_a_rate_that_was_chosen_does_not_follow_the_surfaces_parameters():
    chosen = {"surface": "ravine", "momentum.lr": 0.0953}
    # The rate recommended for a kappa of 30 is one that was chosen for one of 100.
    setup = setup_of(**chosen, kappa=100)
    assert setup["momentum.lr"] == 0.0953
    assert "momentum.lr" in setup.query
    assert "momentum.lr" not in setup.following
    assert setup.following["gradient_descent.lr"] == setup["gradient_descent.lr"]
    assert setup["gradient_descent.lr"] == pytest.approx(2 / 101, rel=1e-2)
    assert setup_of(surface="himmelblau").following == {}
    assert "momentum.lr" not in setup_of(surface="ravine", lr=0.1).following
