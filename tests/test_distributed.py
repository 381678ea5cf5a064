"""Studies that several processes compute together, as the command starts them."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import jax
import numpy as np
import pytest
from loopback import free_port

from optim import OPTIMIZERS
from optim.studies import tiles
from optim.studies.group import Group, group, shared
from views import command, study, together
from views.asked import read
from views.studies import PARTS, work
from views.studies.files import TYPES

ROOT = Path(study.__file__).parents[1]

PATIENCE = 120
"""Seconds that a busy machine is given for what takes a few."""

ADDRESSES = (
    "basins?surface=himmelblau&size=100&steps=300&on=adam",
    "basins?surface=rosenbrock&size=48&on=momentum,adagrad&noise=0.5",
    "basins?surface=tiny_network&batch=3&size=40&steps=60&on=adam",
    "basins?surface=formula&f=x^2%2B3*sin(x*y)&size=40&on=adam&steps=150",
    "basins?surface=ravine&size=24&on=lbfgs&steps=20",
    "plane?surface=ravine&second=momentum.beta&size=40&steps=150",
    "http://host/path/?surface=beale&view=studies&study=rates&steps=300&on=adam",
    "sweep?surface=rosenbrock&steps=300&on=rmsprop_momentum",
    "fan.npz?surface=himmelblau&on=adam&fan=adam&steps=200",
    "curves?surface=rosenbrock&steps=200&on=gradient_descent",
    "swarm?surface=himmelblau&steps=200&on=adam",
    "seeds?surface=rosenbrock&steps=120&on=momentum&noise=0.3",
    "seeds?surface=linear_regression&steps=60&on=gradient_descent&seeds=20",
    "?surface=saddle&view=studies&study=fair&steps=150&schedule=cosine&on=rule~1"
    "&rule~1=w=w-alpha*sign(g)",
)
"""Every study, with what may differ from run to run and from step to step, and a rule
whose runs are chaotic: one rounding more would show."""

LONG = "basins?surface=logistic_regression&size=2048&steps=5000&on=adam"
"""What takes minutes."""


def test_every_study_is_among_those_that_are_compared():
    assert {read(address).study for address in ADDRESSES} == set(PARTS)


# -- one group, by threads -------------------------------------------------------------


class Round:
    """What threads that stand for processes give each other."""

    def __init__(self, count):
        self._barrier = threading.Barrier(count, timeout=PATIENCE)
        self._found = [None] * count

    def gather(self, index):
        def gather(own):
            self._found[index] = own
            self._barrier.wait()
            found = list(self._found)
            self._barrier.wait()
            return found

        return gather


def arrays_of(address, count):
    """The arrays of a study, as each of so many processes has them."""
    round_of = Round(count)

    def process(index):
        with shared(Group(index, count, round_of.gather(index))):
            found = read(address).result(lambda part: None)
        return found.arrays

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(process, range(count)))


def assert_same(found, expected):
    assert set(found) == set(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype, name
        assert found[name].tobytes() == array.tobytes(), name


@pytest.fixture
def nothing_kept(monkeypatch):
    """What one process has found is not another's before it computes."""
    monkeypatch.setattr(work, "_kept", work.Latest(0))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.usefixtures("nothing_kept")
def test_any_number_of_processes_has_what_one_alone_has(count):
    """Also where there are more of them than tiles, and alone by no group at all."""
    for address in (
        "basins?surface=himmelblau&size=33&on=adam&steps=100",
        "seeds?surface=himmelblau&seeds=12&on=adam&steps=80&noise=0.2",
    ):
        assert group() is None
        alone = read(address).result(lambda part: None).arrays
        for found in arrays_of(address, count):
            assert_same(found, alone)


def test_every_tile_is_one_process_s_and_comes_back_in_order():
    whole = list(range(11))
    groups = [Group(k, 4) for k in range(4)]
    shares = [one.share(whole) for one in groups]
    assert sorted(chain(*shares)) == whole
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert Group(3, 4).share([0, 1]) == []
    for own, one in zip(shares, groups, strict=True):
        gathering = Group(one.index, 4, lambda _: shares)
        assert gathering.gathered(own) == whole


@pytest.mark.parametrize("platform", ["cpu", "gpu"])
def test_tiles_of_a_group_depend_on_no_host(platform, monkeypatch):
    """Nor on how many processes there are: their ends may depend on each other's."""
    device = SimpleNamespace(platform=platform)
    divided = {}
    for cores in (1, 64):
        monkeypatch.setattr(tiles, "_cores", lambda devices, cores=cores: cores)
        for count in (1, 5):
            with shared(Group(0, count)):
                for runs in (1, 200, 128**2, 2048**2):
                    found = tiles.tiles_of(runs, [device], OPTIMIZERS["adam"])
                    assert divided.setdefault(runs, found) == found
                    assert sum(tile.stop - tile.start for tile in found) == runs
    assert len(divided[2048**2]) >= 16
    assert divided[200][0].stop == {"cpu": 64, "gpu": 200}[platform]


def test_a_study_in_a_group_takes_no_part_of_another_thread_s():
    with shared(Group(0, 2)), ThreadPoolExecutor(1) as pool:
        assert pool.submit(group).result() is None
    assert group() is None


def test_what_is_sent_is_read_back_to_the_bit():
    parts = [
        (np.array([1.5, np.nan, -np.inf]), np.array([[1, 2]], np.int8).T),
        (np.zeros((0, 3), np.float32), np.array([7], np.int32)[::-1]),
    ]
    found = together._unpacked(together._packed(parts))
    for part, back in zip(parts, found, strict=True):
        for array, same in zip(part, back, strict=True):
            assert same.dtype == array.dtype
            assert same.shape == array.shape
            assert same.tobytes() == array.tobytes()
    assert together._unpacked(together._packed([])) == []


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (["basins", jax.__version__], "Process 1 was given another study"),
        (["plane", "0.1.2"], "Process 1 has JAX 0.1.2 and this one"),
    ],
)
def test_processes_that_differ_are_refused(other, words):
    text = np.frombuffer(json.dumps(other).encode(), np.uint8)
    two = Group(0, 2, lambda own: [own, [(text,)]])
    with pytest.raises(together.Failure, match=words):
        together.agree(two, "plane")
    together.agree(Group(), "plane")


# -- the command, by itself ------------------------------------------------------------


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.usefixtures("nothing_kept")
def test_the_file_is_that_of_a_server(form, tmp_path, get):
    address = "basins?surface=ravine&size=8&on=adam&steps=30"
    path = tmp_path / f"maps.{form}"
    assert ended(f"http://player/{address}", "-o", str(path)) == 0
    served = get(f"basins.{form}", **dict(parse_qsl(address.partition("?")[2])))
    assert served.status_code == 200
    if form == "npz":
        (tmp_path / "served.npz").write_bytes(served.content)
        with np.load(path) as one, np.load(tmp_path / "served.npz") as other:
            arrays = {k: one[k] for k in one if k != "header"}
            assert_same(arrays, {k: other[k] for k in other if k != "header"})
    elif form == "csv":
        assert path.read_bytes() == served.content
    elif form == "json":
        one, other = json.loads(path.read_bytes()), served.json()
        assert one.pop("milliseconds") > 0
        assert other.pop("milliseconds") > 0
        one.pop("steps_per_second"), other.pop("steps_per_second")
        assert one == other
    else:
        from pyarrow import parquet

        (tmp_path / "served").write_bytes(served.content)
        assert parquet.read_table(path).equals(parquet.read_table(tmp_path / "served"))


def ended(*arguments):
    with pytest.raises(SystemExit) as end:
        study.main(arguments)
    return end.value.code


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("?surface=nowhere", "surface “nowhere” is unknown"),
        ("?surface=ravine", "This address shows a race and no study"),
        ("race?surface=ravine", "This address shows a race and no study"),
        ("sweep?surface=ravine&size=9", "Size is not a setting of sweep"),
        ("basins?surface=ravine&size=4096", "from 8 to 2048"),
        ("basins?surface=formula&f=foo(x", "f “foo(x”: unknown name"),
    ],
)
def test_a_wrong_address_is_refused_in_a_sentence(address, words, tmp_path):
    path = tmp_path / "maps.npz"
    assert words in ended(address, "-o", str(path))
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr("views.asked.Asked.result", None)
    there = tmp_path / "maps.npz"
    there.write_bytes(b"kept")
    address = "basins?surface=ravine"
    assert "is there already; --overwrite" in ended(address, "-o", str(there))
    assert there.read_bytes() == b"kept"
    for path, words in {
        tmp_path / "no" / "maps.npz": "Nothing can be written in",
        there / "maps.npz": "Nothing can be written in",
        tmp_path: "A file of a study ends in .csv",
        there.with_suffix(".exe"): "A file of a study ends in .csv",
    }.items():
        assert words in ended(address, "-o", str(path))
    large = "basins?surface=ravine&size=2048&on=adam"
    words = ended(large, "-o", str(tmp_path / "maps.csv"))
    assert "4,194,304 values, and 2,000,000 fit into a file that ends in .csv" in words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--process 1", "belong together"),
        ("--coordinator host:1 --processes 2 --process 2", "one less than --processes"),
        ("--coordinator host --processes 2 --process 1", "as in 10.0.0.1:8476"),
        ("--cluster --process 1", "--cluster finds what"),
        ("--wait 0", "1 to 86400"),
        ("--from more.txt", "give an address, or --from"),
    ],
)
def test_options_that_say_too_little_are_refused(options, words, capsys):
    assert ended("basins?surface=ravine", "-o", "maps.npz", *options.split()) == 2
    assert words in capsys.readouterr().err


def test_the_command_has_study(monkeypatch):
    given = []
    monkeypatch.setattr(study, "main", given.append)
    monkeypatch.setattr(sys, "argv", ["loss-surface", "study", "?", "-o", "a.npz"])
    command.main()
    assert given == [["?", "-o", "a.npz"]]


def test_a_list_goes_on_after_what_is_wrong_and_where_it_was_stopped(tmp_path, capsys):
    lines, folder = tmp_path / "addresses.txt", tmp_path / "maps"
    good = "basins?surface=%s&size=8&on=adam&steps=30"
    lines.write_text(f"# a term\n{good % 'saddle'}\n\n?surface=no\n{good % 'ravine'}\n")
    asked = "--from", str(lines), "-o", str(folder)
    assert ended(*asked) == 1
    names = {"0001-basins-saddle.npz", "0003-basins-ravine.npz"}
    assert {path.name for path in folder.iterdir()} == names
    said = capsys.readouterr().err
    assert "?surface=no: surface “no” is unknown" in said
    (folder / "0003-basins-ravine.npz").unlink()
    ended(*asked)
    assert "0001-basins-saddle.npz is there already." in capsys.readouterr().err
    assert {path.name for path in folder.iterdir()} == names


# -- the command, in several processes -------------------------------------------------


def by_hand(port, count, index):
    return (
        *("--coordinator", f"127.0.0.1:{port}"),
        *("--processes", str(count), "--process", str(index)),
    )


def slurm(port, count, index):
    """What Slurm says to each process of a step."""
    return {
        "JAX_COORDINATOR_PORT": str(port),
        "SLURM_JOB_ID": "77",
        "SLURM_STEP_NODELIST": "localhost",
        "SLURM_NTASKS": str(count),
        "SLURM_PROCID": str(index),
        "SLURM_LOCALID": "0",
    }


# What a shell has started in the background ignores Ctrl-C; this does not.
COMMAND = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from views.command import main; main()",
    "study",
)


class Processes:
    """The command, started as often as there are processes.

    Args:
        count: How many they are.
        arguments: Of all of them.
        each: More, of each.
        port: Where they meet.
        cluster: How each is said that by its environment.
    """

    def __init__(self, count, *arguments, each=((), ()), port=None, cluster=None):
        port = port or free_port()
        cache = jax.config.jax_compilation_cache_dir
        more = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
        if cache:
            more["JAX_COMPILATION_CACHE_DIR"] = str(cache)
        self.all = [
            subprocess.Popen(
                [
                    *(*COMMAND, *arguments),
                    *each[k],
                    *(["--cluster"] if cluster else by_hand(port, count, k)),
                ],
                cwd=ROOT,
                env=os.environ | more | (cluster(port, count, k) if cluster else {}),
                stderr=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                text=True,
            )
            for k in range(count)
        ]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.all:
            process.kill()
            process.communicate()

    def ends(self):
        """How each has ended, and what it has said."""
        said = [process.communicate(timeout=PATIENCE)[1] for process in self.all]
        return [(p.returncode, text) for p, text in zip(self.all, said, strict=True)]

    def until_at_work(self):
        line = self.all[0].stderr.readline()
        assert line.startswith("basins of Logistic regression: "), line


def test_all_studies_are_the_same_to_the_bit_in_two_processes(tmp_path):
    lines = tmp_path / "addresses.txt"
    lines.write_text("\n".join(ADDRESSES))
    with Processes(2, "--from", str(lines), "-o", str(tmp_path / "two")) as two:
        ends = two.ends()
    assert [code for code, _ in ends] == [0, 0], ends
    assert ends[1][1] == "", "only process 0 says anything"
    files = sorted((tmp_path / "two").iterdir())
    assert len(files) == len(ADDRESSES), "only process 0 writes, and nothing is left"
    for address, path in zip(ADDRESSES, files, strict=True):
        with shared(Group()):
            alone = read(address).result(lambda part: None)
        with np.load(path) as found:
            header = json.loads(str(found["header"]))
            arrays = {k: found[k] for k in found if k not in ("header", "setup")}
        assert_same(arrays, alone.arrays)
        assert header["device"].endswith(", 2 processes")
        assert header["runs"] == alone.header["runs"]


@pytest.mark.parametrize(("gone", "number"), [(0, signal.SIGINT), (1, signal.SIGKILL)])
def test_where_one_process_ends_the_others_say_so_and_end(gone, number, tmp_path):
    path = tmp_path / "maps.npz"
    with Processes(2, LONG, "-o", str(path)) as two:
        two.until_at_work()
        two.all[gone].send_signal(number)
        ends = two.ends()
    code, said = ends[1 - gone]
    assert code == 1
    assert said.splitlines()[-1] == together.GONE
    assert "Traceback" not in said
    assert ends[gone][0] == (130 if number == signal.SIGINT else -number)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "ends_at",
    ["key_value_set_bytes", "blocking_key_value_get_bytes", "key_value_delete"],
)
def test_a_process_whose_store_is_gone_says_that(monkeypatch, ends_at):
    def answer(*_):
        return together._packed([])

    def gone(*_):
        raise jax.errors.JaxRuntimeError("UNAVAILABLE: Socket closed\nmore of it")

    names = ("key_value_set_bytes", "blocking_key_value_get_bytes", "key_value_delete")
    client = SimpleNamespace(**dict.fromkeys(names, answer))
    runtime = SimpleNamespace(process_id=1, num_processes=2, client=client)
    monkeypatch.setattr(together, "_runtime", lambda: runtime)
    store = together._Store()
    store.gather([])
    setattr(client, ends_at, gone)
    with pytest.raises(together.Failure) as said:
        store.gather([])
    assert str(said.value) == together.GONE


def test_processes_with_different_addresses_refuse(tmp_path):
    each = [[f"basins?surface={name}"] for name in ("ravine", "saddle")]
    with Processes(2, "-o", str(tmp_path / "maps.npz"), each=each) as two:
        ends = two.ends()
    assert [code for code, _ in ends] == [1, 1]
    # One may end before the other has asked.
    assert any("was given another study" in said for _, said in ends), ends
    assert all(said.count("\n") == 1 for _, said in ends), ends
    assert not list(tmp_path.iterdir())


def test_a_cluster_says_who_is_who(tmp_path):
    address = "swarm?surface=ravine&steps=40&on=adam"
    path = tmp_path / "swarm.csv"
    with Processes(2, address, "-o", str(path), cluster=slurm) as two:
        ends = two.ends()
    assert [code for code, _ in ends] == [0, 0], ends
    assert ends[0][1].startswith(f"{path}: "), ends
    assert ends[1][1] == ""
    assert ", 2 processes\n" in path.read_text()


def test_without_a_cluster_that_is_said(tmp_path):
    asked = [*COMMAND, "basins?surface=ravine"]
    asked += ["-o", str(tmp_path / "a.npz"), "--cluster"]
    done = subprocess.run(
        asked, cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=PATIENCE
    )
    assert done.returncode == 1
    assert done.stderr == (
        "JAX finds no cluster here; say --coordinator, --processes and --process "
        "instead.\n"
    )


def test_one_process_alone_can_be_stopped(tmp_path):
    long = LONG.replace("steps=5000", "steps=800")
    asked = [*COMMAND, long]
    asked += ["-o", str(tmp_path / "a.npz")]
    with subprocess.Popen(asked, cwd=ROOT, stderr=subprocess.PIPE, text=True) as one:
        assert one.stderr.readline().startswith("basins of Logistic regression: ")
        one.send_signal(signal.SIGINT)
        said = one.communicate(timeout=PATIENCE)[1]
    assert one.returncode == 130
    assert said.splitlines()[-1] == "Stopped."
    assert not list(tmp_path.iterdir())


def test_a_process_that_never_comes_is_waited_for_so_long(tmp_path):
    arguments = "basins?surface=ravine", "-o", str(tmp_path / "a.npz"), "--wait", "1"
    port = free_port()
    with Processes(2, *arguments, port=port) as two:
        two.all[1].kill()
        two.all[1].wait()
        code, said = two.ends()[0]
    assert code == 1
    assert said == (
        f"Not all processes met at 127.0.0.1:{port} within 1 seconds; start each of "
        "them, with the same address and number of processes.\n"
    )


def test_a_port_that_is_taken_is_said():
    from socket import create_server

    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(together.Failure, match=f"Port {port} cannot be used here"):
            together.refuse_port(f"127.0.0.1:{port}")
    together.refuse_port(f"127.0.0.1:{free_port()}")
