"""Whatever is asked for is answered: 20,000 addresses, formulas, rules and requests.

The same ones each time, so that one commit gives one answer; FUZZ_SEED=7 draws others,
FUZZ_TIMES=10 ten times as many formulas and rules, and each run prints its seed.
"""

import os
import random
import re
import string
from urllib.parse import urlencode

import numpy as np
import pytest

from optim import OPTIMIZERS
from optim.typed import EXAMPLES, read, typed_rule
from surfaces import SURFACES, Domain, FormulaError, parse_formula, typed_surface
from surfaces.formula import FUNCTIONS, NAMES
from views.fields import fields
from views.own_rules import OWN_ENTRIES
from views.setup import Setup
from views.studies import PARTS
from views.studies.files import TYPES

SEED = int(os.environ.get("FUZZ_SEED", "0"))

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))

ADDRESSES, SURFACED, SEARCHED, REQUESTS = 8_000, 1_100, 100, 800
FORMULAS, TYPED_RULES = 9_000 * TIMES, 1_000 * TIMES

KEYS = [*fields(SURFACES["ravine"]), *fields(SURFACES["linear_regression"]), "f", "x"]
NASTY = [
    "", " ", "nan", "inf", "-inf", "1e999", "-0", "0x10", "1_0", "١", "\x00", "é",
    "a" * 5000, "1" * 5000, "<script>alert(1)</script>", "![x](http://a/b.png)",
    "%s%n", "{}", "[]", "null", "true", "..", "/etc/passwd", "1,2,3", ",", ",,,,",
    "\u202eabc", "\ud800", "1e308", "-1e308", "5e-324", "adam,adam", "auto", "log",
]  # fmt: skip
RULES = [f"# {name}\n{text}" for name, text in EXAMPLES.items()]
WORDS = [*NAMES, "t", " if ", " else ", " and ", "sum(k,1,3,", "k", *FUNCTIONS, "z",
         "lambda", "import", "__class__", "0", "1", "2.5", "1e300", "1e-300", "1e999",
         ".", "..5", "xy", "sin ", "z =", "<", ">="]  # fmt: skip
MARKS = [*"+-*/^(),²³−×·÷ []{}=<>'\"\\;:_~!@#$%&|?`\n\t", "**", "^-", "((", "))",
         *"|||⁻⁹√∛–∗∕"]  # fmt: skip


def drawn(kind):
    """A source of random choices; the seed stands in the head of the report."""
    return random.Random(f"{SEED} {kind}")


def any_text(dice):
    """A value for a setting: nearly right, nasty, or noise."""
    kind = dice.random()
    if kind < 0.3:
        return dice.choice(NASTY)
    if kind < 0.5:
        return repr(dice.choice([dice.uniform(-9, 9), 10 ** dice.uniform(-320, 308)]))
    if kind < 0.6:
        return str(dice.randint(-(10**6), 10**6))
    if kind < 0.7:
        return f"{dice.uniform(-9, 9)},{dice.uniform(-9, 9)}"
    if kind < 0.8:
        return ",".join(dice.choices([*OPTIMIZERS, "x", ""], k=dice.randint(0, 12)))
    if kind < 0.9:
        return dice.choice([*OPTIMIZERS, *SURFACES, "formula", *PARTS])
    return "".join(dice.choices(string.printable, k=dice.randint(0, 60)))


def any_rule(dice):
    """The text of a rule: right, or nearly, or its lines and those of another."""
    text = dice.choice(RULES)
    kind = dice.random()
    if kind < 0.4:
        return text
    if kind < 0.7:
        return broken(dice, text)
    lines = [*text.split("\n"), *dice.choice(RULES).split("\n")]
    return "\n".join(dice.sample(lines, dice.randint(1, len(lines))))


def any_address(dice):
    """Pairs of an address."""
    keys = dice.choices([*KEYS, "surface", "on", "nothing", ""], k=dice.randint(0, 9))
    pairs = [(key, any_text(dice)) for key in keys]
    if dice.random() < 0.3:
        pairs.insert(0, ("surface", dice.choice([*SURFACES, "formula"])))
    if dice.random() < 0.1:
        own = dice.sample(OWN_ENTRIES, dice.randint(1, 4))
        pairs += [(key, any_rule(dice)) for key in own]
        pairs.append(("on", ",".join(dice.sample(own, dice.randint(1, len(own))))))
        pairs.append((f"{own[0]}.{dice.choice(('lr', 'beta', 'start'))}", "0.5"))
    return pairs


def noise(dice, length):
    return "".join(dice.choice([*WORDS, *MARKS]) for _ in range(length))


def tree(dice, depth):
    """A formula that is right, unless it grows too large."""
    if depth <= 0 or dice.random() < 0.2:
        return dice.choice([*NAMES, "2", "0.5", "1e300", "1e-300", "0"])
    kind = dice.random()
    if kind < 0.45:
        operator = dice.choice("+-*/^")
        return f"({tree(dice, depth - 1)} {operator} {tree(dice, depth - 1)})"
    if kind < 0.55:
        return f"-{tree(dice, depth - 1)}"
    name = dice.choice([*FUNCTIONS, "sum", "mod(t, 3)"])
    if name == "mod(t, 3)":
        return name
    if name == "sum":
        index = dice.choice("ijk")
        term = tree(dice, depth - 1)
        return (
            f"sum({index}, {dice.randint(-2, 2)}, {dice.randint(0, 9)}, {term}^{index})"
        )
    if name == "where":
        sides = [tree(dice, depth - 1) for _ in range(4)]
        condition = dice.choice(
            ["{} < {}", "{} >= {}", "not {} == {}", "{} != {} and x < 1 or y > 2"]
        ).format(*sides[:2])
        if dice.random() < 0.5:
            return f"({sides[2]} if {condition} else {sides[3]})"
        return f"where({condition}, {sides[2]}, {sides[3]})"
    more = dice.randint(0, 2) if FUNCTIONS[name].more else 0
    values = [tree(dice, depth - 1) for _ in range(FUNCTIONS[name].arity + more)]
    return f"{name}({', '.join(values)})"


def beside(text):
    """A formula as it is typed by hand: without signs between what is multiplied."""
    return re.sub(r"\*(?![0-9.])", " ", re.sub(r"abs\(([xy])\)", r"|\1|", text))


def broken(dice, text):
    """The text with a few characters changed."""
    letters = list(text)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(letters) + 1)
        letters[at : at + dice.randint(0, 1)] = dice.choice([*MARKS, *"xyz019", ""])
    return "".join(letters)


def any_formula(dice):
    kind = dice.random()
    if kind < 0.3:
        return noise(dice, dice.randint(0, 25))
    text = tree(dice, dice.randint(1, 6))
    if kind < 0.5:
        return beside(text)
    return text if kind < 0.7 else broken(dice, text)


def sentence(text):
    """Whether it is one that can be shown."""
    return text.isprintable() and len(text) < 400 and text[-1] in ".?"


def test_any_address_is_read_and_what_is_wrong_is_said():
    dice = drawn("addresses")
    for _ in range(ADDRESSES):
        pairs = any_address(dice)
        setup, problems = Setup.parse(pairs)
        assert all(map(sentence, problems)), (pairs, problems)
        again, none = Setup.parse(setup.pairs())
        assert (again, none) == (setup, ()), pairs


def test_any_formula_is_read_or_refused_with_a_sentence():
    dice, right = drawn("formulas"), 0
    for _ in range(FORMULAS):
        text = any_formula(dice)
        try:
            formula = parse_formula(text)
        except FormulaError as error:
            said = str(error)
            assert said.isprintable(), text
            assert said[-1] not in ".\n", text
            assert len(said) < 400, text
            continue
        right += 1
        assert parse_formula(formula.text).node == formula.node, text
        at, given = np.array([[0.3, -2.0], [1.0, 0.0]]), {"t": np.float64(2.0)}
        with np.errstate(all="ignore"):
            value = formula.evaluate(*at, np, given)
        assert value.shape == (2,), text
    assert right > FORMULAS / 10


def test_any_rule_is_read_or_refused_with_a_sentence():
    dice, right = drawn("rules"), 0
    for _ in range(TYPED_RULES):
        text = any_rule(dice)
        if dice.random() < 0.3:
            inner = tree(dice, dice.randint(1, 4)).replace("x", "g").replace("y", "w")
            text = f"v = {inner}\nw = w - alpha*v"
        said, rule = "", None
        try:
            rule = typed_rule(text)
        except FormulaError as error:
            said = str(error)
        assert said.isprintable(), text
        assert len(said) < 500, text
        if rule is not None:
            right += 1
            assert read(rule.text) == read(text), text
    assert right > TYPED_RULES / 10


def are_surfaces_or_refused(count):
    dice, right = drawn(f"{count} surfaces"), 0
    for _ in range(count):
        text = tree(dice, dice.randint(2, 7))
        low, width = dice.uniform(-1e3, 1e3), 10 ** dice.uniform(-3, 3)
        domain = Domain(low, low + width, -width, width)
        try:
            surface = typed_surface(text, domain)
        except FormulaError:
            continue
        right += 1
        assert domain.contains(np.array(surface.start)), text
        assert all(1e-5 <= rate <= 10 for rate in surface.learning_rates.values()), text
        for place in (*surface.minima, *surface.saddles, *surface.maxima):
            assert domain.contains(np.array(place)), text
    assert right > count / 10


@pytest.mark.usefixtures("unsearched")
def test_any_formula_makes_a_surface_or_is_refused():
    are_surfaces_or_refused(SURFACED)


def test_any_formula_is_searched_for_minima():
    are_surfaces_or_refused(SEARCHED)


@pytest.mark.parametrize("route", ["race", "description", "landscape", "studies"])
def test_any_request_is_answered(get, route):
    dice = drawn(f"requests of {route}")
    seen = set()
    for _ in range(REQUESTS // 4 if route != "race" else REQUESTS // 2):
        path = f"/{route}"
        if route == "studies":
            path = f"/{dice.choice(list(PARTS))}"
            if dice.random() < 0.3:
                path += f".{dice.choice(list(TYPES))}"
        # Not to compile for minutes: few surfaces, few steps; all else is random.
        pairs = [pair for pair in any_address(dice) if pair[0] not in ("surface", "on")]
        pairs += [("steps", "10"), ("on", dice.choice(["adam", "", "adam,momentum"]))]
        pairs += [("size", dice.choice(["8", "9", "7", "x"]))] * (dice.random() < 0.7)
        if dice.random() < 0.05:
            pairs += [("surface", "formula"), ("f", tree(dice, 3))]
        elif dice.random() < 0.3:
            pairs += [("surface", "linear_regression")]
        query = {key: text.encode("utf-8", "replace").decode() for key, text in pairs}
        query.pop("budget", None)
        response = get(path, **query)
        seen.add(response.status_code)
        assert response.status_code in (200, 400, 503), (path, urlencode(query))
        if response.status_code != 200:
            assert sentence(response.text), (path, query)
    # The page opens with all that is right of an address.
    assert seen >= ({200} if route == "description" else {200, 400})
