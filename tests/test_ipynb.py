"""A race as a Jupyter notebook: run cell by cell, it ends where the page's does."""

import ast
import json
import os
import subprocess
import sys
from urllib.parse import parse_qsl

import nbformat
import pytest
from test_code import RUFF, RUNNER, SAMPLED, compared, parsed

from views.code import TARGETS, notebook
from views.entries import MOST_ON
from views.mark import marked
from views.setup import Setup
from views.studies.cost import code_cost

RULES = "gradient_descent,momentum,nesterov,adamw,newton,bfgs,random_search,lbfgs"
QUERIES = (
    "surface=logistic_regression&on=gradient_descent,momentum,adamw,newton,random_search"
    f"&{SAMPLED}",
    "surface=formula&f=|x|+2*y^2-2^(x/3)&x=-4,4&y=-4,4&steps=20"
    "&on=adam,adam~2,bfgs,lbfgs,nesterov,yogi&adam~2.start=1,-2&adam.schedule=cosine",
    "surface=saddle&steps=90&level=log&on=adagrad,momentum&momentum.lr=1",
)

# What the figures show, once they are drawn.
SHOWN = """
for number in plt.get_fignums():
    plt.figure(number).canvas.draw()
    ax = plt.figure(number).axes[0]
    lines = {line.get_label(): line.get_xydata()[0].tolist() for line in ax.lines}
    shown = [ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale(), lines]
    print("FIGURE" + __import__("json").dumps(shown))
plt.close("all")
"""


def cells_of(text):
    book = nbformat.reads(text, 4)
    nbformat.validate(book)
    first, *others = book.cells
    assert first.cell_type == "markdown"
    assert {cell.cell_type for cell in others} == {"code"}
    return first.source, {cell.id: cell.source for cell in others}


def written(query, target):
    return notebook(parsed(query), TARGETS[target], f"http://page/?{query}")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What the cells of notebooks print, and their figures, by library and query."""
    folder = tmp_path_factory.mktemp("notebooks")
    paths = {}
    for target in TARGETS:
        for k, query in enumerate(QUERIES):
            text = written(query, target)
            (folder / f"{target}{k}.ipynb").write_text(text, "utf-8")
            paths[target, query] = path = folder / f"{target}{k}.txt"
            path.write_text("\n\n".join([*cells_of(text)[1].values(), SHOWN]), "utf-8")
    checked = subprocess.run([*RUFF, folder], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    # One process, which imports each library once; in a folder without this program.
    ran = subprocess.run(
        [sys.executable, "-c", RUNNER, *map(str, paths.values())],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ
        | {"MPLBACKEND": "Agg", "XLA_FLAGS": "--xla_backend_optimization_level=0"},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    found = {}
    for key, path in paths.items():
        printed, *figures = json.loads(ran.stdout)[str(path)].split("FIGURE")
        found[key] = printed.strip(), [json.loads(figure) for figure in figures]
    return found


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("query", QUERIES)
def test_the_last_iterates_are_those_of_the_page(ran, target, query):
    text, _ = ran[target, query]
    wrong, absent = compared(query, text)
    assert not wrong
    left_out = {"lbfgs"} if target != "optax" else set()
    assert absent == left_out & set(parsed(query)["on"])
    if absent:
        about, _ = cells_of(written(query, target))
        assert "- **L-BFGS** is left out: " in about


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("query", QUERIES)
def test_the_figures_show_every_run_and_what_is_marked(ran, target, query):
    text, figures = ran[target, query]
    setup = parsed(query)
    (x, y, _, on_map), (step, loss, scale, curves) = figures
    assert (x, y, step) == ("x", "y", "step")
    named = {"minima": "minimum", "saddles": "saddle point", "maxima": "maximum"}
    places = {word for of, word in named.items() if getattr(setup.surface, of)}
    names = {line.rpartition(": ")[0] for line in text.splitlines()}
    assert on_map.keys() == names | places | {"start"}
    assert curves.keys() == names
    starts = {setup.name(key): list(setup.start_of(key)) for key in setup["on"]}
    assert {name: on_map[name] for name in names} == {n: starts[n] for n in names}
    known = setup.surface.lowest is not None
    assert scale == ("log" if known else "symlog")
    assert loss == ("loss above the lowest minimum" if known else "loss")


def test_a_notebook_says_what_it_is():
    text = written(f"surface=formula&f=x^2+y^2&steps=30&on={RULES}", "torch")
    about, _ = cells_of(text)
    title, sentence, page, needs, *_ = about.split("\n\n")
    assert title.endswith(": the race on “x^2 + y^2”, in PyTorch")
    assert "Momentum, " in sentence
    assert " take 30 steps from (" in sentence
    assert "$f(x, y) = x^{2} + y^{2}$" in sentence
    assert "<http://page/?surface=formula&" in page
    assert "(?surface=formula&f=x%5E2+%2B+y%5E2&" in page
    assert "`pip install numpy jax torch matplotlib`" in needs
    assert "- **BFGS**: Only the loss is asked along the line" in about


def test_figures_take_no_name_of_the_race():
    def assigned(text):
        return {
            node.id
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }

    for query in ("surface=ravine&l2=0.1", f"surface=hinge&on=adam&{SAMPLED}"):
        _, cells = cells_of(written(query, "numpy"))
        names = assigned(cells["loss"] + "\n" + cells.get("inputs", ""))
        assert {"STEPS", "l2"} <= names
        # x and y of functions are their own.
        assert names & assigned(cells["map"] + "\n" + cells["losses"]) <= {"x", "y"}


def test_a_race_of_which_nothing_can_be_written_still_has_its_map():
    _, cells = cells_of(written("on=lbfgs", "numpy"))
    assert cells.keys() == {"imports", "loss", "last-iterates", "map"}


@pytest.mark.parametrize("target", TARGETS)
def test_no_code_is_larger_than_was_expected(target):
    deep = "sin(" * 28 + "x y" + ")" * 28
    many = "sin(9x)sin(9y)+(x^2+y^2)/99"
    for formula in (deep, many):
        setup, problems = Setup.parse(
            [("surface", "formula"), ("f", formula), ("on", RULES)]
        )
        assert problems == ()
        assert len(setup["on"]) == MOST_ON
        text = notebook(setup, TARGETS[target], f"http://page/?{setup.query}")
        assert len(text.encode()) <= code_cost(setup, "ipynb").size
        cells_of(text)


def test_the_route_answers_a_notebook_with_its_setup(get):
    query = {"surface": "himmelblau", "on": "adam", "adam.lr": "0.1"}
    answer = get("/race.ipynb", **query, target="torch")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ipynb+json"
    assert 'filename="race-himmelblau.ipynb"' in answer.headers["content-disposition"]
    found = marked(answer.content)
    assert found is not None
    assert Setup.parse(parse_qsl(found)) == Setup.parse(query.items())
    about, cells = cells_of(answer.text)
    assert f"<http://player/?{found}>" in about
    assert "torch.optim.Adam([w], lr=0.1" in cells["run-adam"]
    # A pure function of the address, like every answer.
    assert get("/race.ipynb", **query, target="torch").content == answer.content


def test_the_route_says_what_is_wrong(get):
    for query in ({"target": "julia"}, {"adam.lr": "-1"}, {"f": "x y; z"}):
        answer = get("/race.ipynb", **query)
        assert answer.status_code == 400
        assert answer.text == get("/race.py", **query).text


def test_nothing_typed_or_asked_for_leaves_its_place():
    evil = 'http://page>`\n# <script>"""\nimport os\n/?x'
    text = notebook(parsed("on=adam"), TARGETS["numpy"], evil)
    about, cells = cells_of(text)
    assert "<script>" not in about
    assert "\n# " not in about
    assert not any("import os" in cell for cell in cells.values())
