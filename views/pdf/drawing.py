"""Draws the SVG that the page writes (player/svg.js) as a PDF.

Only what the page writes is read, and anything else is refused: no entities, no style
sheets, no references but to what the file itself defines, no images but PNGs inside it.
"""

import base64
import io
import math
import re
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple
from xml.parsers import expat

from PIL import Image
from reportlab import rl_config
from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from views.mark import marked
from views.pdf.colours import colour_of
from views.pdf.fonts import first_font, laid_out
from views.pdf.paths import Part, parts_of
from views.stream import Refused

_WOUND = 1
"""How paths are filled: as in SVG, where nothing else is said."""
MOST_ELEMENTS = 100_000
MOST_PARTS = 400_000
"""Of all paths together."""
MOST_PIXELS = 24 * 10**6
"""Of all images together."""
MOST_IMAGES = 64
MOST_LETTERS = 200_000
"""Of all texts together."""
MOST_SIDE = 8192
_DEEPEST = 64
_LONGEST = 2**16
"""Letters of a text."""
_CHUNK = 2**20
_OFTEN = 500
"""Elements after which it is said how far this is."""
_SHADE = 20
"""Parts of a path that a colour of a gradient counts as."""
_POINTS = 0.75
"""Points of a PDF to a pixel of the screen."""
_OTHER = "This is no picture that the page has drawn."
_LARGE = "This picture is too large for a PDF; save it as PNG."
_DAMAGED = "An image in this picture cannot be read."
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?")
_REFERENCE = re.compile(r"url\(#(\w{1,40})\)")
_PNG = "data:image/png;base64,"

rl_config.useA85 = 0  # What is compressed stays bytes.

Progress = Callable[[float], None]
Attributes = dict[str, str]


class Gradient(NamedTuple):
    """Colours along a line."""

    line: tuple[float, float, float, float]
    colours: list[Color]
    places: list[float]


def pdf_of(svg: bytes, progress: Progress) -> bytes:
    """The PDF of a picture: one page, as large as that.

    Args:
        svg: As the page writes it, without its font.
        progress: Is called with the finished part; may raise to end it.

    Raises:
        Refused: If it is anything else, or too large.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    drawing = _Drawing(lambda: progress(parser.CurrentByteIndex / len(svg)))
    parser.StartElementHandler = drawing.begin
    parser.EndElementHandler = drawing.end
    parser.CharacterDataHandler = drawing.letters
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for at in range(0, len(svg), _CHUNK):
            parser.Parse(svg[at : at + _CHUNK], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ArithmeticError, UnicodeError):
        raise Refused(_OTHER) from None
    return drawing.file()


def _refuse(*_: Any) -> None:
    raise Refused(_OTHER)


def _number(attributes: Attributes, name: str, default: float | None = None) -> float:
    text = attributes.get(name)
    if text is None and default is not None:
        return default
    return _read(text or "")


def _read(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not abs(float(text)) <= 1e6:
        raise Refused(_OTHER)
    return float(text)


class _Drawing:
    """A page on which elements are drawn as they come."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report
        self._open: list[str] = []
        self._elements = self._parts = self._pixels = 0
        self._images = self._letters = 0
        self._texts: dict[str, str] = {}
        self._attributes: Attributes = {}
        self._clips: dict[str, list[Part]] = {}
        self._gradients: dict[str, Gradient] = {}
        self._defined = ""
        self._data = io.BytesIO()
        self._canvas: Any = None

    def begin(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        self._elements += 1
        if self._elements > MOST_ELEMENTS or len(self._open) > _DEEPEST:
            raise Refused(_LARGE)
        if self._elements % _OFTEN == 1:
            self._report()
        self._open.append(name)
        if len(self._open) == 1:
            self._begin_page(name, attributes)
        elif name in ("text", "title", "dc:description"):
            self._attributes = attributes
            self._texts[name] = ""
        elif not self._open[1] == "metadata":
            known = self._KNOWN.get(name)
            if known is None:
                raise Refused(_OTHER)
            known(self, attributes)

    def letters(self, text: str) -> None:
        """Letters inside an element."""
        name = self._open[-1]
        if name in self._texts:
            self._texts[name] += text
            self._letters += len(text)
            if len(self._texts[name]) > _LONGEST or self._letters > MOST_LETTERS:
                raise Refused(_LARGE)
        elif text.strip() and self._open[1:2] != ["metadata"]:
            raise Refused(_OTHER)

    def end(self, name: str) -> None:
        """An element ends."""
        self._open.pop()
        if name == "text":
            self._text(self._texts[name], self._attributes)
        elif name == "g":
            self._canvas.restoreState()
        elif name in ("clipPath", "linearGradient"):
            self._defined = ""

    def file(self) -> bytes:
        """What is drawn, as a file."""
        title, about = (self._texts.get(n, "") for n in ("title", "dc:description"))
        if about and marked(about.encode()) is None:
            raise Refused("The setup of this picture cannot be read.")
        self._canvas.setTitle(title)
        self._canvas.setSubject(about)
        self._canvas.showPage()
        self._canvas.save()
        return self._data.getvalue()

    def _begin_page(self, name: str, attributes: Attributes) -> None:
        if name != "svg":
            raise Refused(_OTHER)
        sides = width, height = [_number(attributes, s) for s in ("width", "height")]
        if not all(1 <= side <= MOST_SIDE for side in sides):
            raise Refused(f"A PDF has 1 to {MOST_SIDE} pixels a side.")
        size = (width * _POINTS, height * _POINTS)
        first: Any = first_font()
        self._canvas = Canvas(
            self._data, size, pageCompression=1, initialFontName=first
        )
        self._canvas.setCreator("loss-surface-visualizer")
        self._canvas.transform(_POINTS, 0, 0, -_POINTS, 0, size[1])
        self._canvas.setMiterLimit(max(_number(attributes, "stroke-miterlimit", 4), 1))

    def _define(self, attributes: Attributes) -> None:
        self._defined = attributes.get("id", "")

    def _define_gradient(self, attributes: Attributes) -> None:
        self._define(attributes)
        x1, y1, x2, y2 = (_number(attributes, end) for end in ("x1", "y1", "x2", "y2"))
        self._gradients[self._defined] = Gradient((x1, y1, x2, y2), [], [])

    def _stop(self, attributes: Attributes) -> None:
        gradient = self._gradients[self._defined]
        gradient.colours.append(Color(*colour_of(attributes.get("stop-color", ""))))
        place = _number(attributes, "offset")
        gradient.places.append(max(min(place, 1), *gradient.places[-1:], 0))

    def _group(self, attributes: Attributes) -> None:
        self._canvas.saveState()
        if "clip-path" in attributes:
            parts = self._clips[_name(attributes["clip-path"])]
            # What has no area shows nothing.
            self._canvas.clipPath(
                self._outline(parts or [("m", (0, 0)), ("h", ())]),
                stroke=0,
                fill=0,
                fillMode=_WOUND,
            )

    def _path(self, attributes: Attributes) -> None:
        parts: list[Part] = []
        for part in parts_of(attributes.get("d", "")):
            self._count(1)
            parts.append(part)
        if self._open[-2] == "clipPath":
            self._clips[self._defined] = parts
            return
        if not parts:
            return
        self._canvas.saveState()
        self._move(attributes)
        filled = attributes.get("fill", "black")
        if filled.startswith("url("):
            self._shade(parts, self._gradients[_name(filled)])
            filled = "none"
        fills, strokes = self._ink(filled, attributes)
        if fills or strokes:
            self._canvas.drawPath(
                self._outline(parts), int(strokes), int(fills), _WOUND
            )
        self._canvas.restoreState()

    def _shade(self, parts: list[Part], gradient: Gradient) -> None:
        if len(gradient.colours) < 2:
            raise Refused(_OTHER)
        self._count(_SHADE * len(gradient.colours))
        canvas = self._canvas
        canvas.saveState()
        canvas.clipPath(self._outline(parts), stroke=0, fill=0, fillMode=_WOUND)
        canvas.linearGradient(*gradient.line, gradient.colours, gradient.places)
        canvas.restoreState()

    def _ink(self, filled: str, attributes: Attributes) -> tuple[bool, bool]:
        """Takes colours and a pen; whether something is filled, and stroked."""
        canvas = self._canvas
        stroked = attributes.get("stroke", "none")
        if filled != "none":
            *colour, alpha = colour_of(filled)
            alpha *= _number(attributes, "fill-opacity", 1)
            canvas.setFillColorRGB(*colour)
            canvas.setFillAlpha(min(max(alpha, 0), 1))
        if stroked != "none":
            *colour, alpha = colour_of(stroked)
            alpha *= _number(attributes, "stroke-opacity", 1)
            canvas.setStrokeColorRGB(*colour)
            canvas.setStrokeAlpha(min(max(alpha, 0), 1))
            canvas.setLineWidth(max(_number(attributes, "stroke-width", 1), 0.01))
            joins = {"miter": 0, "round": 1, "bevel": 2}
            canvas.setLineJoin(joins[attributes.get("stroke-linejoin", "miter")])
            texts = attributes.get("stroke-dasharray", "").split()
            dashes = [max(_read(text), 0) for text in texts[:16]]
            if sum(dashes) > 0.01:  # Else it is a line, or hardly one.
                canvas.setDash(dashes, _number(attributes, "stroke-dashoffset", 0))
        return filled != "none", stroked != "none"

    def _outline(self, parts: list[Part]) -> Any:
        self._count(len(parts))  # One that clips may be used again and again.
        path = self._canvas.beginPath()
        draw = {"m": path.moveTo, "l": path.lineTo, "c": path.curveTo, "h": path.close}
        for letter, values in parts:
            draw[letter](*values)
        return path

    def _count(self, parts: int) -> None:
        self._parts += parts
        if self._parts > MOST_PARTS:
            raise Refused(_LARGE)

    def _move(self, attributes: Attributes) -> None:
        text = attributes.get("transform")
        if text is None:
            return
        if not text.startswith("matrix(") or not text.endswith(")"):
            raise Refused(_OTHER)
        matrix = [_read(one) for one in text[7:-1].split()]
        if len(matrix) != 6:
            raise Refused(_OTHER)
        self._canvas.transform(*matrix)

    def _text(self, text: str, attributes: Attributes) -> None:
        size = _number(attributes, "font-size")
        weight = {"normal": "400", "bold": "600"}.get(
            attributes.get("font-weight", ""), attributes.get("font-weight", "400")
        )
        family = attributes.get("font-family", "")
        slant = attributes.get("font-style") == "italic"
        # Line breaks are spaces in SVG.
        text = re.sub(r"\s", " ", text)
        runs, natural = laid_out(text, family, round(_read(weight)), slant)
        natural *= size
        if natural <= 0 or size <= 0:
            return
        width = _number(attributes, "textLength", natural)
        anchor = {"middle": 0.5, "end": 1.0}.get(attributes.get("text-anchor", ""), 0)
        left = _number(attributes, "x") - anchor * width
        canvas = self._canvas
        canvas.saveState()
        self._move(attributes)
        fills, strokes = self._ink(attributes.get("fill", "black"), attributes)
        scale, row = width / natural, _number(attributes, "y")
        for font, letters, at in runs if fills or strokes else []:
            line = canvas.beginText()
            line.setTextTransform(1, 0, 0, -1, left + at * size * scale, row)
            line.setHorizScale(100 * scale)
            line.setTextRenderMode((2 if fills else 1) if strokes else 0)
            line.setFont(font.fontName, size)
            line.textOut(letters)
            canvas.drawText(line)
        canvas.restoreState()

    def _image(self, attributes: Attributes) -> None:
        address = attributes.get("href", "")
        if not address.startswith(_PNG):
            raise Refused(_OTHER)
        self._images += 1
        image = _opened(address[len(_PNG) :])
        self._pixels += math.prod(image.size)
        if self._pixels > MOST_PIXELS or self._images > MOST_IMAGES:
            raise Refused(_LARGE)
        try:
            image = image.convert("RGBA")
        except Exception:  # Damaged files raise errors of many kinds.
            raise Refused(_DAMAGED) from None
        if image.getchannel("A").getextrema() == (255, 255):
            image = image.convert("RGB")
        box = [_number(attributes, name) for name in ("x", "y", "width", "height")]
        left, top, width, height = box
        canvas = self._canvas
        canvas.saveState()
        self._move(attributes)
        canvas.transform(1, 0, 0, -1, left, top + height)
        canvas.drawImage(ImageReader(image), 0, 0, width, height, mask="auto")
        canvas.restoreState()

    def _nothing(self, _: Attributes) -> None:
        """Holds others, or is of no consequence for a picture."""

    _KNOWN: ClassVar = {
        "metadata": _nothing,
        "defs": _nothing,
        "clipPath": _define,
        "linearGradient": _define_gradient,
        "stop": _stop,
        "g": _group,
        "path": _path,
        "image": _image,
    }


def _opened(text: str) -> Image.Image:
    try:
        data = base64.b64decode(text, validate=True)
        return Image.open(io.BytesIO(data), formats=["PNG"])
    except Exception:  # As above.
        raise Refused(_DAMAGED) from None


def _name(reference: str) -> str:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise Refused(_OTHER)
    return found[1]
