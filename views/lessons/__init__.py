r"""Lessons: pages of a few sentences, each with a race, a question and what is true.

A lesson is one Markdown file of this folder, `04_momentum.md`: its order and its key,
which is its name in the address. It begins with its title and a line about it, and
each page with a heading and its race:

    +++
    title = "Momentum"
    summary = "Why a heavy ball is faster through a ravine."
    +++

    # One rate for two curvatures

    ```toml
    setup = "surface=ravine&kappa=50&on=gradient_descent&steps=100"
    claims = ["gradient_descent descending"]
    ask = "Does it arrive within 100 steps?"
    predict = "outcome"
    of = "gradient_descent"
    ```

    Two or three sentences, with $\alpha$ as mathematics.

    > What to try.

    ## Afterwards

    What is true, and shown once the reader has predicted.

`claims` are what the sentences claim of that race (claims.py), which the tests check;
`predict` is what a reader is asked for (`PREDICTIONS`): the answer is computed from the
race. `ask`, `of` and `step` belong to it.
"""

import logging
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from surfaces.typos import closest
from views.lessons.shelf import Behind, Shelf
from views.serving.settings import settings
from views.serving.store import shared_store

FOLDER = Path(__file__).parent
OWN_FOLDER = "LOSS_SURFACE_LESSONS"
"""The environment variable that names a folder of lessons besides these."""
MOST_PAGES = 12
LONGEST = 60_000
"""Characters of a file."""
LONGEST_LINE = 300
"""Characters of a title, of a summary and of a question."""
OWN_MARK = "own-"
"""How the key of a lesson begins that a visitor has opened from a file (upload.py)."""
OWN_BYTES = 2**25
"""Bytes of all such lessons together."""
PREDICTIONS = {
    "first": "which run arrives first",
    "lowest": "which run has the lowest loss at the end",
    "outcome": "how a run ends",
    "minimum": "at which minimum a run ends",
    "point": "where a run is after some steps",
    "path": "the path of a run",
}
"""What a page can ask for, by name."""
_OF_ONE = frozenset({"outcome", "minimum", "point", "path"})
_KNOWN = {
    "setup": str, "claims": list, "ask": str, "predict": str, "of": str, "step": int,
}  # fmt: skip
_NAME = re.compile(r"(\d+)_([a-z][a-z0-9_]*)\.md")
_AFTERWARDS = "## Afterwards"


class LessonError(ValueError):
    """A sentence about what is wrong in a file, with its line."""


@dataclass(frozen=True)
class Prediction:
    """What a page asks its reader for.

    Attributes:
        kind: Which of `PREDICTIONS`.
        ask: The question.
        of: The entry it is about; empty if about all.
        step: After how many steps, where that is asked; else 0.
    """

    kind: str
    ask: str
    of: str = ""
    step: int = 0


@dataclass(frozen=True)
class LessonPage:
    """One page of a lesson.

    Attributes:
        title: Of the page.
        setup: The query of an address.
        text: Markdown.
        afterwards: Markdown, shown once the reader has predicted.
        claims: What the sentences claim of the race.
        prediction: What is asked; None if nothing is.
        line: Of the file, at which it begins.
    """

    title: str
    setup: str
    text: str
    afterwards: str = ""
    claims: tuple[str, ...] = ()
    prediction: Prediction | None = None
    line: int = 1

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The keys and texts of its address."""
        return parse_qsl(self.setup, keep_blank_values=True)


@dataclass(frozen=True)
class Lesson:
    """A lesson, with its name in the address.

    Attributes:
        key: That name.
        title: Of the lesson.
        summary: A line about it.
        pages: In their order.
        html: By Markdown, the HTML of its texts, where that is kept with the lesson.
    """

    key: str
    title: str
    summary: str
    pages: tuple[LessonPage, ...]
    html: Mapping[str, str] = field(default_factory=dict, compare=False)


def _behind() -> Behind[Lesson] | None:
    """Where other replicas keep the lessons that they were given."""

    def read_file(content: bytes) -> tuple[Lesson, int]:
        from views.lessons.file import lesson_of_file, size_of

        lesson = lesson_of_file(content)
        return lesson, size_of(lesson)

    store = shared_store()
    return store and Behind(store, read_file)


OWN: Shelf[Lesson] = Shelf(settings().uploads, OWN_BYTES, _behind())
"""The lessons that visitors have opened from files, as long as there is room."""


def read(text: str, key: str) -> Lesson:
    """Reads a lesson.

    Args:
        text: Of its file.
        key: Its name in the address.

    Raises:
        LessonError: If it is none.
    """
    if len(text) > LONGEST:
        raise LessonError(f"a lesson has at most {LONGEST:,} characters")
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != "+++" or "+++" not in [line.strip() for line in lines[1:]]:
        raise LessonError(
            'line 1: a lesson begins with +++, a line title = "…", a line '
            'summary = "…" and +++'
        )
    end = next(i for i, line in enumerate(lines) if i and line.strip() == "+++")
    head = _toml(lines[1:end], 2, {"title": str, "summary": str})
    for name in ("title", "summary"):
        if not head.get(name):
            raise LessonError(f"line 1: the lesson has no {name}")
        _fits(head[name], name, 1)
    pages = tuple(_pages(lines, end + 1))
    if not 1 <= len(pages) <= MOST_PAGES:
        raise LessonError(
            f"line {end + 1}: the lesson has {len(pages)} pages, which begin with "
            f"# and a title; allowed are 1 to {MOST_PAGES}"
        )
    return Lesson(key, head["title"], head["summary"], pages)


def _pages(lines: list[str], first: int) -> Iterator[LessonPage]:
    starts = []
    opened: int | None = None
    for i in range(first, len(lines)):
        line = lines[i].strip()
        if line.startswith("```"):
            if opened is not None and line != "```":
                break
            opened = i if opened is None else None
        elif opened is None and lines[i].startswith("# "):
            starts.append(i)
        if not starts and line:
            raise LessonError(
                f"line {i + 1}: before the first page, which begins with # and a "
                "title, nothing is read"
            )
    if opened is not None:
        raise LessonError(f"line {opened + 1}: this ``` is not closed")
    for start, end in pairwise([*starts, len(lines)]):
        yield _page(lines, start, end)


def _page(lines: list[str], start: int, end: int) -> LessonPage:
    title, line = lines[start][2:].strip(), start + 1
    if not title:
        raise LessonError(f"line {line}: this page has no title")
    _fits(title, "title", line)
    at = start + 1
    while at < end and not lines[at].strip():
        at += 1
    values: Mapping[str, Any] = {}
    if at < end and lines[at].strip() == "```toml":
        closing = next(i for i in range(at + 1, end) if lines[i].strip() == "```")
        values = _toml(lines[at + 1 : closing], at + 2, _KNOWN)
        at = closing + 1
    body = lines[at:end]
    cut = next((i for i, one in enumerate(body) if one.strip() == _AFTERWARDS), None)
    text = "\n".join(body[:cut]).strip()
    afterwards = "" if cut is None else "\n".join(body[cut + 1 :]).strip()
    if not text:
        raise LessonError(f"line {line}: this page has no text")
    return LessonPage(
        title,
        values.get("setup", "").removeprefix("?"),
        text,
        afterwards,
        tuple(map(str, values.get("claims", ()))),
        _prediction(values, line),
        line,
    )


def _prediction(values: Mapping[str, Any], line: int) -> Prediction | None:
    kind = values.get("predict")
    if kind is None:
        if needless := [name for name in ("ask", "of", "step") if name in values]:
            raise LessonError(f"line {line}: {needless[0]} needs predict")
        return None
    if kind not in PREDICTIONS:
        raise LessonError(
            f"line {line}: predict is {kind[:40]!r}; allowed are "
            f"{', '.join(PREDICTIONS)}"
        )
    needed = ["ask", *(["of"] if kind in _OF_ONE else [])]
    needed += ["step"] if kind == "point" else []
    for name in needed:
        if not values.get(name):
            raise LessonError(f"line {line}: predict = {kind!r} needs {name}")
    _fits(values["ask"], "ask", line)
    if values.get("step", 1) < 1:
        raise LessonError(f"line {line}: step must be at least 1")
    return Prediction(kind, values["ask"], values.get("of", ""), values.get("step", 0))


def _fits(text: str, name: str, line: int) -> None:
    """Refuses what is too long for its place.

    Raises:
        LessonError: If it is.
    """
    if len(text) > LONGEST_LINE:
        raise LessonError(
            f"line {line}: this {name} has {len(text):,} characters; allowed are "
            f"{LONGEST_LINE}"
        )


def _toml(lines: list[str], first: int, known: Mapping[str, type]) -> dict[str, Any]:
    """The values of some lines.

    Raises:
        LessonError: If they are not TOML, or name what is unknown.
    """
    try:
        values = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = first + (int(place[1]) - 1 if place else len(lines) - 1)
        what = str(error).partition(" (at")[0].lower()
        raise LessonError(f"line {line}: this is not TOML: {what}") from None
    except RecursionError:
        raise LessonError(f"line {first}: this nests too deeply") from None
    for name, value in values.items():
        begins = re.compile(rf"[ \t\"']*{re.escape(name)}\b")
        at = next((i for i, one in enumerate(lines) if begins.match(one)), 0)
        if name not in known:
            raise LessonError(
                f"line {first + at}: {name[:40]!r} is unknown; allowed are "
                f"{', '.join(known)}"
            )
        if not isinstance(value, known[name]) or isinstance(value, bool):
            word = {str: "a text", int: "a whole number", list: "a list"}[known[name]]
            raise LessonError(f"line {first + at}: {name} must be {word}")
    return values


def read_folder(folder: Path) -> dict[str, Lesson]:
    """The lessons of a folder by their keys, in the order of their files.

    Raises:
        LessonError: If one is wrong; the sentence begins with the name of its file.
    """
    found: dict[str, Lesson] = {}
    for path in sorted(folder.glob("*.md")):
        lesson = read_file(path)
        if lesson.key in found:
            raise LessonError(f"{path.name}: another lesson has the key {lesson.key}")
        found[lesson.key] = lesson
    return found


def read_file(path: Path) -> Lesson:
    """The lesson of a file.

    Raises:
        LessonError: If it is none; the sentence begins with the name of the file.
    """
    name = _NAME.fullmatch(path.name)
    if name is None:
        raise LessonError(f"{path.name}: a lesson's file is named like 04_momentum.md")
    try:
        # Some editors begin a file with a mark of its encoding.
        return read(path.read_text("utf-8-sig"), name[2])
    except UnicodeDecodeError:
        raise LessonError(f"{path.name}: this is not text in UTF-8") from None
    except OSError as error:
        raise LessonError(f"{path.name}: {error.strerror}") from None
    except LessonError as error:
        raise LessonError(f"{path.name}: {error}") from None


def parse_lesson(text: str) -> str:
    """Reads the key of a lesson; empty is none.

    Raises:
        ValueError: If there is no such.
    """
    if text.startswith(OWN_MARK):
        if OWN.get(text) is None:
            raise ValueError(
                "is not on this server any more; open its file again, with “open a "
                "file…” in the list of lessons"
            )
    elif text and text not in lessons():
        meant = closest(text, tuple(lessons()))
        hint = f"did you mean {meant}?" if meant else ", ".join(lessons())
        raise ValueError(f"is no lesson; {hint if meant else f'there are {hint}'}")
    return text


def parse_page(text: str) -> int:
    """Reads the number of a page.

    Raises:
        ValueError: If it is none that a lesson can have.
    """
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_PAGES:
        return int(text[:4])
    raise ValueError(f"is no page of a lesson; allowed is 1 to {MOST_PAGES}")


def lesson_of(key: str) -> Lesson | None:
    """A lesson by its key; None if there is none, or none any more."""
    return lessons().get(key) or OWN.get(key)


def page_of(lesson: str, number: int) -> LessonPage | None:
    """A page of a lesson; None if there is none."""
    found = lesson_of(lesson)
    pages = found.pages if found else ()
    return pages[number - 1] if 1 <= number <= len(pages) else None


@cache
def lessons() -> Mapping[str, Lesson]:
    """All lessons: those of the project, and of the folder of one's own.

    Of one's own, a file that is wrong is left out, and the log says what is wrong.
    """
    found = read_folder(FOLDER)
    own = os.environ.get(OWN_FOLDER)
    for path in sorted(Path(own).glob("*.md")) if own else ():
        try:
            lesson = read_file(path)
        except LessonError as error:
            logging.getLogger(__name__).warning("A lesson is left out: %s", error)
        else:
            found[lesson.key] = lesson
    return MappingProxyType(found)
