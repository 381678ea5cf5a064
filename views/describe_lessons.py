"""Lessons for the player, as JSON values: their list, and the page that is open."""

from dataclasses import asdict
from typing import Any

from views.lessons import lesson_of, lessons
from views.lessons.html import html_of
from views.setup import Setup


def described_list() -> list[dict[str, str]]:
    """All lessons, with what is said of them before they are opened."""
    return [
        {"key": one.key, "title": one.title, "summary": one.summary}
        for one in lessons().values()
    ]


def described_page(setup: Setup) -> dict[str, Any] | None:
    """The page of the lesson that is open; None while none is."""
    key, number = setup["lesson"], setup["page"]
    lesson = lesson_of(key)
    if lesson is None or number > len(lesson.pages):
        return None
    page = lesson.pages[number - 1]
    asked = page.prediction
    text, afterwards = (
        lesson.html[part] if part in lesson.html else html_of(part)
        for part in (page.text, page.afterwards)
    )
    return {
        "key": key,
        "lesson": lesson.title,
        "number": number,
        "pages": len(lesson.pages),
        "title": page.title,
        "text": text,
        "afterwards": afterwards,
        "prediction": asked and asdict(asked),
    }
