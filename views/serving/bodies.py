"""The bodies of requests: from whom, how large, and how many at once.

A body is memory that a visitor fills before anything is known of it. So it is refused
by its type and its length before it is read, and while it comes as soon as it is too
much.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from views.serving.lanes import Busy


@dataclass(frozen=True)
class Bodies:
    """What is taken of one kind.

    Attributes:
        kind: Its type. Another site's page cannot send it: a browser asks first, for a
            type that no form has, and is not answered.
        most_bytes: Of a body.
        seconds: In which it must have come.
        each: How many of a visitor there may be at once.
        all: And of all visitors together.
        again: Seconds after which there may be room for another.
    """

    kind: str
    most_bytes: int
    seconds: float
    each: int
    all: int
    again: int
    _taken: Counter[str] = field(default_factory=Counter)

    def from_here(self, request: Request) -> bool:
        """Whether it comes from this page, or from no page at all."""
        kind = request.headers.get("content-type", "").partition(";")[0]
        site = request.headers.get("sec-fetch-site", "same-origin")
        return kind.strip().lower() == self.kind and site == "same-origin"

    @contextmanager
    def room(self, address: str) -> Iterator[None]:
        """Counts one while it is taken.

        Raises:
            Busy: If there are too many.
        """
        taken = self._taken
        if taken[address] >= self.each or taken.total() >= self.all:
            raise Busy(self.again)
        taken[address] += 1
        try:
            yield
        finally:
            taken[address] -= 1
            if not taken[address]:
                del taken[address]

    async def read(self, request: Request) -> bytes | None:
        """What is sent; None as soon as it is too much.

        Raises:
            TimeoutError: If it does not come in time.
        """
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:12]) > self.most_bytes:
            return None
        parts: list[bytes] = []
        size = 0
        async with asyncio.timeout(self.seconds):
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > self.most_bytes:
                    return None
        return b"".join(parts)


def refused(sentence: str, status: int) -> Response:
    """Refuses a body; what is still on its way is not read."""
    return PlainTextResponse(sentence, status, {"connection": "close"})
