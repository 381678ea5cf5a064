"""What the routes answer: races to the last bit, files, and refusals in words."""

import json
import re
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import numpy as np
import plotly
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend
from optim.conditions import minibatches
from surfaces import SURFACES, of_xy, regularized, typed
from views import result, routes
from views.player_files import PLAYER_PATH
from views.race import race_shown, result_of, run_race
from views.routes import ROUTES
from views.setup import Setup
from views.stream import ANSWER
from views.theme import DEFAULT_ON

PLAYER = Path(__file__).parents[1] / "views/player"

every_surface = pytest.mark.parametrize("surface_key", SURFACES)


class Client:
    """Asks the routes without a server between; what they raise, it raises."""

    def __init__(self, portal):
        self.portal = portal
        self.transport = httpx.ASGITransport(Starlette(routes=ROUTES))

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def request(self, method, path, **more):
        async def ask():
            async with httpx.AsyncClient(
                transport=self.transport, base_url="http://player"
            ) as client:
                return await client.request(method, path, **more)

        return self.portal.call(ask)


@pytest.fixture(scope="module")
def client():
    with start_blocking_portal() as portal:
        yield Client(portal)


def strictly(text):
    """Reads JSON as a browser does, which knows neither NaN nor infinity."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def unpack(data):
    """The header of a packed race, and of each run its points and excess losses."""
    header, arrays = result.unpack(data)
    rows, samples = header["steps"] + 1, header["samples"]
    runs = {}
    for run in header["runs"]:
        points, excess = (arrays.pop(f"{run['key']}/{n}") for n in ("points", "excess"))
        assert points.dtype == excess.dtype == np.float32
        assert (points.shape, excess.shape) == ((rows, 2), (rows,))
        runs[run["key"]] = points, excess
    header["factors"] = arrays.pop("factors")
    assert header["factors"].shape == (rows - 1,)
    header["batches"] = arrays.pop("batches", np.zeros((rows - 1, 0), "u1"))
    assert header["batches"].size in (0, (rows - 1) * samples)
    assert header["batches"].dtype == np.uint8
    assert not arrays
    return header, runs


def answered(response):
    """The same of a response, in which the progress may come before it."""
    progress, mark, packed = response.content.partition(ANSWER)
    assert mark
    assert list(progress) == sorted(progress)
    return unpack(packed)


def refusal(response):
    """The one sentence of an answer that refuses."""
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    sentence = response.text
    assert sentence.endswith((".", "?"))
    assert sentence.isprintable()
    assert len(sentence) < 300
    return sentence


# -- races ----------------------------------------------------------------------------


def test_a_formula_is_never_understood_where_others_are_answered(get, monkeypatch):
    """To trace it takes its turn behind compilations: not in the event loop."""
    names = []
    check = typed.check
    monkeypatch.setattr(
        typed,
        "check",
        lambda *of: names.append(threading.current_thread().name) or check(*of),
    )
    answer = get("/race", surface="formula", f="x^2 + 3.25*y^2 + 0.5*x*y", on="adam")
    assert answer.status_code == 200
    assert names
    assert all(name.startswith("first") for name in names), names


@pytest.mark.parametrize(
    ("asked", "thread"),
    [
        ({"surface": "rosenbrock", "steps": 500}, None),
        ({"surface": "logistic_regression", "steps": 200, "on": "adam"}, None),
        # Each of its steps searches along a line over all samples.
        ({"surface": "logistic_regression", "steps": 2000, "on": "lbfgs"}, "race"),
        ({"surface": "rosenbrock", "steps": 5000, "on": "lbfgs"}, "race"),
        ({"surface": "rosenbrock", "steps": 5000, "lr": 0.001}, None),
    ],
)
def test_only_a_short_race_is_computed_where_others_are_answered(
    get, monkeypatch, asked, thread
):
    names = []

    def watched(setup, *more):
        names.append(threading.current_thread().name)
        return race_shown(setup, *more)

    assert get("/race", **asked).status_code == 200
    monkeypatch.setattr(routes, "race_shown", watched)
    assert get("/race", **asked).status_code == 200
    (name,) = names
    assert name.startswith(thread) if thread else not name.startswith(("race", "first"))


@every_surface
def test_a_race_is_what_descend_gives(client, surface_key):
    response = client.get("/race", params={"surface": surface_key, "steps": 60})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["cache-control"] == "no-store"
    header, runs = answered(response)
    surface = SURFACES[surface_key]
    assert header["surface"] == surface_key
    assert header["start"] == list(surface.start)
    assert header["steps"] == 60
    assert header["base"] == (surface.lowest or 0)
    assert header["milliseconds"] > 0
    assert list(runs) == list(DEFAULT_ON)
    assert (header["factors"] == 1).all()
    assert header["samples"] == (surface.samples or 0)
    assert header["batches"].size == 0, "every step takes all samples"
    for entry in header["runs"]:
        optimizer = OPTIMIZERS[entry["key"]]
        hypers = optimizer.recommended(surface.recommended)
        run = descend(surface, optimizer, surface.start, hypers, 60)
        points, excess = runs[optimizer.key]
        base = np.float64(header["base"])
        with np.errstate(over="ignore"):
            expected = run.points.astype("f4"), (run.losses - base).astype("f4")
        np.testing.assert_array_equal(points, expected[0])
        np.testing.assert_array_equal(excess, expected[1])
        assert entry["kind"] == run.outcome.kind
        assert entry["text"] == run.outcome.text
        assert entry["step"] == run.outcome.step


def test_every_part_of_the_setup_reaches_the_race(client):
    query = {
        "surface": "ravine",
        "kappa": "7",
        "angle": "30",
        "start": "1,-0.5",
        "steps": "40",
        "on": "adam,momentum",
        "adam.beta1": "0.5",
        "adam.eps": "0.01",
        "momentum.lr": "0.003",
        "momentum.beta": "0.8",
    }
    header, runs = answered(client.get("/race", params=query))
    ravine = SURFACES["ravine"].with_params(kappa=7.0, angle=30.0)
    assert header["start"] == [1, -0.5]
    assert list(runs) == ["momentum", "adam"]
    for key, changed in (
        ("adam", {"lr": 0.1, "beta1": 0.5, "eps": 0.01}),
        ("momentum", {"lr": 0.003, "beta": 0.8}),
    ):
        hypers = OPTIMIZERS[key].hypers(**changed)
        expected = descend(ravine, OPTIMIZERS[key], (1, -0.5), hypers, 40)
        np.testing.assert_array_equal(runs[key][0], expected.points.astype(np.float32))


def test_one_rate_for_all(client):
    query = {"steps": 20, "lr": 0.0007, "adam.lr": 0.3}
    _, runs = answered(client.get("/race", params=query))
    surface = SURFACES["rosenbrock"]
    for key in DEFAULT_ON:
        optimizer = OPTIMIZERS[key]
        run = descend(surface, optimizer, surface.start, optimizer.hypers(lr=7e-4), 20)
        np.testing.assert_array_equal(runs[key][0], run.points.astype(np.float32))


def test_the_same_address_gives_the_same_race(client):
    bodies = []
    for _ in range(2):
        header, runs = answered(client.get("/race?steps=100&surface=beale"))
        for name in ("milliseconds", "factors", "batches"):
            del header[name]
        bodies.append((header, {k: v[0].tobytes() for k, v in runs.items()}))
    assert bodies[0] == bodies[1]


def test_the_conditions_reach_the_race(client):
    query = {
        "surface": "ravine",
        "steps": "50",
        "on": "adam",
        "schedule": "cosine",
        "cosine.end": "0.1",
        "warmup": "5",
        "noise": "0.3",
        "seed": "7",
        "l2": "0.5",
    }
    header, runs = answered(client.get("/race", params=query))
    cosine = SCHEDULES["cosine"]
    conditions = Conditions(cosine, cosine.hypers(end=0.1), warmup=5, noise=0.3, seed=7)
    np.testing.assert_array_equal(
        header["factors"], conditions.factors(50).astype(np.float32)
    )
    adam = OPTIMIZERS["adam"]
    surface = regularized(SURFACES["ravine"], 0.5)
    run = descend(
        surface, adam, surface.start, adam.hypers(lr=0.1), 50, conditions=conditions
    )
    np.testing.assert_array_equal(runs["adam"][0], run.points.astype(np.float32))
    still = descend(surface, adam, surface.start, adam.hypers(lr=0.1), 50)
    assert np.abs(run.points - still.points).max() > 0.01


def test_minibatches_reach_the_race_and_its_map(client):
    query = {"surface": "linear_regression", "steps": "40", "batch": "3", "seed": "2"}
    header, _ = answered(client.get("/race", params=query))
    samples = SURFACES["linear_regression"].data.size
    assert header["samples"] == samples
    chosen = header["batches"].reshape(40, samples)
    weights = minibatches(samples, 3, 2, 40)
    np.testing.assert_array_equal(chosen, weights > 0)
    maps = [
        client.get("/landscape", params=query | {"minibatch": step}).text
        for step in (0, 1)
    ]
    assert len({client.get("/landscape", params=query).text, *maps}) == 3
    for wrong in ("-1", "5001", "1.5", "x", ""):
        response = client.get("/landscape", params=query | {"minibatch": wrong})
        assert refusal(response).startswith("minibatch is")


def test_the_scale_of_a_landscape_can_be_chosen(client):
    for level in ("linear", "log"):
        parts = strictly(client.get(f"/landscape?level={level}&l2=1").text)
        assert parts["relief"]["level"] == level


def test_no_optimizer_on(client):
    header, runs = answered(client.get("/race?on="))
    assert header["runs"] == []
    assert runs == {}


def test_an_excess_keeps_its_digits_near_a_minimum_that_is_not_zero(monkeypatch):
    """Of -5 + 1e-9, float32 would keep nothing of the 1e-9."""
    ravine = SURFACES["ravine"]
    lowered = of_xy(lambda x, y, kappa, angle: (x**2 + kappa * y**2) / 2 - 5)
    monkeypatch.setitem(
        SURFACES,
        "lowered",
        replace(
            ravine,
            key="lowered",
            loss=lowered,
            theory=None,
            learning_rates={**ravine.learning_rates, "momentum": 0.02},
        ),
    )
    race = run_race(Setup("lowered", {"on": ("momentum",), "steps": 220}))
    header, runs = unpack(result.pack(result_of(race)))
    assert header["base"] == race.base == -5
    losses, excess = race.runs["momentum"].losses, runs["momentum"][1]
    assert losses[0] > -5
    np.testing.assert_array_equal(excess, (losses + 5).astype(np.float32))
    assert 0 < excess[-1] < 1e-7
    assert np.float32(losses[-1]) == -5


@pytest.mark.parametrize(
    "surface_key", ["saddle", "monkey_saddle", "ravine", "rosenbrock", "beale", "booth"]
)
def test_a_divergent_race_packs_in_silence(surface_key):
    """Any warning fails the test, and what is infinite stays out of the header."""
    texts = {"lr": "10", "steps": "400", "momentum.beta": "0.9999"}
    setup, problems = Setup(surface_key).edited(texts)
    assert problems == ()
    header, runs = unpack(result.pack(result_of(run_race(setup))))
    ends = {entry["key"]: entry for entry in header["runs"]}
    assert ends["gradient_descent"]["kind"] in ("diverged", "left")
    for key in ("gradient_descent", "momentum"):
        assert ends[key]["step"] >= 1
        assert ends[key]["text"].endswith(("falling)", f"step {ends[key]['step']}"))
    if surface_key != "saddle":
        assert not np.isfinite(runs["gradient_descent"][0]).all()


def test_what_float32_cannot_hold_is_infinite():
    setup, _ = Setup("saddle").edited({"lr": "10", "steps": "60"})
    race = run_race(setup)
    losses = race.runs["gradient_descent"].losses
    assert np.isfinite(losses).all()
    assert np.abs(losses).max() > 1e40
    excess = unpack(result.pack(result_of(race)))[1]["gradient_descent"][1]
    assert np.isinf(excess[-1])


# -- refusals -------------------------------------------------------------------------

WRONG = {
    "steps": ["0", "-1", "9", "5001", "1e9", "1e2", "10.5", "nan", "inf", "", "ten"],
    "start": ["", "1", "1,2,3", "nan,0", "0,inf", "2.1,0", "0,3.1", "1e999,0", "a,b"],
    "lr": ["0", "-0.1", "11", "nan", "-inf", "1e999", "", "fast", "0,1"],
    "adam.beta1": ["1", "1.5", "-0.1", "nan"],
    "surface": ["alps", "", "../etc/passwd", "Rosenbrock"],
    "on": ["unknown", "adam,adam", ",", "adam,"],
    "view": ["3d", ""],
    "kappa": ["1", "nan"],  # not a setting of the default surface
    "sgd.lr": ["0.1"],
    "": [""],
    "\0": ["1"],
    "k" * 3000: ["v" * 3000],
}


@pytest.mark.parametrize("route", ["/race", "/landscape"])
@pytest.mark.parametrize("key", WRONG, ids=lambda key: quote(key[:20]) or "nothing")
def test_a_wrong_parameter_is_refused_in_one_sentence(client, route, key):
    for text in WRONG[key]:
        sentence = refusal(client.get(f"{route}?{urlencode({key: text})}"))
        if key.isprintable() and 0 < len(key) < 40:
            assert key in sentence


def test_repeated_and_too_many_parameters_are_refused(client):
    assert "more than once" in refusal(client.get("/race?lr=0.1&lr=0.1"))
    many = "&".join(f"k{i}=1" for i in range(1000))
    assert "1000 settings" in refusal(client.get(f"/race?{many}"))


def test_routes_only_read(client):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(method, "/race").status_code == 405


SPLINTERS = [
    "surface=", "ravine", "start=", "0,0", "lr=", "steps=", "on=", "adam", "adam.lr=",
    "view=", "&", "&&", "=", ";", ",", "%", "%00", "%ff", "%C3%28", "+", "nan", "inf",
    "1e999", "-1", "0.1", "10", "?", "#", "..", "/", "\\", "<b>", "💥", "kappa=",
]  # fmt: skip


@settings(max_examples=400)
@given(query=st.lists(st.sampled_from(SPLINTERS), max_size=12).map("".join))
@example(query="surface=ravine&kappa=1000&angle=-90")
@example(query="on=adam&adam.lr=10")
@example(query="on=&view=side")
def test_any_query_is_answered_or_refused(client, query):
    response = client.get(f"/race?steps=10&{query}")
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        refusal(response)
    else:
        answered(response)


pairs = st.tuples(
    st.sampled_from(["start", "lr", "adam.lr", "adam.eps", "rmsprop.rho", "surface"])
    | st.text(max_size=12),
    st.floats().map(repr)
    | st.tuples(st.floats(-5, 5), st.floats(-5, 5)).map(lambda p: f"{p[0]},{p[1]}")
    | st.sampled_from(sorted(SURFACES))
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@settings(max_examples=400)
@given(query=st.lists(pairs, max_size=5))
def test_any_parameters_are_answered_or_refused(client, query):
    query = [(key.encode("utf-8", "replace"), text) for key, text in query]
    response = client.get(f"/race?steps=10&{urlencode(query)}")
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        refusal(response)
    else:
        answered(response)


# -- landscapes -----------------------------------------------------------------------


@every_surface
def test_a_landscape(client, surface_key):
    response = client.get("/landscape", params={"surface": surface_key})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    parts = strictly(response.text)
    assert set(parts) == {"map", "scene", "relief", "undefined"}
    assert parts["undefined"] == ""
    assert parts["relief"]["level"] == SURFACES[surface_key].color_scale


def test_a_landscape_is_short_for_who_reads_that(client):
    whole = client.get("/landscape", headers={"accept-encoding": "identity"})
    assert whole.headers["content-encoding"] == "identity"
    short = client.get("/landscape", headers={"accept-encoding": "br, gzip"})
    assert short.headers["content-encoding"] == "gzip"
    assert short.headers["vary"] == "accept-encoding"
    assert int(short.headers["content-length"]) < 0.7 * len(whole.content)
    assert short.content == whole.content, "the client has decompressed it"


def test_the_first_race_of_a_page_is_short_for_who_reads_that(client):
    client.get("/race")  # Now it is ready.
    plain = {"accept-encoding": "gzip"}
    whole = client.get("/race", headers=plain)
    assert whole.headers["content-encoding"] == "identity"
    short = client.get("/race", headers={"accept-encoding": "gzip, br"})
    assert short.headers["content-encoding"] == "br"
    assert int(short.headers["content-length"]) < 0.85 * len(whole.content)
    assert short.content == whole.content, "the client has decompressed it"
    # Not while a slider is dragged, where each millisecond counts.
    drag = client.get("/race?adam.lr=0.2", headers={"accept-encoding": "br"})
    assert drag.headers["content-encoding"] == "identity"


def test_a_landscape_follows_the_surfaces_parameters(client):
    flat, steep = (
        client.get(f"/landscape?surface=ravine&kappa={kappa}").text
        for kappa in ("2", "900")
    )
    assert flat != steep


# -- the player's files ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip, deflate", "gzip"), ("br;q=1", "br")],
)
def test_files_are_immutable_at_their_address(client, accepted, encoding):
    for path in (PLAYER / "main.js", PLAYER / "style.css"):
        response = client.get(
            f"/{PLAYER_PATH}/{path.name}", headers={"accept-encoding": accepted}
        )
        assert response.status_code == 200
        assert response.headers["content-encoding"] == encoding
        assert response.headers["vary"] == "accept-encoding"
        assert response.headers["cache-control"] == (
            "public, max-age=31536000, immutable"
        )
        # The client has decompressed it.
        assert response.content == path.read_bytes()
    kinds = {"main.js": "text/javascript", "style.css": "text/css"}
    for name, kind in kinds.items():
        content_type = client.get(f"/{PLAYER_PATH}/{name}").headers["content-type"]
        assert content_type.split(";")[0] == kind


def test_every_module_is_served(client):
    """The two that a page or a file begins with, and all they import or load."""
    waiting, seen = ["main.js", "webpage.js"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        response = client.get(f"/{PLAYER_PATH}/{name}")
        assert response.status_code == 200, name
        if name.endswith(".js") and name != "plotly.min.js":
            found = re.findall(r'from "([^"]+)"|new URL\("([^"]+)"', response.text)
            addresses = [one or other for one, other in found]
            assert all(re.fullmatch(r"\./[\w.]+", at) for at in addresses), name
            waiting += [address[2:] for address in addresses]
            waiting += re.findall(r'source\.script\("([^"]+)"\)', response.text)
    own = {path.name for path in PLAYER.iterdir() if path.suffix in (".js", ".css")}
    assert seen == own | {"plotly.min.js"}, "each is needed, none is missing"


def test_plotly_comes_from_its_own_wheel(client):
    response = client.get(f"/{PLAYER_PATH}/plotly.min.js")
    wheel = Path(plotly.__file__).parent / "package_data/plotly.min.js"
    assert response.content == wheel.read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "player/0000000000000000/main.js",
        "player/main.js",
        "player",
        "HERE",
        "HERE/",
        "HERE/nothing.js",
        "HERE/__init__.py",
        "HERE/MAIN.JS",
        "HERE/main.js%00",
        "HERE/../routes.py",
        "HERE/%2e%2e/routes.py",
        "HERE/%2e%2e%2froutes.py",
        "HERE/..%2f..%2fapp.py",
        "HERE/..%5c..%5capp.py",
        "HERE/%2fetc%2fpasswd",
        "HERE//etc/passwd",
        "player/%2e%2e/main.js",
        "player/..%2f..%2f..%2fetc/passwd",
    ],
)
def test_no_other_file_is_served(client, path):
    assert client.get("/" + path.replace("HERE", PLAYER_PATH)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/race.cvs", "/basins.jpg", "/race/x", "/sweeps", "/player", "/readyness"]
)
def test_a_misspelt_address_is_said(get, path):
    answer = get(path)
    assert answer.status_code == 404
    assert answer.text.startswith("There is nothing at this address")


def test_the_version_changes_with_the_files():
    version = PLAYER_PATH.removeprefix("player/")
    assert re.fullmatch(r"[0-9a-f]{16}", version)


# -- studies --------------------------------------------------------------------------


def test_studies_are_answered(client):
    for path in ("/basins?size=8&", "/sweep?"):
        response = client.get(f"{path}surface=ravine&steps=20&on=adam")
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/octet-stream"
    for size in (8, 16):
        data = client.get(f"/basins?steps=20&on=adam&size={size}").content
        _, arrays = result.unpack(data[data.index(ANSWER) + 1 :])
        assert arrays.pop("axes/x").shape == arrays.pop("axes/y").shape == (size,)
        sent = sum(array.nbytes for array in arrays.values())
        assert sent == 3 * size**2, "three bytes a start"


@pytest.mark.parametrize("size", ["7", "257", "1.5", "x", "", "-64", "1e9"])
def test_a_study_of_a_wrong_size_is_refused(client, size):
    assert "whole number from 8 to 256" in refusal(client.get(f"/basins?size={size}"))


@pytest.mark.parametrize("path", ["/basins", "/sweep"])
def test_a_study_of_a_wrong_setup_is_refused(client, path):
    assert "adam.lr" in refusal(client.get(f"{path}?adam.lr=-1"))


def test_a_race_as_a_web_page_or_why_not(client):
    found = client.get("/race.html?steps=60&scene=0&on=adam&sliders=adam.lr")
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    assert "attachment" in found.headers["content-disposition"]
    assert 'id="part-slider-adam.lr"' in found.text
    for query, word in (("scene=2", "scene"), ("sliders=adam.x", "sliders")):
        refused = client.get(f"/race.html?{query}")
        assert refused.status_code == 400
        assert refused.text.startswith(word)
