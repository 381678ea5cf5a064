"""Records each request: in the figures for Prometheus, and as a line in the log.

A line has the route, the status and the time it took: no address, and nothing of the
setup that was asked for.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Note = Callable[[str, int, float], None]
"""Takes the route, the status and the seconds of a request."""

LOGGER = logging.getLogger("views.requests")


class Observed:
    """ASGI middleware that reports each request."""

    def __init__(
        self, app: ASGIApp, notes: list[Note], routes: Sequence[Route]
    ) -> None:
        """Watches an app.

        Args:
            app: What answers.
            notes: Are called with each request.
            routes: Of the app, as soon as there are any: those without parameters in
                their path are named. All others count as one, for anything can be
                asked for.
        """
        self._app = app
        self._notes = notes
        self._routes = routes
        self._named: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, and reports it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 0, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - began
            path = scope["path"]
            if self._routes and not self._named:
                paths = (route.path for route in self._routes)
                self._named = frozenset(path for path in paths if "{" not in path)
            route = path if path in self._named else "other"
            for note in self._notes:
                note(route, status, seconds)


def log_request(route: str, status: int, seconds: float) -> None:
    """Writes a line about a request; a status of 0 is no answer at all."""
    LOGGER.info(
        "request",
        extra={
            "fields": {
                "route": route,
                "status": status,
                "milliseconds": round(seconds * 1e3, 2),
            }
        },
    )


class AsJson(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_as_json() -> None:
    """Has all that the app logs written to standard error, a line of JSON each.

    The lines of uvicorn hold addresses: of them, only warnings are written.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson())
    for name, level in (("views", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
    for name in ("uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.WARNING)
