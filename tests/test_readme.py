"""The README says what the code declares."""

import re
import shlex
from urllib.parse import parse_qsl

import numpy as np

from optim import OPTIMIZERS, descend
from views.reference import README, written_into
from views.setup import Setup


def test_reference_tables_are_current():
    text = README.read_text("utf-8")
    assert "<!-- reference: begin -->" in text
    assert "<!-- conformance: begin -->" in text
    assert text == written_into(text), "run `python -m views.reference`"


def test_lessons_open_as_they_say():
    lessons = re.findall(r"^\| `\?(\S+)` \|", README.read_text("utf-8"), re.M)
    assert len(lessons) >= 5
    for lesson in lessons:
        setup, problems = Setup.parse(parse_qsl(lesson))
        assert problems == (), lesson
        said = dict(parse_qsl(lesson))
        assert dict(setup.pairs()) | {"surface": said["surface"]} == said, (
            "every word of it counts"
        )


def test_has_exactly_two_set_up_commands():
    commands = re.findall(r"^    (.*-m venv .*)$", README.read_text("utf-8"), re.M)
    assert len(commands) == 2
    assert commands[0].endswith("streamlit run app.py")
    assert commands[1].endswith("-m pytest")
    for command in commands:
        assert shlex.split(command)
        # Before anything is made.
        assert command.startswith("python3 check_python.py && ")


def test_notebook_example_says_what_it_prints(capsys):
    example = re.search(r"```python\n(from optim.*?)```", README.read_text(), re.S)
    assert example is not None
    exec(compile(example[1], "README.md", "exec"), {})
    promised = re.search(r"print\(run\.outcome\)  # (.*)", example[1])
    assert promised is not None
    assert capsys.readouterr().out.strip() == promised[1]


def test_the_study_that_is_added_computes_what_it_says():
    """Its page and its pictures are in tests/browser/test_added_study.py."""
    text = README.read_text("utf-8").split("<!-- study: begin -->")[1]
    module = re.search(r"```python\n(.*?)```", text, re.S)
    assert module is not None
    names = {"__name__": "horizon"}
    exec(compile(module[1], "README.md", "exec"), names)
    setup, problems = Setup().edited({"steps": "12", "on": "adam"})
    assert problems == ()
    found = names["PART"].find(setup, lambda part: None)
    rule = OPTIMIZERS["adam"]
    for steps, loss in zip(found.axes["steps"], found.runs["adam"]["losses"], strict=1):
        given = setup.surface, rule, setup["start"], setup.hypers("adam")
        assert loss == np.float32(descend(*given, int(steps)).losses[-1])
    assert found.axes["steps"][-1] == 12
    assert names["PART"].chart.described()["kind"] == "lines"
