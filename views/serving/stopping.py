"""Ends the process soon after the signal to stop, whatever it is doing.

uvicorn waits for its clients, and the interpreter for its threads: a client that reads
slowly, or a computation in a thread, could keep the process for minutes. So there are
three ends, and the first that comes is taken:

1. The server has stopped, and the interpreter would begin to tidy up, which may take
   seconds after much was compiled. It exits at once.
2. The time is over, or a second interrupt arrives. A Python thread exits the process.
3. A little later, for when no Python runs any more: a thread without Python exits it.
"""

import atexit
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress

import uvicorn

LOOK_EVERY = 0.1
"""Seconds between two checks whether the server has got a signal to stop."""

LATER = 0.5
"""Seconds from the second end to the third."""


class Stopping:
    """A thread that ends the process after a signal to the server."""

    def __init__(self, server: uvicorn.Server, within: float) -> None:
        """Begins to watch.

        Args:
            server: Records the signals, and first stops gracefully.
            within: Seconds from the signal to the second end.
        """
        self._server = server
        self._within = within
        self._let_go = threading.Event()
        threading.Thread(target=self._watch, name="stopping", daemon=True).start()

    def let_go(self) -> None:
        """Ends the watch, where the server stops without any signal."""
        self._let_go.set()

    def _watch(self) -> None:
        while not (number := self._signal()):
            if self._let_go.wait(LOOK_EVERY) and not self._signal():
                return
        with suppress(OSError, RuntimeError, ValueError):
            # It writes where all threads are, if there is a place to write to.
            faulthandler.dump_traceback_later(self._within + LATER, exit=True)
        atexit.register(_exit, number)
        over = time.monotonic() + self._within
        while time.monotonic() < over and not self._server.force_exit:
            time.sleep(LOOK_EVERY)
        if self._server.force_exit:
            # uvicorn waits no more. Python from 3.12 on does, for its connections.
            time.sleep(LATER / 2)
        # In a thread of its own: what holds up the process may also hold the log.
        said = threading.Thread(target=_say, daemon=True)
        said.start()
        said.join(LATER / 2)
        os._exit(128 + number)

    def _signal(self) -> int | None:
        """The signal to stop that the server has got, None before."""
        if not self._server.should_exit:
            return None
        noted = getattr(self._server, "_captured_signals", [signal.SIGTERM])
        return noted[-1] if noted else None


def _say() -> None:
    logging.getLogger(__name__).warning(
        "The process did not end by itself after the signal to stop: it was ended."
    )


def _exit(number: int) -> None:
    """Exits without cleaning up, as a process does that a signal has ended."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(128 + number)
