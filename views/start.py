"""Imports and compiles, which takes long, beside a server that answers already.

Streamlit's own page takes a browser as long to load as JAX takes to be imported. So the
server answers that page and its files at once; all else waits for `views.loaded`, which
a thread imports meanwhile.
"""

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from views.serving.connections import running_server, watched
from views.serving.settings import limits_of, settings

_LOADED = "views.loaded"

_lock = threading.Lock()
_loading: Future[ModuleType] | None = None


def load(*, keep: bool = False) -> Future[ModuleType]:
    """Begins to import `views.loaded`, once in a process.

    Args:
        keep: Whether compiled code is kept on disk, from the first on.

    Returns:
        The module, as soon as it is there.
    """
    global _loading
    with _lock:
        if _loading is None:
            _loading = Future()
            # From here on, a request that is given up cannot cancel it for all.
            _loading.set_running_or_notify_cancel()
            arguments = (_loading, keep)
            threading.Thread(target=_import, args=arguments, daemon=True).start()
        return _loading


def _import(loading: Future[ModuleType], keep: bool) -> None:
    # What is imported is here to stay: to look for garbage in it takes a tenth of the
    # time, and again as long after every run of the page.
    gc.disable()
    try:
        module = import_module(_LOADED)
        if keep:
            module.keep_compilations()
        gc.freeze()
    except BaseException as error:
        loading.set_exception(error)
    else:
        loading.set_result(module)
    finally:
        gc.enable()


async def loaded() -> ModuleType:
    """The module `views.loaded`, as soon as it is there."""
    loading = load()
    return loading.result() if loading.done() else await asyncio.wrap_future(loading)


@asynccontextmanager
async def warming(app: Any) -> AsyncIterator[None]:
    """Imports and compiles in the background while the server is already answering."""
    loading = load(keep=True)

    def work() -> None:
        try:
            module = loading.result()
        except BaseException:
            logging.getLogger(__name__).exception("The app could not be imported.")
            if server := running_server():
                server.should_exit = True
            return
        try:
            module.warm_up()
        except Exception:
            logging.getLogger(__name__).exception("Warming up failed.")

    threading.Thread(target=work, name="warm-up", daemon=True).start()
    async with watched(limits_of(settings())):
        yield
