"""Surfaces that are nearly level almost everywhere: little says where to go."""

import math

from surfaces.base import Domain, Surface

PLATEAU = Surface(
    key="plateau",
    label="Plateau",
    family="Plateaus",
    formula="-sin(r)/r + 0.01r^2 where r = 10sqrt(x^2 + y^2) + 0.01",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(-1.4, 1.1),
    teaches="A shelf on the way down, and a moat around the hole: which runs get "
    "through?",
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
    formula="-cos(x) cos(y) exp(-(x - pi)^2 - (y - pi)^2)",
    domain=Domain(-100.0, 100.0, -100.0, 100.0),
    view=Domain(-1.0, 7.0, -1.0, 7.0),
    start=(1.6, 4.66),
    teaches="One hole in a nearly flat plain: rules that divide by past gradients "
    "follow the faintest slope; gradient descent hardly moves, and momentum takes "
    "long to gather speed.",
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
