"""Analytic loss surfaces of two variables.

Example:
    >>> from surfaces import SURFACES
    >>> SURFACES["rosenbrock"].minima
    ((1.0, 1.0),)

A new surface is one entry in a family's file and one name in `SURFACES`.
"""

from surfaces.base import Data, Domain, Grid, Loss, Point, Surface, of_xy, sample
from surfaces.multimodal import HIMMELBLAU
from surfaces.param import NoKnobs, Param, Scalar, params, switch
from surfaces.penalty import regularized
from surfaces.ravines import RAVINE
from surfaces.saddles import MONKEY_SADDLE, SADDLE
from surfaces.valleys import BEALE, ROSENBROCK

SURFACES: dict[str, Surface] = {
    surface.key: surface
    for surface in (SADDLE, MONKEY_SADDLE, RAVINE, ROSENBROCK, HIMMELBLAU, BEALE)
}

__all__ = [
    "SURFACES",
    "Data",
    "Domain",
    "Grid",
    "Loss",
    "NoKnobs",
    "Param",
    "Point",
    "Scalar",
    "Surface",
    "of_xy",
    "params",
    "regularized",
    "sample",
    "switch",
]
