"""A film of a race without the app: its one-file page is drawn, frame by frame.

The page is opened in a browser that shows no window. It gives the frames as a file,
which is encoded here; so a race of one's own function, which no address has, is filmed
as any other.
"""

from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from views.render import FILMS, RATES, SIZES, Failure, save_from
from views.setup import Setup
from views.webpage import Options, web_page

FLAT = ("map", "losses")
"""What does not need the surface in 3D."""
COLOURS = ("light", "seen")


class Shot(NamedTuple):
    """What of a race is filmed, and how.

    Attributes:
        what: All of it, "page", or a panel.
        size: In pixels.
        seconds: That it takes.
        fps: Frames a second; None for those that suit its kind.
        first: The step that it begins with.
        last: The step that it ends with; None for the last one.
        colours: "light", or "seen"; None for those of the theme.
        loop: Whether it begins again at its end.
    """

    what: str = "page"
    size: str = SIZES[0]
    seconds: float = 10.0
    fps: float | None = None
    first: int = 0
    last: int | None = None
    colours: str | None = None
    loop: bool = True


def save_film(setup: Setup, path: Path, shot: Shot, *, named: bool) -> None:
    """Writes a film of a race, as its name ends: MP4, GIF or WebP.

    Args:
        setup: Of the race.
        path: Of the file.
        shot: What it shows.
        named: Whether it names the race's address, which one's own function has not.

    Raises:
        ValueError: In a sentence, for the first thing that is wrong.
        Failure: In a sentence, if the browser makes none.
    """
    form = path.suffix.removeprefix(".").lower()
    rate = None if shot.fps is None else f"{shot.fps:g}"
    _check("the ending of a film", form, FILMS)
    _check("size", shot.size, SIZES)
    _check("fps", rate, (None, *RATES))
    _check("colours", shot.colours, (None, *COLOURS))
    if not path.resolve().parent.is_dir():
        raise ValueError(f"there is no folder {path.resolve().parent}")
    still, problems = setup.edited({"play": "0", "step": None})
    assert not problems, problems
    page = web_page(still, Options(scene=shot.what not in FLAT, saving=True))
    with TemporaryDirectory() as name:
        file, frames = Path(name) / "race.html", Path(name) / "frames"
        file.write_bytes(page)
        asked = Namespace(
            format=form,
            query=still.query,
            file=frames,
            what=shot.what,
            colours=shot.colours,
            size=shot.size,
            seconds=f"{shot.seconds:g}",
            fps=rate,
            first=str(shot.first),
            last=str(setup["steps"] if shot.last is None else shot.last),
            once=not shot.loop,
        )
        address = f"{file.as_uri()}?{still.query}" if named else file.as_uri()
        # Playwright refuses a thread in which a loop runs, as that of a notebook.
        with ThreadPoolExecutor(1) as other:
            other.submit(save_from, address, asked).result()
        path.write_bytes(_encoded(frames.read_bytes()))


def _encoded(frames: bytes) -> bytes:
    from views.films.encode import encoded  # Its libraries take a while to load.

    try:
        return encoded(frames, lambda _: None)
    except ValueError as error:
        raise Failure(str(error)) from None


def _check(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    if value not in allowed:
        listed = ", ".join(str(one) for one in allowed if one is not None)
        raise ValueError(f"{name} is one of {listed}, not {value!r}")
