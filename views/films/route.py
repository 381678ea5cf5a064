"""The route that encodes a film.

    POST film    frames that the page has drawn (frames.py); answered with the film,
                 after its progress (views/stream.py)

Nothing is kept. Another site's page cannot send this request: a browser asks first, for
the type of the body, and is not answered.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from views.films.frames import MOST_ENCODED, described
from views.result import ProgressCallback
from views.serving.lanes import Busy
from views.serving.outbox import Full
from views.serving.server import SERVER, client_of
from views.stream import Assignment, refusal, respond

KIND = "application/x-loss-surface-film"
MOST_BYTES = 48 * 2**20
"""Of a body."""
SECONDS = 60.0
"""In which a body must have come, and in which it must be encoded."""
AT_ONCE = 3
"""Bodies that are on their way or being encoded, of all visitors together."""
AGAIN = 10
"""Seconds after which there may be room for another."""
_TOO_LARGE = "The frames of this film are too large; make it smaller or shorter."

_taken: Counter[str] = Counter()


async def take_film(request: Request) -> Response:
    """Encodes a film, or says in a sentence why not."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    site = request.headers.get("sec-fetch-site", "same-origin")
    if kind != KIND or site != "same-origin":
        return _refused(f"A film is sent by this page, as {KIND}.", 403)
    client = client_of(request)
    try:
        with _room(client.address):
            async with asyncio.timeout(SECONDS):
                body = await _body(request)
            if body is None:
                return _refused(_TOO_LARGE, 413)
            described(body)
            return await _encoded(request, body)
    except (ValueError, Busy, Full) as error:
        return refusal(error)
    except TimeoutError:
        return _refused(f"The film did not arrive within {SECONDS:g} seconds.", 408)
    except ClientDisconnect:
        return Response(status_code=499)


async def _encoded(request: Request, body: bytes) -> Response:
    client = client_of(request)
    lease = SERVER.outbox.reserve(MOST_ENCODED, client.address)
    assignment = Assignment(SERVER.studies, client, SERVER.limits, True, SECONDS, lease)

    def compute(progress: ProgressCallback) -> bytes:
        # The libraries take a while to load, and few servers are asked for films.
        from views.films.encode import encoded

        return encoded(body, progress)

    return await respond(request, compute, assignment)


@contextmanager
def _room(address: str) -> Iterator[None]:
    """Counts a film that is taken: one of each visitor.

    Raises:
        Busy: If there is no room.
    """
    if _taken[address] or _taken.total() >= AT_ONCE:
        raise Busy(AGAIN)
    _taken[address] += 1
    try:
        yield
    finally:
        del _taken[address]


async def _body(request: Request) -> bytes | None:
    """What is sent; None as soon as it is too much."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:12]) > MOST_BYTES:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            return None
    return b"".join(parts)


def _refused(sentence: str, status: int) -> Response:
    # What is still on its way is not read.
    return PlainTextResponse(sentence, status, {"connection": "close"})
