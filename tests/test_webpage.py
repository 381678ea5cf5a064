"""A race as one HTML file that plays."""

import gzip
import json
import re
from base64 import b64encode, b85decode

import numpy as np
import pytest
from safetensors.numpy import load

from views.figures import landscape
from views.mark import marked
from views.race import race_shown
from views.setup import Setup
from views.webpage import Options, parse_options, parse_sliders, web_page
from views.webpage import document as documents
from views.webpage.smooth import pack_smoothly

SHORT = "steps=60"


def setup(query):
    found, problems = Setup.parse(
        tuple(pair.split("=")) for pair in query.split("&") if pair
    )
    assert not problems
    return found


def parts_of(document):
    """The parts of a file as bytes, by name."""
    found = re.findall(
        rb'<script type="text/plain" id="part-([^"]+)">([^<]*)<', document
    )
    return {
        name.decode(): gzip.decompress(b85decode(text.replace(b",", b"<")))
        for name, text in found
    }


def numbers(packed):
    """The arrays of a packed part, read in another way than the player does."""
    found = {}
    for name, array in load(packed).items():
        if array.dtype.kind != "f" or not array.size:
            found[name] = array
            continue
        rows, size = len(array), array.itemsize
        planes = np.frombuffer(array.tobytes(), np.uint8).reshape(-1, size, rows)
        places = 256 ** np.arange(size, dtype=object)
        folded = (planes.astype(object) * places[:, None]).sum(axis=1)
        changes = np.where(folded % 2, -(folded + 1) // 2, folded // 2)
        words = np.cumsum(np.cumsum(changes, axis=1), axis=1) % 2 ** (8 * size)
        bits = words.T.astype(f"u{size}").tobytes()
        found[name] = np.frombuffer(bits, array.dtype).reshape(array.shape)
    return found


def test_arrays_keep_every_bit():
    odd = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 1.7e308, 1 / 3])
    walk = np.cumsum(np.random.default_rng(1).normal(size=(500, 2, 2)), axis=0)
    with np.errstate(over="ignore"):
        arrays = {
            "odd": odd,
            "single": odd.astype("f4"),
            "walk": walk,
            "batches": np.arange(12, dtype="u1").reshape(4, 3),
            "none": np.zeros((0, 2)),
        }
    found = numbers(pack_smoothly({}, arrays))
    for name, array in arrays.items():
        assert found[name].tobytes() == array.tobytes(), name
        assert found[name].shape == array.shape


@pytest.mark.parametrize("scene", [False, True])
def test_a_file_of_the_page_as_it_opens_is_small(scene):
    whole = setup("")
    document = web_page(whole, Options(scene))
    assert len(document) < (2_200_000 if scene else 400_000)
    parts = parts_of(document)
    page = json.loads(parts["page"])
    assert ("plotly" in parts) is scene
    assert ("3d" in page["hide"]) is not scene
    assert page["kept"]["inside"][0] == "gradient_descent"
    assert len(page["kept"]["inside"]) > 1, "there is room for more than one"
    assert marked(document) == "surface=rosenbrock"


def test_its_heights_are_those_of_the_map():
    there = setup(f"surface=himmelblau&{SHORT}")
    parts = parts_of(web_page(there, Options(False)))
    (heights,) = numbers(parts["landscape"]).values()
    expected = json.loads(landscape(there.surface))["map"]
    planes = heights.view(np.uint8).reshape(-1, 4).T
    assert b64encode(planes.tobytes()).decode() == expected["heights"]
    assert heights.shape == (expected["rows"], expected["rows"])


def test_its_numbers_are_those_of_the_race():
    query = "surface=himmelblau&panels=rate,loss&show=flow&on=adam,momentum"
    there = setup(f"{query}&{SHORT}")
    document = web_page(there, Options(False))
    assert marked(document) == there.query
    parts = parts_of(document)
    arrays = numbers(parts["race"])
    shown = race_shown(there)
    assert arrays.keys() == shown.arrays.keys()
    for name, array in shown.arrays.items():
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)
    inspected, _ = there.edited({"panels": "inside", "inspect": "momentum"})
    inside = numbers(parts["inside-momentum"])
    for name, array in race_shown(inspected).runs["momentum"].items():
        if name.startswith(("inside/", "quantities/")):
            np.testing.assert_array_equal(inside[f"momentum/{name}"], array)


def test_a_slider_has_the_runs_of_its_values():
    there = setup(f"surface=booth&on=adam,rmsprop&{SHORT}&adam.beta1=0.8")
    sliders = parse_sliders(there, ["adam.lr,rmsprop.eps_inside"])
    parts = parts_of(web_page(there, Options(False, sliders)))
    rate, switch = sliders
    assert 0.0 < rate.values[0] < rate.value < rate.values[-1]
    assert len(rate.values) > 40
    assert switch.values == (0.0, 1.0)
    arrays = numbers(parts["slider-adam.lr"])
    for place in (0, 17, len(rate.values) - 1):
        moved, _ = there.edited({"adam.lr": repr(rate.values[place])})
        run = race_shown(moved).runs["adam"]
        for name, array in run.items():
            np.testing.assert_array_equal(arrays[f"{place}/{name}"], array)
    page = json.loads(parts["page"])
    (adam,) = (card for card in page["cards"] if card["key"] == "adam")
    fixed = {slider["key"]: slider.get("fixed", False) for slider in adam["sliders"]}
    assert not fixed.pop("adam.lr")
    assert all(fixed.values())


@pytest.mark.parametrize(
    ("query", "sliders", "word"),
    [
        ("", "adam.foo", "no slider of this race"),
        ("on=momentum", "adam.lr", "no slider of this race"),
        ("", "surface", "no slider of this race"),
        ("", "adam.lr,adam.eps", "the second of its optimizer"),
        ("on=adam,adam~2", "adam~2.lr", "one of 2 of a rule"),
        ("lr=0.01", "adam.lr", "follows the rate that all share"),
    ],
)
def test_a_slider_that_cannot_stay_alive_is_refused(query, sliders, word):
    with pytest.raises(ValueError, match=word):
        parse_sliders(setup(query), [sliders])


def test_as_many_entries_are_seen_from_inside_as_there_is_room_for(monkeypatch):
    there = setup(SHORT)
    monkeypatch.setattr(documents, "LIGHT", 0)
    (only,) = json.loads(parts_of(web_page(there, Options(False)))["page"])["kept"][
        "inside"
    ]
    assert only == "gradient_descent"
    monkeypatch.setattr(documents, "LIGHT", 10**9)
    kept = json.loads(parts_of(web_page(there, Options(False)))["page"])["kept"]
    assert set(kept["inside"]) == set(there["on"])


def test_a_file_that_would_be_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "MOST", 100_000)
    with pytest.raises(ValueError, match=r"would have 0\.\d MB, and 0 are the most"):
        web_page(setup(SHORT), Options(False))


def test_nothing_in_it_asks_a_network():
    document = web_page(setup(f"view=studies&lesson=momentum&{SHORT}"), Options(False))
    frame = re.sub(rb"<script type=.text/plain.*?</script>", b"", document, flags=re.S)
    assert b"http" not in frame.replace(b"http-equiv", b"")
    assert b"default-src 'none'" in frame
    page = json.loads(parts_of(document)["page"])
    assert page["view"] == "race"
    assert page["lessons"] == []
    assert page["lesson"]["key"] == "momentum"
    needs_server = {"studies", "lessons", "check", "save", "share", "view"}
    assert needs_server <= set(page["hide"])


def test_a_title_is_text():
    there = setup("surface=formula&f=x^2%2By^2".replace("%2B", "+"))
    assert b"<title>" in web_page(there, Options(False))
    assert web_page(there, Options(False)) == web_page(there, Options(False))


def test_options_are_read():
    there = setup("")
    assert parse_options(there, [], []) == Options(True, ())
    assert not parse_options(there, ["0"], []).scene
