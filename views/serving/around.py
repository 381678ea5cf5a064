"""The middleware around all routes, Streamlit's too: headers, figures and logs."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.file_util import get_static_dir

from views.player_files import EARLY, page_of, player_file
from views.serving.assets import Assets, element_scripts
from views.serving.direct import Direct
from views.serving.early import Early
from views.serving.headers import security_headers
from views.serving.observed import Note, Observed, log_as_json, log_request
from views.serving.opening import page as page_text
from views.serving.settings import limits_of, settings
from views.start import loaded

ELEMENTS = ("BidiComponent", "Button", "ButtonGroup", "Html", "Selectbox", "TextInput")
"""Streamlit's names of what stands on the page at first."""

ANSWERS = ("description", "race?", "landscape?")
"""What the page asks for at first, as it writes it, where nothing else is asked for."""


def around(base: str) -> list[Middleware]:
    """The middleware of the app, the outermost first.

    Args:
        base: Streamlit's server.baseUrlPath.
    """
    chosen = settings()
    page = page_of(base)
    folder = Path(get_static_dir())
    text = page_text(element_scripts(folder, ELEMENTS))
    routes: list[Route] = []

    async def later() -> Sequence[Route]:
        if not routes:
            routes.extend((await loaded()).routes_below(base))
        return routes

    first = [Route(f"{page}player/{{version}}/{{name}}", player_file)]
    middleware = [
        security_headers(chosen.embed),
        Middleware(Direct, page, first, later),
        Middleware(Assets, folder, page, limits_of(chosen)),
        Middleware(Early, page, text, EARLY, ANSWERS),
    ]
    if notes := _notes():
        middleware.insert(0, Middleware(Observed, notes, routes))
    return middleware


@cache
def _notes() -> list[Note]:
    """What records requests; once, as each page runs the app's file again."""
    notes: list[Note] = []
    if place := settings().metrics:
        metrics = import_module("views.serving.metrics")
        metrics.serve_metrics(import_module("views.serving.server").SERVER, place)
        notes.append(metrics.note_request)
    if settings().log:
        log_as_json()
        notes.append(log_request)
    return notes
