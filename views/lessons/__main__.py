"""Checks lessons: `python -m views.lessons [FOLDER]`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from views.lessons import FOLDER, Lesson, LessonError, LessonPage, read_folder
from views.lessons.check import setup_of
from views.lessons.claims import ClaimError, holds
from views.race import run_race


def problems_of(lesson: Lesson) -> Iterator[str]:
    """A sentence for each thing that is wrong with a lesson, with its line."""
    for page in lesson.pages:
        for problem in _problems(page):
            yield f"{lesson.key}, line {page.line}, {page.title!r}: {problem}"


def _problems(page: LessonPage) -> Iterator[str]:
    setup, problems = setup_of(page)
    yield from problems
    race = run_race(setup)
    for claim in page.claims:
        try:
            true = holds(claim, race)
        except ClaimError as error:
            yield str(error)
            continue
        if not true:
            ends = {key: run.outcome.text for key, run in race.runs.items()}
            yield f"{claim!r} is not true: {ends}"


def main() -> int:
    """Prints what is wrong; 1 if anything is."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    try:
        lessons = read_folder(folder)
    except LessonError as error:
        print(error)
        return 1
    wrong = [text for lesson in lessons.values() for text in problems_of(lesson)]
    pages = sum(len(lesson.pages) for lesson in lessons.values())
    print("\n".join([*wrong, f"{len(lessons)} lessons, {pages} pages"]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
