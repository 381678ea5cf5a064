"""Declarations by their keys."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class _Keyed(Protocol):
    @property
    def key(self) -> str:
        """Its name in a registry."""
        ...


Declared = TypeVar("Declared", bound=_Keyed)


def registry(declared: Iterable[Declared]) -> dict[str, Declared]:
    """Declarations by their keys, in their order.

    Raises:
        ValueError: If two have the same key: the second would silently replace the
            first, wherever it is named.
    """
    found: dict[str, Declared] = {}
    for one in declared:
        if one.key in found:
            raise ValueError(f"the key {one.key!r} is declared twice")
        found[one.key] = one
    return found
