"""The parts of a race as code, of which scripts and notebooks are made."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from views.code.entry import Entry, function_name
from views.code.function import Function, TooLong
from views.code.inputs import StepCode
from views.code.lines import docstring, indented, uses
from views.code.target import Target
from views.setup import Setup

DRAWN = {
    "numpy": "np.asarray(z)",
    "torch": "torch.from_numpy(np.array(z))",
    "optax": "z",
    "keras": "np.asarray(z)",
}
"""The proposals of a random search as an array of the library."""

MODULES = {
    "math": "import math",
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "np": "import numpy as np",
    "optax": "import optax",
    "torch": "import torch",
}
"""What a program may import, by its name there, in the order of imports."""

Block = list[str]
"""Lines that belong together: a function, or a few statements."""


class Program(NamedTuple):
    """A race as code.

    Attributes:
        surface: The loss and what is needed of its derivatives.
        inputs: Schedules, noise and minibatches.
        runs: The functions of entries.
        absent: Entries that have none by their names, and why.
    """

    surface: list[Block]
    inputs: list[Block]
    runs: dict[Entry, Block]
    absent: dict[str, str]


def program(setup: Setup, target: Target, *, records: bool = False) -> Program:
    """The race of a setup as code.

    Args:
        setup: Of what.
        target: The library.
        records: Whether functions of entries return all iterates, not only the last.

    Raises:
        ValueError: If the surface cannot be written as code.
    """
    surface = setup.plain_surface
    function = Function(surface, setup["l2"], target)
    inputs = StepCode(
        target, surface.samples, setup["steps"], forwards=function.chooses
    )
    runs, absent = _runs(setup, target, inputs, records)
    derivatives = []
    for name, write in (("gradient", function.gradient), ("hessian", function.hessian)):
        written, runs, more = _derivative(name, write, runs)
        derivatives += written
        absent |= more
    loss = function.loss()
    constants = [
        f"STEPS = {setup['steps']}",
        f"START = {place(setup['start'])}",
        *function.constants(),
    ]
    return Program(
        [constants, *function.helpers(), loss, *derivatives],
        [
            *inputs.functions,
            inputs.constants,
            *(lines for name, lines in inputs.losses.items() if _any_uses(runs, name)),
            *([_draws(target)] if _any_uses(runs, "draws") else []),
        ],
        runs,
        absent,
    )


Written = dict[Entry, Block]
"""The functions of entries."""


def _runs(
    setup: Setup, target: Target, inputs: StepCode, records: bool
) -> tuple[Written, dict[str, str]]:
    """The functions of entries, and which are left out, and why."""
    written: Written = {}
    absent = {}
    for key in setup["on"]:
        hypers = setup.hypers(key)
        if "l2_in_r" in hypers._fields and not setup["l2"]:
            hypers = hypers._replace(l2_in_r=1)  # There is nothing to leave out.
        start = setup.start_of(key)
        entry = Entry(
            setup.name(key),
            function_name(key),
            setup.rule(key),
            hypers,
            "START" if start == setup["start"] else place(start),
            inputs.names(setup.conditions_of(key)),
            records,
            setup["l2"],
        )
        try:
            written[entry] = entry.lines(target)
        except LookupError as error:
            absent[entry.name] = error.args[0]
    return written, absent


def _derivative(
    name: str, write: Callable[[], list[str]], runs: Written
) -> tuple[list[Block], Written, dict[str, str]]:
    """A derivative if it is needed, and the entries that can be written with it."""
    if not _any_uses(runs, name):
        return [], runs, {}
    try:
        return [write()], runs, {}
    except TooLong as error:
        without = {e: lines for e, lines in runs.items() if not uses(lines, name)}
        return [], without, {e.name: f"{error}." for e in runs if e not in without}


def _any_uses(runs: Written, name: str) -> bool:
    return any(uses(lines, name) for lines in runs.values())


def place(point: tuple[float, float]) -> str:
    """A point as code."""
    return f"({float(point[0])!r}, {float(point[1])!r})"


def _draws(target: Target) -> Block:
    lines = [
        *docstring("The proposals of a random search: the page draws them by JAX."),
        'key = jax.random.key(int(seed), impl="threefry2x32")',
        "steps = jnp.arange(STEPS, dtype=jnp.uint32)",
        "keys = jax.vmap(lambda t: jax.random.fold_in(key, t))(steps)",
        "z = jax.vmap(lambda key: jax.random.normal(key, (2,), jnp.float64))(keys)",
        f"return {DRAWN[target.key]}",
    ]
    return ["def draws(seed):", *indented(lines)]


def modules(target: Target, code: str) -> set[str]:
    """The modules that code names, by their names there; Keras is not among them."""
    # Sentences name libraries, too: a name counts where it is called.
    used = {name for name in MODULES if re.search(rf"\b{name}\.[\w.]+\(", code)}
    own = target.module
    return used | {own} | ({"jax"} if "jnp" in used | {own} else set())


def uses_keras(code: str) -> bool:
    """Whether code calls Keras."""
    return bool(re.search(r"\bkeras\.[\w.]+\(", code))


def imports(target: Target, code: str) -> list[str]:
    """The imports that code needs, and the settings of what is imported."""
    used = modules(target, code)
    lines = [line for name, line in MODULES.items() if name in used]
    own = [line for line in lines if line == MODULES["math"]]
    lines = [line for line in lines if line not in own]
    settings = []
    if uses_keras(code):
        own.append("import os")
        settings += [
            'os.environ.setdefault("KERAS_BACKEND", "torch")',
            "# Or jax, with JAX_ENABLE_X64=1.",
            "import keras",
            "",
            'keras.config.set_floatx("float64")',
        ]
    if "jax" in used:
        settings.append('jax.config.update("jax_enable_x64", True)')
    if target.key == "torch":
        settings.append("torch.set_default_dtype(torch.float64)")
    if target.module == "np":
        settings.append('np.seterr(all="ignore")  # a run may diverge, as on the page')
    return [*own, *([""] if own else []), *lines, "", *settings]


def safe(address: str) -> str:
    """An address in which nothing can end a line of comment."""
    return re.sub(r"[^!-~]", "", address)


def spaced(blocks: Iterable[Block]) -> list[str]:
    """Blocks with blank lines between them, two around functions."""
    lines: list[str] = []
    after = False
    for block in filter(None, blocks):
        function = block[0].startswith("def ")
        if lines:
            lines += ["", ""] if function or after else [""]
        lines += block
        after = function
    return lines
