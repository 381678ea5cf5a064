"""Closes the connections of a uvicorn server that only wait, or are not read.

uvicorn has a time for a connection between two requests, and none for one that never
sends its first, sends its header a byte at a time, or reads nothing of its answer.
"""

import asyncio
import logging
import random
import socket
import struct
import sys
from contextlib import suppress
from enum import Enum
from typing import Any, NamedTuple

import uvicorn

from views.serving.limits import ConnectionLimits

UNSENT_IN_KERNEL = 2**16
"""Bytes of an answer that the kernel may hold besides those in flight. Without this, it
holds megabytes, and takes none for half a minute from a client that does read."""

NO_LINGERING = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

log = logging.getLogger(__name__)


class Stage(Enum):
    """Where a connection is that may have to be closed."""

    HEADER = "no whole header of a request"
    IDLE = "no request after the last answer"
    BODY = "no whole body of the request"
    SENDING = "no reading of the answer"
    CLOSING = "no end of the connection"


class Seen(NamedTuple):
    """A connection as it was last looked at.

    Attributes:
        stage: Where it was.
        request: What uvicorn keeps of its last request; None if there was none.
        unsent: Bytes that waited to be read.
        since: When it came to this stage, or last moved on in it.
    """

    stage: Stage
    request: Any
    unsent: int
    since: float


def stage(connection: Any) -> Stage | None:
    """The stage of one of uvicorn's connections, for each of its HTTP protocols.

    Args:
        connection: A member of `uvicorn.Server.server_state.connections`.

    Returns:
        None if it may go on: a request is being answered, or a WebSocket is open.
        Whether its client is still there is found out by pings.
    """
    transport = connection.transport
    closing = transport.is_closing()
    http = hasattr(connection, "cycle")
    if transport.get_write_buffer_size():
        return Stage.SENDING if http or closing else None
    if closing:
        return Stage.CLOSING
    if not http:
        return None
    request = connection.cycle
    if request is None:
        return Stage.HEADER
    if request.response_complete:
        # The timer runs from the answer to the first byte of the next request.
        waits = connection.timeout_keep_alive_task is not None
        return Stage.IDLE if waits else Stage.HEADER
    return Stage.BODY if request.more_body else None


class Sweep:
    """Checks all connections again and again."""

    def __init__(self, server: uvicorn.Server, limits: ConnectionLimits) -> None:
        """Has seen none.

        Args:
            server: Whose connections.
            limits: How long they may wait, and how many there may be.
        """
        self._server = server
        self._most = limits.most_connections
        self._every = limits.sweep_every
        self._seen: dict[Any, Seen] = {}
        self._allowed = {
            Stage.HEADER: limits.header_timeout,
            # uvicorn's own timer closes it; this one is for when that fails.
            Stage.IDLE: server.config.timeout_keep_alive + limits.header_timeout,
            Stage.BODY: limits.body_timeout,
            Stage.SENDING: limits.write_timeout,
            Stage.CLOSING: limits.header_timeout,
        }

    async def run(self) -> None:
        """Checks until it is cancelled."""
        clock = asyncio.get_running_loop().time
        while not self._server.started:
            await asyncio.sleep(0.01)
        keep_little_in_kernel(self._server)
        while True:
            # At random intervals: at regular ones, a client that reads steadily could
            # be found with as many bytes unread each time, as if it read none.
            pause = self._every * random.uniform(0.5, 1.5)
            crowded = len(self._server.server_state.connections) > self._most // 2
            await asyncio.sleep(pause / 10 if crowded else pause)
            try:
                self.look(clock())
            except Exception:
                log.exception("Checking the connections failed.")

    def look(self, now: float) -> None:
        """Checks once, and closes what has waited too long or is too much.

        Args:
            now: The time, in seconds.
        """
        connections = list(self._server.server_state.connections)
        self._seen = {
            connection: seen
            for connection in connections
            if (seen := self._look_at(connection, now))
        }
        late = [
            connection
            for connection, seen in self._seen.items()
            if now - seen.since > self._allowed[seen.stage]
        ]
        for connection in late:
            self._end(connection)
        self._make_room(len(connections) - len(late) - self._most)

    def _look_at(self, connection: Any, now: float) -> Seen | None:
        if (at := stage(connection)) is None:
            return None
        request = getattr(connection, "cycle", None)
        unsent = connection.transport.get_write_buffer_size()
        before = self._seen.get(connection)
        same = (
            before is not None
            and before.stage is at
            and (before.request is request or at is Stage.SENDING)
            and before.unsent <= unsent
        )
        return Seen(at, request, unsent, before.since if before and same else now)

    def _make_room(self, excess: int) -> None:
        """Ends connections that wait for a request, the longest-waiting first."""
        if excess <= 0:
            return
        waiting = [
            connection
            for connection, seen in self._seen.items()
            if seen.stage in (Stage.HEADER, Stage.IDLE)
        ]
        waiting.sort(key=lambda connection: self._seen[connection].since)
        for connection in waiting[:excess]:
            self._end(connection)

    def _end(self, connection: Any) -> None:
        seen = self._seen.pop(connection)
        log.info("Closed a connection: %s.", seen.stage.value)
        if seen.stage in (Stage.SENDING, Stage.CLOSING):
            abort(connection.transport)
        else:
            connection.transport.close()


def abort(transport: asyncio.WriteTransport) -> None:
    """Ends a connection at once, with all that waits to be read.

    Args:
        transport: Of the connection.
    """
    # The kernel, too, would go on offering what it has.
    if (connected := transport.get_extra_info("socket")) is not None:
        with suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
    transport.abort()


def keep_little_in_kernel(server: uvicorn.Server) -> None:
    """Has the kernel take no more of an answer than it can soon send.

    Args:
        server: Is listening; connections are like the sockets they come from.
    """
    if not hasattr(socket, "TCP_NOTSENT_LOWAT"):
        return
    for listening in (each for one in server.servers for each in one.sockets):
        # Only TCP sockets have this option, and only they need it.
        with suppress(OSError):
            listening.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_IN_KERNEL
            )
