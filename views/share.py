"""A link as a QR code, for a class to scan."""

import io

import segno
from starlette.requests import Request
from starlette.responses import Response

from views.serving.lanes import Client
from views.serving.server import SERVER, client_of
from views.stream import Assignment, Refused, deliver

LONGEST = 2_000
"""Characters of a link: a code of more has no dots that a phone could read."""
KIND = "image/svg+xml"


def qr_code(link: str) -> bytes:
    """A link as a picture in SVG, black on white with the border that readers need.

    Raises:
        Refused: If it is no link, or too long.
    """
    if not link.startswith(("http://", "https://")):
        raise Refused("A QR code is made of a link that begins with http or https.")
    if len(link.encode()) > LONGEST:
        raise Refused(f"A QR code holds links of at most {LONGEST:,} characters.")
    picture = io.BytesIO()
    code = segno.make_qr(link, error="l", boost_error=True)
    code.save(picture, kind="svg", border=4, dark="#000", light="#fff", omitsize=True)
    return picture.getvalue()


async def qr(request: Request) -> Response:
    """The QR code of `link`."""
    client: Client = client_of(request)
    link = request.query_params.get("link", "")
    assignment = Assignment(SERVER.pictures, client, SERVER.limits)
    return await deliver(request, lambda _: qr_code(link), assignment, KIND)
