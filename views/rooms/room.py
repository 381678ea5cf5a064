"""A room, and those who follow; and all rooms of a process.

Everything here is done by the event loop, and nothing waits for others: a follower that
reads slowly is given the newest that was said, and never what was said before.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Protocol

from views.rooms.codes import digest_of
from views.rooms.message import Message
from views.serving.lanes import Busy

BEAT = 5.0
"""Seconds after which followers hear that the server is still there."""

AWAY = 15.0
"""Seconds without a word after which who leads is away."""

LEFT = 900.0
"""And after which a room may end to make room for another."""

ENDS_AFTER = 86_400.0
"""Seconds from its opening to a room's end."""

A_SECOND = 25.0
"""Messages of one page in a second, at most, and so many at once."""

PACE = 0.04
"""Seconds between two lines that one follower is sent, at least."""

ALL_A_SECOND = 2_500
"""Lines that all followers together are sent in a second, at most."""

BYTES_A_SECOND = 5_000_000
"""And bytes."""


class NoRoom(LookupError):
    """There is no room of a code."""

    def __init__(self, code: str) -> None:
        """Says so."""
        super().__init__(f"There is no room {code}: it is over, or the code is wrong.")


class NotLeading(Exception):
    """Another page has opened the room."""

    def __init__(self, code: str) -> None:
        """Says so."""
        super().__init__(f"Another page leads room {code}.")


class TooMany(Busy):
    """There are too many rooms."""

    def __init__(self) -> None:
        """Says so."""
        super().__init__(60)
        self.args = ("There are too many rooms; try again in a minute.",)


class Allowance:
    """How much a page may say: so many messages at once, and so many in a second.

    A network brings at once what was said one after the other.
    """

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._left = A_SECOND
        self.at = monotonic()

    def take(self) -> None:
        """Takes one message.

        Raises:
            Busy: If it is too much.
        """
        now = monotonic()
        self._left = min(A_SECOND, self._left + A_SECOND * (now - self.at))
        self.at = now
        if self._left < 1.0:
            raise Busy(1)
        self._left -= 1.0


class Room:
    """A room as this process knows it.

    Attributes:
        code: By which it is found.
        ends: When it is over, by `monotonic`.
        heard: When its leader was last heard of.
        followers: How many there are here; what is shown says so, too, and they need
            not all ask for something else at one moment.
    """

    def __init__(self, code: str, ends: float) -> None:
        """Nothing is shown in it yet."""
        self.code = code
        self.ends = ends
        self.heard = monotonic()
        self.followers = 0
        self.shows = b""
        self._leading = True
        self._line = b""
        self._over = False
        self._changed = asyncio.Event()

    def say(self, shows: bytes) -> None:
        """Shows something else, or the same: then who leads is only heard of."""
        self.heard = monotonic()
        self._show(shows, leading=True)

    def look(self, now: float) -> None:
        """Says that who leads is away, if that is so."""
        if self.shows and now - self.heard > AWAY:
            self._show(self.shows, leading=False)

    def end(self) -> None:
        """Is over, for all who follow."""
        self._put_out(b'{"over":true}\n')
        self.leave()

    def leave(self) -> None:
        """Ends what followers are sent; they may come again."""
        self._over = True
        self._changed.set()

    def _show(self, shows: bytes, leading: bool) -> None:
        if (shows, leading) == (self.shows, self._leading):
            return
        self.shows, self._leading = shows, leading
        state = b'"leading":%b,"followers":%d' % (
            str(leading).lower().encode(),
            self.followers,
        )
        self._put_out(b'{%b,"shows":%b}\n' % (state, shows))

    def _put_out(self, line: bytes) -> None:
        self._line = line
        self._changed.set()
        self._changed = asyncio.Event()

    async def lines(self, pace: Callable[[int], float]) -> AsyncIterator[bytes]:
        """What a follower is sent: each line, or the newest of several.

        Args:
            pace: Seconds until the next line, at least, after one of so many bytes.
        """
        seen = b""
        while True:
            changed = self._changed
            if self._line != seen:
                seen = self._line
                yield seen
                if not self._over:
                    await asyncio.sleep(pace(len(seen)))
                continue
            if self._over:
                return
            try:
                async with asyncio.timeout(BEAT):
                    await changed.wait()
            except TimeoutError:
                yield b"\n"


class Rooms(Protocol):
    """Where rooms are kept."""

    async def open(self, code: str, key: str, address: str, message: Message) -> None:
        """Opens a room.

        Args:
            code: Follows from the key.
            key: With which it is led.
            address: Whence it is opened.
            message: What it shows.

        Raises:
            NotLeading: If the code is taken.
            Busy: If there is no room for another.
        """
        ...

    async def say(self, code: str, key: str, message: Message) -> int:
        """Shows something in a room.

        Returns:
            How many follow.

        Raises:
            NoRoom: If it is over.
            NotLeading: If the key is not its own.
            Busy: If this page says too much.
        """
        ...

    async def end(self, code: str, key: str) -> None:
        """Ends a room.

        Raises:
            NoRoom: If it is over.
            NotLeading: If the key is not its own.
        """
        ...

    async def find(self, code: str) -> Room:
        """The room of a code.

        Raises:
            NoRoom: If there is none.
        """
        ...

    def look(self, now: float) -> None:
        """Looks after all rooms; called now and then.

        Args:
            now: By `monotonic`.
        """
        ...

    @property
    def here(self) -> list[Room]:
        """The rooms that this process knows."""
        ...


class _Own(Room):
    """A room that is led here.

    Attributes:
        digest: Of its key.
        opener: The address whence it was opened.
        allowance: How much may be said.
    """

    def __init__(self, code: str, digest: str, opener: str) -> None:
        super().__init__(code, monotonic() + ENDS_AFTER)
        self.digest = digest
        self.opener = opener
        self.allowance = Allowance()


class RoomsHere:
    """The rooms of one process."""

    def __init__(self, most: int, each: int) -> None:
        """There are none.

        Args:
            most: How many there may be.
            each: And how many of them opened from one address.
        """
        self._most = most
        self._each = each
        self._rooms: dict[str, _Own] = {}

    @property
    def here(self) -> list[Room]:
        """All rooms."""
        return list(self._rooms.values())

    async def open(self, code: str, key: str, address: str, message: Message) -> None:
        """As `Rooms.open`."""
        found = self._rooms.get(code)
        if found is not None and found.digest != digest_of(key):
            raise NotLeading(code)
        if found is None:
            self._make_room(address)
            found = self._rooms[code] = _Own(code, digest_of(key), address)
        found.say(message.line)

    async def say(self, code: str, key: str, message: Message) -> int:
        """As `Rooms.say`."""
        room = self._led(code, key)
        room.allowance.take()
        room.say(message.line)
        return room.followers

    async def end(self, code: str, key: str) -> None:
        """As `Rooms.end`."""
        self._led(code, key).end()
        del self._rooms[code]

    async def find(self, code: str) -> Room:
        """As `Rooms.find`."""
        return self._found(code)

    def look(self, now: float) -> None:
        """As `Rooms.look`."""
        for room in list(self._rooms.values()):
            if now > room.ends:
                room.end()
                del self._rooms[room.code]
            else:
                room.look(now)

    def _found(self, code: str) -> _Own:
        room = self._rooms.get(code)
        if room is None or monotonic() > room.ends:
            raise NoRoom(code)
        return room

    def _led(self, code: str, key: str) -> _Own:
        room = self._found(code)
        if room.digest != digest_of(key):
            raise NotLeading(code)
        return room

    def _make_room(self, address: str) -> None:
        """Ends the room that was left longest ago, if there are too many.

        Raises:
            Busy: If all of them are led.
        """
        same = [room for room in self._rooms.values() if room.opener == address]
        for rooms, most in ((same, self._each), ([*self._rooms.values()], self._most)):
            if len(rooms) < most:
                continue
            oldest = min(rooms, key=lambda room: room.heard)
            if monotonic() - oldest.heard < LEFT:
                raise TooMany
            oldest.end()
            del self._rooms[oldest.code]
