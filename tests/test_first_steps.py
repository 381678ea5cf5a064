"""The first two steps of every rule, worked out on paper: one row of `BY_HAND` each."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optim import OPTIMIZERS, random_search
from tests.rule_runs import fast_to_compile


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
    # The steps that are tried are (.5, -.5), which leads up, and (-.5, .5), down.
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


def test_every_rule_has_a_row_by_hand():
    assert {rule for rule, _ in BY_HAND} == set(OPTIMIZERS), "a row of BY_HAND for each"


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
