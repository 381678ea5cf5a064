"""Surfaces whose minimum lies at the end of a long, curved or flat valley."""

from surfaces.base import Domain, Surface

ROSENBROCK = Surface(
    key="rosenbrock",
    label="Rosenbrock",
    family="Valleys",
    formula="(1 - x)^2 + 100(y - x^2)^2",
    domain=Domain(-2.0, 2.0, -1.0, 3.0),
    start=(-1.2, 1.0),
    teaches="Reaching the curved valley is easy; following it to the minimum is not.",
    source="H. H. Rosenbrock, The Computer Journal 3 (1960) 175-184.",
    minima=((1.0, 1.0),),
    color_scale="log",
    steps=800,
    learning_rates={
        "gradient_descent": 0.001,
        "momentum": 0.001,
        "adagrad": 0.5,
        "rmsprop": 0.005,
        "adam": 0.2,
    },
)

BEALE = Surface(
    key="beale",
    label="Beale",
    family="Valleys",
    formula="(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2",
    domain=Domain(-4.5, 4.5, -4.5, 4.5),
    start=(-1.0, -1.5),
    teaches="Cliffs around a plateau: a rate that suits one is hopeless on the other.",
    source="E. M. L. Beale, On an iterative method for finding a local minimum of a "
    "function of more than one variable (1958); minimizer as in J. J. More, B. S. "
    "Garbow, K. E. Hillstrom, ACM Trans. Math. Software 7 (1981) 17-41, problem 5.",
    minima=((3.0, 0.5),),
    saddles=((0.0, 1.0), (0.10053793732415835, -2.644513585023125)),
    color_scale="log",
    steps=500,
    learning_rates={
        "gradient_descent": 0.01,
        "momentum": 0.005,
        "adagrad": 0.5,
        "rmsprop": 0.01,
        "adam": 0.2,
    },
)


GOLDSTEIN_PRICE = Surface(
    key="goldstein_price",
    label="Goldstein-Price",
    family="Valleys",
    formula="(1 + (x + y + 1)^2 (19 - 14x + 3x^2 - 14y + 6x y + 3y^2))"
    "(30 + (2x - 3y)^2 (18 - 32x + 12x^2 + 48y - 36x y + 27y^2))",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(-0.5, 0.5),
    teaches="Losses from 3 to a million: gradient descent survives the walls only at "
    "tiny rates, and which of the four minima it reaches depends on the rate.",
    source="A. A. Goldstein, J. F. Price, On descent from local minima, Mathematics of "
    "Computation 25 (1971) 569-574.",
    minima=((0.0, -1.0), (-0.6, -0.4), (1.8, 0.2), (1.2, 0.8)),
    saddles=((-0.4, -0.6), (1.2, -0.2), (1.4, 0.6), (0.6, 0.4)),
    maxima=((0.8, 0.2),),
    color_scale="log",
    steps=500,
    learning_rates={
        "gradient_descent": 1e-05,
        "momentum": 1e-05,
        "adagrad": 1.0,
        "rmsprop": 0.005,
        "adam": 0.1,
    },
)

FLAT_VALLEY = Surface(
    key="flat_valley",
    label="Flat valley",
    family="Valleys",
    formula="(x y - 1)^2",
    domain=Domain(-3.0, 3.0, -3.0, 3.0),
    start=(-0.6, 2.6),
    teaches="Every point of xy = 1 is a minimum; the crosses mark the two where it is "
    "flattest. Watch where on the curve each rule ends, and how a large rate is "
    "thrown towards a cross.",
    source="The linear network with one unit a layer: P. Baldi, K. Hornik, Neural "
    "networks and principal component analysis, Neural Networks 2 (1989) 53-58.",
    minima=((1.0, 1.0), (-1.0, -1.0)),
    saddles=((0.0, 0.0),),
    lists_all_critical_points=False,
    color_scale="log",
    steps=300,
    learning_rates={
        "gradient_descent": 0.1,
        "momentum": 0.01,
        "adagrad": 1.0,
        "rmsprop": 0.02,
        "adam": 0.1,
    },
)
