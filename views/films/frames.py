"""The frames of a film, as the page sends them.

uint32    bytes of the description that follows
bytes     the description, as JSON (`Film`)
bytes     all frames, compressed by zlib, one after the other:
          uint32    in how many rectangles it differs from the frame before
          uint32    of each, four numbers: its first row, how many rows, its first
                    column, how many columns
          bytes     and its pixels, four bytes each, red, green, blue and opacity, by
                    exclusive or with the frame before, which is black at first

All integers are little-endian. Nothing is decoded but this, and never more than the
description says, which is bounded.
"""

import json
import math
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Self

import numpy as np
from jaxtyping import UInt8

from views.stream import Refused

FORMATS = {"gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4"}
MOST_SIDE = 2560
MOST_FRAMES = 1_800
MOST_PIXELS = 700_000_000
"""Of all frames together: 12 seconds of 1920 x 1080 at 28 frames a second."""
MOST_SECONDS = 60
FRAME_RATES = (1, 60)
MOST_ENCODED = 64 * 2**20
"""Bytes of a film that is encoded."""
MOST_COLOURS = 100
LONGEST_TEXT = 20_000
"""Characters of a title or of a setup's mark."""
_HEADER = 100_000
_PIECE = 2**16
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


class Frame(NamedTuple):
    """A frame of a film.

    Attributes:
        pixels: Red, green, blue and opacity, which is full; overwritten by the next.
        changed: The rectangles in which it differs from the frame before, as slices.
    """

    pixels: UInt8[np.ndarray, "height width 4"]
    changed: list[tuple[slice, slice]]


@dataclass(frozen=True)
class Film:
    """What a film is.

    Attributes:
        format: Its ending.
        width: In pixels; even, as MP4 needs it.
        height: Likewise.
        frames: How many.
        fps: How many a second.
        loop: Whether it begins again at its end.
        title: What it shows.
        mark: Of the setup.
        colours: Those that few pixels have, and that are to be kept, as "#12ab90".
    """

    format: str
    width: int
    height: int
    frames: int
    fps: float
    loop: bool
    title: str
    mark: str
    colours: list[str]

    @classmethod
    def read(cls, found: Any) -> Self:
        """Reads a description.

        Raises:
            Refused: For the first thing that is wrong.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(found, dict) or found.keys() != names:
            raise Refused("This is no description of a film.")
        film = cls(**found)
        kinds = {"frames": int, "width": int, "height": int, "fps": int | float}
        for name, kind in kinds.items():
            value = found[name]
            if not isinstance(value, kind) or isinstance(value, bool):
                raise Refused(f"The {name} of a film is a number.")
        if film.format not in FORMATS:
            raise Refused(f"A film is one of {', '.join(FORMATS)}.")
        texts = (film.title, film.mark)
        if not all(isinstance(one, str) and len(one) <= LONGEST_TEXT for one in texts):
            raise Refused("The texts of this film are too long.")
        named = film.colours
        if not isinstance(named, list) or len(named) > MOST_COLOURS:
            raise Refused(f"A film names at most {MOST_COLOURS} colours.")
        if not all(isinstance(one, str) and _COLOUR.fullmatch(one) for one in named):
            raise Refused("The colours of a film are written as #12ab90.")
        film._check()
        return film

    def _check(self) -> None:
        for side in (self.width, self.height):
            if not 16 <= side <= MOST_SIDE or side % 2:
                raise Refused(
                    f"A film has an even number of pixels a side, 16 to {MOST_SIDE}."
                )
        low, high = FRAME_RATES
        if not (math.isfinite(self.fps) and low <= self.fps <= high):
            raise Refused(f"A film has {low} to {high} frames a second.")
        if not 1 <= self.frames <= MOST_FRAMES:
            raise Refused(f"A film has 1 to {MOST_FRAMES:,} frames.")
        if self.frames > MOST_SECONDS * self.fps:
            raise Refused(f"A film takes at most {MOST_SECONDS} seconds.")
        if self.frames * self.width * self.height > MOST_PIXELS:
            raise Refused(
                "This film has too many pixels; make it smaller or shorter, or take "
                "fewer frames a second."
            )


def described(body: bytes) -> tuple[Film, memoryview]:
    """What is sent: the film, and its frames, compressed.

    Raises:
        Refused: If it is none.
    """
    view = memoryview(body)
    size = int.from_bytes(view[:4], "little")
    if not 0 < size <= _HEADER or len(view) < 4 + size:
        raise Refused("This is no film.")
    try:
        found = json.loads(bytes(view[4 : 4 + size]).decode())
    except (ValueError, RecursionError):
        raise Refused("This is no description of a film.") from None
    return Film.read(found), view[4 + size :]


def frames_of(film: Film, compressed: memoryview) -> Iterator[Frame]:
    """The frames, one after the other.

    Raises:
        Refused: If they are not what the description says.
    """
    source = _Inflated(compressed)
    canvas = np.zeros((film.height, film.width, 4), np.uint8)
    for _ in range(film.frames):
        (count,) = struct.unpack("<I", source.take(4))
        if count > film.height:
            raise Refused("A frame of this film has too many parts.")
        changed: list[tuple[slice, slice]] = []
        room = film.width * film.height
        for _ in range(count):
            top, rows, left, columns = struct.unpack("<4I", source.take(16))
            if top + rows > film.height or left + columns > film.width:
                raise Refused("A part of this film lies outside of its frame.")
            room -= rows * columns
            if room < 0:  # Else a short text could ask for hours of work.
                raise Refused("The parts of a frame of this film overlap.")
            place = slice(top, top + rows), slice(left, left + columns)
            part = np.frombuffer(source.take(4 * rows * columns), np.uint8)
            canvas[place] ^= part.reshape(rows, columns, 4)
            changed.append(place)
        yield Frame(canvas, changed)


class _Inflated:
    """Bytes that were compressed, as many as are asked for."""

    def __init__(self, compressed: memoryview) -> None:
        self._inflate = zlib.decompressobj()
        self._compressed = compressed
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            Refused: If there are not so many.
        """
        parts: list[bytes] = []
        missing = size
        while missing:
            # Piece by piece: what is not consumed is copied.
            piece = self._inflate.unconsumed_tail
            if not piece:
                piece = self._compressed[self._at : self._at + _PIECE]
                self._at += len(piece)
            try:
                part = self._inflate.decompress(piece, missing)
            except zlib.error:
                raise Refused("The frames of this film are damaged.") from None
            if not part and not len(piece):
                raise Refused("Frames of this film are missing.")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)
