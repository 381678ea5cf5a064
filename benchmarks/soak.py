"""A class of forty for an hour: does the server stay quick, and as small as it was?

Measured: 40 users who change a learning rate every 2 s, half by the live route and
half by reruns of the page's script; the memory of the server all the while. Against:
its first ten minutes. SOAK_MINUTES=10 makes it shorter.
"""

import os
import threading
import time

from benchmarks.load import PAUSE, clients
from benchmarks.server import OURS, warm
from benchmarks.table import Table, number, p50, p95, times

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
USERS = 20  # of each of the two ways
SAMPLES = 60


def tables() -> list[Table]:
    """Latencies of both ways, and memory over time."""
    seconds, memory, loads = MINUTES * 60, [], {}
    with warm(OURS) as server:

        def play(way: str) -> None:
            with clients(way, server.port, PAUSE, seconds) as play:
                loads[way] = play(USERS)

        threads = [
            threading.Thread(target=play, args=(way,)) for way in ("route", "rerun")
        ]
        for thread in threads:
            thread.start()
        for _ in range(SAMPLES):
            time.sleep(seconds / SAMPLES)
            memory.append(server.memory / 1e6)
        for thread in threads:
            thread.join()
    first = max(memory[: max(1, SAMPLES // 6)])
    return [
        Table(
            f"{2 * USERS} users, {PAUSE:g} s between changes, for {MINUTES:g} minutes",
            ("", "p50", "p95", "worst", "answers", "not answered"),
            [
                (
                    {"route": "races", "rerun": "reruns of the page"}[way],
                    number(p50(load.took) * 1e3, "ms"),
                    number(p95(load.took) * 1e3, "ms"),
                    number(max(load.took) * 1e3, "ms"),
                    f"{len(load.took):,}",
                    str(load.waiting),
                )
                for way, load in sorted(loads.items())
            ],
        ),
        Table(
            "Memory of the server meanwhile",
            ("after", "MB", "against the first sixth"),
            [
                (
                    f"{(k + 1) * MINUTES / SAMPLES:.0f} minutes",
                    number(memory[k]),
                    times(memory[k], first),
                )
                for k in range(4, SAMPLES, 5)
            ],
        ),
    ]
