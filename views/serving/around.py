"""The middleware around all routes, Streamlit's too: headers, figures and logs."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.file_util import get_static_dir

from views.serving.assets import Assets, element_scripts
from views.serving.direct import Direct
from views.serving.early import Early
from views.serving.headers import security_headers
from views.serving.metrics import note_request, serve_metrics
from views.serving.observed import Note, Observed, log_as_json, log_request
from views.serving.server import SERVER

ELEMENTS = ("BidiComponent", "Button", "ButtonGroup", "Html", "Selectbox", "TextInput")
"""Streamlit's names of what stands on the page at first."""


def around(
    routes: Sequence[Route], page: str, early: Mapping[str, str]
) -> list[Middleware]:
    """The middleware of the app, the outermost first.

    Args:
        routes: Of the app, which are named in figures and logs.
        page: The path of the page.
        early: How the files that it needs are loaded ahead, by address.
    """
    folder = Path(get_static_dir())
    scripts = dict.fromkeys(element_scripts(folder, ELEMENTS), "rel=modulepreload")
    middleware = [
        security_headers(SERVER.settings.embed),
        Middleware(Direct, routes),
        Middleware(Assets, folder, page, SERVER.limits),
        Middleware(Early, page, {**early, **scripts}),
    ]
    if notes := _notes():
        named = frozenset(route.path for route in routes if "{" not in route.path)
        middleware.insert(0, Middleware(Observed, notes, named))
    return middleware


@cache
def _notes() -> list[Note]:
    """What records requests; once, as each page runs the app's file again."""
    notes: list[Note] = []
    if SERVER.settings.metrics:
        serve_metrics(SERVER, SERVER.settings.metrics)
        notes.append(note_request)
    if SERVER.settings.log:
        log_as_json()
        notes.append(log_request)
    return notes
