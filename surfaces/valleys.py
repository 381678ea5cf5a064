"""Surfaces whose minimum lies at the end of a long, curved or flat valley."""

from surfaces.base import Domain, Surface, of_xy

ROSENBROCK = Surface(
    key="rosenbrock",
    label="Rosenbrock",
    family="Valleys",
    formula=r"(1 - x)^2 + 100\,(y - x^2)^2",
    loss=of_xy(lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2),
    domain=Domain(-2.0, 2.0, -1.0, 3.0),
    start=(-1.2, 1.0),
    teaches="Falling into the bent valley is easy; following it to the minimum is not.",
    source="H. H. Rosenbrock, The Computer Journal 3 (1960) 175-184.",
    minima=((1.0, 1.0),),
    level="log",
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
    formula=r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
    loss=of_xy(
        lambda x, y: (
            (1.5 - x + x * y) ** 2
            + (2.25 - x + x * y**2) ** 2
            + (2.625 - x + x * y**3) ** 2
        )
    ),
    domain=Domain(-4.5, 4.5, -4.5, 4.5),
    start=(-1.0, -1.5),
    teaches="Cliffs around a plateau: a rate fit for one is hopeless on the other.",
    source="E. M. L. Beale, On an iterative method for finding a local minimum of a "
    "function of more than one variable (1958); minimizer as in J. J. More, B. S. "
    "Garbow, K. E. Hillstrom, ACM Trans. Math. Software 7 (1981) 17-41, problem 5.",
    minima=((3.0, 0.5),),
    saddles=((0.0, 1.0), (0.10053793732415835, -2.644513585023125)),
    level="log",
    steps=500,
    learning_rates={
        "gradient_descent": 0.01,
        "momentum": 0.005,
        "adagrad": 0.5,
        "rmsprop": 0.01,
        "adam": 0.2,
    },
)
