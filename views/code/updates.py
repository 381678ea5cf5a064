"""The rules, each written out in a few lines: one entry of `UPDATES` a rule.

The same lines are read by NumPy, PyTorch and JAX, which call most functions alike. A
rule that is missing here is written by the lines that it declares (`Optimizer.lines`);
one without is left out of a script that cannot take it from a library.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from views.code.inputs import StepNames


@dataclass(frozen=True)
class Given:
    """What the lines of a rule are written with.

    Attributes:
        m: The name of the library's module.
        h: The hyperparameters: switches decide which lines there are, and all others
            are names in them.
        names: Of what differs from step to step.
    """

    m: str
    h: Any
    names: StepNames

    @property
    def rate(self) -> str:
        """The learning rate of a step."""
        return f"lr * {self.names.factor}(t)" if self.names.factor else "lr"

    def gradient(self, at: str = "w") -> str:
        """The gradient at a point, as the step is given it."""
        noise = f" + {self.names.noise}[t]" if self.names.noise else ""
        return f"{self._called('gradient', at)}{noise}"

    def loss(self, at: str = "w") -> str:
        """The loss at a point, as the step is given it."""
        if self.names.noisy_loss:
            return f"{self.names.noisy_loss}({at}, t)"
        return self._called("loss", at)

    def hessian(self, at: str = "w") -> str:
        """The second derivatives at a point."""
        return self._called("hessian", at)

    def root(self, square: str, inside: float) -> str:
        """The root of a square, with epsilon under it or beside it."""
        if inside:
            return f"{self.m}.sqrt({square} + eps)  # epsilon is under the root"
        return f"{self.m}.sqrt({square}) + eps  # epsilon is beside the root"

    def _called(self, name: str, at: str) -> str:
        weights = f", {self.names.weights}[t]" if self.names.weights else ""
        return f"{name}({at}{weights})"


@dataclass(frozen=True)
class Update:
    """A rule in lines.

    Attributes:
        lines: One step, from w to the next w.
        memory: What it remembers, with its value before the first step.
        before: Lines before the first step.
        says: A convention that others have otherwise, in one sentence.
        decides: Whether its lines branch on numbers, so that JAX cannot compile them.
    """

    lines: list[str]
    memory: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    says: str = ""
    decides: bool = False


def _zeros(g: Given, *names: str) -> dict[str, str]:
    return {name: f"{g.m}.zeros(2)" for name in names}


def _gradient_descent(g: Given) -> Update:
    return Update([f"g = {g.gradient()}", f"w = w - {g.rate} * g"])


def _momentum(g: Given) -> Update:
    lines = [f"g = {g.gradient()}", f"v = beta * v - {g.rate} * g", "w = w + v"]
    says = "v has the sign of the step, and the learning rate in it."
    return Update(lines, _zeros(g, "v"), says=says)


def _nesterov(g: Given) -> Update:
    if g.h.look_ahead:
        lines = [
            f"g = {g.gradient()}",
            f"v = beta * v - {g.rate} * g",
            f"w = w + beta * v - {g.rate} * g",
        ]
        says = "w is the point that is looked at, as in torch and optax."
    else:
        lines = [
            f"g = {g.gradient('w + beta * v')}",
            f"v = beta * v - {g.rate} * g",
            "w = w + v",
        ]
        says = "w is the point itself; torch and optax keep w + beta v."
    return Update(lines, _zeros(g, "v"), says=says)


def _seen(g: Given) -> str:
    """The square of the gradient as it goes into r."""
    return "g**2" if g.h.l2_in_r else "(g - l2 * w) ** 2"


def _adagrad(g: Given) -> Update:
    lines = [
        f"g = {g.gradient()}",
        f"r = r + {_seen(g)}",
        f"divisor = {g.root('r', g.h.eps_inside)}",
        f"w = w - {g.rate} * g / divisor",
    ]
    says = "r starts at 0, in optax at 0.1 unless another value is given."
    return Update(lines, _zeros(g, "r"), says=says)


def _rmsprop(g: Given) -> Update:
    lines = [
        f"g = {g.gradient()}",
        f"r = rho * r + (1 - rho) * {_seen(g)}",
        f"divisor = {g.root('r', g.h.eps_inside)}",
        f"w = w - {g.rate} * g / divisor",
    ]
    says = "" if g.h.l2_in_r else "The slope of the penalty is left out of r."
    return Update(lines, _zeros(g, "r"), says=says)


def _rmsprop_momentum(g: Given, at: str = "w") -> Update:
    lines = [
        f"g = {g.gradient(at)}",
        "r = rho * r + (1 - rho) * g**2",
        f"divisor = {g.root('r', 1)}",
        f"v = beta * v - {g.rate} * g / divisor",
        "w = w + v",
    ]
    says = "v has the sign of the step, and the learning rate in it."
    return Update(lines, _zeros(g, "r", "v"), says=says)


def _rmsprop_nesterov(g: Given) -> Update:
    return _rmsprop_momentum(g, "w + beta * v")


def _moments(g: Given) -> list[str]:
    return [
        f"g = {g.gradient()}",
        "m = beta1 * m + (1 - beta1) * g",
        "r = beta2 * r + (1 - beta2) * g**2",
    ]


M_HAT = "m_hat = m / (1 - beta1 ** (t + 1))  # t counts from 0"
R_HAT = "r_hat = r / (1 - beta2 ** (t + 1))"


def _adam(g: Given) -> Update:
    corrected = g.h.bias_correction
    m, r = ("m_hat", "r_hat") if corrected else ("m", "r")
    lines = [
        *_moments(g),
        *([M_HAT, R_HAT] if corrected else []),
        f"divisor = {g.root(r, g.h.eps_inside)}",
        f"w = w - {g.rate} * {m} / divisor",
    ]
    says = "" if corrected else "m and r are used as they are, without correction."
    return Update(lines, _zeros(g, "m", "r"), says=says)


def _adamw(g: Given) -> Update:
    lines = [
        *_moments(g),
        *(M_HAT, R_HAT),
        f"divisor = {g.root('r_hat', 0)}",
        f"w = w - {g.rate} * (m_hat / divisor + weight_decay * w)",
    ]
    says = "The decay is multiplied by the learning rate, as in torch and optax."
    return Update(lines, _zeros(g, "m", "r"), says=says)


def _amsgrad(g: Given) -> Update:
    lines = [
        *_moments(g),
        *(M_HAT, R_HAT),
        f"u = {g.m}.maximum(u, r_hat)  # corrected before the maximum is taken",
        f"divisor = {g.root('u', 0)}",
        f"w = w - {g.rate} * m_hat / divisor",
    ]
    return Update(lines, _zeros(g, "m", "r", "u"))


def _adamax(g: Given) -> Update:
    lines = [
        f"g = {g.gradient()}",
        "m = beta1 * m + (1 - beta1) * g",
        f"u = {g.m}.maximum(beta2 * u, {g.m}.abs(g) + eps)  # epsilon is beside |g|",
        M_HAT,
        f"w = w - {g.rate} * m_hat / u",
    ]
    return Update(lines, _zeros(g, "m", "u"))


def _nadam(g: Given) -> Update:
    lines = [
        *_moments(g),
        R_HAT,
        "ahead = beta1 * m / (1 - beta1 ** (t + 2))  # t counts from 0",
        "ahead = ahead + (1 - beta1) * g / (1 - beta1 ** (t + 1))",
        f"divisor = {g.root('r_hat', 0)}",
        f"w = w - {g.rate} * ahead / divisor",
    ]
    return Update(
        lines,
        _zeros(g, "m", "r"),
        says="beta1 is the same at every step; torch warms it up.",
    )


def _radam(g: Given) -> Update:
    lines = [
        *_moments(g),
        *(M_HAT, R_HAT),
        "step = m_hat",
        "power = beta2 ** (t + 1)",
        "last = 2 / (1 - beta2) - 1",
        "rho = last - 2 * (t + 1) * power / (1 - power)",
        "if rho >= 5:  # the variance is tractable",
        "    above = (rho - 4) * (rho - 2) * last",
        "    below = (last - 4) * (last - 2) * rho",
        f"    divisor = {g.root('r_hat', 0)}",
        "    step = (above / below) ** 0.5 * m_hat / divisor",
        f"w = w - {g.rate} * step",
    ]
    return Update(lines, _zeros(g, "m", "r"), decides=True)


def _adadelta(g: Given) -> Update:
    lines = [
        f"g = {g.gradient()}",
        "e_g = rho * e_g + (1 - rho) * g**2",
        f"d = {g.m}.sqrt(e_x + eps) / {g.m}.sqrt(e_g + eps) * g"
        "  # epsilon is under both roots",
        "e_x = rho * e_x + (1 - rho) * d**2",
        f"w = w - {g.rate} * d",
    ]
    return Update(lines, _zeros(g, "e_g", "e_x"))


def _lion(g: Given) -> Update:
    lines = [
        f"g = {g.gradient()}",
        f"u = {g.m}.sign(beta1 * m + (1 - beta1) * g)",
        f"w = w - {g.rate} * (u + weight_decay * w)",
        "m = beta2 * m + (1 - beta2) * g",
    ]
    return Update(lines, _zeros(g, "m"))


def _adabelief(g: Given) -> Update:
    lines = [
        f"g = {g.gradient()}",
        "m = beta1 * m + (1 - beta1) * g",
        "s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # epsilon at every step",
        M_HAT,
        "s_hat = s / (1 - beta2 ** (t + 1))",
        f"divisor = {g.root('s_hat', 0)}",
        f"w = w - {g.rate} * m_hat / divisor",
    ]
    return Update(lines, _zeros(g, "m", "s"))


def _yogi(g: Given) -> Update:
    lines = [
        f"g = {g.gradient()}",
        "m = beta1 * m + (1 - beta1) * g",
        f"r = r - (1 - beta2) * {g.m}.sign(r - g**2) * g**2",
        *(M_HAT, R_HAT),
        f"divisor = {g.root('r_hat', 0)}",
        f"w = w - {g.rate} * m_hat / divisor",
    ]
    says = "m and r start at 0 and are corrected; optax.yogi starts both at 1e-6."
    return Update(lines, _zeros(g, "m", "r"), says=says)


def _newton(g: Given) -> Update:
    m = g.m
    lines = [
        f"g = {g.gradient()}",
        f"h = {g.hessian()} + damping * {m}.eye(2)",
        f"largest = {m}.abs(h).max()",
        "flat = flat | (largest == 0)  # not curved at all: the rule stops",
        "(a, b), (_, c) = h / largest",
        "p, q = g / largest",
        "det = a * c - b * b",
        f"full = {m}.stack([c * p - b * q, a * q - b * p]) / det",
        "# Where the matrix is singular, the pseudo-inverse in place of the inverse.",
        f"along = {m}.stack([a * p + b * q, b * p + c * q]) / (a + c) ** 2",
        f"step = {m}.where(abs(det) <= 1e-14, along, full)",
        f"w = w - {m}.where(flat, 0.0, step)",
    ]
    return Update(lines, {"flat": "False"})


def _bfgs(g: Given) -> Update:
    m = g.m
    lines = [
        f"g = {g.gradient()}",
        "p = -B @ g",
        "a = first",
        "for _ in range(41):  # halves the step until the loss has fallen enough",
        f"    if {g.loss('w + a * p')} <= {g.loss()} + c1 * a * (g @ p):",
        "        break",
        "    a = a / 2",
        "else:",
        "    a = 0.0",
        "s = a * p",
        f"y = {g.gradient('w + s')} - g",
        "if s @ y > 0:",
        "    if not learnt:",
        "        B, learnt = (s @ y) / (y @ y) * B, True",
        f"    keep = {m}.eye(2) - {m}.outer(s, y) / (s @ y)",
        f"    B = keep @ B @ keep.T + {m}.outer(s, s) / (s @ y)",
        "w = w + s",
    ]
    says = "Only the loss is asked along the line, and no condition on the slope."
    memory = {"B": f"{m}.eye(2)", "learnt": "False"}
    return Update(lines, memory, says=says, decides=True)


def _random_search(g: Given) -> Update:
    lines = [
        "tried = w + sigma * z[t]",
        f"w = {g.m}.where({g.loss('tried')} < {g.loss()}, tried, w)",
    ]
    return Update(
        lines, before=("z = draws(seed)",), says="The proposals are the page's."
    )


def _numeric_gradient(g: Given) -> Update:
    lines = [
        f"dx, dy = h * {g.m}.eye(2)",
        f"rise_x = {g.loss('w + dx')} - {g.loss('w - dx')}",
        f"rise_y = {g.loss('w + dy')} - {g.loss('w - dy')}",
        f"w = w - {g.rate} * {g.m}.stack([rise_x, rise_y]) / (2 * h)",
    ]
    says = (
        "Differences of losses show how they are rounded: where h is tiny, the last "
        "digits may differ from the page's."
    )
    return Update(lines, says=says)


UPDATES: dict[str, Callable[[Given], Update]] = {
    "gradient_descent": _gradient_descent,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "rmsprop_momentum": _rmsprop_momentum,
    "rmsprop_nesterov": _rmsprop_nesterov,
    "adam": _adam,
    "adamw": _adamw,
    "amsgrad": _amsgrad,
    "adamax": _adamax,
    "nadam": _nadam,
    "radam": _radam,
    "adadelta": _adadelta,
    "lion": _lion,
    "adabelief": _adabelief,
    "yogi": _yogi,
    "newton": _newton,
    "bfgs": _bfgs,
    "random_search": _random_search,
    "numeric_gradient": _numeric_gradient,
}
"""By the key of the rule."""

LEFT_OUT = {
    "lbfgs": "its line search, optax's, takes more than a few lines",
}
"""Why a rule is not written out."""
