"""Compiled functions of a loss: kept for good, or for a while if a reader typed it.

JAX keeps what it compiles as long as the function it was compiled from. That suits
surfaces that are declared once. Of those that are typed there is no end, so each gets
a function of its own, which is dropped once enough others have come; and what was
compiled for it is not written to disk.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial, update_wrapper, wraps
from threading import Lock
from typing import Any

import jax

# JAX has no public way to keep one compilation off the disk. Tested: an update that
# moves this makes a test fail.
from jax._src.config import persistent_cache_min_compile_time_secs

KEPT = 48
"""What each compiled function keeps of typed losses: versions of a megabyte or two."""


class Transient:
    """A loss that comes and goes. Subclasses can be compared and hashed."""


class Compiled:
    """A jitted function whose first argument is a loss."""

    def __init__(
        self, function: Callable[..., Any], *, static_argnames: str | None = None
    ) -> None:
        update_wrapper(self, function)
        self._function = function
        self._static = static_argnames
        self._jit = partial(jax.jit, static_argnames=static_argnames)
        self._lasting = self._jit(function)
        self._recent: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def __call__(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the function, compiled."""
        if transient(fn) is None:
            return self._lasting(fn, *args, **kwargs)
        # JAX also remembers the structure of arguments: the loss must not be in it.
        leaves, structure = jax.tree.flatten(fn)
        with persistent_cache_min_compile_time_secs(float("inf")):
            own = self._own(structure, kwargs.get(self._static or ""))
            return own(leaves, *args, **kwargs)

    @property
    def recent(self) -> int:
        """How many versions for transient losses there are."""
        return len(self._recent)

    def _own(self, structure: Any, static: Any) -> Any:
        """The version for one loss, and for one value of a static argument."""
        key = structure, static
        with self._lock:
            own = self._recent.get(key) or self._jit(self._within(structure))
            self._recent[key] = own
            self._recent.move_to_end(key)
            if len(self._recent) > KEPT:
                self._recent.popitem(last=False)
        return own

    def _within(self, structure: Any) -> Callable[..., Any]:
        """The function of what is left of a loss once its structure is known."""

        @wraps(self._function)
        def within(leaves: Any, *args: Any, **kwargs: Any) -> Any:
            fn = jax.tree.unflatten(structure, leaves)
            return self._function(fn, *args, **kwargs)

        return within


def transient(fn: Any) -> Transient | None:
    """The loss inside nested partials, if it is one that comes and goes."""
    if isinstance(fn, Transient):
        return fn
    if isinstance(fn, partial):
        return next(filter(None, map(transient, (fn.func, *fn.args))), None)
    return None
