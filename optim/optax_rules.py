"""Rules that optax carries out. A new one is one entry of `OPTAX_RULES`.

g is the gradient, t the step from 1 on, m^ and r^ the moments of Adam corrected by
1 - b^t. "The paper" is the one the entry names.
"""

from typing import Annotated, Any, NamedTuple

import jax.numpy as jnp
import optax

from optim import stability
from optim.adam import MEAN, MEAN_SQUARE
from optim.base import (
    FirstDecay,
    LearningRate,
    Optimizer,
    RootFloor,
    SecondDecay,
    decay,
    floor,
)
from optim.equivalents import Equivalent, absent
from optim.from_optax import Around, Derived, adapted, step_type
from optim.quantities import Quantity, divisor
from surfaces import Param, Scalar

BothDecay = Annotated[
    Scalar, decay(r"\rho", "Decay", "How much of the mean squares each step keeps.")
]
MaximumDecay = Annotated[
    Scalar,
    decay(r"\beta_2", "Second decay", "How much of the maximum each step keeps."),
]
Share = Annotated[
    Scalar, decay(r"\beta_1", "First decay", "Weight of the running mean in a step.")
]
MeanDecay = Annotated[
    Scalar, decay(r"\beta_2", "Second decay", "How much of the mean each step keeps.")
]
WeightDecay = Annotated[
    Scalar,
    Param(
        r"\lambda",
        "Weight decay",
        0.0,
        10.0,
        "root",
        "Pulls the point towards the origin, decoupled from the moment estimates.",
    ),
]


class MomentsHypers(NamedTuple):
    """Hyperparameters of the rules closest to Adam."""

    lr: LearningRate = 0.01
    beta1: FirstDecay = 0.9
    beta2: SecondDecay = 0.999
    eps: RootFloor = 1e-8


class AdamWHypers(NamedTuple):
    """Hyperparameters of AdamW."""

    lr: LearningRate = 0.01
    beta1: FirstDecay = 0.9
    beta2: SecondDecay = 0.999
    eps: RootFloor = 1e-8
    weight_decay: WeightDecay = 0.01


class AdamaxHypers(NamedTuple):
    """Hyperparameters of Adamax."""

    lr: LearningRate = 0.01
    beta1: FirstDecay = 0.9
    beta2: MaximumDecay = 0.999
    eps: Annotated[Scalar, floor("Added to each size the maximum is taken of.")] = 1e-8


class AdadeltaHypers(NamedTuple):
    """Hyperparameters of Adadelta."""

    lr: LearningRate = 1.0
    rho: BothDecay = 0.9
    eps: Annotated[Scalar, floor("Added to both mean squares under their roots.")] = (
        1e-6
    )


class LionHypers(NamedTuple):
    """Hyperparameters of Lion."""

    lr: LearningRate = 0.001
    beta1: Share = 0.9
    beta2: MeanDecay = 0.99
    weight_decay: WeightDecay = 0.0


class AdaBeliefHypers(NamedTuple):
    """Hyperparameters of AdaBelief."""

    lr: LearningRate = 0.01
    beta1: FirstDecay = 0.9
    beta2: SecondDecay = 0.999
    eps: Annotated[
        Scalar, floor("Added to the mean square at each step, and to its root.", 1e-16)
    ] = 1e-16


class YogiHypers(NamedTuple):
    """Hyperparameters of Yogi."""

    lr: LearningRate = 0.01
    beta1: FirstDecay = 0.9
    beta2: SecondDecay = 0.999
    eps: RootFloor = 1e-3


M_HAT = r"\frac{<m>}{1 - \beta_1^t}"
R_HAT = r"\frac{<r>}{1 - \beta_2^t}"
SCALED = rf"\frac{{{M_HAT}}}{{<divisor>}}"
"""Adam's step, in units of the learning rate."""

MAXIMUM = Quantity(
    "u",
    "largest mean square so far",
    "square",
    rf"\max(<u>, {R_HAT})",
    "The largest mean square so far stays: it never shrinks.",
    memory=True,
)
LARGEST = Quantity(
    "u",
    "largest gradient, fading",
    "scale",
    r"\max(\beta_2 <r>, \lvert <g> \rvert + \varepsilon)",
    "The divisor fades, unless this gradient is larger: then it takes its place.",
    memory=True,
)
GRADIENTS = Quantity(
    "r",
    "running mean of squared gradients",
    "square",
    r"\rho <e_g> + (1 - \rho) <g>^2",
    "The mean of squared gradients fades, and takes in this one's square.",
    memory=True,
)
STEPS = Quantity(
    "s",
    "running mean of squared steps",
    "square",
    r"\rho <e_x> + (1 - \rho) (\frac{<g>}{<divisor>})^2",
    "The mean of squared steps takes in this one's, for the next.",
    memory=True,
)
LION_MEAN = Quantity(
    "m",
    "running mean of gradients",
    "gradient",
    r"\beta_2 <m> + (1 - \beta_2) <g>",
    "The mean of gradients takes in this one, for the next step.",
    memory=True,
)
BELIEF = Quantity(
    "s",
    "running variance of gradients",
    "square",
    r"\beta_2 <r> + (1 - \beta_2) (<g> - <m>)^2 + \varepsilon",
    "The variance fades, and takes in how far this gradient is from the mean.",
    memory=True,
)
YOGI_SQUARE = Quantity(
    "r",
    "mean square, changed by steps",
    "square",
    r"<r> - (1 - \beta_2) \operatorname{sign}(<r> - <g>^2) <g>^2",
    "The mean square goes up or down by a part of this gradient's square.",
    memory=True,
)
BY_DIVISOR = "Each coordinate of −α times the corrected mean is divided by its divisor."


ROOT = divisor(rf"\sqrt{{{R_HAT}}} + \varepsilon")


ROOT_OF_MAXIMUM = divisor(r"\sqrt{<u>} + \varepsilon")
QUOTIENT = divisor(r"\frac{\sqrt{<e_g> + \varepsilon}}{\sqrt{<e_x> + \varepsilon}}")
SHARE = Quantity(
    "u",
    "mean with this gradient's share",
    "gradient",
    r"\beta_1 <m> + (1 - \beta_1) <g>",
    "This gradient gets its share in a mean of which only the signs count.",
)


def _root(around: Around) -> Any:
    found, hypers, t, _ = around
    return jnp.sqrt(found["r"] / (1 - hypers.beta2**t)) + hypers.eps


def _root_of_maximum(around: Around) -> Any:
    return jnp.sqrt(around.found["u"]) + around.hypers.eps


def _quotient(around: Around) -> Any:
    eps = around.hypers.eps
    return jnp.sqrt(around.found["e_g"] + eps) / jnp.sqrt(around.before("e_x") + eps)


def _share(around: Around) -> Any:
    beta1 = around.hypers.beta1
    return beta1 * around.before("m") + (1 - beta1) * around.found["g"]


WITH_ROOT: Derived = {"divisor": _root}
MOMENTS = {"m": MEAN, "r": MEAN_SQUARE}


OF_ADAM = "(params, lr={lr}, betas=({beta1}, {beta2}), eps={eps}"
"""How torch's rules of Adam's kind are called."""

MOMENTS_OF_OPTAX = "({lr}, b1={beta1}, b2={beta2}, eps={eps})"


def _adabelief(
    learning_rate: Scalar, b1: Scalar, b2: Scalar, eps: Scalar
) -> optax.GradientTransformation:
    return optax.adabelief(learning_rate, b1, b2, eps, eps_root=eps)


def _yogi(
    learning_rate: Scalar, b1: Scalar, b2: Scalar, eps: Scalar
) -> optax.GradientTransformation:
    scaled = optax.scale_by_yogi(b1, b2, eps, initial_accumulator_value=0.0)
    return optax.chain(scaled, optax.scale_by_learning_rate(learning_rate))


OPTAX_RULES: tuple[Optimizer, ...] = (
    adapted(
        "adamw",
        "AdamW",
        optax.adamw,
        AdamWHypers,
        r"w \leftarrow w - \alpha \left(\frac{\hat m}{\sqrt{\hat r} + \varepsilon}"
        r" + \lambda w\right)",
        "Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), "
        "algorithm 2. The paper decays by the schedule alone; optax and torch also by "
        "the learning rate.",
        stability=stability.mean_of_gradients,
        default_rate_from=("adam", 1.0),
        quantities=step_type(
            rf"-\alpha ({SCALED} + \lambda w)",
            "To Adam's step, a pull towards the origin is added.",
            **MOMENTS,
            divisor=ROOT,
        ),
        derived=WITH_ROOT,
        equivalents=(
            Equivalent(
                "torch",
                f"torch.optim.AdamW{OF_ADAM}, weight_decay={{weight_decay}})",
            ),
            Equivalent(
                "optax",
                "optax.adamw({lr}, b1={beta1}, b2={beta2}, eps={eps},"
                " weight_decay={weight_decay})",
            ),
        ),
    ),
    adapted(
        "amsgrad",
        "AMSGrad",
        optax.amsgrad,
        MomentsHypers,
        r"u \leftarrow \max(u, \hat r),\quad w \leftarrow w - \frac{\alpha \hat m}"
        r"{\sqrt{u} + \varepsilon}",
        "Reddi, Kale, Kumar, On the Convergence of Adam and Beyond (2018), algorithm "
        "2. The paper corrects nothing; optax corrects before it takes the maximum, "
        "torch after.",
        stability=stability.mean_of_gradients,
        default_rate_from=("adam", 2.0),
        quantities=step_type(
            rf"-\alpha {SCALED}",
            BY_DIVISOR,
            **MOMENTS,
            u=MAXIMUM,
            divisor=ROOT_OF_MAXIMUM,
        ),
        derived={"divisor": _root_of_maximum},
        equivalents=(
            Equivalent(
                "torch",
                f"torch.optim.Adam{OF_ADAM}, amsgrad=True)",
                "Corrects after it takes the maximum: the paths meet where the mean "
                "square is the last square, which needs no correction.",
                {"beta2": 0.0},
            ),
            Equivalent("optax", f"optax.amsgrad{MOMENTS_OF_OPTAX}"),
        ),
    ),
    adapted(
        "adamax",
        "Adamax",
        optax.adamax,
        AdamaxHypers,
        r"u \leftarrow \max(\beta_2 u, \lvert g \rvert + \varepsilon),\quad"
        r" w \leftarrow w - \frac{\alpha \hat m}{u}",
        "Kingma and Ba, Adam (2015), algorithm 2. The paper has no epsilon; torch's "
        "stands where optax's does.",
        stability=stability.mean_of_gradients,
        default_rate_from=("adam", 2.0),
        quantities=step_type(
            rf"-\frac{{\alpha {M_HAT}}}{{<r>}}", BY_DIVISOR, m=MEAN, r=LARGEST
        ),
        equivalents=(
            Equivalent("torch", f"torch.optim.Adamax{OF_ADAM})"),
            Equivalent("optax", f"optax.adamax{MOMENTS_OF_OPTAX}"),
        ),
    ),
    adapted(
        "nadam",
        "NAdam",
        optax.nadam,
        MomentsHypers,
        r"w \leftarrow w - \frac{\alpha}{\sqrt{\hat r} + \varepsilon} \left("
        r"\frac{\beta_1 m}{1 - \beta_1^{t+1}} + \frac{(1 - \beta_1) g}{1 - \beta_1^t}"
        r"\right)",
        "Dozat, Incorporating Nesterov Momentum into Adam (2016). The paper and torch "
        "warm beta1 up from half; optax holds it.",
        stability=stability.nesterov_mean,
        default_rate_from=("adam", 1.0),
        quantities=step_type(
            r"-\frac{\alpha}{<divisor>} ("
            r"\frac{\beta_1 <m>}{1 - \beta_1^{t+1}} + \frac{(1 - \beta_1) <g>}"
            r"{1 - \beta_1^t})",
            "The mean as it will be next, and this gradient's share, are divided.",
            **MOMENTS,
            divisor=ROOT,
        ),
        derived=WITH_ROOT,
        equivalents=(
            Equivalent(
                "torch",
                f"torch.optim.NAdam{OF_ADAM}, momentum_decay=1e6)",
                "Warms beta1 up by the factor 1 - 0.96^(t momentum_decay) / 2, which "
                "is 1 at once where momentum_decay is large.",
            ),
            Equivalent("optax", f"optax.nadam{MOMENTS_OF_OPTAX}"),
        ),
    ),
    adapted(
        "radam",
        "RAdam",
        optax.radam,
        MomentsHypers,
        r"w \leftarrow w - \alpha \rho \frac{\hat m}{\sqrt{\hat r} + \varepsilon}"
        r" \text{ once the variance is tractable, before that } w - \alpha \hat m",
        "Liu et al., On the Variance of the Adaptive Learning Rate and Beyond (2020), "
        "algorithm 2. The paper and torch turn from the one step to the other where "
        "rho_t is above 4 and above 5, optax at 5. torch adds epsilon before it "
        "corrects.",
        stability=stability.mean_of_gradients,
        default_rate_from=("gradient_descent", 1.0),
        quantities=step_type(
            rf"-\alpha \rho {SCALED} \text{{ once the variance is tractable, "
            rf"before that }} -\alpha {M_HAT}",
            "The divisor counts once the variance is tractable, and not before.",
            **MOMENTS,
            divisor=ROOT,
        ),
        derived=WITH_ROOT,
        equivalents=(
            Equivalent(
                "torch",
                f"torch.optim.RAdam{OF_ADAM})",
                "Adds epsilon before it corrects the root.",
                {"eps": 1e-30},
            ),
            Equivalent("optax", f"optax.radam{MOMENTS_OF_OPTAX}"),
        ),
    ),
    adapted(
        "adadelta",
        "Adadelta",
        optax.adadelta,
        AdadeltaHypers,
        r"r \leftarrow \rho r + (1 - \rho) g^2,\quad \delta = -\frac{\sqrt{s +"
        r" \varepsilon}}{\sqrt{r + \varepsilon}} g,\quad s \leftarrow \rho s +"
        r" (1 - \rho) \delta^2,\quad w \leftarrow w + \alpha \delta",
        "Zeiler, ADADELTA (2012), algorithm 1, which has no learning rate: there it "
        "is 1.",
        quantities=step_type(
            r"-\frac{\alpha <g>}{<divisor>}",
            "Each coordinate of −αg is divided by its divisor.",
            e_g=GRADIENTS,
            divisor=QUOTIENT,
            e_x=STEPS,
        ),
        derived={"divisor": _quotient},
        equivalents=(
            Equivalent(
                "torch", "torch.optim.Adadelta(params, lr={lr}, rho={rho}, eps={eps})"
            ),
            Equivalent("optax", "optax.adadelta({lr}, rho={rho}, eps={eps})"),
        ),
    ),
    adapted(
        "lion",
        "Lion",
        optax.lion,
        LionHypers,
        r"w \leftarrow w - \alpha \left(\operatorname{sign}(\beta_1 m + (1 - \beta_1)"
        r" g) + \lambda w\right),\quad m \leftarrow \beta_2 m + (1 - \beta_2) g",
        "Chen et al., Symbolic Discovery of Optimization Algorithms (2023), algorithm "
        "2. Implementations agree; torch has none.",
        default_rate_from=("adam", 0.1),
        quantities=step_type(
            r"-\alpha (\operatorname{sign}(<u>) + \lambda w)",
            "Each coordinate moves by α against the sign, and towards the origin.",
            u=SHARE,
            m=LION_MEAN,
        ),
        derived={"u": _share},
        equivalents=(
            absent("torch", "torch.optim has no Lion."),
            Equivalent(
                "optax",
                "optax.lion({lr}, b1={beta1}, b2={beta2}, weight_decay={weight_decay})",
            ),
        ),
    ),
    adapted(
        "adabelief",
        "AdaBelief",
        _adabelief,
        AdaBeliefHypers,
        r"s \leftarrow \beta_2 s + (1 - \beta_2)(g - m)^2 + \varepsilon,\quad"
        r" w \leftarrow w - \frac{\alpha \hat m}{\sqrt{\hat s} + \varepsilon}",
        "Zhuang et al., AdaBelief Optimizer (2020), algorithm 2, with one epsilon in "
        "both places; optax has two.",
        stability=stability.mean_of_gradients,
        default_rate_from=("adam", 1.0),
        quantities=step_type(
            rf"-\alpha {SCALED}", BY_DIVISOR, m=MEAN, r=BELIEF, divisor=ROOT
        ),
        derived=WITH_ROOT,
        equivalents=(
            absent("torch", "torch.optim has no AdaBelief."),
            Equivalent(
                "optax",
                "optax.adabelief({lr}, b1={beta1}, b2={beta2}, eps={eps},"
                " eps_root={eps})",
            ),
        ),
    ),
    adapted(
        "yogi",
        "Yogi",
        _yogi,
        YogiHypers,
        r"r \leftarrow r - (1 - \beta_2) \operatorname{sign}(r - g^2)\, g^2,\quad"
        r" w \leftarrow w - \frac{\alpha \hat m}{\sqrt{\hat r} + \varepsilon}",
        "Zaheer et al., Adaptive Methods for Nonconvex Optimization (2018), algorithm "
        "2, which corrects nothing; optax corrects as Adam does. Its optax.yogi "
        "begins both memories at 1e-6 and so moves where there is no slope: here both "
        "begin at 0.",
        stability=stability.mean_of_gradients,
        default_rate_from=("adam", 1.0),
        quantities=step_type(
            rf"-\alpha {SCALED}", BY_DIVISOR, m=MEAN, r=YOGI_SQUARE, divisor=ROOT
        ),
        derived=WITH_ROOT,
        equivalents=(
            absent("torch", "torch.optim has no Yogi."),
            Equivalent(
                "optax",
                "optax.chain(optax.scale_by_yogi({beta1}, {beta2}, {eps},"
                " initial_accumulator_value=0.0), optax.scale_by_learning_rate({lr}))",
            ),
        ),
    ),
)
