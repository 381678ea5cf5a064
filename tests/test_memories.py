"""What a rule remembers is what torch's rule of that name remembers, step by step."""

import numpy as np
import pytest
import torch
from references import made

from optim import OPTIMIZERS, descend
from surfaces import SURFACES
from surfaces.base import slope_and_hessian

STEPS = 20
MEMORIES = {
    "momentum": {"v": ("momentum_buffer", lambda b, h: -h.lr * b)},
    "adagrad": {"r": ("sum", None)},
    "rmsprop": {"r": ("square_avg", None)},
    "rmsprop_momentum": {
        "r": ("square_avg", None),
        "v": ("momentum_buffer", lambda b, h: -h.lr * b),
    },
    "adam": {"m": ("exp_avg", None), "r": ("exp_avg_sq", None)},
    "adamw": {"m": ("exp_avg", None), "r": ("exp_avg_sq", None)},
    "adamax": {"m": ("exp_avg", None), "r": ("exp_inf", None)},
    "nadam": {"m": ("exp_avg", None), "r": ("exp_avg_sq", None)},
    "radam": {"m": ("exp_avg", None), "r": ("exp_avg_sq", None)},
    "adadelta": {"e_g": ("square_avg", None), "e_x": ("acc_delta", None)},
}
"""By rule and quantity: torch's name, and how ours follows from it."""


@pytest.mark.parametrize("surface_key", ["rosenbrock", "himmelblau", "matyas"])
@pytest.mark.parametrize("key", MEMORIES)
def test_torch_remembers_the_same(key, surface_key):
    surface, rule = SURFACES[surface_key], OPTIMIZERS[key]
    (same, *_) = [one for one in rule.equivalents if one.library == "torch"]
    hypers = rule.recommended(surface.recommended)._replace(**(same.where or {}))
    run = descend(surface, rule, surface.start, hypers, STEPS, quantities=True)
    assert run.quantities is not None
    point = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    theirs = made(same.code, hypers, [point])
    for t in range(STEPS):
        np.testing.assert_allclose(
            point.detach().numpy(), run.points[t], rtol=1e-9, atol=1e-12
        )
        slope, _ = slope_and_hessian(surface.fn, point.detach().numpy())
        point.grad = torch.tensor(np.asarray(slope))
        theirs.step()
        (state,) = theirs.state.values()
        for name, (their_name, ours) in MEMORIES[key].items():
            value = state[their_name].numpy()
            np.testing.assert_allclose(
                run.quantities[name][t], value if ours is None else ours(value, hypers),
                rtol=1e-8, atol=1e-12, err_msg=f"{name} at step {t}",
            )  # fmt: skip
