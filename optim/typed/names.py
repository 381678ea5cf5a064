"""Names in a rule: which are customary, and how they are written in mathematics."""

import re
from dataclasses import replace
from keyword import iskeyword

from optim.base import LEARNING_RATE, decay, floor
from surfaces import Param
from surfaces.formula.sliders import GREEK

RATES = ("lr", "eta", "alpha")
"""Names of the learning rate; the first of them that a rule has is the field `lr`."""

_KEEPS = "How much of what was remembered each step keeps."

_EPSILON = floor("Keeps a quotient finite.", low=1e-16)

SEED = Param(
    "s",
    "Seed",
    0,
    9999,
    "linear",
    "Seed of the random numbers: the same seed gives the same ones.",
    whole=True,
)

CUSTOMARY: dict[str, tuple[Param, float]] = {
    **{name: (LEARNING_RATE, 0.01) for name in RATES},
    "beta": (decay(r"\beta", "Momentum", _KEEPS), 0.9),
    "beta1": (decay(r"\beta_1", "First decay", _KEEPS), 0.9),
    "beta2": (decay(r"\beta_2", "Second decay", _KEEPS), 0.999),
    "mu": (decay(r"\mu", "Momentum", _KEEPS), 0.9),
    "rho": (decay(r"\rho", "Decay", _KEEPS), 0.9),
    "eps": (_EPSILON, 1e-8),
    "epsilon": (_EPSILON, 1e-8),
    "seed": (SEED, 0),
}
"""Hyperparameters that need no declaration, and their defaults."""

_ACCENTS = {"hat": "hat", "bar": "bar", "tilde": "tilde", "prev": "", "old": ""}
_PARTS = re.compile(r"([A-Za-z]+?)(?:_?([0-9]+)|_([A-Za-z0-9]+))?")


_LETTERS = dict(zip("αβγδζηθικλμνξρστυφχψωΓΔΘΛΞΣΦΨΩ", (
    *("alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "chi"),
    *("psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi"),
    *("Psi", "Omega"),
), strict=True)) | {"ε": "eps", "\u03f5": "eps"}  # fmt: skip
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_PASTED = re.compile(rf"([{''.join(_LETTERS)}])([₀-₉]*)")


def spelled(text: str) -> str:
    """A text with the letters and signs of papers as they are typed: β₁ as beta1."""
    text = re.sub("[\u2299\u2218]", "*", text)  # a dot or a ring in a circle
    return _PASTED.sub(lambda m: _LETTERS[m[1]] + m[2].translate(_DIGITS), text)


def param_of(name: str) -> tuple[Param, float] | None:
    """The customary declaration and default of a name; None if it has none."""
    if name not in CUSTOMARY:
        return None
    param, default = CUSTOMARY[name]
    return param if name == "seed" else replace(param, symbol=symbol(name)), default


def symbol(name: str) -> str:
    r"""A name in LaTeX: `beta1` as \beta_1, `m_hat` as \hat m."""
    if name in ("eps", "epsilon"):
        return r"\varepsilon"
    found = _PARTS.fullmatch(name)
    if found is None:
        return _upright(name)
    letter, number, word = found.groups()
    stem = _letter(letter)
    if number:
        return f"{stem}_{{{number}}}" if len(number) > 1 else f"{stem}_{number}"
    if word and _ACCENTS.get(word):
        return rf"\{_ACCENTS[word]} {stem}"
    return rf"{stem}_{{{_upright(word)}}}" if word else stem


def _letter(name: str) -> str:
    if name in GREEK:
        return rf"\{name}"
    return name if len(name) == 1 else _upright(name)


def _upright(name: str) -> str:
    return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def field(name: str) -> str:
    """The name of its field in a NamedTuple."""
    taken = name == "delta" or iskeyword(name) or name in ("count", "index")
    return f"{name}_" if taken else name
