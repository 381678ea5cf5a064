"""Processes that compute a study together: each takes every n-th tile, and gets all.

Which runs are in a tile depends on neither the number of processes nor that of cores,
and each tile is computed as it would be in one process. So the results are the same to
the bit, whichever process computed them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = Sequence[np.ndarray]
"""What is found of a tile."""


def _alone(parts: list[Arrays]) -> list[list[Arrays]]:
    return [parts]


@dataclass(frozen=True)
class Group:
    """The processes, as one of them sees them.

    Attributes:
        index: Which of them this one is, from 0.
        count: How many they are.
        gather: Given what this process found of its tiles, returns what each of them
            found, by process. Each calls it as often, and for the same study.
    """

    index: int = 0
    count: int = 1
    gather: Callable[[list[Arrays]], list[list[Arrays]]] = _alone

    def share(self, tiles: list[Any]) -> list[Any]:
        """The tiles that are this process's; none where there are more processes."""
        return tiles[self.index :: self.count]

    def gathered(self, own: list[Arrays]) -> list[Arrays]:
        """What was found of all tiles, in order, given what was of one's own."""
        found = self.gather(own)
        total = sum(map(len, found))
        return [found[k % self.count][k // self.count] for k in range(total)]


_GROUP: ContextVar[Group | None] = ContextVar("group", default=None)


def group() -> Group | None:
    """The processes that share the studies of this thread; None if it is alone."""
    return _GROUP.get()


def divided(
    tiles: list[Any], compute: Callable[[list[Any]], list[Arrays]]
) -> list[Arrays]:
    """What is found of all tiles, in order; in a group each process computes a share.

    Args:
        tiles: All of them.
        compute: What is found of some.
    """
    together = group()
    if together is None:
        return compute(tiles)
    return together.gathered(compute(together.share(tiles)))


@contextmanager
def shared(group: Group) -> Iterator[None]:
    """Has studies that are computed within it shared by a group.

    Args:
        group: Of one process, too: it divides a study as any number of them would.
    """
    token = _GROUP.set(group)
    try:
        yield
    finally:
        _GROUP.reset(token)
