"""Compiled functions of a loss, of which only the latest are kept.

JAX keeps what it compiles as long as the function it was compiled from. That takes a
megabyte or two, and dozens of the 65,530 mappings that Linux gives a process, without
which the next compilation ends it. Rules times surfaces are many, and of formulas that
are typed there is no end: so each loss gets a function of its own, which is dropped
once enough others have come. What was compiled for a typed one is not written to disk.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial, update_wrapper, wraps
from threading import Lock
from typing import Any

import jax
import numpy as np

# JAX has no public way to keep one compilation off the disk. Tested: an update that
# moves this makes a test fail.
from jax._src.config import persistent_cache_min_compile_time_secs

KEPT = 48
"""Versions that each compiled function keeps for typed losses."""

LASTING = 320
"""Versions that it keeps for all others: twice what the default races need."""

SHAPES = 240
"""The same, of a function for which each shape of its arguments is a version."""


class Transient:
    """A loss that comes and goes. Subclasses can be compared and hashed."""


class Compiled:
    """A jitted function whose first argument is a loss.

    With `by_shape`, arguments of other shapes make another version, so that one that is
    called with many of them does not keep more than is meant. With `wide`, it is for
    arrays of thousands of numbers: vectors are as wide as the processor has them, and
    not half of that, as XLA would have them by itself.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        static_argnames: str | None = None,
        by_shape: bool = False,
        wide: bool = False,
    ) -> None:
        update_wrapper(self, function)
        self._by_shape = by_shape
        self._function = function
        self._static = static_argnames
        options = {"xla_cpu_prefer_vector_width": 512} if wide else None
        self._jit = partial(
            jax.jit, static_argnames=static_argnames, compiler_options=options
        )
        self._lasting: OrderedDict[Any, Any] = OrderedDict()
        self._recent: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def __call__(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the function, compiled."""
        # JAX also remembers the structure of arguments: the loss must not be in it.
        leaves, structure = jax.tree.flatten(fn)
        shapes = _shapes(args) if self._by_shape else None
        key = structure, kwargs.get(self._static or ""), shapes
        if transient(fn) is None:
            own = self._own(key, self._lasting, SHAPES if self._by_shape else LASTING)
            return own(leaves, *args, **kwargs)
        with persistent_cache_min_compile_time_secs(float("inf")):
            own = self._own(key, self._recent, KEPT)
            return own(leaves, *args, **kwargs)

    def forget(self) -> None:
        """Drops all versions: they are compiled again when they are called."""
        with self._lock:
            self._lasting.clear()
            self._recent.clear()

    @property
    def recent(self) -> int:
        """How many versions for transient losses there are."""
        return len(self._recent)

    def _own(self, key: Any, kept: OrderedDict[Any, Any], most: int) -> Any:
        """The version for one loss, and for one value of a static argument."""
        structure = key[0]
        with self._lock:
            own = kept.get(key) or self._jit(self._within(structure))
            kept[key] = own
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
        return own

    def _within(self, structure: Any) -> Callable[..., Any]:
        """The function of what is left of a loss once its structure is known."""

        @wraps(self._function)
        def within(leaves: Any, *args: Any, **kwargs: Any) -> Any:
            fn = jax.tree.unflatten(structure, leaves)
            return self._function(fn, *args, **kwargs)

        return within


def _shapes(args: Any) -> Any:
    """What decides, besides the function, what is compiled."""
    leaves, structure = jax.tree.flatten(args)
    return structure, tuple(
        (np.shape(one), getattr(one, "dtype", type(one))) for one in leaves
    )


def transient(fn: Any) -> Transient | None:
    """The loss inside nested partials, if it is one that comes and goes."""
    if isinstance(fn, Transient):
        return fn
    if isinstance(fn, partial):
        return next(filter(None, map(transient, (fn.func, *fn.args))), None)
    return None
