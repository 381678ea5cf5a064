"""Surfaces around a saddle: flat at one point, where nothing is won by stopping."""

import math

from surfaces.base import Domain, Surface

SADDLE = Surface(
    key="saddle",
    label="Saddle",
    family="Saddles",
    formula="x^2 - y^2",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(1.6, 0.004),
    teaches="The slope vanishes at the saddle: which rule escapes first, and how?",
    source="The normal form of a nondegenerate saddle: J. Milnor, Morse Theory "
    "(1963), lemma 2.2.",
    saddles=((0.0, 0.0),),
    steps=160,
    learning_rates={
        "gradient_descent": 0.03,
        "momentum": 0.01,
        "adagrad": 0.1,
        "rmsprop": 0.02,
        "adam": 0.03,
    },
)

MONKEY_SADDLE = Surface(
    key="monkey_saddle",
    label="Monkey saddle",
    family="Saddles",
    formula="x^3 - 3x y^2",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(1.5, 0.05),
    teaches="At this saddle the curvature vanishes with the slope: even second "
    "derivatives do not show a way down.",
    source="D. Hilbert, S. Cohn-Vossen, Geometry and the Imagination (1952), "
    "section 29.",
    saddles=((0.0, 0.0),),
    steps=250,
    learning_rates={
        "gradient_descent": 0.004,
        "momentum": 0.0006,
        "adagrad": 0.1,
        "rmsprop": 0.01,
        "adam": 0.02,
    },
)

SINE_SADDLE = Surface(
    key="sine_saddle",
    label="Sine saddle",
    family="Saddles",
    formula="sin(x) + y^2",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(1.55, 1.6),
    teaches="The way to the minimum leads past a saddle: the closer a run comes to "
    "it, the less slope is left to leave by.",
    source="L. Jiang, Gradient Descent Viz (2020), surface 'saddle point'.",
    minima=((-math.pi / 2, 0.0),),
    saddles=((math.pi / 2, 0.0),),
    steps=200,
    learning_rates={
        "gradient_descent": 0.1,
        "momentum": 0.02,
        "adagrad": 0.2,
        "rmsprop": 0.02,
        "adam": 0.05,
    },
)
