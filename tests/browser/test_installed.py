"""The package as `pip install .` installs it, and the command that it brings."""

import re
import shutil
import site
import subprocess
import sys
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
SOURCES = ("optim", "parameters", "surfaces", "views", ".streamlit")
FILES = ("app.py", "loss_surface.py", "pyproject.toml", "requirements.txt", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy: setuptools writes beside its sources."""
    copy, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--wheel-dir", out, copy),
        ],
        check=True,
    )
    (found,) = out.glob("*.whl")
    return found


def test_the_wheel_holds_the_app_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    held = {name for name in names if ".dist-info/" not in name}
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in ("optim", "parameters", "surfaces", "views")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".js", ".css", ".svg", ".md", ".html", ".typed")
        and not {"__pycache__", "node_modules"} & set(path.parts)
    }
    modules = {"app.py", "loss_surface.py"}
    (settings,) = held - expected - modules
    assert settings.endswith("/share/loss-surface-visualizer/config.toml")
    assert expected | modules <= held


def test_the_wheel_depends_on_what_the_requirements_name(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (n for n in archive.namelist() if n.endswith("/METADATA"))
    metadata = archive.read(name).decode()
    wanted = {
        re.split(r"[<>=;]", line)[0]
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    }
    lines = re.findall(r"^Requires-Dist: ([\w-]+)(.*)$", metadata, re.M)
    extras = {name for name, rest in lines if "extra ==" in rest}
    assert {name for name, _ in lines} - extras == wanted
    assert extras == {"anywidget"}


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory):
    """The command, in an environment that borrows only the dependencies of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--quiet", "--python", python, "install"),
            *("--no-deps", "--no-index", wheel),
        ],
        check=True,
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    return folder / "bin" / "loss-surface"


def test_the_command_starts_the_app_from_any_folder(
    command, server_with, context, tmp_path
):
    server = server_with(command=(command,), folder=tmp_path)
    with urllib.request.urlopen(f"{server.address}/") as answer:
        assert answer.status == 200
    assert server.race("?surface=saddle&steps=10")["steps"] == 10
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    colour = settings["theme"]["dark"]["backgroundColor"]
    red, green, blue = bytes.fromhex(colour[1:])
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector("[data-testid=player]", timeout=60_000)
    # Streamlit is there after the player, and has the theme later still.
    expect(page.locator(".stApp")).to_have_css(
        "background-color", f"rgb({red}, {green}, {blue})", timeout=60_000
    )
    page.close()
