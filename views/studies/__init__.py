"""The studies of a setup: from one race to thousands, and how they are answered.

What is computed is in parts (part.py), one a module; those are shown that a row of
views/tabs.py names.
"""

from dataclasses import replace
from importlib import import_module

from surfaces import registry
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies.part import Part
from views.studies.race import RACE
from views.studies.words import words
from views.tabs import TABS

_NAMES = dict.fromkeys(name for tab in TABS.values() for name in tab.parts)
PARTS: dict[str, Part] = registry(
    import_module(f"{__name__}.{name}").PART for name in _NAMES
)
"""What can be asked, by its name in addresses, which is that of its module."""
FILED: dict[str, Part] = PARTS | {RACE.key: RACE}
"""What can be had as a file."""
__all__ = ["FILED", "PARTS", "RACE", "Part", "ProgressCallback", "Result", "answer"]


def answer(
    study: str, setup: Setup, progress: ProgressCallback, size: int | None = None
) -> Result:
    """What a part of a study finds of a setup.

    Args:
        study: A key of `PARTS`.
        setup: Of what.
        progress: Called with the finished part of the work; what it raises ends it.
        size: Values a side, where it takes them.

    Raises:
        ValueError: If it is too large, or takes no size, in one sentence.
    """
    part = PARTS[study]
    if size is not None and not part.sized:
        sized = " and ".join(key for key, one in PARTS.items() if one.sized)
        raise ValueError(f"size is not a setting of {study}; {sized} have one")
    found = part.find(setup, progress, *(() if size is None else (size,)))
    return replace(found, meta={**found.meta, **words(found)})
