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

KEPT = 16
"""Typed losses whose compiled code is kept, in each compiled function."""


class Transient:
    """A loss that comes and goes. Subclasses can be compared and hashed."""


class Compiled:
    """A jitted function whose first argument is a loss."""

    def __init__(
        self, function: Callable[..., Any], *, static_argnames: str | None = None
    ) -> None:
        update_wrapper(self, function)
        self._function = function
        self._jit = partial(jax.jit, static_argnames=static_argnames)
        self._lasting = self._jit(function)
        self._recent: OrderedDict[Transient, Any] = OrderedDict()
        self._lock = Lock()

    def __call__(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the function, compiled."""
        loss = transient(fn)
        if loss is None:
            return self._lasting(fn, *args, **kwargs)
        with persistent_cache_min_compile_time_secs(float("inf")):
            return self._own(loss)(fn, *args, **kwargs)

    @property
    def recent(self) -> tuple[Transient, ...]:
        """The transient losses with compiled code, the latest last."""
        return tuple(self._recent)

    def _own(self, loss: Transient) -> Any:
        with self._lock:
            own = self._recent.get(loss) or self._jit(_copy(self._function))
            self._recent[loss] = own
            self._recent.move_to_end(loss)
            gone = [
                self._recent.popitem(last=False)[1]
                for _ in range(len(self._recent) - KEPT)
            ]
        for old in gone:
            old.clear_cache()
        return own


def _copy(function: Callable[..., Any]) -> Callable[..., Any]:
    """Another function object that does the same: JAX tells functions by identity."""

    @wraps(function)
    def copy(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return copy


def transient(fn: Any) -> Transient | None:
    """The loss inside nested partials, if it is one that comes and goes."""
    if isinstance(fn, Transient):
        return fn
    if isinstance(fn, partial):
        return next(filter(None, map(transient, (fn.func, *fn.args))), None)
    return None
