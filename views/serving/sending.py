"""Answers sent in slices, as fast as they are read, and given up if they are not.

What a server is given to send, it keeps until the client reads it. So it is given one
slice at a time, and the next when it has room again. A client that takes no slice in
time, or is too slow on average, gets no more of the answer.
"""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from views.serving.limits import ConnectionLimits
from views.serving.outbox import Lease

SLICE = 2**16
"""Bytes of a slice: what uvicorn lets wait before it asks for patience."""


async def send_within(send: Send, message: Message, due: float) -> bool:
    """Sends one message, or gives up.

    Args:
        send: The ASGI callable; it waits while the client does not read.
        message: Is sent.
        due: Until when, in the time of the event loop.

    Returns:
        Whether it was sent.
    """
    try:
        async with asyncio.timeout_at(due):
            await send(message)
    except TimeoutError:
        return False
    return True


async def send_slices(
    send: Send,
    body: bytes | memoryview,
    limits: ConnectionLimits,
    *,
    more: bool = False,
) -> bool:
    """Sends a body, after the start of its response.

    Args:
        send: The ASGI callable; it waits while the client does not read.
        body: Is referred to, not copied, but for its end.
        limits: How slow a client may be.
        more: Whether more of the same response follows.

    Returns:
        Whether all of it was handed over. If not, the client reads too slowly: the
        response is to end here, unfinished, upon which the server closes the
        connection.
    """
    clock = asyncio.get_running_loop().time
    began, size, sent = clock(), len(body), 0
    view = memoryview(body)
    while True:
        stop = sent + SLICE
        part = view[sent:stop]
        # The server may hold the last two after this has returned: as references,
        # they would keep the whole body.
        message = {
            "type": "http.response.body",
            "body": part if stop < size - SLICE else bytes(part),
            "more_body": more or stop < size,
        }
        due = min(clock(), began + sent / limits.slowest) + limits.write_timeout
        if not await send_within(send, message, due):
            return False
        if stop >= size:
            return True
        sent = stop


class SlicedResponse(Response):
    """A response whose body is sent in slices, and whose room is then released."""

    def __init__(
        self,
        content: bytes | memoryview | str,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        *,
        limits: ConnectionLimits,
        lease: Lease | None = None,
    ) -> None:
        """As Starlette's own.

        Args:
            content: The body.
            status_code: As for any response.
            headers: As for any response.
            media_type: As for any response.
            limits: How slow the client may be.
            lease: The room that the body takes, released when it is sent or given up.
        """
        super().__init__(content, status_code, headers, media_type)
        self._limits = limits
        self._lease = lease

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        due = asyncio.get_running_loop().time() + self._limits.write_timeout
        try:
            if await send_within(send, start, due):
                await send_slices(send, self.body, self._limits)
        finally:
            if self._lease is not None:
                self._lease.release()
