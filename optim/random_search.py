"""Random search: try a step at random, keep it if it leads down.

    w' = w + sigma z,  z ~ N(0, I)
    w <- w'  if  f(w') < f(w)

It needs the loss and no slope. Every step's z depends on the seed and on the step
alone, so a path does not depend on how many steps follow.

Source: J. Matyas, Automation and Remote Control 26 (1965) 246-253, plainest
form.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from optim.base import NamedStep, Optimizer
from optim.equivalents import absent
from optim.quantities import Number, Quantity, Vector, delta
from surfaces import Loss, Param, Point, Scalar


class RandomSearchHypers(NamedTuple):
    """Hyperparameters of random search."""

    sigma: Annotated[
        Scalar,
        Param(r"\sigma", "Radius", 1e-5, 10.0, "log", "Step size of a proposal."),
    ] = 0.1
    seed: Annotated[
        Scalar,
        Param(
            "s",
            "Seed",
            0,
            9999,
            "linear",
            "Seed of the proposals: the same seed gives the same ones.",
            whole=True,
        ),
    ] = 0


class RandomSearchState(NamedTuple):
    """Tries made, shape ()."""

    t: Scalar


class RandomSearchStep(NamedTuple):
    """What a step computes."""

    proposal: Annotated[
        Vector,
        Quantity(
            "s",
            "proposed step",
            "step",
            r"\sigma z \text{ with } z \sim \mathcal{N}(0, I)",
            "A step is drawn at random, each coordinate from a normal distribution.",
        ),
    ]
    tried: Annotated[
        Vector,
        Quantity(
            "w'",
            "tried point",
            "point",
            "w + <proposal>",
            "It leads to a point that is tried.",
        ),
    ]
    loss: Annotated[
        Number,
        Quantity(
            "f'", "loss there", "number", "f(<tried>)", "The loss is computed there."
        ),
    ]
    delta: Annotated[
        Vector,
        delta(
            r"<proposal> \text{ if } <loss> < f(w) \text{, else } 0",
            "The point moves there if the loss is lower; else it stays.",
        ),
    ]


def init(point: Point) -> RandomSearchState:
    """None made yet."""
    return RandomSearchState(t=jnp.zeros((), point.dtype))


def draw(seed: Scalar, t: Scalar) -> Float[Array, "2"]:
    """The step to try, in units of sigma: shape (2,)."""
    # The implementation is named: a default may change, and all paths with it.
    key = jax.random.key(jnp.asarray(seed).astype(jnp.uint32), impl="threefry2x32")
    key = jax.random.fold_in(key, jnp.asarray(t).astype(jnp.uint32))
    return jax.random.normal(key, (2,), jnp.float64)


def inside(
    fn: Loss, point: Point, state: RandomSearchState, hypers: RandomSearchHypers
) -> tuple[RandomSearchStep, RandomSearchState]:
    """Keep the better of two points."""
    proposal = hypers.sigma * draw(hypers.seed, state.t)
    tried = point + proposal
    loss = fn(tried)
    delta = jnp.where(loss < fn(point), proposal, 0.0)
    found = RandomSearchStep(proposal, tried, loss, delta)
    return found, RandomSearchState(state.t + 1)


RANDOM_SEARCH = Optimizer(
    key="random_search",
    label="Random search",
    short="Random",
    formula=r"w \leftarrow w' \text{ if } f(w') < f(w),\quad w' = w + \sigma z,"
    r"\ z \sim \mathcal{N}(0, I)",
    source="Matyas 1965.",
    hypers=RandomSearchHypers,
    init=init,
    step=NamedStep(inside),
    quantities=RandomSearchStep,
    equivalents=(
        absent("torch", "torch.optim has no rule without gradients."),
        absent("optax", "optax has no rule that keeps the better of two points."),
        absent("SciPy", "scipy.optimize has no search that walks at random."),
    ),
    gradients=2.0,
    overhead=55.0,
    group="Without gradients",
    stochastic=True,
)
