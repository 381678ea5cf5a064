"""How a run ended: by hand-made trajectories, and by runs whose end is known."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optim import OPTIMIZERS, Outcome, descend
from optim.outcome import judge
from surfaces import SURFACES

SADDLE = SURFACES["saddle"]
RAVINE = SURFACES["ravine"]
HIMMELBLAU = SURFACES["himmelblau"]


def run(loss, key, start, num_steps, **hypers):
    optimizer = OPTIMIZERS[key]
    return descend(loss, optimizer, start, optimizer.hypers(**hypers), num_steps)


def judged(points, losses=None, surface=None, grads=None):
    """The verdict on a hand-made trajectory, falling evenly unless told otherwise."""
    points = np.array(points, dtype=np.float64)
    if losses is None:
        losses = np.linspace(1, 0, len(points))
    if grads is None:
        grads = np.ones_like(points)
    return judge(points, np.array(losses, dtype=np.float64), grads, surface)


def path(*legs):
    """A trajectory of legs (point, how many times)."""
    return [point for point, times in legs for _ in range(times)]


# -- in words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (
            Outcome("reached", 41, (3.0, 2.0)),
            "reached the minimum at (3.00, 2.00) after 41 steps",
        ),
        (
            Outcome("reached", 1, (-2.805118, 3.131312)),
            "reached the minimum at (-2.81, 3.13) after 1 step",
        ),
        (
            Outcome("reached", 0, (0.0, 0.0)),
            "reached the minimum at (0.00, 0.00) after 0 steps",
        ),
        (
            Outcome("stuck", 92, (-0.001, 0.0)),
            "stuck at the saddle at (0.00, 0.00) since step 92",
        ),
        (Outcome("settled", 7, (-0.0, 10.0)), "settled at (0.00, 10.00) after 7 steps"),
        (
            Outcome("settled", 1, (-10.0, -0.5)),
            "settled at (-10.00, -0.50) after 1 step",
        ),
        (
            Outcome("circling", at=(-1e-9, -1e-9)),
            "circling the minimum at (0.00, 0.00)",
        ),
        (
            Outcome("resting", 212, (1.3, 1.706)),
            "at rest at (1.30, 1.71) since step 212",
        ),
        (
            Outcome("caught", 9, (0.9, 0.0)),
            "caught in the local minimum at (0.90, 0.00) after 9 steps",
        ),
        (
            Outcome("stopped", 3, why="the Hessian is singular"),
            "stopped at step 3: the Hessian is singular",
        ),
        (Outcome("undefined", 4), "the loss is undefined at step 4"),
        (Outcome("bouncing"), "bouncing, no longer descending"),
        (Outcome("descending"), "still descending"),
        (Outcome("left", 107), "left the map at step 107, downhill"),
        (Outcome("diverged", 12), "diverged at step 12"),
        (Outcome("diverged", 0), "diverged at step 0"),
    ],
    ids=str,
)
def test_text(outcome, text):
    assert outcome.text == str(outcome) == text


# -- hand-made trajectories -----------------------------------------------------------


def test_diverged_names_the_first_step_outside():
    out, home = (9, 0), (1, 1)
    assert judged(path((home, 5), (out, 3)), range(8), SADDLE) == Outcome("diverged", 5)
    # It came back once: only the last leave counts.
    there_and_back = path((home, 2), (out, 2), (home, 2), (out, 1))
    assert judged(there_and_back, range(7), SADDLE) == Outcome("diverged", 6)
    assert judged([out, out], [0, 1], SADDLE) == Outcome("diverged", 0)
    assert judged([out], [0], SADDLE) == Outcome("left", 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_diverged_when_not_finite(bad):
    points = [(1, 1), (1, 1), (1, bad), (bad, bad)]
    assert judged(points, [3, 2, 1, 0], SADDLE) == Outcome("diverged", 2)
    assert judged(points, [3, 2, 1, 0]) == Outcome("diverged", 2)
    steady = path(((1, 1), 4))
    undefined = Outcome("undefined" if np.isnan(bad) else "diverged", 3)
    assert judged(steady, [3, 2, 1, bad], SADDLE) == undefined
    assert judged(steady, [3, 2, 1, bad]) == Outcome("diverged", 3)
    assert judged(steady, [bad] * 4, SADDLE) == Outcome(undefined.kind, 0)


def test_left_is_downhill_and_finite():
    points = path(((1, 1), 5), ((1, 2.5), 3))
    assert judged(points, range(8, 0, -1), SADDLE) == Outcome("left", 5)
    assert judged(points, range(8), SADDLE) == Outcome("diverged", 5)
    # Without a surface there is no map to leave.
    assert judged(points, range(8, 0, -1)).kind == "descending"


def test_the_border_belongs_to_the_map():
    assert judged(path(((2, -2), 5)), surface=SADDLE).kind == "descending"
    assert judged(path(((2, -2.0000001), 5)), surface=SADDLE).kind == "left"


def test_reached_and_stuck():
    home = HIMMELBLAU.minima[1]
    points = path(((0, 0), 7), (home, 93))
    assert judged(points, surface=HIMMELBLAU) == Outcome("reached", 7, home)
    saddle = HIMMELBLAU.saddles[2]
    points = path(((0, 0), 9), (saddle, 91))
    assert judged(points, surface=HIMMELBLAU) == Outcome("stuck", 9, saddle)
    assert judged([home], surface=HIMMELBLAU) == Outcome("reached", 0, home)
    assert judged([saddle] * 2, surface=HIMMELBLAU) == Outcome("stuck", 0, saddle)


def test_near_is_a_thousandth_of_the_diagonal():
    for distance, kind in ((0.99e-3, "reached"), (1.01e-3, "resting")):
        y = distance * np.sqrt(32)
        points = path(((1, 1), 5), ((0, y), 95))
        assert judged(points, surface=RAVINE).kind == kind


def test_a_stay_lasts_a_fiftieth_of_the_steps():
    # 101 points are 100 steps, a fiftieth of them 2.
    for length, kind in ((2, "descending"), (3, "reached")):
        points = path(((1, 1), 101 - length), ((0, 0), length))
        assert judged(points, surface=RAVINE).kind == kind
    # A visit is no stay.
    points = path(((1, 1), 50), ((0, 0), 40), ((1, 1), 11))
    assert judged(points, surface=RAVINE).kind == "descending"


def test_circling():
    radius = 0.99e-2 * np.sqrt(32)
    points = path(((1, 1), 60)) + [(radius, 0), (-radius, 0)] * 20
    assert judged(points, surface=RAVINE) == Outcome("circling", at=(0.0, 0.0))
    # Too wide a circle, and a walk that only goes one way.
    wide = np.array(points) * 1.03
    assert judged(wide, surface=RAVINE).kind == "descending"
    inwards = path(((1, 1), 60)) + [(radius - radius * t / 80, 0) for t in range(40)]
    assert judged(inwards, surface=RAVINE).kind == "descending"
    # A fifth of the steps must be spent there: here 20 of 100, and 19.
    lately = path(((1, 1), 81)) + [(radius, 0), (-radius, 0)] * 10
    assert judged(lately[:101], surface=RAVINE).kind == "descending"
    lately = path(((1, 1), 80)) + [(radius, 0), (-radius, 0)] * 11
    assert judged(lately[:101], surface=RAVINE).kind == "circling"
    # There is nothing to circle at a saddle.
    assert judged(points, surface=SADDLE).kind == "descending"


def test_at_rest_away_from_any_minimum():
    walk = [(1 - k / 100, 1.0) for k in range(80)]
    assert judged([*walk, *[(0.2, 1.0)] * 21], surface=RAVINE) == Outcome(
        "resting", 80, (0.2, 1.0)
    )
    # A fifth of the steps must be spent there: here 20 of 100, and 19.
    assert judged([*walk, *[(0.2, 1.0)] * 18], surface=RAVINE).kind != "resting"
    # Who always goes as slowly is on the way.
    crawl = [(1 - k / 1e4, 1.0) for k in range(101)]
    assert judged(crawl, surface=RAVINE).kind != "resting"
    # Nor does a long way make a wide place a small one.
    wide = [*walk, *[(0.2, 1.0), (0.207, 1.0)] * 10, (0.2, 1.0)]
    assert judged(wide, surface=RAVINE).kind != "resting"
    # Decoupled weight decay pulls against the slope until both are equal.
    outcome = run(
        SURFACES["booth"], "adamw", (-8, 6), 500, lr=0.5, weight_decay=0.5
    ).outcome
    assert outcome.kind == "resting"
    assert np.hypot(outcome.at[0] - 1, outcome.at[1] - 3) > 0.5


def test_bouncing_and_descending():
    here = path(((1, 1), 100))
    valley = [*range(80, 0, -1), *[5] * 20]
    assert judged(here, valley, RAVINE) == Outcome("bouncing")
    assert judged(here, valley) == Outcome("bouncing")
    assert judged(here, [*range(80, 0, -1), *[5] * 19, 0.5], RAVINE).kind == (
        "descending"
    )
    # Equally low is not lower.
    assert judged(here, [*range(80, 0, -1), *[5] * 19, 1], RAVINE).kind == "bouncing"
    # In ten points nobody can tell.
    assert judged(here[:10], [1] * 10, RAVINE).kind == "descending"
    assert judged(here[:11], [1] * 11, RAVINE).kind == "bouncing"


def test_settled():
    points = path(((5, 5), 8), ((-0.001, 3), 4))
    grads = np.array(path(((1, 0), 8), ((0, 1e-9), 4)))
    outcome = judged(points, grads=grads)
    assert outcome == Outcome("settled", 8, (-0.001, 3))
    assert outcome.text == "settled at (0.00, 3.00) after 8 steps"
    grads[8:] = 1e-7
    assert judged(points, grads=grads).kind == "descending"
    flat = np.zeros((12, 2))
    assert judged(points, grads=flat) == Outcome("settled", 0, (-0.001, 3))


# -- real runs ------------------------------------------------------------------------


# On the ravine's wall gradient descent multiplies y by 1 - 30 lr: the first power that
# throws 1.2 beyond the border at 2 is the step.
@pytest.mark.parametrize(
    ("lr", "step"), [(0.1, 1), (0.07, 6), (0.068, 14), (0.0668, 128)]
)
def test_too_large_a_rate_diverges(lr, step):
    heights = 1.2 * np.abs(1 - 30 * lr) ** np.arange(300)
    assert step == int(np.argmax(heights > 2))
    outcome = run(RAVINE, "gradient_descent", (-1.7, 1.2), 300, lr=lr).outcome
    assert outcome == Outcome("diverged", step)
    assert outcome.text == f"diverged at step {step}"


def test_runs_into_infinity_diverge():
    rosenbrock = SURFACES["rosenbrock"]
    result = run(rosenbrock, "gradient_descent", (-1.5, 2), 50, lr=1)
    assert not np.isfinite(result.points[-1]).any()
    assert result.outcome == Outcome("diverged", 1)
    # A function of nothing but a formula: gone when it is no longer finite.
    result = run(rosenbrock.fn, "gradient_descent", (-1.5, 2), 50, lr=1)
    finite = np.isfinite(result.points).all(axis=1) & np.isfinite(result.losses)
    assert result.outcome == Outcome("diverged", int(np.argmin(finite)))


def test_stuck_on_the_ridge_of_a_saddle():
    result = run(SADDLE, "gradient_descent", (1.6, 0.0), 160, lr=0.03)
    since = int(np.argmax(1.6 * 0.94 ** np.arange(161) <= 1e-3 * np.sqrt(32)))
    assert result.outcome == Outcome("stuck", since, (0.0, 0.0))
    assert result.outcome.text == (
        f"stuck at the saddle at (0.00, 0.00) since step {since}"
    )


def test_left_the_saddle_downhill():
    result = run(SADDLE, "gradient_descent", (1.6, 0.004), 160, lr=0.03)
    step = int(np.argmax(0.004 * 1.06 ** np.arange(161) > 2))
    assert result.outcome == Outcome("left", step)
    assert result.outcome.text == f"left the map at step {step}, downhill"


def test_small_a_rate_is_still_descending():
    result = run(RAVINE, "gradient_descent", (-1.7, 1.2), 300, lr=1e-4)
    assert result.outcome == Outcome("descending")
    result = run(RAVINE.fn, "gradient_descent", (-1.7, 1.2), 300, lr=1e-4)
    assert result.outcome == Outcome("descending")


def test_reached():
    result = run(HIMMELBLAU, "gradient_descent", (3.5, 2.5), 300, lr=0.005)
    distances = np.linalg.norm(result.points - [3, 2], axis=1)
    since = int(np.argmax(distances <= 1e-3 * np.sqrt(200)))
    assert result.outcome == Outcome("reached", since, (3.0, 2.0))
    assert 0 < since < 100


def test_started_where_it_ends():
    result = run(HIMMELBLAU, "adam", (3, 2), 20, lr=0.1)
    assert result.outcome == Outcome("reached", 0, (3.0, 2.0))
    result = run(SADDLE, "adam", (0, 0), 0)
    assert result.outcome == Outcome("stuck", 0, (0.0, 0.0))


def test_rmsprop_circles():
    result = run(RAVINE, "rmsprop", (-1.7, 1.2), 400, lr=0.03)
    assert result.outcome == Outcome("circling", at=(0.0, 0.0))
    tail = np.linalg.norm(result.points[320:], axis=1)
    assert 1e-3 < tail.max() / np.sqrt(32) < 1e-2


def test_bouncing_between_two_walls():
    # At a rate of 2 / curvature each step is a reflection.
    result = run(RAVINE.turned(kappa=1), "gradient_descent", (1, 0.5), 50, lr=2)
    np.testing.assert_allclose(result.points[::2], [[1, 0.5]] * 26)
    assert result.outcome == Outcome("bouncing")


def test_a_plain_function_settles():
    def bowl(point):
        return (point[0] - 1) ** 2 + (point[1] + 2) ** 2

    result = run(bowl, "gradient_descent", (5, 5), 200, lr=0.1)
    # The gradient shrinks by 0.8 a step.
    step = int(np.argmax(0.8 ** np.arange(201) <= 1e-8))
    assert result.outcome.kind == "settled"
    assert result.outcome.step == step
    assert result.outcome.text == f"settled at (1.00, -2.00) after {step} steps"


def test_a_steep_end_is_no_settling():
    def bowl(point):
        return (point**2).sum()

    # The last slope is finite, and its square is not.
    result = run(bowl, "gradient_descent", (1, 1), 153, lr=5.5)
    assert np.isfinite(result.losses).all()
    assert 1e153 < np.abs(result.grads[-1]).max() < np.inf
    assert result.outcome.kind == "bouncing"


def test_an_infinite_slope_is_no_measure():
    grads = np.array(path(((np.inf, 1), 1), ((1, 0), 10), ((1e-9, 0), 4)))
    points = path(((1, 1), 15))
    assert judged(points, grads=grads) == Outcome("settled", 11, (1.0, 1.0))
    grads[-1] = np.nan
    assert judged(points, grads=grads).kind == "descending"


# -- any run at all -------------------------------------------------------------------


@settings(max_examples=300)
@given(
    data=st.data(),
    rows=st.integers(1, 60),
    surface=st.sampled_from([None, *SURFACES.values()]),
    elements=st.sampled_from([st.floats(), st.floats(-3, 3)]),
)
def test_any_trajectory_is_judged(data, rows, surface, elements):
    points = data.draw(hnp.arrays(np.float64, (rows, 2), elements=elements))
    losses = data.draw(hnp.arrays(np.float64, rows, elements=elements))
    grads = data.draw(hnp.arrays(np.float64, (rows, 2), elements=elements))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = judge(points, losses, grads, surface)
    assert outcome.text
    assert "None" not in outcome.text
    assert "-0.00" not in outcome.text
    assert outcome.step is None or 0 <= outcome.step < rows
    good = np.isfinite(points[-1]).all() and np.isfinite(losses[-1])
    if surface is not None:
        good = good and surface.domain.contains(points[-1])
    assert good == (outcome.kind not in ("diverged", "left", "undefined"))
    if surface is not None and surface.charted:
        assert outcome.kind != "settled"
    if outcome.at is not None and surface is not None:
        if outcome.kind in ("settled", "resting"):
            return
        places = {"stuck": surface.saddles}.get(outcome.kind, surface.minima)
        assert outcome.at in places


@settings(max_examples=30)
@given(
    key=st.sampled_from(sorted(OPTIMIZERS)),
    surface=st.sampled_from([*SURFACES.values()]),
    exponent=st.floats(-5, 1),
    start=st.tuples(st.floats(-2, 2), st.floats(-1, 2)),
    num_steps=st.integers(0, 200),
)
def test_any_run_is_judged(key, surface, exponent, start, num_steps):
    rated = "lr" in OPTIMIZERS[key].hypers._fields
    hypers = {"lr": 10.0**exponent} if rated else {}
    for loss in (surface, surface.fn):
        outcome = run(loss, key, start, num_steps, **hypers).outcome
        assert outcome.text
        assert outcome.step is None or 0 <= outcome.step <= num_steps
