"""How Keras takes the same path as a rule, or why it does not.

Gradients are those of the script, and `keras.optimizers` moves the point: its rules do
not ask for more than the gradient.
"""

from optim.equivalents import Equivalent, absent

_ADAM = "beta_1={beta1}, beta_2={beta2}, epsilon={eps}"
SCALED = (
    "Keras adds epsilon to the root that is not corrected: scaled, it stands beside "
    "the corrected one."
)
"""What is said where epsilon follows the steps."""

KERAS: dict[str, tuple[Equivalent, ...]] = {
    "gradient_descent": (Equivalent("keras", "keras.optimizers.SGD({lr})"),),
    "momentum": (Equivalent("keras", "keras.optimizers.SGD({lr}, momentum={beta})"),),
    "nesterov": (
        Equivalent(
            "keras",
            "keras.optimizers.SGD({lr}, momentum={beta}, nesterov=True)",
            where={"look_ahead": 1},
        ),
    ),
    "adagrad": (
        Equivalent(
            "keras",
            "keras.optimizers.Adagrad("
            "{lr}, initial_accumulator_value=0.0, epsilon={eps})",
            "The sum of squares starts at 0, in Keras at 0.1 unless another is given.",
            where={"eps_inside": 1, "l2_in_r": 1},
        ),
    ),
    "rmsprop": (
        Equivalent(
            "keras",
            "keras.optimizers.RMSprop({lr}, rho={rho}, epsilon={eps})",
            where={"eps_inside": 1, "l2_in_r": 1},
        ),
    ),
    "rmsprop_momentum": (
        Equivalent(
            "keras",
            "keras.optimizers.RMSprop({lr}, rho={rho}, momentum={beta}, epsilon={eps})",
        ),
    ),
    "adam": (
        Equivalent(
            "keras",
            f"keras.optimizers.Adam({{lr}}, {_ADAM})",
            SCALED,
            where={"eps_inside": 0, "bias_correction": 1},
        ),
    ),
    "adamw": (
        Equivalent(
            "keras",
            f"keras.optimizers.AdamW({{lr}}, weight_decay={{weight_decay}}, {_ADAM})",
            SCALED,
        ),
    ),
    "amsgrad": (
        absent("keras", "Keras takes the maximum before the correction, not after it."),
    ),
    "adamax": (absent("keras", "Keras adds epsilon to u, not to |g|."),),
    "nadam": (absent("keras", "Keras warms beta1 up."),),
    "adadelta": (
        Equivalent(
            "keras", "keras.optimizers.Adadelta({lr}, rho={rho}, epsilon={eps})"
        ),
    ),
    "lion": (
        Equivalent(
            "keras",
            "keras.optimizers.Lion("
            "{lr}, beta_1={beta1}, beta_2={beta2}, weight_decay={weight_decay})",
        ),
    ),
}
"""By the key of the rule; of others, Keras has none."""
