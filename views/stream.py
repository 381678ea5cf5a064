"""Long answers: computed in a thread, with progress, and abandoned with the request.

uint8     the finished part of the work in percent, any number of times, 1 to 100
uint8     0, after which the answer follows
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

AT_ONCE = 2
"""Long answers that are computed at the same time; more wait for their turn."""

LOOK_EVERY = 0.2
"""Seconds between two looks at whether anybody still waits for the answer."""

HEADERS = {"cache-control": "no-store", "content-encoding": "identity"}
"""Naming the encoding keeps the middleware from compressing: on floats that costs more
than it saves."""

_workers = ThreadPoolExecutor(AT_ONCE, "study")


class Abandoned(Exception):
    """Nobody waits for the answer any more."""


class Job:
    """One computation in a thread, watched from the event loop."""

    def __init__(self, compute: Callable[[Callable[[float], None]], bytes]) -> None:
        """Starts it, as soon as it is its turn."""
        self._compute = compute
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Queue[Any] = asyncio.Queue()
        self._abandoned = threading.Event()
        self._percent = 0
        _workers.submit(self._work)

    async def news(self, seconds: float) -> Any:
        """The next percentage, the answer, or what went wrong; None if none comes."""
        try:
            return await asyncio.wait_for(self._news.get(), seconds)
        except TimeoutError:
            return None

    def abandon(self) -> None:
        """Ends it at the next step of its progress."""
        self._abandoned.set()

    def _work(self) -> None:
        try:
            self._tell(0.0)
            result: Any = self._compute(self._tell)
        except Abandoned:
            return
        except Exception as error:
            result = error
        self._say(result)

    def _tell(self, part: float) -> None:
        if self._abandoned.is_set():
            raise Abandoned
        percent = min(int(100 * part), 99)
        if percent > self._percent:
            self._percent = percent
            self._say(percent)

    def _say(self, news: Any) -> None:
        # The loop is gone where the server was stopped meanwhile.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.put_nowait, news)


async def respond(
    request: Request, compute: Callable[[Callable[[float], None]], bytes]
) -> Response:
    """Answers a request with what a function computes, and its progress.

    Args:
        request: Is abandoned when it is disconnected.
        compute: Is given what to tell its progress to, from 0 to 1; a ValueError's
            sentence becomes an answer 400.
    """
    job = Job(compute)
    news = None
    while news is None:
        news = await job.news(LOOK_EVERY)
        if news is None and await request.is_disconnected():
            job.abandon()
            return Response(status_code=499)
    if isinstance(news, ValueError):
        return PlainTextResponse(str(news), 400)
    if isinstance(news, Exception):
        raise news
    return StreamingResponse(
        _told(job, news), media_type="application/octet-stream", headers=HEADERS
    )


async def _told(job: Job, news: Any) -> AsyncIterator[bytes]:
    """The progress, said again where none is made, then the answer."""
    percent = 1
    try:
        while not isinstance(news, bytes):
            if isinstance(news, Exception):
                raise news
            percent = news or percent
            # Saying it again is also how a closed connection is noticed.
            yield bytes([percent])
            news = await job.news(LOOK_EVERY)
        yield b"\0" + news
    finally:
        job.abandon()
