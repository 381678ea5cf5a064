"""Functions of a loss, compiled once for each loss and kept within one budget.

JAX keeps what it compiles as long as the function it was compiled from, and beside it
what it was traced to. Here each version is compiled ahead of its first call, so that
nothing but the machine code is kept, in one store for all functions (budget.py). What
was compiled for a loss or a rule that is typed is not written to disk.
"""

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from functools import partial, update_wrapper, wraps
from typing import Any

import jax

# JAX has no public way to keep one compilation off the disk. Tested: an update that
# moves this makes a test fail.
from jax._src.config import persistent_cache_min_compile_time_secs
from jax.core import Tracer

from surfaces.budget import STORE, Key, Store

AT_ONCE = 2
"""Compilations at the same time; more wait for their turn."""

_turns = threading.BoundedSemaphore(AT_ONCE)
_mine = threading.local()

_EXTRA_OPTIONS = (
    "xla_cpu_small_while_loop_byte_threshold=100000000,"
    "xla_cpu_disable_new_fusion_emitters,"
    "xla_cpu_disable_slp_vectorizer"
)


def _set_options_of_xla() -> None:
    """Has XLA compile a loop as one function of machine code on the CPU, and soon.

    By itself it calls a function for each operation of each step: a race is mostly
    such calls, and takes 2 to 7 times as long and three times the mappings. What is
    outside of loops it compiles number by number, with passes that gain nothing here:
    without them a study runs as fast, and is compiled in two thirds of the time. XLA
    reads this when it first computes; where it already has, it stays as it was. A
    version of XLA that does not know one of these options ignores it.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_backend_extra_options" not in flags:
        os.environ["XLA_FLAGS"] = (
            f"{flags} --xla_backend_extra_options={_EXTRA_OPTIONS}".strip()
        )


_set_options_of_xla()


class EphemeralLoss:
    """A loss that comes and goes. Subclasses can be compared and hashed."""


class ArrayLoss(EphemeralLoss, ABC):
    """A loss that is given by arrays. They are arguments of what is compiled for it.

    So it is compiled once for each shape of them, and holds no copies.
    """

    arrays: Any
    """What it is given by, in a tuple."""

    @property
    @abstractmethod
    def of_arrays(self) -> Callable[..., Any]:
        """The loss of these arrays, of the parameters and a point, in this order."""


class NotReady(Exception):
    """Something would have to be compiled, where only what is ready was asked for."""


@contextmanager
def only_ready() -> Iterator[None]:
    """Has whatever would take long to prepare raise `NotReady`, in this thread.

    So a queue of short work learns that some is not, before it spends any time on it.
    """
    before = getattr(_mine, "only_ready", False)
    _mine.only_ready = True
    try:
        yield
    finally:
        _mine.only_ready = before


def prepare() -> None:
    """Is called before anything that takes long, and is kept afterwards.

    Raises:
        NotReady: Within `only_ready`.
    """
    if getattr(_mine, "only_ready", False):
        raise NotReady


class Compiled:
    """A function whose first argument is a loss, compiled when it is first called.

    With `wide`, it is for arrays of thousands of numbers: vectors are as wide as the
    processor has them, and not half of that, as XLA would have them by itself.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        static_argnames: str | None = None,
        wide: bool = False,
        store: Store = STORE,
    ) -> None:
        update_wrapper(self, function)
        self._function = function
        self._static = static_argnames
        self._options = {"xla_cpu_prefer_vector_width": 512} if wide else None
        self._store = store
        self._lock = threading.Lock()
        self._under_way: dict[Key, Future[Any]] = {}

    def __call__(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the function, compiled."""
        leaves, given, key = self._key(fn, args, kwargs)
        if any(isinstance(leaf, Tracer) for leaf in given):
            return self._function(fn, *args, **kwargs)
        version = self._store.get(key)
        if version is None:
            version = self._made(key, fn, leaves, args, kwargs)
        return version(leaves, *args)

    def forget(self) -> None:
        """Drops all versions: they are compiled again when they are called."""
        mine = [key for key in self._store.keys() if key[0] is self]
        self._store.discard(mine)

    def _key(self, fn: Any, args: Any, kwargs: Any) -> tuple[Any, Any, Any]:
        """What is left of the loss, and of all, and what decides on the version."""
        # A parameter is a leaf, and so an argument: another value is the same version.
        leaves, structure = _flatten(fn)
        given, form = _flatten((leaves, args))
        shapes = tuple(map(_kind, given))
        static = kwargs.get(self._static or "")
        # Public, but made while JAX is imported, so a type checker does not know it.
        device = jax.config.jax_default_device  # pyright: ignore[reportAttributeAccessIssue]
        return leaves, given, (self, structure, static, form, shapes, device)

    def _made(self, key: Any, fn: Any, leaves: Any, args: Any, kwargs: Any) -> Any:
        """A new version; who asks for one that is under way waits for it.

        Raises:
            NotReady: Within `only_ready`.
        """
        prepare()
        with self._lock:
            under_way = self._under_way.get(key)
            mine = under_way is None
            if mine:
                under_way = self._under_way[key] = Future()
        if not mine:
            return under_way.result()
        try:
            typed = ephemeral_loss(fn) is not None or _ephemeral(key[2])
            version = self._compile(key[1], typed, leaves, args, kwargs)
            self._store.put(key, version, typed)
            under_way.set_result(version)
            return version
        except BaseException as error:
            under_way.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[key]

    def _compile(
        self, structure: Any, typed: bool, leaves: Any, args: Any, kwargs: Any
    ) -> Any:
        @wraps(self._function)
        def within(leaves: Any, *args: Any) -> Any:
            fn = jax.tree.unflatten(structure, leaves)
            return self._function(fn, *args, **kwargs)

        unwritten = persistent_cache_min_compile_time_secs(float("inf"))
        with turn(), unwritten if typed else nullcontext():
            jitted = jax.jit(within, compiler_options=self._options)
            return jitted.lower(leaves, *args).compile()


# Of the registry itself: `jax.tree.flatten` is called as often as anything here.
_flatten = jax.tree_util.tree_flatten


def _kind(value: Any) -> Any:
    """What of an argument decides which version is called."""
    try:
        return value.shape, value.dtype
    except AttributeError:
        return type(value)


@contextmanager
def turn() -> Iterator[None]:
    """A turn to trace or compile, which a compilation within another has already."""
    if getattr(_mine, "compiling", False):
        yield
        return
    with _turns:
        _mine.compiling = True
        try:
            yield
        finally:
            _mine.compiling = False


def _ephemeral(static: Any) -> bool:
    """Whether anything that is fixed when compiling comes and goes."""
    parts = static if isinstance(static, tuple) else (static,)
    return any(getattr(part, "ephemeral", False) for part in parts)


def ephemeral_loss(fn: Any) -> EphemeralLoss | None:
    """The loss inside nested partials, if it is one that comes and goes."""
    if isinstance(fn, EphemeralLoss):
        return fn
    if isinstance(fn, partial):
        return next(filter(None, map(ephemeral_loss, (fn.func, *fn.args))), None)
    return None
