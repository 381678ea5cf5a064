"""The studies of a setup: from one race to thousands, and how they are answered.

What is computed is in parts (part.py), one a module; the page shows them by its tabs
(views/tabs.py).
"""

from surfaces import registry
from views.result import ProgressCallback, Result
from views.setup import Setup
from views.studies import basins, curves, fan, luck, plane, swarm, sweep
from views.studies.part import Part
from views.studies.race import RACE

PARTS: dict[str, Part] = registry(
    module.PART for module in (basins, sweep, plane, fan, curves, swarm, luck)
)
"""What can be asked, by its name in addresses."""
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
    if size is None:
        return part.find(setup, progress)
    if not part.sized:
        sized = " and ".join(key for key, one in PARTS.items() if one.sized)
        raise ValueError(f"size is not a setting of {study}; {sized} have one")
    return part.find(setup, progress, size)
