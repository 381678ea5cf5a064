"""The page, with a header that names files, so that they load in parallel.

Streamlit's own page is two megabytes of modules, and only the code that they run asks
for the modules of what stands on the page, and for the player: by then the browser has
loaded them.
"""

import gzip
from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OF_ANOTHER_TEXT = ("etag", "last-modified", "accept-ranges")
_ASKED_OF_ANOTHER = (
    *(b"accept-encoding", b"if-none-match", b"if-modified-since", b"if-range"),
    b"range",
)


class Early:
    """ASGI middleware that sends one page with another text, and adds a Link header."""

    def __init__(
        self,
        app: ASGIApp,
        page: str,
        text: str,
        files: Mapping[str, str],
        answers: Sequence[str],
    ) -> None:
        """Stands before an app.

        Args:
            app: Answers all.
            page: The path of the page.
            text: What is sent as the page, in place of the app's own.
            files: How each file is loaded, by address relative to the page.
            answers: The addresses that a page without a query asks for.
        """
        self._app = app
        self._page = page
        self._text = text.encode()
        self._zipped = gzip.compress(self._text, mtime=0)
        how = "rel=preload; as=fetch; crossorigin=anonymous"
        self._links = _linked(files)
        self._plain_links = _linked({**files, **dict.fromkeys(answers, how)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has it answered."""
        if not (
            scope["type"] == "http"
            and scope["path"] == self._page
            and scope["method"] in ("GET", "HEAD")
        ):
            await self._app(scope, receive, send)
            return
        short = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        replaced = False

        async def send_on(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] == 200:
                replaced = True
                headers = MutableHeaders(scope=message)
                for name in _OF_ANOTHER_TEXT:
                    del headers[name]
                body = self._body(short)
                if short:
                    headers["content-encoding"] = "gzip"
                headers["vary"] = "accept-encoding"
                headers["content-length"] = str(len(body))
                plain = not scope["query_string"]
                headers["link"] = self._plain_links if plain else self._links
            elif replaced and message["type"] == "http.response.body":
                if message.get("more_body"):
                    return
                body = b"" if scope["method"] == "HEAD" else self._body(short)
                message = {"type": "http.response.body", "body": body}
            await send(message)

        # Nothing that a browser keeps of the app's own text is the page.
        asked = [pair for pair in scope["headers"] if pair[0] not in _ASKED_OF_ANOTHER]
        await self._app({**scope, "headers": asked}, receive, send_on)

    def _body(self, short: bool) -> bytes:
        return self._zipped if short else self._text


def _linked(files: Mapping[str, str]) -> str:
    return ", ".join(f"<{file}>; {how}" for file, how in files.items())
