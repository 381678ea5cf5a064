"""A shelf: keeps what visitors bring, bounded in number and in bytes."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
SHARES = 4
"""Of how many visitors one may fill the shelf: another's things stay where one brings
as many as they can."""


@dataclass(frozen=True)
class _Kept(Generic[Thing]):
    thing: Thing
    size: int
    owner: str


class Shelf(Generic[Thing]):
    """Things by key; where there is no room, what was used longest ago goes.

    One owner may hold a share of it. What an owner brings beyond that takes the place
    of their own things.
    """

    def __init__(self, most: int, size: int) -> None:
        """Is empty.

        Args:
            most: How many things it holds.
            size: Bytes of all together.
        """
        self.most, self.size = most, size
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept[Thing]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def held(self) -> int:
        """Bytes of all that is kept."""
        return sum(kept.size for kept in list(self._kept.values()))

    def get(self, key: str) -> Thing | None:
        """What is kept by a key, which is a use of it; None if nothing is."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key].thing

    def keep(self, key: str, thing: Thing, size: int, owner: str) -> None:
        """Keeps a thing; what is kept by that key already stays as it is.

        Args:
            key: By which it is found.
            thing: What is kept.
            size: Bytes of it.
            owner: Who brings it.
        """
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
