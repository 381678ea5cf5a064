"""Entries with a schedule, a batch, noise, a seed and a start of their own."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, SCHEDULES, Conditions, descend
from surfaces import SURFACES
from views.describe import describe
from views.entries import rule_of
from views.race import run_race
from views.setup import Setup
from views.studies import PARTS, answer

ON = "gradient_descent,gradient_descent~2,adam,random_search"


def setup_of(**pairs):
    setup, problems = Setup.parse(
        [(key.replace("__", "."), str(text)) for key, text in pairs.items()]
    )
    assert problems == ()
    return setup


def with_own(**more):
    entry = {f"gradient_descent~2.{key}": text for key, text in more.items()}
    common = {"surface": "linear_regression", "on": ON, "steps": 60, "noise": 0.1}
    return setup_of(**common | entry)


OWN = st.fixed_dictionaries(
    {},
    optional={
        "schedule": st.sampled_from(list(SCHEDULES)),
        "cosine.end": st.floats(0, 1),
        "inverse_time.rate": st.floats(1e-4, 10),
        "warmup": st.integers(0, 1000),
        "noise": st.floats(0, 100),
        "seed": st.integers(0, 9999),
        "batch": st.integers(1, 30),
        "start": st.tuples(st.floats(-1, 3), st.floats(-1.5, 2.5)),
    },
)


def texts(own):
    return {
        key: ",".join(map(repr, value)) if isinstance(value, tuple) else value
        for key, value in own.items()
    }


@given(OWN)
def test_what_is_an_entrys_own_is_read_back(own):
    setup = with_own(**texts(own))
    for key, value in own.items():
        assert setup.of("gradient_descent~2", key) == value
        assert setup.of("gradient_descent", key) == setup[key]
    assert Setup.parse(setup.pairs()) == (setup, ())
    assert Setup.parse(setup.pairs()[::-1]) == (setup, ())
    conditions = setup.conditions_of("gradient_descent~2")
    for name in ("warmup", "noise", "seed", "batch"):
        assert getattr(conditions, name) == own.get(name, setup[name])
    assert conditions.schedule.key == own.get("schedule", "constant")


@settings(max_examples=25)
@given(OWN)
def test_it_runs_as_it_would_alone_and_changes_no_other(own):
    setup = with_own(**texts(own))
    race, common = run_race(setup), run_race(with_own())
    schedule = SCHEDULES[own.get("schedule", "constant")]
    hypers = {
        name: own.get(f"{schedule.key}.{name}", default)
        for name, default in schedule.hypers._field_defaults.items()
    }
    alone = descend(
        SURFACES["linear_regression"],
        OPTIMIZERS["gradient_descent"],
        own.get("start", setup["start"]),
        setup.hypers("gradient_descent"),
        60,
        conditions=Conditions(
            schedule,
            schedule.hypers(**hypers),
            warmup=own.get("warmup", 0),
            noise=own.get("noise", 0.1),
            batch=own.get("batch", 30),
            seed=own.get("seed", 0),
        ),
    )
    for entry, run in race.runs.items():
        same = alone if entry == "gradient_descent~2" else common.runs[entry]
        np.testing.assert_array_equal(run.points, same.points)


def test_sgd_beside_minibatch_beside_batch_descent():
    setup = setup_of(
        surface="linear_regression",
        on="gradient_descent,gradient_descent~2,gradient_descent~3",
        **{"gradient_descent~2.batch": 8, "gradient_descent~3.batch": 1},
    )
    assert list(setup.names.values()) == [
        "Gradient descent", "Gradient descent, B 8", "Gradient descent, B 1",
    ]  # fmt: skip
    whole, some, single = run_race(setup).runs.values()
    roughness = [np.abs(np.diff(run.losses, 2))[50:].mean() for run in (some, single)]
    assert np.abs(np.diff(whole.losses, 2))[50:].mean() < roughness[0] < roughness[1]


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ({"schedule": "cosine"}, "Gradient descent 2, cosine"),
        (
            {"schedule": "cosine", "cosine.end": 0.1},
            "Gradient descent 2, cosine, m 0.1",
        ),
        ({"cosine.end": 0.1}, "Gradient descent 2"),
        ({"noise": 0}, "Gradient descent 2, σ 0"),
        ({"noise": 0.1}, "Gradient descent 2"),
        ({"seed": 7, "warmup": 20}, "Gradient descent 2, W 20, seed 7"),
        ({"start": "0.5,-1"}, "Gradient descent 2, from (0.5, −1)"),
    ],
)
def test_what_is_not_as_the_race_has_it_is_in_the_name(own, name):
    """As long as it counts: of schedules, those that are followed."""
    entry = {f"gradient_descent~2.{key}": text for key, text in own.items()}
    names = setup_of(noise=0.1, on="adam,gradient_descent~2", **entry).names
    assert names == {"gradient_descent~2": name, "adam": "Adam"}


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (
            {"adam.batch": "4"},
            "“adam.batch” is only a setting on surfaces made of data.",
        ),
        (
            {"adam.start": "9,9"},
            "adam.start “9,9” is out of range; allowed is x,y with x from "
            "-2 to 2 and y from -1 to 3.",
        ),
        (
            {"adam.schedule": "cosin"},
            "adam.schedule “cosin” is unknown; did you mean cosine?",
        ),
        ({"adam~2.noise": "1"}, "“adam~2.noise” is only a setting while adam~2 is on."),
        (
            {"adam.noise": "-1"},
            "adam.noise “-1” is out of range; allowed is a number from 0 to 100.",
        ),
    ],
)
def test_what_cannot_be_gets_a_sentence(pairs, sentence):
    setup, problems = Setup.parse(pairs.items())
    assert problems == (sentence,)
    assert setup == Setup()


def test_the_seed_of_random_search_stays_its_rules():
    setup = setup_of(on="random_search,adam", random_search__seed=5, seed=3)
    assert setup.hypers("random_search").seed == 5
    assert setup.conditions_of("random_search").seed == 3
    assert setup.names["random_search"] == "Random search"


def test_an_entry_that_runs_no_longer_leaves_nothing_behind():
    setup = with_own(noise=3, batch=2, start="0,0")
    left, problems = setup.edited({"on": "gradient_descent,adam"})
    assert problems == ()
    assert not any(key.startswith("gradient_descent~2") for key, _ in left.pairs())


def test_what_belongs_to_a_surface_goes_with_it_and_the_rest_stays():
    setup = with_own(noise=3, batch=2, start="0,0", schedule="cosine")
    moved, problems = setup.edited({"surface": "rosenbrock"})
    assert problems == ()
    own = {
        key.partition(".")[2]
        for key, _ in moved.pairs()
        if key.startswith("gradient_descent~2.")
    }
    assert own == {"noise", "schedule"}


@given(OWN)
def test_the_player_is_given_the_controls(own):
    setup = with_own(**texts(own))
    described = describe(setup)
    assert described["own"].keys() == set(setup["on"])
    for entry, controls in described["own"].items():
        for control in controls:
            value = setup.of(entry, control["common"])
            value = list(value) if control["common"] == "start" else value
            assert control["value"] == value
            common = setup[control["common"]]
            common = list(common) if control["common"] == "start" else common
            assert control["default"] == common
            assert control["key"] == f"{entry}.{control['common']}"
            assert control["label"]
            assert control["meaning"]
    followed = {control["common"] for control in described["own"]["gradient_descent~2"]}
    assert {"start", "batch", "schedule", "warmup", "noise", "seed"} <= followed
    assert "seed" not in {c["common"] for c in described["own"]["random_search"]}


@pytest.mark.parametrize("study", PARTS)
def test_a_study_of_an_entry_is_that_of_a_race_under_its_conditions(study):
    """Also while its results are kept: of the others nothing is taken for its own."""
    asked = {"surface": "linear_regression", "steps": 30, "starts": 16, "seeds": 10}
    asked |= {"budget": 25, "swarm": "cloud", "noise": 0.1}
    own = {"noise": "0.7", "batch": "3", "start": "0.2,-0.4", "schedule": "exponential"}
    entry = {f"adam~2.{key}": text for key, text in own.items()}
    of = {"fan": "adam~2", "second": "adam~2.beta1"}
    size = (8,) if PARTS[study].sized else ()
    both = answer(
        study, setup_of(on="adam,adam~2", **asked, **entry, **of), lambda _: None, *size
    )
    of = {"fan": "adam", "second": "adam.beta1"}
    for key, more in (("adam", {}), ("adam~2", own)):
        if key not in both.runs:
            assert study in ("fan", "plane")
            continue
        alone = setup_of(**asked | more | of, on="adam")
        one = answer(study, alone, lambda _: None, *size)
        for name, array in one.runs["adam"].items():
            np.testing.assert_array_equal(both.runs[key][name], array)


@pytest.mark.parametrize("study", ["basins", "sweep"])
def test_a_kept_result_is_not_that_of_other_conditions(study):
    """Of these two studies, results are kept while another optimizer's slider moves."""
    asked = {"surface": "himmelblau", "on": "momentum", "steps": 200, "budget": 25}
    size = (8,) if PARTS[study].sized else ()

    def found(**own):
        setup = setup_of(**asked, **{f"momentum.{k}": text for k, text in own.items()})
        return answer(study, setup, lambda _: None, *size).runs["momentum"]

    before, noisy, after = found(), found(noise=30), found()
    name = {"basins": "steps", "sweep": "losses"}[study]
    assert not np.array_equal(before[name], noisy[name], equal_nan=True)
    np.testing.assert_array_equal(before[name], after[name])


def test_only_conditions_and_start_are_an_entrys_own():
    """What may be an entry's own is listed: steps and surface are the race's."""
    fields = {field.name for field in dataclasses.fields(Conditions)}
    assert fields == {
        "schedule", "schedule_hypers", "warmup", "noise", "batch", "seed", "region",
        "in_turn",
    }  # fmt: skip
    for name in ("project", "warmup", "noise", "batch", "seed", "schedule", "start"):
        assert f"adam.{name}" in setup_of(surface="linear_regression").fields
    for name in ("steps", "surface", "l2"):
        assert f"adam.{name}" not in Setup().fields
    assert rule_of("adam~2").key == "adam"
