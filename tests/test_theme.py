"""Whether every optimizer can be told from the map and from every other one."""

import colorsys
import itertools
import re
import tomllib
from pathlib import Path

import pytest

from optim import OPTIMIZERS
from views import theme
from views.theme import LOOKS, MAP_LINE, MAP_SCALE, PAGE, PANEL, contrast, luminance

ROOT = Path(__file__).parents[1]
every_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


def rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def between(one, other, part):
    mixed = [a + part * (b - a) for a, b in zip(rgb(one), rgb(other), strict=True)]
    return "#" + "".join(f"{round(channel):02x}" for channel in mixed)


BACKGROUNDS = {
    *MAP_SCALE,
    MAP_LINE,
    PANEL,
    *(
        between(low, high, k / 20)
        for low, high in itertools.pairwise(MAP_SCALE)
        for k in range(21)
    ),
}


def test_contrast_as_published():
    """Figures of WCAG 2.2's definition, as its own examples and tools give them."""
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.00, abs=0.005)
    assert contrast("#0000ff", "#000000") == pytest.approx(2.44, abs=0.005)
    assert contrast("#123456", "#123456") == 1
    assert contrast("#abcdef", "#123456") == contrast("#123456", "#abcdef")


@every_look
def test_a_trail_stands_out_from_every_colour_of_the_map(look):
    worst = min(BACKGROUNDS, key=lambda colour: contrast(look.colour, colour))
    assert contrast(look.colour, worst) >= 3, worst


def test_a_contour_stands_out_from_its_ground():
    for ground in BACKGROUNDS - {MAP_LINE, PANEL}:
        assert contrast(MAP_LINE, ground) >= 1.8, ground


def test_critical_points_and_words_stand_out():
    for background in BACKGROUNDS:
        assert contrast(theme.CRITICAL, background) >= 3
    for background in (PAGE, PANEL):
        assert contrast(theme.INK, background) >= 7
        assert contrast(theme.MUTED, background) >= 4.5


def test_the_map_rises_from_dark_to_light():
    light = [luminance(colour) for colour in MAP_SCALE]
    assert light == sorted(light)
    assert len(set(light)) == len(light)


@pytest.mark.parametrize("colour", MAP_SCALE)
def test_the_map_is_calm(colour):
    _, lightness, _ = colorsys.rgb_to_hls(*(c / 255 for c in rgb(colour)))
    assert max(rgb(colour)) - min(rgb(colour)) < 40, "no strong colour"
    assert lightness < 0.3, "dark"


def test_every_optimizer_has_a_look():
    assert list(LOOKS) == list(OPTIMIZERS)
    assert all(look.short for look in LOOKS.values())


def test_no_two_look_alike():
    for one, other in itertools.combinations(LOOKS.values(), 2):
        apart = zip(rgb(one.colour), rgb(other.colour), strict=True)
        assert sum((a - b) ** 2 for a, b in apart) ** 0.5 > 60, (one, other)
        assert one.mark != other.mark
        assert one.short != other.short


# In degrees around the circle of hues.
NAMED = {
    "gradient_descent": ("cyan", 180, 195),
    "momentum": ("magenta", 295, 315),
    "rmsprop": ("green", 110, 145),
    "adam": ("blue", 210, 250),
}


@pytest.mark.parametrize("key", NAMED)
def test_the_named_colours(key):
    name, low, high = NAMED[key]
    hue, _, saturation = colorsys.rgb_to_hls(*(c / 255 for c in rgb(LOOKS[key].colour)))
    assert low <= 360 * hue <= high, name
    assert saturation > 0.9, name


def test_adagrad_is_white():
    assert LOOKS["adagrad"].colour == "#ffffff"


def test_the_player_can_draw_every_mark():
    source = (ROOT / "views/player/marks.js").read_text("utf-8")
    corners = re.search(r"const CORNERS = \{(.*?)\n\};", source, re.DOTALL)[1]
    drawn = set(re.findall(r"^  (\w+)(?::|,)", corners, re.MULTILINE))
    assert {look.mark for look in LOOKS.values()} <= drawn


def test_style_sheet_and_streamlit_have_the_same_colours():
    sheet = (ROOT / "views/player/style.css").read_text("utf-8")
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", sheet))
    for name in ("page", "panel", "ink", "muted", "accent"):
        assert named[name] == getattr(theme, name.upper()), name
    with (ROOT / ".streamlit/config.toml").open("rb") as file:
        told = tomllib.load(file)["theme"]
    assert told["backgroundColor"] == PAGE
    assert told["textColor"] == theme.INK
    assert told["primaryColor"] == theme.ACCENT
