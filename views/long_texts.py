"""Texts of a reader's own that may be too long for an address.

One that is short enough stands in the address, from some length on compressed as a
typed rule is (own_rules.py). A larger one stays with the server for a while, and the
address holds a key of it, `kept-…`.
"""

import base64
import binascii
import hashlib
import re
import zlib
from functools import lru_cache
from sys import getsizeof
from urllib.parse import quote

from views.lessons.shelf import Behind, Shelf
from views.serving.settings import settings
from views.serving.store import shared_store

LONG = 300
"""Characters in an address from which on a text is compressed, if that is shorter."""
MOST_IN_ADDRESS = 4000
"""Characters of a text in an address."""
MOST_TRIED = 200_000
"""Characters of a text beyond which it is not tried whether it fits, compressed."""
KEPT = "kept-"
"""How the key of a text begins that the server keeps."""


def _behind() -> Behind[str] | None:
    """Where other replicas keep the texts that they were given."""

    def read_text(content: bytes) -> tuple[str, int]:
        text = content.decode()
        return text, getsizeof(text)

    store = shared_store()
    return store and Behind(store, read_text)


TEXTS: Shelf[str] = Shelf(settings().uploads, 2**24, _behind())
"""The texts that are kept, by their keys."""

_COMPRESSED = re.compile(r"z\.[\w-]+", re.ASCII)


@lru_cache(maxsize=32)
def printed(text: str) -> str:
    """A text as an address has it: as it is, compressed, or its key."""
    if len(text) <= LONG and len(quote(text)) <= LONG:
        return text
    if len(text) > MOST_TRIED:
        return _key_of(text)
    short = min(packed(text), text, key=lambda one: len(quote(one)))
    if len(quote(short)) <= MOST_IN_ADDRESS:
        return short
    return _key_of(text)


def _key_of(text: str) -> str:
    return KEPT + hashlib.sha256(text.encode()).hexdigest()[:24]


def is_kept(text: str) -> bool:
    """Whether a text is too long for an address."""
    return printed(text).startswith(KEPT)


def named(text: str, most: int) -> str:
    """The text that an address names: as it is, compressed, or kept by its key.

    Args:
        text: As the address has it.
        most: Characters that one may have which is compressed.

    Raises:
        LookupError: If this server does not have it any more.
        ValueError: If it is compressed, and cannot be read.
    """
    if not text.startswith(KEPT):
        return expanded(text, most)
    held = TEXTS.get(text)
    if held is None:
        raise LookupError
    return held


def keep(text: str, owner: str) -> None:
    """Keeps a text with the server, if its address would not hold it."""
    if is_kept(text):
        TEXTS.keep(printed(text), text, getsizeof(text), owner, text.encode())


def packed(text: str) -> str:
    """A text, compressed."""
    code = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()
    return f"z.{code.rstrip('=')}"


def expanded(text: str, most: int) -> str:
    """The text of one that may be compressed.

    Args:
        text: As an address has it.
        most: Characters that it may have; more are not unpacked, for a few bytes could
            fill the memory.

    Raises:
        ValueError: If it cannot be read.
    """
    if not _COMPRESSED.fullmatch(text):
        return text
    code = text.removeprefix("z.")
    if len(code) > most:
        raise ValueError
    try:
        data = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        return zlib.decompressobj().decompress(data, 4 * most + 4).decode()
    except (binascii.Error, zlib.error):
        raise ValueError from None
