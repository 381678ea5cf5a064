"""The studies of many addresses, handed to whatever computes them: Dask, or processes.

from dask.distributed import Client

for one in studies(addresses, Client()):
    print(one.address, one.problem or one.arrays["adam/ends"].shape)
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, as_completed
from typing import Any, NamedTuple

import numpy as np

from optim.studies.group import Group, shared
from views.asked import read
from views.result import pack, unpack
from views.stream import sentence


class AddressStudy(NamedTuple):
    """What was found of an address.

    Attributes:
        address: As it was given.
        header: All that is no array, as the files have it; empty if there is none.
        arrays: By their full names, as the NPZ has them: `adam/ends`, `axes/x`.
        problem: Why there is nothing, in a sentence; empty if there is.
    """

    address: str
    header: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    problem: str = ""


def studies(
    addresses: Iterable[str], executor: Any = None, part: str | None = None
) -> Iterator[AddressStudy]:
    """The study of each address, as soon as it is finished.

    Args:
        addresses: Of pages or of studies, as `loss-surface study` takes them.
        executor: A client of Dask's or any `concurrent.futures.Executor`, in whose
            processes this project is installed; by default they are computed here, one
            after the other.
        part: Which study of a page; by default its first.

    Yields:
        What was found; where an address is wrong or a worker was lost, a sentence.
    """
    if executor is None:
        yield from (_study_of(each, computed(each, part)) for each in addresses)
        return
    if not isinstance(executor, Executor):
        executor = executor.get_executor()
    running = {executor.submit(computed, each, part): each for each in addresses}
    for future in as_completed(running):
        if (lost := future.exception()) is not None:
            found = f"The worker that computed it was lost: {lost!r}."
        else:
            found = future.result()
        yield _study_of(running[future], found)


def computed(address: str, part: str | None) -> bytes | str:
    """A study as bytes, or what is wrong with its address, in a sentence."""
    try:
        with shared(Group()):
            return pack(read(address, part).result(lambda part: None))
    except ValueError as error:
        return sentence(error)


def _study_of(address: str, found: bytes | str) -> AddressStudy:
    if isinstance(found, str):
        return AddressStudy(address, {}, {}, found)
    return AddressStudy(address, *unpack(found))
