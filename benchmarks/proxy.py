"""nginx before replicas of the page, on this machine, by the template of deploy/."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.server import OURS, PATIENCE, ROOT, free_port

TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
ANYWHERE = "least_conn;"
STICKY = "hash $visitor consistent;"
"""Each browser at one replica, by its cookie."""

# As a newer version would be: other player files, and so another address of them.
NEWER = """
from pathlib import Path
kept = Path.read_bytes
Path.read_bytes = lambda self: kept(self) + b"//" * (self.name == "race.js")
from streamlit.web.cli import main
main()
"""


def program() -> str | None:
    """Where nginx is; Debian has it where only root looks."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its `${NAME}` filled in, as envsubst does it."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], template)


def configuration(port: int, replicas: Sequence[int], balance: str) -> str:
    """The configuration of nginx.

    Args:
        port: Where it listens, on 127.0.0.1.
        replicas: Where these listen.
        balance: Which of them answers what any can answer.
    """
    one = "server 127.0.0.1:{} max_fails=1 fail_timeout=2s;"
    values = {
        "LISTEN": f"127.0.0.1:{port}",
        "RESOLVER": "",
        "SERVERS": " ".join(map(one.format, replicas)),
        "BALANCE": balance,
    }
    return filled(TEMPLATE.read_text("utf-8"), values)


@contextmanager
def proxied(replicas: Sequence[int], balance: str = ANYWHERE) -> Iterator[int]:
    """Has nginx stand before replicas while the block runs; the port that it takes."""
    port, found = free_port(), program()
    if found is None:
        raise FileNotFoundError("nginx is missing: apt-get install nginx-light")
    # Its temporary folders are its own, also where root starts it.
    user = "user root; " if os.geteuid() == 0 else ""
    with TemporaryDirectory() as folder:
        Path(folder, "nginx.conf").write_text(configuration(port, replicas, balance))
        process = subprocess.Popen(
            [
                *(found, "-p", folder, "-c", "nginx.conf", "-e", "error.log"),
                *("-g", f"{user}daemon off;"),
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            _until(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield port
        finally:
            process.terminate()
            process.wait()


class Replica:
    """One server, which can be killed and started again on its port."""

    def __init__(self) -> None:
        """Finds a port for it."""
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its own address, ending in a slash."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self, *, newer: bool = False) -> None:
        """Starts it; it may not be answering yet.

        Args:
            newer: Whether it has another version of the player's files.
        """
        command = ["-c", NEWER] if newer else ["-m", "streamlit"]
        self.process = subprocess.Popen(
            [
                *(sys.executable, *command, "run", OURS),
                *("--server.port", str(self.port), "--server.address", "127.0.0.1"),
                *("--server.headless", "true", "--logger.level", "error"),
            ],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Waits until it computes a race within a second."""
        assert self.process is not None
        _until(f"{self.url}ready", self.process)

    def kill(self) -> None:
        """Ends it as if its machine were lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def version(self) -> str:
        """Of its player's files."""
        with urlopen(f"{self.url}health", timeout=PATIENCE) as answer:
            return answer.headers["x-player"]


@contextmanager
def replicas(count: int) -> Iterator[list[Replica]]:
    """Servers that are ready, while the block runs."""
    with ExitStack() as stack:
        all_of_them = [Replica() for _ in range(count)]
        for one in all_of_them:
            one.start()
            stack.callback(one.kill)
        for one in all_of_them:
            one.wait()
        yield all_of_them


def _until(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}: {process.args}")
        try:
            with urlopen(address, timeout=PATIENCE):
                return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise TimeoutError(f"{address} did not answer")
