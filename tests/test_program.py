"""How much code a typed formula may become, and that it is counted before compiling."""

import re
import threading
from contextlib import contextmanager

import jax
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surfaces import Domain, FormulaError, parse_formula, program, typed_surface
from surfaces.formula import FUNCTIONS
from surfaces.program import MOST, operations
from surfaces.typed import _loss

SQUARE = Domain(-2.0, 2.0, -2.0, 2.0)

# As they are published, and as a user would type them.
PUBLISHED = {
    "rosenbrock": "(1-x)^2 + 100*(y-x^2)^2",
    "himmelblau": "(x^2+y-11)^2 + (x+y^2-7)^2",
    "beale": "(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2",
    "goldstein_price": "(1+(x+y+1)^2*(19-14*x+3*x^2-14*y+6*x*y+3*y^2))"
    "*(30+(2*x-3*y)^2*(18-32*x+12*x^2+48*y-36*x*y+27*y^2))",
    "ackley": "20+e-20*exp(-0.2*sqrt((x^2+y^2)/2))-exp((cos(2*pi*x)+cos(2*pi*y))/2)",
    "griewank": "1+(x^2+y^2)/4000-cos(x)*cos(y/sqrt(2))",
    "levy": "sin(pi*(1+(x-1)/4))^2+((x-1)/4)^2*(1+10*sin(pi*(1+(x-1)/4)+1)^2)"
    "+((y-1)/4)^2*(1+sin(2*pi*(1+(y-1)/4))^2)",
    "rastrigin": "20+x^2+y^2-10*cos(2*pi*x)-10*cos(2*pi*y)",
    "eggholder": "-(y+47)*sin(sqrt(abs(x/2+y+47)))-x*sin(sqrt(abs(x-y-47)))",
    "holder_table": "-abs(sin(x)*cos(y)*exp(abs(1-sqrt(x^2+y^2)/pi)))",
    "schaffer_2": "0.5+(sin(x^2-y^2)^2-0.5)/(1+0.001*(x^2+y^2))^2",
    "schaffer_4": "0.5+(cos(sin(abs(x^2-y^2)))^2-0.5)/(1+0.001*(x^2+y^2))^2",
    "cross_in_tray": "-0.0001*(abs(sin(x)*sin(y)*exp(abs(100-sqrt(x^2+y^2)/pi)))+1)"
    "^0.1",
    "drop_wave": "-(1+cos(12*sqrt(x^2+y^2)))/(0.5*(x^2+y^2)+2)",
    "michalewicz": "-sin(x)*sin(x^2/pi)^20-sin(y)*sin(2*y^2/pi)^20",
    "shubert": "(cos(2*x+1)+2*cos(3*x+2)+3*cos(4*x+3)+4*cos(5*x+4)+5*cos(6*x+5))"
    "*(cos(2*y+1)+2*cos(3*y+2)+3*cos(4*y+3)+4*cos(5*y+4)+5*cos(6*y+5))",
    "langermann": "exp(-((x-3)^2+(y-5)^2)/pi)*cos(pi*((x-3)^2+(y-5)^2))"
    "+2*exp(-((x-5)^2+(y-2)^2)/pi)*cos(pi*((x-5)^2+(y-2)^2))",
    "peaks": "3*(1-x)^2*exp(-x^2-(y+1)^2)-10*(x/5-x^3-y^5)*exp(-x^2-y^2)"
    "-exp(-(x+1)^2-y^2)/3",
    "catenoid": "cosh(x)+cosh(y)-cosh(x*y/4)+sinh(x-y)",
}


def nested(name, depth, more=",y"):
    text = "x"
    for _ in range(depth):
        if FUNCTIONS[name].chooses:
            text = f"{name}(x < y, {text}, x*y)"
            continue
        text = f"{name}({text}{more if FUNCTIONS[name].arity == 2 else ''})"
    return text


def count(text):
    return operations(_loss(parse_formula(text).text))


_watched: dict[int, list[str]] = {}


def _watch(event, seconds, **_):
    if event.startswith("/jax/core/compile/backend"):
        for events in _watched.values():
            events.append(event)


jax.monitoring.register_event_duration_secs_listener(_watch)


@contextmanager
def compilations():
    """What is compiled meanwhile, in any thread."""
    _watched[threading.get_ident()] = events = []
    try:
        yield events
    finally:
        del _watched[threading.get_ident()]


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_published_may_be_typed(name):
    text = PUBLISHED[name]
    assert count(text) < 0.6 * MOST, "there is room for more than that"
    assert typed_surface(text, SQUARE).key == "formula"


@pytest.mark.parametrize(
    "text",
    [
        nested("hypot", 22), nested("sinh", 16), nested("cosh", 20),
        "(" * 24 + "x" + "+y)^63" * 24, nested("sigmoid", 19),
    ],
)  # fmt: skip
def test_what_would_compile_for_long_is_refused_before_anything_is_compiled(text):
    with compilations() as compiled, pytest.raises(FormulaError) as refused:
        typed_surface(text, SQUARE)
    assert compiled == []
    said = str(refused.value)
    assert re.fullmatch(
        r"the second derivatives of the formula take [12],\d{3} operations, and 1,000 "
        r"are allowed; use fewer or simpler functions",
        said,
    )


def test_the_counter_of_compilations_counts():
    with compilations() as compiled:
        jax.jit(lambda x: x * 17 + 4)(1.0)
    assert compiled


@pytest.mark.parametrize("name", FUNCTIONS)
def test_deeper_nests_count_more(name):
    counts = [count(f"x*y + {nested(name, depth)}") for depth in (1, 2, 4, 8)]
    assert counts == sorted(counts)
    # What has no slope, floor for one, has no more derivatives inside another.
    if name not in ("sign", "floor", "ceil"):
        assert counts[-1] > counts[0]


def test_a_power_counts_its_multiplications():
    assert count("x^2*y") < count("x^3*y") < count("x^63*y")


trees = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/^"), inner),
        st.builds("{}({})".format, st.sampled_from(["sin", "exp", "sqrt"]), inner),
        st.builds("hypot({}, {})".format, inner, inner),
    ),
    max_leaves=40,
)


@pytest.mark.usefixtures("unsearched")
@given(trees)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_formula_that_is_accepted_is_short_enough(text):
    try:
        surface = typed_surface(text, SQUARE)
    except FormulaError:
        return
    assert 0 < operations(surface.loss) <= MOST


def test_a_formula_is_traced_once(monkeypatch):
    traced = []
    hessian = jax.hessian
    monkeypatch.setattr(
        program.jax, "hessian", lambda fn: traced.append(1) or hessian(fn)
    )
    counts = []
    for _ in range(3):
        typed_surface("x^2 + 41.5*y^2", SQUARE)
        with pytest.raises(FormulaError):
            typed_surface(nested("hypot", 21), SQUARE)
        counts.append(len(traced))
    # Each is counted, and one is searched for its critical points.
    assert 2 <= counts[0] == counts[1] == counts[2]
