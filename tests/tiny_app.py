"""A small app within limits, for a server in a process of its own.

The limits are the JSON in the environment's LIMITS.
"""

import asyncio
import ctypes
import json
import os
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from views.serving.connections import ConnectionLimits, running_server, watched
from views.serving.outbox import Full, Outbox
from views.serving.sending import SlicedResponse

LIMITS = ConnectionLimits(**json.loads(os.environ["LIMITS"]))
OUTBOX = Outbox(LIMITS.unsent_bytes)

ZEROS = bytes(64_000_000)

_workers = ThreadPoolExecutor(1)


async def small(request):
    return SlicedResponse("hello", limits=LIMITS)


async def large(request):
    """As many bytes as were asked for, within what the outbox holds."""
    size = int(request.query_params["size"])
    try:
        lease = OUTBOX.reserve(size, request.query_params.get("client"))
    except Full as full:
        return PlainTextResponse(
            str(full), 503, {"retry-after": str(full.retry_after or 60)}
        )
    body = await asyncio.to_thread(os.urandom, size)
    return SlicedResponse(body, limits=LIMITS, lease=lease)


async def at_once(request):
    """As many bytes as were asked for, as any app would send them."""
    return Response(memoryview(ZEROS)[: int(request.query_params["size"])])


async def late(request):
    """An answer after a while."""
    await asyncio.sleep(float(request.query_params["seconds"]))
    return PlainTextResponse("late")


async def upload(request):
    return PlainTextResponse(str(len(await request.body())))


async def held(request):
    return PlainTextResponse(str(OUTBOX.held))


async def peak(request):
    """The most memory that the process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return PlainTextResponse(
        str(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    )


async def busy_pool(request):
    """Work that the interpreter waits for before it ends."""
    _workers.submit(time.sleep, 300)
    return PlainTextResponse("busy")


async def busy_thread(request):
    """Work in the executor that asyncio waits for before it ends."""
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 300)
    threading.Thread(target=time.sleep, args=(300,)).start()
    return PlainTextResponse("busy")


async def busy_loop(request):
    """Work that keeps the event loop itself from all else."""

    def work():
        end = time.monotonic() + 300
        while time.monotonic() < end:
            pass

    asyncio.get_running_loop().call_later(0.1, work)
    return PlainTextResponse("busy")


async def busy_python(request):
    """Work that keeps all of Python from running, as soon as the server is to stop."""

    def work():
        while not running_server().should_exit:
            time.sleep(0.01)
        time.sleep(0.5)
        ctypes.PyDLL(None).sleep(300)

    threading.Thread(target=work, daemon=True).start()
    return PlainTextResponse("busy")


async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@asynccontextmanager
async def lifespan(app):
    async with watched(LIMITS):
        yield


app = Starlette(
    routes=[
        *(
            Route(f"/{endpoint.__name__}", endpoint, methods=["GET", "POST"])
            for endpoint in (
                *(small, large, at_once, late, upload, held, peak),
                *(busy_pool, busy_thread, busy_loop, busy_python),
            )
        ),
        WebSocketRoute("/echo", echo),
    ],
    lifespan=lifespan,
)
