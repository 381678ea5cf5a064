"""A lane: a few threads, and a bounded queue before them that is fair between clients.

A client that asks for much waits behind its own work, and others do not wait for it:
the lane takes turns between addresses, and between the pages of one address. Where the
queue is full, the client with the most waiting work loses its latest.
"""

import asyncio
import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Any, NamedTuple


class Client(NamedTuple):
    """Where a request comes from: an address, and one of the pages open there."""

    address: str
    page: str = ""


class Busy(Exception):
    """Too much work waits already: a sentence, and when to ask again.

    Attributes:
        seconds: After which the queue will have moved on.
    """

    def __init__(self, seconds: float) -> None:
        """Says so."""
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(
            f"The server is busy; try again in {self.seconds} "
            f"{'second' if self.seconds == 1 else 'seconds'}."
        )


class Work:
    """A piece of work in a lane.

    Attributes:
        future: Its result, or what went wrong; `Busy` if it was dropped.
        long: Whether it may hold a thread for long.
        asked: When it was asked for, by `monotonic`.
    """

    def __init__(self, client: Client, function: Callable[[], Any], long: bool) -> None:
        """Not yet begun."""
        self.client = client
        self.function = function
        self.long = long
        self.asked = monotonic()
        self.future: Future[Any] = Future()

    def run(self) -> None:
        """Does it, unless it was given up meanwhile."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.function()
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class FairQueue:
    """Work that waits. Not for several threads: its lane locks it."""

    def __init__(self) -> None:
        """Empty."""
        self._addresses: OrderedDict[str, OrderedDict[str, deque[Work]]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, work: Work) -> None:
        """Adds work behind the other work of its client."""
        pages = self._addresses.setdefault(work.client.address, OrderedDict())
        pages.setdefault(work.client.page, deque()).append(work)
        self._size += 1

    def take(self) -> Work | None:
        """The next work: of the client whose turn it is, the oldest; None if none."""
        if not self._size:
            return None
        address, pages = next(iter(self._addresses.items()))
        page, works = next(iter(pages.items()))
        work = works.popleft()
        self._size -= 1
        # Who had a turn goes to the end of the queue, or out of it.
        pages.move_to_end(page)
        self._addresses.move_to_end(address)
        self._tidy(address, page)
        return work

    def oldest(self) -> float:
        """When the work was asked for that waits longest; infinity if none waits."""
        return min(
            (
                works[0].asked
                for pages in self._addresses.values()
                for works in pages.values()
            ),
            default=math.inf,
        )

    def remove(self, work: Work) -> bool:
        """Takes out work that was given up; whether it was still waiting."""
        address, page = work.client
        works = self._addresses.get(address, {}).get(page)
        if works is None or work not in works:
            return False
        works.remove(work)
        self._size -= 1
        self._tidy(address, page)
        return True

    def greediest(self) -> tuple[int, int, Work] | None:
        """The latest work of the client with the most waiting work.

        Returns:
            How much work of the address waits, how much of the page, and the work;
            None if none waits.
        """
        if not self._size:
            return None
        pages = max(self._addresses.values(), key=_total)
        works = max(pages.values(), key=len)
        return _total(pages), len(works), works[-1]

    def waiting(self, client: Client) -> tuple[int, int]:
        """How much work of an address waits, and how much of one of its pages."""
        pages = self._addresses.get(client.address, {})
        return _total(pages), len(pages.get(client.page, ()))

    def _tidy(self, address: str, page: str) -> None:
        pages = self._addresses[address]
        if not pages[page]:
            del pages[page]
        if not pages:
            del self._addresses[address]


def _total(pages: Any) -> int:
    return sum(map(len, pages.values()))


class Lane:
    """Threads that do work in a fair order.

    Where some work is long, one thread takes only short work, so that this never waits
    for long work; the others take short work first, but long work that has waited for
    `patience` seconds before it.

    Attributes:
        name: What its threads and its figures are called.
        most: How much work may wait.
    """

    patience = 20.0

    def __init__(self, name: str, threads: int, most: int, *, long: bool = False):
        """Starts no thread before there is work.

        Args:
            name: What its threads and its figures are called.
            threads: How many.
            most: How much work may wait.
            long: Whether some work may be long.
        """
        self.name = name
        self.most = most
        self.done = self.refused = 0
        self._threads = threads
        self._long = long
        self._short_queue, self._long_queue = FairQueue(), FairQueue()
        self._changed = threading.Condition()
        self._running = 0
        self._seconds = 0.0
        self._started = 0

    @property
    def waiting(self) -> int:
        """How much work waits."""
        return len(self._short_queue) + len(self._long_queue)

    @property
    def running(self) -> int:
        """How much is being done."""
        return self._running

    def submit(
        self, client: Client, function: Callable[[], Any], *, long: bool = False
    ) -> Work:
        """Has a function called, when it is its client's turn.

        Args:
            client: For whom.
            function: What is done.
            long: Whether it may hold a thread for long.

        Raises:
            Busy: If too much work waits already, and no client has more than this one.
        """
        work = Work(client, function, long and self._long)
        queue = self._long_queue if work.long else self._short_queue
        with self._changed:
            self._start_threads()
            if len(queue) >= self.most:
                self._drop_one(queue, client)
            queue.put(work)
            # One is enough where each thread takes all work.
            self._changed.notify(self._threads if self._long else 1)
        return work

    async def result_of(self, client: Client, function: Callable[[], Any]) -> Any:
        """What a function gives, once it was its client's turn.

        Args:
            client: For whom.
            function: Is short.

        Raises:
            Busy: As `submit`, or later, where it was dropped for another's.
        """
        work = self.submit(client, function)
        try:
            return await asyncio.wrap_future(work.future)
        finally:
            self.cancel(work)

    def cancel(self, work: Work) -> None:
        """Gives up work that has not begun; work that has is not ended by this."""
        with self._changed:
            queue = self._long_queue if work.long else self._short_queue
            queue.remove(work)
        work.future.cancel()

    def _drop_one(self, queue: FairQueue, client: Client) -> None:
        """Drops the latest work of the greediest client, if that is another one.

        Raises:
            Busy: If it is not.
        """
        busy = Busy(self._seconds * len(queue) / self._threads)
        self.refused += 1
        greediest = queue.greediest()
        assert greediest is not None
        of_address, of_page, latest = greediest
        address, page = queue.waiting(client)
        same = latest.client.address == client.address
        fewer = page + 1 < of_page if same else address + 1 < of_address
        if not fewer:
            raise busy
        queue.remove(latest)
        latest.future.set_exception(busy)

    def _start_threads(self) -> None:
        """Starts all at once: one of them may be there for what others must not do."""
        while self._started < self._threads:
            only_short = self._long and self._started == 0
            self._started += 1
            threading.Thread(
                target=self._serve,
                args=(only_short,),
                name=f"{self.name}-{self._started}",
                daemon=True,
            ).start()

    def _serve(self, only_short: bool) -> None:
        while True:
            with self._changed:
                while (work := self._next(only_short)) is None:
                    self._changed.wait()
            self._do(work)
            # Not until the next work comes: it may hold a large result.
            del work

    def _do(self, work: Work) -> None:
        with self._changed:
            self._running += 1
        began = monotonic()
        work.run()
        with self._changed:
            self._running -= 1
            self.done += 1
            # A mean that follows what the lane has been doing lately.
            self._seconds += 0.1 * (monotonic() - began - self._seconds)

    def _next(self, only_short: bool) -> Work | None:
        if only_short:
            return self._short_queue.take()
        if monotonic() - self._long_queue.oldest() > self.patience:
            return self._long_queue.take()
        return self._short_queue.take() or self._long_queue.take()


class LoopLane(Lane):
    """A lane whose work the event loop does itself, one piece at each of its turns.

    For what takes a millisecond: to hand that to a thread and back takes as long again,
    and the more threads there are, the longer they wait for the interpreter's lock.
    """

    def __init__(self, name: str, most: int):
        """As for a lane of one thread."""
        super().__init__(name, 1, most)
        self._scheduled = False

    async def result_of(self, client: Client, function: Callable[[], Any]) -> Any:
        """What a function gives, once it was its client's turn."""
        result = asyncio.get_running_loop().create_future()

        def note(done: Future[Any]) -> None:
            if result.done() or done.cancelled():
                return
            if error := done.exception():
                result.set_exception(error)
            else:
                result.set_result(done.result())

        work = self.submit(client, function)
        work.future.add_done_callback(note)
        try:
            return await result
        finally:
            self.cancel(work)

    def _start_threads(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        work = self._next(False)
        self._scheduled = work is not None
        if work is not None:
            self._do(work)
            asyncio.get_running_loop().call_soon(self._turn)
