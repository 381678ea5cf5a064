"""Surfaces with one minimum and nothing else: what differs is how they curve."""

from surfaces.base import Domain, Surface

ELLIPTIC_BOWL = Surface(
    key="elliptic_bowl",
    label="Elliptic bowl",
    family="Bowls",
    formula="-exp(-(u^2 + 5v^2)) + u^2 + 1/2 v^2 where u = x/2, v = y/2",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(-1.7, 1.6),
    teaches="The dip is steepest along the bowl's flat direction, so paths bend.",
    source="L. Jiang, Gradient Descent Viz (2020), surface 'ecliptic bowl'.",
    minima=((0.0, 0.0),),
    steps=120,
    learning_rates={
        "gradient_descent": 0.3,
        "momentum": 0.05,
        "adagrad": 0.4,
        "rmsprop": 0.03,
        "adam": 0.1,
    },
)

BOOTH = Surface(
    key="booth",
    label="Booth",
    family="Bowls",
    formula="(x + 2y - 7)^2 + (2x + y - 5)^2",
    domain=Domain(-10.0, 10.0, -10.0, 10.0),
    start=(-8.0, 6.0),
    teaches="A bowl nine times as curved across its diagonal as along it: AdaGrad, "
    "RMSProp and Adam scale x and y separately, which cannot correct that.",
    source="M. Jamil, X.-S. Yang, A literature survey of benchmark functions for "
    "global optimization problems, Int. J. Mathematical Modelling and Numerical "
    "Optimisation 4 (2013) 150-194.",
    minima=((1.0, 3.0),),
    color_scale="log",
    steps=150,
    learning_rates={
        "gradient_descent": 0.05,
        "momentum": 0.01,
        "adagrad": 2.0,
        "rmsprop": 0.2,
        "adam": 0.5,
    },
)

MATYAS = Surface(
    key="matyas",
    label="Matyas",
    family="Bowls",
    formula="0.26(x^2 + y^2) - 0.48x y",
    domain=Domain(-10.0, 10.0, -10.0, 10.0),
    start=(-9.0, 3.0),
    teaches="A trough along the diagonal, 25 times flatter than its walls, which "
    "per-axis scaling cannot exploit.",
    source="M. Jamil, X.-S. Yang, A literature survey of benchmark functions for "
    "global optimization problems, Int. J. Mathematical Modelling and Numerical "
    "Optimisation 4 (2013) 150-194.",
    minima=((0.0, 0.0),),
    color_scale="log",
    steps=200,
    learning_rates={
        "gradient_descent": 1.0,
        "momentum": 0.3,
        "adagrad": 2.0,
        "rmsprop": 0.2,
        "adam": 0.5,
    },
)
