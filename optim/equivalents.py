"""How other libraries get the same path as a rule, or why they do not.

These are texts: nothing here imports another library. The tests of parity evaluate
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Library = Literal["torch", "optax", "SciPy", "keras"]
Kept = Literal["w", "w + beta v"]


@dataclass(frozen=True)
class Equivalent:
    """One library's form of a rule.

    Attributes:
        library: Whose.
        code: What makes its optimizer, with `{lr}` and so on as slots for our
            hyperparameters; `params` are the parameters to move. Empty if the same path
            cannot be had.
        note: In which way it differs, or in one sentence why it cannot be had.
        where: Our hyperparameters at which the two are the same; all by default.
        keeps: The point that it keeps, w or the one it looks at.
        under_schedule: Whether the two are the same under a schedule, too.
    """

    library: Library
    code: str = ""
    note: str = ""
    where: Mapping[str, float] = field(default_factory=dict)
    keeps: Kept = "w"
    under_schedule: bool = True

    def code_for(self, hypers: Any) -> str:
        """The code with the values of these hyperparameters.

        Raises:
            ValueError: If the library takes another path with these, or has none.
        """
        if not self.code:
            raise ValueError(self.note)
        for name, value in self.where.items():
            if getattr(hypers, name) != value:
                raise ValueError(
                    f"{self.library} takes this path only where {name} is {value:g}"
                )
        return self.code.format(**hypers._asdict())


def absent(library: Library, why: str) -> Equivalent:
    """That a library cannot take the same path, and why."""
    return Equivalent(library, note=why)
