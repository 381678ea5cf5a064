"""What a person may type for a number, and the sentence for anything else."""

import re
from typing import Annotated, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import NoiseAndWarmup
from surfaces import SURFACES, NoParams, Param, params, plain_number, registry
from views.fields import Penalty

RATE = Param(r"\alpha", "Rate", 1e-5, 10.0, "log", "How far one step goes.")
ANGLE = Param(r"\theta", "Angle", -90.0, 90.0, "linear", "How it is turned.")
STEPS = Param("n", "Steps", 1, 5000, "log", "How long it goes.", whole=True)

DECLARED = {
    f"{owner}-{name}": param
    for owner, declared in {
        **{key: optimizer.hypers for key, optimizer in OPTIMIZERS.items()},
        **{key: type(surface.params) for key, surface in SURFACES.items()},
        **{key: schedule.hypers for key, schedule in SCHEDULES.items()},
        "noise and warm-up": NoiseAndWarmup,
        "penalty": Penalty,
    }.items()
    for name, param in params(declared).items()
}

PARAMS = {"rate": RATE, "angle": ANGLE, "steps": STEPS, **DECLARED}

every_param = pytest.mark.parametrize("param", PARAMS.values(), ids=PARAMS)


def refusal(param, text):
    """What `parse` says against a text; None if it takes it."""
    try:
        value = param.parse(text)
    except ValueError as error:
        return str(error)
    assert param.low <= value <= param.high
    assert isinstance(value, int if param.whole else float)
    return None


# -- reading --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\t\n",
        "abc",
        "1.2.3",
        "1,5",
        "--1",
        "1e",
        "0x10",
        "1_0",
        "1_000.5",
        "True",
        "None",
        "[1]",
        "1 2",
        " 1",
        "1 ",
        "1\n",
        "\x001",
        "\ud800",
        "١",
        "１",
        "½",
        "−1",
        "∞",
        "1" * 10 + "x",
        "a" * 100_000,
    ],
)
def test_what_is_no_number(text):
    for param in PARAMS.values():
        kind = "a whole number" if param.whole else "a number"
        assert refusal(param, text) == f"is not {kind}; allowed is {param.allowed}"


@pytest.mark.parametrize(
    "text", ["nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1e999", "-1e999"]
)
def test_what_is_not_finite(text):
    for param in PARAMS.values():
        problem = "is not a whole number" if param.whole else "is not finite"
        assert refusal(param, text) == f"{problem}; allowed is {param.allowed}"


# From about 300 digits on no float can hold it; beyond 4300 Python will not read it.
@pytest.mark.parametrize("digits", [30, 400, 4_000, 100_000])
def test_what_is_too_long(digits):
    for param in PARAMS.values():
        for sign in ("", "-", "+"):
            sentence = refusal(param, sign + "9" * digits)
            assert sentence.endswith(f"; allowed is {param.allowed}")


@every_param
def test_what_is_out_of_range(param):
    span = param.high - param.low
    for value in (param.low - span - 1, param.high + span + 1):
        sentence = f"is out of range; allowed is {param.allowed}"
        assert refusal(param, repr(int(value) if param.whole else value)) == sentence


@given(text=st.text())
@example(text="9" * 400)
@example(text="1e5")
@example(text=" 5 ")
@example(text="-0")
def test_any_text_is_read_or_refused_in_words(text):
    for param in (RATE, ANGLE, STEPS):
        sentence = refusal(param, text)
        assert sentence is None or sentence.endswith(f"; allowed is {param.allowed}")


number_like = st.from_regex(r"[+-]?[0-9_]{0,5}\.?[0-9_]{0,5}(e[+-]?[0-9]{0,4})?")


@given(text=number_like)
def test_any_text_like_a_number_is_read_as_python_would(text):
    for param in (RATE, ANGLE, STEPS):
        if refusal(param, text) is None:
            assert "_" not in text
            assert text == text.strip()
            assert param.parse(text) == float(text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1,5", "1.5"),
        (" -0,05\t", "-0.05"),
        ("−1", "-1"),
        ("–2,5e–3", "-2.5e-3"),
        ("1.5", "1.5"),
        ("", ""),
        ("1,000,000", "1.000.000"),
        ("1 000", "1 000"),
    ],
)
def test_a_number_is_typed_with_a_comma_or_a_point(typed, text):
    assert plain_number(typed) == text


@given(text=st.text())
def test_what_is_typed_is_read_as_strictly(text):
    if refusal(ANGLE, plain_number(text)) is None:
        assert text.count(",") + text.count(".") <= 1


@given(data=st.data(), key=st.sampled_from(sorted(DECLARED)))
def test_round_trip(data, key):
    param = DECLARED[key]
    if param.whole:
        value = data.draw(st.integers(int(param.low), int(param.high)))
    else:
        value = data.draw(st.floats(param.low, param.high))
    assert param.parse(repr(value)) == param.check(value) == value


@every_param
def test_the_ends_of_the_range_belong_to_it(param):
    for end in (param.low, param.high):
        assert param.parse(repr(int(end) if param.whole else float(end))) == end


# -- checking -------------------------------------------------------------------------


@given(value=st.floats() | st.integers() | st.sampled_from([10**400, -(10**400)]))
def test_any_number_is_allowed_or_refused_in_words(value):
    for param in (RATE, ANGLE, STEPS):
        allowed = param.low <= value <= param.high and (
            not param.whole or value == int(value)
        )
        if allowed:
            assert param.check(value) is value
        else:
            ending = re.escape(f"; allowed is {param.allowed}") + "$"
            with pytest.raises(ValueError, match=ending):
                param.check(value)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (np.nan, "is not finite"),
        (np.inf, "is not finite"),
        (-np.inf, "is not finite"),
        (np.float32("nan"), "is not finite"),
        (0, "is out of range"),
        (5001, "is out of range"),
        pytest.param(10**400, "is out of range", id="10**400"),
        (2.5, "is not a whole number"),
        (np.float64(0.5), "is out of range"),
    ],
)
def test_check_says_what_is_wrong(value, problem):
    with pytest.raises(ValueError, match=rf"^{problem}; allowed is a whole number"):
        STEPS.check(value)


def test_allowed():
    assert RATE.allowed == "a number from 0.00001 to 10"
    assert ANGLE.allowed == "a number from -90 to 90"
    assert STEPS.allowed == "a whole number from 1 to 5000"


# -- declarations ---------------------------------------------------------------------


@every_param
def test_declaration(param):
    assert param.low < param.high
    assert np.isfinite([param.low, param.high]).all()
    assert param.symbol
    assert param.label == param.label.strip() != ""
    assert param.meaning.endswith(".")
    assert param.scale in ("linear", "log", "complement", "root", "switch")
    if param.scale == "root":
        assert param.low == 0
    if param.scale == "switch":
        assert (param.low, param.high, param.whole) == (0, 1, True)
        assert "0 (off) or 1 (on)" in param.allowed
    if param.scale == "log":
        assert param.low > 0
    if param.scale == "complement":
        assert 0 <= param.low
        assert param.high < 1


class Two(NamedTuple):
    """Two numbers, one of them wrapped in further marks."""

    angle: Annotated[float, "a remark", ANGLE] = 0.0
    steps: Annotated[int, STEPS] = 10


def test_params_in_order_of_declaration():
    assert params(Two) == {"angle": ANGLE, "steps": STEPS}
    assert list(params(Two)) == ["angle", "steps"]
    assert params(NoParams) == {}
    adam = params(OPTIMIZERS["adam"].hypers)
    assert list(adam) == [
        *("lr", "beta1", "beta2", "eps"),
        *("bias_correction", "eps_inside"),
    ]
    ravine = params(type(SURFACES["ravine"].params))
    assert list(ravine) == ["kappa", "angle"]
    assert ravine["angle"].low == -ravine["angle"].high == -90


def test_a_registry_keeps_the_order_and_refuses_a_key_that_is_taken():
    saddle, ravine = SURFACES["saddle"], SURFACES["ravine"]
    assert list(registry([saddle, ravine])) == ["saddle", "ravine"]
    with pytest.raises(ValueError, match="the key 'saddle' is declared twice"):
        registry([saddle, ravine, saddle])
