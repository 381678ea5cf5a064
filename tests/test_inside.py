"""What the page shows of a step: each line gives the number beside it."""

import re
from xml.etree import ElementTree

import jax
import numpy as np
import pytest
from lines import Line

from optim import OPTIMIZERS
from optim.conditions import apply_step_inputs
from surfaces import NoParams, params
from views.inside import inside, inside_arrays, inspected
from views.race import race_shown, run_race
from views.result import pack, unpack
from views.setup import Setup
from views.studies.cost import race_seconds

every_rule = pytest.mark.parametrize("key", OPTIMIZERS)
STEPS = 12
CASES = {
    "plain": {"surface": "himmelblau"},
    "schedule, warm-up and noise": {
        "surface": "himmelblau", "schedule": "cosine", "warmup": "3", "noise": "0.5",
    },
    "minibatches and L2": {"surface": "linear_regression", "batch": "5", "l2": "0.7"},
}  # fmt: skip

BLANK = re.compile(r"^@(\w+)(?::(\w+))?@$")
SIGNS = {"−": "-", "⋅": " ", "·": " ", "∇": "\\nabla ", "max": r"\max"}


def setup_of(key, case, **more):
    texts = CASES[case] | {"on": key, "panels": "inside", "steps": str(STEPS)} | more
    setup, problems = Setup.parse(texts.items())
    assert problems == ()
    return setup


def latex(node):
    """A part of a line with numbers, as LaTeX whose slots are its blanks."""
    kind = node.tag.rpartition("}")[2]
    inner = [latex(child) for child in node]
    if kind == "mfrac":
        return rf"\frac{{{inner[0]}}}{{{inner[1]}}}"
    if kind == "msqrt":
        return rf"\sqrt{{{''.join(inner)}}}"
    if kind == "msup":
        if "∇" in "".join(node[0].itertext()):
            return r"\nabla^2 "
        return f"{inner[0]}^{{{inner[1]}}}"
    text = node.text or ""
    if kind == "mtext" and (blank := BLANK.match(text)):
        return f"<{'__'.join(filter(None, blank.groups()))}>"
    if text in ("sign",):
        return r"\operatorname{sign}"
    return SIGNS.get(text, text) + "".join(inner)


def bars(text):
    """Bars as a pair: the first opens."""
    return re.sub(r"[|∣](.*?)[|∣]", r"\\lvert \1 \\rvert", text)


def blanks(setup, key, run, arrays, t):
    """What the blanks stand for at a step, from what the page is sent alone."""
    described = inside(setup, key)
    before = {
        line["name"]: np.zeros_like(arrays[f"quantities/{line['name']}"][0])
        + np.reshape(line["initial"], np.shape(arrays[f"quantities/{line['name']}"][0])
                     if len(line["initial"]) > 1 else ())
        for line in described["lines"]
    }  # fmt: skip
    known = {f"h__{h['name']}": np.float64(h["value"]) for h in described["hypers"]}
    known |= {"w": arrays["inside/points"][t], "t": t + 1.0, "I": np.eye(2)}
    known["l2"] = np.float64(described["l2"])
    if "inside/alpha" in arrays:
        known["alpha"] = arrays["inside/alpha"][t]
    for line in described["lines"]:
        name = line["name"]
        values = arrays[f"quantities/{name}"]
        known[f"q__{name}"] = values[t]
        known[f"p__{name}"] = values[t - 1] if t else before[name]
    return known


@every_rule
@pytest.mark.parametrize("case", CASES)
def test_each_line_with_numbers_gives_the_number_beside_it(key, case):
    for switches in turned(key):
        setup = setup_of(key, case, **switches)
        race = run_race(setup, quantities=True)
        run = race.runs[key]
        arrays = inside_arrays(race.surface, setup, key, run)
        inputs = setup.conditions.step_inputs(STEPS, STEPS, race.surface.samples)
        given = compiled(race.surface)
        read = 0
        for t in range(STEPS):
            known = blanks(setup, key, run, arrays, t)
            inputs_t = jax.tree.map(lambda rows, t=t: rows[t], inputs)
            known |= {
                name: lambda w, of=of, at=inputs_t: np.array(of(w, at))
                for name, of in given.items()
            }
            for line in inside(setup, key)["lines"]:
                if not line["numbers"] or re.search(r"\bif\b", line["numbers"]):
                    continue
                read += 1
                text = bars(latex(ElementTree.fromstring(line["numbers"])))
                np.testing.assert_allclose(
                    Line(text, known).value(), known[f"q__{line['name']}"],
                    rtol=1e-7, atol=1e-9, err_msg=f"{line['name']} at {t}: {text}",
                )  # fmt: skip
        assert read >= STEPS


def compiled(surface):
    def given(w, inputs_t):
        return apply_step_inputs(inputs_t, surface.fn, NoParams())[0](w)

    return {
        "f": jax.jit(given),
        r"\nabla f": jax.jit(jax.grad(given)),
        r"\nabla^2 f": jax.jit(jax.hessian(given)),
    }


def turned(key):
    """The switches of a rule, each turned once."""
    hypers = OPTIMIZERS[key].hypers
    names = [name for name, p in params(hypers).items() if p.scale == "switch"]
    defaults = hypers._field_defaults
    return [{}, *({f"{key}.{name}": str(1 - defaults[name])} for name in names)]


@every_rule
def test_the_numbers_are_those_of_the_run_that_is_drawn(key):
    setup = setup_of(key, "plain", on=f"gradient_descent,{key}", inspect=key) if (
        key != "gradient_descent"
    ) else setup_of(key, "plain")  # fmt: skip
    header, arrays = unpack(pack(race_shown(setup)))
    assert header["inside"]["entry"] == key
    points = arrays[f"{key}/inside/points"]
    delta = arrays[f"{key}/quantities/delta"]
    assert points.dtype == delta.dtype == np.float64
    # To the last bit, in what is sent.
    np.testing.assert_array_equal(points[1:], points[:-1] + delta)
    np.testing.assert_array_equal(points.astype("f4"), arrays[f"{key}/points"])
    others = [
        name for name in arrays if "/inside/" in name and not name.startswith(key)
    ]
    assert not others, "only one entry is inspected"


def test_every_entry_can_be_inspected():
    texts = {"show": "every", "inspect": "adam", "on": "momentum,adam,newton"}
    setup, _ = Setup().edited(texts)
    header, arrays = unpack(pack(race_shown(setup)))
    assert header["inside"]["entry"] == "adam"
    assert [one["entry"] for one in header["others"]] == ["momentum", "newton"]
    for described in (header["inside"], *header["others"]):
        key = described["entry"]
        points = arrays[f"{key}/inside/points"]
        for line in described["lines"]:
            assert len(arrays[f"{key}/quantities/{line['name']}"]) == len(points) - 1
        delta = arrays[f"{key}/quantities/delta"]
        np.testing.assert_array_equal(points[1:], points[:-1] + delta)


def test_nothing_of_it_is_sent_unless_a_panel_shows_it():
    header, arrays = unpack(pack(race_shown(Setup())))
    assert "inside" not in header
    assert {name.split("/")[1] for name in arrays if "/" in name} == {
        "points",
        "excess",
    }


@pytest.mark.parametrize(
    ("texts", "entry"),
    [
        ({}, ""),
        ({"inspect": "adam"}, ""),
        ({"panels": "inside"}, "gradient_descent"),
        ({"panels": "table,angle", "inspect": "adam"}, "adam"),
        ({"panels": "inside", "inspect": "newton"}, "gradient_descent"),
        ({"panels": "data", "show": "contour", "inspect": "rmsprop"}, "rmsprop"),
        ({"show": "every"}, "gradient_descent"),
        ({"panels": "inside", "on": ""}, ""),
        ({"panels": "inside", "on": "adam,adam~2", "inspect": "adam~2"}, "adam~2"),
    ],
)
def test_which_entry_is_inspected(texts, entry):
    setup, problems = Setup.parse(texts.items())
    assert problems == ()
    assert inspected(setup) == entry


def test_a_race_that_shows_more_is_counted_as_more():
    plain = race_seconds(Setup())
    for texts in (
        {"panels": "inside"}, {"panels": "sharpness"}, {"show": "flow"},
    ):  # fmt: skip
        assert race_seconds(Setup().edited(texts)[0]) > plain
    one, every = (Setup().edited({"show": name})[0] for name in ("arrows", "every"))
    assert race_seconds(every) > race_seconds(one)
    data = Setup("linear_regression")
    more = data.edited({"show": "samples"})[0]
    assert race_seconds(more) > race_seconds(data)


def test_what_the_map_shows_comes_with_the_race():
    setup = Setup().edited({"show": "field,flow"})[0]
    _, arrays = unpack(pack(race_shown(setup)))
    assert arrays["field/points"].shape == arrays["field/grads"].shape
    np.testing.assert_allclose(arrays["flow/points"][0], setup["start"], rtol=1e-6)
    data = Setup("hinge").edited({"show": "samples", "inspect": "adam"})[0]
    _, arrays = unpack(pack(race_shown(data)))
    samples = arrays["adam/inside/samples"]
    assert samples.shape == (data["steps"] + 1, data.surface.samples, 2)
    # A step over all samples takes their mean.
    grads = arrays["adam/inside/grads"]
    np.testing.assert_allclose(samples.mean(axis=1), grads, rtol=1e-4, atol=1e-5)


def test_homework_can_be_checked_against_a_printed_table():
    """The table of a student: Adam on 0.1 x^2 + 2 y^2, epsilon 1e-6."""
    texts = {
        "surface": "formula", "f": "0.1*x^2 + 2*y^2", "x": "-6,6", "y": "-6,6",
        "start": "-5,-2", "on": "adam", "adam.lr": "0.2", "adam.eps": "1e-6",
        "steps": "20", "panels": "table",
    }  # fmt: skip
    setup, problems = Setup.parse(texts.items())
    assert problems == ()
    _, arrays = unpack(pack(race_shown(setup)))
    points = arrays["adam/inside/points"]
    for step, printed in {
        2: (-4.60025478, -1.60082451),
        11: (-2.84831706, -0.01026326),
        15: (-2.12645742, 0.40484195),
    }.items():
        np.testing.assert_allclose(points[step], printed, atol=6e-9)
