"""What is shown of a race is saved as a picture: by what draws it, with its setup."""

import io
import re
from itertools import pairwise
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from test_access import broken

from views.mark import marked
from views.palettes import LIGHT
from views.theme import LOOKS, PAGE

SVG = "{http://www.w3.org/2000/svg}"
STEPS = 400
RACE = f"?surface=himmelblau&steps={STEPS}&on=momentum,adam&play=0&step={STEPS}"
LINES = {
    key: LIGHT["trails"][LOOKS[key].colour]["line"] for key in ("momentum", "adam")
}


def opened(visit):
    """Opens the dialog, and waits for its preview."""
    visit.page.get_by_test_id("save-race").select_option("picture")
    visit.until("document.querySelector('.picture-dialog[open][data-previewed]')")
    return visit.page.get_by_test_id("picture-dialog")


def choose(visit, **choices):
    for name, value in choices.items():
        visit.page.get_by_test_id(f"picture-{name}").select_option(value)


def saved(visit, **choices):
    """The path and the name of a file that the dialog saves."""
    choose(visit, **choices)
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("picture-save").click()
    return download.value.path(), download.value.suggested_filename


def setup_of(path):
    query = marked(path.read_bytes())
    assert query is not None, "it names no setup"
    return dict(parse_qsl(query))


def colours(picture):
    return {colour for _, colour in picture.convert("RGB").getcolors(2**24)}


def rgb(colour):
    return tuple(bytes.fromhex(colour[1:]))


def points(root, colour):
    """How many points the longest line of a colour has."""
    paths = [one for one in root.iter(f"{SVG}path") if one.get("stroke") == colour]
    return max(len(re.findall("[ML]", one.get("d"))) for one in paths)


@pytest.fixture(scope="module")
def race(context, server):
    """One page for all that only saves."""
    from conftest import Visit

    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    visit = Visit(page, server).open(RACE).in_3d()
    visit.until_data(step=str(STEPS))
    opened(visit)
    yield visit
    assert visit.troubles == []
    page.close()


def test_a_picture_of_the_map_has_its_scale_and_its_setup(race):
    sizes = {}
    for scale in ("1", "2", "4"):
        path, name = saved(race, what="map", format="png", scale=scale, colours="light")
        assert name == "race-himmelblau-map.png"
        with Image.open(path) as picture:
            sizes[scale] = picture.size
            seen = colours(picture)
        assert setup_of(path)["surface"] == "himmelblau"
        assert setup_of(path)["step"] == str(STEPS)
    box = race.js(
        "(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])"
        "(document.querySelector('.player .map'))"
    )
    for scale, size in sizes.items():
        assert size == tuple(int(scale) * side for side in box)
    assert {rgb(LIGHT["panel"]), *map(rgb, LINES.values())} <= seen


def test_a_picture_is_the_map_that_is_seen(race):
    """Pixel by pixel, but for what is no picture: buttons and shadows of letters."""
    path, _ = saved(race, what="map", format="png", scale="1", colours="seen")
    left, top, width, height = map(round, race.map["frames"][0])
    race.page.get_by_test_id("picture-dialog").locator(".close").click()
    race.settle()
    screen = Image.open(io.BytesIO(race.page.screenshot())).convert("RGB")
    box = race.page.locator(".player .map").bounding_box()
    opened(race)
    # A picture between pixels is drawn on the next ones.
    x, y = left + int(box["x"] + 0.5), top + int(box["y"] + 0.5)
    seen = np.asarray(screen).astype(int)[y : y + height, x : x + width]
    with Image.open(path) as picture:
        drawn = np.asarray(picture.convert("RGB")).astype(int)
        drawn = drawn[top : top + height, left : left + width]
    differs = np.abs(drawn - seen).max(axis=2) > 60
    assert differs.mean() < 0.01
    assert np.abs(drawn - seen).mean() < 1


def test_in_a_file_of_lines_a_trail_has_every_step(race):
    path, name = saved(race, what="map", format="svg", colours="light")
    assert name == "race-himmelblau-map.svg"
    root = ElementTree.parse(path).getroot()
    for colour in LINES.values():
        assert points(root, colour) == STEPS + 1, "those at rest, too"


def as_drawn(visit, path):
    """The pixels of an SVG, as the browser draws it."""
    root = ElementTree.parse(path).getroot()
    width, height = (round(float(root.get(side))) for side in ("width", "height"))
    page = visit.page.context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path.as_uri())
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return np.asarray(shot).astype(int)


@pytest.mark.parametrize(
    "query", ["&surface=himmelblau", "&surface=rastrigin", "&surface=beale&level=log"]
)
def test_bands_are_areas_that_look_like_the_pixels_of_the_map(visits, tmp_path, query):
    visit = visits(f"?steps=10&on=adam&play=0&step=0{query}")
    opened(visit)
    path, _ = saved(visit, what="map", format="svg", colours="light")
    svg = tmp_path / "map.svg"
    svg.write_bytes(path.read_bytes())
    root = ElementTree.parse(svg).getroot()
    assert not [*root.iter(f"{SVG}image")]
    assert svg.stat().st_size < 1_500_000
    path, _ = saved(visit, what="map", format="png", scale="1", colours="light")
    left, top, width, height = map(round, visit.map["frames"][0])
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    drawn = as_drawn(visit, svg)
    assert drawn.shape == pixels.shape
    away = np.abs(drawn - pixels)[top : top + height, left : left + width].max(axis=2)
    assert away.mean() < 5, "of 255"
    assert (away > 60).mean() < 0.01


def test_a_chart_has_the_shape_of_a_slide_and_says_which_line_is_which(visits):
    visit = visits("?surface=ravine&on=adagrad&panels=rate&play=0&step=50")
    dialog = opened(visit)
    path, _ = saved(visit, what="chart-rate", format="svg", colours="light")
    assert (
        dialog.locator(".pixels").inner_text().endswith("sharp at any size · step 50")
    )
    root = ElementTree.parse(path).getroot()
    width, height = float(root.get("width")), float(root.get("height"))
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert width < 800
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert {"solid x, dashed y", "effective learning rate, α / divisor"} <= {*said}


NUMBERS = """[...document.querySelectorAll(
  '.player [data-testid=inside] .quantity')].map((row) =>
  [row.querySelector('.symbol'), ...row.querySelectorAll('math')].map(
    (one) => one.textContent.replace(/\\s/g, '')))"""


@pytest.mark.parametrize(
    ("rule", "size"),
    [
        *(("adam", (1280, 720)), ("bfgs", (1280, 720)), ("adam", (390, 844))),
        (
            "rule~1&rule~1=" + "a=0.5*g" + "%2Bg*w-g" * 15 + "%0Aw=w-alpha*a",
            (1280, 720),
        ),
    ],
    ids=["adam", "bfgs", "phone", "long"],
)
def test_the_equations_of_a_step_are_drawn_with_the_numbers_of_the_page(
    visits, rule, size
):
    query = f"?surface=himmelblau&on={rule}&panels=inside&play=0&step=5"
    visit = visits(query, size=size)
    visit.until("document.querySelector('.player .inside .numbers math')")
    shown = visit.js(NUMBERS)
    assert len(shown) > 2
    opened(visit)
    path, name = saved(visit, what="inside", format="svg", colours="light")
    assert name == "race-himmelblau-inside.svg"
    root = ElementTree.parse(path).getroot()
    texts = [*root.iter(f"{SVG}text")]
    said = "".join("".join(text.itertext()) for text in texts).replace(" ", "")
    said = re.sub(r"\s", "", said)
    for row in shown:
        for formula in row:
            # Accents and roots are lines; of an index and an exponent, one is first.
            for number in re.findall(r"−?\d[\d.]*(?:e−?\d+)?", formula):
                assert number in said, row
    meanings = visit.page.locator(".player .inside .words").all_text_contents()
    assert len(meanings) == len(shown)
    assert {*meanings} <= {text.text for text in texts}
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for text in texts:
        left, long = float(text.get("x")), float(text.get("textLength"))
        assert 0 <= left <= left + long <= width, text.text
        assert 0 < float(text.get("y")) <= height, text.text
    assert setup_of(path)["panels"] == "inside"
    path, _ = saved(visit, what="inside", format="pdf", colours="light")
    (page,) = PdfReader(path).pages
    assert "step 5 → 6" in page.extract_text()


@pytest.mark.parametrize(
    ("rule", "size"),
    [("gradient_descent", (1280, 720)), ("adam", (1280, 720)), ("bfgs", (1920, 1080))],
)
def test_the_table_of_a_run_is_drawn_with_the_rows_around_the_step(visits, rule, size):
    query = f"?surface=himmelblau&on={rule}&panels=table&steps=60&play=0&step=40"
    visit = visits(query, size=size)
    row = visit.page.locator(".player .runtable tr.now td")
    row.first.wait_for()
    shown = row.all_text_contents()
    heads = visit.page.locator(".player .runtable th").all_text_contents()
    opened(visit)
    path, name = saved(visit, what="table", format="svg", colours="light")
    assert name == "race-himmelblau-table.svg"
    root = ElementTree.parse(path).getroot()
    lines = {}
    for text in root.iter(f"{SVG}text"):
        lines.setdefault(text.get("y"), []).append(text.text)
    title, head, *rows = lines.values()
    assert head == heads
    assert title[1] == "step 40 of 60"
    steps = [int(row[0]) for row in rows]
    assert len(steps) > 10
    assert steps == list(range(steps[0], steps[-1] + 1))
    drawn = rows[steps.index(40)]
    assert [number(text) for text in drawn] == pytest.approx(
        [number(text) for text in shown], rel=1e-3
    )
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for text in root.iter(f"{SVG}text"):
        at, long = float(text.get("x")), float(text.get("textLength"))
        left = at - long if text.get("text-anchor") == "end" else at
        assert 0 <= left <= left + long <= width, text.text
        assert 0 < float(text.get("y")) <= height, text.text
    assert setup_of(path)["panels"] == "table"
    path, _ = saved(visit, what="table", format="pdf", colours="light")
    (page,) = PdfReader(path).pages
    assert {*drawn} <= {*page.extract_text().split()}
    path, _ = saved(visit, what="page", format="svg", colours="light")
    texts = [text.text for text in ElementTree.parse(path).getroot().iter(f"{SVG}text")]
    assert {*drawn} <= {*texts}, "it is in the whole view, too"


def test_the_table_of_a_run_goes_on_in_a_film(visits):
    query = "?surface=himmelblau&on=adam&panels=table&steps=60&play=0&step=60"
    visit = visits(query)
    visit.page.locator(".player .runtable tr.now td").first.wait_for()
    opened(visit)
    pictures = []
    with Image.open(filmed(visit, "gif", "1", "10", what="table")) as film:
        assert film.n_frames == 10
        for at in (0, 5, 9):
            film.seek(at)
            pictures.append(np.asarray(film.convert("L")).astype(int))
    # The row of the step is marked: two rows change, further below each time.
    changed = [
        np.argwhere(np.abs(one - other) > 5) for one, other in pairwise(pictures)
    ]
    assert min(map(len, changed)) > 5_000
    (above, _), (below, _) = (rows.mean(axis=0) for rows in changed)
    assert below > above + 20


def number(text):
    """A number as the page prints it."""
    return float(text.replace("−", "-"))


def test_where_a_panel_has_nothing_to_show_the_whole_view_has_no_hole(visits):
    visit = visits("?surface=ravine&on=&panels=table&play=0&step=5")
    opened(visit)
    path, _ = saved(visit, what="page", format="png", scale="1", colours="light")
    box = visit.page.locator(".player .map").bounding_box()
    left, right, bottom = box["width"] + 5, 1.5 * box["width"], box["height"] - 5
    with Image.open(path) as picture:
        beside = picture.crop(tuple(map(int, (left, 5, right, bottom))))
    assert len(colours(beside)) > 20, "the map's bands and lines"


def test_the_whole_view_names_what_was_raced(race):
    path, name = saved(race, what="page", format="svg", colours="light")
    assert name == "race-himmelblau.svg"
    root = ElementTree.parse(path).getroot()
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    for words in (
        "Himmelblau",
        f"step {STEPS} of {STEPS}",
        "Momentum",
        "Adam",
        "loss",
        "x",
    ):
        assert words in said, words
    assert any("surface=himmelblau" in text for text in said), "its address"
    assert any("reached the minimum" in text or "descending" in text for text in said)
    assert sum(1 for _ in root.iter(f"{SVG}image")) == 1, "the surface"
    for one in root.iter(f"{SVG}path"):
        assert re.fullmatch(r"[MLAZ0-9. -]+", one.get("d"))
    assert setup_of(path)["on"] == "momentum,adam"
    assert "@font-face" in path.read_text("utf-8")


def test_a_pdf_is_the_svg_of_the_same_and_opens_its_setup(visits):
    visit = visits(RACE).in_3d()
    visit.until_data(step=str(STEPS))
    opened(visit)
    svg, _ = saved(visit, what="page", format="svg", colours="light")
    pdf, name = saved(visit, what="page", format="pdf", colours="light")
    assert name == "race-himmelblau.pdf"
    assert setup_of(pdf) == setup_of(svg)
    root = ElementTree.parse(svg).getroot()
    (page,) = PdfReader(pdf).pages
    for side in ("width", "height"):
        expected = pytest.approx(0.75 * float(root.get(side)), abs=0.01)
        assert float(getattr(page.mediabox, side)) == expected
    assert len(page.images) == 1, "the surface"
    said = page.extract_text()
    for text in root.iter(f"{SVG}text"):
        assert text.text in said
    strokes = page.get_contents().get_data().decode("latin-1")
    for colour in LINES.values():
        path = max(re.findall(f"{inked(colour)} RG[^S]+", strokes), key=len)
        assert path.count(" l") > STEPS // 2, "lines, and no picture of them"
    visit.open("?surface=beale")
    visit.ready()
    with visit.page.expect_file_chooser() as chooser:
        visit.page.get_by_test_id("save-race").select_option(label="open a file…")
    with visit.page.expect_event("load"):
        chooser.value.set_files(pdf)
    visit.until_address(surface="himmelblau")
    visit.ready()
    visit.until_data(surface="himmelblau")


def inked(colour):
    """A colour as a PDF names it, for a pattern."""
    parts = (f"{part / 255:.6f}".rstrip("0").rstrip(".") for part in rgb(colour))
    return " ".join(re.escape(part.removeprefix("0") or "0") for part in parts)


def test_the_surface_is_a_picture_below_its_trails(race):
    path, _ = saved(race, what="scene", format="svg", colours="light")
    root = ElementTree.parse(path).getroot()
    assert sum(1 for _ in root.iter(f"{SVG}image")) == 1
    for colour in LINES.values():
        assert points(root, colour) > STEPS // 2
    path, _ = saved(race, what="scene", format="png", scale="2", colours="light")
    with Image.open(path) as picture:
        seen = colours(picture)
    assert len(seen) > 1000, "the surface is shaded"
    assert set(map(rgb, LINES.values())) <= seen


def test_as_seen_is_in_the_colours_of_the_page(race):
    path, _ = saved(race, what="losses", format="svg", colours="seen")
    root = ElementTree.parse(path).getroot()
    for key in LINES:
        assert points(root, LOOKS[key].colour) > 50
    path, _ = saved(race, what="page", format="png", scale="1", colours="seen")
    with Image.open(path) as picture:
        assert rgb(PAGE) in colours(picture)


def test_the_preview_is_the_very_drawing(race):
    def preview():
        return race.js(
            "() => { const canvas = document.querySelector('[data-testid=preview]');"
            " const { data } = canvas.getContext('2d').getImageData("
            "0, 0, canvas.width, canvas.height); return [...data.slice(0, 4)]; }"
        )

    choose(race, what="losses", format="png", colours="light")
    race.eventually(lambda: preview()[:3] == list(rgb(LIGHT["panel"])))
    choose(race, colours="seen")
    race.eventually(lambda: preview()[:3] != list(rgb(LIGHT["panel"])))


def test_arrows_and_fields_are_where_they_are_seen(visits):
    early = RACE.replace(f"&step={STEPS}", "&step=6")
    visit = visits(f"{early}&show=field,flow,every")
    visit.until("document.querySelectorAll('.map .arrows text').length > 3")
    seen = visit.js(
        "[...document.querySelectorAll('.map .arrows text')].map((one) =>"
        " [one.textContent, +one.getAttribute('x'), +one.getAttribute('y')])"
    )
    opened(visit)
    path, _ = saved(visit, what="map", format="svg", colours="light")
    root = ElementTree.parse(path).getroot()
    letters = [
        (text.text, float(text.get("x")), float(text.get("y")))
        for text in root.iter(f"{SVG}text")
        if text.get("font-style") == "italic"
    ]
    for word, x, y in seen:
        near = (
            abs(a - x) < 2 and abs(b - y) < 8 for one, a, b in letters if one == word
        )
        assert any(near), word
    lines = {one.get("stroke") for one in root.iter(f"{SVG}path")}
    flow = f"rgb({', '.join(map(str, rgb(LIGHT['warning'])))})"
    assert flow in lines


def test_each_map_side_by_side_has_its_name_and_trail(visits):
    visit = visits(f"{RACE}&view=side", size=(390, 844))
    visit.until_data(step=str(STEPS))
    dialog = opened(visit)
    box = dialog.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert broken(visit) == ""
    path, _ = saved(visit, what="map", format="svg", colours="light")
    root = ElementTree.parse(path).getroot()
    said = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "Momentum" in said
    assert "Adam" in said
    for colour in LINES.values():
        assert points(root, colour) == STEPS + 1


def test_the_race_waits_while_its_picture_is_chosen(visits):
    visit = visits("?surface=himmelblau&steps=2000&on=adam")
    dialog = opened(visit)
    visit.until_data(playing="false")
    visit.page.keyboard.press("Escape")
    visit.until("!document.querySelector('.picture-dialog').open")
    visit.until_data(playing="true")
    assert dialog.is_hidden()


def filmed(visit, form, seconds, rate, **choices):
    """The path of a small film of the first ten steps."""
    choose(visit, format=form, **choices)
    visit.page.get_by_test_id("film-size").select_option("640 × 360")
    visit.page.get_by_test_id("film-rate").select_option(rate)
    for name, text in {"from": "0", "to": "10", "seconds": seconds}.items():
        visit.page.get_by_test_id(f"film-{name}").fill(text)
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("picture-save").click()
    assert download.value.suggested_filename.endswith(f".{form}")
    return download.value.path()


def test_a_film_has_its_frames_and_plays_once_where_that_is_asked(race):
    for loop in (True, False):
        choose(race, format="gif")
        race.page.get_by_test_id("film-loop").set_checked(loop)
        path = filmed(race, "gif", "1", "10", what="map", colours="light")
        with Image.open(path) as film:
            assert film.size == (640, 360)
            assert film.info.get("loop") == (0 if loop else None)
            assert film.n_frames == 10
            total, inked = 0, []
            for number in range(film.n_frames):
                film.seek(number)
                total += film.info["duration"]
                away = np.asarray(film.convert("RGB")) - np.int16(
                    rgb(LINES["momentum"])
                )
                inked.append(int((np.abs(away).max(axis=2) < 30).sum()))
        assert total == 1000
        assert inked[-1] > inked[0] + 50, "the trail has grown"
        assert setup_of(path)["surface"] == "himmelblau"


def test_an_mp4_shows_the_whole_view(race):
    path = filmed(race, "mp4", "1", "25", what="page", colours="light")
    with av.open(str(path)) as film:
        (stream,) = film.streams.video
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
    assert len(frames) == 25
    assert frames[0].shape == (360, 640, 3)
    assert np.abs(frames[0].astype(int) - frames[-1]).max() > 100
    assert setup_of(path)["on"] == "momentum,adam"


def test_what_is_wrong_with_a_film_is_said(race):
    choose(race, format="webp")
    for name, text, words in (
        ("to", "9999", f"whole numbers from 0 to {STEPS}"),
        ("from", "x", "whole numbers"),
        ("seconds", "900", "0.5 to 60 seconds"),
    ):
        field = race.page.get_by_test_id(f"film-{name}")
        before = field.input_value()
        field.fill(text)
        race.page.get_by_test_id("picture-save").click()
        said = race.page.get_by_test_id("picture-dialog").locator(".said")
        assert words in said.inner_text()
        assert field.input_value() == text, "nothing is lost"
        field.fill(before)


def test_latex_ends_at_the_step_that_is_shown_unless_others_are_chosen(visits):
    visit = visits(
        "?surface=ravine&on=momentum,adam&inspect=adam&steps=60&step=25&play=0"
    )
    visit.page.get_by_test_id("save-race").select_option("tex")
    visit.until("document.querySelector('.picture-dialog[open][data-previewed]')")
    dialog = visit.page.get_by_test_id("picture-dialog")
    first, last = (visit.page.get_by_test_id(f"film-{name}") for name in ("from", "to"))
    assert (first.input_value(), last.input_value()) == ("0", "25")
    path, name = saved(visit)
    assert name == "race-ravine.tex"
    assert "Shown: steps 0 to 25." in path.read_text("utf-8")
    assert (setup_of(path)["step"], setup_of(path)["play"]) == ("25", "0")
    first.fill("10")
    last.fill("60")
    path, _ = saved(visit)
    assert "Shown: steps 10 to 60." in path.read_text("utf-8")
    first.fill("61")
    visit.page.get_by_test_id("picture-save").click()
    said = dialog.locator(".said")
    assert said.inner_text() == "The steps of a file are whole numbers from 0 to 60."
    assert not dialog.locator("canvas").is_visible()
    path, name = saved(visit, what="inside")
    assert name == "race-ravine-inside.tex"
    text = path.read_text("utf-8")
    assert r"\textbf{Ravine: Adam}" in text
    assert r"Step $25 \to 26$ of 60" in text
    assert setup_of(path)["inspect"] == "adam"
    assert not last.is_visible()
    # What there is no LaTeX of is there again with the next format.
    choose(visit, format="png")
    assert "map" in dialog.locator("select.of-what").inner_text()
    assert dialog.locator("canvas").is_visible()


def test_a_film_can_be_cancelled(race):
    choose(race, format="webp", what="map")
    race.page.get_by_test_id("film-size").select_option("1920 × 1080")
    race.page.get_by_test_id("film-seconds").fill("20")
    race.page.get_by_test_id("picture-save").click()
    race.until("document.querySelector('.picture-dialog progress').value > 0")
    race.page.get_by_test_id("film-cancel").click()
    said = race.page.get_by_test_id("picture-dialog").locator(".said")
    race.eventually(lambda: said.inner_text() == "Cancelled.")
    assert race.page.get_by_test_id("picture-save").is_enabled()
