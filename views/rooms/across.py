"""The rooms of several processes, in Redis: any replica leads, and any is followed.

    loss-surface:room:CODE       what a room shows, and the digest of its key; expires
    loss-surface:room:CODE:at    how many follow at each replica, and when that was said
    loss-surface:rooms           all codes, by when each was opened, or seen to be led
    loss-surface:rooms:of:WHO    those that were opened from one address

What is said in a room is published under its name; replicas where a page follows
listen, and look every few seconds whether they have missed something.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from views.rooms.codes import digest_of
from views.rooms.message import Message
from views.rooms.room import (
    BEAT,
    ENDS_AFTER,
    LEFT,
    Allowance,
    NoRoom,
    NotLeading,
    Room,
    TooMany,
)
from views.serving.lanes import Busy

WAIT = 2.0
"""Seconds that Redis is waited for."""

CONNECTIONS = 16
"""To Redis, at most."""

FRESH = 4 * BEAT
"""Seconds for which a replica's number of followers counts."""

_ALL = "loss-surface:rooms"
_OVER = b"over"

log = logging.getLogger(__name__)


def _name(code: str) -> str:
    return f"loss-surface:room:{code}"


class Unreachable(Busy):
    """Redis does not answer."""

    def __init__(self) -> None:
        """Says so."""
        super().__init__(5)
        self.args = ("The server of the rooms does not answer; try again soon.",)


@asynccontextmanager
async def _asked() -> AsyncIterator[None]:
    """Has one sentence for whatever goes wrong with Redis."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("Redis: %s", error)
        raise Unreachable from None


class RoomsAcross:
    """The rooms that replicas share."""

    def __init__(self, address: str, most: int, each: int) -> None:
        """Connects when the first is asked for.

        Args:
            address: Of Redis, such as redis://localhost:6379/0.
            most: How many rooms there may be.
            each: And how many of them opened from one address.
        """
        # Where no connection is free, one is waited for.
        pool = BlockingConnectionPool.from_url(
            address,
            max_connections=CONNECTIONS,
            timeout=WAIT,
            socket_timeout=WAIT,
            socket_connect_timeout=WAIT,
        )
        self._redis: Any = Redis(connection_pool=pool)
        self._finding = asyncio.Lock()
        self._most = most
        self._each = each
        self._replica = uuid.uuid4().hex[:12]
        self._rooms: dict[str, Room] = {}
        self._said: dict[str, Allowance] = {}
        self._counted: dict[str, tuple[bytes, bytes]] = {}
        self._listening: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked = 0.0
        self._looking = False

    @property
    def here(self) -> list[Room]:
        """The rooms that are followed here."""
        return list(self._rooms.values())

    async def open(self, code: str, key: str, address: str, message: Message) -> None:
        """As `Rooms.open`."""
        async with _asked():
            digest = await self._redis.hget(_name(code), "digest")
            if digest is not None and digest.decode() != digest_of(key):
                raise NotLeading(code)
            if digest is None:
                opener = f"{_ALL}:of:{digest_of(address)[:16]}"
                for names, most in ((opener, self._each), (_ALL, self._most)):
                    await self._make_room(names, most)
                await self._found(code, digest_of(key), opener)
            await self._publish(code, message.line)

    async def _found(self, code: str, digest: str, opener: str) -> None:
        """Opens a room that there was not."""
        ends = time.time() + ENDS_AFTER
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(
                _name(code), mapping={"digest": digest, "ends": ends, "opener": opener}
            )
            pipe.expireat(_name(code), int(ends))
            for names in (opener, _ALL):
                pipe.zadd(names, {code: time.time()})
                pipe.expire(names, int(ENDS_AFTER))
            await pipe.execute()

    async def _make_room(self, names: str, most: int) -> None:
        """Ends the room that was left longest ago, if there are too many.

        Raises:
            TooMany: If all of them are led.
        """
        while await self._redis.zcard(names) >= most:
            ((code, opened),) = await self._redis.zrange(names, 0, 0, withscores=True)
            heard = await self._redis.hget(_name(code.decode()), "heard")
            if heard is not None and time.time() - float(heard) < LEFT:
                # It was opened long ago, and is led: the next may not be.
                if time.time() - opened < LEFT:
                    raise TooMany
                await self._redis.zadd(names, {code: float(heard)})
                continue
            await self._remove(code.decode())
            await self._redis.zrem(names, code)

    async def _remove(self, code: str) -> None:
        opener = await self._redis.hget(_name(code), "opener")
        if opener is not None:
            await self._redis.zrem(opener, code)
        await self._redis.delete(_name(code), f"{_name(code)}:at")
        await self._redis.zrem(_ALL, code)
        await self._redis.publish(_name(code), _OVER)

    async def say(self, code: str, key: str, message: Message) -> int:
        """As `Rooms.say`."""
        async with _asked():
            await self._check(code, key)
            self._said.setdefault(code, Allowance()).take()
            return await self._publish(code, message.line)

    async def end(self, code: str, key: str) -> None:
        """As `Rooms.end`."""
        async with _asked():
            await self._check(code, key)
            await self._remove(code)

    async def find(self, code: str) -> Room:
        """As `Rooms.find`."""
        if code not in self._rooms:
            async with self._finding, _asked():
                if code not in self._rooms:
                    await self._find(code)
        return self._rooms[code]

    async def _find(self, code: str) -> None:
        """Begins to listen to a room, and then looks what it shows."""
        if not await self._redis.exists(_name(code)):
            raise NoRoom(code)
        await self._listen(code)
        names = ("shows", "said", "ends")
        shows, said, ends = await self._redis.hmget(_name(code), *names)
        if shows is None or ends is None:
            await self._listening.unsubscribe(_name(code))
            raise NoRoom(code)
        room = Room(code, monotonic() + float(ends) - time.time())
        room.say(shows)
        self._rooms[code] = room
        self._counted[code] = shows, said

    def look(self, now: float) -> None:
        """As `Rooms.look`."""
        for room in self._rooms.values():
            room.look(now)
        if now - self._looked > BEAT and not self._looking:
            self._looked = now
            self._do(self._look())

    async def close(self) -> None:
        """Lets go of Redis."""
        for task in (tasks := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(RedisError, OSError):
            if self._listening is not None:
                await self._listening.aclose()
            await self._redis.connection_pool.disconnect()

    async def _check(self, code: str, key: str) -> None:
        digest = await self._redis.hget(_name(code), "digest")
        if digest is None:
            raise NoRoom(code)
        if digest.decode() != digest_of(key):
            raise NotLeading(code)

    async def _publish(self, code: str, shows: bytes) -> int:
        """Shows something; how many follow."""
        async with self._redis.pipeline(transaction=False) as pipe:
            now = time.time()
            pipe.hset(_name(code), mapping={"shows": shows, "heard": now})
            pipe.hincrby(_name(code), "said", 1)
            pipe.publish(_name(code), shows)
            pipe.hvals(f"{_name(code)}:at")
            *_, counts = await pipe.execute()
        numbers = (count.split() for count in counts)
        return sum(int(n) for n, when in numbers if now - float(when) < FRESH)

    async def _listen(self, code: str) -> None:
        """Has what is said in a room come here."""
        if self._listening is None:
            self._listening = self._redis.pubsub(ignore_subscribe_messages=True)
            await self._listening.subscribe(_name(code))
            self._do(self._receive())
        else:
            await self._listening.subscribe(_name(code))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receive(self) -> None:
        """Passes on what is published, as long as the process lives."""
        while True:
            try:
                said = await self._listening.get_message(timeout=BEAT)
            except (RedisError, OSError, TimeoutError):
                # It connects anew, and listens to the same rooms, by itself.
                await asyncio.sleep(1.0)
                continue
            if said is None or said["type"] != "message":
                continue
            code = said["channel"].decode().rpartition(":")[2]
            if room := self._rooms.get(code):
                if said["data"] == _OVER:
                    self._drop(code, room.end)
                else:
                    room.say(said["data"])

    def _drop(self, code: str, leave: Callable[[], None]) -> None:
        leave()
        self._rooms.pop(code, None)
        self._counted.pop(code, None)

    async def _look(self) -> None:
        """Looks what was missed, says how many follow here, and forgets the rest."""
        self._looking = True
        silent = monotonic() - BEAT
        self._said = {c: one for c, one in self._said.items() if one.at > silent}
        try:
            for code, room in list(self._rooms.items()):
                await self._look_at(code, room)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("Redis: %s", error)
        finally:
            self._looking = False

    async def _look_at(self, code: str, room: Room) -> None:
        at = f"{_name(code)}:at"
        if not room.followers:
            async with self._finding:  # or a page that comes now would hear nothing
                self._drop(code, room.leave)
                await self._listening.unsubscribe(_name(code))
            await self._redis.hdel(at, self._replica)
            return
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(_name(code), "shows", "said")
            pipe.hset(at, self._replica, f"{room.followers} {time.time()}")
            pipe.expire(at, int(FRESH))
            (shows, said), *_ = await pipe.execute()
        if shows is None:
            self._drop(code, room.end)
        elif (now := (shows, said)) != self._counted.get(code):
            room.say(shows)
            self._counted[code] = now
