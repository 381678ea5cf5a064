"""The route that takes a visitor's own lesson, and keeps it for a while.

    POST lesson    the text of one file; answered with its line of the list, as JSON

A lesson that is taken opens by its key, `lesson=own-…`, for anyone who has the link,
until the server is started anew or has no room for it. Its race is asked for like any
other, by the address of its page.

Another site's page cannot send this request: a browser asks first, for the type of the
body, and is not answered.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from sys import getsizeof

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from surfaces.compiled import NotReady, only_ready
from views.lessons import LONGEST, OWN, OWN_MARK, Lesson, LessonError, LessonPage, read
from views.lessons.check import setup_of
from views.lessons.html import written
from views.serving.lanes import Busy, Client
from views.serving.server import SERVER, client_of
from views.serving.settings import settings
from views.stream import refusal

KIND = "text/markdown"
MOST_BYTES = 4 * LONGEST
"""Of a body: no character has more than four."""
MOST_HTML = 400_000
"""Characters of a lesson's text as HTML."""
SECONDS = 20.0
"""In which a body must have come."""
AT_ONCE = 32
"""Bodies that are on their way, of all visitors together."""
AT_ONCE_EACH = 4
"""And of one address."""
AGAIN = 5
"""Seconds after which there may be room for another."""

_NONE_TAKEN = "This server takes no lessons from files."
_TOO_LARGE = f"A lesson has at most {LONGEST:,} characters."
_coming: Counter[str] = Counter()


async def take_lesson(request: Request) -> Response:
    """Takes a lesson, or says in a sentence why not."""
    if not settings().uploads:
        return _refused(_NONE_TAKEN, 403)
    if not _from_here(request):
        return _refused("A lesson is sent by this page, as text/markdown.", 403)
    client = client_of(request)
    try:
        with _room(client.address):
            async with asyncio.timeout(SECONDS):
                body = await _body(request)
        if body is None:
            return _refused(_TOO_LARGE, 413)
        lesson = await SERVER.first.result_of(client, lambda: lesson_of_file(body))
        for page in lesson.pages:
            await _check(client, page)
        OWN.keep(lesson.key, lesson, _size(lesson), client.address)
    except (ValueError, Busy) as error:
        return refusal(error)
    except TimeoutError:
        return _refused(f"The file did not arrive within {SECONDS:g} seconds.", 408)
    except ClientDisconnect:
        return Response(status_code=499)
    row = {"key": lesson.key, "title": lesson.title, "summary": lesson.summary}
    return Response(json.dumps(row), media_type="application/json")


def lesson_of_file(body: bytes) -> Lesson:
    """The lesson of a file, written as HTML; its key follows from its text.

    Raises:
        LessonError: If it is none, in a sentence.
    """
    try:
        # Some editors begin a file with a mark of its encoding.
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise LessonError("this is not text in UTF-8") from None
    key = OWN_MARK + hashlib.sha256(text.encode()).hexdigest()[:24]
    lesson = read(text, key)
    html: dict[str, str] = {}
    for page in lesson.pages:
        html |= {part: written(part) for part in (page.text, page.afterwards)}
        if sum(map(len, html.values())) > MOST_HTML:
            raise LessonError(f"line {page.line}: this lesson has too many formulas")
    return replace(lesson, html=html)


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


def _from_here(request: Request) -> bool:
    """Whether it comes from this page, or from no page at all."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    site = request.headers.get("sec-fetch-site", "same-origin")
    return kind == KIND and site == "same-origin"


@contextmanager
def _room(address: str) -> Iterator[None]:
    """Counts a body that is on its way.

    Raises:
        Busy: If there are too many.
    """
    if _coming[address] >= AT_ONCE_EACH or _coming.total() >= AT_ONCE:
        raise Busy(AGAIN)
    _coming[address] += 1
    try:
        yield
    finally:
        _coming[address] -= 1
        if not _coming[address]:
            del _coming[address]


async def _body(request: Request) -> bytes | None:
    """What is sent; None as soon as it is too much."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:12]) > MOST_BYTES:
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return body


def _size(lesson: Lesson) -> int:
    """Bytes that a lesson takes, near enough."""
    texts = [lesson.title, lesson.summary, *lesson.html, *lesson.html.values()]
    for page in lesson.pages:
        asked = page.prediction.ask if page.prediction else ""
        texts += [page.title, page.setup, asked, *page.claims]
    return sum(map(getsizeof, texts))


def _refused(sentence: str, status: int) -> Response:
    # What is still on its way is not read.
    return PlainTextResponse(sentence, status, {"connection": "close"})
