"""Rules that use curvature: Newton's, BFGS, and L-BFGS step by step."""

import jax
import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from optim import OPTIMIZERS, descend
from surfaces import SURFACES
from tests.references import PAPER
from tests.rule_runs import (
    AGREEMENT,
    Problem,
    deviations,
    first_false,
    note,
    points_in,
    run_on,
    tilted,
)


@given(
    kappa=st.floats(1, 1000),
    angle=st.floats(-90, 90),
    start=points_in(SURFACES["ravine"]),
)
def test_newton_needs_one_step_on_a_quadratic(kappa, angle, start):
    ravine = SURFACES["ravine"].with_params(kappa=kappa, angle=angle)
    run = run_on(ravine, "newton", start, 3)
    np.testing.assert_allclose(run.points[1:], 0, atol=1e-12)
    damped = run_on(ravine, "newton", start, 3, damping=5)
    assert run.losses[1] < damped.losses[1] < damped.losses[0]


def test_newton_goes_to_the_saddle():
    saddle = SURFACES["saddle"]
    run = descend(
        saddle, OPTIMIZERS["newton"], saddle.start, OPTIMIZERS["newton"].hypers(), 10
    )
    assert run.outcome.kind == "stuck"
    assert run.points[1].tolist() == [0, 0]


def test_newton_says_that_it_stopped_where_nothing_is_curved():
    run = run_on(tilted, "newton", (0.5, 0.25), 5)
    assert run.points.tolist() == [[0.5, 0.25]] * 6
    assert run.states.flat.tolist() == [0, 1, 1, 1, 1, 1]
    assert run.outcome.text == "stopped at step 1: the surface is not curved here"
    # Damping lends it some curvature.
    damped = run_on(tilted, "newton", (0.5, 0.25), 1, damping=1)
    assert damped.points[1].tolist() == [0.5 - 3, 0.25 + 4]


@pytest.mark.parametrize(
    "loss",
    [
        lambda w: (w[0] + w[1]) ** 2,
        lambda w: 1e-300 * (w[0] + w[1]) ** 2,
        lambda w: 1e200 * (w[0] + w[1]) ** 2,
        lambda w: (0.1 * w[0] + 0.3 * w[1]) ** 2,
        lambda w: w[0] ** 2,
        lambda w: -(w[1] ** 2),
        lambda w: w[0] ** 2 + w[1],
    ],
    ids=["sum", "small", "large", "up to rounding", "x", "y, a ridge", "tilted"],
)
def test_newton_steps_along_the_line_that_is_curved(loss):
    run = run_on(loss, "newton", (0.5, 0.25), 5)
    point = np.array([0.5, 0.25])
    curved = np.array(jax.hessian(loss)(point))
    scale = np.abs(curved).max()
    inverse = np.linalg.pinv(curved / scale, hermitian=True, rcond=1e-12)
    expected = point - inverse @ (np.array(jax.grad(loss)(point)) / scale)
    for there in run.points[1:]:
        np.testing.assert_allclose(there, expected, atol=1e-13)
    assert run.outcome.kind != "stopped"


def test_newton_is_at_the_bottom_of_a_trough_after_one_step():
    run = run_on(lambda w: w[0] ** 2, "newton", (3, 1), 3)
    assert run.points.tolist() == [[3, 1], [0, 1], [0, 1], [0, 1]]


@pytest.mark.parametrize("key", ["bfgs", "lbfgs"])
@pytest.mark.parametrize("surface_key", ["rosenbrock", "ravine", "himmelblau", "beale"])
def test_quasi_newton_ends_where_scipy_does(key, surface_key):
    surface = SURFACES[surface_key]
    optimizer, problem = OPTIMIZERS[key], Problem(surface.fn)
    minima = np.array(surface.minima)
    # From near a minimum, where there is no choice which.
    for minimum in minima:
        start = minimum + 0.02 * surface.domain.diagonal
        run = descend(surface, optimizer, start, optimizer.hypers(), 60)
        found = scipy.optimize.minimize(
            problem.value, start, jac=problem.gradient, method="BFGS", tol=1e-9
        )
        np.testing.assert_allclose(run.points[-1], found.x, atol=1e-6)
        np.testing.assert_allclose(run.points[-1], minimum, atol=1e-6)


def two_loops(g, pairs):
    """Algorithm 7.4: the direction -B g."""
    q, along = g.copy(), []
    for s, y in reversed(pairs):
        along.append(s @ q / (s @ y))
        q = q - along[-1] * y
    s, y = pairs[-1]
    q = q * (s @ y) / (y @ y)
    for (s, y), a in zip(pairs, reversed(along), strict=True):
        q = q + s * (a - y @ q / (s @ y))
    return -q


LBFGS_ON = ("ravine", "rosenbrock", "himmelblau", "beale", "three_hump_camel")


@pytest.mark.parametrize("surface_key", LBFGS_ON)
def test_lbfgs_step_by_step(surface_key, conformance):
    surface, optimizer = SURFACES[surface_key], OPTIMIZERS["lbfgs"]
    problem = Problem(surface.fn)
    hypers = optimizer.hypers()
    rng = np.random.default_rng(0)
    for start in (surface.start, *rng.uniform(-1.5, 1.5, (4, 2))):
        run = descend(surface, optimizer, start, hypers, 40)
        points = run.points
        grads = np.array([problem.gradient(point) for point in points])
        # Towards the end, differences of points and of slopes are rounding.
        steps = np.diff(points, axis=0)
        ends = first_false(np.abs(steps).max(axis=1) > 1e-5)
        pairs, worst = [], 0.0
        for t in range(ends):
            slope = -grads[t] * min(1, 1 / np.linalg.norm(grads[t]))
            direction = two_loops(grads[t], pairs[-10:]) if pairs else slope
            length = np.linalg.norm(steps[t]) / np.linalg.norm(direction)
            worst = max(worst, deviations(steps[t], length * direction).max())
            # Wolfe's conditions, equation 3.7 of Nocedal and Wright.
            down = grads[t] @ steps[t]
            assert down < 0
            gained = run.losses[t + 1] - run.losses[t]
            assert gained <= hypers.c1 * down + 1e-6 * abs(run.losses[t])
            assert abs(grads[t + 1] @ steps[t]) <= hypers.c2 * abs(down) * (1 + 1e-9)
            pairs.append((steps[t], np.diff(grads[t : t + 2], axis=0)[0]))
        note(conformance, "lbfgs", PAPER, surface, ends, worst)
        assert ends >= 3
        assert worst <= AGREEMENT
