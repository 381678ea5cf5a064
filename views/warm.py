"""Compiles before the first request, while the first page is loading."""

import gc
import os
import time
from pathlib import Path

import jax

from surfaces import SURFACES
from views.fields import DEFAULT_SURFACE
from views.figures import landscape
from views.player_files import PACKED, brotlied, zipped
from views.race import result_of, run_race
from views.result import pack
from views.serving.server import SERVER
from views.serving.settings import ALL, settings
from views.setup import Setup

FIRST_PAGE = 3.0
"""Seconds between warming the default surface and the others."""
QUIET = 1.0
"""Seconds without a request for a race after which the next surface is compiled."""


def keep_compilations() -> None:
    """Keeps compiled code on disk between starts, if JAX has no other folder for it."""
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "loss-surface-visualizer"
        jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def warm_up() -> None:
    """Runs every surface's default race once, the default surface first.

    Or that one alone, if no more is to be compiled ahead.
    """
    _run_once(DEFAULT_SURFACE)
    for name in (PACKED, "plotly.min.js"):
        brotlied(name)
    gc.freeze()
    # The first page is loading now, and needs the processor more.
    time.sleep(FIRST_PAGE)
    # Browsers read Brotli from this machine and where a page is encrypted.
    for name in (PACKED, "plotly.min.js"):
        zipped(name)
    for key in SURFACES if settings().ahead == ALL else ():
        wait_until_quiet()
        began = time.perf_counter()
        _run_once(key)
        # As much rest as work: visitors come first.
        time.sleep(time.perf_counter() - began)
    # Streamlit collects garbage after each run of the page, which keeps the page's last
    # message from being sent meanwhile. What is here now is here to stay: freezing it
    # spares each collection 0.1 s of looking at JAX.
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def wait_until_quiet() -> None:
    """Waits while anybody drags: as long as races are asked for, again and again."""
    lanes = SERVER.short, SERVER.races, SERVER.first
    asked = None
    while asked != (asked := [lane.done for lane in lanes]):
        time.sleep(QUIET)


def _run_once(key: str) -> None:
    pack(result_of(run_race(Setup(key))))
    landscape(SURFACES[key])
