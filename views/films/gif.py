"""A film as a GIF: few colours, and of each frame only what has changed."""

import struct
from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape

import numpy as np
from PIL import GifImagePlugin, Image

from views.films.frames import Film, Frame

COLOURS = 255
"""Besides the one that stands for what has not changed."""
SAME = 255
_LIVELY = 4
"""How much more a pixel counts that changes in the film: trails are few."""

Progress = Callable[[float], None]


def gif(film: Film, frames: Callable[[], Iterator[Frame]], progress: Progress) -> bytes:
    """Encodes a film.

    Args:
        film: What it is.
        frames: Gives its frames from the first on, any number of times.
        progress: Is called with the finished part.
    """
    palette = _palette(film, frames)
    colours = palette.getpalette() or []
    table = bytes(colours[: 3 * COLOURS]).ljust(3 * 256, b"\0")
    parts = [
        b"GIF89a",
        struct.pack("<HHBBB", film.width, film.height, 0xF7, 0, 0),
        table,
    ]
    if film.loop:
        parts.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")
    parts.append(_about(film))
    before: np.ndarray | None = None
    pending: tuple[Image.Image, tuple[int, int]] | None = None
    shown = 0.0
    written = 0
    for number, frame in enumerate(frames()):
        image, before = _changed(before, frame, palette)
        if pending is not None and image is not None:
            written = _write(parts, pending, written, shown)
            pending = None
        if image is not None:
            pending = image
        shown = (number + 1) / film.fps
        progress(0.1 + 0.9 * (number + 1) / film.frames)
    if pending is not None:
        _write(parts, pending, written, shown)
    parts.append(b"\x3b")
    return b"".join(parts)


def _write(
    parts: list[bytes],
    image: tuple[Image.Image, tuple[int, int]],
    written: int,
    until: float,
) -> int:
    """Writes what has changed, shown until a time; hundredths of seconds so far."""
    end = max(round(100 * until), written + 2)
    picture, offset = image
    parts += GifImagePlugin.getdata(
        picture,
        offset,
        duration=10 * (end - written),
        transparency=SAME,
        disposal=1,
    )
    return end


def _palette(film: Film, frames: Callable[[], Iterator[Frame]]) -> Image.Image:
    """The colours of all frames: of the first, and of what changes until the last."""
    sample: list[np.ndarray] = []
    every = max(film.frames // 6, 1)
    before: np.ndarray | None = None
    for number, (pixels, _) in enumerate(frames()):
        if number % every and number != film.frames - 1:
            continue
        now = pixels.view(np.uint32)[:, :, 0]
        if before is None:
            sample.append(pixels[::2, ::2].reshape(-1, 4).copy())
        else:
            sample += [pixels[now != before]] * _LIVELY
        before = now.copy()
    found = np.concatenate(sample)
    side = 1024
    rows = -(-len(found) // side)
    square = np.resize(found, (rows, side, 4))
    named = [bytes.fromhex(colour[1:]) for colour in dict.fromkeys(film.colours)]
    others = COLOURS - len(named)
    common = _image(square).quantize(others, Image.Quantize.MEDIANCUT).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette(b"".join(named) + bytes(common or [])[: 3 * others])
    return palette


def _image(pixels: np.ndarray) -> Image.Image:
    """Pixels as a picture, without their opacity."""
    height, width, _ = pixels.shape
    data = np.ascontiguousarray(pixels)
    return Image.frombuffer("RGBX", (width, height), data, "raw").convert("RGB")


def _changed(
    before: np.ndarray | None, frame: Frame, palette: Image.Image
) -> tuple[tuple[Image.Image, tuple[int, int]] | None, np.ndarray]:
    """What of a frame is new, and where it lies, None if nothing is; and all of it."""
    if before is None:
        everything = np.asarray(_quantized(frame.pixels, palette)).copy()
        return (Image.fromarray(everything), (0, 0)), everything.copy()
    new = np.full(before.shape, SAME, np.uint8)
    boxes: list[tuple[int, int, int, int]] = []
    for place in frame.changed:
        now = np.asarray(_quantized(frame.pixels[place], palette))
        differs = before[place] != now
        rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            continue
        new[place] = np.where(differs, now, np.uint8(SAME))
        before[place] = now
        top, left = place[0].start, place[1].start
        boxes.append(
            (top + rows[0], top + rows[-1], left + columns[0], left + columns[-1])
        )
    if not boxes:
        return None, before
    tops, bottoms, lefts, rights = zip(*boxes, strict=True)
    top, left = int(min(tops)), int(min(lefts))
    picture = Image.fromarray(
        new[top : max(bottoms) + 1, left : max(rights) + 1].copy()
    )
    return (picture, (left, top)), before


def _quantized(pixels: np.ndarray, palette: Image.Image) -> Image.Image:
    return _image(pixels).quantize(palette=palette, dither=Image.Dither.NONE)


def _about(film: Film) -> bytes:
    """The title and the setup as XMP, which stands in a GIF in one piece."""
    packet = xmp(film)
    trailer = bytes([1, *range(255, -1, -1), 0])
    return b"\x21\xff\x0bXMP DataXMP" + packet + trailer


def xmp(film: Film) -> bytes:
    """What a film is and of which setup, in the format of metadata of pictures."""
    title, mark = escape(film.title), escape(film.mark)
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<rdf:Description rdf:about="">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt>'
        "</dc:title>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{mark}</rdf:li>'
        "</rdf:Alt></dc:description>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()
