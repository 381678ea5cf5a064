"""What an operator may set: environment variables, declared as parameters.

`VISUALIZER_QUEUE=100 streamlit run app.py` lets a hundred requests wait in each lane.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, NamedTuple, get_type_hints

from parameters import Param
from views.serving.headers import frame_ancestors
from views.serving.limits import ConnectionLimits

PREFIX = "VISUALIZER_"


def _whole(low: int, high: int, meaning: str) -> Param:
    return Param("", "", low, high, "log", meaning, whole=True)


MEMORY = _whole(
    300, 1_000_000, "Megabytes the process may take before compiled code is dropped."
)
MAPPINGS = _whole(
    1_000,
    1_000_000,
    "Mappings the process may take before compiled code is dropped; Linux gives it "
    "65,530.",
)
QUEUE = _whole(1, 10_000, "Requests of each kind that may wait for their turn.")
RACES = _whole(1, 64, "Threads that compute long races whose code is compiled.")
STUDY_SECONDS = _whole(1, 100_000, "Processor seconds that a study may take.")
UNSENT = _whole(
    16, 100_000, "Megabytes that all answers together may hold until they are sent."
)
CONNECTIONS = _whole(
    10,
    1_000_000,
    "Connections above which those that wait for a request are closed.",
)
HEADER_SECONDS = _whole(
    1, 3_600, "Seconds in which a connection must have sent a request's header."
)
IDLE_SECONDS = _whole(
    1, 3_600, "Seconds a connection stays open after an answer without a request."
)
WRITE_SECONDS = _whole(
    1, 3_600, "Seconds in which a client must have read some more of its answer."
)
UPLOADS = Param(
    "",
    "",
    0,
    10_000,
    "linear",
    "Lessons that are kept which visitors have opened from files; 0 takes none.",
    whole=True,
)

ROOMS = replace(
    UPLOADS, meaning="Rooms that may be open in which pages follow one; 0 opens none."
)
FOLLOWERS = _whole(1, 100_000, "Pages that may follow a room of this process.")


ALL, FIRST = "all", "first"
"""Which surfaces are compiled before they are asked for."""
PUBLIC = "public"
"""The place of metrics that is the port of the page itself."""


def _metrics(text: str) -> str:
    address, _, port = text.rpartition(":")
    right = address and port.isascii() and port.isdigit() and 0 < int(port) < 65_536
    if text in ("", PUBLIC) or right:
        return text
    raise ValueError(
        "is no place for metrics; allowed is an address with a port, such as "
        f"127.0.0.1:9464, or {PUBLIC}"
    )


def _redis(text: str) -> str:
    if text and not re.fullmatch(r"(rediss?|unix)://[!-~]+", text):
        raise ValueError(
            "is no address of Redis; allowed is, for example, redis://localhost:6379/0"
        )
    return text


def _ahead(text: str) -> str:
    if text not in (ALL, FIRST):
        raise ValueError(f"is no choice of surfaces; allowed is {ALL} or {FIRST}")
    return text


def _log(text: str) -> str:
    if text not in ("", "json"):
        raise ValueError("is no kind of log; allowed is json, or nothing")
    return text


def _embed(text: str) -> str:
    try:
        frame_ancestors(text)
    except ValueError as error:
        raise ValueError(f"is wrong: {str(error).rstrip('.')}") from None
    return text


class Settings(NamedTuple):
    """What may be set; docs/serving.md lists each with its default."""

    memory: Annotated[int, MEMORY] = 1800
    mappings: Annotated[int, MAPPINGS] = 24_000
    queue: Annotated[int, QUEUE] = 60
    races: Annotated[int, RACES] = 1
    study_seconds: Annotated[int, STUDY_SECONDS] = 120
    unsent: Annotated[int, UNSENT] = 256
    connections: Annotated[int, CONNECTIONS] = 1000
    header_seconds: Annotated[int, HEADER_SECONDS] = 10
    idle_seconds: Annotated[int, IDLE_SECONDS] = 30
    write_seconds: Annotated[int, WRITE_SECONDS] = 20
    uploads: Annotated[int, UPLOADS] = 400
    rooms: Annotated[int, ROOMS] = 200
    followers: Annotated[int, FOLLOWERS] = 500
    redis: Annotated[str, _redis] = ""
    ahead: Annotated[str, _ahead] = ALL
    embed: Annotated[str, _embed] = ""
    metrics: Annotated[str, _metrics] = ""
    log: Annotated[str, _log] = ""


def declared() -> dict[str, Param | Callable[[str], str]]:
    """By name, the number that a setting is, or what reads it from text."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: hints[name].__metadata__[0] for name in Settings._fields}


def read(environment: Mapping[str, str]) -> Settings:
    """Reads the settings from environment variables.

    Raises:
        ValueError: For the first that is wrong, in one sentence.
    """
    values = {}
    for name, setting in declared().items():
        text = environment.get(PREFIX + name.upper())
        if text is None:
            continue
        parse = setting.parse if isinstance(setting, Param) else setting
        try:
            values[name] = parse(text)
        except ValueError as error:
            shown = "".join(c if c.isprintable() else "?" for c in text[:40])
            raise ValueError(f"{PREFIX}{name.upper()} “{shown}” {error}.") from None
    return Settings(**values)


@cache
def settings() -> Settings:
    """The settings of this process, which are read once.

    Raises:
        SystemExit: If one is wrong, with the sentence that says so.
    """
    try:
        return read(os.environ)
    except ValueError as error:
        raise SystemExit(str(error)) from None


def limits_of(chosen: Settings) -> ConnectionLimits:
    """What connections may cost where these settings are chosen."""
    return ConnectionLimits(
        header_timeout=chosen.header_seconds,
        keep_alive=chosen.idle_seconds,
        write_timeout=chosen.write_seconds,
        most_connections=chosen.connections,
        unsent_bytes=chosen.unsent * 10**6,
    )
