"""Rules that a reader types as entries of a race: address, names, and limits."""

import base64
import json
import zlib
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optim import OPTIMIZERS, descend, typed_rule
from optim.typed import EXAMPLES, label_of, size
from optim.typed.built_in import LACKING, text_of
from optim.typed.reading import LONGEST
from surfaces import SURFACES, FormulaError
from surfaces.budget import STORE
from surfaces.compiled import NotReady, only_ready
from views.describe import describe
from views.own_rules import LONG, MOST_OWN, OWN_ENTRIES, format_rule, parse_rule
from views.race import run_race
from views.setup import Setup
from views.studies import answer
from views.widget import answered

SIGNS = "# Signs\nm = beta*m + (1 - beta)*g\nw = w - alpha*sign(m)"
PLAIN = "w = w - alpha*g"
SIX_HESSIANS = "w = w - alpha*(" + " + ".join(
    f"solve(hess(w + {k}*g) + eye, g)" for k in range(6)
) + ")"  # fmt: skip
DEAR = "*".join(f"sin({k}*x+y)*cos(x+{k}*y)" for k in range(1, 8))


def parsed(**texts):
    setup, problems = Setup.parse(
        (k.replace("rule_", "rule~"), v) for k, v in texts.items()
    )
    assert problems == ()
    return setup


def refused(*pairs):
    setup, problems = Setup.parse(pairs)
    assert problems
    return setup, problems


# -- as entries -----------------------------------------------------------------------


def test_a_text_races_beside_a_built_in_rule_and_takes_its_path():
    surface = SURFACES["himmelblau"]
    rates = OPTIMIZERS["adam"].recommended(surface.recommended)
    text = text_of(OPTIMIZERS["adam"], rates)
    setup = parsed(surface="himmelblau", rule_1=text, on="adam,rule~1")
    runs = run_race(setup).runs
    np.testing.assert_allclose(
        runs["rule~1"].points, runs["adam"].points, rtol=1e-12, atol=1e-12
    )


def test_a_note_is_its_name_and_no_two_are_called_alike():
    setup = parsed(
        rule_1=SIGNS, rule_2=SIGNS, rule_3=PLAIN, rule_4="# Adam\n" + PLAIN,
        on="adam,rule~1,rule~2,rule~3,rule~4",
    )  # fmt: skip
    assert list(setup.names.values()) == [
        "Adam", "Signs", "Signs 2", "Your own rule 3", "Adam 4",
    ]  # fmt: skip
    assert len(set(setup.short_names.values())) == 5
    assert len({look.colour for look in (setup.looks[e] for e in setup["on"])}) == 5


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("# Signs\nw = g", "Signs"),
        ("#  My   Adam (2) ; w = g", "My Adam (2)"),
        ("# Größe", "Größe"),
        ("w = g # Signs", ""),
        ('# """ ; import os', ""),
        ("# <b>bold</b>", ""),
        ("# $x$", ""),
        ("# **bold**", ""),
        ("# a_b", ""),
        ("# " + "long " * 9, ""),
    ],
)
def test_what_can_be_a_name(text, label):
    assert label_of(text) == label


def test_its_hyperparameters_are_settings_and_so_are_conditions_of_its_own():
    setup = parsed(rule_1=SIGNS, on="rule~1", **{"rule~1.beta": "0.5"})
    assert setup.hypers("rule~1")._asdict() == {"lr": 0.02, "beta": 0.5}
    changed, problems = setup.edited({"rule~1.noise": "0.5", "rule~1.lr": "0.2"})
    assert problems == ()
    assert changed.conditions_of("rule~1").noise == 0.5
    assert changed.hypers("rule~1").lr == 0.2
    again, problems = Setup.parse(parse_qsl(changed.query))
    assert (again, problems) == (changed, ())


def test_another_text_drops_what_it_has_no_more_and_what_is_out_of_its_range():
    setup = parsed(
        rule_1="gamma = 0.5 in 0..1\nw = w - alpha*gamma*g", on="rule~1",
        **{"rule~1.gamma": "0.9", "rule~1.lr": "0.3"},
    )  # fmt: skip
    other, problems = setup.edited({"rule~1": SIGNS})
    assert (problems, other.values.get("rule~1.lr")) == ((), 0.3)
    assert "rule~1.gamma" not in other.values
    narrow, problems = setup.edited(
        {"rule~1": "gamma = 0.1 in 0..0.2\nw = w - alpha*gamma*g"}
    )
    assert (problems, narrow["rule~1.gamma"]) == ((), 0.1)


def test_taken_back_it_runs_no_more():
    setup = parsed(rule_1=SIGNS, on="adam,rule~1", **{"rule~1.lr": "0.3"})
    gone, problems = setup.edited({"rule~1": None})
    assert (gone.values, problems) == ({"on": ("adam",)}, ())


def test_turned_off_it_keeps_its_text_its_settings_and_its_card():
    setup = parsed(rule_1=SIGNS, on="adam,rule~1", **{"rule~1.lr": "0.3"})
    off, problems = setup.edited({"on": "adam"})
    assert (problems, off["rule~1"], off["rule~1.lr"]) == ((), SIGNS, 0.3)
    card = next(card for card in describe(off)["cards"] if card["key"] == "rule~1")
    assert (card["on"], card["label"], card["text"]) == (False, "Signs", SIGNS)


def test_it_survives_another_surface():
    setup = parsed(rule_1=SIGNS, on="adam,rule~1")
    moved, problems = setup.edited({"surface": "himmelblau"})
    assert (problems, moved["rule~1"], moved["on"]) == ((), SIGNS, ("adam", "rule~1"))


# -- what is wrong --------------------------------------------------------------------


def test_a_wrong_text_leaves_the_rest_and_is_said_once():
    setup, (problem,) = refused(("rule~1", "w = q*g"), ("on", "adam,rule~1"))
    assert setup["on"] == ("adam",)
    assert problem == (
        "rule~1 “w = q*g”: line 1: `q` at position 5 has no value; for a "
        "hyperparameter, write q = 0.5 in 0..1 in a line before, and for "
        "memory a line q = … of its own."
    )


def test_a_wrong_change_leaves_the_text_that_was_there():
    setup = parsed(rule_1=SIGNS, on="rule~1")
    after, (problem,) = setup.edited({"rule~1": "w = "})
    assert (after, problem.startswith("rule~1")) == (setup, True)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("on", "adam,rule~2")], "on names rule~2, which has no text"),
        ([("on", "rule~5")], "your own rules are rule~1 to rule~4"),
        ([("on", "rule")], "your own rules are rule~1 to rule~4"),
        ([("rule~1.lr", "0.1")], "only a setting while rule~1 has a text"),
        ([("rule~1", "z.????")], "gives no name a value"),
        ([("rule~1", "z.abcd")], "copy the whole link"),
        ([("inspect", "rule~7")], "names no optimizer"),
    ],
)
def test_what_names_none_is_said(pairs, words):
    _, (problem, *others) = refused(*pairs)
    assert words in problem
    assert others == []


# -- in an address --------------------------------------------------------------------


@given(st.sampled_from([*EXAMPLES.values(), SIX_HESSIANS]), st.integers(0, 40))
def test_a_text_is_read_as_it_was_written(text, notes):
    text = f"# A name\n{text}" + "\n# and a note" * notes
    text = text[:LONGEST]
    written = format_rule(text)
    assert parse_rule(written) == text.strip()
    if len(written) > 3 * LONG:
        assert written.startswith("z.")


def test_long_texts_are_compressed():
    text = "\n".join(f"v{k} = beta*v{k} + g" for k in range(15)) + f"\n{PLAIN}"
    written = format_rule(text)
    assert written.startswith("z.")
    assert len(written) < len(text) * 2 / 3
    assert parse_rule(written) == text


def test_a_compressed_text_cannot_fill_the_memory(monkeypatch):
    bomb = zlib.compress(b"a" * 50_000_000, 9)
    packed = "z." + base64.urlsafe_b64encode(bomb[: 3 * LONGEST]).decode().rstrip("=")
    with pytest.raises(FormulaError):
        parse_rule(packed)
    made = []
    plain = zlib.decompressobj

    class Watched:
        def __init__(self):
            self._inner = plain()

        def decompress(self, data, most):
            made.append(self._inner.decompress(data, most))
            return made[-1]

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(FormulaError):
        parse_rule(packed[: 4 * LONGEST])
    assert len(made[0]) <= 4 * LONGEST + 4


# -- bounded --------------------------------------------------------------------------


def test_a_step_that_is_too_long_is_refused_before_it_is_compiled():
    setup, (problem,) = refused(
        ("surface", "formula"), ("f", DEAR), ("rule~1", SIX_HESSIANS),
        ("on", "adam,rule~1"),
    )  # fmt: skip
    assert (setup["on"], setup["rule~1"]) == (("adam",), SIX_HESSIANS)
    assert "operations on this surface, and 3,000 are allowed" in problem
    moved, problems = setup.edited({"surface": "rosenbrock", "on": "adam,rule~1"})
    assert (moved["on"], problems) == (("adam", "rule~1"), ())


def test_every_surface_of_the_list_takes_the_dearest_rule():
    rule = typed_rule(SIX_HESSIANS)
    for surface in SURFACES.values():
        size.check(rule, surface)
        count = size.operations(rule, surface.loss, type(surface.params))
        assert count > (500 if surface.variables == 2 else 400)


def test_where_only_what_is_ready_is_asked_for_a_new_text_is_not():
    text = f"{PLAIN} # of this test"
    with only_ready(), pytest.raises(NotReady):
        Setup.parse([("rule~1", text), ("on", "rule~1")])
    parsed(rule_1=text, on="rule~1")
    with only_ready():
        parsed(rule_1=text, on="rule~1")


# -- built-in rules as texts ----------------------------------------------------------

SWITCHES = ("look_ahead", "eps_inside", "bias_correction")
SETTINGS = [
    (rule, switched)
    for rule in OPTIMIZERS.values()
    if rule.key not in LACKING
    for switched in (
        {},
        *({name: 1 - rule.hypers._field_defaults[name]} for name in SWITCHES
          if name in rule.hypers._fields),
    )
]  # fmt: skip


@pytest.mark.parametrize("name", ["himmelblau", "ravine", "logistic_regression"])
@pytest.mark.parametrize(
    ("rule", "switched"),
    SETTINGS,
    ids=lambda value: value.key if hasattr(value, "key") else "".join(value),
)
def test_the_text_of_a_built_in_rule_is_that_rule(rule, switched, name):
    if rule.key == "newton" and name == "logistic_regression":
        name = "rosenbrock"  # From that start it comes to where nothing is curved.
    surface = SURFACES[name]
    hypers = rule.recommended(surface.recommended)._replace(**switched)
    typed = typed_rule(text_of(rule, hypers))
    mine, theirs = (
        descend(surface, each, surface.start, values, 300).points
        for each, values in ((typed, typed.hypers()), (rule, hypers))
    )
    np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("key", ["adagrad", "rmsprop"])
def test_a_penalty_that_is_left_out_is_in_the_text(key):
    setup = parsed(surface="himmelblau", on=key, l2="0.3", **{f"{key}.l2_in_r": "0"})
    text = next(c for c in describe(setup)["cards"] if c["key"] == key)["text"]
    both, problems = setup.edited({"rule~1": text, "on": f"{key},rule~1"})
    assert problems == ()
    runs = run_race(both).runs
    np.testing.assert_allclose(
        runs["rule~1"].points, runs[key].points, rtol=1e-12, atol=1e-12
    )


def test_a_rule_without_a_text_says_why():
    setup = parsed(on="bfgs,numeric_gradient")
    cards = {card["key"]: card for card in describe(setup)["cards"]}
    assert cards["bfgs"]["text"] == cards["numeric_gradient"]["text"] == ""
    assert cards["bfgs"]["textless"] == (
        "BFGS has no text: it tries points along a line until one will do, and a text "
        "has no loop."
    )
    with pytest.raises(LookupError):
        text_of(OPTIMIZERS["lbfgs"], OPTIMIZERS["lbfgs"].hypers())


def test_a_seed_is_in_the_text():
    rule = OPTIMIZERS["random_search"]
    text = text_of(rule, rule.hypers(sigma=0.3, seed=5))
    assert text.startswith("sigma = 0.3 in 1e-5..10\nseed = 5\n")
    typed = typed_rule(text)
    assert typed.hypers().seed == 5
    mine, theirs = (
        descend(SURFACES["himmelblau"], each, (0, 0), values, 50).points
        for each, values in ((typed, None), (rule, rule.hypers(sigma=0.3, seed=5)))
    )
    np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed = 1.5\nw = w - alpha*randn", "a whole number"),
        ("seed = 1 in 0..5\nw = w - alpha*randn", "a whole number"),
        ("seed = g\nw = w - alpha*randn", "a whole number"),
        ("seed = 3\nw = w - alpha*g", "no random numbers"),
        ("w = w - seed*g", "`seed` at position 9 has no value"),
    ],
)
def test_a_seed_that_is_none_is_refused(text, words):
    with pytest.raises(FormulaError, match=words):
        typed_rule(text)


# -- what else follows from an entry --------------------------------------------------


def test_a_study_of_another_text_is_another_study():
    def best(text):
        setup = parsed(
            surface="himmelblau", rule_1=text, on="rule~1", steps="20", budget="25"
        )
        return answer("sweep", setup, lambda _: None).runs["rule~1"]["losses"]

    down, up = best(PLAIN), best("w = w + alpha*g")
    assert np.nanmin(down) < np.nanmin(up)


def test_what_was_read_is_said_as_mathematics(get):
    found = get("/read", rule=SIGNS)
    assert found.status_code == 200
    read = found.json()
    assert read["name"] == "Signs"
    assert len(read["lines"]) == 2
    assert all(line.startswith("<math") for line in read["lines"])
    assert read["settings"]["beta"] == {"low": 0.0, "high": 0.9999, "default": 0.9}
    for text, words in (
        ("w = q*g", "Line 1: `q` at position 5 has no value;"),
        (" ", "The rule is empty;"),
        ("w" * 9000, "The rule is longer than 1000 characters."),
    ):
        found = get("/read", rule=text)
        assert (found.status_code, [*found.json()]) == (200, ["wrong"])
        assert found.json()["wrong"].startswith(words)
    assert get("/read", rule=SIGNS, on="adam").status_code == 400


def test_there_are_rules_to_begin_with(get):
    examples = get("/read").json()["examples"]
    assert examples.keys() == EXAMPLES.keys()
    for name, text in examples.items():
        assert typed_rule(text).label == name


def test_a_notebook_reads_as_the_server_does():
    status, body = answered(f"read?rule={SIGNS.replace('+', '%2B')}", "rosenbrock")
    assert (status, json.loads(body)["name"]) == (200, "Signs")
    status, body = answered("read?rule=w%3D", "rosenbrock")
    assert (status, json.loads(body)) == (200, {"wrong": "Line 1 gives `w` no value."})
    status, body = answered("read?on=adam", "rosenbrock")
    assert (status, body[:14]) == (400, b"Only a rule or")


def test_the_page_offers_the_next_that_is_free():
    assert describe(Setup())["next_rule"] == OWN_ENTRIES[0]
    setup = parsed(rule_1=SIGNS, rule_3=SIGNS, on="rule~1")
    found = describe(setup)
    assert (found["next_rule"], found["own_rules"]) == ("rule~2", OWN_ENTRIES)
    full = parsed(**{f"rule~{k}": PLAIN for k in range(1, MOST_OWN + 1)}, on="rule~1")
    assert describe(full)["next_rule"] == ""


def test_what_is_compiled_for_it_makes_room_first(monkeypatch):
    monkeypatch.setattr(STORE.budget, "ephemeral", 10_000)  # None makes room here.
    rule = typed_rule("w = w - alpha*g - 0*w # of this test, too")
    before = STORE.ephemeral
    descend(SURFACES["booth"], rule, (1.0, 1.0), num_steps=5)
    assert STORE.ephemeral == before + 1
    descend(SURFACES["booth"], OPTIMIZERS["adam"], (1.0, 1.0), num_steps=5)
    assert STORE.ephemeral == before + 1
