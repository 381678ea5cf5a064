"""Rules that take no gradient: random search, and differences of losses."""

from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest

from optim import random_search
from surfaces import SURFACES
from tests.papers import normals
from tests.rule_runs import STEPS, run_on


def test_random_search_never_goes_up():
    rosenbrock = SURFACES["rosenbrock"]
    run = run_on(rosenbrock, "random_search", rosenbrock.start, 2000, sigma=0.1)
    assert (np.diff(run.losses) <= 0).all()
    moved = (np.diff(run.points, axis=0) != 0).any(axis=1)
    assert 10 < moved.sum() < 1000
    assert run.states.t.tolist() == list(range(2001))


def test_random_search_is_its_seeds():
    rosenbrock = SURFACES["rosenbrock"]
    run_for = partial(run_on, rosenbrock, "random_search", rosenbrock.start)
    run = run_for(300, seed=3)
    np.testing.assert_array_equal(run_for(300, seed=3).points, run.points)
    np.testing.assert_array_equal(run_for(200, seed=3).points, run.points[:201])
    assert (run_for(300, seed=4).points != run.points).any()


def test_random_search_draws_are_normal_and_independent():
    draws = np.concatenate([normals(seed) for seed in range(40)])
    one = np.asarray(random_search.draw(np.float64(7), np.float64(5)))
    np.testing.assert_allclose(one, normals(7)[5], rtol=1e-14)
    assert len(np.unique(draws)) == draws.size == 40 * STEPS * 2
    np.testing.assert_allclose(draws.mean(axis=0), 0, atol=0.04)
    np.testing.assert_allclose(np.cov(draws.T), np.eye(2), atol=0.04)
    inside = np.mean(np.abs(draws) < 1.96)
    assert inside == pytest.approx(0.95, abs=0.01)


def test_differences_are_worst_when_too_near_or_too_far():
    def loss(w):
        return jnp.exp(w[0]) + jnp.sin(w[1])

    exact = run_on(loss, "gradient_descent", (1, 1), 1, lr=1).points[1]

    def error(h):
        run = run_on(loss, "numeric_gradient", (1, 1), 1, lr=1, h=h)
        return np.abs(run.points[1] - exact).max()

    # h^2 f''' / 6 where h is large, the rounding of the losses over h where it is not.
    assert error(1e-1) == pytest.approx(1e-2 * np.e / 6, rel=1e-2)
    assert error(1e-3) == pytest.approx(1e-6 * np.e / 6, rel=1e-2)
    assert error(1e-5) < 1e-9
    assert error(1e-13) > 1e-5
    assert error(1e-15) > 1e-2
