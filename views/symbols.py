"""LaTeX symbols in plain characters."""

import re

_SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "theta": "θ",
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
