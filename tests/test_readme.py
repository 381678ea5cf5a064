"""The README says what the code declares."""

import re
import shlex
from urllib.parse import parse_qsl

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


def test_example_of_a_study_is_the_one_there_is():
    example = re.search(r"```python\n(PART = .*?)```", README.read_text("utf-8"), re.S)
    assert example is not None
    module = README.parent / "views" / "studies" / "fan.py"
    assert module.read_text("utf-8").endswith(example[1])
