"""Answers the app's own routes before Streamlit's middleware.

Streamlit's checks paths, keeps a session and compresses. The app's routes read no
files, keep no session and choose their own encoding, so they need none of it; and it
takes as long as the rest of an answer that is asked for ten times a second.

Most of them exist only when all has been imported: until then, what may be one of them
waits, and Streamlit's page does not.
"""

from collections.abc import Awaitable, Callable, Sequence

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

_AT_ONCE = ("static/", "_stcore/", "favicon.png")
"""Of Streamlit's own addresses, what the page loads at first."""


class Direct:
    """ASGI middleware that answers some routes itself."""

    def __init__(
        self,
        app: ASGIApp,
        page: str,
        first: Sequence[Route],
        later: Callable[[], Awaitable[Sequence[Route]]],
    ) -> None:
        """Stands before an app.

        Args:
            app: Answers all else.
            page: The path of the page; all others are below it.
            first: Routes that are there from the start.
            later: Gives the others, as soon as they are there.
        """
        self._app = app
        self._page = page
        self._at_once = tuple(page + name for name in _AT_ONCE)
        self._first = first
        self._later = later
        self._exact: dict[str, ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or has it answered."""
        answer = self._app
        if scope["type"] == "http":
            answer = await self._answering(scope)
        await answer(scope, receive, send)

    async def _answering(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        if path == self._page or path.startswith(self._at_once):
            return self._app
        if found := _route(self._first, scope):
            return found
        routes = await self._later()
        if self._exact is None:
            self._exact = {
                route.path: route.app
                for route in routes
                if "{" not in route.path and "GET" in (route.methods or ())
            }
        if scope["method"] == "GET" and path in self._exact:
            return self._exact[path]
        return _route(routes, scope) or self._app


def _route(routes: Sequence[Route], scope: Scope) -> ASGIApp | None:
    """What answers by the first route of this path; None if there is none."""
    for route in routes:
        match, more = route.matches(scope)
        if match is not Match.NONE:
            return _handled(route, more)
    return None


def _handled(route: Route, more: Scope) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        # Within an app, what is refused would be raised, for middleware behind this.
        alone = {key: value for key, value in scope.items() if key != "app"}
        await route.handle({**alone, **more}, receive, send)

    return answer
