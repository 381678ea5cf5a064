"""Surfaces with several minima: where a run ends depends on where it starts."""

from surfaces.base import Domain, Surface, of_xy

HIMMELBLAU = Surface(
    key="himmelblau",
    label="Himmelblau",
    family="Many minima",
    formula=r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    loss=of_xy(lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2),
    domain=Domain(-5.0, 5.0, -5.0, 5.0),
    start=(0.2, 4.2),
    teaches="Four equal minima: the same start, and not the same end.",
    source="D. M. Himmelblau, Applied Nonlinear Programming (1972); critical points "
    "refined to float64 by Newton's method.",
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    ),
    saddles=(
        (3.385154183607021, 0.0738518798377493),
        (0.08667750455539636, 2.8842547011747763),
        (-3.0730257507643897, -0.08135304428796751),
        (-0.12796134673068005, -1.9537149802445766),
    ),
    level="log",
    steps=200,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.005,
        "adagrad": 0.2,
        "rmsprop": 0.02,
        "adam": 0.05,
    },
)
