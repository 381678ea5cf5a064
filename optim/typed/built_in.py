"""The built-in rules as texts, to be changed: each takes the built-in's own path.

What a switch decides is in the lines, and the values of the other hyperparameters are
declared where they are not the customary ones. One thing has no text: where the surface
is not curved, Newton's method stops, and its text divides by zero.
"""

from collections.abc import Callable, Iterable
from typing import Any

from optim.base import Hypers, Optimizer
from optim.typed import names
from surfaces import Param, params
from surfaces.formula.sliders import digits_of

_M_HAT = "m/(1 - beta1^t)"
_R_HAT = "r/(1 - beta2^t)"
_MOMENTS = "m = beta1*m + (1 - beta1)*g\nr = beta2*r + (1 - beta2)*g^2\n"
_DECOUPLED = "weight_decay"

_NAMES = {"lr": "alpha", _DECOUPLED: "lambda", "damping": "lambda"}
"""How a text calls a hyperparameter; by its own name if it is not here."""

_PENALTY = Param(r"\lambda", "L2 penalty", 0.0, 100.0, "linear", "That of the loss.")


def _root(square: str, inside: float) -> str:
    return f"sqrt(eps + {square})" if inside else f"(sqrt({square}) + eps)"


def _squared(h: Any) -> str:
    """The square of the gradient as it goes into r."""
    return "g^2" if h.l2_in_r else "(g - lambda*w)^2"


def _adam(h: Any) -> str:
    m, r = (f"({_M_HAT})", _R_HAT) if h.bias_correction else ("m", "r")
    return f"{_MOMENTS}w = w - alpha*{m}/{_root(r, h.eps_inside)}"


def _nesterov(h: Any) -> str:
    if h.look_ahead:
        return "v = beta*v - alpha*g\nw = w + (beta*v - alpha*g)"
    return "g = grad(w + beta*v)\nv = beta*v - alpha*g\nw = w + v"


_SCALED = "r = rho*r + (1 - rho)*g^2\nv = beta*v - alpha*g/sqrt(eps + r)\nw = w + v"

_LINES: dict[str, Callable[[Any], str]] = {
    "gradient_descent": lambda h: "w = w - alpha*g",
    "momentum": lambda h: "v = beta*v - alpha*g\nw = w + v",
    "adagrad": lambda h: (
        f"r = r + {_squared(h)}\nw = w - alpha*g/{_root('r', h.eps_inside)}"
    ),
    "rmsprop": lambda h: (
        f"r = rho*r + (1 - rho)*{_squared(h)}\n"
        f"w = w - alpha*g/{_root('r', h.eps_inside)}"
    ),
    "adam": _adam,
    "nesterov": _nesterov,
    "rmsprop_momentum": lambda h: _SCALED,
    "rmsprop_nesterov": lambda h: f"g = grad(w + beta*v)\n{_SCALED}",
    "newton": lambda h: "H = hess(w) + lambda*eye\nw = w - solve(H, g)",
    "random_search": lambda h: "s = sigma*randn\nw = w + where(f(w + s) < f, s, 0)",
    "adamw": lambda h: (
        f"{_MOMENTS}w = w - alpha*(({_M_HAT})/(sqrt({_R_HAT}) + eps) + lambda*w)"
    ),
    "amsgrad": lambda h: (
        f"{_MOMENTS}u = max(u, {_R_HAT})\nw = w - alpha*({_M_HAT})/(sqrt(u) + eps)"
    ),
    "adamax": lambda h: (
        "m = beta1*m + (1 - beta1)*g\nu = max(beta2*u, abs(g) + eps)\n"
        f"w = w - alpha*({_M_HAT})/u"
    ),
    "nadam": lambda h: (
        f"{_MOMENTS}"
        "n = beta1*m/(1 - beta1^(t + 1)) + (1 - beta1)*g/(1 - beta1^t)\n"
        f"w = w - alpha*n/(sqrt({_R_HAT}) + eps)"
    ),
    "radam": lambda h: (
        f"{_MOMENTS}"
        "most = 2/(1 - beta2) - 1\n"
        "n = most - 2*t*beta2^t/(1 - beta2^t)\n"
        "k = sqrt((n - 4)*(n - 2)*most/((most - 4)*(most - 2)*n))\n"
        f"w = w - alpha*where(n >= 5, k*({_M_HAT})/(sqrt({_R_HAT}) + eps), {_M_HAT})"
    ),
    "adadelta": lambda h: (
        "r = rho*r + (1 - rho)*g^2\nd = sqrt(s + eps)/sqrt(r + eps)*g\n"
        "s = rho*s + (1 - rho)*d^2\nw = w - alpha*d"
    ),
    "lion": lambda h: (
        "u = beta1*m + (1 - beta1)*g\nm = beta2*m + (1 - beta2)*g\n"
        "w = w - alpha*(sign(u) + lambda*w)"
    ),
    "adabelief": lambda h: (
        "m = beta1*m + (1 - beta1)*g\ns = beta2*s + (1 - beta2)*(g - m)^2 + eps\n"
        f"w = w - alpha*({_M_HAT})/(sqrt(s/(1 - beta2^t)) + eps)"
    ),
    "yogi": lambda h: (
        "m = beta1*m + (1 - beta1)*g\n"
        "r = r - (1 - beta2)*sign(r - g^2)*g^2\n"
        f"w = w - alpha*({_M_HAT})/(sqrt({_R_HAT}) + eps)"
    ),
}

_SEARCHES = "it tries points along a line until one will do, and a text has no loop"
LACKING = {
    "bfgs": _SEARCHES,
    "lbfgs": _SEARCHES,
    "numeric_gradient": "it looks along one axis and then the other, and a text has no "
    "coordinates one by one",
}
"""Why a rule has no text, in words that complete a sentence."""


def text_of(rule: Optimizer, hypers: Hypers, l2: float = 0.0) -> str:
    """A rule as a text, with these hyperparameters.

    Args:
        rule: A built-in one; of a typed one, the text is its own.
        hypers: Its hyperparameters.
        l2: The penalty of the loss, which some rules leave out of what they remember.

    Raises:
        LookupError: If it has none, with the reason.
    """
    if rule.text:
        return rule.text
    lines = rule.lines or _LINES.get(rule.key)
    if not lines:
        raise LookupError(LACKING.get(rule.key, "it is not written down"))
    given = hypers
    if "l2_in_r" in hypers._fields and not l2:
        hypers = hypers._replace(l2_in_r=1)  # There is nothing to leave out.
    lines = lines(hypers) if callable(lines) else lines
    return "\n".join((*_declarations(given, hypers, l2), lines))


def _declarations(given: Hypers, hypers: Any, l2: float) -> Iterable[str]:
    for name, param in params(type(given)).items():
        if param.scale == "switch":
            continue
        called, value = _NAMES.get(name, name), float(getattr(given, name))
        customary = names.param_of(called)
        if customary is None:
            low, high = digits_of(param.low), digits_of(param.high)
            yield f"{called} = {digits_of(value)} in {low}..{high}"
        elif customary[1] != value:
            yield f"{called} = {digits_of(value)}"
    if not getattr(hypers, "l2_in_r", 1):
        high = digits_of(_PENALTY.high)
        yield f"lambda = {digits_of(l2)} in {digits_of(_PENALTY.low)}..{high}"
