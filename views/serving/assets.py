"""Streamlit's own files, from memory and compressed.

Its page consists of a hundred of them, and Streamlit sends each from disk, by a thread
and as it is: 3.5 MB in all. Their names hold a hash of what is in them, so that a
browser may keep them; so does the server, once they have been asked for.
"""

import asyncio
import gzip
import mimetypes
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from views.serving.limits import ConnectionLimits
from views.serving.opening import PAGE
from views.serving.sending import SlicedResponse

_SCRIPTS = "static/js"
_NAMED_IN_PAGE = re.compile(r'"\./(static/js/[^"]+\.js)"')
# The modules that a module names at its very start are loaded before it runs.
_STATIC_IMPORTS = re.compile(r'import(?:[\w$\s{},*]+from)?"\./([^"]+\.js)"')
_KEPT_BY_BROWSERS = "public, immutable, max-age=31536000"
_COMPRESSED = (".js", ".css", ".svg", ".json")
_ICONS = b"@font-face{font-family:Material Symbols Rounded;"
# Names of icons: small letters, digits and a line below, and what lies between these.
_THEIR_LETTERS = b"unicode-range:U+30-7A;"
NO_ARROW = b'.stPopover [data-testid="stIconMaterial"]{display:none}'
"""The page draws its own (page/style.py); this has to be there before the first one."""


@cache
def _paths(folder: Path) -> dict[str, Path]:
    """The files with a hash in their names, by address relative to the page."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted((folder / "static").rglob("*"))
        if path.is_file()
    }


@cache
def element_scripts(folder: Path, elements: Iterable[str]) -> tuple[str, ...]:
    """The modules that elements need besides those that the page names itself.

    Args:
        folder: Of Streamlit's files.
        elements: The names of Streamlit's elements, such as Selectbox.

    Returns:
        Their addresses, relative to the page. A name that Streamlit does not have is
        passed over: its module would be loaded when it is needed.
    """
    named = set(_NAMED_IN_PAGE.findall((folder / PAGE).read_text("utf-8")))
    paths = _paths(folder)
    first = (f"{_SCRIPTS}/{name}." for name in elements)
    todo = [path for start in first for path in paths if path.startswith(start)]
    found: dict[str, None] = {}
    while todo:
        address = todo.pop()
        if address in found or address in named or address not in paths:
            continue
        found[address] = None
        text = paths[address].read_text("utf-8")
        todo += [f"{_SCRIPTS}/{name}" for name in _STATIC_IMPORTS.findall(text)]
    return tuple(found)


class Kept(NamedTuple):
    """What is sent of a file, as a response takes it."""

    content: bytes
    headers: dict[str, str]
    media_type: str


class Assets:
    """ASGI middleware that answers Streamlit's files itself."""

    def __init__(
        self, app: ASGIApp, folder: Path, page: str, limits: ConnectionLimits
    ) -> None:
        """Stands before an app.

        Args:
            app: Answers all else: other paths and methods, parts of files, and
                clients that read nothing compressed.
            folder: Of the files.
            page: The path of the page, to which their addresses are relative.
            limits: How slow a client may be.
        """
        self._app = app
        self._limits = limits
        self._paths = {page + name: path for name, path in _paths(folder).items()}
        self._kept: dict[str, Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or has it answered."""
        path = scope.get("path", "")
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and path in self._paths
            and _reads_compressed(Headers(scope=scope))
        ):
            if path not in self._kept:
                self._kept[path] = await asyncio.to_thread(_read, self._paths[path])
            response = SlicedResponse(**self._kept[path]._asdict(), limits=self._limits)
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _reads_compressed(headers: Headers) -> bool:
    return "gzip" in headers.get("accept-encoding", "") and "range" not in headers


def _on_demand(styles: bytes) -> bytes:
    """Style sheets whose font of icons is loaded where an icon is shown.

    Streamlit's page asks for it at its very start, by a blank: it is larger than all
    that the first moving trails need of ours. Without letters in common, that asks for
    nothing.
    """
    return styles.replace(_ICONS, _ICONS + _THEIR_LETTERS) + NO_ARROW


def _read(path: Path) -> Kept:
    content = path.read_bytes()
    if path.suffix == ".css":
        content = _on_demand(content)
    kind, _ = mimetypes.guess_type(path.name)
    headers = {"cache-control": _KEPT_BY_BROWSERS, "vary": "accept-encoding"}
    if path.suffix in _COMPRESSED:
        content = gzip.compress(content, 6)
        headers["content-encoding"] = "gzip"
    return Kept(content, headers, kind or "application/octet-stream")
