"""Numbers in sentences are written as the player writes them."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optim.outcome import Outcome
from parameters.digits import digits, within
from surfaces import Domain

WRITTEN = json.loads((Path(__file__).parent / "js" / "digits.json").read_text())


@pytest.mark.parametrize(("value", "count", "text"), WRITTEN)
def test_numbers_are_written_as_the_player_writes_them(value, count, text):
    assert digits(value, count) == text


def test_what_is_no_number_is_said():
    assert digits(math.nan) == "not a number"
    assert [digits(math.inf), digits(-math.inf)] == ["∞", "−∞"]


def test_an_outcome_has_the_sign_for_a_minus_and_no_negative_zero():
    shown = Domain(-2.0, 2.0, -2.0, 2.0)
    text = Outcome("settled", 3, (-0.5, -0.001), shown=shown).text
    assert text == "settled at (−0.5, 0) after 3 steps"


@pytest.mark.parametrize(
    ("place", "sides", "text"),
    [
        ((3.0, -1.848126), (-5, 5, -5, 5), "(3, −1.85)"),
        ((-0.2708, 1e-9), (-5, 5, -5, 5), "(−0.27, 0)"),
        ((3e-4, 7.0123e-4), (-1e-3, 1e-3, 0, 1), "(0.0003, 0.001)"),
        ((1000.6, 2), (1000, 1001, -1, 3), "(1000.6, 2)"),
        ((42000, 71234.4), (-1e5, 1e5, -1e5, 1e5), "(42000, 71234)"),
        ((999_999.4, 3.3e-7), (0, 1e6, 0, 1e-6), "(999999, 3.3e−7)"),
        ((2.25,), (-1, 3, -1, 1), "x = 2.25"),
        ((math.inf, math.nan), (0, 1, 0, 1), "(∞, not a number)"),
    ],
)
def test_a_place_is_said_as_exactly_as_can_be_seen(place, sides, text):
    assert Domain(*map(float, sides)).in_words(place) == text


@given(st.floats(-1e6, 1e6), st.floats(-6, 6).map(lambda power: 10.0**power))
def test_a_place_in_words_is_nearer_than_a_pixel(value, width):
    said = float(within(value, width / 1000).replace("−", "-"))
    assert abs(said - value) <= width / 600 + 1e-14 * abs(value)
