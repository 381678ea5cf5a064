"""Races of optimizers, in a notebook.

    >>> from loss_surface import adam, gradient_descent, race
    >>> race("rosenbrock", adam(lr=0.2), gradient_descent(lr=0.001), steps=800)

shows the player. Every optimizer of the page is here by its key, as a function of its
hyperparameters; any JAX function and any optimizer of optax's race in the same way:

    >>> race(lambda w: w[0] ** 2 + 3 * w[1] ** 4, named(optax.adam(0.1), "mine"))

So does a rule that is typed, as a few lines of mathematics:

    >>> race("ravine", adam(), named(typed_rule("w = w - alpha*sign(g)"), lr=0.01))

And data of one's own are a surface:

    >>> race(data_surface([1, 2, 3, 4], [1, 3, 2, 5], "tanh"))

The studies of many addresses come as they are finished, also from a cluster of Dask's:

    >>> for one in studies(["basins?surface=ravine", "basins?surface=saddle"], client):
    ...     print(one.address, one.problem or one.arrays["adam/ends"].shape)
"""

from collections.abc import Callable

from optim import OPTIMIZERS, typed_rule
from surfaces import data_surface
from views.many import AddressStudy, studies
from views.notebook import Entrant, Raced, entrant, named, race

__all__ = [
    "AddressStudy",
    "Raced",
    "data_surface",
    "named",
    "race",
    "studies",
    "typed_rule",
]


def __getattr__(name: str) -> Callable[..., Entrant]:
    """The optimizers, by their keys."""
    return entrant(name)


def __dir__() -> list[str]:
    return [*__all__, *OPTIMIZERS]
