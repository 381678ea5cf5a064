"""A Redis of Debian's package, on a port of its own; what is missing is installed."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest

PATIENCE = 30


def find_redis():
    """The path of its server."""
    if path := shutil.which("redis-server"):
        return path
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "-y", "redis-server"]):
            subprocess.run(["apt-get", *words], stdin=subprocess.DEVNULL, check=False)
    if path := shutil.which("redis-server"):
        return path
    pytest.fail("These tests need Redis and could not install it: redis-server.")


class Redis:
    """One server, which can be ended and started again, and forgets all between."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [find_redis(), *options], stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < end, "Redis did not start"
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()


@contextmanager
def redis():
    one = Redis()
    try:
        yield one
    finally:
        one.stop()
