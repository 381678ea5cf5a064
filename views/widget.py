"""A race in a notebook whose sliders are alive: the kernel runs what they ask for.

The player stands in a frame of its own, as in the one-file page; what it asks a server
elsewhere, it asks the kernel here, by the messages of an `anywidget`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import anywidget
import traitlets

from views.figures import pictures
from views.race import race_shown
from views.reading import sentence_of, what_was_read
from views.result import pack
from views.setup import Setup
from views.stream import ANSWER
from views.webpage import live_description, live_page

_ABSENT = "A notebook has no answer to this; the app has."


class RaceWidget(anywidget.AnyWidget):
    """The player, which asks the kernel.

    Attributes:
        setup: What it shows now: that of the race, with what was changed since.
    """

    _esm = Path(__file__).with_name("webpage") / "bridge.js"
    document = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int().tag(sync=True)

    def __init__(self, setup: Setup, *, saved: str, height: int, scene: bool) -> None:
        """Shows a setup.

        Args:
            setup: Of the race.
            saved: HTML that plays in a saved notebook, where there is no kernel.
            height: In pixels.
            scene: Whether the surface is shown in 3D, too.
        """
        self.setup = setup
        self._saved = saved
        self._scene = scene
        document = live_page(setup, scene=scene).decode()
        super().__init__(document=document, height=height)
        self.on_msg(self._receive)

    def _receive(self, _: Any, message: Mapping[str, Any], __: list[Any]) -> None:
        view = message.get("view")
        if isinstance(address := message.get("asks"), str):
            status, body = answered(address, self.setup.surface_key)
            self.send({"answers": address, "status": status, "view": view}, [body])
        if isinstance(edits := message.get("edits"), dict):
            page = self._edited(edits.get("changes"), edits.get("n"))
            self.send({"page": page, "view": view})

    def _edited(self, changes: Any, number: Any) -> dict[str, Any]:
        """The description of the setup with some changes, of which one may be wrong."""
        if isinstance(changes, dict):
            self.setup, _ = self.setup.edited(changes)
        page = live_description(self.setup, scene=self._scene)
        return page | {"edits_seen": number if isinstance(number, int) else 0}

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, meta = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return data | {"text/html": self._saved}, meta


def answered(address: str, surface: str) -> tuple[int, bytes]:
    """What the server would answer to an address: its status, and its body.

    Args:
        address: Of a race or its pictures.
        surface: Its key, which no address has where it is one's own.
    """
    route, _, query = address.partition("?")
    texts: dict[str, str | None] = dict(parse_qsl(query, keep_blank_values=True))
    texts.pop("surface", None)
    if route == "read":
        return _read(texts)
    step = texts.pop("minibatch", None)
    try:
        setup, problems = Setup(surface).edited(texts)
        if problems:
            raise ValueError(problems[0])
        if route == "race":
            return 200, ANSWER + pack(race_shown(setup))
        if route == "landscape":
            return 200, pictures(setup, None if step is None else int(step)).encode()
    except Exception as error:
        return 400, sentence_of(error).encode()
    return 400, _ABSENT.encode()


def _read(texts: Mapping[str, str | None]) -> tuple[int, bytes]:
    try:
        return 200, json.dumps(what_was_read(texts)).encode()
    except ValueError as error:
        return 400, sentence_of(error).encode()
