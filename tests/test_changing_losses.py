"""Losses that change with the step, and projections: descended as the papers do it."""

import math

import jax
import numpy as np
import pytest

from optim import OPTIMIZERS, Conditions, descend
from optim.studies import study, trails
from surfaces import SURFACES, Domain, FormulaError, typed_surface
from surfaces.formula import parse
from views.setup import Setup

SQUARE = Domain(-1.0, 1.0, -1.0, 1.0)
REDDI = "where(mod(t, 3) == 1, 3x, -x) + 0y"
"""S. J. Reddi, S. Kale, S. Kumar, On the convergence of Adam and beyond (2018), with
C = 3: the mean is x/3, and so the lowest point of [-1, 1] is -1."""


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("x + y", None),
        ("x mod(t, 3)", 3),
        ("where(t % 4 == 1, x, y)", 4),
        ("x mod(t - 1, 2) + y mod(2t + 3, 5)", 10),
        ("sum(k, 1, 3, x mod(k t, 6))", 6),
        ("t x with t = 1 in 0..2", None),
    ],
)
def test_period(text, length):
    if "sum" in text:
        with pytest.raises(FormulaError, match="with a whole n"):
            parse(text)
        return
    assert parse(text).period == length


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x t", "`t`, the step, may stand in mod(t, n) only"),
        ("x mod(t/2, 3)", "with a whole n"),
        ("x mod(t, 2.5)", "with a whole n"),
        ("x mod(t, y)", "with a whole n"),
        ("x mod(t, 11) mod(t, 13)", "comes again after 143 steps, and allowed are 128"),
        ("sin(t) + x", "may stand in mod(t, n) only"),
    ],
)
def test_what_never_comes_again_is_refused(text, words):
    with pytest.raises(FormulaError) as refused:
        parse(text)
    assert words in str(refused.value)


def at_step(t, x, y):
    """REDDI at a step, from 1."""
    return (3 * x if t % 3 == 1 else -x) + 0 * y


def test_each_step_is_given_its_own_loss():
    surface = typed_surface(REDDI, SQUARE)
    assert (surface.period, surface.samples) == (3, 3)
    run = descend(surface, OPTIMIZERS["gradient_descent"], (0.2, 0.5), {"lr": 0.01}, 7)
    x = 0.2
    for t in range(1, 8):
        assert run.points[t - 1, 0] == pytest.approx(x, abs=1e-15)
        slope = at_step(t, 1.0, 0.0) - at_step(t, 0.0, 0.0)
        np.testing.assert_allclose(run.grads[t - 1], [slope, 0.0], atol=1e-15)
        x -= 0.01 * slope
    # The record is of the mean.
    np.testing.assert_allclose(run.losses, run.points[:, 0] / 3, atol=1e-15)


def test_adam_ends_where_the_paper_says_and_amsgrad_at_the_minimum():
    surface = typed_surface(REDDI, SQUARE)
    inside = Conditions(region=surface.domain.box)
    ends = {}
    for key in ("adam", "amsgrad", "gradient_descent"):
        rule = OPTIMIZERS[key]
        hypers = {"lr": 0.01}
        if key != "gradient_descent":
            # Theorem 1: beta1 = 0 and beta2 = 1/(1 + C^2).
            hypers |= {"beta1": 0.0, "beta2": 0.1}
        run = descend(surface, rule, (0.0, 0.0), hypers, 4000, conditions=inside)
        assert (np.abs(run.points) <= 1).all()
        ends[key] = run.points[-3:, 0]
    np.testing.assert_allclose(ends["adam"], 1.0, atol=0.02)
    np.testing.assert_allclose(ends["amsgrad"], -1.0, atol=0.03)
    np.testing.assert_allclose(ends["gradient_descent"], -1.0, atol=0.05)


def test_what_a_projection_holds_is_said():
    surface = typed_surface("x + y^2", SQUARE)
    rule, box = OPTIMIZERS["gradient_descent"], Conditions(region=SQUARE.box)
    run = descend(surface, rule, (0.5, 0.5), {"lr": 0.1}, 200, conditions=box)
    assert run.outcome.text == "held by the projection at (−1, 0) since step 24"
    # By then y, which shrinks to 0.8 of itself in each step, is next to nothing.
    assert 0.5 * 0.8**24 < 1e-3 * SQUARE.diagonal < 0.5 * 0.8**23
    disc = Conditions(region=(0.0, 0.0, 0.5))
    run = descend(surface, rule, (0.3, 0.2), {"lr": 0.1}, 200, conditions=disc)
    assert run.outcome.text.startswith("held by the projection at (−0.5, 0) since")
    bowl = descend(
        SURFACES["booth"],
        rule,
        (0.0, 0.0),
        None,
        300,
        conditions=Conditions(region=(-9.0, -9.0, 9.0, 9.0)),
    )
    assert bowl.outcome.kind == "reached"


def by_hand(surface, region, start, lr, steps):
    """Gradient descent and a projection, in NumPy."""
    slope = jax.grad(surface.fn)
    points = [np.array(start)]
    for _ in range(steps):
        w = points[-1] - lr * np.asarray(slope(points[-1]))
        if len(region) == 4:
            w = np.clip(w, region[:2], region[2:])
        elif math.dist(w, region[:2]) > region[2]:
            away = w - region[:2]
            w = np.array(region[:2]) + away / np.linalg.norm(away) * region[2]
        points.append(w)
    return np.array(points)


@pytest.mark.parametrize("region", [(-0.5, 0.4, 1.2, 0.9), (0.3, 0.5, 0.4)])
@pytest.mark.parametrize("quantities", [False, True])
def test_projection_is_the_nearest_point(region, quantities):
    surface = SURFACES["rosenbrock"]
    expected = by_hand(surface, region, (0.1, 0.6), 0.004, 60)
    run = descend(
        surface,
        OPTIMIZERS["gradient_descent"],
        (0.1, 0.6),
        {"lr": 0.004},
        60,
        conditions=Conditions(region=region),
        quantities=quantities,
    )
    np.testing.assert_allclose(run.points, expected, rtol=1e-12, atol=1e-12)
    # It does something here, and not at each step.
    free = descend(
        surface, OPTIMIZERS["gradient_descent"], (0.1, 0.6), {"lr": 0.004}, 60
    )
    assert not np.allclose(run.points, free.points)


def test_inside_of_the_region_nothing_changes_to_the_last_bit():
    surface, adam = SURFACES["ravine"], OPTIMIZERS["adam"]
    plain = descend(surface, adam, surface.start, None, 200)
    for region in ((-1e6, -1e6, 1e6, 1e6), (0.0, 0.0, 1e6)):
        inside = Conditions(region=region)
        run = descend(surface, adam, surface.start, None, 200, conditions=inside)
        np.testing.assert_array_equal(run.points, plain.points)


def test_a_point_that_is_no_number_stays_none():
    surface = typed_surface("exp(exp(9x)) + y^2", Domain(-1.0, 1.0, -1.0, 1.0))
    box = Conditions(region=surface.domain.box)
    rule = OPTIMIZERS["newton"]
    run = descend(surface, rule, (0.9, 0.5), None, 3, conditions=box)
    assert not np.isfinite(run.points[-1]).all() or surface.domain.contains(
        run.points[-1]
    )


@pytest.mark.parametrize("key", ["momentum", "adam", "rmsprop_nesterov", "lbfgs"])
@pytest.mark.parametrize("region", ["box", "disc"])
def test_studies_run_as_the_race_does(key, region):
    surface = typed_surface("where(t % 2 == 0, x^2 + 3y, 2(y - x)^2 - y) + y^4", SQUARE)
    conditions = Conditions(region=getattr(surface.domain, region))
    rule = OPTIMIZERS[key]
    hypers = rule.recommended(surface.recommended)
    starts = np.array([[-0.6, 0.4], [0.9, -0.9], [0.1, 0.7]])
    many = trails(surface, rule, starts, hypers, 80, conditions=conditions)
    found = study(
        surface, rule, starts, hypers, 80, conditions=conditions, dtype=np.float64
    )
    for k, start in enumerate(starts):
        run = descend(surface, rule, start, hypers, 80, conditions=conditions)
        np.testing.assert_allclose(many.points[k], run.points, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(
            found.losses[k], run.losses[-1], rtol=1e-4, atol=1e-4
        )


def test_what_a_step_does_not_take_has_no_part_in_its_slope():
    surface = typed_surface("x^2 + y^2 if mod(t, 2) == 1 else x log(y)", SQUARE)
    rule = OPTIMIZERS["gradient_descent"]
    run = descend(surface, rule, (0.5, -0.5), {"lr": 0.1}, 1)
    np.testing.assert_allclose(run.grads[0], [1.0, -1.0])


def test_a_setup_says_so():
    setup, problems = Setup.parse(
        [("surface", "formula"), ("f", REDDI), ("project", "box"), ("on", "adam")]
    )
    assert problems == ()
    conditions = setup.conditions_of("adam")
    assert conditions.in_turn
    assert conditions.region == setup.declared_surface.domain.box
    assert "batch" not in setup.fields
    assert not setup.is_stochastic
    own, problems = setup.edited({"adam.project": "disc"})
    assert problems == ()
    assert own.conditions_of("adam").region == setup.declared_surface.domain.disc
