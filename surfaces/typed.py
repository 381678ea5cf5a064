"""The surface a reader types: f(x, y) and the rectangle to see it on."""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Annotated, Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from parameters import MINUSES
from surfaces.base import NoParams, Point, Scalar, Surface
from surfaces.compiled import EphemeralLoss, prepare
from surfaces.critical import Losses, lowest_points, with_found
from surfaces.domain import Domain
from surfaces.formula import KINKED, Expression, FormulaError, parse
from surfaces.formula.period import STEP
from surfaces.lean import by_branches
from surfaces.look import look_at, suggested_rates
from surfaces.program import check

FARTHEST = 1e6
NARROWEST = 1e-6
_RANGE = re.compile(
    r"\s*(?P<open>[\[(])?\s*"
    r"(?P<low>[^\s;]*?)\s*(?P<sign>,|;|(?<=\s)to(?=\s))\s*(?P<high>[^\s;]*?)"
    r"\s*(?(open)[\])])\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TypedLoss(EphemeralLoss):
    """The loss of a formula. The same text is the same loss."""

    text: str
    expression: Expression = field(compare=False)

    @cached_property
    def params(self) -> type[Any]:
        """The NamedTuple of the numbers that are declared in it."""
        declared = self.expression.sliders
        if not declared:
            return NoParams
        fields = [(name, Annotated[Scalar, s.param]) for name, s in declared.items()]
        made: Any = NamedTuple("TypedParams", fields)
        defaults = {name: slider.default for name, slider in declared.items()}
        made.__new__.__defaults__ = tuple(defaults.values())
        made._field_defaults = defaults
        return made

    def __call__(
        self, params: Any, point: Point, weights: Any = None
    ) -> Float[Array, ""]:
        """The loss at a point: where it changes with the step, the mean over a period.

        Args:
            params: Their values.
            point: Where.
            weights: Of each step of a period, where not all count the same.
        """
        # As arrays, so that a parameter is never taken for a constant exponent.
        given = params._asdict() if params else {}
        values = {name: jnp.asarray(v) for name, v in given.items()}
        length = self.expression.period
        if length is None:
            return self.expression.evaluate(point[0], point[1], jnp, values)
        steps = jnp.arange(1, length + 1, dtype=point.dtype)

        def mean(x: Any, y: Any) -> Any:
            x, y = (jnp.broadcast_to(each, steps.shape) for each in (x, y))
            each = self.expression.evaluate(x, y, jnp, values | {STEP: steps})
            if weights is None:
                return each.mean()
            return jnp.where(weights > 0, weights * each, 0).sum()

        # What a step does not take has no part in its slope, infinite or not.
        return by_branches(mean)(point[0], point[1])

    def at_many(self, params: Any = None, l2: float = 0.0) -> Losses:
        """The loss at many points, with a penalty added, and nothing to compile."""
        given = params._asdict() if params else {}
        values = {name: np.asarray(v) for name, v in given.items()}

        def losses(points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
            x, y = points[..., 0], points[..., 1]
            with np.errstate(all="ignore"):
                plain = self._at_many(x, y, values)
                return plain + l2 / 2 * (x * x + y * y)

        return losses

    def _at_many(self, x: Any, y: Any, values: dict[str, Any]) -> Any:
        length = self.expression.period
        if length is None:
            return self.expression.evaluate(x, y, np, values)
        steps = map(np.float64, range(1, length + 1))
        known = ({**values, STEP: t} for t in steps)
        return sum(self.expression.evaluate(x, y, np, each) for each in known) / length


def parse_range(text: str) -> tuple[float, float]:
    """Reads where a side of the domain begins and ends.

    Args:
        text: "-3,3", or "-3 to 3", or "-3;3"; with blanks, with parentheses or brackets
            around it, and with other signs for the minus. A comma between the two is no
            decimal comma, but beside another sign it is: "-1,5; 1,5".

    Raises:
        ValueError: With what is allowed, in words that complete a sentence.
    """
    allowed = "allowed is low,high with both from -1e6 to 1e6, for example -2,2"
    ends = _RANGE.fullmatch(text.translate(MINUSES)) if len(text) < 100 else None
    if ends is None:
        raise ValueError(f"is not a pair of numbers; {allowed}")
    decimal = "." if ends["sign"] == "," else ","
    try:
        low, high = (_end(ends[name], decimal) for name in ("low", "high"))
    except ValueError:
        raise ValueError(f"is not a pair of numbers; {allowed}") from None
    if not (abs(low) <= FARTHEST and abs(high) <= FARTHEST):
        raise ValueError(f"is out of range; {allowed}")
    if not low < high:
        raise ValueError(f"must go from a lower number to a higher one; {allowed}")
    if high - low < NARROWEST:
        raise ValueError(f"is narrower than {NARROWEST:g}; {allowed}")
    return low, high


def _end(text: str, decimal: str) -> float:
    # float() also reads "1_000", and non-ASCII digits: allow neither.
    if "_" in text or not text.isascii():
        raise ValueError
    return float(text.replace(decimal, "."))


def typed_surface(text: str, domain: Domain) -> Surface:
    """The surface of a formula, with a start and learning rates that suit it.

    The same formula on the same domain is the same object, while it is among the
    latest.

    Args:
        text: The formula.
        domain: Where it is looked at.

    Raises:
        FormulaError: If the formula cannot be read, depends on neither x nor y, or
            has no finite value on the domain.
    """
    return _as_typed(text, Domain(*map(float, domain)))


_YOURS = "Yours to explore: guess where each rule will end, then start them."
_CHANGES = (
    "The loss changes with the step t and repeats every {} steps: map, curves and "
    "minima are those of its mean."
)


# First by what is typed: a page asks for the same formula again and again.
@lru_cache(maxsize=32)
def _as_typed(text: str, domain: Domain) -> Surface:
    return _surface(parse(text).text, domain)


@lru_cache(maxsize=32)
def _loss(text: str) -> TypedLoss:
    return TypedLoss(text, parse(text))


@lru_cache(maxsize=32)
def _surface(text: str, domain: Domain) -> Surface:
    prepare()
    loss = _loss(text)
    expression, params = loss.expression, loss.params()
    if not expression.words & {"x", "y"}:
        raise FormulaError("the formula uses neither x nor y")
    check(loss, params)
    look = look_at(lambda x, y: loss.at_many(params)(np.stack([x, y], axis=-1)), domain)
    if look is None:
        raise FormulaError("the formula has no finite value anywhere on the domain")
    surface = Surface(
        key="formula",
        label="Your own f(x, y)",
        family="Your own",
        formula=expression.formula,
        notation=expression.latex if expression.period else "",
        params=params,
        loss=loss,
        domain=domain,
        start=look.start,
        teaches=_CHANGES.format(expression.period) if expression.period else _YOURS,
        source="Typed by the reader.",
        smooth=not expression.words & KINKED,
        color_scale="log" if look.steep else "linear",
        steps=300,
        learning_rates=suggested_rates(look.slope, domain.diagonal),
        period=expression.period,
    )
    return with_found(surface, lowest_points(loss.at_many(params), domain))


def at_params(surface: Surface, params: Any) -> Surface:
    """A typed surface with its numbers at other values, its critical points found anew.

    Raises:
        NotReady: Within `only_ready`, if that was not asked for lately.
    """
    return surface if params == surface.params else _at_params(surface, params)


@lru_cache(maxsize=64)
def _at_params(surface: Surface, params: Any) -> Surface:
    prepare()
    loss, domain = surface.loss, surface.domain
    assert isinstance(loss, TypedLoss)
    moved = replace(surface, params=params, minima=(), saddles=(), maxima=())
    return with_found(moved, lowest_points(loss.at_many(params), domain))
