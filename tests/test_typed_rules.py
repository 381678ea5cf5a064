"""Rules that are typed: the same as built-in ones, read strictly, and bounded."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend, typed_rule
from optim.studies import study
from optim.typed import EXAMPLES, read
from surfaces import SURFACES, FormulaError, params, regularized

BUILT_IN = {
    "Gradient descent": "gradient_descent",
    "Momentum": "momentum",
    "Nesterov": "nesterov",
    "AdaGrad": "adagrad",
    "RMSProp": "rmsprop",
    "Adam": "adam",
    "Lion": "lion",
    "Newton": "newton",
}
ROSENBROCK, HIMMELBLAU = SURFACES["rosenbrock"], SURFACES["himmelblau"]
ADAM = typed_rule(EXAMPLES["Adam"])


def pair(name, surface):
    """A typed rule and the built-in one, at the built-in's recommended values."""
    typed, rule = typed_rule(EXAMPLES[name], name), OPTIMIZERS[BUILT_IN[name]]
    hypers = rule.recommended(surface.recommended)
    own = {key: getattr(hypers, key) for key in typed.hypers._fields}
    return (typed, typed.hypers(**own)), (rule, hypers)


@pytest.mark.parametrize("surface", ["rosenbrock", "himmelblau"])
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_typed_rule_is_the_built_in_one(name, surface):
    surface = SURFACES[surface]
    mine, theirs = (
        descend(surface, rule, surface.start, hypers, 300)
        for rule, hypers in pair(name, surface)
    )
    np.testing.assert_allclose(mine.points, theirs.points, rtol=1e-12, atol=1e-12)
    assert mine.outcome.kind == theirs.outcome.kind


def test_it_follows_schedule_noise_and_penalty_like_the_built_in_one():
    surface = regularized(HIMMELBLAU, 0.1)
    cosine = SCHEDULES["cosine"]
    conditions = Conditions(cosine, cosine.hypers(end=0.1), noise=0.5, seed=3)
    mine, theirs = (
        descend(surface, rule, surface.start, hypers, 100, conditions=conditions)
        for rule, hypers in pair("Adam", HIMMELBLAU)
    )
    np.testing.assert_allclose(mine.points, theirs.points, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_last_quantity_is_the_step_to_the_last_bit(name):
    rule = typed_rule(EXAMPLES[name], name)
    run = descend(ROSENBROCK, rule, (-1.2, 1), rule.hypers(), 40, quantities=True)
    for t, w in enumerate(run.points[:-1]):
        np.testing.assert_array_equal(w + run.quantities["delta"][t], run.points[t + 1])


def test_its_lines_are_the_quantities_of_the_built_in_one():
    (typed, own), (rule, hypers) = pair("Adam", HIMMELBLAU)
    mine, theirs = (
        descend(HIMMELBLAU, each, (1, 1), values, 30, quantities=True).quantities
        for each, values in ((typed, own), (rule, hypers))
    )
    assert list(mine) == ["g", "m", "r", "delta"]
    for name in mine:
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-12, err_msg=name)
    kinds = {name: quantity.kind for name, quantity in typed.named.items()}
    assert kinds == {"g": "gradient", "m": "gradient", "r": "square", "delta": "step"}
    assert typed.named["m"].line == r"\beta_1 <m> + (1 - \beta_1) <g>"
    assert [n for n, q in typed.named.items() if q.memory] == ["m", "r"]


def test_in_a_study_it_ends_where_the_single_run_does():
    starts = np.array([(-3.0, 2.0), (1.0, 1.0), (3.5, -3.0)])
    for name in ("Adam", "Newton", "Normalized gradient", "Random search"):
        rule = typed_rule(EXAMPLES[name], name)
        ends = study(HIMMELBLAU, rule, starts, rule.hypers(), 20)
        for start, end in zip(starts, ends.points, strict=True):
            run = descend(HIMMELBLAU, rule, start, rule.hypers(), 20)
            np.testing.assert_allclose(end, run.points[-1], atol=2e-4, err_msg=name)


def after(text, steps=1, at=(3.0, 4.0), **hypers):
    """Where a rule is after some steps on half the squared length: g is w there."""
    rule = typed_rule(text)
    point, state = jnp.array(at), rule.init(jnp.array(at))
    for _ in range(steps):
        point, state = rule.step(
            lambda w: (w @ w) / 2, point, state, rule.hypers(**hypers)
        )
    return np.asarray(point)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("w = w - g/norm(g)", (2.4, 3.2)),
        ("w = w - dot(w, g)/50", (2.5, 3.5)),
        ("w = w - solve(2*hess(w), g)", (1.5, 2.0)),
        ("w = w - dot(hess(w), g)/2", (1.5, 2.0)),
        ("w = w - f*sign(g)/12.5", (2.0, 3.0)),
        ("w = w - f(w/5)*sign(g)*2", (2.0, 3.0)),
        ("w = w - grad(w/2)", (1.5, 2.0)),
        ("w = where(w > 3.5, w - 1, w + 1)", (4.0, 3.0)),
        ("w = w - solve(eye*2, g)", (1.5, 2.0)),
        ("w = 0.5*w", (1.5, 2.0)),
        ("w = w - max(g, 3.5)", (-0.5, 0.0)),
        ("w ← w − ½".replace("½", "0.5·g"), (1.5, 2.0)),
        ("w = w - 1^beta*g # all of it", (0.0, 0.0)),
        ("a = 0.5 in 0..1; w = w - a*g", (1.5, 2.0)),
    ],
)
def test_what_may_be_written(text, end):
    np.testing.assert_allclose(after(text), end, atol=1e-12)


def test_memory_holds_the_step_before_and_has_the_shape_of_what_is_remembered():
    # n counts, as a number; the vector u is the w of the step before.
    text = "k = n\nn = n + 1\nold = u\nu = w\nw = w - where(k > 0, w - old + 1, 0)"
    rule = typed_rule(text)
    state = rule.init(jnp.zeros(2))
    assert {name: np.shape(getattr(state, name)) for name in state._fields} == {
        "t": (),
        "n": (),
        "u": (2,),
    }
    np.testing.assert_allclose(after(text, 1), (3.0, 4.0))
    np.testing.assert_allclose(after(text, 2), (2.0, 3.0))
    np.testing.assert_allclose(after(text, 3), (2.0, 3.0))


def test_random_numbers_follow_the_seed():
    text = "w = w + rand - rand + 0.1*randn"
    first, same, other = after(text, 3), after(text, 3, seed=0), after(text, 3, seed=1)
    np.testing.assert_array_equal(first, same)
    assert (first != other).all()
    drawn = [after("w = rand", 1, seed=seed) for seed in range(40)]
    assert 0 <= np.min(drawn) < 0.2 < 0.8 < np.max(drawn) < 1
    assert typed_rule(text).stochastic
    assert not ADAM.stochastic


def test_hyperparameters_have_the_defaults_and_ranges_of_the_text():
    rule = typed_rule("gamma = 0.3 in 0.1..2\nbeta = 0.5\nw = w - alpha*gamma*beta*g")
    assert rule.hypers() == (0.01, 0.3, 0.5)
    assert rule.hypers._fields == ("lr", "gamma", "beta")
    declared = params(rule.hypers)
    assert (declared["gamma"].low, declared["gamma"].high) == (0.1, 2.0)
    assert declared["gamma"].symbol == r"\gamma"
    assert declared["beta"].high == 0.9999


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the rule is empty; write one such as w = w - alpha*g"),
        ("m = g", "the rule has no line that moves w"),
        ("w = w - g\nm = g", "the line that moves w must be the last"),
        ("v = 1\n-= 2", "line 2 gives no name a value"),
        ("w = w - alpha*q", "line 1: `q` at position 15 has no value; for a hyper"),
        ("w = w - betta1*g", "line 1: `betta1` at position 9 has no value; did you "
         "mean `beta1`?"),
        ("m = g\nw = w - m + (", "line 2: the formula ends where a value"),
        ("m = \nw = w - m", "line 1 gives `m` no value"),
        ("m = g\nm = 2*m\nw = w - m", "line 2 gives `m` a second value"),
        ("sin = 2*g\nw = w - g", "line 1 gives `sin` a value, but that name is"),
        ("t = 2*g\nw = w - g", "line 1 gives `t` a value, but that name is"),
        ("w = 2", "line 1 makes a number of w, which is a vector"),
        ("w = w - hess(w)*g", "line 1 joins a vector and a matrix; for their product"),
        ("w = w - solve(hess(w) + 0.1, g)", "line 1 adds a number to a matrix"),
        ("w = w - grad(2)", "line 1: grad takes a vector, not a number"),
        ("w = w - dot(g, 2)", "line 1: dot takes two vectors, or"),
        ("w = w - where(g, 1, 2)", "line 1: a comparison such as a < b must stand"),
        ("w = w - (g < 0)", "line 1: unexpected `<` at position 12"),
        ("alpha = 20\nw = w - alpha*g", "line 1 gives `alpha` a value out of its "
         "range, 1e-5 to 10"),
        ("k = 3 in 5..2\nw = w - k*g", "line 1 must go from a lower number"),
        ("m = g\nk = 3 in 2..5\nw = w - k*m", "line 2 declares a hyperparameter; such"),
        ("g = g + 1\nw = w - g", "line 1 reads `g` before its own line"),
        ("H = H + hess(w)\nw = w - solve(H, g)", "line 1 remembers a matrix"),
        ("w = w.__class__", "line 1: unexpected `.` at position 6"),
        ("w = w - g[0]", "line 1: unexpected `[` at position 10; write round"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(text, says):
    with pytest.raises(FormulaError) as caught:
        typed_rule(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_rule_is_bounded():
    for text, says in (
        ("w = w - g" + " " * 1000, "longer than 1000 characters"),
        ("\n".join(f"a{k} = g" for k in range(17)) + "\nw = w - g", "more than 16"),
        ("w = w - " + "+".join("g" for _ in range(99)), "more than 120 parts"),
        ("w = w - " + "(" * 40 + "g" + ")" * 40, "nested deeper"),
        ("w = w - " + "-".join(["grad(w)"] * 7), "7 times a step; allowed are 6"),
        (
            "".join(f"a{k} = 1 in 0..2\n" for k in range(9))
            + "w = w - "
            + "*".join(f"a{k}*g" for k in range(9)),
            "more than 8 hyperparameters",
        ),
    ):
        with pytest.raises(FormulaError, match=says):
            read(text)


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_printed_as_it_is_read(name):
    program = read(EXAMPLES[name])
    again = read(program.text)
    assert (again.text, again.latex, again.hypers) == (
        program.text, program.latex, program.hypers,
    )  # fmt: skip


def test_the_same_text_is_the_same_rule():
    assert typed_rule(EXAMPLES["Adam"]) is ADAM


WORDS = (
    "w g t f m r v alpha beta1 eps sqrt norm dot solve grad hess where rand eye "
    "= + - * / ^ ( ) , < <= == 1 2 0.5 1e-8 \n ; : in .. # sin max delta lambda count "
    "é ∇ 2e9999 | √ ² seed e pi import __class__ [ ] ' \\ \x00"
).split(" ")


@settings(max_examples=1500)
@given(st.data())
def test_whatever_is_typed_is_read_or_refused_in_a_sentence(data):
    text = data.draw(st.sampled_from(sorted(EXAMPLES.values())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        until = data.draw(st.integers(at, min(len(text), at + 3)))
        text = text[:at] + data.draw(st.sampled_from(WORDS)) + text[until:]
    said = ""
    try:
        read(text)
    except FormulaError as error:
        said = str(error)
    assert said.isprintable()


def test_what_is_read_can_be_computed_in_both_precisions():
    texts = [
        *EXAMPLES.values(),
        "w = w - 1^(-beta1)*g - 2^0.5*g + where(1 < 2, 3, 4)/0",
    ]
    for text in texts:
        rule = typed_rule(text)
        for dtype in (jnp.float64, jnp.float32):
            hypers = jax.tree.map(dtype, rule.hypers())
            state = rule.init(jnp.ones(2, dtype))
            found, after = jax.eval_shape(
                lambda w, s, h, rule=rule: rule.step.inside(lambda v: v @ v, w, s, h),
                jnp.ones(2, dtype), state, hypers,
            )  # fmt: skip
            assert found.delta.shape == (2,)
            kinds = jax.tree.map(lambda a: (a.shape, a.dtype), (state, after))
            assert kinds[0] == kinds[1]
            assert found.delta.dtype == dtype


def test_numbers_are_read_as_numbers():
    for text in ("1e3", "1e+3", "1E3", "1000.", "1.0e3", ".1e4"):
        np.testing.assert_allclose(after(f"w = w - {text}*g"), (-2997, -3996))
    # 2beta is a product; the name in it is a hyperparameter.
    rule = typed_rule("w = w - 2beta*g")
    assert rule.hypers._fields == ("beta",)


PAPERS = {
    "AdEMAMix": optax.contrib.ademamix(0.01, b3=0.9999, alpha=5.0),
    "ADOPT": optax.contrib.adopt(0.01),
    "Schedule-free SGD": optax.contrib.schedule_free_sgd(0.01),
}


@pytest.mark.parametrize("surface", ["himmelblau", "ravine"])
@pytest.mark.parametrize("name", PAPERS)
def test_rules_of_recent_papers_take_the_path_of_optax(name, surface):
    surface, rule = SURFACES[surface], typed_rule(EXAMPLES[name])
    mine = descend(surface, rule, surface.start, rule.hypers(lr=0.01), 300)
    theirs = descend(surface, PAPERS[name], surface.start, None, 300)
    np.testing.assert_allclose(mine.points, theirs.points, rtol=1e-12, atol=1e-12)


def test_cautious_adam_moves_only_where_the_gradient_agrees():
    rule = typed_rule(EXAMPLES["Cautious Adam"])
    run = descend(HIMMELBLAU, rule, (-3.0, 2.0), rule.hypers(lr=0.3), 300)
    m, r, w = np.zeros(2), np.zeros(2), np.array([-3.0, 2.0])
    held = 0
    for t, g in enumerate(run.grads[:-1], 1):
        m, r = 0.9 * m + 0.1 * g, 0.999 * r + 0.001 * g**2
        u = m / (1 - 0.9**t) / (np.sqrt(r / (1 - 0.999**t)) + 1e-8)
        agrees = (u * g > 0).astype(float)
        w = w - 0.3 * u * agrees / max(agrees.mean(), 1e-3)
        held += int(agrees.sum() < 2)
        np.testing.assert_allclose(run.points[t], w, rtol=1e-9, atol=1e-9)
    assert held > 10


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("m = mean(g)\nw = w - m", "write dot(a, b)/2, the mean of a product"),
        ("w = w - heaviside(g)", "`heaviside` at position 9 is no function here"),
        ("mask = g > 0\nw = w - mask", "compared in where, as in where(a > b, 1, 0)"),
        ("w = w - where(t = 1, g, g)", "compare by =="),
        ("w = w - where(g > 0 and g, g, 0)", "a comparison such as a < b must stand"),
        ("a = 0.1 in [0, 1]\nw = w - a*g", "as in gamma = 0.5 in 0..1"),
        ("w -= alpha*g", "line 1 has `-=`; write w = w - …"),
        ("w = w - alpha*g_t", "`g_t` at position 15 is written `g` here"),
        ("w = w - m*g", "and for memory a line m = … of its own"),
    ],
)
def test_an_error_leads_to_what_is_meant(text, words):
    with pytest.raises(FormulaError, match=re.escape(words)):
        typed_rule(text)


def test_letters_of_papers_are_read():
    rule = typed_rule("β₁ = 0.8\nm = β₁*m + (1 - β₁)*g⊙g\nw = w - α*m/(ε + 1)")
    assert rule.hypers._field_defaults == {"lr": 0.01, "beta1": 0.8, "eps": 1e-8}


def test_which_name_is_the_learning_rate():
    text = "eta = 0.2 in 0..1\nalpha = 5 in 0..20\nw = w - eta*alpha*g"
    assert typed_rule(text).hypers._field_defaults == {"lr": 0.2, "alpha": 5.0}
    declared = params(typed_rule(text).hypers)
    assert [p.label for p in declared.values()] == ["Learning rate", "alpha"]


def test_a_rate_that_is_not_declared_is_one_for_rules_of_its_kind():
    rates = ROSENBROCK.recommended
    for name, like, factor in (
        ("Gradient descent", "gradient_descent", 1.0),
        ("Momentum", "gradient_descent", 1.0),
        ("RMSProp", "rmsprop", 1.0),
        ("Adam", "adam", 1.0),
        ("Sign descent", "adam", 0.1),
        ("AdEMAMix", "adam", 1.0),
        ("Cautious Adam", "adam", 1.0),
        ("Normalized gradient", "adam", 0.1),
    ):
        assert typed_rule(EXAMPLES[name]).rate(rates) == float(
            f"{rates[like] * factor:.2g}"
        ), name
    own = typed_rule("alpha = 0.3\n" + EXAMPLES["Adam"])
    assert own.rate(rates) == 0.3
    assert typed_rule(EXAMPLES["Schedule-free SGD"]).rate(rates) == 0.01


def test_a_name_of_several_letters_stands_by_itself():
    formula = typed_rule("mask = sign(g)\nw = w - alpha*mask*g").formula
    assert formula.endswith(r"\alpha \cdot \mathrm{mask} \cdot g")
