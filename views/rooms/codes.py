"""The code of a room, which all may know, and its key, which only its opener has.

The code follows from the key, so that a room can be opened again under its code after
its server was started anew, and only by the page that opened it before.
"""

import hashlib
import re
import secrets

LETTERS = "bcdfghjkmnpqrstvwxz23456789"
"""Of a code: none is taken for another, and no word comes of them."""

LENGTH = 6
ALLOWED = f"allowed are {LENGTH} letters and digits, such as kd37xw"

_ROUNDS = 100_000
"""They make a key that has a given code dear to find: the room is over before."""

_CODE = re.compile(rf"[{LETTERS}]{{{LENGTH}}}")
_KEY = re.compile(r"[\w-]{22,64}", re.ASCII)


def new_key() -> str:
    """The key of a room to be opened."""
    return secrets.token_urlsafe(24)


def code_of(key: str) -> str:
    """The code of the room of a key; takes some milliseconds, which is meant.

    Raises:
        ValueError: If it is no key.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("this is no key of a room")
    digest = hashlib.pbkdf2_hmac("sha256", key.encode(), b"room", _ROUNDS)
    number = int.from_bytes(digest)
    letters = []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters)


def digest_of(key: str) -> str:
    """By which a key is known again, and from which it cannot be had."""
    return hashlib.sha256(key.encode()).hexdigest()


def parse_code(text: str) -> str:
    """Reads a code as it is typed; empty for none.

    Raises:
        ValueError: If it is no code.
    """
    code = re.sub(r"[\s-]", "", text).lower()
    if code and not _CODE.fullmatch(code):
        raise ValueError(f"is no room; {ALLOWED}")
    return code
