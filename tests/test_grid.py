"""Grids of losses: as text, and the spline through them."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.interpolate import RectBivariateSpline

from surfaces import grid_surface, slope_and_hessian
from surfaces.base import loss_at, losses_at
from surfaces.grid import (
    LARGEST,
    LONGEST,
    MOST,
    GridError,
    is_path,
    loss_grid,
    path_of,
    read_grid,
)
from surfaces.own_grid import GridLoss, surface_of_grid
from surfaces.program import gradient_seconds
from surfaces.spline import coefficients, spline

X, Y = np.linspace(-3, 3, 25), np.linspace(-2, 2, 33)
LOSSES = np.add.outer((Y**2 - 1) ** 2, 0.3 * np.sin(2 * X) + X**2 / 5)
PATH = np.array([(-2.0, 1.5), (0.25, -1.0), (1.0, 0.125)])
HEAD = "y/x,0,1,2,3"


def random_grid(seed, rows=12, columns=9):
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(-5, 5, 2)) * [1, 1.5] + [0, 1]
    y = np.sort(random.uniform(-5, 5, 2)) * [1, 1.5] + [0, 1]
    losses = random.normal(size=(rows, columns)) * 10 ** random.uniform(-3, 3)
    return loss_grid(np.linspace(*x, columns), np.linspace(*y, rows), losses)


# -- the spline -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4, 4), (5, 30), (33, 25), (64, 7), (256, 256)])
def test_it_is_that_of_scipy(shape):
    random = np.random.default_rng(sum(shape))
    values = random.normal(size=shape)
    theirs = RectBivariateSpline(*map(np.arange, shape), values, s=0)
    y, x = (random.uniform(0, size - 1, 500) for size in shape)
    cells = shape[1] - 1, shape[0] - 1
    found = spline(np, coefficients(values), cells, x, y)
    np.testing.assert_allclose(found, theirs.ev(y, x), atol=1e-13)


@pytest.mark.parametrize("seed", range(5))
def test_slope_and_curvature_are_those_of_scipy(seed):
    grid = random_grid(seed)
    x, y = grid.places
    theirs = RectBivariateSpline(y, x, grid.losses, s=0)
    fn = surface_of_grid(grid).fn
    random = np.random.default_rng(seed)
    for at in zip(
        random.uniform(*grid.x, 20), random.uniform(*grid.y, 20), strict=True
    ):
        slope, hessian = slope_and_hessian(fn, np.array(at))
        there = at[::-1]
        expected = theirs.ev(*there, dy=1), theirs.ev(*there, dx=1)
        np.testing.assert_allclose(slope, expected, rtol=1e-9, atol=1e-9)
        second = (
            theirs.ev(*there, dy=2),
            theirs.ev(*there, 1, 1),
            theirs.ev(*there, dx=2),
        )
        found = hessian[0, 0], hessian[0, 1], hessian[1, 1]
        np.testing.assert_allclose(found, second, rtol=1e-8, atol=1e-8)


def test_a_cubic_is_itself():
    losses = np.add.outer(Y**3 - Y, 2 * X**3 - X**2) + np.multiply.outer(Y**2, X)
    surface = grid_surface(X, Y, losses)
    random = np.random.default_rng(1)
    x, y = random.uniform(-3, 3, 200), random.uniform(-2, 2, 200)
    expected = y**3 - y + 2 * x**3 - x**2 + y**2 * x
    found = losses_at(surface.fn, np.stack([x, y], axis=1))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_every_loss_that_is_given_is_met_and_beyond_is_none(seed):
    grid = random_grid(seed)
    x, y = grid.places
    at = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    surface = surface_of_grid(grid)
    found = np.asarray(losses_at(surface.fn, at)).reshape(grid.losses.shape)
    scale = np.abs(grid.losses).max()
    np.testing.assert_allclose(found, grid.losses, atol=1e-12 * scale)
    plain = surface.loss.at_many()(at).reshape(found.shape)
    np.testing.assert_allclose(plain, found, atol=1e-12 * scale)
    (left, right), (low, high) = grid.x, grid.y
    for point in ((left - 1e-9, low), (right, high + 1e-9)):
        assert np.isnan(loss_at(surface.fn, np.array(point)))
        slope, _ = slope_and_hessian(surface.fn, np.array(point))
        assert np.isnan(slope).all()
    for point in ((np.nan, low), (np.inf, low), (left, -np.inf)):
        assert np.isnan(loss_at(surface.fn, np.array(point)))


def test_all_grids_of_a_size_are_one_program():
    first, second = (surface_of_grid(random_grid(seed)).fn for seed in (1, 2))
    loss_at(first, np.zeros(2))
    before = loss_at._store.keys()
    loss_at(second, np.zeros(2))
    assert loss_at._store.keys() == before
    sizes = {
        surface_of_grid(random_grid(0, rows, columns)).loss.arrays[0].shape
        for rows, columns in ((4, 4), (16, 5), (17, 4), (40, 90), (MOST, 5))
    }
    assert sizes == {(18, 18), (34, 34), (130, 130), (258, 258)}


# -- the surface ----------------------------------------------------------------------


def test_minima_are_found():
    surface = grid_surface(X, Y, LOSSES, PATH)
    assert surface.found
    theirs = RectBivariateSpline(Y, X, LOSSES, s=0)
    assert len(surface.minima) == 4
    for x, y in surface.minima:
        assert abs(theirs.ev(y, x, dx=1)) < 1e-12
        assert abs(theirs.ev(y, x, dy=1)) < 1e-12
        assert abs(abs(y) - 1) < 1e-6
    np.testing.assert_array_equal(surface.path, PATH)
    assert surface.domain == (-3, 3, -2, 2)
    assert surface.bounded


def test_a_minimum_between_two_points_of_a_search_is_found():
    losses = np.ones((200, 200))
    losses[103, 58] = -1.0
    surface = grid_surface(range(200), range(200), losses)
    assert min(np.hypot(x - 58, y - 103) for x, y in surface.minima) < 0.5
    assert surface.lowest is not None
    assert surface.lowest <= -1


def test_a_grid_that_falls_to_its_border_has_no_lowest():
    surface = grid_surface(X, Y, np.add.outer(Y, X))
    assert surface.minima == ()
    assert surface.lowest is None


def test_a_level_grid_is_a_surface():
    surface = grid_surface(X, Y, np.full((33, 25), 7.0))
    assert surface.minima == ()
    assert surface.learning_rates["adam"] > 0


def test_what_a_gradient_takes_is_not_what_the_grid_holds():
    small, large = (
        gradient_seconds(surface_of_grid(random_grid(3, size, size)).loss, ())
        for size in (5, MOST)
    )
    assert large == small < 1e-7


def test_the_same_losses_are_the_same_loss():
    first = GridLoss.of(loss_grid(X, Y, LOSSES))
    again = GridLoss.of(loss_grid(X, Y, LOSSES, PATH))
    other = GridLoss.of(loss_grid(X + 1, Y, LOSSES))
    assert first == again
    assert hash(first) == hash(again)
    assert first != other


# -- text -----------------------------------------------------------------------------


def as_table(grid, separator=",", decimal=".", corner="y/x"):
    x, y = grid.places
    rows = [[corner, *x], *([b, *row] for b, row in zip(y, grid.losses, strict=True))]
    return "\n".join(
        separator.join(
            cell if isinstance(cell, str) else repr(float(cell)).replace(".", decimal)
            for cell in row
        )
        for row in rows
    )


def as_points(grid, order, separator="\t"):
    x, y = grid.places
    rows = [(a, b, grid.losses[i, j]) for i, b in enumerate(y) for j, a in enumerate(x)]
    return "\n".join(separator.join(repr(float(v)) for v in rows[k]) for k in order)


GRID = loss_grid(X, Y, LOSSES)


@pytest.mark.parametrize(
    "text",
    [
        GRID.text,
        as_table(GRID),
        as_table(GRID, corner=""),
        as_table(GRID, ";", ",", "my grid"),
        as_table(GRID, "\t", ","),
        as_table(GRID).replace("\n", "\r\n") + "\r\n",
        as_table(GRID, "  "),
        as_points(GRID, range(25 * 33)),
        as_points(GRID, np.random.default_rng(0).permutation(25 * 33), ", "),
        "x;y;loss\n" + as_points(GRID, range(25 * 33), ";"),
        "\ufeff" + as_table(GRID),
        as_table(GRID).replace("-", "\N{MINUS SIGN}"),
    ],
)
def test_each_form_is_the_same_grid(text):
    assert read_grid(text).text == GRID.text


def test_sides_may_run_downwards():
    turned = loss_grid(X[::-1], Y[::-1], LOSSES[::-1, ::-1])
    assert turned.text == GRID.text
    np.testing.assert_array_equal(loss_grid(X, Y[::-1], LOSSES[::-1]).losses, LOSSES)


def test_losses_alone_are_counted_from_0():
    text = "\n".join(",".join(map(str, row)) for row in LOSSES.tolist())
    grid = read_grid(text)
    assert (grid.x, grid.y) == ((0, 24), (0, 32))
    np.testing.assert_array_equal(grid.losses, LOSSES)


def test_a_path_comes_with_it():
    grid = loss_grid(X, Y, LOSSES, PATH)
    assert grid.summary == (
        "25 × 33 losses from −0.202441 to 10.8838, x from −3 to 3, y from −2 to 2, and "
        "a path of 3 points."
    )
    again = read_grid(grid.text)
    np.testing.assert_array_equal(again.path, PATH)
    assert again.text == grid.text
    lines = as_table(GRID) + "\n\nx,y\n" + "\n".join(f"{x},{y}" for x, y in PATH)
    assert read_grid(lines).text == grid.text


def test_a_path_alone():
    assert is_path("x y\n1 2\n3 4")
    np.testing.assert_array_equal(path_of("1,5;2\n3;4"), [(1.5, 2), (3, 4)])
    assert not is_path(as_table(GRID))
    assert not is_path(as_points(GRID, range(25 * 33)))


sizes = st.integers(4, 9)
numbers = st.floats(-LARGEST, LARGEST, allow_subnormal=False)


@given(
    losses=arrays.arrays(float, st.tuples(sizes, sizes), elements=numbers),
    x=st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3)),
    path=arrays.arrays(
        float, st.tuples(st.integers(0, 4), st.just(2)), elements=st.floats(-1e6, 1e6)
    ),
)
def test_what_is_printed_is_read(losses, x, path):
    low, width = min(x[0], 1e6 - 9e3), x[1]
    columns = low + width * np.arange(losses.shape[1])
    grid = loss_grid(columns, range(len(losses)), losses, path)
    again = read_grid(grid.text)
    np.testing.assert_array_equal(again.losses, grid.losses)
    np.testing.assert_array_equal(again.path, grid.path)
    assert (again.x, again.y) == (grid.x, grid.y)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty; a grid has x along its first line"),
        (";;", "is empty"),
        ("1,2", "is empty"),
        ("a,b,c\n1,2,3", "has 1 × 1 losses; allowed are 4 to 256 along a side"),
        ("1,2,3,4,5\n" * 3, "has 5 × 3 losses; allowed"),
        ("1,2,3,4\n1,2,3", "has 3 columns in line 2 and 4 in its first; a grid has x"),
        ("1,2,3,4,x\n" * 4, "has `x` in line 1; allowed are numbers such as"),
        ("1,2,,4\n" * 4, "has an empty cell in line 1"),
        (f"{HEAD}\n0,1,1,1,1\n1,1,1,1,1\n2,1,1,1,1\n4,1,1,1,1", "not evenly spaced"),
        (f"{HEAD}\n0,1,1,1,1\n0,1,1,1,1\n0,1,1,1,1\n0,1,1,1,1", "not evenly spaced"),
        (
            f"{HEAD}\n0,1,1,1,1\n1,1,1,nan,1\n2,1,1,1,1\n3,1,1,1,1",
            "has a loss that is not finite, at row 2, column 3; all must be finite",
        ),
        (f"{HEAD}\n0,1e13,1,1,1\n1,1,1,1,1\n2,1,1,1,1\n3,1,1,1,1", "beyond 1e+12"),
        (f"y/x,0,1e7,2e7,3e7\n{'0,1,1,1,1' * 1}\n1,1,1,1,1\n2,1,1,1,1\n3,1,1,1,1",
         "has a place along x out of range; allowed is -1e6 to 1e6"),
        ("1,1\n" * 700_000, "has 700,000 lines; at most 70,546 are allowed"),
        ("1 2 3\n4 5 6", "has 2 points, with 2 different x and 2 different y; there"),
        ("0,0,1\n" * 16, "has 16 points, with 1 different x"),
        ("x" * (LONGEST + 1), "is longer than 3,000,000 characters"),
        (f"{HEAD};0,1,1,1,1;1,1,1,1,1;2,1,1,1,1;3,1,1,1,1;;1,2;3", "no x, y at line 8"),
        (f"{HEAD};0,1,1,1,1;1,1,1,1,1;2,1,1,1,1;3,1,1,1,1;;1,2e9", "path with a point"),
        ("1,2,3,4\n" * 3 + "1,١,3,4", "has `١` in line 4; allowed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text, why):
    with pytest.raises(GridError, match=re.escape(why)) as raised:
        read_grid(text)
    assert len(str(raised.value)) < 250


@pytest.mark.parametrize(
    ("given_arrays", "why"),
    [
        ((X, Y, LOSSES.T), "has 25 places along x and 33 columns of losses"),
        ((X, Y, LOSSES[0]), "must be a table of losses, and not of shape (25,)"),
        ((X, Y, np.broadcast_to(0.0, (10**6, 10**6))), "has 1000000 × 1000000 losses"),
        ((X, Y, LOSSES.astype(str) + "?"), "has losses that are no numbers"),
        ((X, Y, LOSSES, np.zeros((6000, 2))), "has a path of 6,000 points; at most"),
        ((X, Y, LOSSES, np.zeros((3, 3))), "has a path of shape (3, 3)"),
        ((X, Y, LOSSES, np.full((3, 2), np.nan)), "a path with a point out of range"),
        ((X, Y, np.full((33, 25), np.inf)), "has a loss that is not finite"),
    ],
)
def test_what_is_wrong_with_arrays_is_said(given_arrays, why):
    with pytest.raises(GridError, match=re.escape(why)):
        grid_surface(*given_arrays)


@pytest.mark.parametrize("seed", range(300))
def test_hostile_texts_are_refused_in_a_sentence(seed):
    random = np.random.default_rng(seed)
    letters = [*"0123456789,;\t .-+eE\nxyna/\0\x85…١"]
    text = "".join(random.choice(letters, int(random.integers(1, 400))))
    if seed % 3 == 0:  # Nearly right.
        text = list(GRID.text[:1500])
        for at in random.integers(0, len(text), 3):
            text[at] = str(random.choice(letters))
        text = "".join(text)
    said = refusal(text)
    assert said.isprintable()
    assert len(said) < 300


def refusal(text):
    """What is said of a text that is no grid; nothing of one that is."""
    try:
        grid = read_grid(text)
    except GridError as error:
        return str(error)
    assert np.isfinite(grid.losses).all()
    return ""
