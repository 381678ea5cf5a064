"""Whether the still pictures show the surface, the right way round."""

import json
from base64 import b64decode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfaces import SURFACES, Domain, sample, typed_surface
from views import theme
from views.figures import (
    LEVELS,
    Relief,
    landscape,
    levels_of,
    relief_of,
    scene_figure,
    still_map,
)

every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)

SIZE = 31
CELLS = [(0, 0), (0, SIZE - 1), (SIZE - 1, 0), (7, 20), (20, 7), (15, 3)]


def strictly(text):
    """Reads JSON as a browser does, which knows neither NaN nor infinity."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def pictured(surface):
    grid = sample(surface, SIZE)
    relief = relief_of(surface, grid)
    return (
        grid,
        relief,
        still_map(surface, grid, relief),
        scene_figure(surface, grid, relief),
    )


def heights_of(flat):
    """The heights of a map, as it is sent."""
    by_significance = np.frombuffer(b64decode(flat["heights"]), np.uint8)
    heights = by_significance.reshape(4, -1).T.copy().view("<f4")
    return heights.reshape(flat["rows"], -1)


# -- the relief -----------------------------------------------------------------------

reliefs = st.builds(
    Relief,
    level=st.sampled_from(["log", "linear"]),
    base=st.floats(-1e3, 1e3),
    unit=st.floats(1e-9, 1e6),
)


@given(relief=reliefs, losses=st.lists(st.floats(-1e9, 1e9), min_size=2))
def test_a_higher_loss_is_never_lower_in_relief(relief, losses):
    heights = relief.height(np.sort(np.array(losses)))
    assert np.isfinite(heights).all()
    assert (np.diff(heights) >= 0).all()


@given(relief=reliefs, excess=st.floats(1e-3, 1e6), factor=st.floats(1.1, 10))
def test_a_clearly_higher_loss_is_higher_in_relief(relief, excess, factor):
    near, far = relief.base + excess, relief.base + factor * excess
    assert relief.height(np.array(far)) > relief.height(np.array(near))


@every_surface
@pytest.mark.parametrize("level", ["linear", "log"])
def test_the_scale_can_be_chosen(surface, level):
    grid = sample(surface, SIZE)
    relief = relief_of(surface, grid, level)
    assert relief.level == level
    heights = relief.height(grid.z)
    assert np.isfinite(heights).all()
    order = np.argsort(grid.z, axis=None)
    assert (np.diff(heights.ravel()[order]) >= 0).all()
    parts = strictly(landscape(surface, level, size=SIZE))
    assert parts["relief"]["level"] == level


@given(relief=reliefs, excess=st.floats(1e-3, 1e6))
def test_below_the_base_is_below_it_in_relief(relief, excess):
    below, above = relief.height(relief.base + np.array([-excess, excess]))
    assert below < 0 < above


@given(relief=reliefs)
def test_the_base_is_at_height_zero(relief):
    assert relief.height(np.array(relief.base)) == 0


@every_surface
def test_the_relief_of_a_surface(surface):
    grid = sample(surface, SIZE)
    relief = relief_of(surface, grid)
    assert relief.level == surface.color_scale
    unknown = grid.z.min() if relief.level == "log" else 0
    assert relief.base == (unknown if surface.lowest is None else surface.lowest)
    heights = relief.height(grid.z)
    assert np.isfinite(heights).all()
    if surface.minima:
        # The lowest minimum is the floor.
        assert heights.min() >= 0
    # Structure everywhere: neither the lower nor the upper half holds next to nothing.
    middle = (heights.min() + heights.max()) / 2
    assert 0.005 < (heights > middle).mean() < 0.995


SUPER = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def said(text):
    """The loss that a tick says."""
    plain = text.translate(SUPER)
    sign = -1 if plain.startswith("-") else 1
    plain = plain.removeprefix("-")
    if plain == text.removeprefix("−"):
        return sign * float(plain)
    factor, _, power = plain.rpartition("·")
    return sign * float(factor or 1) * 10.0 ** int(power.removeprefix("10"))


def ticks_of(surface, level="auto"):
    grid = sample(surface, SIZE)
    relief = relief_of(surface, grid, level)
    lowest, highest = float(grid.z.min()), float(grid.z.max())
    return relief, highest, *relief.ticks(lowest, highest)


@every_surface
@pytest.mark.parametrize("level", ["auto", "linear", "log"])
def test_ticks(surface, level):
    relief, highest, heights, texts = ticks_of(surface, level)
    assert len(heights) == len(texts) >= 2
    assert heights == sorted(set(heights))
    assert heights[-1] <= relief.height(np.array(highest)) + 1e-9
    assert max(map(len, texts)) <= 7, "short enough for an axis"
    assert not any("-" in text for text in texts), "as everywhere on the page"
    for height, text in zip(heights, texts, strict=True):
        loss = said(text)
        around = [loss - abs(loss) * 0.006 - 1e-12, loss + abs(loss) * 0.006 + 1e-12]
        low, high = relief.height(np.array(around))
        assert low <= height <= high


@every_surface
def test_ticks_of_a_log_relief_are_round_and_do_not_touch(surface):
    """All but the lowest: that is the minimum's own loss."""
    relief, highest, heights, texts = ticks_of(surface, "log")
    assert (np.diff(heights) >= heights[-1] / 8).all(), "so many fit on an axis"
    for text in texts[bool(relief.base) :]:
        digits = f"{abs(said(text)):.3e}"
        assert digits[:5] in ("0.000", "1.000", "2.000", "5.000"), text
    assert heights[-1] > 0.6 * relief.height(np.array(highest)), "one near the top"


def test_ticks_are_powers_of_ten_of_the_loss_itself():
    """Not of its distance to the minimum, which is 3 here."""
    *_, texts = ticks_of(SURFACES["goldstein_price"])
    assert texts == ["3", "10³", "10⁴", "10⁵", "10⁶"]
    *_, texts = ticks_of(SURFACES["rosenbrock"])
    assert texts == ["0", "10", "100", "1000"]


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (1000, 1001, ["1000.2", "1000.4", "1000.6", "1000.8"]),
        (-70_000.5, -70_000, ["−70000.4", "−70000.3", "−70000.2", "−70000.1"]),
        (-1e-3, 1e-3, ["−5·10⁻⁴", "0", "5·10⁻⁴"]),
        (1.2e-4, 1.6e-4, ["1.3·10⁻⁴", "1.4·10⁻⁴", "1.5·10⁻⁴"]),
        (-4, 4, ["−2", "0", "2"]),
    ],
)
def test_ticks_far_from_zero_have_the_digits_that_differ(low, high, texts):
    surface = typed_surface("x + y", Domain(float(low), float(high), -1.0, 1.0))
    axis = pictured(surface)[3].layout.scene.xaxis
    assert list(axis.ticktext) == texts
    assert [said(text) for text in texts] == pytest.approx(axis.tickvals, rel=1e-12)


# -- the figures ----------------------------------------------------------------------


@every_surface
def test_both_pictures_show_the_loss_the_right_way_round(surface):
    grid, relief, flat, deep = pictured(surface)
    (terrain,) = deep.data
    assert terrain.type == "surface"
    x, y = np.asarray(terrain.x), np.asarray(terrain.y)
    assert (x.shape, y.shape) == ((SIZE,), (SIZE,))
    domain = surface.view_domain
    assert (x[0], x[-1]) == pytest.approx((domain.x_low, domain.x_high))
    assert (y[0], y[-1]) == pytest.approx((domain.y_low, domain.y_high))
    for z in (heights_of(flat), np.asarray(terrain.z)):
        assert z.shape == (SIZE, SIZE)
        for i, j in CELLS:
            loss = float(surface.fn(np.array([grid.x[i], grid.y[j]])))
            expected = float(relief.height(np.array(loss)))
            assert z[j, i] == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_turned_knob_turns_the_pictures():
    ravine = SURFACES["ravine"]
    for change in ({"angle": 30.0}, {"kappa": 3.0}):
        turned = ravine.with_params(**change)
        one, other = (pictured(s) for s in (ravine, turned))
        assert not np.allclose(heights_of(one[2]), heights_of(other[2]))
        assert not np.allclose(*(np.asarray(k[3].data[0].z) for k in (one, other)))


@every_surface
def test_critical_points_are_marked_where_they_are(surface):
    flat = pictured(surface)[2]
    for kind in ("minima", "saddles", "maxima"):
        marked = list(map(tuple, flat[kind]))
        if surface.variables == 1:
            lines = {x for x, _ in getattr(surface, kind)}
            assert {x for x, _ in marked} == lines
            assert len(marked) == 5 * len(lines)
        else:
            assert marked == list(getattr(surface, kind))


@every_surface
def test_the_whole_window(surface):
    _, _, flat, deep = pictured(surface)
    domain = surface.view_domain
    assert flat["x"] == [domain.x_low, domain.x_high]
    assert flat["y"] == [domain.y_low, domain.y_high]
    scene = deep.layout.scene
    assert scene.xaxis.range == (domain.x_low, domain.x_high)
    assert scene.yaxis.range == (domain.y_low, domain.y_high)
    z = np.asarray(deep.data[0].z)
    low, high = scene.zaxis.range
    assert high == pytest.approx(z.max(), abs=1e-5)
    assert low <= z.min() <= low + 0.6 * (high - low)


@every_surface
@pytest.mark.parametrize("level", ["auto", "linear", "log"])
def test_contours_are_at_round_heights_between_the_lowest_and_the_highest(
    surface, level
):
    grid = sample(surface, SIZE)
    heights = relief_of(surface, grid, level).height(grid.z)
    first, step, count = levels_of(heights)
    assert f"{step:.3e}"[:5] in ("1.000", "2.000", "5.000")
    assert first / step == pytest.approx(round(first / step), abs=1e-6)
    assert LEVELS / 3 < count <= LEVELS
    last = first + step * (count - 1)
    assert heights.min() < first <= heights.min() + step * (1 + 1e-9)
    assert heights.max() - step * (1 + 1e-9) <= last < heights.max()


def test_a_flat_surface_has_no_contours_and_holes_do_not_count():
    first, step, _ = levels_of(np.full((3, 3), 7.0))
    assert np.isfinite([first, step]).all()
    holes = np.array([[np.nan, 0.0], [1.0, np.inf]])
    assert levels_of(holes) == levels_of(np.array([[0.0, 1.0]]))


@every_surface
def test_dark_colours_from_the_minimum_upwards(surface):
    (terrain,) = pictured(surface)[3].data
    assert [colour for _, colour in terrain.colorscale] == list(theme.MAP_SCALE)
    assert [place for place, _ in terrain.colorscale] == pytest.approx(
        np.linspace(0, 1, len(theme.MAP_SCALE))
    )
    assert not terrain.reversescale
    light = terrain.lighting
    assert light.ambient + light.diffuse <= 1, "never brighter than the scale"
    assert light.specular == light.fresnel == 0


@every_surface
def test_the_axes_have_names(surface):
    deep = pictured(surface)[3]
    assert deep.layout.scene.xaxis.title.text == "x"
    assert deep.layout.scene.yaxis.title.text == "y"
    assert deep.layout.scene.zaxis.title.text == "loss"
    for axis in (deep.layout.scene.xaxis, deep.layout.scene.yaxis):
        low, high = axis.range
        edge = 0.05 * (high - low)
        assert len(axis.tickvals) == len(set(axis.ticktext)) >= 2
        assert low + edge < axis.tickvals[0] < axis.tickvals[-1] < high - edge
    assert deep.layout.scene.zaxis.tickfont.size >= 12


@every_surface
def test_the_trails_are_not_in_the_scene(surface):
    deep = pictured(surface)[3]
    assert [trace.type for trace in deep.data] == ["surface"]


# -- what is sent ---------------------------------------------------------------------


@every_surface
def test_the_scene_is_json_a_browser_reads(surface):
    assert strictly(pictured(surface)[3].to_json())["data"]


@every_surface
def test_a_landscape_is_json_a_browser_reads(surface):
    parts = strictly(landscape(surface, size=SIZE))
    assert set(parts) == {"map", "scene", "relief", "undefined"}
    assert parts["undefined"] == ""
    grid = sample(surface, SIZE)
    relief = relief_of(surface, grid)
    assert parts["relief"] == {
        "level": relief.level,
        "base": relief.base,
        "unit": relief.unit,
    }
    assert parts["map"] == still_map(surface, grid, relief)
    (heights,) = parts["scene"]["data"]
    assert heights["type"] == "surface"
    # They are those of the map.
    assert "z" not in heights
    of_scene = np.float32(scene_figure(surface, grid, relief).data[0].z)
    np.testing.assert_array_equal(heights_of(parts["map"]), of_scene)


# -- numbers beyond all pictures ------------------------------------------------------

HUGE = (
    "1e308*x*y", "1e308*(x+y)", "-1e308*x^2", "1e-320*x*y", "exp(exp(x*y*9))",
    "x*3e38 + y", "1e39*x", "sqrt(x)*1e200*y", "1e308 + x", "floor(x)*1e308",
    "1/x", "log(x)", "x - x", "-1e308 + x*1e292",
)  # fmt: skip


@pytest.mark.parametrize("level", ["auto", "linear", "log"])
@pytest.mark.parametrize("formula", HUGE)
def test_losses_too_large_for_a_picture_are_holes_in_it_and_no_error(formula, level):
    surface = typed_surface(formula, Domain(-4.0, 4.0, -4.0, 4.0))
    answer = strictly(landscape(surface, level, size=31))
    low, high = answer["scene"]["layout"]["scene"]["zaxis"]["range"]
    assert low < high
    ticks = answer["scene"]["layout"]["scene"]["zaxis"]["tickvals"]
    assert len(ticks) < 25
    assert np.isfinite([low, high, *ticks]).all()
    assert np.isfinite(answer["map"]["levels"]).all()
    assert answer["map"]["levels"][2] <= LEVELS
    relief = Relief(**answer["relief"])
    assert np.isfinite([relief.base, relief.unit]).all()
    grid = sample(surface, 31).z
    shown = np.isfinite(grid) & (np.abs(grid) < 1e307)
    assert np.isfinite(relief.height(grid[shown])).all()


def test_a_linear_relief_of_large_losses_is_in_units_that_float32_holds():
    surface = typed_surface("1e39*x", Domain(-4.0, 4.0, -4.0, 4.0))
    grid = sample(surface, 31)
    relief = relief_of(surface, grid, "linear")
    assert np.abs(relief.height(grid.z)).max() < 10
    plain = typed_surface("1e3*x", Domain(-4.0, 4.0, -4.0, 4.0))
    assert relief_of(plain, sample(plain, 31), "linear").unit == 1
