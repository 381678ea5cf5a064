"""Pictures as PDF: what is in one, and what is refused."""

import asyncio
import base64
import io
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image
from pypdf import PdfReader
from starlette.applications import Starlette

from views.mark import mark, marked
from views.pdf import drawing, route
from views.pdf.colours import colour_of
from views.pdf.drawing import pdf_of
from views.pdf.fonts import laid_out
from views.pdf.paths import parts_of
from views.routes import ROUTES
from views.stream import ANSWER, Refused

ROOT = Path(route.__file__).parents[2]
QUERY = f"surface=ravine&kappa=100&on=adam,momentum&label.adam={'x' * 3000}"
WORDS = "α = 0.1, β₁ 0.9, β₂ 0.999, κ −1, 10⁻⁸"


def image(width=8, height=6):
    data = io.BytesIO()
    Image.new("RGBA", (width, height), (199, 20, 30, 255)).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def text(words, *more):
    return (
        '<text x="10" y="40" text-anchor="start" textLength="180" '
        'lengthAdjust="spacingAndGlyphs" font-family="\'Source Sans\', sans-serif" '
        f'font-size="13" font-weight="600" fill="#0a3cd2"{"".join(more)}>{words}</text>'
    )


def picture(*parts, defs="", size='width="300" height="200"', about=QUERY):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} stroke-miterlimit="10">\n'
        "<title>Ravine: map, α &amp; more</title>\n<metadata>"
        '<rdf:RDF xmlns:rdf="r" xmlns:dc="d"><rdf:Description rdf:about="">'
        f"<dc:title>Ravine</dc:title><dc:description>{mark(about)}".replace(
            "&", "&amp;"
        ).replace("&amp;amp;", "&amp;")
        + "</dc:description></rdf:Description></rdf:RDF></metadata>\n"
        f"<defs>{defs}</defs>\n{''.join(parts)}\n</svg>\n"
    ).encode()


DEFS = (
    '<clipPath id="clip0"><path d="M0 0L300 0L300 200L0 200Z"/></clipPath>'
    '<linearGradient id="shade1" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="9" '
    'y2="0"><stop offset="0" stop-color="#000"/><stop offset="1" stop-color="#fff"/>'
    "</linearGradient>"
)
WHOLE = picture(
    '<path d="M0 0L300 0L300 200L0 200Z" fill="#11151d"/>',
    '<g clip-path="url(#clip0)"><path d="M10 20L30 40.5L60 12" fill="none" '
    'stroke="#c7141e" stroke-width="2" stroke-opacity="0.5" stroke-linejoin="round" '
    'stroke-dasharray="2 4" transform="matrix(1 0 0 1 3 3)"/></g>',
    '<path d="M5 5L14 5L14 9Z" fill="url(#shade1)"/>',
    f'<image x="20" y="50" width="80" height="60" preserveAspectRatio="none" '
    f'href="{image()}"/>',
    text(WORDS),
    text("m̂ and ‖∇f‖", ' font-style="italic" stroke="rgb(1, 2, 3)" stroke-width="3"'),
    defs=DEFS,
)


def drawn(svg):
    return pdf_of(svg, lambda part: None)


@pytest.fixture(scope="module")
def whole():
    return drawn(WHOLE)


def test_a_pdf_is_one_page_as_large_as_the_picture(whole):
    (page,) = PdfReader(io.BytesIO(whole)).pages
    assert (page.mediabox.width, page.mediabox.height) == (225, 150)


def test_lines_are_lines_and_only_images_are_pixels(whole):
    (page,) = PdfReader(io.BytesIO(whole)).pages
    (one,) = page.images
    assert one.image.size == (8, 6)
    content = page.get_contents().get_data().decode("latin-1")
    assert re.search(r"10 20 m 30 40\.5 l 60 12 l\s+S", content)
    assert re.search(r"\[2 4\] 0 d", content)
    assert re.search(r"/Sh\w+ sh", content), "a gradient is none of pixels"


def test_letters_can_be_read_and_their_fonts_are_inside(whole):
    (page,) = PdfReader(io.BytesIO(whole)).pages
    said = page.extract_text()
    assert WORDS in said
    for letter in "m̂∇‖":
        assert letter in said, letter
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert len({font["/BaseFont"] for font in fonts}) >= 3
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_the_setup_is_in_the_file_as_it_was_sent(whole):
    assert marked(whole) == QUERY
    about = PdfReader(io.BytesIO(whole)).metadata
    assert about.title == "Ravine: map, α & more"
    assert about.subject == mark(QUERY)


def test_every_letter_of_the_page_is_in_a_font():
    """But for the signs of two buttons, which are on no picture."""
    files = [*ROOT.glob("views/player/*.js"), *ROOT.glob("optim/**/*.py")]
    letters = {letter for file in files for letter in file.read_text("utf-8")}
    shown = "".join(sorted(letters - set("⤢◇\n")))
    runs, width = laid_out(shown, "'Source Sans'", 400, False)
    assert "".join(run.text for run in runs) == shown
    assert width > 50


def test_an_accent_stands_over_its_letter():
    runs, width = laid_out("m̂", "'Source Sans'", 400, False)
    assert width == laid_out("m", "'Source Sans'", 400, False)[1]
    letter, accent = runs
    assert letter.at == 0
    assert unicodedata.combining(accent.text)


def test_a_letter_that_no_font_has_is_named():
    with pytest.raises(Refused, match="no font for “朴” in a PDF; save it as SVG"):
        drawn(picture(text("朴")))


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("M1 2L3 4", ("l", (3, 4))),
        ("M1,2l3,4m1 1", ("m", (5, 7))),
        ("M1 2 3 4", ("l", (3, 4))),
        ("M1 2H5", ("l", (5, 2))),
        ("M1 2v-5", ("l", (1, -3))),
        ("M1-2.5Z", ("h", ())),
        ("M0 0Q3 3 6 0", ("c", (2, 2, 4, 2, 6, 0))),
    ],
)
def test_paths_are_read(path, last):
    assert list(parts_of(path))[-1] == last


@pytest.mark.parametrize(("large", "sweep", "turn"), [(0, 1, 1), (1, 0, -3)])
def test_an_arc_keeps_to_its_circle(large, sweep, turn):
    """A quarter of a circle around the origin, or the three others."""
    parts = list(parts_of(f"M5 0A5 5 0 {large} {sweep} 0 5"))
    assert len(parts) == 1 + abs(turn)
    for letter, values in parts[1:]:
        assert letter == "c"
        assert abs(complex(*values[4:])) == pytest.approx(5)
    # With y downwards, to sweep is to go from +x to +y.
    first = parts[1][1]
    assert (first[1] > 0) == (turn > 0)
    assert parts[-1][1][4:] == pytest.approx((0, 5))


def test_colours_are_read():
    assert colour_of("#f00") == (1, 0, 0, 1)
    assert colour_of("#00ff0080") == (0, 1, 0, 128 / 255)
    assert colour_of("rgba(255, 0, 51, 0.5)") == (1, 0, 0.2, 0.5)
    assert colour_of("color(srgb 1 0.5 0 / 0.25)") == (1, 0.5, 0, 0.25)


BOMB = (
    b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    b'<text x="1" y="5" font-size="4" fill="#000000">&b;</text></svg>'
)
FILE = BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/passwd"')
HREF = '<image x="0" y="0" width="9" height="9" href="{}"/>'
HOSTILE = {
    "entities": BOMB,
    "a file as an entity": FILE,
    "no XML": b"\x00\xff",
    "nothing": b"",
    "an end too early": WHOLE[:-9],
    "a page": b"<html></html>",
    "a script": picture("<script>alert(1)</script>"),
    "a style sheet": picture("<style>@import url(http://127.0.0.1/x);</style>"),
    "another's image": picture(HREF.format("http://127.0.0.1:9/x.png")),
    "a file": picture(HREF.format("file:///etc/passwd")),
    "SVG in SVG": picture(HREF.format("data:image/svg+xml;base64,PHN2Zy8+")),
    "no PNG": picture(HREF.format("data:image/png;base64,AAAA")),
    "a JPEG": picture(HREF.format("data:image/jpeg;base64,/9j/")),
    "copies": picture('<use href="#a"/>'),
    "a foreign object": picture("<foreignObject></foreignObject>"),
    "an unknown clip": picture('<g clip-path="url(#nowhere)"></g>'),
    "another's clip": picture('<g clip-path="url(http://127.0.0.1/#a)"></g>'),
    "an unknown shade": picture('<path d="M0 0L9 9" fill="url(#nowhere)"/>'),
    "no number": picture('<path d="M0 0LNaN 9" fill="#000"/>'),
    "numbers beyond all": picture('<path d="M0 0L1e999 9" fill="#000"/>'),
    "half a point": picture('<path d="M0 0L5" fill="#000"/>'),
    "no colour": picture('<path d="M0 0L5 5" fill="javascript:1"/>'),
    "no transform": picture('<path d="M0 0L5 5" transform="rotate(x)"/>'),
    "no join": picture('<path d="M0 0L5 5" stroke="#000" stroke-linejoin="x"/>'),
    "no size": picture(size='width="1e9" height="5"'),
    "no setup": picture().replace(b"loss-surface-setup", b"javascript"),
}


@pytest.mark.parametrize("svg", HOSTILE.values(), ids=HOSTILE)
def test_anything_else_is_refused_in_a_sentence(svg, monkeypatch):
    def never(*_, **__):
        raise AssertionError("it reads what it should not")

    monkeypatch.setattr("socket.socket.connect", never)
    monkeypatch.setattr("reportlab.lib.utils.open_for_read", never)
    with pytest.raises(Refused, match=r"^[A-Z].*\.$"):
        drawn(svg)


CLIPS = '<clipPath id="c"><path d="M0 0L1 1L2 2L3 3"/></clipPath>'
LARGE = {
    "MOST_ELEMENTS": picture('<path d="M0 0"/>' * 9),
    "MOST_PARTS": picture('<path fill="#000" d="M0 0L1 1L1 1L1 1"/>'),
    "MOST_PIXELS": picture(HREF.format(image())),
    "MOST_IMAGES": picture(HREF.format(image(1, 1)) * 6),
    "MOST_LETTERS": picture(text("abcdef")),
}


@pytest.mark.parametrize("bound", LARGE)
def test_too_much_is_refused(bound, monkeypatch):
    monkeypatch.setattr(
        drawing, bound, 5 if bound != "MOST_LETTERS" else 5 + len(QUERY)
    )
    with pytest.raises(Refused, match="too large for a PDF"):
        drawn(LARGE[bound])


def test_a_clip_counts_each_time_that_it_is_used(monkeypatch):
    monkeypatch.setattr(drawing, "MOST_PARTS", 100)
    drawn(picture('<g clip-path="url(#c)"></g>' * 2, defs=CLIPS))
    with pytest.raises(Refused, match="too large"):
        drawn(picture('<g clip-path="url(#c)"></g>' * 30, defs=CLIPS))


def test_it_can_be_ended_in_between():
    calls = []

    def end(part):
        calls.append(part)
        if len(calls) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        pdf_of(picture('<path d="M0 0"/>' * 5000), end)
    assert 0 <= calls[0] < calls[1] < calls[2] < 1


def test_the_server_starts_without_its_libraries():
    code = (
        "import sys; from views.routes import ROUTES;"
        "print([one for one in ('reportlab', 'fontTools') if one in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True
    )
    assert ran.stdout.split() == [b"[]"]


def asked(body, headers=None):
    async def post():
        app = httpx.ASGITransport(app=Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=app, base_url="http://test") as client:
            given = {"content-type": route.BODIES.kind} if headers is None else headers
            return await client.post("/pdf", content=body, headers=given)

    return asyncio.run(post())


def test_the_route_answers_a_pdf():
    answer = asked(WHOLE)
    assert answer.status_code == 200
    body = answer.content.lstrip(bytes(range(1, 100)))
    assert body[:6] == ANSWER + b"%PDF-"


def test_the_route_refuses_in_a_sentence(monkeypatch):
    wrong = asked(BOMB)
    assert wrong.status_code == 400
    assert wrong.text == "This is no picture that the page has drawn."
    other = {"content-type": route.BODIES.kind, "sec-fetch-site": "cross-site"}
    for headers in (other, {"content-type": "text/plain"}):
        assert asked(WHOLE, headers).status_code == 403
    monkeypatch.setattr(route, "BODIES", replace(route.BODIES, most_bytes=100))
    large = asked(WHOLE)
    assert large.status_code == 413
    assert large.text.endswith("save it as PNG.")
