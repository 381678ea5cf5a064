"""A race as one HTML file that plays: no server, no network.

Its parts are compressed, and written in 85 digits of which none means anything to
HTML; `boot.js` unpacks them by the browser's own means and starts the player, the very
code of the page. What needs a server is not offered in it.
"""

import gzip
import json
from base64 import b64decode, b85encode
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from string import Template

import numpy as np

from views.figures import landscape
from views.mark import mark
from views.packed import packed
from views.panels import BESIDE
from views.player_files import modules, zipped
from views.race import race_shown
from views.result import ProgressCallback
from views.setup import Setup
from views.webpage.options import MOST, Options
from views.webpage.page import described, live_description
from views.webpage.sliders import KeptRun, KeptSlider, runs_of
from views.webpage.smooth import pack_smoothly

LIGHT, WITH_SCENE = 400_000, 2_200_000
"""Bytes of a file without the surface in 3D, and with it: as many of the entries' steps
from inside are in it as that leaves room for, at least those of one."""

HEADROOM = 16_000
"""Bytes of that for what is written last: the description, and the document around."""

ENTRY = "webpage"
"""The module that such a file starts with."""
STUDIES = (
    *("bands", "basins", "chart", "cloud", "curves", "fair", "plane", "sheet"),
    "sweep",
)
"""Modules of the player that only studies need."""
SAVING = (
    *(
        "bandlines",
        "composed",
        "drawnmap",
        "drawnscene",
        "drawnstep",
        "film",
        "heads",
        "layer",
        "mathdrawn",
        "notes",
    ),
    *("overlays", "pdf", "picture", "png", "replay", "savedfile", "savedialog", "svg"),
)
"""And those that only pictures and films of what is shown need."""

TYPING = ("ruletext",)
"""And those by which rules are typed, which need what reads and runs them."""

_LEFT_OUT = {
    "code": (*STUDIES, *SAVING, *TYPING),
    "code-saving": (*STUDIES, *TYPING),
    "code-live": (*STUDIES, *SAVING),
}
"""What each of the codes that a file may have goes without."""

_FRAME, _BOOT = (
    Path(__file__).with_name(name) for name in ("document.html", "boot.js")
)


def web_page(
    setup: Setup, options: Options, progress: ProgressCallback = lambda _: None
) -> bytes:
    """The race of a setup as a file that plays.

    Args:
        setup: Of what; a study is left for its race.
        options: What is chosen of the file.
        progress: Called with the finished part of the work.

    Raises:
        ValueError: If it would be larger than `MOST`.
    """
    if setup["view"] == "studies":
        setup, _ = setup.edited({"view": None})
    whole, insides = _race(setup)
    parts = {
        "code": zipped_digits("code-saving" if options.saving else "code"),
        "style": zipped_digits("style"),
        "race": _digits(whole),
        "landscape": _digits(_landscape(setup)),
    }
    if options.scene:
        parts["plotly"] = zipped_digits("plotly")
    room = (WITH_SCENE if options.scene else LIGHT) - HEADROOM
    inside = dict(_fitting(insides, room - sum(map(len, parts.values()))))
    parts |= {f"inside-{entry}": text for entry, text in inside.items()}
    for done, slider in enumerate(options.sliders):
        progress(done / len(options.sliders))
        parts[f"slider-{slider.key}"] = _digits(_alive(slider, setup))
    page = described(setup, tuple(inside), options)
    parts["page"] = _digits(json.dumps(page).encode())
    title = f"{setup.surface.label}: {', '.join(map(setup.name, setup['on']))}"
    document = _document(setup, parts, title).encode()
    if len(document) > MOST:
        raise ValueError(
            f"the file would have {len(document) / 1e6:.1f} MB, and {MOST / 1e6:.0f} "
            "are the most; take fewer steps, or fewer sliders that stay alive"
        )
    return document


def live_page(setup: Setup, *, scene: bool) -> bytes:
    """The player of a setup in a page without answers: it asks the page around it."""
    page = json.dumps(live_description(setup, scene=scene)).encode()
    parts = {
        "code": zipped_digits("code-live"),
        "style": zipped_digits("style"),
        "page": _digits(page),
    }
    if scene:
        parts["plotly"] = zipped_digits("plotly")
    return _document(setup, parts, setup.surface.label).encode()


def _race(setup: Setup) -> tuple[bytes, Iterator[tuple[str, bytes]]]:
    """The race, and the steps of its entries from inside, the inspected one first."""
    shows = [*(name for name in setup["show"] if name != "every"), "every"]
    beside = [*(name for name in setup["panels"] if name not in BESIDE), "inside"]
    seen = {"show": ",".join(shows), "panels": ",".join(beside)}
    every, problems = setup.edited(seen)
    assert not problems, problems
    result = race_shown(every)
    header = result.header
    insides = [header.pop("inside", None), *header.pop("others", [])]
    header["setup"] = setup.query

    def within(name: str) -> bool:
        return name.startswith(("inside/", "quantities/"))

    arrays = result.arrays
    plain = {k: v for k, v in arrays.items() if not within(k.partition("/")[2])}

    def packed() -> Iterator[tuple[str, bytes]]:
        for inside in filter(None, insides):
            entry = inside["entry"]
            own = {
                f"{entry}/{name}": array
                for name, array in result.runs[entry].items()
                if within(name)
            }
            yield entry, pack_smoothly(inside, own)

    return pack_smoothly(header, plain), packed()


def _landscape(setup: Setup) -> bytes:
    """The still pictures; the heights, most of them by far, as an array."""
    pictures = json.loads(landscape(setup.surface, setup["level"]))
    still = pictures["map"]
    planes = np.frombuffer(b64decode(still.pop("heights")), np.uint8).reshape(4, -1)
    heights = np.ascontiguousarray(planes.T).view("<f4").reshape(still["rows"], -1)
    return pack_smoothly(pictures, {"heights": heights})


def _fitting(
    insides: Iterable[tuple[str, bytes]], room: int
) -> Iterator[tuple[str, str]]:
    """Those that there is room for; the first in any case."""
    for place, (entry, data) in enumerate(insides):
        text = _digits(data)
        room -= len(text)
        if place and room < 0:
            return
        yield entry, text


def _alive(slider: KeptSlider, setup: Setup) -> bytes:
    """The runs of a slider, named by their place among its values."""
    runs: list[KeptRun] = list(runs_of(slider, setup))
    arrays = {
        f"{place}/{name}": array
        for place, run in enumerate(runs)
        for name, array in run.arrays.items()
    }
    header = {"runs": [run.header for run in runs]}
    return pack_smoothly(header, arrays)


def _digits(data: bytes) -> str:
    """Bytes, compressed, as text that may stand in HTML and in a string of any code."""
    return _in_digits(gzip.compress(data, 9, mtime=0))


def _in_digits(data: bytes) -> str:
    return b85encode(data).decode().replace("<", ",")


@cache
def zipped_digits(part: str) -> str:
    """A part that is the same in every file."""
    if part == "plotly":
        return _in_digits(zipped("plotly.min.js", 9))
    if part == "style":
        return _in_digits(zipped("style.css", 9))
    return _digits(packed(modules(), ENTRY, _LEFT_OUT[part]).encode())


def _document(setup: Setup, parts: dict[str, str], title: str) -> str:
    scripts = "\n".join(
        f'<script type="text/plain" id="part-{escape(name)}">{text}</script>'
        for name, text in parts.items()
    )
    return Template(_FRAME.read_text("utf-8")).substitute(
        mark=escape(mark(setup.text)),
        title=escape(title),
        parts=scripts,
        boot=_BOOT.read_text("utf-8"),
    )
