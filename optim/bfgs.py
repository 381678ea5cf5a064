"""BFGS: Newton's step from a curvature learnt on the way, and a line search.

    p = -B g,  a = the first of a0, a0/2, a0/4, ... with f(w + a p) <= f(w) + c1 a g.p
    s = a p,  y = grad f(w + s) - g,  rho = 1 / s.y
    B <- (I - rho s y') B (I - rho y s') + rho s s'
    w <- w + s

B is an estimate of the inverse Hessian. It starts as I, and as I s.y / y.y just before
its first update; a step along which the slope does not grow (s.y <= 0) leaves it as it
is. Where 40 halvings find no lower loss, the rule stays.

Source: J. Nocedal, S. J. Wright, Numerical Optimization (2006), algorithms 3.1 and 6.1
and equation 6.20.

Differs elsewhere: scipy.optimize and most others search for a step that also meets
Wolfe's condition on the slope, and there s.y > 0 holds by itself.
"""

from typing import Annotated, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from optim.base import NamedStep, Optimizer
from optim.equivalents import absent
from optim.quantities import (
    GRADIENT,
    Matrix,
    Number,
    Quantity,
    Search,
    Vector,
    delta,
)
from surfaces import Loss, Param, Point, Scalar

HALVINGS = 40

Carry = tuple[int | Int[Array, ""], Scalar, Bool[Array, ""]]
"""Of the search: halvings, length, whether it brings enough."""


class BFGSHypers(NamedTuple):
    """Hyperparameters of BFGS."""

    first: Annotated[
        Scalar,
        Param("a_0", "First try", 1e-3, 10.0, "log", "Multiple of p tried first."),
    ] = 1.0
    c1: Annotated[
        Scalar,
        Param(
            "c_1",
            "Descent",
            1e-6,
            0.9,
            "log",
            "Required decrease, as a part of what the slope predicts.",
        ),
    ] = 1e-4


class BFGSState(NamedTuple):
    """The inverse Hessian as far as it is known, shape (2, 2); updates made, ()."""

    inverse: Float[Array, "2 2"]
    updates: Scalar


class BFGSStep(NamedTuple):
    """What a step computes; it has tried a0, a0/2, a0/4, ... of p, up to a."""

    g: Annotated[Vector, GRADIENT]
    p: Annotated[
        Vector,
        Quantity(
            "p",
            "direction of the search",
            "step",
            "-<B> <g>",
            "The estimate of the inverse Hessian turns the gradient into a direction.",
        ),
    ]
    a: Annotated[
        Number,
        Quantity(
            "a",
            "part of it that is taken",
            "number",
            r"\text{the first of } a_0, \tfrac{a_0}{2}, \tfrac{a_0}{4}, \ldots"
            r" \text{ with } f(w + a <p>) \le f(w) + c_1 a <g>^\top <p>",
            "Shorter and shorter parts are tried until one lowers the loss enough.",
            search=Search(along="p", first="first", factor=0.5),
        ),
    ]
    y: Annotated[
        Vector,
        Quantity(
            "y",
            "change of the gradient",
            "gradient",
            r"\nabla f(w + <a> <p>) - <g>",
            "How the gradient changes along the step shows the curvature there.",
        ),
    ]
    B: Annotated[
        Matrix,
        Quantity(
            "B",
            "inverse Hessian as learnt",
            "inverse",
            r"(I - \rho s <y>^\top) <B> (I - \rho <y> s^\top) + \rho s s^\top,"
            r"\ s = <a> <p>,\ \rho = \frac{1}{s^\top <y>}",
            "The estimate takes that in, and serves the next step.",
            memory=True,
            initial=((1.0, 0.0), (0.0, 1.0)),
        ),
    ]
    delta: Annotated[
        Vector, delta("<a> <p>", "The point moves by that part of the direction.")
    ]


def init(point: Point) -> BFGSState:
    """Nothing known: the first direction is straight down."""
    return BFGSState(jnp.eye(2, dtype=point.dtype), jnp.zeros((), point.dtype))


def search(
    fn: Loss, point: Point, direction: Point, slope: Scalar, hypers: BFGSHypers
) -> Float[Array, ""]:
    """The length of the step along the direction; 0 if none brings enough."""
    loss = fn(point)

    def enough(length: Scalar) -> Bool[Array, ""]:
        # False for NaN too: a step to where the loss is undefined is halved.
        below = loss + hypers.c1 * length * slope
        return fn(point + length * direction) <= below

    def halve(carry: Carry) -> Carry:
        i, length, _ = carry
        return i + 1, length / 2, enough(length / 2)

    def goes_on(carry: Carry) -> Bool[Array, ""]:
        # Carried, for it must not be computed twice: over many runs JAX asks once
        # whether any goes on and once which, and a last bit between the two answers
        # is a loop without end.
        i, _, found = carry
        return (i < HALVINGS) & ~found

    first = 0, hypers.first, enough(hypers.first)
    _, length, found = jax.lax.while_loop(goes_on, halve, first)
    return jnp.where(found, length, 0.0)


def learn(state: BFGSState, s: Point, y: Point) -> BFGSState:
    """The matrix after a step s that changed the gradient by y."""
    grown = s @ y
    bends = grown > 0
    grown = jnp.where(bends, grown, 1.0)
    scale = jnp.where(state.updates == 0, grown / jnp.where(bends, y @ y, 1.0), 1.0)
    keep = jnp.eye(2) - jnp.outer(s, y) / grown
    inverse = keep @ (scale * state.inverse) @ keep.T + jnp.outer(s, s) / grown
    return BFGSState(
        jnp.where(bends, inverse, state.inverse),
        state.updates + bends.astype(s.dtype),
    )


def inside(
    fn: Loss, point: Point, state: BFGSState, hypers: BFGSHypers
) -> tuple[BFGSStep, BFGSState]:
    """Search along -B g, then learn from how the slope changed."""
    grad = jax.grad(fn)(point)
    direction = -state.inverse @ grad
    length = search(fn, point, direction, grad @ direction, hypers)
    s = length * direction
    y = jax.grad(fn)(point + s) - grad
    state = learn(state, s, y)
    return BFGSStep(grad, direction, length, y, state.inverse, delta=s), state


BFGS = Optimizer(
    key="bfgs",
    label="BFGS",
    formula=r"w \leftarrow w + s,\quad s = -a B g,\quad B \leftarrow"
    r" (I - \rho s y^\top) B (I - \rho y s^\top) + \rho s s^\top,\ \rho ="
    r" \frac{1}{s^\top y}",
    source="Nocedal and Wright, Numerical Optimization (2006), algorithms 3.1 and 6.1. "
    "Backtracking from a0 for a; most others also ask for Wolfe's condition on the "
    "slope.",
    hypers=BFGSHypers,
    init=init,
    step=NamedStep(inside),
    quantities=BFGSStep,
    equivalents=(
        absent("torch", "torch.optim.LBFGS counts a whole search as one step of many."),
        absent("optax", "optax has the limited-memory form only."),
        absent(
            "SciPy",
            "scipy.optimize.minimize takes steps that meet Wolfe's condition, too; its "
            "matrix is the same.",
        ),
    ),
    gradients=2.0,
    overhead=30.0,
    searches_lines=True,
    group="Second order",
)
