"""Answers sent in slices, as fast as they are read, and given up if they are not.

A server keeps what it is given to send until the client reads it. So it is given one
slice at a time, and the next when its buffer is free again. A client that takes no
slice in time, or is too slow on average, gets no more of the answer.
"""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from views.serving.limits import ConnectionLimits
from views.serving.outbox import Lease

SLICE = 2**16
"""Bytes of a slice: what uvicorn buffers before it pauses the sender."""


async def send_slices(
    send: Send,
    body: bytes | memoryview,
    limits: ConnectionLimits,
    *,
    start: Message | None = None,
    more: bool = False,
) -> bool:
    """Sends a body, or a part of one.

    Args:
        send: The ASGI callable; it waits while the client does not read.
        body: Is referred to, not copied, but for its end.
        limits: How slow the client may be.
        start: The message that starts the response, if it is still to be sent.
        more: Whether more of the same body follows.

    Returns:
        Whether all of it was handed over. If not, the client reads too slowly: the
        response is to end here, unfinished, upon which the server closes the
        connection.
    """
    clock = asyncio.get_running_loop().time
    view, size, sent, began = memoryview(body), len(body), 0, clock()
    try:
        async with asyncio.timeout_at(began + limits.write_timeout) as timer:
            if start is not None:
                await send(start)
            while True:
                stop = sent + SLICE
                part = view[sent:stop]
                # The server may hold the last two after this has returned: as
                # references, they would keep the whole body.
                message = {
                    "type": "http.response.body",
                    "body": part if stop < size - SLICE else bytes(part),
                    "more_body": more or stop < size,
                }
                await send(message)
                if stop >= size:
                    return True
                sent = stop
                due = min(clock(), began + sent / limits.slowest)
                timer.reschedule(due + limits.write_timeout)
    except TimeoutError:
        return False


class SlicedResponse(Response):
    """A response whose body is sent in slices, and whose lease is then released."""

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
            lease: The bytes reserved for it, released when it is sent or given up.
        """
        super().__init__(content, status_code, headers, media_type)
        self._limits = limits
        self._lease = lease

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, as ASGI has it."""
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        try:
            await send_slices(send, self.body, self._limits, start=start)
        finally:
            if self._lease is not None:
                self._lease.release()
