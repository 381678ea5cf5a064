"""A grid of one's own on the page: its files, its address, what the server keeps."""

import html
import io
import re
import zipfile
from base64 import b64decode

import numpy as np
import pytest
from scipy.interpolate import RectBivariateSpline

from optim import OPTIMIZERS
from surfaces import SURFACES
from surfaces.grid import GridError, loss_grid, read_grid
from tests.test_page import Page
from views import long_texts, own_grid
from views.fields import GRID
from views.lessons.shelf import Shelf
from views.long_texts import KEPT, is_kept, keep
from views.own_grid import GRID_DEFAULTS, LARGEST_FILE, text_of_file
from views.race import run_race
from views.serving.settings import Settings
from views.setup import Setup

ADDRESS = [("surface", GRID)]
X, Y = np.linspace(-1, 1, 21), np.linspace(-2, 2, 17)
RANDOM = np.random.default_rng(5)
BOWL = np.add.outer(Y**2, 3 * X**2) + 0.05 * RANDOM.normal(size=(17, 21))
PATH = np.stack([np.linspace(-0.9, 0.0, 12), np.linspace(1.5, 0.0, 12)], axis=1)
LARGE = loss_grid(X, Y, BOWL, PATH).text
SMALL = "y/x,0,1,2,3;0,1,2,3,4;1,2,1,2,3;2,3,2,1,2;3,4,3,2,3"
_SAID = re.compile(r'<p class="said">(.*)</p>')


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.fixture
def shelf(monkeypatch):
    """An empty shelf in place of the server's."""
    one = Shelf(12, 2**20)
    monkeypatch.setattr(long_texts, "TEXTS", one)
    return one


# -- files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        npz(losses=BOWL, x=X, y=Y, path=PATH),
        npz(train_loss=BOWL, xcoordinates=X, ycoordinates=Y, trajectory=PATH),
        npz(Z=BOWL, X=np.meshgrid(X, Y)[0], Y=np.meshgrid(X, Y)[1], path=PATH),
        npz(anything=np.asfortranarray(BOWL), x=X, y=Y, path=PATH),
        npz(losses=BOWL, x=X, y=Y, path=PATH, weights=np.zeros(10**5), name="a"),
        npz(loss=BOWL[:, ::-1], x=X[::-1], y=Y, path=PATH),
        LARGE.encode(),
        LARGE.replace(";", "\n").encode("utf-8-sig"),
    ],
)
def test_each_kind_of_file_is_the_same_grid(content):
    assert text_of_file(content, "") == LARGE


def test_places_that_a_file_does_not_give_are_counted_from_0():
    for content in (npz(losses=BOWL), npy(BOWL)):
        grid = read_grid(text_of_file(content, ""))
        assert (grid.x, grid.y) == ((0, 20), (0, 16))
        np.testing.assert_array_equal(grid.losses, BOWL)


def test_float32_and_whole_numbers_are_numbers():
    grid = read_grid(text_of_file(npz(losses=BOWL.astype("f4")), ""))
    np.testing.assert_array_equal(grid.losses, BOWL.astype("f4"))
    whole = read_grid(text_of_file(npz(losses=(9 * BOWL).astype("i2")), ""))
    np.testing.assert_array_equal(whole.losses, (9 * BOWL).astype("i2"))


def test_a_file_of_a_path_is_added_to_the_grid_that_is_shown():
    found = text_of_file(b"x,y\n0.5,1\n0.25,0\n", LARGE)
    np.testing.assert_array_equal(read_grid(found).path, [(0.5, 1), (0.25, 0)])
    np.testing.assert_array_equal(read_grid(found).losses, BOWL)


def _bomb():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        header = npy(np.zeros((4, 4)))[:128].replace(b"(4, 4)", b"(9999, 9999)"[:6])
        file.writestr("losses.npy", header + bytes(200 * 2**20))
    return stream.getvalue()


def _zipped(kind):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as file:
        file.writestr("losses.npy", npy(BOWL))
    return stream.getvalue()


def _of_shape(shape):
    header = (
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    )
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def _many():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for k in range(40):
            file.writestr(f"a{k}.npy", npy(np.zeros(3)))
    return stream.getvalue()


def _huge():
    """A header that promises terabytes."""
    shape = b"(4000000, 4000)"
    plain = npy(np.zeros((4, 4)))
    return plain.replace(b"(4, 4), }".ljust(30), shape + b", }".ljust(15))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (npz(), "file holds nothing; needed is an array with rows and columns"),
        (npz(a=X, b=Y), "file holds a, b; needed is an array with rows and columns"),
        (npz(losses=X), "file holds losses; needed is an array with rows and columns"),
        (npz(losses=BOWL, x=Y), "has 17 places along x and 21 columns of losses"),
        (npz(losses=BOWL, x=BOWL), "has x that differ from one row or column to the"),
        (npz(losses=BOWL, path=PATH.T), "has a path of shape (2, 12)"),
        (
            npz(losses=np.zeros((900, 900), "i1")),
            "has 900 × 900 losses; allowed are 4 to 256",
        ),
        (npz(losses=BOWL * 1j), "has a loss that is not finite"),
        (npz(losses=np.array([["a"] * 5] * 5)), "has a loss that is not finite"),
        (npz(losses=np.array([[None] * 5] * 5)), "has a loss that is not finite"),
        (npy(BOWL)[:200], "file holds an array that is cut off"),
        (npz(losses=BOWL)[:300], "file is no .npz that can be read"),
        (b"PK\x03\x04" + bytes(100), "file is no .npz that can be read"),
        (b"\x93NUMPY\x09\x00" + bytes(50), "file holds an array that cannot be read"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "file holds an array that cannot be read"),
        (b"\x89PNG\r\n\x1a\n\xff", "file is neither .npz nor text in UTF-8"),
        (bytes(LARGEST_FILE + 1), "file has 4.0 MB; at most 4 MB are allowed"),
        (b"", "is empty"),
        (_bomb(), "file holds"),
        (_zipped(zipfile.ZIP_LZMA), "file is compressed in another way than NumPy's"),
        (_zipped(zipfile.ZIP_BZIP2), "file is compressed in another way than NumPy's"),
        (_of_shape("(0, 99999999999999999999)"), "file holds an array that is too lar"),
        (_of_shape("(9999999, 9999999)"), "file holds an array that is too large"),
        (_of_shape("()"), "file holds an array that is cut off"),
        (_of_shape("(0, 0)"), "has 0 × 0 losses; allowed are 4 to 256 along a side"),
        (_many(), "file holds 40 arrays; at most 32 are allowed"),
        (_huge(), "has 4000 × 4000000 losses; allowed are 4 to 256"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(content, why):
    with pytest.raises(GridError, match=re.escape(why)) as raised:
        text_of_file(content, SMALL)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("seed", range(150))
def test_a_broken_file_is_refused_in_a_sentence(seed):
    random = np.random.default_rng(seed)
    stream = io.BytesIO()
    np.savez_compressed(stream, losses=BOWL, x=X, y=Y, path=PATH)
    plain = npz(losses=BOWL, x=X, y=Y, path=PATH)
    content = bytearray((plain, npy(BOWL), stream.getvalue())[seed % 3])
    for at in random.integers(0, min(len(content), 400 + 3000 * (seed % 4)), 4):
        content[at] = random.integers(256)
    if seed % 5 == 0:
        del content[int(random.integers(len(content))) :]
    assert read_or_refused(bytes(content)).startswith(("y/x,", "Your grid "))


@pytest.mark.parametrize("at", range(1, 60))
def test_a_directory_that_is_wrong_is_refused_in_a_sentence(at):
    content = bytearray(npz(losses=BOWL, x=X, y=Y, path=PATH))
    content[-at] = 200
    assert read_or_refused(bytes(content)).startswith(("y/x,", "Your grid "))


def read_or_refused(content):
    """The grid of a file, or what is said of it; anything else is raised."""
    try:
        return text_of_file(content, SMALL)
    except GridError as error:
        return f"Your grid {error}."


# -- the address ----------------------------------------------------------------------


def test_a_short_grid_is_in_the_address():
    setup, problems = Setup.parse([*ADDRESS, ("grid", SMALL)])
    assert problems == ()
    assert dict(setup.pairs()) == {"surface": "grid", "grid": SMALL}
    again, _ = Setup.parse(setup.pairs())
    assert again.surface is setup.surface


def test_a_longer_one_is_compressed():
    losses = np.add.outer(np.arange(12) ** 2, np.arange(14) ** 2)
    text = loss_grid(range(14), range(12), losses).text
    setup, _ = Setup.parse([*ADDRESS, ("grid", text)])
    assert dict(setup.pairs())["grid"].startswith("z.")
    again, problems = Setup.parse(setup.pairs())
    assert problems == ()
    assert again["grid"] == text


def test_a_large_one_stays_with_the_server(shelf):
    setup, _ = Setup.parse([*ADDRESS, ("grid", LARGE), ("steps", "70")])
    assert is_kept(setup["grid"])
    assert len(setup.query) < 100
    keep(setup["grid"], "a visitor")
    again, problems = Setup.parse(setup.pairs())
    assert problems == ()
    assert again["grid"] == LARGE
    shelf.__init__(12, 2**20)
    after, problems = Setup.parse(setup.pairs())
    assert problems == (
        "Your grid is with this server no more; open its file again, or paste it.",
    )
    assert after["steps"] == 70


def test_a_server_that_keeps_nothing_says_so(monkeypatch):
    monkeypatch.setattr(own_grid, "settings", lambda: Settings(uploads=0))
    _, (problem,) = Setup.parse([*ADDRESS, ("grid", LARGE)])
    assert problem == (
        "Your grid takes more than the 4,000 characters that a link holds, and this "
        "server keeps no larger ones."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("kept-0", "Your grid is with this server no more; open its file again, or"),
        ("z.abc", "Your grid is compressed, and cannot be read; copy the whole link."),
        ("1,2", "Your grid is empty; a grid has x along its first line"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(text, sentence):
    setup, (problem,) = Setup.parse([*ADDRESS, ("grid", text), ("steps", "70")])
    assert problem.startswith(sentence)
    assert setup == Setup(GRID, {"steps": 70})


def test_a_run_does_not_hold_on_to_the_text():
    setup, _ = Setup.parse([*ADDRESS, ("grid", LARGE)])
    assert all(len(str(part)) < 100 for part in setup.concerning("adam"))
    other, _ = Setup.parse([*ADDRESS, ("grid", loss_grid(X, Y, BOWL + 1).text)])
    assert setup.concerning("adam") != other.concerning("adam")


def decoded(array):
    """The numbers of an array as Plotly writes it."""
    return np.frombuffer(b64decode(array["bdata"]), array["dtype"])


# -- races, studies, routes -----------------------------------------------------------


def test_a_race_is_that_of_the_spline_of_scipy():
    setup, _ = Setup.parse([*ADDRESS, ("grid", LARGE), ("on", "gradient_descent")])
    theirs = RectBivariateSpline(Y, X, BOWL, s=0)
    run = run_race(setup).runs["gradient_descent"]
    rate = setup["gradient_descent.lr"]
    point = np.array(setup["start"])
    for found in run.points:
        np.testing.assert_allclose(found, point, atol=1e-10)
        there = point[::-1]
        point = point - rate * np.array(
            [theirs.ev(*there, dy=1), theirs.ev(*there, dx=1)]
        )


@pytest.mark.parametrize("seed", range(6))
def test_what_is_said_of_a_run_is_true_of_it(seed):
    random = np.random.default_rng(seed)
    start = f"{random.uniform(-1, 1):.3f},{random.uniform(-2, 2):.3f}"
    rate = f"{10 ** random.uniform(-3, 0.5):.3g}"
    given = [("grid", LARGE), ("start", start), ("lr", rate)]
    setup, problems = Setup.parse([*ADDRESS, *given])
    assert problems == ()
    theirs = RectBivariateSpline(Y, X, BOWL, s=0)
    for run in run_race(setup).runs.values():
        inside = (np.abs(run.points) <= [1, 2]).all(axis=1)
        assert (np.isfinite(run.losses) == inside).all()
        outcome = run.outcome
        assert (outcome.kind == "undefined") == (not inside.all())
        if outcome.kind == "undefined":
            assert outcome.step == np.argmin(inside)
            assert outcome.text.endswith(f"at step {outcome.step}, off the map")
        elif outcome.kind in ("reached", "trapped"):
            x, y = outcome.at
            assert np.hypot(*(run.points[-1] - [x, y])) < 0.02
            assert abs(theirs.ev(y, x, dx=1)) < 1e-9
            lowest = theirs(np.linspace(-2, 2, 400), np.linspace(-1, 1, 400)).min()
            if outcome.kind == "reached":
                assert theirs.ev(y, x) <= lowest + 1e-3


def test_every_rule_runs_on_a_grid():
    names = [*OPTIMIZERS]
    for first in range(0, len(names), 8):
        on = ",".join(names[first : first + 8])
        setup, problems = Setup.parse([*ADDRESS, ("on", on), ("steps", "30")])
        assert problems == ()
        for run in run_race(setup).runs.values():
            assert len(run.points) == 31


def test_the_routes_answer_for_a_grid(get, shelf):
    setup, _ = Setup.parse([*ADDRESS, ("grid", LARGE), ("steps", "40")])
    query = dict(setup.pairs())
    assert get("/race", **query).status_code == 400
    keep(setup["grid"], "a visitor")
    more = {"size": "16", "starts": "16", "budget": "25"}
    for route in ("race", "race.csv", "race.npz", "race.html", "race.tex"):
        assert get(f"/{route}", **query).status_code == 200, route
    for route, key in (("basins", "size"), ("swarm", "starts"), ("sweep", "budget")):
        asked = query | {key: more[key], "on": "adam"}
        assert get(f"/{route}", **asked).status_code == 200, route
    landscape = get("/landscape", **query).json()
    np.testing.assert_allclose(landscape["map"]["path"], PATH)
    _, path = landscape["scene"]["data"]
    assert path["type"] == "scatter3d"
    assert len(decoded(path["z"])) == len(PATH)
    for target in ("numpy", "torch", "optax", "keras"):
        answer = get("/race.py", target=target, **query)
        assert answer.status_code == 400
        assert answer.text == "Your own grid has no formula to write as code."


# -- the page -------------------------------------------------------------------------


@pytest.fixture
def page(shelf):
    return Page(dict(ADDRESS))


def said(page):
    """What the page says of the grid."""
    found = [_SAID.fullmatch(part.value) for part in page.app.get("html")]
    in_the_popover, beside = (html.unescape(part[1]) for part in found if part)
    assert in_the_popover == (page.warnings[0] if page.warnings else beside)
    return beside


def test_the_page_has_a_grid_to_begin_with(page):
    assert said(page) == (
        "25 × 25 losses from −5.863 to 8.447, x from −3 to 3, y from −3 to 3."
    )
    shown = page.app.text_area(key="typed_grid").value
    assert read_grid(shown).text == GRID_DEFAULTS["grid"]
    assert page.warnings == []


def test_pasting_a_grid_and_then_a_path(page):
    page.app.text_area(key="typed_grid").set_value(SMALL.replace(";", "\n"))
    page.run()
    assert dict(page.address) == {"surface": "grid", "grid": SMALL}
    assert said(page).startswith("4 × 4 losses from 1 to 4, x from 0 to 3, y from 0")
    page.app.text_area(key="typed_grid").set_value("1,2\n2,2.5")
    page.run()
    assert page.address["grid"] == f"{SMALL};;1,2;2,2.5"
    assert said(page).endswith(", and a path of 2 points.")
    page.app.text_area(key="typed_grid").set_value("")
    page.run()
    assert "grid" not in page.address


def test_a_mistake_is_said_and_what_was_pasted_stays(page):
    page.app.text_area(key="typed_grid").set_value("1,2,3,4,5\n1,2,3,4,5")
    page.run()
    assert page.warnings == [
        "Your grid has 5 × 2 losses; allowed are 4 to 256 along a side."
    ]
    assert page.app.text_area(key="typed_grid").value == "1,2,3,4,5\n1,2,3,4,5"
    assert "grid" not in page.address


def test_a_file_is_opened(page, shelf):
    content = npz(losses=BOWL, x=X, y=Y, path=PATH)
    page.app.file_uploader(key="grid_file").upload("net.npz", content, "")
    page.run()
    assert page.address["grid"].startswith(KEPT)
    assert said(page).endswith(
        " and a path of 12 points. The link does not hold them: this server keeps them "
        "for a while, and then asks for the file again."
    )
    assert len(shelf) == 1
    other = Page(dict(page.address))
    assert other.player["domain"] == [-1, 1, -2, 2]
    page.app.file_uploader(key="grid_file").upload("b.npz", b"PK\x03\x04", "")
    page.run()
    assert page.warnings == ["Your grid file is no .npz that can be read."]
    assert page.address["grid"].startswith(KEPT)


# -- in a notebook --------------------------------------------------------------------


def test_a_race_on_a_grid_of_ones_own(monkeypatch):
    monkeypatch.setattr("views.notebook.SURFACES", surfaces := dict(SURFACES))
    monkeypatch.setattr("views.setup.SURFACES", surfaces)
    from loss_surface import race
    from surfaces import grid_surface

    first = grid_surface(X, Y, BOWL, PATH)
    second = grid_surface(X, Y, BOWL + 1)
    for surface in (first, second):
        frame = race(surface, steps=20).to_dataframe()
        assert len(frame) == 5 * 21
        loss = surface.loss.at_many()(np.array(surface.start))
        assert frame["loss"].iloc[0] == pytest.approx(float(loss))
