"""The whole script of a race."""

import json
import re
from collections.abc import Callable

from surfaces import Surface
from views.code.entry import Entry, function_name, left_out
from views.code.function import Function, TooLong
from views.code.inputs import StepCode
from views.code.lines import WIDTH, docstring, indented, uses
from views.code.target import Target
from views.entries import rule_of
from views.mark import mark
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
"""What a script may import, by its name there, in the order of imports."""


def script(setup: Setup, target: Target, address: str) -> str:
    """The race of a setup as a script.

    Args:
        setup: Of what.
        target: The library.
        address: Of the page that shows it.

    Raises:
        ValueError: If the surface cannot be written as code.
    """
    surface = setup.plain_surface
    function = Function(surface, setup["l2"], target)
    inputs = StepCode(target, surface.samples, setup["steps"])
    entries, absent = _entries(setup, target, inputs)
    derivatives = []
    for name, write in (("gradient", function.gradient), ("hessian", function.hessian)):
        written, entries, more = _derivative(name, write, entries)
        derivatives += written
        absent += more
    loss = function.loss()
    blocks = [
        [
            f"STEPS = {setup['steps']}",
            f"START = {_place(setup['start'])}",
            *function.constants(),
        ],
        *function.helpers(),
        loss,
        *derivatives,
        *inputs.functions,
        inputs.constants,
        *(lines for name, lines in inputs.losses.items() if _any_uses(entries, name)),
        *([_draws(target)] if _any_uses(entries, "draws") else []),
        *entries.values(),
    ]
    ends = [line for lines in absent for line in lines]
    for entry in entries:
        shown = json.dumps(f"{entry.name}:", ensure_ascii=False)
        values = f"*{entry.called}().tolist()"
        line = f"print({shown}, {values})"
        broken = ["print(", f"    {shown},", f"    {values},", ")"]
        ends += [line] if len(line) <= WIDTH else broken
    code = "\n".join(_spaced([*blocks, ends]))
    about = [f"# {_safe(address)}", f"# {mark(setup.text)}"]
    return "\n".join([*_head(surface, target, about, code), code, ""])


Written = dict[Entry, list[str]]
"""The functions of entries."""


def _entries(
    setup: Setup, target: Target, inputs: StepCode
) -> tuple[Written, list[list[str]]]:
    """The functions of entries, and what is said of those left out."""
    written: Written = {}
    absent = []
    for key in setup["on"]:
        hypers = setup.hypers(key)
        if "l2_in_r" in hypers._fields and not setup["l2"]:
            hypers = hypers._replace(l2_in_r=1)  # There is nothing to leave out.
        start = setup.start_of(key)
        entry = Entry(
            setup.name(key),
            function_name(key),
            rule_of(key),
            hypers,
            "START" if start == setup["start"] else _place(start),
            inputs.names(setup.conditions_of(key)),
        )
        try:
            written[entry] = entry.lines(target)
        except LookupError as error:
            absent.append(left_out(entry.name, error.args[0]))
    return written, absent


def _derivative(
    name: str, write: Callable[[], list[str]], entries: Written
) -> tuple[list[list[str]], Written, list[list[str]]]:
    """A derivative if it is needed, and the entries that can be written with it."""
    if not _any_uses(entries, name):
        return [], entries, []
    try:
        return [write()], entries, []
    except TooLong as error:
        without = {e: lines for e, lines in entries.items() if not uses(lines, name)}
        why = f"{error}."
        return [], without, [left_out(e.name, why) for e in entries if e not in without]


def _any_uses(entries: Written, name: str) -> bool:
    return any(uses(lines, name) for lines in entries.values())


def _place(start: tuple[float, float]) -> str:
    return f"({float(start[0])!r}, {float(start[1])!r})"


def _draws(target: Target) -> list[str]:
    lines = [
        *docstring("The proposals of a random search: the page draws them by JAX."),
        'key = jax.random.key(int(seed), impl="threefry2x32")',
        "steps = jnp.arange(STEPS, dtype=jnp.uint32)",
        "keys = jax.vmap(lambda t: jax.random.fold_in(key, t))(steps)",
        "z = jax.vmap(lambda key: jax.random.normal(key, (2,), jnp.float64))(keys)",
        f"return {DRAWN[target.key]}",
    ]
    return ["def draws(seed):", *indented(lines)]


def _head(surface: Surface, target: Target, about: list[str], code: str) -> list[str]:
    # Sentences name libraries, too: a name counts where it is called.
    used = {name for name in MODULES if re.search(rf"\b{name}\.[\w.]+\(", code)}
    own = target.module
    used |= {own} | ({"jax"} if "jnp" in used | {own} else set())
    imports = [line for name, line in MODULES.items() if name in used]
    if "math" in used:
        imports.insert(1, "")
    settings = []
    if re.search(r"\bkeras\.[\w.]+\(", code):
        imports = ["import os", "", *imports]
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
    title = f"The race on the surface “{surface.label}”, in {target.label}."
    return [
        f'"""{title}',
        "",
        "Prints the last iterate of each optimizer: the page's, but for rounding,",
        "which grows where a run is chaotic.",
        '"""',
        "",
        *about,
        "",
        *imports,
        "",
        *settings,
        "",
    ]


def _safe(address: str) -> str:
    """An address in which nothing can end a line of comment."""
    return re.sub(r"[^!-~]", "", address)


def _spaced(blocks: list[list[str]]) -> list[str]:
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
