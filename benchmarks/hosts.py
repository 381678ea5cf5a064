"""One study on several hosts, each of them one core of this machine.

Measured: seconds from the start of `loss-surface study` to its end, imports and
compiling included, with two processes that meet on this machine and have a core each;
and the processor seconds of the one that took more of them, which is how long it would
take where nothing else runs. Against: one process on one core, in turns. A network
between hosts is not measured.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from benchmarks.server import ROOT, free_port
from benchmarks.table import Table, number, p50, times

ROUNDS = 3
ADDRESSES = {
    "Rosenbrock, 1,024²": (
        "basins?surface=rosenbrock&on=adam,momentum&steps=5000&noise=0.1&size=1024"
    ),
    "30 samples, 256²": (
        "basins?surface=logistic_regression&on=adam&steps=1000&noise=0.1&size=256"
    ),
    "as on the page, 128²": "basins?surface=rosenbrock&on=adam&steps=500",
}
"""By what they are: many runs, steps that take long, and neither."""


class Taken(NamedTuple):
    """What a study has taken, in seconds: of time, and of the busiest processor."""

    time: float
    processor: float


def taken(address: str, cores: Sequence[int]) -> Taken:
    """What the command takes with a process on each of these cores."""
    with tempfile.TemporaryDirectory() as folder:
        path, port = Path(folder) / "found.npz", free_port()
        began = perf_counter()
        running = [
            _started(address, path, core, _meeting(port, len(cores), k))
            for k, core in enumerate(cores)
        ]
        ends = [os.wait4(process.pid, 0)[1:] for process in running]
        seconds = perf_counter() - began
        assert not any(status for status, _ in ends), ends
        assert path.stat().st_size
    return Taken(seconds, max(used.ru_utime + used.ru_stime for _, used in ends))


def _meeting(port: int, count: int, index: int) -> list[str]:
    if count == 1:
        return []
    at = f"127.0.0.1:{port}"
    return f"--coordinator {at} --processes {count} --process {index}".split()


def _started(
    address: str, path: Path, core: int, options: list[str]
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "views.command", "study", address, "-o", str(path)]
    return subprocess.Popen(
        command + options,
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, [core]),
    )


def tables() -> list[Table]:
    """What the command takes, on one host and on two."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    rows = []
    for name, address in ADDRESSES.items():
        seen = [
            (taken(address, [first]), taken(address, [first, second]))
            for _ in range(ROUNDS)
        ]
        one, two = (
            Taken(*(p50(each) for each in zip(*way, strict=True)))
            for way in zip(*seen, strict=True)
        )
        rows.append(
            (
                name,
                number(one.time, "s"),
                f"{number(two.time, 's')} ({times(two.time, one.time)})",
                number(one.processor, "s"),
                f"{number(two.processor, 's')} ({times(two.processor, one.processor)})",
            )
        )
    return [
        Table(
            "A study on one host, and on two of a core each",
            ("", "one", "two", "processor: one", "the busier of two"),
            rows,
            f"Medians of {ROUNDS}, in turns, from the start of the command to its end; "
            "× is against one. The hosts are cores of one machine, on which other work "
            "may run: processor seconds are what each took of its core.",
        )
    ]
