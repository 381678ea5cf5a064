"""How many bytes all answers that are not yet sent may hold together."""

import threading
from collections import Counter, deque
from types import TracebackType

SMALL = 2**20
"""Bytes up to which an answer may use the part that larger ones must leave free."""


class Full(Exception):
    """An answer does not fit into the outbox; the sentence says what can be done.

    Attributes:
        retry_after: Seconds after which it may fit, None if it never will.
    """

    def __init__(self, sentence: str, retry_after: int | None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Outbox:
    """Bounds the bytes of answers, from before they are computed until they are sent.

    An eighth is kept for small answers, so that they go out while large ones wait for
    slow clients. One client may hold half.
    """

    def __init__(self, limit: int) -> None:
        """Is empty.

        Args:
            limit: Bytes it can hold.
        """
        self.limit = limit
        self._lock = threading.Lock()
        self._held = 0
        self._held_for: Counter[str] = Counter()
        # What leases give back is only noted here: it may happen in the middle of
        # anything, even with the lock held, when a lease is garbage.
        self._returned: deque[tuple[str | None, int]] = deque()

    @property
    def held(self) -> int:
        """Bytes that are reserved."""
        with self._lock:
            self._settle()
            return self._held

    def reserve(self, size: int, client: str | None = None) -> "Lease":
        """Reserves bytes for an answer, from any thread.

        Args:
            size: Bytes of it, or the most it can have.
            client: The address of the request, where that is known.

        Raises:
            Full: It does not fit now.
        """
        lease = Lease(self, client)
        lease.resize(size)
        return lease

    def _take(self, size: int, more: int, client: str | None) -> None:
        """Reserves more bytes for an answer of a size."""
        capacity = self.limit if size <= SMALL else self.limit - self.limit // 8
        share = self.limit // 2 if client is not None else capacity
        with self._lock:
            self._settle()
            if size > min(capacity, share):
                # One rounded up, one down: the sentence is true of any two numbers.
                has, most = -(-size // 10**6), min(capacity, share) // 10**6
                raise Full(
                    f"This answer has {has} MB; the server sends at most {most} MB "
                    "at once.",
                    None,
                )
            if client is not None and self._held_for[client] + more > share:
                raise Full(
                    "The answers to your other requests have not arrived yet. "
                    "Try again when they have.",
                    5,
                )
            if self._held + more > capacity:
                raise Full(
                    "The server is sending as much as it can hold. "
                    "Try again in a few seconds.",
                    5,
                )
            self._held += more
            if client is not None:
                self._held_for[client] += more

    def _settle(self) -> None:
        while self._returned:
            client, size = self._returned.popleft()
            self._held -= size
            if client is not None:
                self._held_for[client] -= size
                if not self._held_for[client]:
                    del self._held_for[client]


class Lease:
    """Bytes that are reserved for one answer, until it is released or collected.

    Attributes:
        size: Bytes it holds.
    """

    def __init__(self, outbox: Outbox, client: str | None) -> None:
        """Holds nothing yet; `Outbox.reserve` makes one that does."""
        self.size = 0
        self._outbox = outbox
        self._client = client

    def resize(self, size: int) -> None:
        """Holds another number of bytes, as when the answer is known.

        Raises:
            Full: More does not fit now; it holds what it held.
        """
        if size > self.size:
            self._outbox._take(size, size - self.size, self._client)
        elif size < self.size:
            self._outbox._returned.append((self._client, self.size - size))
        self.size = size

    def release(self) -> None:
        """Gives all of it back; does nothing the second time."""
        self.resize(0)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.release()

    def __del__(self) -> None:
        self.release()
