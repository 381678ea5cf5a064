"""Ends with one sentence if Python is too old, and says nothing if it is not.

The README's commands begin with it. It is written so that any old Python can read it.
"""

import sys

OLDEST = (3, 11)


def _dotted(version):
    return ".".join(map(str, version))


if sys.version_info[:2] < OLDEST:
    sys.exit(
        "This needs Python " + _dotted(OLDEST) + " or newer; "
        "this is Python " + _dotted(sys.version_info[:2]) + "."
    )
