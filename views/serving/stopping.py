"""That the process ends soon after it was told to, whatever is under way.

uvicorn waits for its clients, and the interpreter for its threads: a client that reads
slowly, or a computation in a thread, could keep the process for minutes.
"""

import logging
import os
import signal
import threading
import time

import uvicorn

LOOK_EVERY = 0.1
"""Seconds between two looks at whether the server was told to stop."""


class Stopping:
    """A thread that ends the process a while after a signal told the server to."""

    def __init__(self, server: uvicorn.Server, within: float) -> None:
        """Begins to watch.

        Args:
            server: Notes the signals, and goes the graceful way first.
            within: Seconds from the signal to the end.
        """
        self._server = server
        self._within = within
        self._let_go = threading.Event()
        threading.Thread(target=self._watch, name="stopping", daemon=True).start()

    def let_go(self) -> None:
        """Ends the watch where the server stops without any signal."""
        self._let_go.set()

    def _watch(self) -> None:
        while not (told := self._signal()):
            if self._let_go.wait(LOOK_EVERY) and not self._signal():
                return
        time.sleep(self._within)
        # In a thread of its own: whoever holds up the process may hold the log, too.
        said = threading.Thread(target=self._say, daemon=True)
        said.start()
        said.join(0.1)
        os._exit(128 + told)

    def _signal(self) -> int | None:
        """The signal that told the server to stop, None before."""
        if not self._server.should_exit:
            return None
        noted = getattr(self._server, "_captured_signals", [signal.SIGTERM])
        return noted[-1] if noted else None

    def _say(self) -> None:
        logging.getLogger(__name__).warning(
            "Not finished %.1f s after the signal to stop: ended all the same.",
            self._within,
        )
