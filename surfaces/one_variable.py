"""Losses of x alone, seen as curves: the same for every y, so that minima are lines.

A place on such a line is written with the y in the middle of its domain.
"""

import math
from typing import Annotated, NamedTuple

from parameters import Param
from surfaces.base import Domain, Scalar, Surface
from surfaces.declared import Places


class DoubleWellParams(NamedTuple):
    """How far the two wells are from being equal."""

    tilt: Annotated[
        Scalar,
        Param(
            "t", "Tilt", 0.0, 1.0, "linear", "Lowers the left well, lifts the right."
        ),
    ] = 0.3


def _level(params: DoubleWellParams) -> tuple[float, ...]:
    """Where 4x^3 - 4x + t is zero, from left to right: by F. Viete's cosines."""
    tilt = float(params.tilt)
    turn = math.acos(-3 * math.sqrt(3) / 8 * tilt) / 3
    turns = (turn - k * 2 * math.pi / 3 for k in (2, 1, 0))
    places = (2 / math.sqrt(3) * math.cos(each) for each in turns)
    # A step of Newton's method takes the rounding of the cosines away.
    return tuple(x - (4 * x**3 - 4 * x + tilt) / (12 * x**2 - 4) for x in places)


def _bottoms(params: DoubleWellParams) -> Places:
    left, _, right = _level(params)
    return (left, 0.0), (right, 0.0)


def _top(params: DoubleWellParams) -> Places:
    return ((_level(params)[1], 0.0),)


DOUBLE_WELL = Surface(
    key="double_well",
    label="Double well",
    family="One variable",
    formula="(x^2 - 1)^2 + tilt x",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(1.7, 0.0),
    teaches="The start is in the higher well: speed, or one long step, carries a run "
    "over the hump into the lower one.",
    source="S. H. Strogatz, Nonlinear Dynamics and Chaos (1994), example 2.7.2: a "
    "quarter of this without the tilt, and lower by 1/4.",
    minima=_bottoms,
    maxima=_top,
    steps=120,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.01,
        "adagrad": 0.2,
        "rmsprop": 0.02,
        "adam": 0.1,
    },
    params=DoubleWellParams(),
)

FLAT_POINT = Surface(
    key="flat_point",
    label="Flat point",
    family="One variable",
    formula="x^4 - 3x^3 + 2",
    domain=Domain(-1.5, 3.5, -2.5, 2.5),
    start=(-1.2, 0.0),
    teaches="At x = 0 the slope is zero, and it is no minimum: short steps along the "
    "slope die away there, and speed carries a run past.",
    source="The example that Wikipedia's article on gradient descent long had, there "
    "from x = 6 at rate 0.01.",
    minima=((2.25, 0.0),),
    steps=150,
    learning_rates={
        "gradient_descent": 0.01,
        "momentum": 0.004,
        "adagrad": 0.2,
        "rmsprop": 0.02,
        "adam": 0.1,
    },
)

_U = 3.425618459481728, 0.8603335890193798
"""Where cot u = u: the slope of x cos(c x) is zero at u / c."""
_C = 0.15 * math.pi

GROWING_WAVES = Surface(
    key="growing_waves",
    label="Growing waves",
    family="One variable",
    formula="x cos(0.15 pi x)",
    domain=Domain(-10.0, 10.0, -10.0, 10.0),
    start=(10.0, 0.0),
    teaches="From x = 10 a rate of 2 leaps over the lower minimum and ends in the "
    "higher: a larger rate leads elsewhere.",
    source="A. Zhang, Z. C. Lipton, M. Li, A. J. Smola, Dive into Deep Learning "
    "(2023), section 12.3.1, there at rate 2.",
    minima=((_U[0] / _C, 0.0), (-_U[1] / _C, 0.0)),
    maxima=((_U[1] / _C, 0.0), (-_U[0] / _C, 0.0)),
    steps=100,
    learning_rates={
        "gradient_descent": 2.0,
        "momentum": 0.05,
        "adagrad": 0.6,
        "rmsprop": 0.1,
        "adam": 0.3,
    },
)

ABSOLUTE_VALUE = Surface(
    key="absolute_value",
    label="Absolute value",
    family="One variable",
    formula="|x|",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(-1.7, 0.0),
    teaches="The slope does not shrink towards the minimum: at a fixed rate gradient "
    "descent jumps to and fro across it, while AdaGrad's steps shrink.",
    source="The l1 penalty: S. Boyd, L. Vandenberghe, Convex Optimization (2004), "
    "section 6.1.2.",
    minima=((0.0, 0.0),),
    smooth=False,
    steps=100,
    learning_rates={
        "gradient_descent": 0.07,
        "momentum": 0.02,
        "adagrad": 0.3,
        "rmsprop": 0.03,
        "adam": 0.05,
    },
)


class HuberParams(NamedTuple):
    """Where the parabola ends."""

    delta: Annotated[
        Scalar,
        Param(
            r"\delta",
            "Border",
            0.1,
            3.0,
            "log",
            "The loss is a parabola nearer to 0, and straight beyond.",
        ),
    ] = 1.0


HUBER = Surface(
    key="huber",
    label="Huber",
    family="One variable",
    formula="where(|x| <= delta, 1/2 x^2, delta(|x| - 1/2 delta))",
    domain=Domain(-6.0, 6.0, -6.0, 6.0),
    start=(5.0, 0.0),
    teaches="Straight far off and a parabola near 0: the steps of gradient descent are "
    "all of one length, until in the parabola they shrink.",
    source="P. J. Huber, Robust Estimation of a Location Parameter, Annals of "
    "Mathematical Statistics 35 (1964) 73-101.",
    minima=((0.0, 0.0),),
    steps=100,
    learning_rates={
        "gradient_descent": 0.5,
        "momentum": 0.1,
        "adagrad": 1.0,
        "rmsprop": 0.1,
        "adam": 0.3,
    },
    params=HuberParams(),
)
