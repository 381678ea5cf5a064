"""The route that encodes a film.

    POST film    frames that the page has drawn (frames.py); answered with the film,
                 after its progress (views/stream.py)

Nothing is kept.
"""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from views.films.frames import MOST_ENCODED, described
from views.result import ProgressCallback
from views.serving.bodies import Bodies, refused
from views.serving.lanes import Busy
from views.serving.outbox import Full
from views.serving.server import SERVER, client_of
from views.stream import Assignment, refusal, respond

BODIES = Bodies(
    kind="application/x-loss-surface-film",
    most_bytes=48 * 2**20,
    seconds=60.0,
    each=1,
    all=3,
    again=10,
)
SECONDS = 60.0
"""In which it must be encoded."""
_TOO_LARGE = "The frames of this film are too large; make it smaller or shorter."


async def take_film(request: Request) -> Response:
    """Encodes a film, or says in a sentence why not."""
    if not BODIES.from_here(request):
        return refused(f"A film is sent by this page, as {BODIES.kind}.", 403)
    client = client_of(request)
    try:
        with BODIES.room(client.address):
            body = await BODIES.read(request)
            if body is None:
                return refused(_TOO_LARGE, 413)
            described(body)
            return await _encoded(request, body)
    except (ValueError, Busy, Full) as error:
        return refusal(error)
    except TimeoutError:
        return refused(
            f"The film did not arrive within {BODIES.seconds:g} seconds.", 408
        )
    except ClientDisconnect:
        return Response(status_code=499)


async def _encoded(request: Request, body: bytes) -> Response:
    client = client_of(request)
    lease = SERVER.outbox.reserve(MOST_ENCODED, client.address)
    assignment = Assignment(SERVER.studies, client, SERVER.limits, True, SECONDS, lease)

    def compute(progress: ProgressCallback) -> bytes:
        # The libraries take a while to load, and few servers are asked for films.
        from views.films.encode import encoded

        return encoded(body, progress)

    return await respond(request, compute, assignment)
