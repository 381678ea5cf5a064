"""The command that saves an address as a file: what it refuses, and a file of it."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from views import command, render
from views.mark import marked

ROOT = Path(render.__file__).parents[1]
SHORT = "?surface=ravine&steps=20&on=momentum,adam"


def test_playwright_is_named_where_it_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "playwright", None)
    with pytest.raises(SystemExit) as ended:
        render.main([SHORT, str(tmp_path / "race.png")])
    assert "pip install playwright" in str(ended.value)


def test_a_wrong_address_is_refused_before_anything_starts(monkeypatch, tmp_path):
    def never(*_):
        raise AssertionError("it has started")

    monkeypatch.setattr(render, "_app", never)
    with pytest.raises(SystemExit, match="Surface “nowhere” is unknown"):
        render.main(["?surface=nowhere", str(tmp_path / "race.png")])


@pytest.mark.parametrize(
    ("file", "words"), [("race.exe", "ends in .png"), ("no/race.png", "no folder")]
)
def test_a_wrong_file_is_refused(file, words, tmp_path, capsys):
    with pytest.raises(SystemExit):
        render.main([SHORT, str(tmp_path / file)])
    assert words in capsys.readouterr().err


def test_code_is_written_without_the_app(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "playwright", None)
    for name, words in {
        "race.py": "# http://localhost:8501/?",
        "race.ipynb": '"cells"',
    }.items():
        render.main([SHORT, str(tmp_path / name), "--target", "torch"])
        text = (tmp_path / name).read_text("utf-8")
        assert words in text
        assert "torch.optim.Adam([w]" in text
        assert marked(text.encode()) == SHORT.removeprefix("?")
    with pytest.raises(SystemExit, match="There is no code for this target; allowed"):
        render.main([SHORT, str(tmp_path / "race.py"), "--target", "julia"])


def test_latex_is_written_without_the_app(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "playwright", None)
    path = tmp_path / "race.tex"

    def written(*more):
        render.main([SHORT, str(path), *more])
        return path.read_text("utf-8")

    whole = written()
    assert "Shown" not in whole
    assert marked(whole.encode()) == SHORT.removeprefix("?")
    part = written("--first", "3", "--last", "9")
    assert "Shown: steps 3 to 9." in part
    assert "step=9" in marked(part.encode())
    assert r"Step $4 \to 5$ of 20" in written("--what", "inside", "--last", "4")
    with pytest.raises(SystemExit, match="LaTeX has the race, page, or the step"):
        written("--what", "map")
    with pytest.raises(SystemExit, match="First “30” is out of range; allowed is a"):
        written("--first", "30")


def test_the_app_is_gone_when_the_file_is_there(monkeypatch):
    """Also where it never answers."""
    running = []

    class Never(subprocess.Popen):
        def __init__(self, command, **others):
            sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
            super().__init__(sleep, **others)
            running.append(self)

    monkeypatch.setattr(subprocess, "Popen", Never)
    monkeypatch.setattr(render, "PATIENCE", 0.0)
    with pytest.raises(render.Failure, match="did not start"), render._app():
        pass
    assert running[0].poll() is not None


def test_the_command_has_render(monkeypatch):
    given = []
    monkeypatch.setattr(render, "main", given.append)
    monkeypatch.setattr(sys, "argv", ["loss-surface", "render", SHORT, "race.png"])
    command.main()
    assert given == [[SHORT, "race.png"]]


TWO_FILES = """
import sys
from contextlib import nullcontext
from views import command, render
address, film, sheet = sys.argv[1:]
with render._app() as app:
    render._app = lambda: nullcontext(app)
    size = ["--what", "map", "--size", "640x360", "--seconds", "1", "--fps", "10"]
    render.main([address, film, *size, "--once"])
    render.main([f"{address}&step=7", sheet, "--what", "losses"])
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A film and a PDF, by one app."""
    folder = tmp_path_factory.mktemp("files")
    paths = folder / "race.gif", folder / "race.pdf"
    asked = [sys.executable, "-c", TWO_FILES, SHORT, *map(str, paths)]
    subprocess.run(asked, cwd=ROOT, check=True, timeout=300)
    return [path.read_bytes() for path in paths]


def test_an_address_becomes_a_film(files):
    assert "surface=ravine" in marked(files[0])
    with Image.open(io.BytesIO(files[0])) as film:
        assert film.size == (640, 360)
        assert film.n_frames == 10
        assert "loop" not in film.info


def test_an_address_becomes_a_pdf_at_its_step(files):
    assert files[1].startswith(b"%PDF-")
    (page,) = PdfReader(io.BytesIO(files[1])).pages
    assert "Momentum" in page.extract_text()
    about = PdfReader(io.BytesIO(files[1])).metadata
    assert about.title == "Ravine: loss curves at step 7"
    assert "step=7" in marked(files[1])
    assert len(files[1]) < 200_000, "lines, and no pictures of them"
