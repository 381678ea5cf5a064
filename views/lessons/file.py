"""A lesson of a visitor's, as it is read from its file."""

import hashlib
from dataclasses import replace
from sys import getsizeof

from views.lessons import OWN_MARK, Lesson, LessonError, read
from views.lessons.html import written

MOST_HTML = 400_000
"""Characters of a lesson's text as HTML."""


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


def size_of(lesson: Lesson) -> int:
    """Bytes that a lesson takes, near enough."""
    texts = [lesson.title, lesson.summary, *lesson.html, *lesson.html.values()]
    for page in lesson.pages:
        asked = page.prediction.ask if page.prediction else ""
        texts += [page.title, page.setup, asked, *page.claims]
    return sum(map(getsizeof, texts))
