"""RMSProp with Nesterov momentum: the slope is taken where the velocity leads.

    g = grad f(w + b v)
    r <- rho r + (1 - rho) g^2
    v <- b v - a g / sqrt(eps + r)
    w <- w + v

Source: Deep Learning (2016), algorithm 8.6, which has no eps; it is under the root, as
in algorithm 8.5.

Differs elsewhere: optax.rmsprop(momentum=b, nesterov=True) keeps the point that is
looked at, w + b v, in place of w. torch has no such rule.
"""

from typing import Annotated, NamedTuple

import jax

from optim import stability
from optim.base import NamedStep, Optimizer
from optim.equivalents import Equivalent, absent
from optim.momentum import KEPT
from optim.nesterov import GRADIENT_AHEAD
from optim.quantities import Quantity, Vector, delta
from optim.rmsprop_momentum import (
    DIVISOR,
    MEAN_SQUARE,
    VELOCITY,
    RMSPropMomentumHypers,
    RMSPropMomentumState,
    init,
    update,
)
from surfaces import Loss, Point


class RMSPropNesterovStep(NamedTuple):
    """What a step computes."""

    kept: Annotated[Vector, KEPT]
    ahead: Annotated[
        Vector,
        Quantity(
            r"\tilde w",
            "look-ahead point",
            "point",
            "w + <kept>",
            "What is kept leads to the look-ahead point.",
        ),
    ]
    g: Annotated[Vector, GRADIENT_AHEAD]
    r: Annotated[Vector, MEAN_SQUARE]
    divisor: Annotated[Vector, DIVISOR]
    v: Annotated[Vector, VELOCITY]
    delta: Annotated[Vector, delta("<v>", "The point moves by the new velocity.")]


def inside(
    fn: Loss, point: Point, state: RMSPropMomentumState, hypers: RMSPropMomentumHypers
) -> tuple[RMSPropNesterovStep, RMSPropMomentumState]:
    """RMSProp with momentum, by the slope further on."""
    ahead = point + hypers.beta * state.velocity
    found, state = update(jax.grad(fn)(ahead), state, hypers)
    return RMSPropNesterovStep(ahead=ahead, **found._asdict()), state


RMSPROP_NESTEROV = Optimizer(
    key="rmsprop_nesterov",
    label="RMSProp + Nesterov",
    short="RMSProp+N",
    formula=r"g = \nabla f(w + \beta v),\quad r \leftarrow \rho r + (1 - \rho) g^2,"
    r"\quad v \leftarrow \beta v - \frac{\alpha g}{\sqrt{\varepsilon + r}},\quad"
    r" w \leftarrow w + v",
    source="Deep Learning (2016), algorithm 8.6, with epsilon as in 8.5. optax keeps "
    "the point that is looked at, w + beta v, in place of w.",
    hypers=RMSPropMomentumHypers,
    init=init,
    step=NamedStep(inside),
    quantities=RMSPropNesterovStep,
    stability=stability.nesterov,
    equivalents=(
        absent("torch", "torch.optim.RMSprop has no Nesterov momentum."),
        Equivalent(
            "optax",
            "optax.rmsprop({lr}, decay={rho}, eps={eps}, eps_in_sqrt=True,"
            " momentum={beta}, nesterov=True)",
            keeps="w + beta v",
        ),
    ),
    group="Adaptive",
    default_rate_from=("rmsprop", 0.3),
)
