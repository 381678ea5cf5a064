"""Steep walls and a gentle floor: one rate has to do for both."""

import math
from typing import Annotated, NamedTuple

import jax.numpy as jnp

from parameters import Param
from surfaces.base import Domain, Scalar, Surface, of_xy
from surfaces.smooth import guarded_abs, guarded_sqrt


class RavineParams(NamedTuple):
    """How narrow the ravine is, and how it lies to the axes."""

    kappa: Annotated[
        Scalar,
        Param(
            symbol=r"\kappa",
            label="Condition number",
            low=1.0,
            high=1000.0,
            scale="log",
            meaning="How many times steeper the walls curve than the floor.",
        ),
    ] = 30.0
    angle: Annotated[
        Scalar,
        Param(
            symbol=r"\theta",
            label="Rotation (°)",
            low=-90.0,
            high=90.0,
            scale="linear",
            meaning="Turns the ravine against the axes that AdaGrad, RMSProp and "
            "Adam scale one by one.",
        ),
    ] = 0.0


def _fastest(params: RavineParams) -> dict[str, float]:
    """What is fastest at its slowest, for curvatures 1 and kappa.

    Source: Y. Nesterov, Lectures on Convex Optimization (2018), sections 2.1.5 and
    2.2.1; B. T. Polyak, USSR Comp. Math. 4 (1964) 1-17.
    """
    kappa, root = params.kappa, math.sqrt(params.kappa)
    values = {
        "gradient_descent": 2 / (1 + kappa),
        "momentum": 4 / (1 + root) ** 2,
        "momentum.beta": ((root - 1) / (root + 1)) ** 2,
        "nesterov": 1 / kappa,
        "nesterov.beta": (root - 1) / (root + 1),
    }
    return {name: _rounded_down(value) for name, value in values.items()}


def _rounded_down(value: float) -> float:
    """A number to three digits, and not above it: beyond these rates it diverges."""
    if value == 0.0:
        return 0.0
    digits = 2 - math.floor(math.log10(value))
    return round(math.floor(value * 10**digits * (1 + 1e-12)) / 10**digits, digits)


RAVINE = Surface(
    key="ravine",
    label="Ravine",
    family="Ravines",
    formula="1/2 (u^2 + kappa v^2) "
    "where u = x cos(t) + y sin(t), v = y cos(t) - x sin(t), t = pi/180 angle",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(-1.7, 1.2),
    teaches="One rate for two curvatures: the largest that the walls allow is small "
    "for the floor. Momentum makes up for it.",
    source="I. Goodfellow, Y. Bengio, A. Courville, Deep Learning (2016), "
    "section 4.3.1.",
    minima=((0.0, 0.0),),
    color_scale="log",
    steps=200,
    learning_rates={
        "gradient_descent": 0.0645,
        "momentum": 0.0953,
        "adagrad": 0.4,
        "rmsprop": 0.02,
        "adam": 0.1,
    },
    theory=_fastest,
    params=RavineParams(),
)

BUKIN = Surface(
    key="bukin",
    label="Bukin N.6",
    family="Ravines",
    formula="100sqrt(|y - 0.01x^2|) + 0.01|x + 10|",
    # With 100 under the root, the minimizer is on the kink without rounding.
    loss=of_xy(
        lambda x, y: (
            10 * guarded_sqrt(jnp.abs(100 * y - x**2)) + 0.01 * guarded_abs(x + 10)
        )
    ),
    domain=Domain(-15.0, -5.0, -3.0, 3.0),
    start=(-6.0, 2.0),
    teaches="The closer to the crease, the steeper the walls: at a fixed rate, every "
    "run jumps from wall to wall.",
    source="A. D. Bukin, New Minimization Strategy for Non-Smooth Functions, Budker "
    "Institute of Nuclear Physics preprint 97-79 (1997).",
    minima=((-10.0, 1.0),),
    smooth=False,
    color_scale="log",
    steps=500,
    learning_rates={
        "gradient_descent": 0.0005,
        "momentum": 0.0002,
        "adagrad": 0.2,
        "rmsprop": 0.05,
        "adam": 0.1,
    },
)
