"""A Python that is too old gets one sentence, from code that it can read."""

import ast
import runpy
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECK = ROOT / "check_python.py"


def on(version, monkeypatch):
    """Runs the check as if Python were of another version."""
    monkeypatch.setattr(sys, "version_info", version)
    return runpy.run_path(str(CHECK))


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ((2, 7, 18, "final", 0), "2.7"),
        ((3, 9, 18, "final", 0), "3.9"),
        ((3, 10, 13, "final", 0), "3.10"),
    ],
)
def test_an_old_python_ends_with_one_sentence(version, name, monkeypatch):
    with pytest.raises(SystemExit) as ended:
        on(version, monkeypatch)
    # Python prints a text that it is to exit with, and exits with 1.
    said = ended.value.code
    assert said == f"This needs Python 3.11 or newer; this is Python {name}."


@pytest.mark.parametrize("minor", [11, 13, 20])
def test_a_newer_one_goes_on_in_silence(minor, monkeypatch, capsys):
    on((3, minor, 0, "final", 0), monkeypatch)
    assert capsys.readouterr() == ("", "")


def test_the_oldest_is_the_one_that_the_project_requires(monkeypatch):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = on((3, 20, 0, "final", 0), monkeypatch)["OLDEST"]
    assert project["requires-python"] == ">=" + ".".join(map(str, oldest))


def test_any_old_python_can_read_it():
    tree = ast.parse(CHECK.read_text("ascii"), feature_version=(3, 4))
    newer = ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
