"""Several processes, on one host or many, that compute studies together.

JAX's own runtime joins them (`jax.distributed`): process 0 serves the others at an
address, all send signs of life, and what each has computed goes through its store.
That is all that crosses between them: every process computes on its own devices.

The runtime ends a process at once, by a signal, where another is gone. So the process
that is started only watches over one that works, and says in a sentence how that ended.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
from safetensors.numpy import load, save

from optim.studies.group import Arrays, Group

SIGNS_OF_LIFE = 10
"""Seconds without one after which a process is given up."""

LOOK_EVERY = 1_000
"""Milliseconds after which it is asked again for what is not there yet, so that other
threads of this process come to act."""

FINISH = 600
"""Seconds in which process 0 has to write the file while the others wait."""

_ROOT = Path(__file__).parents[1]
_LOST = "JAX distributed service detected fatal errors"
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_JOINED = "joined\n"
"""What a process writes, for the one that watches, once it has met the others."""
GONE = (
    "Another process of this study has ended or does not answer, so this one ends, too."
)


class Failure(RuntimeError):
    """Why the processes do not work together, in a sentence."""


# -- the process that watches ----------------------------------------------------------


def watch(module: str, arguments: Sequence[str], asked: Namespace) -> int:
    """Has another process do the work, and returns how that ended, 0 if well.

    Args:
        module: Is run as `python -m`; its standard output is this process's standard
            error, and it ends when its standard input does.
        arguments: Of the command.
        asked: The same, read.

    Raises:
        Failure: If that process did not end by itself.
    """
    paths = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    with tempfile.TemporaryFile() as said:
        working = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=sys.stderr.fileno(),
            stderr=said,
            env=os.environ | {"PYTHONPATH": paths},
            start_new_session=True,
        )
        try:
            code = working.wait()
        finally:
            working.kill()
            working.wait()
        said.seek(0)
        text = said.read().decode(errors="replace")
    if code >= 0:
        return code
    if not text.startswith(_JOINED) and _LOST in text:
        raise Failure(_not_met(asked))
    if _LOST in text:
        raise Failure(GONE)
    name = signal.Signals(-code).name
    raise Failure(f"The process that computes was ended by {name}.")


def refuse_port(coordinator: str) -> None:
    """Refuses an address at which this host cannot be met.

    Raises:
        Failure: In one sentence.
    """
    host, _, port = coordinator.rpartition(":")
    at = host if host in _LOCAL else ""
    try:
        # As JAX does; it would not survive that the port is taken.
        socket.create_server((at.strip("[]"), int(port))).close()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Failure(f"Port {port} cannot be used here: {why}.") from None


def _not_met(asked: Namespace) -> str:
    at = f" at {asked.coordinator}" if asked.coordinator else ""
    return (
        f"Not all processes met{at} within {asked.wait} seconds; start each of them, "
        "with the same address and number of processes."
    )


# -- the process that works ------------------------------------------------------------


def end_with_input() -> None:
    """Ends this process when the one that watches over it has gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def join(asked: Namespace) -> Group:
    """Joins the other processes; before JAX computes anything.

    Args:
        asked: The options of the command.

    Raises:
        Failure: If they do not come, or there is no cluster that JAX knows.
    """
    logging.getLogger("jax").setLevel(logging.CRITICAL)
    # Nothing that is computed crosses from device to device of another host.
    jax.config.update("jax_cpu_collectives_implementation", None)
    local = (asked.coordinator or "").rpartition(":")[0] in _LOCAL
    try:
        jax.distributed.initialize(
            asked.coordinator,
            asked.processes,
            asked.process,
            # Where the options say it all, no environment is asked.
            cluster_detection_method=(asked.cluster or None)
            if asked.coordinator is None
            else "deactivate",
            initialization_timeout=asked.wait,
            heartbeat_timeout_seconds=SIGNS_OF_LIFE,
            shutdown_timeout_seconds=FINISH,
            coordinator_bind_address=asked.coordinator if local else None,
        )
    except ValueError:
        raise Failure(
            "JAX finds no cluster here; say --coordinator, --processes and --process "
            "instead."
        ) from None
    except jax.errors.JaxRuntimeError:
        raise Failure(_not_met(asked)) from None
    os.write(2, _JOINED.encode())
    runtime = _runtime()
    return Group(runtime.process_id, runtime.num_processes, _Store().gather)


def agree(group: Group, what: str) -> None:
    """Makes sure that all processes do the same.

    Args:
        group: All of them.
        what: What this one does, as text.

    Raises:
        Failure: If another does something else, or by another JAX.
    """
    here = [what, jax.__version__]
    for k, text in enumerate(exchanged(group, json.dumps(here))):
        there = json.loads(text)
        if there[1] != here[1]:
            raise Failure(
                f"Process {k} has JAX {there[1]} and this one {here[1]}; all need the "
                "same."
            )
        if there[0] != here[0]:
            raise Failure(
                f"Process {k} was given another study than this one; start all of "
                "them with the same address and options."
            )


def exchanged(group: Group, text: str) -> list[str]:
    """What each process says, given what this one does."""
    own = np.frombuffer(text.encode(), np.uint8)
    return [found.tobytes().decode() for ((found,),) in group.gather([(own,)])]


def leave() -> None:
    """Leaves when all do."""
    jax.distributed.shutdown()


def _runtime() -> Any:
    """The runtime of this process, of which JAX makes no part public."""
    from jax._src import distributed

    return distributed.global_state


class _Store:
    """What each process has put into the store of process 0, round by round."""

    def __init__(self) -> None:
        self._round = 0

    def gather(self, own: list[Arrays]) -> list[list[Arrays]]:
        """What each process has found, given what this one has."""
        runtime = _runtime()
        index, client = runtime.process_id, runtime.client
        self._round += 1
        with _reached():
            client.key_value_set_bytes(f"{self._round}/{index}", _packed(own))
        found = [
            own if k == index else _unpacked(self._got(client, f"{self._round}/{k}"))
            for k in range(runtime.num_processes)
        ]
        # Who has put something into this round has read all of the one before.
        if self._round > 1:
            with _reached():
                client.key_value_delete(f"{self._round - 1}/{index}")
        return found

    def _got(self, client: Any, key: str) -> bytes:
        while True:
            try:
                return client.blocking_key_value_get_bytes(key, LOOK_EVERY)
            except jax.errors.JaxRuntimeError as error:
                if "DEADLINE_EXCEEDED" not in str(error):
                    raise Failure(GONE) from None


@contextmanager
def _reached() -> Iterator[None]:
    """Says that the store is gone where process 0 has ended."""
    try:
        yield
    except jax.errors.JaxRuntimeError:
        raise Failure(GONE) from None


def _packed(parts: list[Arrays]) -> bytes:
    return save(
        {
            f"{k}/{i}": np.ascontiguousarray(array)
            for k, part in enumerate(parts)
            for i, array in enumerate(part)
        }
    )


def _unpacked(data: bytes) -> list[Arrays]:
    found: dict[int, dict[int, np.ndarray]] = {}
    for name, array in load(data).items():
        k, i = map(int, name.split("/"))
        found.setdefault(k, {})[i] = array
    return [[part[i] for i in range(len(part))] for _, part in sorted(found.items())]
