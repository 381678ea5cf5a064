"""AdaGrad: each axis is slowed by all the slope it has seen.

    r <- r + g^2
    w <- w - a g / (eps + sqrt r)

Source: J. Duchi, E. Hazan, Y. Singer, JMLR 12 (2011) 2121-2159; Deep Learning
(2016), algorithm 8.4, with its eps of 1e-7.

Differs elsewhere: optax.adagrad starts r at 0.1 unless told otherwise and puts eps
inside the root; torch.optim.Adagrad is this rule with eps 1e-10.
"""

from typing import Annotated, NamedTuple

import jax.numpy as jnp

from optim.base import LearningRate, Optimizer, first_order, floor
from surfaces import Point, Scalar


class AdagradHypers(NamedTuple):
    """Hyperparameters of AdaGrad."""

    lr: LearningRate = 0.1
    eps: Annotated[Scalar, floor("Added to the root of the sum.")] = 1e-7


class AdagradState(NamedTuple):
    """The sum of squared gradients so far, shape (2,)."""

    sum_squares: Point


def init(point):
    """Nothing seen yet."""
    return AdagradState(sum_squares=jnp.zeros_like(point))


def update(grad, state, hypers):
    """Add the square, divide by the root of the sum."""
    sum_squares = state.sum_squares + grad**2
    delta = -hypers.lr * grad / (hypers.eps + jnp.sqrt(sum_squares))
    return delta, AdagradState(sum_squares)


ADAGRAD = Optimizer(
    key="adagrad",
    label="AdaGrad",
    formula=r"r \leftarrow r + g^2,\quad"
    r" w \leftarrow w - \frac{\alpha g}{\varepsilon + \sqrt{r}}",
    source="Duchi, Hazan, Singer 2011; Deep Learning (2016), algorithm 8.4. optax "
    "starts r at 0.1 and puts epsilon inside the root.",
    hypers=AdagradHypers,
    init=init,
    step=first_order(update),
    group="Adaptive",
)
