"""Analytic loss surfaces of two variables, and of x alone.

Example:
    >>> from surfaces import SURFACES
    >>> SURFACES["rosenbrock"].minima
    ((1.0, 1.0),)

A new surface is one entry in a file of a family and one name in `SURFACES`.
"""

from parameters import NoParams, Param, params, plain_number, switch
from surfaces.base import (
    Data,
    Domain,
    Grid,
    Loss,
    Point,
    Scalar,
    Surface,
    l2_of,
    of_xy,
    sample,
    slope_and_hessian,
)
from surfaces.bowls import BOOTH, ELLIPTIC_BOWL, MATYAS
from surfaces.data import (
    HINGE,
    LINEAR_REGRESSION,
    LOGISTIC_REGRESSION,
    TINY_NETWORK,
)
from surfaces.formula import Expression, FormulaError, parse_declared
from surfaces.formula import parse as parse_formula
from surfaces.multimodal import (
    ACKLEY,
    GRIEWANK,
    HILLS,
    HIMMELBLAU,
    LEVY,
    MCCORMICK,
    RASTRIGIN,
    SIX_HUMP_CAMEL,
    STYBLINSKI_TANG,
    THREE_HUMP_CAMEL,
    TWO_WELLS,
)
from surfaces.one_variable import (
    ABSOLUTE_VALUE,
    DOUBLE_WELL,
    FLAT_POINT,
    GROWING_WAVES,
    HUBER,
)
from surfaces.own_data import data_surface
from surfaces.own_grid import grid_surface
from surfaces.penalty import regularized
from surfaces.plateaus import EASOM, PLATEAU
from surfaces.ravines import BUKIN, RAVINE
from surfaces.registry import registry
from surfaces.saddles import MONKEY_SADDLE, SADDLE, SINE_SADDLE
from surfaces.typed import parse_range, typed_surface
from surfaces.valleys import BEALE, FLAT_VALLEY, GOLDSTEIN_PRICE, ROSENBROCK

SURFACES: dict[str, Surface] = registry(
    (
        ELLIPTIC_BOWL,
        BOOTH,
        MATYAS,
        RAVINE,
        BUKIN,
        SADDLE,
        MONKEY_SADDLE,
        SINE_SADDLE,
        ROSENBROCK,
        BEALE,
        GOLDSTEIN_PRICE,
        FLAT_VALLEY,
        HIMMELBLAU,
        TWO_WELLS,
        HILLS,
        RASTRIGIN,
        ACKLEY,
        THREE_HUMP_CAMEL,
        SIX_HUMP_CAMEL,
        MCCORMICK,
        STYBLINSKI_TANG,
        LEVY,
        GRIEWANK,
        PLATEAU,
        EASOM,
        DOUBLE_WELL,
        FLAT_POINT,
        GROWING_WAVES,
        ABSOLUTE_VALUE,
        HUBER,
        LINEAR_REGRESSION,
        LOGISTIC_REGRESSION,
        HINGE,
        TINY_NETWORK,
    )
)

__all__ = [
    "SURFACES",
    "Data",
    "Domain",
    "Expression",
    "FormulaError",
    "Grid",
    "Loss",
    "NoParams",
    "Param",
    "Point",
    "Scalar",
    "Surface",
    "data_surface",
    "grid_surface",
    "l2_of",
    "of_xy",
    "params",
    "parse_declared",
    "parse_formula",
    "parse_range",
    "plain_number",
    "registry",
    "regularized",
    "sample",
    "slope_and_hessian",
    "switch",
    "typed_surface",
]
