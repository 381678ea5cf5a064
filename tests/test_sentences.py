"""What is said of each surface, on the race that its page opens with."""

import re
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

from optim import OPTIMIZERS, descend
from surfaces import SURFACES, slope_and_hessian
from views.race import run_race
from views.setup import Setup


def race(key, **asked):
    """The runs of a surface's page, by optimizer."""
    return run_race(Setup(key).edited(asked)[0]).runs


def kinds(runs):
    return {key: run.outcome.kind for key, run in runs.items()}


def path_length(run):
    """The length of a run's path."""
    return np.linalg.norm(np.diff(run.points, axis=0), axis=1).sum()


def ends_at(run):
    return tuple(np.round(run.points[-1], 1) + 0.0)


def says(key, words):
    """That the sentence under test still says so."""
    assert words in SURFACES[key].teaches, "the sentence has changed: so must its test"


def test_elliptic_bowl():
    says("elliptic_bowl", "so paths bend")
    run = race("elliptic_bowl")["gradient_descent"]
    moves = np.diff(run.points[:15], axis=0)
    angles = np.unwrap(np.arctan2(moves[:, 1], moves[:, 0]))
    assert np.ptp(angles) > np.deg2rad(10)


def test_booth():
    says("booth", "nine times as curved across its diagonal as along it")
    _, hessian = slope_and_hessian(SURFACES["booth"].fn, np.zeros(2))
    curvatures, axes = np.linalg.eigh(hessian)
    assert curvatures[1] / curvatures[0] == pytest.approx(9)
    np.testing.assert_allclose(np.abs(axes), np.sqrt(0.5))


def test_matyas():
    says("matyas", "25 times flatter than its walls")
    _, hessian = slope_and_hessian(SURFACES["matyas"].fn, np.zeros(2))
    curvatures = np.linalg.eigvalsh(hessian)
    assert curvatures[1] / curvatures[0] == pytest.approx(25)


def test_ravine():
    says("ravine", "Momentum makes up for it")
    runs = race("ravine")
    arrived = {k: run.outcome.step for k, run in runs.items()}
    assert arrived["momentum"] < arrived["gradient_descent"] / 2
    assert kinds(runs)["gradient_descent"] == "reached"


def test_bukin():
    says("bukin", "every run jumps from wall to wall")
    surface = SURFACES["bukin"]
    for run in race("bukin").values():
        side = np.sign(run.points[:, 1] - run.points[:, 0] ** 2 / 100)
        assert np.count_nonzero(np.diff(side)) > 20
    near, far = (
        slope_and_hessian(surface.fn, np.array([-8, 0.64 + d]))[0] for d in (1e-4, 1e-1)
    )
    assert np.linalg.norm(near) > 10 * np.linalg.norm(far)


@pytest.mark.parametrize("key", ["saddle", "monkey_saddle"])
def test_the_saddles(key):
    says(key, {"saddle": "escapes", "monkey_saddle": "vanishes with the slope"}[key])
    assert set(kinds(race(key)).values()) == {"left"}
    slope, hessian = slope_and_hessian(SURFACES[key].fn, np.zeros(2))
    assert not np.any(slope)
    assert bool(np.any(hessian)) == (key == "saddle")


def test_sine_saddle():
    says("sine_saddle", "leads past a saddle")
    surface = SURFACES["sine_saddle"]
    at = np.array(surface.saddles[0])
    for run in race("sine_saddle").values():
        distance = np.linalg.norm(run.points - at, axis=1)
        assert 0 < distance.argmin() < len(distance) - 1, "it passes the saddle"
        np.testing.assert_allclose(run.points[-1], surface.minima[0], atol=0.1)
    # The nearer, the less slope.
    far, near = (
        np.linalg.norm(slope_and_hessian(surface.fn, at + d)[0]) for d in (0.2, 0.02)
    )
    assert near < far / 5


def test_rosenbrock():
    says("rosenbrock", "Reaching the curved valley is easy")
    for run in race("rosenbrock").values():
        x, y = run.points.T
        fallen = int(np.argmax(np.abs(y - x**2) < 0.1))
        assert fallen < 80
        assert run.outcome.kind != "reached" or run.outcome.step > 4 * fallen


def test_goldstein_price():
    says("goldstein_price", "survives the walls only at tiny rates")
    surface, rule = SURFACES["goldstein_price"], OPTIMIZERS["gradient_descent"]
    ends = {}
    for lr in (1e-5, 3e-5, 3e-4, 1e-3, 1e-2):
        run = descend(surface, rule, surface.start, rule.hypers(lr=lr), 500)
        ends[lr] = (run.outcome.kind, run.outcome.at)
    assert ends[1e-5][0] == "trapped"
    assert ends[3e-5][0] == "reached"
    assert all(ends[lr][0] in ("diverged", "left") for lr in (3e-4, 1e-3, 1e-2))


def test_flat_valley():
    says("flat_valley", "where on the curve each rule ends")
    ends = [run.points[-1] for run in race("flat_valley").values()]
    for x, y in ends:
        assert x * y == pytest.approx(1, abs=0.1)
    assert len({ends_at_x for ends_at_x in np.round([x for x, _ in ends], 1)}) >= 3


def test_himmelblau():
    says("himmelblau", "same start, different ends")
    runs = race("himmelblau")
    assert len({run.outcome.at for run in runs.values()}) >= 3


def test_two_wells():
    says("two_wells", "only a run with enough speed crosses")
    ends = {key: run.points[-1, 0] for key, run in race("two_wells").items()}
    assert [key for key, x in ends.items() if x < 0] == ["momentum"]


def test_hills():
    says("hills", "most runs stop there; one with enough speed")
    runs = race("hills")
    lower = SURFACES["hills"].minima[int(np.argmin(SURFACES["hills"].minimum_losses))]
    near = [k for k, r in runs.items() if np.hypot(*(r.points[-1] - lower)) < 0.1]
    assert near == ["momentum"]


def test_rastrigin():
    says("rastrigin", "small steps are trapped in the first one, large ones jump")
    runs = race("rastrigin")
    start = np.array(SURFACES["rastrigin"].start)
    went = {k: np.hypot(*(run.points[-1] - start)) for k, run in runs.items()}
    assert min(went, key=went.__getitem__) in ("gradient_descent", "rmsprop")
    assert max(went["momentum"], went["adam"], went["adagrad"]) > 1.5


def test_ackley():
    says("ackley", "only optimizers that step over them find the hole")
    surface = SURFACES["ackley"]
    for run in race("ackley").values():
        longest = np.linalg.norm(np.diff(run.points, axis=0), axis=1).max()
        found = np.hypot(*run.points[-1]) < 0.5
        assert found == (longest > 1), "ripples are a unit wide"
    assert surface.minima == ((0.0, 0.0),)


def test_three_hump_camel():
    says("three_hump_camel", "a cautious run is trapped before reaching it")
    runs = race("three_hump_camel")
    assert {"reached", "trapped"} == set(kinds(runs).values())
    assert kinds(runs)["rmsprop"] == "trapped", "the one with the shortest steps"


def test_six_hump_camel():
    says("six_hump_camel", "decides which")
    assert {"reached", "trapped"} == set(kinds(race("six_hump_camel")).values())


def test_mccormick():
    says("mccormick", "just above it they would go to the other")
    lower, other = SURFACES["mccormick"].minima
    if (
        SURFACES["mccormick"].minimum_losses[0]
        > SURFACES["mccormick"].minimum_losses[1]
    ):
        lower, other = other, lower
    x, y = SURFACES["mccormick"].start
    for start, goal in (((x, y), lower), ((x + 0.15, y + 0.15), other)):
        for run in race("mccormick", start=f"{start[0]},{start[1]}").values():
            assert np.hypot(*(run.points[-1] - goal)) < 0.2


def test_styblinski_tang():
    says("styblinski_tang", "the first steps decide which one")
    runs = race("styblinski_tang")
    assert len({run.outcome.at for run in runs.values()}) == 2


def test_levy():
    says("levy", "crossing them takes speed")
    for run in race("levy").values():
        longest = np.linalg.norm(np.diff(run.points, axis=0), axis=1).max()
        assert run.outcome.kind != "reached" or longest > 1.2


def test_griewank():
    says("griewank", "a run stays in one of the first")
    for run in race("griewank").values():
        last = run.points[-len(run.points) // 5 :]
        assert np.ptp(last, axis=0).max() < 10, "dimples are 6 by 9"
        assert np.hypot(*run.points[-1]) > 10, "far from the lowest"


def test_plateau():
    says("plateau", "which runs get through?")
    assert {k for k, kind in kinds(race("plateau")).items() if kind == "reached"} == {
        *("momentum", "adam")
    }


def test_easom():
    says(
        "easom",
        "gradient descent hardly moves, and momentum takes long to gather speed",
    )
    runs = race("easom")
    distance = np.hypot(*(np.array(SURFACES["easom"].start) - np.pi))
    assert path_length(runs["gradient_descent"]) < 0.1 * distance
    assert path_length(runs["momentum"]) > 0.5 * distance
    for key in ("adagrad", "rmsprop", "adam"):
        assert runs[key].outcome.kind == "reached"
        # Momentum is still on its way when these have been there for long.
        assert runs[key].outcome.step < 150
    early = runs["momentum"].points[150] - runs["momentum"].points[0]
    assert np.hypot(*early) < 0.3 * distance


def test_tiny_network():
    says("tiny_network", "the optimizers split")
    ends = {ends_at(run) for run in race("tiny_network").values()}
    assert len({np.sign(x) for x, _ in ends}) == 2


def test_double_well():
    says("double_well", "speed, or one long step, carries a run over the hump")
    runs = race("double_well")
    assert kinds(runs) == {
        "gradient_descent": "trapped",
        "momentum": "reached",
        "adagrad": "trapped",
        "rmsprop": "trapped",
        "adam": "trapped",
    }
    hump = SURFACES["double_well"].maxima[0][0]
    long = race("double_well", **{"gradient_descent.lr": "0.15"})["gradient_descent"]
    assert long.points[0, 0] > hump > long.points[1, 0]
    assert long.outcome.kind == "reached"


def test_flat_point():
    says("flat_point", "At x = 0 the slope is zero, and it is no minimum")
    says("flat_point", "short steps along the slope die away there, and speed carries")
    runs = race("flat_point", on="gradient_descent,momentum,adam,newton")
    assert slope_and_hessian(SURFACES["flat_point"].fn, np.zeros(2))[0][0] == 0
    steps = -np.diff(runs["gradient_descent"].points[:, 0])
    assert (runs["gradient_descent"].points[:, 0] < 0).all()
    assert abs(steps[-1]) < abs(steps[0]) / 100
    assert kinds(runs)["momentum"] == kinds(runs)["adam"] == "reached"
    assert "flat place at x = 0" in runs["newton"].outcome.text


def test_growing_waves():
    says("growing_waves", "From x = 10 a rate of 2 leaps over the lower minimum")
    surface, runs = SURFACES["growing_waves"], race("growing_waves")
    lower, higher = surface.minima
    run = runs["gradient_descent"]
    assert run.points[0, 0] == 10 > lower[0] > run.points[1, 0]
    assert run.outcome.kind == "trapped"
    assert run.outcome.at == higher[:1]
    near = race("growing_waves", **{"gradient_descent.lr": "0.2"})["gradient_descent"]
    assert near.outcome.kind == "reached"
    assert near.outcome.at == lower[:1]


def test_absolute_value():
    says("absolute_value", "at a fixed rate gradient descent jumps to and fro across")
    says("absolute_value", "while AdaGrad's steps shrink")
    runs = race("absolute_value")
    late = runs["gradient_descent"].points[-40:, 0]
    assert (np.sign(late[1:]) == -np.sign(late[:-1])).all()
    np.testing.assert_allclose(np.abs(np.diff(late)), 0.07)
    steps = np.abs(np.diff(runs["adagrad"].points[:, 0]))
    assert (np.diff(steps) < 0).all()
    assert steps[-1] < 0.07 / 2 < steps[0]


def test_huber():
    says("huber", "all of one length, until in the parabola they shrink")
    run = race("huber")["gradient_descent"]
    steps = np.abs(np.diff(run.points[:, 0]))
    outside = np.abs(run.points[:-1, 0]) > 1
    assert 5 < np.count_nonzero(outside) < 20
    np.testing.assert_allclose(steps[outside], 0.5)
    within = steps[~outside][:12]
    assert (np.diff(within) < 0).all()


def test_hinge():
    says("hinge", "oscillate around it")
    surface = SURFACES["hinge"]
    runs = race("hinge")
    assert kinds(runs)["gradient_descent"] == "reached"
    late = runs["gradient_descent"]
    slopes = np.hypot(*late.grads[-100:-1].T)
    assert slopes.min() > 0.01, "the slope does not vanish"
    assert (np.diff(late.losses[-100:]) > 0).sum() > 10, "up again and again"
    assert late.losses[-100:].min() > surface.lowest


def test_linear_regression():
    says("linear_regression", "tilt the valley")
    _, hessian = slope_and_hessian(SURFACES["linear_regression"].fn, np.zeros(2))
    assert abs(hessian[0][1]) > 0.3 * abs(hessian[1][1])


def test_every_surface_has_its_test():
    tested = set(re.findall(r'says\(\s*"(\w+)"', Path(__file__).read_text("utf-8")))
    tested |= {"saddle", "monkey_saddle"}
    # What these say is of rates, or of slopes, and stands in tests of surfaces.
    missing = SURFACES.keys() - tested - {"beale", "logistic_regression"}
    assert not missing, "what `teaches` says needs a test here that begins with `says`"


# -- the addresses of the gallery -----------------------------------------------------

GALLERY = Path(__file__).parents[1] / "docs" / "gallery.md"
ADDRESSES = {
    address: promise
    for address, promise in re.findall(
        r"^\| `\?(\S+)` \| (.*) \|$", GALLERY.read_text("utf-8"), re.M
    )
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_of_the_gallery_opens_without_a_problem(address):
    setup, problems = Setup.parse(parse_qsl(address))
    assert problems == ()
    assert setup.pairs()


def opened(words):
    """The runs of the address that promises something."""
    (address,) = (a for a, promise in ADDRESSES.items() if words in promise)
    return run_race(Setup.parse(parse_qsl(address))[0]).runs


def test_why_momentum():
    ends = kinds(opened("why momentum"))
    assert ends == {
        "gradient_descent": "descending", "momentum": "reached", "nesterov": "reached",
    }  # fmt: skip


def test_newton_goes_to_the_saddle():
    ends = kinds(opened("goes *to* the saddle"))
    assert ends == {"gradient_descent": "left", "adam": "left", "newton": "stuck"}


def test_adam_goes_to_the_highest_point_and_amsgrad_to_the_lowest():
    runs = opened("and AMSGrad to the lowest")
    # The mean of the three losses is x/3.
    assert runs["adam"].points[-1, 0] > 0.97
    assert runs["amsgrad"].points[-1, 0] < -0.97


def test_huge_first_steps():
    run = opened("uncorrected Adam")["adam"]
    corrected = race("rosenbrock")["adam"]
    huge, usual = (
        np.linalg.norm(np.diff(one.points[:10], axis=0), axis=1).max()
        for one in (run, corrected)
    )
    assert huge > 3 * usual


def test_weight_decay_ends_elsewhere():
    runs = opened("weight decay ends")
    assert runs["adam"].outcome.kind == "reached"
    penalized = race("booth", l2="0.5", on="adam", steps="500")["adam"].points[-1]
    assert np.hypot(*(runs["adamw"].points[-1] - penalized)) > 0.2


def test_weights_grow_where_a_threshold_parts_the_labels():
    for run in opened("labels that a threshold parts").values():
        sizes = np.hypot(*run.points[[500, 1000, 1500, 2000]].T)
        assert (np.diff(sizes) > 0).all()
        assert (np.diff(run.losses[[500, 1000, 1500, 2000]]) < 0).all()


def test_a_difference_too_long_to_be_a_derivative():
    runs = opened("too long to be a derivative")
    assert runs["gradient_descent"].outcome.kind == "reached"
    assert runs["numeric_gradient"].outcome.kind == "stalled"
