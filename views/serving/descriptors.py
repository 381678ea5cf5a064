"""How many files and connections the process may have open, and when there are more."""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

AT_ONCE = 10_000
"""Connections that are refused before anything else is done."""

KEPT = 8
"""Descriptors kept for refusing: one for the socket, and for what comes meanwhile."""


def allow_descriptors(wanted: int) -> int:
    """Raises the soft limit of open files, as far as the hard one allows.

    Args:
        wanted: To how many.

    Returns:
        How many there may be now.
    """
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            # Some systems have a lower limit than they say.
            return soft
    return max(soft, wanted)


@contextmanager
def refusing(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Has a loop refuse the connections that there are no descriptors for.

    asyncio's own loops would try to accept them thousands of times a second, and log
    each time that they cannot. uvloop's refuses them by itself.

    Args:
        loop: Is running.
    """
    before = loop.get_exception_handler()
    spare = _Spare(loop)

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        listening = context.get("socket")
        failed = isinstance(context.get("exception"), OSError)
        if failed and "accept" in context["message"] and listening is not None:
            spare.refuse(listening)
        elif before is not None:
            before(loop, context)
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
        spare.close()


class _Spare:
    """Descriptors that are kept: with them, connections can be closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._kept: list[int] = []
        self._keep()

    def refuse(self, listening: Any) -> None:
        """Closes all connections that wait to be accepted.

        Args:
            listening: What asyncio knows the listening socket as.
        """
        if not self._kept:
            return
        self.close()
        count = 0
        # It ends when none waits, or the descriptors were taken in the meantime.
        with suppress(OSError), listening.dup() as its_copy:
            while count < AT_ONCE:
                its_copy.accept()[0].close()
                count += 1
        logging.getLogger(__name__).warning(
            "Refused %d connections: too many files are open.", count
        )
        # Not at once: without a free descriptor, the system would not even say that
        # no connection waits any more.
        self._loop.call_soon(self._keep)

    def close(self) -> None:
        """Gives the descriptors back."""
        while self._kept:
            os.close(self._kept.pop())

    def _keep(self) -> None:
        with suppress(OSError):
            while len(self._kept) < KEPT:
                self._kept.append(os.open(os.devnull, os.O_RDONLY))
