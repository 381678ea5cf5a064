"""Whatever stands in an address is shown as it is: text, and nothing but text."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote

from hypothesis import example, given
from hypothesis import strategies as st

from surfaces.formula import FormulaError, parse
from views.notice import markup
from views.setup import Setup

MARKS = ["*", "_", "`", "$", "<", ">", "&", "[", "]", "(", ")", "!", ":", "\\", "|"]
WORDS = ["http://a.example", "www.a.example", "a@b.example", ":red[", "&lt;", "\u202e"]
texts = st.text() | st.lists(st.sampled_from(MARKS + WORDS) | st.text(max_size=3)).map(
    "".join
)
keys = st.sampled_from(["surface", "start", "steps", "on", "view", "f", "x", "adam.lr"])


class Reader(HTMLParser):
    """Reads HTML as a browser does: its elements, and its text."""

    def __init__(self, source):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, *attrs))

    def handle_data(self, data):
        self.text += data


@given(texts)
@example("<img src=x onerror=alert(1)>")
@example("</div><script>1</script>")
def test_a_notice_is_its_sentence_and_nothing_else(sentence):
    read = Reader(markup(sentence))
    assert read.elements == [("div", ("class", "notice"), ("role", "alert"))]
    assert read.text == sentence


@given(keys | texts, texts)
@example("surface", "![x](http://a.example/x.png)")
@example("[click](http://a.example)", "")
@example("f", "\u202ex^2")
def test_every_sentence_about_an_address_is_printable_and_quotes_it(key, text):
    _, problems = Setup.parse([("surface", "formula"), (key, text), (text, key)])
    for sentence in problems:
        assert sentence.isprintable()
        assert Reader(markup(sentence)).text == sentence
    if not text.isalnum():
        quoted = "".join(c if c.isprintable() else "?" for c in text[:40])
        assert any(f"“{quoted}" in sentence for sentence in problems)


COMMANDS = {
    *(r"\arccos", r"\arcsin", r"\arctan", r"\cdot", r"\cos", r"\cosh", r"\frac"),
    *(r"\lceil", r"\left", r"\lfloor", r"\ln", r"\log", r"\max", r"\min"),
    *(r"\operatorname", r"\pi", r"\rceil", r"\rfloor", r"\right", r"\sigma"),
    *(r"\sin", r"\sinh", r"\sqrt", r"\tan", r"\tanh"),
}
FORMULAS = st.recursive(
    st.sampled_from(["x", "y", "pi", "e", "2", ".5", "1e-300", "π", "1e9"]),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from("+-*/^"), part).map("".join),
        part.map("-({})".format),
        part.map("({})²".format),
        part.map("|{}|".format),
        st.tuples(part, part).map(" ".join),
        st.tuples(
            st.sampled_from(["sin", "abs", "log10", "floor", "sqrt", "cbrt", "sign"]),
            part,
        ).map(lambda call: f"{call[0]}({call[1]})"),
        st.tuples(part, part).map(lambda pair: f"atan2({pair[0]}, {pair[1]})"),
    ),
    max_leaves=8,
)


@given(FORMULAS | texts)
@example("x$ ![x](http://a.example)")
@example("\\href{http://a.example}{x}")
def test_a_typed_formula_cannot_end_its_mathematics(text):
    """It is shown between dollars in Markdown, where little may stand."""
    try:
        latex = parse(text).latex
    except FormulaError:
        return
    assert set(re.findall(r"\\[a-z]*", latex)) <= COMMANDS
    plain = latex.replace(r"\sqrt[3]{", r"\sqrt{")
    assert re.fullmatch(r"[a-z0-9\\{}^_().,|+ -]+", plain)


def test_what_cannot_be_seen_is_not_passed_on():
    hidden = "\u202e\u2066\u200b\u200e\u00ad\ufeff\u061c\u2028\x00\x1b\n"
    address = f"surface={quote(hidden)}&steps={quote('1' + hidden)}"
    _, problems = Setup.parse(parse_qsl(address))
    assert len(problems) == 2
    assert not set("".join(problems)) & set(hidden)
