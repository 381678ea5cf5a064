"""The routes the player fetches from, beside Streamlit's own.

    GET race?SETUP             the race of a setup, packed (packing.py)
    GET landscape?SETUP        its still pictures, as plotly JSON (figures.py); with
                               minibatch=STEP, of the loss of that step's samples
    GET STUDY?SETUP            a study (studies/), with its progress (stream.py); of
                               basins and plane with size=N, for N x N runs
    GET STUDY.FORMAT?SETUP     the same as a file: csv, npz, png or svg
                               (studies/files.py)
    GET player/VERSION/FILE    the player's modules and plotly.js

A route keeps no session: every answer is a function of its address. A setup with
anything wrong is answered 400 with one sentence.
"""

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import plotly
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from optim.conditions import minibatches
from surfaces import Param
from views.fields import STEPS
from views.figures import landscape
from views.packing import pack
from views.race import run_race
from views.setup import Setup
from views.stream import HEADERS, deliver, respond
from views.studies import PARTS, Tell, answer
from views.studies.files import TYPES, file, file_name, refuse_long
from views.studies.swept import SIZE

_STEP = replace(STEPS, low=0)
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_PLAYER = Path(__file__).parent / "player"
_FILES = {
    path.name: path for path in sorted(_PLAYER.iterdir()) if path.suffix in _TYPES
} | {"plotly.min.js": Path(plotly.__file__).parent / "package_data" / "plotly.min.js"}


def _version() -> str:
    digest = hashlib.sha256(plotly.__version__.encode())
    for name, path in _FILES.items():
        if path.parent == _PLAYER:
            digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


PLAYER_PATH = f"player/{_version()}"
"""Where the player's files are: a new address whenever one of them changes."""


@cache
def zipped(name: str) -> bytes:
    """One of the files, compressed once."""
    return gzip.compress(_FILES[name].read_bytes(), 6)


def player_file(request: Request) -> Response:
    """One of the player's own files, or plotly.js; never changes at its address."""
    name = request.path_params["name"]
    if name not in _FILES or request.path_params["version"] != PLAYER_PATH[7:]:
        return PlainTextResponse("There is no such file.", 404)
    return Response(
        zipped(name),
        media_type=_TYPES[Path(name).suffix],
        headers={
            "content-encoding": "gzip",
            "cache-control": "public, max-age=31536000, immutable",
        },
    )


def _asked(request: Request, name: str, param: Param) -> tuple[Setup, int | None]:
    """The setup of an address, and one number that is not part of it.

    Raises:
        ValueError: For the first thing that is wrong, in a sentence.
    """
    pairs = request.query_params.multi_items()
    asked = [text for key, text in pairs if key == name]
    setup, problems = Setup.parse(pair for pair in pairs if pair[0] != name)
    if problems:
        raise ValueError(problems[0])
    try:
        return setup, int(param.parse(asked[0])) if asked else None
    except ValueError as error:
        raise ValueError(f"{name} {error}.") from None


def _of_setup(answer: Callable[[Setup, int | None], bytes | str], media_type: str):
    """A route that answers a setup at once."""

    # Not `async`: Starlette then computes in a thread, and others are served meanwhile.
    def route(request: Request) -> Response:
        try:
            setup, step = _asked(request, "minibatch", _STEP)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        return Response(answer(setup, step), media_type=media_type, headers=HEADERS)

    return route


def _of_study(send: Callable[[Request, Setup, int | None], Awaitable[Response]]):
    """A route that answers a study, in one of the ways below."""

    async def route(request: Request) -> Response:
        try:
            # In a thread: a formula that is typed takes a while to be understood.
            setup, size = await run_in_threadpool(_asked, request, "size", SIZE)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        return await send(request, setup, size)

    return route


def _streamed(study: str):
    """A study for the player, with its progress."""

    async def send(request: Request, setup: Setup, size: int | None) -> Response:
        return await respond(
            request, lambda tell: answer(study, setup, tell, size).pack()
        )

    return _of_study(send)


def _file(study: str, form: str):
    """A study as a file."""

    def written(setup: Setup, tell: Tell, size: int | None) -> bytes:
        refuse_long(study, setup, form)
        return file(answer(study, setup, tell, size), form, tell)

    async def send(request: Request, setup: Setup, size: int | None) -> Response:
        return await deliver(
            request,
            lambda tell: written(setup, tell, size),
            TYPES[form],
            file_name(study, setup, form),
        )

    return _of_study(send)


def _race(setup: Setup, _: int | None) -> bytes:
    return pack(run_race(setup))


def _landscape(setup: Setup, step: int | None) -> str:
    """The still pictures; of the minibatch of a step, if one is named."""
    surface, conditions = setup.surface, setup.conditions
    weights = None
    if surface.data and step is not None:
        size = conditions.batch or surface.data.size
        weights = minibatches(surface.data.size, size, conditions.seed, step + 1)[step]
    return landscape(surface, setup["level"], weights)


ROUTES = [
    Route("/race", _of_setup(_race, "application/octet-stream")),
    Route("/landscape", _of_setup(_landscape, "application/json")),
    *(Route(f"/{study}", _streamed(study)) for study in PARTS),
    *(
        Route(f"/{study}.{form}", _file(study, form))
        for study in PARTS
        for form in TYPES
    ),
    Route("/player/{version}/{name}", player_file),
]


def under(base: str) -> list[Route]:
    """The routes below the path that Streamlit's server.baseUrlPath serves under."""
    prefix = f"/{base.strip('/')}" if base.strip("/") else ""
    return [Route(prefix + route.path, route.endpoint) for route in ROUTES]
