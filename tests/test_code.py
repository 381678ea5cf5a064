"""A race as a script: run on its own, it ends where the page's race does."""

import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np
import pytest

from optim import OPTIMIZERS
from optim.typed import EXAMPLES, built_in
from surfaces import SURFACES
from views.code import TARGETS, script
from views.code.data import LOSSES
from views.code.updates import LEFT_OUT, UPDATES
from views.entries import MOST_ON
from views.mark import BEGIN, marked
from views.own_rules import OWN_ENTRIES
from views.race import run_race
from views.setup import Setup

RULES = list(OPTIMIZERS)
# L-BFGS under noise is chaotic: a start that is 1e-14 off ends elsewhere.
STEADY = [key for key in RULES if key != "lbfgs"]
TWO = "1.5,2,1;-0.5,3,0;2,-1,1;-3,1,0;0.5,0.5,0;-1,-1,1;2,2,0;0.3,-2,1"
SAMPLED = (
    "batch=7&noise=0.2&seed=3&l2=0.1&schedule=cosine&warmup=7&cosine.end=0.1&steps=40"
)
SWITCHES = (
    "on=adam,adam~2,adam~3,adagrad,adagrad~2,rmsprop,rmsprop~2,nesterov&l2=0.3"
    "&adam.eps_inside=1&adam~2.bias_correction=0&adam~3.eps=0.1"
    "&adagrad.eps_inside=1&adagrad~2.l2_in_r=0&rmsprop.eps_inside=0"
    "&rmsprop~2.l2_in_r=0&nesterov.look_ahead=1"
)
OWN = (
    "on=gradient_descent,gradient_descent~2,adam,adam~2,momentum&gradient_descent.noise=1"
    "&gradient_descent~2.noise=1&gradient_descent~2.seed=4&adam~2.start=1,-2"
    "&adam.schedule=exponential&momentum.schedule=step_decay&momentum.step_decay.every=10"
    "&gradient_descent.schedule=inverse_time&adam~2.warmup=5"
)
FIVE = "on=gradient_descent,momentum,adagrad,rmsprop,adam"


def eights(rules=RULES):
    """All rules, as many at once as a race holds."""
    return [
        ",".join(rules[first : first + MOST_ON])
        for first in range(0, len(rules), MOST_ON)
    ]


TYPED = (
    *EXAMPLES.values(),
    "w = w - alpha*where(norm(g) > 1, g/norm(g), g)",
    "c = c + 1\nw = w - alpha*g/sqrt(c)*abs(sign(t - 3))",
    "H = hess(w)\np = solve(H + 0.1*eye, g)\nw = w - alpha*dot(H, p) - grad(w - p)/1e3",
    # Names that a script has for something else.
    "step = mod(t, 3)\nloss = f\nfloat = max(min(g, 1), -1, 0.5*g)\n"
    "lambda = 0*loss*norm(w)\nw = w - alpha*float*where(step == 1, 2, 1) - lambda",
)
"""Rules of which each step of a script must be the page's."""


def typed_queries(rest):
    """Races of rules as texts, four at a time."""
    for first in range(0, len(TYPED), 4):
        own = dict(zip(OWN_ENTRIES, TYPED[first : first + 4], strict=False))
        yield f"{urlencode(own, quote_via=quote)}&on={','.join(own)}&{rest}"


QUERIES = (
    *typed_queries("surface=himmelblau&steps=40"),
    *typed_queries(f"surface=logistic_regression&{SAMPLED}"),
    *(f"surface=himmelblau&steps=40&on={on}" for on in eights()),
    *(f"surface=logistic_regression&on={on}&{SAMPLED}" for on in eights(STEADY)),
    "surface=logistic_regression&steps=10&on=lbfgs&l2=0.1",
    f"surface=himmelblau&steps=30&{SWITCHES}",
    f"surface=himmelblau&steps=40&{OWN}",
    *(f"surface={key}&steps=30&{FIVE}" for key in LOSSES),
    f"surface=data&model=typed&predict=a*tanh(b*x)-b/9&loss=logistic&{SAMPLED}&{FIVE}",
    f"surface=data&data=1,2;2,3.5;4,1&model=typed&predict=max(a,b*x)&steps=30&{FIVE}",
    f"surface=data&model=hinge&steps=30&{FIVE}",
    *(
        f"surface=data&data={TWO}&model={model}&steps=30&{FIVE}"
        for model in ("line", "logistic", "hinge", "tanh")
    ),
    f"surface=data&data={TWO}&model=typed&predict=a*x_1*x_2+exp(b*x1/5)&{SAMPLED}"
    f"&{FIVE}",
    "surface=data&model=typed&predict=sum(k,1,3,a*x^k/9)-b if x < 3 else b*x/9&steps=30"
    f"&{FIVE}",
    f"surface=ravine&kappa=30&angle=20&steps=40&{FIVE},newton",
    f"surface=ackley&steps=30&lr=0.02&{FIVE},newton",
    f"surface=bukin&steps=10&{FIVE}",
    "surface=formula&f=max(|x|,2y,-y)+sqrt(x^2+y^2)+2^(x/3)+mod(x,3)+pow(|y|,1.5)"
    f"+cbrt(x-y)+atan2(y,x+9)+sigmoid(x y)&x=-4,4&y=-4,4&steps=20&{FIVE}",
    "surface=formula&f=x^2+y^2+sin(2)+max(1,e)+1/10^400+1/(1/0)&steps=10"
    "&on=gradient_descent,newton",
    "surface=formula&steps=20&f=erf(x)^2-sinc(2y)+asinh(x)^2+acosh(2+y^2)%2B"
    "atanh(x/9)+y^2",
    "surface=formula&steps=20&f=where(|x|<1 and not y<-3,x^2,2|x|-1)%2B"
    "sum(k,1,3,(y-k/9)^k/k)+y^4+where(x>-9,0,sqrt(-9-x))",
    "surface=formula&steps=40&f=where(mod(t,3)==1,3x,-x)%2By^2&x=-1,1&y=-1,1"
    "&project=box&on=gradient_descent,adam,momentum,newton,nesterov,adagrad",
    "surface=formula&steps=30&f=x^2+mod(t-1,4)*y%2By^4&noise=0.2&l2=0.1"
    "&on=gradient_descent,adam,rmsprop&adam.project=disc&adam.seed=3",
    "surface=linear_regression&batch=4&project=disc&steps=30&on=gradient_descent,adam",
    "surface=formula&f=(x+y)^2&steps=10&start=1,2&on=newton,bfgs,random_search",
    "surface=rosenbrock&on=gradient_descent&gradient_descent.lr=1&steps=20",
)

RUFF = (
    *(sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"),
    *("--select=B,E,F,I,NPY,PT,TID,UP,W", "--line-length=88"),
)

RUNNER = """
import contextlib, io, json, runpy, sys
found = {}
for path in sys.argv[1:]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(path, run_name="__main__")
    found[path] = out.getvalue()
print(json.dumps(found))
"""


def parsed(query):
    setup, problems = Setup.parse(parse_qsl(query.replace("+", "%2B")))
    assert problems == ()
    return setup


def written(query, target):
    return script(parsed(query), TARGETS[target], f"http://page/?{query}")


@pytest.fixture(scope="module", params=TARGETS)
def printed(request, tmp_path_factory):
    """What the scripts for one library print, by the query of the race."""
    folder = tmp_path_factory.mktemp("scripts")
    paths = {}
    for k, query in enumerate(QUERIES):
        paths[query] = folder / f"race{k}.py"
        paths[query].write_text(written(query, request.param))
    checked = subprocess.run(
        [*RUFF, folder],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
    # In a folder of its own: nothing of this program can be imported there.
    ran = subprocess.run(
        [sys.executable, "-c", RUNNER, *map(str, paths.values())],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"XLA_FLAGS": "--xla_backend_optimization_level=0"},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    lines = json.loads(ran.stdout)
    return request.param, {query: lines[str(path)] for query, path in paths.items()}


def compared(query, text):
    """How far printed iterates are from the page's, and which entries have none."""
    setup = parsed(query)
    race = run_race(setup)
    points = {}
    for line in text.splitlines():
        name, _, numbers = line.rpartition(": ")
        points[name] = np.array(numbers.split(), float)
        assert numbers == " ".join(map(repr, points[name].tolist()))
    absent, wrong = set(), {}
    for key, run in race.runs.items():
        name = setup.name(key)
        if name not in points:
            absent.add(key)
            continue
        with np.errstate(invalid="ignore"):
            size = np.maximum(1, np.abs(run.points[-1]).max())
            deviation = np.abs(points[name] - run.points[-1]).max() / size
        same = np.array_equal(points[name], run.points[-1], equal_nan=True)
        if not (deviation <= 1e-9 or same):
            wrong[query, key] = deviation
    return wrong, absent


def test_the_last_iterates_are_those_of_the_page(printed):
    target, found = printed
    wrong = {}
    for query, text in found.items():
        more, absent = compared(query, text)
        wrong |= more
        left_out = {"lbfgs"} if target != "optax" else set()
        assert absent == left_out & set(parsed(query)["on"])
        if absent:
            assert "# L-BFGS is left out: " in written(query, target)
    assert not wrong, "\n".join(f"{key}: {one}" for key, one in wrong.items())


def test_every_rule_is_written_out_or_says_why_not():
    declared = {key for key, rule in OPTIMIZERS.items() if rule.lines}
    missing = OPTIMIZERS.keys() - UPDATES.keys() - LEFT_OUT.keys() - declared
    assert not missing, "a rule declares its `lines`, from which its code follows"
    assert UPDATES.keys() | LEFT_OUT.keys() <= OPTIMIZERS.keys()
    assert not UPDATES.keys() & LEFT_OUT.keys()


@pytest.mark.parametrize("query", ["", "&l2=0.5&rmsprop.l2_in_r=0", "&noise=0.3"])
@pytest.mark.parametrize("target", ["numpy", "torch", "optax"])
def test_a_rule_is_written_out_by_the_lines_that_it_declares(
    target, query, monkeypatch
):
    query = f"surface=himmelblau&steps=60&on=adamw,rmsprop{query}"
    for key in ("adamw", "rmsprop"):
        monkeypatch.delitem(UPDATES, key)
        rule = OPTIMIZERS[key]
        declared = replace(rule, equivalents=(), lines=built_in._LINES[key])
        monkeypatch.setitem(OPTIMIZERS, key, declared)
    text, out = written(query, target), io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, "race.py", "exec"), {"__name__": "__main__"})
    assert compared(query, out.getvalue()) == ({}, set())


def test_every_surface_has_code():
    for key, surface in SURFACES.items():
        assert key in LOSSES if surface.data else surface.formula


@pytest.mark.parametrize("target", ["torch", "optax", "keras"])
def test_libraries_run_what_they_have(target):
    queries = [f"surface=himmelblau&on={on}" for on in eights()]
    text = "\n".join(written(query, target) for query in queries)
    own = {
        "torch": "SGD, Adam, AdamW, Adamax, NAdam, Adadelta",
        "optax": "sgd, adam, adamw, amsgrad, adamax, nadam, radam, adadelta, lion, "
        "adabelief, scale_by_yogi, rmsprop, lbfgs",
        "keras": "SGD, RMSprop, Adam, AdamW, Adadelta, Lion",
    }
    module = {
        "torch": r"torch\.optim\.",
        "optax": r"optax\.",
        "keras": r"keras\.optimizers\.",
    }[target]
    made = set(re.findall(rf"{module}(\w+)\(", text))
    assert set(own[target].split(", ")) <= made


def test_a_rule_that_is_not_declared_is_left_out_with_a_sentence(monkeypatch):
    monkeypatch.delitem(UPDATES, "adam")
    text = written("on=momentum,adam", "numpy")
    assert "# Adam is left out: it is not written out for scripts." in text
    assert "def adam" not in text
    assert 'print("Momentum:"' in text


def test_derivatives_that_would_be_too_long_are_left_out(monkeypatch):
    monkeypatch.setattr("views.code.function.LONGEST", 30)
    text = written("surface=beale&on=momentum,newton,random_search", "numpy")
    assert "# Momentum is left out: the derivatives of this formula are" in text
    assert "# Newton is left out: " in text
    assert "def random_search" in text
    assert "def momentum" not in text
    ast.parse(text)


@pytest.mark.parametrize("target", TARGETS)
def test_longest_formulas_stay_code(target):
    deep = "sin(" * 28 + "x y" + ")" * 28
    setup, problems = Setup.parse(
        [("surface", "formula"), ("f", deep), ("on", "momentum,newton")]
    )
    assert problems == ()
    text = script(setup, TARGETS[target], "http://page/")
    ast.parse(text)
    # A mark is one line, as an address is.
    lines = [line for line in text.splitlines() if BEGIN not in line]
    assert max(map(len, lines)) <= 88


# -- the route ------------------------------------------------------------------------


def test_the_route_answers_a_script_with_its_address(get):
    query = {"surface": "himmelblau", "on": "adam", "adam.lr": "0.1"}
    answer = get("/race.py", **query, target="torch")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/x-python; charset=utf-8"
    assert 'filename="race-himmelblau.py"' in answer.headers["content-disposition"]
    (address,) = re.findall(r"^# http://player/\?(.*)$", answer.text, re.MULTILINE)
    assert Setup.parse(parse_qsl(address)) == Setup.parse(query.items())
    marks = [marked(line.encode()) for line in answer.text.splitlines()]
    assert [one for one in marks if one] == [address]
    assert "torch.optim.Adam([w], lr=0.1" in answer.text
    assert "import numpy" in get("/race.py").text


def test_the_route_says_what_is_wrong(get):
    answer = get("/race.py", target="julia")
    assert answer.status_code == 400
    assert answer.text == (
        "There is no code for this target; allowed is numpy, torch, optax or keras."
    )
    answer = get("/race.py", target="numpy", **{"adam.lr": "-1"})
    assert answer.status_code == 400
    assert "adam.lr" in answer.text


@pytest.mark.parametrize(
    "text",
    [
        '__import__("os").system("true")',
        'x"""\nimport os\n"""',
        "x\nimport os",
        "x # y",
        "exec(x)",
        "x.real + y",
        "lambda: x",
        "l2 + x",
        "STEPS x",
    ],
)
def test_what_is_typed_is_code_by_way_of_the_parser_only(get, text):
    for target in TARGETS:
        answer = get("/race.py", surface="formula", f=text, target=target)
        assert answer.status_code == 400, answer.text


def test_no_setting_can_leave_its_line(get):
    evil = {"utm_x": 'a"""\nimport os', "lesson": '"""\nimport os\n"""'}
    answer = get("/race.py", **evil)
    assert answer.status_code == 400
    answer = get("/race.py", utm_x=evil["utm_x"], f="x")
    assert "import os" not in answer.text
    text = script(
        parsed("on=adam"),
        TARGETS["numpy"],
        f"http://page\nimport os/?{urlencode(evil)}",
    )
    names = {node.names[0].name for node in ast.walk(ast.parse(text))
             if isinstance(node, ast.Import)}  # fmt: skip
    assert names == {"numpy"}
