"""What one who means harm, or many who mean none, can do to a server.

Measured: each attack against a server of its own, started as its users would, on
127.0.0.1 and bounded in time; beside it a visitor who asks for a race that is
compiled, ten times a second. Against: the same attacks on commit 03e1b0d, which had no
bounds in common; its figures stand in the table.
"""

import math
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import quote

from benchmarks.server import OURS, Server, serving
from benchmarks.table import Table, number, p50, p95
from optim import OPTIMIZERS
from surfaces import SURFACES

WATCH = 15.0  # seconds that an attack goes on
TICK = 0.1  # seconds between two races of the visitor
PATIENCE = 120.0  # seconds after which a request is given up
RULES = list(OPTIMIZERS)
HYPOTS = "x"
for _ in range(22):
    HYPOTS = f"hypot({HYPOTS},y)"
PAGE = {"x-page": "visitor"}
DEAREST = "basins?size=256&surface=levy&steps=5000&on=lbfgs,bfgs,random_search,newton"
SWARM = "swarm?surface=himmelblau&steps=1600&starts=1000"  # 38 MB


@dataclass
class Visitor:
    """A visitor whose races are compiled, on the page all the while.

    Attributes:
        took: Seconds from each request to its answer.
        refused: How many were answered by a sentence.
    """

    took: list[float] = field(default_factory=list)
    refused: int = 0

    def __str__(self) -> str:
        worst = max(self.took, default=math.nan)
        return (
            f"race p50 {number(p50(self.took) * 1e3, 'ms')}, "
            f"p95 {number(p95(self.took) * 1e3, 'ms')}, worst {number(worst, 's')}"
            + (f", {self.refused} refused" if self.refused else "")
        )


def get(
    server: Server, path: str, timeout: float = PATIENCE, page: str = ""
) -> tuple[int, bytes]:
    """The status and the body of one answer; 0 where none came.

    Args:
        server: Is asked.
        path: For what.
        timeout: Seconds after which the request is given up.
        page: What distinguishes the pages that are open at one address.
    """
    line = HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    try:
        line.request("GET", f"/{path}", headers={"x-page": page})
        answer = line.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        line.close()


@contextmanager
def visited(server: Server) -> Iterator[Visitor]:
    """A visitor while the block runs, and until they have their last answer."""
    visitor, stop = Visitor(), threading.Event()

    def visit() -> None:
        line = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        for k in range(10**6):
            if stop.wait(TICK):
                break
            began = time.perf_counter()
            try:
                line.request("GET", f"/race?adam.lr=0.{k % 900 + 100}", headers=PAGE)
                answer = line.getresponse()
                answer.read()
            except OSError:
                line.close()
                continue
            visitor.took.append(time.perf_counter() - began)
            visitor.refused += answer.status != 200
        line.close()

    get(server, "race")
    thread = threading.Thread(target=visit)
    thread.start()
    try:
        yield visitor
    finally:
        stop.set()
        thread.join()


@contextmanager
def in_threads(
    count: int, act: Callable[[int, threading.Event], None]
) -> Iterator[None]:
    """So many threads that act until the block ends."""
    stop = threading.Event()
    threads = [threading.Thread(target=act, args=(k, stop)) for k in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def asking(
    server: Server, count: int, path: Callable[[int, int], str]
) -> AbstractContextManager[None]:
    """So many clients that ask for one thing after another."""

    def act(client: int, stop: threading.Event) -> None:
        for k in range(10**6):
            if stop.is_set():
                return
            status, _ = get(server, path(client, k))
            if status != 200:
                stop.wait(0.2)

    return in_threads(count, act)


@contextmanager
def fresh(**environment: str) -> Iterator[Server]:
    """A server that has warmed up."""
    with serving(OURS, **environment) as server:
        server.wait()
        server.wait("race")
        server.wait("landscape")
        time.sleep(2)
        yield server


def alive(server: Server) -> str:
    """Whether the process is there and answers."""
    if server.process.poll() is not None:
        return f"the process ended ({server.process.returncode})"
    return "answers" if get(server, "race", 30)[0] == 200 else "silent"


def everything(sizes: tuple[int, ...] = (0, 1)) -> str:
    """Each rule on each surface, and each study of both, twice."""
    memory = mappings = 0
    with fresh() as server:
        for again in sizes:
            for surface in SURFACES:
                for rule in RULES:
                    more = f"surface={surface}&on={rule}&fan={rule}&steps={60 + again}"
                    # At most what the page itself asks for; small, for it is many.
                    for path in (
                        "race?",
                        "basins?size=8&",
                        "sweep?budget=25&",
                        "swarm?starts=16&",
                        "seeds?seeds=10&",
                        "curves?",
                        "fan?",
                    ):
                        get(server, path + more)
                if server.process.poll() is not None:
                    return alive(server)
                memory = max(memory, server.memory)
                mappings = max(mappings, server.mappings)
        return (
            f"{number(memory / 1e6, 'MB')}, {mappings:,} mappings at most; "
            f"{alive(server)}"
        )


def nested() -> str:
    """One formula that is dear to differentiate, with Newton's method."""
    with fresh() as server:
        cpu, memory = server.cpu, server.memory
        path = f"race?surface=formula&f={quote(HYPOTS)}&on=newton"
        status, body = get(server, path)
        said = body.decode()[:60] + "…" if status == 400 else ""
        return (
            f"{status} after {number(server.cpu - cpu)} CPU s, "
            f"{number((server.memory - memory) / 1e6, 'MB')} {said}"
        ).strip()


def formulas() -> str:
    """Fifty clients, each with one new formula after another."""
    with fresh() as server:

        def path(client: int, k: int) -> str:
            return f"race?surface=formula&f={client}*x*y%2B{k}.5*x^2%2By^4"

        with visited(server) as during, asking(server, 50, path):
            time.sleep(WATCH)
        with visited(server) as after:
            time.sleep(5)
        return f"{during}; after they left: {after}; {alive(server)}"


def races() -> str:
    """Fifty clients with races of eight optimizers by 5,000 steps."""
    with fresh() as server:
        on = ",".join(RULES[:8])
        get(server, f"race?steps=5000&on={on}")

        def path(client: int, k: int) -> str:
            return f"race?steps=5000&on={on}&adam.lr=0.{100 + (client * 37 + k) % 900}"

        with visited(server) as visitor, asking(server, 50, path):
            time.sleep(WATCH)
        return f"{visitor}; {alive(server)}"


def unread() -> str:
    """Thirty clients that ask for a large study and read nothing of it."""
    with fresh() as server:
        get(server, SWARM)
        before, most = server.memory, 0
        with ExitStack() as stack, visited(server) as visitor:
            for k in range(30):
                line = stack.enter_context(socket.create_connection(
                    ("127.0.0.1", server.port), timeout=PATIENCE
                ))  # fmt: skip
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                line.sendall(
                    f"GET /{SWARM}&seed={k} HTTP/1.1\r\nhost: here\r\n\r\n".encode()
                )
            end = time.monotonic() + 3 * WATCH
            while time.monotonic() < end:
                time.sleep(0.2)
                most = max(most, server.memory)
        return (
            f"{number(before / 1e6)} -> {number(most / 1e6, 'MB')}; {visitor}; "
            f"{alive(server)}"
        )


def dearest() -> str:
    """Two clients with the dearest study there is; a third asks for a small one."""
    with fresh() as server:
        small = "sweep?surface=rosenbrock&budget=25&steps=100&on=adam"
        get(server, small)

        def path(client: int, k: int) -> str:
            return f"{DEAREST}&l2=0.{client}{k + 1}"

        with asking(server, 2, path):
            time.sleep(2)
            took = []
            for k in range(5):
                began = time.perf_counter()
                status, _ = get(server, f"{small}&adam.lr=0.{k + 1}&seed={k}", 60)
                took.append(time.perf_counter() - began)
            refusal = get(server, DEAREST)
            # What is just allowed goes on for as long as a study may.
        said = refusal[1].decode()[:50]
        return (
            f"a small one: {status} after {number(max(took), 's')} at most; "
            f"they: {refusal[0]} {said}…"
        )


def stopping() -> str:
    """SIGTERM while one reads slowly, one computes and one compiles."""
    with fresh() as server, ExitStack() as stack:
        for path in (
            SWARM,
            f"{DEAREST}&on=bfgs&steps=2000",
            "race?on=lbfgs&surface=levy",
        ):
            line = stack.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
            )
            line.sendall(f"GET /{path} HTTP/1.1\r\nhost: here\r\n\r\n".encode())
        time.sleep(3)
        server.process.send_signal(signal.SIGTERM)
        began = time.perf_counter()
        while server.process.poll() is None and time.perf_counter() - began < 60:
            time.sleep(0.05)
        gone = server.process.poll() is not None
        took = time.perf_counter() - began
        return f"gone after {number(took, 's')}" if gone else "alive after 60 s"


def overflow() -> str:
    """A formula whose losses are beyond what a number can hold."""
    with fresh() as server:
        path = "landscape?surface=formula&f=1e308*x*y&level="
        return ", ".join(
            f"{level}: {get(server, path + level)[0]}" for level in ("log", "linear")
        )


def idle() -> str:
    """Five hundred connections: silent ones, and ones that drip a header."""
    with fresh() as server, ExitStack() as stack:
        lines = [
            stack.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=5)
            )
            for _ in range(500)
        ]
        for line in lines:
            line.setblocking(False)
        began, open_lines = time.monotonic(), set(lines)
        with visited(server) as visitor:
            while open_lines and time.monotonic() - began < 3 * WATCH:
                for k, line in enumerate(lines):
                    if line not in open_lines:
                        continue
                    try:
                        if k % 2:
                            line.send(b"G" if k % 4 == 1 else b"GET / HTTP/1.1\r\nx: ")
                        if line.recv(1) == b"":
                            open_lines.discard(line)
                    except BlockingIOError:
                        pass
                    except OSError:
                        open_lines.discard(line)
                time.sleep(1)
        took = time.monotonic() - began
        return f"{len(open_lines)} left open after {number(took, 's')}; {visitor}"


ATTACKS: dict[str, tuple[Callable[[], str], str]] = {
    "each rule x surface x study, twice": (
        everything, "4,170 MB, 64,726 mappings after 154 requests, then a crash"),
    "one formula of 22 nested hypot, Newton": (
        nested, "200 after 21 to 23 CPU s, 1,400 MB"),
    "50 clients, distinct typed formulas": (
        formulas, "races silent for over 30 s, and 2 min 15 s after they left"),
    "50 clients, warm races of 8 x 5,000": (races, "race p95 2,440 ms"),
    "30 clients that read nothing of a swarm": (unread, "895 -> 5,024 MB"),
    "2 clients with the dearest study": (dearest, "no study for any other client"),
    "SIGTERM with slow readers and work under way": (stopping, "alive after 60 s"),
    "a landscape of 1e308*x*y": (overflow, "log: 500"),
    "500 idle or dripping connections": (idle, "never closed"),
}  # fmt: skip


def tables() -> list[Table]:
    """Each attack, before and after."""
    rows = []
    for name, (attack, before) in ATTACKS.items():
        rows.append((name, before, attack()))
    return [
        Table(
            "Attacks on one server",
            ("attack", "commit 03e1b0d", "now"),
            rows,
            "A visitor's race is compiled and asked for ten times a second meanwhile. "
            "The attackers share the two cores with the server.",
        )
    ]
