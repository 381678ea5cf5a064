"""Rules that a reader types: up to four entries, whose texts are in the address.

`rule~1` holds a text of `optim.typed`, and is the name of the entry that it makes. A
long text stands there compressed: `z.`, and what zlib makes of it in base 64.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from urllib.parse import quote

from optim import typed_rule
from optim.typed.reading import LONGEST
from surfaces import FormulaError

OWN = "rule"
MOST_OWN = 4
OWN_ENTRIES = tuple(f"{OWN}~{number}" for number in range(1, MOST_OWN + 1))
LONG = 300
"""Characters in an address from which on a text is compressed, if that is shorter."""

_COMPRESSED = re.compile(r"z\.[\w-]+", re.ASCII)


def is_own(entry: str) -> bool:
    """Whether an entry is a rule that a reader types."""
    return entry in OWN_ENTRIES


def typed(entries: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The rules that were typed, and their texts, among the values of a setup."""
    return tuple((key, str(entries[key])) for key in OWN_ENTRIES if entries.get(key))


def parse_rule(text: str) -> str:
    """Reads a rule as an address has it.

    Returns:
        Its text, without blanks at the ends of its lines; empty for none.

    Raises:
        FormulaError: If it is none, in words that complete a sentence.
    """
    if _COMPRESSED.fullmatch(text):
        text = _expanded(text)
    lines = re.split(r"\r\n?|\n", text)
    text = "\n".join(line.rstrip() for line in lines).strip()
    if text:
        typed_rule(text)
    return text


def format_rule(text: str) -> str:
    """Writes a rule so that `parse_rule` reads the same."""
    if len(quote(text)) <= LONG:
        return text
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()
    short = f"z.{packed.rstrip('=')}"
    return short if len(short) < len(quote(text)) else text


def _expanded(text: str) -> str:
    broken = FormulaError("the compressed rule cannot be read; copy the whole link")
    packed = text.removeprefix("z.")
    if len(packed) > 4 * LONGEST:
        raise broken
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        # More than a rule may have is not unpacked: a few bytes could fill the memory.
        return zlib.decompressobj().decompress(data, 4 * LONGEST + 4).decode()
    except (binascii.Error, zlib.error, ValueError):
        raise broken from None
