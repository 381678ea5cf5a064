"""Other ways to run the same race: optax, torch and C.

Each way makes, for one optimizer of `optim`, a function that returns every iterate,
the start included, and the loss at each. Where a library puts a constant elsewhere
than `optim` does, EPS is so small that it does not matter.
"""

import ctypes
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import torch

from surfaces import SURFACES

EPS = 1e-12
SURFACE = SURFACES["rosenbrock"]
# From here no run crosses the valley's floor to and fro within the race: RMSProp does
# so chaotically, and the last bit of a sum would then decide where it is.
START = (0.0, 2.0)
Run = Callable[[], tuple[Any, Any]]


def optax_rule(key: str, h: Any) -> optax.GradientTransformation:
    """The optimizer in optax."""
    return {
        "gradient_descent": lambda: optax.sgd(h.lr),
        "momentum": lambda: optax.sgd(h.lr, h.beta),
        "adagrad": lambda: optax.adagrad(h.lr, 0.0, h.eps),
        "rmsprop": lambda: optax.rmsprop(h.lr, h.rho, h.eps),
        "adam": lambda: optax.adam(h.lr, h.beta1, h.beta2, h.eps),
    }[key]()


def _optax_step(rule: optax.GradientTransformation) -> Callable[..., Any]:
    fn = SURFACE.fn

    def step(point, state):
        value, grad = jax.value_and_grad(fn)(point)
        updates, state = rule.update(grad, state, point)
        return optax.apply_updates(point, updates), state, value

    return step


def optax_loop(key: str, h: Any, steps: int) -> Run:
    """A jitted optax step in a Python loop, as in optax's own introduction."""
    rule = optax_rule(key, h)
    step = jax.jit(_optax_step(rule))
    fn = jax.jit(SURFACE.fn)

    def run():
        point = np.array(START)
        state = rule.init(point)
        points, losses = [point], []
        for _ in range(steps):
            point, state, value = step(point, state)
            points.append(point)
            losses.append(value)
        losses.append(fn(point))
        return np.array(points), np.array(losses)

    return run


def optax_scan(key: str, h: Any, steps: int) -> Run:
    """The whole optax run compiled; hyperparameters are constants of the code."""
    rule = optax_rule(key, h)
    step = _optax_step(rule)

    @jax.jit
    def scan(start):
        def body(carry, _):
            point, state, value = step(*carry)
            return (point, state), (carry[0], value)

        carry = start, rule.init(start)
        (last, _), (points, losses) = jax.lax.scan(body, carry, length=steps)
        return points, losses, last, SURFACE.fn(last)

    def run():
        points, losses, last, loss = map(np.asarray, scan(np.array(START)))
        return np.vstack([points, last]), np.append(losses, loss)

    return run


def torch_loop(key: str, h: Any, steps: int) -> Run:
    """torch.optim in a Python loop."""
    make = {
        "gradient_descent": lambda p: torch.optim.SGD(p, h.lr),
        "momentum": lambda p: torch.optim.SGD(p, h.lr, h.beta),
        "adagrad": lambda p: torch.optim.Adagrad(p, h.lr, eps=h.eps),
        "rmsprop": lambda p: torch.optim.RMSprop(p, h.lr, h.rho, h.eps),
        "adam": lambda p: torch.optim.Adam(p, h.lr, (h.beta1, h.beta2), h.eps),
    }[key]

    def loss(w):
        return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2

    def run():
        point = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        rule = make([point])
        points, losses = [point.detach().clone()], []
        for _ in range(steps):
            rule.zero_grad()
            value = loss(point)
            value.backward()
            rule.step()
            points.append(point.detach().clone())
            losses.append(value.detach())
        losses.append(loss(point).detach())
        return torch.stack(points).numpy(), torch.stack(losses).numpy()

    return run


_kept = ExitStack()


@cache
def _library() -> ctypes.CDLL:
    """race.c, compiled into a folder that goes when Python does."""
    folder = _kept.enter_context(tempfile.TemporaryDirectory())
    library = Path(folder) / "race.so"
    source = Path(__file__).with_name("race.c")
    command = ["cc", "-O3", "-shared", "-fPIC", "-o", library, source, "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def c_loop(key: str, h: Any, steps: int) -> Run:
    """A loop in C."""
    function = getattr(_library(), key)
    function.argtypes = [ctypes.c_int, *[ctypes.c_void_p] * 3]
    function.restype = None
    hypers = np.array(h, dtype=np.float64)

    def run():
        points, losses = np.empty((steps + 1, 2)), np.empty(steps + 1)
        points[0] = START
        arrays = hypers, points, losses
        function(steps, *(array.ctypes.data for array in arrays))
        return points, losses

    return run
