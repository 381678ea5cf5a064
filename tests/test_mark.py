"""The mark by which a file names its setup, as Python writes and reads it."""

from pathlib import Path
from urllib.parse import parse_qsl

from views.mark import BEGIN, END, mark, marked


def test_what_a_mark_is_made_of_is_found_in_it():
    query = "surface=formula&f=x%5E2+%2B+3*sin(x%3By)&on=adam,adam~2&x="
    text = mark(query)
    assert text.startswith(BEGIN)
    assert text.endswith(END)
    found = marked(b"\xff\x00" + text.encode() + b"abc;")
    assert found is not None
    assert parse_qsl(found, True) == parse_qsl(query, True)


def test_no_setting_ends_a_mark_or_what_it_stands_in():
    text = mark("f=%22%3B%3C%3E%0A--%3E%5C%7B%7D%C3%A9'\"{}")
    inner = text.removeprefix(BEGIN).removesuffix(END)
    assert not set(inner) & set("\"'<>\n\\{};# ")


def test_xml_may_write_an_ampersand_by_its_name():
    text = mark("surface=ravine&kappa=100").replace("&", "&amp;")
    assert marked(text.encode()) == "surface=ravine&kappa=100"
    # Nothing else is a name: not &para, and not &copy.
    query = "a=1&para=2&copy=3"
    assert marked(mark(query).encode()) == query


def test_what_is_no_mark_is_none():
    whole = mark("surface=ravine").encode()
    assert marked(whole[:-1]) is None
    assert marked(BEGIN.encode() + b";") is None
    assert marked(b"") is None


def test_the_page_reads_the_same_mark():
    module = Path(__file__).parents[1] / "views" / "player" / "readback.js"
    assert f'"{BEGIN}"' in module.read_text()
