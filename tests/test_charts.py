"""Charts of a race: each number is what its definition says, computed another way."""

import re
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend
from optim.flow import gradient_flow
from optim.slopes import gradients_at, grid, sample_gradients
from optim.stability import best_rate, heavy_ball, nesterov
from optim.studies import contraction, sweep
from surfaces import SURFACES, Domain, regularized
from surfaces.base import loss_at
from views import charts
from views.charts import CHARTS, Moving, headed_for, rate_limits

STEPS = 120
ROOT = Path(__file__).parents[1]


def moving(surface, key, conditions=None, quantities=True, **hypers):
    rule = OPTIMIZERS[key]
    values = rule.recommended(surface.recommended)._replace(**hypers)
    conditions = conditions or Conditions()
    run = descend(
        surface, rule, surface.start, values, STEPS,
        conditions=conditions, quantities=quantities,
    )  # fmt: skip
    return Moving(surface, rule, values, conditions.factors(STEPS), run)


def limits_of(one):
    return rate_limits(one.surface, one.rule, one.hypers, one.run)


def slope(surface, w, h=1e-6):
    """By differences of the loss."""
    e = h * np.eye(2)
    return np.array(
        [(loss_at(surface.fn, w + d) - loss_at(surface.fn, w - d)) / (2 * h) for d in e]
    )


def hessian(surface, w, h=1e-5):
    e = h * np.eye(2)
    return np.array(
        [(slope(surface, w + d, h) - slope(surface, w - d, h)) / (2 * h) for d in e]
    )


@pytest.fixture(scope="module", params=["rosenbrock", "himmelblau"])
def surface(request):
    return SURFACES[request.param]


@pytest.mark.parametrize("key", ["momentum", "adam", "newton", "random_search"])
def test_distance_step_ratio_gradient_and_angle(surface, key):
    one = moving(surface, key)
    points = one.run.points
    found = {name: CHARTS[name].find(one)[:, 0] for name in
             ("distance", "gradient", "step", "ratio", "angle")}  # fmt: skip
    assert len(found["distance"]) == len(found["gradient"]) == STEPS + 1
    assert len(found["step"]) == len(found["ratio"]) == len(found["angle"]) == STEPS
    for t in range(0, STEPS, 7):
        w, step = points[t], points[t + 1] - points[t]
        nearest = min(np.linalg.norm(w - m) for m in surface.minima)
        assert found["distance"][t] == pytest.approx(nearest, rel=1e-12)
        assert found["step"][t] == pytest.approx(np.linalg.norm(step), rel=1e-12)
        assert found["ratio"][t] == pytest.approx(
            np.linalg.norm(step) / np.linalg.norm(w), rel=1e-12
        )
        g = slope(surface, w)
        norm = np.linalg.norm(g)
        assert found["gradient"][t] == pytest.approx(norm, rel=1e-4, abs=1e-4)
        if not step.any():
            assert np.isnan(found["angle"][t])
        elif norm > 1e-3:
            cosine = -g @ step / norm / np.linalg.norm(step)
            angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
            assert found["angle"][t] == pytest.approx(angle, abs=0.05)


def test_steepest_descent_has_no_angle(surface):
    one = moving(surface, "gradient_descent")
    angles = CHARTS["angle"].find(one)[:, 0]
    # Where it has arrived, steps are rounding.
    moved = np.hypot(*one.steps.T) > 1e-6
    assert angles[moved].max() < 1e-5


def test_the_gradient_is_the_one_that_the_rule_was_given(surface):
    noisy = moving(surface, "momentum", Conditions(noise=5.0, seed=3))
    shown = CHARTS["gradient"].find(noisy)[:-1, 0]
    np.testing.assert_allclose(shown, np.hypot(*noisy.run.grads[:-1].T))
    true = np.hypot(*gradients_at(surface, noisy.run.points[:-1]).T)
    assert np.abs(shown - true).max() > 1


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_the_effective_rate_is_what_the_gradient_or_its_mean_is_multiplied_by(key):
    cosine = SCHEDULES["cosine"]
    conditions = Conditions(cosine, cosine.hypers(end=0.1), warmup=4)
    one = moving(SURFACES["himmelblau"], key, conditions)
    rates = CHARTS["rate"].find(one)
    assert rates.shape == (STEPS, 2)
    if not hasattr(one.hypers, "lr"):
        assert np.isnan(rates).all()
    elif not one.rule.divisor:
        expected = one.hypers.lr * conditions.factors(STEPS)
        np.testing.assert_allclose(rates, np.stack([expected, expected], axis=-1))
    elif key in ("adagrad", "rmsprop", "adadelta"):
        steps, grads = np.diff(one.run.points, axis=0), one.run.grads[:-1]
        # A rate of zero, as the warm-up begins, moves nothing.
        apt = (np.abs(grads) > 1e-4) & (np.abs(steps) > 1e-9)
        np.testing.assert_allclose(rates[apt], (-steps / grads)[apt], rtol=1e-5)


def test_adagrads_rates_only_fall():
    rates = CHARTS["rate"].find(moving(SURFACES["rosenbrock"], "adagrad"))
    assert (np.diff(rates, axis=0) <= 0).all()
    assert (rates[-1] < 0.9 * rates[0]).any()


@pytest.mark.parametrize("key", ["gradient_descent", "momentum", "rmsprop", "adam"])
def test_sharpness_and_its_limit(surface, key):
    one = moving(surface, key)
    shown = CHARTS["sharpness"].find(one)
    for t in range(0, STEPS, 11):
        matrix = hessian(surface, one.run.points[t])
        if one.rule.divisor:
            root = np.diag(one.run.quantities[one.rule.divisor][t] ** -0.5)
            matrix = root @ matrix @ root
        largest = np.linalg.eigvalsh((matrix + matrix.T) / 2)[-1]
        assert shown[t, 0] == pytest.approx(largest, rel=2e-2, abs=0.05)
    beta = getattr(one.hypers, "beta", 0.0)
    beta1 = getattr(one.hypers, "beta1", 0.0)
    limit = 2 * (1 + beta) * (1 + beta1) / (1 - beta1) / one.hypers.lr
    np.testing.assert_allclose(shown[:, 1], limit, rtol=1e-12)


def test_each_chart_has_its_panel():
    layout = (ROOT / "views" / "player" / "layout.js").read_text()
    (names,) = re.findall(r"\.\.\.chartRows\(\[(.*?)\]\)", layout)
    assert re.findall(r'"(\w+)"', names) == list(CHARTS)
    for chart in CHARTS.values():
        assert chart.meaning.endswith(".")
        assert len(chart.columns) in (0, 2)


def test_the_chart_that_is_added_shows_what_it_says(surface):
    page = (ROOT / "docs" / "adding.md").read_text("utf-8")
    page = page.split("<!-- chart: begin -->")[1].split("<!-- chart: end -->")[0]
    function, row = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names = dict(vars(charts))
    exec(compile(f"{function}\nADDED = {{\n{row}}}", "adding.md", "exec"), names)
    (chart,) = names["ADDED"].values()
    one = moving(surface, "momentum")
    steps = np.linalg.norm(np.diff(one.run.points, axis=0), axis=1)
    found = chart.find(one)
    assert found.shape == (STEPS + 1, 1)
    for t in range(0, STEPS + 1, 8):
        assert found[t, 0] == pytest.approx(steps[:t].sum(), rel=1e-12)


# -- theory ---------------------------------------------------------------------------


def slowest(key, curvature, product, **hypers):
    """By how much a run on a parabola grows or shrinks in a step, measured."""
    rule = OPTIMIZERS[key]
    values = rule.hypers(lr=product / curvature, **hypers)
    run = descend(
        lambda w: curvature * w[0] ** 2 / 2 + w[1] ** 2 * 0, rule, (1, 0), values, 4000
    )
    sizes = np.abs(run.points[:, 0])
    return np.nanmax(sizes[-200:]) if np.isfinite(sizes).all() else np.inf


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(
    ("key", "limit"), [("momentum", heavy_ball), ("nesterov", nesterov)]
)
def test_just_below_the_limit_it_converges_and_just_above_it_does_not(key, limit, beta):
    border = limit(OPTIMIZERS[key].hypers(beta=beta))
    assert slowest(key, 3.0, 0.99 * border, beta=beta) < 1e-3
    assert slowest(key, 3.0, 1.01 * border, beta=beta) > 1e3


@pytest.mark.parametrize("key", ["adam", "adamw", "amsgrad", "nadam"])
def test_a_mean_of_gradients_is_stable_up_to_its_limit(key):
    # With the divisor held at what epsilon makes it: a large one hardly changes.
    rule = OPTIMIZERS[key]
    more = {"weight_decay": 0.0} if key == "adamw" else {}
    hypers = rule.hypers(lr=1.0, beta1=0.6, beta2=0.0, eps=1.0, **more)
    border = rule.stability(hypers)
    for factor, settles in ((0.97, True), (1.03, False)):
        values = hypers._replace(lr=factor * border)
        # Gradients so small that only epsilon counts in the divisor, which is 1.
        run = descend(lambda w: (w**2).sum() / 2, rule, (1e-12, 0), values, 2000)
        last, first = abs(run.points[-1, 0]), 1e-12
        assert (last < 1e-3 * first) == settles
        assert (last > 1e3 * first) == (not settles)


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.8, 0.95])
def test_no_rate_is_faster_than_the_best(beta):
    curvatures = np.array([1.0, 30.0])
    best = contraction(curvatures, best_rate(curvatures, beta), beta)
    found = scipy.optimize.minimize_scalar(
        lambda log: contraction(curvatures, np.exp(log), beta),
        bounds=(np.log(1e-3), np.log(2 * (1 + beta) / 30)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert best <= found.fun + 1e-6


@pytest.mark.parametrize(
    ("l2", "kappa", "beta"), [(0.0, 10.0, 0.9), (2.0, 10.0, 0.5), (0.0, 100.0, 0.0)]
)
def test_limits_of_the_rate_follow_parameters_penalty_and_momentum(l2, kappa, beta):
    surface = regularized(SURFACES["ravine"].with_params(kappa=kappa), l2)
    one = moving(surface, "momentum", beta=beta, lr=1e-4)
    curvatures = np.linalg.eigvalsh(
        hessian(surface, np.array(headed_for(one.surface, one.run)), 1e-3)
    )
    limits = limits_of(one)
    assert limits["stable"] == pytest.approx(2 * (1 + beta) / curvatures[-1], rel=1e-4)
    assert limits["best"] == pytest.approx(2 * (1 + beta) / curvatures.sum(), rel=1e-4)


@pytest.mark.parametrize("beta", [None, 0.5, 0.9])
def test_the_sweep_diverges_from_where_the_tick_is(beta):
    ravine = SURFACES["ravine"]
    more = {} if beta is None else {"beta": beta}
    one = moving(ravine, "gradient_descent" if beta is None else "momentum", **more)
    tick = limits_of(one)["stable"]
    rates = np.geomspace(tick / 3, tick * 3, 240)
    swept = sweep(
        ravine, one.rule, "lr", rates, one.hypers, ravine.start, 3000
    ).losses.ravel()
    grows = ~(swept < float(loss_at(ravine.fn, np.array(ravine.start, float))))
    first = np.argmax(grows)
    assert grows[first:].all()
    # Within one cell of the grid.
    assert rates[first - 1] <= tick * (1 + 1e-9) <= rates[first + 1]


def test_where_theory_says_nothing_nothing_is_marked():
    assert limits_of(moving(SURFACES["rosenbrock"], "adam")) == {}
    assert limits_of(moving(SURFACES["saddle"], "momentum")) == {}
    assert limits_of(moving(SURFACES["plateau"], "newton")) == {}
    assert set(limits_of(moving(SURFACES["ravine"], "nesterov"))) == {"stable"}
    # It settles in a minimum that is not listed: the listed one is not its own.
    assert limits_of(moving(SURFACES["ackley"], "momentum")) == {}


def test_on_a_quadratic_each_direction_has_its_own_factor():
    ravine = SURFACES["ravine"]
    one = moving(ravine, "gradient_descent", lr=1e-2)
    errors = CHARTS["directions"].find(one)
    small, large = np.linalg.eigvalsh(hessian(ravine, np.zeros(2), 1e-3))
    for column, curvature in enumerate((large, small)):
        factor = abs(1 - 1e-2 * curvature)
        np.testing.assert_allclose(
            errors[1:40, column], factor * errors[:39, column], rtol=1e-4
        )


# -- on the map -----------------------------------------------------------------------


def test_a_grid_is_the_middles_of_equal_cells():
    found = grid(Domain(0.0, 4.0, -1.0, 1.0), 2)
    np.testing.assert_allclose(found, [[1, -0.5], [3, -0.5], [1, 0.5], [3, 0.5]])


def test_gradients_on_a_grid_are_those_of_the_loss(surface):
    points = grid(surface.view_domain, 5)
    for w, g in zip(points, gradients_at(surface, points), strict=True):
        np.testing.assert_allclose(g, slope(surface, w), rtol=1e-4, atol=1e-3)


def test_the_mean_over_single_samples_is_the_gradient():
    surface = regularized(SURFACES["logistic_regression"], 0.3)
    points = np.array([[0.5, -1.0], [3.0, 2.0]])
    each = sample_gradients(surface, points)
    assert each.shape == (2, surface.samples, 2)
    np.testing.assert_allclose(
        each.mean(axis=1), gradients_at(surface, points), rtol=1e-10, atol=1e-12
    )
    with pytest.raises(ValueError, match="not made of data"):
        sample_gradients(SURFACES["beale"], points)


@pytest.mark.parametrize("key", ["rosenbrock", "himmelblau", "six_hump_camel"])
def test_gradient_flow_is_what_decreasing_steps_come_to(key):
    surface = SURFACES[key]
    flow = gradient_flow(surface, tuple(map(float, surface.start)))
    rule = OPTIMIZERS["gradient_descent"]
    run = descend(surface, rule, surface.start, rule.hypers(lr=1e-5), 5000)
    scale = np.hypot(*np.ptp(np.reshape(surface.domain, (2, 2)), axis=1))
    for w in run.points[::250]:
        pieces = np.stack([flow[:-1], flow[1:]], axis=1)
        assert min(_distance(w, a, b) for a, b in pieces) < 2e-3 * scale
    losses = [float(loss_at(surface.fn, w)) for w in flow]
    assert (np.diff(losses) <= 1e-9 * max(1, losses[0])).all()
    assert min(np.linalg.norm(flow[-1] - m) for m in surface.minima) < 1e-2


def _distance(w, a, b):
    part = np.clip((w - a) @ (b - a) / max((b - a) @ (b - a), 1e-300), 0, 1)
    return np.linalg.norm(w - a - part * (b - a))


def test_gradient_flow_ends_where_there_is_no_slope_or_no_minimum():
    bowl = SURFACES["booth"]
    assert len(gradient_flow(bowl, tuple(map(float, bowl.minima[0])))) == 1
    away = gradient_flow(SURFACES["saddle"], (0.5, 0.5))
    assert np.isfinite(away).all()
    assert len(away) < 1500
