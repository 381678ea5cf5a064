"""Surfaces that are nearly level almost everywhere: little says where to go."""

import math

import jax.numpy as jnp

from surfaces.base import Domain, Surface, of_xy
from surfaces.smooth import guarded_sqrt


@of_xy
def _plateau(x, y):
    # Shifted by 0.01, the surface is a cone at the origin: the slope there is 0.
    r = guarded_sqrt((10 * x) ** 2 + (10 * y) ** 2) + 0.01
    return -jnp.sin(r) / r + 0.01 * r**2


PLATEAU = Surface(
    key="plateau",
    label="Plateau",
    family="Plateaus",
    formula=r"-\frac{\sin r}{r} + 0.01 r^2,\ r = 10\sqrt{x^2 + y^2} + 0.01",
    loss=_plateau,
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(-1.4, 1.1),
    teaches="A shelf on the way down, and a moat around the hole: who rolls through?",
    source="L. Jiang, Gradient Descent Viz (2020), surface 'plateau'.",
    minima=((0.0, 0.0),),
    lists_all_critical_points=False,
    smooth=False,
    steps=200,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.01,
        "adagrad": 0.2,
        "rmsprop": 0.02,
        "adam": 0.05,
    },
)

EASOM = Surface(
    key="easom",
    label="Easom",
    family="Plateaus",
    formula=r"-\cos x \cos y\, e^{-(x - \pi)^2 - (y - \pi)^2}",
    loss=of_xy(
        lambda x, y: (
            -jnp.cos(x) * jnp.cos(y) * jnp.exp(-((x - jnp.pi) ** 2) - (y - jnp.pi) ** 2)
        )
    ),
    domain=Domain(-100.0, 100.0, -100.0, 100.0),
    view=Domain(-1.0, 7.0, -1.0, 7.0),
    start=(1.6, 4.66),
    teaches="One hole in a plain without slope: rules that divide by the slopes they "
    "met walk on the faintest hint; gradient descent hardly moves, and momentum "
    "gathers speed for long.",
    source="E. E. Easom, A Survey of Global Optimization Techniques, M. Eng. thesis, "
    "University of Louisville (1990).",
    minima=((math.pi, math.pi),),
    lists_all_critical_points=False,
    steps=300,
    learning_rates={
        "gradient_descent": 0.2,
        "momentum": 0.05,
        "adagrad": 0.1,
        "rmsprop": 0.01,
        "adam": 0.02,
    },
)
