"""Surfaces made of data: the mean loss of a model with two weights.

The samples are drawn from NumPy's RandomState, whose numbers are frozen for good, and
rounded to three decimals, so they are the same on every machine.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces.base import Data, Domain, Point, Surface

FAMILY = "Made of data"

Samples = Float[Array, " n"]


def mean_over(
    data: Data, losses: Callable[[Point, Samples, Samples], Samples]
) -> Callable[..., Float[Array, ""]]:
    """Turns per-sample losses into the form `Surface.loss` takes.

    Args:
        data: The samples.
        losses: From a point, inputs and targets to the loss of each sample.

    Returns:
        The mean of the losses, or their sum by `weights` where those are given.
    """

    def loss(
        params: Any, point: Point, weights: Samples | None = None
    ) -> Float[Array, ""]:
        each = losses(point, jnp.asarray(data.x), jnp.asarray(data.y))
        return each.mean() if weights is None else weights @ each

    return loss


def squared(predict: Callable[[Any, Any], Any]) -> Callable[..., Samples]:
    """Half the square of what the prediction misses."""
    return lambda point, x, y: (predict(point, x) - y) ** 2 / 2


def _line(point, x):
    return point[0] * x + point[1]


def _logistic(point, x):
    return jax.nn.sigmoid(_line(point, x))


def _tanh(point, x):
    return point[1] * jnp.tanh(point[0] * x)


def _log_loss(point, x, y):
    # -log p for label 1, -log(1 - p) for label 0, without ever forming p.
    score = _line(point, x)
    return jnp.logaddexp(score, 0.0) - y * score


def _hinge(point, x, y):
    return jnp.maximum(0.0, 1.0 - y * _line(point, x))


def _drawn(
    seed: int,
    size: int,
    reach: tuple[float, float],
    target: Callable[[np.ndarray, np.random.RandomState], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs drawn uniformly at random, and the targets drawn for them."""
    random = np.random.RandomState(seed)
    x = np.round(random.uniform(*reach, size), 3)
    return x, np.round(1.0 * target(x, random), 3)


_ON_A_LINE = Data(
    *_drawn(
        2,
        30,
        (0.5, 3.0),
        lambda x, random: 0.8 * x + 0.5 + 0.3 * random.standard_normal(x.shape),
    ),
    model="line",
    predict=_line,
)

LINEAR_REGRESSION = Surface(
    key="linear_regression",
    label="Linear regression",
    family=FAMILY,
    notation=r"\tfrac{1}{n} \sum_i \tfrac{1}{2}\,(x\,x_i + y - y_i)^2",
    loss=mean_over(_ON_A_LINE, squared(_line)),
    domain=Domain(-1.0, 3.0, -1.5, 2.5),
    start=(2.4, 2.0),
    teaches="Uncentred inputs tilt the valley: slope and intercept can compensate for "
    "each other.",
    source="I. Goodfellow, Y. Bengio, A. Courville, Deep Learning (2016), section "
    "5.1.4; half the squared error, minimizer from its normal equations.",
    minima=((0.9710461565400166, 0.28386822277125134),),
    color_scale="log",
    steps=200,
    learning_rates={
        "gradient_descent": 0.3,
        "momentum": 0.05,
        "adagrad": 0.5,
        "rmsprop": 0.02,
        "adam": 0.2,
    },
    data=_ON_A_LINE,
)

_LABELLED = Data(
    *_drawn(
        1,
        40,
        (-2.0, 4.0),
        lambda x, random: random.uniform(size=x.shape) * (1 + np.exp(2 - 2 * x)) < 1,
    ),
    model="logistic",
    predict=_logistic,
    axes=("x", "label"),
)

LOGISTIC_REGRESSION = Surface(
    key="logistic_regression",
    label="Logistic regression",
    family=FAMILY,
    notation=r"\tfrac{1}{n} \sum_i \log\left(1 + e^{s_i}\right) - y_i s_i,"
    r"\ s_i = x\,x_i + y",
    loss=mean_over(_LABELLED, _log_loss),
    domain=Domain(-3.0, 5.0, -6.0, 2.0),
    start=(-2.0, 1.0),
    teaches="Steady slope far away, vanishing slope near the minimum: no single rate "
    "suits both.",
    source="D. R. Cox, J. R. Stat. Soc. B 20 (1958) 215-242; Deep Learning (2016), "
    "section 5.7.1; minimizer refined to float64 by Newton's method.",
    minima=((2.148798174722781, -2.16790841592293),),
    color_scale="log",
    steps=300,
    learning_rates={
        "gradient_descent": 0.5,
        "momentum": 0.1,
        "adagrad": 0.5,
        "rmsprop": 0.02,
        "adam": 0.2,
    },
    data=_LABELLED,
)

_ON_TWO_SIDES = Data(
    *_drawn(
        5,
        40,
        (-2.0, 3.0),
        lambda x, random: np.where(
            x + 0.8 * random.standard_normal(x.shape) > 0.5, 1, -1
        ),
    ),
    model="line",
    predict=_line,
    axes=("x", "label and score"),
)

HINGE = Surface(
    key="hinge",
    label="Hinge-loss classifier",
    family=FAMILY,
    notation=r"\tfrac{1}{n} \sum_i \max(0,\ 1 - y_i\,(x\,x_i + y))",
    loss=mean_over(_ON_TWO_SIDES, _hinge),
    domain=Domain(-1.0, 4.0, -3.0, 2.0),
    start=(-0.5, 1.5),
    teaches="The slope jumps where a sample reaches its margin: the minimum is a "
    "corner, and steps of a fixed rate oscillate around it.",
    source="C. Cortes, V. Vapnik, Machine Learning 20 (1995) 273-297; S. "
    "Shalev-Shwartz et al., Math. Program. 127 (2011) 3-30 (Pegasos). Here the penalty "
    "takes in the offset y; minimizer from the quadratic program.",
    minima=((1.184132622853759, -0.25399644760213143),),
    smooth=False,
    color_scale="log",
    steps=300,
    learning_rates={
        "gradient_descent": 0.1,
        "momentum": 0.02,
        "adagrad": 0.5,
        "rmsprop": 0.02,
        "adam": 0.1,
    },
    l2=0.1,
    data=_ON_TWO_SIDES,
)

_BENT = Data(
    *_drawn(
        2,
        32,
        (-2.0, 2.0),
        lambda x, random: (
            1.2 * np.tanh(1.6 * x) + 0.15 * random.standard_normal(x.shape)
        ),
    ),
    model="tanh",
    predict=_tanh,
)

TINY_NETWORK = Surface(
    key="tiny_network",
    label="Tiny network",
    family=FAMILY,
    notation=r"\tfrac{1}{n} \sum_i \tfrac{1}{2}\,(y \tanh(x\,x_i) - y_i)^2",
    loss=mean_over(_BENT, squared(_tanh)),
    domain=Domain(-3.0, 3.0, -3.0, 3.0),
    start=(-2.0, 2.0),
    teaches="Flip the signs of both weights and the network is unchanged: a saddle "
    "separates two equal minima, and the optimizers split.",
    source="Deep Learning (2016), sections 8.2.2 (weight space symmetry) and 8.2.3; "
    "half the squared error, minimizers refined to float64 by Newton's method.",
    minima=(
        (1.6862655943919007, 1.1597030017338088),
        (-1.6862655943919007, -1.1597030017338088),
    ),
    saddles=((0.0, 0.0),),
    color_scale="log",
    steps=400,
    learning_rates={
        "gradient_descent": 0.5,
        "momentum": 0.1,
        "adagrad": 0.5,
        "rmsprop": 0.02,
        "adam": 0.2,
    },
    data=_BENT,
)
