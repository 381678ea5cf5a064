"""Speed, loop, zoom and camera in the address: what is read, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.seen import FARTHEST, OUTERMOST, parse_camera, parse_zoom, text_of
from views.setup import Setup

coordinates = st.floats(-FARTHEST, FARTHEST)


@given(st.tuples(coordinates, coordinates), st.tuples(coordinates, coordinates))
def test_a_part_of_the_map_is_read_as_it_is_written(x, y):
    parts = (*sorted(x), *sorted(y))
    written = text_of(parts)
    try:
        read = parse_zoom(written)
    except ValueError:
        low_x, high_x, low_y, high_y = map(float, written.split(","))
        sides = (low_x, high_x), (low_y, high_y)
        assert any(
            high - low <= 1e-6 * max(map(abs, (low, high))) for low, high in sides
        )
    else:
        assert read == pytest.approx(parts, rel=1e-5, abs=1e-300)
        assert text_of(read) == written


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_zoom, "0,1,2"),
        (parse_zoom, "0,1,2,3,4"),
        (parse_zoom, "1,0,0,1"),
        (parse_zoom, "0,1,1,1"),
        (parse_zoom, "0,nan,0,1"),
        (parse_zoom, f"0,1,0,{10 * FARTHEST}"),
        (parse_zoom, "0,inf,0,1"),
        (parse_zoom, "999999.9999999999,1000000,0,1"),
        (parse_zoom, "a,b,c,d"),
        (parse_zoom, ","),
        (parse_camera, "1,2"),
        (parse_camera, "1,2,3,4"),
        (parse_camera, "0,0,0"),
        (parse_camera, f"1,2,{2 * OUTERMOST}"),
        (parse_camera, "eye"),
    ],
)
def test_what_is_refused_says_what_is_allowed(parse, text):
    with pytest.raises(ValueError, match=r"; allowed is .*from|eye") as error:
        parse(text)
    assert "\n" not in str(error.value)


def test_no_text_is_no_choice():
    assert parse_zoom("") == parse_camera("") == ()


def test_a_setup_keeps_them_and_no_run_depends_on_them():
    pairs = {"speed": "40", "loop": "0", "zoom": "0,1,0,1", "camera": "1,1,1"}
    setup, problems = Setup.parse(pairs.items())
    assert not problems
    assert dict(setup.pairs()) == pairs
    for entry in setup["on"]:
        assert setup.concerning(entry) == Setup().concerning(entry)
    for key, wrong in {"speed": "0", "loop": "2", "zoom": "1", "camera": "x"}.items():
        setup, (problem,) = Setup.parse((pairs | {key: wrong}).items())
        assert problem.startswith(f"{key} “{wrong}” ")
        assert dict(setup.pairs()) == {k: v for k, v in pairs.items() if k != key}


def test_a_lesson_keeps_the_page_as_it_is():
    kept = {"theme": "projector", "speed": "40", "loop": "0", "hide": "share"}
    setup, _ = Setup.parse((kept | {"zoom": "0,1,0,1"}).items())
    setup, problems = setup.edited({"lesson": "adam", "page": "2"})
    assert not problems
    assert kept.items() <= dict(setup.pairs()).items()
    assert "zoom" not in dict(setup.pairs()), "it was of another race"
    setup, _ = setup.edited({"page": "3"})
    assert kept.items() <= dict(setup.pairs()).items()


def test_another_surface_is_seen_whole():
    setup, _ = Setup.parse({"zoom": "0,1,0,1", "camera": "1,1,1", "loop": "0"}.items())
    setup, _ = setup.edited({"surface": "booth"})
    assert setup["zoom"] == setup["camera"] == ()
    assert setup["loop"] == 0
