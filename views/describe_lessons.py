"""Lessons for the player, as JSON values: their list, and the page that is open."""

from dataclasses import asdict
from typing import Any

from views.lessons import lessons, page_of
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
    page = page_of(key, number)
    if page is None:
        return None
    asked = page.prediction
    return {
        "key": key,
        "lesson": lessons()[key].title,
        "number": number,
        "pages": len(lessons()[key].pages),
        "title": page.title,
        "text": html_of(page.text),
        "afterwards": html_of(page.afterwards),
        "prediction": asked and asdict(asked),
    }
