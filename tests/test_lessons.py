"""Lessons: how their files are read, and that what they say of their races is true."""

import re
from collections import Counter
from itertools import chain
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_words import texts

from views.lessons import (
    FOLDER,
    MOST_PAGES,
    PREDICTIONS,
    Lesson,
    LessonError,
    Prediction,
    __main__,
    read,
    read_folder,
)
from views.lessons.__main__ import problems_of
from views.lessons.claims import MEASURES, ClaimError, holds
from views.lessons.html import html_of
from views.race import run_race
from views.setup import Setup

LESSONS = read_folder(FOLDER)
PAGES = [(key, page) for key, lesson in LESSONS.items() for page in lesson.pages]
with_every_lesson = pytest.mark.parametrize("key", LESSONS)
with_every_page = pytest.mark.parametrize(
    ("key", "page"), PAGES, ids=[f"{key}-{page.title}" for key, page in PAGES]
)

COURSE = (
    "learning_rate", "curvature", "basins", "momentum", "nesterov", "saddles",
    "adagrad", "rmsprop", "adam", "weight_decay", "sgd", "noise", "schedules",
    "newton", "edge_of_stability", "fair_comparison", "gradient_check", "amsgrad",
)  # fmt: skip


def race_of(page):
    setup, problems = Setup.parse(page.pairs)
    assert problems == ()
    return run_race(setup)


# The lessons of the project.


def test_lessons_stand_in_the_order_of_the_course():
    assert tuple(LESSONS) == COURSE


@with_every_lesson
def test_a_lesson_has_three_to_eight_pages_and_a_summary(key):
    lesson = LESSONS[key]
    assert 3 <= len(lesson.pages) <= 8
    assert lesson.summary.endswith(".")
    assert len(lesson.summary) <= 90, "one line of a list"


def test_no_two_titles_are_the_same():
    titles = Counter(
        chain(
            (lesson.title for lesson in LESSONS.values()),
            (page.title for _, page in PAGES),
        )
    )
    assert [title for title, count in titles.items() if count > 1] == []


@with_every_page
def test_what_a_page_says_is_true_of_its_race(key, page):
    assert list(problems_of(Lesson(key, "", "", (page,)))) == []
    # Of studies there are no claims; their pages ask for nothing.
    studied = "view=studies" in page.setup
    assert bool(page.claims) != studied
    assert not (studied and page.prediction)


def words_in(text):
    return re.findall(r"\$[^$]+\$|[\w’'-]+", text)


@with_every_page
def test_a_page_fits_its_panel(key, page):
    assert len(words_in(page.text)) <= 70
    assert len(words_in(page.afterwards)) <= 60
    assert len(page.title) <= 40
    assert ("\n> " in page.text) or page.text.startswith("> "), "what to try"
    assert bool(page.afterwards) == bool(page.prediction)


@with_every_page
def test_mathematics_converts(key, page):
    for text in (page.text, page.afterwards):
        assert text.count("$") % 2 == 0
        html = html_of(text)
        assert html.count("<math") == text.count("$") // 2
        assert not re.search(r"\$|<code>\\|<mtext>\\|\\[a-z]+", html)


def test_lessons_are_among_the_texts_whose_words_are_looked_at():
    files = {f"views/lessons/{path.name}" for path in FOLDER.glob("*.md")}
    assert files
    assert files <= set(texts())


def test_most_pages_ask_and_in_all_ways():
    kinds = Counter(page.prediction.kind for _, page in PAGES if page.prediction)
    assert kinds.keys() == PREDICTIONS.keys()
    assert kinds.total() >= 2 / 3 * len(PAGES)
    assert max(kinds.values()) <= kinds.total() / 2


ASKING = [(key, page) for key, page in PAGES if page.prediction]


@pytest.mark.parametrize(
    ("key", "page"), ASKING, ids=[f"{key}-{page.title}" for key, page in ASKING]
)
def test_what_is_asked_has_one_clear_answer(key, page):
    race, asked = race_of(page), page.prediction
    assert asked.ask.endswith((".", "?"))
    if asked.kind == "first":
        steps = sorted(
            run.outcome.step
            for run in race.runs.values()
            if run.outcome.kind == "reached"
        )
        assert len(race.runs) > 1
        assert len(steps) == 1 or steps[1] > steps[0] + 2 or steps[0] == 1
    elif asked.kind == "lowest":
        last = [run.losses[-1] - race.base for run in race.runs.values()]
        first, second, *_ = sorted(loss for loss in last if np.isfinite(loss))
        # Above the base, or below it on surfaces without a minimum.
        assert second > 1.25 * first if first > 0 else second > first - first / 10
    elif asked.kind == "minimum":
        outcome = race.runs[asked.of].outcome
        assert outcome.kind in ("reached", "trapped")
        assert len(race.surface.minima) > 1
    elif asked.kind == "point":
        # A reader can put the mark there, and has to move it.
        point = race.runs[asked.of].points[asked.step]
        view = race.surface.view_domain
        assert view.contains(point)
        start = race.setup.start_of(asked.of)
        assert np.hypot(*(point - start)) > 0.04 * view.diagonal or asked.step == 40


# How a file is read.

HEAD = '+++\ntitle = "T"\nsummary = "S."\n+++\n\n'
PAGE = '# One\n\n```toml\nsetup = "surface=saddle"\n```\n\nText.\n'


def page_with(lines):
    return f"{HEAD}# One\n\n```toml\n{lines}\n```\n\nText.\n"


def test_a_lesson_is_read():
    text = (
        f"{HEAD}# One\n\nFirst $\\alpha$.\n\n> Try.\n\n# Two\n\n```toml\n"
        'setup = "?surface=saddle&on=adam"\nclaims = ["adam left"]\nask = "Where?"\n'
        'predict = "point"\nof = "adam"\nstep = 5\n```\n\nText.\n\n## Afterwards\n\n'
        "True.\n"
    )
    lesson = read(text, "mine")
    assert (lesson.key, lesson.title, lesson.summary) == ("mine", "T", "S.")
    one, two = lesson.pages
    assert (one.title, one.text) == ("One", "First $\\alpha$.\n\n> Try.")
    assert (one.setup, one.claims, one.prediction, one.line) == ("", (), None, 6)
    assert (two.text, two.afterwards, two.line) == ("Text.", "True.", 12)
    assert two.pairs == [("surface", "saddle"), ("on", "adam")]
    assert two.claims == ("adam left",)
    assert two.prediction == Prediction("point", "Where?", "adam", 5)
    assert read(text.replace("\n", "\r\n"), "mine") == lesson


def test_a_heading_in_a_block_of_code_begins_no_page():
    (page,) = read(f"{HEAD}# One\n\nText.\n\n```\n# not two\n```\n", "k").pages
    assert "# not two" in page.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: a lesson begins with +++"),
        ("# One\n\nText.", "line 1: a lesson begins with +++"),
        ('+++\ntitle = "T"\n', "line 1: a lesson begins with +++"),
        (f'+++\ntitle = "T"\n+++\n{PAGE}', "line 1: the lesson has no summary"),
        (f'+++\nsummary = "S"\n+++\n{PAGE}', "line 1: the lesson has no title"),
        (
            f"+++\ntitle = 3\n+++\n{PAGE}",
            "line 2: title must be a text",
        ),
        (
            f'+++\ntitle = "T"\n\nauthor = "A"\n+++\n{PAGE}',
            "line 4: 'author' is unknown; allowed are title, summary",
        ),
        (
            f'+++\ntitle = "T"\nsummary = S\n+++\n{PAGE}',
            "line 3: this is not TOML: invalid value",
        ),
        (HEAD, "line 4: the lesson has 0 pages"),
        (HEAD + (MOST_PAGES + 1) * PAGE, f"line 4: the lesson has {MOST_PAGES + 1}"),
        (f"{HEAD}Text first.\n{PAGE}", "line 6: before the first page"),
        (f"{HEAD}```\n{PAGE}", "line 6: before the first page"),
        (f"{HEAD}# \n\nText.", "line 6: this page has no title"),
        (f"{HEAD}{PAGE}\n# Two\n", "line 14: this page has no text"),
        (f"{HEAD}# One\n\n## Afterwards\n\nTrue.", "line 6: this page has no text"),
        (f'{HEAD}# One\n\n```toml\nask = "A"\n', "line 8: this ``` is not closed"),
        (f"{HEAD}# One\n\n```toml\n\n{PAGE}", "line 8: this ``` is not closed"),
        (f"{HEAD}# One\n\nText.\n\n```\ncode", "line 10: this ``` is not closed"),
        (page_with('setup = "a'), "line 9: this is not TOML"),
        (page_with('\n\nclaims = ["a"\n'), "line 12: this is not TOML"),
        (page_with('setup = "a"\nsetup = "b"'), "line 10: this is not TOML: cannot"),
        (page_with('setup = ""\n\nsetpu = ""'), "line 11: 'setpu' is unknown"),
        (page_with('setup = ""\nset = ""'), "line 10: 'set' is unknown"),
        (page_with('"a b" = 1'), "line 9: 'a b' is unknown"),
        (page_with("setup = 5"), "line 9: setup must be a text"),
        (page_with('claims = "adam left"'), "line 9: claims must be a list"),
        (page_with('setup = ""\nstep = "5"'), "line 10: step must be a whole number"),
        (page_with("step = true"), "line 9: step must be a whole number"),
        (page_with("step = 5.5"), "line 9: step must be a whole number"),
        (page_with("claims = " + 9000 * "[" + 9000 * "]"), "line 9: this nests"),
        (page_with('predict = "colour"'), "line 6: predict is 'colour'; allowed are"),
        (page_with('predict = "first"'), "line 6: predict = 'first' needs ask"),
        (page_with('ask = "A"\npredict = "path"'), "line 6: predict = 'path' needs of"),
        (
            page_with('ask = "A"\npredict = "point"\nof = "adam"'),
            "line 6: predict = 'point' needs step",
        ),
        (
            page_with('ask = "A"\npredict = "point"\nof = "adam"\nstep = -3'),
            "line 6: step must be at least 1",
        ),
        (page_with('ask = "A"'), "line 6: ask needs predict"),
        ("x" * 60_001, "a lesson has at most 60,000 characters"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence_with_its_line(text, sentence):
    with pytest.raises(LessonError, match=f"^{re.escape(sentence)}") as refused:
        read(text, "k")
    assert "\n" not in str(refused.value)


PIECES = st.sampled_from([
    "+++", "```toml", "```", "# One", "# ", "## Afterwards", "Text.", "", "setup = 1",
    'title = "T"', 'summary = "S."', 'setup = ""', 'predict = "first"', 'ask = "?"',
    "step = 5", 'of = "adam"', "claims = []", "claims = [", '"', "\t# One", "$x$",
    "\x00", "= 3", "[a]", "a.b = 1", "éé",
])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=25), st.booleans())
def test_whatever_is_read_is_a_lesson_or_is_refused_with_a_line_of_it(lines, with_head):
    text = (HEAD if with_head else "") + "\n".join(lines)
    try:
        lesson = read(text, "k")
    except LessonError as error:
        sentence = str(error)
        number = re.match(r"line (\d+): \S", sentence)
        assert number, sentence
        assert 1 <= int(number[1]) <= len(text.split("\n"))
        assert "\n" not in sentence
    else:
        assert 1 <= len(lesson.pages) <= MOST_PAGES
        assert all(page.text and page.title for page in lesson.pages)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("momentum.md", b"", "momentum.md: a lesson's file is named like"),
        ("03_Momentum.md", b"", "03_Momentum.md: a lesson's file is named like"),
        ("03_m.md", b"\xff\xfe", "03_m.md: this is not text in UTF-8"),
        ("03_m.md", b"+++", "03_m.md: line 1: a lesson begins with"),
        ("04_one.md", (HEAD + PAGE).encode(), "04_one.md: another lesson has the key"),
    ],
)
def test_a_folder_with_a_bad_file_is_refused(tmp_path, name, content, sentence):
    (tmp_path / "01_one.md").write_text(HEAD + PAGE, "utf-8-sig")
    (tmp_path / "notes.txt").write_text("No lesson.")
    assert list(read_folder(tmp_path)) == ["one"]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LessonError, match=f"^{re.escape(sentence)}"):
        read_folder(tmp_path)


def test_the_command_says_what_is_wrong_in_a_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["lessons", str(tmp_path)])
    file = tmp_path / "01_one.md"
    file.write_text(page_with(
        'setup = "surface=saddle&on=adam&stesp=3"\nask = "?"\npredict = "point"\n'
        'of = "momentum"\nstep = 1000\n'
        'claims = ["adam left", "adam reached", "adam flies", "momentum left"]'
    ))  # fmt: skip
    assert __main__.main() == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2].split(" is ")[0] for line in said[:-1]] == [
        "“stesp”", "of", "step", "'adam reached'",
        "'adam flies'", "'momentum' does not run in this race",
    ]  # fmt: skip
    assert all(line.startswith("one, line 6, 'One': ") for line in said[:-1])
    assert said[-1] == "1 lessons, 1 pages"
    file.write_text(HEAD + PAGE)
    assert __main__.main() == 0
    file.write_text("nothing")
    assert __main__.main() == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("01_one.md: line 1: ")


# What can be claimed.

BOWL = (
    "surface=ravine&kappa=1&start=1.6,1.2&steps=40"
    "&on=gradient_descent,gradient_descent~2,gradient_descent~3,momentum"
    "&gradient_descent.lr=0.5&gradient_descent~2.lr=1.9&gradient_descent~3.lr=2.5"
    "&momentum.lr=0.5&momentum.beta=0"
    "&gradient_descent~2.schedule=step_decay&gradient_descent~2.step_decay.every=30"
)
"""A round bowl: with a rate of a half each step halves the point, with 1.9 it turns it
around for 30 steps, and 2.5 diverges; momentum with beta 0 is gradient descent."""
SADDLE = "surface=saddle&on=gradient_descent,adagrad,adam&steps=80"
PLANE = (
    "surface=formula&f=-x&x=-2,30&y=-8,8&start=0,0&on=gradient_descent,adagrad"
    "&lr=0.5&steps=50"
)
SAMPLES = "surface=linear_regression&batch=5&on=gradient_descent,adam&adam.batch=1"
CLAIMS = [
    (BOWL, "gd reached", "gd diverged"),
    (BOWL, "gd~3 diverged", "gd~3 left"),
    (BOWL, "gd not left", "gd not reached"),
    (BOWL, "gd reached within 9", "gd reached within 8"),
    (BOWL, "gd reached after 8", "gd reached after 9"),
    (BOWL, "gd~3 diverged within 9", "momentum left within 40"),
    (BOWL, "gd before gd~3", "gd before momentum"),
    (BOWL, "gd lower than gd~3", "gd~3 lower than gd"),
    (BOWL, "gd ends at 0.01, -0.01", "gd ends at 0.1, 0"),
    (BOWL, "gd step 1 is 1", "gd step 1 is 1.02"),
    (BOWL, "gd step 2 below .51", "gd step 2 above 0.5"),
    (BOWL, "gd longest step is 1.0", "gd~3 longest step below 3"),
    (BOWL, "gd loss at 1 is 0.5", "gd loss at 0 is 0.5"),
    (BOWL, "gd loss at 9 below gd~2", "gd loss at 0 below gd~2"),
    (BOWL, "gd loss at 1 is momentum", "gd loss at 1 above momentum"),
    (BOWL, "gd x at 2 is 0.4", "gd x at 2 is 0.39"),
    (BOWL, "gd~2 y at 1 is -1.08", "gd~2 y at 1 above -1.0"),
    (BOWL, "gd distance at 1 is 1", "gd distance at 1 is 2"),
    (BOWL, "gd gradient at 0 is 2", "gd gradient at 0 is 1"),
    (BOWL, "gd angle at 0 below 1", "gd angle at 0 above 1"),
    (BOWL, "gd~2 factor at 29 is 1", "gd~2 factor at 30 is 1"),
    (BOWL, "gd sharpness at 5 is 1", "gd sharpness at 5 above 2"),
    (BOWL, "gd limit at 0 is 4", "gd~3 limit at 0 above 1"),
    (PLANE, "adagrad x rate at 3 is 0.25", "gd x rate at 3 is 0.25"),
    (PLANE, "gd y rate at 3 is 0.5", "gd y rate at 3 is 0.25"),
    (BOWL, "gd end loss below 1e-15", "gd~3 end loss below 1e-3"),
    (BOWL, "gd end loss below gd~3", "gd~3 end loss below gd"),
    (BOWL, "gd~2 turns", "gd turns"),
    (PLANE, "adagrad slows", "gd slows"),
    (BOWL, "gd~3 rises", "gd rises"),
    (BOWL, "gd never rises", "gd~3 never rises"),
    (BOWL, "gd same as momentum", "gd same as gd~2"),
    (SADDLE, "adam leaves before gd", "adagrad leaves before adam"),
    (BOWL, "gd~3 leaves before momentum", "gd leaves before momentum"),
    (SAMPLES, "gd batch is 5", "adam batch is 5"),
    (SAMPLES, " adam batch is 1 ", "gd batch is 30"),
]
"""By race, a claim that is true and one that is false; gd is gradient descent."""


def claimed(query, claim):
    setup, problems = Setup.parse(parse_qsl(query))
    assert problems == ()
    return holds(re.sub(r"\bgd\b", "gradient_descent", claim), run_race(setup))


@pytest.mark.parametrize(("query", "true", "false"), CLAIMS)
def test_a_claim_is_true_or_false(query, true, false):
    assert claimed(query, true)
    assert not claimed(query, false)


def test_every_measure_is_claimed_above():
    claims = [true for _, true, _ in CLAIMS]
    assert all(any(f" {name} at " in claim for claim in claims) for name in MEASURES)


@pytest.mark.parametrize(
    "claim",
    [
        "",
        "gd",
        "gd flies",
        "gd arrived within 5",
        "gd reached within five",
        "adam reached",
        "gd before adam",
        "gd factor at 0 above adam",
        "adam factor at 0 is 1",
        "adam batch is 1",
        "gd loss at 41 below 1",
        "gd sharpness at 40 below 9",
        "gd step 0 is 1",
        "gd step 41 is 1",
        "gd loss at 1 is 1.2.3",
        "gd colour at 1 is 3",
        "gd~22 reached",
        "gd reached\nmomentum reached",
    ],
)
def test_what_is_no_claim_of_the_race_is_refused(claim):
    with pytest.raises(ClaimError):
        claimed(BOWL, claim)


def test_a_run_that_diverges_is_judged_without_a_warning():
    query = "surface=rosenbrock&lr=0.01&on=momentum"
    assert claimed(query, "momentum rises")
    assert claimed(query, "momentum diverged within 2")
    for claim in ("turns", "slows", "ends at 1, 1", "end loss above 0"):
        assert not claimed(query, f"momentum {claim}")
