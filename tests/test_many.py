"""The studies of many addresses, in workers of Dask's and in threads."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest
from distributed import Client, LocalCluster

import loss_surface
from views import many
from views.asked import read
from views.result import pack, unpack

TERM = [
    f"basins?surface={surface}&size=16&steps=60&on={rule}"
    for surface in ("himmelblau", "rosenbrock")
    for rule in ("adam", "momentum")
]
WRONG = {
    "basins?surface=nowhere": "surface “nowhere” is unknown",
    "?surface=ravine": "This address shows a race and no study",
    "seeds?surface=ravine&steps=5000&seeds=400": "can be shown at once",
}


def assert_found(found, addresses):
    assert sorted(one.address for one in found) == sorted(addresses)
    for one in found:
        if one.address in WRONG:
            assert WRONG[one.address] in one.problem
            assert not one.header
            assert not one.arrays
            continue
        assert one.problem == ""
        header, arrays = unpack(pack(read(one.address).result(lambda part: None)))
        assert set(one.arrays) == set(arrays)
        for name, array in arrays.items():
            assert np.array_equal(one.arrays[name], array), name
        assert one.header["setup"] == header["setup"]
        assert one.header["runs"] == header["runs"]


@pytest.fixture(scope="module")
def client():
    """Of a cluster of two processes on this machine."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_a_cluster_of_dask_s_computes_a_term_s_studies(client, monkeypatch):
    monkeypatch.setattr(many, "read", None)  # Nothing is computed in this process.
    addresses = [*TERM, *WRONG]
    assert_found(list(loss_surface.studies(addresses, client)), addresses)


def test_any_executor_does_and_so_does_none():
    addresses = [TERM[0], *WRONG]
    with ThreadPoolExecutor(2) as pool:
        assert_found(list(loss_surface.studies(addresses, pool)), addresses)
    found = list(loss_surface.studies(addresses))
    assert_found(found, addresses)
    assert [one.address for one in found] == addresses


def test_a_page_s_part_may_be_named():
    address = "?surface=ravine&view=studies&study=rates&on=adam&steps=40"
    first, named = (
        next(loss_surface.studies([address], part=part)) for part in (None, "curves")
    )
    assert (first.header["kind"], named.header["kind"]) == ("sweep", "curves")


def test_a_worker_that_is_lost_is_said_and_the_others_go_on():
    class Losing(ThreadPoolExecutor):
        def submit(self, function, address, *others):
            if address != TERM[1]:
                return super().submit(function, address, *others)
            lost = Future()
            lost.set_exception(BrokenProcessPool("it was killed"))
            return lost

    with Losing(1) as pool:
        found = {one.address: one for one in many.studies(TERM[:3], pool)}
    assert "was lost: BrokenProcessPool('it was killed')" in found[TERM[1]].problem
    assert_found([found[TERM[0]], found[TERM[2]]], [TERM[0], TERM[2]])
