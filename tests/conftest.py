"""Settings every test runs under, what Hypothesis draws, and the table at the end."""

import math

import jax
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import Chance
from surfaces import SURFACES, Param, params

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")

# Derandomized, so that one commit gives one answer; explore with --hypothesis-seed.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("same")


def _values(param: Param) -> st.SearchStrategy[float]:
    """Values a `Param` allows, spread as its slider spreads them."""
    if param.whole:
        return st.integers(math.ceil(param.low), math.floor(param.high))
    if param.scale == "log":
        exponents = st.floats(math.log10(param.low), math.log10(param.high))
        spread = exponents.map(lambda e: 10.0**e)
    elif param.scale == "complement":
        nines = st.floats(-math.log10(1 - param.low), -math.log10(1 - param.high))
        spread = nines.map(lambda n: 1 - 10.0**-n)
    elif param.scale == "root":
        roots = st.floats(math.cbrt(param.low), math.cbrt(param.high))
        spread = roots.map(lambda r: r**3)
    else:
        spread = st.floats(param.low, param.high)
    return spread.map(lambda value: min(max(value, param.low), param.high))


# From here on st.from_type() draws the hyperparameters and knobs of any declaration.
for _declared in {
    Chance,
    *(schedule.hypers for schedule in SCHEDULES.values()),
    *(optimizer.hypers for optimizer in OPTIMIZERS.values()),
    *(type(surface.knobs) for surface in SURFACES.values()),
}:
    st.register_type_strategy(
        _declared,
        st.builds(
            _declared, **{name: _values(p) for name, p in params(_declared).items()}
        ),
    )

CONFORMANCE = pytest.StashKey[dict[tuple[str, str], tuple[int, int, float]]]()


@pytest.fixture(scope="session")
def conformance(request):
    """By rule and reference: runs and steps compared, and the worst deviation."""
    return request.config.stash.setdefault(CONFORMANCE, {})


def pytest_terminal_summary(terminalreporter, config):
    """Prints how far each rule strayed from each reference, at worst."""
    rows = config.stash.get(CONFORMANCE, {})
    if not rows:
        return
    terminalreporter.section("conformance of the rules")
    terminalreporter.write_line(
        f"{'rule':<18}{'reference':<11}{'runs':>6}{'steps':>8}  worst deviation"
    )
    for (rule, reference), (runs, steps, worst) in sorted(rows.items()):
        terminalreporter.write_line(
            f"{rule:<18}{reference:<11}{runs:>6}{steps:>8}  {worst:.1e}"
        )
