"""What a page says that leads: what it shows, at which step."""

import json
from typing import Any, NamedTuple

MOST_QUERY = 16_000
"""Characters of an address."""

MOST_BYTES = 20_000
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
    """

    query: str
    step: float
    playing: bool
    dragging: bool
    revealed: bool

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
    if not isinstance(said, dict) or said.keys() != set(Message._fields):
        raise ValueError(f"what is said has {', '.join(Message._fields)}")
    message = Message(**said)
    if not isinstance(message.query, str) or len(message.query) > MOST_QUERY:
        raise ValueError(TOO_LONG)
    if not _is_step(message.step):
        raise ValueError("step is a number from 0 to 1e9")
    switches = (message.playing, message.dragging, message.revealed)
    if not all(isinstance(switch, bool) for switch in switches):
        raise ValueError("playing, dragging and revealed are true or false")
    return message


def _is_step(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= 1e9
