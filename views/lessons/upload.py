"""The route that takes a visitor's own lesson, and keeps it for a while.

    POST lesson    the text of one file; answered with its line of the list, as JSON

A lesson that is taken opens by its key, `lesson=own-…`, for anyone who has the link,
until the server is started anew or has no room for it. Its race is asked for like any
other, by the address of its page.
"""

import json

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from surfaces.compiled import NotReady, only_ready
from views.lessons import LONGEST, OWN, LessonError, LessonPage
from views.lessons.check import setup_of
from views.lessons.file import lesson_of_file, size_of
from views.serving.bodies import Bodies, refused
from views.serving.lanes import Busy, Client
from views.serving.server import SERVER, client_of
from views.serving.settings import settings
from views.stream import refusal

BODIES = Bodies(
    kind="text/markdown",
    most_bytes=4 * LONGEST,  # No character has more than four.
    seconds=20.0,
    each=4,
    all=32,
    again=5,
)

_NONE_TAKEN = "This server takes no lessons from files."
_TOO_LARGE = f"A lesson has at most {LONGEST:,} characters."


async def take_lesson(request: Request) -> Response:
    """Takes a lesson, or says in a sentence why not."""
    if not settings().uploads:
        return refused(_NONE_TAKEN, 403)
    if not BODIES.from_here(request):
        return refused("A lesson is sent by this page, as text/markdown.", 403)
    client = client_of(request)
    try:
        with BODIES.room(client.address):
            body = await BODIES.read(request)
        if body is None:
            return refused(_TOO_LARGE, 413)
        lesson = await SERVER.first.result_of(client, lambda: lesson_of_file(body))
        for page in lesson.pages:
            await _check(client, page)
        OWN.keep(lesson.key, lesson, size_of(lesson), client.address, body)
    except (ValueError, Busy) as error:
        return refusal(error)
    except TimeoutError:
        return refused(
            f"The file did not arrive within {BODIES.seconds:g} seconds.", 408
        )
    except ClientDisconnect:
        return Response(status_code=499)
    row = {"key": lesson.key, "title": lesson.title, "summary": lesson.summary}
    return Response(json.dumps(row), media_type="application/json")


async def _check(client: Client, page: LessonPage) -> None:
    """Checks the settings of a page; a formula is not understood at once.

    Raises:
        LessonError: With the first thing that is wrong.
        Busy: If there is no room for this now.
    """

    def problems() -> tuple[str, ...]:
        return setup_of(page)[1]

    def ready() -> tuple[str, ...]:
        with only_ready():
            return problems()

    try:
        found = await SERVER.races.result_of(client, ready)
    except NotReady:
        found = await SERVER.first.result_of(client, problems)
    if found:
        raise LessonError(f"line {page.line}: {found[0]}")
