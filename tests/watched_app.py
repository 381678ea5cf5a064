"""The app itself, with its connections watched and work that does not end."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from views.routes import under
from views.serving.connections import ConnectionLimits, watched
from views.warm import warming

_workers = ThreadPoolExecutor(1)


async def busy(request):
    """Work in threads that the interpreter waits for before it ends."""
    _workers.submit(time.sleep, 300)
    threading.Thread(target=time.sleep, args=(300,)).start()
    return PlainTextResponse("busy")


@asynccontextmanager
async def lifespan(app):
    async with watched(ConnectionLimits()), warming(app):
        yield


app = st.App(
    str(Path(__file__).parents[1] / "app.py"),
    routes=[*under(""), Route("/busy", busy)],
    lifespan=lifespan,
)
