"""What all compiled code together may take, and what is dropped when it is too much.

Linux gives a process 65,530 mappings, and a machine so much memory. Compiled code takes
both, and a process in which the next compilation finds none left is ended by it. Rules
times surfaces times studies are tens of thousands, and formulas that are typed have no
end: so there is one store for all of them. After each compilation it reads from the
system what the process takes, and drops what was not used for the longest time.

Losses that come and go (`ephemeral`) have a smaller share of their own, so that one
visitor who types formula after formula does not drive out what all others use.
"""

import ctypes
import gc
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

_STATM = Path("/proc/self/statm")
_MAPS = Path("/proc/self/maps")
_PAGE = 4096
_BATCH = 8
"""One part in so many is dropped at once: reading the system costs milliseconds."""


@dataclass
class Budget:
    """The most that compiled code may take; can be changed while a process runs.

    Attributes:
        versions: How many compiled functions are kept in all.
        ephemeral: How many of them may be of losses that come and go.
        fewest: How many are always kept: where memory is taken by something else,
            dropping all compiled code would only make everything slow.
        mappings: Of the process, as the system counts them.
        memory: Of the process, resident, in bytes.
    """

    versions: int = 1500
    ephemeral: int = 120
    fewest: int = 32
    mappings: int = 24_000
    memory: int = 1_800_000_000


class Usage(NamedTuple):
    """What a process takes: its mappings, and its resident memory in bytes."""

    mappings: int
    memory: int


def usage() -> Usage:
    """What this process takes now; zeros where the system does not say."""
    try:
        memory = int(_STATM.read_text().split()[1]) * _PAGE
        return Usage(_MAPS.read_bytes().count(b"\n"), memory)
    except OSError:
        return Usage(0, 0)


Key = tuple[Any, ...]
"""What decides which version is called; first, whose version it is."""


class Store:
    """Compiled functions by key, the most recently used last."""

    def __init__(self, budget: Budget) -> None:
        """Starts empty."""
        self.budget = budget
        self.dropped = 0
        self._lock = threading.Lock()
        self._versions: OrderedDict[Key, Any] = OrderedDict()
        self._ephemeral: OrderedDict[Key, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._versions)

    def __contains__(self, key: Key) -> bool:
        return key in self._versions

    @property
    def ephemeral(self) -> int:
        """How many of the versions are of losses that come and go."""
        return len(self._ephemeral)

    def get(self, key: Key) -> Any:
        """A version, which is then the most recently used; None if it is not there."""
        with self._lock:
            version = self._versions.get(key)
            if version is not None:
                self._versions.move_to_end(key)
                if key in self._ephemeral:
                    self._ephemeral.move_to_end(key)
            return version

    def put(self, key: Key, version: Any, ephemeral: bool) -> None:
        """Keeps a version, and drops others until the budget is met again."""
        with self._lock:
            self._versions[key] = version
            if ephemeral:
                self._ephemeral[key] = None
            while len(self._ephemeral) > self.budget.ephemeral:
                self._drop(next(iter(self._ephemeral)))
            while len(self._versions) > self.budget.versions:
                self._drop(next(iter(self._versions)))
        while self._exceeded() and self._drop_oldest():
            # What was dropped is full of reference cycles, and freed memory stays
            # with the process until it is handed back.
            gc.collect()
            _hand_back()

    def discard(self, keys: Iterable[Key]) -> None:
        """Drops the versions with these keys."""
        with self._lock:
            for key in keys:
                if key in self._versions:
                    self._drop(key)

    def keys(self) -> list[Key]:
        """The keys of all versions, the least recently used first."""
        with self._lock:
            return list(self._versions)

    def _exceeded(self) -> bool:
        now = usage()
        budget = self.budget
        return now.mappings > budget.mappings or now.memory > budget.memory

    def _drop_oldest(self) -> bool:
        """Drops the least recently used; whether there was anything to drop."""
        with self._lock:
            spare = len(self._versions) - self.budget.fewest
            count = min(spare, max(1, len(self._versions) // _BATCH))
            for key in list(self._versions)[: max(count, 0)]:
                self._drop(key)
            return count > 0

    def _drop(self, key: Key) -> None:
        del self._versions[key]
        self._ephemeral.pop(key, None)
        self.dropped += 1


def _hand_back() -> None:
    """Gives memory that is free back to the system, where its library can do that."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        return


STORE = Store(Budget())
"""All compiled code of the process."""
