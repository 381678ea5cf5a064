"""Settings every test runs under, what Hypothesis draws, and the table at the end."""

import asyncio
import math
import os
import time
from contextlib import nullcontext, suppress
from importlib import import_module
from pathlib import Path

import httpx
import jax
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from xdist.scheduler import LoadScopeScheduling

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import NoiseAndWarmup
from surfaces import SURFACES, Param, compiled, params
from surfaces.budget import STORE

# All tests are one process, which takes more than a server would: where code is dropped
# for that, tests that nothing compiles twice would fail for no fault of what they test.
os.environ.setdefault("VISUALIZER_MEMORY", "1000000")
os.environ.setdefault("VISUALIZER_MAPPINGS", "50000")
STORE.budget.memory, STORE.budget.mappings = 10**12, 50_000

# XLA reads its flags when it first computes. Cores are busy with other tests, so that
# compiling one program on several is only more work. Servers are started without that.
_flags = os.environ["XLA_FLAGS"]
os.environ["XLA_FLAGS"] = f"{_flags} --xla_cpu_parallel_codegen_split_count=1"
jax.devices()
os.environ["XLA_FLAGS"] = _flags

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")

KEPT = 30 * 24 * 3600  # seconds that compiled code is kept, so that it does not pile up

# Derandomized, so that one commit gives one answer; explore with --hypothesis-seed.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("same")


def forget_old(folder):
    """Removes the code of programs that may be none any more."""
    for file in folder.glob("*-cache"):
        with suppress(FileNotFoundError):  # another session may do the same
            if time.time() - file.stat().st_mtime > KEPT:
                file.unlink()


def pytest_configure(config):
    """Keeps compiled code for the user, where the app keeps its own.

    What has the same program, compiler and flags is not compiled a second time, neither
    by another process of this session nor by the next session, also of another clone.
    """
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "loss-surface-visualizer-tests"
        if not hasattr(config, "workerinput"):
            forget_old(folder)
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        # The formulas of tests are few: theirs is kept, as no server does.
        compiled.persistent_cache_min_compile_time_secs = nullcontext


@pytest.fixture(autouse=True)
def no_running_loop(request):
    """Hides the loop of a browser that was started before from tests with their own."""
    loop = asyncio._get_running_loop()
    if loop is None or request.path.parent.name == "browser":
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(autouse=True, scope="module")
def forgotten_runs():
    """Frees what a module's runs have compiled: a process can hold so much."""
    yield
    for name in ("optim.descent:_descend", "optim.studies.loop:run_tile",
                 "optim.studies.trails:_trails"):  # fmt: skip
        module, _, function = name.partition(":")
        getattr(import_module(module), function).forget()


@pytest.fixture
def unsearched(monkeypatch):
    """Formulas are not searched for minima: for that, each one is compiled."""
    typed = import_module("surfaces.typed")
    monkeypatch.setattr(typed, "with_found", lambda surface, lowest=(): surface)
    typed._surface.cache_clear()
    typed._as_typed.cache_clear()
    yield
    typed._surface.cache_clear()
    typed._as_typed.cache_clear()


@pytest.fixture(scope="session")
def get():
    """Asks the routes without a server between; what they raise, it raises."""
    # Only here: most tests need no page, nor what it takes to import one.
    routes = import_module("views.routes").ROUTES
    transport = httpx.ASGITransport(Starlette(routes=routes))

    async def fetch(path, query):
        async with httpx.AsyncClient(
            transport=transport, base_url="http://player"
        ) as client:
            return await client.get(path, params=query)

    with start_blocking_portal() as portal:
        yield lambda path, **query: portal.call(fetch, path, query)


def _values(param: Param) -> st.SearchStrategy[float]:
    """Values a `Param` allows, uniform on its slider."""
    if param.whole:
        return st.integers(math.ceil(param.low), math.floor(param.high))
    low, high = param.position([param.low, param.high]).tolist()
    return st.floats(low, high).map(param.value_at)


# From here on st.from_type() draws the values of any declaration.
for _declared in {
    NoiseAndWarmup,
    *(schedule.hypers for schedule in SCHEDULES.values()),
    *(optimizer.hypers for optimizer in OPTIMIZERS.values()),
    *(type(surface.params) for surface in SURFACES.values()),
}:
    st.register_type_strategy(
        _declared,
        st.builds(
            _declared, **{name: _values(p) for name, p in params(_declared).items()}
        ),
    )

# By rule and reference: surfaces, runs and steps compared, and the worst deviation.
Rows = dict[tuple[str, str], tuple[frozenset[str], int, int, float]]
CONFORMANCE = pytest.StashKey[Rows]()

INTRODUCTION = """# How far the rules deviate from their references

Each rule descends smooth surfaces beside an independent implementation: from the
declared start, and from starts and hyperparameters that Hypothesis draws, up to 300
steps a run, in float64. Two runs are compared for as long as a run whose every step is
perturbed by 1e-14 stays within 1e-10 of itself; beyond that, no two programs can agree.
The worst deviation is relative to the size of the point, or to 1 if that is larger.

"NumPy (paper)" is a transcription of the paper's algorithm. L-BFGS is compared with its
directions and Wolfe's conditions, step by step. `tests/rule_runs.py` and
`tests/references.py` have the conventions, and `CONFORMANCE=write python -m pytest
tests/test_parity.py tests/test_curvature_rules.py` writes this table.
"""


@pytest.fixture(scope="session")
def conformance(request):
    """Where a test notes how far a rule deviates from a reference."""
    return request.config.stash.setdefault(CONFORMANCE, {})


def pytest_report_header():
    """Prints what the tests of random requests are drawn from."""
    return f"FUZZ_SEED={os.environ.get('FUZZ_SEED', '0')}"


# -- several processes ----------------------------------------------------------------

LONGEST = (
    "browser",
    "test_parity.py",
    "test_rule_properties.py",
    "test_hyperparameters.py",
    "test_fuzz.py",
    "test_surfaces.py",
    "test_studies.py",
    "test_study_routes.py",
    "test_trails.py",
    "test_connections.py",
    "test_formula.py",
)
"""What takes longest, and so begins first: at the end, no process waits for another."""


def pytest_xdist_auto_num_workers(config):
    """How many processes run the tests: one, this one, if only some are asked for."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return 0
    return min(os.cpu_count() or 1, 4)


class ByFile(LoadScopeScheduling):
    """A process at a time runs a file, and one of them all tests with a browser.

    So what a file compiles is compiled once, and there is one browser.
    """

    def _split_scope(self, nodeid):
        path = Path(nodeid.partition("::")[0])
        return "browser" if path.parent.name == "browser" else path.name


def pytest_xdist_make_scheduler(config, log):
    """Has whole files run in one process."""
    return ByFile(config, log)


def pytest_collection_modifyitems(config, items):
    """With several processes, what takes longest comes first."""

    def rank(item):
        names = {item.path.name, item.path.parent.name} & set(LONGEST)
        return min(map(LONGEST.index, names), default=len(LONGEST))

    if hasattr(config, "workerinput"):
        items.sort(key=rank)


def pytest_sessionfinish(session):
    """One of several processes sends what its tests have noted."""
    config = session.config
    if hasattr(config, "workeroutput"):
        rows = config.stash.get(CONFORMANCE, {})
        config.workeroutput["conformance"] = [
            (*names, sorted(on), *numbers) for names, (on, *numbers) in rows.items()
        ]


def pytest_testnodedown(node):
    """Takes in what the tests of a process have noted, unless it broke down."""
    rows = node.config.stash.setdefault(CONFORMANCE, {})
    noted = getattr(node, "workeroutput", {}).get("conformance", ())
    for rule, reference, on, runs, steps, worst in noted:
        before = rows.get((rule, reference), (frozenset(), 0, 0, 0.0))
        rows[rule, reference] = (
            before[0] | set(on),
            before[1] + runs,
            before[2] + steps,
            max(before[3], worst),
        )


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    """Prints how far each rule deviates from each reference, at worst.

    With CONFORMANCE=write in the environment, a session that compared every rule and
    passed writes the same table to docs/conformance.md.
    """
    rows = config.stash.get(CONFORMANCE, {})
    if not rows:
        return
    order = list(OPTIMIZERS)
    table = [("rule", "reference", "surfaces", "runs", "steps", "worst deviation")] + [
        (rule, reference, str(len(on)), str(runs), str(steps), f"{worst:.1e}")
        for (rule, reference), (on, runs, steps, worst) in sorted(
            rows.items(), key=lambda row: (order.index(row[0][0]), row[0][1])
        )
    ]
    terminalreporter.section("conformance of the rules")
    for rule, reference, on, runs, steps, worst in table:
        terminalreporter.write_line(
            f"{rule:<18}{reference:<15}{on:>9}{runs:>6}{steps:>8}  {worst}"
        )
    complete = {rule for rule, _ in rows} == set(OPTIMIZERS) and exitstatus == 0
    if complete and os.environ.get("CONFORMANCE") == "write":
        head, *body = ("| " + " | ".join(row) + " |" for row in table)
        line = "| --- | --- | ---: | ---: | ---: | ---: |"
        document = Path(__file__).parents[1] / "docs" / "conformance.md"
        document.write_text("\n".join([INTRODUCTION, head, line, *body, ""]), "utf-8")
