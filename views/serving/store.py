"""What visitors bring, where replicas share it: in Redis, for a day after its last use.

    loss-surface:kept:KEY        what it is
    loss-surface:kept            all keys, by when they were last used
    loss-surface:kept:of:OWNER   those that one visitor has brought

It is bounded in number as a shelf is (views/lessons/shelf.py), and one visitor may have
a share. Where Redis does not answer, nothing is found, and each replica has its own.
"""

import hashlib
import logging
import re
import time
from functools import cache
from typing import Any

from views.serving.settings import settings

WAIT = 0.3
"""Seconds that Redis is waited for."""

REST = 5.0
"""Seconds for which it is not asked again, where it has not answered."""

DAY = 86_400
"""Seconds for which it is kept after its last use."""

SHARES = 4
"""Of how many visitors one may have all that is kept."""

_KEY = re.compile(r"(own|kept)-[0-9a-f]{24}")
_ALL = "loss-surface:kept"

log = logging.getLogger(__name__)


class SharedStore:
    """Texts by key, in Redis."""

    def __init__(self, address: str, most: int) -> None:
        """Connects when it is first asked.

        Args:
            address: Of Redis.
            most: How many texts there may be.
        """
        from redis import Redis
        from redis.exceptions import RedisError

        self._redis: Any = Redis.from_url(
            address, socket_timeout=WAIT, socket_connect_timeout=WAIT
        )
        self._errors = (RedisError, OSError)
        self._most = most
        self._resting = 0.0

    def get(self, key: str) -> bytes | None:
        """What is kept by a key, which is a use of it; None if nothing is."""
        if not _KEY.fullmatch(key) or time.monotonic() < self._resting:
            return None
        try:
            found = self._redis.getex(f"{_ALL}:{key}", ex=DAY)
            if found is not None:
                self._redis.zadd(_ALL, {key: time.time()})
        except self._errors as error:
            self._rest(error)
            return None
        return found

    def put(self, key: str, content: bytes, owner: str) -> None:
        """Keeps a text.

        Args:
            key: By which it is found.
            content: What is kept.
            owner: The address of who brings it, of which only a digest is kept.
        """
        if time.monotonic() < self._resting:
            return
        own = f"{_ALL}:of:{hashlib.sha256(owner.encode()).hexdigest()[:16]}"
        try:
            self._redis.set(f"{_ALL}:{key}", content, ex=DAY)
            for names, most in ((own, self._most // SHARES), (_ALL, self._most)):
                self._redis.zadd(names, {key: time.time()})
                self._redis.zremrangebyscore(names, 0, time.time() - DAY)
                self._drop(names, max(1, most))
            self._redis.expire(own, DAY)
        except self._errors as error:
            self._rest(error)

    def _drop(self, names: str, most: int) -> None:
        """Drops what was used longest ago, where there is more than may be."""
        excess = self._redis.zcard(names) - most
        if excess > 0:
            for key, _ in self._redis.zpopmin(names, excess):
                self._redis.delete(f"{_ALL}:{key.decode()}")
                self._redis.zrem(_ALL, key)

    def _rest(self, error: Exception) -> None:
        log.warning("Redis: %s", error)
        self._resting = time.monotonic() + REST


@cache
def shared_store() -> SharedStore | None:
    """Where this process shares what visitors bring; None if it shares nothing."""
    chosen = settings()
    return SharedStore(chosen.redis, chosen.uploads) if chosen.redis else None
