"""Answers that take a while: computed in a lane, and abandoned with the request.

A race and a study are sent with their progress:

uint8     the finished part of the work in percent, any number of times, 1 to 99
uint8     0, after which the answer follows; or 255, after which a sentence follows
          that says why there is none

Everything else is sent without: only what it was made of.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from views.result import ProgressCallback
from views.serving.lanes import Busy, Client, Lane
from views.serving.limits import ConnectionLimits
from views.serving.outbox import Full, Lease
from views.serving.sending import SlicedResponse, send_slices

QUICK = 0.3
"""Seconds within which an answer comes whole, without any word of its progress."""

WHOLE = 2**20
"""Bytes up to which an answer is sent in one piece."""

LOOK_EVERY = 0.2
"""Seconds between two looks at whether the client still waits for the answer."""

HEADERS = {"cache-control": "no-store", "content-encoding": "identity"}
"""Naming the encoding keeps the middleware from compressing: on floats that costs more
than it saves."""

MEDIA_TYPE = "application/octet-stream"
ANSWER, REFUSAL = b"\0", b"\xff"

Compute = Callable[[ProgressCallback], bytes]


class Abandoned(Exception):
    """The client does not wait for the answer any more."""


class Refused(ValueError):
    """A whole sentence about what was asked, which may begin with its name."""


class TooLong(ValueError):
    """The work took longer than any may."""

    def __init__(self, seconds: float) -> None:
        """Says so."""
        super().__init__(
            f"this was stopped after {seconds:g} seconds of computing, which is the "
            "limit; take fewer steps, runs or optimizers"
        )


@dataclass(frozen=True)
class Assignment:
    """Where work is done, and for whom.

    Attributes:
        lane: Does it.
        client: For whom.
        limits: How slowly the answer may be read.
        long: Whether it may hold a thread for long.
        seconds: How long it may take, once it has begun.
        lease: The room for the answer, released when that is sent or given up.
    """

    lane: Lane
    client: Client
    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    long: bool = False
    seconds: float = float("inf")
    lease: Lease | None = None


class Job:
    """One computation in a lane, watched from the event loop."""

    def __init__(self, compute: Compute, assignment: Assignment) -> None:
        """Puts it in the queue of its lane.

        Raises:
            Busy: If that is full.
        """
        self._compute = compute
        self._assignment = assignment
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Queue[Any] = asyncio.Queue()
        self._abandoned = threading.Event()
        self._percent = self._said = 0
        self._quick = monotonic() + QUICK
        self._began = 0.0
        self._work = assignment.lane.submit(
            assignment.client, self._run, long=assignment.long
        )
        self._work.future.add_done_callback(self._gave_way)

    async def news(self, seconds: float) -> Any:
        """The next percentage, the answer, or what went wrong; None if none comes."""
        try:
            async with asyncio.timeout(seconds):
                return await self._news.get()
        except TimeoutError:
            return None

    def abandon(self) -> None:
        """Ends it at the next step of its progress, or before it has begun."""
        self._abandoned.set()
        self._assignment.lane.cancel(self._work)

    def _run(self) -> None:
        self._began = monotonic()
        try:
            self._progress(0.0)
            result: Any = self._compute(self._progress)
        except Abandoned:
            return
        except Exception as error:
            result = error
        self._say(result)

    def _gave_way(self, future: Any) -> None:
        """Says so if it was never begun, because others had waited with less."""
        if not future.cancelled() and (error := future.exception()) is not None:
            self._say(error)

    def _progress(self, part: float) -> None:
        if self._abandoned.is_set():
            raise Abandoned
        if monotonic() - self._began > self._assignment.seconds:
            raise TooLong(self._assignment.seconds)
        self._percent = max(self._percent, min(int(100 * part), 99))
        if self._percent > self._said and monotonic() > self._quick:
            self._said = self._percent
            self._say(self._percent)

    def _say(self, news: Any) -> None:
        # The loop is gone where the server was stopped meanwhile.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._news.put_nowait, news)


class _Streamed(Response):
    """The progress, said again where none is made, then the answer.

    The work ends with it, even if nothing of it was ever sent.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self, request: Request, job: Job, news: Any, assignment: Assignment
    ) -> None:
        """Begins with the news that has come."""
        super().__init__(None, headers=HEADERS)
        del self.headers["content-length"]
        self._request = request
        self._job = job
        self._first = news
        self._assignment = assignment

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends what there is to say, as ASGI has it."""
        try:
            await self._send(send)
        finally:
            self._job.abandon()
            if self._assignment.lease is not None:
                self._assignment.lease.release()

    async def _send(self, send: Send) -> None:
        limits, news, percent = self._assignment.limits, self._first, 1
        start: Message | None = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        while not isinstance(news, bytes | Exception):
            percent = news or percent
            if await self._request.is_disconnected():
                return
            said = bytes([percent])
            if not await send_slices(send, said, limits, start=start, more=True):
                return
            start = None
            news = await self._job.news(LOOK_EVERY)
        if isinstance(news, ValueError | Busy):
            mark, news = REFUSAL, sentence(news).encode()
        elif isinstance(news, Exception):
            raise news
        else:
            mark = ANSWER
        if await send_slices(send, mark, limits, start=start, more=True):
            await send_slices(send, news, limits)


async def respond(
    request: Request, compute: Compute, assignment: Assignment
) -> Response:
    """Answers a request with what a function computes, and its progress.

    Args:
        request: Is abandoned when it is disconnected.
        compute: Is given a callback for its progress, from 0 to 1; a ValueError's
            sentence becomes an answer 400.
        assignment: Where it is computed.
    """

    async def answer(job: Job) -> Response:
        news = await _waited(request, job, (int, bytes))
        if isinstance(news, bytes) and len(news) < WHOLE:
            return _whole(ANSWER + news, assignment, MEDIA_TYPE)
        return _Streamed(request, job, news, assignment)

    return await _answered(compute, assignment, answer)


async def deliver(
    request: Request,
    compute: Compute,
    assignment: Assignment,
    media_type: str = MEDIA_TYPE,
    headers: dict[str, str] | None = None,
) -> Response:
    """Answers a request with what a function computes, and nothing before it.

    Args:
        request: As for `respond`.
        compute: As for `respond`.
        assignment: As for `respond`.
        media_type: Of the answer.
        headers: Besides those that every answer has.
    """

    async def answer(job: Job) -> Response:
        news = await _waited(request, job, (bytes,))
        return _whole(news, assignment, media_type, headers)

    return await _answered(compute, assignment, answer)


def attached(name: str) -> dict[str, str]:
    """The header with which an answer is kept as a file of a name."""
    return {"content-disposition": f'attachment; filename="{name}"'}


def refusal(error: ValueError | Busy | Full) -> Response:
    """The answer that says, in a sentence, why there is no other."""
    if isinstance(error, ValueError):
        return PlainTextResponse(sentence(error), 400)
    seconds = error.seconds if isinstance(error, Busy) else error.retry_after
    if seconds is None:
        return PlainTextResponse(sentence(error), 400)
    return PlainTextResponse(sentence(error), 503, {"retry-after": str(seconds)})


class _Gone(Exception):
    """The client is not there any more."""


async def _answered(
    compute: Compute,
    assignment: Assignment,
    answer: Callable[[Job], Awaitable[Response]],
) -> Response:
    """The answer to a request, or to one that is wrong, too much or gone."""
    try:
        return await answer(Job(compute, assignment))
    except BaseException as error:
        if assignment.lease is not None:
            assignment.lease.release()
        if isinstance(error, ValueError | Busy | Full):
            return refusal(error)
        if isinstance(error, _Gone):
            return Response(status_code=499)
        raise


def _whole(
    body: bytes,
    assignment: Assignment,
    media_type: str,
    headers: dict[str, str] | None = None,
) -> Response:
    if assignment.lease is not None:
        assignment.lease.resize(len(body))
    return SlicedResponse(
        body,
        headers=HEADERS | (headers or {}),
        media_type=media_type,
        limits=assignment.limits,
        lease=assignment.lease,
    )


async def _waited(request: Request, job: Job, wanted: tuple[type, ...]) -> Any:
    """The first news of a kind.

    Raises:
        Exception: What went wrong; `_Gone` if the client has gone.
    """
    try:
        while True:
            news = await job.news(LOOK_EVERY)
            if isinstance(news, wanted):
                return news
            if isinstance(news, Exception):
                raise news
            if await request.is_disconnected():
                raise _Gone
    except BaseException:
        # Also where the request was cancelled, as it is when the server stops.
        job.abandon()
        raise


def sentence(error: Exception) -> str:
    """What is wrong, as a whole sentence."""
    sentence = str(error)
    if isinstance(error, Refused):
        return sentence
    sentence = sentence[:1].upper() + sentence[1:]
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."
