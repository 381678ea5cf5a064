"""What it takes to switch to a surface that is new to the server.

Measured, in a process of its own without compiled code on disk: per surface, the
milliseconds until its pictures and its default race of five have been answered, as the
live routes do it; and what all of them together take and leave in memory and on disk.
Against: the same with the code on disk, and the second race. And: the live route of one
user, alone and while another opens optimizers that have never run before.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmarks.server import OURS, serving
from benchmarks.table import Table, number, p50, p95, size, times
from optim import OPTIMIZERS
from views.theme import DEFAULT_ON

QUIET = 60.0  # seconds in which the page compiles what it will by itself
ROOT = Path(__file__).parents[1]


def _memory() -> int:
    """The resident bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _child() -> None:
    """Switches to every surface once, and prints what each took."""
    from surfaces import SURFACES
    from views.figures import landscape
    from views.race import result_of, run_race
    from views.result import pack
    from views.setup import Setup
    from views.warm import keep_compilations

    def race(key: str) -> None:
        pack(result_of(run_race(Setup(key))))

    keep_compilations()
    # What the first surface alone would be charged with: backend and modules.
    race("saddle")
    landscape(SURFACES["saddle"])
    before, rows = _memory(), {}
    for key in SURFACES:
        seconds = []
        for work in (
            lambda key=key: landscape(SURFACES[key]),
            lambda key=key: race(key),
        ):
            began = perf_counter()
            work()
            seconds.append(perf_counter() - began)
        began = perf_counter()
        race(key)
        rows[key] = [*seconds, perf_counter() - began]
    print(json.dumps({"rows": rows, "memory": _memory() - before}))


def _run(folder: str) -> dict[str, Any]:
    environment = os.environ | {"XDG_CACHE_HOME": folder}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.switch"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def tables() -> list[Table]:
    """One row a surface, and the sum."""
    with TemporaryDirectory() as folder:
        cold, kept = _run(folder), _run(folder)
        on_disk = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
    rows = []
    for key, (pictures, race, again) in cold["rows"].items():
        if key == "saddle":
            continue
        stored = kept["rows"][key]
        rows.append(
            (
                key,
                number(pictures * 1e3),
                number(race * 1e3),
                f"{number(stored[1] * 1e3)} ({times(stored[1], race)})",
                f"{number(again * 1e3)} ({times(again, race)})",
            )
        )
    columns = list(zip(*cold["rows"].values(), strict=True))
    stored = list(zip(*kept["rows"].values(), strict=True))
    worst = max(columns[1])
    rows.append(("median", *_row(p50, columns, stored)))
    rows.append(("all of them", *_row(sum, columns, stored)))
    return [
        _neighbours(),
        Table(
            "Switching to a surface never seen before: milliseconds",
            (
                "",
                "its pictures",
                "its race",
                "with the code on disk",
                "its second race",
            ),
            rows,
            f"× is against its first race; the slowest takes {number(worst, 's')}. "
            f"Warming all leaves {size(cold['memory'])} in memory and {size(on_disk)} "
            "on disk. The saddle is left out: it pays for starting JAX.",
        ),
    ]


def _neighbours() -> Table:
    """What a compile costs the others."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with serving(OURS, XDG_CACHE_HOME=folder) as server:
            server.wait()
            server.wait("race")
            time.sleep(QUIET)
            alone = _live(server.port)
            new = [key for key in OPTIMIZERS if key not in DEFAULT_ON]
            stop = threading.Event()

            def compile_on() -> None:
                for key in new:
                    if stop.is_set():
                        return
                    server.wait(f"race?surface=rosenbrock&on={key}")

            other = threading.Thread(target=compile_on)
            other.start()
            beside = _live(server.port)
            stop.set()
            other.join()
    return Table(
        "The live route of one user, 20 changes a second: milliseconds",
        ("", "p50", "p95"),
        [
            ("alone", number(p50(alone) * 1e3), number(p95(alone) * 1e3)),
            (
                "while others' rules compile",
                f"{number(p50(beside) * 1e3)} ({times(p50(beside), p50(alone))})",
                f"{number(p95(beside) * 1e3)} ({times(p95(beside), p95(alone))})",
            ),
        ],
        "× is against alone. The others open one uncompiled rule after another.",
    )


def _live(port: int) -> list[float]:
    """The seconds each change of one user took."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.clients", "route", str(port), "0.05", "6"],
        cwd=ROOT,
        input="1",
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])["answered"]


def _row(of: Any, columns: list[Any], stored: list[Any]) -> tuple[str, str, str, str]:
    pictures, race, again = (of(column) for column in columns)
    return (
        number(pictures * 1e3),
        number(race * 1e3),
        f"{number(of(stored[1]) * 1e3)} ({times(of(stored[1]), race)})",
        f"{number(again * 1e3)} ({times(again, race)})",
    )


if __name__ == "__main__":
    _child()
