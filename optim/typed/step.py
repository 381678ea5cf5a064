"""From a rule that was read to the parts of an `Optimizer`."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from optim.base import Hypers, Inside, State
from optim.quantities import (
    GRADIENT,
    Matrix,
    Number,
    Quantity,
    Vector,
    delta,
)
from optim.random_search import draw
from optim.typed.kinds import kinds
from optim.typed.names import field, symbol
from optim.typed.reading import Line, Program
from optim.typed.shapes import FUNCTIONS, SIZES, looks
from surfaces import Loss, Point, Scalar
from surfaces.formula import latex
from surfaces.formula.functions import CONSTANTS, Function, power
from surfaces.formula.nodes import Binary, Call, Name, Negative, Node, parts
from surfaces.formula.nodes import Number as Constant

_TYPES = {"number": Number, "vector": Vector, "matrix": Matrix}

_COMPUTED = "This line is computed from the values before it."
_KEPT = "This line is computed, and its value is remembered for the next step."


def hypers_of(program: Program) -> type[Any]:
    """The NamedTuple of its hyperparameters, with the text's defaults."""
    fields = [
        (_field(program, name), Annotated[Scalar, param])
        for name, (param, _) in program.hypers.items()
    ]
    made: Any = NamedTuple("TypedHypers", fields)
    made.__new__.__defaults__ = tuple(value for _, value in program.hypers.values())
    made._field_defaults = {
        _field(program, name): value for name, (_, value) in program.hypers.items()
    }
    made.__doc__ = "Hyperparameters of a rule that was typed."
    return made


def _field(program: Program, name: str) -> str:
    return "lr" if name == program.rate else field(name)


def quantities_of(program: Program) -> type[Any]:
    """The NamedTuple of what a step computes: its lines, each a quantity."""
    drawn, own = kinds(program), {line.name for line in program.lines}
    fields: list[Any] = []
    slots = {name: f"<{field(name)}>" for name in own}
    if "g" in program.used and "g" not in own:
        fields.append(("g", Annotated[Vector, GRADIENT]))
        slots["g"] = "<g>"
    written = program.symbols | slots
    for line in program.lines:
        kept = line.name in program.memories
        quantity = Quantity(
            symbol(line.name),
            "remembered value" if kept else "value",
            drawn[line.name],
            latex.latex(line.node, written),
            _KEPT if kept else _COMPUTED,
            memory=kept,
        )
        fields.append((field(line.name), Annotated[_TYPES[line.shape], quantity]))
    last = delta(latex.latex(program.delta.node, written))
    fields.append(("delta", Annotated[Vector, last]))
    return NamedTuple("TypedStep", fields)


def init_of(program: Program) -> Callable[[Point], State]:
    """Makes the state: steps taken, and a zero for all that is remembered."""
    sizes = {
        field(line.name): SIZES[line.shape]
        for line in program.lines
        if line.name in program.memories
    }
    fields: list[Any] = [("t", Scalar), *((name, Array) for name in sizes)]
    made: Any = NamedTuple("TypedState", fields)

    def init(point: Point) -> State:
        zeros = {name: jnp.zeros(size, point.dtype) for name, size in sizes.items()}
        return made(t=jnp.zeros((), point.dtype), **zeros)

    return init


def inside_of(program: Program, quantities: type[Any]) -> Inside:
    """One step: each line in its turn, and what is added to the point."""
    names = [(name, _field(program, name)) for name in program.hypers]

    def inside(
        fn: Loss, point: Point, state: State, hypers: Hypers
    ) -> tuple[Any, State]:
        values = {name: getattr(hypers, own) for name, own in names}
        values |= {name: getattr(state, field(name)) for name in program.memories}
        values |= {"w": point, "t": state.t + 1, "eye": jnp.eye(2, dtype=point.dtype)}
        found: dict[str, Any] = {}
        if "g" in program.used and not any(line.name == "g" for line in program.lines):
            found["g"] = values["g"] = jax.grad(fn)(point)
        if "f" in program.used:
            values["f"] = fn(point)
        if program.random:
            values |= _random(values["seed"], state.t, point.dtype)
        functions = _functions(fn)
        for line in program.lines:
            value = _value(line.node, values, functions)
            shaped = jnp.broadcast_to(value, SIZES[line.shape]).astype(point.dtype)
            found[field(line.name)] = values[line.name] = shaped
        move = _value(program.delta.node, values, functions)
        found["delta"] = jnp.broadcast_to(move, (2,)).astype(point.dtype)
        kept = {field(name): values[name] for name in program.memories}
        return quantities(**found), state._replace(t=state.t + 1, **kept)

    return inside


def gradients_of(program: Program) -> float:
    """What a step costs, in gradients."""
    lines: tuple[Line, ...] = (*program.lines, program.delta)
    elsewhere = sum(looks(line.node) for line in lines)
    return max(1.0, float("g" in program.used) + 1.5 * elsewhere)


def _random(seed: Any, t: Any, dtype: Any) -> dict[str, Float[Array, "2"]]:
    """The random numbers of a step: the same seed gives the same ones."""
    key = jax.random.key(jnp.asarray(seed).astype(jnp.uint32), impl="threefry2x32")
    key = jax.random.fold_in(jax.random.fold_in(key, 1), jnp.asarray(t, jnp.uint32))
    return {
        "rand": jax.random.uniform(key, (2,), jnp.float64).astype(dtype),
        "randn": draw(seed, t).astype(dtype),
    }


def _functions(fn: Loss) -> Mapping[str, Function]:
    return {
        **FUNCTIONS,
        "f": Function(1, lambda m, at: fn(at)),
        "grad": Function(1, lambda m, at: jax.grad(fn)(at)),
        "hess": Function(1, lambda m, at: jax.hessian(fn)(at)),
    }


def _value(node: Node, values: Mapping[str, Any], functions: Any) -> Any:
    """The value of a tree; of constants it is a NumPy float64."""
    if isinstance(node, Constant):
        return np.float64(node.value)
    if isinstance(node, Name):
        return values[node.name] if node.name in values else CONSTANTS[node.name]
    each = [_value(part, values, functions) for part in parts(node)]
    if isinstance(node, Binary) and node.operator == "^":
        return _power(*each)
    # Python's own floats take the precision of the arrays that they meet.
    each = [float(value) if np.ndim(value) == 0 and not _traced(value) else value
            for value in each]  # fmt: skip
    match node:
        case Negative():
            return -each[0]
        case Binary(operator):
            return _JOINED[operator](*each)
        case Call(name):
            return functions[name].apply(jnp, *each)


_JOINED: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if _traced(a) or _traced(b) else _quotient(a, b),
}


def _quotient(a: float, b: float) -> float:
    """That of two constants, infinite or NaN where it is divided by zero."""
    with np.errstate(all="ignore"):
        return float(np.divide(a, b))


def _traced(value: Any) -> bool:
    return isinstance(value, jax.Array)


def _power(base: Any, exponent: Any) -> Any:
    if not _traced(exponent):
        exponent = np.float64(exponent)
        if not _traced(base):
            with np.errstate(all="ignore"):
                return np.power(np.float64(base), exponent)
        if not exponent.is_integer():
            return jnp.power(base, float(exponent))
    return power(jnp, base if _traced(base) else float(base), exponent)
