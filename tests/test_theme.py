"""Whether every optimizer stands out from the map and from every other one."""

import colorsys
import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from optim import OPTIMIZERS
from views import palettes, theme
from views.palettes import LIGHT, PROJECTOR, THEMES, described_themes, theme_of
from views.theme import FURTHER, LOOKS, contrast, luminance

ROOT = Path(__file__).parents[1]
every_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
every_theme = pytest.mark.parametrize("name", THEMES)
COLOURS = [*(look.colour for look in LOOKS.values()), *(one for one, _ in FURTHER)]


def rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def between(one, other, part):
    mixed = [a + part * (b - a) for a, b in zip(rgb(one), rgb(other), strict=True)]
    return "#" + "".join(f"{round(channel):02x}" for channel in mixed)


def bands(palette):
    """The colours of a map between its contours."""
    ramp = itertools.pairwise(palette["map"])
    return {between(low, high, k / 20) for low, high in ramp for k in range(21)}


def ink(palette, colour):
    """How an entry's colour is drawn: its line, its edge and its words."""
    own = palette["trails"].get(colour, {"line": colour})
    line = own["line"]
    return line, own.get("edge"), own.get("words", line)


def test_contrast_as_published():
    """Figures of WCAG 2.2's definition, as its own examples and tools give them."""
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.00, abs=0.005)
    assert contrast("#0000ff", "#000000") == pytest.approx(2.44, abs=0.005)
    assert contrast("#123456", "#123456") == 1
    assert contrast("#abcdef", "#123456") == contrast("#123456", "#abcdef")


@every_theme
@pytest.mark.parametrize("colour", dict.fromkeys(COLOURS))
def test_a_trail_stands_out_from_every_colour_of_the_map(name, colour):
    """By itself, or white by its edge; and in between the contours, by that as well."""
    palette = THEMES[name]
    line, edge, _ = ink(palette, colour)
    shown = edge if name == "light" and line == "#ffffff" else line
    for background in {*bands(palette), palette["panel"]}:
        assert contrast(shown, background) >= 3, background
    beside = edge if name == "projector" else shown
    assert contrast(beside, palette["contour"]) >= 3
    if edge:
        assert contrast(line, edge) >= 3


@every_theme
def test_words_about_an_entry_are_legible(name):
    palette = THEMES[name]
    for colour in COLOURS:
        *_, words = ink(palette, colour)
        assert contrast(words, palette["panel"]) >= 4.5, colour


@every_theme
def test_an_arrow_stands_out_from_the_map_and_its_numbers_from_the_panel(name):
    palette = THEMES[name]
    taken = {ink(palette, look.colour)[0] for look in LOOKS.values()}
    for colour in palette["quantities"]:
        assert min(contrast(colour, one) for one in bands(palette)) >= 3
        # An arrow has an edge, which is what a contour ends at.
        assert contrast(palette["edge"], colour) >= 3
        assert contrast(colour, palette["panel"]) >= 4.5
        assert colour not in taken


@every_theme
def test_a_contour_stands_out_from_the_map(name):
    palette = THEMES[name]
    least = 3 if name == "projector" else 1.8
    for background in bands(palette):
        assert contrast(palette["contour"], background) >= least, background


@every_theme
def test_critical_points_and_words_stand_out(name):
    palette = THEMES[name]
    for background in {*bands(palette), palette["contour"]}:
        assert contrast(palette["critical"], background) >= 3
    for background in (palette["page"], palette["panel"], palette["button"]):
        assert contrast(palette["ink"], background) >= 7
        for words in ("muted", "accent", "warning", "bad", "good"):
            assert contrast(palette[words], background) >= 4.5, words
    for words in ("muted", "accent", "ink"):
        assert contrast(palette[words], palette["play"]) >= 3
        assert contrast(palette[words], palette["best"]) >= 4.5


@every_theme
def test_the_map_rises_from_dark_to_light(name):
    light = [luminance(colour) for colour in THEMES[name]["map"]]
    assert light == sorted(light)
    assert len(set(light)) == len(light)


@every_theme
def test_the_map_is_low_in_saturation_and_dark_or_pale(name):
    for colour in THEMES[name]["map"]:
        _, lightness, _ = colorsys.rgb_to_hls(*(c / 255 for c in rgb(colour)))
        assert max(rgb(colour)) - min(rgb(colour)) < 40, "no strong colour"
        assert lightness > 0.9 if name == "light" else lightness < 0.3


def test_every_optimizer_has_a_look():
    assert list(LOOKS) == list(OPTIMIZERS)
    assert all(look.short for look in LOOKS.values())


def test_no_two_look_alike():
    # A rule beyond those that have a look each begins with the first again: in a race
    # it is then given the next that is free.
    own = list(LOOKS.values())[: len(theme.DEFAULT_ON) + len(theme.FURTHER)]
    for one, other in itertools.combinations(own, 2):
        pairs = zip(rgb(one.colour), rgb(other.colour), strict=True)
        assert sum((a - b) ** 2 for a, b in pairs) ** 0.5 > 60, (one, other)
        assert one.mark != other.mark
        assert one.short != other.short


# How linear red, green and blue look without one kind of cones: G. M. Machado, M. M.
# Oliveira, L. A. F. Fernandes, IEEE Trans. Vis. Comput. Graph. 15 (2009) 1291-1298,
# severity 1.
SEEN = {
    "all cones": np.eye(3),
    "no L cones": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "no M cones": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "no S cones": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# From linear sRGB to OKLab, where distances are as eyes see them: B. Ottosson (2020).
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def seen_as(colour, eyes):
    """A colour in OKLab as these eyes see it, shape (3,)."""
    channels = np.array(rgb(colour)) / 255
    low, high = channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
    linear = SEEN[eyes] @ np.where(channels <= 0.04045, low, high)
    return TO_LAB @ np.cbrt(TO_CONES @ linear.clip(0, 1))


def test_the_simulation_as_published():
    """White and black stay, and eyes without L or M cones take red for green."""
    for eyes in SEEN:
        np.testing.assert_allclose(seen_as("#ffffff", eyes), [1, 0, 0], atol=1e-3)
        np.testing.assert_allclose(seen_as("#000000", eyes), 0, atol=1e-6)
    for eyes, most in (("no L cones", 0.1), ("no M cones", 0.1), ("all cones", 2)):
        _, redness, _ = seen_as("#c00000", eyes) - seen_as("#006000", eyes)
        assert abs(redness) < most
    assert abs(redness) > 0.2


@pytest.mark.parametrize("eyes", SEEN)
@every_theme
def test_every_pair_differs_by_more_than_hue(name, eyes):
    """Two hundredths of OKLab are just seen; side by side on a map takes more."""
    palette = THEMES[name]
    five = {ink(palette, LOOKS[key].colour)[0] for key in theme.DEFAULT_ON}
    colours = {ink(palette, look.colour)[0] for look in LOOKS.values()}
    assert len(colours) == len({look.colour for look in LOOKS.values()})
    # On paper all are dark, which leaves them less room than all brightnesses.
    least = 0.085 if eyes == "all cones" else 0.05
    least = least * 0.7 if name == "light" else least
    for one, other in itertools.combinations(colours, 2):
        distance = np.linalg.norm(seen_as(one, eyes) - seen_as(other, eyes))
        wanted = 0.075 if {one, other} <= five else least
        assert distance > max(wanted, least), (one, other)


# In degrees around the circle of hues.
NAMED = {
    "gradient_descent": ("cyan", 180, 195),
    "momentum": ("magenta", 295, 315),
    "rmsprop": ("green", 110, 145),
    "adam": ("blue", 210, 250),
}


@pytest.mark.parametrize("key", NAMED)
@every_theme
def test_the_named_colours(name, key):
    word, low, high = NAMED[key]
    line, edge, words = ink(THEMES[name], LOOKS[key].colour)
    for colour in {line, words, *([edge] if edge and name == "light" else [])}:
        hue, _, saturation = colorsys.rgb_to_hls(*(c / 255 for c in rgb(colour)))
        # A dark green has less of a hue, and its bright edge has it.
        assert low <= 360 * hue <= high + 10 * (name == "light"), word
        assert saturation > 0.9, word


def test_white_has_a_dark_edge_on_paper():
    line, edge, words = ink(LIGHT, LOOKS["adagrad"].colour)
    assert line == "#ffffff"
    assert contrast(edge, "#ffffff") > 15
    assert contrast(words, "#ffffff") > 7


def test_adagrad_is_white():
    assert LOOKS["adagrad"].colour == "#ffffff"


def test_the_player_can_draw_every_mark():
    source = (ROOT / "views/player/marks.js").read_text("utf-8")
    corners = re.search(r"const CORNERS = \{(.*?)\n\};", source, re.DOTALL)[1]
    drawn = set(re.findall(r"^  (\w+)(?::|,)", corners, re.MULTILINE))
    assert {look.mark for look in LOOKS.values()} <= drawn


COLOUR = r"#[0-9a-fA-F]{3,8}\b|\brgba?\("


def test_every_colour_of_the_page_is_in_one_table():
    """Scripts have no colour of their own, and the style sheet only the table's."""
    for path in (ROOT / "views/player").glob("*.js"):
        text = re.sub(r"//.*|rgb\(\$\{", "", path.read_text("utf-8"))
        quoted = re.findall(r"([\"'`])((?:(?!\1).)*)\1", text)
        for _, words in quoted:
            assert not re.search(COLOUR, words), f"{path.name}: {words}"
    sheet = (ROOT / "views/player/style.css").read_text("utf-8")
    screen, paper = sheet.split("@media print", 1)
    declared = re.findall(r"--([\w-]+): (#[0-9a-f]{6});", screen)
    assert declared == [(name, theme.PALETTE[name]) for name, _ in declared]
    assert len(declared) > 15
    printed = dict(re.findall(r"--([\w-]+): (#\w+);", paper))
    assert printed == {"page": LIGHT["panel"], "ink": LIGHT["ink"]}
    rest = re.sub(r"--[\w-]+: #[0-9a-f]{6};", "", sheet)
    assert not re.search(COLOUR, rest), re.search(COLOUR, rest)
    used = set(re.findall(r"var\(--([\w-]+)\)", sheet))
    single = re.compile(r"#[0-9a-f]{6}")
    named = {
        name
        for name, colour in theme.PALETTE.items()
        if isinstance(colour, str) and single.fullmatch(colour)
    }
    assert {name for name, _ in declared} <= used & named


def test_the_palette_has_what_is_drawn_with_it():
    """Each name in the scripts is a name of the table."""
    for path in (ROOT / "views/player").glob("*.js"):
        for name in re.findall(r"\bpalette\.(?!js)(\w+)", path.read_text("utf-8")):
            assert name in {*theme.PALETTE, "name"}, f"{path.name}: {name}"


@every_theme
def test_a_theme_is_a_whole_table(name):
    palette = THEMES[name]
    assert palette.keys() == theme.PALETTE.keys()
    for key, value in palette.items():
        if key != "trails":
            assert type(value) is type(theme.PALETTE[key]) or key in (
                *("letters", "strokes", "shade"),
            )
    assert palette["ends"].keys() == theme.PALETTE["ends"].keys()
    for ramp in ("steps", "rates", "quantities", "minima"):
        assert len(palette[ramp]) == len(theme.PALETTE[ramp])
    described = described_themes()
    assert described["dark"] | described[name] == dict(palette)
    assert set(palette["trails"]) in (set(), set(COLOURS))


def test_letters_and_lines_are_larger_for_the_back_row():
    assert 15 * PROJECTOR["letters"] >= 20, "pixels, in a window of 1920"
    assert PROJECTOR["strokes"] > 1.5


@pytest.mark.parametrize(
    ("wanted", "seen", "shown"),
    [
        (palettes.AUTO, "light", "light"),
        (palettes.AUTO, "dark", "dark"),
        (palettes.AUTO, None, "dark"),
        ("light", "dark", "light"),
        ("projector", "light", "projector"),
    ],
)
def test_which_theme_is_shown(wanted, seen, shown):
    assert theme_of(wanted, seen) == shown


@pytest.mark.parametrize("name", ["dark", "light"])
def test_streamlit_has_the_same_colours(name):
    with (ROOT / ".streamlit/config.toml").open("rb") as file:
        colours = tomllib.load(file)["theme"][name]
    assert colours["backgroundColor"] == THEMES[name]["page"]
    assert colours["textColor"] == THEMES[name]["ink"]
    assert colours["primaryColor"] == THEMES[name]["accent"]


@every_theme
def test_hatching_stands_out_from_the_map_and_the_panel(name):
    palette = THEMES[name]
    for background in {*bands(palette), palette["panel"]}:
        assert contrast(palette["faint"], background) >= 3, background
