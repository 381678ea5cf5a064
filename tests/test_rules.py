"""Every rule against optax and torch, by hand, and against what must be true of it.

A new rule needs one row in `REFERENCES` for each library that has it, and one in
`BY_HAND`; the tests below say so when a row is missing.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, descend
from surfaces import SURFACES, Param, params

STEPS = 300
AGREEMENT = 1e-10

# Walks a library's optimizer: (gradient, start, number of steps) -> points.
Walk = Callable[[Callable[[np.ndarray], np.ndarray], np.ndarray, int], np.ndarray]


def by_torch(make: Callable[..., torch.optim.Optimizer], **hypers: float) -> Walk:
    def walk(gradient, start, num_steps):
        point = torch.tensor(start, dtype=torch.float64)
        library = make([point], **{k: float(v) for k, v in hypers.items()})
        points = [point.numpy().copy()]
        for _ in range(num_steps):
            point.grad = torch.from_numpy(np.array(gradient(point.numpy())))
            library.step()
            points.append(point.numpy().copy())
        return np.array(points)

    return walk


@partial(jax.jit, static_argnames="make")
def optax_init(make, hypers, point):
    return make(**hypers).init(point)


@partial(jax.jit, static_argnames="make")
def optax_step(make, hypers, grad, state, point):
    updates, state = make(**hypers).update(grad, state, point)
    return optax.apply_updates(point, updates), state


def by_optax(make: Callable[..., optax.GradientTransformation], **hypers) -> Walk:
    hypers = {name: np.float64(value) for name, value in hypers.items()}

    def walk(gradient, start, num_steps):
        # optax raises a float64 decay to an int32 power.
        with jax.numpy_dtype_promotion("standard"):
            point, state = start, optax_init(make, hypers, start)
            points = [start]
            for _ in range(num_steps):
                grad = gradient(point)
                point, state = optax_step(make, hypers, grad, state, point)
                points.append(np.asarray(point))
        return np.array(points)

    return walk


class Reference(NamedTuple):
    """One library's form of one rule.

    Attributes:
        rule: The key in `OPTIMIZERS`.
        library: Whose.
        walk: From our hyperparameters to its walk.
        fixed: Our hyperparameters where the two conventions meet; {} if everywhere.
    """

    rule: str
    library: str
    walk: Callable[[Any], Walk]
    fixed: dict[str, float]

    def __str__(self) -> str:
        return f"{self.rule}-{self.library}"


REFERENCES = (
    Reference(
        "gradient_descent",
        "torch",
        lambda h: by_torch(torch.optim.SGD, lr=h.lr),
        {},
    ),
    Reference(
        "gradient_descent",
        "optax",
        lambda h: by_optax(optax.sgd, learning_rate=h.lr),
        {},
    ),
    # Both keep v <- b v + g and move by -a v: the same path at a constant rate.
    Reference(
        "momentum",
        "torch",
        lambda h: by_torch(torch.optim.SGD, lr=h.lr, momentum=h.beta),
        {},
    ),
    Reference(
        "momentum",
        "optax",
        lambda h: by_optax(optax.sgd, learning_rate=h.lr, momentum=h.beta),
        {},
    ),
    Reference(
        "adagrad",
        "torch",
        lambda h: by_torch(
            torch.optim.Adagrad, lr=h.lr, eps=h.eps, initial_accumulator_value=0
        ),
        {},
    ),
    # optax divides by sqrt(eps + r), we by eps + sqrt r: they meet without the floor,
    # which torch checks. Ours may not be 0, or 0 / 0 follows where a slope is 0.
    Reference(
        "adagrad",
        "optax",
        lambda h: by_optax(
            optax.adagrad, learning_rate=h.lr, eps=0, initial_accumulator_value=0
        ),
        {"eps": 1e-30},
    ),
    # torch divides by eps + sqrt r, we by sqrt(eps + r): they meet without the floor,
    # which optax checks.
    Reference(
        "rmsprop",
        "torch",
        lambda h: by_torch(torch.optim.RMSprop, lr=h.lr, alpha=h.rho, eps=1e-30),
        {"eps": 1e-60},
    ),
    Reference(
        "rmsprop",
        "optax",
        lambda h: by_optax(
            partial(optax.rmsprop, eps_in_sqrt=True),
            learning_rate=h.lr,
            decay=h.rho,
            eps=h.eps,
        ),
        {},
    ),
    Reference(
        "adam",
        "torch",
        lambda h: by_torch(
            lambda point, beta1, beta2, **rest: torch.optim.Adam(
                point, betas=(beta1, beta2), **rest
            ),
            lr=h.lr,
            beta1=h.beta1,
            beta2=h.beta2,
            eps=h.eps,
        ),
        {},
    ),
    Reference(
        "adam",
        "optax",
        lambda h: by_optax(
            optax.adam, learning_rate=h.lr, b1=h.beta1, b2=h.beta2, eps=h.eps
        ),
        {},
    ),
)


def test_every_rule_has_references():
    rows = [(reference.rule, reference.library) for reference in REFERENCES]
    assert len(rows) == len(set(rows))
    assert {rule for rule, _ in rows} == set(OPTIMIZERS) == set(BY_HAND)


# How far two runs can be compared. Rounding differs between any two programs, and some
# of these paths multiply a difference a thousandfold within a few steps: RMSProp
# circling a minimum, a heavy ball thrown across Beale's cliffs, Adam with a long memory
# of the slope and none of its size. So our own rule is run again with every point
# shaken by NOISE, about a hundred times its rounding, in SHAKES patterns of signs, and
# two runs are compared up to the step before the first at which a shaken one has
# strayed by more than SPREAD. A run that flies off is compared up to the FAR of no
# return: nobody looks there, and soon it overflows. Deviations are relative to the
# point's size, or to 1, the order of every domain's, if that is larger. The tests
# below say how many steps must be left to compare.
NOISE = 1e-14
SPREAD = 1e-10
FAR = 1e6
SHAKES = np.random.default_rng(0).choice([-1.0, 1.0], (4, STEPS + 1, 2))


@partial(jax.jit, static_argnames="optimizer")
def shaken(fn, start, hypers, shakes, *, optimizer):
    def one(signs):
        def advance(carry, sign):
            point, state = carry
            new, state = optimizer.step(fn, point, state, hypers)
            # By the larger coordinate: a gradient's terms may cancel in the smaller.
            size = jnp.maximum(jnp.abs(point).max(), jnp.abs(new).max())
            new += NOISE * sign * size
            return (new, state), new

        point = start * (1 + NOISE * signs[0])
        first = (point, optimizer.init(point))
        _, points = jax.lax.scan(advance, first, signs[1:])
        return jnp.concatenate([point[None], points])

    return jax.vmap(one)(shakes)


@jax.jit
def gradient(fn, point):
    return jax.grad(fn)(point)


def deviations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.abs(a - b).max(axis=-1) / np.maximum(1, np.abs(b).max(axis=-1))


def first_false(holds: np.ndarray) -> int:
    return len(holds) if holds.all() else int(np.argmin(holds))


def compare(reference, surface, start, hypers, theirs=None):
    """Compares as far as can be; returns the number of steps and the worst deviation.

    The library walks with `theirs` where those are not our hyperparameters.
    """
    optimizer = OPTIMIZERS[reference.rule]
    hypers = jax.tree.map(np.float64, hypers._replace(**reference.fixed))
    start = np.array(start, dtype=np.float64)
    ours = descend(surface, optimizer, start, hypers, STEPS).points
    astray = deviations(
        np.asarray(shaken(surface.fn, start, hypers, SHAKES, optimizer=optimizer)), ours
    ).max(axis=0)
    # NaN is neither near nor steady.
    sound = (astray <= SPREAD) & (np.abs(ours) < FAR).all(axis=1)
    num_steps = first_false(sound) - 1

    walk = reference.walk(theirs or hypers)
    points = walk(partial(gradient, surface.fn), start, num_steps)
    assert points.shape == (num_steps + 1, 2)
    return num_steps, deviations(points, ours[: num_steps + 1]).max()


def note(conformance, reference, num_steps, worst):
    key = reference.rule, reference.library
    runs, steps, before = conformance.get(key, (0, 0, 0.0))
    conformance[key] = runs + 1, steps + num_steps, max(before, float(worst))


@st.composite
def points_in(draw, surface):
    # Between the thousandths of the domain: Hypothesis would rather draw 0 and 1e-300,
    # where all that a rule divides by its slope hangs on rounding or on the floor.
    x_low, x_high, y_low, y_high = surface.domain
    i, j = draw(st.integers(0, 999)), draw(st.integers(0, 999))
    return (
        x_low + (x_high - x_low) * (i + 0.382) / 1000,
        y_low + (y_high - y_low) * (j + 0.618) / 1000,
    )


on_every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
with_every_reference = pytest.mark.parametrize("reference", REFERENCES, ids=str)
with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


@on_every_surface
@with_every_reference
def test_same_path_from_the_declared_start(reference, surface, conformance):
    lr = surface.learning_rates[reference.rule]
    hypers = OPTIMIZERS[reference.rule].hypers(lr=lr)
    num_steps, worst = compare(reference, surface, surface.start, hypers)
    note(conformance, reference, num_steps, worst)
    assert num_steps >= 30
    assert worst <= AGREEMENT


@on_every_surface
@with_every_reference
def test_same_path_at_tame_rates(reference, surface, conformance):
    lr = surface.learning_rates[reference.rule]
    lengths = []

    @settings(max_examples=6)
    @given(
        hypers=st.from_type(OPTIMIZERS[reference.rule].hypers),
        tamer=st.floats(-2, 0),
        start=points_in(surface),
    )
    def check(hypers, tamer, start):
        hypers = hypers._replace(lr=lr * 10.0**tamer)
        num_steps, worst = compare(reference, surface, start, hypers)
        note(conformance, reference, num_steps, worst)
        assert worst <= AGREEMENT
        lengths.append(num_steps)

    check()
    assert min(lengths) >= 1
    assert max(lengths) >= 100


@on_every_surface
@with_every_reference
def test_same_path_at_any_setting(reference, surface, conformance):
    lengths = []

    @settings(max_examples=3)
    @given(
        hypers=st.from_type(OPTIMIZERS[reference.rule].hypers),
        knobs=st.from_type(type(surface.knobs)),
        start=points_in(surface),
    )
    def check(hypers, knobs, start):
        turned = surface.turned(**knobs._asdict())
        num_steps, worst = compare(reference, turned, start, hypers)
        note(conformance, reference, num_steps, worst)
        assert worst <= AGREEMENT
        lengths.append(num_steps)

    check()
    assert max(lengths) >= 1


@with_every_reference
def test_another_path_at_other_hyperparameters(reference):
    hypers = OPTIMIZERS[reference.rule].hypers(lr=1e-3)
    if "eps" in hypers._fields:
        hypers = hypers._replace(eps=0.5)
    surface = SURFACES["himmelblau"]
    _, same = compare(reference, surface, surface.start, hypers)
    assert same <= AGREEMENT
    for name in hypers._fields:
        if name not in reference.fixed:
            other = hypers._replace(**{name: getattr(hypers, name) * (1 - 1e-4)})
            _, worst = compare(reference, surface, surface.start, hypers, other)
            assert worst > 10 * AGREEMENT, name


class ByHand(NamedTuple):
    """Two steps from (1, 1), worked out on paper.

    Attributes:
        hypers: Chosen so that every root is a rational number.
        slopes: The gradient at each step.
        points: Where each step leads.
    """

    hypers: dict[str, float]
    slopes: tuple[tuple[float, float], tuple[float, float]]
    points: tuple[tuple[float, float], tuple[float, float]]


BY_HAND = {
    "gradient_descent": ByHand(
        {"lr": 0.1},
        ((3, -4), (1, 2)),
        ((0.7, 1.4), (0.6, 1.2)),
    ),
    # v = (-.3, .4), then (-.15 - .1, .2 - .2).
    "momentum": ByHand(
        {"lr": 0.1, "beta": 0.5},
        ((3, -4), (1, 2)),
        ((0.7, 1.4), (0.45, 1.4)),
    ),
    # sqrt r = (3, 4), then (5, 5).
    "adagrad": ByHand(
        {"lr": 1, "eps": 1},
        ((3, -4), (4, 3)),
        ((1 - 3 / 4, 1 + 4 / 5), (1 - 3 / 4 - 4 / 6, 1 + 4 / 5 - 3 / 6)),
    ),
    # r = (.25, .81), so eps + r = (1.3^2, 1.5^2); then (.1875 + 1.3775^2, .6075 +
    # .6875^2), so eps + r = (1.8775^2, 1.5875^2).
    "rmsprop": ByHand(
        {"lr": 0.13, "rho": 0.75, "eps": 1.44},
        ((1, -1.8), (2.755, 1.375)),
        (
            (0.9, 1.156),
            (0.9 - 0.13 * 2.755 / 1.8775, 1.156 - 0.13 * 1.375 / 1.5875),
        ),
    ),
    # Corrected, m^ = g and sqrt r^ = |g| at first. Then m = (-.75, -3), r = (3.9375,
    # 7): over 1 - .5^2 and 1 - .75^2, m^ = (-1, -4) and sqrt r^ = (3, 4).
    "adam": ByHand(
        {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
        ((3, -4), (-3, -4)),
        ((0.925, 1.08), (0.95, 1.16)),
    ),
}


@with_every_rule
def test_first_steps_by_hand(optimizer):
    row = BY_HAND[optimizer.key]
    hypers = jax.tree.map(np.float64, optimizer.hypers(**row.hypers))
    point = jnp.ones(2)
    state = optimizer.init(point)
    for slope, expected in zip(row.slopes, row.points, strict=True):
        plane = partial(jnp.dot, np.array(slope, dtype=np.float64))
        point, state = optimizer.step(plane, point, state, hypers)
        np.testing.assert_allclose(point, expected, rtol=1e-14)


@with_every_rule
def test_declaration(optimizer):
    assert OPTIMIZERS[optimizer.key] is optimizer
    assert optimizer.label
    assert optimizer.formula
    assert optimizer.source
    declared = params(optimizer.hypers)
    assert tuple(declared) == optimizer.hypers._fields
    assert "lr" in declared
    for name, value in optimizer.hypers()._asdict().items():
        assert isinstance(declared[name], Param)
        assert declared[name].check(value) == value


@with_every_rule
def test_stays_where_there_is_no_slope(optimizer):
    lowest = {name: param.low for name, param in params(optimizer.hypers).items()}
    for hypers in (optimizer.hypers(), optimizer.hypers(**lowest)):
        run = descend(flat, optimizer, (0.5, -2.0), hypers, 20)
        np.testing.assert_array_equal(run.points, [[0.5, -2.0]] * 21)


def flat(point):
    return 0.0 * point.sum()


def tilted(point):
    return 3 * point[0] - 4 * point[1]


def run_on(loss, key, start, num_steps, **hypers):
    optimizer = OPTIMIZERS[key]
    return descend(loss, optimizer, start, optimizer.hypers(**hypers), num_steps)


@on_every_surface
def test_momentum_without_memory_is_gradient_descent(surface):
    lr = surface.learning_rates["gradient_descent"]
    plain = run_on(surface, "gradient_descent", surface.start, 40, lr=lr)
    heavy = run_on(surface, "momentum", surface.start, 40, lr=lr, beta=0)
    assert (plain.points[1] != plain.points[0]).any()
    np.testing.assert_allclose(heavy.points, plain.points, rtol=1e-12)


# Settings at which a rule forgets all but the last slope, and has no floor.
FORGETFUL = {
    "rmsprop": {"rho": 0, "eps": 1e-60},
    "adam": {"beta1": 0, "beta2": 0, "eps": 1e-30},
}


@on_every_surface
@pytest.mark.parametrize("key", FORGETFUL)
def test_without_memory_only_the_signs_count(key, surface):
    run = run_on(surface, key, surface.start, 100, lr=0.01, **FORGETFUL[key])
    expected = -0.01 * np.sign(run.grads[:-1])
    np.testing.assert_allclose(np.diff(run.points, axis=0), expected, atol=1e-12)


@given(
    lr=st.floats(1e-3, 10),
    decay1=st.floats(0, 0.999),
    decay2=st.floats(0, 0.999),
    slope=st.tuples(*[st.floats(0.1, 1e3) | st.floats(-1e3, -0.1)] * 2),
)
def test_first_step_forgets_how_steep_it_is(lr, decay1, decay2, slope):
    expected = -lr * np.sign(slope)
    # RMSProp does not correct for starting at zero.
    longer = {"rmsprop": 1 / np.sqrt(1 - decay1)}
    for key, hypers in {
        "adagrad": {"eps": 1e-30},
        "rmsprop": {"rho": decay1, "eps": 1e-60},
        "adam": {"beta1": decay1, "beta2": decay2, "eps": 1e-30},
    }.items():
        optimizer = OPTIMIZERS[key]
        hypers = jax.tree.map(np.float64, optimizer.hypers(lr=lr, **hypers))
        plane, origin = partial(jnp.dot, np.array(slope)), jnp.zeros(2)
        point, _ = optimizer.step(plane, origin, optimizer.init(origin), hypers)
        np.testing.assert_allclose(
            point, expected * longer.get(key, 1), rtol=1e-12, err_msg=key
        )


# What a rule has moved after t steps down a constant slope g, in closed form.
DOWN_A_PLANE = {
    "gradient_descent": ({}, lambda g, t: -g * t),
    "momentum": (
        {"beta": 0.9},
        lambda g, t: -g * np.cumsum(1 - 0.9**t) / (1 - 0.9),
    ),
    "adagrad": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * np.cumsum(t**-0.5)),
    "rmsprop": (
        {"rho": 0.9, "eps": 1e-60},
        lambda g, t: -np.sign(g) * np.cumsum((1 - 0.9**t) ** -0.5),
    ),
    "adam": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * t),
}


@pytest.mark.parametrize("key", DOWN_A_PLANE)
def test_down_a_plane(key):
    hypers, moved = DOWN_A_PLANE[key]
    run = run_on(tilted, key, (0, 0), 500, lr=0.01, **hypers)
    t = np.arange(1.0, 501)
    expected = 0.01 * np.stack([moved(3.0, t), moved(-4.0, t)], axis=1)
    np.testing.assert_allclose(run.points[1:], expected, rtol=1e-11)


HIMMELBLAU = SURFACES["himmelblau"]


def steeper(point):
    return 1024 * HIMMELBLAU.fn(point)


@pytest.mark.parametrize(
    ("key", "floorless", "invariant"),
    [
        ("gradient_descent", {}, False),
        ("momentum", {}, False),
        ("adagrad", {"eps": 1e-30}, True),
        ("rmsprop", {"eps": 1e-60}, True),
        ("adam", {"eps": 1e-30}, True),
    ],
)
def test_whether_the_height_of_the_hills_counts(key, floorless, invariant):
    a = run_on(HIMMELBLAU, key, HIMMELBLAU.start, 40, lr=1e-3, **floorless).points
    b = run_on(steeper, key, HIMMELBLAU.start, 40, lr=1e-3, **floorless).points
    assert np.allclose(a, b, rtol=1e-10) == invariant


@given(
    kappa=st.floats(1, 100),
    angle=st.floats(-90, 90),
    rate=st.floats(0.01, 2.1),
    start=points_in(SURFACES["ravine"]),
)
def test_gradient_descent_shrinks_each_axis_of_a_ravine(kappa, angle, rate, start):
    lr = rate / kappa
    ravine = SURFACES["ravine"].turned(kappa=kappa, angle=angle)
    run = run_on(ravine, "gradient_descent", start, 100, lr=lr)
    turn = np.deg2rad(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shrunk = np.array([1 - lr, 1 - lr * kappa]) ** np.arange(101)[:, None]
    expected = shrunk * (axes @ np.array(start)) @ axes
    np.testing.assert_allclose(run.points, expected, rtol=1e-9, atol=1e-11)
