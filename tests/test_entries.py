"""Entries: the same rule more than once, what each is called and how it is drawn."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS
from surfaces import SURFACES, params
from views.describe import describe
from views.entries import MOST_ON, is_entry, looks, names, next_of, ordered, rule_of
from views.race import result_of, run_race
from views.result import pack, unpack
from views.setup import Setup
from views.studies import PARTS
from views.symbols import plain
from views.theme import DEFAULT_ON, LOOKS

ENTRIES = [
    f"{key}{more}"
    for key in OPTIMIZERS
    for more in ("", *(f"~{k}" for k in range(2, MOST_ON + 1)))
]
chosen = st.sets(st.sampled_from(ENTRIES), max_size=MOST_ON).map(ordered)


def parsed(query):
    setup, problems = Setup.parse([tuple(p.split("=")) for p in query.split("&")])
    assert problems == ()
    return setup


def test_all_names_that_can_be():
    assert all(map(is_entry, ENTRIES))
    for other in ("", "adam~", "adam~1", "adam~02", "adam~9", "adam~2~2", "x~2", "~2"):
        assert not is_entry(other), other


@given(chosen, st.data())
def test_what_is_set_of_an_entry_is_read_back(on, data):
    setup, problems = Setup.parse([("on", ",".join(on))])
    assert problems == ()
    assert setup["on"] == on
    known = setup.fields
    for entry in on:
        for name, param in params(rule_of(entry).hypers).items():
            assert known[f"{entry}.{name}"].param == param
    own = [key for key in known if key.partition(".")[0] in on and known[key].param]
    changes = {
        key: repr(float(known[key].param.low))
        for key in data.draw(st.sets(st.sampled_from(own)) if own else st.just(set()))
        if not known[key].param.whole
    }
    changed, problems = setup.edited(changes)
    assert problems == ()
    assert all(changed[key] == float(text) for key, text in changes.items())
    assert Setup.parse(changed.pairs()) == (changed, ())
    assert Setup.parse(changed.pairs()[::-1]) == (changed, ())


@given(chosen)
def test_looks_are_all_different_and_those_of_rules_stay(on):
    found = looks(on)
    assert found.keys() == set(on)
    for one, other in combinations(on, 2):
        assert found[one].colour != found[other].colour
        assert found[one].mark != found[other].mark
    for entry in on:
        if "~" not in entry:
            assert found[entry] == LOOKS[entry]
    assert {key: LOOKS[key].colour for key in DEFAULT_ON} == {
        "gradient_descent": "#00d0f4",
        "momentum": "#fc2cf0",
        "adagrad": "#ffffff",
        "rmsprop": "#3dff74",
        "adam": "#5b8dff",
    }


@settings(max_examples=200)
@given(
    st.sampled_from(list(OPTIMIZERS)), st.integers(1, MOST_ON), st.booleans(), st.data()
)
def test_names_differ_and_are_true(key, count, short, data):
    rule = OPTIMIZERS[key]
    on = ordered(ENTRIES[ENTRIES.index(key) :][:count])
    some = st.builds(
        lambda drawn, own: rule.hypers()._replace(
            **{name: getattr(drawn, name) for name in own}
        ),
        st.from_type(rule.hypers),
        st.sets(st.sampled_from(rule.hypers._fields)),
    )
    hypers = {entry: data.draw(some) for entry in on}
    found = names(on, hypers.__getitem__, short=short)
    assert list(found) == list(on)
    assert len(set(found.values())) == len(on)
    label = (rule.short or rule.label) if short else rule.label
    assert all(name.startswith(label) for name in found.values())
    if count == 1:
        assert found == {key: label}
    symbols = {plain(p.symbol): n for n, p in params(rule.hypers).items()}
    states = {
        w for p in params(rule.hypers).values() for s in p.states for w in s.split()
    }
    for entry, name in found.items():
        words = name.removeprefix(label).replace(",", " ").split()
        for symbol, value in pairwise(words):
            if symbol in symbols and value not in {"on", "off", *states}:
                own = getattr(hypers[entry], symbols[symbol])
                assert float(value.replace("−", "-")) == pytest.approx(own, rel=1e-5)


def test_what_two_of_a_rule_are_called():
    assert parsed("on=adam,adam~2").names == {"adam": "Adam", "adam~2": "Adam 2"}
    assert parsed("on=adam,adam~2&adam~2.lr=0.01").names == {
        "adam": "Adam, α 0.2",
        "adam~2": "Adam, α 0.01",
    }
    assert parsed("on=adam,adam~2&adam~2.lr=0.01&lr=0.1").names == {
        "adam": "Adam",
        "adam~2": "Adam 2",
    }
    three = parsed("on=adam,adam~2,adam~3&adam~2.beta1=0.5&adam~3.bias_correction=0")
    assert list(three.names.values()) == [
        *("Adam", "Adam, β₁ 0.5", "Adam, bias correction off")
    ]


def test_where_there_is_little_room_a_switch_is_still_named_in_words():
    pairs = {
        "adam": ("bias_correction", ["Adam corrected", "Adam uncorrected"]),
        "nesterov": ("look_ahead", ["Nesterov at w", "Nesterov at w + βv"]),
        "rmsprop": ("eps_inside", ["RMSProp ε inside", "RMSProp ε outside"]),
        "adagrad": ("l2_in_r", ["AdaGrad L2 in r", "AdaGrad L2 outside r"]),
    }
    for key, (name, said) in pairs.items():
        first = getattr(OPTIMIZERS[key].hypers(), name)
        setup = parsed(f"on={key},{key}~2&{key}~2.{name}={1 - int(first)}")
        assert list(setup.short_names.values()) == said
    longer = parsed("on=adagrad,adagrad~2,adam~2&adagrad~2.l2_in_r=0").names
    assert longer["adagrad~2"] == "AdaGrad, L2 counts in r off"


def test_an_entry_begins_as_its_rule_and_runs_as_it_is_set():
    setup = parsed(
        "on=adam,adam~2,adam~3&adam~3.lr=0.05&adam.beta1=0.8&adam~2.beta1=0.8"
    )
    runs = run_race(setup, fresh=True).runs
    np.testing.assert_array_equal(runs["adam"].points, runs["adam~2"].points)
    alone = run_race(parsed("on=adam&adam.lr=0.05"), fresh=True).runs["adam"]
    np.testing.assert_array_equal(runs["adam~3"].points, alone.points)


def test_a_change_of_an_entry_concerns_no_other():
    before = parsed("on=adam,adam~2,momentum")
    after = parsed("on=adam,adam~2,momentum&adam~2.lr=0.05")
    same = [e for e in before["on"] if before.concerning(e) == after.concerning(e)]
    assert same == ["momentum", "adam"]


def test_what_follows_the_parameters_follows_them_for_every_entry_of_a_rule():
    setup = parsed("surface=ravine&kappa=100&on=momentum,momentum~2&momentum~2.lr=0.01")
    assert setup["momentum~2.beta"] == setup["momentum.beta"] != 0.9
    assert {"momentum.lr", "momentum.beta", "momentum~2.beta"} == set(setup.following)


def test_settings_of_an_entry_go_with_it_and_stay_on_other_surfaces():
    setup = parsed("on=adam,adam~2&adam~2.lr=0.01&second=adam~2.beta1&fan=adam~2")
    moved, problems = setup.edited({"surface": "himmelblau"})
    assert (problems, moved["adam~2.lr"], moved["fan"]) == ((), 0.01, "adam~2")
    alone, problems = setup.edited({"on": "adam"})
    assert problems == ()
    assert alone == parsed("on=adam")
    gone, problems = setup.edited({"on": "adam", "adam~2.lr": None})
    assert (gone, problems) == (alone, ())


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (
            {"on": "adam,adam"},
            "on “adam,adam” names adam twice; allowed is adam~2 for another one.",
        ),
        (
            {"on": "adam~9"},
            "on “adam~9” names an unknown entry; allowed are adam and adam~2 to "
            "adam~8.",
        ),
        ({"adam~2.lr": "0.1"}, "“adam~2.lr” is only a setting while adam~2 is on."),
        ({"on": "adm~2"}, "on “adm~2” names an unknown optimizer; did you mean adam?"),
    ],
)
def test_what_cannot_be_gets_a_sentence(pairs, sentence):
    setup, problems = Setup.parse(list(pairs.items()))
    assert (setup, problems) == (Setup(), (sentence,))


def test_the_player_learns_how_entries_are_called_and_drawn():
    setup = parsed("on=adam,adam~2&adam~2.lr=0.01")
    runs = unpack(pack(result_of(run_race(setup))))[0]["runs"]
    assert [run["key"] for run in runs] == ["adam", "adam~2"]
    assert [run["look"]["label"] for run in runs] == list(setup.names.values())
    cards = {card["key"]: card for card in describe(setup)["cards"]}
    assert cards["adam"]["next"] == cards["adam~2"]["next"] == "adam~3"
    assert cards["momentum"]["next"] == "momentum~2"
    assert cards["adam~2"]["label"] == "Adam, α 0.01"
    assert next(one["key"] for one in cards["adam~2"]["sliders"]) == "adam~2.lr"
    assert cards["adam~2"]["colour"] == runs[1]["look"]["colour"]


def test_eight_of_one_rule_have_no_next():
    on = [next_of("adam", [])]
    while following := next_of("adam", on):
        on.append(following)
    assert on == ["adam", *(f"adam~{k}" for k in range(2, 9))]
    assert all(c["next"] == "" for c in describe(parsed(f"on={','.join(on)}"))["cards"])


@pytest.mark.parametrize("study", list(PARTS))
def test_every_study_runs_over_entries(get, study):
    asked = {"surface": "himmelblau", "steps": 30, "on": "adam,adam~2"}
    asked |= {"adam~2.lr": 0.5, "fan": "adam~2", "second": "adam~2.beta1"}
    asked |= {"starts": 16, "seeds": 10, "budget": 25, "noise": 0.1}
    if PARTS[study].sized:
        asked["size"] = 8
    table = get(f"/{study}.csv", **asked)
    assert table.status_code == 200, table.text
    rows = [row for row in table.text.splitlines() if not row.startswith("#")][1:]
    entries = {row.partition(",")[0] for row in rows}
    own = {"adam~2"} if study in ("fan", "plane") else {"adam", "adam~2"}
    assert entries == own
    arrays = get(f"/{study}.npz", **asked)
    assert arrays.status_code == 200, arrays.text


def test_a_study_of_an_entry_is_that_of_its_rule_so_set(get):
    asked = {"surface": "himmelblau", "steps": 30, "size": 8}
    two = get("/basins.csv", **asked, on="adam,adam~2", **{"adam~2.lr": 0.5})
    one = get("/basins.csv", **asked, on="adam", **{"adam.lr": 0.5})

    def rows(table, entry):
        lines = table.text.splitlines()
        return [
            line.partition(",")[2] for line in lines if line.startswith(f"{entry},")
        ]

    assert rows(two, "adam~2") == rows(one, "adam")
    assert rows(two, "adam") != rows(one, "adam")


def test_every_surface_takes_entries():
    for key in SURFACES:
        setup, problems = Setup.parse([("surface", key), ("on", "momentum,momentum~2")])
        assert problems == ()
        assert setup.hypers("momentum") == setup.hypers("momentum~2")
