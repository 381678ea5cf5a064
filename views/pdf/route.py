"""The route that draws a picture as PDF.

    POST pdf    a picture as the page writes it, in SVG (drawing.py); answered with the
                PDF, after its progress (views/stream.py)

Nothing is kept.
"""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from views.result import ProgressCallback
from views.serving.bodies import Bodies, refused
from views.serving.lanes import Busy
from views.serving.outbox import Full
from views.serving.server import SERVER, client_of
from views.stream import Assignment, refusal, respond

BODIES = Bodies(
    kind="image/svg+xml",
    most_bytes=24 * 2**20,
    seconds=60.0,
    each=1,
    all=2,
    again=5,
)
SECONDS = 60.0
"""In which it must be drawn."""
_MOST_DRAWN = 32 * 2**20
"""Bytes that a PDF may have."""
_TOO_LARGE = "This picture is too large for a PDF; save it as PNG."


async def take_picture(request: Request) -> Response:
    """Draws a picture, or says in a sentence why not."""
    if not BODIES.from_here(request):
        return refused(f"A picture is sent by this page, as {BODIES.kind}.", 403)
    client = client_of(request)
    try:
        with BODIES.room(client.address):
            body = await BODIES.read(request)
            if body is None:
                return refused(_TOO_LARGE, 413)
            return await _drawn(request, body)
    except (ValueError, Busy, Full) as error:
        return refusal(error)
    except TimeoutError:
        return refused(
            f"The picture did not arrive within {BODIES.seconds:g} seconds.", 408
        )
    except ClientDisconnect:
        return Response(status_code=499)


async def _drawn(request: Request, body: bytes) -> Response:
    client = client_of(request)
    lease = SERVER.outbox.reserve(_MOST_DRAWN, client.address)
    assignment = Assignment(SERVER.studies, client, SERVER.limits, True, SECONDS, lease)

    def compute(progress: ProgressCallback) -> bytes:
        # The libraries take a while to load, and few servers are asked for a PDF.
        from views.pdf.drawing import pdf_of

        found = pdf_of(body, progress)
        if len(found) > _MOST_DRAWN:
            raise ValueError(_TOO_LARGE)
        return found

    return await respond(request, compute, assignment)
