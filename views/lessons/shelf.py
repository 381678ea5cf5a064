"""A shelf: keeps what visitors bring, bounded in number and in bytes.

Replicas have shelves of their own, and a store behind them that they share.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from surfaces.compiled import prepare

Thing = TypeVar("Thing")
SHARES = 4
"""Of how many visitors one may fill the shelf: another's things stay where one brings
as many as they can."""


@dataclass(frozen=True)
class _Kept(Generic[Thing]):
    thing: Thing
    size: int
    owner: str


class Store(Protocol):
    """Where several shelves keep the texts of what they hold."""

    def get(self, key: str) -> bytes | None:
        """The text of a thing; None if there is none."""
        ...

    def put(self, key: str, content: bytes, owner: str) -> None:
        """Keeps the text of a thing that an owner brings."""
        ...


class Behind(NamedTuple, Generic[Thing]):
    """What is behind a shelf.

    Attributes:
        store: Shared with other processes.
        read: The thing that a text is, and its bytes.
    """

    store: Store
    read: Callable[[bytes], tuple[Thing, int]]


class Shelf(Generic[Thing]):
    """Things by key; where there is no room, what was used longest ago goes.

    One owner may hold a share of it. What an owner brings beyond that takes the place
    of their own things.
    """

    def __init__(
        self, most: int, size: int, behind: Behind[Thing] | None = None
    ) -> None:
        """Is empty.

        Args:
            most: How many things it holds.
            size: Bytes of all together.
            behind: Where it looks for what it does not hold.
        """
        self.most, self.size, self._behind = most, size, behind
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept[Thing]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def held(self) -> int:
        """Bytes of all that is kept."""
        return sum(kept.size for kept in list(self._kept.values()))

    def get(self, key: str) -> Thing | None:
        """What is kept by a key, which is a use of it; None if nothing is.

        Raises:
            NotReady: Within `only_ready`, if it may be behind.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key].thing
        if self._behind is None:
            return None
        prepare()
        content = self._behind.store.get(key)
        if content is None:
            return None
        thing, size = self._behind.read(content)
        self._keep(key, thing, size, owner="")
        return thing

    def keep(
        self, key: str, thing: Thing, size: int, owner: str, content: bytes
    ) -> None:
        """Keeps a thing; what is kept by that key already stays as it is.

        Args:
            key: By which it is found.
            thing: What is kept.
            size: Bytes of it.
            owner: Who brings it.
            content: Its text, of which other processes make the same.
        """
        self._keep(key, thing, size, owner)
        if self._behind is not None:
            self._behind.store.put(key, content, owner)

    def _keep(self, key: str, thing: Thing, size: int, owner: str) -> None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return
            self._kept[key] = _Kept(thing, size, owner)
            own = [k for k, kept in self._kept.items() if kept.owner == owner]
            self._drop(own, max(1, self.most // SHARES), self.size // SHARES)
            self._drop(list(self._kept), self.most, self.size)

    def _drop(self, keys: list[str], most: int, size: int) -> None:
        """Drops the first of some until the others are within bounds."""
        count, held = len(keys), sum(self._kept[key].size for key in keys)
        for key in keys:
            if count <= most and held <= size:
                return
            count, held = count - 1, held - self._kept.pop(key).size
