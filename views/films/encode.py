"""Encodes films: GIF and WebP by Pillow, MP4 by PyAV."""

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from PIL import Image

from views.films.frames import MOST_ENCODED, Film, Frame, described, frames_of
from views.films.gif import gif, xmp
from views.stream import Refused

_WEBP_QUALITY = 80
_WEBP_EFFORT = 0
"""Of 0 to 6: with more, a film takes several times as long."""
_MP4_QUALITY = 20
"""The constant rate factor of x264: less is better, and larger."""

Progress = Callable[[float], None]
Frames = Callable[[], Iterator[Frame]]


def encoded(body: bytes, progress: Progress) -> bytes:
    """The film that a page sends.

    Args:
        body: As in `frames`.
        progress: Is called with the finished part; may raise to end it.

    Raises:
        Refused: If it is no film, or too large.
    """
    film, compressed = described(body)

    def frames() -> Iterator[Frame]:
        return frames_of(film, compressed)

    encode = {"gif": gif, "webp": webp, "mp4": mp4}[film.format]
    found = encode(film, frames, progress)
    if len(found) > MOST_ENCODED:
        raise Refused("This film would be too large; make it smaller or shorter.")
    return found


def webp(film: Film, frames: Frames, progress: Progress) -> bytes:
    """Encodes a film as an animated WebP."""
    ends = np.round(1000 * np.arange(film.frames + 1) / film.fps).astype(int)

    def images() -> Iterator[Image.Image]:
        size = (film.width, film.height)
        for number, (pixels, _) in enumerate(frames()):
            progress(number / film.frames)
            yield Image.frombuffer("RGBX", size, pixels, "raw").convert("RGB")

    rest = images()
    first = next(rest)
    file = io.BytesIO()
    first.save(
        file,
        "WEBP",
        save_all=True,
        append_images=rest,
        duration=np.diff(ends).tolist(),
        loop=0 if film.loop else 1,
        quality=_WEBP_QUALITY,
        method=_WEBP_EFFORT,
        # Whole frames in between would make it ten times as large.
        kmin=film.frames,
        kmax=film.frames + 1,
        xmp=xmp(film),
    )
    return file.getvalue()


def mp4(film: Film, frames: Frames, progress: Progress) -> bytes:
    """Encodes a film as an MP4, which plays everywhere; it has no word for a loop."""
    # The player of a film in a page begins before it has all: what it needs first comes
    # first, for which the file is written again.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        _write_mp4(path, film, frames, progress)
        return path.read_bytes()


def _write_mp4(path: Path, film: Film, frames: Frames, progress: Progress) -> None:
    options = {"movflags": "+faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata["title"] = film.title
        container.metadata["comment"] = film.mark
        rate = Fraction(film.fps).limit_denominator(1000)
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height = film.width, film.height
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(_MP4_QUALITY), "preset": "veryfast"}
        for number, (pixels, _) in enumerate(frames()):
            progress(number / film.frames)
            picture = av.VideoFrame.from_ndarray(pixels, "rgba")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
