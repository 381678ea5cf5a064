"""The page's fonts, as a PDF can hold them.

Streamlit serves them as WOFF2 files that vary in weight. Of these, faces of one weight
are made, with the letters that a picture can have. Each is made once, and kept.
"""

import io
import threading
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import combining

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from reportlab.pdfbase import pdfmetrics, ttfonts
from streamlit.file_util import get_static_dir

from views.stream import Refused

SANS, CODE, SIGNS = "SourceSansVF", "SourceCodeVF", "KaTeX_Main"
WEIGHTS = (400, 600)
_RANGES = (
    *((0x20, 0x192), (0x2B0, 0x36F), (0x370, 0x3FF), (0x400, 0x45F)),
    *((0x1D2C, 0x1D6A), (0x1D9C, 0x1DBF), (0x2010, 0x209F), (0x20AC, 0x20AC)),
    *((0x2190, 0x21EA), (0x2200, 0x22FF), (0x25A0, 0x26FF), (0x2713, 0x2717)),
)
"""Latin, Greek, Cyrillic, raised and lowered letters, signs of mathematics, marks."""
_CODES = [code for low, high in _RANGES for code in range(low, high + 1)]
_LOCK = threading.Lock()


class Run(NamedTuple):
    """Letters of one font that follow each other.

    Attributes:
        font: Theirs.
        text: What they are.
        at: Where they begin, in sizes of the font.
    """

    font: Any
    text: str
    at: float


def laid_out(
    text: str, family: str, weight: int, slant: bool
) -> tuple[list[Run], float]:
    """A text in runs, each of the first font that has its letters, and its width.

    Raises:
        Refused: If no font has one of them.
    """
    weight = min(WEIGHTS, key=lambda one: abs(one - weight))
    own = CODE if "Source Code" in family else SANS
    names = tuple(dict.fromkeys((own, SANS, CODE, SIGNS)))
    runs: list[Run] = []
    pen = before = 0.0
    for letter in text:
        font, width, middle = _letter(letter, names, weight, slant)
        if combining(letter) and runs:
            # An accent stands over the letter before it.
            runs.append(Run(font, letter, (before + pen) / 2 - middle))
            continue
        last = runs[-1] if runs else None
        if last and last.font is font and not combining(last.text[0]):
            runs[-1] = last._replace(text=last.text + letter)
        else:
            runs.append(Run(font, letter, pen))
        before, pen = pen, pen + width
    return runs, pen


def first_font() -> str:
    """The name of a font that a page may begin with, so that it names no other."""
    with _LOCK:
        return _made(SANS, WEIGHTS[0], False)[0].fontName


def _letter(
    letter: str, names: tuple[str, ...], weight: int, slant: bool
) -> tuple[Any, float, float]:
    """The font of a letter, its width and its middle, in sizes of the font."""
    for name in names:
        with _LOCK:
            font, middles = _made(name, weight, slant and name != SIGNS)
        if ord(letter) in font.face.charToGlyph:
            width = float(font.stringWidth(letter, 1))
            return font, width, middles.get(ord(letter), width / 2)
    raise Refused(f"There is no font for “{letter}” in a PDF; save it as SVG or PNG.")


@cache
def _made(name: str, weight: int, slant: bool) -> tuple[Any, dict[int, float]]:
    """A font, and the middle of each of its accents."""
    kind = {SIGNS: "Regular"}.get(name, "Italic" if slant else "Upright")
    media = Path(get_static_dir()) / "static" / "media"
    font: Any = TTFont(next(media.glob(f"{name}-{kind}.*woff2")))
    options = subset.Options()
    options.layout_features = []
    options.notdef_outline = True
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "STAT"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=_CODES)
    subsetter.subset(font)
    if "fvar" in font:
        font = instancer.instantiateVariableFont(font, {"wght": weight})
    # By this name readers know one font from another.
    font["name"].setName(f"{name}-{kind}{weight}", 6, 3, 1, 0x409)
    font["name"].setName(f"{name}-{kind}{weight}", 6, 1, 0, 0)
    em, glyphs = font["head"].unitsPerEm, font["glyf"]
    boxes = {c: glyphs[n] for c, n in font.getBestCmap().items() if combining(chr(c))}
    middles = {c: (box.xMin + box.xMax) / 2 / em for c, box in boxes.items()}
    font.flavor = None
    data = io.BytesIO()
    font.save(data)
    data.seek(0)
    made = ttfonts.TTFont(f"{name}{kind}{weight}", data)
    pdfmetrics.registerFont(made)
    return made, middles
