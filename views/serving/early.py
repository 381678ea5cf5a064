"""Names files in a header of the page, so that they load in parallel.

Streamlit's own page is two megabytes of modules, and only the code that they run asks
for the modules of what stands on the page, and for the player: by then the browser has
loaded them.
"""

from collections.abc import Mapping, Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Early:
    """ASGI middleware that adds a Link header to one page."""

    def __init__(
        self,
        app: ASGIApp,
        page: str,
        files: Mapping[str, str],
        answers: Sequence[str],
    ) -> None:
        """Stands before an app.

        Args:
            app: Answers all.
            page: The path of the page.
            files: How each file is loaded, by address relative to the page.
            answers: The addresses that a page without a query asks for.
        """
        self._app = app
        self._page = page
        how = "rel=preload; as=fetch; crossorigin=anonymous"
        self._links = _linked(files)
        self._plain_links = _linked({**files, **dict.fromkeys(answers, how)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has it answered."""
        page = scope["type"] == "http" and scope["path"] == self._page

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                plain = not scope["query_string"]
                links = self._plain_links if plain else self._links
                MutableHeaders(scope=message)["link"] = links
            await send(message)

        await self._app(scope, receive, send_on if page else send)


def _linked(files: Mapping[str, str]) -> str:
    return ", ".join(f"<{file}>; {how}" for file, how in files.items())
