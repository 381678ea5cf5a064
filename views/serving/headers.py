"""Headers of every answer: what a browser may do with it, and who may embed the page.

    Content-Security-Policy    where a page may load from; see `_policy`
    X-Frame-Options            who may embed it, again, for browsers without policies
    X-Content-Type-Options     an answer is what its type says, not what it looks like
    Referrer-Policy            no other site learns an address: it can hold a formula
                               that a visitor typed
    X-Player                   the version of the player's files, by which a page finds
                               that servers of two versions answer it (renewal.js)
    Permissions-Policy         the page needs no camera, microphone, location, USB and
                               so on, and nothing in it may ask for them

There is no Strict-Transport-Security, because only the proxy that ends TLS knows
whether all of its host is served that way. There is no Cross-Origin-Opener-Policy,
because browsers report an error for it wherever a page is served without TLS.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from views.player_files import VERSION
from views.serving.opening import page

Headers = Sequence[tuple[bytes, bytes]]

NO_SOURCE = "'none'"
ITSELF = "'self'"
NOT_NEEDED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope"),
    *("hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
"""What a browser asks the visitor for, or shares with pages, that this page never uses.
The clipboard and the full screen, which it does use, are not among them."""

_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_ORIGIN = re.compile(rf"https?://{_LABEL}(\.{_LABEL})*(:(?P<port>[0-9]{{1,5}}))?", re.I)
_INLINE_SCRIPT = re.compile(r"<script(?: type=\"module\")?>(.*?)</script>", re.DOTALL)


@cache
def security_headers(embed: str) -> Middleware:
    """The middleware that sends these headers with every answer.

    Args:
        embed: Who may embed the page, as `frame_ancestors` reads it.

    Raises:
        ValueError: With one sentence, if `embed` cannot be read.
    """
    return Middleware(SecurityHeaders, _headers(frame_ancestors(embed)))


def frame_ancestors(text: str) -> str:
    """Reads who may embed the page: the policy's directive of that name.

    Args:
        text: Origins such as https://example.org, and `self` for pages of this server,
            with spaces between them; or `*` for anyone; or nothing, for no page at all.

    Raises:
        ValueError: With one sentence, if it is anything else.
    """
    words = text.split()
    if words == ["*"]:
        return "*"
    for word in words:
        if word != "self" and not _is_origin(word):
            shown = "".join(c if c.isprintable() else "?" for c in word[:60])
            raise ValueError(
                f"“{shown}” is not an origin; allowed are origins such as "
                "https://example.org with spaces between them, self for pages of this "
                "server, or * alone for anyone."
            )
    sources = (ITSELF if word == "self" else word.lower() for word in words)
    return " ".join(dict.fromkeys(sources)) or NO_SOURCE


def _is_origin(word: str) -> bool:
    found = _ORIGIN.fullmatch(word)
    return found is not None and 0 < int(found["port"] or 443) < 2**16


def _headers(ancestors: str) -> Headers:
    named = {
        "content-security-policy": _policy(ancestors),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-player": VERSION,
        "permissions-policy": ", ".join(f"{name}=()" for name in NOT_NEEDED),
    }
    # It cannot name other origins, and would then contradict the policy.
    if ancestors in (NO_SOURCE, ITSELF):
        named["x-frame-options"] = "DENY" if ancestors == NO_SOURCE else "SAMEORIGIN"
    return [(name.encode(), value.encode()) for name, value in named.items()]


def _policy(ancestors: str) -> str:
    """The Content-Security-Policy: all the page loads comes from this server."""
    directives = {
        "default-src": ITSELF,
        # Streamlit runs the player's loader (views/player) from a blob; only a script
        # that runs already could make another. Its decoder of messages keeps 64-bit
        # integers in WebAssembly.
        "script-src": " ".join(
            (ITSELF, "blob:", "'wasm-unsafe-eval'", *_inline_scripts())
        ),
        # Streamlit, plotly.js and KaTeX all write styles into the page.
        "style-src": f"{ITSELF} 'unsafe-inline'",
        "img-src": f"{ITSELF} data: blob:",
        "font-src": f"{ITSELF} data:",
        # Includes the websocket since Chrome 71, Firefox 50 and Safari 16 of 2022.
        # For older ones, its host would have to be named: only a request says what
        # this server's host is, and a request may say anything.
        "connect-src": ITSELF,
        "object-src": NO_SOURCE,
        "frame-src": NO_SOURCE,
        "worker-src": NO_SOURCE,
        "base-uri": NO_SOURCE,
        "form-action": NO_SOURCE,
        "frame-ancestors": ancestors,
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _inline_scripts() -> tuple[str, ...]:
    """The hashes of the scripts in the page itself: they may run."""
    digests = (
        hashlib.sha256(script.encode()).digest()
        for script in _INLINE_SCRIPT.findall(page())
    )
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


class SecurityHeaders:
    """Sends headers with every answer, in place of others of the same names.

    An answer passes through as it is sent, piece by piece. So does an open websocket;
    a handshake that is refused is an answer as well.
    """

    def __init__(self, app: ASGIApp, headers: Headers) -> None:
        """Wraps an ASGI app; the names of the headers are in lower case."""
        self.app = app
        self.headers = list(headers)
        self.names = frozenset(name for name, _ in headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the app answer one request, or hold one websocket."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        answerable = scope["type"] == "http" or "websocket.http.response" in (
            scope.get("extensions") or {}
        )
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            kind = message["type"]
            if kind in ("http.response.start", "websocket.http.response.start"):
                others = [
                    header
                    for header in message.get("headers", ())
                    if header[0].lower() not in self.names
                ]
                message = {**message, "headers": others + self.headers}
            elif kind == "websocket.close" and answerable and not begun:
                # The server would refuse the handshake with an answer of its own.
                await PlainTextResponse("Forbidden", 403)(scope, receive, send_on)
                return
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception:
            # Starlette would answer this, too, but outside of this middleware.
            if answerable and not begun:
                failed = PlainTextResponse("Internal Server Error", 500)
                await failed(scope, receive, send_on)
            raise
