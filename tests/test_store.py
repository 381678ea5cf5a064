"""What visitors bring, shared by replicas: found by all, and bounded."""

import json
import time
from urllib.request import Request, urlopen

import pytest
from redis_server import redis

from benchmarks.server import OURS, serving
from surfaces.compiled import NotReady, only_ready
from views.lessons.file import lesson_of_file, size_of
from views.lessons.shelf import Behind, Shelf
from views.result import unpack
from views.serving import store as store_module
from views.serving.store import SHARES, SharedStore
from views.stream import ANSWER

LESSON = b"""+++
title = "Mine"
summary = "Own."
+++

# One

```toml
setup = "surface=saddle&on=adam&steps=100"
```

Some $\\alpha$.
"""


def key(number):
    return f"kept-{number:024x}"


@pytest.fixture(scope="module")
def server():
    with redis() as one:
        yield one


@pytest.fixture
def shared(server):
    """A store of eight texts, in which there is nothing."""
    one = SharedStore(server.address, 8)
    one._redis.flushall()
    return one


def shelf(store):
    return Shelf(100, 10**6, Behind(store, lambda text: (text.decode(), len(text))))


def test_what_one_replica_was_given_another_finds(server, shared):
    here, there = shelf(shared), shelf(SharedStore(server.address, 8))
    assert there.get(key(1)) is None
    here.keep(key(1), "a table", 7, "visitor", b"a table")
    assert there.get(key(1)) == "a table"
    # From then on it has it itself.
    shared._redis.flushall()
    assert there.get(key(1)) == "a table"


def test_what_is_looked_for_elsewhere_is_not_there_at_once(shared):
    here, there = shelf(shared), shelf(shared)
    here.keep(key(1), "a table", 7, "visitor", b"a table")
    with only_ready():
        with pytest.raises(NotReady):
            there.get(key(1))
        assert here.get(key(1)) == "a table"
    assert there.get(key(1)) == "a table"
    with only_ready():
        assert there.get(key(1)) == "a table"


@pytest.mark.parametrize(
    "wrong", ["", "kept-", "kept-xyz", "own-1", "a:b", "kept-" + "0" * 25]
)
def test_no_other_key_is_asked_for(shared, wrong):
    shared._redis.set(f"loss-surface:kept:{wrong}", "a secret")
    assert shared.get(wrong) is None


def test_one_visitor_has_a_share_and_all_together_have_so_many(shared):
    for number in range(5):
        shared.put(key(number), b"text", "one")
        time.sleep(0.002)  # by when it was used
    found = [shared.get(key(number)) for number in range(5)]
    assert found == [None] * (5 - 8 // SHARES) + [b"text"] * (8 // SHARES)
    for number in range(10, 20):
        shared.put(key(number), b"text", str(number))
        time.sleep(0.002)
    kept = [n for n in (*range(5), *range(10, 20)) if shared.get(key(n))]
    assert kept == list(range(12, 20))
    names = shared._redis.keys("loss-surface:kept:*-*")
    assert len(names) == 8
    listed = {key.decode() for key in shared._redis.zrange("loss-surface:kept", 0, -1)}
    assert listed == {name.decode().rpartition(":")[2] for name in names}


def test_what_one_visitor_has_too_much_of_is_on_no_list(shared):
    for number in range(5):
        shared.put(key(number), b"text", "one")
        time.sleep(0.002)
    assert shared._redis.zcard("loss-surface:kept") == 8 // SHARES


def test_what_is_used_stays(shared):
    for number in range(8):
        shared.put(key(number), b"text", str(number))
        time.sleep(0.002)
    assert shared.get(key(0)) == b"text"
    shared.put(key(8), b"text", "8")
    assert shared.get(key(0)) == b"text"
    assert shared.get(key(1)) is None


def test_all_of_it_expires(shared):
    shared.put(key(1), b"text", "one")
    for name in shared._redis.keys("*"):
        if name != b"loss-surface:kept":
            assert 0 < shared._redis.ttl(name) <= store_module.DAY
    shared._redis.zadd("loss-surface:kept", {key(2): 0.0})
    shared.put(key(3), b"text", "one")
    names = shared._redis.zrange("loss-surface:kept", 0, -1)
    assert set(names) == {key(1).encode(), key(3).encode()}


def test_no_address_of_a_visitor_is_kept(shared):
    shared.put(key(1), b"text", "203.0.113.7")
    for name in shared._redis.keys("*"):
        assert b"203.0" not in name


def test_without_redis_each_has_its_own(monkeypatch):
    alone = SharedStore("redis://127.0.0.1:1/0", 8)
    here = shelf(alone)
    here.keep(key(1), "a table", 7, "visitor", b"a table")
    assert here.get(key(1)) == "a table"
    assert here.get(key(2)) is None
    # It is not asked again for a while.
    monkeypatch.setattr(alone, "_redis", None)
    assert here.get(key(2)) is None


def test_a_lesson_read_again_is_the_same():
    one, two = lesson_of_file(LESSON), lesson_of_file(LESSON)
    assert one == two
    assert one.html == two.html
    assert size_of(one) == size_of(two)


def test_a_lesson_that_one_replica_took_opens_at_another(server):
    with serving(OURS, VISUALIZER_REDIS=server.address) as here:
        here.wait("ready")
        kind = {"content-type": "text/markdown"}
        with urlopen(Request(f"{here.url}lesson", LESSON, kind)) as answer:
            row = json.load(answer)
    with serving(OURS, VISUALIZER_REDIS=server.address) as there:
        there.wait("ready")
        with urlopen(f"{there.url}race?lesson={row['key']}") as answer:
            header = unpack(answer.read().partition(ANSWER)[2])[0]
    assert header["surface"] == "saddle"
    assert header["steps"] == 100
