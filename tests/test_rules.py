"""Every rule against other libraries and the papers, by hand, and in closed form.

A new rule needs at least one row in `REFERENCES` and one in `BY_HAND`; the tests below
say so when a row is missing.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import scipy.linalg
import scipy.optimize
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, Conditions, descend, random_search
from optim.base import LEARNING_RATE
from optim.optax_rules import OPTAX_RULES
from optim.outcome import judge
from optim.studies import study
from surfaces import SURFACES, Param, params, regularized

# torch keeps some scalars of a state in this type.
torch.set_default_dtype(torch.float64)

STEPS = 300
AGREEMENT = 1e-10

# Unoptimized code compiles several times faster, and a step is a few operations.
fast_to_compile = partial(
    jax.jit, compiler_options={"xla_backend_optimization_level": "0"}
)


@fast_to_compile
def _value(fn, point):
    return fn(point)


@fast_to_compile
def _gradient(fn, point):
    return jax.grad(fn)(point)


@fast_to_compile
def _hessian(fn, point):
    return jax.hessian(fn)(point)


class Problem:
    """What a reference is given to descend: NumPy in, NumPy out."""

    def __init__(self, fn):
        self.fn = fn

    def value(self, point):
        return float(_value(self.fn, point))

    def gradient(self, point):
        return np.array(_gradient(self.fn, point))

    def hessian(self, point):
        return np.array(_hessian(self.fn, point))


# Walks a reference down a problem: (problem, start, number of steps) -> points.
Walk = Callable[[Problem, np.ndarray, int], np.ndarray]


def made(code: str, h: Any, params: Any = None) -> Any:
    """A library's optimizer from the text that a rule declares for it.

    The slots become names, so that hyperparameters can be traced.
    """
    text = code.format(**{name: f"h.{name}" for name in h._fields})
    return eval(text, {"torch": torch, "optax": optax, "h": h, "params": params})


def by_torch(code: str, h: Any) -> Walk:
    def walk(problem, start, num_steps):
        point = torch.tensor(start, dtype=torch.float64)
        library = made(code, type(h)(*map(float, h)), [point])
        points = [point.numpy().copy()]
        for _ in range(num_steps):
            point.grad = torch.from_numpy(problem.gradient(point.numpy()))
            library.step()
            points.append(point.numpy().copy())
        return np.array(points)

    return walk


@partial(jax.jit, static_argnames="code")
def optax_init(code, h, point):
    return made(code, h).init(point)


@partial(jax.jit, static_argnames="code")
def optax_step(code, h, grad, state, point):
    updates, state = made(code, h).update(grad, state, point)
    return optax.apply_updates(point, updates), state


def by_optax(code: str, h: Any) -> Walk:
    h = jax.tree.map(np.float64, h)

    def walk(problem, start, num_steps):
        # optax raises a float64 decay to an int32 power.
        with jax.numpy_dtype_promotion("standard"):
            point, state = start, optax_init(code, h, start)
            points = [start]
            for _ in range(num_steps):
                grad = problem.gradient(point)
                point, state = optax_step(code, h, grad, state, point)
                points.append(np.asarray(point))
        return np.array(points)

    return walk


# -- the papers, in NumPy -------------------------------------------------------------


def by_paper(algorithm) -> Callable[[Any], Walk]:
    """From a generator of points, given hyperparameters, problem and start."""

    def walk_with(h):
        def walk(problem, start, num_steps):
            with np.errstate(all="ignore"):
                points = islice(algorithm(h, problem, start.copy()), num_steps)
                return np.array([start, *points])

        return walk

    return walk_with


def sutskever_2013_nesterov(h, problem, w):
    v = np.zeros(2)
    while True:
        v = h.beta * v - h.lr * problem.gradient(w + h.beta * v)
        w = w + v
        yield w


def deep_learning_algorithm_8_6(h, problem, w):
    r, v = np.zeros(2), np.zeros(2)
    while True:
        ahead = w + h.beta * v
        g = problem.gradient(ahead)
        r = h.rho * r + (1 - h.rho) * g * g
        v = h.beta * v - h.lr / np.sqrt(h.eps + r) * g
        w = w + v
        yield w


def adam_as_its_bias_correction_says(h, problem, w):
    m, r, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        r = h.beta2 * r + (1 - h.beta2) * g * g
        scale = 1.0
        if h.bias_correction:
            scale = np.sqrt(1 - h.beta2**t) / (1 - h.beta1**t)
        square = 1 - h.beta2**t if h.bias_correction else 1.0
        if h.eps_inside:
            w = w - h.lr * scale * m / np.sqrt(r + h.eps * square)
        else:
            w = w - h.lr * scale * m / (np.sqrt(r) + h.eps * np.sqrt(square))
        yield w


def reddi_2018_algorithm_2_corrected(h, problem, w):
    m, v, largest, t = np.zeros(2), np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = h.beta2 * v + (1 - h.beta2) * g**2
        largest = np.maximum(largest, v / (1 - h.beta2**t))
        w = w - h.lr * m / (1 - h.beta1**t) / (np.sqrt(largest) + h.eps)
        yield w


def dozat_2016_at_constant_beta1(h, problem, w):
    m, v, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = h.beta2 * v + (1 - h.beta2) * g**2
        ahead = h.beta1 * m / (1 - h.beta1 ** (t + 1))
        ahead = ahead + (1 - h.beta1) * g / (1 - h.beta1**t)
        w = w - h.lr * ahead / (np.sqrt(v / (1 - h.beta2**t)) + h.eps)
        yield w


def liu_2020_algorithm_2(h, problem, w):
    m, v, t = np.zeros(2), np.zeros(2), 0
    rho_inf = 2 / (1 - h.beta2) - 1
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = h.beta2 * v + (1 - h.beta2) * g**2
        step = h.lr * m / (1 - h.beta1**t)
        rho = rho_inf - 2 * t * h.beta2**t / (1 - h.beta2**t)
        if rho >= 5:
            above = (rho - 4) * (rho - 2) * rho_inf
            below = (rho_inf - 4) * (rho_inf - 2) * rho
            step = step * np.sqrt(above / below)
            step = step / (np.sqrt(v / (1 - h.beta2**t)) + h.eps)
        w = w - step
        yield w


def chen_2023_algorithm_2(h, problem, w):
    m = np.zeros(2)
    while True:
        g = problem.gradient(w)
        sign = np.sign(h.beta1 * m + (1 - h.beta1) * g)
        m = h.beta2 * m + (1 - h.beta2) * g
        w = w - h.lr * (sign + h.weight_decay * w)
        yield w


def zhuang_2020_algorithm_2(h, problem, w):
    m, s, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        s = h.beta2 * s + (1 - h.beta2) * (g - m) ** 2 + h.eps
        corrected = m / (1 - h.beta1**t), s / (1 - h.beta2**t)
        w = w - h.lr * corrected[0] / (np.sqrt(corrected[1]) + h.eps)
        yield w


def zaheer_2018_algorithm_2_corrected(h, problem, w):
    m, v, t = np.zeros(2), np.zeros(2), 0
    while True:
        t += 1
        g = problem.gradient(w)
        m = h.beta1 * m + (1 - h.beta1) * g
        v = v - (1 - h.beta2) * np.sign(v - g**2) * g**2
        size = np.sqrt(v / (1 - h.beta2**t)) + h.eps
        w = w - h.lr * m / (1 - h.beta1**t) / size
        yield w


def newton_by_scipy(h, problem, w):
    while True:
        matrix = problem.hessian(w) + h.damping * np.eye(2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
            w = w - scipy.linalg.solve(matrix, problem.gradient(w), assume_a="sym")
        yield w


def bfgs_by_scipy(h, problem, w):
    # The matrix is SciPy's; the line search is algorithm 3.1.
    matrix = scipy.optimize.BFGS(min_curvature=0.0)
    matrix.initialize(2, "inv_hess")
    g = problem.gradient(w)
    while True:
        p = -matrix.dot(g)
        for length in h.first * 0.5 ** np.arange(41):
            bound = problem.value(w) + h.c1 * length * (g @ p)
            if problem.value(w + length * p) <= bound:
                s = length * p
                y = problem.gradient(w + s) - g
                if s @ y > 0:
                    matrix.update(s, y)
                w, g = w + s, g + y
                break
        yield w


@lru_cache(maxsize=4)
def normals(seed):
    key = jax.random.key(seed, impl="threefry2x32")
    keys = jax.vmap(partial(jax.random.fold_in, key))(np.arange(STEPS))
    return np.asarray(jax.vmap(lambda k: jax.random.normal(k, (2,), np.float64))(keys))


def matyas_1965(h, problem, w):
    height = problem.value(w)
    for z in normals(int(h.seed)):
        tried = w + h.sigma * z
        if problem.value(tried) < height:
            w, height = tried, problem.value(tried)
        yield w


def central_differences(h, problem, w):
    while True:
        g = np.zeros(2)
        for i, e in enumerate(np.eye(2)):
            g[i] = problem.value(w + h.h * e) - problem.value(w - h.h * e)
        w = w - h.lr * g / (2 * h.h)
        yield w


def central_differences_by_scipy(h, problem, w):
    while True:
        right = scipy.optimize.approx_fprime(w, problem.value, h.h)
        left = scipy.optimize.approx_fprime(w, problem.value, -h.h)
        w = w - h.lr * (right + left) / 2
        yield w


def as_it_is(h, points, states):
    """The point itself."""
    return points


class Reference(NamedTuple):
    """One library's form of one rule.

    Attributes:
        rule: The key in `OPTIMIZERS`.
        library: Whose.
        walk: From our hyperparameters to its walk.
        fixed: Our hyperparameters where the two conventions meet; {} if everywhere.
        kept: From our hyperparameters, points and states to the point it keeps.
        shortest: The comparison ends where a step is shorter: the rule decides by
            heights, and which of two is lower is there a matter of rounding.
        agreement: The deviation that is allowed.
        coarse: Whether its own path hangs on how losses are rounded: the comparison
            ends where the library's own shaken runs stray, too.
    """

    rule: str
    library: str
    walk: Callable[[Any], Walk]
    fixed: Mapping[str, float] = MappingProxyType({})
    kept: Callable[[Any, np.ndarray, Any], np.ndarray] = as_it_is
    shortest: float = 0.0
    agreement: float = AGREEMENT
    coarse: bool = False

    def __str__(self) -> str:
        return f"{self.rule}-{self.library}"


def looked_at(h, points, states):
    """torch's and optax's Nesterov keep the point that is looked at."""
    return points + h.beta * states.velocity


PAPER = "NumPy (paper)"


def declared_equivalents() -> Iterator[Reference]:
    """Where a rule says how a library takes the same path: by exactly that text."""
    walks = {"torch": by_torch, "optax": by_optax}
    for key, rule in OPTIMIZERS.items():
        for k, one in enumerate(rule.equivalents):
            # optax carries these out, and is no reference for itself.
            itself = one.library == "optax" and rule in OPTAX_RULES
            if one.code and not itself:
                same = [each for each in rule.equivalents[:k] if each.code]
                again = sum(each.library == one.library for each in same)
                yield Reference(
                    key,
                    f"{one.library}, {again + 1}" if again else one.library,
                    partial(walks[one.library], one.code),
                    one.where,
                    kept=looked_at if one.keeps == "w + beta v" else as_it_is,
                )


REFERENCES = (
    *declared_equivalents(),
    Reference("adam", PAPER, by_paper(adam_as_its_bias_correction_says)),
    Reference("nesterov", PAPER, by_paper(sutskever_2013_nesterov), {"look_ahead": 0}),
    Reference("rmsprop_nesterov", PAPER, by_paper(deep_learning_algorithm_8_6)),
    Reference("newton", "SciPy", by_paper(newton_by_scipy)),
    # SciPy updates the matrix by a sum, we by a product: equal, but for rounding times
    # the condition of a matrix that is learnt on cliffs.
    Reference("bfgs", "SciPy", by_paper(bfgs_by_scipy), shortest=1e-5, agreement=1e-7),
    Reference("random_search", PAPER, by_paper(matyas_1965)),
    Reference("numeric_gradient", PAPER, by_paper(central_differences), coarse=True),
    # SciPy divides by the distance of the rounded points, we by 2 h: they meet where
    # little is rounded.
    Reference(
        "numeric_gradient",
        "SciPy",
        by_paper(central_differences_by_scipy),
        {"h": 2.0**-10},
    ),
    Reference("amsgrad", PAPER, by_paper(reddi_2018_algorithm_2_corrected)),
    Reference("nadam", PAPER, by_paper(dozat_2016_at_constant_beta1)),
    Reference("radam", PAPER, by_paper(liu_2020_algorithm_2)),
    Reference("lion", PAPER, by_paper(chen_2023_algorithm_2)),
    Reference("adabelief", PAPER, by_paper(zhuang_2020_algorithm_2)),
    Reference("yogi", PAPER, by_paper(zaheer_2018_algorithm_2_corrected)),
)

# A line search's every decision cannot be had alike from another program: each step of
# L-BFGS is held against algorithm 7.4 and Wolfe's conditions instead, further below.
STEP_BY_STEP = {"lbfgs"}


with_every_rule = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS
)


def test_every_rule_has_references():
    rows = [(reference.rule, reference.library) for reference in REFERENCES]
    assert len(rows) == len(set(rows))
    assert {rule for rule, _ in rows} | STEP_BY_STEP == set(OPTIMIZERS)
    assert {rule for rule, _ in BY_HAND} == set(OPTIMIZERS)


@with_every_rule
def test_every_rule_says_how_torch_and_optax_take_its_path_or_why_not(optimizer):
    equivalents = optimizer.equivalents
    assert {"torch", "optax"} <= {one.library for one in equivalents}
    for one in equivalents:
        assert one.code or one.note.endswith(".")
        hypers = optimizer.hypers()._replace(**one.where)
        if not one.code:
            with pytest.raises(ValueError, match=re.escape(one.note)):
                one.code_for(hypers)
            continue
        # With the values in their slots it is code that can be copied.
        point = torch.zeros(2)
        made_of = eval(
            one.code_for(hypers), {"torch": torch, "optax": optax, "params": [point]}
        )
        kind = torch.optim.Optimizer if one.library == "torch" else tuple
        assert isinstance(made_of, kind)
        for name in one.where:
            other = hypers._replace(**{name: hypers._asdict()[name] + 0.5})
            with pytest.raises(ValueError, match=f"only where {name} is"):
                one.code_for(other)


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
SHAKES = np.random.default_rng(0).choice([-1.0, 1.0], (5, STEPS + 1, 2))
SHAKES[0] = 0  # The run itself.

# One program serves a rule on all surfaces, which are an argument.
PROBLEMS = {
    key: surface
    for key, surface in SURFACES.items()
    if surface.smooth and surface.data is None
}
KNOBS = {
    key: jax.tree.map(np.float64, surface.params) for key, surface in PROBLEMS.items()
}


def any_loss(index, knobs, point):
    losses = [partial(surface.loss, knobs[key]) for key, surface in PROBLEMS.items()]
    return jax.lax.switch(index, losses, point)


@partial(fast_to_compile, static_argnames="optimizer")
def _walk(index, knobs, start, hypers, *, optimizer):
    fn = partial(any_loss, index, knobs)

    def shaken(signs):
        def advance(carry, sign):
            point, state = carry
            new, state = optimizer.step(fn, point, state, hypers)
            # By the larger coordinate: a gradient's terms may cancel in the smaller.
            size = jnp.maximum(jnp.abs(point).max(), jnp.abs(new).max())
            new += NOISE * sign * size
            return (new, state), (new, state)

        point = start * (1 + NOISE * signs[0])
        first = (point, optimizer.init(point))
        _, rest = jax.lax.scan(advance, first, signs[1:])
        return jax.tree.map(
            lambda one, more: jnp.concatenate([one[None], more]), first, rest
        )

    points, states = jax.vmap(shaken)(SHAKES)
    return points, jax.tree.map(lambda rows: rows[0], states)


def walk(optimizer, surface, start, hypers):
    """All shaken runs' points, the plain run's first, and the plain run's states."""
    knobs = KNOBS | {surface.key: jax.tree.map(np.float64, surface.params)}
    points, states = _walk(
        np.int64(list(PROBLEMS).index(surface.key)),
        knobs,
        np.array(start, dtype=np.float64),
        jax.tree.map(np.float64, hypers),
        optimizer=optimizer,
    )
    return np.asarray(points), jax.tree.map(np.asarray, states)


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
    (ours, *shaken), states = walk(optimizer, surface, start, hypers)
    astray = np.max([deviations(points, ours) for points in shaken], axis=0)
    # NaN is neither near nor steady.
    sound = (astray <= SPREAD) & (np.abs(ours) < FAR).all(axis=1)
    num_steps = first_false(sound) - 1
    stopped = optimizer.halting_condition and optimizer.halting_condition[0](states)
    if optimizer.halting_condition and stopped.any():
        num_steps = min(num_steps, int(np.argmax(stopped)) - 1)

    if reference.shortest:
        moved = np.abs(np.diff(ours, axis=0)).max(axis=1)
        num_steps = min(num_steps, first_false(moved > reference.shortest))

    with np.errstate(all="ignore"):
        kept = reference.kept(hypers, ours, states)
    walk_with = reference.walk(theirs or hypers)
    points = walk_with(Problem(surface.fn), start, num_steps)
    assert points.shape == (num_steps + 1, 2)
    if reference.coarse:
        # A difference of losses shows how they are rounded, and theirs are otherwise.
        again = [start * (1 + NOISE * signs[0]) for signs in SHAKES[1:]]
        shaken = [walk_with(Problem(surface.fn), one, num_steps) for one in again]
        astray = np.max([deviations(one, points) for one in shaken], axis=0)
        num_steps = min(num_steps, first_false(astray <= SPREAD) - 1)
        points = points[: num_steps + 1]
    return num_steps, deviations(points, kept[: num_steps + 1]).max()


def note(conformance, rule, library, surface, num_steps, worst):
    before = conformance.get((rule, library), (frozenset(), 0, 0, 0.0))
    surfaces, runs, steps, deviation = before
    conformance[rule, library] = (
        surfaces | {surface.key},
        runs + 1,
        steps + num_steps,
        max(deviation, float(worst)),
    )


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


on_every_surface = pytest.mark.parametrize("surface", PROBLEMS.values(), ids=PROBLEMS)
with_every_reference = pytest.mark.parametrize("reference", REFERENCES, ids=str)


@with_every_reference
def test_same_path_from_the_declared_start(reference, conformance):
    lengths = []
    for surface in PROBLEMS.values():
        hypers = OPTIMIZERS[reference.rule].recommended(surface.recommended)
        num_steps, worst = compare(reference, surface, surface.start, hypers)
        note(conformance, *reference[:2], surface, num_steps, worst)
        assert worst <= reference.agreement, surface.key
        lengths.append(num_steps)
    assert np.median(lengths) >= (5 if reference.shortest else 30)


@with_every_reference
def test_same_path_at_tame_rates(reference, conformance):
    optimizer = OPTIMIZERS[reference.rule]
    lengths = []

    @settings(max_examples=24)
    @given(data=st.data(), surface=st.sampled_from(list(PROBLEMS.values())))
    def check(data, surface):
        hypers = data.draw(st.from_type(optimizer.hypers))
        start = data.draw(points_in(surface))
        if "lr" in hypers._fields:
            tamer = 10.0 ** data.draw(st.floats(-2, 0))
            hypers = hypers._replace(lr=optimizer.rate(surface.learning_rates) * tamer)
        num_steps, worst = compare(reference, surface, start, hypers)
        note(conformance, *reference[:2], surface, num_steps, worst)
        assert worst <= reference.agreement
        lengths.append(num_steps)

    check()
    assert max(lengths) >= (10 if reference.shortest else 100)


@with_every_reference
def test_same_path_at_any_setting(reference, conformance):
    lengths = []

    @settings(max_examples=12)
    @given(data=st.data(), surface=st.sampled_from(list(PROBLEMS.values())))
    def check(data, surface):
        hypers = data.draw(st.from_type(OPTIMIZERS[reference.rule].hypers))
        knobs = data.draw(st.from_type(type(surface.params)))
        start = data.draw(points_in(surface))
        turned = surface.with_params(**knobs._asdict())
        num_steps, worst = compare(reference, turned, start, hypers)
        note(conformance, *reference[:2], surface, num_steps, worst)
        assert worst <= reference.agreement
        lengths.append(num_steps)

    check()
    assert max(lengths) >= 1


# Where a run diverges at the rate that is recommended: the loss has no lower bound.
UNBOUNDED = ("saddle", "monkey_saddle")

REST = {key: surface for key, surface in SURFACES.items() if key not in PROBLEMS}


@partial(fast_to_compile, static_argnames="optimizer")
def _rest(index, start, hypers, *, optimizer):
    fn = partial(jax.lax.switch, index, [surface.fn for surface in REST.values()])

    def advance(carry, _):
        return optimizer.step(fn, *carry, hypers), carry[0]

    return jax.lax.scan(advance, (start, optimizer.init(start)), None, STEPS + 1)[1]


@lru_cache
def observed(surface):
    """Losses and gradients at all points of a run, compiled once for a surface."""
    return fast_to_compile(jax.vmap(jax.value_and_grad(surface.fn)))


@with_every_rule
def test_no_rule_diverges_at_the_rate_that_is_recommended(optimizer):
    for key, surface in SURFACES.items():
        hypers = optimizer.recommended(surface.recommended)
        if key in PROBLEMS:
            points = walk(optimizer, surface, surface.start, hypers)[0][0]
        else:
            points = _rest(
                np.int64(list(REST).index(key)),
                np.array(surface.start),
                jax.tree.map(np.float64, hypers),
                optimizer=optimizer,
            )
        losses, grads = map(np.asarray, observed(surface)(points))
        outcome = judge(
            np.asarray(points), losses, grads, surface, stochastic=optimizer.stochastic
        )
        if key in UNBOUNDED:
            assert outcome.kind != "undefined"
        else:
            assert outcome.kind not in ("diverged", "undefined"), key


# Where the next float up would change nothing that can be seen.
COARSE = {"lion", "bfgs", "numeric_gradient"}


@with_every_reference
def test_another_path_at_other_hyperparameters(reference):
    declared = OPTIMIZERS[reference.rule].hypers
    telling = {"lr": 1e-3, "eps": 0.5, "h": 0.1, "c1": 0.6, "damping": 1.0}
    telling["weight_decay"] = 0.1
    if reference.rule in ("lion", "adagrad"):
        telling["lr"] = 0.05  # Or no sign changes on the way; or its steps die away.
    hypers = declared()._replace(
        **{name: value for name, value in telling.items() if name in declared._fields}
    )
    surface = SURFACES["himmelblau"]
    _, same = compare(reference, surface, surface.start, hypers)
    assert same <= reference.agreement
    for name, param in params(declared).items():
        if name in reference.fixed:
            continue
        value = getattr(hypers, name)
        factor = 0.5 if reference.rule in COARSE else 1 - 1e-4
        other = abs(value - 1) if param.whole else value * factor
        _, worst = compare(
            reference, surface, surface.start, hypers, hypers._replace(**{name: other})
        )
        assert worst > 10 * reference.agreement, name


@pytest.mark.parametrize(
    "optimizer",
    [rule for key, rule in OPTIMIZERS.items() if key not in STEP_BY_STEP],
    ids=lambda rule: rule.key,
)
def test_the_driver_takes_the_same_path(optimizer):
    # What the other tests walk is the rule alone, in a program of their own.
    surface = SURFACES["himmelblau"]
    hypers = optimizer.recommended(surface.recommended)
    (ours, *shaken), _ = walk(optimizer, surface, surface.start, hypers)
    astray = np.max([deviations(points, ours) for points in shaken], axis=0)
    num_rows = first_false(astray <= SPREAD)
    assert num_rows > 3
    run = descend(surface, optimizer, surface.start, hypers, STEPS)
    assert deviations(run.points, ours)[:num_rows].max() <= AGREEMENT


class ByHand(NamedTuple):
    """Two steps from (1, 1), worked out on paper.

    Attributes:
        hypers: Chosen so that most roots are rational numbers.
        losses: The loss at each step; two numbers stand for a plane of that slope.
        points: Where each step leads.
    """

    hypers: dict[str, float]
    losses: tuple[Any, Any]
    points: tuple[tuple[float, float], tuple[float, float]]


def bowl(x, y):
    return lambda w: (x * w[0] ** 2 + y * w[1] ** 2) / 2


BY_HAND = (
    (
        "gradient_descent",
        ByHand({"lr": 0.1}, ((3, -4), (1, 2)), ((0.7, 1.4), (0.6, 1.2))),
    ),
    # v = (-.3, .4), then (-.15 - .1, .2 - .2).
    (
        "momentum",
        ByHand({"lr": 0.1, "beta": 0.5}, ((3, -4), (1, 2)), ((0.7, 1.4), (0.45, 1.4))),
    ),
    # sqrt r = (3, 4), then (5, 5).
    (
        "adagrad",
        ByHand(
            {"lr": 1, "eps": 1},
            ((3, -4), (4, 3)),
            ((1 - 3 / 4, 1 + 4 / 5), (1 - 3 / 4 - 4 / 6, 1 + 4 / 5 - 3 / 6)),
        ),
    ),
    # r = (.25, .81), so eps + r = (1.3^2, 1.5^2); then (.1875 + 1.3775^2, .6075 +
    # .6875^2), so eps + r = (1.8775^2, 1.5875^2).
    (
        "rmsprop",
        ByHand(
            {"lr": 0.13, "rho": 0.75, "eps": 1.44},
            ((1, -1.8), (2.755, 1.375)),
            (
                (0.9, 1.156),
                (0.9 - 0.13 * 2.755 / 1.8775, 1.156 - 0.13 * 1.375 / 1.5875),
            ),
        ),
    ),
    # Corrected, m^ = g and sqrt r^ = |g| at first. Then m = (-.75, -3), r = (3.9375,
    # 7): over 1 - .5^2 and 1 - .75^2, m^ = (-1, -4) and sqrt r^ = (3, 4).
    (
        "adam",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
            ((3, -4), (-3, -4)),
            ((0.925, 1.08), (0.95, 1.16)),
        ),
    ),
    # The same moments as they are: m = (1.5, -2), sqrt r = (1.5, 2) at first.
    (
        "adam",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1, "bias_correction": 0},
            ((3, -4), (-3, -4)),
            (
                (0.94, 1 + 0.2 / 3),
                (0.94 + 0.075 / (3.9375**0.5 + 1), 1 + 0.2 / 3 + 0.3 / (7**0.5 + 1)),
            ),
        ),
    ),
    # v = (-.1, -.2), so the slope is taken at (.9 - .05, .8 - .1): (.85, 1.4).
    (
        "nesterov",
        ByHand(
            {"lr": 0.1, "beta": 0.5},
            (bowl(1, 2), bowl(1, 2)),
            ((0.9, 0.8), (0.9 - 0.05 - 0.085, 0.8 - 0.1 - 0.14)),
        ),
    ),
    # RMSProp's pushes from above; half of the velocity (-.1, .156) is kept.
    (
        "rmsprop_momentum",
        ByHand(
            {"lr": 0.13, "rho": 0.75, "beta": 0.5, "eps": 1.44},
            ((1, -1.8), (2.755, 1.375)),
            (
                (0.9, 1.156),
                (
                    0.9 - 0.05 - 0.13 * 2.755 / 1.8775,
                    1.156 + 0.078 - 0.13 * 1.375 / 1.5875,
                ),
            ),
        ),
    ),
    # The same slopes, the second of them at (.9 - .05, 1.156 + .078).
    (
        "rmsprop_nesterov",
        ByHand(
            {"lr": 0.13, "rho": 0.75, "beta": 0.5, "eps": 1.44},
            (
                (1, -1.8),
                lambda w: (
                    2.755 * (w[0] + (w[0] - 0.85) ** 2)
                    + 1.375 * (w[1] + (w[1] - 1.234) ** 2)
                ),
            ),
            (
                (0.9, 1.156),
                (
                    0.9 - 0.05 - 0.13 * 2.755 / 1.8775,
                    1.156 + 0.078 - 0.13 * 1.375 / 1.5875,
                ),
            ),
        ),
    ),
    # g = (3, 5), H = ((2, 1), (1, 12)): ((3, 1), (1, 13)) has determinant 38. Then
    # each axis by itself: x loses 3/4 of itself, y half.
    (
        "newton",
        ByHand(
            {"damping": 1},
            (lambda w: w[0] ** 2 + w[0] * w[1] + w[1] ** 4, bowl(3, 1)),
            ((4 / 38, 26 / 38), (1 / 38, 13 / 38)),
        ),
    ),
    # p = (-1, -4): steps of 1 and 1/2 bring too little, 1/4 leads from a height of 2.5
    # to .28. s = (-1, -4) / 4 and y = (-1, -16) / 4, so s.y = 65/16 and y.y = 257/16.
    # Of B the first column is all that counts at (.75, 0), and all of p is gone.
    (
        "bfgs",
        ByHand(
            {"first": 1, "c1": 0.25},
            (bowl(1, 4), bowl(1, 4)),
            ((0.75, 0), (0.75 - 0.75 * 4609 / 16705, -0.75 * 756 / 16705)),
        ),
    ),
    # The steps that are tried are (.5, -.5), uphill, and (-.5, .5), downhill.
    (
        "random_search",
        ByHand({"sigma": 0.5}, ((3, -4), (3, -4)), ((1, 1), (0.5, 1.5))),
    ),
    # ((3/2)^3 - (1/2)^3) / 1 = 3.25.
    (
        "numeric_gradient",
        ByHand(
            {"lr": 0.1, "h": 0.5},
            (lambda w: w[0] ** 3 + w[1] ** 2, (3, -4)),
            ((0.675, 0.8), (0.375, 1.2)),
        ),
    ),
    # The first direction is at most 1 long; then s = y, so B = I.
    (
        "lbfgs",
        ByHand({}, (bowl(1, 1), bowl(1, 1)), ((1 - 0.5**0.5,) * 2, (0, 0))),
    ),
    # Adam's steps from above, and a twentieth of the way to the origin.
    (
        "adamw",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1, "weight_decay": 0.5},
            ((3, -4), (-3, -4)),
            ((0.875, 1.03), (0.875 * 0.95 + 0.025, 1.03 * 0.95 + 0.08)),
        ),
    ),
    # m^ = (1, -4); r^ = (27/7, 16) at last, of which x keeps the 9 from before.
    (
        "amsgrad",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
            ((3, -4), (0, -4)),
            ((0.925, 1.08), (0.9, 1.16)),
        ),
    ),
    # u = (4, 5), then (3, 5); m^ = (5/3, -4).
    (
        "adamax",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
            ((3, -4), (1, -4)),
            ((0.925, 1.08), (0.925 - 0.5 / 9, 1.16)),
        ),
    ),
    # Adam's sqrt r^ = (3, 4) twice; m / 2 / .75 + g / 2 / .5 = (4, -16/3), then
    # m / 2 / .875 + g / 2 / .75 = (-17/7, -92/21).
    (
        "nadam",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
            ((3, -4), (-3, -4)),
            ((0.9, 1 + 3.2 / 30), (0.9 + 1.7 / 28, 1 + 3.2 / 30 + 9.2 / 105)),
        ),
    ),
    # The variance is wild: 7 - 6 and 7 - 36/7 are below 5. m^ = (3, -4), (-1, -4).
    (
        "radam",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
            ((3, -4), (-3, -4)),
            ((0.7, 1.4), (0.8, 1.8)),
        ),
    ),
    # RMSProp's roots from above; sqrt(s + eps) is 1.2 at first, where s is 0. The step
    # of (-12/13, 1.44) leaves s = (36/169, .72^2).
    (
        "adadelta",
        ByHand(
            {"lr": 0.13, "rho": 0.75, "eps": 1.44},
            ((1, -1.8), (2.755, 1.375)),
            (
                (0.88, 1.1872),
                (
                    0.88 - 0.13 * (36 / 169 + 1.44) ** 0.5 * 2.755 / 1.8775,
                    1.1872 - 0.13 * (0.72**2 + 1.44) ** 0.5 * 1.375 / 1.5875,
                ),
            ),
        ),
    ),
    # m = (.75, -1) after the first step; the second slope turns the sign of y alone.
    (
        "lion",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "weight_decay": 0.5},
            ((3, -4), (-0.5, 2)),
            ((0.85, 1.05), (0.85 * 0.95 - 0.1, 1.05 * 0.95 - 0.1)),
        ),
    ),
    # g - m = (1.5, -1.5), so s^ = (1 + .5625) / .25 = 2.5^2; then g - m = -.75 on both
    # axes, so s = 2.3125, and m^ = (1, -3).
    (
        "adabelief",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
            ((3, -3), (0, -3)),
            (
                (1 - 0.3 / 3.5, 1 + 0.3 / 3.5),
                (
                    1 - 0.3 / 3.5 - 0.1 / ((2.3125 / 0.4375) ** 0.5 + 1),
                    1 + 0.3 / 3.5 + 0.3 / ((2.3125 / 0.4375) ** 0.5 + 1),
                ),
            ),
        ),
    ),
    # r = (2.25, 4) grows by g^2 / 4 where that is larger, shrinks by it where not.
    (
        "yogi",
        ByHand(
            {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1},
            ((3, -4), (1, -4)),
            (
                (0.925, 1.08),
                (
                    0.925 - 0.5 / 3 / ((2 / 0.4375) ** 0.5 + 1),
                    1.08 + 0.4 / ((8 / 0.4375) ** 0.5 + 1),
                ),
            ),
        ),
    ),
)


@pytest.mark.parametrize(
    ("key", "row"), BY_HAND, ids=[f"{i}-{key}" for i, (key, _) in enumerate(BY_HAND)]
)
def test_first_steps_by_hand(key, row, monkeypatch):
    chosen = jnp.array([[1.0, -1.0], [-1.0, 1.0]])
    monkeypatch.setattr(random_search, "draw", lambda seed, t: chosen[t.astype(int)])
    optimizer = OPTIMIZERS[key]
    hypers = jax.tree.map(np.float64, optimizer.hypers(**row.hypers))
    point = jnp.ones(2)
    state = optimizer.init(point)
    for loss, expected in zip(row.losses, row.points, strict=True):
        if not callable(loss):
            loss = partial(jnp.dot, np.array(loss, dtype=np.float64))
        step = fast_to_compile(partial(optimizer.step, loss))
        point, state = step(point, state, hypers)
        np.testing.assert_allclose(point, expected, rtol=1e-14, atol=1e-15)


@with_every_rule
def test_declaration(optimizer):
    assert OPTIMIZERS[optimizer.key] is optimizer
    for text in (optimizer.label, optimizer.formula, optimizer.source, optimizer.group):
        assert text.strip() == text != ""
    # It stands in a table of Markdown.
    assert "|" not in optimizer.formula + optimizer.source
    declared = params(optimizer.hypers)
    assert tuple(declared) == optimizer.hypers._fields
    for name, value in optimizer.hypers()._asdict().items():
        assert isinstance(declared[name], Param)
        assert declared[name].check(value) == value


def test_the_five_come_first():
    assert list(OPTIMIZERS)[:5] == [
        "gradient_descent",
        "momentum",
        "adagrad",
        "rmsprop",
        "adam",
    ]
    labels = [optimizer.label for optimizer in OPTIMIZERS.values()]
    assert len(set(labels)) == len(labels)


@with_every_rule
def test_rates_are_recommended_within_their_range(optimizer):
    if "lr" not in optimizer.hypers._fields:
        assert optimizer.default_rate_from is None
        assert optimizer.recommended({"adam": 0.1}) == optimizer.hypers()
        return
    for surface in SURFACES.values():
        for rates in (surface.learning_rates, surface.recommended):
            rate = optimizer.rate(rates)
            assert LEARNING_RATE.check(rate) == rate
            assert optimizer.recommended(rates).lr == rate
    own = optimizer.rate({"adam": 1.0, optimizer.key: 0.125})
    assert own == 0.125
    if optimizer.default_rate_from is not None:
        like, factor = optimizer.default_rate_from
        assert like in list(OPTIMIZERS)[:5]
        assert optimizer.rate({like: 0.1}) == pytest.approx(0.1 * factor)
        assert optimizer.rate({like: 10.0}) <= LEARNING_RATE.high
        assert optimizer.rate({like: 1e-5}) >= LEARNING_RATE.low


@with_every_rule
def test_stays_where_there_is_no_slope(optimizer):
    lowest = {name: param.low for name, param in params(optimizer.hypers).items()}
    for hypers in (optimizer.hypers(), optimizer.hypers(**lowest)):
        if "weight_decay" in hypers._fields:
            hypers = hypers._replace(weight_decay=0.0)
        run = descend(flat, optimizer, (0.5, -2.0), hypers, 20)
        np.testing.assert_array_equal(run.points, [[0.5, -2.0]] * 21)


def flat(point):
    return 0.0 * point.sum()


def tilted(point):
    return 3 * point[0] - 4 * point[1]


def run_on(loss, key, start, num_steps, **hypers):
    optimizer = OPTIMIZERS[key]
    return descend(loss, optimizer, start, optimizer.hypers(**hypers), num_steps)


def plain_walk(key, surface, **hypers):
    """Our own run from the declared start."""
    optimizer = OPTIMIZERS[key]
    (points, *_), _ = walk(
        optimizer, surface, surface.start, optimizer.hypers(**hypers)
    )
    return points


# -- what must be true of a rule ------------------------------------------------------


@on_every_surface
def test_rules_without_what_was_added_are_the_plain_ones(surface):
    lr = OPTIMIZERS["gradient_descent"].rate(surface.learning_rates)
    plain = plain_walk("gradient_descent", surface, lr=lr)[:20]
    assert (plain[1] != plain[0]).any()
    for key in ("momentum", "nesterov"):
        np.testing.assert_allclose(
            plain_walk(key, surface, lr=lr, beta=0)[:20], plain, rtol=1e-9, atol=1e-9
        )
    scaled = plain_walk("rmsprop", surface, lr=0.01)[:20]
    for key in ("rmsprop_momentum", "rmsprop_nesterov"):
        np.testing.assert_allclose(
            plain_walk(key, surface, lr=0.01, beta=0)[:20],
            scaled,
            rtol=1e-9,
            atol=1e-9,
        )


# Settings at which a rule forgets all but the last slope, and has no floor.
FORGETFUL = {
    "rmsprop": {"rho": 0, "eps": 1e-60},
    "adam": {"beta1": 0, "beta2": 0, "eps": 1e-30},
    "lion": {"beta1": 0, "beta2": 0},
}


@on_every_surface
@pytest.mark.parametrize("key", FORGETFUL)
def test_without_memory_only_the_signs_count(key, surface):
    points = plain_walk(key, surface, lr=0.01, **FORGETFUL[key])[:101]
    grads = np.array([Problem(surface.fn).gradient(point) for point in points[:-1]])
    steep = np.abs(grads) > 1e-9
    assert steep.any()
    expected = -0.01 * np.sign(grads)
    moved = np.diff(points, axis=0)
    np.testing.assert_allclose(moved[steep], expected[steep], atol=1e-12)


def adagrad_without_l2_in_r(h, gradient, l2, w):
    r = np.zeros(2)
    while True:
        g = gradient(w)
        r = r + g * g
        w = w - h.lr * (g + l2 * w) / (h.eps + np.sqrt(r))
        yield w


def rmsprop_without_l2_in_r(h, gradient, l2, w):
    r = np.zeros(2)
    while True:
        g = gradient(w)
        r = h.rho * r + (1 - h.rho) * g * g
        w = w - h.lr * (g + l2 * w) / np.sqrt(h.eps + r)
        yield w


@pytest.mark.parametrize("l2", [0.0, 0.3, 2.0])
@pytest.mark.parametrize(
    ("key", "by_hand"),
    [("adagrad", adagrad_without_l2_in_r), ("rmsprop", rmsprop_without_l2_in_r)],
)
@pytest.mark.parametrize("surface_key", ["himmelblau", "booth", "linear_regression"])
def test_a_penalty_may_be_left_out_of_r(key, by_hand, l2, surface_key):
    plain, rule = SURFACES[surface_key], OPTIMIZERS[key]
    surface = regularized(plain, l2)
    hypers = rule.hypers(lr=0.003, l2_in_r=0)
    # Not as long as to circle a minimum: there rounding grows.
    steps = 150
    run = descend(surface, rule, plain.start, hypers, steps)
    problem = Problem(plain.fn)
    expected = [np.array(plain.start), *islice(
        by_hand(hypers, problem.gradient, l2, np.array(plain.start)), steps
    )]  # fmt: skip
    np.testing.assert_allclose(run.points, expected, rtol=1e-9, atol=1e-9)
    usual = descend(surface, rule, plain.start, hypers._replace(l2_in_r=1), steps)
    assert (np.abs(usual.points - run.points).max() > 1e-6) == (l2 > 0)
    ended = study(surface, rule, np.array(plain.start), hypers, steps, dtype=np.float64)
    np.testing.assert_allclose(ended.points, run.points[-1], rtol=1e-8, atol=1e-8)


def test_noise_and_minibatches_leave_the_penalty_out_of_r_as_well():
    plain, rule = SURFACES["linear_regression"], OPTIMIZERS["adagrad"]
    surface, start = regularized(plain, 0.7), np.array(plain.start)
    conditions = Conditions(noise=0.2, batch=5, seed=3)
    hypers = rule.hypers(lr=0.1, l2_in_r=0)
    run = descend(surface, rule, start, hypers, 100, conditions=conditions)
    # The gradients on record are as the rule was given them, penalty included.
    w, r = start, np.zeros(2)
    for grad, point in zip(run.grads[:-1], run.points[1:], strict=True):
        r = r + (grad - 0.7 * w) ** 2
        w = w - 0.1 * grad / (hypers.eps + np.sqrt(r))
        np.testing.assert_allclose(w, point, rtol=1e-9, atol=1e-9)


@with_every_rule
def test_a_switch_changes_the_formula_that_is_shown(optimizer):
    hypers = optimizer.hypers()
    assert optimizer.formula_for(hypers) == optimizer.formula
    for name, param in params(optimizer.hypers).items():
        if param.scale == "switch":
            turned = hypers._replace(**{name: 1 - getattr(hypers, name)})
            assert optimizer.formula_for(turned) != optimizer.formula, name


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
    "nesterov": (
        {"beta": 0.9},
        lambda g, t: -g * np.cumsum(1 - 0.9**t) / (1 - 0.9),
    ),
    "adagrad": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * np.cumsum(t**-0.5)),
    "rmsprop": (
        {"rho": 0.9, "eps": 1e-60},
        lambda g, t: -np.sign(g) * np.cumsum((1 - 0.9**t) ** -0.5),
    ),
    "adam": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * t),
    "amsgrad": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * t),
    "adamax": ({"eps": 1e-30}, lambda g, t: -np.sign(g) * t),
    "lion": ({}, lambda g, t: -np.sign(g) * t),
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
        ("newton", {}, True),
        ("random_search", {}, True),
        ("lion", {}, True),
    ],
)
def test_whether_the_height_of_the_hills_counts(key, floorless, invariant):
    optimizer = OPTIMIZERS[key]
    hypers = optimizer.hypers(**floorless)
    if "lr" in hypers._fields:
        hypers = hypers._replace(lr=1e-3)
    a = descend(HIMMELBLAU, optimizer, HIMMELBLAU.start, hypers, 40).points
    b = descend(steeper, optimizer, HIMMELBLAU.start, hypers, 40).points
    assert np.allclose(a, b, rtol=1e-10) == invariant


@given(
    kappa=st.floats(1, 100),
    angle=st.floats(-90, 90),
    rate=st.floats(0.01, 2.1),
    start=points_in(SURFACES["ravine"]),
)
def test_gradient_descent_shrinks_each_axis_of_a_ravine(kappa, angle, rate, start):
    lr = rate / kappa
    ravine = SURFACES["ravine"].with_params(kappa=kappa, angle=angle)
    run = run_on(ravine, "gradient_descent", start, 100, lr=lr)
    turn = np.deg2rad(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shrunk = np.array([1 - lr, 1 - lr * kappa]) ** np.arange(101)[:, None]
    expected = shrunk * (axes @ np.array(start)) @ axes
    np.testing.assert_allclose(run.points, expected, rtol=1e-9, atol=1e-11)


def test_adam_without_correction_begins_with_longer_steps():
    corrected = run_on(tilted, "adam", (0, 0), 50, lr=0.01).points
    run = run_on(tilted, "adam", (0, 0), 50, lr=0.01, bias_correction=0)
    longer = np.diff(run.points, axis=0) / np.diff(corrected, axis=0)
    t = np.arange(1, 51)[:, None]
    expected = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    np.testing.assert_allclose(longer, np.tile(expected, 2), rtol=1e-5)


# -- second order ---------------------------------------------------------------------


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


# -- without gradients ----------------------------------------------------------------


def test_random_search_never_goes_up():
    rosenbrock = SURFACES["rosenbrock"]
    run = run_on(rosenbrock, "random_search", rosenbrock.start, 2000, sigma=0.1)
    assert (np.diff(run.losses) <= 0).all()
    moved = (np.diff(run.points, axis=0) != 0).any(axis=1)
    assert 10 < moved.sum() < 1000
    assert run.states.t.tolist() == list(range(2001))


def test_random_search_is_its_seeds():
    rosenbrock = SURFACES["rosenbrock"]
    walk = partial(run_on, rosenbrock, "random_search", rosenbrock.start)
    run = walk(300, seed=3)
    np.testing.assert_array_equal(walk(300, seed=3).points, run.points)
    np.testing.assert_array_equal(walk(200, seed=3).points, run.points[:201])
    assert (walk(300, seed=4).points != run.points).any()


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

    # h^2 f''' / 6 where h is large, the rounding of the heights over h where it is not.
    assert error(1e-1) == pytest.approx(1e-2 * np.e / 6, rel=1e-2)
    assert error(1e-3) == pytest.approx(1e-6 * np.e / 6, rel=1e-2)
    assert error(1e-5) < 1e-9
    assert error(1e-13) > 1e-5
    assert error(1e-15) > 1e-2
