"""The app itself, and a route whose work does not end."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from views.routes import routes_below
from views.start import warming

_workers = ThreadPoolExecutor(1)


async def busy(request):
    """Work in threads that the interpreter waits for before it ends."""
    _workers.submit(time.sleep, 300)
    threading.Thread(target=time.sleep, args=(300,)).start()
    return PlainTextResponse("busy")


app = st.App(
    str(Path(__file__).parents[1] / "app.py"),
    routes=[*routes_below(""), Route("/busy", busy)],
    lifespan=warming,
)
