"""The studies of a setup: from one race to thousands, and how they are answered."""

from collections.abc import Callable

from views.setup import Setup
from views.studies.answer import Answer
from views.studies.depends import DEPENDS, SIZED, STUDIED
from views.studies.many import how_pairs_end, how_rates_end, where_starts_lead
from views.studies.paths import curves_of_rates, fan_of_rates, noise_fan, swarm
from views.studies.work import Tell

ANSWERS: dict[str, Callable[..., Answer]] = {
    "basins": where_starts_lead,
    "sweep": how_rates_end,
    "plane": how_pairs_end,
    "fan": fan_of_rates,
    "curves": curves_of_rates,
    "swarm": swarm,
    "luck": noise_fan,
}
"""What can be asked, by its name in addresses."""
__all__ = ["ANSWERS", "DEPENDS", "SIZED", "STUDIED", "Answer", "Tell", "answer"]


def answer(study: str, setup: Setup, tell: Tell, size: int | None = None) -> Answer:
    """What a study finds of a setup.

    Args:
        study: A key of `ANSWERS`.
        setup: Of what.
        tell: Is told the finished part of the work; what it raises ends the work.
        size: Values a side, where the study takes them.

    Raises:
        ValueError: If the study is too large, in one sentence.
    """
    more = {"size": size} if size is not None and study in SIZED else {}
    return ANSWERS[study](setup, tell, **more)
