"""Makes the gallery's pictures and films from the addresses beneath them.

    python -m docs.pictures [NAME ...]     all of them, or those named

A picture is a PNG of the whole page, a film a WebP of its map, both in dark colours.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PAGE = HERE / "gallery.md"
PICTURE = ("--scale", "1")
FILM = ("--what", "map", "--size", "640x360", "--seconds", "6", "--fps", "12.5")


class Shown(NamedTuple):
    """A picture or film of the gallery, and the address that it shows."""

    file: Path
    address: str


def shown() -> list[Shown]:
    """All that the gallery shows of addresses, in its order."""
    pairs = re.findall(
        r"^!\[[^]]*\]\((gallery/\S+)\)\n\n`(\?\S+)`$", PAGE.read_text("utf-8"), re.M
    )
    return [Shown(HERE / file, address) for file, address in pairs]


def command(one: Shown) -> list[str]:
    """The command that makes a file of the gallery."""
    options = FILM if one.file.suffix == ".webp" else PICTURE
    address = f"{one.address}&theme=dark"
    program = [sys.executable, "-m", "views.command", "render"]
    return [*program, address, str(one.file), "--colours", "seen", *options]


if __name__ == "__main__":
    for one in shown():
        if not sys.argv[1:] or one.file.stem in sys.argv[1:]:
            subprocess.run(command(one), check=True, cwd=HERE.parent)
