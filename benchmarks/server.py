"""Starts a page as its users would, `streamlit run`, on a free port, and stops it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from surfaces import SURFACES

ROOT = Path(__file__).resolve().parent.parent
OURS = "app.py"
STOCK = "benchmarks/stock_page.py"
EMPTY = "benchmarks/empty_page.py"
PATIENCE = 60.0  # seconds a page may take to start
SETTLING = 1.0  # seconds between the last answer and the first measurement


@dataclass(frozen=True)
class Server:
    """A running page.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        began: When its process was started, in seconds since the epoch.
        process: It.
    """

    port: int
    began: float
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address, ending in a slash."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def mappings(self) -> int:
        """Mappings of the process."""
        return Path(f"/proc/{self.process.pid}/maps").read_bytes().count(b"\n")

    @property
    def cpu(self) -> float:
        """Processor seconds that it has taken."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        return sum(map(int, words.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def wait(self, path: str = "_stcore/health") -> None:
        """Waits until an address is answered.

        Raises:
            TimeoutError: If it is not, for a minute.
        """
        deadline = time.time() + PATIENCE
        while time.time() < deadline:
            try:
                with urlopen(self.url + path, timeout=PATIENCE):
                    return
            except (URLError, ConnectionError):
                time.sleep(0.01)
        raise TimeoutError(f"{self.url} did not answer")


def free_port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(page: str, **environment: str) -> Iterator[Server]:
    """Serves a page while the block runs; it may not be answering yet.

    Args:
        page: `OURS`, `STOCK` or `EMPTY`.
        environment: Further environment variables.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", page]
    # Both pages see what the other sees: config.toml, and the same Python.
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.fileWatcherType", "none", "--logger.level", "error"]
    variables: Mapping[str, str] = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    began = time.time()
    process = subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL
    )
    try:
        yield Server(port, began, process)
    finally:
        if process.poll() is not None:
            print(f"{page} had stopped: status {process.returncode}", file=sys.stderr)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def warm(page: str) -> Iterator[Server]:
    """Serves a page that has compiled all it will."""
    with serving(page) as server:
        server.wait()
        # Ours compiles in the background: ask for everything, in its own order.
        for key in SURFACES if page == OURS else ():
            server.wait(f"race?surface={key}")
            server.wait(f"landscape?surface={key}")
        time.sleep(SETTLING)
        yield server
