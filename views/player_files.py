"""The player's own files: where they are, and how they are sent.

Nothing is imported here that takes long: the page names these files, and the first page
is asked for before the rest of the app is there.
"""

import gzip
import hashlib
from functools import cache
from pathlib import Path

import brotli
import plotly
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from views.packed import packed

_TYPES = {".js": "text/javascript", ".css": "text/css"}
_PLAYER = Path(__file__).parent / "player"
PACKED = "packed.js"
"""The file that holds all modules of the player."""
_FILES = {
    path.name: path for path in sorted(_PLAYER.iterdir()) if path.suffix in _TYPES
} | {"plotly.min.js": Path(plotly.__file__).parent / "package_data" / "plotly.min.js"}


def _version() -> str:
    digest = hashlib.sha256(plotly.__version__.encode())
    for name, path in _FILES.items():
        if path.parent == _PLAYER:
            digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


VERSION = _version()
"""Another whenever one of them changes."""

PLAYER_PATH = f"player/{VERSION}"
"""Where the player's files are: a new address whenever one of them changes."""


EARLY = {
    f"{PLAYER_PATH}/{PACKED}": "rel=modulepreload",
    f"{PLAYER_PATH}/style.css": "rel=preload; as=style",
}
"""How each of these files is loaded ahead of its use, by its address."""


def page_of(base: str) -> str:
    """The path of the page, where Streamlit's server.baseUrlPath is this."""
    return f"/{base.strip('/')}/" if base.strip("/") else "/"


def _content(name: str) -> bytes:
    if name != PACKED:
        return _FILES[name].read_bytes()
    return packed(modules()).encode()


def modules() -> dict[str, str]:
    """The texts of the player's modules by their names."""
    own = [path for path in _FILES.values() if path.parent == _PLAYER]
    return {path.stem: path.read_text("utf-8") for path in own if path.suffix == ".js"}


@cache
def zipped(name: str, level: int = 6) -> bytes:
    """One of the files, compressed once.

    Args:
        name: Which.
        level: From 1, quick, to 9, small.
    """
    return gzip.compress(_content(name), level, mtime=0)


@cache
def brotlied(name: str) -> bytes:
    """The same by Brotli: a tenth smaller in half the time, but not all read it."""
    # What comes before the first trails is squeezed longer: a quarter of a second, in
    # which a server that has just started imports what the page needs besides.
    own = name == PACKED or _FILES[name].parent == _PLAYER
    return brotli.compress(_content(name), quality=10 if own else 5)


def reads_brotli(request: Request) -> bool:
    """Whether the client reads what is compressed by Brotli."""
    accepted = request.headers.get("accept-encoding", "").split(",")
    return any(part.partition(";")[0].strip() == "br" for part in accepted)


def player_file(request: Request) -> Response:
    """One of the player's own files, or plotly.js; never changes at its address."""
    name = request.path_params["name"]
    if name not in (*_FILES, PACKED) or request.path_params["version"] != VERSION:
        return PlainTextResponse("There is no such file.", 404)
    short = reads_brotli(request)
    return Response(
        brotlied(name) if short else zipped(name),
        media_type=_TYPES[Path(name).suffix],
        headers={
            "content-encoding": "br" if short else "gzip",
            "vary": "accept-encoding",
            "cache-control": "public, max-age=31536000, immutable",
        },
    )
