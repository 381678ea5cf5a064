"""Bounds the connections of the server the app runs in, and its end.

The app is started by `streamlit run` as well as by uvicorn, and neither has an option
for all of this. Both run a `uvicorn.Server`, which handles the signals of the process:
so it can be found, and its connections and settings can be reached through it.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import uvicorn

from views.serving.descriptors import allow_descriptors, refusing
from views.serving.limits import ConnectionLimits
from views.serving.stopping import Stopping
from views.serving.sweep import Sweep

__all__ = ["ConnectionLimits", "adjust", "running_server", "watched"]


def running_server() -> uvicorn.Server | None:
    """The server that handles this process's signals, if uvicorn does."""
    handler = signal.getsignal(signal.SIGTERM)
    server = getattr(handler, "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None


@asynccontextmanager
async def watched(limits: ConnectionLimits) -> AsyncIterator[None]:
    """Keeps a server within limits, from its startup to its shutdown.

    To be entered in the lifespan of the app: uvicorn then makes its connections, all
    of which come later, from the settings changed here.

    Args:
        limits: What the connections may cost.
    """
    server = running_server()
    if server is None:
        logging.getLogger(__name__).warning(
            "The server is not uvicorn, or not the main program: its connections, and "
            "the time it takes to stop, are not limited by the app."
        )
        yield
        return
    limits = _fitted(limits)
    adjust(server.config, limits)
    stopping = Stopping(server, limits.stop_within)
    sweep = asyncio.create_task(Sweep(server, limits).run())
    try:
        with refusing(asyncio.get_running_loop()):
            yield
    finally:
        stopping.let_go()
        sweep.cancel()
        with suppress(asyncio.CancelledError):
            await sweep


def _fitted(limits: ConnectionLimits) -> ConnectionLimits:
    """The limits, with no more connections than there may be open files.

    A third of the files is for those connections, a third for more of them until they
    are closed, and a third for all else that the process opens.
    """
    files = allow_descriptors(3 * limits.most_connections)
    most = max(min(limits.most_connections, files // 3), 1)
    return replace(limits, most_connections=most)


def adjust(config: uvicorn.Config, limits: ConnectionLimits) -> None:
    """Changes uvicorn's settings, but not those that were chosen on the command line.

    Args:
        config: The settings.
        limits: Where they are to come from.
    """
    config.timeout_keep_alive = max(config.timeout_keep_alive, limits.keep_alive)
    if config.limit_concurrency is None:
        config.limit_concurrency = 2 * limits.most_connections
    given = config.timeout_graceful_shutdown
    if given is None or given > limits.finish_within:
        config.timeout_graceful_shutdown = limits.finish_within
