"""The kernel gives what plain JAX gives. Interpreted: no GPU is needed, or measured."""

from functools import partial
from importlib import import_module

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AbstractDevice, AbstractMesh, PartitionSpec

from optim import OPTIMIZERS
from optim.conditions import Conditions
from optim.studies import KINDS, study
from optim.studies import kernel as kernels
from optim.studies.kernel import in_one_kernel
from surfaces import SURFACES, Domain, typed_surface

# The module: the package's name for it is the function's.
engine = import_module("optim.studies.study")

RULES = ("gradient_descent", "momentum", "adagrad", "rmsprop", "adam")
BOOTH = SURFACES["booth"]
HIMMELBLAU = SURFACES["himmelblau"]
MOMENTUM = OPTIMIZERS["momentum"]
SEARCHES = {"bfgs", "lbfgs", "random_search"}
"""The rules that cannot be taken apart: what they do next depends on what they find."""
COUNTED = ("kinds", "minima", "arrived", "within", "gone")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Several programs a tile."""
    monkeypatch.setattr(kernels, "BLOCK", 64)


@pytest.fixture
def kernel_calls(monkeypatch):
    """What was run as a kernel."""
    calls = []

    def spied(*args, **options):
        calls.append(args)
        return in_one_kernel(*args, **options)

    monkeypatch.setattr(engine, "in_one_kernel", spied)
    return calls


def starts(surface, count):
    x_low, x_high, y_low, y_high = surface.window
    random = np.random.default_rng(2)
    return random.uniform((x_low, y_low), (x_high, y_high), (count, 2))


def assert_alike(plain, kernel):
    for name in COUNTED:
        np.testing.assert_array_equal(
            getattr(kernel, name), getattr(plain, name), err_msg=name
        )
    for name in ("points", "losses"):
        np.testing.assert_allclose(
            getattr(kernel, name), getattr(plain, name), rtol=1e-5, err_msg=name
        )


# RMSProp crosses Rosenbrock's valley to and fro, until the last bits decide where to.
@pytest.mark.parametrize(
    ("surface", "dtype", "num_steps"),
    [("rosenbrock", np.float64, 50), ("himmelblau", np.float32, 300)],
)
@pytest.mark.parametrize("key", RULES)
def test_as_plain(key, surface, dtype, num_steps, kernel_calls):
    surface, optimizer = SURFACES[surface], OPTIMIZERS[key]
    hypers = optimizer.recommended(surface.recommended)
    # Not a multiple of a block: the last program is filled up.
    points = np.vstack([*surface.minima, (90.0, -90.0), starts(surface, 150)])
    plain, kernel = (
        study(surface, optimizer, points, hypers, num_steps, dtype=dtype, kernel=kernel)
        for kernel in (False, True)
    )
    assert len(kernel_calls) == 1
    assert_alike(plain, kernel)
    assert len(set(kernel.kinds.tolist())) > 1
    assert set(kernel.minima.tolist()) > {-1}


def test_rates_that_differ_between_runs():
    rates = np.geomspace(1e-3, 0.1, 150)
    plain, kernel = (
        study(HIMMELBLAU, MOMENTUM, (1.0, 0.5), MOMENTUM.hypers(lr=rates, beta=0.8),
              200, kernel=kernel)
        for kernel in (False, True)
    )  # fmt: skip
    assert_alike(plain, kernel)
    assert {KINDS[kind] for kind in kernel.kinds} >= {"reached", "diverged"}


def test_each_block_ends_early_by_itself():
    # Runs at a minimum, and runs that have far to go.
    points = np.repeat([HIMMELBLAU.minima[0], (-0.5, 0.0)], 64, axis=0)
    hypers = MOMENTUM.hypers(lr=0.001)
    plain, kernel, whole = (
        study(HIMMELBLAU, MOMENTUM, points, hypers, 3000, **options)
        for options in ({}, {"kernel": True}, {"kernel": True, "early_stop": False})
    )
    for other in (plain, kernel):
        for name in COUNTED:
            np.testing.assert_array_equal(getattr(other, name), getattr(whole, name))
        np.testing.assert_allclose(other.points, whole.points, atol=3e-6)
    assert whole.taken == 3000 * 128
    assert kernel.taken < plain.taken < whole.taken


def test_a_rule_that_cannot_go_on():
    newton = OPTIMIZERS["newton"]
    # Not curved at all where x = 0, and nowhere else.
    surface = typed_surface("x^3", Domain(-2.0, 2.0, -2.0, 2.0))
    plain, kernel = (
        study(surface, newton, [(0, 1), (1, 1)], newton.hypers(), 5, kernel=kernel)
        for kernel in (False, True)
    )
    assert_alike(plain, kernel)
    assert kernel.ended("stopped").tolist() == [True, False]


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("momentum", {"conditions": Conditions(noise=0.1)}),
        ("momentum", {"apart": False}),
        ("random_search", {}),
    ],
    ids=["conditions", "not asked to take apart", "cannot be taken apart"],
)
def test_what_stays_plain(key, options, kernel_calls):
    optimizer = OPTIMIZERS[key]
    points, hypers = starts(HIMMELBLAU, 20), optimizer.hypers()
    plain, other = (
        study(HIMMELBLAU, optimizer, points, hypers, 10, kernel=kernel, **options)
        for kernel in (False, True)
    )
    assert not kernel_calls
    assert_alike(plain, other)


# From JAX 0.12 on, a kernel is lowered for the GPU of a mesh.
GPU = AbstractMesh(
    (1,), ("runs",), abstract_device=AbstractDevice("NVIDIA H100", None, "gpu")
)

# JAX 0.12 says that this way to a GPU will end; requirements.txt ends before it does.
to_triton = pytest.mark.filterwarnings(
    "ignore:The Pallas Triton backend is deprecated:DeprecationWarning"
)


def lowered(optimizer, surface, runs=1024):
    """The share of one GPU, lowered for CUDA."""
    hypers = optimizer.recommended(surface.recommended)
    same = (
        jax.tree.map(np.float32, surface.fn),
        engine._frame(surface, 1e-3, 0.0, np.float32),
        np.int32(500),
        np.int32(10),
        np.bool_(True),
    )
    x, first, *others = np.ones(runs, np.float32), *map(np.float32, hypers)
    own = (x, x, [np.broadcast_to(first, runs), *others])
    leaves, structure = jax.tree.flatten((own, same))

    def share(leaves):
        walk = partial(engine._walk, engine.Plan(optimizer, True, True, None))
        own, same = structure.unflatten(leaves)
        return in_one_kernel(walk, own, same, interpret=False)

    whole = PartitionSpec()
    one = jax.shard_map(
        share, mesh=GPU, in_specs=whole, out_specs=whole, check_vma=False
    )
    return jax.jit(one).trace(leaves).lower(lowering_platforms=("cuda",)).as_text()


def test_which_rules_and_surfaces_stay_plain():
    rule, real = OPTIMIZERS["gradient_descent"], np.float32
    rules = {
        key
        for key, one in OPTIMIZERS.items()
        if not engine.Machine(one, BOOTH.fn, real).apart
    }
    assert rules == SEARCHES
    surfaces = {
        key
        for key, one in SURFACES.items()
        if not engine.Machine(rule, one.fn, real).apart
    }
    assert surfaces == {key for key, one in SURFACES.items() if one.data}


@to_triton
@pytest.mark.parametrize("key", sorted(OPTIMIZERS.keys() - SEARCHES))
def test_every_other_rule_is_lowered_for_a_gpu(key):
    assert "xla.gpu.triton" in lowered(OPTIMIZERS[key], BOOTH)


@to_triton
@pytest.mark.parametrize("key", [key for key, one in SURFACES.items() if not one.data])
def test_every_other_surface_is_lowered_for_a_gpu(key):
    assert "xla.gpu.triton" in lowered(OPTIMIZERS["gradient_descent"], SURFACES[key])


def test_any_function_of_runs():
    def function(own, same):
        x, lr = own
        (a, b), table = same
        total = sum(row[0] * row[1] for row in table)
        return {"y": x * lr + a * total, "positive": x > b}

    x = jnp.linspace(-1, 1, 128)
    own, same = (x, np.float64(2.0)), ((1.0, 0.5), np.arange(6.0).reshape(3, 2))
    made = in_one_kernel(function, own, jax.tree.map(np.asarray, same), interpret=True)
    np.testing.assert_allclose(made["y"], 2 * x + 26.0)
    np.testing.assert_array_equal(made["positive"], x > 0.5)
