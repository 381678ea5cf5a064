"""L-BFGS: optax's direction and optax's search along it, with what that has tried.

`optax.lbfgs` takes the same steps, up to rounding; it does not return what it tried.
The search's parts, of which optax makes its transformation, are private to it.
"""

from typing import Annotated, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float
from optax._src.linesearch import zoom_linesearch

from optim.base import NamedStep, Optimizer
from optim.equivalents import Equivalent, absent
from optim.quantities import GRADIENT, Number, Quantity, Search, Vector, delta
from surfaces import Loss, Param, Point, Scalar

TRIES = 20
"""Parts of the direction that a search tries at most."""
_DIRECTION: Any = optax.scale_by_lbfgs()


class LBFGSHypers(NamedTuple):
    """Hyperparameters of L-BFGS: what its line search asks of a step."""

    c1: Annotated[
        Scalar,
        Param(
            "c_1",
            "Descent",
            1e-6,
            0.4,
            "log",
            "Required decrease, as a part of what the slope predicts.",
        ),
    ] = 1e-4
    c2: Annotated[
        Scalar,
        Param(
            "c_2",
            "Slope",
            0.5,
            0.99,
            "linear",
            "Slope allowed at the end of a step, as a part of that at its start.",
        ),
    ] = 0.9


class LBFGSStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    p: Annotated[
        Vector,
        Quantity(
            "p",
            "direction of the search",
            "step",
            r"-B <g> \text{ with } B \text{ from ten steps}",
            "The last ten steps turn the gradient into a direction.",
        ),
    ]
    tried: Annotated[
        Float[Array, "20"],
        Quantity(
            "a_i",
            "parts tried",
            "parts",
            r"1 \text{, then what curves through the losses found suggest}",
            "Parts of the direction are tried until loss and slope have fallen enough.",
        ),
    ]
    a: Annotated[
        Number,
        Quantity(
            "a",
            "part of it that is taken",
            "number",
            r"\text{the part of } <p> \text{ accepted by } c_1 \text{ and } c_2",
            "The part that is accepted is taken; if none is, the best safe one.",
            search=Search(along="p", tries="tried"),
        ),
    ]
    delta: Annotated[
        Vector, delta("<a> <p>", "The point moves by that part of the direction.")
    ]


def search(
    fn: Loss,
    point: Point,
    direction: Point,
    loss: Scalar,
    gradient: Point,
    hypers: LBFGSHypers,
) -> tuple[Float[Array, ""], Float[Array, "20"]]:
    """The part of the direction that is taken, and those tried, no numbers after.

    Where none of twenty is accepted, the last try gives way to the part that is taken.
    """
    begin, try_next, goes_on = zoom_linesearch(
        TRIES, slope_rtol=hypers.c1, curv_rtol=hypers.c2
    )

    def step(carry: Any) -> Any:
        at, tried = carry
        after = try_next(at, value_and_grad_fn=jax.value_and_grad(fn), fn_kwargs={})
        return after, tried.at[at.count].set(after.stepsize)

    first = (
        begin(direction, point, value=loss, grad=gradient),
        jnp.full(TRIES, jnp.nan, point.dtype),
    )
    last, tried = jax.lax.while_loop(lambda carry: goes_on(carry[0]), step, first)
    return last.stepsize, tried


def inside(
    fn: Loss, point: Point, state: optax.OptState, hypers: LBFGSHypers
) -> tuple[LBFGSStep, optax.OptState]:
    """Search along -B g, which the state gives."""
    loss, grad = jax.value_and_grad(fn)(point)
    # optax counts in int32.
    with jax.numpy_dtype_promotion("standard"):
        scaled, state = _DIRECTION.update(grad, state, point)
        direction = -scaled
        part, tried = search(fn, point, direction, loss, grad, hypers)
    return LBFGSStep(grad, direction, tried, part, delta=part * direction), state


LBFGS = Optimizer(
    key="lbfgs",
    label="L-BFGS",
    formula=r"w \leftarrow w - a B g",
    source="Liu and Nocedal, Math. Programming 45 (1989); Nocedal and Wright, "
    "Numerical Optimization (2006), algorithms 7.4 and 3.5. optax remembers ten steps, "
    "more than two variables need, and makes the first try at most 1 long. torch's "
    "counts a whole search as one of several iterations a step.",
    hypers=LBFGSHypers,
    init=_DIRECTION.init,
    step=NamedStep(inside),
    quantities=LBFGSStep,
    equivalents=(
        absent("torch", "torch.optim.LBFGS counts a whole search as one step of many."),
        Equivalent(
            "optax",
            "optax.lbfgs(linesearch=optax.scale_by_zoom_linesearch(20,"
            " slope_rtol={c1}, curv_rtol={c2}, initial_guess_strategy='one'))",
        ),
        absent("SciPy", "Its L-BFGS-B makes the first try otherwise."),
    ),
    gradients=280.0,
    overhead=650.0,
    searches_lines=True,
    group="Second order",
)
