"""What is descended: a loss of two variables, or of x alone, and what is known of it.

A point is an array of shape (2,), x then y. Losses, gradients and grids are
float64 throughout; importing this package turns on JAX's 64-bit mode.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jaxtyping import Array, Float

from parameters import NoParams
from surfaces.compiled import ArrayLoss, Compiled
from surfaces.declared import (
    Derived,
    Places,
    are_all,
    follow_params,
    formula_loss,
    loss,
    places,
    plain,
    rates,
)
from surfaces.domain import Domain
from surfaces.formula import Expression
from surfaces.look import FIVE, slope_from, suggested_rates

jax.config.update("jax_enable_x64", True)

MOST_SAMPLES = 200
"""Samples that minibatches are taken of, at most."""

Point = Float[Array, "2"]
Scalar = Float[Array, ""] | float
Loss = Callable[[Point], Float[Array, ""]]


@dataclass(frozen=True, eq=False)
class Data:
    """The samples a surface is made of, and the model whose two weights are the point.

    Attributes:
        x: The inputs, shape (n,), or (2, n) where each sample has two.
        y: The targets, shape (n,).
        model: The key of the model, by which a picture knows its curve.
        predict: What the model says: from a point and inputs to outputs.
        axes: What the columns of x and y are, in a word each.
    """

    x: np.ndarray
    y: np.ndarray
    model: str
    predict: Callable[[Any, Any], Any]
    axes: tuple[str, ...] = ("x", "y")

    @property
    def size(self) -> int:
        """The number of samples."""
        return len(self.y)


LossFromParams = Callable[[Any, Point], Float[Array, ""]]
Rates = Mapping[str, float]
Following = Derived[Places | Callable[[Any], Places], Places]


@dataclass(frozen=True, eq=False, kw_only=True)
class Surface:
    """A loss f: R^2 -> R with its metadata; its formula may name x alone.

    Minima, saddles, maxima and learning rates may each be a function of the parameters.
    They are what it gives for `params`, in every surface that is made of this one.

    Attributes:
        key: Its name in `SURFACES`, in addresses and in tests.
        label: Its name for a person.
        family: The group it is listed in.
        formula: f, in the language of formula.py, of x, y and the parameters.
        loss: f in Python, of the parameters and a point (see `of_xy`), where the
            formula as it is written loses digits, or where there is none.
        notation: f in LaTeX, where the language has no words for it.
        domain: The rectangle it is published on.
        start: The first iterate unless the user chooses another.
        teaches: One sentence: what to watch for.
        source: Where formula, domain and critical points are published.
        minima: Every local minimizer in the domain, as (x, y).
        saddles: Every saddle point in the domain, as (x, y).
        maxima: Every local maximizer in the domain, as (x, y).
        lists_all_critical_points: Whether those are all; else only the global
            minimizers are given.
        found: Whether they were searched for (critical.py), so that there may be more.
        bounded: Whether nothing in the domain is lower than the lowest minimizer.
        smooth: Whether the gradient is continuous everywhere in the domain.
        view: The part of the domain where its structure can be seen, if not all.
        color_scale: How losses become colours: "log" for surfaces that span magnitudes
            above their minimum, else "linear".
        learning_rates: By optimizer key, the rates that show best what it teaches.
            Others follow from the slopes in the domain.
        theory: From the parameters, what theory recommends instead: learning rates by
            optimizer key, other hyperparameters as "momentum.beta".
        steps: The number of steps that shows best what it teaches.
        params: The values of its own parameters, a NamedTuple of `Param` fields.
        l2: Lambda of the penalty lambda / 2 (x^2 + y^2) that is added to the loss.
        data: What the loss is a mean over; None for an analytic surface. The loss
            then also takes `weights`, one a sample, to be a minibatch's.
        period: After how many steps the loss of a step comes again, where each has its
            own; None if all have the same. The loss is then their mean, and takes
            `weights`, one a step of a period.
        path: Points that a run elsewhere went through, for pictures to show.
    """

    key: str
    label: str
    family: str
    formula: str = ""
    loss: Derived[LossFromParams | None, LossFromParams] = Derived(loss, None)
    notation: str = ""
    domain: Domain
    start: tuple[float, float]
    teaches: str
    source: str
    minima: Following = Derived(places, ())
    saddles: Following = Derived(places, ())
    maxima: Following = Derived(places, ())
    lists_all_critical_points: bool = True
    found: bool = False
    bounded: bool = True
    smooth: bool = True
    view: Domain | None = None
    color_scale: Literal["linear", "log"] = "linear"
    learning_rates: Derived[Rates | Callable[[Any], Rates] | None, Rates] = Derived(
        rates, None
    )
    theory: Callable[[Any], Mapping[str, float]] | None = None
    steps: int = 500
    params: Any = field(default_factory=NoParams)
    l2: float = 0.0
    data: Data | None = None
    period: int | None = None
    path: Float[np.ndarray, "n 2"] = field(default_factory=lambda: np.empty((0, 2)))

    @cached_property
    def fn(self) -> Loss:
        """The loss as a function of the point alone.

        The parameters travel as leaves of a pytree, so compiled code takes them as
        arguments: changing one, or the penalty, never recompiles.
        """
        return loss_of(self.loss, self.params, self.l2)

    @property
    def expression(self) -> Expression | None:
        """The formula as it was read; None where the loss is a function in Python."""
        return getattr(self.loss, "expression", None)

    @cached_property
    def variables(self) -> int:
        """How many variables the loss has: 1 of a formula of x alone, else 2.

        With one, each minimum is a line, the same for every y: a place then stands for
        all of its line, and how far it is away is said by x.
        """
        words = self.expression.words if self.expression else ()
        of_x_alone = "x" in words and "y" not in words
        return 1 if of_x_alone and not (self.l2 or self.period) else 2

    @cached_property
    def latex(self) -> str:
        """The formula in LaTeX."""
        if self.notation or not self.formula:
            return self.notation
        return formula_loss(self.formula, type(self.params)).expression.latex

    @cached_property
    def recommended(self) -> Rates:
        """Learning rates by optimizer key, and what theory says for its parameters."""
        declared = {**self.learning_rates, **self.recommended_by_params}
        return declared if FIVE <= declared.keys() else self._suggested | declared

    @cached_property
    def recommended_by_params(self) -> Rates:
        """Of what is recommended, all that follows the parameters."""
        rates = self.learning_rates if follow_params(self.learning_rates) else {}
        return {**rates, **(self.theory(plain(self.params)) if self.theory else {})}

    @cached_property
    def _suggested(self) -> dict[str, float]:
        """Rates that suit the slopes, whatever the parameters are set to."""
        fn = loss_of(self.loss, type(self.params)(), self.l2)
        slope = slope_from(
            lambda x, y: np.asarray(losses_at(fn, np.stack([x, y], axis=-1))),
            self.domain,
            self.start,
        )
        return suggested_rates(slope, self.domain.diagonal)

    @property
    def samples(self) -> int | None:
        """How many samples, or steps of a period, a step may take some of."""
        return self.period if self.data is None else self.sampled

    @property
    def sampled(self) -> int | None:
        """How many samples minibatches are taken of.

        None where there are none, and of more than `MOST_SAMPLES`: what each step takes
        of them would not fit into the memory.
        """
        return self.data.size if self.data and self.data.size <= MOST_SAMPLES else None

    @cached_property
    def view_domain(self) -> Domain:
        """The rectangle that pictures show."""
        return self.view or self.domain

    @cached_property
    def minimum_losses(self) -> tuple[float, ...]:
        """The loss at each declared minimizer."""
        return tuple(float(loss_at(self.fn, np.array(m))) for m in self.minima)

    @cached_property
    def lowest(self) -> float | None:
        """The lowest loss in the domain: a minimizer's; None if that is not known."""
        return min(self.minimum_losses, default=None) if self._bounded else None

    @property
    def base_loss(self) -> float:
        """What losses are measured from: the lowest in the domain, or 0 if unknown."""
        return self.lowest or 0.0

    @property
    def _bounded(self) -> bool:
        # A minimizer may have left the domain, and what is lowest is then not known.
        return self.bounded and are_all(self.minima)

    @cached_property
    def is_lowest(self) -> tuple[bool, ...]:
        """Whether each minimizer is the lowest in the domain, but for rounding."""
        scale = max(1.0, *map(abs, self.minimum_losses), 0.0)
        lowest = min(self.minimum_losses, default=0.0)
        return tuple(
            self._bounded and f - lowest <= 1e-9 * scale for f in self.minimum_losses
        )

    def with_params(self, **params: float) -> "Surface":
        """The same surface with some of its parameters at other values.

        Raises:
            ValueError: If the surface has no parameter of that name, or if its critical
                points were searched for, and hold for the values as they are.
        """
        if params and self.found:
            raise ValueError("set the parameters first, and regularize then")
        # Left to itself, `_replace` raises TypeError from Python 3.13 on.
        for name in params:
            if name not in self.params._fields:
                raise ValueError(f"{self.label} has no parameter named {name}")
        return replace(self, params=self.params._replace(**params))


def loss_of(loss: Callable[[Any, Point], Any], params: Any, l2: float) -> Loss:
    """A loss of the point alone: its parameters set, the penalty added."""
    params = jax.tree.map(np.float64, params)
    if isinstance(loss, ArrayLoss):
        plain = Partial(loss.of_arrays, *loss.arrays, params)
    else:
        plain = Partial(loss, params)
    return Partial(_penalized, plain, np.float64(l2))


def _penalized(
    plain: Loss, l2: Float[Array, ""], point: Point, **sampled: Any
) -> Float[Array, ""]:
    return plain(point, **sampled) + l2 / 2 * (point**2).sum()


def l2_of(loss: Loss) -> Float[Array, ""] | float:
    """Lambda of the penalty that is part of a loss; 0 if none is known of it."""
    if isinstance(loss, Partial) and loss.func is _penalized:
        return loss.args[1]
    return getattr(loss, "l2", 0.0)


def of_xy(formula: Callable[..., Float[Array, ""]]) -> Callable[[Any, Point], Any]:
    """Turns a formula of x, y and the parameters into the form `Surface.loss` takes."""

    def loss(params: Any, point: Point) -> Float[Array, ""]:
        return formula(point[0], point[1], *params)

    return loss


@Compiled
def loss_at(fn: Loss, point: Point) -> Float[Array, ""]:
    """The loss at a single point, compiled."""
    return fn(point)


@Compiled
def losses_at(fn: Loss, points: Float[Array, "n 2"]) -> Float[Array, " n"]:
    """The losses at many points, compiled."""
    return jax.vmap(fn)(points)


@Compiled
def slope_and_hessian(
    fn: Loss, point: Point
) -> tuple[Float[Array, "2"], Float[Array, "2 2"]]:
    """Gradient and second derivatives at a single point, compiled."""
    return jax.grad(fn)(point), jax.hessian(fn)(point)


@partial(Compiled, static_argnames="size")
def _grid_losses(fn: Loss, corners: Float[Array, "4"], *, size: int):
    x = jnp.linspace(corners[0], corners[1], size)
    y = jnp.linspace(corners[2], corners[3], size)
    along_x = jax.vmap(lambda a, b: fn(jnp.stack([a, b])), in_axes=(0, None))
    return x, y, jax.vmap(along_x, in_axes=(None, 0))(x, y)


class Grid(NamedTuple):
    """Losses on a regular grid: x (n,), y (n,), and z (n, n) indexed [y, x]."""

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray


def sample(
    surface: Surface,
    size: int = 151,
    weights: Float[np.ndarray, " samples"] | None = None,
) -> Grid:
    """The surface on a regular grid over its view domain, borders included.

    Args:
        surface: What to sample.
        size: Points a side.
        weights: Of the samples of a surface made of data, where not all count the same.
    """
    fn = surface.fn if weights is None else Partial(surface.fn, weights=weights)
    return Grid(
        *map(np.asarray, _grid_losses(fn, np.array(surface.view_domain), size=size))
    )
