"""The contact sheet: every surface has a panel with its marks and its five runs."""

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from docs import contact_sheet as sheet
from optim import OPTIMIZERS, descend
from surfaces import SURFACES, Domain
from views import theme

SADDLE, BEALE = SURFACES["saddle"], SURFACES["beale"]


def lines(panel):
    """The lines of a panel, by the label of their colour and mark."""
    return [(to_hex(line.get_color()), line) for line in panel.get_lines()]


def test_a_panel_shows_marks_runs_and_outcomes():
    (panel,) = sheet.contact_sheet([BEALE], size=21).axes
    assert panel.get_title() == "Beale, 500 steps"
    assert (*panel.get_xlim(), *panel.get_ylim()) == BEALE.view_domain
    marked = {
        line.get_marker(): sorted(line.get_xydata().tolist())
        for colour, line in lines(panel)
        if colour == theme.CRITICAL
    }
    assert marked == {
        "x": sorted(map(list, BEALE.minima)),
        "D": sorted(map(list, BEALE.saddles)),
        "^": sorted(map(list, BEALE.maxima)),
    }
    captions = [text.get_text() for text in panel.texts]
    for key, caption in zip(theme.DEFAULT_ON, captions, strict=True):
        rule = OPTIMIZERS[key]
        hypers = rule.hypers(lr=BEALE.learning_rates[key])
        run = descend(BEALE, rule, BEALE.start, hypers, BEALE.steps)
        assert caption.startswith(f"{theme.LOOKS[key].short}\n{run.outcome.kind}")
        drawn = [
            line.get_xydata()
            for colour, line in lines(panel)
            if colour == theme.LOOKS[key].colour and len(line.get_xydata()) > 1
        ]
        np.testing.assert_array_equal(drawn[0], run.points)


def test_a_run_is_drawn_to_where_it_leaves():
    (panel,) = sheet.contact_sheet([SADDLE], size=21).axes
    ways = [line.get_xydata() for _, line in lines(panel) if len(line.get_xydata()) > 9]
    assert len(ways) == len(theme.DEFAULT_ON)
    for way in ways:
        drawn = way[np.isfinite(way).all(axis=1)]
        assert len(drawn) > 9
        assert not SADDLE.view_domain.contains(drawn[-1])
        assert np.abs(drawn).max() < 20 * SADDLE.view_domain.diagonal


def test_a_trail_that_flies_off_is_drawn_on_its_way():
    window = Domain(-1, 1, -1, 1)
    far = sheet.FAR * window.diagonal
    trails = np.array(
        [
            [[0, 0], [0.5, 0.5], [1e9, 2e9], [np.inf, 0]],
            [[0, 0], [0, 0], [0, 0], [0, 0]],
            [[0, 0], [np.nan, 0], [0, 0], [1e300, 1e300]],
        ]
    )
    drawn = sheet.near(trails, window)
    np.testing.assert_array_equal(drawn[0, :2], trails[0, :2])
    step = drawn[0, 2] - trails[0, 1]
    assert step[1] / step[0] == pytest.approx(2, rel=1e-6)
    assert far / 2 < np.abs(drawn[0, 2]).max() < far
    assert np.isnan(drawn[0, 3]).all()
    np.testing.assert_array_equal(drawn[1], trails[1])
    assert np.isnan(drawn[2, 1]).all()
    assert (drawn[2, 3] < far).all()
    assert trails[0, 2, 0] == 1e9, "what is given is left alone"


def test_the_sheet_has_every_mark():
    assert set(sheet.MARKERS) == {look.mark for look in theme.LOOKS.values()}


def test_samples_and_empty_panels_do_no_harm():
    some = [*list(SURFACES.values())[-2:], *list(SURFACES.values())[:4]]
    figure = sheet.contact_sheet(some, size=11)
    titles = [panel.get_title() for panel in figure.axes]
    assert len(titles) == 2 * sheet.COLUMNS
    assert titles[6:] == [""] * 4
    assert all(titles[:6])


def test_the_command_writes_every_surface(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "SURFACES", {"saddle": SADDLE, "beale": BEALE})
    path = tmp_path / "sheet.png"
    sheet.main([str(path)])
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width > picture.height > 300
        palette = picture.convert("RGB").getcolors(256)
    seen = np.array([colour for _, colour in palette])
    wanted = [theme.PAGE, theme.CRITICAL]
    wanted += [theme.LOOKS[key].colour for key in theme.DEFAULT_ON]
    for colour in wanted:
        distances = np.abs(seen - 255 * np.array(to_rgb(colour))).max(axis=1)
        assert distances.min() < 16
    assert sheet.SHEET.is_file()
    with pytest.raises(SystemExit):
        sheet.main(["one", "two"])
