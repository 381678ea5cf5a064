"""What the declaration of a surface becomes: a loss, and values at its parameters."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any, Generic, TypeVar, cast

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from parameters import params as declared_params
from surfaces.formula import Expression, FormulaError, parse_declared

Places = tuple[tuple[float, float], ...]


class FormulaLoss:
    """The loss that a formula says. Each formula and its parameters have one."""

    def __init__(self, text: str, params: type[Any]) -> None:
        """Reads the formula when it is first needed.

        Args:
            text: The formula.
            params: The declaration of the parameters that occur in it.
        """
        self.text = text
        self.params = params

    @cached_property
    def expression(self) -> Expression:
        """The formula, read."""
        symbols = {name: p.symbol for name, p in declared_params(self.params).items()}
        try:
            return parse_declared(self.text, symbols)
        except FormulaError as error:
            raise FormulaError(f"the formula {self.text!r} is wrong: {error}") from None

    def __call__(self, params: Any, point: Float[Array, "2"]) -> Float[Array, ""]:
        """The loss at a point."""
        # As arrays, so that a parameter is never taken for a constant exponent.
        values = {name: jnp.asarray(v) for name, v in params._asdict().items()}
        return self.expression.evaluate(point[0], point[1], jnp, values)


@cache
def formula_loss(text: str, params: type[Any]) -> FormulaLoss:
    """The loss of a formula: one object, so that it is compiled once."""
    return FormulaLoss(text, params)


Given = TypeVar("Given")
Value = TypeVar("Value")


class Derived(Generic[Given, Value]):
    """A field of a surface whose value depends on others.

    A dataclass that is made of another by `replace` is given the values of its fields:
    so each value must say what it was derived from, to be derived anew.
    """

    def __init__(self, derive: Callable[[Any, Any], Value], default: Given) -> None:
        """Declares the field.

        Args:
            derive: From the surface and what is given to the value.
            default: What is given where nothing is.
        """
        self._derive = derive
        self._default = default

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._given, self._value = f"_given_{name}", f"_value_{name}"

    def __get__(self, surface: Any, owner: Any = None) -> Value:
        if surface is None:
            # The default, as a dataclass asks for it.
            return cast(Any, self._default)
        known = surface.__dict__
        if self._value not in known:
            known[self._value] = self._derive(surface, known[self._given])
        return known[self._value]

    def __set__(self, surface: Any, given: Given) -> None:
        surface.__dict__[self._given] = given


def _function_of(given: Any) -> Any:
    """The function that is given, or that a value was derived from; None if none."""
    function = getattr(given, "function", given)
    return function if callable(function) else None


def plain(params: Any) -> Any:
    """The parameters as Python's numbers, of which functions of them may be made.

    With JAX's, each operation of such a function would be compiled.
    """
    return type(params)(*map(float, params))


class _PlacesFromParams(tuple[tuple[float, float], ...]):
    """Places as a function gives them, and whether all of them lie in the domain."""

    function: Callable[[Any], Places]
    all_inside: bool


def places(surface: Any, given: Places | Callable[[Any], Places]) -> Places:
    """Places for the parameters of a surface; those outside its domain are left out."""
    function = _function_of(given)
    if function is None:
        return cast(Places, given)
    found = [(float(x), float(y)) for x, y in function(plain(surface.params))]
    inside = _PlacesFromParams(p for p in found if surface.domain.contains(np.array(p)))
    inside.function, inside.all_inside = function, len(inside) == len(found)
    return inside


def are_all(found: Places) -> bool:
    """Whether none of the places was left out."""
    return getattr(found, "all_inside", True)


class _RatesFromParams(dict[str, float]):
    """Learning rates as a function gives them."""

    function: Callable[[Any], Mapping[str, float]]


def rates(
    surface: Any,
    given: Mapping[str, float] | Callable[[Any], Mapping[str, float]] | None,
) -> Mapping[str, float]:
    """Learning rates for the parameters of a surface."""
    function = _function_of(given)
    if function is None:
        return cast(Mapping[str, float], given or {})
    found = _RatesFromParams(function(plain(surface.params)))
    found.function = function
    return found


def follow_params(found: Mapping[str, float]) -> bool:
    """Whether learning rates come from a function of the parameters."""
    return isinstance(found, _RatesFromParams)


def loss(surface: Any, given: Callable[..., Any] | None) -> Callable[..., Any]:
    """The loss that is given, or that of the formula."""
    if given is None or isinstance(given, FormulaLoss):
        return formula_loss(surface.formula, type(surface.params))
    return given
