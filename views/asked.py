"""A study that an address asks for, computed without a server.

The address is that of a page, `http://…/?surface=ravine&view=studies&study=rates`, or
that of a study or of its file, `http://…/basins.npz?surface=ravine&size=256`.
"""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from views.result import ProgressCallback, Result
from views.setup import Setup
from views.stream import Refused
from views.studies import PARTS, answer
from views.studies.files import MOST_ROWS, TYPES, file, refuse_long
from views.studies.grids import FULL, SIZE
from views.studies.words import page_query
from views.tabs import TABS

LOCAL = "http://localhost:8501/"
"""Where the app is unless it is started for others."""

SIDE = replace(SIZE, high=2048)
"""How large a map may be where no one else waits for it."""

MOST = 2**26
"""Numbers that a study may find."""


@dataclass(frozen=True)
class Asked:
    """A study of a setup.

    Attributes:
        study: A key of `PARTS`.
        setup: Of what.
        size: Values a side; None for as many as there are by default.
        page: The address of the app, to which a file names its setup.
    """

    study: str
    setup: Setup
    size: int | None = None
    page: str = LOCAL

    @property
    def identity(self) -> str:
        """What distinguishes it from others, as text."""
        return f"{self.study}?{self.setup.text}&size={self.size or FULL}"

    def refuse(self, form: str) -> None:
        """Refuses what would hold too much, before anything is computed.

        Args:
            form: The kind of file, a key of `TYPES`.

        Raises:
            ValueError: In one sentence.
        """
        refuse_long(self.study, self.setup, form)
        part, steps = PARTS[self.study], self.setup["steps"] + 1
        runs = sum(part.runs(self.setup, self.size or FULL).values())
        numbers = runs * (steps if part.every_step else 1)
        most = MOST if form == "npz" else MOST_ROWS
        if numbers > most:
            raise ValueError(
                f"this study has {numbers:,} values, and {most:,} fit into a file that "
                f"ends in .{form}; take fewer optimizers or a smaller size"
            )

    def result(self, progress: ProgressCallback) -> Result:
        """What it finds.

        Raises:
            ValueError: If it is too large, in one sentence.
        """
        return answer(self.study, self.setup, progress, self.size)

    def file(self, found: Result, form: str, progress: ProgressCallback) -> bytes:
        """What it finds, as a file.

        Args:
            found: That.
            form: The kind of file, a key of `TYPES`.
            progress: Called with the finished part of the work.
        """
        return file(found, form, progress, f"{self.page}?{page_query(found)}")


def read(address: str, part: str | None = None) -> Asked:
    """The study of an address.

    Args:
        address: Of a page or of a study, or what follows its "?".
        part: Which study of a page, a key of `PARTS`; by default its first.

    Raises:
        ValueError: For the first thing that is wrong, in one sentence.
    """
    path, named, query = address.partition("#")[0].partition("?")
    if not named and "=" in path:
        path, query = "", path
    pairs = parse_qsl(query, keep_blank_values=True)
    sizes = [text for key, text in pairs if key == "size"]
    setup, problems = Setup.parse(pair for pair in pairs if pair[0] != "size")
    if problems:
        raise Refused(problems[0])
    page, _, route = path.rpartition("/")
    study = _study(route.partition(".")[0], setup, part)
    size = _size(sizes, study)
    return Asked(study, setup, size, f"{page}/" if page else LOCAL)


def form_of(ending: str) -> str:
    """The kind of file by how its name ends.

    Raises:
        ValueError: If there is none, in one sentence.
    """
    form = ending.removeprefix(".").lower()
    if form not in TYPES:
        raise ValueError(f"a file of a study ends in .{', .'.join(TYPES)}")
    return form


def _study(route: str, setup: Setup, part: str | None) -> str:
    all_of_them = ", ".join(PARTS)
    if part is not None and part not in PARTS:
        raise ValueError(f"there is no study “{part}”; there are {all_of_them}")
    if part or route in PARTS:
        return part or route
    if setup["view"] == "studies":
        return next(iter(TABS[setup["study"]].parts))
    raise ValueError(
        "this address shows a race and no study; take that of a page of studies, or "
        f"say which part is meant: {all_of_them}"
    )


def _size(texts: list[str], study: str) -> int | None:
    if not texts:
        return None
    if not PARTS[study].sized:
        sized = " and ".join(key for key, one in PARTS.items() if one.sized)
        raise ValueError(f"size is not a setting of {study}; {sized} have one")
    try:
        return int(SIDE.parse(texts[0]))
    except ValueError as error:
        raise ValueError(f"size {error}") from None
