"""Names files in a header of the page, so that they load in parallel.

Streamlit's own page is two megabytes of modules, and only the code that they run asks
for the modules of what stands on the page, and for the player: by then the browser has
loaded them.
"""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Early:
    """ASGI middleware that adds a Link header to one page."""

    def __init__(self, app: ASGIApp, page: str, files: Mapping[str, str]) -> None:
        """Stands before an app.

        Args:
            app: Answers all.
            page: The path of the page.
            files: How each file is loaded, by address relative to the page.
        """
        self._app = app
        self._page = page
        self._links = ", ".join(f"<{file}>; {how}" for file, how in files.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has it answered."""
        page = scope["type"] == "http" and scope["path"] == self._page

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message)["link"] = self._links
            await send(message)

        await self._app(scope, receive, send_on if page else send)
