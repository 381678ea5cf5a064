"""LaTeX symbols in plain characters."""

import re

_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε",
    "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_ABOVE = {"hat": "\N{COMBINING CIRCUMFLEX ACCENT}", "tilde": "\N{COMBINING TILDE}"}
_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plain(symbol: str) -> str:
    """A parameter's LaTeX symbol in plain characters."""
    symbol = re.sub(
        r"\\(hat|tilde) *(\w)", lambda found: found[2] + _ABOVE[found[1]], symbol
    )
    symbol = symbol.replace("^+", "⁺").replace("^-", "⁻")
    # A letter that is not in the table is spelled out.
    symbol = re.sub(
        r"\\([a-zA-Z]+)", lambda found: _SIGNS.get(found[1], found[1]), symbol
    )
    return re.sub(r"_\{?(\d+)\}?", lambda found: found[1].translate(_LOW), symbol)


def amid(label: str) -> str:
    """A label as it stands amid a sentence: "learning rate", but "L2 counts in r"."""
    first, *rest = label.split(" ")
    small = first.lower() if first[1:].islower() else first
    return " ".join((small, *rest))
