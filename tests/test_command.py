"""The command, with a file that was saved."""

import pytest

from views import command
from views.mark import mark


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "race.csv"
    path.write_text(f"# {mark('surface=ravine&kappa=30')}\nx,y\n")
    return str(path)


def test_the_address_of_a_file_is_on_the_port_that_is_asked_for(saved, monkeypatch):
    monkeypatch.delenv("STREAMLIT_SERVER_PORT", raising=False)

    def address(*arguments):
        return command._address(saved, [*arguments])

    assert address() == "http://localhost:8501/?surface=ravine&kappa=30"
    for arguments in (["--server.port", "9000"], ["--server.port=9000"]):
        assert address(*arguments).startswith("http://localhost:9000/?")
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "9001")
    assert address("--server.headless=true").startswith("http://localhost:9001/?")


def test_a_file_without_a_setup_is_said(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("x,y\n")
    with pytest.raises(SystemExit, match=r"There is no setup in .*x\.csv\."):
        command._address(str(path), [])


def test_the_address_is_printed_before_the_app_starts(saved, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(command.sys, "argv", ["loss-surface", saved, "--x"])

    def start(**how):
        started.append(command.sys.argv[1:])

    monkeypatch.setattr(command.cli, "main", start)
    monkeypatch.setattr(command.os, "environ", dict(command.os.environ))
    command.main()
    assert f"{saved}: http://localhost:" in capsys.readouterr().out
    assert started == [["run", str(command._APP), "--x"]]
