"""The surface a reader types: f(x, y) and the rectangle to see it on."""

import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from surfaces.base import Domain, Point, Surface
from surfaces.compiled import EphemeralLoss, prepare
from surfaces.critical import Losses, lowest_points, with_found
from surfaces.formula import KINKED, Expression, FormulaError, parse
from surfaces.param import MINUSES
from surfaces.program import check

FARTHEST = 1e6
NARROWEST = 1e-6
COARSE = 41
_RANGE = re.compile(
    r"\s*(?P<open>[\[(])?\s*"
    r"(?P<low>[^\s;]*?)\s*(?P<sign>,|;|(?<=\s)to(?=\s))\s*(?P<high>[^\s;]*?)"
    r"\s*(?(open)[\])])\s*",
    re.IGNORECASE,
)
STEEP = 70.0
"""How often its lowest twentieth a landscape must rise to be shown by its logarithm."""


@dataclass(frozen=True)
class TypedLoss(EphemeralLoss):
    """The loss of a formula. The same text is the same loss."""

    text: str
    expression: Expression = field(compare=False)

    def __call__(self, params: Any, point: Point) -> Float[Array, ""]:
        """The loss at a point; it has no parameters."""
        return self.expression.evaluate(point[0], point[1], jnp)

    def at_many(self, l2: float = 0.0) -> Losses:
        """The loss at many points, with a penalty added, and nothing to compile."""

        def losses(points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
            x, y = points[..., 0], points[..., 1]
            with np.errstate(all="ignore"):
                plain = self.expression.evaluate(x, y, np)
                return plain + l2 / 2 * (x * x + y * y)

        return losses


def parse_range(text: str) -> tuple[float, float]:
    """Reads where a side of the domain begins and ends.

    Args:
        text: "-3,3", or "-3 to 3", or "-3;3"; with blanks, with parentheses or brackets
            around it, and with other signs for the minus. A comma between the two is no
            decimal comma, but beside another sign it is: "-1,5; 1,5".

    Raises:
        ValueError: With what is allowed, in words that complete a sentence.
    """
    allowed = "allowed is low,high with both from -1e6 to 1e6 and low below high"
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
        raise ValueError(f"does not rise; {allowed}")
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
    expression = loss.expression
    if not expression.words & {"x", "y"}:
        raise FormulaError("the formula uses neither x nor y")
    check(loss)
    with np.errstate(all="ignore"):
        look = _look(expression, domain)
    surface = Surface(
        key="formula",
        label="Your own f(x, y)",
        family="Your own",
        formula=expression.latex,
        loss=loss,
        domain=domain,
        start=look.start,
        teaches="Yours to explore: guess where each rule will end, then start them.",
        source="Typed by the reader.",
        smooth=not expression.words & KINKED,
        color_scale="log" if look.steep else "linear",
        steps=300,
        learning_rates=_learning_rates(look.slope, domain.diagonal),
    )
    return with_found(surface, lowest_points(loss.at_many(), domain))


@dataclass(frozen=True)
class Look:
    """What a coarse grid tells about a surface.

    Attributes:
        start: A point with a slope, away from the middle.
        slope: What slope a run from there is likely to meet first.
        steep: Whether its heights span magnitudes.
    """

    start: tuple[float, float]
    slope: float
    steep: bool


def _look(expression: Expression, domain: Domain) -> Look:
    x, y = _lattice(domain, COARSE)
    heights = expression.evaluate(x, y, np)
    heights = heights[np.isfinite(heights)]
    if not heights.size:
        raise FormulaError("the formula has no finite value anywhere on the domain")
    low, top = np.quantile(heights - heights.min(), (0.05, 0.99))
    slopes = _slopes(expression, domain, x, y)
    slopes = slopes[np.isfinite(slopes) & (slopes > 0)]
    typical = float(np.median(slopes)) if slopes.size else 0.0
    start, slope = _start(expression, domain, typical)
    return Look(start, max(slope, typical), bool(0 < STEEP * low < top))


def _lattice(domain: Domain, size: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(
        np.linspace(domain.x_low, domain.x_high, size),
        np.linspace(domain.y_low, domain.y_high, size),
    )
    return x.ravel(), y.ravel()


def _slopes(expression: Expression, domain: Domain, x: Any, y: Any) -> np.ndarray:
    """The length of the gradient, by central differences; not finite if f is not."""
    across = 1e-6 * (domain.x_high - domain.x_low)
    along = 1e-6 * (domain.y_high - domain.y_low)

    def f(x: Any, y: Any) -> Any:
        return expression.evaluate(x, y, np)

    return np.hypot(
        (f(x + across, y) - f(x - across, y)) / (2 * across),
        (f(x, y + along) - f(x, y - along)) / (2 * along),
    )


def _start(
    expression: Expression, domain: Domain, typical: float
) -> tuple[tuple[float, float], float]:
    """The first of some places where the surface is not flat, and its slope there."""
    # Off the diagonals: there a symmetric formula would hold a run in its symmetry.
    first = ((0.2, 0.7), (0.7, 0.8), (0.3, 0.2), (0.8, 0.3))
    x, y = _lattice(domain, 2 * COARSE - 1)
    x = np.append([_tidy(domain.x_low, domain.x_high, i) for i, _ in first], x)
    y = np.append([_tidy(domain.y_low, domain.y_high, i) for _, i in first], y)
    defined = np.isfinite(expression.evaluate(x, y, np))
    slopes = _slopes(expression, domain, x, y)
    slopes[~np.isfinite(slopes)] = 0.0
    sloping = defined & (slopes > 1e-3 * typical)
    chosen = int(np.argmax(sloping if sloping.any() else defined))
    return (float(x[chosen]), float(y[chosen])), float(slopes[chosen])


def _tidy(low: float, high: float, share: float) -> float:
    """A number between two, with no more digits than it needs."""
    return round(low + share * (high - low), 2 - math.floor(math.log10(high - low)))


def _learning_rates(slope: float, diagonal: float) -> dict[str, float]:
    """Rates with which the first steps are a hundredth of the diagonal or so."""
    rate = 0.01 * diagonal / slope if slope else 0.01
    rates = {
        "gradient_descent": rate,
        "momentum": rate / 5,
        "adagrad": 0.03 * diagonal,
        "rmsprop": 0.003 * diagonal,
        "adam": 0.01 * diagonal,
    }
    return {key: float(f"{min(max(r, 1e-5), 10):.0e}") for key, r in rates.items()}
