"""The mark by which a saved file names the setup it came from.

It is a text of ASCII that stands uncompressed somewhere in the file, whatever kind of
file that is, so that who looks for it needs not understand the rest:

    loss-surface-setup://?surface=ravine&kappa=100;

What is between `?` and `;` is the query of the page's address. The page finds it in a
file that is dropped on it (views/player/readback.js).
"""

import re
from urllib.parse import parse_qsl, urlencode

BEGIN, END = "loss-surface-setup://?", ";"
_MARK = re.compile(rf"{re.escape(BEGIN)}((?:&amp;|[\w.~*+%&=,-])+){END}", re.ASCII)


def mark(query: str) -> str:
    """The mark of a setup, in letters that no comment, string or tag ends at.

    Args:
        query: Of the page's address; not empty, even where all is by default.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    return f"{BEGIN}{urlencode(pairs, safe=',*')}{END}"


def marked(data: bytes) -> str | None:
    """The query that a file names; None if there is none in it."""
    found = _MARK.search(data.decode("latin-1"))
    # In XML, & has another name.
    return found[1].replace("&amp;", "&") if found else None
