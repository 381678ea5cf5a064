"""Links as QR codes, and the step at which a link opens."""

import re

import numpy as np
import pytest
import segno

from views.describe import describe
from views.setup import Setup
from views.share import LONGEST, qr_code
from views.stream import Refused

LINK = "http://localhost:8501/?surface=ravine&kappa=100&step=12&play=0"


def dots(svg):
    """The dark modules of a code, from its strokes: one row each, as segno writes."""
    size = int(re.search(rb'viewBox="0 0 (\d+)', svg)[1])
    rows = np.zeros((size, size), bool)
    path = re.search(rb'stroke="#000" d="([^"]+)"', svg)[1].decode()
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmhl])([-\d. ]+)", path):
        values = [float(part) for part in re.findall(r"-?[\d.]+", numbers)]
        if kind == "M":
            x, y = values
        elif kind == "m":
            x, y = x + values[0], y + values[1]
        else:
            rows[int(y), int(x) : int(x + values[0])] = True
            x += values[0]
    return rows


def test_the_code_is_that_of_the_link():
    expected = segno.make_qr(LINK, error="l", boost_error=True)
    matrix = np.array([[bool(dot) for dot in row] for row in expected.matrix])
    drawn = dots(qr_code(LINK))
    np.testing.assert_array_equal(drawn[4:-4, 4:-4], matrix)
    assert not drawn[:4].any(), "readers need an empty border"


@pytest.mark.parametrize(
    "link", ["", "javascript:alert(1)", "surface=ravine", f"http://a/{'b' * LONGEST}"]
)
def test_what_is_no_link_is_refused_in_one_sentence(link):
    with pytest.raises(Refused, match=r"^A QR code .*\.$"):
        qr_code(link)


def test_the_longest_link_has_a_code():
    link = "http://localhost/?" + "a" * (LONGEST - 18)
    assert len(link) == LONGEST
    assert qr_code(link).startswith(b"<?xml")


def test_a_link_may_open_at_a_step():
    setup, problems = Setup.parse([("step", "12"), ("play", "0")])
    assert problems == ()
    described = describe(setup)
    assert (described["step"], described["play"]) == (12, False)
    assert (describe(Setup())["step"], describe(Setup())["play"]) == (None, True)
    assert setup.concerning("adam") == Setup().concerning("adam")


@pytest.mark.parametrize(
    ("key", "text"), [("step", "-1"), ("step", "x"), ("play", "2")]
)
def test_a_step_that_is_none_is_said(key, text):
    _, (problem,) = Setup.parse([(key, text)])
    assert key in problem
