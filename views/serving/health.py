"""Whether the process answers, and whether it can compute: for what starts it.

GET health    200 while the process answers
GET ready     200 if a race is computed within a second; 503 with a sentence if not
"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from surfaces.compiled import NotReady, only_ready
from views.race import result_of, run_race
from views.result import pack
from views.serving.lanes import Busy, Client
from views.serving.server import SERVER
from views.setup import Setup

WITHIN = 1.0
"""Seconds within which a race must be there."""

_HEADERS = {"cache-control": "no-store"}


async def health(request: Request) -> Response:
    """Says that the process answers."""
    return PlainTextResponse("The process answers.", headers=_HEADERS)


async def ready(request: Request) -> Response:
    """Says whether a race is computed within a second."""
    try:
        async with asyncio.timeout(WITHIN):
            await SERVER.races.result_of(Client("ready"), _race)
    except NotReady:
        return _not_yet("The first race is not compiled yet.")
    except Busy as busy:
        return _not_yet(str(busy))
    except TimeoutError:
        return _not_yet(f"A race took longer than {WITHIN:g} second.")
    return PlainTextResponse("Races are computed.", headers=_HEADERS)


def _race() -> bytes:
    with only_ready():
        return pack(result_of(run_race(Setup(), fresh=True)))


def _not_yet(sentence: str) -> Response:
    return PlainTextResponse(sentence, 503, _HEADERS | {"retry-after": "1"})
