"""A race as LaTeX: its numbers are those of the race, and TeX can read it."""

import re
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from tex import compiled

from optim import OPTIMIZERS
from surfaces import sample
from views import theme
from views.figures import levels_of, relief_of
from views.inside import inside
from views.latex import MOST_POINTS, Span, entry_of, equations, figure, span_of
from views.latex.figure import GRID
from views.latex.lines import MOST_CORNERS, around, contours, cut
from views.latex.lines import inside as in_box
from views.latex.marks import CORNERS, MARKS
from views.latex.text import digits, escaped, shown
from views.mark import marked
from views.race import run_race
from views.setup import Setup
from views.studies import RACE
from views.studies.cost import race_cost, step_cost

NEAR = (
    "surface=himmelblau&on=gradient_descent,adam,adam~2,adagrad&adam~2.lr=0.01&steps=40"
)
# One diverges, one leaves the map, one has a start of its own.
FAR = (
    "surface=saddle&on=gradient_descent,adam,newton&gradient_descent.lr=3"
    "&newton.start=-1,1&steps=400"
)


def parsed(query):
    setup, problems = Setup.parse(parse_qsl(query))
    assert problems == ()
    return setup


def raced(query):
    return RACE.find(parsed(query), lambda part: None)


@pytest.fixture(scope="module")
def near():
    race = raced(NEAR)
    return race, figure(race, "http://page/?x")


@pytest.fixture(scope="module")
def far():
    race = raced(FAR)
    return race, figure(race, "http://page/?x")


def plots(text):
    """The lines of each plot, with the comment above it, or the last above that."""
    found, comment = [], ""
    for line in text.splitlines():
        if line.startswith("% "):
            comment = line[2:]
        elif line.startswith(r"\addplot["):
            found.append((comment, line, [[]]))
            comment = ""
        for one in re.findall(r"\(([^(),]+),([^(),]+)\)", line):
            if line.startswith("  ("):
                if one == ("nan", "nan"):
                    found[-1][2].append([])
                else:
                    found[-1][2][-1].append([float(number) for number in one])
    return [(c, o, [np.array(part) for part in parts]) for c, o, parts in found]


def of(text, race, key, what):
    """The lines of the plot of an entry."""
    name = race.setup.name(key)
    (lines,) = (
        lines
        for c, _, lines in plots(text)
        if re.match(f"{re.escape(name)}: .* {what}", c)
    )
    return lines


def test_every_iterate_and_loss_is_there_to_the_last_digit(near):
    race, text = near
    for key, run in race.runs.items():
        (trail,) = of(text, race, key, "iterates")
        np.testing.assert_array_equal(trail, run["points"])
        (curve,) = of(text, race, key, "losses")
        np.testing.assert_array_equal(curve[:, 0], np.arange(41))
        np.testing.assert_array_equal(curve[:, 1], run["losses"] - race.meta["base"])


def test_what_is_off_the_map_is_cut_and_counted(far):
    race, text = far
    domain = race.setup.surface.view_domain
    box = (domain.x_low, domain.x_high, domain.y_low, domain.y_high)
    for key, run in race.runs.items():
        points = run["points"]
        drawn = np.concatenate(of(text, race, key, "iterates"))
        kept = points[in_box(points, around(box))]
        rows = {tuple(row) for row in drawn.tolist()}
        assert {tuple(row) for row in kept.tolist()} <= rows
        assert in_box(drawn, around(box)).all(), "TeX has no room for it"
        off = int((~in_box(points, box)).sum())
        said = f"% {race.setup.name(key)}: 401 iterates"
        assert (f"{said}, {off} of them off the map" if off else said) in (
            text.splitlines()
        )
    for _, _, lines in plots(text):
        for line in lines:
            assert np.isfinite(line).all()


def test_contours_are_those_of_the_page(near):
    race, text = near
    surface = race.setup.surface
    grid = sample(surface, GRID)
    relief = relief_of(surface, grid)
    heights = relief.height(grid.z)
    first, step, count = levels_of(heights)
    drawn = [(c, p) for c, _, p in plots(text) if c.startswith("contour")]
    assert [float(re.search(r"height (\S+)", c)[1]) for c, _ in drawn] == [
        first + k * step for k in range(count)
    ]
    span = np.ptp(heights)
    for comment, lines in drawn:
        level = float(re.search(r"height (\S+)", comment)[1])
        for corner in np.concatenate(lines)[::7]:
            height = relief.height(np.float64(surface.fn(corner)))
            assert abs(height - level) < 0.02 * span


def test_places_are_marked(near):
    race, text = near
    options = {o: p for _, o, p in plots(text)}
    (minima,) = (p for o, p in options.items() if "mark=x" in o)
    np.testing.assert_array_equal(np.concatenate(minima), race.setup.surface.minima)
    (starts,) = (p for o, p in options.items() if "mark=o" in o)
    np.testing.assert_array_equal(np.concatenate(starts), [race.setup["start"]])
    heads = [p for o, p in options.items() if "head" in o]
    ends = [run["points"][-1] for run in race.runs.values()]
    np.testing.assert_array_equal([head[0][0] for head in heads], ends)


@pytest.mark.parametrize("which", ["near", "far"])
def test_tex_can_read_it(request, which):
    race, text = request.getfixturevalue(which)
    code = re.sub(r"(?<!\\)%.*", "", text)
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", code):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
    open_ones = []
    for act, name in re.findall(r"\\(begin|end){(\w+)}", code):
        if act == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert not open_ones
    assert code.isascii()
    used = set(re.findall(r"(?:draw|fill)=([\w-]+)", code)) - {"none", "white"}
    assert used <= set(re.findall(r"\\definecolor{([\w-]+)}", code))
    marks = set(re.findall(r"mark=([\w-]+)", code)) - {"none", "x", "o"}
    assert marks <= set(re.findall(r"\\pgfdeclareplotmark{([\w-]+)}", code))
    for key in race.runs:
        name = escaped(race.setup.name(key))
        assert rf"\addlegendentry{{{name}}}" in text
        row = next(row for row in text.splitlines() if row.startswith(f"{name} & "))
        assert row.endswith(rf"& {escaped(race.per_run[key]['text'])} \\")
        assert shown(race.runs[key]["losses"][-1]) in row


def test_names_of_any_length_stay_on_the_page(near):
    _, text = near
    legend, depth = re.search(
        r"nodes={text width=(\d+)mm(, text depth=)?}", text
    ).groups()
    assert depth, "of two lines, the second would lie on the next name"
    widths = [float(width) for width in re.findall(r"p{([\d.]+)cm}", text)]
    # A4 less its margins; between columns is 4.2 mm, and a number takes 25 at most.
    assert 10 * sum(widths) + 3 * 25 + 4 * 4.2 <= 210 - 2 * 15
    axes = re.findall(r"width=([\d.]+)cm", text)
    assert axes
    assert all(10 * float(axis) + float(legend) + 25 <= 210 - 15 for axis in axes)


def test_nothing_typed_is_a_command():
    text = escaped('\\input{x} $&#_%~^<>|"{} α 0.01 − 10⁻³ é 💥\n')
    assert text == (
        r"\textbackslash{}input\{x\} \$\&\#\_\%\textasciitilde{}\textasciicircum{}"
        r"\textless{}\textgreater{}\textbar{}''\{\} \ensuremath{\alpha} 0.01 "
        r"\ensuremath{-} 10?\ensuremath{^{3}} é ? "
    ).replace("10?", escaped("10⁻"))


def test_a_formula_that_is_typed_is_escaped(get):
    answer = get(
        "/race.tex", surface="formula", f="x^2 + y^2*0 + max(x, y)", steps="10"
    )
    assert r"x\textasciicircum{}2 + y\textasciicircum{}2*0 + max(x, y)" in answer.text


def test_numbers_of_the_table():
    assert shown(0.1234567) == "$0.123457$"
    assert shown(1e-9) == r"$1 \cdot 10^{-9}$"
    assert shown(-np.inf) == r"$-\infty$"
    assert shown(np.nan) == "not a number"


def test_every_mark_has_an_outline():
    assert MARKS - {"circle"} <= CORNERS.keys()
    assert {look.mark for look in theme.LOOKS.values()} <= MARKS


def test_a_line_is_cut_where_it_crosses_the_frame():
    box = (0.0, 1.0, 0.0, 1.0)

    def parts(*points):
        return [part.tolist() for part in cut(np.array(points, float), box)]

    assert parts([0.1, 0.1], [0.9, 0.9]) == [[[0.1, 0.1], [0.9, 0.9]]]
    assert parts([0.5, 0.5], [0.5, 2.5], [0.5, 0.25]) == [
        [[0.5, 0.5], [0.5, 1.0]],
        [[0.5, 1.0], [0.5, 0.25]],
    ]
    assert parts([-1, 0.5], [2, 0.5]) == [[[0.0, 0.5], [1.0, 0.5]]]
    assert parts([-1, 2], [2, 2], [2, -1]) == []
    assert parts([0.5, 0.5], [np.nan, 0], [0.2, 0.2]) == [[[0.5, 0.5]], [[0.2, 0.2]]]
    assert parts([0.5, 0.5], [1e300, 0.5]) == [[[0.5, 0.5], [1.0, 0.5]]]
    assert parts([0.5, 0.5], [-np.inf, 0.5]) == [[[0.5, 0.5]]]


def test_contours_are_never_too_many():
    surface = parsed("surface=rastrigin").surface
    grid = sample(surface, GRID)
    for often in (12, 30):
        heights = np.sin(often * grid.x)[None] * np.sin(often * grid.y)[:, None]
        found = contours(grid, heights, np.linspace(-0.9, 0.9, 22).tolist())
        corners = sum(len(line) for one in found.values() for line in one)
        assert 0 < corners <= MOST_CORNERS


@pytest.mark.parametrize("query", [NEAR, FAR, "surface=rastrigin&steps=20"])
def test_no_figure_is_larger_than_was_expected(query):
    size = len(figure(raced(query), "http://page/"))
    assert size <= race_cost(parsed(query), form="tex").size


def test_the_route_answers_a_file_with_its_setup(get):
    query = {"surface": "ravine", "kappa": "30", "on": "adam", "steps": "10"}
    answer = get("/race.tex", **query)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/x-tex; charset=utf-8"
    assert 'filename="race-ravine.tex"' in answer.headers["content-disposition"]
    setup = Setup.parse(query.items())[0]
    assert Setup.parse(parse_qsl(marked(answer.content)))[0] == setup
    assert answer.text.startswith(f"% http://player/?{setup.query}\n")


def test_a_race_that_tex_cannot_hold_is_refused_and_not_thinned(get):
    answer = get("/race.tex", steps="5000", on="adam,momentum")
    assert answer.status_code == 400
    assert answer.text == (
        f"A figure of 10,002 iterates is too long for LaTeX, {MOST_POINTS:,} are the "
        "most; take fewer steps or optimizers."
    )


# -- some of its steps ----------------------------------------------------------------


def test_a_figure_ends_at_the_step_of_its_address():
    race = raced(f"{NEAR}&step=15")
    assert span_of(race.setup) == Span(0, 15)
    text = figure(race, "http://page/", span_of(race.setup))
    for key, run in race.runs.items():
        (trail,) = of(text, race, key, "iterates")
        np.testing.assert_array_equal(trail, run["points"][:16])
        (curve,) = of(text, race, key, "losses")
        np.testing.assert_array_equal(curve[:, 0], np.arange(16))
        row = next(
            row
            for row in text.splitlines()
            if row.startswith(f"{escaped(race.setup.name(key))} &")
        )
        assert shown(run["losses"][15]) in row
    heads = [p for _, o, p in plots(text) if "head" in o]
    ends = [run["points"][15] for run in race.runs.values()]
    np.testing.assert_array_equal([head[0][0] for head in heads], ends)
    assert "Shown: steps 0 to 15." in text
    assert "at step 15 & $x$ & $y$ & $" not in text
    assert r"at step 15 & $x$ & $y$ & loss & outcome \\" in text
    assert "xmin=0, xmax=15" in text


def test_an_outcome_is_said_from_its_step_on():
    race = raced("surface=himmelblau&on=gradient_descent,adam&steps=60&step=30")
    step = race.per_run["gradient_descent"]["step"]
    assert 0 < step <= 30
    for last, said in ((step - 1, "under way"), (step, "reached the minimum")):
        text = figure(race, "http://page/", Span(0, last))
        assert re.search(rf"^Gradient descent & .* & {said}", text, re.MULTILINE)
        assert re.search(r"^Adam & .* & under way", text, re.MULTILINE)


def test_a_figure_begins_at_a_step():
    race = raced(f"{NEAR}&step=30")
    span = span_of(race.setup, ["10"])
    text = figure(race, "http://page/", span)
    for key, run in race.runs.items():
        (trail,) = of(text, race, key, "iterates")
        np.testing.assert_array_equal(trail, run["points"][10:31])
    assert "Shown: steps 10 to 30." in text
    assert "{start}" not in text.partition(r"\begin{document}")[2], "none is shown"
    assert "xmin=10, xmax=30" in text


def test_without_a_step_all_are_there(near):
    race, text = near
    assert span_of(race.setup) == Span(0, 40)
    assert figure(race, "http://page/?x", Span(0, 40)) == text
    assert "Shown" not in text


@pytest.mark.parametrize("span", [Span(0, 15), Span(0, 0), Span(40, 40), Span(38, 40)])
def test_some_steps_compile(near, tmp_path, span):
    race, _ = near
    assert "Overfull" not in compiled(figure(race, "http://page/", span), tmp_path)


def test_a_first_step_that_is_none_is_refused(get):
    answer = get("/race.tex", surface="ravine", on="adam", step="20", first="30")
    assert answer.status_code == 400
    assert answer.text == (
        "First “30” is out of range; allowed is a whole number from 0 to 20."
    )
    assert get("/race.tex", on="adam", first="x").status_code == 400
    answer = get("/race.tex", surface="ravine", on="adam", step="20", first="10")
    assert "Shown: steps 10 to 20." in answer.text
    assert dict(parse_qsl(marked(answer.content)))["step"] == "20"


def test_a_part_of_a_long_race_is_no_long_figure(get):
    query = {"steps": "5000", "on": "adam,momentum", "step": "5000"}
    assert get("/race.tex", **query).status_code == 400
    assert get("/race.tex", **query, first="4000").status_code == 200


# -- the equations of a step ----------------------------------------------------------

OWN = (
    "average = beta*average + (1 - beta)*g/(1e-5 + sqrt(g*g))*sin(w)\n"
    "w = w - alpha*average/(eps + abs(average))"
)


def written(query):
    """The equations of a setup, with its race."""
    setup = parsed(query)
    race = run_race(setup, quantities={entry_of(setup)})
    return race, equations(race, "http://page/?x")


def rows(text):
    """By symbol, the right-hand sides of each row."""
    found = {}
    for line in text.splitlines():
        if line.endswith(r"\noalign{\medskip}"):
            symbol, right, _ = re.split(
                r" & (?!-?[\d.]+ ?\\)(?![^$]*pmatrix)", line.strip()
            )
            found[symbol] = re.findall(r"\$\\displaystyle {}= (.*?)\$", right)
    return found


def numbers(text):
    """All numbers of a formula, in order."""
    text = re.sub(r" \\cdot 10\^{(-?\d+)}", r"e\1", text)
    return [float(one) for one in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]


@pytest.mark.parametrize("step", [0, 7])
def test_each_line_has_the_numbers_of_its_step(step):
    race, text = written(
        f"surface=himmelblau&on=momentum,adam&inspect=adam&steps=20&step={step}"
    )
    run = race.runs["adam"]
    assert f"Step ${step} \\to {step + 1}$ of 20" in text
    found = rows(text)
    rule = OPTIMIZERS["adam"]
    assert [*found] == [q.symbol for q in rule.named.values()] + [r"w_{\text{next}}"]
    for name, quantity in rule.named.items():
        value = run.quantities[name][step]
        np.testing.assert_allclose(
            numbers(found[quantity.symbol][-1]), value, rtol=1e-4, err_msg=name
        )
    before = run.quantities["r"][step - 1] if step else np.zeros(2)
    line = numbers(found["r"][1])
    np.testing.assert_allclose(
        line, [0.999, *before, 1, 0.999, *run.quantities["g"][step], 2], rtol=1e-4
    )
    np.testing.assert_allclose(
        numbers(found[r"w_{\text{next}}"][-1]), run.points[step + 1], rtol=1e-4
    )


def test_the_first_that_is_on_is_written_down_unless_one_is_inspected(get):
    query = {"surface": "ravine", "on": "momentum,adam", "steps": "10"}
    assert r"\textbf{Ravine: Momentum}" in get("/step.tex", **query).text
    answer = get("/step.tex", **query, inspect="adam", step="3")
    assert r"\textbf{Ravine: Adam}" in answer.text
    assert r"Step $3 \to 4$ of 10" in answer.text
    assert 'filename="step-ravine.tex"' in answer.headers["content-disposition"]
    setup = Setup.parse((query | {"inspect": "adam", "step": "3"}).items())[0]
    assert answer.text.startswith(f"% http://player/?{setup.query}\n")
    assert Setup.parse(parse_qsl(marked(answer.content)))[0] == setup
    assert r"Step $9 \to 10$ of 10" in get("/step.tex", **query, step="10").text


def test_without_an_optimizer_there_is_no_step(get):
    answer = get("/step.tex", surface="ravine", on="")
    assert answer.status_code == 400
    assert answer.text == "No optimizer is on: there is no step to write down."


def test_the_point_that_a_projection_moves_is_not_the_sum():
    race, text = written(
        "surface=ravine&on=gradient_descent&gradient_descent.lr=3&project=box&steps=10"
        "&step=4"
    )
    (only,) = rows(text)[r"w_{\text{next}}"]
    next_point = race.runs["gradient_descent"].points[5]
    np.testing.assert_allclose(numbers(only), next_point, rtol=1e-4)


def test_numbers_in_formulas_are_those_of_the_panel():
    assert digits(0.0) == "0"
    assert digits(-0.000123456) == "-0.00012346"
    assert digits(999999.0) == r"1 \cdot 10^{6}"
    assert digits(123456.0) == "123460"
    assert digits(1e-8) == r"1 \cdot 10^{-8}"
    assert digits(np.inf) == r"\infty"
    assert digits(np.nan) == r"\text{not a number}"


@pytest.mark.parametrize("step", [0, 11])
@pytest.mark.parametrize("key", [*OPTIMIZERS, "rule~1"])
def test_the_equations_of_every_rule_compile_and_stay_on_the_page(key, step, tmp_path):
    query = {"surface": "rosenbrock", "on": key, "steps": "12", "step": step}
    if key == "rule~1":
        query["rule~1"] = OWN
    race, text = written(urlencode(query))
    assert "Overfull" not in compiled(text, tmp_path)
    lines = inside(race.setup, key)["lines"]
    found = rows(text)
    assert len(found) == len(lines) + 1
    for line, one in zip(lines, found.values(), strict=False):
        assert len(one) == 1 + bool(line["line"]) + bool(line["numbers"])


def test_no_step_is_larger_than_was_expected():
    sums = [f"{one} = 1e-90*H" + "+H" * 56 + "\n" for one in "ABCDEKM"]
    long = "H = hess(w)\n" + "".join(sums) + "w = w - solve(M, g)"
    query = {"surface": "rosenbrock", "on": "rule~1", "steps": "10", "rule~1": long}
    _, text = written(urlencode(query))
    assert 30_000 < len(text) <= step_cost(parsed(urlencode(query))).size
