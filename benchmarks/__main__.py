"""Prints the tables: all, or those of the benchmarks named on the command line."""

import argparse
import signal
import sys
from importlib import import_module

from benchmarks.machine import machine

BENCHMARKS = (
    "descend", "cost", "switch", "studies", "accelerator", "maps", "drag", "pictures",
    "frames", "startup", "load", "hosts",
)  # fmt: skip
LONG = (
    "steps", "formulas", "soak", "kills", "replicas", "attacks", "rooms", "visitors",
)  # fmt: skip
"""Those that are run only where they are named."""


def main() -> None:
    """Runs what was asked for, one after the other."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"any of {', '.join(BENCHMARKS + LONG)}",
    )
    names = parser.parse_args().names or BENCHMARKS
    if unknown := set(names) - {*BENCHMARKS, *LONG}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    # Ends by an exception, so that servers and browsers are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    print(f"{machine()}\n", flush=True)
    for name in names:
        for table in import_module(f"benchmarks.{name}").tables():
            print(f"{table}\n", flush=True)


if __name__ == "__main__":
    main()
