"""Answers the app's own routes before Streamlit's middleware.

Streamlit's checks paths, keeps a session and compresses. The app's routes read no
files, keep no session and choose their own encoding, so they need none of it; and it
takes as long as the rest of an answer that is asked for ten times a second.
"""

from collections.abc import Sequence

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Direct:
    """ASGI middleware that answers some routes itself."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        """Stands before an app.

        Args:
            app: Answers all else, and the routes for methods other than GET.
            routes: Those without parameters in their path are answered here.
        """
        self._app = app
        self._routes = {
            route.path: route.app for route in routes if "{" not in route.path
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or has it answered."""
        answer = self._app
        if scope["type"] == "http" and scope["method"] == "GET":
            answer = self._routes.get(scope["path"], answer)
        await answer(scope, receive, send)
