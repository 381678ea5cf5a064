"""What each rule is compared with: torch and optax, SciPy, and the papers."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
import pytest
import torch

from optim import OPTIMIZERS
from optim.optax_rules import OPTAX_RULES
from tests import papers
from tests.rule_runs import (
    AGREEMENT,
    FAR,
    MAX_DEVIATION,
    NOISE,
    SHAKES,
    Problem,
    deviations,
    first_false,
    perturbed_runs,
)

# torch keeps some scalars of a state in this type.
torch.set_default_dtype(torch.float64)


# Runs a reference on a problem: (problem, start, number of steps) -> points.
Runner = Callable[[Problem, np.ndarray, int], np.ndarray]


def made(code: str, h: Any, params: Any = None) -> Any:
    """A library's optimizer from the text that a rule declares for it.

    The slots become names, so that hyperparameters can be traced.
    """
    text = code.format(**{name: f"h.{name}" for name in h._fields})
    return eval(text, {"torch": torch, "optax": optax, "h": h, "params": params})


def by_torch(code: str, h: Any) -> Runner:
    def run(problem, start, num_steps):
        point = torch.tensor(start, dtype=torch.float64)
        library = made(code, type(h)(*map(float, h)), [point])
        points = [point.numpy().copy()]
        for _ in range(num_steps):
            point.grad = torch.from_numpy(problem.gradient(point.numpy()))
            library.step()
            points.append(point.numpy().copy())
        return np.array(points)

    return run


@partial(jax.jit, static_argnames="code")
def optax_init(code, h, point):
    return made(code, h).init(point)


@partial(jax.jit, static_argnames="code")
def optax_step(code, h, grad, state, point):
    updates, state = made(code, h).update(grad, state, point)
    return optax.apply_updates(point, updates), state


def by_optax(code: str, h: Any) -> Runner:
    h = jax.tree.map(np.float64, h)

    def run(problem, start, num_steps):
        # optax raises a float64 decay to an int32 power.
        with jax.numpy_dtype_promotion("standard"):
            point, state = start, optax_init(code, h, start)
            points = [start]
            for _ in range(num_steps):
                grad = problem.gradient(point)
                point, state = optax_step(code, h, grad, state, point)
                points.append(np.asarray(point))
        return np.array(points)

    return run


def by_paper(algorithm) -> Callable[[Any], Runner]:
    """From a generator of points, given hyperparameters, problem and start."""

    def runner_for(h):
        def run(problem, start, num_steps):
            with np.errstate(all="ignore"):
                points = islice(algorithm(h, problem, start.copy()), num_steps)
                return np.array([start, *points])

        return run

    return runner_for


def as_it_is(h, points, states):
    """The point itself."""
    return points


class Reference(NamedTuple):
    """One library's form of one rule.

    Attributes:
        rule: The key in `OPTIMIZERS`.
        library: Whose.
        runner: From our hyperparameters to what runs it.
        fixed: Our hyperparameters where the two conventions meet; {} if everywhere.
        kept: From our hyperparameters, points and states to the point it keeps.
        shortest: The comparison ends where a step is shorter: the rule decides by
            losses, and which of two is lower is there a matter of rounding.
        agreement: The deviation that is allowed.
        coarse: Whether its own path depends on how losses are rounded: the comparison
            ends where the library's own perturbed runs deviate, too.
    """

    rule: str
    library: str
    runner: Callable[[Any], Runner]
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


# No other program takes all decisions of a line search alike: test_curvature_rules.py
# compares each step of L-BFGS with algorithm 7.4 and Wolfe's conditions instead.
STEP_BY_STEP = {"lbfgs"}


def declared_equivalents() -> Iterator[Reference]:
    """Where a rule says how a library takes the same path: by exactly that text."""
    runners = {"torch": by_torch, "optax": by_optax}
    for key, rule in OPTIMIZERS.items():
        for k, one in enumerate(rule.equivalents):
            # optax carries these out, and is no reference for itself.
            itself = one.library == "optax" and (
                rule in OPTAX_RULES or key in STEP_BY_STEP
            )
            if one.code and not itself:
                same = [each for each in rule.equivalents[:k] if each.code]
                again = sum(each.library == one.library for each in same)
                yield Reference(
                    key,
                    f"{one.library}, {again + 1}" if again else one.library,
                    partial(runners[one.library], one.code),
                    one.where,
                    kept=looked_at if one.keeps == "w + beta v" else as_it_is,
                )


REFERENCES = (
    *declared_equivalents(),
    Reference("adam", PAPER, by_paper(papers.adam_as_its_bias_correction_says)),
    Reference(
        "nesterov", PAPER, by_paper(papers.sutskever_2013_nesterov), {"look_ahead": 0}
    ),
    Reference("rmsprop_nesterov", PAPER, by_paper(papers.deep_learning_algorithm_8_6)),
    Reference("newton", "SciPy", by_paper(papers.newton_by_scipy)),
    # SciPy updates the matrix by a sum, we by a product: equal, but for rounding times
    # the condition of a matrix that is learnt on cliffs.
    Reference(
        "bfgs", "SciPy", by_paper(papers.bfgs_by_scipy), shortest=1e-5, agreement=1e-7
    ),
    Reference("random_search", PAPER, by_paper(papers.matyas_1965)),
    Reference(
        "numeric_gradient", PAPER, by_paper(papers.central_differences), coarse=True
    ),
    # SciPy divides by the distance of the rounded points, we by 2 h: they meet where
    # little is rounded.
    Reference(
        "numeric_gradient",
        "SciPy",
        by_paper(papers.central_differences_by_scipy),
        {"h": 2.0**-10},
    ),
    Reference("amsgrad", PAPER, by_paper(papers.reddi_2018_algorithm_2_corrected)),
    Reference("nadam", PAPER, by_paper(papers.dozat_2016_at_constant_beta1)),
    Reference("radam", PAPER, by_paper(papers.liu_2020_algorithm_2)),
    Reference("lion", PAPER, by_paper(papers.chen_2023_algorithm_2)),
    Reference("adabelief", PAPER, by_paper(papers.zhuang_2020_algorithm_2)),
    Reference("yogi", PAPER, by_paper(papers.zaheer_2018_algorithm_2_corrected)),
)


def compare(reference, surface, start, hypers, theirs=None):
    """Compares as far as can be; returns the number of steps and the worst deviation.

    The library runs with `theirs` where those are not our hyperparameters.
    """
    optimizer = OPTIMIZERS[reference.rule]
    hypers = jax.tree.map(np.float64, hypers._replace(**reference.fixed))
    start = np.array(start, dtype=np.float64)
    (ours, *perturbed), states = perturbed_runs(optimizer, surface, start, hypers)
    deviation = np.max([deviations(points, ours) for points in perturbed], axis=0)
    # NaN is neither near nor steady.
    sound = (deviation <= MAX_DEVIATION) & (np.abs(ours) < FAR).all(axis=1)
    num_steps = first_false(sound) - 1
    stopped = optimizer.halting_condition and optimizer.halting_condition[0](states)
    if optimizer.halting_condition and stopped.any():
        num_steps = min(num_steps, int(np.argmax(stopped)) - 1)

    if reference.shortest:
        moved = np.abs(np.diff(ours, axis=0)).max(axis=1)
        num_steps = min(num_steps, first_false(moved > reference.shortest))

    with np.errstate(all="ignore"):
        kept = reference.kept(hypers, ours, states)
    run = reference.runner(theirs or hypers)
    points = run(Problem(surface.fn), start, num_steps)
    assert points.shape == (num_steps + 1, 2)
    if reference.coarse:
        # A difference of losses shows how they are rounded, and theirs are otherwise.
        again = [start * (1 + NOISE * signs[0]) for signs in SHAKES[1:]]
        perturbed = [run(Problem(surface.fn), one, num_steps) for one in again]
        deviation = np.max([deviations(one, points) for one in perturbed], axis=0)
        num_steps = min(num_steps, first_false(deviation <= MAX_DEVIATION) - 1)
        points = points[: num_steps + 1]
    return num_steps, deviations(points, kept[: num_steps + 1]).max()


with_every_reference = pytest.mark.parametrize("reference", REFERENCES, ids=str)
