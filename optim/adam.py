"""Adam: momentum over RMSProp, both corrected for starting at zero.

    m <- b1 m + (1 - b1) g          r <- b2 r + (1 - b2) g^2
    m^ = m / (1 - b1^t)             r^ = r / (1 - b2^t)
    w <- w - a m^ / (sqrt r^ + eps)

Without the correction m and r are used as they are. r grows from zero more slowly than
m, so step t is then (1 - b1^t) / sqrt(1 - b2^t) times as long: three times at the first
step and six times at the tenth, with the decays that are usual.

With `eps_inside` it divides by sqrt(eps + r^), as optax does with its eps_root.

Source: D. P. Kingma, J. Ba, ICLR 2015, algorithm 1; Deep Learning (2016),
algorithm 8.7. torch.optim.Adam and optax.adam follow the same rule.

Differs elsewhere: some texts divide by 1 - b for every t, some put eps inside the
root; both change the path.
"""

from dataclasses import replace
from typing import Annotated, NamedTuple

import jax.numpy as jnp

from optim import stability
from optim.base import (
    EpsInside,
    FirstDecay,
    LearningRate,
    Optimizer,
    RootFloor,
    SecondDecay,
    first_order,
    root,
    root_in_latex,
)
from optim.equivalents import Equivalent
from optim.quantities import GRADIENT, Quantity, Vector, delta, divisor
from surfaces import Point, Scalar, switch


class AdamHypers(NamedTuple):
    """Hyperparameters of Adam."""

    lr: LearningRate = 0.01
    beta1: FirstDecay = 0.9
    beta2: SecondDecay = 0.999
    eps: RootFloor = 1e-8
    bias_correction: Annotated[
        Scalar,
        switch(
            "c",
            "Bias correction",
            "Makes up for means that start at zero; without it the first steps are "
            "too long.",
            ("uncorrected", "corrected"),
        ),
    ] = 1
    eps_inside: EpsInside = 0


class AdamState(NamedTuple):
    """Steps taken, shape (); fading means of gradient and square, shape (2,)."""

    t: Scalar
    mean: Point
    mean_square: Point


KEPT = Quantity(
    "k",
    "kept mean",
    "gradient",
    r"\beta_1 <m>",
    "The mean of gradients fades: β₁ of it is kept.",
)
MEAN = Quantity(
    "m",
    "running mean of gradients",
    "gradient",
    r"\beta_1 <m> + (1 - \beta_1) <g>",
    "The mean of gradients fades, and takes in 1 − β₁ of the gradient.",
    memory=True,
)
MEAN_SQUARE = Quantity(
    "r",
    "running mean of squared gradients",
    "square",
    r"\beta_2 <r> + (1 - \beta_2) <g>^2",
    "The mean of squares fades, and takes in 1 − β₂ of the gradient's square.",
    memory=True,
)


class AdamStep(NamedTuple):
    """What a step computes."""

    g: Annotated[Vector, GRADIENT]
    kept: Annotated[Vector, KEPT]
    m: Annotated[
        Vector,
        replace(
            MEAN,
            line=r"<kept> + (1 - \beta_1) <g>",
            says="The gradient is added: 1 − β₁ of it joins what was kept.",
        ),
    ]
    r: Annotated[Vector, MEAN_SQUARE]
    m_hat: Annotated[
        Vector,
        Quantity(
            r"\hat m",
            "corrected mean",
            "gradient",
            lambda h: r"\frac{<m>}{1 - \beta_1^t}" if h.bias_correction else "<m>",
            lambda h: (
                "The mean began at zero: dividing by 1 − β₁ᵗ makes up for that."
                if h.bias_correction
                else "The mean began at zero, and is used as it is."
            ),
        ),
    ]
    r_hat: Annotated[
        Vector,
        Quantity(
            r"\hat r",
            "corrected mean square",
            "square",
            lambda h: r"\frac{<r>}{1 - \beta_2^t}" if h.bias_correction else "<r>",
            lambda h: (
                "So did the mean of squares: 1 − β₂ᵗ makes up for it."
                if h.bias_correction
                else "So did the mean of squares, which is used as it is, too."
            ),
        ),
    ]
    divisor: Annotated[
        Vector,
        divisor(lambda h: root_in_latex("<r_hat>", h.eps_inside)),
    ]
    delta: Annotated[
        Vector,
        delta(
            r"-\frac{\alpha <m_hat>}{<divisor>}",
            "Each coordinate of −α times the mean is divided by its divisor.",
        ),
    ]


def init(point: Point) -> AdamState:
    """Nothing seen yet."""
    zeros = jnp.zeros_like(point)
    # t is kept in the point's dtype: decay ** int would mix dtypes.
    return AdamState(t=jnp.zeros((), point.dtype), mean=zeros, mean_square=zeros)


def update(
    grad: Point, state: AdamState, hypers: AdamHypers
) -> tuple[AdamStep, AdamState]:
    """Follow the corrected mean, scaled by the corrected mean square."""
    t = state.t + 1
    kept = hypers.beta1 * state.mean
    m = kept + (1 - hypers.beta1) * grad
    r = hypers.beta2 * state.mean_square + (1 - hypers.beta2) * grad**2
    corrected = hypers.bias_correction > 0
    m_hat = m / jnp.where(corrected, 1 - hypers.beta1**t, 1.0)
    r_hat = r / jnp.where(corrected, 1 - hypers.beta2**t, 1.0)
    divisor = root(r_hat, hypers.eps, hypers.eps_inside)
    delta = -hypers.lr * m_hat / divisor
    found = AdamStep(grad, kept, m, r, m_hat, r_hat, divisor, delta)
    return found, AdamState(t, m, r)


def formula(hypers: AdamHypers) -> str:
    """One step in LaTeX."""
    if not hypers.bias_correction:
        divisor = root_in_latex("r", hypers.eps_inside)
        return rf"w \leftarrow w - \frac{{\alpha m}}{{{divisor}}}"
    divisor = root_in_latex(r"\hat r", hypers.eps_inside)
    return (
        rf"w \leftarrow w - \frac{{\alpha \hat m}}{{{divisor}}},\quad"
        r" \hat m = \frac{m}{1 - \beta_1^t},\ \hat r = \frac{r}{1 - \beta_2^t}"
    )


ADAM = Optimizer(
    key="adam",
    label="Adam",
    formula=formula(AdamHypers()),
    formula_with=formula,
    source="Kingma and Ba 2015, algorithm 1; Deep Learning (2016), algorithm 8.7. Some "
    "texts divide by 1 - beta for every t, or put epsilon inside the root: both change "
    "the path.",
    hypers=AdamHypers,
    init=init,
    step=first_order(update),
    quantities=AdamStep,
    stability=stability.mean_of_gradients,
    equivalents=(
        Equivalent(
            "torch",
            "torch.optim.Adam(params, lr={lr}, betas=({beta1}, {beta2}), eps={eps})",
            where={"bias_correction": 1, "eps_inside": 0},
        ),
        Equivalent(
            "optax",
            "optax.adam({lr}, b1={beta1}, b2={beta2}, eps={eps})",
            where={"bias_correction": 1, "eps_inside": 0},
        ),
        Equivalent(
            "optax",
            "optax.adam({lr}, b1={beta1}, b2={beta2}, eps=0.0, eps_root={eps})",
            where={"bias_correction": 1, "eps_inside": 1},
        ),
    ),
    group="Adaptive",
)
