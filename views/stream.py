"""Long answers: computed in a thread, with progress, and abandoned with the request.

uint8     the finished part of the work in percent, any number of times, 1 to 99
uint8     0, after which the answer follows

A file is sent without progress: only what it was made of.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

AT_ONCE = 2
"""Long answers that are computed at the same time; more wait for their turn."""

QUICK = 0.3
"""Seconds within which an answer comes whole, without any word of its progress."""

WHOLE = 2**20
"""Bytes up to which an answer is sent in one piece."""

LOOK_EVERY = 0.2
"""Seconds between two looks at whether anybody still waits for the answer."""

HEADERS = {"cache-control": "no-store", "content-encoding": "identity"}
"""Naming the encoding keeps the middleware from compressing: on floats that costs more
than it saves."""

Compute = Callable[[Callable[[float], None]], bytes]

MEDIA_TYPE = "application/octet-stream"

_workers = ThreadPoolExecutor(AT_ONCE, "study")


class Abandoned(Exception):
    """Nobody waits for the answer any more."""


class Job:
    """One computation in a thread, watched from the event loop."""

    def __init__(self, compute: Compute) -> None:
        """Starts it, as soon as it is its turn."""
        self._compute = compute
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Queue[Any] = asyncio.Queue()
        self._abandoned = threading.Event()
        self._percent = self._said = 0
        self._quick = monotonic() + QUICK
        self._turn = _workers.submit(self._work)

    async def news(self, seconds: float) -> Any:
        """The next percentage, the answer, or what went wrong; None if none comes."""
        try:
            return await asyncio.wait_for(self._news.get(), seconds)
        except TimeoutError:
            return None

    def abandon(self) -> None:
        """Ends it at the next step of its progress, or before it has begun."""
        self._abandoned.set()
        self._turn.cancel()

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
        self._percent = max(self._percent, min(int(100 * part), 99))
        if self._percent > self._said and monotonic() > self._quick:
            self._said = self._percent
            self._say(self._percent)

    def _say(self, news: Any) -> None:
        # The loop is gone where the server was stopped meanwhile.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.put_nowait, news)


class _Streamed(StreamingResponse):
    """A stream whose work ends with it, even if nothing of it was ever sent."""

    def __init__(self, job: Job, news: Any) -> None:
        """Begins with the news that has come."""
        super().__init__(_told(job, news), media_type=MEDIA_TYPE, headers=HEADERS)
        self._job = job

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._job.abandon()


async def respond(request: Request, compute: Compute) -> Response:
    """Answers a request with what a function computes, and its progress.

    Args:
        request: Is abandoned when it is disconnected.
        compute: Is given what to tell its progress to, from 0 to 1; a ValueError's
            sentence becomes an answer 400.
    """
    job = Job(compute)
    news = await _waited(request, job, (int, bytes))
    if isinstance(news, Response):
        return news
    if isinstance(news, bytes) and len(news) < WHOLE:
        return Response(b"\0" + news, media_type=MEDIA_TYPE, headers=HEADERS)
    return _Streamed(job, news)


async def deliver(
    request: Request, compute: Compute, media_type: str, name: str
) -> Response:
    """Answers a request with a file that a function computes.

    Args:
        request: As for `respond`.
        compute: As for `respond`.
        media_type: Of the file.
        name: Under which it is kept.
    """
    news = await _waited(request, Job(compute), (bytes,))
    if isinstance(news, Response):
        return news
    kept = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(news, media_type=media_type, headers=HEADERS | kept)


async def _waited(request: Request, job: Job, wanted: tuple[type, ...]) -> Any:
    """The first news of a kind, or the response to a request that is wrong or gone."""
    try:
        while True:
            news = await job.news(LOOK_EVERY)
            if isinstance(news, wanted):
                return news
            if isinstance(news, ValueError):
                return PlainTextResponse(_sentence(news), 400)
            if isinstance(news, Exception):
                raise news
            if await request.is_disconnected():
                job.abandon()
                return Response(status_code=499)
    except BaseException:
        # The request was cancelled, as it is when the server stops.
        job.abandon()
        raise


def _sentence(error: ValueError) -> str:
    told = str(error)
    told = told[:1].upper() + told[1:]
    return told if told.endswith((".", "?")) else f"{told}."


async def _told(job: Job, news: Any) -> AsyncIterator[bytes]:
    """The progress, said again where none is made, then the answer."""
    percent = 1
    while not isinstance(news, bytes):
        if isinstance(news, Exception):
            raise news
        percent = news or percent
        # Saying it again is also how a closed connection is noticed.
        yield bytes([percent])
        news = await job.news(LOOK_EVERY)
    yield b"\0"
    yield news
