"""Surfaces with several minima: where a run ends depends on where it starts."""

import math

import jax.numpy as jnp

from surfaces.base import Domain, Surface, of_xy
from surfaces.smooth import guarded_sqrt

HIMMELBLAU = Surface(
    key="himmelblau",
    label="Himmelblau",
    family="Many minima",
    formula="(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    domain=Domain(-5.0, 5.0, -5.0, 5.0),
    start=(0.2, 4.2),
    teaches="Four equally deep minima: same start, different ends.",
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
    maxima=((-0.2708445906673476, -0.9230385564799816),),
    color_scale="log",
    steps=200,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.005,
        "adagrad": 0.2,
        "rmsprop": 0.02,
        "adam": 0.05,
    },
)


TWO_WELLS = Surface(
    key="two_wells",
    label="Two wells",
    family="Many minima",
    formula="x^2 + v^2 - 2exp(-5((x - 1)^2 + v^2)) - 6exp(-5((x + 1)^2 + v^2)) "
    "where v = 1.4y",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(1.6, 1.0),
    teaches="The nearer well is shallower: only a run with enough speed crosses the "
    "saddle into the deep one.",
    source="L. Jiang, Gradient Descent Viz (2020), surface 'local minimum'; critical "
    "points refined to float64 by Newton's method.",
    minima=((-0.9675774464554597, 0.0), (0.9053178606008483, 0.0)),
    saddles=((0.12025036405942183, 0.0),),
    steps=200,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.01,
        "adagrad": 0.3,
        "rmsprop": 0.02,
        "adam": 0.1,
    },
)


HILLS = Surface(
    key="hills",
    label="Hills",
    family="Many minima",
    formula="x^2 + v^2 + 2exp(-5((x - 1)^2 + v^2)) + 6exp(-5((x + 1)^2 + v^2)) "
    "- 2exp(-5((x - 1)^2 + (v + 1)^2)) where v = 1.4y",
    domain=Domain(-2.0, 2.0, -2.0, 2.0),
    start=(-1.9, 0.3),
    teaches="Behind the hill lies a shallow hollow: most runs stop there; one with "
    "enough speed reaches the deeper one.",
    source="L. Jiang, Gradient Descent Viz (2020), surface 'hills'; critical points "
    "refined to float64 by Newton's method.",
    minima=(
        (0.9003065222993073, -0.6534011583039486),
        (0.04150712569956181, -0.0006403776376543042),
    ),
    saddles=(
        (0.4582929737230109, -0.44998075616155375),
        (1.4852458636525214, 0.0065611916934556124),
        (-1.71027297234088, 3.829141752254398e-18),
    ),
    maxima=(
        (1.1215460775056234, 0.0050603856635397125),
        (-1.0346981883783095, 1.709297730342667e-12),
    ),
    steps=200,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.02,
        "adagrad": 0.2,
        "rmsprop": 0.02,
        "adam": 0.1,
    },
)

RASTRIGIN = Surface(
    key="rastrigin",
    label="Rastrigin",
    family="Many minima",
    formula="20 + (x^2 - 10cos(2pi x)) + (y^2 - 10cos(2pi y))",
    domain=Domain(-5.12, 5.12, -5.12, 5.12),
    start=(-3.4, 2.4),
    teaches="A bowl from afar, 121 dimples up close: small steps are trapped in the "
    "first one, large ones jump from one to the next.",
    source="L. A. Rastrigin, Systems of Extremal Control (1974); H. Mühlenbein, "
    "D. Schomisch, J. Born, Parallel Computing 17 (1991) 619-632.",
    minima=((0.0, 0.0),),
    lists_all_critical_points=False,
    steps=300,
    learning_rates={
        "gradient_descent": 0.001,
        "momentum": 0.005,
        "adagrad": 1.0,
        "rmsprop": 0.02,
        "adam": 0.8,
    },
)


@of_xy
def _ackley(x, y):
    # 20 (1 - e^a) and e - e^b, written so that nothing is lost near the minimum. At
    # the cusp there the slope is 0.
    bowl = -20 * jnp.expm1(-0.2 * guarded_sqrt((x**2 + y**2) / 2))
    ripple = (jnp.cos(2 * jnp.pi * x) + jnp.cos(2 * jnp.pi * y)) / 2
    return bowl - jnp.e * jnp.expm1(ripple - 1)


ACKLEY = Surface(
    key="ackley",
    label="Ackley",
    family="Many minima",
    formula="20 + e - 20exp(-0.2sqrt((x^2 + y^2)/2)) "
    "- exp((cos(2pi x) + cos(2pi y))/2)",
    loss=_ackley,
    domain=Domain(-32.768, 32.768, -32.768, 32.768),
    view=Domain(-5.0, 5.0, -5.0, 5.0),
    start=(-3.4, 2.7),
    teaches="A rippled funnel: far out the ripples dominate; only optimizers that "
    "step over them find the hole.",
    source="D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing (1987).",
    minima=((0.0, 0.0),),
    lists_all_critical_points=False,
    smooth=False,
    steps=300,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.05,
        "adagrad": 2.0,
        "rmsprop": 0.02,
        "adam": 1.0,
    },
)

THREE_HUMP_CAMEL = Surface(
    key="three_hump_camel",
    label="Three-hump camel",
    family="Many minima",
    formula="2x^2 - 1.05x^4 + x^6/6 + x y + y^2",
    domain=Domain(-5.0, 5.0, -5.0, 5.0),
    start=(-2.6, 4.0),
    teaches="Three minima in a row behind steep walls: the lowest lies in the middle, "
    "and a cautious run is trapped before reaching it.",
    source="M. Jamil, X.-S. Yang, A literature survey of benchmark functions for "
    "global optimization problems, Int. J. Mathematical Modelling and Numerical "
    "Optimisation 4 (2013) 150-194; critical points refined to float64 by Newton's "
    "method.",
    minima=(
        (0.0, 0.0),
        (-1.7475523458302888, 0.8737761729151444),
        (1.7475523458302888, -0.8737761729151444),
    ),
    saddles=(
        (-1.07054229182366, 0.53527114591183),
        (1.07054229182366, -0.53527114591183),
    ),
    color_scale="log",
    steps=200,
    learning_rates={
        "gradient_descent": 0.02,
        "momentum": 0.005,
        "adagrad": 0.5,
        "rmsprop": 0.02,
        "adam": 0.5,
    },
)

SIX_HUMP_CAMEL = Surface(
    key="six_hump_camel",
    label="Six-hump camel",
    family="Many minima",
    formula="(4 - 2.1x^2 + x^4/3) x^2 + x y + (4y^2 - 4) y^2",
    domain=Domain(-3.0, 3.0, -2.0, 2.0),
    start=(-2.6, 1.5),
    teaches="Six minima, two of them lowest: the speed gained on the wall decides "
    "which one a run reaches.",
    source="L. C. W. Dixon, G. P. Szegö, Towards Global Optimisation 2 (1978); "
    "critical points refined to float64 by Newton's method.",
    minima=(
        (0.08984201310031806, -0.7126564030207396),
        (-0.08984201310031806, 0.7126564030207396),
        (1.703606714969981, -0.7960835686726251),
        (-1.703606714969981, 0.7960835686726251),
        (1.6071047529201972, 0.5686514548841314),
        (-1.6071047529201972, -0.5686514548841314),
    ),
    saddles=(
        (0.0, 0.0),
        (1.1092053368047865, -0.7682680925095399),
        (-1.1092053368047865, 0.7682680925095399),
        (1.6380679841897785, 0.22867406904439408),
        (-1.6380679841897785, -0.22867406904439408),
        (1.2960702671671092, 0.6050843880386585),
        (-1.2960702671671092, -0.6050843880386585),
    ),
    maxima=(
        (1.2302298765166524, 0.16233458445899493),
        (-1.2302298765166524, -0.16233458445899493),
    ),
    color_scale="log",
    steps=200,
    learning_rates={
        "gradient_descent": 0.005,
        "momentum": 0.002,
        "adagrad": 0.2,
        "rmsprop": 0.01,
        "adam": 0.2,
    },
)

MCCORMICK = Surface(
    key="mccormick",
    label="McCormick",
    family="Many minima",
    formula="sin(x + y) + (x - y)^2 - 1.5x + 2.5y + 1",
    domain=Domain(-1.5, 4.0, -3.0, 4.0),
    start=(3.5, -1.5),
    teaches="The start lies just below the ridge, so all runs go to the lower "
    "minimum; just above it they would go to the other.",
    source="M. Jamil, X.-S. Yang, A literature survey of benchmark functions for "
    "global optimization problems, Int. J. Mathematical Modelling and Numerical "
    "Optimisation 4 (2013) 150-194. The slope vanishes where x - y = 1 and "
    "cos(x + y) = -1/2.",
    minima=(
        (0.5 - math.pi / 3, -0.5 - math.pi / 3),
        (0.5 + 2 * math.pi / 3, -0.5 + 2 * math.pi / 3),
    ),
    saddles=((0.5 + math.pi / 3, -0.5 + math.pi / 3),),
    steps=200,
    learning_rates={
        "gradient_descent": 0.05,
        "momentum": 0.02,
        "adagrad": 0.5,
        "rmsprop": 0.05,
        "adam": 0.1,
    },
)

# The roots of 4 t^3 - 32 t + 5: the left minimizer of each half, its top, the right.
_LEFT, _TOP, _RIGHT = -2.903534027771177, 0.1567312567803401, 2.746802770990837

STYBLINSKI_TANG = Surface(
    key="styblinski_tang",
    label="Styblinski-Tang",
    family="Many minima",
    formula="1/2 (x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y)",
    domain=Domain(-5.0, 5.0, -5.0, 5.0),
    start=(0.4, 4.5),
    teaches="Four wells of three depths, one in each corner: the first steps decide "
    "which one a run reaches.",
    source="M. A. Styblinski, T.-S. Tang, Experiments in nonconvex optimization, "
    "Neural Networks 3 (1990) 467-483; critical points are the roots of "
    "4t^3 - 32t + 5 in either coordinate.",
    minima=((_LEFT, _LEFT), (_LEFT, _RIGHT), (_RIGHT, _LEFT), (_RIGHT, _RIGHT)),
    saddles=((_LEFT, _TOP), (_TOP, _LEFT), (_RIGHT, _TOP), (_TOP, _RIGHT)),
    maxima=((_TOP, _TOP),),
    steps=200,
    learning_rates={
        "gradient_descent": 0.01,
        "momentum": 0.005,
        "adagrad": 0.5,
        "rmsprop": 0.05,
        "adam": 0.2,
    },
)


LEVY = Surface(
    key="levy",
    label="Levy",
    family="Many minima",
    formula="sin(pi u)^2 + (u - 1)^2 (1 + 10sin(pi u + 1)^2) "
    "+ (v - 1)^2 (1 + sin(2pi v)^2) where u = 1 + (x - 1)/4, v = 1 + (y - 1)/4",
    domain=Domain(-10.0, 10.0, -10.0, 10.0),
    start=(-6.0, -8.0),
    teaches="Parallel troughs bar the way: crossing them takes speed, but too much "
    "overshoots the lowest.",
    source="A. V. Levy, A. Montalvo, The tunneling algorithm for the global "
    "minimization of functions, SIAM J. Sci. Stat. Comput. 6 (1985) 15-29; in the "
    "form of M. Laguna, R. Marti, J. Global Optimization 33 (2005) 235-255.",
    minima=((1.0, 1.0),),
    lists_all_critical_points=False,
    steps=300,
    learning_rates={
        "gradient_descent": 0.05,
        "momentum": 0.05,
        "adagrad": 2.0,
        "rmsprop": 0.05,
        "adam": 1.0,
    },
)

GRIEWANK = Surface(
    key="griewank",
    label="Griewank",
    family="Many minima",
    formula="1 + (x^2 + y^2)/4000 - cos(x) cos(y/sqrt(2))",
    domain=Domain(-600.0, 600.0, -600.0, 600.0),
    view=Domain(-30.0, 30.0, -30.0, 30.0),
    start=(-24.0, 20.0),
    teaches="A bowl from afar, an egg box up close: each dimple looks as deep as the "
    "next, and a run stays in one of the first.",
    source="A. O. Griewank, Generalized descent for global optimization, J. "
    "Optimization Theory and Applications 34 (1981) 11-39.",
    minima=((0.0, 0.0),),
    lists_all_critical_points=False,
    steps=300,
    learning_rates={
        "gradient_descent": 1.0,
        "momentum": 1.0,
        "adagrad": 4.0,
        "rmsprop": 0.5,
        "adam": 3.0,
    },
)
