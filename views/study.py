"""`loss-surface study`: the study of an address as a file, on one host or on many.

    loss-surface study "basins?surface=ravine&size=256" -o maps.npz

Started so on several hosts, with an address at which they meet, each computes its share
of the runs, and process 0 writes the file (together.py):

    loss-surface study "basins?…" -o maps.npz --coordinator HOST:PORT \
        --processes 2 --process 0        and on the other --process 1
"""

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import jax

from optim.studies.group import Group, shared
from views import together
from views.asked import Asked, form_of, read
from views.result import ProgressCallback
from views.stream import sentence
from views.studies import PARTS
from views.studies.files import TYPES, file_name
from views.studies.words import computed, surface_name

MOST_BYTES = 2**22
"""Of a file of addresses."""

SAY_EVERY = 2.0
"""Seconds between two words of the progress."""


class Failure(RuntimeError):
    """Why there is no file, in a sentence."""


class Line(NamedTuple):
    """One study to be made a file of.

    Attributes:
        address: As it was given.
        asked: The study, or what is wrong with the address, in a sentence.
        path: Of the file.
    """

    address: str
    asked: Asked | str
    path: Path


def main(arguments: Sequence[str]) -> None:
    """Makes the files, or says in a sentence why not."""
    options = _parsed(arguments)
    try:
        if options.several:
            _check_first(options)
            sys.exit(together.watch("views.study", arguments, options))
        sys.exit(_make(options, Group()))
    except (Failure, together.Failure) as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)


def work(arguments: Sequence[str]) -> None:
    """Makes the files as one of several processes, which ends with it."""
    sys.stderr, code = sys.stdout, 1
    together.end_with_input()
    try:
        options = _parsed(arguments)
        code = _make(options, together.join(options))
        together.leave()
    except (Failure, together.Failure) as failure:
        sys.stderr.write(f"{failure}\n")
    except Exception:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)  # Else JAX would wait for the others, which may not have failed.


def _check_first(options: argparse.Namespace) -> None:
    """Says what is wrong before any other process is waited for.

    Raises:
        Failure: For the first thing that is.
    """
    jax.config.update("jax_platforms", "cpu")  # GPUs are for the one that computes.
    if options.list is None:
        _lines(options)
    else:
        _addresses(options.list)
    if options.process == 0:
        together.refuse_port(options.coordinator)
        _check_output(options)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "loss-surface study",
        description="Computes the study that an address shows, and saves it as a file.",
    )
    parser.add_argument("address", nargs="?", help="of a page or a study")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        help=f"the file, which ends in .{', .'.join(TYPES)}; with --from, a folder",
    )
    parser.add_argument(
        "--from", dest="list", type=Path, help="a file with an address a line"
    )
    parser.add_argument("--part", choices=PARTS, help="which study of a page")
    parser.add_argument(
        "--format", choices=TYPES, default="npz", help="of the files in a folder"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace what is there already"
    )
    several = parser.add_argument_group("on several hosts")
    several.add_argument("--coordinator", help="HOST:PORT at which process 0 is")
    several.add_argument("--processes", type=int, help="how many they are")
    several.add_argument("--process", type=int, help="which this one is, from 0")
    several.add_argument(
        "--cluster",
        nargs="?",
        const="",
        help="all three by JAX from Slurm, Open MPI or Kubernetes; or mpi4py",
    )
    several.add_argument(
        "--wait", type=int, default=300, help="seconds in which all have to come"
    )
    options = parser.parse_args(arguments)
    if (options.address is None) == (options.list is None):
        parser.error("give an address, or --from with a file of addresses")
    by_hand = (options.coordinator, options.processes, options.process)
    options.several = options.cluster is not None or by_hand != (None, None, None)
    if options.cluster is not None and by_hand != (None, None, None):
        parser.error("--cluster finds what --coordinator, --processes, --process say")
    if options.several and options.cluster is None:
        if None in by_hand:
            parser.error("--coordinator, --processes and --process belong together")
        if not 0 <= options.process < options.processes:
            parser.error("--process is from 0 to one less than --processes")
        host, _, port = options.coordinator.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
            parser.error("--coordinator is HOST:PORT, as in 10.0.0.1:8476")
    if not 1 <= options.wait <= 86_400:
        parser.error("--wait is 1 to 86400 seconds")
    return options


def _make(options: argparse.Namespace, group: Group) -> int:
    """Makes all files; 1 if any is missing.

    Raises:
        Failure: If there is only one, and it cannot be made.
    """
    lines, first = _lines(options), group.index == 0
    if first:
        _check_output(options)
    together.agree(group, "\n".join(_identity(line.asked) for line in lines))
    there = [path.exists() and not options.overwrite for *_, path in lines]
    there = json.loads(together.exchanged(group, json.dumps(there))[0])
    say = sys.stderr.write if first else len
    missing = 0
    for line, done in zip(lines, there, strict=True):
        if done:
            say(f"{line.path} is there already.\n")
            continue
        try:
            say(f"{line.path}: {_file(line, group)}.\n")
        except Failure as failure:
            if options.list is None:
                raise
            missing += 1
            say(f"{line.address}: {failure}\n")
    return bool(missing)


def _file(line: Line, group: Group) -> str:
    """Makes a file, and says of what; other processes than the first only help.

    Raises:
        Failure: If it cannot be made.
    """
    asked, path, began = line.asked, line.path, monotonic()
    if isinstance(asked, str):
        raise Failure(asked)
    progress = _progress(f"{asked.study} of {surface_name(asked.setup)}")
    try:
        with shared(group):
            found = asked.result(progress if group.index == 0 else lambda part: None)
        if group.index > 0:
            return ""
        if group.count > 1:
            device = f"{found.device}, {group.count} processes"
            found = replace(found, device=device)
        data = asked.file(found, form_of(path.suffix), progress)
    except ValueError as error:
        raise Failure(sentence(error)) from None
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.") from None
    return f"{computed(found)}, {monotonic() - began:.1f} seconds"


def _progress(label: str) -> ProgressCallback:
    """Says how far the work has come, now and then."""
    said = monotonic()

    def progress(part: float) -> None:
        nonlocal said
        if monotonic() - said >= SAY_EVERY:
            said = monotonic()
            sys.stderr.write(f"{label}: {part:.0%}\n")
            sys.stderr.flush()

    return progress


# -- what is to be done ----------------------------------------------------------------


def _lines(options: argparse.Namespace) -> list[Line]:
    """Everything that is to be made.

    Raises:
        Failure: If there is only one, and it is wrong; if there is no list.
    """
    if options.list is not None:
        found = enumerate(_addresses(options.list), 1)
        return [_line(options, address, k) for k, address in found]
    line = _line(options, options.address)
    if isinstance(line.asked, str):
        raise Failure(line.asked)
    return [line]


def _addresses(path: Path) -> list[str]:
    """The addresses of a list, one a line; empty lines and those with # are none.

    Raises:
        Failure: If there are none, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > MOST_BYTES:
        raise Failure(f"{path} is longer than {MOST_BYTES:,} bytes.")
    lines = map(str.strip, data.decode(errors="replace").splitlines())
    if not (addresses := [line for line in lines if line and line[0] != "#"]):
        raise Failure(f"There is no address in {path}.")
    return addresses


def _line(options: argparse.Namespace, address: str, number: int = 0) -> Line:
    """A study to be made a file of; those of a list are numbered."""
    path = options.output
    try:
        form = options.format if number else form_of(path.suffix)
        asked = read(address, options.part)
        asked.refuse(form)
        if number:
            path /= f"{number:04d}-{file_name(asked.study, asked.setup, form)}"
    except ValueError as error:
        asked, path = sentence(error), path / f"{number:04d}"
    return Line(address, asked, path)


def _identity(asked: Asked | str) -> str:
    return asked if isinstance(asked, str) else asked.identity


def _check_output(options: argparse.Namespace) -> None:
    """Makes sure that files can be written, before any work is spent.

    Raises:
        Failure: If they cannot, or if the only one is there already.
    """
    path = options.output
    if options.list is None and path.exists() and not options.overwrite:
        raise Failure(f"{path} is there already; --overwrite replaces it.")
    folder = path.resolve() if options.list else path.resolve().parent
    try:
        if options.list:
            folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror
        raise Failure(f"Nothing can be written in {folder}: {why}.") from None


if __name__ == "__main__":
    work(sys.argv[1:])
