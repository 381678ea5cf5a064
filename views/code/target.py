"""The libraries that a race is written for."""

from dataclasses import dataclass

from surfaces.registry import registry


@dataclass(frozen=True)
class Target:
    """A library.

    Attributes:
        key: Its name in addresses.
        label: Its name for a person.
        module: Under which name its functions are in a script.
        array: What makes an array of it from a sequence.
        from_numpy: What makes an array of it from one of NumPy's.
        library: Its name among the equivalents of rules; empty if it has no rules.
        named: What its rules are called together.
    """

    key: str
    label: str
    module: str
    array: str
    from_numpy: str
    library: str = ""
    named: str = ""


TARGETS = registry(
    (
        Target("numpy", "NumPy", "np", "np.array", ""),
        Target(
            "torch",
            "PyTorch",
            "torch",
            "torch.tensor",
            "torch.from_numpy",
            library="torch",
            named="torch.optim",
        ),
        Target(
            "optax",
            "JAX, with optax",
            "jnp",
            "jnp.array",
            "jnp.array",
            library="optax",
            named="optax",
        ),
        Target(
            "keras",
            "Keras",
            "np",
            "np.array",
            "",
            library="keras",
            named="keras.optimizers",
        ),
    )
)


def parse_target(texts: list[str]) -> Target:
    """Reads for which library a script is asked for: NumPy unless another is named.

    Raises:
        ValueError: In one sentence.
    """
    text = texts[0] if texts else "numpy"
    if text not in TARGETS:
        *most, last = TARGETS
        raise ValueError(
            f"There is no code for this target; allowed is {', '.join(most)} or {last}."
        )
    return TARGETS[text]
