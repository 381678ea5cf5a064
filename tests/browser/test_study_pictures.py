"""Each study shows its picture, and what is chosen in it is set in the race."""

import base64
import io
import re
import urllib.request
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from optim import OPTIMIZERS
from optim.base import LEARNING_RATE
from surfaces import SURFACES
from views import theme
from views.mark import marked
from views.palettes import LIGHT
from views.result import unpack
from views.setup import Setup
from views.stream import ANSWER
from views.studies import PARTS
from views.tabs import TABS

RED = [int(theme.ENDS["diverged"][0][i : i + 2], 16) for i in (1, 3, 5)]


def opened(visits, study, query="", status=None):
    visit = visits(f"?view=studies&study={study}{query}")
    visit.eventually(lambda: (status or " on the CPU (") in visit.status)
    visit.settle()
    return visit


def inked(visit, selector, colour, near=40):
    """How many pixels have about a colour."""
    return int((np.abs(visit.shot(selector) - colour).max(axis=2) < near).sum())


def test_every_study_fits_a_projector_without_scrolling(visits):
    visit = opened(visits, "basins", "&surface=ravine&on=momentum,adam")
    for study in TABS:
        visit.page.get_by_test_id(f"study-{study}").click()
        visit.until_address(study=None if study == "basins" else study)
        visit.until_data(study=study)
        visit.settle()
        low = visit.js(
            "Math.max(...[...document.querySelector('.player').children].map("
            "(part) => part.getBoundingClientRect().bottom))"
        )
        assert low <= 720, study
        assert visit.js("document.querySelector('.stMain').scrollHeight") <= 720


def test_on_a_phone_the_picture_comes_before_its_controls(visits):
    visit = visits("?view=studies&surface=ravine&on=momentum,adam", size=(390, 844))
    for study in TABS:
        visit.page.get_by_test_id(f"study-{study}").click()
        visit.until_data(study=study)
        visit.settle()
        ends = visit.js(
            "[...document.querySelectorAll('.player .picture')].map("
            "(part) => part.getBoundingClientRect()).filter(({ height }) => height)"
            ".map(({ bottom }) => bottom)"
        )
        controls = visit.page.locator(".player .bar .turn").bounding_box()
        assert min(ends) <= controls["y"], study
        assert visit.js("document.querySelector('.stMain').scrollWidth") <= 390


def test_two_settings_show_theory_beside_what_was_measured(visits):
    visit = opened(visits, "plane", "&surface=ravine", status="two settings:")
    assert inked(visit, ".player .plane", RED, 12) > 5000, "much of it diverges"
    assert inked(visit, ".player .plane", [255, 255, 255], 30) > 100, "theory's line"
    box = visit.page.locator(".player .plane").bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] / 2)
    visit.eventually(
        lambda: "momentum" in visit.page.locator(".plane .tip").inner_text()
    )


def test_a_click_on_two_settings_sets_both(visits):
    visit = opened(
        visits, "plane", "&surface=ravine&second=rmsprop.rho&on=adam", status="two"
    )
    box = visit.page.locator(".player .plane").bounding_box()
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.until("() => new URLSearchParams(location.search).has('rmsprop.rho')")
    rate, rho = float(visit.query["rmsprop.lr"]), float(visit.query["rmsprop.rho"])
    assert LEARNING_RATE.low < rate < LEARNING_RATE.high
    assert 0.9 < rho < 0.9999, "the middle of its slider"
    assert visit.query["on"] == "rmsprop,adam", "it races now, to show its run"
    visit.eventually(lambda: "rmsprop" in visit.outcomes)


def test_the_fan_and_five_rates_follow_their_settings(visits):
    visit = opened(
        visits, "rates", "&surface=himmelblau&on=adam", status="loss curves:"
    )
    before = visit.shot(".player .curves")
    visit.drag("ratio", 0.9)
    visit.release("ratio")
    visit.until("() => new URLSearchParams(location.search).has('ratio')")
    visit.eventually(lambda: not np.array_equal(visit.shot(".player .curves"), before))
    map_before = visit.shot(".player .map")
    visit.page.get_by_test_id("fan").select_option("adagrad")
    visit.until_address(fan="adagrad")
    visit.eventually(
        lambda: (visit.shot(".player .map") != map_before).any(axis=2).mean() > 0.01
    )


def test_a_sweep_counts_steps_where_asked_to(visits):
    visit = opened(visits, "rates", "&surface=ravine&on=adam", status="learning rates:")
    before = visit.shot(".player .sweep")
    visit.page.get_by_test_id("objective").select_option("steps")
    visit.until_address(objective="steps")
    visit.page.get_by_test_id("tolerance-value").wait_for()
    visit.eventually(lambda: not np.array_equal(visit.shot(".player .sweep"), before))


def test_a_swarm_runs_with_the_timeline_and_ends_in_its_mean(visits):
    visit = opened(visits, "swarm", "&surface=himmelblau&on=adam", status="swarm:")
    visit.pause("Home")
    blue = [0x5B, 0x8D, 0xFF]
    start = visit.shot(".player .map")
    visit.pause("End")
    end = visit.shot(".player .map")
    assert (start != end).any(axis=2).mean() > 0.005
    # At the start the dots are all over the map, in the end at few places.
    columns = [
        np.nonzero(np.abs(shot - blue).max(axis=2) < 70) for shot in (start, end)
    ]
    assert len(set(columns[0][1])) > len(set(columns[1][1]))
    cells = visit.page.locator(".player .bands td").all_inner_texts()
    assert cells[0].strip() == "Adam"
    assert cells[-1] == "0 of 196"


def test_a_noise_fan_opens_with_noise_of_its_own_and_says_so(visits):
    visit = opened(visits, "seeds", "&surface=himmelblau&on=adam", status="noise fan:")
    said = visit.page.locator(".player .bands .said")
    assert "This study adds some of its own: σ = " in said.inner_text()
    cells = visit.page.locator(".player .bands td").all_inner_texts()
    low, high = cells[2].split(" to ")
    assert low != high, "the runs differ"
    bar = visit.page.locator(".player .bar")
    bar.get_by_test_id("noise-value").fill("5")
    bar.get_by_test_id("noise-value").press("Enter")
    visit.until_address(noise="5")
    visit.eventually(lambda: said.inner_text() == "")


def test_a_fair_race_sets_the_best_rates_and_can_be_undone(visits):
    visit = opened(
        visits,
        "fair",
        "&surface=ravine&on=gradient_descent,adam&lr=0.001",
        status="fair",
    )
    fair = visit.page.locator(".player .fair")
    assert "lowest loss after 200 steps" in fair.locator(".question").inner_text()
    assert "241 learning rates" in fair.locator(".question").inner_text()
    visit.page.get_by_test_id("fair-set").click()
    visit.until("() => new URLSearchParams(location.search).has('adam.lr')")
    found = {
        key: float(visit.query[f"{key}.lr"]) for key in ("gradient_descent", "adam")
    }
    assert "lr" not in visit.query, "each has its own"
    # 2 / (1 + kappa) is the best fixed rate of gradient descent, by theory.
    assert found["gradient_descent"] == pytest.approx(2 / 31, rel=0.1)
    for key, lr in found.items():
        cells = fair.locator("tr", has_text=OPTIMIZERS[key].label).inner_text()
        assert str(lr) in cells
    visit.page.get_by_test_id("study-plane").click()
    visit.until_address(study="plane")
    visit.page.get_by_test_id("study-fair").click()
    fair.get_by_role("button", name="Undo").click()
    visit.until_address(lr="0.001")
    visit.until_address(**{"adam.lr": None})


def test_a_fair_race_names_who_has_no_rate(visits):
    visit = opened(visits, "fair", "&surface=saddle&on=newton,adam", status="fair")
    fair = visit.page.locator(".player .fair")
    assert fair.locator(".without").inner_text() == "Without a learning rate: Newton."
    cells = fair.locator("tr", has_text="Adam").locator("td").all_inner_texts()
    assert cells[3] == "–", "no minimum is known"


def test_a_study_says_that_it_computes_before_the_first_race_is_there(server, context):
    page = context.new_page()
    for name in ("race", "basins"):
        page.route(f"**/{name}?*", lambda route: None)  # no answer ever comes
    page.goto(f"{server.address}/?view=studies")
    page.locator(".bar .busy.shown", has_text="computing…").wait_for()
    assert page.locator(".player").get_attribute("data-pictures") is None
    page.close()


def test_long_work_shows_its_progress_and_can_be_cancelled(visits):
    every = "gradient_descent,momentum,adagrad,rmsprop,adam,nesterov,adamw,lion"
    visit = visits(
        f"?surface=rastrigin&view=studies&steps=5000&on={every}&noise=0.1&l2=0.01",
        forgiven=("400",),  # The finest picture would take too long.
    )
    cancel = visit.page.locator(".bar .busy").get_by_role("button", name="Cancel")
    cancel.click()
    visit.until(
        "document.querySelector('.bar .busy').textContent.includes('Cancelled')"
    )
    assert (
        visit.page.locator(".player .basins").get_attribute("class").endswith("stale")
    )
    visit.page.locator(".bar .busy").get_by_role("button", name="Compute").click()
    visit.until("document.querySelector('.bar .busy progress').value > 0")
    cancel.click()
    # Another setup is computed without being asked to.
    visit.page.get_by_test_id("study-swarm").click()
    visit.eventually(lambda: "swarm:" in visit.status)
    visit.until("!document.querySelector('.bar .busy').matches('.shown')")


def test_a_study_can_be_saved_with_its_setup(visits):
    visit = opened(visits, "plane", "&surface=ravine&kappa=9", status="two settings:")
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option("plane.csv")
    text = download.value.path().read_text()
    assert download.value.suggested_filename == "plane-ravine.csv"
    assert "kappa=9" in text.splitlines()[1] + text.splitlines()[0]


SMALL = (
    "&surface=himmelblau&steps=60&on=gradient_descent,adam&noise=0.5&starts=25&seeds=10"
    "&second=adam.beta1&fan=adam&budget=61&start=0.5,4.5"
)
SVG = "{http://www.w3.org/2000/svg}"
DC = "{http://purl.org/dc/elements/1.1/}"
HEADINGS = {
    "basins": "Himmelblau: where every start leads",
    "sweep": "Himmelblau: how every learning rate ends",
    "fan": "Himmelblau: Adam at every learning rate",
    "curves": "Himmelblau: each optimizer at five learning rates",
    "plane": "Himmelblau: first decay and learning rate of Adam",
    "swarm": "Himmelblau: many starts at once",
    "seeds": "Himmelblau: the same race under many seeds",
}
SAYS = {
    "basins": ["minimum 1: (3, 2)", "the start (0.5, 4.5)", "a saddle", "x", "y"],
    "sweep": ["learning rate α", "loss − minimum after 60 steps", "best"],
    "fan": ["learning rate α", "Adam's own rate, 0.05", "a minimum", "x", "y"],
    "curves": ["Gradient descent", "Adam", "0.05"],
    "plane": ["learning rate α", "60 steps"],
    "swarm": ["loss − minimum", "step", "median", "10% to 90%", "0 of 25"],
    "seeds": ["loss − minimum", "step", "the race itself", "mean of the last points"],
}


def saved(visit, part, form):
    """The path of a picture that the page saves."""
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option(f"{part}.{form}")
    assert download.value.suggested_filename == f"{part}-himmelblau.{form}"
    return download.value.path()


def same_setup(description, query, part):
    """Whether a file names what the page shows, but for other studies' settings.

    Returns:
        The query of the page.
    """
    text = marked(description.encode())
    named, problems = Setup.parse(parse_qsl(text, keep_blank_values=True))
    assert problems == ()
    shown, _ = Setup.parse(parse_qsl(query.lstrip("&")))
    depends = PARTS[part].depends
    for key in ("surface", "steps", "on", "noise", "start", *depends):
        assert named[key] == shown[key], key
    assert named["view"] == "studies"
    assert part in TABS[named["study"]].parts
    return named.query


@pytest.mark.parametrize("study", TABS)
def test_what_is_saved_opens_the_study_that_it_was_saved_from(visits, study):
    settings = {
        **{"objective": "steps", "tolerance": "0.05", "ratio": "2.5", "budget": "31"},
        **{"fan": "momentum", "second": "adam.beta1", "seeds": "11", "starts": "17"},
        "noise": "0.5",
    }
    asked = urlencode(settings | {"surface": "himmelblau", "steps": "20"})
    visit = opened(visits, study, f"&{asked}", status=":")
    first, *others = TABS[study].parts
    forms = ("csv", "npz", "json", "parquet", "png", "svg", "pdf")
    # Of one page, Chromium saves no more than ten files at once.
    for part, these in {first: forms, **dict.fromkeys(others, ("png",))}.items():
        for form in these:
            data = saved(visit, part, form).read_bytes()
            named, problems = Setup.parse(parse_qsl(marked(data)))
            assert problems == ()
            assert (named["view"], named["study"]) == ("studies", study), form
            for key in set(TABS[study].settings) & named.fields.keys():
                shown = Setup.parse(parse_qsl(asked))[0][key]
                assert named[key] == shown, (part, form, key)


@pytest.mark.parametrize("study", [study for study in TABS if study != "fair"])
def test_pictures_are_saved_with_their_setup(visits, study):
    """As the page draws them: letters are letters, and nothing is nowhere."""
    visit = opened(visits, study, SMALL, status=":")
    visit.until("!document.querySelector('.bar .busy').matches('.shown')")
    for part in TABS[study].parts:
        if study == "basins" and part == "sweep":
            continue  # it is saved from the learning rates as well
        data = saved(visit, part, "svg").read_text("utf-8")
        assert len(data) < 700_000
        root = ElementTree.fromstring(data)
        (title,) = root.iter(f"{DC}title")
        assert title.text == HEADINGS[part]
        if part == "fan":
            (page,) = PdfReader(saved(visit, part, "pdf")).pages
            assert HEADINGS[part] in page.extract_text()
        (description,) = root.iter(f"{DC}description")
        query = same_setup(description.text, SMALL, part)
        said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
        assert HEADINGS[part] in said
        assert f"?{query}" in "".join(said)
        for words in SAYS[part]:
            assert any(words in text for text in said), words
        for path in root.iter(f"{SVG}path"):
            assert re.fullmatch(r"[MLAZ0-9. -]+", path.get("d"))
        trails = [LIGHT["trails"][look.colour] for look in theme.LOOKS.values()]
        colours = {colour for trail in trails for colour in trail.values()}
        drawn = {path.get("stroke") for path in root.iter(f"{SVG}path")}
        drawn |= {path.get("fill") for path in root.iter(f"{SVG}path")}
        assert drawn & colours, "in the optimizers' own, as they are on paper"
        maps = sum(1 for _ in root.iter(f"{SVG}image"))
        expected = {"basins": 2, "plane": 1, "fan": 1, "swarm": 1, "seeds": 1}
        assert maps == expected.get(part, 0)
        png = saved(visit, part, "png")
        for found in (data.encode(), png.read_bytes()):
            assert marked(found) == marked(description.text.encode())
        with Image.open(png) as picture:
            assert picture.format == "PNG"
            assert picture.width == 1600
            size = [float(root.get(side)) for side in ("width", "height")]
            assert [round(1.6 * side) for side in size] == list(picture.size)
            assert picture.text == {
                "Title": title.text,
                "Description": description.text,
            }
            seen = {colour for _, colour in picture.convert("RGB").getcolors(2**24)}
        assert tuple(bytes.fromhex(LIGHT["panel"][1:])) in seen


def test_a_file_is_as_seen_where_a_theme_is_asked_for(visits):
    visit = opened(visits, "basins", f"{SMALL}&theme=dark")
    root = ElementTree.parse(saved(visit, "basins", "svg")).getroot()
    drawn = {path.get("stroke") for path in root.iter(f"{SVG}path")}
    assert drawn & {look.colour for look in theme.LOOKS.values()}
    fills = {one.get("fill") for one in root.iter()}
    assert theme.PAGE in fills
    assert LIGHT["panel"] not in fills


def test_a_fan_has_a_trail_for_each_rate(visits):
    visit = opened(visits, "rates", SMALL, status="fan:")
    root = ElementTree.parse(saved(visit, "fan", "svg")).getroot()
    paths = list(root.iter(f"{SVG}path"))
    ends = [
        path.get("fill")
        for path in paths
        if (path.get("fill") or "").startswith("rgb(")
    ]
    trails = [path.get("stroke") for path in paths]
    lost = trails.count(LIGHT["lost"])
    assert len(ends) + lost == 61
    assert len(set(ends)) > 20, "each in the colour of its rate"
    assert set(trails) & set(ends), "and so are the trails, where they move"


def test_two_pictures_of_the_same_are_the_same(visits):
    visit = opened(visits, "rates", SMALL, status="fan:")
    for form in ("svg", "png"):
        one, other = (saved(visit, "fan", form).read_bytes() for _ in range(2))
        assert one == other


def test_basins_have_the_colours_of_their_legend(visits):
    visit = opened(
        visits,
        "basins",
        "&surface=himmelblau&steps=60&on=adam&start=1,1&theme=dark",
        status="basins:",
    )
    root = ElementTree.parse(saved(visit, "basins", "svg")).getroot()
    (image,) = root.iter(f"{SVG}image")
    data = base64.b64decode(image.get("href").partition(",")[2])
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (256, 256)
        seen = [c for _, c in picture.convert("RGB").getcolors(2**16)]
    legend = {path.get("fill") for path in root.iter(f"{SVG}path")}
    assert set(theme.MINIMA[:4]) <= legend
    directions = {tuple(np.round(np.array(c) / max(c), 1)) for c in seen if max(c)}
    for colour in theme.MINIMA[:4]:
        full = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        assert tuple(np.round(full / max(full), 1)) in directions, "dimmed by step"
    assert len(seen) > 50, "and by how soon"


def test_theory_and_the_best_are_in_the_picture_of_a_plane(visits):
    visit = opened(visits, "plane", "&surface=ravine&steps=60", status="two settings:")
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option("plane.svg")
    root = ElementTree.parse(download.value.path()).getroot()
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    for words in (
        "best by theory: 0.0953, 0.478",
        "theory: stable left of the dashed line, α < 2 (1 + β) / 30 (curvatures 1, 30)",
        "not reached within 60 steps",
    ):
        assert words in said
    assert any(text.startswith("fastest found: ") for text in said)
    assert any(
        path.get("stroke-dasharray") == "7 4" for path in root.iter(f"{SVG}path")
    )


def test_a_formula_survives_in_a_picture(visits):
    visit = opened(
        visits,
        "rates",
        "&surface=formula&f=x^2%2B3*sin(x*y)-1&x=-3,2.5&on=adam&steps=40",
        status="fan:",
    )
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option("sweep.svg")
    (text,) = ElementTree.parse(download.value.path()).iter(f"{DC}description")
    query = marked(text.text.encode())
    setup, problems = Setup.parse(parse_qsl(query, keep_blank_values=True))
    assert problems == ()
    assert setup["f"] == "x^2 + 3*sin(x*y) - 1"
    assert setup["x"] == (-3, 2.5)


HARD = {
    "steps to nothing known": ("rates", "sweep", "&surface=saddle&objective=steps"),
    "none arrives": ("rates", "sweep", "&objective=steps&tolerance=1e-12&steps=20"),
    "all diverge": ("seeds", "seeds", "&surface=beale&lr=10&steps=80&noise=0.5"),
    "flat": ("rates", "fan", "&surface=formula&f=0*x"),
    "undefined": ("swarm", "swarm", "&surface=formula&f=log(x)*y&y=-99,99"),
    "long and thin": ("basins", "basins", "&surface=formula&f=x*y&x=-1e-6,1e6"),
    "at the minimum": ("plane", "plane", "&start=1,1"),
}
ARE_SAID = {
    "steps to nothing known": "choose the loss objective",
    "none arrives": "no run arrives",
    "all diverge": "last points are off this map.",
    "at the minimum": "The start is within the tolerance already.",
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_hard_to_draw_is_drawn(visits, name):
    study, part, query = HARD[name]
    visit = opened(visits, study, f"{query}&on=adam,momentum", status=":")
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option(f"{part}.svg")
    root = ElementTree.parse(download.value.path()).getroot()
    said = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert ARE_SAID.get(name, "") in said
    for path in root.iter(f"{SVG}path"):
        assert re.fullmatch(r"[MLAZ0-9. -]+", path.get("d"))


@pytest.mark.parametrize("study", ["basins", "rates", "swarm"])
def test_no_optimizer_on_is_said_in_the_picture(visits, study):
    visit = opened(visits, study, "&surface=himmelblau&on=", status=":")
    part = next(iter(TABS[study].parts))
    with visit.page.expect_download() as download:
        visit.page.get_by_test_id("save").select_option(f"{part}.svg")
    root = ElementTree.parse(download.value.path()).getroot()
    said = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "No optimizer" in said


def test_what_is_too_large_is_said_in_a_sentence(visits):
    visit = opened(visits, "swarm", "&on=adam", status="swarm:")
    visit.forgiven = ("400",)
    visit.page.get_by_test_id("starts-value").fill("1024")
    visit.page.get_by_test_id("starts-value").press("Enter")
    steps = visit.page.get_by_role("textbox", name="Steps", exact=True)
    steps.fill("5000")
    steps.press("Enter")
    visit.eventually(lambda: "1,024 runs by 5,000 steps" in visit.status)
    visit.eventually(
        lambda: (
            "1,024 runs by 5,000 steps"
            in visit.page.locator(".player .bands").get_attribute("data-stale")
        )
    )
    steps.fill("300")
    steps.press("Enter")
    visit.eventually(lambda: "swarm:" in visit.status)


def test_what_is_too_fine_stays_coarse(visits):
    """A setup that may be computed coarsely only is shown so, and nothing is amiss."""
    visit = visits("?surface=ravine&view=studies&on=adam")
    visit.forgiven = ("400",)
    refused = []

    def refuse(route):
        refused.append(route.request.url)
        route.fulfill(status=400, body="Too long.", content_type="text/plain")

    visit.page.route("**/basins?*size=256", refuse)
    visit.page.get_by_test_id("kappa-value").fill("13")
    visit.page.get_by_test_id("kappa-value").press("Enter")
    visit.eventually(lambda: any("kappa=13" in url for url in refused))
    visit.until("!document.querySelector('.bar .busy').matches('.shown')")
    visit.settle()
    assert "Too long." not in visit.page.locator(".player").inner_text()
    assert "stale" not in visit.page.locator(".player .basins").get_attribute("class")


def test_studies_share_one_address(visits, server):
    """An address shows the same study of the same setup wherever it is opened."""
    visit = opened(
        visits, "swarm", "&swarm=cloud&cloud=0.1&starts=50&seed=4", status="sw"
    )
    assert visit.values["cloud-value"] == "0.1"
    surface = SURFACES["rosenbrock"]
    query = "?swarm=cloud&cloud=0.1&starts=50&seed=4"
    with urllib.request.urlopen(f"{server.address}/swarm{query}") as answer:
        header, _ = unpack(answer.read().partition(ANSWER)[2])
    assert header["surface"] == surface.key
    assert [run["runs"] for run in header["runs"]] == [50] * 5
