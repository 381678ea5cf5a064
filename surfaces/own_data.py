"""The surface of data of one's own: the mean loss of a model with two weights.

The weights are the point: the first is x of the map, the second y. Of one input they
are a slope and an intercept; of two, those of the inputs.
"""

import hashlib
import itertools
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces.base import Data, Point, Surface, loss_of
from surfaces.by_inputs import ONE, TWO, ByInputs
from surfaces.compiled import EphemeralLoss, prepare
from surfaces.critical import (
    Losses,
    compiled_losses,
    is_minimum,
    lowest_points,
    with_found,
)
from surfaces.data import mean_over
from surfaces.domain import Domain
from surfaces.fitted import box_of
from surfaces.formula import KINKED
from surfaces.look import look_at, suggested_rates
from surfaces.models import EXAMPLE, LOSSES, MODELS, Model, is_of_two, typed_model
from surfaces.program import check, gradient_seconds
from surfaces.table import Table, table_of

FARTHEST = 1e6
FEW = 200
"""Rows that are enough to choose a start and rates by."""
LONGEST_GRADIENT = 1e-4
"""Seconds that the gradient of a model which is typed may take, by estimate."""
TOGETHER = 2**19
"""Numbers that are computed together."""
_counter = itertools.count(1)


class Unfit(ValueError):
    """Data and a model that do not fit, in words that complete a sentence.

    Attributes:
        key: Of the setting that is wrong.
    """

    def __init__(self, key: str, why: str) -> None:
        """Says why."""
        super().__init__(why)
        self.key = key


@dataclass(frozen=True)
class DataLoss(EphemeralLoss):
    """The mean loss of a model on a table. The same of both is the same loss."""

    key: str
    data: Data = field(compare=False, repr=False)
    model: Model = field(compare=False, repr=False)

    def __call__(
        self, params: Any, point: Point, weights: Float[Array, " n"] | None = None
    ) -> Float[Array, ""]:
        """The mean of the samples' losses, or their sum by weights."""
        return mean_over(self.data, self._each)(params, point, weights)

    def _each(self, point: Point, x: Any, y: Any) -> Any:
        return self.model.loss(jnp, self.model.score(jnp, point[0], point[1], x), y)

    def at_many(self, every: int = 1) -> Losses:
        """The loss at many points, with nothing to compile.

        Args:
            every: Of so many rows one counts.
        """
        x, y, model = self.data.x[..., ::every], self.data.y[::every], self.model
        size = max(1, TOGETHER // len(y))

        def losses(points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
            flat = points.reshape(-1, 2)
            found = np.empty(len(flat))
            with np.errstate(all="ignore"):
                for first in range(0, len(flat), size):
                    a, b = flat[first : first + size].T[..., None]
                    each = model.loss(np, model.score(np, a, b, x), y)
                    found[first : first + size] = each.mean(axis=1)
            return found.reshape(points.shape[:-1])

        return losses


def data_surface(
    x: Any,
    y: Any,
    model: str = "line",
    domain: tuple[float, float, float, float] | None = None,
    *,
    predict: str = "",
    loss: str = "squared",
    names: tuple[str, ...] | None = None,
) -> Surface:
    """The surface of data of one's own.

    Of one input, x of the map is a slope and y an intercept. Of two inputs, x1 and x2,
    x of the map is the weight of x1 and y that of x2, and there is no intercept: centre
    the columns, or let x2 be 1 everywhere, where the data need one.

    Args:
        x: Inputs, 2 to 2,000 numbers; shape (n, 2) where there are two inputs.
        y: Targets, as many; for "logistic" and "hinge" labels, 0 and 1 or -1 and 1.
        model: "line" predicts the slope times an input plus the intercept, or the sum
            of two inputs by their weights, with half the squared error; "logistic" and
            "hinge" take the same for a score; "tanh" predicts y tanh(x inputs), or of
            two inputs tanh(x x1 + y x2); "typed" is `predict`.
        domain: Where it is looked at; by default, where its minimum lies.
        predict: For "typed", the prediction from x, or from x1 and x2, by weights a and
            b; by default `a*tanh(b*x)`, or `tanh(a*x1 + b*x2)`.
        loss: For "typed", "squared" or "logistic".
        names: What the columns of x and y are called.

    Raises:
        ValueError: In one sentence, if the data are none, or do not fit the model.
    """
    for name, text, known in (("model", model, MODELS), ("loss", loss, LOSSES)):
        if text not in known:
            listed = ", ".join(known)
            raise ValueError(f"{name} {text!r} is unknown; there are {listed}")
    return _named(table_surface(table_of(x, y, names), model, predict, loss, domain))


@lru_cache(maxsize=32)
def _named(surface: Surface) -> Surface:
    """The same surface with a key that no other has."""
    return replace(surface, key=f"data{next(_counter)}")


def fitting_model(table: Table) -> str:
    """The model that suits a table: for labels the logistic one, else a line."""
    return "logistic" if table.labels in ((0.0, 1.0), (-1.0, 1.0)) else "line"


def by_inputs_of(table: Table) -> ByInputs:
    """What depends on how many inputs a table has."""
    return TWO if table.second else ONE


def table_surface(
    table: Table,
    model: str,
    predict: str = "",
    loss: str = "squared",
    domain: tuple[float, float, float, float] | None = None,
) -> Surface:
    """The surface of a table, with a domain, a start and rates that suit it.

    The same is the same object, while it is among the latest. For its arguments, see
    `data_surface`.

    Raises:
        Unfit: If the data do not fit the model.
        FormulaError: If a model that is typed cannot be read.
    """
    typed = (EXAMPLE, "squared")
    if model == "typed":
        typed = (predict or by_inputs_of(table).example, loss)
    where = None if domain is None else Domain(*map(float, domain))
    return _surface(table, model, *typed, where)


@lru_cache(maxsize=32)
def _surface(
    table: Table, key: str, predict: str, loss: str, domain: Domain | None
) -> Surface:
    prepare()
    by_inputs = by_inputs_of(table)
    model = by_inputs.built_in.get(key) or typed_model(predict, loss)
    if model.typed and is_of_two(model.typed) != bool(table.second):
        raise Unfit("predict", f"does not fit: the data have {by_inputs.words}")
    fitted = _loss(table, key, model, f"{predict}\n{loss}")
    if model.typed:
        check(fitted)
        _check_seconds(fitted)
    every = -(-len(table.inputs) // FEW)
    minimum, found = _minimum(fitted, key, by_inputs, every)
    where = domain or found
    if not np.abs(where).max() <= FARTHEST:
        raise Unfit("data", "has a minimum beyond 1e6; scale its columns")
    surface = _looked_at(fitted, key, by_inputs, where, every)
    minima = tuple(m for m in (minimum,) if m and where.contains(np.array(m)))
    if key in ("line", "logistic"):  # Convex: there is no other minimum.
        return replace(surface, minima=minima)
    if key == "hinge":
        losses = fitted.at_many()
        alone = tuple(m for m in minima if is_minimum(losses, where, m))
        return replace(surface, minima=alone, found=True)
    lowest = ()
    if not surface.smooth:
        losses = compiled_losses(loss_of(fitted, surface.params, 0.0))
        lowest = lowest_points(losses, where)
    return with_found(surface, lowest)


def _loss(table: Table, key: str, model: Model, typed: str) -> DataLoss:
    """The loss of a model on a table.

    Raises:
        Unfit: If it needs other targets.
    """
    y = table.y if not model.labels else _labelled(table, model, key)

    def predict(point: Any, x: Any) -> Any:
        return model.outputs(jnp, model.score(jnp, point[0], point[1], x))

    text = f"{key}\n{typed}\n{table.text}"
    data = Data(table.x, y, model.curve, predict, table.names)
    return DataLoss(hashlib.sha256(text.encode()).hexdigest(), data, model)


def _check_seconds(fitted: DataLoss) -> None:
    """Refuses a model that is typed whose steps take too long on so many rows.

    Raises:
        Unfit: If they do.
    """
    part = LONGEST_GRADIENT / gradient_seconds(fitted, ())
    if part < 1:
        rows = max(int(part * fitted.data.size) // 10 * 10, 2)
        raise Unfit(
            "predict",
            f"takes too long on {fitted.data.size:,} rows; use simpler functions, or "
            f"at most {rows:,} rows",
        )


def _labelled(table: Table, model: Model, key: str) -> Float[np.ndarray, " n"]:
    """The targets as the labels that a model takes.

    Raises:
        Unfit: If they are none.
    """
    if table.labels not in ((0.0, 1.0), (-1.0, 1.0)):
        y = table.names[-1]
        raise Unfit(
            "loss" if model.typed else "model",
            f"needs labels, 0 and 1 or -1 and 1, or two words; {y} has others, or only "
            "one",
        )
    low, high = model.labels
    return np.where(table.y > 0, high, low)


def _minimum(
    fitted: DataLoss, key: str, by_inputs: ByInputs, every: int
) -> tuple[tuple[float, float] | None, Domain]:
    """A minimum that is computed, if any, and where to look at the loss."""
    x, y = fitted.data.x, fitted.data.y
    if key in by_inputs.fits:
        return by_inputs.fits[key](x, y)
    sizes = [1.0, 1.0]
    if key == "tanh":
        sizes = 1 / np.sqrt((np.atleast_2d(x) ** 2).mean(axis=1))
        # Of one input, the second weight is the size of the targets.
        sizes = [*sizes, np.abs(y).max() or 1.0][:2]
    return None, box_of(fitted.at_many(every), *map(float, sizes))


def _by_curvature(fitted: DataLoss, key: str, of: ByInputs) -> dict[str, float]:
    """Rates by the largest curvature there is, L: 1/L, and a third of it for momentum.

    Source: Y. Nesterov, Lectures on Convex Optimization (2018), section 2.1.5.
    """
    if key not in ("line", "logistic"):
        return {}
    columns = of.columns(fitted.data.x)
    largest = np.linalg.eigvalsh(columns @ columns.T / fitted.data.size)[1]
    rate = 1 / float(largest if key == "line" else largest / 4)
    rates = {"gradient_descent": rate, "momentum": 0.3 * rate}
    return {key: float(f"{min(max(r, 1e-5), 10):.0e}") for key, r in rates.items()}


def _looked_at(
    fitted: DataLoss, key: str, of: ByInputs, domain: Domain, every: int
) -> Surface:
    """The surface without its minima.

    Raises:
        Unfit: If the loss is nowhere finite.
    """
    losses, model = fitted.at_many(every), fitted.model
    look = look_at(lambda a, b: losses(np.stack([a, b], axis=-1)), domain)
    if look is None or not np.isfinite(fitted.at_many()(np.array(look.start))):
        raise Unfit("predict", "has no finite loss on these data")
    parted = key in of.teaches_parted and of.parted(fitted.data.x, fitted.data.y)
    kinked = model.typed is not None and bool(model.typed.words & KINKED)
    return Surface(
        key="data",
        label=f"Your own data: {of.names[key].lower()}",
        family="Your own",
        notation=model.notation,
        loss=fitted,
        domain=domain,
        start=look.start,
        teaches=(of.teaches_parted if parted else of.teaches)[key],
        source="Data given by the reader.",
        smooth=model.smooth and not kinked,
        color_scale="log" if look.steep else "linear",
        steps=300,
        learning_rates=suggested_rates(look.slope, domain.diagonal)
        | _by_curvature(fitted, key, of),
        data=fitted.data,
    )
