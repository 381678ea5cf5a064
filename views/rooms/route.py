"""The routes of rooms.

    POST room         opens one; answered with its code and its key, as JSON
    POST room/CODE    shows something in it; answered with how many follow. With null,
                      ends it
    GET room/CODE     follows it: a line of JSON whenever something else is shown, an
                      empty line when nothing is for a while

Who leads has the room's key in the header `x-room-key`. The code of a room that was
lost with its process is had again by its key.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import wraps
from time import monotonic
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message as Sent
from starlette.types import Receive, Scope, Send

from views.rooms.codes import ALLOWED, code_of, new_key, parse_code
from views.rooms.message import MOST_BYTES, TOO_LONG, Message, parse_message
from views.rooms.room import (
    ALL_A_SECOND,
    BYTES_A_SECOND,
    PACE,
    NoRoom,
    NotLeading,
    Room,
    Rooms,
    RoomsHere,
)
from views.serving.bodies import Bodies, refused
from views.serving.connections import running_server
from views.serving.lanes import Busy
from views.serving.limits import ConnectionLimits
from views.serving.sending import send_slices
from views.serving.server import SERVER, client_of
from views.serving.settings import Settings
from views.stream import Refused, refusal

KEY = "x-room-key"
"""The header with which a page says that a room is its own."""

BODIES = Bodies(
    kind="application/json",
    most_bytes=MOST_BYTES,
    seconds=10.0,
    each=40,  # A class that leads in groups may share one address.
    all=200,
    again=1,
)

EACH = 20
"""Rooms that may be opened from one address."""

ENDS = b"null"
"""What is said to end a room."""

LOOK_EVERY = 0.5
"""Seconds between two looks after all rooms."""

WRONG = 12
"""Codes of no room that an address may try within `WITHIN` seconds."""

WITHIN = 60.0
_MOST_ADDRESSES = 10_000

_NO_MORE = "Too many wrong codes were tried from this network; try again in a minute."
_NONE_OPENED = "This server opens no rooms."
_WANTED = "What a room shows is sent by this page, as application/json."


class Guesses:
    """The wrong codes that were tried lately: a code is not to be found by trying.

    A code that was right for an address may be asked for there again, whatever others
    have tried: a class may have one address.
    """

    def __init__(self) -> None:
        """None were."""
        self._tried: OrderedDict[str, dict[str, float]] = OrderedDict()
        self._right: OrderedDict[tuple[str, str], None] = OrderedDict()

    def right(self, address: str, code: str) -> None:
        """Notes a code of a room."""
        self._right[address, code] = None
        self._right.move_to_end((address, code))
        if len(self._right) > _MOST_ADDRESSES:
            self._right.popitem(last=False)

    def wrong(self, address: str, code: str) -> None:
        """Notes a code of no room."""
        self._tried.setdefault(address, {})[code] = monotonic()
        self._tried.move_to_end(address)
        if len(self._tried) > _MOST_ADDRESSES:
            self._tried.popitem(last=False)

    def allows(self, address: str, code: str) -> bool:
        """Whether an address may try a code; what it tried before, it may again."""
        tried = self._tried.get(address)
        if not tried or code in tried or (address, code) in self._right:
            return True
        now = monotonic()
        recent = {one: at for one, at in tried.items() if now - at < WITHIN}
        self._tried[address] = recent
        return len(recent) < WRONG


class Hall:
    """The rooms of this process, and all who follow in it.

    Attributes:
        rooms: Where they are kept.
    """

    def __init__(self, settings: Settings, limits: ConnectionLimits) -> None:
        """None follow yet.

        Args:
            settings: How many rooms there may be, and where they are kept.
            limits: How slowly a follower may read.
        """
        self.rooms = _rooms_of(settings)
        self.guesses = Guesses()
        self.limits = limits
        self._most = settings.followers
        self._each: dict[str, list[Following]] = {}
        self._looking: asyncio.Task[None] | None = None

    @property
    def followers(self) -> int:
        """How many follow."""
        return sum(map(len, self._each.values()))

    def pace(self, size: int) -> float:
        """Seconds between two lines for a follower: the more there are, the longer.

        Args:
            size: Bytes of a line.
        """
        each = max(1 / ALL_A_SECOND, size / BYTES_A_SECOND)
        return max(PACE, self.followers * each)

    def admit(self, follower: "Following") -> None:
        """Counts a follower; where there are too many, another may have to leave.

        Raises:
            Busy: If no address has more than this one.
        """
        address = follower.address
        if self.followers >= self._most:
            most = max(self._each.values(), key=len)
            if len(self._each.get(address, ())) + 1 >= len(most):
                raise Busy(10)
            most[-1].drop()
        self._each.setdefault(address, []).append(follower)
        follower.room.followers += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def release(self, follower: "Following") -> None:
        """A follower has gone."""
        same = self._each.get(follower.address, [])
        if follower in same:
            same.remove(follower)
            follower.room.followers -= 1
        if not same:
            self._each.pop(follower.address, None)

    async def _look(self) -> None:
        """Looks after the rooms while there are any, and ends with the server."""
        while self._each or self.rooms.here:
            await asyncio.sleep(LOOK_EVERY)
            try:
                self.rooms.look(monotonic())
            except Exception:
                logging.getLogger(__name__).exception("Looking after rooms failed.")
            server = running_server()
            if server is not None and server.should_exit:
                for room in self.rooms.here:
                    room.leave()
                return


def _rooms_of(settings: Settings) -> Rooms:
    if not settings.redis:
        return RoomsHere(settings.rooms, EACH)
    from views.rooms.across import RoomsAcross

    return RoomsAcross(settings.redis, settings.rooms, EACH)


HALL = Hall(SERVER.settings, SERVER.limits)


class _TooLarge(Exception):
    """A body has more bytes than are read."""


_Route = Callable[[Request], Awaitable[Response]]


def _in_words(route: _Route) -> _Route:
    """Answers with a sentence, where there is no other answer."""

    @wraps(route)
    async def answer(request: Request) -> Response:
        try:
            return await route(request)
        except NoRoom as error:
            return PlainTextResponse(str(error), 404)
        except NotLeading as error:
            return PlainTextResponse(str(error), 403)
        except (ValueError, Busy) as error:
            return refusal(error)
        except _TooLarge:
            return refused(f"{TOO_LONG[0].upper()}{TOO_LONG[1:]}.", 413)
        except TimeoutError:
            sentence = f"It did not arrive within {BODIES.seconds:g} seconds."
            return refused(sentence, 408)
        except ClientDisconnect:
            return Response(status_code=499)

    return answer


async def _message(request: Request) -> Message | None:
    """What a page says; None if it ends its room.

    Raises:
        ValueError: If it is something else.
        _TooLarge: If it is too much.
    """
    with BODIES.room(client_of(request).address):
        body = await BODIES.read(request)
    if body is None:
        raise _TooLarge
    return None if body == ENDS else parse_message(body)


@_in_words
async def open_room(request: Request) -> Response:
    """Opens a room, or opens it again for who has its key."""
    if not SERVER.settings.rooms:
        return refused(_NONE_OPENED, 403)
    if not BODIES.from_here(request):
        return refused(_WANTED, 403)
    message = await _message(request)
    if message is None:
        raise Refused("There is nothing to show in this room.")
    client = client_of(request)
    key = request.headers.get(KEY) or new_key()
    code = await SERVER.first.result_of(client, lambda: code_of(key))
    await HALL.rooms.open(code, key, client.address, message)
    return _json({"code": code, "key": key})


@_in_words
async def in_room(request: Request) -> Response:
    """Shows something in a room, ends it, or follows it."""
    try:
        code = parse_code(request.path_params["code"])
    except ValueError:
        return PlainTextResponse(f"There is no such room; {ALLOWED}.", 404)
    address = client_of(request).address
    if not HALL.guesses.allows(address, code):
        return PlainTextResponse(_NO_MORE, 503, {"retry-after": "60"})
    try:
        if request.method == "GET":
            answer = await _followed(request, code)
        else:
            answer = await _led(request, code)
    except (NoRoom, NotLeading):
        HALL.guesses.wrong(address, code)
        raise
    if answer.status_code == 200:
        HALL.guesses.right(address, code)
    return answer


async def _led(request: Request, code: str) -> Response:
    if not BODIES.from_here(request):
        return refused(_WANTED, 403)
    message, key = await _message(request), request.headers.get(KEY, "")
    if message is None:
        await HALL.rooms.end(code, key)
        return _json({"followers": 0})
    return _json({"followers": await HALL.rooms.say(code, key, message)})


async def _followed(request: Request, code: str) -> Response:
    room = await HALL.rooms.find(code)
    follower = Following(request, room, client_of(request).address)
    HALL.admit(follower)
    return follower


class Following(Response):
    """The lines of a room, until its follower or the server goes."""

    media_type = "application/x-ndjson"

    def __init__(self, request: Request, room: Room, address: str) -> None:
        """Of a follower that is to be admitted."""
        # Proxies would keep lines back until there are many.
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(None, headers=headers)
        del self.headers["content-length"]
        self.room = room
        self.address = address
        self._request = request
        self._task: asyncio.Task[Any] | None = None
        self._dropped = False

    def drop(self) -> None:
        """Ends it, for another's sake."""
        self._dropped = True
        HALL.release(self)
        if self._task is not None:
            self._task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends them, as ASGI has it."""
        start: Sent | None = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        limits = HALL.limits
        self._task = asyncio.current_task()
        try:
            async for line in self.room.lines(HALL.pace):
                if self._dropped or await self._request.is_disconnected():
                    break
                if not await send_slices(send, line, limits, start=start, more=True):
                    return
                start = None
        except asyncio.CancelledError:
            if not self._dropped:
                raise
        finally:
            HALL.release(self)
        await send_slices(send, b"", limits, start=start)


def _json(value: dict[str, str | int]) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(json.dumps(value), 200, headers, media_type="application/json")
