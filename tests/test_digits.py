"""Numbers in sentences are written as the player writes them."""

import json
import math
from pathlib import Path

import pytest

from optim.outcome import Outcome
from parameters.digits import digits

WRITTEN = json.loads((Path(__file__).parent / "js" / "digits.json").read_text())


@pytest.mark.parametrize(("value", "count", "text"), WRITTEN)
def test_numbers_are_written_as_the_player_writes_them(value, count, text):
    assert digits(value, count) == text


def test_what_is_no_number_is_said():
    assert digits(math.nan) == "not a number"
    assert [digits(math.inf), digits(-math.inf)] == ["∞", "−∞"]


def test_an_outcome_has_the_sign_for_a_minus_and_no_negative_zero():
    text = Outcome("reached", 3, (-0.5, -0.001)).text
    assert text == "reached the minimum at (−0.50, 0.00) after 3 steps"
