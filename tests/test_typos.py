"""What is taken for a typo, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optim import OPTIMIZERS
from surfaces import SURFACES
from surfaces.formula import KNOWN
from surfaces.typos import closest

WORDS = (*KNOWN, *OPTIMIZERS, *SURFACES)


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("sqt", KNOWN, "sqrt"),
        ("sni", KNOWN, "sin"),
        ("sqtr", KNOWN, "sqrt"),
        ("sigmoyd", KNOWN, "sigmoid"),
        ("Flor", KNOWN, "floor"),
        ("rosenbrok", SURFACES, "rosenbrock"),
        ("Rosen-brock", SURFACES, "rosenbrock"),
        ("gradient decent", OPTIMIZERS, "gradient_descent"),
        ("ADAM", OPTIMIZERS, "adam"),
        # Another word, or one of several.
        ("mad", KNOWN, None),
        ("sen", KNOWN, None),
        ("sinn", KNOWN, None),
        ("x1", KNOWN, None),
        ("xx", KNOWN, None),
        ("log3", KNOWN, None),
        ("atan3", KNOWN, None),
        ("", KNOWN, None),
        ("foo", KNOWN, None),
        ("sgd", OPTIMIZERS, None),
        ("moments", OPTIMIZERS, None),
        ("sin", (), None),
    ],
)
def test_a_word_is_near_or_not(word, known, meant):
    assert closest(word, known) == meant


@given(st.sampled_from(WORDS))
def test_a_known_word_is_meant(word):
    assert closest(word.upper(), WORDS) == word


letters = st.characters(min_codepoint=97, max_codepoint=122)


@given(
    st.sampled_from([word for word in WORDS if len(word) > 3 and word.isalpha()]),
    st.integers(0, 20),
    letters,
)
def test_one_mistake_is_a_typo(word, at, letter):
    at %= len(word)
    before, after = word[:at], word[at:]
    for typed in (
        before + after[1:],
        before + letter + after,
        before + letter + after[1:],
        before + after[1:2] + after[:1] + after[2:],
    ):
        assert closest(typed, (word,)) == word


@given(st.text(max_size=60))
def test_any_text_is_compared(text):
    assert closest(text, WORDS) in (None, *WORDS)


def test_a_long_text_is_not():
    assert closest("a" * 10_000, WORDS) is None
