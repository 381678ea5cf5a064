"""Tables that are pasted: what is read of them, and what is said of others."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surfaces.table import (
    LARGEST,
    LONGEST,
    MOST_ROWS,
    Table,
    TableError,
    read_table,
    table_of,
)

numbers = st.floats(-LARGEST, LARGEST).map(lambda value: value + 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "1.5,2\n-3,4e1",
        "1.5, 2\n-3, 4e1",
        "1,5;2\n-3;4e1",
        "1.5;2\r\n-3;4e1\r\n",
        "1,5\t2\n-3\t40",
        "1,5 2\n-3 40",
        "  1.5    2 \n\n −3  40.0\n\n",
        '"1.5","2"\n"-3","40"',
        "1.5 , 2\n-3 , 40",
        "1.5,2,\n-3,40,",
        "\ufeff1.5,2\r-3,40",
        "1.5,2;-3,40",
        "+1.5\t2.\n-3\t.4e2",
    ],
)
def test_many_forms_are_the_same_table(text):
    assert read_table(text) == Table((1.5, -3.0), (2.0, 40.0))


@pytest.mark.parametrize(
    "text",
    [
        "1.5,2,7\n-3,4e1,8",
        "1,5;2;7\n-3;4e1;8",
        "1,5\t2\t7\n-3\t40\t8",
        "1,5 2 7\n-3 40 8",
        " 1.5   2   7,0 \n\n −3  40.0 8\n".replace(",", "."),
        '"1.5","2","7"\n"-3","40","8"',
        "1.5, 2, 7,\n-3, 40, 8,",
        "x1,x2,y\n1.5,2,7\n-3,40,8",
        "1.5,2,7;-3,40,8",
    ],
)
def test_of_three_columns_two_are_inputs(text):
    expected = Table((1.5, -3.0), (7.0, 8.0), ("x1", "x2", "y"), second=(2.0, 40.0))
    assert read_table(text) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hours,naps,passed\n1,2,0\n3,4,1", ("hours", "naps", "passed")),
        ('"a b";"c";"d"\n1,5;2;1\n3;5;0', ("a b", "c", "d")),
        (",b,<i>\n1,2,0\n3,4,1", ("x1", "b", "i")),
        ("hours,passed\n1,2\n3,4", ("hours", "passed")),
        ('"hours studied";"passed"\n1,5;2\n3;4', ("hours studied", "passed")),
        ("hours\tpassed\n1\t2\n3\t4", ("hours", "passed")),
        ("hours studied,passed\n1,2\n3,4", ("hours studied", "passed")),
        ("x y\n1 2\n3 4", ("x", "y")),
        ("<b>t</b>,\n1,2\n3,4", ("btb", "y")),
    ],
)
def test_the_first_line_may_name_the_columns(text, names):
    table = read_table(text)
    assert table.names == names
    assert len(table.inputs) == 2


def test_three_columns_may_end_in_words():
    table = read_table("u v w\n1 2 yes\n2 3 no\n3 5 yes")
    assert table.targets == (1, 0, 1)
    assert table.summary == (
        "3 rows: u from 1 to 3, v from 2 to 5, w of no (0) and yes (1)."
    )
    assert table.text == "u,v,w;1,2,yes;2,3,no;3,5,yes"
    assert read_table(table.text) == read_table(table.lines) == table


def test_two_words_are_labels():
    table = read_table("1,yes\n2,no\n3,yes")
    assert table.targets == (1, 0, 1)
    assert table.words == ("no", "yes")
    assert table.summary == "3 rows: x from 1 to 3, y of no (0) and yes (1)."
    assert read_table(table.text) == read_table(table.lines) == table


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("-2,0\n4,1", "2 rows: x from −2 to 4, y of 0 and 1."),
        ("-2,3\n4,3", "2 rows: x from −2 to 4, y of 3."),
        ("t,v\n1,3\n4,5\n5,1.25", "3 rows: t from 1 to 5, v from 1.25 to 5."),
    ],
)
def test_a_table_is_read_back_in_a_line(text, summary):
    assert read_table(text).summary == summary


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=40))
@example([(-0.0, 0.1), (1e-300, 123456.789)])
def test_a_table_is_written_as_it_is_read(rows):
    x, y = (tuple(column) for column in zip(*rows, strict=True))
    if len(set(x)) < 2:
        x = (x[0], *((x[0] / 2 + 1,) * (len(x) - 1)))
    table = Table(x, y)
    assert read_table(table.text) == table
    assert read_table(table.lines) == table
    german = "\n".join(
        f"{a!r};{b!r}".replace(".", ",") for a, b in zip(x, y, strict=True)
    )
    assert read_table(german) == table


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=2, max_size=40))
@example([(-0.0, 0.1, 1e-300), (1e-300, 123456.789, 2.0)])
def test_three_columns_are_written_as_they_are_read(rows):
    u, v, y = (tuple(column) for column in zip(*rows, strict=True))
    u, v = (1.0, 0.0, *u), (0.0, 1.0, *v)
    table = Table(u, (3.0, 4.0, *y), ("x1", "x2", "y"), second=v)
    assert read_table(table.text) == table
    assert read_table(table.lines) == table
    assert read_table(table.lines.replace(",", ";").replace(".", ",")) == table


RANGE = "a number that is out of range; allowed is -1e6 to 1e6"
FORMS = "allowed are numbers such as 1.5 or -2e3"
TWO = "a table has two columns, x and y, or three: x1, x2 and y"
AS_MANY = "all must have as many"
SMALL = "or smaller than 1e-100; scale that column"
PARALLEL = "x1 and x2 are multiples of one another; leave one of them out"
MANY = "a table has at most 2,000 rows, and this one has 2,001"
TOO_LONG = "\n".join(f"{k},1" for k in range(MOST_ROWS + 1))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a table has at least 2 rows, and this one has 0"),
        ("1,2", "a table has at least 2 rows, and this one has 1"),
        ("x,y\n1,2", "a table has at least 2 rows, and this one has 1"),
        ("1,2\n3", f"line 2 has 1 column; {TWO}"),
        ("1,2\n\n3,4,5", f"line 3 has 3 columns, and line 1 has 2; {AS_MANY}"),
        ("1 2 3\n4 5", f"line 2 has 2 columns, and line 1 has 3; {AS_MANY}"),
        ("1,2,3;4,5,6;7", f"row 3 has 1 column; {TWO}"),
        ("1,2,3\n\n4,5,6,7", f"line 3 has 4 columns; {TWO}"),
        ("x1,x2,y\n1,2,3", "a table has at least 2 rows, and this one has 1"),
        ("1,2,3\n4,x,6", f"line 2 has `x`; {FORMS}"),
        ("1,2,3\n4,2e6,6", f"line 2 has {RANGE}"),
        ("0,2,3\n0,5,6", f"all x1 are 0, {SMALL}"),
        ("1,0,3\n4,1e-101,6", f"all x2 are 0, {SMALL}"),
        ("1,-3,1\n0.1,-0.3,1\n7,-21,0", PARALLEL),
        ("1,2;3", f"row 2 has 1 column; {TWO}"),
        ("1,2\nnan,4", f"line 2 has `nan`; {FORMS}"),
        ("1,2\n3,inf", f"line 2 has `inf`; {FORMS}"),
        (
            "1,2\n3,",
            f"line 2 has an empty cell; {FORMS}",
        ),
        ("1,a\n2,b\n3,c", f"line 1 has `a`; {FORMS}"),
        ("1,2\n2,b", f"line 2 has `b`; {FORMS}"),
        ("1,2\n1_0,4", f"line 2 has `1_0`; {FORMS}"),
        ("1,2\n٣,4", f"line 2 has `٣`; {FORMS}"),
        (
            "1,2\n2e6,1",
            f"line 2 has {RANGE}",
        ),
        (
            "1,2\n1e999,1",
            f"line 2 has {RANGE}",
        ),
        ("1,2\n1,3", "all x are equal; at least two must differ"),
        (TOO_LONG, MANY),
        ("x,y\n" + TOO_LONG, f"{MANY[:-1]}2"),
        ("1" * (LONGEST + 1), "the table is longer than 200,000 characters"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(text, why):
    with pytest.raises(TableError) as caught:
        read_table(text)
    assert str(caught.value) == why


@given(st.text(max_size=200) | st.text("0123456789.,;-e \t\nxy\"'", max_size=200))
@example("1 2 3\n-4 5 6")
@example("a,b,c;1,2,yes;3,4,no")
def test_any_text_is_a_table_or_a_sentence(text):
    try:
        table = read_table(text)
    except TableError:
        return
    assert 2 <= len(table.inputs) <= MOST_ROWS
    assert table.x.shape[-1] == len(table.targets)
    assert len(table.names) == 2 + bool(table.second)
    assert np.isfinite([*table.x.flat, *table.targets]).all()
    assert np.abs([*table.x.flat, *table.targets]).max() <= LARGEST
    assert read_table(table.text) == table
    assert read_table(table.lines) == table


SHAPE = "x must be one column of numbers, or two: of shape (n, 2)"


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ([1, 2], [1, 2, 3], "x and y must have as many rows; they have 2 and 3"),
        ([[1, 2]], [1, 2], "x and y must have as many rows; they have 1 and 2"),
        ([[1, 2]], [[1, 2]], "x and y must be columns of numbers"),
        ([[1], [2]], [1, 2], SHAPE),
        ([[1, 2, 3]] * 3, [1, 2, 3], SHAPE),
        ([[[1, 2]], [[3, 4]]], [1, 2], SHAPE),
        ([[1, 2], [2, 4], [3, 6]], [1, 2, 3], PARALLEL),
        ([[1, 2], [2, np.inf]], [1, 2], f"x2 has {RANGE}"),
        (["1", "2"], [1, 2], "x and y must be columns of numbers"),
        (
            [1, np.nan],
            [1, 2],
            f"x has {RANGE}",
        ),
        (
            [1, 2],
            [1, 1e7],
            f"y has {RANGE}",
        ),
        ([1], [1], "a table has at least 2 rows, and this one has 1"),
        (
            range(2001),
            range(2001),
            MANY,
        ),
    ],
)
def test_arrays_that_are_no_table_are_refused(x, y, why):
    with pytest.raises(TableError) as caught:
        table_of(x, y)
    assert str(caught.value) == why


def test_arrays_are_a_table():
    assert table_of(np.array([1, 2]), [True, False]) == Table((1, 2), (1, 0))
    table = table_of(np.array([[1, 2], [3, 4]]), [5, 6])
    assert table == Table((1, 3), (5, 6), ("x1", "x2", "y"), second=(2, 4))
    np.testing.assert_array_equal(table.x, [[1, 3], [2, 4]])
    assert table_of([[1, 2], [3, 4]], [5, 6], ["u", "v", "w"]).names == ("u", "v", "w")


def test_as_many_names_as_columns():
    with pytest.raises(TableError, match="names must be 3, one for each column"):
        table_of([[1, 2], [3, 4]], [5, 6], ("x", "y"))
