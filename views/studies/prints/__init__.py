"""Pictures of answers for slides and paper, drawn with matplotlib, a module a part.

All are 10 inches wide, 1600 pixels as PNG; sheet.py has the page. Nothing is left out
in silence: what is off a map or beyond an axis is told below the picture.
"""

import threading
from importlib import import_module
from io import BytesIO
from typing import Any

import matplotlib

from views.result import Result
from views.studies.prints.sheet import STYLE, Sheet
from views.studies.words import setup_text, title

DPI = 160

_one_at_a_time = threading.Lock()
"""matplotlib's settings are the same for all threads."""


def picture(answer: Result, form: str) -> bytes:
    """An answer as a picture.

    Args:
        answer: What was found.
        form: "png" or "svg".
    """
    file = BytesIO()
    about: dict[str, Any] = {"Title": title(answer), "Description": setup_text(answer)}
    if form == "svg":
        # Else two pictures of the same would differ.
        about["Date"] = None
    with _one_at_a_time, matplotlib.rc_context(STYLE):
        sheet = Sheet(answer)
        import_module(f"{__name__}.{answer.kind}").draw(sheet, answer)
        sheet.figure.savefig(file, format=form, dpi=DPI, metadata=about)
    return file.getvalue()
