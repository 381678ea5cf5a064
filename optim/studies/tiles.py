"""Tiles: how the runs of a study are divided, and computed one after the other."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from optim.base import Optimizer
from optim.studies.group import group

FEWEST = 64
"""Runs of the smallest tile: fewer are padded."""

SMALL = 2**10
"""Runs that are too few to be divided between threads."""

TILE = {"cpu": 2**13, "other": 2**22}
"""Runs of the largest tile on a device: on a CPU, what stays in a core's cache, and
what two cores share of 128 x 128 starts, so that larger maps need no compiling more."""

SHARED = {"cpu": SMALL, "other": 2**18}
"""Runs of the largest tile where processes share a study."""

SHARES = 64
"""Tiles that a study on CPUs is then divided into, if they are not too small."""

SEARCH_DIVISOR = 8
"""How many times smaller the tiles are of rules that search along lines."""

_WORKERS = ThreadPoolExecutor(64, "study")
"""Threads of all studies: to start new ones for each would take longer than many do."""

Result = TypeVar("Result")


def padded_runs(count: int, devices: int) -> int:
    """The runs of the tile that holds so many: few sizes, the same on each device."""
    share = max(-(-count // devices), FEWEST)
    return devices * (1 << (share - 1).bit_length())


def tiles_of(count: int, devices: Sequence[Any], optimizer: Optimizer) -> list[slice]:
    """The runs of each tile."""
    together, platform = group() is not None, devices[0].platform
    sizes = SHARED if together else TILE
    largest = sizes.get(platform, sizes["other"]) * len(devices)
    if optimizer.searches_lines:
        # A tile must end soon enough to be cancelled.
        largest //= SEARCH_DIVISOR
    if together:
        share = -(-count // (SHARES if platform == "cpu" else 1))
    else:
        share = max(-(-count // _cores(devices)), SMALL * len(devices))
    tile = min(largest, padded_runs(share, len(devices)))
    return [slice(k, min(k + tile, count)) for k in range(0, count, tile)]


def compute_tiles(
    compute: Callable[[slice], Result],
    tiles: list[slice],
    devices: Sequence[Any],
    progress: Callable[[float], None] | None,
) -> list[Result]:
    """Every tile's result, in order; as many at the same time as there are cores."""
    start = partial(_WORKERS.submit, compute)
    rest, parts = iter(tiles), []
    running = deque(map(start, islice(rest, _cores(devices))))
    try:
        while running:
            parts.append(running.popleft().result())
            running.extend(map(start, islice(rest, 1)))
            if progress is not None:
                progress(len(parts) / len(tiles))
    finally:
        wait([each for each in running if not each.cancel()])
    return parts


def _cores(devices: Sequence[Any]) -> int:
    """Tiles that run at the same time: XLA keeps a small one to a single core."""
    if len(devices) > 1 or devices[0].platform != "cpu":
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
