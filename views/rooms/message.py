"""What a page says that leads: what it shows, at which step."""

import json
from typing import Any, NamedTuple

MOST_QUERY = 16_000
"""Characters of an address."""

MOST_KEPT = 8_000
"""Characters of the address of a race whose trails are kept."""

MOST_CAPTION = 200
"""Characters of what is said of these trails."""

MOST_STAGES = 1_000
"""Of a step in slow motion."""

MOST_BYTES = 28_000
"""Of what is said at once."""


TOO_LONG = "this setup is too long to be followed; pages stay at the one before"


class Message(NamedTuple):
    """What is shown.

    Attributes:
        query: The query part of the page's address, with what is being dragged.
        step: Which step is shown; between two, if it plays.
        playing: Whether it plays.
        dragging: Whether something is being turned, and not yet let go.
        revealed: Whether the question of a lesson's page is answered.
        kept: The query part of the address of the race whose trails are kept; empty if
            none are.
        caption: What these trails are called.
        stage: Which part of a step slow motion has come to; None without.
        sampled: Whether the map is that of the step's minibatch.
    """

    query: str
    step: float
    playing: bool
    dragging: bool
    revealed: bool
    kept: str = ""
    caption: str = ""
    stage: int | None = None
    sampled: bool = False

    @property
    def line(self) -> bytes:
        """As followers read it."""
        return json.dumps(self._asdict(), separators=(",", ":")).encode()


def parse_message(body: bytes) -> Message:
    """Reads what a page says.

    Raises:
        ValueError: If it is something else, in a sentence.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("this is not JSON") from None
    fields = set(Message._fields)
    needed = fields - Message._field_defaults.keys()
    if not isinstance(said, dict) or not needed <= said.keys() <= fields:
        raise ValueError(f"what is said has {', '.join(Message._fields)}")
    message = Message(**said)
    if not isinstance(message.query, str) or len(message.query) > MOST_QUERY:
        raise ValueError(TOO_LONG)
    if not _is_step(message.step):
        raise ValueError("step is a number from 0 to 1e9")
    switches = (message.playing, message.dragging, message.revealed, message.sampled)
    if not all(isinstance(switch, bool) for switch in switches):
        raise ValueError("playing, dragging, revealed, sampled are true or false")
    if not _is_text(message.kept, MOST_KEPT) or not _is_text(
        message.caption, MOST_CAPTION
    ):
        raise ValueError(
            f"kept is at most {MOST_KEPT:,} characters, caption {MOST_CAPTION}"
        )
    if message.stage is not None and not _is_stage(message.stage):
        raise ValueError(f"stage is a whole number from 0 to {MOST_STAGES:,}")
    return message


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most


def _is_stage(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and 0 <= value <= MOST_STAGES


def _is_step(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= 1e9
