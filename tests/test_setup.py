"""What an address may hold, what is said of the rest, and what a setup keeps."""

import math
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import NoiseAndWarmup
from optim.typed import EXAMPLES
from surfaces import SURFACES, params, typed
from views import old_names
from views.charts import CHARTS
from views.describe import describe
from views.entries import MOST_ON
from views.fields import (
    DEFAULT_SURFACE,
    STEPS,
    TYPED,
    TYPED_DEFAULTS,
    Penalty,
    StudyParams,
)
from views.groups import GROUPS
from views.lessons import lessons
from views.own_rules import OWN_ENTRIES
from views.panels import BESIDE, OVERLAYS
from views.setup import FOREIGN, MOST_PAIRS, Setup
from views.tabs import TABS

every_surface = pytest.mark.parametrize("surface_key", [*SURFACES, TYPED])
surface_keys = st.sampled_from(sorted([*SURFACES, TYPED]))
RULES = tuple(f"# {name}\n{text}" for name, text in EXAMPLES.items())
FORMULAS = ("x^2 + y^2", "sin(x)*y", "exp(-x^2) - y/3")


def fields(surface_key):
    return Setup(surface_key).fields


def allowed(setting, surface):
    """Draws values a setting may have on a surface."""
    if setting.param is not None:
        low, high = setting.param.low, setting.param.high
        if setting.param.whole:
            return st.integers(int(low), int(high))
        return st.floats(low, high)
    if setting.key == "surface":
        return st.just(surface.key)
    if setting.choices:
        return st.sampled_from(list(setting.choices))
    if setting.key.rpartition(".")[2] == "start":
        x_low, x_high, y_low, y_high = surface.domain
        return st.tuples(st.floats(x_low, x_high), st.floats(y_low, y_high))
    if setting.key == "inspect":
        return st.sampled_from(["", *OPTIMIZERS, "adam~2"])
    if setting.key == "show":
        return st.permutations(list(OVERLAYS)).map(lambda names: tuple(names[:2]))
    if setting.key in ("hide", "lock"):
        return st.permutations(list(GROUPS)).map(lambda names: tuple(names[:3]))
    if setting.key == "lesson":
        return st.sampled_from(["", *lessons()])
    if setting.key == "page":
        return st.integers(1, 3)
    if setting.key == "panels":
        beside = st.sampled_from([(), *((name,) for name in BESIDE)])
        charts = st.permutations(["loss", *CHARTS]).map(lambda names: tuple(names[:2]))
        return st.tuples(beside, charts).map(lambda two: two[0] + two[1])
    if setting.key == "zoom":
        side = st.tuples(st.integers(-500, -1), st.integers(0, 500))
        sides = st.tuples(side, side).map(lambda two: two[0] + two[1])
        return st.just(()) | sides.map(lambda four: tuple(k / 100 for k in four))
    if setting.key == "camera":
        eye = st.tuples(*[st.integers(1, 200).map(lambda k: k / 100)] * 3)
        return st.just(()) | eye
    if setting.key == "room":
        return st.sampled_from(("", "kd37xw", "bcdfgh"))
    if setting.key in OWN_ENTRIES:
        return st.sampled_from(("", *RULES))
    assert setting.key == "on", f"nothing is drawn for {setting.key}"
    chosen = st.sets(st.sampled_from(sorted(OPTIMIZERS)), max_size=MOST_ON)
    return chosen.map(lambda keys: tuple(key for key in OPTIMIZERS if key in keys))


@st.composite
def chosen_values(draw, surface_key=None):
    """Values for some settings of a surface, by key, the surface among them."""
    surface_key = surface_key or draw(surface_keys)
    typed = draw(typed_values()) if surface_key == TYPED else {}
    setup = Setup(surface_key, {k: v for k, v in typed.items() if _chosen(k, v)})
    known = setup.fields
    keys = draw(st.sets(st.sampled_from(sorted(set(known) - set(TYPED_DEFAULTS)))))
    values = {
        key: draw(allowed(known[key], setup.declared_surface)) for key in sorted(keys)
    }
    typed_rules = [key for key in OWN_ENTRIES if values.get(key)]
    if typed_rules and "on" in values:
        own = tuple(sorted(draw(st.sets(st.sampled_from(typed_rules)))))
        values["on"] = (*values["on"][: MOST_ON - len(own)], *own)
    return values | {"surface": surface_key} | typed


def _chosen(key, value):
    return value != TYPED_DEFAULTS[key]


@st.composite
def typed_values(draw):
    """A formula and its domain, all three of them: what stands without them differs."""
    low = st.floats(-100, 99).map(lambda v: round(v, 3))
    width = st.floats(0.1, 100).map(lambda v: round(v, 3))
    ranges = st.tuples(low, width).map(lambda lw: (lw[0], lw[0] + lw[1]))
    return {
        "f": draw(st.sampled_from(FORMULAS)),
        "x": draw(ranges),
        "y": draw(ranges),
    }


def printed(values):
    """The pairs an address holds for some values."""
    known = fields(values["surface"])
    return [(key, known[key].format(value)) for key, value in values.items()]


def is_sentence(text):
    return (
        text.endswith((".", "?"))
        and text.isprintable()
        and 20 < len(text) < 300
        and "\n" not in text
    )


# -- the round trip -------------------------------------------------------------------


@given(values=chosen_values())
def test_what_is_printed_is_read_back(values):
    setup, problems = Setup.parse(printed(values))
    assert problems == ()
    assert setup.surface_key == values["surface"]
    assert {key: setup[key] for key in values if key != "surface"} == {
        key: value for key, value in values.items() if key != "surface"
    }
    assert Setup.parse(setup.pairs()) == (setup, ())
    assert Setup.parse(parse_qsl(setup.query, keep_blank_values=True)) == (setup, ())


@given(values=chosen_values(), data=st.data())
def test_the_order_of_an_address_does_not_matter(values, data):
    pairs = printed(values)
    shuffled = data.draw(st.permutations(pairs))
    assert Setup.parse(shuffled) == Setup.parse(pairs)


@every_surface
def test_every_setting_round_trips_at_its_ends(surface_key):
    for setting in fields(surface_key).values():
        if setting.param is None:
            continue
        for value in (setting.param.low, setting.param.high):
            pairs = [("surface", surface_key), (setting.key, setting.format(value))]
            setup, problems = Setup.parse(pairs)
            assert (setup[setting.key], problems) == (value, ())
            assert Setup.parse(setup.pairs()) == (setup, ())


@every_surface
def test_a_default_page_has_a_short_address(surface_key):
    setup, problems = Setup.parse([("surface", surface_key)])
    assert problems == ()
    assert setup == Setup(surface_key)
    named = "" if surface_key == DEFAULT_SURFACE else f"surface={surface_key}"
    assert setup.query == named


@every_surface
def test_a_default_that_is_spelled_out_is_left_out_again(surface_key):
    defaults = {
        key: setting.default
        for key, setting in fields(surface_key).items()
        if setting.default is not None
    }
    pairs = printed(defaults | {"surface": surface_key})
    assert Setup.parse(pairs) == (Setup(surface_key), ())


def test_the_empty_address_is_the_default_page():
    assert Setup.parse([]) == (Setup(), ())
    assert Setup().query == ""
    assert Setup().pairs() == []


@given(values=chosen_values())
def test_taking_everything_back_leaves_the_default(values):
    setup, _ = Setup.parse(printed(values))
    back, problems = setup.edited(dict.fromkeys(set(values) - {"surface"}))
    assert (back, problems) == (Setup(values["surface"]), ())
    assert back.edited({"surface": None}) == (Setup(), ())


# -- what is wrong --------------------------------------------------------------------

WRONG = {
    "surface": ["", "Rosenbrock", "no such", "surface", "../etc", "ravine,beale"],
    "start": ["", "1", "1,", ",", "1,2,3", "nan,0", "0,inf", "99,0", "0,-1e999", "a,b"],
    "steps": ["", "0", "9", "5001", "100.5", "1e2", "nan", "inf", "9" * 5000, "-50"],
    "on": ["unknown", "adam,", ",", "adam,adam", "Adam", "adam;momentum"],
    "view": ["", "3d", "Race", "race,side"],
    "panels": ["Inside", "inside,data", "loss,loss", "loss,step,angle", "no such"],
    "inspect": ["no such", "adam~1", "adam~9", "adam,momentum"],
    "show": ["no such", "field,field", "Field;flow"],
    "hide": ["no such", "rates,rates", "rate", "adam.lr"],
    "lock": ["all", "steps,steps", "rates;start"],
    "room": ["kd37x", "kd37xww", "room", "kd37xа"],
    "lr": ["", "0", "-1", "11", "nan", "inf", "1e999", "1e-999", "0,1", "1_0", " 1"],
    "adam.lr": ["fast", "0", "1e3", "NaN", "-inf", "0.1;0.2", "٠.١"],
    "adam.beta1": ["1", "-0.1", "nan", "2", "9" * 400],
    "rmsprop.eps": ["0", "2", "1e-300", "e"],
}
UNKNOWN = [
    "",
    " ",
    "LR",
    "adam",
    "adam.",
    ".lr",
    "sgd.lr",
    "a" * 9999,
    "\x00",
    "学",
    "💥",
]

wrong_pairs = st.sampled_from(
    [
        *((key, text) for key, texts in WRONG.items() for text in texts),
        *((key, "1") for key in UNKNOWN),
    ]
)


@pytest.mark.parametrize("key", WRONG)
def test_each_wrong_text_gets_a_sentence_with_what_is_allowed(key):
    for text in WRONG[key]:
        setup, problems = Setup.parse([(key, text)])
        assert setup == Setup()
        assert len(problems) == 1
        (sentence,) = problems
        assert is_sentence(sentence), sentence
        assert sentence.startswith(key)
        assert "allowed" in sentence or "did you mean" in sentence


def test_one_screen_holds_only_so_many_optimizers():
    most, more = list(OPTIMIZERS)[:MOST_ON], list(OPTIMIZERS)[: MOST_ON + 1]
    setup, problems = Setup.parse([("on", ",".join(most))])
    assert (setup["on"], problems) == (tuple(most), ())
    kept, (problem,) = setup.edited({"on": ",".join(more)})
    assert kept == setup
    assert is_sentence(problem)
    assert f"names {MOST_ON + 1} optimizers; allowed are {MOST_ON}" in problem


@pytest.mark.parametrize("key", UNKNOWN)
def test_an_unknown_setting_is_named(key):
    setup, problems = Setup.parse([(key, "1")])
    assert setup == Setup()
    (sentence,) = problems
    assert is_sentence(sentence), sentence
    assert "is not a setting of this page" in sentence


@pytest.mark.parametrize(
    "key", [*sorted(FOREIGN), "utm_source", "utm_medium", "UTM_Campaign", "FBCLID"]
)
def test_what_others_hang_on_a_link_is_passed_over(key):
    pairs = [(key, "IwAR0_x"), ("steps", "70"), (key, "again")]
    assert Setup.parse(pairs) == (Setup(DEFAULT_SURFACE, {"steps": 70}), ())


@every_surface
def test_no_setting_is_called_as_what_others_hang_on_a_link(surface_key):
    for key in fields(surface_key):
        assert key not in FOREIGN
        assert not key.startswith("utm")


@pytest.mark.parametrize("key", ["utm", "clid", "fbclid2", "embedded", "ref"])
def test_what_is_only_like_it_is_named(key):
    assert len(Setup.parse([(key, "1")])[1]) == 1


def test_what_others_hang_on_a_link_is_not_counted():
    pairs = [(f"utm_{i}", "1") for i in range(2 * MOST_PAIRS)] + [("steps", "70")]
    assert Setup.parse(pairs) == (Setup(DEFAULT_SURFACE, {"steps": 70}), ())


@given(
    values=chosen_values(),
    wrong=st.lists(wrong_pairs, max_size=8, unique_by=lambda pair: pair[0]),
    data=st.data(),
)
def test_a_sentence_for_each_wrong_thing_and_the_rest_is_kept(values, wrong, data):
    right = [pair for pair in printed(values) if pair[0] not in dict(wrong)]
    shuffled = data.draw(st.permutations(right + wrong))
    setup, problems = Setup.parse(shuffled)
    # Without its surface a setting may be unknown or out of range; so ask which
    # surface is left, not which was drawn.
    expected, others = Setup.parse(right)
    assert setup == expected
    assert len(problems) == len(wrong) + len(others)
    assert all(is_sentence(problem) for problem in problems), problems


junk = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"[+-]?[0-9.]{0,6}(e[+-]?[0-9]{0,4})?", fullmatch=True),
    st.sampled_from(
        ["nan", "inf", "-inf", "1e999", "-1e999", "", "0", "1", "\ud800", "x" * 100_000]
    ),
)
junk_keys = st.sampled_from(
    [*fields("ravine"), "kappa", "sgd.lr", "", "\x00", "k" * 5000]
) | st.text(max_size=30)


@settings(max_examples=1000)
@given(pairs=st.lists(st.tuples(junk_keys, junk), max_size=12))
def test_no_address_raises(pairs):
    setup, problems = Setup.parse(pairs)
    assert all(is_sentence(problem) for problem in problems), problems
    assert len(problems) <= len(pairs)
    # Whatever came through is a setup like any other.
    assert Setup.parse(setup.pairs()) == (setup, ())
    assert all(
        math.isfinite(setup[f"{key}.{name}"])
        for key, optimizer in OPTIMIZERS.items()
        for name in optimizer.hypers._fields
    )


def test_a_repeated_setting_counts_once():
    setup, problems = Setup.parse([("lr", "0.1"), ("lr", "0.2"), ("lr", "0.3")])
    assert setup["lr"] == 0.1
    assert len(problems) == 2
    assert all("“lr” is given more than once" in problem for problem in problems)


def test_earlier_names_are_read_and_printed_as_those_of_now():
    setup, problems = Setup.parse([("study", "luck"), ("apart", "2"), ("seeds", "20")])
    assert problems == ()
    assert setup.pairs() == [("study", "seeds"), ("ratio", "2"), ("seeds", "20")]
    assert not {*old_names.KEYS, *old_names.STUDIES} & {*setup.fields, *TABS}
    setup, (problem,) = Setup.parse([("ratio", "2"), ("apart", "3")])
    assert (setup["ratio"], "“apart” is given more than once" in problem) == (2.0, True)


def test_a_thousand_settings():
    pairs = [("lr", "0.5"), *((f"k{i}", "1") for i in range(999)), ("steps", "50")]
    setup, problems = Setup.parse(pairs)
    assert setup["lr"] == 0.5
    assert setup["steps"] == Setup()["steps"], "beyond what is read"
    assert len(problems) == MOST_PAIRS  # those read, less one that is right, and this:
    assert problems[0].startswith("The address holds 1001 settings")
    assert all(is_sentence(problem) for problem in problems)


def test_long_texts_are_quoted_short():
    _, (problem,) = Setup.parse([("lr", "x" * 1_000_000)])
    assert len(problem) < 200


def test_control_characters_are_not_repeated():
    _, problems = Setup.parse([("lr", "\x1b[31m\n"), ("\x07bell\u202e", "1")])
    assert len(problems) == 2
    assert all(problem.isprintable() for problem in problems)


def test_what_an_edit_says():
    _, (problem,) = Setup().edited({"adam.lr": "99"})
    assert problem == (
        "adam.lr “99” is out of range; allowed is a number from 0.00001 to 10."
    )


def test_an_unknown_surface_is_the_default_one_and_the_rest_is_kept():
    setup, problems = Setup.parse([("surface", "alps"), ("steps", "70")])
    assert setup == Setup(DEFAULT_SURFACE, {"steps": 70})
    (problem,) = problems
    assert "“alps” is unknown" in problem
    assert next(iter(SURFACES)) in problem
    assert f"{len(SURFACES) + 3 - 8} more" in problem
    _, (problem,) = Setup.parse([("surface", "rosenbrok")])
    assert "did you mean rosenbrock?" in problem


@pytest.mark.parametrize(
    ("key", "text", "hint"),
    [
        ("on", "sgd", "did you mean gradient_descent?"),
        ("on", "adam,SGD", "did you mean gradient_descent?"),
        ("on", "nag", "did you mean nesterov?"),
        ("on", "Adam", "did you mean adam?"),
        ("on", "gradient-decent", "did you mean gradient_descent?"),
        ("on", "adma", "did you mean adam?"),
        ("on", "sg", None),
        ("on", "adan", None),
        ("on", "gd2", None),
        ("surface", "banana", "did you mean rosenbrock?"),
        ("surface", "Himmelblau", "did you mean himmelblau?"),
        ("surface", "three hump camel", "did you mean three_hump_camel?"),
        ("surface", "camel", None),
        ("surface", "sgd", None),
        ("schedule", "cosin", "did you mean cosine?"),
        ("schedule", "step", None),
    ],
)
def test_a_hint_is_what_was_meant_or_what_there_is(key, text, hint):
    _, (problem,) = Setup.parse([(key, text)])
    assert problem.endswith(hint) if hint else "allowed is one of" in problem


@every_surface
def test_a_start_outside_the_domain(surface_key):
    domain = Setup(surface_key).declared_surface.domain
    for x, y in (
        (domain.x_low - 0.001, domain.y_low),
        (domain.x_high, domain.y_high + 0.001),
    ):
        pairs = [("surface", surface_key), ("start", f"{x!r},{y!r}")]
        setup, (problem,) = Setup.parse(pairs)
        assert setup == Setup(surface_key)
        assert "is out of range" in problem
        assert f"x from {domain.x_low:g} to {domain.x_high:g}" in problem
        assert f"y from {domain.y_low:g} to {domain.y_high:g}" in problem


def test_a_wrong_edit_leaves_its_value_alone():
    setup, _ = Setup().edited({"adam.lr": "0.2", "start": "1,1"})
    for wrong in ({"adam.lr": "nan"}, {"start": "9,9"}, {"sgd.lr": "1"}):
        assert setup.edited(wrong)[0] == setup


# -- what a setup keeps ---------------------------------------------------------------


@given(values=chosen_values(), other=surface_keys)
def test_a_new_surface_keeps_what_a_person_holds(values, other):
    setup, _ = Setup.parse(printed(values))
    moved, problems = setup.edited({"surface": other})
    assert problems == ()
    assert moved.surface_key == other
    if other == setup.surface_key:
        assert moved == setup
        return
    for key, setting in fields(other).items():
        held = setting.survives_surface_change and key in setup.values
        assert moved[key] == (setup[key] if held else setting.default), key
    assert moved["start"] == Setup(other).declared_surface.start
    assert moved.surface.params == Setup(other).declared_surface.params
    assert Setup.parse(moved.pairs()) == (moved, ())


def test_a_new_surface_comes_before_the_other_edits():
    setup, problems = Setup().edited({"start": "4,-4", "surface": "himmelblau"})
    assert problems == ()
    assert setup["start"] == (4, -4)
    setup, problems = setup.edited({"kappa": "5", "surface": "ravine"})
    assert problems == ()
    assert setup.surface.params.kappa == 5


@every_surface
def test_recommended_rates(surface_key):
    setup = Setup(surface_key)
    for key in OPTIMIZERS:
        if f"{key}.lr" not in setup.fields:
            continue
        recommended = OPTIMIZERS[key].rate(setup.declared_surface.recommended)
        assert setup.hypers(key).lr == setup[f"{key}.lr"] == recommended


@given(values=chosen_values(), rate=st.floats(1e-5, 10))
def test_one_rate_for_all(values, rate):
    own, _ = Setup.parse(printed({k: v for k, v in values.items() if k != "lr"}))
    shared, problems = own.edited({"lr": repr(rate)})
    assert problems == ()
    with_rate = [key for key in OPTIMIZERS if "lr" in OPTIMIZERS[key].hypers._fields]
    assert {shared.hypers(key).lr for key in with_rate} == {rate}
    separate, _ = shared.edited({"lr": None})
    for key in with_rate:
        hypers = separate.hypers(key)
        assert hypers.lr == own[f"{key}.lr"]
        assert shared.hypers(key)._replace(lr=hypers.lr) == hypers


@given(values=chosen_values("ravine"))
def test_the_surface_is_turned_as_chosen(values):
    setup, _ = Setup.parse(printed(values))
    chosen = {key: values[key] for key in ("kappa", "angle") if key in values}
    assert setup.surface.params == SURFACES["ravine"].params._replace(**chosen)


# -- one declaration, everywhere ------------------------------------------------------


def declared(surface_key):
    """By address key, every declared number of the page."""
    rules = {
        f"{key}.{name}": param
        for key, optimizer in OPTIMIZERS.items()
        for name, param in params(optimizer.hypers).items()
    }
    shared = params(Penalty) | params(NoiseAndWarmup) | params(StudyParams)
    schedules = {
        f"{key}.{name}": param
        for key, schedule in SCHEDULES.items()
        for name, param in params(schedule.hypers).items()
    }
    return (
        params(type(Setup(surface_key).declared_surface.params))
        | rules
        | shared
        | schedules
    )


def is_own(key, field):
    """Whether a setting is what one entry may have of its own."""
    entry, _, name = key.partition(".")
    return entry in OPTIMIZERS and name not in OPTIMIZERS[entry].hypers._fields


@every_surface
def test_every_declared_number_is_a_field_with_a_default_in_range(surface_key):
    known = fields(surface_key)
    for key, param in declared(surface_key).items():
        assert known[key].param is param
        assert param.check(known[key].default) == known[key].default
    assert known["steps"].param is STEPS
    more = set(TYPED_DEFAULTS) if surface_key == TYPED else set()
    more |= {"batch"} if Setup(surface_key).declared_surface.data else set()
    own = {key for key, field in known.items() if is_own(key, field)}
    assert set(known) - own == set(declared(surface_key)) | more | {
        "surface", "start", "steps", "on", "view", "lr", "level", "schedule",
        "study", "objective", "second", "fan", "swarm", "panels", "inspect", "show",
            "lesson", "page", "step", "play", "theme", "speed", "loop", "zoom",
            "camera", "hide", "lock", "room", "project", *OWN_ENTRIES,
    }  # fmt: skip


def pages(surface_key):
    """Setups in which every optimizer and every schedule is shown once."""
    keys, schedules = list(OPTIMIZERS), list(SCHEDULES)
    for i in range(max(-(-len(keys) // MOST_ON), len(schedules))):
        on = ",".join(keys[i * MOST_ON : (i + 1) * MOST_ON]) or "adam"
        changes = {"on": on, "schedule": schedules[i % len(schedules)]}
        changes |= {"swarm": "cloud", "objective": "steps"}
        yield Setup(surface_key).edited(changes)[0]


@every_surface
def test_every_declared_number_is_a_control(surface_key):
    controls = {}
    for setup in pages(surface_key):
        described = describe(setup)
        assert len(described["cards"]) <= MOST_ON
        groups = [described["params"], described["conditions"]]
        groups += [study["settings"] for study in described["studies"]]
        for group in [*groups, *(card["sliders"] for card in described["cards"])]:
            controls |= {control["key"]: control for control in group}
    for key, param in declared(surface_key).items():
        control = controls[key]
        assert (control["low"], control["high"]) == (param.low, param.high)
        assert control["scale"] == param.scale
        assert control["whole"] == param.whole
        assert control["label"] == param.label != ""
        assert control["meaning"] == param.meaning != ""
        assert control["symbol"]
        assert not set(control["symbol"]) & set("\\_{}$"), "left in LaTeX"
        assert param.low <= control["default"] <= param.high
        assert control["value"] == control["default"]


@every_surface
def test_every_optimizer_can_be_reached(surface_key):
    described = describe(Setup(surface_key))
    offered = [key for group in described["others"] for key, _ in group["rules"]]
    cards = [card["key"] for card in described["cards"]]
    assert sorted(cards + offered) == sorted(OPTIMIZERS)
    assert set(described["looks"]) == set(OPTIMIZERS)


@given(values=chosen_values())
def test_the_player_receives_the_setup(values):
    setup, _ = Setup.parse(printed(values))
    described = describe(setup)
    assert (
        Setup.parse(parse_qsl(described["query"], keep_blank_values=True))[0] == setup
    )
    assert tuple(described["start"]) == setup["start"]
    assert described["steps"] == setup["steps"]
    assert described["shared"] == setup["lr"]
    on = {card["key"] for card in described["cards"] if card["on"]}
    assert on == set(setup["on"])
    for card in described["cards"]:
        for slider in card["sliders"]:
            assert slider["value"] == setup[slider["key"]]


def test_a_formula_is_parsed_once_and_not_for_every_setting(monkeypatch):
    setup, problems = Setup.parse([("surface", TYPED), ("f", "x^2 + 3*y^2 - x*y/7")])
    assert problems == ()
    assert setup.surface.minima == ((0.0, 0.0),)

    def parse(text):
        raise AssertionError(f"{text} is parsed again")

    monkeypatch.setattr(typed, "parse", parse)
    for key in setup.fields:
        setup[key]
    assert describe(setup)
