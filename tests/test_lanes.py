"""Lanes: bounded, fair between clients, and short work before long."""

import asyncio
import math
import threading
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.serving.lanes import Busy, Client, FairQueue, Lane, LoopLane, Work

PATIENCE = 20


def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


class Gate:
    """Work that holds a thread until it is let go."""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self):
        self.begun.set()
        assert self.go.wait(PATIENCE)


def held(lane, count, client="holder"):
    """Keeps so many threads of a lane busy."""
    gates = [Gate() for _ in range(count)]
    for gate in gates:
        lane.submit(Client(client), gate)
    for gate in gates:
        assert gate.begun.wait(PATIENCE)
    return gates


def release(gates):
    for gate in gates:
        gate.go.set()


# -- the queue ------------------------------------------------------------------------


def works_of(*clients):
    return [Work(Client(*client), lambda: None, False) for client in clients]


def taken(queue):
    order = []
    while (work := queue.take()) is not None:
        order.append(work)
    return order


def test_each_address_has_its_turn_and_each_page_of_it():
    queue = FairQueue()
    works = works_of("aa", "aa", "ab", "ab", "ba", "ba", "ca")
    for work in works:
        queue.put(work)
    order = [work.client.address + work.client.page for work in taken(queue)]
    assert order == ["aa", "ba", "ca", "ab", "ba", "aa", "ab"]


clients = st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"))
moves = st.lists(st.one_of(clients, st.just("take"), st.integers(0, 30)))


@given(moves)
def test_nothing_is_lost_and_nothing_comes_twice(moves):
    queue, inside, asked = FairQueue(), [], []
    for move in moves:
        if move == "take":
            work = queue.take()
            assert (work is None) == (not inside)
            if work:
                same = [one for one in inside if one.client == work.client]
                assert work is same[0], "of one page, the oldest first"
                inside.remove(work)
        elif isinstance(move, int):
            if asked:
                work = asked[move % len(asked)]
                assert queue.remove(work) == (work in inside)
                if work in inside:
                    inside.remove(work)
        else:
            (work,) = works_of(move)
            queue.put(work)
            inside.append(work)
            asked.append(work)
        assert len(queue) == len(inside)
        oldest = min((work.asked for work in inside), default=math.inf)
        assert queue.oldest() == oldest
        by_address = Counter(work.client.address for work in inside)
        for address, count in by_address.items():
            assert queue.waiting(Client(address))[0] == count
        if inside:
            of_address, of_page, latest = queue.greediest()
            assert of_address == max(by_address.values())
            same = [work for work in inside if work.client == latest.client]
            assert (latest, of_page) == (same[-1], len(same))
    assert sorted(map(id, taken(queue))) == sorted(map(id, inside))


# -- the lane -------------------------------------------------------------------------


def test_results_and_errors_arrive():
    lane = Lane("test", 2, 10)
    assert lane.submit(Client("a"), lambda: 7).future.result(PATIENCE) == 7
    failed = lane.submit(Client("a"), lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        failed.future.result(PATIENCE)
    until(lambda: (lane.done, lane.running, lane.waiting) == (2, 0, 0))


def test_long_work_is_done_though_nothing_else_ever_comes():
    lane = Lane("test", 2, 10, long=True)
    work = lane.submit(Client("a"), lambda: "done", long=True)
    assert work.future.result(PATIENCE) == "done"


def test_who_asks_for_much_does_not_hold_up_others():
    lane, order = Lane("test", 1, 50), []
    gates = held(lane, 1)
    for _ in range(20):
        lane.submit(Client("greedy"), lambda: order.append("greedy"))
    last = lane.submit(Client("modest"), lambda: order.append("modest"))
    release(gates)
    last.future.result(PATIENCE)
    assert order.index("modest") <= 1


def test_a_full_lane_refuses_who_waits_with_most():
    lane = Lane("test", 1, 4)
    gates = held(lane, 1)
    works = [lane.submit(Client("greedy"), lambda: None) for _ in range(4)]
    with pytest.raises(Busy, match=r"^The server is busy; try again in \d+ second"):
        lane.submit(Client("greedy"), lambda: None)
    modest = lane.submit(Client("modest"), lambda: "done")
    with pytest.raises(Busy):
        works[-1].future.result(PATIENCE)
    assert lane.waiting == 4
    lane.submit(Client("third"), lambda: None)
    # Two wait for the greedy one, one for each other: now it is even enough.
    with pytest.raises(Busy):
        lane.submit(Client("modest"), lambda: None)
    release(gates)
    assert modest.future.result(PATIENCE) == "done"
    assert [work.future.exception(PATIENCE) is None for work in works] == [
        True, True, False, False,
    ]  # fmt: skip
    assert lane.refused == 4


def test_of_one_address_the_page_that_waits_with_most_gives_way():
    lane = Lane("test", 1, 4)
    gates = held(lane, 1)
    works = [lane.submit(Client("hall", "one"), lambda: None) for _ in range(4)]
    lane.submit(Client("hall", "two"), lambda: None)
    assert isinstance(works[-1].future.exception(PATIENCE), Busy)
    release(gates)


def test_what_is_cancelled_before_its_turn_never_runs():
    lane, ran = Lane("test", 1, 4), []
    gates = held(lane, 1)
    work = lane.submit(Client("a"), lambda: ran.append(1))
    lane.cancel(work)
    assert lane.waiting == 0
    assert work.future.cancelled()
    release(gates)
    lane.submit(Client("a"), lambda: None).future.result(PATIENCE)
    assert ran == []


def test_short_work_never_waits_for_long_work():
    lane = Lane("test", 2, 20, long=True)
    gates = [Gate() for _ in range(5)]
    long = [lane.submit(Client("a"), gate, long=True) for gate in gates]
    assert gates[0].begun.wait(PATIENCE)
    for _ in range(10):
        lane.submit(Client("b"), lambda: None).future.result(PATIENCE)
    assert [gate.begun.is_set() for gate in gates] == [True] + [False] * 4
    release(gates)
    for work in long:
        work.future.result(PATIENCE)


def test_long_work_has_its_turn_between_short_work():
    lane = Lane("test", 2, 10_000, long=True)
    lane.patience = 0.1
    stop, long = threading.Event(), threading.Event()

    def short():
        time.sleep(0.01)
        if not stop.is_set():
            lane.submit(Client("a"), short)

    for _ in range(4):
        lane.submit(Client("a"), short)
    lane.submit(Client("b"), long.set, long=True)
    assert long.wait(PATIENCE)
    stop.set()
    until(lambda: lane.waiting == 0)


def test_work_can_be_awaited_and_is_given_up_with_who_awaits_it():
    lane = Lane("test", 1, 4)

    async def ask():
        assert await lane.result_of(Client("a"), lambda: 5) == 5
        with pytest.raises(ZeroDivisionError):
            await lane.result_of(Client("a"), lambda: 1 / 0)
        gates = await asyncio.to_thread(held, lane, 1)
        ran = []
        waiting = asyncio.ensure_future(
            lane.result_of(Client("a"), lambda: ran.append(1))
        )
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert lane.waiting == 0
        release(gates)
        await lane.result_of(Client("a"), lambda: None)
        assert ran == []

    asyncio.run(ask())


def test_the_loop_does_short_work_in_turn_and_others_between():
    lane, order = LoopLane("test", 10), []

    async def ask():
        thread = threading.get_ident()

        def work(client):
            assert threading.get_ident() == thread
            order.append(client)

        clients = [Client("a")] * 3 + [Client("b")]
        asked = [
            asyncio.ensure_future(lane.result_of(client, lambda c=client: work(c)))
            for client in clients
        ]
        await asyncio.sleep(0)  # All are asked, none is done.
        asyncio.get_running_loop().call_soon(order.append, "other")
        await asyncio.gather(*asked)
        assert [c if c == "other" else c.address for c in order] == (
            ["a", "other", "b", "a", "a"]
        )
        assert (lane.done, lane.waiting, lane.running) == (4, 0, 0)
        with pytest.raises(ZeroDivisionError):
            await lane.result_of(Client("a"), lambda: 1 / 0)
        assert await lane.result_of(Client("a"), lambda: 5) == 5

    asyncio.run(ask())


def test_a_full_loop_refuses_who_waits_with_most_and_forgets_who_left():
    lane = LoopLane("test", 2)

    async def ask():
        def asked(address, value):
            return asyncio.ensure_future(lane.result_of(Client(address), lambda: value))

        # All ask before the loop has a turn to do anything.
        greedy = [asked("a", k) for k in range(3)]
        other = asked("b", "b")
        found = await asyncio.gather(*greedy, return_exceptions=True)
        assert [isinstance(one, Busy) for one in found] == [False, True, True]
        assert await other == "b"
        ran = []
        left = asyncio.ensure_future(lane.result_of(Client("a"), lambda: ran.append(1)))
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        await asked("b", 1)
        assert ran == []

    asyncio.run(ask())


def test_busy_says_when_to_come_back_in_whole_seconds():
    assert (Busy(0).seconds, Busy(1.2).seconds) == (1, 2)
    assert str(Busy(0.3)) == "The server is busy; try again in 1 second."
    assert str(Busy(7)) == "The server is busy; try again in 7 seconds."
