"""The routes the player fetches from, beside Streamlit's own.

    GET race?SETUP             the race of a setup (race.py), as a result (result.py),
                               with its progress (stream.py); with=NAME,NAME, with
                               what it carries besides (extras.py)
    GET race.FORMAT?SETUP      the same as a file: csv, npz, json or parquet
                               (studies/files.py)
    GET race.tex?SETUP         the same as figures and a table of LaTeX (latex/), to the
                               step that it opens at if there is one; with first=STEP,
                               from that one
    GET step.tex?SETUP         the equations of that step in LaTeX, or of the last
    GET race.py?SETUP          the same as a script of Python (code/); with
                               target=numpy, torch, optax or keras
    GET race.ipynb?SETUP       the same as a notebook of Jupyter, likewise (code/)
    GET race.html?SETUP        the same as a page that plays (webpage/); with scene=0,
                               without the surface in 3D, and with
                               sliders=KEY,KEY, those that stay alive
    GET description?SETUP      what the page shows of it, as the player takes it
                               (describe.py)
    GET landscape?SETUP        its still pictures, as JSON (figures.py); with
                               minibatch=STEP, of the loss of that step's samples
    GET STUDY?SETUP            a study (studies/), likewise; of basins and plane with
                               size=N, for N x N runs
    GET STUDY.FORMAT?SETUP     the same as a file, likewise
    GET player/VERSION/FILE    the player's modules, all of them in one (packed.py), its
                               style sheet and plotly.js
    GET qr?link=LINK           a link as a QR code, in SVG (share.py)
    GET read?rule=TEXT         what was read of a rule that is typed (reading.py)
    GET read?f=TEXT            what was read of a formula that is typed, likewise
    POST lesson                takes a visitor's own lesson (lessons/upload.py)
    POST pdf                   draws a picture of the page as PDF (pdf/route.py)
    POST film                  encodes a film that the page has drawn (films/route.py)
    POST room, GET room/CODE   opens and follows a room (rooms/route.py)
    GET health, GET ready      for operators (serving/health.py)

A route keeps no session: every answer is a function of its address, but that of a
lesson, which is kept for a while. A setup with
anything wrong, and what would take too much, is answered 400 with one sentence; what
there is no room for now, 503 with a sentence and Retry-After.
"""

import gzip
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

import brotli
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from surfaces import Param
from surfaces.compiled import NotReady, only_ready
from views import old_names
from views.code import notebook, parse_target, script
from views.describe import for_player
from views.extras import parse_extras
from views.fields import STEPS
from views.figures import pictures
from views.films.route import take_film
from views.latex import entry_of, equations, figure, refuse_large, span_of
from views.lessons.upload import take_lesson
from views.pdf.route import take_picture
from views.player_files import page_of, player_file, reads_brotli
from views.race import race_shown, race_with, run_race
from views.reading import reading
from views.result import ProgressCallback, Result, pack
from views.rooms.route import in_room, open_room
from views.serving.health import health, ready
from views.serving.lanes import Busy, Client, Lane
from views.serving.metrics import metrics
from views.serving.outbox import Full
from views.serving.sending import SlicedResponse
from views.serving.server import SERVER, client_of
from views.serving.settings import PUBLIC
from views.setup import Setup
from views.share import qr
from views.stream import (
    ANSWER,
    HEADERS,
    MEDIA_TYPE,
    Assignment,
    Compute,
    Refused,
    attached,
    deliver,
    refusal,
    respond,
)
from views.studies import PARTS, RACE, answer
from views.studies.cost import (
    Cost,
    code_cost,
    cost,
    race_cost,
    race_seconds,
    step_cost,
)
from views.studies.files import TYPES, file, file_name, refuse_long
from views.studies.grids import SIZE
from views.studies.words import page_query
from views.webpage import parse_options, web_page, web_page_cost

OTHERS = {
    "py": "text/x-python; charset=utf-8",
    "ipynb": "application/x-ipynb+json",
    "tex": "text/x-tex; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
"""The kinds of files that are a race in another shape."""

SHORT = 5e-3
"""Seconds up to which a race is short."""

_STEP = replace(STEPS, low=0)


def _parsed(request: Request, *names: str) -> tuple[Setup, *tuple[list[str], ...]]:
    """The setup of an address, and the texts of each key that is not part of it.

    Raises:
        Refused: For the first thing that is wrong.
    """
    pairs = request.query_params.multi_items()
    setup, problems = Setup.parse(pair for pair in pairs if pair[0] not in names)
    if problems:
        raise Refused(problems[0])
    return setup, *([text for key, text in pairs if key == name] for name in names)


def _asked(request: Request, name: str, param: Param) -> tuple[Setup, int | None]:
    """The setup of an address, and one number that is not part of it.

    Raises:
        Refused: For the first thing that is wrong.
    """
    setup, texts = _parsed(request, name)
    try:
        return setup, int(param.parse(texts[0])) if texts else None
    except ValueError as error:
        raise Refused(f"{name} {error}.") from None


Deliver = Callable[[Request, Compute, Assignment], Awaitable[Response]]


def _at_once(
    lane: Lane,
    answer: Callable[[Request, ProgressCallback], bytes],
    send: Deliver,
) -> Callable[[Request], Awaitable[Response]]:
    """A route that answers a setup at once, or as soon as its code is compiled.

    What is compiled has a lane of its own, which never waits for what is not.
    """

    async def route(request: Request) -> Response:
        client = client_of(request)
        assignment = Assignment(lane, client, SERVER.limits)

        def compute(progress: ProgressCallback) -> bytes:
            return answer(request, progress)

        def ready(progress: ProgressCallback) -> bytes:
            with only_ready():
                return compute(progress)

        try:
            return await send(request, ready, assignment)
        except NotReady:
            first = replace(assignment, lane=SERVER.first)
            return await send(request, compute, first)

    return route


def _address_of(request: Request, query: str) -> str:
    """The address of the page that shows a setup, as the client asks for it."""
    url = request.url
    path = url.path.rpartition("/")[0] + "/"
    return str(url.replace(path=path, query=query, fragment=""))


class Asked(NamedTuple):
    """What a request asks to be computed.

    Attributes:
        setup: Of what.
        cost: What that takes.
        compute: Does it.
    """

    setup: Setup
    cost: Cost
    compute: Callable[[ProgressCallback], Result | bytes]


def _computed(
    understand: Callable[[Request], Asked], kind: str, form: str
) -> Callable[[Request], Awaitable[Response]]:
    """A route that answers what takes a while, as a file or for the player.

    Args:
        understand: What is asked for.
        kind: A race, or which study.
        form: The kind of file; empty for the player, who is sent the progress, too.
    """

    async def route(request: Request) -> Response:
        client = client_of(request)
        try:
            asked = await _understood(request, client)
            lease = SERVER.outbox.reserve(asked.cost.size, client.address)
        except (ValueError, Busy, Full) as error:
            return refusal(error)
        seconds, long = 2.0 * SERVER.settings.study_seconds, asked.cost.long
        assignment = Assignment(
            SERVER.studies, client, SERVER.limits, long, seconds, lease
        )

        def compute(progress: ProgressCallback) -> bytes:
            found = asked.compute(progress)
            if isinstance(found, bytes):
                return found
            if not form:
                return pack(found)
            return file(found, form, progress, _address_of(request, page_query(found)))

        if not form:
            return await respond(request, compute, assignment)
        headers = attached(file_name(kind, asked.setup, form))
        kind_of_file = (TYPES | OTHERS)[form]
        return await deliver(request, compute, assignment, kind_of_file, headers)

    async def _understood(request: Request, client: Client) -> Asked:
        """What is asked for, and what it takes: a formula is not understood at once."""

        def ready() -> Asked:
            with only_ready():
                return understand(request)

        try:
            return await SERVER.races.result_of(client, ready)
        except NotReady:
            return await SERVER.first.result_of(client, lambda: understand(request))

    return route


def _study(study: str, form: str = "") -> Callable[[Request], Awaitable[Response]]:
    """A route that answers a study."""

    def understand(request: Request) -> Asked:
        setup, size = _asked(request, "size", SIZE)
        refuse_long(study, setup, form)
        taken = cost(PARTS[study], setup, size, form)
        taken.check(SERVER.settings.study_seconds)
        return Asked(setup, taken, partial(answer, study, setup, size=size))

    return _computed(understand, study, form)


def _race_with(form: str = "") -> Callable[[Request], Awaitable[Response]]:
    """A route that answers a race with what it carries besides."""

    def understand(request: Request) -> Asked:
        setup, texts = _parsed(request, "with")
        try:
            extras = parse_extras(texts)
        except ValueError as error:
            raise Refused(str(error)) from None
        refuse_long(RACE.key, setup, form)
        taken = race_cost(setup, extras, form)
        taken.check(SERVER.settings.study_seconds)
        compute = partial(race_with, setup, extras=extras, exact=bool(form))
        return Asked(setup, taken, compute)

    return _computed(understand, RACE.key, form)


def _figure() -> Callable[[Request], Awaitable[Response]]:
    """A route that answers a race as LaTeX."""

    def understand(request: Request) -> Asked:
        setup, firsts = _parsed(request, "first")
        span = span_of(setup, firsts)
        refuse_large(setup, span)
        taken = race_cost(setup, form="tex")
        taken.check(SERVER.settings.study_seconds)
        address = _address_of(request, setup.query)

        def compute(progress: ProgressCallback) -> bytes:
            found = race_with(setup, progress, exact=True)
            return figure(found, address, span).encode()

        return Asked(setup, taken, compute)

    return _computed(understand, RACE.key, "tex")


def _equations() -> Callable[[Request], Awaitable[Response]]:
    """A route that answers the step of an entry as LaTeX."""

    def understand(request: Request) -> Asked:
        setup, _ = _parsed(request, "")
        entry = entry_of(setup)
        taken = step_cost(setup)
        taken.check(SERVER.settings.study_seconds)
        address = _address_of(request, setup.query)

        def compute(progress: ProgressCallback) -> bytes:
            return equations(
                run_race(setup, progress, quantities={entry}), address
            ).encode()

        return Asked(setup, taken, compute)

    return _computed(understand, "step", "tex")


def _code(form: str) -> Callable[[Request], Awaitable[Response]]:
    """A route that answers a race as a script, or as a notebook."""
    write = {"py": script, "ipynb": notebook}[form]

    def understand(request: Request) -> Asked:
        setup, texts = _parsed(request, "target")
        try:
            target = parse_target(texts)
        except ValueError as error:
            raise Refused(str(error)) from None
        address = _address_of(request, setup.query)

        def compute(_: ProgressCallback) -> bytes:
            return write(setup, target, address).encode()

        return Asked(setup, code_cost(setup, form), compute)

    return _computed(understand, RACE.key, form)


def _web_page() -> Callable[[Request], Awaitable[Response]]:
    """A route that answers a race as a file that plays."""

    def understand(request: Request) -> Asked:
        setup, scene, sliders = _parsed(request, "scene", "sliders")
        try:
            options = parse_options(setup, scene, sliders)
        except ValueError as error:
            raise Refused(str(error)) from None
        taken = web_page_cost(setup, options)
        taken.check(SERVER.settings.study_seconds)
        return Asked(setup, taken, partial(web_page, setup, options))

    return _computed(understand, RACE.key, "html")


def _race(request: Request, progress: ProgressCallback) -> bytes:
    setup, _ = _asked(request, "minibatch", _STEP)
    race_seconds(setup)  # Counted with the first race, for those after it.
    return pack(race_shown(setup, progress))


def _landscape(request: Request, _: ProgressCallback) -> bytes:
    return pictures(*_asked(request, "minibatch", _STEP)).encode()


def _description(request: Request, _: ProgressCallback) -> bytes:
    # The page opens with all that is right of an address, and says what is not.
    setup, _problems = Setup.parse(request.query_params.multi_items())
    return json.dumps(for_player(setup), allow_nan=False).encode()


async def _short(request: Request) -> Response | None:
    """A race that is ready and short; None if it is not both."""
    client = client_of(request)

    def compute() -> bytes | None:
        # A formula that was not typed before is not understood at once, either.
        with only_ready():
            setup, _ = _asked(request, "minibatch", _STEP)
            if race_seconds(setup) > SHORT:
                return None
            return ANSWER + pack(race_shown(setup))

    try:
        found = await SERVER.short.result_of(client, compute)
    except NotReady:
        return None
    except (ValueError, Busy) as error:
        return refusal(error)
    if found is None:
        return None
    headers = HEADERS
    if not request.url.query and reads_brotli(request):
        found = _squeezed(found)
        headers = HEADERS | {"content-encoding": "br"}
    return SlicedResponse(
        found, headers=headers, media_type=MEDIA_TYPE, limits=SERVER.limits
    )


@lru_cache(maxsize=1)
def _squeezed(answer: bytes) -> bytes:
    """The race of a page without a query, the first of most: a fifth smaller."""
    return brotli.compress(answer, quality=5)


async def race(request: Request) -> Response:
    """A race, from wherever it is computed soonest."""
    if "with" in request.query_params:
        return await _carrying(request)
    return await _short(request) or await _longer(request)


async def _send_json(
    request: Request, compute: Compute, assignment: Assignment
) -> Response:
    """Sends JSON compressed, where the browser reads that."""
    kind = "application/json"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return await deliver(request, compute, assignment, kind)

    def shorter(progress: ProgressCallback) -> bytes:
        return gzip.compress(compute(progress), 6)

    headers = {"content-encoding": "gzip", "vary": "accept-encoding"}
    return await deliver(request, shorter, assignment, kind, headers)


_carrying = _race_with()
_longer = _at_once(SERVER.races, _race, respond)
_pictures = _at_once(SERVER.pictures, _landscape, _send_json)
_page = _at_once(SERVER.races, _description, _send_json)


def no_picture(_: Request) -> Response:
    """Where pictures of studies were before the page saved them itself."""
    return PlainTextResponse(
        "Pictures are saved by the page: open the study there and choose PNG, SVG "
        "or PDF from “save as…”.",
        404,
    )


def nowhere(request: Request) -> Response:
    """Below the names of routes, what is no route: Streamlit would send its page."""
    return PlainTextResponse(
        "There is nothing at this address; a study's name stands alone, or with "
        f"{', '.join(f'.{form}' for form in TYPES)} for a file.",
        404,
    )


_STATES = ("health", "ready", "metrics")
_STUDIES = {study: study for study in PARTS} | old_names.STUDIES

ROUTES = [
    Route("/race", race),
    Route("/description", _page),
    Route("/landscape", _pictures),
    *(Route(f"/race.{form}", _race_with(form)) for form in TYPES),
    Route("/race.tex", _figure()),
    Route("/step.tex", _equations()),
    Route("/race.py", _code("py")),
    Route("/race.ipynb", _code("ipynb")),
    Route("/race.html", _web_page()),
    *(Route(f"/{name}", _study(study)) for name, study in _STUDIES.items()),
    *(
        Route(f"/{name}.{form}", _study(study, form))
        for name, study in _STUDIES.items()
        for form in TYPES
    ),
    *(
        Route(f"/{name}.{form}", no_picture)
        for name in _STUDIES
        for form in ("png", "svg", "pdf")
    ),
    Route("/player/{version}/{name}", player_file),
    Route("/qr", qr),
    Route("/read", reading),
    Route("/lesson", take_lesson, methods=["POST"]),
    Route("/room", open_room, methods=["POST"]),
    Route("/room/{code}", in_room, methods=["GET", "POST"]),
    Route("/pdf", take_picture, methods=["POST"]),
    Route("/film", take_film, methods=["POST"]),
    Route("/health", health),
    Route("/ready", ready),
    *([Route("/metrics", metrics)] if SERVER.settings.metrics == PUBLIC else []),
    *(
        Route(f"/{name}{{rest:path}}", nowhere)
        for name in (
            "race",
            "description",
            "step",
            "landscape",
            *_STUDIES,
            "player",
            "qr",
            "read",
            "lesson",
            "film",
            "pdf",
            "room",
            *_STATES,
        )
    ),
]


def routes_below(base: str) -> list[Route]:
    """The routes below the path that Streamlit's server.baseUrlPath serves under."""
    prefix = page_of(base)[:-1]
    return [
        Route(prefix + route.path, route.endpoint, methods=route.methods)
        for route in ROUTES
    ]
