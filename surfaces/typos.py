"""Which word was meant: only where hardly anything else can have been.

A wrong suggestion is worse than none: who follows it gets another function, or another
rule, and does not know it. So only small typos count, and only if one word is closest.
"""

from collections.abc import Iterable

LONGEST = 40
"""Letters of a word that is compared at all."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word of which this one is a typo; None if that is not clear.

    Capitals, and blanks or hyphens for an underscore, are no mistakes. One letter may
    be left out, added, or swapped with the next; in words from four letters on, one may
    be another; in words from nine on, two such mistakes may be made. Digits are never
    mistaken.

    Args:
        word: As it was typed.
        known: Words in small letters.
    """
    if len(word) > LONGEST:
        return None
    tidy = word.lower().replace("-", "_").replace(" ", "_")
    costs = {other: _mistakes(tidy, other) for other in known}
    least = min(costs.values(), default=LONGEST)
    found = [other for other, cost in costs.items() if cost == least]
    return found[0] if least <= _forgiven(tidy) and len(found) == 1 else None


def _forgiven(word: str) -> int:
    return 0 if len(word) < 3 else 1 if len(word) < 9 else 2


def _mistakes(word: str, other: str) -> int:
    """How many mistakes lead from one word to the other; many if none would."""
    same = word == other
    if not same and (min(len(word), len(other)) < 3 or _digits(word) != _digits(other)):
        return LONGEST
    replaced = 1 if len(word) > 3 else LONGEST
    # Costs of the beginnings of `other`, for the two beginnings of `word` before.
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, its in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1)
            cost = min(cost, above[j - 1] + (0 if letter == its else replaced))
            if i > 1 and j > 1 and (letter, word[i - 2]) == (other[j - 2], its):
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))
